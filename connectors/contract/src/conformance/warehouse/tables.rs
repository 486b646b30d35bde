//! The tables of the suite, and rows for them.

use std::sync::Arc;

use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Int64Array, PrimitiveArray, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};

use crate::{Column, ColumnType, Group, Index, Table, Value};

const fn column(name: &'static str, kind: ColumnType) -> Column {
    Column { name, kind, required: false, default: None, meaning: "", unit: "", term: "", lineage: false }
}

const fn required(name: &'static str, kind: ColumnType) -> Column {
    Column { required: true, ..column(name, kind) }
}

const fn with_default(name: &'static str, kind: ColumnType, default: &'static str) -> Column {
    Column { default: Some(default), ..required(name, kind) }
}

const fn lineage(column: Column) -> Column {
    Column { lineage: true, ..column }
}

const fn table(name: &'static str, key: &'static [&'static str], columns: &'static [Column]) -> Table {
    Table { name, group: Group::Facts, meaning: "", term: "", key, columns, inputs: &[], indexes: &[] }
}

/// A table of facts with a column of every type.
pub static RECORDS: Table = Table {
    indexes: &[Index { name: "conformance_record_batch", columns: &["batch_no"], unique: false }],
    ..table(
        "conformance_record",
        &["source_system", "source_key"],
        &[
            required("record_no", ColumnType::Identity),
            required("source_system", ColumnType::Text(40)),
            required("source_key", ColumnType::Text(80)),
            column("words", ColumnType::Text(200)),
            column("kind", ColumnType::Choice(&["inquiry", "order", "it's"])),
            column("quantity", ColumnType::Integer),
            column("amount", ColumnType::Decimal),
            column("booked_on", ColumnType::Date),
            column("occurred_at", ColumnType::Timestamp),
            column("is_test", ColumnType::Boolean),
            column("raw", ColumnType::Bytes),
            with_default("status", ColumnType::Choice(&["new", "done"]), "new"),
            with_default("weight", ColumnType::Decimal, "-1.5"),
            with_default("tries", ColumnType::Integer, "3"),
            with_default("is_open", ColumnType::Boolean, "1"),
            lineage(required("batch_no", ColumnType::Integer)),
            lineage(column("source_line", ColumnType::Integer)),
        ],
    )
};

/// A reference table: a natural key of two columns, no surrogate, no decimals.
pub static WORDS: Table = Table {
    group: Group::Reference,
    ..table(
        "conformance_word",
        &["language", "word"],
        &[
            required("language", ColumnType::Text(10)),
            required("word", ColumnType::Text(100)),
            column("meaning", ColumnType::Text(200)),
            lineage(column("batch_no", ColumnType::Integer)),
        ],
    )
};

/// A table to calculate with.
pub static MEASURES: Table = table(
    "conformance_measure",
    &["line"],
    &[
        required("line", ColumnType::Integer),
        column("a", ColumnType::Decimal),
        column("b", ColumnType::Decimal),
        column("n", ColumnType::Integer),
        column("m", ColumnType::Integer),
        column("at", ColumnType::Timestamp),
        column("on_day", ColumnType::Date),
    ],
);

/// A batch of these columns.
pub fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .expect("columns of one length")
}

pub fn text<'a, T: Into<Option<&'a str>>>(values: impl IntoIterator<Item = T>) -> ArrayRef {
    Arc::new(values.into_iter().map(Into::into).collect::<StringArray>())
}

pub fn integers<T: Into<Option<i64>>>(values: impl IntoIterator<Item = T>) -> ArrayRef {
    Arc::new(values.into_iter().map(Into::into).collect::<Int64Array>())
}

/// Decimals, in millionths.
pub fn decimals<T: Into<Option<i128>>>(values: impl IntoIterator<Item = T>) -> ArrayRef {
    let array: Decimal128Array = values.into_iter().map(Into::into).collect();
    Arc::new(array.with_precision_and_scale(19, 6).expect("decimal(19,6)"))
}

pub fn dates(values: impl IntoIterator<Item = Option<i32>>) -> ArrayRef {
    primitive(values.into_iter().collect::<Date32Array>())
}

pub fn timestamps(values: impl IntoIterator<Item = Option<i64>>) -> ArrayRef {
    primitive(values.into_iter().collect::<TimestampMicrosecondArray>())
}

fn primitive<T: ArrowPrimitiveType>(array: PrimitiveArray<T>) -> ArrayRef {
    Arc::new(array)
}

pub fn booleans(values: impl IntoIterator<Item = Option<bool>>) -> ArrayRef {
    Arc::new(values.into_iter().collect::<BooleanArray>())
}

pub fn bytes<'a>(values: impl IntoIterator<Item = Option<&'a [u8]>>) -> ArrayRef {
    Arc::new(values.into_iter().collect::<BinaryArray>())
}

/// The constants that a record needs besides its own columns; `group` keeps the records of a test apart.
pub fn of(group: &str) -> [(&'static str, Value); 2] {
    [("source_system", group.into()), ("batch_no", Value::Integer(1))]
}
