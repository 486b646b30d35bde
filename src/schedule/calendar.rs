//! Business days: weekdays, and files of holidays.

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::civil::{Date, Weekday};

use crate::settings::Days;

/// No stretch of days that are no business days is longer than this, or there is none after it.
const LONGEST_BREAK: usize = 3_660;

/// The days in a file of holidays: a date a line, `2026-12-25`, or `12-25` for every year.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    dates: BTreeSet<Date>,
    /// Month and day.
    every_year: BTreeSet<(i8, i8)>,
}

/// A line of such a file that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarProblem {
    /// The line, from 1.
    pub line: usize,
    /// The bytes of the text at fault.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl Calendar {
    /// Reads a file's text. Blank lines say nothing, and `#` starts a comment.
    ///
    /// # Errors
    ///
    /// Every line that is no date.
    pub fn parse(text: &str) -> Result<Self, Vec<CalendarProblem>> {
        let mut calendar = Self::default();
        let mut problems = Vec::new();
        let mut start = 0;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let said = line.split('#').next().unwrap_or_default();
            let day = said.trim();
            let indent = said.len() - said.trim_start().len();
            if !day.is_empty()
                && let Err(message) = calendar.add(day)
            {
                let span = start + indent..start + indent + day.len();
                let help = "write a day as `2026-12-25`, or as `12-25` for every year".to_owned();
                problems.push(CalendarProblem { line: number + 1, span, message, help });
            }
            start += line.len();
        }
        if problems.is_empty() { Ok(calendar) } else { Err(problems) }
    }

    /// Whether this day is in it.
    pub fn contains(&self, date: Date) -> bool {
        self.dates.contains(&date) || self.every_year.contains(&(date.month(), date.day()))
    }

    fn add(&mut self, day: &str) -> Result<(), String> {
        let parts: Vec<&str> = day.split('-').collect();
        let parsed = match parts.as_slice() {
            [year, month, day] => number(year, 4).zip(number(month, 2)).zip(number(day, 2)),
            // 2000 was a leap year: 29 February is a day, of those years that have it.
            [month, day] => Some(2000).zip(number(month, 2)).zip(number(day, 2)),
            _ => None,
        };
        let Some(((year, month), day_of_month)) = parsed else { return Err(format!("`{day}` is not a day")) };
        let part = |number: i16| i8::try_from(number).unwrap_or(i8::MAX);
        let Ok(date) = Date::new(year, part(month), part(day_of_month)) else {
            return Err(format!("there is no day `{day}`"));
        };
        if parts.len() == 3 {
            self.dates.insert(date);
        } else {
            self.every_year.insert((date.month(), date.day()));
        }
        Ok(())
    }
}

/// A number of so many digits.
fn number(text: &str, digits: usize) -> Option<i16> {
    let well_formed = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    well_formed.then(|| text.parse().ok())?
}

/// Which days are business days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessDays {
    days: Days,
    holidays: Calendar,
}

impl BusinessDays {
    /// These days, without holidays.
    pub fn new(days: Days, holidays: Calendar) -> Self {
        Self { days, holidays }
    }

    /// Whether every day is one.
    pub fn are_all_days(&self) -> bool {
        self.days == Days::All && self.holidays == Calendar::default()
    }

    /// Whether this day is one.
    pub fn contains(&self, date: Date) -> bool {
        let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        !(weekend && self.days == Days::Weekdays || self.holidays.contains(date))
    }

    /// The first one, from this day on; none where ten years have none.
    pub fn from(&self, date: Date) -> Option<Date> {
        days(date, Date::tomorrow).find(|&day| self.contains(day))
    }

    /// The last one, up to this day; none where ten years have none.
    pub fn until(&self, date: Date) -> Option<Date> {
        days(date, Date::yesterday).find(|&day| self.contains(day))
    }
}

fn days(from: Date, step: fn(Date) -> Result<Date, jiff::Error>) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(from), move |&day| step(day).ok()).take(LONGEST_BREAK)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn reads_days_of_one_year_and_of_every_year() {
        let text = "# Holidays\n2026-05-25   # Memorial Day\n\n 12-25\r\n02-29\n2027-01-01";
        let calendar = Calendar::parse(text).unwrap();
        for (day, is_holiday) in [
            (date(2026, 5, 25), true),
            (date(2027, 5, 25), false),
            (date(2026, 12, 25), true),
            (date(2031, 12, 25), true),
            (date(2028, 2, 29), true),
            (date(2027, 1, 1), true),
            (date(2026, 1, 1), false),
        ] {
            assert_eq!(calendar.contains(day), is_holiday, "{day}");
        }
    }

    #[test]
    fn says_which_line_is_no_day() {
        let text = "2026-12-25\n25.12.2026\n  2026-02-29 # leap\n1-1\n2026-1-01\n12\n02-30\n2026-12-25-01\nÄ";
        let problems = Calendar::parse(text).unwrap_err();
        let said: Vec<String> = problems
            .into_iter()
            .map(|problem| format!("{}: {}: {}", problem.line, &text[problem.span], problem.message))
            .collect();
        insta::assert_snapshot!(said.join("\n"), @r"
        2: 25.12.2026: `25.12.2026` is not a day
        3: 2026-02-29: there is no day `2026-02-29`
        4: 1-1: `1-1` is not a day
        5: 2026-1-01: `2026-1-01` is not a day
        6: 12: `12` is not a day
        7: 02-30: there is no day `02-30`
        8: 2026-12-25-01: `2026-12-25-01` is not a day
        9: Ä: `Ä` is not a day
        ");
    }

    #[test]
    fn finds_business_days_across_weekends_and_holidays() {
        let days = BusinessDays::new(Days::Weekdays, Calendar::parse("12-25\n2026-12-28").unwrap());
        assert_eq!(days.from(date(2026, 12, 25)), Some(date(2026, 12, 29)));
        assert_eq!(days.until(date(2026, 12, 28)), Some(date(2026, 12, 24)));
        assert_eq!(days.from(date(2026, 12, 24)), Some(date(2026, 12, 24)));
        assert!(!days.are_all_days());
        let all: String = (1..=12)
            .flat_map(|month| (1..=31).map(move |day| (month, day)))
            .filter(|&(month, day)| Date::new(2000, month, day).is_ok())
            .map(|(month, day)| format!("{month:02}-{day:02}\n"))
            .collect();
        let none = BusinessDays::new(Days::All, Calendar::parse(&all).unwrap());
        assert_eq!(none.from(date(2026, 1, 1)), None);
    }

    proptest::proptest! {
        #[test]
        fn never_panics_and_points_into_the_text(text in "([0-9-]{0,11}[ #\r\n]{0,2}|\\PC{0,9}\n){0,5}") {
            for problem in Calendar::parse(&text).err().unwrap_or_default() {
                proptest::prop_assert!(text.get(problem.span).is_some_and(|at| !at.is_empty()));
            }
        }
    }
}
