//! By when the data of each business day must have come.

use jiff::Timestamp;
use jiff::civil::{Date, Time};

use super::calendar::Calendar;
use super::timetable::{ScheduleError, Timetable};
use crate::settings::{OnHoliday, Schedule};

/// A day whose data must have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// The day.
    pub day: Date,
    /// The instant by which something must have come.
    pub by: Timestamp,
    /// The instant of the expectation before: what came earlier was for another day.
    pub since: Timestamp,
}

/// `expect_by` of a schedule.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// That time of day, on business days.
    timetable: Timetable,
}

impl Expectation {
    /// What a schedule expects; none without `expect_by`.
    ///
    /// # Errors
    ///
    /// A time or a time zone that is none.
    pub fn new(settings: &Schedule, holidays: Option<Calendar>) -> Result<Option<Self>, ScheduleError> {
        let Some(text) = &settings.expect_by else { return Ok(None) };
        let time = time_of_day(text).ok_or_else(|| ScheduleError::ExpectBy(text.clone()))?;
        let line = format!("{} {} * * *", time.minute(), time.hour());
        let timetable = Timetable::of(&line, settings, OnHoliday::Skip, holidays)?;
        Ok(Some(Self { timetable }))
    }

    /// The days whose data must come after this instant, rising. They end with the year 2100.
    pub fn after(&self, instant: Timestamp) -> impl Iterator<Item = Expected> + '_ {
        self.timetable.after(instant).map(|occurrence| self.expected(occurrence.due, occurrence.nominal.date()))
    }

    /// The last day whose data must have come by this instant: the one that can be late now.
    pub fn last(&self, instant: Timestamp) -> Option<Expected> {
        let occurrence = self.timetable.last_before(instant.checked_add(jiff::SignedDuration::from_nanos(1)).ok()?)?;
        Some(self.expected(occurrence.due, occurrence.nominal.date()))
    }

    fn expected(&self, by: Timestamp, day: Date) -> Expected {
        let since = self.timetable.last_before(by).map_or(Timestamp::MIN, |previous| previous.due);
        Expected { day, by, since }
    }
}

/// Hours and minutes, `06:30`.
pub fn time_of_day(text: &str) -> Option<Time> {
    let is_digit = |at: usize| text.as_bytes()[at].is_ascii_digit();
    let well_formed = text.len() == 5 && [0, 1, 3, 4].into_iter().all(is_digit);
    well_formed.then(|| Time::strptime("%H:%M", text).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::tests::schedule;
    use crate::settings::Days;

    #[test]
    fn each_business_day_is_expected_once_since_the_one_before() {
        let settings = Schedule {
            expect_by: Some("02:30".to_owned()),
            days: Days::Weekdays,
            timezone: "Europe/Berlin".to_owned(),
            // Runs are moved; days are not.
            on_holiday: OnHoliday::Next,
            ..schedule("0 2 * * *")
        };
        let holidays = Calendar::parse("2026-04-03\n2026-04-06").unwrap();
        let expectation = Expectation::new(&settings, Some(holidays)).unwrap().unwrap();
        let start: Timestamp = "2026-03-26T12:00:00Z".parse().unwrap();
        let lines: Vec<String> = expectation
            .after(start)
            .take(7)
            .map(|expected| format!("{} by {} since {}", expected.day, expected.by, expected.since))
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        2026-03-27 by 2026-03-27T01:30:00Z since 2026-03-26T01:30:00Z
        2026-03-30 by 2026-03-30T00:30:00Z since 2026-03-27T01:30:00Z
        2026-03-31 by 2026-03-31T00:30:00Z since 2026-03-30T00:30:00Z
        2026-04-01 by 2026-04-01T00:30:00Z since 2026-03-31T00:30:00Z
        2026-04-02 by 2026-04-02T00:30:00Z since 2026-04-01T00:30:00Z
        2026-04-07 by 2026-04-07T00:30:00Z since 2026-04-02T00:30:00Z
        2026-04-08 by 2026-04-08T00:30:00Z since 2026-04-07T00:30:00Z
        ");
        let by = expectation.after(start).next().unwrap().by;
        assert_eq!(expectation.last(by).unwrap().by, by);
        assert!(expectation.last(by - jiff::SignedDuration::from_nanos(1)).unwrap().by < by);
    }

    #[test]
    fn nothing_is_expected_without_a_time_and_a_wrong_one_is_said() {
        assert!(Expectation::new(&schedule("0 2 * * *"), None).unwrap().is_none());
        for text in ["6:30", "24:00", "06:60", "06.30", "06:30:00", "", "0630", "ab:cd", "-1:30", "é6:3"] {
            let settings = Schedule { expect_by: Some(text.to_owned()), ..schedule("0 2 * * *") };
            let error = Expectation::new(&settings, None).unwrap_err().to_string();
            assert!(error.contains(&format!("`{text}`")), "{error}");
        }
    }
}
