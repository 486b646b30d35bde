//! The value of one field's bytes.

use super::floating::floating;
use super::lenient::{Expected, lenient};
use super::packed::{PackedPicture, binary, packed, packed_unsigned};
use super::zoned::{Digits, edited, unsigned, zoned};
use super::{DisplayNumbers, Number, Options, Reason, Value};
use crate::code_page::{CodePage, Undecodable};
use crate::layout::{Field, Item};

/// Digits a number has at most.
const MOST_DIGITS: u32 = crate::syntax::Picture::MOST_DIGITS;

/// Reads values of fields.
#[derive(Debug)]
pub(crate) struct Fields {
    pub options: Options,
    digits: Digits,
}

impl Fields {
    pub fn new(options: Options) -> Self {
        let digits = if options.code_page.blank() == 0x40 { Digits::Ebcdic } else { Digits::Ascii };
        Self { options, digits }
    }

    /// The value of a field's bytes, blanks of text included, which is put into `text`.
    pub fn read<'t>(
        &self,
        item: &Item,
        field: Field,
        raw: &'t [u8],
        text: &'t mut String,
    ) -> Result<Value<'t>, Reason> {
        let number = |digits, scale| Value::Number(Number { digits, scale });
        let options = &self.options;
        let scale_of_digits = match field {
            Field::Zoned { scale, .. }
            | Field::Packed { scale, .. }
            | Field::PackedUnsigned { scale, .. }
            | Field::Edited { scale, .. } => Some(scale),
            _ => None,
        };
        if let DisplayNumbers::Lenient { overpunched } = options.display
            && let Field::Zoned { .. } | Field::Edited { .. } = field
        {
            return self.lenient(item, field, overpunched, raw, text);
        }
        if let Some(scale) = scale_of_digits
            && let Some((reason, absent)) = self.special(raw)
        {
            // Bytes that are a number are one, whatever else they may be: zeros in COMP-6.
            return match self.digits_of(field, raw) {
                Ok((digits, scale)) => Ok(number(digits, scale)),
                Err(_) if reason == Reason::Blank && blank_is_zero(item) => Ok(number(0, scale)),
                Err(_) if absent => Ok(Value::Absent),
                Err(_) => Err(reason),
            };
        }
        self.exact(item, field, raw, text)
    }

    /// The value of bytes that aren't all the same special one, as the picture says.
    fn exact<'t>(&self, item: &Item, field: Field, raw: &'t [u8], text: &'t mut String) -> Result<Value<'t>, Reason> {
        let number = |digits, scale| Value::Number(Number { digits, scale });
        let options = &self.options;
        Ok(match field {
            Field::Zoned { .. } | Field::Packed { .. } | Field::PackedUnsigned { .. } => {
                let (digits, scale) = self.digits_of(field, raw)?;
                number(digits, scale)
            }
            Field::Binary { digits, scale, signed, native } => {
                let value = binary(raw, signed).ok_or(Reason::BeyondPicture { digits })?;
                let most = if native || options.binary_beyond_picture { MOST_DIGITS } else { digits };
                if value.unsigned_abs() >= beyond(most) {
                    return Err(Reason::BeyondPicture { digits: most });
                }
                number(value, scale)
            }
            Field::LittleEndianBinary { digits, scale, signed } => {
                let turned: Vec<u8> = raw.iter().rev().copied().collect();
                number(binary(&turned, signed).ok_or(Reason::BeyondPicture { digits })?, scale)
            }
            Field::Float | Field::Double => match floating(raw, options.floating) {
                Some(value) => Value::Floating(value),
                None => return Err(Reason::NotANumber { text: "NaN or infinite".into() }),
            },
            Field::Text => {
                self.characters(raw, text)?;
                Value::Text(text)
            }
            Field::National => {
                utf16(raw, text)?;
                Value::Text(text)
            }
            Field::Edited { scale, point, sign } => {
                let negative = if let Some(sign) = sign {
                    let (plain, negative) = unsigned(raw, sign, self.digits, options.signs)?;
                    self.characters(&plain, text)?;
                    negative
                } else {
                    self.characters(raw, text)?;
                    false
                };
                let digits = match edited(text, point.then_some(scale)) {
                    Ok(digits) => digits,
                    Err(_) if zero_in_asterisks(item, text) => 0,
                    Err(reason) => return Err(reason),
                };
                number(if negative { -digits } else { digits }, scale)
            }
            Field::Dbcs => {
                self.double_bytes(raw, text)?;
                Value::Text(text)
            }
            Field::Bytes => Value::Bytes(raw),
        })
    }

    /// A number in characters that need not be as COBOL writes it.
    fn lenient<'t>(
        &self,
        item: &Item,
        field: Field,
        overpunched: bool,
        raw: &'t [u8],
        text: &'t mut String,
    ) -> Result<Value<'t>, Reason> {
        let (scale, signed) = match field {
            Field::Edited { scale, point, .. } => {
                let signed = item.picture.as_ref().is_some_and(|picture| picture.signed);
                ((!point).then_some(scale), signed)
            }
            Field::Zoned { scale, sign, .. } => (Some(scale), sign.is_some()),
            _ => (Some(0), false),
        };
        let wrong = match lenient(raw, self.digits, Expected { scale, signed, overpunched }) {
            Ok(number) => return Ok(Value::Number(number)),
            Err(wrong) => wrong,
        };
        if wrong == Reason::Blank && blank_is_zero(item) {
            return Ok(Value::Number(Number { digits: 0, scale: field.scale().unwrap_or(0) }));
        }
        if wrong == Reason::Blank && (self.options.absent.blanks || self.options.absent.low_values) {
            return Ok(Value::Absent);
        }
        // Signs and currency that only an edited picture has.
        if let Field::Edited { .. } = field
            && wrong != Reason::Blank
            && let Ok(value) = self.exact(item, field, raw, text)
        {
            return Ok(value);
        }
        Err(wrong)
    }

    fn digits_of(&self, field: Field, raw: &[u8]) -> Result<(i128, i32), Reason> {
        let signs = self.options.signs;
        Ok(match field {
            Field::Zoned { scale, sign, .. } => (zoned(raw, sign, self.digits, signs)?, scale),
            Field::Packed { digits, scale, signed } => {
                let picture = PackedPicture { digits, signed, beyond: self.options.packed_beyond_picture };
                (packed(raw, picture, signs)?, scale)
            }
            Field::PackedUnsigned { digits, scale } => {
                (packed_unsigned(raw, digits, self.options.packed_beyond_picture)?, scale)
            }
            // Characters for people are never all the same special byte.
            _ => return Err(Reason::Blank),
        })
    }

    /// Whether all bytes are the same special one: what to call it, and whether it stands for no number.
    pub(crate) fn special(&self, raw: &[u8]) -> Option<(Reason, bool)> {
        let first = *raw.first()?;
        let absent = self.options.absent;
        let found = match first {
            0x00 => (Reason::LowValues, absent.low_values),
            0xFF => (Reason::HighValues, absent.high_values),
            byte if byte == self.options.code_page.blank() => (Reason::Blank, absent.blanks),
            _ => return None,
        };
        raw.iter().all(|byte| *byte == first).then_some(found)
    }

    fn characters(&self, raw: &[u8], text: &mut String) -> Result<(), Reason> {
        text.clear();
        let page = self.options.code_page;
        page.decode_into(raw, text).map_err(|wrong| undecodable(wrong, raw, page))
    }

    fn double_bytes(&self, raw: &[u8], text: &mut String) -> Result<(), Reason> {
        text.clear();
        let page = self.options.code_page;
        page.decode_pairs_into(raw, text).map_err(|wrong| undecodable(wrong, raw, page))
    }
}

