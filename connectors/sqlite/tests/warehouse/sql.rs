//! The tables as SQLite sees them, what they refuse, and what an upsert says it did.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, Decimal128Array, RecordBatch, StringArray};
use campaignd_contract::{Column, ColumnType, Dialect, ErrorClass, Group, Index, RowOutcome, Table, Value, Warehouse};
use campaignd_sqlite::SqliteDialect;
use proptest::prelude::*;

use crate::fixtures::{CALLS, calls, create, open, write};

const fn column(name: &'static str, kind: ColumnType, default: Option<&'static str>) -> Column {
    Column { name, kind, required: default.is_some(), default, meaning: "", unit: "", term: "", lineage: false }
}

static OFFERS: Table = Table {
    name: "offer",
    group: Group::Reference,
    meaning: "",
    term: "",
    key: &["offer_code"],
    columns: &[
        column("offer_code", ColumnType::Text(40), None),
        column("offer_name", ColumnType::Text(200), Some("it's new")),
        column("kind", ColumnType::Choice(&["gift", "discount", "none"]), Some("none")),
        column("rate", ColumnType::Decimal, Some("0.25")),
        column("starts_on", ColumnType::Date, None),
        column("is_open", ColumnType::Boolean, Some("true")),
    ],
    inputs: &[],
    indexes: &[Index { name: "offer_start", columns: &["starts_on", "kind"], unique: false }],
};

static PAGES: Table = Table {
    name: "page",
    group: Group::Operations,
    columns: &[column("address", ColumnType::Text(2000), None), column("content", ColumnType::Bytes, None)],
    key: &["address"],
    indexes: &[Index { name: "page_content", columns: &["content"], unique: true }],
    ..OFFERS
};

#[test]
fn tables_are_made_like_this() {
    assert_eq!(
        SqliteDialect.create_table(&CALLS).join(";\n"),
        "CREATE TABLE call_micro (
  call_no INTEGER PRIMARY KEY,
  source_key TEXT NOT NULL,
  remark TEXT,
  amount INTEGER,
  batch_no INTEGER NOT NULL,
  UNIQUE (source_key)
) STRICT;
CREATE INDEX call_batch ON call_micro (batch_no);
CREATE VIEW call AS SELECT
  call_no,
  source_key,
  remark,
  amount / 1000000.0 AS amount,
  batch_no
FROM call_micro"
    );
    assert_eq!(
        SqliteDialect.create_table(&OFFERS).join(";\n"),
        "CREATE TABLE offer_micro (
  offer_code TEXT NOT NULL,
  offer_name TEXT NOT NULL DEFAULT 'it''s new',
  kind TEXT NOT NULL DEFAULT 'none' CHECK (kind = 'gift' OR kind = 'discount' OR kind = 'none'),
  rate INTEGER NOT NULL DEFAULT 250000,
  starts_on TEXT,
  is_open INTEGER NOT NULL DEFAULT 1 CHECK (is_open IN (0, 1)),
  PRIMARY KEY (offer_code)
) STRICT, WITHOUT ROWID;
CREATE INDEX offer_start ON offer_micro (starts_on, kind);
CREATE VIEW offer AS SELECT
  offer_code,
  offer_name,
  kind,
  rate / 1000000.0 AS rate,
  starts_on,
  is_open
FROM offer_micro"
    );
    assert_eq!(
        SqliteDialect.create_table(&PAGES).join(";\n"),
        "CREATE TABLE page (
  address TEXT NOT NULL,
  content BLOB,
  PRIMARY KEY (address)
) STRICT;
CREATE UNIQUE INDEX page_content ON page (content)"
    );
}

