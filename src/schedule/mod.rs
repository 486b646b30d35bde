//! When a pipeline is due. Nothing here waits, reads or writes: crontab lines ([`Crontab`]) are matched on wall-clock time
//! and only then resolved to instants ([`Timetable`]), business days come from a [`Calendar`], and what was missed is sorted
//! out by [`catch_up()`].

mod calendar;
mod catch_up;
mod clock;
mod crontab;
mod expectation;
mod jitter;
#[cfg(test)]
mod tests;
mod timetable;

pub use calendar::Calendar;
pub use catch_up::{CaughtUp, catch_up};
pub use clock::{Clock, ClockWatch, Jump, ManualClock, SystemClock};
pub use crontab::{CronProblem, Crontab};
pub use expectation::{Expectation, Expected};
pub use jitter::jitter;
pub use timetable::{Occurrence, Timetable, Window};

/// Why a schedule can't be worked with.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// The crontab line.
    #[error("the crontab line `{line}` can't be used: {wrong}")]
    Line {
        /// The line.
        line: String,
        /// Why.
        wrong: String,
    },
    /// The time zone.
    #[error("there is no time zone `{0}`; write it as the IANA time zone database does: `America/New_York`")]
    Zone(String),
    /// The time of day by which data must have come.
    #[error("`{0}` is no time of day; write it as `06:30`")]
    Time(String),
    /// The file of holidays.
    #[error("could not read the holidays in {file}: {wrong}")]
    Holidays {
        /// The file.
        file: String,
        /// Why.
        wrong: String,
    },
}
