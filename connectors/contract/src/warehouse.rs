//! Where the records go: transactions, upserts and the little that differs between SQL dialects.

use arrow_array::RecordBatch;

use crate::{Result, Table};

/// A value given to or received from the warehouse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// No value.
    Null,
    /// A whole number, or a yes (1) or no (0).
    Integer(i64),
    /// Text.
    Text(String),
    /// A decimal, in whole millionths.
    Micros(i64),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01 00:00:00 UTC.
    Timestamp(i64),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl Value {
    /// The text, where it is text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, where it is a whole number or millionths.
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) | Self::Micros(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

/// What a query returned. For small answers: listings, ledgers, checkpoints, a page of a report.
///
/// A date or a timestamp is [`Value::Date`] or [`Value::Timestamp`] where the engine has such types, otherwise text:
/// `YYYY-MM-DD`, `YYYY-MM-DD HH:MM:SS` and, where there is a fraction of a second, six digits of it. Booleans are 0 or 1.
/// Decimals are read through [`Dialect::micros`]; a floating-point number in an answer is an error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rows {
    /// Column names, in order.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<Value>>,
}

/// What an upsert did with one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowOutcome {
    /// Its key was new.
    Inserted,
    /// Its key was there with other values, which it replaced.
    Updated,
    /// Its key was there with the same values: a duplicate; nothing was touched.
    Unchanged,
}

/// A database that holds the tables.
pub trait Warehouse: Send {
    /// How its SQL differs.
    fn dialect(&self) -> &'static dyn Dialect;

    /// Runs a query outside any transaction.
    fn query(&mut self, sql: &str, parameters: &[Value]) -> Result<Rows>;

    /// Starts a transaction that holds the right to write from its start (`BEGIN IMMEDIATE` or its like).
    fn begin(&mut self) -> Result<Box<dyn Transaction + '_>>;
}

/// A transaction. Dropped without [`Transaction::commit`], it is rolled back.
///
/// After an error it can only be dropped: a statement that failed may have done half of its work, so every further
/// call fails with the class of that error, the commit too.
pub trait Transaction {
    /// Runs a statement and returns how many rows it changed. Parameters are `?1`, `?2` ….
    fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<u64>;

    /// Runs a query inside the transaction.
    fn query(&mut self, sql: &str, parameters: &[Value]) -> Result<Rows>;

    /// Inserts rows, or replaces those whose key is there with other values. `rows` holds columns of `table` by
    /// name, `constants` further columns with one value for all rows; columns in neither keep their default (new
    /// rows) or their value (rows that are there). Pushes one outcome a row, in order.
    ///
    /// All columns of the key are given, and none of them is NULL. Rows differ when a given column differs that is
    /// neither of the key nor lineage; a row that is replaced gets the given lineage too. The same key twice in one
    /// call is as good as in two. A value that the engine can't keep exactly is an error that names the column.
    ///
    /// Arrow types: `Utf8` for text and choices, `Int64`, `Decimal128(19, 6)`, `Date32`,
    /// `Timestamp(Microsecond, None or "UTC")`, `Boolean`, `Binary`.
    fn upsert(
        &mut self,
        table: &'static Table,
        rows: &RecordBatch,
        constants: &[(&str, Value)],
        outcomes: &mut Vec<RowOutcome>,
    ) -> Result<()>;

    /// Makes it all durable. An error of class [`crate::ErrorClass::OutcomeUnknown`] means that it may or may not
    /// have been: read the ledger.
    fn commit(self: Box<Self>) -> Result<()>;
}

/// What differs between SQL dialects. Calculations use decimals as the engine stores them: whole millionths on an
/// engine without exact decimals, so sums and differences are the same text everywhere, products and quotients not.
pub trait Dialect: Send + Sync {
    /// Its name: `sqlite`, `sqlserver`, `postgresql` ….
    fn name(&self) -> &'static str;

    /// The statements that create a table, its indexes and, where decimals are kept as millionths, the view that
    /// shows them as decimals under the table's name.
    fn create_table(&self, table: &'static Table) -> Vec<String>;

    /// The relation to write to and to calculate with. Its decimals are as stored.
    fn stored(&self, table: &'static Table) -> String;

    /// A stored decimal as whole millionths, for reading exactly.
    fn micros(&self, stored: &str) -> String;

    /// A whole number as a stored decimal.
    fn decimal_of(&self, integer: &str) -> String;

    /// Stored decimal times stored decimal, as a stored decimal, half away from zero.
    fn product(&self, a: &str, b: &str) -> String;

    /// Stored decimal (or count) divided by another of the same kind, as a stored decimal, half away from zero.
    /// NULL where the divisor is 0 or NULL.
    fn quotient(&self, a: &str, b: &str) -> String;

    /// Of a stored decimal, so many parts of so many: both whole numbers, the second above 0. A stored decimal, half
    /// away from zero. All parts are the decimal itself, so that differences of rising shares add up to it exactly.
    fn share(&self, decimal: &str, parts: &str, of: &str) -> String;

    /// A whole number from 0 to 2^63 - 1 worked out of a text, spread evenly: what stands for long keys where many of
    /// them are counted. NULL for NULL.
    fn hash(&self, text: &str) -> String;

    /// The month of a stored timestamp or date, as text `YYYY-MM`.
    fn month(&self, stored: &str) -> String;

    /// The date of a stored timestamp, as a stored date.
    fn date(&self, stored: &str) -> String;

    /// The instant now, as a stored timestamp.
    fn now(&self) -> &'static str;

    /// Whole seconds since a stored timestamp, by the warehouse's clock.
    fn seconds_since(&self, stored: &str) -> String;
}
