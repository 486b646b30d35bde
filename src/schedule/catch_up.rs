//! What becomes of occurrences whose time came while no daemon was there.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::{Occurrence, Timetable, Window};
use crate::settings::{CatchUp, Schedule};

/// What runs and what doesn't.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct CaughtUp {
    /// To be run, in order, each with the time whose data it brings.
    pub run: Vec<(Occurrence, Window)>,
    /// Not to be run, the latest of them, in order.
    pub missed: Vec<Occurrence>,
    /// How many more weren't run before those.
    pub missed_before: u64,
}

/// Occurrences listed one by one; of a line of every minute a day's absence would make more rows than anybody reads.
const LISTED: usize = 1_000;

/// Sorts out what was due after the last known instant and not after `until`.
pub fn catch_up(timetable: &Timetable, schedule: &Schedule, after: Timestamp, until: Timestamp) -> CaughtUp {
    let oldest = until.saturating_sub(schedule.catch_up_max_age.get()).unwrap_or(Timestamp::MIN);
    let at_most = match schedule.catch_up {
        CatchUp::None => 0,
        CatchUp::Once => 1,
        CatchUp::All => usize::try_from(schedule.catch_up_at_most).unwrap_or(usize::MAX),
    };
    let (mut missed, mut missed_before, mut first) = (VecDeque::new(), 0, None);
    let mut run: VecDeque<Occurrence> = VecDeque::new();
    let mut miss = |occurrence: Occurrence| {
        missed.push_back(occurrence);
        if missed.len() > LISTED {
            missed.pop_front();
            missed_before += 1;
        }
    };
    for occurrence in timetable.between(after, until) {
        if occurrence.due < oldest || at_most == 0 {
            miss(occurrence);
            continue;
        }
        first.get_or_insert(occurrence);
        run.push_back(occurrence);
        if run.len() > at_most
            && let Some(passed_over) = run.pop_front()
        {
            miss(passed_over);
        }
    }
    let mut run: Vec<(Occurrence, Window)> =
        run.into_iter().map(|occurrence| (occurrence, timetable.window(&occurrence))).collect();
    if let (CatchUp::Once, Some(first), [(_, window)]) = (schedule.catch_up, first, &mut run[..]) {
        window.from = timetable.window(&first).from;
    }
    CaughtUp { run, missed: missed.into(), missed_before }
}
