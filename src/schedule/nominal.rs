//! The dates and times a line stands for once business days have had their say, as a clock on the wall shows them.
//!
//! A crontab line has the same times of day on every date it is for, so that runs move from day to day as a whole: the
//! dates are found first, the times after.

use jiff::civil::{Date, DateTime, Time};

use super::calendar::BusinessDays;
use super::crontab::Crontab;
use crate::settings::OnHoliday;

/// A crontab line and the days it is for.
#[derive(Debug, Clone)]
pub struct NominalTimes {
    crontab: Crontab,
    /// None where every day is one.
    business_days: Option<(BusinessDays, OnHoliday)>,
}

/// A date with runs, and the date the line has for it: another one where they were moved.
struct RunDate {
    date: Date,
    matched: Date,
}

impl NominalTimes {
    /// The line on these days.
    pub fn new(crontab: Crontab, business_days: BusinessDays, on_holiday: OnHoliday) -> Self {
        let business_days = (!business_days.are_all_days()).then_some((business_days, on_holiday));
        Self { crontab, business_days }
    }

    /// The line.
    pub fn crontab(&self) -> &Crontab {
        &self.crontab
    }

    /// The first date and time after this one.
    pub fn next(&self, after: DateTime) -> Option<DateTime> {
        if self.business_days.is_none() {
            return self.crontab.next(after);
        }
        let mut run = self.date_from(after.date())?;
        if run.date == after.date() {
            let next = self.crontab.next(run.matched.to_datetime(after.time()))?;
            if next.date() == run.matched {
                return Some(run.date.to_datetime(next.time()));
            }
            run = self.date_from(after.date().tomorrow().ok()?)?;
        }
        let first = self.crontab.next(run.matched.yesterday().ok()?.at(23, 59, 59, 0))?;
        Some(run.date.to_datetime(first.time()))
    }

    /// The last date and time before this one.
    pub fn previous(&self, before: DateTime) -> Option<DateTime> {
        if self.business_days.is_none() {
            return self.crontab.previous(before);
        }
        let mut run = self.date_until(before.date())?;
        if run.date == before.date() {
            let previous = self.crontab.previous(run.matched.to_datetime(before.time()))?;
            if previous.date() == run.matched {
                return Some(run.date.to_datetime(previous.time()));
            }
            run = self.date_until(before.date().yesterday().ok()?)?;
        }
        let last = self.crontab.previous(run.matched.tomorrow().ok()?.to_datetime(Time::midnight()))?;
        Some(run.date.to_datetime(last.time()))
    }

    /// How many there are after one date and time and up to another. Takes a step a day, however many there are.
    pub fn count(&self, after: DateTime, until: DateTime) -> u64 {
        if after >= until {
            return 0;
        }
        let a_day = self.crontab.times_a_day();
        let mut count = 0;
        let mut from = after.date();
        while let Some(run) = self.date_from(from).filter(|run| run.date <= until.date()) {
            let last = if run.date == until.date() { self.crontab.times_until(until.time()) } else { a_day };
            let before = if run.date == after.date() { self.crontab.times_until(after.time()) } else { 0 };
            count += last - before;
            let Ok(tomorrow) = run.date.tomorrow() else { break };
            from = tomorrow;
        }
        count
    }

    /// The first date with runs, from this one on.
    fn date_from(&self, from: Date) -> Option<RunDate> {
        let Some((days, on_holiday)) = &self.business_days else {
            return self.crontab.next_date(from).map(|date| RunDate { date, matched: date });
        };
        match on_holiday {
            OnHoliday::Skip => {
                let mut date = self.crontab.next_date(from)?;
                while !days.contains(date) {
                    date = self.crontab.next_date(days.from(date)?)?;
                }
                Some(RunDate { date, matched: date })
            }
            // What is after the last business day before `from` moves to `from` or later.
            OnHoliday::Next => {
                let from = match days.until(from.yesterday().ok()?) {
                    Some(day) => day.tomorrow().ok()?,
                    None => from,
                };
                let matched = self.crontab.next_date(from)?;
                Some(RunDate { date: days.from(matched)?, matched })
            }
            OnHoliday::Previous => {
                let matched = self.crontab.next_date(days.from(from)?)?;
                Some(RunDate { date: days.until(matched)?, matched })
            }
        }
    }

