//! A crontab line in a time zone: wall-clock times, and the instants they stand for.
//!
//! A line with a wildcard in its seconds, minutes or hours is an interval: it runs through both of two equal hours in
//! autumn and leaves out the hour that doesn't exist in spring. Any other line names fixed times, each of which runs once on
//! each date that exists: one in a gap at its end, one that exists twice at the first of the two. Of fixed times that come to
//! the same instant only the first runs. Instants never go back.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::calendar::{BusinessDays, Calendar};
use super::{Crontab, ScheduleError};
use crate::settings::{Days, OnHoliday, Schedule};

/// A time at which a pipeline is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Occurrence {
    /// The instant.
    pub due: Timestamp,
    /// The local time that the line names.
    pub nominal: DateTime,
    /// 1 for the second of two equal local times, else 0.
    pub fold: u8,
}

impl Occurrence {
    /// The local time as the ledger has it: `2026-03-29T02:30:00`.
    pub fn nominal_text(&self) -> String {
        self.nominal.to_string()
    }

    /// Whether it runs at another local time than the line names, as that one doesn't exist.
    pub fn is_moved(&self, zone: &TimeZone) -> bool {
        zone.to_datetime(self.due) != self.nominal
    }
}

/// The time whose data a run brings: from, included, to, not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Where it starts.
    pub from: Timestamp,
    /// Where it ends.
    pub to: Timestamp,
}

/// When a pipeline is due.
#[derive(Debug, Clone)]
pub struct Timetable {
    crontab: Crontab,
    zone: TimeZone,
    days: BusinessDays,
    on_holiday: OnHoliday,
}

/// Crontab lines are looked for up to this year.
const LAST_YEAR: i16 = 2100;

impl Timetable {
    /// As the settings say.
    pub fn new(settings: &Schedule, holidays: Option<Calendar>) -> Result<Self, ScheduleError> {
        let crontab = Crontab::parse(&settings.cron).map_err(|problems| ScheduleError::Line {
            line: settings.cron.clone(),
            wrong: problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>().join("; "),
        })?;
        let zone = TimeZone::get(&settings.timezone).map_err(|_| ScheduleError::Zone(settings.timezone.clone()))?;
        let days = BusinessDays { weekdays: settings.days == Days::Weekdays, holidays: holidays.unwrap_or_default() };
        Ok(Self { crontab, zone, days, on_holiday: settings.on_holiday })
    }

    /// The zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Whether a date is a business day.
    pub fn is_business_day(&self, date: Date) -> bool {
        self.days.has(date)
    }

