//! How many rejected rows a file may have.

use std::fmt;

use crate::settings::Rejects;

/// How many rejected rows a file may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Budget {
    /// So many.
    at_most: Option<u64>,
    /// So many of those read.
    share: Option<Share>,
}

/// A share of rows: hundred-thousandths of a percent, so that it is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share(u64);

/// All rows.
const WHOLE: u64 = 10_000_000;

impl Budget {
    /// What the settings say. A share that is none was refused when they were checked.
    pub fn new(settings: &Rejects) -> Self {
        let share = settings.at_most_share.as_deref().and_then(|text| Share::parse(text).ok());
        Self { at_most: settings.at_most, share }
    }

    /// Whether there are bounds at all.
    pub fn is_unbounded(&self) -> bool {
        *self == Self::default()
    }

    /// The bound that so many rejected of so many read rows go beyond.
    pub fn exceeded(&self, rejected: u64, read: u64) -> Option<String> {
        if let Some(most) = self.at_most
            && rejected > most
        {
            return Some(format!("{rejected} rows were rejected and rejects.at_most is {most}"));
        }
        let share = self.share?;
        let beyond = u128::from(rejected) * u128::from(WHOLE) > u128::from(share.0) * u128::from(read);
        beyond.then(|| format!("{rejected} of {read} rows were rejected and rejects.at_most_share is {share}"))
    }
}

impl Share {
    /// Reads `0.5%`; an error says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no share of rows");
        let number = text.trim().strip_suffix('%').ok_or_else(wrong)?.trim();
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || fraction.len() > 5 || whole.len() > 3 {
            return Err(wrong());
        }
        let parts = format!("{whole}{fraction:0<5}").parse().map_err(|_| wrong())?;
        if parts > WHOLE { Err(format!("`{text}` is more than all rows")) } else { Ok(Self(parts)) }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:05}", self.0 / 100_000, self.0 % 100_000);
        write!(f, "{}%", text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(at_most: Option<u64>, share: Option<&str>) -> Budget {
        Budget::new(&Rejects { at_most, at_most_share: share.map(str::to_owned) })
    }

    #[test]
    fn shares_read_and_write() {
        for (text, written) in
            [("1%", "1%"), ("0.5 %", "0.5%"), ("100%", "100%"), ("0%", "0%"), ("0.00001%", "0.00001%")]
        {
            assert_eq!(Share::parse(text).unwrap().to_string(), written);
        }
        for wrong in
            ["", "%", "1", "0.01", ".5%", "1.%", "101%", "-1%", "1e1%", "0.000001%", "1000%", "99999999999999999999%"]
        {
            assert!(Share::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_last_row_that_may_be_rejected() {
        assert_eq!(budget(Some(3), None).exceeded(3, 3), None);
        assert!(budget(Some(3), None).exceeded(4, 1_000).unwrap().contains("rejects.at_most is 3"));
        assert_eq!(budget(None, Some("1%")).exceeded(10, 1_000), None);
        assert_eq!(
            budget(None, Some("1%")).exceeded(11, 1_000).unwrap(),
            "11 of 1000 rows were rejected and rejects.at_most_share is 1%"
        );
        assert!(budget(Some(100), Some("1%")).exceeded(11, 1_000).is_some(), "either is enough");
        assert_eq!(budget(None, Some("0%")).exceeded(0, 0), None);
        assert!(budget(None, Some("0%")).exceeded(1, u64::MAX).is_some());
        assert!(budget(None, None).is_unbounded());
    }
}
