//! Whole numbers of up to eight bytes.

use super::{low_bytes, word_before};
use crate::columnar::steps::Cell;
use crate::decode::beyond;

/// How a binary number is read.
#[derive(Debug, Clone, Copy)]
pub(in crate::columnar) struct Binary {
    length: usize,
    signed: bool,
    /// The largest it may be, its sign left aside.
    most: u64,
}

impl Binary {
    /// `None` for what is longer than eight bytes.
    pub fn of(cell: &Cell<'_>, digits: u32, signed: bool, native: bool) -> Option<Self> {
        let most = if native || cell.fields.options.binary_beyond_picture {
            u64::MAX
        } else {
            u64::try_from(beyond(digits) - 1).unwrap_or(u64::MAX)
        };
        (1..=8).contains(&cell.length).then_some(Self { length: cell.length, signed, most })
    }

    #[inline]
    pub fn value(self, bytes: &[u8], end: usize) -> Option<i128> {
        let word = word_before(bytes, end)? & low_bytes(self.length);
        let above = 64 - 8 * self.length;
        let (value, magnitude) = if self.signed {
            let value = (word << above).cast_signed() >> above;
            (i128::from(value), value.unsigned_abs())
        } else {
            (i128::from(word), word)
        };
        (magnitude <= self.most).then_some(value)
    }

    /// Bytes of different values, the largest that may be and the next among them.
    pub fn examples(&self) -> Vec<Vec<u8>> {
        let written = |value: u64| value.to_be_bytes()[8 - self.length..].to_vec();
        [0, 1, self.most, self.most.wrapping_add(1), u64::MAX, 0x0102_0304_0506_0708].map(written).into()
    }
}