#[test]
fn views_can_be_read_by_any_shell() {
    let folder = tempfile::tempdir().unwrap();
    let mut warehouse = open(folder.path());
    create(&mut warehouse);
    let mut transaction = warehouse.begin().unwrap();
    write(&mut *transaction, &calls(1, 2)).unwrap();
    transaction.execute("UPDATE call_micro SET amount = 1500000 WHERE source_key = 'call-1'", &[]).unwrap();
    transaction.commit().unwrap();
    let shell = rusqlite::Connection::open(folder.path().join("warehouse.db")).unwrap();
    let amount: f64 = shell.query_row("SELECT amount FROM call WHERE source_key = 'call-1'", [], |r| r.get(0)).unwrap();
    assert!((amount - 1.5).abs() < f64::EPSILON);

    let mut transaction = warehouse.begin().unwrap();
    transaction
        .execute("CREATE VIEW half AS SELECT micro_quotient(amount, 2000000) AS x FROM call_micro", &[])
        .unwrap();
    let refused = transaction.query("SELECT x FROM half", &[]).unwrap_err();
    assert!(refused.to_string().contains("unsafe use of micro_quotient()"), "{refused}");
}

#[test]
fn every_plan_uses_the_indexes() {
    let folder = tempfile::tempdir().unwrap();
    let mut warehouse = open(folder.path());
    create(&mut warehouse);
    let mut plan = |sql: &str| {
        let rows = warehouse.begin().unwrap().query(&format!("EXPLAIN QUERY PLAN {sql}"), &[]).unwrap().rows;
        rows.iter().map(|row| row[3].as_text().unwrap().to_owned()).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(plan("SELECT * FROM call WHERE batch_no = 7"), "SEARCH call_micro USING INDEX call_batch (batch_no=?)");
    assert_eq!(
        plan("UPDATE call_micro SET remark = 'x' WHERE source_key = 'a' AND (remark IS NOT 'x' OR amount IS NOT 1)"),
        "SEARCH call_micro USING INDEX sqlite_autoindex_call_micro_1 (source_key=?)"
    );
}

/// The error of writing these columns into `table`, and nothing kept.
fn refused(table: &'static Table, columns: Vec<(&str, ArrayRef)>, constants: &[(&str, Value)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut warehouse = open(folder.path());
    let mut transaction = warehouse.begin().unwrap();
    for statement in SqliteDialect.create_table(table) {
        transaction.execute(&statement, &[]).unwrap();
    }
    let rows = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)));
    let mut outcomes = vec![RowOutcome::Updated];
    let error = transaction.upsert(table, &rows.unwrap(), constants, &mut outcomes).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Permanent);
    assert_eq!(outcomes, [RowOutcome::Updated], "a call that failed has no outcomes");
    error.to_string()
}

