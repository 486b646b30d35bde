//! The columns of a plan: where each stands, what it holds, what it becomes.

use arrow_schema::DataType;

use super::Date;
use super::kernels::{Characters, Kernel};
use crate::decode::{Fields, Number, Options, Reason, Value, beyond, trimmed};
use crate::layout::{Field, Item, ItemId};

/// Where several columns start: see [`super::places::Places`].
pub(super) type PlaceId = usize;

/// One column: the loop over its places is [`super::column`]'s.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub item: ItemId,
    pub field: Field,
    /// What it is an offset from, once a row or once an entry of a table.
    pub places: PlaceId,
    pub offset: usize,
    pub length: usize,
    pub target: Target,
}

/// What a column becomes.
#[derive(Debug, Clone)]
pub(super) enum Target {
    Decimal(Decimal, Kernel),
    Date(Date, Kernel),
    Float,
    Text(Characters),
    /// The value of a field that is bytes.
    Bytes,
    /// Any field's bytes, beside its value.
    Raw,
}

/// Numbers of so many digits, and so many of them after the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decimal {
    pub precision: u8,
    pub scale: i8,
}

impl Decimal {
    /// The column for a field: all values that its bytes can hold, up to 38 digits.
    pub fn of(item: &Item, field: Field, options: &Options) -> Option<Self> {
        let scale = field.scale()?;
        let digits = match field {
            Field::Binary { digits, native, .. } if native || options.binary_beyond_picture => {
                digits.max(digits_in(item.length))
            }
            Field::LittleEndianBinary { digits, .. } => digits.max(digits_in(item.length)),
            Field::Packed { .. } | Field::PackedUnsigned { .. } if options.packed_beyond_picture => 2 * item.length,
            Field::Zoned { digits, .. }
            | Field::Packed { digits, .. }
            | Field::PackedUnsigned { digits, .. }
            | Field::Binary { digits, .. } => digits,
            // Where the picture has a comma, the bytes may have a digit.
            Field::Edited { .. } => item.length,
            Field::Text | Field::National | Field::Dbcs | Field::Float | Field::Double | Field::Bytes => return None,
        };
        let zeros = u32::try_from(-scale).unwrap_or(0);
        let least = u32::try_from(scale).unwrap_or(0).max(1);
        let precision = digits.saturating_add(zeros).max(least).min(MOST_DIGITS);
        Some(Self { precision: u8::try_from(precision).ok()?, scale: i8::try_from(scale.max(0)).ok()? })
    }

    /// The column's digits for a number, if it has no more of them than the column, in front of the point and behind it.
    pub fn digits(self, number: Number) -> Option<i128> {
        let shift = i32::from(self.scale) - number.scale;
        let power = i128::try_from(beyond(shift.unsigned_abs())).ok()?;
        let digits = if shift >= 0 {
            number.digits.checked_mul(power)?
        } else if number.digits % power == 0 {
            number.digits / power
        } else {
            return None;
        };
        (digits.unsigned_abs() < beyond(u32::from(self.precision))).then_some(digits)
    }
}

/// Digits of an Arrow decimal of 128 bits.
const MOST_DIGITS: u32 = 38;

/// Digits that a binary number of so many bytes may have.
fn digits_in(bytes: u32) -> u32 {
    // A digit takes a little more than 3.32 bits.
    (bytes.min(16) * 8 * 100 / 332 + 1).min(MOST_DIGITS)
}

impl Target {
    pub fn data_type(&self) -> DataType {
        match self {
            Self::Decimal(Decimal { precision, scale }, _) => DataType::Decimal128(*precision, *scale),
            Self::Date(..) => DataType::Date32,
            Self::Float => DataType::Float64,
            Self::Text(_) => DataType::Utf8,
            Self::Bytes | Self::Raw => DataType::Binary,
        }
    }
}

/// One field, to be read a value at a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell<'a> {
    pub fields: &'a Fields,
    pub item: &'a Item,
    pub field: Field,
    pub length: usize,
}

impl Cell<'_> {
    /// What the row decoder reads in these bytes.
    pub fn read<'t>(&self, raw: &'t [u8], text: &'t mut String) -> Result<Value<'t>, Reason> {
        self.fields.read(self.item, self.field, raw, text)
    }

    /// The same, as if the field were another.
    pub fn read_as<'t>(&self, field: Field, raw: &'t [u8], text: &'t mut String) -> Result<Value<'t>, Reason> {
        self.fields.read(self.item, field, raw, text)
    }

    /// What the row decoder leaves of the field's text.
    pub fn trimmed<'t>(&self, text: &'t str) -> &'t str {
        trimmed(text, &self.fields.options, self.item)
    }

    /// Whether a field full of this byte may stand for no number.
    pub fn is_special(&self, byte: u8) -> bool {
        self.fields.special(&[byte]).is_some()
    }

    /// The byte of the digit zero, if the scalar code takes it for one.
    pub fn zero(&self) -> Option<u8> {
        let zero = if self.fields.options.code_page.blank() == 0x40 { 0xF0 } else { b'0' };
        let one = Field::Zoned { digits: 1, scale: 0, sign: None };
        let is_digit = |digit: u8| {
            let mut text = String::new();
            matches!(self.read_as(one, &[zero | digit], &mut text),
                Ok(Value::Number(number)) if number.digits == i128::from(digit))
        };
        (0..=9).all(is_digit).then_some(zero)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_binary_numbers() {
        for (bytes, largest) in [(1, "255"), (2, "65535"), (4, "4294967295"), (8, "18446744073709551615")] {
            assert_eq!(digits_in(bytes) as usize, largest.len(), "{bytes}");
        }
        assert_eq!(digits_in(16), 38);
        for bytes in 1..=15 {
            let largest = (1_u128 << (8 * bytes)) - 1;
            assert!(digits_in(bytes) as usize >= largest.to_string().len().min(38), "{bytes}");
        }
    }
}
