//! What is written is what is read.

use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, PrimitiveArray};
use std::sync::Arc;

use super::tables::{RECORDS, batch, booleans, bytes, dates, decimals, integers, of, text, timestamps};
use super::{in_transaction, number, one, query};
use crate::{ErrorClass, Value, Warehouse};

/// Instants: microseconds since 1970, and the text of engines without a type for them.
pub(super) const INSTANTS: &[(i64, &str)] = &[
    (0, "1970-01-01 00:00:00"),
    (-1, "1969-12-31 23:59:59.999999"),
    (-2_208_988_800_000_000, "1900-01-01 00:00:00"),
    (1_709_251_199_500_000, "2024-02-29 23:59:59.500000"),
    (1_709_251_199_000_001, "2024-02-29 23:59:59.000001"),
    (253_402_300_799_999_999, "9999-12-31 23:59:59.999999"),
];

/// Days since 1970, and their text.
const DAYS: &[(i32, &str)] = &[
    (0, "1970-01-01"),
    (-1, "1969-12-31"),
    (-25_567, "1900-01-01"),
    (19_782, "2024-02-29"),
    (2_932_896, "9999-12-31"),
    (1, "1970-01-02"),
];

/// Columns of every type, their extremes and NULL, come back as they went in.
pub fn round_trip(warehouse: &mut dyn Warehouse) {
    let last = |values: Vec<Option<i64>>| values.into_iter().chain([None]).collect::<Vec<_>>();
    let whole = last(vec![Some(0), Some(-1), Some(i64::MAX), Some(i64::MIN), Some(1 << 53), Some((1 << 53) + 1)]);
    let rows = batch(vec![
        ("source_key", text(["0", "1", "2", "3", "4", "5", "6"])),
        ("kind", text([Some("inquiry"), Some("order"), Some("it's"), None, None, None, None])),
        ("quantity", integers(whole.clone())),
        ("amount", decimals(whole.iter().map(|number| number.map(i128::from)))),
        ("booked_on", dates(DAYS.iter().map(|day| Some(day.0)).chain([None]))),
        ("occurred_at", timestamps(INSTANTS.iter().map(|instant| Some(instant.0)).chain([None]))),
        ("is_test", booleans([Some(true), Some(false), None, None, None, None, None])),
        ("raw", bytes([Some(&b""[..]), Some(b"\0\xff'"), None, Some(b"text"), None, None, None])),
    ]);
    in_transaction(warehouse, |transaction| {
        transaction.upsert(&RECORDS, &rows, &of("round trip"), &mut Vec::new()).expect("every type is taken");
    });

    let dialect = warehouse.dialect();
    let sql = format!(
        "SELECT kind, quantity, {} AS amount, booked_on, occurred_at, is_test, raw, words FROM {} \
         WHERE source_system = ?1 ORDER BY source_key",
        dialect.micros("amount"),
        dialect.stored(&RECORDS)
    );
    let answer = query(warehouse, &sql, &["round trip".into()]);
    assert_eq!(
        answer.columns,
        ["kind", "quantity", "amount", "booked_on", "occurred_at", "is_test", "raw", "words"],
        "names of columns are those asked for"
    );
    assert_eq!(answer.rows.len(), 7);
    let column = |index: usize| answer.rows.iter().map(|row| row[index].clone()).collect::<Vec<_>>();
    let texts = |values: [Option<&str>; 7]| values.map(Value::from).to_vec();
    assert_eq!(column(0), texts([Some("inquiry"), Some("order"), Some("it's"), None, None, None, None]));
    assert_eq!(column(1), whole.iter().map(|number| Value::from(*number)).collect::<Vec<_>>(), "whole numbers");
    let amounts: Vec<Option<i64>> = column(2).iter().map(Value::as_integer).collect();
    assert_eq!(amounts, whole, "decimals, in millionths");
    for (seen, (day, as_text)) in column(3).iter().zip(DAYS) {
        assert!(
            *seen == Value::Date(*day) || *seen == Value::from(*as_text),
            "the date {as_text} came back as {seen:?}"
        );
    }
    for (seen, (micros, as_text)) in column(4).iter().zip(INSTANTS) {
        assert!(
            *seen == Value::Timestamp(*micros) || *seen == Value::from(*as_text),
            "the instant {as_text} came back as {seen:?}"
        );
    }
    assert_eq!((&column(3)[6], &column(4)[6]), (&Value::Null, &Value::Null));
    assert_eq!(column(5)[..3], [Value::Integer(1), Value::Integer(0), Value::Null], "booleans");
    assert_eq!(
        column(6)[..4],
        [Value::Bytes(vec![]), Value::Bytes(b"\0\xff'".to_vec()), Value::Null, Value::Bytes(b"text".to_vec())],
        "bytes, empty ones being none of NULL"
    );
    assert!(column(7).iter().all(Value::is_null), "columns that aren't given and have no default are NULL");
}

