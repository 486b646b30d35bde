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
                offsets.to_utc(micros).map_err(|refusal| Refusal { text: text.to_owned(), ..refusal })
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
    has_time: bool,
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
        let mut fixed = Some(Vec::new());
        let mut has_time = false;
        let mut has_date = false;
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
            has_date |= directive.ends_with(['Y', 'y', 'F', 'D', 's', 'G']);
            has_time |= directive.ends_with(['H', 'I', 'k', 'l', 'T', 'R', 's']);
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
        if !has_date {
            return Err("it has no year: `%Y-%m-%d` is a whole date".to_owned());
        }
        if let Err(error) = BrokenDownTime::parse(text, "")
            && is_pattern_error(&error.to_string())
        {
            return Err(error.to_string().replace("strptime parsing failed: ", ""));
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
        Ok(Self { text: text.to_owned(), fixed: fixed.filter(|_| simple), has_time })
    }

    /// Whether it says an hour: a date otherwise.
    pub fn has_time(&self) -> bool {
        self.has_time
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
        let time = if self.has_time {
            parsed.to_time().map_err(|_| refuse(format!("there is no such time of day, read as '{}'", self.text)))?
        } else {
            jiff::civil::Time::midnight()
        };
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

/// Whether parsing nothing failed for the pattern's sake rather than for want of text.
fn is_pattern_error(message: &str) -> bool {
    [
        "unrecognized",
        "unsupported",
        "not supported",
        "cannot parse",
        "formatting only",
        "unknown directive",
        "found invalid",
    ]
    .iter()
    .any(|word| message.contains(word))
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
