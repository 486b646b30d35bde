//! A length of time as text: `90s`, `5m`, `1h 30m`, `7d`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::fmt::friendly::{SpanParser, SpanPrinter};
use jiff::{SignedDuration, SpanRelativeTo};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A length of time, written as `90s`, `5m`, `1h 30m` or `7d`: longer than nothing, and a day has 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(Duration);

/// Text that is no length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SpanError(String);

impl Span {
    /// So many seconds.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// So many hours.
    pub const fn from_hours(hours: u64) -> Self {
        Self::from_seconds(hours * 3600)
    }

    /// The same as the standard library has it.
    pub const fn duration(self) -> Duration {
        self.0
    }

    /// The same as jiff has it. No span is too long for it: the parser takes none beyond 20,000 years.
    pub fn signed(self) -> SignedDuration {
        SignedDuration::try_from(self.0).unwrap_or(SignedDuration::MAX)
    }
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let wrong = |why: &str| SpanError(format!("`{text}` is not a length of time{why}"));
        let span = SpanParser::new().parse_span(text).map_err(|_| wrong(""))?;
        if span.get_years() != 0 || span.get_months() != 0 {
            return Err(wrong(": months and years have no fixed length"));
        }
        let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong(": it is too long"))?;
        match Duration::try_from(length) {
            Ok(Duration::ZERO) => Err(wrong(": it is nothing")),
            Ok(length) => Ok(Self(length)),
            Err(_) => Err(wrong(": it is less than nothing")),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (days, rest) = (seconds / 86_400, self.signed() - SignedDuration::from_hours(24) * days_of(seconds));
        let rest = (!rest.is_zero() || days == 0).then(|| SpanPrinter::new().duration_to_string(&rest));
        match (days, rest) {
            (0, Some(rest)) => write!(formatter, "{rest}"),
            (days, Some(rest)) => write!(formatter, "{days}d {rest}"),
            (days, None) => write!(formatter, "{days}d"),
        }
    }
}

/// Whole days; beyond what fits, the most that does.
fn days_of(seconds: u64) -> i32 {
    i32::try_from(seconds / 86_400).unwrap_or(i32::MAX)
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "examples": ["90s", "5m", "1h 30m", "7d"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        let seconds = |text: &str| text.parse::<Span>().map(|span| span.duration().as_secs());
        for (text, length) in
            [("90s", 90), ("5m", 300), ("1h 30m", 5_400), ("1h30m", 5_400), ("7d", 604_800), ("2 weeks", 1_209_600)]
        {
            assert_eq!(seconds(text), Ok(length), "{text}");
        }
        for text in ["", "5", "0s", "-5m", "5m ago", "1mo", "2y", "PT5M", "5 parsecs", "06:30", "99999999999d"] {
            let error = seconds(text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{text}` is not a length of time")), "{error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_back(seconds in 1_u64..100_000_000_000) {
            let span = Span::from_seconds(seconds);
            proptest::prop_assert_eq!(span.to_string().parse(), Ok(span));
        }
    }
}