/// No character of a text is changed, dropped or taken for an end.
pub fn text_is_kept_exactly(warehouse: &mut dyn Warehouse) {
    let words = [
        Some(""),
        None,
        Some(" "),
        Some("trailing "),
        Some("it's \"quoted\" `so` [or] \\so; -- no comment"),
        Some("Zoë, 東京, 🎉, e\u{301}"),
        Some("tab\tline\r\nend"),
        Some("%_?1 :a @b $c"),
        Some("NULL"),
        Some("0012.50"),
    ];
    let keys: Vec<String> = (0..words.len()).map(|key| key.to_string()).collect();
    let rows = batch(vec![("source_key", text(keys.iter().map(String::as_str))), ("words", text(words))]);
    in_transaction(warehouse, |transaction| {
        transaction.upsert(&RECORDS, &rows, &of("text"), &mut Vec::new()).expect("every text is taken");
    });
    let sql = format!(
        "SELECT words FROM {} WHERE source_system = ?1 ORDER BY source_key",
        warehouse.dialect().stored(&RECORDS)
    );
    let answer = query(warehouse, &sql, &["text".into()]);
    let seen: Vec<Option<&str>> = answer.rows.iter().map(|row| row[0].as_text()).collect();
    assert_eq!(seen, words);

    // Not every engine keeps a zero byte in text. What it must not do is cut the text there.
    let rows = batch(vec![("source_key", text(["zero"])), ("words", text(["before\0after"]))]);
    let stored = warehouse.dialect().stored(&RECORDS);
    let mut transaction = warehouse.begin().expect("a transaction starts");
    match transaction.upsert(&RECORDS, &rows, &of("text"), &mut Vec::new()) {
        Err(error) => assert_eq!(error.class(), ErrorClass::Permanent, "{error}"),
        Ok(()) => {
            let sql = format!("SELECT words FROM {stored} WHERE source_system = 'text' AND source_key = 'zero'");
            let answer = transaction.query(&sql, &[]).expect("it is there");
            assert_eq!(answer.rows, [[Value::from("before\0after")]], "a zero byte cuts no text");
        }
    }
}

/// A decimal either comes back as it was or is refused, naming its column.
pub fn decimals_are_exact_or_refused(warehouse: &mut dyn Warehouse) {
    for micros in [i128::from(i64::MAX) + 1, i128::from(i64::MIN) - 1, 9_999_999_999_999_999_999] {
        let rows = batch(vec![("source_key", text(["large"])), ("amount", decimals([micros]))]);
        let dialect = warehouse.dialect();
        let mut transaction = warehouse.begin().expect("a transaction starts");
        match transaction.upsert(&RECORDS, &rows, &of("decimals"), &mut Vec::new()) {
            Err(error) => {
                assert_eq!(error.class(), ErrorClass::Permanent, "{error}");
                assert!(error.to_string().contains("amount"), "the column isn't named: {error}");
            }
            Ok(()) => {
                let half = dialect.quotient("amount", &dialect.decimal_of("2"));
                let sql = format!(
                    "SELECT {} FROM {} WHERE source_key = 'large'",
                    dialect.micros(&half),
                    dialect.stored(&RECORDS)
                );
                let answer = transaction.query(&sql, &[]).expect("a half of it can be read");
                let expected = i64::try_from((micros + micros.signum()) / 2).expect("a half fits");
                assert_eq!(answer.rows[0][0].as_integer(), Some(expected), "half of {micros} millionths");
            }
        }
    }
}

/// Columns that aren't given have their default; constants go into every row.
pub fn defaults_and_constants(warehouse: &mut dyn Warehouse) {
    let dialect = warehouse.dialect();
    let sql = |columns: &str| {
        format!("SELECT count(*) FROM {} WHERE source_system = 'constants' AND {columns}", dialect.stored(&RECORDS))
    };
    let keys = batch(vec![("source_key", text(["a", "b"]))]);
    let [system, batch_no] = of("constants");
    in_transaction(warehouse, |transaction| {
        transaction
            .upsert(&RECORDS, &keys, &[system.clone(), batch_no.clone()], &mut Vec::new())
            .expect("defaults fill in");
    });
    let defaults = sql(&format!("status = 'new' AND {} = -1500000 AND tries = 3", dialect.micros("weight")));
    assert_eq!(number(warehouse, &defaults, &[]), 2, "both rows have the defaults");
    let open = format!(
        "SELECT is_open FROM {} WHERE source_key = 'a' AND source_system = 'constants'",
        dialect.stored(&RECORDS)
    );
    assert_eq!(one(warehouse, &open, &[]), Value::Integer(1));

    let constants = [
        system,
        batch_no,
        ("words", "the same".into()),
        ("quantity", Value::Integer(-7)),
        ("amount", Value::Micros(2_500_000)),
        ("booked_on", Value::Date(DAYS[3].0)),
        ("occurred_at", Value::Timestamp(INSTANTS[3].0)),
        ("is_test", Value::Integer(1)),
        ("raw", Value::Bytes(vec![0, 1])),
        ("source_line", Value::Null),
    ];
    in_transaction(warehouse, |transaction| {
        transaction.upsert(&RECORDS, &keys, &constants, &mut Vec::new()).expect("constants of every type are taken");
    });
    let same = sql(&format!(
        "words = ?1 AND quantity = ?2 AND {} = 2500000 AND booked_on = ?3 AND occurred_at = ?4 AND raw = ?5 \
         AND source_line IS NULL AND status = 'new'",
        dialect.micros("amount")
    ));
    let parameters = [
        "the same".into(),
        Value::Integer(-7),
        Value::Date(DAYS[3].0),
        Value::Timestamp(INSTANTS[3].0),
        Value::Bytes(vec![0, 1]),
    ];
    assert_eq!(number(warehouse, &same, &parameters), 2, "both rows have the constants");
}

