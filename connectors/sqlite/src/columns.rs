//! Arrow columns as SQLite's cells.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Int64Array, StringArray,
    TimestampMicrosecondArray,
};
use arrow_schema::{DataType, TimeUnit};
use campaignd_contract::{Column, ColumnType, Value};

use crate::moment::MomentText;
use crate::row_statement::{Cell, CellSource};

/// A column of a batch, ready to be read row by row.
pub(crate) struct ColumnCells<'a> {
    values: Values<'a>,
    /// Whether no row is NULL, which is then not looked at again.
    full: bool,
    moment: MomentText,
}

enum Values<'a> {
    Text(&'a StringArray),
    Integer(&'a Int64Array),
    Decimal(&'a Decimal128Array),
    Date(&'a Date32Array),
    Timestamp(&'a TimestampMicrosecondArray),
    Boolean(&'a BooleanArray),
    Bytes(&'a BinaryArray),
}

impl<'a> ColumnCells<'a> {
    /// The cells of `array` for `column`; `None` where the array's type isn't the column's.
    pub(crate) fn new(column: &Column, array: &'a ArrayRef) -> Option<Self> {
        let values = match (column.kind, array.data_type()) {
            (ColumnType::Text(_) | ColumnType::Choice(_), DataType::Utf8) => Values::Text(array.as_string_opt()?),
            (ColumnType::Integer, DataType::Int64) => Values::Integer(array.as_primitive_opt::<Int64Type>()?),
            (ColumnType::Decimal, DataType::Decimal128(_, 6)) => {
                Values::Decimal(array.as_primitive_opt::<Decimal128Type>()?)
            }
            (ColumnType::Date, DataType::Date32) => Values::Date(array.as_primitive_opt::<Date32Type>()?),
            (ColumnType::Timestamp, DataType::Timestamp(TimeUnit::Microsecond, zone))
                if zone.as_deref().is_none_or(|zone| zone == "UTC") =>
            {
                Values::Timestamp(array.as_primitive_opt::<TimestampMicrosecondType>()?)
            }
            (ColumnType::Boolean, DataType::Boolean) => Values::Boolean(array.as_boolean_opt()?),
            (ColumnType::Bytes, DataType::Binary) => Values::Bytes(array.as_binary_opt()?),
            _ => return None,
        };
        Some(Self { values, full: array.null_count() == 0, moment: MomentText::new() })
    }

    fn is_null(&self, row: usize) -> bool {
        match self.values {
            Values::Text(array) => array.is_null(row),
            Values::Integer(array) => array.is_null(row),
            Values::Decimal(array) => array.is_null(row),
            Values::Date(array) => array.is_null(row),
            Values::Timestamp(array) => array.is_null(row),
            Values::Boolean(array) => array.is_null(row),
            Values::Bytes(array) => array.is_null(row),
        }
    }
}

impl CellSource for ColumnCells<'_> {
    fn cell(&mut self, row: usize) -> Result<Cell<'_>, String> {
        if !self.full && self.is_null(row) {
            return Ok(Cell::Null);
        }
        Ok(match self.values {
            Values::Text(array) => Cell::Text(array.value(row)),
            Values::Integer(array) => Cell::Integer(array.value(row)),
            Values::Decimal(array) => {
                let micros = array.value(row);
                Cell::Integer(i64::try_from(micros).map_err(|_| {
                    format!(
                        "{} is outside ±9223372036854.775807, the largest decimal SQLite keeps exactly",
                        decimal_text(micros)
                    )
                })?)
            }
            Values::Date(array) => {
                let day = i64::from(array.value(row));
                Cell::Text(
                    self.moment
                        .date(day)
                        .ok_or_else(|| format!("the date {day} days after 1970-01-01 is outside years 1 to 9999"))?,
                )
            }
            Values::Timestamp(array) => {
                let micros = array.value(row);
                Cell::Text(self.moment.timestamp(micros).ok_or_else(|| {
                    format!("the instant {micros} microseconds after 1970-01-01 is outside years 1 to 9999")
                })?)
            }
            Values::Boolean(array) => Cell::Integer(array.value(row).into()),
            Values::Bytes(array) => Cell::Bytes(array.value(row)),
        })
    }
}

/// Millionths as a decimal, for people.
fn decimal_text(micros: i128) -> String {
    let sign = if micros < 0 { "-" } else { "" };
    let (whole, fraction) = (micros.unsigned_abs() / 1_000_000, micros.unsigned_abs() % 1_000_000);
    format!("{sign}{whole}.{fraction:06}")
}

/// Whether a constant may stand in a column of that type.
pub(crate) fn constant_fits(kind: ColumnType, constant: &Value) -> bool {
    match constant {
        Value::Null => true,
        Value::Integer(number) => {
            kind == ColumnType::Integer || (kind == ColumnType::Boolean && matches!(number, 0 | 1))
        }
        Value::Text(_) => matches!(kind, ColumnType::Text(_) | ColumnType::Choice(_)),
        Value::Micros(_) => kind == ColumnType::Decimal,
        Value::Date(_) => kind == ColumnType::Date,
        Value::Timestamp(_) => kind == ColumnType::Timestamp,
        Value::Bytes(_) => kind == ColumnType::Bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::decimal_text;

    #[test]
    fn decimals_for_people() {
        assert_eq!(decimal_text(i128::from(i64::MAX) + 1), "9223372036854.775808");
        assert_eq!(decimal_text(-500_000), "-0.500000");
    }
}