fn text(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

#[test]
fn refusals_name_row_and_column() {
    let codes = || ("offer_code", text(&[Some("a"), Some("b")]));
    let amounts: Decimal128Array = vec![Some(1), Some(9_223_372_036_854_775_808)].into();
    let amounts: ArrayRef = Arc::new(amounts.with_precision_and_scale(19, 6).unwrap());
    assert_eq!(
        refused(&OFFERS, vec![codes(), ("rate", amounts)], &[]),
        "could not write row 2 of 2 to table `offer`: column `rate`: 9223372036854.775808 is outside \
         ±9223372036854.775807, the largest decimal SQLite keeps exactly"
    );
    assert_eq!(
        refused(&OFFERS, vec![("offer_code", text(&[Some("a"), None]))], &[]),
        "could not write row 2 of 2 to table `offer`: NOT NULL constraint failed: offer_micro.offer_code"
    );
    assert_eq!(
        refused(&OFFERS, vec![codes(), ("kind", text(&[Some("gift"), Some("Gift")]))], &[]),
        "could not write row 2 of 2 to table `offer`: CHECK constraint failed: kind = 'gift' OR kind = 'discount' OR \
         kind = 'none'"
    );
    assert_eq!(
        refused(&OFFERS, vec![codes(), ("rate", text(&[Some("1"), Some("2")]))], &[]),
        "could not write table `offer`: column `rate` is Decimal and can't hold Utf8"
    );
    assert_eq!(
        refused(&OFFERS, vec![codes()], &[("is_open", Value::Integer(2))]),
        "could not write table `offer`: column `is_open` is Boolean and can't hold Integer(2)"
    );
    assert_eq!(
        refused(&OFFERS, vec![codes()], &[("starts_on", Value::Date(i32::MAX))]),
        "could not write table `offer`: column `starts_on`: 2147483647 days after 1970-01-01 is outside years 1 to 9999"
    );
}

#[test]
fn only_the_key_tells_that_a_row_is_there() {
    assert_eq!(
        refused(&PAGES, vec![("address", text(&[Some("a"), Some("b")]))], &[("content", Value::Bytes(vec![1]))]),
        "could not write row 2 of 2 to table `page`: UNIQUE constraint failed: page.content"
    );
}

#[test]
fn errors_of_queries_name_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let mut warehouse = open(folder.path());
    create(&mut warehouse);
    let path = folder.path().to_str().unwrap().to_owned();
    let mut error = |sql: &str| warehouse.query(sql, &[]).unwrap_err().to_string().replace(&path, "…");
    assert_eq!(
        error("SELECT surname FROM call"),
        "could not query the warehouse …/warehouse.db: no such column: surname, at `surname FROM call`"
    );
    assert_eq!(
        error("SELECT 1.5 AS amount"),
        "could not query the warehouse …/warehouse.db: column `amount` of the answer holds the floating-point number 1.5: \
         read decimals from the stored relation, as whole millionths"
    );
    assert_eq!(error("SELECT ?1"), "could not query the warehouse …/warehouse.db: it has 1 parameters, 0 are given");
    assert_eq!(
        error("DELETE FROM call_micro"),
        "could not query the warehouse …/warehouse.db: it isn't a query: only a transaction may write"
    );
    assert!(error("SELECT 1; SELECT 2").contains("Multiple statements"));
}

fn records(rows: &[(u8, Option<u8>)]) -> RecordBatch {
    let keys: StringArray = rows.iter().map(|row| Some(row.0.to_string())).collect();
    let remarks: StringArray = rows.iter().map(|row| row.1.map(|remark| "r".repeat(remark.into()))).collect();
    let arrays = [("source_key", Arc::new(keys) as ArrayRef), ("remark", Arc::new(remarks) as ArrayRef)];
    RecordBatch::try_from_iter_with_nullable(arrays.map(|(name, array)| (name, array, true))).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Against a map: outcomes and contents, for calls of any rows cut out of larger batches.
    #[test]
    fn an_upsert_does_what_a_map_does(
        calls in prop::collection::vec(prop::collection::vec((0..6_u8, prop::option::of(0..3_u8)), 0..12), 1..6),
        skipped in 0..3_usize,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut warehouse = open(folder.path());
        create(&mut warehouse);
        let mut expected: BTreeMap<u8, Option<u8>> = BTreeMap::new();
        for rows in &calls {
            let rows = &rows[skipped.min(rows.len())..];
            let padded: Vec<_> = std::iter::repeat_n((9, Some(9)), skipped).chain(rows.iter().copied()).collect();
            let batch = records(&padded).slice(skipped, rows.len());
            let outcomes: Vec<RowOutcome> = rows.iter().map(|(key, remark)| match expected.insert(*key, *remark) {
                None => RowOutcome::Inserted,
                Some(before) if before == *remark => RowOutcome::Unchanged,
                Some(_) => RowOutcome::Updated,
            }).collect();
            let mut seen = Vec::new();
            let mut transaction = warehouse.begin().unwrap();
            transaction.upsert(&CALLS, &batch, &[("batch_no", Value::Integer(1))], &mut seen).unwrap();
            transaction.commit().unwrap();
            prop_assert_eq!(seen, outcomes);
        }
        let answer = warehouse.query("SELECT source_key, remark FROM call_micro ORDER BY source_key", &[]).unwrap();
        let seen: BTreeMap<u8, Option<u8>> = answer.rows.iter().map(|row| {
            let remark = row[1].as_text().map(|text| u8::try_from(text.len()).unwrap());
            (row[0].as_text().unwrap().parse().unwrap(), remark)
        }).collect();
        prop_assert_eq!(seen, expected);
    }
}
