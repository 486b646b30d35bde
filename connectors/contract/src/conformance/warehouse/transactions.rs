//! All or nothing, and one writer at a time.

use super::tables::{RECORDS, batch, of, text};
use super::{in_transaction, number, one, query};
use crate::{ErrorClass, RowOutcome, Value, Warehouse};

const COUNTER: &str = "SELECT meaning FROM conformance_word WHERE language = '#' AND word = ?1";
const INSERT: &str = "INSERT INTO conformance_word (language, word, meaning) VALUES ('#', ?1, ?2)";
const MOVE: &str = "UPDATE conformance_word SET meaning = ?1 WHERE language = '#' AND word = ?2 AND meaning = ?3";

/// Without a commit nothing is left, and the next transaction starts afresh.
pub fn dropped_is_rolled_back(warehouse: &mut dyn Warehouse) {
    let stored = warehouse.dialect().stored(&RECORDS);
    let rows = batch(vec![("source_key", text(["a", "b"]))]);
    let count = format!("SELECT count(*) FROM {stored} WHERE source_system = 'dropped'");
    for _ in 0..2 {
        let mut transaction = warehouse.begin().expect("a transaction starts");
        let mut outcomes = Vec::new();
        transaction.upsert(&RECORDS, &rows, &of("dropped"), &mut outcomes).expect("rows are taken");
        assert_eq!(outcomes, [RowOutcome::Inserted; 2], "nothing was left of the first time");
        transaction.execute(INSERT, &["dropped".into(), "0".into()]).expect("a row is inserted");
        let inside = transaction.query(&count, &[]).expect("a query inside");
        assert_eq!(inside.rows, [[Value::Integer(2)]], "a transaction sees its own rows");
    }
    assert_eq!(number(warehouse, &count, &[]), 0);
    assert_eq!(query(warehouse, COUNTER, &["dropped".into()]).rows.len(), 0);
    in_transaction(warehouse, |_| ());
}

/// After an error nothing more is done, the commit fails too, and the warehouse goes on.
pub fn a_failed_transaction_stays_failed(warehouse: &mut dyn Warehouse) {
    let stored = warehouse.dialect().stored(&RECORDS);
    let good = batch(vec![("source_key", text(["good"]))]);
    // The second row is at fault, so that the first is in already.
    let half = batch(vec![("source_key", text([Some("half"), None]))]);
    for way in 0..4 {
        let mut transaction = warehouse.begin().expect("a transaction starts");
        transaction.upsert(&RECORDS, &good, &of("failed"), &mut Vec::new()).expect("a good row is taken");
        let failed = match way {
            0 => transaction.execute("UPDATE conformance_nowhere SET x = 1", &[]).map(drop),
            1 => transaction.query("SELECT x FROM conformance_nowhere", &[]).map(drop),
            2 => transaction.upsert(&RECORDS, &half, &of("failed"), &mut Vec::new()),
            _ => transaction.execute(INSERT, &["a".into(), "0".into()]).and_then(|_| {
                // The same key again.
                transaction.execute(INSERT, &["a".into(), "1".into()]).map(drop)
            }),
        };
        assert_eq!(failed.expect_err("it is at fault").class(), ErrorClass::Permanent, "way {way}");
        let next = transaction.execute(INSERT, &["later".into(), "0".into()]);
        assert_eq!(next.expect_err("it failed before").class(), ErrorClass::Permanent, "way {way}");
        let commit = transaction.commit();
        assert_eq!(commit.expect_err("it failed before").class(), ErrorClass::Permanent, "way {way}");
        let count = format!("SELECT count(*) FROM {stored} WHERE source_system = 'failed'");
        assert_eq!(number(warehouse, &count, &[]), 0, "way {way}: nothing of it was kept");
    }
    let words = "SELECT count(*) FROM conformance_word WHERE language = '#'";
    assert_eq!(number(warehouse, words, &[]), 0);
    in_transaction(warehouse, |transaction| {
        transaction.upsert(&RECORDS, &good, &of("failed"), &mut Vec::new()).expect("the next one works");
    });
}

/// What one handle committed, another sees.
pub fn committed_is_seen_by_others(warehouse: &mut dyn Warehouse, other: &mut dyn Warehouse) {
    for turn in ["0", "1", "2"] {
        in_transaction(warehouse, |transaction| {
            transaction.execute(INSERT, &[format!("seen {turn}").into(), turn.into()]).expect("a row is inserted")
        });
        assert_eq!(one(other, COUNTER, &[format!("seen {turn}").into()]), Value::from(turn));
    }
    in_transaction(other, |transaction| {
        let seen = transaction.query(COUNTER, &["seen 2".into()]).expect("a query inside");
        assert_eq!(seen.rows, [["2".into()]]);
    });
}

/// The checkpoint's update: of two that start from the same position, one wins.
pub fn compare_and_set(warehouse: &mut dyn Warehouse, other: &mut dyn Warehouse) {
    in_transaction(warehouse, |transaction| {
        transaction.execute(INSERT, &["position".into(), "0".into()]).expect("a row is inserted")
    });
    let set = |warehouse: &mut dyn Warehouse, to: &str| {
        in_transaction(warehouse, |transaction| {
            transaction.execute(MOVE, &[to.into(), "position".into(), "0".into()]).expect("an update runs")
        })
    };
    assert_eq!(set(warehouse, "17"), 1, "rows changed by the first");
    assert_eq!(set(other, "18"), 0, "rows changed by the second");
    assert_eq!(one(other, COUNTER, &["position".into()]), Value::from("17"));
}

/// Two writers that read, calculate and write lose nothing of each other.
pub fn writers_take_turns(warehouse: &mut dyn Warehouse, writers: [Box<dyn Warehouse>; 2]) {
    const TURNS: u32 = 25;
    in_transaction(warehouse, |transaction| {
        transaction.execute(INSERT, &["turns".into(), "0".into()]).expect("a row is inserted")
    });
    std::thread::scope(|scope| {
        for mut writer in writers {
            scope.spawn(move || {
                for _ in 0..TURNS {
                    while !take_turn(&mut *writer) {}
                }
            });
        }
    });
    assert_eq!(one(warehouse, COUNTER, &["turns".into()]), Value::from((2 * TURNS).to_string()));
}

/// Adds one. False where the engine asks to try again.
fn take_turn(writer: &mut dyn Warehouse) -> bool {
    let turn = |writer: &mut dyn Warehouse| {
        let mut transaction = writer.begin()?;
        let seen = transaction.query(COUNTER, &["turns".into()])?.rows[0][0].clone();
        let next: u32 = seen.as_text().and_then(|text| text.parse().ok()).map(|turn: u32| turn + 1).expect("a number");
        let moved = transaction.execute(MOVE, &[next.to_string().into(), "turns".into(), seen])?;
        assert_eq!(moved, 1, "nobody writes between a read and a write of one transaction");
        transaction.commit()
    };
    match turn(writer) {
        Ok(()) => true,
        Err(error) if error.class() == ErrorClass::Transient => false,
        Err(error) => panic!("{error}"),
    }
}
