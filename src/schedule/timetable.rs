//! A crontab line in a time zone: from dates and times on the wall to instants.
//!
//! Wherever clocks are changed a time on the wall is no instant, or two. The rules, which are those of Vixie's cron:
//!
//! - **Times of day** (`30 2 * * *`) run once a date. Where clocks go forward over one it runs at the end of the gap;
//!   several of a line that are left out by the same gap, or that the gap ends at, are one run with the name of the first.
//!   Where clocks go back over one it runs the first time. A date that a zone leaves out as a whole (Samoa's 30 December
//!   2011) has no runs.
//! - **Intervals** (`*/15 * * * *`; see [`Crontab::is_interval`]) go by the clock on the wall: they run in both hours of a
//!   repeated one, told apart by [`Occurrence::fold`], and not in a gap. Where the step divides the change of the clock,
//!   they come as regularly as always.
//!
//! Instants rise strictly, and an occurrence follows from its instant alone, so that nothing needs to be remembered.

use std::ops::Range;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::calendar::{BusinessDays, Calendar};
use super::crontab::{CronProblem, Crontab};
use super::nominal::NominalTimes;
use crate::settings::{OnHoliday, Schedule};

const INSTANT: SignedDuration = SignedDuration::from_nanos(1);

/// No clock on the wall is farther from UTC.
const FARTHEST: SignedDuration = SignedDuration::from_hours(26);

/// Once that a pipeline is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Occurrence {
    /// The date and time the line stands for, as a clock on the wall shows it. With `fold` it is the occurrence's name.
    pub nominal: DateTime,
    /// 1 where the clock shows that time for the second time, else 0.
    pub fold: u8,
    /// The instant.
    pub due: Timestamp,
}

impl Ord for Occurrence {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.due, self.nominal, self.fold).cmp(&(other.due, other.nominal, other.fold))
    }
}

impl PartialOrd for Occurrence {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Occurrence {
    /// The nominal time as it is stored: `2026-03-29T02:30:00`.
    pub fn nominal_text(&self) -> String {
        self.nominal.strftime("%Y-%m-%dT%H:%M:%S").to_string()
    }
}

/// The nominal time that [`Occurrence::nominal_text`] has written; none from other text.
pub fn parse_nominal(text: &str) -> Option<DateTime> {
    DateTime::strptime("%Y-%m-%dT%H:%M:%S", text).ok()
}

/// The data an occurrence is for: from one instant up to another, the latter not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    /// The first instant.
    pub from: Timestamp,
    /// The first one after it.
    pub to: Timestamp,
}

/// What clocks being changed does to an occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockChange {
    /// Its time doesn't exist on that day: it is due when clocks show this instead.
    Skipped(DateTime),
    /// Its time comes twice on that day: it is due the first time only.
    OnlyFirst,
    /// Its time comes twice on that day, and so does the occurrence: this is the first.
    First,
    /// Its time comes twice on that day, and so does the occurrence: this is the second.
    Second,
}

/// A schedule that is none.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// The crontab line.
    #[error("could not read the crontab line `{line}`: {}", messages(.problems))]
    Crontab {
        /// The line.
        line: String,
        /// What is wrong with it.
        problems: Vec<CronProblem>,
    },
    /// The time zone.
    #[error("could not find the time zone `{zone}`: {error}")]
    TimeZone {
        /// Its name.
        zone: String,
        /// Why.
        error: jiff::Error,
    },
    /// The time by which data must have come.
    #[error("could not read the time `{0}`: write hours and minutes, as `06:30`")]
    ExpectBy(String),
}

fn messages(problems: &[CronProblem]) -> String {
    let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    messages.join("; ")
}

/// When clocks show a time.
enum Reading {
    Once(Timestamp),
    /// The first instant.
    Twice(Timestamp),
    /// The instant at which clocks go forward over it, and what they don't show.
    Never {
        change: Timestamp,
        gap: Range<DateTime>,
    },
}

/// Clocks being set, forward or back.
struct Change {
    at: Timestamp,
    by: SignedDuration,
}

/// When a pipeline is due.
#[derive(Debug, Clone)]
pub struct Timetable {
    times: NominalTimes,
    zone: TimeZone,
}

impl Timetable {
    /// The timetable of a schedule, with the days in its file of holidays.
    ///
    /// # Errors
    ///
    /// A crontab line or a time zone that is none.
    pub fn new(settings: &Schedule, holidays: Option<Calendar>) -> Result<Self, ScheduleError> {
        Self::of(&settings.cron, settings, settings.on_holiday, holidays)
    }

    /// The same with another line and another rule for days that are no business days.
    pub(super) fn of(
        line: &str,
        settings: &Schedule,
        on_holiday: OnHoliday,
        holidays: Option<Calendar>,
    ) -> Result<Self, ScheduleError> {
        let crontab =
            Crontab::parse(line).map_err(|problems| ScheduleError::Crontab { line: line.to_owned(), problems })?;
        let zone = jiff::tz::db()
            .get(&settings.timezone)
            .map_err(|error| ScheduleError::TimeZone { zone: settings.timezone.clone(), error })?;
        let business_days = BusinessDays::new(settings.days, holidays.unwrap_or_default());
        Ok(Self { times: NominalTimes::new(crontab, business_days, on_holiday), zone })
    }

