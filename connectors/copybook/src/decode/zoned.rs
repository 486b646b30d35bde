//! Numbers in characters: one digit a byte, and numbers written for people.
//!
//! A digit is `F0` to `F9` in EBCDIC and `30` to `39` in ASCII. The digit that holds the sign has another first half:
//! `C` plus and `D` minus in EBCDIC. A transfer that translates characters turns those into `{`, `A` to `I` and `}`, `J`
//! to `R`; compilers of other machines write `p` to `y` for minus.

use super::{Reason, Signs};
use crate::syntax::{Sign, SignPosition};

/// How digits are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Digits {
    /// As EBCDIC has them.
    Ebcdic,
    /// As ASCII has them.
    Ascii,
}

impl Digits {
    /// The digit that a byte is.
    pub(super) fn digit(self, byte: u8) -> Option<u8> {
        let zone = match self {
            Self::Ebcdic => 0xF0,
            Self::Ascii => 0x30,
        };
        (byte & 0xF0 == zone && byte & 0xF <= 9).then_some(byte & 0xF)
    }

    /// A digit that holds a sign, and whether it is minus.
    fn signed_digit(self, byte: u8, signs: Signs) -> Option<(u8, bool)> {
        if let Some(digit) = self.digit(byte) {
            return Some((digit, false));
        }
        match self {
            Self::Ebcdic => {
                let negative = match (byte >> 4, signs) {
                    (0xC, _) | (0xA | 0xE, Signs::Any) => false,
                    (0xD, _) | (0xB, Signs::Any) => true,
                    _ => return None,
                };
                (byte & 0xF <= 9).then_some((byte & 0xF, negative))
            }
            Self::Ascii => Some(match byte {
                b'{' => (0, false),
                b'A'..=b'I' => (byte - b'A' + 1, false),
                b'}' => (0, true),
                b'J'..=b'R' => (byte - b'J' + 1, true),
                b'p'..=b'y' => (byte - b'p', true),
                _ => return None,
            }),
        }
    }

    /// A digit that holds a sign which IBM's compilers write, and whether it is minus.
    pub(super) fn overpunched(self, byte: u8) -> Option<(u8, bool)> {
        if self == Self::Ascii && byte >= b'a' {
            return match byte {
                b'{' => Some((0, false)),
                b'}' => Some((0, true)),
                _ => None,
            };
        }
        self.signed_digit(byte, Signs::Preferred)
    }

    /// A blank.
    pub(super) const fn blank(self) -> u8 {
        match self {
            Self::Ebcdic => 0x40,
            Self::Ascii => b' ',
        }
    }

    /// Whether a byte is a point or a comma.
    pub(super) fn is_point(self, byte: u8) -> bool {
        match self {
            Self::Ebcdic => matches!(byte, 0x4B | 0x6B),
            Self::Ascii => matches!(byte, b'.' | b','),
        }
    }

    /// Whether a byte is a sign of its own, and minus.
    pub(super) fn separate_sign(self, byte: u8) -> Option<bool> {
        let (plus, minus) = match self {
            Self::Ebcdic => (0x4E, 0x60),
            Self::Ascii => (b'+', b'-'),
        };
        if byte == plus {
            Some(false)
        } else if byte == minus {
            Some(true)
        } else {
            None
        }
    }
}

/// A number of at most 38 digits, one a byte.
pub(super) fn zoned(bytes: &[u8], sign: Option<Sign>, digits: Digits, signs: Signs) -> Result<i128, Reason> {
    let (mut negative, mut start, mut end) = (false, 0, bytes.len());
    let mut held = None;
    if let Some(sign) = sign
        && !bytes.is_empty()
    {
        let at = match sign.position {
            SignPosition::Leading => 0,
            SignPosition::Trailing => bytes.len() - 1,
        };
        if sign.separate {
            let wrong = Reason::SeparateSign { byte: bytes[at], at: at + 1 };
            negative = digits.separate_sign(bytes[at]).ok_or(wrong)?;
            if at == 0 { start = 1 } else { end = at }
        } else {
            let wrong = Reason::ZonedSign { byte: bytes[at], at: at + 1 };
            let (digit, minus) = digits.signed_digit(bytes[at], signs).ok_or(wrong)?;
            negative = minus;
            held = Some((at, digit));
        }
    }
    let mut value: i128 = 0;
    for (at, byte) in bytes.iter().enumerate().take(end).skip(start) {
        let digit = match held {
            Some((place, digit)) if place == at => digit,
            _ => digits.digit(*byte).ok_or(Reason::ZonedDigit { byte: *byte, at: at + 1 })?,
        };
        value =
            value.checked_mul(10).map(|value| value + i128::from(digit)).ok_or(Reason::BeyondPicture { digits: 38 })?;
    }
    Ok(if negative { -value } else { value })
}

/// The bytes of a number for people whose sign is part of a digit, or a byte of its own: without the sign, and whether it
/// is minus.
pub(super) fn unsigned(bytes: &[u8], sign: Sign, digits: Digits, signs: Signs) -> Result<(Vec<u8>, bool), Reason> {
    let mut plain = bytes.to_vec();
    let at = match sign.position {
        SignPosition::Leading => 0,
        SignPosition::Trailing => plain.len().saturating_sub(1),
    };
    let Some(byte) = plain.get_mut(at) else { return Ok((plain, false)) };
    let zone = match digits {
        Digits::Ebcdic => 0xF0,
        Digits::Ascii => 0x30,
    };
    let negative = if sign.separate {
        let negative = digits.separate_sign(*byte).ok_or(Reason::SeparateSign { byte: *byte, at: at + 1 })?;
        *byte = digits.blank();
        negative
    } else {
        let (digit, negative) =
            digits.signed_digit(*byte, signs).ok_or(Reason::ZonedSign { byte: *byte, at: at + 1 })?;
        *byte = zone | digit;
        negative
    };
    Ok((plain, negative))
}

