//! Descriptor words: the four bytes before a record, a segment or a block.
//!
//! *z/OS DFSMS Using Data Sets*, "Variable-Length Record Formats": the record descriptor word holds the length of the
//! record and of the word itself in its first two bytes, 4 to 32,760; the others are zero. The block descriptor word
//! holds 8 to 32,760, or, with bit 0 set, 31 bits. The segment descriptor word has the segment control code in its
//! third byte.

use super::cause;
use super::text;
use super::{Endian, Framing, FramingError, Problem, Rdw};

/// Bytes of a descriptor word.
pub(super) const WORD: u32 = 4;

/// Bytes behind the descriptor word of z/OS' longest block: the large block interface takes 262,144 with the word.
const LONGEST_BLOCK: i64 = 262_140;

/// What a descriptor word stands before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A record.
    Record,
    /// A segment of a spanned record.
    Segment,
    /// A block.
    Block,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Record => "record descriptor word",
            Self::Segment => "segment descriptor word",
            Self::Block => "block descriptor word",
        }
    }

    /// The least bytes behind the word: a block holds at least one record descriptor word.
    const fn least(self) -> i64 {
        match self {
            Self::Record | Self::Segment => 0,
            Self::Block => 4,
        }
    }
}

/// A descriptor word, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    /// The length as it is written.
    pub says: u32,
    /// The segment control code and reserved bits: byte 2 of the word.
    pub code: u8,
    /// Byte 3 of the word.
    pub last: u8,
}

/// Where a segment stands in its record: bits 6 and 7 of byte 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Segment {
    Whole,
    First,
    Last,
    Middle,
}

impl Segment {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Whole => "a whole record (code 0)",
            Self::First => "a record's first segment (code 1)",
            Self::Last => "a record's last segment (code 2)",
            Self::Middle => "a middle segment (code 3)",
        }
    }
}

impl Rdw {
    /// Takes the word of a record or a segment apart.
    pub(super) fn word(self, bytes: [u8; 4]) -> Word {
        let [a, b, c, d] = bytes;
        match self.endian {
            Endian::Big => Word { says: u32::from(u16::from_be_bytes([a, b])), code: c, last: d },
            Endian::Little => Word { says: u32::from(u16::from_le_bytes([a, b])), code: c, last: d },
            Endian::LittleInEitherHalf if a != 0 || (c, d) == (0, 0) => {
                Word { says: u32::from(u16::from_le_bytes([a, b])), code: c, last: d }
            }
            Endian::Swapped | Endian::LittleInEitherHalf => {
                Word { says: u32::from(u16::from_be_bytes([d, c])), code: b, last: a }
            }
        }
    }

    /// Takes the word of a block apart, which may have 31 bits.
    fn block_word(self, bytes: [u8; 4]) -> Word {
        let whole = match self.endian {
            Endian::Big => u32::from_be_bytes(bytes),
            Endian::Little | Endian::Swapped | Endian::LittleInEitherHalf => u32::from_le_bytes(bytes),
        };
        if whole & 0x8000_0000 == 0 { self.word(bytes) } else { Word { says: whole & 0x7FFF_FFFF, code: 0, last: 0 } }
    }

    /// Bytes behind the word, if it says `says`.
    pub(super) fn behind(self, says: u32) -> i64 {
        i64::from(says) + i64::from(self.adjust) - if self.counts_itself { i64::from(WORD) } else { 0 }
    }

    /// What the word would have to say for this many bytes behind it.
    fn saying(self, behind: i64) -> i64 {
        behind - i64::from(self.adjust) + if self.counts_itself { i64::from(WORD) } else { 0 }
    }

    /// Bytes behind the word, if the word could be one.
    pub(super) fn plausible(self, kind: Kind, bytes: [u8; 4], longest: u32) -> Option<u32> {
        let word = if kind == Kind::Block { self.block_word(bytes) } else { self.word(bytes) };
        let code_allowed = if kind == Kind::Segment { word.code <= 3 } else { word.code == 0 };
        let behind = self.behind(word.says);
        let fits = code_allowed && word.last == 0 && (kind.least()..=longest_behind(kind, longest)).contains(&behind);
        if fits { u32::try_from(behind).ok() } else { None }
    }
}

fn longest_behind(kind: Kind, longest: u32) -> i64 {
    if kind == Kind::Block { i64::from(longest).max(LONGEST_BLOCK) } else { i64::from(longest) }
}