    /// The occurrences after this instant, rising. They end with the year 2100.
    pub fn after(&self, instant: Timestamp) -> impl Iterator<Item = Occurrence> + '_ {
        std::iter::successors(self.first_after(instant), |occurrence| self.first_after(occurrence.due))
    }

    /// The occurrences after the one instant and up to the other, rising.
    pub fn between(&self, after: Timestamp, until: Timestamp) -> impl Iterator<Item = Occurrence> + '_ {
        self.after(after).take_while(move |occurrence| occurrence.due <= until)
    }

    /// The last occurrence before this instant; none before 1970.
    pub fn last_before(&self, instant: Timestamp) -> Option<Occurrence> {
        if self.times.crontab().is_interval() { self.last_interval(instant) } else { self.last_fixed(instant) }
    }

    /// The occurrences before this instant, falling.
    pub fn before(&self, instant: Timestamp) -> impl Iterator<Item = Occurrence> + '_ {
        std::iter::successors(self.last_before(instant), |occurrence| self.last_before(occurrence.due))
    }

    /// The data of an occurrence: from when the one before was due until it is due itself. The very first one has all
    /// there was before.
    pub fn window(&self, occurrence: &Occurrence) -> Window {
        let previous = self.last_before(occurrence.due);
        Window { from: previous.map_or(Timestamp::MIN, |previous| previous.due), to: occurrence.due }
    }

    /// How many occurrences there are after the one instant and up to the other. Takes a step a day, however many there
    /// are: only around changes of the clock are they gone through one by one.
    pub fn count(&self, after: Timestamp, until: Timestamp) -> u64 {
        let mut count = 0;
        let mut from = after;
        let mut changes = self.last_change(after).into_iter().chain(self.changes_after(after));
        while from < until {
            let (plain, unsettled) = changes.next().map_or((until, until), |Change { at, by }| {
                (
                    at.saturating_sub(by).unwrap_or(at).clamp(from, until),
                    at.saturating_add(by).unwrap_or(at).clamp(from, until),
                )
            });
            count += self.times.count(self.local(from), self.local(plain));
            count += self.between(plain, unsettled).map(|_| 1).sum::<u64>();
            from = unsettled;
        }
        count
    }

    /// The last change of the clock up to this instant.
    fn last_change(&self, instant: Timestamp) -> Option<Change> {
        let mut at = instant.checked_add(INSTANT).ok()?;
        loop {
            at = self.transition_before(at)?;
            if let Some(change) = self.change(at) {
                return Some(change);
            }
        }
    }

    /// The zone's last transition before this instant.
    ///
    /// Going back, jiff (0.2) passes over the last transitions that a zone lists before its rule begins, such as that of
    /// Ciudad Juárez on 30 November 2022; going forward it doesn't.
    fn transition_before(&self, instant: Timestamp) -> Option<Timestamp> {
        let found = self.zone.preceding(instant).next().map(|transition| transition.timestamp());
        let following = self.zone.following(found.unwrap_or(Timestamp::MIN)).map(|transition| transition.timestamp());
        following.take_while(|&transition| transition < instant).last().or(found)
    }

    fn changes_after(&self, instant: Timestamp) -> impl Iterator<Item = Change> + '_ {
        self.zone.following(instant).filter_map(|transition| self.change(transition.timestamp()))
    }

    /// Other transitions of a zone change its name only.
    fn change(&self, at: Timestamp) -> Option<Change> {
        let by = self.offset(at).seconds().abs_diff(self.offset(before(at)).seconds());
        (by > 0).then(|| Change { at, by: SignedDuration::from_secs(by.into()) })
    }

    /// What clocks being changed does to an occurrence, if anything.
    pub fn clock_change(&self, occurrence: &Occurrence) -> Option<ClockChange> {
        match self.reading(occurrence.nominal)? {
            Reading::Once(_) => None,
            Reading::Never { .. } => Some(ClockChange::Skipped(self.local(occurrence.due))),
            Reading::Twice(_) if !self.times.crontab().is_interval() => Some(ClockChange::OnlyFirst),
            Reading::Twice(_) if occurrence.fold == 1 => Some(ClockChange::Second),
            Reading::Twice(_) => Some(ClockChange::First),
        }
    }

    /// The zone its line is meant in.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// What a clock on the wall shows.
    pub fn local(&self, instant: Timestamp) -> DateTime {
        self.offset(instant).to_datetime(instant)
    }

    fn offset(&self, instant: Timestamp) -> Offset {
        self.zone.to_offset(instant)
    }

    fn first_after(&self, instant: Timestamp) -> Option<Occurrence> {
        if self.times.crontab().is_interval() { self.first_interval(instant) } else { self.first_fixed(instant) }
    }

    /// Nothing that is due later has an earlier time on the wall than `instant` has. In the second pass of a repeated hour
    /// the times of the first are seen again, and left out since they were due before.
    fn first_fixed(&self, instant: Timestamp) -> Option<Occurrence> {
        let mut nominal = self.local(instant);
        loop {
            nominal = self.times.next(nominal)?;
            if let Some(occurrence) = self.resolve(nominal).filter(|occurrence| occurrence.due > instant) {
                return Some(occurrence);
            }
        }
    }

    fn last_fixed(&self, instant: Timestamp) -> Option<Occurrence> {
        let last = instant.checked_sub(INSTANT).ok()?;
        // In the second pass of a repeated hour times are due that the clock has yet to show again.
        let change = self.transition_before(instant);
        let before_change = change.map(|at| self.offset(before(at)).to_datetime(at));
        let mut nominal = self.local(last).max(before_change.unwrap_or(DateTime::MIN)).checked_add(1.second()).ok()?;
        loop {
            nominal = self.times.previous(nominal)?;
            if let Some(occurrence) = self.resolve(nominal).filter(|occurrence| occurrence.due < instant) {
                // Of several that a gap puts together the first gives the name.
                return self.first_fixed(before(occurrence.due));
            }
        }
    }

    /// The instant of a time of day; none on a date that the zone leaves out.
    fn resolve(&self, nominal: DateTime) -> Option<Occurrence> {
        let due = match self.reading(nominal)? {
            Reading::Once(instant) | Reading::Twice(instant) => instant,
            Reading::Never { change, gap } => {
                let midnight = nominal.date().at(0, 0, 0, 0);
                let next_midnight = nominal.date().tomorrow().ok()?.at(0, 0, 0, 0);
                if gap.start <= midnight && next_midnight <= gap.end {
                    return None;
                }
                change
            }
        };
        Some(Occurrence { nominal, fold: 0, due })
    }

    /// When clocks show this.
    ///
    /// jiff's answer is taken where it says that they do once, and proves to be right. Else the days around are gone through
    /// change by change: where a zone's listed changes end and its rule begins, jiff (0.2) sees an hour that comes twice
    /// in Nuuk on 28 October 2023, though the clock wasn't changed.
    fn reading(&self, nominal: DateTime) -> Option<Reading> {
        if let AmbiguousOffset::Unambiguous { offset } = self.zone.to_ambiguous_timestamp(nominal).offset()
            && let Ok(instant) = offset.to_timestamp(nominal)
            && self.offset(instant) == offset
        {
            return Some(Reading::Once(instant));
        }
        let as_utc = Offset::UTC.to_timestamp(nominal).ok()?;
        let (start, end) = (as_utc.checked_sub(FARTHEST).ok()?, as_utc.checked_add(FARTHEST).ok()?);
        let changes: Vec<Timestamp> =
            self.zone.following(start).map(|change| change.timestamp()).take_while(|&change| change < end).collect();
        let mut instants: Vec<Timestamp> = std::iter::once(start)
            .chain(changes.iter().copied())
            .filter_map(|since| {
                let offset = self.offset(since);
                offset.to_timestamp(nominal).ok().filter(|&instant| self.offset(instant) == offset)
            })
            .collect();
        instants.sort_unstable();
        instants.dedup();
        match instants.as_slice() {
            [only] => Some(Reading::Once(*only)),
            [first, ..] => Some(Reading::Twice(*first)),
            [] => changes.into_iter().find_map(|change| {
                let gap = self.offset(before(change)).to_datetime(change)..self.local(change);
                gap.contains(&nominal).then_some(Reading::Never { change, gap })
            }),
        }
    }

    /// Between two changes of the clock, times on the wall and instants run alike: it is searched from change to change.
    fn first_interval(&self, instant: Timestamp) -> Option<Occurrence> {
        let mut offset = self.offset(instant);
        let mut after = offset.to_datetime(instant);
        let mut changes = self.zone.following(instant);
        loop {
            let change = changes.next();
            let nominal = self.times.next(after)?;
            let due = offset.to_timestamp(nominal).ok()?;
            match change {
                Some(change) if change.timestamp() <= due => {
                    offset = change.offset();
                    after = offset.to_datetime(change.timestamp()).checked_sub(1.second()).ok()?;
                }
                _ => return Some(self.told_apart(nominal, due)),
            }
        }
    }

    fn last_interval(&self, instant: Timestamp) -> Option<Occurrence> {
        let mut end = instant;
        loop {
            let offset = self.offset(before(end));
            let nominal = self.times.previous(offset.to_datetime(end))?;
            let due = offset.to_timestamp(nominal).ok()?;
            match self.transition_before(end) {
                Some(change) if due < change => end = change,
                _ => return Some(self.told_apart(nominal, due)),
            }
        }
    }

    fn told_apart(&self, nominal: DateTime, due: Timestamp) -> Occurrence {
        let fold = matches!(self.reading(nominal), Some(Reading::Twice(first)) if first < due).into();
        Occurrence { nominal, fold, due }
    }
}

/// The instant before.
fn before(instant: Timestamp) -> Timestamp {
    instant.checked_sub(INSTANT).unwrap_or(instant)
}
