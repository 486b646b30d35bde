//! Text to dates and times: by a pattern, or ISO 8601 where none is given.
//!
//! Patterns are strptime's as jiff reads them. A pattern made of digits of fixed width is read by a loop of our own
//! that takes what is written exactly so and leaves everything else to jiff: call logs are a million rows of one shape.

use jiff::fmt::strtime::BrokenDownTime;

use super::refusal::{BAD_DATE, OUT_OF_RANGE, Refusal};
use super::zone::{Offsets, SECOND};

/// Seconds in a day.
const DAY: i64 = 86_400;

/// What a text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// A local time: microseconds since 1970-01-01 00:00:00 on the clock on the wall.
    Local(i64),
    /// An instant, since the text names its offset: microseconds since 1970-01-01 00:00:00 UTC.
    Instant(i64),
}

impl Reading {
    /// The instant, local times being meant in the zone of `offsets`.
    pub fn to_utc(self, text: &str, offsets: &mut Offsets<'_>) -> Result<i64, Refusal> {
        match self {
            Self::Instant(micros) => Ok(micros),
            Self::Local(micros) => {
                offsets.instant(micros).map_err(|refusal| Refusal { text: text.to_owned(), ..refusal })
            }
        }
    }
}

/// A strptime pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Pattern {
    text: String,
    /// Its directives, where all of them are digits of fixed width.
    fixed: Option<Vec<Item>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Item {
    Byte(u8),
    Year,
    ShortYear,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Fraction,
}

impl Pattern {
    /// A pattern, or why it isn't one for dates.
    pub fn new(text: &str) -> Result<Self, String> {
        check(text)?;
        let mut fixed = Some(Vec::new());
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            if character != '%' {
                match (&mut fixed, u8::try_from(character)) {
                    // White space in a pattern stands for any amount of it: jiff's business, but for one blank.
                    (Some(items), Ok(byte)) if byte.is_ascii_graphic() || byte == b' ' => items.push(Item::Byte(byte)),
                    _ => fixed = None,
                }
                continue;
            }
            let mut directive = String::new();
            for next in characters.by_ref() {
                directive.push(next);
                if next.is_ascii_alphabetic() || next == '%' {
                    break;
                }
            }
            let items: &[Item] = match directive.as_str() {
                "Y" => &[Item::Year],
                "y" => &[Item::ShortYear],
                "m" => &[Item::Month],
                "d" => &[Item::Day],
                "H" => &[Item::Hour],
                "M" => &[Item::Minute],
                "S" => &[Item::Second],
                "f" => &[Item::Fraction],
                "F" => &[Item::Year, Item::Byte(b'-'), Item::Month, Item::Byte(b'-'), Item::Day],
                "R" => &[Item::Hour, Item::Byte(b':'), Item::Minute],
                "T" => &[Item::Hour, Item::Byte(b':'), Item::Minute, Item::Byte(b':'), Item::Second],
                _ => {
                    fixed = None;
                    continue;
                }
            };
            if let Some(fixed) = &mut fixed {
                fixed.extend_from_slice(items);
            }
        }
        let once = |item: Item| fixed.as_ref().is_some_and(|items| items.iter().filter(|i| **i == item).count() <= 1);
        let whole = [Item::Month, Item::Day].iter().all(|i| fixed.as_ref().is_some_and(|f| f.contains(i)));
        let simple = whole
            && [
                Item::Year,
                Item::ShortYear,
                Item::Month,
                Item::Day,
                Item::Hour,
                Item::Minute,
                Item::Second,
                Item::Fraction,
            ]
            .into_iter()
            .all(once)
            && fixed.as_ref().is_some_and(|f| !(f.contains(&Item::Year) && f.contains(&Item::ShortYear)));
        Ok(Self { text: text.to_owned(), fixed: fixed.filter(|_| simple) })
    }

    /// Reads a text.
    pub fn read(&self, text: &str) -> Result<Reading, Refusal> {
        if let Some(local) = self.fixed.as_deref().and_then(|items| read_fixed(items, text.as_bytes())) {
            return Ok(Reading::Local(local));
        }
        self.read_any(text)
    }

    /// Reads a text by jiff.
    fn read_any(&self, text: &str) -> Result<Reading, Refusal> {
        let refuse = |reason: String| Refusal::new(BAD_DATE, text, reason);
        let parsed = BrokenDownTime::parse(&self.text, text.trim_ascii())
            .map_err(|_| refuse(format!("it isn't written as '{}'", self.text)))?;
        if let Some(instant) = parsed.timestamp() {
            return Ok(Reading::Instant(instant.as_microsecond()));
        }
        let date = parsed.to_date().map_err(|_| refuse(format!("there is no such date, read as '{}'", self.text)))?;
        let time =
            parsed.to_time().map_err(|_| refuse(format!("there is no such time of day, read as '{}'", self.text)))?;
        let days = days(i64::from(date.year()), i64::from(date.month()), i64::from(date.day()))
            .ok_or_else(|| refuse(format!("its year isn't one of four digits, read as '{}'", self.text)))?;
        let seconds = i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
        let local = (days * DAY + seconds) * SECOND + i64::from(time.subsec_nanosecond() / 1000);
        if let Some(offset) = parsed.offset() {
            return Ok(Reading::Instant(local - i64::from(offset.seconds()) * SECOND));
        }
        match parsed.iana_time_zone() {
            Some(_) => {
                Err(refuse("a zone's name inside the text isn't read: give the zone as the third argument".to_owned()))
            }
            None => Ok(Reading::Local(local)),
        }
    }
}

