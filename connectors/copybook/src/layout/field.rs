//! What a field holds, and how many bytes that takes.

use crate::syntax::{Category, Picture, Sign, SignPosition, Usage};

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Characters of the code page; in a mixed page double-byte characters among them, between shifts.
    Text,
    /// UTF-16, big endian.
    National,
    /// Double-byte characters of the code page, without shifts.
    Dbcs,
    /// Digits, one a byte.
    Zoned {
        /// Digits.
        digits: u32,
        /// Digits after the point.
        scale: i32,
        /// Where its sign is, if it has one.
        sign: Option<Sign>,
    },
    /// A number written for people, its picture says how.
    Edited {
        /// Digits after the point.
        scale: i32,
        /// Whether the point is written.
        point: bool,
        /// Where its sign is, if it is part of a digit or a byte of its own: `S9(3).99`.
        sign: Option<Sign>,
    },
    /// Digits, two a byte.
    Packed {
        /// Digits.
        digits: u32,
        /// Digits after the point.
        scale: i32,
        /// Whether it has a sign; its last half byte is one in any case.
        signed: bool,
    },
    /// Digits, two a byte, no sign.
    PackedUnsigned {
        /// Digits.
        digits: u32,
        /// Digits after the point.
        scale: i32,
    },
    /// A big-endian whole number.
    Binary {
        /// Digits its picture has.
        digits: u32,
        /// Digits after the point.
        scale: i32,
        /// Whether it is two's complement.
        signed: bool,
        /// Whether it may be larger than its picture: `COMP-5`.
        native: bool,
    },
    /// A whole number with its lowest byte first. It may be larger than its picture.
    LittleEndianBinary {
        /// Digits its picture has.
        digits: u32,
        /// Digits after the point.
        scale: i32,
        /// Whether it is two's complement.
        signed: bool,
    },
    /// Four bytes of floating point.
    Float,
    /// Eight bytes of floating point.
    Double,
    /// Bytes that mean nothing outside the program: pointers and indexes, and `X` as `COMP`.
    Bytes,
}

impl Field {
    /// What a field of that picture and usage holds, and its length in bytes; or why there is no such field.
    pub fn of(picture: Option<&Picture>, usage: Usage, sign: Option<Sign>) -> Result<(Self, u32), String> {
        let numeric = |usage: &str| {
            picture
                .filter(|picture| picture.category == Category::Numeric)
                .ok_or_else(|| format!("{usage} needs a picture of digits, such as S9(7)V99"))
        };
        Ok(match usage {
            Usage::Display => match picture {
                None => return Err("it has neither a picture nor anything in it".into()),
                Some(picture) => of_display(picture, sign),
            },
            Usage::Binary | Usage::NativeBinary => {
                if let Some(picture) = picture.filter(|picture| picture.category == Category::Alphanumeric) {
                    return Ok((Self::Bytes, picture.size));
                }
                let Picture { digits, scale, signed, .. } = *numeric("a binary number")?;
                let native = usage == Usage::NativeBinary;
                (Self::Binary { digits, scale, signed, native }, binary_length(digits))
            }
            Usage::Packed => {
                let Picture { digits, scale, signed, .. } = *numeric("a packed number")?;
                (Self::Packed { digits, scale, signed }, digits / 2 + 1)
            }
            Usage::LittleEndianBinary => {
                let Picture { digits, scale, signed, .. } = *numeric("a binary number")?;
                // One byte holds two digits here, where IBM's compilers have two bytes at least.
                let length = if digits <= 2 { 1 } else { binary_length(digits) };
                (Self::LittleEndianBinary { digits, scale, signed }, length)
            }
            Usage::PackedUnsigned => {
                if let Some(picture) = picture.filter(|picture| picture.category == Category::Alphanumeric) {
                    let digits = picture.size.saturating_mul(2);
                    if digits > Picture::MOST_DIGITS {
                        return Err(format!("{digits} digits, but a number has at most {}", Picture::MOST_DIGITS));
                    }
                    return Ok((Self::PackedUnsigned { digits, scale: 0 }, picture.size));
                }
                let Picture { digits, scale, signed, .. } = *numeric("COMP-6")?;
                if signed {
                    return Err("COMP-6 has no sign: write the picture without S".into());
                }
                (Self::PackedUnsigned { digits, scale }, digits.div_ceil(2))
            }
            Usage::Float
            | Usage::Double
            | Usage::Index
            | Usage::Pointer
            | Usage::ProcedurePointer
            | Usage::FunctionPointer
                if picture.is_some() =>
            {
                return Err("its usage says all, so it has no picture".into());
            }
            Usage::Float => (Self::Float, 4),
            Usage::Double => (Self::Double, 8),
            Usage::Index | Usage::Pointer | Usage::FunctionPointer => (Self::Bytes, 4),
            Usage::ProcedurePointer => (Self::Bytes, 8),
            Usage::National => {
                let picture = picture.ok_or("NATIONAL needs a picture")?;
                match picture.category {
                    Category::National | Category::Alphanumeric => (Self::National, picture.size.saturating_mul(2)),
                    _ => return Err("of national data only characters, picture N, are read".into()),
                }
            }
            Usage::Dbcs => {
                let picture = picture.ok_or("DISPLAY-1 needs a picture")?;
                (Self::Dbcs, picture.size.saturating_mul(2))
            }
        })
    }

