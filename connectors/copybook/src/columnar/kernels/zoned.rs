//! Zoned numbers, eight digits at a time.

use super::{low_bytes, word_before};
use crate::columnar::steps::Cell;
use crate::decode::Value;
use crate::layout::Field;
use crate::syntax::{Sign, SignPosition};

/// How a zoned number is read.
#[derive(Debug, Clone)]
pub(in crate::columnar) struct Zoned {
    /// Bytes of digits, a sign of its own not counted.
    digits: usize,
    /// The first half of each digit's byte, eight times.
    zone: u64,
    place: Place,
    /// What each byte means where the sign is: a digit, and [`MINUS`]; or [`UNKNOWN`].
    signs: Box<[u8; 256]>,
}

/// Where the sign is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Nowhere,
    FirstDigit,
    LastDigit,
    Front,
    Behind,
}

const UNKNOWN: u8 = 0xFF;
const MINUS: u8 = 0x80;

/// Digits of a word.
const WORD: u64 = 100_000_000;

impl Zoned {
    /// `None` for fields without digits.
    pub fn of(cell: &Cell<'_>, sign: Option<Sign>) -> Option<Self> {
        let place = match sign {
            None => Place::Nowhere,
            Some(Sign { position: SignPosition::Leading, separate: false }) => Place::FirstDigit,
            Some(Sign { position: SignPosition::Trailing, separate: false }) => Place::LastDigit,
            Some(Sign { position: SignPosition::Leading, separate: true }) => Place::Front,
            Some(Sign { position: SignPosition::Trailing, separate: true }) => Place::Behind,
        };
        let digits = cell.length - usize::from(matches!(place, Place::Front | Place::Behind));
        let zero = cell.zero()?;
        if digits == 0 || digits > 38 {
            return None;
        }
        let zone = u64::from_be_bytes([zero; 8]);
        Some(Self { digits, zone, place, signs: signs(cell, sign, zero) })
    }

    /// See [`super::Kernel::read`].
    pub fn read(
        &self,
        bytes: &[u8],
        ends: impl Iterator<Item = usize>,
        scalar: impl FnMut(usize) -> i128,
    ) -> Vec<i128> {
        // A loop for each place, so that each is short.
        match (self.place, self.digits) {
            (Place::Nowhere, ..=16) => super::each(ends, |end| self.number(bytes, end, 0, 0).map(i128::from), scalar),
            (Place::LastDigit, ..=16) => super::each(
                ends,
                |end| {
                    let sign = self.sign(bytes, end.wrapping_sub(1))?;
                    let value = self.number(bytes, end, 1, u64::from(sign & !MINUS))?.cast_signed();
                    Some(i128::from(if sign & MINUS == 0 { value } else { -value }))
                },
                scalar,
            ),
            (place, _) => super::each(ends, |end| self.any(bytes, end, place), scalar),
        }
    }

    /// A number with its sign anywhere, of any length.
    fn any(&self, bytes: &[u8], end: usize, place: Place) -> Option<i128> {
        let start = end.checked_sub(self.digits)?;
        let (sign, end) = match place {
            Place::Nowhere => (0, end),
            Place::FirstDigit => (self.sign(bytes, start)?, end),
            Place::LastDigit => (self.sign(bytes, end - 1)?, end),
            Place::Front => (self.sign(bytes, start.checked_sub(1)?)?, end),
            Place::Behind => (self.sign(bytes, end - 1)?, end - 1),
        };
        let digit = u64::from(sign & !MINUS);
        let mut total = 0_i128;
        let mut left = self.digits;
        while left > 0 {
            // The foremost word may be shorter; the others follow it.
            let count = (left - 1) % 8 + 1;
            let word_end = end - (left - count);
            let mut word = (word_before(bytes, word_end)? ^ self.zone) & low_bytes(count);
            if place == Place::FirstDigit && left == self.digits {
                let at = 8 * (count - 1);
                word = word & !(0xFF << at) | digit << at;
            }
            left -= count;
            if place == Place::LastDigit && left == 0 {
                word = word & !0xFF | digit;
            }
            if no_digits(word) != 0 {
                return None;
            }
            total = total * i128::from(WORD) + i128::from(value(word));
        }
        Some(if sign & MINUS == 0 { total } else { -total })
    }

