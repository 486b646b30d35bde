//! From a record's bytes to values: exactly, or with a reason per field.

mod date;
mod floating;
mod json;
mod lenient;
mod number;
mod packed;
mod reason;
mod value;
mod walk;
mod zoned;

pub use date::{Date, DateError, DateValue};
pub use json::JsonLine;
pub use number::Number;
pub use reason::Reason;
#[cfg(feature = "arrow")]
pub(crate) use value::{Fields, beyond};
pub use walk::{Decoder, Fault, Length, Visitor};
#[cfg(feature = "arrow")]
pub(crate) use walk::{length_of, trimmed};

use crate::code_page::CodePage;

/// What the bytes of a file mean where the copybook doesn't say it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Which character a byte stands for, or a pair of bytes.
    pub code_page: CodePage,
    /// Blanks that are left out of text.
    pub trim: Trim,
    /// Which halves of a byte are signs.
    pub signs: Signs,
    /// How floating-point numbers are stored.
    pub floating: Floating,
    /// What stands for no number at all.
    pub absent: Absent,
    /// How numbers in characters are read. What is clean is the same number in any case.
    pub display: DisplayNumbers,
    /// How much room tables take that depend on a counter. Changes where everything behind one stands, in clean records
    /// too.
    pub tables: TableRoom,
    /// What a counter means that has no value, or one out of its table's bounds.
    pub wrong_counters: WrongCounters,
    /// Whether a packed number may have a digit more than its picture, where a half byte is to spare, and a sign where its
    /// picture has none. What is clean is the same number in any case.
    pub packed_beyond_picture: bool,
    /// Whether a binary number may have more digits than its picture: compilers cut them off (`TRUNC(STD)`) or don't
    /// (`TRUNC(BIN)`, `TRUNC(OPT)`).
    pub binary_beyond_picture: bool,
    /// Whether a record may end before its last fields: they are absent then.
    pub short_records: bool,
}

/// Blanks that are left out of text: those of single bytes and, in a mixed page, those of double-byte characters
/// (U+3000) as well, as COBOL fills up fields with either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trim {
    /// None.
    None,
    /// Those at its end, which fill up the field; at its start where it is `JUSTIFIED`, as the field is filled up there.
    Right,
    /// Those at its start.
    Left,
    /// Both.
    Both,
}

/// Which halves of a byte are signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signs {
    /// `C` plus, `D` minus, `F` none: those that IBM's compilers write (`NUMPROC(PFD)`).
    Preferred,
    /// `A`, `C`, `E`, `F` plus, `B` and `D` minus: those that the machine's instructions take (`NUMPROC(NOPFD)`).
    Any,
}

/// How floating-point numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Floating {
    /// Base 16, exponent of 7 bits: what z/OS writes.
    Hexadecimal,
    /// IEEE 754, big endian.
    Ieee,
    /// Base 16, lowest byte first.
    HexadecimalLittleEndian,
    /// IEEE 754, lowest byte first.
    IeeeLittleEndian,
}

/// How numbers in characters are read: those of `DISPLAY`, and edited ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DisplayNumbers {
    /// As COBOL writes them: each byte is what its picture says.
    #[default]
    Exact,
    /// With blanks anywhere, a sign of their own anywhere, and a comma for a point.
    Lenient {
        /// Whether any of their digits may hold a sign, also where the picture has none. A number that has none must be
        /// positive nevertheless.
        overpunched: bool,
    },
}

/// How much room tables take that depend on a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TableRoom {
    /// That of the entries they have.
    #[default]
    AsCounted,
    /// That of all entries they could have; the entries that aren't there are bytes that mean nothing.
    Full,
}

/// What a counter means that has no value, or one out of its table's bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WrongCounters {
    /// That nobody knows where the rest of the record stands.
    #[default]
    Fault,
    /// That the table has all the entries it could have.
    Full,
}

/// What stands for no number at all in a field of digits. Without it, it is a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Absent {
    /// Blanks.
    pub blanks: bool,
    /// Bytes of all zeros: `LOW-VALUES`, also in packed numbers, where they are no digits and sign.
    pub low_values: bool,
    /// Bytes of all ones: `HIGH-VALUES`.
    pub high_values: bool,
}

impl Options {
    /// What z/OS writes, in this code page: trailing blanks fill up text, nothing stands for no number.
    pub fn z_os(code_page: CodePage) -> Self {
        Self {
            code_page,
            trim: Trim::Right,
            signs: Signs::Any,
            floating: Floating::Hexadecimal,
            absent: Absent::default(),
            display: DisplayNumbers::Exact,
            tables: TableRoom::AsCounted,
            wrong_counters: WrongCounters::Fault,
            packed_beyond_picture: false,
            binary_beyond_picture: false,
            short_records: false,
        }
    }
}

/// A value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// None: see [`Absent`] and [`Options::short_records`].
    Absent,
    /// Text, trimmed.
    Text(&'a str),
    /// A number with a fixed point.
    Number(Number),
    /// A number with a floating point.
    Floating(f64),
    /// Bytes.
    Bytes(&'a [u8]),
}