/// A number written for people: `1,234.50-`, `$ 12.00CR`, `***7.10`. Everything but digits, a sign before or behind them
/// and the point is decoration. `after_point` is how many digits follow the point, where one is written.
pub(super) fn edited(text: &str, after_point: Option<i32>) -> Result<i128, Reason> {
    let wrong = || Reason::NotANumber { text: text.chars().take(60).collect() };
    let trimmed = text.trim_end_matches(' ');
    let without_letters = trimmed.strip_suffix("CR").or_else(|| trimmed.strip_suffix("DB"));
    let (mut negative, mut signs) = (without_letters.is_some(), usize::from(without_letters.is_some()));
    let (mut value, mut after, mut any, mut behind_sign) = (0_i128, None::<i32>, false, false);
    for c in without_letters.unwrap_or(trimmed).chars() {
        match c {
            // A sign that came behind a digit ends the number.
            '0'..='9' | '.' if behind_sign => return Err(wrong()),
            '0'..='9' => {
                let digit = i128::from(c.to_digit(10).unwrap_or_default());
                value = value.checked_mul(10).map(|value| value + digit).ok_or_else(wrong)?;
                any = true;
                after = after.map(|after| after + 1);
            }
            '.' if after_point.is_some() && after.is_none() => after = Some(0),
            '-' | '+' => {
                negative |= c == '-';
                signs += 1;
                behind_sign = any || after.is_some();
            }
            ' ' | ',' | '*' | '/' | '$' | '£' | '€' | '¥' | '¤' => {}
            _ => return Err(wrong()),
        }
    }
    if !any || signs > 1 || after != after_point {
        return Err(wrong());
    }
    Ok(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LEADING: Option<Sign> = Some(Sign { position: SignPosition::Leading, separate: false });
    const TRAILING: Option<Sign> = Some(Sign { position: SignPosition::Trailing, separate: false });
    const SEPARATE: Option<Sign> = Some(Sign { position: SignPosition::Trailing, separate: true });

    #[test]
    fn digits_and_signs() {
        let ebcdic = |bytes: &[u8], sign| zoned(bytes, sign, Digits::Ebcdic, Signs::Any);
        assert_eq!(ebcdic(&[0xF1, 0xF2, 0xF3], None), Ok(123));
        assert_eq!(ebcdic(&[0xF1, 0xF2, 0xC3], TRAILING), Ok(123));
        assert_eq!(ebcdic(&[0xF1, 0xF2, 0xD3], TRAILING), Ok(-123));
        assert_eq!(ebcdic(&[0xD1, 0xF2, 0xF3], LEADING), Ok(-123));
        assert_eq!(ebcdic(&[0xF1, 0xF2, 0x60], SEPARATE), Ok(-12));
        assert_eq!(ebcdic(&[0xF1, 0xF2, 0xD3], None), Err(Reason::ZonedDigit { byte: 0xD3, at: 3 }));
        assert_eq!(ebcdic(&[0xF1, 0x40, 0xF3], None), Err(Reason::ZonedDigit { byte: 0x40, at: 2 }));
        assert_eq!(ebcdic(&[0xF1, 0xF2, 0x40], SEPARATE), Err(Reason::SeparateSign { byte: 0x40, at: 3 }));
        let ascii = |bytes: &[u8], sign| zoned(bytes, sign, Digits::Ascii, Signs::Any);
        assert_eq!(ascii(b"123", None), Ok(123));
        assert_eq!(ascii(b"12C", TRAILING), Ok(123));
        assert_eq!(ascii(b"12L", TRAILING), Ok(-123));
        assert_eq!(ascii(b"12}", TRAILING), Ok(-120));
        assert_eq!(ascii(b"12s", TRAILING), Ok(-123));
        assert_eq!(ascii(b"12-", SEPARATE), Ok(-12));
    }

    #[test]
    fn numbers_for_people() {
        for (text, after_point, expected) in [
            ("  1,234.50-", Some(2), Ok(-123_450)),
            ("$   12.00CR", Some(2), Ok(-1_200)),
            ("***7.10", Some(2), Ok(710)),
            ("+5", None, Ok(5)),
            ("-$1.00", Some(2), Ok(-100)),
            ("-.50", Some(2), Ok(-50)),
        ] {
            assert_eq!(edited(text, after_point), expected, "{text}");
        }
        for (text, after_point) in [
            ("12.5", Some(2)),
            ("1.2.3", Some(1)),
            ("12", Some(2)),
            ("12x", None),
            ("$", None),
            ("C1.50", Some(2)),
            ("1-2", None),
            ("-5-", None),
            ("    ", None),
        ] {
            assert!(edited(text, after_point).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_number_or_a_reason(bytes in proptest::collection::vec(any::<u8>(), 0..=45), text in ".{0,60}") {
            for sign in [None, LEADING, TRAILING, SEPARATE] {
                let _ = zoned(&bytes, sign, Digits::Ebcdic, Signs::Any);
                let _ = zoned(&bytes, sign, Digits::Ascii, Signs::Any);
            }
            let _ = edited(&text, Some(2));
        }
    }
}
