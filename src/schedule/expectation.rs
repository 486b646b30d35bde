//! `expect_by`: the time of day by which data must have come, on each business day.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::{ScheduleError, Timetable};
use crate::settings::Schedule;

/// When data must have come.
#[derive(Debug, Clone)]
pub struct Expectation {
    by: Time,
    timetable: Timetable,
}

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// The day.
    pub day: Date,
    /// The instant by which data must have come.
    pub by: Timestamp,
    /// The one of the business day before: data counts from then on.
    pub since: Timestamp,
}

impl Expectation {
    /// As the settings say, if they say anything of it.
    pub fn new(settings: &Schedule, timetable: &Timetable) -> Result<Option<Self>, ScheduleError> {
        let Some(by) = &settings.expect_by else { return Ok(None) };
        let time = Time::strptime("%H:%M", by).map_err(|_| ScheduleError::Time(by.clone()))?;
        Ok(Some(Self { by: time, timetable: timetable.clone() }))
    }

    /// The days whose time comes after an instant, in order.
    pub fn after(&self, instant: Timestamp) -> impl Iterator<Item = Expected> + '_ {
        let zone = self.timetable.zone();
        let start = zone.to_datetime(instant).date().saturating_sub(1.day());
        let days = start.series(1.day()).filter(|date| self.timetable.is_business_day(*date));
        days.filter_map(|day| {
            let by = self.instant(zone, day)?;
            Some(Expected { day, by, since: self.before(zone, day).unwrap_or(by) })
        })
        .filter(move |expected| expected.by > instant)
    }

    /// A time that doesn't exist on a day stands for as much later.
    fn instant(&self, zone: &TimeZone, day: Date) -> Option<Timestamp> {
        zone.to_timestamp(day.to_datetime(self.by)).ok()
    }

    fn before(&self, zone: &TimeZone, day: Date) -> Option<Timestamp> {
        // No country has a month of holidays on end.
        let days = day.yesterday().ok()?.series(-1.day()).take(31);
        days.filter(|date| self.timetable.is_business_day(*date)).find_map(|date| self.instant(zone, date))
    }
}
