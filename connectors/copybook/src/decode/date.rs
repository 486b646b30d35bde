//! Dates that are written as digits.
//!
//! COBOL has no dates: programs move them as numbers or text of which only people know that they are dates, and in what
//! order year, month and day stand. Where there is none, zeros or nines stand in most files.

use super::{Number, Value};

/// How the dates of a field are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Date {
    pattern: String,
    parts: Vec<Part>,
    /// Digits of all parts.
    digits: u32,
    /// Two digits below it are years from 2000 on, others from 1900 on.
    pivot: u8,
    /// Whether zeros stand for no date.
    pub zeros_are_none: bool,
    /// Whether nines stand for no date.
    pub nines_are_none: bool,
    /// Other digits that stand for no date, `19000101` for example.
    pub none: Vec<u64>,
}

/// What is wrong with a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("date pattern `{pattern}`: {wrong}")]
pub struct DateError {
    /// The pattern.
    pub pattern: String,
    /// What is wrong.
    pub wrong: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Four digits.
    Year,
    /// Two digits.
    YearOfCentury,
    /// One digit: 0 for 19, 1 for 20.
    Century,
    Month,
    Day,
    /// Three digits.
    DayOfYear,
    /// A zero that fills up a number.
    Zero,
    /// A character between digits.
    Mark(char),
}

impl Part {
    fn digits(self) -> u32 {
        match self {
            Self::Year => 4,
            Self::DayOfYear => 3,
            Self::YearOfCentury | Self::Month | Self::Day => 2,
            Self::Century | Self::Zero => 1,
            Self::Mark(_) => 0,
        }
    }
}

/// Parts as they are written, the longer ones first.
const WRITTEN: [(&str, Part); 8] = [
    ("YYYY", Part::Year),
    ("CCYY", Part::Year),
    ("YY", Part::YearOfCentury),
    ("MM", Part::Month),
    ("DDD", Part::DayOfYear),
    ("DD", Part::Day),
    ("C", Part::Century),
    ("0", Part::Zero),
];

/// What digits say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateValue {
    /// Days since 1 January 1970.
    Day(i32),
    /// What stands for no date.
    None,
    /// Nothing.
    Wrong,
}

impl Date {
    /// Dates written like `YYYYMMDD`, `DD.MM.YYYY`, `YYYYDDD` (the day of the year), `CYYMMDD` (the century as 0 for 19
    /// and 1 for 20), `0CYYMMDD`, or `YYMMDD`, for which `pivot` says the century: years below it are from 2000 on,
    /// others from 1900 on. `CC` with `YY` behind it is `YYYY`. All zeros and all nines stand for no date.
    pub fn parse(pattern: &str, pivot: Option<u8>) -> Result<Self, DateError> {
        let error = |wrong| DateError { pattern: pattern.to_owned(), wrong };
        let upper = pattern.to_ascii_uppercase();
        let (mut parts, mut rest) = (Vec::new(), upper.as_str());
        while let Some(first) = rest.chars().next() {
            let (part, length) = match WRITTEN.iter().find(|(written, _)| rest.starts_with(written)) {
                Some((written, part)) => (*part, written.len()),
                None if first.is_alphanumeric() => {
                    return Err(error("write it with YYYY, YY, CYY, MM, DD, DDD and marks between them"));
                }
                None => (Part::Mark(first), first.len_utf8()),
            };
            parts.push(part);
            rest = &rest[length..];
        }
        let has = |wanted| parts.iter().filter(|part| **part == wanted).count();
        let years = has(Part::Year) + has(Part::YearOfCentury);
        if years != 1 || has(Part::Century) > has(Part::YearOfCentury) {
            return Err(error("it needs one year: YYYY, YY, or C and YY"));
        }
        let month_and_day = has(Part::Month) == 1 && has(Part::Day) == 1 && has(Part::DayOfYear) == 0;
        let day_of_year = has(Part::Month) == 0 && has(Part::Day) == 0 && has(Part::DayOfYear) == 1;
        if !month_and_day && !day_of_year {
            return Err(error("it needs a month and a day, MM and DD, or the day of the year, DDD"));
        }
        if has(Part::YearOfCentury) == 1 && has(Part::Century) == 0 && pivot.is_none_or(|pivot| pivot > 100) {
            return Err(error("YY needs a pivot from 0 to 100: years below it are from 2000 on, others from 1900 on"));
        }
        let digits = parts.iter().map(|part| part.digits()).sum();
        if digits > MOST_DIGITS {
            return Err(error("it is too long"));
        }
        Ok(Self {
            pattern: pattern.to_owned(),
            parts,
            digits,
            pivot: pivot.unwrap_or_default(),
            zeros_are_none: true,
            nines_are_none: true,
            none: Vec::new(),
        })
    }

