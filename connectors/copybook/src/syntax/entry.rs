//! A data description entry: what is written between a level number and its period.

use super::Picture;
use crate::source::Place;

/// A data description entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// 1 to 49, 66, 77 or 88.
    pub level: u8,
    /// Its name as written; `None` for `FILLER` and where none is given.
    pub name: Option<String>,
    /// Where its level number stands.
    pub place: Place,
    /// The name after `REDEFINES`.
    pub redefines: Option<(String, Place)>,
    /// The `PICTURE`.
    pub picture: Option<(Picture, Place)>,
    /// The `USAGE`, if this entry gives one; a group's is its children's too. `GROUP-USAGE NATIONAL` is
    /// [`Usage::National`] here.
    pub usage: Option<(Usage, Place)>,
    /// The `SIGN` clause, if this entry gives one; a group's is its children's too.
    pub sign: Option<(Sign, Place)>,
    /// The `OCCURS` clause.
    pub occurs: Option<(Occurs, Place)>,
    /// Whether it is `SYNCHRONIZED`.
    pub synchronized: bool,
    /// Whether it is `JUSTIFIED RIGHT`.
    pub justified: bool,
    /// Whether it is `BLANK WHEN ZERO`.
    pub blank_when_zero: bool,
    /// Level 66: the first and, after `THROUGH`, the last item renamed.
    pub renames: Option<(String, Option<String>, Place)>,
    /// Level 88: the values that make the condition true.
    pub values: Vec<ConditionValue>,
}

/// How a value is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Usage {
    /// Characters: `DISPLAY`.
    Display,
    /// Big-endian two's complement, bounded by its picture: `COMP`, `COMP-0`, `COMP-4`, `BINARY`.
    Binary,
    /// Big-endian two's complement of all its bits: `COMP-5`.
    NativeBinary,
    /// Two digits a byte, the sign in the last half: `COMP-3`, `PACKED-DECIMAL`.
    Packed,
    /// Lowest byte first, two's complement: `COMP-9`.
    LittleEndianBinary,
    /// Two digits a byte without a sign: `COMP-6`, `COMP-3U`.
    PackedUnsigned,
    /// Four bytes of floating point: `COMP-1`.
    Float,
    /// Eight bytes of floating point: `COMP-2`.
    Double,
    /// UTF-16, big endian: `NATIONAL`.
    National,
    /// Double-byte characters: `DISPLAY-1`.
    Dbcs,
    /// Four bytes that mean something to the program only: `INDEX`.
    Index,
    /// Four bytes that mean something to the program only: `POINTER`, `POINTER-32`.
    Pointer,
    /// Eight bytes that mean something to the program only: `PROCEDURE-POINTER`.
    ProcedurePointer,
    /// Four bytes that mean something to the program only: `FUNCTION-POINTER`.
    FunctionPointer,
}

/// Where the sign of a `DISPLAY` number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sign {
    /// Which end.
    pub position: SignPosition,
    /// Whether it is a character of its own rather than part of a digit. It is there even if the picture has no `S`.
    pub separate: bool,
}

/// Which end of the digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignPosition {
    /// Before the first.
    Leading,
    /// After the last.
    Trailing,
}

/// How often an item occurs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurs {
    /// At least so often; equal to `most` without `DEPENDING ON`.
    pub least: u32,
    /// At most so often.
    pub most: u32,
    /// What says how often.
    pub depending: Option<Depending>,
}

/// A data name after `DEPENDING ON`, with its qualifiers: `COUNT OF HEADER` is `COUNT` and `[HEADER]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Depending {
    /// The name.
    pub name: String,
    /// Names of groups it is in, from the inside out.
    pub qualifiers: Vec<String>,
    /// Where the name stands.
    pub place: Place,
}

/// A value, or a range of values, of a level 88.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConditionValue {
    /// Text between quotes, without them, doubled quotes made single.
    Text(String),
    /// Text repeated to the length of the item: `ALL '…'`.
    All(String),
    /// Bytes as they stand in the record: `X'…'`, `NX'…'`.
    Bytes(Vec<u8>),
    /// A number as written, such as `-12.5`.
    Number(String),
    /// A figurative constant.
    Figurative(Figurative),
    /// From the first to the second, both included.
    Through(Box<ConditionValue>, Box<ConditionValue>),
}

/// Figurative constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figurative {
    /// `ZERO`, `ZEROS`, `ZEROES`.
    Zero,
    /// `SPACE`, `SPACES`.
    Space,
    /// `LOW-VALUE`, `LOW-VALUES`.
    LowValue,
    /// `HIGH-VALUE`, `HIGH-VALUES`.
    HighValue,
    /// `QUOTE`, `QUOTES`.
    Quote,
    /// `NULL`, `NULLS`.
    Null,
}
