//! What a column asks of its values once they have its type: present, short enough, one of its words, within bounds.

use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};
use campaignd_contract::{Column, ColumnType};

use super::kernel::{MONEY, decimal_text};
use super::refusal::{NOT_A_CHOICE, OUT_OF_RANGE, REQUIRED, Refusal, TOO_LONG};

/// The Arrow type of a column's values.
pub(super) fn arrow_type(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::Text(_) | ColumnType::Choice(_) => DataType::Utf8,
        ColumnType::Integer | ColumnType::Identity => DataType::Int64,
        ColumnType::Decimal => MONEY,
        ColumnType::Date => DataType::Date32,
        ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Bytes => DataType::Binary,
    }
}

/// Calls `refuse` with each row whose value the column doesn't take.
pub(super) fn check(column: &Column, values: &ArrayRef, mut refuse: impl FnMut(usize, Refusal)) {
    if column.required && values.null_count() > 0 {
        let reason = format!("`{}` is required and has no value", column.name);
        (0..values.len())
            .filter(|row| values.is_null(*row))
            .for_each(|row| refuse(row, Refusal::new(REQUIRED, "", reason.clone())));
    }
    match column.kind {
        ColumnType::Text(_) | ColumnType::Choice(_) => {
            let texts = values.as_string::<i32>();
            for row in (0..texts.len()).filter(|row| texts.is_valid(*row)) {
                if let Err(refusal) = check_text(column, texts.value(row)) {
                    refuse(row, refusal);
                }
            }
        }
        ColumnType::Decimal => {
            let decimals = values.as_primitive::<Decimal128Type>();
            for row in (0..decimals.len()).filter(|row| decimals.is_valid(*row)) {
                let micros = decimals.value(row);
                if micros.unsigned_abs() > i64::MAX.unsigned_abs().into() {
                    let reason = "an amount lies within ±9,223,372,036,854.775807";
                    refuse(row, Refusal::new(OUT_OF_RANGE, decimal_text(micros), reason));
                }
            }
        }
        _ => {}
    }
}

/// Checks one text of a column of text or choice.
pub(super) fn check_text(column: &Column, text: &str) -> Result<(), Refusal> {
    match column.kind {
        ColumnType::Text(most) => {
            let most = usize::from(most);
            if text.len() > most && text.chars().count() > most {
                let reason =
                    format!("`{}` takes {most} characters, and this is {} long", column.name, text.chars().count());
                return Err(Refusal::new(TOO_LONG, text, reason));
            }
        }
        ColumnType::Choice(words) if !words.contains(&text) => {
            return Err(Refusal::new(NOT_A_CHOICE, text, format!("`{}` is one of {}", column.name, words.join(", "))));
        }
        _ => {}
    }
    Ok(())
}
