//! Records whose own bytes tell how long they are: by a field, or by the layout.

use super::framer::{Cut, Framer, Position};
use super::view::{Stop, View, length};
use super::{FramingError, LengthAnswer, LengthField, LengthNumber, Problem};

impl Framer {
    pub(super) fn cut_by_field<'w>(&self, view: &View<'w>, field: LengthField) -> Result<Option<Cut<'w>>, Stop> {
        let start = self.at;
        if view.ends_at(start.offset)? {
            return Ok(None);
        }
        let Some(head) = view.take(start.offset, field.end())? else {
            return Err(cut_short(view, start, "of its length field", field.end()).into());
        };
        let bytes = usize::try_from(field.offset).ok().and_then(|offset| head.get(offset..)).unwrap_or_default();
        let place = start.offset.saturating_add(u64::from(field.offset));
        let Some(says) = field.number.value(bytes) else {
            return Err(FramingError::new(Problem::NoNumber, place, start.ordinal, bytes)
                .found(format!("the length field at offset 0x{place:X} holds no number"))
                .expected(field.number.written())
                .help("is the field's place right, and did the record before it end where it should?")
                .into());
        };
        let total = says + i128::from(field.adjust);
        let allowed = i128::from(field.end())..=i128::from(self.framing.longest);
        let Some(total) = u32::try_from(total).ok().filter(|total| allowed.contains(&i128::from(*total))) else {
            let adjusted = if field.adjust == 0 { String::new() } else { format!(", with \"adjust\" {total}") };
            let problem = if total < *allowed.start() { Problem::TooShort } else { Problem::TooLong };
            return Err(FramingError::new(problem, place, start.ordinal, bytes)
                .found(format!("the length field at offset 0x{place:X} says {says}{adjusted}"))
                .expected(format!("{} to {} bytes for the whole record", allowed.start(), allowed.end()))
                .help(
                    "is the field's place right? \"adjust\" is what the field doesn't count, its own bytes for example",
                )
                .into());
        };
        cut_told(view, start, total)
    }

    pub(super) fn cut_by_layout<'w>(&mut self, view: &View<'w>) -> Result<Option<Cut<'w>>, Stop> {
        let start = self.at;
        if view.ends_at(start.offset)? {
            return Ok(None);
        }
        let longest = self.framing.longest;
        let there = view.from(start.offset);
        let known = usize::try_from(longest).ok().and_then(|longest| there.get(..longest)).unwrap_or(there);
        let wrong = |found: String| {
            FramingError::new(Problem::Layout, start.offset, start.ordinal, known)
                .found(found)
                .expected("a record of the layout")
                .help("is it the right copybook, and did the record before it end where it should?")
        };
        let answer = match self.layout.as_mut() {
            Some(length_of) => length_of(known),
            None => LengthAnswer::Wrong("there is no layout".into()),
        };
        match answer {
            LengthAnswer::Wrong(reason) => Err(wrong(reason).into()),
            LengthAnswer::Needs(bytes) if bytes <= known.len() => Err(wrong(format!(
                "the layout asks for {bytes} bytes of the record to tell its length, but {} were given",
                known.len()
            ))
            .into()),
            LengthAnswer::Needs(bytes) => {
                let Some(needed) = self.allowed(bytes) else { return Err(self.told_wrong(bytes, known).into()) };
                match view.take(start.offset, needed)? {
                    Some(_) => Err(wrong(format!("the layout asks for {bytes} bytes that were given")).into()),
                    None => Err(cut_short(view, start, "needed to tell its length", needed).into()),
                }
            }
            LengthAnswer::Is(bytes) => match self.allowed(bytes) {
                Some(told) => cut_told(view, start, told),
                None => Err(self.told_wrong(bytes, known).into()),
            },
        }
    }

    /// A length between 1 and the longest.
    fn allowed(&self, bytes: usize) -> Option<u32> {
        u32::try_from(bytes).ok().filter(|bytes| (1..=self.framing.longest).contains(bytes))
    }

    fn told_wrong(&self, bytes: usize, known: &[u8]) -> FramingError {
        let start = self.at;
        let longest = self.framing.longest;
        let problem = if bytes == 0 { Problem::TooShort } else { Problem::TooLong };
        FramingError::new(problem, start.offset, start.ordinal, known)
            .found(format!("by the layout, the record at offset 0x{:X} has {bytes} bytes", start.offset))
            .expected(format!("1 to {longest} bytes"))
            .help(
                "is a counter of OCCURS DEPENDING ON out of its bounds? did the record before it end where it should?",
            )
    }
}

