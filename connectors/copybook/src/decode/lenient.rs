//! Numbers in characters as programs write them that aren't COBOL, and as people do: blanks among the digits, a sign of
//! its own where the picture has none, a comma for a point.

use super::zoned::Digits;
use super::{Number, Reason};

/// What a number may be like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected {
    /// Digits behind the point that isn't written; `None` where the point is written.
    pub scale: Option<i32>,
    /// Whether it may be negative.
    pub signed: bool,
    /// Whether any digits may hold a sign, the last of which counts, and also where the number has none.
    pub overpunched: bool,
}

/// Reads a number, exactly.
///
/// In EBCDIC, blanks and zero bytes may stand anywhere; in ASCII blanks may stand at both ends. A point and a comma are
/// both the decimal point. A number of nothing but blanks and zero bytes is [`Reason::Blank`].
pub(super) fn lenient(bytes: &[u8], digits: Digits, expected: Expected) -> Result<Number, Reason> {
    if bytes.iter().all(|byte| *byte == 0 || *byte == digits.blank()) {
        return Err(Reason::Blank);
    }
    let mut number = Written::default();
    for (index, byte) in bytes.iter().enumerate() {
        let at_end = index == 0 || index + 1 == bytes.len();
        number.take(*byte, digits, expected, at_end).ok_or(Reason::ZonedDigit { byte: *byte, at: index + 1 })?;
    }
    number.value(expected).ok_or_else(|| Reason::NotANumber { text: number.text() })?
}

/// What was read of a number so far.
struct Written {
    /// `None` where there are too many.
    digits: Option<i128>,
    any: bool,
    /// Digits behind the point, where there was one.
    behind_point: Option<i32>,
    points: u32,
    negative: bool,
    signs: u32,
    blanks: Blanks,
}

/// Where blanks were, from the first digit on.
#[derive(PartialEq)]
enum Blanks {
    None,
    Behind,
    Inside,
}

impl Default for Written {
    fn default() -> Self {
        Self {
            digits: Some(0),
            any: false,
            behind_point: None,
            points: 0,
            negative: false,
            signs: 0,
            blanks: Blanks::None,
        }
    }
}

impl Written {
    /// Takes a byte; `None` if a number has no such.
    fn take(&mut self, byte: u8, digits: Digits, expected: Expected, at_end: bool) -> Option<()> {
        if let Some(digit) = digits.digit(byte) {
            self.digit(digit);
        } else if let Some(negative) = digits.separate_sign(byte) {
            // EBCDIC has one sign at most; in ASCII the last one counts.
            if self.signs > 0 && !expected.overpunched && digits == Digits::Ebcdic {
                return None;
            }
            self.sign(negative);
        } else if digits.is_point(byte) {
            self.points += 1;
            self.behind_point.get_or_insert(0);
        } else if byte == digits.blank() || (byte == 0 && digits == Digits::Ebcdic) {
            if self.any && digits == Digits::Ascii && self.blanks == Blanks::None {
                self.blanks = Blanks::Behind;
            }
        } else {
            let (digit, negative) = digits.overpunched(byte)?;
            let first_sign = self.signs == 0 && expected.signed && (at_end || digits == Digits::Ebcdic);
            if !(expected.overpunched || first_sign) {
                return None;
            }
            self.digit(digit);
            self.sign(negative);
        }
        Some(())
    }

    fn digit(&mut self, digit: u8) {
        let shifted = self.digits.and_then(|digits| digits.checked_mul(10));
        self.digits = shifted.and_then(|digits| digits.checked_add(i128::from(digit)));
        self.any = true;
        if self.blanks == Blanks::Behind {
            self.blanks = Blanks::Inside;
        }
        if let Some(behind) = &mut self.behind_point {
            *behind += 1;
        }
    }

    fn sign(&mut self, negative: bool) {
        self.signs += 1;
        self.negative = negative;
    }

    fn value(&self, expected: Expected) -> Option<Result<Number, Reason>> {
        if !self.any || self.points > 1 || self.blanks == Blanks::Inside {
            return None;
        }
        let Some(digits) = self.digits else {
            return Some(Err(Reason::BeyondPicture { digits: crate::syntax::Picture::MOST_DIGITS }));
        };
        let scale = match (expected.scale, self.behind_point) {
            // A point in a number whose point is not written.
            (Some(_), Some(_)) => return None,
            (Some(scale), None) => scale,
            (None, behind) => behind.unwrap_or(0),
        };
        if self.negative && !expected.signed {
            return Some(Err(Reason::Negative));
        }
        let digits = if self.negative { -digits } else { digits };
        Some(Ok(Number { digits, scale }))
    }

