//! Packed and binary numbers.

use super::{Reason, Signs};

/// What a packed number's picture says of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct PackedPicture {
    /// Digits.
    pub digits: u32,
    /// Whether it may be negative.
    pub signed: bool,
    /// See [`super::Options::packed_beyond_picture`].
    pub beyond: bool,
}

/// A packed number: two digits a byte, the last half byte a sign. Where its picture has an even number of `digits`, the
/// first half byte is none of them and must be zero.
pub(super) fn packed(bytes: &[u8], picture: PackedPicture, signs: Signs) -> Result<i128, Reason> {
    let PackedPicture { digits: digits_most, signed, beyond } = picture;
    let Some((last, front)) = bytes.split_last() else { return Ok(0) };
    let value = digits(front)?;
    let (digit, sign) = (last >> 4, last & 0xF);
    if digit > 9 {
        return Err(Reason::PackedDigit { nibble: digit, at: bytes.len() });
    }
    let unpadded = beyond || digits_most % 2 == 1 || bytes[0] >> 4 == 0;
    let value = value
        .checked_mul(10)
        .map(|value| value + i128::from(digit))
        .filter(|_| unpadded)
        .ok_or(Reason::BeyondPicture { digits: digits_most })?;
    let negative = match (sign, signs) {
        (0xC | 0xF, _) | (0xA | 0xE, Signs::Any) => false,
        (0xD, _) | (0xB, Signs::Any) => true,
        _ => return Err(Reason::PackedSign { nibble: sign }),
    };
    match (negative, signed) {
        (true, _) if signed || beyond => Ok(-value),
        // Minus zero is zero.
        (true, false) if value != 0 => Err(Reason::Negative),
        _ => Ok(value),
    }
}

/// A packed number without a sign: two digits a byte. Where its picture has an odd number of `digits`, the first half
/// byte is none of them and must be zero.
pub(super) fn packed_unsigned(bytes: &[u8], digits_most: u32, beyond: bool) -> Result<i128, Reason> {
    let value = digits(bytes)?;
    let unpadded = beyond || digits_most.is_multiple_of(2) || bytes.first().is_none_or(|first| first >> 4 == 0);
    if unpadded { Ok(value) } else { Err(Reason::BeyondPicture { digits: digits_most }) }
}

fn digits(bytes: &[u8]) -> Result<i128, Reason> {
    // 38 digits fit 128 bits; a layout admits no more. 18 digits need 64 bits only, and that is what most numbers have.
    let mut chunks = bytes.chunks(9);
    let Some(first) = chunks.next() else { return Ok(0) };
    let mut value = i128::from(digits_of_64_bits(first, 0)?);
    for (index, chunk) in chunks.enumerate() {
        let unit = chunk.iter().fold(1_u64, |unit, _| unit * 100);
        value = value * i128::from(unit) + i128::from(digits_of_64_bits(chunk, 9 * (index + 1))?);
    }
    Ok(value)
}

/// The number of at most nine bytes, `before` bytes being in front of them.
fn digits_of_64_bits(bytes: &[u8], before: usize) -> Result<u64, Reason> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().enumerate() {
        let pair = PAIRS[usize::from(*byte)];
        if pair == NO_PAIR {
            let (high, low) = (byte >> 4, byte & 0xF);
            let nibble = if high > 9 { high } else { low };
            return Err(Reason::PackedDigit { nibble, at: before + index + 1 });
        }
        value = value * 100 + u64::from(pair);
    }
    Ok(value)
}

/// What two digits in a byte say; [`NO_PAIR`] where one of them is none.
static PAIRS: [u8; 256] = {
    let mut pairs = [NO_PAIR; 256];
    let mut high = 0_u8;
    while high < 10 {
        let mut low = 0_u8;
        while low < 10 {
            pairs[(high << 4 | low) as usize] = 10 * high + low;
            low += 1;
        }
        high += 1;
    }
    pairs
};

const NO_PAIR: u8 = u8::MAX;