    /// The last date with runs, up to this one.
    fn date_until(&self, until: Date) -> Option<RunDate> {
        let Some((days, on_holiday)) = &self.business_days else {
            return self.crontab.last_date(until).map(|date| RunDate { date, matched: date });
        };
        match on_holiday {
            OnHoliday::Skip => {
                let mut date = self.crontab.last_date(until)?;
                while !days.contains(date) {
                    date = self.crontab.last_date(days.until(date)?)?;
                }
                Some(RunDate { date, matched: date })
            }
            OnHoliday::Next => {
                let matched = self.crontab.last_date(days.until(until)?)?;
                Some(RunDate { date: days.from(matched)?, matched })
            }
            // What is before the first business day after `until` moves to `until` or earlier.
            OnHoliday::Previous => {
                let until = match days.from(until.tomorrow().ok()?) {
                    Some(day) => day.yesterday().ok()?,
                    None => until,
                };
                let matched = self.crontab.last_date(until)?;
                Some(RunDate { date: days.until(matched)?, matched })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::ToSpan as _;
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::super::calendar::Calendar;
    use super::*;
    use crate::settings::Days;

    const HOLIDAYS: &str = "12-25\n2026-12-28\n01-01\n2026-01-02\n2026-02-11";

    fn times(line: &str, days: Days, on_holiday: OnHoliday) -> NominalTimes {
        let days = BusinessDays::new(days, Calendar::parse(HOLIDAYS).unwrap());
        NominalTimes::new(Crontab::parse(line).unwrap(), days, on_holiday)
    }

    /// The same, day by day: every date of the line moved as the rule says, and put in order.
    fn by_hand(line: &str, days: Days, on_holiday: OnHoliday) -> BTreeSet<DateTime> {
        let business = BusinessDays::new(days, Calendar::parse(HOLIDAYS).unwrap());
        let crontab = Crontab::parse(line).unwrap();
        let mut at = date(2025, 12, 1).at(0, 0, 0, 0);
        let mut times = BTreeSet::new();
        while at.year() < 2027 || at.month() < 3 {
            let Some(next) = crontab.next(at) else { break };
            at = next;
            let moved = match on_holiday {
                _ if business.contains(at.date()) => Some(at.date()),
                OnHoliday::Skip => None,
                OnHoliday::Next => business.from(at.date()),
                OnHoliday::Previous => business.until(at.date()),
            };
            times.extend(moved.map(|moved| moved.to_datetime(at.time())));
        }
        times
    }

    #[test]
    fn runs_move_and_those_that_meet_are_one() {
        let listed = |on_holiday| {
            let times = times("0 23,6 * * 5-7", Days::Weekdays, on_holiday);
            let mut at = date(2026, 12, 24).at(0, 0, 0, 0);
            let mut listed = Vec::new();
            for _ in 0..4 {
                at = times.next(at).unwrap();
                listed.push(at.to_string());
            }
            listed.join(" ")
        };
        // Friday is Christmas and Monday a holiday: the runs of three days meet on Tuesday, or on Thursday.
        insta::assert_snapshot!(listed(OnHoliday::Skip), @"2027-01-08T06:00:00 2027-01-08T23:00:00 2027-01-15T06:00:00 2027-01-15T23:00:00");
        insta::assert_snapshot!(listed(OnHoliday::Next), @"2026-12-29T06:00:00 2026-12-29T23:00:00 2027-01-04T06:00:00 2027-01-04T23:00:00");
        insta::assert_snapshot!(listed(OnHoliday::Previous), @"2026-12-24T06:00:00 2026-12-24T23:00:00 2026-12-31T06:00:00 2026-12-31T23:00:00");
    }

    #[test]
    fn a_line_for_weekends_only_ends() {
        let times = times("* * * * 6,7", Days::Weekdays, OnHoliday::Skip);
        assert_eq!(times.next(date(2026, 1, 1).at(0, 0, 0, 0)), None);
        assert_eq!(times.previous(date(2026, 1, 1).at(0, 0, 0, 0)), None);
    }

    fn on_holiday() -> impl Strategy<Value = OnHoliday> {
        prop_oneof![Just(OnHoliday::Skip), Just(OnHoliday::Next), Just(OnHoliday::Previous)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn are_those_of_the_line_moved_one_by_one(
            hours in proptest::collection::btree_set(0..24_u8, 1..3),
            minute in 0..60_u8,
            (day, weekday) in prop_oneof![
                (Just("*".to_owned()), (0..8_u8).prop_map(|day| day.to_string())),
                ((1..29_u8).prop_map(|day| day.to_string()), Just("*".to_owned())),
                (Just("*/2".to_owned()), Just("*".to_owned())),
                ((1..32_u8).prop_map(|day| day.to_string()), (0..8_u8).prop_map(|day| day.to_string())),
            ],
            days in prop_oneof![Just(Days::All), Just(Days::Weekdays)],
            on_holiday in on_holiday(),
        ) {
            let hours: Vec<String> = hours.iter().map(ToString::to_string).collect();
            let line = format!("{minute} {} {day} * {weekday}", hours.join(","));
            let expected = by_hand(&line, days, on_holiday);
            let times = times(&line, days, on_holiday);
            let (start, end) = (date(2026, 1, 1).at(6, 0, 0, 0), date(2026, 12, 31).at(18, 0, 0, 0));
            let inside: Vec<DateTime> = expected.iter().copied().filter(|&time| start < time && time <= end).collect();
            let forward: Vec<DateTime> =
                std::iter::successors(times.next(start), |&time| times.next(time)).take_while(|&time| time <= end).collect();
            prop_assert_eq!(&forward, &inside, "{}", &line);
            let just_after = end + 1.second();
            let mut backward: Vec<DateTime> = std::iter::successors(times.previous(just_after), |&time| times.previous(time))
                .take_while(|&time| time > start)
                .collect();
            backward.reverse();
            prop_assert_eq!(&backward, &inside, "{}", &line);
            prop_assert_eq!(times.count(start, end), inside.len() as u64);
        }
    }
}