    /// The number, for a message.
    fn text(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        match (self.digits.filter(|_| self.any), self.behind_point) {
            (None, _) => "a sign or a point without digits".into(),
            (Some(digits), Some(behind)) => format!("{sign}{digits} with {behind} digits behind a point"),
            (Some(digits), None) => format!("{sign}{digits} with blanks in it"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str, scale: Option<i32>, signed: bool, overpunched: bool) -> Result<String, &'static str> {
        let ebcdic = |c: char| match c {
            '0'..='9' => 0xF0 | u8::try_from(c).unwrap() & 0xF,
            'A'..='I' => 0xC1 + (u8::try_from(c).unwrap() - b'A'),
            'J'..='R' => 0xD1 + (u8::try_from(c).unwrap() - b'J'),
            '+' => 0x4E,
            '-' => 0x60,
            '.' => 0x4B,
            ',' => 0x6B,
            '~' => 0x00,
            ' ' => 0x40,
            _ => 0xE2,
        };
        let bytes: Vec<u8> = text.chars().map(ebcdic).collect();
        let expected = Expected { scale, signed, overpunched };
        lenient(&bytes, Digits::Ebcdic, expected).map(|number| number.to_string()).map_err(|reason| reason.code())
    }

    #[test]
    fn numbers_that_are_not_quite() {
        for (text, scale, expected) in [
            ("1 2 3", Some(0), Ok("123")),
            ("~~12~", Some(2), Ok("0.12")),
            ("12.5", None, Ok("12.5")),
            ("12,5", None, Ok("12.5")),
            ("125", None, Ok("125")),
            ("12.5", Some(1), Err("bad_number")),
            ("1.2.3", None, Err("bad_number")),
            ("    ", Some(0), Err("blank_number")),
            ("~ ~ ", Some(0), Err("blank_number")),
            ("+", Some(0), Err("bad_number")),
            ("12S", Some(0), Err("bad_zoned")),
        ] {
            assert_eq!(read(text, scale, true, false).as_deref(), expected.as_deref(), "{text}");
        }
    }

    #[test]
    fn signs() {
        for (text, signed, overpunched, expected) in [
            ("-12", true, false, Ok("-12")),
            ("12-", true, false, Ok("-12")),
            ("12J", true, false, Ok("-121")),
            ("1J2", true, false, Ok("-112")),
            ("-12", false, false, Err("negative")),
            ("+12", false, false, Ok("12")),
            ("12A", false, false, Err("bad_zoned")),
            ("12A", false, true, Ok("121")),
            ("12J", false, true, Err("negative")),
            ("AJ", true, false, Err("bad_zoned")),
            ("AJ", true, true, Ok("-11")),
            ("+-1", true, false, Err("bad_zoned")),
        ] {
            assert_eq!(read(text, Some(0), signed, overpunched).as_deref(), expected.as_deref(), "{text}");
        }
    }

    #[test]
    fn ascii_has_blanks_at_the_ends_only() {
        let read = |text: &str| {
            let expected = Expected { scale: Some(0), signed: true, overpunched: false };
            lenient(text.as_bytes(), Digits::Ascii, expected).map(|number| number.to_string()).ok()
        };
        assert_eq!(read(" 12 ").as_deref(), Some("12"));
        assert_eq!(read("1 2"), None);
        assert_eq!(read("12}").as_deref(), Some("-120"));
        assert_eq!(read("1}2"), None);
        assert_eq!(read("12\0"), None);
    }

    proptest! {
        #[test]
        fn what_is_plainly_a_number_is_that_number(value in 0_u64.., negative: bool) {
            let expected = Expected { scale: Some(2), signed: true, overpunched: false };
            let text = format!("{}{value}", if negative { "-" } else { "" });
            let number = lenient(text.as_bytes(), Digits::Ascii, expected).unwrap();
            let value = i128::from(value);
            prop_assert_eq!(number, Number { digits: if negative { -value } else { value }, scale: 2 });
        }

        #[test]
        fn any_bytes_are_a_number_or_a_reason(bytes in proptest::collection::vec(any::<u8>(), 0..=60), signed: bool, overpunched: bool, point: bool) {
            let expected = Expected { scale: (!point).then_some(3), signed, overpunched };
            for digits in [Digits::Ebcdic, Digits::Ascii] {
                if let Err(reason) = lenient(&bytes, digits, expected) {
                    prop_assert!(!reason.to_string().is_empty());
                }
            }
        }
    }
}
