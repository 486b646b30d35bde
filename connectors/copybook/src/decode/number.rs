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
        let sign = if self.digits < 0 { "-" } else { "" };
        let digits = self.digits.unsigned_abs().to_string();
        let Ok(after) = usize::try_from(self.scale) else {
            let zeros = if self.digits == 0 { 0 } else { self.scale.unsigned_abs() as usize };
            return write!(f, "{sign}{digits}{}", "0".repeat(zeros));
        };
        if after == 0 {
            return write!(f, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = after + 1);
        let (whole, fraction) = padded.split_at(padded.len() - after);
        write!(f, "{sign}{whole}.{fraction}")
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
}