    /// At most sixteen digits; of the last `replaced` bytes, none or one, `last` is the digit.
    #[inline]
    fn number(&self, bytes: &[u8], end: usize, replaced: usize, last: u64) -> Option<u64> {
        let word = ((word_before(bytes, end)? ^ self.zone) & !low_bytes(replaced) | last) & low_bytes(self.digits);
        if self.digits <= 8 {
            return (no_digits(word) == 0).then(|| value(word));
        }
        let front = (word_before(bytes, end - 8)? ^ self.zone) & low_bytes(self.digits - 8);
        (no_digits(word) | no_digits(front) == 0).then(|| value(front) * WORD + value(word))
    }

    #[inline]
    fn sign(&self, bytes: &[u8], at: usize) -> Option<u8> {
        let sign = self.signs[usize::from(*bytes.get(at)?)];
        (sign != UNKNOWN).then_some(sign)
    }

    /// Clean bytes: different digits in all places, with each sign.
    pub fn examples(&self) -> Vec<Vec<u8>> {
        let zone = self.zone.to_be_bytes()[0];
        let signs: Vec<u8> = (0..=u8::MAX).filter(|byte| self.signs[usize::from(*byte)] != UNKNOWN).collect();
        let signs = if self.place == Place::Nowhere { vec![zone, zone | 9] } else { signs };
        let digits = |index: usize| (0..self.digits).map(move |at| zone | EXAMPLE[(at + index) % EXAMPLE.len()]);
        let written = |(index, sign): (usize, &u8)| {
            let mut bytes: Vec<u8> = digits(index).collect();
            match self.place {
                Place::Nowhere | Place::LastDigit => bytes[self.digits - 1] = *sign,
                Place::FirstDigit => bytes[0] = *sign,
                Place::Front => bytes.insert(0, *sign),
                Place::Behind => bytes.push(*sign),
            }
            bytes
        };
        signs.iter().enumerate().map(written).collect()
    }
}

const EXAMPLE: [u8; 11] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 9];

/// What each byte means where the sign is, by what the scalar code makes of it beside a one.
fn signs(cell: &Cell<'_>, sign: Option<Sign>, zero: u8) -> Box<[u8; 256]> {
    let mut signs = Box::new([UNKNOWN; 256]);
    let Some(Sign { position, separate }) = sign else { return signs };
    // As if the field had a digit and the sign, or two digits one of which has the sign.
    let field = Field::Zoned { digits: 2 - u32::from(separate), scale: 0, sign };
    let mut text = String::new();
    for byte in (0..=u8::MAX).filter(|byte| !cell.is_special(*byte)) {
        let one = zero | 1;
        let raw = if position == SignPosition::Leading { [byte, one] } else { [one, byte] };
        let Ok(Value::Number(number)) = cell.read_as(field, &raw, &mut text) else { continue };
        let digits = number.digits.unsigned_abs();
        let digit = match (separate, position) {
            (true, _) => (digits == 1).then_some(0),
            (false, SignPosition::Leading) => (digits % 10 == 1).then_some(digits / 10),
            (false, SignPosition::Trailing) => digits.checked_sub(10),
        };
        if let Some(digit) = digit.and_then(|digit| u8::try_from(digit).ok()).filter(|digit| *digit <= 9) {
            signs[usize::from(byte)] = if number.digits < 0 { digit | MINUS } else { digit };
        }
    }
    signs
}

/// Not zero where a byte, its zone taken off, is no digit.
#[inline]
fn no_digits(word: u64) -> u64 {
    (word | word.wrapping_add(0x0606_0606_0606_0606)) & 0xF0F0_F0F0_F0F0_F0F0
}

/// The number that eight digits, one a byte, are. Each step takes neighbours together.
#[inline]
fn value(digits: u64) -> u64 {
    let pairs = (digits & 0x00FF_00FF_00FF_00FF) + 10 * (digits >> 8 & 0x00FF_00FF_00FF_00FF);
    let fours = (pairs & 0x0000_FFFF_0000_FFFF) + 100 * (pairs >> 16 & 0x0000_FFFF_0000_FFFF);
    (fours & 0xFFFF_FFFF) + 10_000 * (fours >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn eight_digits(number in 0..100_000_000_u64) {
            let mut digits = [0; 8];
            digits.copy_from_slice(format!("{number:08}").as_bytes());
            let word = u64::from_be_bytes(digits) ^ 0x3030_3030_3030_3030;
            prop_assert_eq!((value(word), no_digits(word)), (number, 0));
        }

        #[test]
        fn bytes_that_are_no_digits(word: u64) {
            prop_assert_eq!(no_digits(word) != 0, word.to_be_bytes().iter().any(|byte| *byte > 9));
        }
    }
}
