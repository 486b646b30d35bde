//! Inserted, updated, unchanged: what a second load of the same records relies on.

use super::tables::{RECORDS, WORDS, batch, decimals, integers, of, text, timestamps};
use super::{in_transaction, number, query};
use crate::RowOutcome::{Inserted, Unchanged, Updated};
use crate::{RowOutcome, Table, Value, Warehouse};
use arrow_array::RecordBatch;

fn upsert(
    warehouse: &mut dyn Warehouse,
    table: &'static Table,
    rows: &RecordBatch,
    constants: &[(&str, Value)],
) -> Vec<RowOutcome> {
    in_transaction(warehouse, |transaction| {
        let mut outcomes = Vec::new();
        transaction.upsert(table, rows, constants, &mut outcomes).expect("rows are taken");
        outcomes
    })
}

/// A table with a surrogate key and lineage.
pub fn facts(warehouse: &mut dyn Warehouse) {
    let constants = |batch_no: i64| [("source_system", "facts".into()), ("batch_no", Value::Integer(batch_no))];
    let rows = |words: [Option<&str>; 3], amount: Option<i128>, line: i64| {
        batch(vec![
            ("source_key", text(["a", "b", "c"])),
            ("words", text(words)),
            ("amount", decimals([Some(1), amount, None])),
            ("occurred_at", timestamps([Some(1), None, Some(-1)])),
            ("source_line", integers([line, line, line])),
        ])
    };
    let dialect = warehouse.dialect();
    let stored = dialect.stored(&RECORDS);
    let state = format!(
        "SELECT record_no, words, {}, batch_no, source_line FROM {stored} WHERE source_system = 'facts' ORDER BY source_key",
        dialect.micros("amount")
    );

    assert_eq!(upsert(warehouse, &RECORDS, &rows([Some("x"), None, Some("")], None, 1), &constants(1)), [Inserted; 3]);
    let first = query(warehouse, &state, &[]);
    let numbers: Vec<i64> = first.rows.iter().filter_map(|row| row[0].as_integer()).collect();
    assert!(numbers.len() == 3 && numbers.is_sorted_by(|a, b| a < b), "surrogate keys rise: {numbers:?}");

    // Only lineage differs: nothing is touched, so lineage still says where the values came from.
    assert_eq!(upsert(warehouse, &RECORDS, &rows([Some("x"), None, Some("")], None, 2), &constants(2)), [Unchanged; 3]);
    assert_eq!(query(warehouse, &state, &[]), first, "unchanged rows are not touched");

    // A value for NULL, NULL for a value, and text that was empty: each is a difference.
    let changed = upsert(warehouse, &RECORDS, &rows([Some("x"), Some(""), None], None, 3), &constants(3));
    assert_eq!(changed, [Unchanged, Updated, Updated]);
    let changed = upsert(warehouse, &RECORDS, &rows([Some("x"), Some(""), None], Some(-1), 4), &constants(4));
    assert_eq!(changed, [Unchanged, Updated, Unchanged]);
    let last = query(warehouse, &state, &[]);
    let row = |index: usize, words: Option<&str>, amount: Option<i64>, lineage: i64| {
        let lineage = Value::Integer(lineage);
        vec![Value::Integer(numbers[index]), words.into(), amount.into(), lineage.clone(), lineage]
    };
    let seen: Vec<Vec<Value>> = last
        .rows
        .iter()
        .map(|row| {
            let mut row = row.clone();
            row[2] = row[2].as_integer().into();
            row
        })
        .collect();
    assert_eq!(
        seen,
        [row(0, Some("x"), Some(1), 1), row(1, Some(""), Some(-1), 4), row(2, None, None, 3)],
        "updates replace values and lineage and keep the surrogate key"
    );

    // A column that isn't given keeps its value.
    let less = batch(vec![("source_key", text(["a"])), ("quantity", integers([5]))]);
    assert_eq!(upsert(warehouse, &RECORDS, &less, &constants(5)), [Updated]);
    let sql = format!(
        "SELECT count(*) FROM {stored} WHERE source_system = 'facts' AND words = 'x' AND quantity = 5 AND batch_no = 5 \
         AND source_line = 1"
    );
    assert_eq!(number(warehouse, &sql, &[]), 1, "columns that aren't given keep their values");
}