/// A big-endian whole number, of at most 16 bytes; `None` where it is too large to be held.
pub(super) fn binary(bytes: &[u8], signed: bool) -> Option<i128> {
    let high_bit = bytes.first().is_some_and(|first| first & 0x80 != 0);
    if high_bit && !signed && bytes.len() == 16 {
        return None;
    }
    let start = if high_bit && signed { -1 } else { 0 };
    Some(bytes.iter().fold(start, |value, byte| value << 8 | i128::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn packed(bytes: &[u8], digits: u32, signed: bool, signs: Signs) -> Result<i128, Reason> {
        super::packed(bytes, PackedPicture { digits, signed, beyond: false }, signs)
    }

    #[test]
    fn more_than_the_picture() {
        let beyond = |bytes: &[u8], digits| {
            super::packed(bytes, PackedPicture { digits, signed: false, beyond: true }, Signs::Preferred)
        };
        assert_eq!(beyond(&[0x11, 0x2C], 2), Ok(112));
        assert_eq!(beyond(&[0x01, 0x2D], 2), Ok(-12));
        assert_eq!(super::packed_unsigned(&[0x12, 0x34], 3, true), Ok(1_234));
    }

    #[test]
    fn packed_numbers() {
        for (bytes, expected) in [
            (&[0x12, 0x3C][..], Ok(123)),
            (&[0x12, 0x3D], Ok(-123)),
            (&[0x12, 0x3F], Ok(123)),
            (&[0x00, 0x0D], Ok(0)),
            (&[0x12, 0x34], Err(Reason::PackedSign { nibble: 4 })),
            (&[0x1A, 0x3C], Err(Reason::PackedDigit { nibble: 0xA, at: 1 })),
            (&[0x12, 0xBC], Err(Reason::PackedDigit { nibble: 0xB, at: 2 })),
        ] {
            assert_eq!(packed(bytes, 3, true, Signs::Any), expected, "{bytes:02X?}");
        }
        assert_eq!(packed(&[0x11, 0x2C], 2, true, Signs::Any), Err(Reason::BeyondPicture { digits: 2 }));
        assert_eq!(packed(&[0x1E], 1, true, Signs::Any), Ok(1));
        assert_eq!(packed(&[0x1E], 1, true, Signs::Preferred), Err(Reason::PackedSign { nibble: 0xE }));
        assert_eq!(packed(&[0x1D], 1, false, Signs::Any), Err(Reason::Negative));
        assert_eq!(packed(&[0x0D], 1, false, Signs::Any), Ok(0));
    }

    #[test]
    fn packed_numbers_without_a_sign() {
        assert_eq!(packed_unsigned(&[0x12, 0x34], 4, false), Ok(1_234));
        assert_eq!(packed_unsigned(&[0x02, 0x34], 3, false), Ok(234));
        assert_eq!(packed_unsigned(&[0x12, 0x34], 3, false), Err(Reason::BeyondPicture { digits: 3 }));
        assert_eq!(packed_unsigned(&[0x12, 0x3C], 4, false), Err(Reason::PackedDigit { nibble: 0xC, at: 2 }));
    }

    #[test]
    fn binary_numbers() {
        assert_eq!(binary(&[0xFF, 0xFF], true), Some(-1));
        assert_eq!(binary(&[0xFF, 0xFF], false), Some(65_535));
        assert_eq!(binary(&[0x80, 0, 0, 0], true), Some(i128::from(i32::MIN)));
        assert_eq!(binary(&[0, 0, 0x30, 0x39], true), Some(12_345));
        assert_eq!(binary(&[0xFF; 16], true), Some(-1));
        assert_eq!(binary(&[0xFF; 16], false), None);
        assert_eq!(binary(&[0xFF; 15], false), Some((1 << 120) - 1));
    }

    proptest! {
        #[test]
        fn what_was_packed_is_read(value in -99_999_999_999_999_999_999_999_999_999_999_999_999_i128..=99_999_999_999_999_999_999_999_999_999_999_999_999) {
            let text = format!("{:039}{}", value.unsigned_abs(), if value < 0 { 'D' } else { 'C' });
            let bytes: Vec<u8> = text.as_bytes().chunks(2).map(|pair| {
                pair.iter().fold(0, |byte, c| byte << 4 | u8::try_from(char::from(*c).to_digit(16).unwrap()).unwrap())
            }).collect();
            prop_assert_eq!(packed(&bytes, 38, true, Signs::Preferred), Ok(value));
        }

        #[test]
        fn any_bytes_are_a_number_or_a_reason(bytes in proptest::collection::vec(any::<u8>(), 0..=20), signed: bool) {
            let _ = packed(&bytes, 38, signed, Signs::Any);
            let _ = digits(&bytes[..bytes.len().min(19)]);
        }
    }
}
