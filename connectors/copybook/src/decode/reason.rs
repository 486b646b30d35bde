//! Why a field's bytes are not a value of its type.

/// Why a field's bytes are not a value of its type. Positions count bytes of the field, the first being 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// A half byte that should be a digit isn't one.
    #[error("digit nibble 0x{nibble:X} in byte {at} of a packed number")]
    PackedDigit {
        /// The half byte.
        nibble: u8,
        /// Which byte.
        at: usize,
    },
    /// The last half byte is no sign.
    #[error("sign nibble 0x{nibble:X} in a packed number")]
    PackedSign {
        /// The half byte.
        nibble: u8,
    },
    /// A byte that should be a digit isn't one.
    #[error("byte 0x{byte:02X} at {at} is no digit")]
    ZonedDigit {
        /// The byte.
        byte: u8,
        /// Which byte.
        at: usize,
    },
    /// A byte that should be a digit with a sign isn't one.
    #[error("byte 0x{byte:02X} at {at} is no digit with a sign")]
    ZonedSign {
        /// The byte.
        byte: u8,
        /// Which byte.
        at: usize,
    },
    /// A byte that should be `+` or `-` isn't.
    #[error("byte 0x{byte:02X} at {at} is neither + nor -")]
    SeparateSign {
        /// The byte.
        byte: u8,
        /// Which byte.
        at: usize,
    },
    /// A number without a sign has a minus.
    #[error("it is negative, and its picture has no S")]
    Negative,
    /// A field of digits is blank.
    #[error("it is blank")]
    Blank,
    /// A field of digits is all zero bits.
    #[error("all its bytes are 0x00 (LOW-VALUES)")]
    LowValues,
    /// A field of digits is all one bits.
    #[error("all its bytes are 0xFF (HIGH-VALUES)")]
    HighValues,
    /// A number is larger than its picture.
    #[error("it has more than the {digits} digits of its picture")]
    BeyondPicture {
        /// Digits of the picture.
        digits: u32,
    },
    /// A byte stands for no character.
    #[error("byte 0x{byte:02X} at {at} stands for nothing in {code_page}")]
    NoCharacter {
        /// The byte.
        byte: u8,
        /// Which byte.
        at: usize,
        /// The code page.
        code_page: &'static str,
    },
    /// Two bytes are no UTF-16.
    #[error("the two bytes at {at} are no UTF-16")]
    NoUtf16 {
        /// The first of the two.
        at: usize,
    },
    /// What was written for people is no number.
    #[error("`{text}` is no number")]
    NotANumber {
        /// The text.
        text: String,
    },
    /// A number has more digits than its column.
    #[error("it has more digits than a decimal of {precision} digits, {scale} of them after the point")]
    BeyondColumn {
        /// Digits of the column.
        precision: u8,
        /// Those after the point.
        scale: i8,
    },
    /// Digits that were declared to be a date are none.
    #[error("`{text}` is no date, read as {pattern}")]
    NotADate {
        /// The digits or the text.
        text: String,
        /// What they were read as: `YYYYMMDD`.
        pattern: String,
    },
    /// Two bytes stand for no double-byte character.
    #[error("the two bytes 0x{:02X}{:02X} at {at} stand for nothing in {code_page}", pair[0], pair[1])]
    NoPair {
        /// The bytes.
        pair: [u8; 2],
        /// Which byte the first of them is.
        at: usize,
        /// The code page.
        code_page: &'static str,
    },
    /// A double-byte character has one byte, as there is an odd number of them.
    #[error("the double-byte character at {at} has only one byte, 0x{byte:02X}")]
    HalfPair {
        /// The byte.
        byte: u8,
        /// Which byte.
        at: usize,
    },
    /// Double-byte characters begin and don't end.
    #[error("the shift out (0x0E) at {at} has no shift in (0x0F) behind it")]
    NoShiftIn {
        /// Which byte the shift out is.
        at: usize,
    },
    /// Double-byte text, in a page that has none.
    #[error("{code_page} has no double-byte characters: name the mixed code page of the file, such as cp939")]
    NoDoubleBytes {
        /// The code page.
        code_page: &'static str,
    },
    /// The record ends inside the field, or before it.
    #[error("the record ends {missing} bytes before the field does")]
    Truncated {
        /// Bytes that are missing.
        missing: usize,
    },
    /// A counter is not between the bounds of its table.
    #[error("it says {count} entries of `{table}`, which has {least} to {most}")]
    CounterOutOfRange {
        /// What it says.
        count: i128,
        /// The table's name.
        table: String,
        /// At least so many.
        least: u32,
        /// At most so many.
        most: u32,
    },
    /// The field that counts a table's entries has no value.
    #[error("it counts the entries of `{table}` and has no value")]
    CounterAbsent {
        /// The table's name.
        table: String,
    },
}

impl Reason {
    /// A stable word for its kind.
    pub fn code(&self) -> &'static str {
        match self {
            Self::PackedDigit { .. } | Self::PackedSign { .. } => "bad_packed",
            Self::ZonedDigit { .. } | Self::ZonedSign { .. } | Self::SeparateSign { .. } => "bad_zoned",
            Self::Negative => "negative",
            Self::Blank => "blank_number",
            Self::LowValues => "low_values",
            Self::HighValues => "high_values",
            Self::BeyondPicture { .. } => "beyond_picture",
            Self::NoCharacter { .. }
            | Self::NoUtf16 { .. }
            | Self::NoPair { .. }
            | Self::HalfPair { .. }
            | Self::NoShiftIn { .. }
            | Self::NoDoubleBytes { .. } => "bad_encoding",
            Self::NotANumber { .. } => "bad_number",
            Self::BeyondColumn { .. } => "beyond_column",
            Self::NotADate { .. } => "bad_date",
            Self::Truncated { .. } => "record_too_short",
            Self::CounterOutOfRange { .. } | Self::CounterAbsent { .. } => "bad_counter",
        }
    }
}