/// A table with a natural key and no surrogate.
pub fn reference(warehouse: &mut dyn Warehouse) {
    let rows = |meaning: Option<&str>| {
        batch(vec![("word", text(["Gift", "gift", "Mist"])), ("meaning", text([Some("poison"), None, meaning]))])
    };
    let constants = |batch_no: i64| [("language", "de".into()), ("batch_no", Value::Integer(batch_no))];
    assert_eq!(upsert(warehouse, &WORDS, &rows(None), &constants(1)), [Inserted; 3]);
    assert_eq!(upsert(warehouse, &WORDS, &rows(None), &constants(2)), [Unchanged; 3]);
    assert_eq!(upsert(warehouse, &WORDS, &rows(Some("manure")), &constants(3)), [Unchanged, Unchanged, Updated]);
    let sql = "SELECT word, meaning, batch_no FROM conformance_word WHERE language = 'de' AND batch_no = 3";
    assert_eq!(query(warehouse, sql, &[]).rows, [["Mist".into(), "manure".into(), Value::Integer(3)]]);

    // Nothing but the key: there is nothing that could differ.
    let key = batch(vec![("language", text(["de", "en"])), ("word", text(["Mist", "mist"]))]);
    assert_eq!(upsert(warehouse, &WORDS, &key, &[]), [Unchanged, Inserted]);
    assert_eq!(upsert(warehouse, &WORDS, &key, &[("batch_no", Value::Integer(4))]), [Unchanged; 2], "lineage alone");
    assert_eq!(query(warehouse, sql, &[]).rows.len(), 1);
}

/// The second row with a key meets the first.
pub fn same_key_twice_in_one_call(warehouse: &mut dyn Warehouse) {
    let rows = batch(vec![
        ("source_key", text(["a", "a", "b", "a", "a"])),
        ("words", text([Some("x"), Some("x"), None, Some("y"), Some("x")])),
    ]);
    let outcomes = upsert(warehouse, &RECORDS, &rows, &of("twice"));
    assert_eq!(outcomes, [Inserted, Unchanged, Inserted, Updated, Updated]);
    let again = upsert(warehouse, &RECORDS, &rows.slice(4, 1), &of("twice"));
    assert_eq!(again, [Unchanged], "the last one is there, also where a batch is part of a larger one");
    assert_eq!(upsert(warehouse, &RECORDS, &rows.slice(0, 0), &of("twice")), [], "no rows, no outcomes");
}

/// Real records differ in case, accents, blanks and leading zeros only: those are different keys.
pub fn keys_differ_in_every_character(warehouse: &mut dyn Warehouse) {
    let keys = ["abc", "ABC", "äbc", "a\u{308}bc", "abc ", " abc", "", "0012", "12", "12.0", "ß", "ss", "ı", "i", "I"];
    let rows = batch(vec![("source_key", text(keys))]);
    assert_eq!(upsert(warehouse, &RECORDS, &rows, &of("keys")), vec![Inserted; keys.len()]);
    assert_eq!(upsert(warehouse, &RECORDS, &rows, &of("keys")), vec![Unchanged; keys.len()]);
    let swapped = batch(vec![("source_key", text(["keys"]))]);
    assert_eq!(upsert(warehouse, &RECORDS, &swapped, &of("abc")), [Inserted], "a key is all of its columns");
}

/// More rows than any driver sends at once.
pub fn many_rows(warehouse: &mut dyn Warehouse) {
    const ROWS: i64 = 5_000;
    let rows = |shift: i64| {
        let keys: Vec<String> = (0..ROWS).map(|row| format!("{}", row * 7_919 % ROWS)).collect();
        batch(vec![
            ("source_key", text(keys.iter().map(String::as_str))),
            ("amount", decimals((0..ROWS).map(|row| i128::from(row + shift * i64::from(row % 10 == 0))))),
        ])
    };
    let count = |outcomes: &[RowOutcome], of| outcomes.iter().filter(|outcome| **outcome == of).count();
    assert_eq!(count(&upsert(warehouse, &RECORDS, &rows(0), &of("many")), Inserted), 5_000);
    let outcomes = upsert(warehouse, &RECORDS, &rows(1), &of("many"));
    assert_eq!((count(&outcomes, Updated), count(&outcomes, Unchanged)), (500, 4_500));
    assert!(outcomes.iter().enumerate().all(|(row, outcome)| (row % 10 == 0) == (*outcome == Updated)), "in order");
    let dialect = warehouse.dialect();
    let sql = format!(
        "SELECT {} FROM {} WHERE source_system = 'many'",
        dialect.micros("sum(amount)"),
        dialect.stored(&RECORDS)
    );
    assert_eq!(number(warehouse, &sql, &[]), ROWS * (ROWS - 1) / 2 + ROWS / 10);
}
