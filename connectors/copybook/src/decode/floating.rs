//! Floating-point numbers.

use super::Floating;

/// A number of 4 or 8 bytes; `None` where it isn't finite.
pub(super) fn floating(bytes: &[u8], kind: Floating) -> Option<f64> {
    let mut turned = [0; 8];
    let value = match kind {
        Floating::HexadecimalLittleEndian | Floating::IeeeLittleEndian => {
            let turned = turned.get_mut(..bytes.len())?;
            turned.copy_from_slice(bytes);
            turned.reverse();
            let kind = if kind == Floating::IeeeLittleEndian { Floating::Ieee } else { Floating::Hexadecimal };
            return floating(turned, kind);
        }
        Floating::Hexadecimal => hexadecimal(bytes),
        Floating::Ieee => match <[u8; 8]>::try_from(bytes) {
            Ok(eight) => f64::from_be_bytes(eight),
            Err(_) => f64::from(f32::from_be_bytes(bytes.try_into().ok()?)),
        },
    };
    value.is_finite().then_some(value)
}

/// Hexadecimal floating point: a sign bit, 7 bits of exponent to base 16, biased by 64, then a fraction below one.
/// (*z/Architecture Principles of Operation*, chapter 18.) The 56 bits of the longer one are rounded to the 53 that
/// fit.
#[expect(clippy::cast_precision_loss, reason = "rounding to the nearest is what is wanted")]
fn hexadecimal(bytes: &[u8]) -> f64 {
    let Some((first, rest)) = bytes.split_first() else { return 0.0 };
    let fraction = rest.iter().fold(0_u64, |fraction, byte| fraction << 8 | u64::from(*byte));
    let bits = 8 * i32::try_from(rest.len()).unwrap_or(0);
    let exponent = 4 * (i32::from(first & 0x7F) - 64) - bits;
    let magnitude = fraction as f64 * f64::from(exponent).exp2();
    if first & 0x80 == 0 { magnitude } else { -magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_principles_of_operation() {
        // Examples of figure 18-1 and its text: 1.0 is 41 10 00 00, 0.5 is 40 80 00 00, -15 × 2^-4 is C0 F0 00 00.
        for (bytes, value) in [
            ([0x41, 0x10, 0, 0], 1.0),
            ([0x40, 0x80, 0, 0], 0.5),
            ([0xC0, 0xF0, 0, 0], -0.9375),
            ([0x42, 0x64, 0, 0], 100.0),
            ([0, 0, 0, 0], 0.0),
        ] {
            assert_eq!(floating(&bytes, Floating::Hexadecimal), Some(value));
        }
        assert_eq!(floating(&[0xC2, 0x76, 0xA0, 0, 0, 0, 0, 0], Floating::Hexadecimal), Some(-118.625));
        assert_eq!(floating(&[0x3F, 0x80, 0, 0], Floating::Ieee), Some(1.0));
        assert_eq!(floating(&[0, 0, 0x80, 0x3F], Floating::IeeeLittleEndian), Some(1.0));
        assert_eq!(floating(&[0, 0, 0x64, 0x42], Floating::HexadecimalLittleEndian), Some(100.0));
        assert_eq!(floating(&[0x7F, 0x80, 0, 0], Floating::Ieee), None);
    }
}
