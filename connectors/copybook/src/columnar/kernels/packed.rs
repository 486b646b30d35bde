//! Packed numbers, sixteen half bytes at a time.

use super::{low_bytes, word_before};
use crate::columnar::steps::Cell;
use crate::decode::Value;
use crate::layout::Field;

/// How a packed number is read.
#[derive(Debug, Clone)]
pub(in crate::columnar) struct Packed {
    length: usize,
    /// Which half bytes, as bits, are a plus and a minus at its end; `None` where there is no sign.
    signs: Option<Signs>,
    /// The bytes of a word that are the number's, where it has at most eight.
    mask: u64,
    /// The first half byte where it is no digit of the picture, in the foremost word.
    unused: u64,
}

#[derive(Debug, Clone, Copy)]
struct Signs {
    plus: u16,
    minus: u16,
}

/// Digits of a word.
const WORD: i128 = 10_000_000_000_000_000;
/// Digits of a word with a sign.
const SIGNED_WORD: i128 = 1_000_000_000_000_000;

impl Packed {
    /// `None` for fields that are no packed numbers, or longer than 38 digits are.
    pub fn of(cell: &Cell<'_>) -> Option<Self> {
        let (digits, signed) = match cell.field {
            Field::Packed { digits, .. } => (digits, true),
            Field::PackedUnsigned { digits, .. } => (digits, false),
            _ => return None,
        };
        let length = cell.length;
        if length == 0 || length > 20 {
            return None;
        }
        let half_bytes = 2 * length - usize::from(signed);
        let foremost = (length - 1) % 8 + 1;
        let unused = if usize::try_from(digits).ok()? < half_bytes { 0xF << (8 * foremost - 4) } else { 0 };
        let signs = if signed { Some(Signs::of(cell)?) } else { None };
        Some(Self { length, signs, mask: low_bytes(length), unused })
    }

    /// See [`super::Kernel::read`].
    pub fn read(
        &self,
        bytes: &[u8],
        ends: impl Iterator<Item = usize>,
        scalar: impl FnMut(usize) -> i128,
    ) -> Vec<i128> {
        // A loop for each combination, so that each is short.
        match (self.length, self.signs) {
            (..=8, Some(signs)) => {
                let (mask, unused) = (self.mask, self.unused);
                super::each(ends, move |end| short(bytes, end, mask, unused, signs).map(i128::from), scalar)
            }
            (_, Some(signs)) => super::each(ends, |end| self.long(bytes, end, signs), scalar),
            (_, None) => super::each(ends, |end| self.unsigned(bytes, end, self.length), scalar),
        }
    }

    fn long(&self, bytes: &[u8], end: usize, signs: Signs) -> Option<i128> {
        let word = word_before(bytes, end)?;
        let digits = word >> 4;
        let (known, minus) = signs.of_half_byte(word);
        if above_nine(digits) != 0 || !known {
            return None;
        }
        let front = self.unsigned(bytes, end - 8, self.length - 8)?;
        let value = front * SIGNED_WORD + i128::from(value(digits));
        Some(if minus { -value } else { value })
    }

    /// The digits of `length` bytes in front of `end`, which have no sign: all of the number, or those in front of its
    /// last word.
    fn unsigned(&self, bytes: &[u8], end: usize, length: usize) -> Option<i128> {
        let (mut total, mut unit, mut end, mut left) = (0_i128, 1_i128, end, length);
        loop {
            let word = word_before(bytes, end)? & low_bytes(left);
            let unused = if left <= 8 { self.unused } else { 0 };
            if (above_nine(word) | word & unused) != 0 {
                return None;
            }
            total += unit * i128::from(value(word));
            if left <= 8 {
                return Some(total);
            }
            (unit, end, left) = (unit * WORD, end - 8, left - 8);
        }
    }

    /// Clean bytes: different digits in all places, with each sign.
    pub fn examples(&self) -> Vec<Vec<u8>> {
        let ends: Vec<u8> = match self.signs {
            Some(Signs { plus, minus }) => (0..16).filter(|sign| (plus | minus) >> sign & 1 == 1).collect(),
            None => (0..10).collect(),
        };
        let written = |(index, end): (usize, &u8)| {
            let mut bytes: Vec<u8> = (0..self.length).map(|at| EXAMPLE[(at + index) % EXAMPLE.len()]).collect();
            if self.unused != 0 {
                bytes[0] &= 0xF;
            }
            bytes[self.length - 1] = bytes[self.length - 1] & 0xF0 | end;
            bytes
        };
        ends.iter().enumerate().map(written).collect()
    }
}

const EXAMPLE: [u8; 7] = [0x12, 0x34, 0x56, 0x78, 0x90, 0x01, 0x99];

impl Signs {
    /// The signs that the scalar code takes for a number that isn't zero; `None` if it takes none.
    fn of(cell: &Cell<'_>) -> Option<Self> {
        let (mut plus, mut minus, mut text) = (0, 0, String::new());
        for sign in 0..16 {
            let mut one = vec![0; cell.length];
            *one.last_mut()? = 0x10 | sign;
            match cell.read(&one, &mut text) {
                Ok(Value::Number(number)) if number.digits == 1 => plus |= 1 << sign,
                Ok(Value::Number(number)) if number.digits == -1 => minus |= 1 << sign,
                _ => {}
            }
        }
        (plus | minus != 0).then_some(Self { plus, minus })
    }

    /// Whether the lowest half byte is a sign, and whether that is minus.
    #[inline]
    fn of_half_byte(self, word: u64) -> (bool, bool) {
        let at = word & 0xF;
        ((self.plus | self.minus) >> at & 1 == 1, self.minus >> at & 1 == 1)
    }
}

/// A number of at most eight bytes with its sign.
#[inline]
fn short(bytes: &[u8], end: usize, mask: u64, unused: u64, signs: Signs) -> Option<i64> {
    let word = word_before(bytes, end)? & mask;
    let digits = word >> 4;
    let (known, minus) = signs.of_half_byte(word);
    if (above_nine(digits) | word & unused) != 0 || !known {
        return None;
    }
    let value = value(digits).cast_signed();
    Some(if minus { -value } else { value })
}

/// Not zero where a half byte is more than nine.
#[inline]
fn above_nine(word: u64) -> u64 {
    word & (word << 1 | word << 2) & 0x8888_8888_8888_8888
}

/// The number that sixteen decimal digits are. Each step takes neighbours together: what the left one counted too much,
/// as if the base were a power of two, is taken off.
#[inline]
fn value(digits: u64) -> u64 {
    let pairs = digits - 6 * (digits >> 4 & 0x0F0F_0F0F_0F0F_0F0F);
    let fours = pairs - 156 * (pairs >> 8 & 0x00FF_00FF_00FF_00FF);
    let eights = fours - 55_536 * (fours >> 16 & 0x0000_FFFF_0000_FFFF);
    eights - 4_194_967_296 * (eights >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sixteen_digits(number in 0..10_000_000_000_000_000_u64) {
            let digits = u64::from_str_radix(&number.to_string(), 16).unwrap();
            prop_assert_eq!((value(digits), above_nine(digits)), (number, 0));
        }

        #[test]
        fn half_bytes_above_nine(word: u64) {
            let any = format!("{word:x}").bytes().any(|digit| digit.is_ascii_alphabetic());
            prop_assert_eq!(above_nine(word) != 0, any);
        }
    }
}