    /// Digits after the point, where it is a number with a fixed point.
    pub fn scale(self) -> Option<i32> {
        match self {
            Self::Zoned { scale, .. }
            | Self::Edited { scale, .. }
            | Self::Packed { scale, .. }
            | Self::PackedUnsigned { scale, .. }
            | Self::Binary { scale, .. }
            | Self::LittleEndianBinary { scale, .. } => Some(scale),
            _ => None,
        }
    }

    /// The boundary that `SYNCHRONIZED` puts it on, in bytes. (*Language Reference*, SYNCHRONIZED clause.)
    pub fn boundary(self, usage: Usage, length: u32) -> u32 {
        match (self, usage) {
            (Self::Binary { .. } | Self::LittleEndianBinary { .. }, _) if length <= 2 => length,
            (Self::Double, _) | (Self::Bytes, Usage::ProcedurePointer) => 8,
            (Self::Binary { .. } | Self::LittleEndianBinary { .. } | Self::Float, _)
            | (Self::Bytes, Usage::Index | Usage::Pointer | Usage::FunctionPointer) => 4,
            _ => 1,
        }
    }

    /// Its type in a few words, for listings.
    pub fn describe(self) -> String {
        let number = |kind: &str, digits: u32, scale: i32, signed: bool| {
            let sign = if signed { "signed" } else { "unsigned" };
            format!("{kind} decimal({digits},{scale}) {sign}")
        };
        match self {
            Self::Text => "text".into(),
            Self::National => "text, UTF-16".into(),
            Self::Dbcs => "text, double-byte".into(),
            Self::Zoned { digits, scale, sign } => {
                let kind = match sign {
                    Some(Sign { separate: true, position: SignPosition::Leading }) => "zoned, sign in front,",
                    Some(Sign { separate: true, position: SignPosition::Trailing }) => "zoned, sign behind,",
                    Some(Sign { separate: false, position: SignPosition::Leading }) => "zoned, sign in first digit,",
                    _ => "zoned",
                };
                number(kind, digits, scale, sign.is_some())
            }
            Self::Edited { scale, .. } => format!("edited number, {scale} after the point"),
            Self::Packed { digits, scale, signed } => number("packed", digits, scale, signed),
            Self::PackedUnsigned { digits, scale } => number("packed without sign", digits, scale, false),
            Self::Binary { digits, scale, signed, native } => {
                number(if native { "native binary" } else { "binary" }, digits, scale, signed)
            }
            Self::LittleEndianBinary { digits, scale, signed } => number("little-endian binary", digits, scale, signed),
            Self::Float => "float, 4 bytes".into(),
            Self::Double => "float, 8 bytes".into(),
            Self::Bytes => "bytes".into(),
        }
    }
}

/// Where a sign is unless it is said.
const TRAILING: Sign = Sign { position: SignPosition::Trailing, separate: false };

/// Bytes that only a sign takes.
fn own_byte(sign: Option<Sign>) -> u32 {
    u32::from(sign.is_some_and(|sign| sign.separate))
}

/// Characters. `sign` is what applies to this picture.
fn of_display(picture: &Picture, sign: Option<Sign>) -> (Field, u32) {
    match picture.category {
        Category::Numeric => {
            let sign = sign.or(picture.signed.then_some(TRAILING));
            let Picture { digits, scale, .. } = *picture;
            (Field::Zoned { digits, scale, sign }, digits + own_byte(sign))
        }
        Category::NumericEdited => {
            // Other edited pictures show their sign by symbols of their own.
            let has_s = picture.text.contains(['S', 's']);
            let sign = if has_s { sign.or(Some(TRAILING)) } else { None };
            let point = picture.edited.contains(&b'.');
            (Field::Edited { scale: picture.scale, point, sign }, picture.size + own_byte(sign))
        }
        Category::National => (Field::National, picture.size.saturating_mul(2)),
        Category::Dbcs => (Field::Dbcs, picture.size.saturating_mul(2)),
        Category::Alphabetic | Category::Alphanumeric | Category::AlphanumericEdited => (Field::Text, picture.size),
    }
}

/// Bytes of a binary number: 2, 4 or 8 for up to 4, 9 or 18 digits (*Language Reference*, computational items). IBM's
/// compilers take no more than 18; others give larger ones as few bytes as hold the digits and a sign.
pub fn binary_length(digits: u32) -> u32 {
    match digits {
        0..=4 => 2,
        5..=9 => 4,
        10..=18 => 8,
        // log2(10) is 3.3219…, rounded up so that no digit is lost; one bit for the sign.
        _ => (digits.saturating_mul(3_322) / 1_000 + 2).div_ceil(8),
    }
}