fn cut_told<'w>(view: &View<'w>, start: Position, told: u32) -> Result<Option<Cut<'w>>, Stop> {
    let Some(bytes) = view.take(start.offset, told)? else {
        return Err(cut_short(view, start, "it has", told).into());
    };
    let end = start.offset.saturating_add(length(bytes));
    Ok(Some(Cut::in_window(bytes, start.offset, start, end)))
}

fn cut_short(view: &View<'_>, start: Position, which: &str, wanted: u32) -> FramingError {
    let left = view.from(start.offset);
    FramingError::new(Problem::Truncated, start.offset, start.ordinal, left)
        .found(format!("the file ends {} bytes into the record at offset 0x{:X}", left.len(), start.offset))
        .expected(format!("the {wanted} bytes {which}"))
        .help("the transfer is probably incomplete, or the bytes are a trailer (leave it out with \"skip_end\")")
}

impl LengthNumber {
    /// How it is written, in words.
    const fn written(self) -> &'static str {
        match self {
            Self::BinaryBig | Self::BinaryLittle => "a binary number",
            Self::Zoned => "EBCDIC digits, 0xF0 to 0xF9",
            Self::Packed => "packed digits and a sign in the last half byte",
            Self::AsciiText => "ASCII digits",
        }
    }

    /// The number, if the bytes are one.
    fn value(self, bytes: &[u8]) -> Option<i128> {
        match self {
            Self::BinaryBig => Some(bytes.iter().fold(0, |value, byte| value << 8 | i128::from(*byte))),
            Self::BinaryLittle => Some(bytes.iter().rev().fold(0, |value, byte| value << 8 | i128::from(*byte))),
            Self::Zoned => zoned(bytes),
            Self::Packed => packed(bytes),
            Self::AsciiText => ascii(bytes),
        }
    }
}

fn with_digit(value: i128, digit: u8) -> Option<i128> {
    (digit <= 9).then(|| value * 10 + i128::from(digit))
}

fn signed(value: i128, sign: u8) -> Option<i128> {
    match sign {
        0xA | 0xC | 0xE | 0xF => Some(value),
        0xB | 0xD => Some(-value),
        _ => None,
    }
}

fn zoned(bytes: &[u8]) -> Option<i128> {
    let (last, others) = bytes.split_last()?;
    let mut value = 0;
    for byte in others {
        value = if byte >> 4 == 0xF { with_digit(value, byte & 0x0F)? } else { return None };
    }
    signed(with_digit(value, last & 0x0F)?, last >> 4)
}

fn packed(bytes: &[u8]) -> Option<i128> {
    let (last, others) = bytes.split_last()?;
    let mut value = 0;
    for byte in others {
        value = with_digit(with_digit(value, byte >> 4)?, byte & 0x0F)?;
    }
    signed(with_digit(value, last >> 4)?, last & 0x0F)
}

fn ascii(bytes: &[u8]) -> Option<i128> {
    let digits = bytes.trim_ascii();
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0, |value, byte| with_digit(value, byte.checked_sub(b'0')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_they_are_written() {
        assert_eq!(LengthNumber::BinaryBig.value(&[0x01, 0x02]), Some(258));
        assert_eq!(LengthNumber::BinaryLittle.value(&[0x01, 0x02]), Some(513));
        assert_eq!(LengthNumber::BinaryBig.value(&[0xFF; 8]), Some(i128::from(u64::MAX)));
        assert_eq!(LengthNumber::Zoned.value(&[0xF0, 0xF1, 0xC2]), Some(12));
        assert_eq!(LengthNumber::Zoned.value(&[0xF0, 0xF1, 0xD2]), Some(-12));
        assert_eq!(LengthNumber::Zoned.value(&[0x40, 0xF1]), None);
        assert_eq!(LengthNumber::Packed.value(&[0x01, 0x2C]), Some(12));
        assert_eq!(LengthNumber::Packed.value(&[0x01, 0x2F]), Some(12));
        assert_eq!(LengthNumber::Packed.value(&[0x01, 0x23]), None);
        assert_eq!(LengthNumber::AsciiText.value(b"  42"), Some(42));
        assert_eq!(LengthNumber::AsciiText.value(b"    "), None);
        assert_eq!(LengthNumber::AsciiText.value(b"4x"), None);
    }
}