/// What doesn't fit the declaration is an error and not a guess.
pub fn wrong_columns_are_refused(warehouse: &mut dyn Warehouse) {
    let keys = || text(["x"]);
    let cases: Vec<(&str, Vec<(&str, ArrayRef)>, Vec<(&str, Value)>)> = vec![
        ("an unknown column", vec![("source_key", keys()), ("surname", keys())], vec![]),
        ("an unknown constant", vec![("source_key", keys())], vec![("surname", "x".into())]),
        ("a column given twice", vec![("source_key", keys())], vec![("source_key", "x".into())]),
        ("a key that isn't given", vec![("words", keys())], vec![]),
        ("a number as text", vec![("source_key", keys()), ("quantity", keys())], vec![]),
        ("a decimal as a number", vec![("source_key", keys()), ("amount", integers([1]))], vec![]),
        ("a constant decimal as a number", vec![("source_key", keys())], vec![("amount", Value::Integer(1))]),
        ("a surrogate key", vec![("source_key", keys()), ("record_no", integers([1]))], vec![]),
        (
            "a timestamp as a number",
            vec![("source_key", keys()), ("occurred_at", Arc::new(PrimitiveArray::<Int64Type>::from(vec![1])))],
            vec![],
        ),
    ];
    for (what, columns, more) in cases {
        let constants: Vec<(&str, Value)> = of("wrong").into_iter().chain(more).collect();
        let mut transaction = warehouse.begin().expect("a transaction starts");
        let refused = transaction.upsert(&RECORDS, &batch(columns), &constants, &mut Vec::new());
        let error = refused.expect_err(what);
        assert_eq!(error.class(), ErrorClass::Permanent, "{what}: {error}");
    }
}

/// NULL in a required column or in the key is refused.
pub fn required_columns_are_required(warehouse: &mut dyn Warehouse) {
    let [system, batch_no] = of("required");
    let cases = [
        ("no batch_no", batch(vec![("source_key", text(["x"]))]), vec![system.clone()]),
        ("a NULL batch_no", batch(vec![("source_key", text(["x"]))]), vec![system.clone(), ("batch_no", Value::Null)]),
        ("a NULL key", batch(vec![("source_key", text([None]))]), vec![system, batch_no]),
    ];
    for (what, rows, constants) in cases {
        let mut transaction = warehouse.begin().expect("a transaction starts");
        let refused = transaction.upsert(&RECORDS, &rows, &constants, &mut Vec::new());
        let error = refused.expect_err(what);
        assert_eq!(error.class(), ErrorClass::Permanent, "{what}: {error}");
    }
    let sql = format!("SELECT count(*) FROM {} WHERE source_system = 'required'", warehouse.dialect().stored(&RECORDS));
    assert_eq!(number(warehouse, &sql, &[]), 0);
}

/// Parameters are values, never SQL; their number must be that of the statement.
pub fn parameters_are_values(warehouse: &mut dyn Warehouse) {
    let stored = warehouse.dialect().stored(&RECORDS);
    let hostile = "x'; DELETE FROM conformance_record; --";
    let sql = format!("SELECT count(*) FROM {stored} WHERE words = ?1 OR source_key = ?2 OR source_key = ?1");
    assert_eq!(number(warehouse, &sql, &[hostile.into(), "none such".into()]), 0);
    let short = warehouse.query(&sql, &["one".into()]);
    assert_eq!(short.expect_err("a parameter is missing").class(), ErrorClass::Permanent);
    let wrong = warehouse.query("SELECT nothing FROM conformance_nowhere", &[]);
    assert_eq!(wrong.expect_err("there is no such table").class(), ErrorClass::Permanent);

    let inserted = in_transaction(warehouse, |transaction| {
        let sql = format!("INSERT INTO {stored} (source_system, source_key, words, batch_no) VALUES (?1, ?2, ?3, ?4)");
        let row = ["parameters".into(), "a".into(), hostile.into(), Value::Integer(1)];
        transaction.execute(&sql, &row).expect("a row is inserted")
    });
    assert_eq!(inserted, 1, "rows changed by an insert");
    let sql = format!("SELECT words FROM {stored} WHERE source_system = 'parameters'");
    assert_eq!(one(warehouse, &sql, &[]), Value::from(hostile));
}