/// Why a field's bytes are no text.
fn undecodable(wrong: Undecodable, raw: &[u8], page: CodePage) -> Reason {
    let byte = |at: usize| raw.get(at).copied().unwrap_or_default();
    let code_page = page.name();
    match wrong {
        Undecodable::Byte { at } => Reason::NoCharacter { byte: byte(at), at: at + 1, code_page },
        Undecodable::Pair { at } => Reason::NoPair { pair: [byte(at), byte(at + 1)], at: at + 1, code_page },
        Undecodable::HalfPair { at } => Reason::HalfPair { byte: byte(at), at: at + 1 },
        Undecodable::NoShiftIn { at } => Reason::NoShiftIn { at: at + 1 },
        Undecodable::NoDoubleBytes => Reason::NoDoubleBytes { code_page },
    }
}

/// The smallest number of more than so many digits.
pub(crate) fn beyond(digits: u32) -> u128 {
    const POWERS: [u128; 39] = {
        let mut powers = [1; 39];
        let mut digits = 1;
        while digits < powers.len() {
            powers[digits] = powers[digits - 1] * 10;
            digits += 1;
        }
        powers
    };
    usize::try_from(digits).ok().and_then(|digits| POWERS.get(digits)).copied().unwrap_or(u128::MAX)
}

/// Whether blanks are how a zero is written in a field: the copybook says so, or no digit of its picture is written where
/// it is zero.
fn blank_is_zero(item: &Item) -> bool {
    item.blank_when_zero || never_writes_zero(item)
}

fn never_writes_zero(item: &Item) -> bool {
    item.picture.as_ref().is_some_and(|picture| !picture.edited.is_empty() && !picture.edited.contains(&b'9'))
}

/// Zero in a picture like `***.**`: asterisks everywhere but at the point.
fn zero_in_asterisks(item: &Item, text: &str) -> bool {
    never_writes_zero(item) && text.contains('*') && text.chars().all(|c| matches!(c, '*' | '.' | ' '))
}

fn utf16(raw: &[u8], text: &mut String) -> Result<(), Reason> {
    text.clear();
    let units = raw.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let mut at = 1;
    for unit in char::decode_utf16(units) {
        let c = unit.map_err(|_| Reason::NoUtf16 { at })?;
        at += 2 * c.len_utf16();
        text.push(c);
    }
    Ok(())
}