    /// All that are due after an instant, in order.
    pub fn after(&self, instant: Timestamp) -> Box<dyn Iterator<Item = Occurrence> + '_> {
        if self.crontab.is_interval() { Box::new(self.interval(instant)) } else { Box::new(self.fixed(instant)) }
    }

    /// Those that are due after the one instant and not after the other.
    pub fn between(&self, after: Timestamp, until: Timestamp) -> impl Iterator<Item = Occurrence> + '_ {
        self.after(after).take_while(move |occurrence| occurrence.due <= until)
    }

    /// The last one that is due before an instant.
    pub fn last_before(&self, instant: Timestamp) -> Option<Occurrence> {
        // Looked for further and further back, so that neither a line of every second nor one of 29 February takes long.
        const MINUTES: [i64; 8] = [1, 15, 4 * 60, 26 * 60, 9 * 1_440, 40 * 1_440, 400 * 1_440, 9 * 366 * 1_440];
        MINUTES.iter().find_map(|minutes| {
            let from = instant.saturating_sub(SignedDuration::from_mins(*minutes)).unwrap_or(Timestamp::MIN);
            self.after(from).take_while(|occurrence| occurrence.due < instant).last()
        })
    }

    /// The time whose data an occurrence brings: since the one before it.
    pub fn window(&self, occurrence: &Occurrence) -> Window {
        let before = self.last_before(occurrence.due);
        Window { from: before.map_or(occurrence.due, |before| before.due), to: occurrence.due }
    }

    fn fixed(&self, after: Timestamp) -> impl Iterator<Item = Occurrence> + '_ {
        // No gap is longer than a day, so what is due after that instant has a local time after the day before yesterday.
        let start = self.zone.to_datetime(after).saturating_sub(2.days());
        let mut last = after;
        self.nominals(start).filter_map(|nominal| self.resolve(nominal)).filter(move |occurrence| {
            let is_later = occurrence.due > last;
            if is_later {
                last = occurrence.due;
            }
            is_later
        })
    }

    /// The instant of a fixed time; `None` on a date that the zone never had.
    fn resolve(&self, nominal: DateTime) -> Option<Occurrence> {
        let ambiguous = self.zone.to_ambiguous_timestamp(nominal);
        let due = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
                offset.to_timestamp(nominal).ok()?
            }
            AmbiguousOffset::Gap { before, after } => {
                let end = self.end_of_gap(nominal, before, after)?;
                let exists =
                    [after.to_datetime(end).date(), before.to_datetime(end.checked_sub(1.nanosecond()).ok()?).date()];
                if !exists.contains(&nominal.date()) {
                    return None;
                }
                end
            }
        };
        Some(Occurrence { due, nominal, fold: 0 })
    }

    /// The instant at which a gap ends, given a local time in it and the offsets on both sides.
    fn end_of_gap(&self, nominal: DateTime, before: Offset, after: Offset) -> Option<Timestamp> {
        // Read with the offset after the gap, the local time comes to an instant before it.
        let early = after.to_timestamp(nominal).ok()?.checked_sub(1.second()).ok()?;
        let late = before.to_timestamp(nominal).ok()?;
        self.zone.following(early).map(|transition| transition.timestamp()).find(|at| *at > early && *at <= late)
    }

    /// Times of an interval: those of each stretch of time in which the zone keeps its offset.
    fn interval(&self, after: Timestamp) -> impl Iterator<Item = Occurrence> + '_ {
        let mut start = Some(after);
        std::iter::from_fn(move || {
            let from = start?;
            if self.zone.to_datetime(from).year() > LAST_YEAR {
                return None;
            }
            let until = self.zone.following(from).next().map(|transition| transition.timestamp());
            start = until;
            Some((from, until))
        })
        .flat_map(move |(from, until)| {
            let offset = self.zone.to_offset(from);
            let first = offset.to_datetime(from);
            self.nominals(first)
                .map_while(move |nominal| offset.to_timestamp(nominal).ok().map(|due| (nominal, due)))
                .take_while(move |(_, due)| until.is_none_or(|until| *due < until))
                .filter(move |(_, due)| *due > after)
                .map(move |(nominal, due)| {
                    let ambiguous = self.zone.to_ambiguous_timestamp(nominal);
                    let is_second =
                        matches!(ambiguous.offset(), AmbiguousOffset::Fold { after, .. } if after == offset);
                    Occurrence { due, nominal, fold: u8::from(is_second) }
                })
        })
    }

    /// Local times that the line names, from one on, in order; on business days only.
    fn nominals(&self, from: DateTime) -> Box<dyn Iterator<Item = DateTime> + '_> {
        if self.days.are_all() {
            return Box::new(self.crontab.from(from));
        }
        if self.on_holiday == OnHoliday::Skip {
            return Box::new(self.crontab.from(from).filter(|nominal| self.days.has(nominal.date())));
        }
        let dates = from.date().series(1.day()).take_while(|date| date.year() <= LAST_YEAR);
        let of_days = dates.filter(|date| self.days.has(*date)).flat_map(|date| self.on_business_day(date));
        Box::new(of_days.filter(move |nominal| *nominal >= from))
    }

    /// Times of a business day, with those that are moved to it.
    fn on_business_day(&self, date: Date) -> Vec<DateTime> {
        let mut times: Vec<Time> = self.times_of(date).collect();
        let mut moved = date;
        loop {
            let next = match self.on_holiday {
                OnHoliday::Next => moved.yesterday(),
                OnHoliday::Previous => moved.tomorrow(),
                OnHoliday::Skip => break,
            };
            match next {
                Ok(next) if !self.days.has(next) => moved = next,
                _ => break,
            }
            times.extend(self.times_of(moved));
        }
        times.sort_unstable();
        times.dedup();
        times.into_iter().map(|time| date.to_datetime(time)).collect()
    }

    fn times_of(&self, date: Date) -> impl Iterator<Item = Time> + '_ {
        let start = date.to_datetime(Time::midnight());
        self.crontab.from(start).take_while(move |nominal| nominal.date() == date).map(DateTime::time)
    }
}