    /// The pattern, as it was written.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// What a value says.
    pub fn of(&self, value: Value<'_>) -> DateValue {
        match value {
            Value::Absent => DateValue::None,
            Value::Number(Number { digits, scale: 0 }) => self.of_number(digits),
            Value::Text(text) => self.of_text(text.trim_matches(' ')),
            Value::Number(_) | Value::Floating(_) | Value::Bytes(_) => DateValue::Wrong,
        }
    }

    /// Digits of all its parts.
    pub fn digits(&self) -> u32 {
        self.digits
    }

    /// Whether there are marks between its digits.
    pub fn has_marks(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Mark(_)))
    }

    /// What a number says, zeros in front written out.
    pub(crate) fn of_number(&self, number: i128) -> DateValue {
        match u64::try_from(number) {
            Ok(number) if number < 10_u64.pow(self.digits) => self.of_digits(number),
            _ => DateValue::Wrong,
        }
    }

    /// What text says.
    pub(crate) fn of_text(&self, text: &str) -> DateValue {
        let (mut number, mut characters) = (0_u64, text.chars());
        for part in &self.parts {
            if let Part::Mark(mark) = part {
                if characters.next() != Some(*mark) {
                    return DateValue::Wrong;
                }
                continue;
            }
            for _ in 0..part.digits() {
                let Some(digit) = characters.next().and_then(|c| c.to_digit(10)) else { return DateValue::Wrong };
                number = number * 10 + u64::from(digit);
            }
        }
        if characters.next().is_some() { DateValue::Wrong } else { self.of_digits(number) }
    }

    fn of_digits(&self, number: u64) -> DateValue {
        let nines = 10_u64.pow(self.digits) - 1;
        if (number == 0 && self.zeros_are_none)
            || (number == nines && self.nines_are_none)
            || self.none.contains(&number)
        {
            return DateValue::None;
        }
        let (mut rest, mut century) = (number, None);
        let (mut year, mut month, mut day, mut day_of_year) = (0, 1, 1, None);
        for part in self.parts.iter().rev() {
            let unit = match part.digits() {
                0 => continue,
                1 => 10,
                2 => 100,
                3 => 1_000,
                _ => 10_000,
            };
            let value = i32::try_from(rest % unit).unwrap_or_default();
            rest /= unit;
            match part {
                Part::Year | Part::YearOfCentury => year = value,
                Part::Century if value > 1 => return DateValue::Wrong,
                Part::Century => century = Some(1900 + 100 * value),
                Part::Month => month = value,
                Part::Day => day = value,
                Part::DayOfYear => day_of_year = Some(value),
                Part::Zero if value != 0 => return DateValue::Wrong,
                Part::Zero | Part::Mark(_) => {}
            }
        }
        if self.parts.contains(&Part::YearOfCentury) {
            year += century.unwrap_or(if year < i32::from(self.pivot) { 2000 } else { 1900 });
        }
        if year == 0 {
            return DateValue::Wrong;
        }
        match day_of_year {
            Some(day) if (1..=365 + i32::from(is_leap(year))).contains(&day) => {
                DateValue::Day(days(year, 1, 1) + day - 1)
            }
            None if (1..=12).contains(&month) && (1..=days_of(month, year)).contains(&day) => {
                DateValue::Day(days(year, month, day))
            }
            _ => DateValue::Wrong,
        }
    }
}

/// Digits of a pattern at most: they are held in 64 bits.
const MOST_DIGITS: u32 = 18;

fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(month: i32, year: i32) -> i32 {
    match month {
        2 => 28 + i32::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1 January 1970 to a date of the Gregorian calendar. (Howard Hinnant, *chrono-Compatible Low-Level Date
/// Algorithms*, `days_from_civil`: years begin in March, so that the leap day is their last.)
fn days(year: i32, month: i32, day: i32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = 365 * year_of_era + year_of_era / 4 - year_of_era / 100 + day_of_year;
    146_097 * era + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(pattern: &str, number: i128) -> DateValue {
        Date::parse(pattern, Some(50)).unwrap().of_number(number)
    }

    #[test]
    fn numbers() {
        for (pattern, digits, expected) in [
            ("YYYYMMDD", 19_700_101, DateValue::Day(0)),
            ("CCYYMMDD", 20_000_229, DateValue::Day(11_016)),
            ("yyyymmdd", 19_691_231, DateValue::Day(-1)),
            ("YYYYMMDD", 19_000_229, DateValue::Wrong),
            ("YYYYMMDD", 20_240_431, DateValue::Wrong),
            ("YYYYMMDD", 20_241_301, DateValue::Wrong),
            ("YYYYMMDD", 20_240_100, DateValue::Wrong),
            ("YYYYMMDD", 101, DateValue::Wrong),
            ("YYYYMMDD", 0, DateValue::None),
            ("YYYYMMDD", 99_999_999, DateValue::None),
            ("YYYYMMDD", 99_991_231, DateValue::Day(2_932_896)),
            ("YYYYMMDD", 100_000_000, DateValue::Wrong),
            ("YYYYMMDD", -19_700_101, DateValue::Wrong),
            ("DDMMYYYY", 1_011_970, DateValue::Day(0)),
            ("YYMMDD", 700_101, DateValue::Day(0)),
            ("YYMMDD", 102, DateValue::Day(10_958)),
            ("YYMMDD", 1_332, DateValue::Wrong),
            ("YYMMDD", 10_203, DateValue::Day(11_356)),
            ("YYMMDD", 491_231, DateValue::Day(29_219)),
            ("YYMMDD", 500_101, DateValue::Day(-7_305)),
            ("YYMMDD", 999_999, DateValue::None),
            ("YYYYDDD", 1_970_001, DateValue::Day(0)),
            ("YYYYDDD", 2_024_366, DateValue::Day(20_088)),
            ("YYYYDDD", 2_023_366, DateValue::Wrong),
            ("YYYYDDD", 2_023_000, DateValue::Wrong),
            ("YYDDD", 70_365, DateValue::Day(364)),
            ("0CYYMMDD", 1_000_101, DateValue::Day(10_957)),
            ("0CYYMMDD", 700_101, DateValue::Day(0)),
            ("0CYYMMDD", 11_000_101, DateValue::Wrong),
            ("CYYMMDD", 2_000_101, DateValue::Wrong),
        ] {
            assert_eq!(number(pattern, digits), expected, "{pattern} {digits}");
        }
    }

    #[test]
    fn texts() {
        let text = |pattern, text| Date::parse(pattern, None).unwrap().of_text(text);
        assert_eq!(text("YYYY-MM-DD", "1970-01-02"), DateValue::Day(1));
        assert_eq!(text("DD.MM.YYYY", "02.01.1970"), DateValue::Day(1));
        assert_eq!(text("YYYY-MM-DD", "0000-00-00"), DateValue::None);
        assert_eq!(text("YYYY-MM-DD", "9999-99-99"), DateValue::None);
        for wrong in ["", "1970-01-2", "1970-01-022", "1970/01/02", "197O-01-02", "00000000"] {
            assert_eq!(text("YYYY-MM-DD", wrong), DateValue::Wrong, "{wrong}");
        }
    }

    #[test]
    fn what_stands_for_no_date() {
        let mut date = Date::parse("YYYYMMDD", None).unwrap();
        date.none.push(19_000_101);
        assert_eq!(date.of_number(19_000_101), DateValue::None);
        (date.zeros_are_none, date.nines_are_none) = (false, false);
        assert_eq!((date.of_number(0), date.of_number(99_999_999)), (DateValue::Wrong, DateValue::Wrong));
    }

    /// Each day once, beside a count of days.
    #[test]
    fn every_day_of_800_years() {
        let date = Date::parse("YYYYMMDD", None).unwrap();
        let mut expected = days(1600, 1, 1);
        assert_eq!(expected, -135_140);
        for year in 1600..2400 {
            for month in 1..=12 {
                for day in 1..=days_of(month, year) {
                    assert_eq!(date.of_number(i128::from(year * 10_000 + month * 100 + day)), DateValue::Day(expected));
                    expected += 1;
                }
            }
        }
    }

    #[test]
    fn wrong_patterns() {
        for (pattern, wrong) in [
            ("YYYYMM", "it needs a month and a day, MM and DD, or the day of the year, DDD"),
            ("MMDD", "it needs one year: YYYY, YY, or C and YY"),
            ("YYYYYYMMDD", "it needs one year: YYYY, YY, or C and YY"),
            ("YYMMDD", "YY needs a pivot from 0 to 100: years below it are from 2000 on, others from 1900 on"),
            ("YYYYMMDDHH", "write it with YYYY, YY, CYY, MM, DD, DDD and marks between them"),
            ("", "it needs one year: YYYY, YY, or C and YY"),
            ("0000000000000YYYYMMDD", "it is too long"),
        ] {
            assert_eq!(Date::parse(pattern, None).unwrap_err().wrong, wrong, "{pattern}");
        }
    }
}
