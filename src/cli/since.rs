//! How people name a moment in the past: a date, a date with a time, or how long ago.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::settings::Span;

/// The instant that `text` names, in UTC as listings are; `3 days` and its like count back from `now`.
///
/// # Errors
///
/// In words, where it is none.
pub fn since(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let civil = text.parse::<DateTime>().and_then(|civil| civil.to_zoned(TimeZone::UTC));
    if let Ok(zoned) = civil {
        return Ok(zoned.timestamp());
    }
    let ago = text.parse::<Span>().ok().and_then(|span| now.checked_sub(span.signed()).ok());
    ago.ok_or_else(|| format!("`{text}` is no moment; write `2026-03-01`, `2026-03-01 06:30` (UTC) or `3 days`"))
}

/// For clap.
pub fn argument(text: &str) -> Result<Timestamp, String> {
    since(text, Timestamp::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_times_and_how_long_ago() {
        let now: Timestamp = "2026-03-29T12:00:00Z".parse().unwrap();
        let read = |text: &str| since(text, now).map(|instant| instant.to_string());
        assert_eq!(read("2026-03-01").unwrap(), "2026-03-01T00:00:00Z");
        assert_eq!(read("2026-03-01 06:30").unwrap(), "2026-03-01T06:30:00Z");
        assert_eq!(read("2026-03-01T06:30:15").unwrap(), "2026-03-01T06:30:15Z");
        assert_eq!(read("90 min").unwrap(), "2026-03-29T10:30:00Z");
        insta::assert_snapshot!(
            read("yesterday").unwrap_err(),
            @"`yesterday` is no moment; write `2026-03-01`, `2026-03-01 06:30` (UTC) or `3 days`"
        );
    }
}
