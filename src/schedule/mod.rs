//! When a pipeline is due: nothing here waits, reads a file or starts anything.
//!
//! A [`crontab::Crontab`] line is matched on wall-clock time; [`nominal`] takes it through business days
//! ([`calendar`]), and a [`timetable::Timetable`] resolves what comes out to instants, clock changes included.
//! [`catch_up`], [`jitter`] and [`expectation`] are what follows from a timetable. All time comes from a
//! [`clock::Clock`], so that a year of schedules can be tried in milliseconds.

pub mod calendar;
pub mod catch_up;
pub mod clock;
pub mod crontab;
pub mod expectation;
pub mod jitter;
pub mod nominal;
pub mod timetable;

#[cfg(test)]
mod tests;