/// Whether a pattern can be read at all and gives a date: what it writes must be what it reads.
fn check(text: &str) -> Result<(), String> {
    let sample = jiff::civil::date(2026, 11, 22).at(13, 5, 9, 123_456_000).to_zoned(jiff::tz::TimeZone::UTC);
    let sample = sample.map_err(|error| error.to_string())?;
    let written = jiff::fmt::strtime::format(text, &sample).map_err(|error| plain(&error))?;
    let parsed = BrokenDownTime::parse(text, &written).map_err(|error| plain(&error))?;
    if parsed.iana_time_zone().is_some() {
        return Err("a zone's name isn't read from the text: give the zone as the third argument".to_owned());
    }
    if parsed.timestamp().is_none() && parsed.to_date().is_err() {
        return Err("it doesn't say year, month and day".to_owned());
    }
    Ok(())
}

/// What jiff says about a pattern, without its frame.
fn plain(error: &jiff::Error) -> String {
    let text = error.to_string();
    text.strip_prefix("strptime parsing failed: ")
        .or(text.strip_prefix("strftime formatting failed: "))
        .unwrap_or(&text)
        .to_owned()
}

fn read_fixed(items: &[Item], text: &[u8]) -> Option<i64> {
    let (mut year, mut month, mut day, mut seconds, mut micros) = (0, 0, 0, 0, 0);
    let mut at = 0;
    for item in items {
        match item {
            Item::Byte(byte) => {
                if text.get(at) != Some(byte) {
                    return None;
                }
                at += 1;
            }
            Item::Year => {
                year = two(text, at)? * 100 + two(text, at + 2)?;
                at += 4;
            }
            Item::Fraction => {
                let digits = text[at.min(text.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
                if !(1..=9).contains(&digits) {
                    return None;
                }
                for index in 0..6 {
                    let digit = if index < digits { i64::from(text[at + index] - b'0') } else { 0 };
                    micros = micros * 10 + digit;
                }
                at += digits;
            }
            _ => {
                let value = two(text, at)?;
                at += 2;
                match item {
                    Item::ShortYear => year = if value >= 69 { 1900 + value } else { 2000 + value },
                    Item::Month => month = value,
                    Item::Day => day = value,
                    Item::Hour if value < 24 => seconds += value * 3600,
                    Item::Minute if value < 60 => seconds += value * 60,
                    Item::Second if value < 60 => seconds += value,
                    _ => return None,
                }
            }
        }
    }
    if at != text.len() {
        return None;
    }
    Some((days(year, month, day)? * DAY + seconds) * SECOND + micros)
}

fn two(text: &[u8], at: usize) -> Option<i64> {
    let (tens, units) = (text.get(at)?.wrapping_sub(b'0'), text.get(at + 1)?.wrapping_sub(b'0'));
    (tens < 10 && units < 10).then(|| i64::from(tens * 10 + units))
}

/// Days since 1970-01-01 of a date of the Gregorian calendar in the years 1000 to 9999. A year of two digits read as
/// four is no year: it would be silently wrong.
pub(super) fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    if !(1000..=9999).contains(&year) || !(1..=length).contains(&day) {
        return None;
    }
    // Howard Hinnant's days_from_civil, the year starting in March.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year / 400;
    let of_era = year % 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// Reads ISO 8601: `2026-03-01`, `2026-03-01 10:00`, `2026-03-01T10:00:00.25`, with `Z` or an offset behind or not.
pub(super) fn read_iso(text: &str) -> Result<Reading, Refusal> {
    iso(text.trim_ascii().as_bytes()).ok_or_else(|| {
        Refusal::new(BAD_DATE, text, "it isn't a date and time as ISO 8601 writes them, '2026-03-01 10:00:00'")
    })
}

/// Reads a date of ISO 8601 alone, as days since 1970-01-01.
pub(super) fn read_iso_date(text: &str) -> Result<i64, Refusal> {
    let bytes = text.trim_ascii().as_bytes();
    (bytes.len() == 10)
        .then(|| iso_date(bytes))
        .flatten()
        .ok_or_else(|| Refusal::new(BAD_DATE, text, "it isn't a date as ISO 8601 writes them, '2026-03-01'"))
}

fn iso_date(bytes: &[u8]) -> Option<i64> {
    if bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return None;
    }
    days(two(bytes, 0)? * 100 + two(bytes, 2)?, two(bytes, 5)?, two(bytes, 8)?)
}

fn iso(bytes: &[u8]) -> Option<Reading> {
    let midnight = iso_date(bytes)? * DAY * SECOND;
    let Some(rest) = bytes.get(10..).filter(|rest| !rest.is_empty()) else { return Some(Reading::Local(midnight)) };
    if !matches!(rest[0], b'T' | b't' | b' ') || rest.get(3) != Some(&b':') {
        return None;
    }
    let (hour, minute) = (two(rest, 1)?, two(rest, 4)?);
    let (mut second, mut micros, mut at) = (0, 0, 6);
    if rest.get(at) == Some(&b':') {
        second = two(rest, at + 1)?;
        at += 3;
        if matches!(rest.get(at), Some(b'.' | b',')) {
            at += 1;
            let digits = rest[at..].iter().take_while(|b| b.is_ascii_digit()).count();
            if !(1..=9).contains(&digits) {
                return None;
            }
            for index in 0..6 {
                micros = micros * 10 + if index < digits { i64::from(rest[at + index] - b'0') } else { 0 };
            }
            at += digits;
        }
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let local = midnight + (hour * 3600 + minute * 60 + second) * SECOND + micros;
    offset(&rest[at..], local)
}

fn offset(mut rest: &[u8], local: i64) -> Option<Reading> {
    if let [b' ', behind @ ..] = rest {
        rest = behind;
    }
    let (sign, digits) = match rest {
        [] => return Some(Reading::Local(local)),
        [b'Z' | b'z'] => return Some(Reading::Instant(local)),
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let minutes = match digits.len() {
        2 => 0,
        4 => two(digits, 2)?,
        5 if digits[2] == b':' => two(digits, 3)?,
        _ => return None,
    };
    let hours = two(digits, 0)?;
    (hours <= 25 && minutes <= 59).then(|| Reading::Instant(local - sign * (hours * 3600 + minutes * 60) * SECOND))
}

/// Reads seconds, or thousandths or millionths of one, since 1970-01-01 00:00:00 UTC, as microseconds.
pub(super) fn read_epoch(text: &str, micros_per_unit: i64) -> Result<i64, Refusal> {
    let number: i64 = text.trim_ascii().parse().map_err(|_| {
        Refusal::new(BAD_DATE, text, "it isn't a whole number of seconds (or parts of them) since 1970")
    })?;
    // Years 1000 to 9999, as everywhere.
    number
        .checked_mul(micros_per_unit)
        .filter(|micros| (-30_610_224_000..253_402_300_800).contains(&micros.div_euclid(SECOND)))
        .ok_or_else(|| Refusal::new(OUT_OF_RANGE, text, "an instant lies within the years 1000 to 9999"))
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;
    use crate::mapping::zone::Zone;
    use crate::settings::{RepeatedHour, SkippedHour};

    fn read(pattern: &str, text: &str) -> String {
        match Pattern::new(pattern).map(|pattern| pattern.read(text)) {
            Ok(Ok(Reading::Local(micros))) => format!("local {}", jiff::Timestamp::from_microsecond(micros).unwrap()),
            Ok(Ok(Reading::Instant(micros))) => {
                format!("instant {}", jiff::Timestamp::from_microsecond(micros).unwrap())
            }
            Ok(Err(refusal)) => format!("{}: {}", refusal.code, refusal.reason),
            Err(why) => format!("no pattern: {why}"),
        }
    }

    #[test]
    fn patterns() {
        let cases = [
            ("%d/%m/%Y %H:%M:%S", "01/03/2026 10:11:12"),
            ("%d/%m/%Y %H:%M:%S", "1/3/2026 9:11:12"),
            ("%d/%m/%Y %H:%M:%S", "31/02/2026 10:11:12"),
            ("%d/%m/%Y %H:%M:%S", "01/03/2026 24:00:00"),
            ("%d/%m/%Y %H:%M:%S", "01/03/26 10:00:00"),
            ("%d/%m/%Y %H:%M:%S", "01/03/2026"),
            ("%d/%m/%Y", "01/03/2026 10:00"),
            ("%d/%m/%y", "01/03/68"),
            ("%d/%m/%y", "01/03/69"),
            ("%Y%m%d%H%M%S", "20260301101112"),
            ("%Y-%m-%d %H:%M:%S.%f", "2026-03-01 10:11:12.1234567"),
            ("%Y-%m-%d %H:%M:%S%.f", "2026-03-01 10:11:12.5"),
            ("%Y-%m-%d %H:%M:%S%.f", "2026-03-01 10:11:12"),
            ("%m/%d/%Y %I:%M %p", "03/01/2026 12:05 AM"),
            ("%d %b %Y", "1 Mar 2026"),
            ("%Y-%j", "2026-060"),
            ("%a, %d %b %Y %H:%M:%S %z", "Sun, 01 Mar 2026 10:00:00 -0500"),
            ("%s", "1772359200"),
            ("%F %T", "2026-03-01 10:00:00"),
            ("%D", "03/01/26"),
            ("%H:%M", "10:00"),
            ("%Y-%m-%d %Q", "2026-03-01 Europe/Berlin"),
            ("%Y-%m-%d %Z", "2026-03-01 EST"),
            ("%Y-%m-%d %!", "2026-03-01"),
            ("dd/mm/yyyy", "01/03/2026"),
            ("%Y-%m", "2026-03"),
            ("%c", "2026"),
        ];
        let lines: Vec<_> =
            cases.iter().map(|(pattern, text)| format!("{pattern} {text} -> {}", read(pattern, text))).collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        %d/%m/%Y %H:%M:%S 01/03/2026 10:11:12 -> local 2026-03-01T10:11:12Z
        %d/%m/%Y %H:%M:%S 1/3/2026 9:11:12 -> local 2026-03-01T09:11:12Z
        %d/%m/%Y %H:%M:%S 31/02/2026 10:11:12 -> bad_date: there is no such date, read as '%d/%m/%Y %H:%M:%S'
        %d/%m/%Y %H:%M:%S 01/03/2026 24:00:00 -> bad_date: it isn't written as '%d/%m/%Y %H:%M:%S'
        %d/%m/%Y %H:%M:%S 01/03/26 10:00:00 -> bad_date: its year isn't one of four digits, read as '%d/%m/%Y %H:%M:%S'
        %d/%m/%Y %H:%M:%S 01/03/2026 -> bad_date: it isn't written as '%d/%m/%Y %H:%M:%S'
        %d/%m/%Y 01/03/2026 10:00 -> bad_date: it isn't written as '%d/%m/%Y'
        %d/%m/%y 01/03/68 -> local 2068-03-01T00:00:00Z
        %d/%m/%y 01/03/69 -> local 1969-03-01T00:00:00Z
        %Y%m%d%H%M%S 20260301101112 -> local 2026-03-01T10:11:12Z
        %Y-%m-%d %H:%M:%S.%f 2026-03-01 10:11:12.1234567 -> local 2026-03-01T10:11:12.123456Z
        %Y-%m-%d %H:%M:%S%.f 2026-03-01 10:11:12.5 -> local 2026-03-01T10:11:12.5Z
        %Y-%m-%d %H:%M:%S%.f 2026-03-01 10:11:12 -> local 2026-03-01T10:11:12Z
        %m/%d/%Y %I:%M %p 03/01/2026 12:05 AM -> local 2026-03-01T00:05:00Z
        %d %b %Y 1 Mar 2026 -> local 2026-03-01T00:00:00Z
        %Y-%j 2026-060 -> local 2026-03-01T00:00:00Z
        %a, %d %b %Y %H:%M:%S %z Sun, 01 Mar 2026 10:00:00 -0500 -> instant 2026-03-01T15:00:00Z
        %s 1772359200 -> instant 2026-03-01T10:00:00Z
        %F %T 2026-03-01 10:00:00 -> local 2026-03-01T10:00:00Z
        %D 03/01/26 -> local 2026-03-01T00:00:00Z
        %H:%M 10:00 -> no pattern: it doesn't say year, month and day
        %Y-%m-%d %Q 2026-03-01 Europe/Berlin -> no pattern: a zone's name isn't read from the text: give the zone as the third argument
        %Y-%m-%d %Z 2026-03-01 EST -> no pattern: parsing time zone abbreviation is not allowed
        %Y-%m-%d %! 2026-03-01 -> no pattern: found unrecognized specifier directive `!`
        dd/mm/yyyy 01/03/2026 -> no pattern: it doesn't say year, month and day
        %Y-%m 2026-03 -> no pattern: it doesn't say year, month and day
        %c 2026 -> no pattern: parsing locale date and time is not allowed
        ");
    }

    #[test]
    fn iso_8601() {
        let texts = [
            "2026-03-01",
            "2026-03-01 10:00",
            "2026-03-01T10:00:00Z",
            "2026-03-01 10:00:00.25",
            "2026-03-01 10:00:00+01:00",
            "2026-03-01 10:00:00 -0500",
            "2026-03-01T10:00:00+01",
            " 2026-03-01 ",
            "2026-02-29",
            "2024-02-29",
            "2026-3-1",
            "2026-03-01 25:00",
            "2026-03-01T10",
            "20260301",
            "2026-03-01 10:00:00 EST",
            "0026-03-01",
            "",
        ];
        let lines: Vec<_> = texts
            .iter()
            .map(|text| match read_iso(text) {
                Ok(Reading::Local(micros)) => {
                    format!("{text} -> local {}", jiff::Timestamp::from_microsecond(micros).unwrap())
                }
                Ok(Reading::Instant(micros)) => {
                    format!("{text} -> instant {}", jiff::Timestamp::from_microsecond(micros).unwrap())
                }
                Err(refusal) => format!("{text} -> {}: {}", refusal.code, refusal.reason),
            })
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        2026-03-01 -> local 2026-03-01T00:00:00Z
        2026-03-01 10:00 -> local 2026-03-01T10:00:00Z
        2026-03-01T10:00:00Z -> instant 2026-03-01T10:00:00Z
        2026-03-01 10:00:00.25 -> local 2026-03-01T10:00:00.25Z
        2026-03-01 10:00:00+01:00 -> instant 2026-03-01T09:00:00Z
        2026-03-01 10:00:00 -0500 -> instant 2026-03-01T15:00:00Z
        2026-03-01T10:00:00+01 -> instant 2026-03-01T09:00:00Z
         2026-03-01  -> local 2026-03-01T00:00:00Z
        2026-02-29 -> bad_date: it isn't a date and time as ISO 8601 writes them, '2026-03-01 10:00:00'
        2024-02-29 -> local 2024-02-29T00:00:00Z
        2026-3-1 -> bad_date: it isn't a date and time as ISO 8601 writes them, '2026-03-01 10:00:00'
        2026-03-01 25:00 -> bad_date: it isn't a date and time as ISO 8601 writes them, '2026-03-01 10:00:00'
        2026-03-01T10 -> bad_date: it isn't a date and time as ISO 8601 writes them, '2026-03-01 10:00:00'
        20260301 -> bad_date: it isn't a date and time as ISO 8601 writes them, '2026-03-01 10:00:00'
        2026-03-01 10:00:00 EST -> bad_date: it isn't a date and time as ISO 8601 writes them, '2026-03-01 10:00:00'
        0026-03-01 -> bad_date: it isn't a date and time as ISO 8601 writes them, '2026-03-01 10:00:00'
         -> bad_date: it isn't a date and time as ISO 8601 writes them, '2026-03-01 10:00:00'
        ");
    }

    /// What jiff makes of a local time, by the same rules.
    fn by_jiff(zone: &TimeZone, local: jiff::civil::DateTime, later: bool) -> i64 {
        let ambiguous = zone.to_ambiguous_timestamp(local);
        let instant = if later { ambiguous.later() } else { ambiguous.compatible() };
        instant.unwrap().as_microsecond()
    }

    fn all_zones() -> Vec<String> {
        jiff::tz::db().available().map(|name| name.to_string()).collect()
    }

    #[test]
    fn local_times_around_every_transition_as_jiff_has_them() {
        for name in all_zones() {
            let zone = TimeZone::get(&name).unwrap();
            for (repeated, later) in [(RepeatedHour::Earlier, false), (RepeatedHour::Later, true)] {
                let ours = Zone::named(&name, repeated, SkippedHour::Later).unwrap();
                let mut offsets = Offsets::new(&ours);
                let start: jiff::Timestamp = "1995-01-01T00:00:00Z".parse().unwrap();
                for transition in zone.following(start).take(12) {
                    for hours in -13..=13 {
                        for minutes in [-1, 0, 29, 30] {
                            let shifted = transition.timestamp().as_second() + hours * 3600 + minutes * 60;
                            let local = TimeZone::UTC.to_datetime(jiff::Timestamp::from_second(shifted).unwrap());
                            // In a gap, `later` of jiff is the other reading than ours: minutes past the gap.
                            let gap = matches!(
                                zone.to_ambiguous_timestamp(local).offset(),
                                jiff::tz::AmbiguousOffset::Gap { .. }
                            );
                            assert_eq!(
                                offsets.instant(shifted * SECOND).unwrap(),
                                by_jiff(&zone, local, later && !gap),
                                "{name} {local}"
                            );
                        }
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn the_fast_reader_reads_as_jiff_does(
            second in -5_000_000_000_i64..10_000_000_000, nano in 0..1_000_000_000_i64, zone in 0_usize..600, form in 0_usize..7,
        ) {
            let zones = all_zones();
            let name = &zones[zone % zones.len()];
            let local = TimeZone::UTC.to_datetime(jiff::Timestamp::new(second, 0).unwrap()).checked_add(jiff::SignedDuration::from_nanos(nano)).unwrap();
            let forms = ["%d/%m/%Y %H:%M:%S", "%Y%m%d%H%M%S", "%F %T", "%m-%d-%Y %R", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S.%f", "%d.%m.%y %H:%M"];
            let form = forms[form];
            let pattern = Pattern::new(form).unwrap();
            prop_assert!(pattern.fixed.is_some(), "{form}");
            let text = jiff::fmt::strtime::format(form, local).unwrap();
            let fast = read_fixed(pattern.fixed.as_deref().unwrap(), text.as_bytes()).map(Reading::Local);
            prop_assert_eq!(fast, pattern.read_any(&text).ok(), "{} {}", form, text);
            let ours = Zone::named(name, RepeatedHour::Earlier, SkippedHour::Later).unwrap();
            let Some(Reading::Local(micros)) = fast else { return Ok(()) };
            let read_local = TimeZone::UTC.to_datetime(jiff::Timestamp::from_microsecond(micros).unwrap());
            let theirs = by_jiff(&TimeZone::get(name).unwrap(), read_local, false);
            prop_assert_eq!(Offsets::new(&ours).instant(micros).unwrap(), theirs, "{} {}", name, read_local);
        }

        #[test]
        fn what_the_fast_reader_takes_jiff_takes_too(text in "[0-9]{1,4}[-/ .:]?[0-9]{1,2}[-/ .:]?[0-9]{1,4}[ T]?[0-9]{0,2}:?[0-9]{0,2}:?[0-9]{0,2}") {
            for form in ["%d/%m/%Y %H:%M:%S", "%Y%m%d%H%M%S", "%F %T", "%d.%m.%y %H:%M", "%Y-%m-%d"] {
                let pattern = Pattern::new(form).unwrap();
                if let Some(fast) = read_fixed(pattern.fixed.as_deref().unwrap(), text.as_bytes()) {
                    prop_assert_eq!(Ok(Reading::Local(fast)), pattern.read_any(&text));
                }
            }
        }

        #[test]
        fn any_text_is_an_answer(text in "\\PC*", pattern in "[%a-zA-Z:/ .0-9-]{0,12}", digits in "[0-9TZ:+. -]{0,30}") {
            if let Ok(pattern) = Pattern::new(&pattern) {
                let _ = pattern.read(&text);
                let _ = pattern.read(&digits);
            }
            let _ = read_iso(&text);
            let _ = read_iso(&digits);
            let _ = read_iso_date(&digits);
            let _ = read_epoch(&digits, 1_000_000);
        }
    }
}
