//! Exact decimals.

use std::fmt;

/// A number with a fixed point: `digits × 10^−scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Number {
    /// All its digits as a whole number, 38 at most.
    pub digits: i128,
    /// Digits after the point; negative where zeros follow that aren't stored.
    pub scale: i32,
}

impl fmt::Display for Number {
    /// With all digits after the point, as its picture has them: `-12.50`, `0.00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.digits < 0 {
            f.write_str("-")?;
        }
        let mut buffer = [b'0'; MOST_DIGITS];
        let digits = written(self.digits.unsigned_abs(), &mut buffer);
        let Ok(after) = usize::try_from(self.scale) else {
            f.write_str(digits)?;
            let zeros = if self.digits == 0 { 0 } else { self.scale.unsigned_abs() };
            return (0..zeros).try_for_each(|_| f.write_str("0"));
        };
        match digits.len().checked_sub(after) {
            _ if after == 0 => f.write_str(digits),
            Some(0) | None => {
                f.write_str("0.")?;
                (digits.len()..after).try_for_each(|_| f.write_str("0"))?;
                f.write_str(digits)
            }
            Some(whole) => {
                f.write_str(&digits[..whole])?;
                f.write_str(".")?;
                f.write_str(&digits[whole..])
            }
        }
    }
}

/// Digits of the largest number of 128 bits.
const MOST_DIGITS: usize = 39;

/// The digits of a number, put at the end of a buffer.
fn written(mut number: u128, buffer: &mut [u8; MOST_DIGITS]) -> &str {
    let mut start = MOST_DIGITS;
    loop {
        // Most numbers fit 64 bits, which are divided many times faster.
        let digit = if let Ok(small) = u64::try_from(number) {
            number = u128::from(small / 10);
            small % 10
        } else {
            let digit = number % 10;
            number /= 10;
            u64::try_from(digit).expect("a digit is below ten")
        };
        start -= 1;
        buffer[start] = b'0' + u8::try_from(digit).expect("a digit is below ten");
        if number == 0 {
            return std::str::from_utf8(&buffer[start..]).expect("digits are ASCII");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Number;

    #[test]
    fn every_digit_is_written() {
        for (digits, scale, text) in [
            (-1250, 2, "-12.50"),
            (0, 2, "0.00"),
            (5, 3, "0.005"),
            (-5, 1, "-0.5"),
            (12, -2, "1200"),
            (0, -2, "0"),
            (7, 0, "7"),
            (99_999_999_999_999_999_999_999_999_999_999_999_999, 38, "0.99999999999999999999999999999999999999"),
        ] {
            assert_eq!(Number { digits, scale }.to_string(), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn digits_are_those_of_the_number(digits: i128, scale in 0_i32..=40) {
            let text = Number { digits, scale }.to_string();
            let after = text.split_once('.').map_or(0, |(_, after)| after.len());
            proptest::prop_assert_eq!(after, usize::try_from(scale).unwrap());
            let plain: String = text.chars().filter(|c| *c != '.').collect();
            proptest::prop_assert_eq!(plain.parse::<i128>(), Ok(digits));
        }
    }
}
