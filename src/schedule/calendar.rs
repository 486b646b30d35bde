//! Business days: Monday to Friday, or every day, without holidays. A file of holidays has a date a line: `2026-12-25`, or
//! `12-25` for one of every year; `#` begins a comment.

use std::collections::HashSet;
use std::path::Path;

use jiff::civil::{Date, Weekday};

use super::ScheduleError;

/// The holidays of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    dates: HashSet<Date>,
    /// Month and day.
    yearly: HashSet<(i8, i8)>,
}

impl Calendar {
    /// Reads a file of holidays.
    pub fn read(path: &Path) -> Result<Self, ScheduleError> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| ScheduleError::Holidays { file: file.clone(), wrong: error.to_string() })?;
        Self::parse(&text).map_err(|wrong| ScheduleError::Holidays { file, wrong })
    }

    /// Reads the text of one. The error names the line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut calendar = Self::default();
        for (number, line) in text.lines().enumerate() {
            let written = line.split('#').next().unwrap_or_default().trim();
            if written.is_empty() {
                continue;
            }
            // A leap year, so that 29 February is a date.
            let yearly = || format!("2000-{written}").parse::<Date>();
            match (written.parse::<Date>(), written.len()) {
                (Ok(date), _) => drop(calendar.dates.insert(date)),
                (Err(_), 5) if yearly().is_ok() => {
                    let date = yearly().map_err(|error| error.to_string())?;
                    calendar.yearly.insert((date.month(), date.day()));
                }
                _ => return Err(format!("line {}: `{written}` is no date; write 2026-12-25 or 12-25", number + 1)),
            }
        }
        Ok(calendar)
    }

    /// Whether that date is a holiday.
    pub fn has(&self, date: Date) -> bool {
        self.dates.contains(&date) || self.yearly.contains(&(date.month(), date.day()))
    }
}

/// Which days count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessDays {
    /// Only Monday to Friday.
    pub weekdays: bool,
    /// Not these.
    pub holidays: Calendar,
}

impl BusinessDays {
    /// Whether every day counts.
    pub fn are_all(&self) -> bool {
        !self.weekdays && self.holidays == Calendar::default()
    }

    /// Whether that date counts.
    pub fn has(&self, date: Date) -> bool {
        let is_weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        !(self.weekdays && is_weekend || self.holidays.has(date))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn holidays_are_dates_and_days_of_every_year() {
        let text = "# Bank holidays\n2026-04-03  # Good Friday\n12-25\n\n02-29\n";
        let days = BusinessDays { weekdays: true, holidays: Calendar::parse(text).unwrap() };
        assert!(!days.has(date(2026, 4, 3)) && days.has(date(2025, 4, 3)));
        assert!(!days.has(date(2026, 12, 25)) && !days.has(date(2031, 12, 25)) && !days.has(date(2028, 2, 29)));
        assert!(!days.has(date(2026, 4, 4)) && days.has(date(2026, 4, 6)));
    }

    #[test]
    fn a_line_that_is_no_date_is_named() {
        assert_eq!(
            Calendar::parse("2026-01-01\n25.12.2026\n").unwrap_err(),
            "line 2: `25.12.2026` is no date; write 2026-12-25 or 12-25"
        );
        assert!(Calendar::parse("13-40").is_err() && Calendar::parse("2026-02-30").is_err());
    }
}