/// A descriptor word and its place.
pub(super) struct Found<'a> {
    pub kind: Kind,
    pub rdw: Rdw,
    pub bytes: [u8; 4],
    pub offset: u64,
    pub ordinal: u64,
    /// The file's bytes from the word on, as far as they are there.
    pub from_here: &'a [u8],
    /// The same from four bytes before, or nothing where these aren't there any more.
    pub from_before: &'a [u8],
}

impl Found<'_> {
    /// Bytes behind the word, or why it can't be one.
    pub(super) fn behind(&self, framing: &Framing) -> Result<u32, FramingError> {
        if let Some(behind) = self.rdw.plausible(self.kind, self.bytes, framing.longest) {
            return Ok(behind);
        }
        let word = if self.kind == Kind::Block { self.rdw.block_word(self.bytes) } else { self.rdw.word(self.bytes) };
        let behind = self.rdw.behind(word.says);
        let name = self.kind.name();
        let at = self.offset;
        let says = format!("the {name} at offset 0x{at:X} says {} bytes", word.says);
        let code_wrong = if self.kind == Kind::Segment { word.code > 3 } else { word.code != 0 };
        let (problem, found) = if text::as_text(&self.bytes).is_some() {
            (Problem::Text, says)
        } else if code_wrong || word.last != 0 {
            let which = if self.rdw.endian == Endian::Swapped { "first two bytes" } else { "last two bytes" };
            let allowed = if self.kind == Kind::Segment { "no segment control code" } else { "not zero" };
            (Problem::NotZero, format!("{says}, but its {which} are {allowed}"))
        } else if behind < self.kind.least() {
            (Problem::TooShort, format!("{says}, fewer than there can be"))
        } else {
            (Problem::TooLong, format!("{says}, more than is believed"))
        };
        let itself = if self.rdw.counts_itself { "itself included" } else { "itself not counted" };
        let least = self.rdw.saying(self.kind.least()).max(0);
        let most = self.rdw.saying(longest_behind(self.kind, framing.longest));
        Err(FramingError::new(problem, self.offset, self.ordinal, self.from_here)
            .found(found)
            .expected(format!("{least} to {most} bytes, {itself}{}", self.rest_expected()))
            .help(cause::of_wrong_word(self, framing)))
    }

    fn rest_expected(&self) -> &'static str {
        match (self.kind, self.rdw.endian) {
            (Kind::Segment, _) => ", and a segment control code from 0 to 3",
            (Kind::Block, _) => ", and two bytes of zero unless bit 0 is set",
            (Kind::Record, Endian::Swapped) => ", behind two bytes of zero",
            (Kind::Record, _) => ", and two bytes of zero",
        }
    }

    /// Whether this is a null segment, behind which there is nothing in its block: bit 0 set, everything else zero.
    pub(super) fn ends_block(&self) -> bool {
        self.rdw.word(self.bytes) == Word { says: 0x8000, code: 0, last: 0 }
    }

    /// Where the segment stands in its record.
    pub(super) fn segment(&self) -> Segment {
        match self.rdw.word(self.bytes).code & 3 {
            0 => Segment::Whole,
            1 => Segment::First,
            2 => Segment::Last,
            _ => Segment::Middle,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_orders() {
        let word = |endian| Rdw { endian, ..Rdw::Z_OS };
        assert_eq!(word(Endian::Big).word([0, 64, 1, 0]), Word { says: 64, code: 1, last: 0 });
        assert_eq!(word(Endian::Little).word([64, 0, 1, 0]), Word { says: 64, code: 1, last: 0 });
        assert_eq!(word(Endian::Swapped).word([0, 1, 64, 0]), Word { says: 64, code: 1, last: 0 });
        for bytes in [[64, 0, 0, 0], [0, 0, 64, 0]] {
            assert_eq!(word(Endian::LittleInEitherHalf).word(bytes), Word { says: 64, code: 0, last: 0 });
        }
    }

    #[test]
    fn a_block_of_31_bits() {
        let long = Rdw::Z_OS.plausible(Kind::Block, [0x80, 0x01, 0x00, 0x04], 100);
        assert_eq!(long, Some(65_536));
        assert_eq!(Rdw::Z_OS.plausible(Kind::Block, [0x00, 0x0C, 0, 0], 100), Some(8));
        assert_eq!(Rdw::Z_OS.plausible(Kind::Record, [0x80, 0x01, 0x00, 0x04], 100), None);
        let swapped = Rdw { counts_itself: false, ..Rdw::COBRIX };
        assert_eq!(swapped.plausible(Kind::Block, [0x00, 0x00, 0x01, 0x80], 100), Some(65_536));
    }
}
