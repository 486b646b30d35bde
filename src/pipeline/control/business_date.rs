//! The day a file is of, against the one that is due.

use campaignd_contract::{Error, Result, date_in_name};
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::fmt::strtime::BrokenDownTime;

use crate::config::{BusinessDate, ExpectedDate};

/// The day that is due for the file called `name`, in a run at `now`.
pub fn due(setting: &BusinessDate, name: &str, now: Timestamp) -> Result<Date> {
    let today = || {
        let zoned = now.in_tz(&setting.timezone).map_err(|e| {
            Error::permanent("tell the day in", &setting.timezone, e.to_string())
                .next("correct `timezone` in [control.business_date]")
        })?;
        Ok(zoned.date())
    };
    let before = |day: Date| {
        day.yesterday().map_err(|e| Error::permanent("tell the day before", day.to_string(), e.to_string()))
    };
    match setting.expected {
        ExpectedDate::Today => today(),
        ExpectedDate::Yesterday => before(today()?),
        ExpectedDate::LastWeekday => {
            let mut day = before(today()?)?;
            while matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
                day = before(day)?;
            }
            Ok(day)
        }
        ExpectedDate::Name => {
            let format = setting.name_format.as_deref().unwrap_or(&setting.format);
            date_in_name(format, name).map_err(|wrong| {
                Error::permanent("find the date in the name of", name, wrong)
                    .next("correct `name_format` in [control.business_date]")
            })
        }
    }
}

/// The date that a text says.
pub fn read(format: &str, text: &str) -> std::result::Result<Date, String> {
    BrokenDownTime::parse(format, text.trim()).and_then(|parsed| parsed.to_date()).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_that_are_due() {
        let at = |expected, timezone: &str, now: &str| {
            let setting = BusinessDate {
                value: "header.d".into(),
                format: "%Y%m%d".into(),
                expected,
                name_format: None,
                timezone: timezone.into(),
            };
            due(&setting, "a_20260101.csv", now.parse().unwrap()).unwrap()
        };
        // A Monday in New York is still Sunday evening there when it is two o'clock in UTC.
        let monday = "2026-04-13T02:00:00Z";
        assert_eq!(at(ExpectedDate::Today, "UTC", monday), date(2026, 4, 13));
        assert_eq!(at(ExpectedDate::Today, "America/New_York", monday), date(2026, 4, 12));
        assert_eq!(at(ExpectedDate::Yesterday, "UTC", monday), date(2026, 4, 12));
        assert_eq!(at(ExpectedDate::LastWeekday, "UTC", monday), date(2026, 4, 10));
        assert_eq!(at(ExpectedDate::Name, "UTC", monday), date(2026, 1, 1));
    }
}
