//! Text with double-byte characters among others, and text of nothing else.
//!
//! In a mixed page a byte, shift out (0x0E), says that pairs of bytes follow, and another, shift in (0x0F), that single
//! bytes do. Both take a byte of their field each and stand for no character. A field starts with single bytes, and ends
//! with them: what COBOL moves into it is cut off so that the last shift in isn't lost. In a field of double-byte
//! characters alone, `PIC G` or `DISPLAY-1`, there are no shifts.

use super::CodePage;
use super::double_bytes::DoubleBytes;

/// Double-byte characters follow.
pub(super) const SHIFT_OUT: u8 = 0x0E;

/// They end.
pub(super) const SHIFT_IN: u8 = 0x0F;

/// Why bytes are no text, and the index of the first byte that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undecodable {
    /// A byte stands for nothing; or it is a shift in that no shift out is before.
    Byte {
        /// Which byte.
        at: usize,
    },
    /// Two bytes stand for nothing.
    Pair {
        /// The first of them.
        at: usize,
    },
    /// A double-byte character has one byte: a shift in or the field's end is behind it.
    HalfPair {
        /// That byte.
        at: usize,
    },
    /// A shift out has no shift in behind it.
    NoShiftIn {
        /// The shift out.
        at: usize,
    },
    /// The page has no double-byte characters.
    NoDoubleBytes,
}

impl Undecodable {
    /// The same, said of bytes that stand behind so many others.
    pub(super) fn behind(self, others: usize) -> Self {
        match self {
            Self::Byte { at } => Self::Byte { at: others + at },
            Self::Pair { at } => Self::Pair { at: others + at },
            Self::HalfPair { at } => Self::HalfPair { at: others + at },
            Self::NoShiftIn { at } => Self::NoShiftIn { at: others + at },
            Self::NoDoubleBytes => Self::NoDoubleBytes,
        }
    }
}

/// Appends the characters of bytes with shifts.
pub(super) fn decode_mixed(
    page: CodePage,
    double_bytes: &DoubleBytes,
    bytes: &[u8],
    out: &mut String,
) -> Result<(), Undecodable> {
    let (mut rest, mut start) = (bytes, 0);
    while let Some(shift) = rest.iter().position(|byte| *byte == SHIFT_OUT) {
        let (singles, shifted) = (&rest[..shift], &rest[shift + 1..]);
        page.decode_singles(singles, out).map_err(|wrong| wrong.behind(start))?;
        start += shift + 1;
        // It is no byte of a pair.
        let length =
            shifted.iter().position(|byte| *byte == SHIFT_IN).ok_or(Undecodable::NoShiftIn { at: start - 1 })?;
        decode_pairs(double_bytes, &shifted[..length], out).map_err(|wrong| wrong.behind(start))?;
        rest = &shifted[length + 1..];
        start += length + 1;
    }
    page.decode_singles(rest, out).map_err(|wrong| wrong.behind(start))
}

/// Appends the characters of pairs.
pub(super) fn decode_pairs(double_bytes: &DoubleBytes, bytes: &[u8], out: &mut String) -> Result<(), Undecodable> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    for (index, pair) in pairs.iter().enumerate() {
        out.push(double_bytes.char_of(*pair).ok_or(Undecodable::Pair { at: 2 * index })?);
    }
    if rest.is_empty() { Ok(()) } else { Err(Undecodable::HalfPair { at: 2 * pairs.len() }) }
}
