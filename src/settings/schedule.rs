//! When a pipeline runs, what is made up for, and what is tried again.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Span, utc};

/// When a pipeline runs.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Crontab line of five fields: minute, hour, day of month, month, day of week (Monday is 1, Sunday 0 or 7).
    /// A sixth in front of them is the second. `@hourly`, `@daily`, `@weekly`, `@monthly` and `@yearly` will do too.
    ///
    /// Times of day run once a day: at the end of the gap where clocks going forward leave them out, and the first time
    /// where clocks going back repeat them. A line whose minute or hour starts with `*` (or lists every number there is)
    /// goes by the clock on the wall instead: through both hours of the repeated one, and past the gap.
    pub cron: String,
    /// IANA time zone the line is meant in.
    #[serde(default = "utc")]
    pub timezone: String,
    /// Which days the line is for, together with `holidays`.
    #[serde(default)]
    pub days: Days,
    /// File of days that are no business days; its path starts at the folder of `campaignd.toml`. A day a line, as
    /// `2026-12-25`, or as `12-25` for every year; `#` starts a comment.
    pub holidays: Option<PathBuf>,
    /// What becomes of a run on a day that is no business day.
    #[serde(default)]
    pub on_holiday: OnHoliday,
    /// What is made up for after downtime.
    #[serde(default)]
    pub catch_up: CatchUp,
    /// Runs that are made up for at most, the newest ones, with `catch_up = "all"`.
    #[serde(default = "catch_up_at_most")]
    #[schemars(range(min = 1, max = 10_000))]
    pub catch_up_at_most: u32,
    /// Runs missed longer ago than this aren't made up for.
    #[serde(default = "catch_up_max_age")]
    pub catch_up_max_age: Span,
    /// What happens when a run is due while the one before is still running.
    #[serde(default)]
    pub overlap: Overlap,
    /// Each run starts later by less than this, always by the same time: it is worked out from the pipeline's name, so that
    /// pipelines of the same line don't all start at once.
    pub jitter: Option<Span>,
    /// A run that takes longer finishes the batch in hand and stops; the next one goes on from there.
    pub soft_timeout: Option<Span>,
    /// A run that takes longer is broken off. What wasn't committed is loaded by the next one.
    pub hard_timeout: Option<Span>,
    /// Local time, `HH:MM`, by which data must have come on each business day. Without it nothing is ever late.
    pub expect_by: Option<String>,
}

fn catch_up_at_most() -> u32 {
    24
}

fn catch_up_max_age() -> Span {
    Span::from_hours(7 * 24)
}

/// Which days are business days, holidays apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Days {
    /// All.
    #[default]
    All,
    /// Monday to Friday.
    Weekdays,
}

/// What becomes of a run on a day that is no business day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnHoliday {
    /// There is none.
    #[default]
    Skip,
    /// It moves to the next business day, at the same time. Where there is one at that time already, they are one.
    Next,
    /// It moves to the business day before, at the same time. Where there is one at that time already, they are one.
    Previous,
}

/// What is made up for after downtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CatchUp {
    /// One run for all that were missed: the newest, for the time since the first.
    #[default]
    Once,
    /// Every missed run, in order, up to `catch_up_at_most`.
    All,
    /// Nothing.
    None,
}

/// What happens when a run is due while the one before is still running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// It is skipped.
    #[default]
    Skip,
    /// It waits, one at most.
    Queue,
    /// The one before finishes the batch in hand and stops.
    Cancel,
}

/// How often something is tried again that may pass: a connection that broke, a server that is busy. The pause doubles
/// each time, and a random part of it is waited.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Retry {
    /// Attempts at most, the first included.
    #[schemars(range(min = 1, max = 1_000))]
    pub attempts: u32,
    /// The pause after the first attempt.
    pub first_pause: Span,
    /// No pause is longer.
    pub longest_pause: Span,
    /// No attempt starts later than this after the first one.
    pub give_up_after: Span,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 5,
            first_pause: Span::from_seconds(5),
            longest_pause: Span::from_seconds(5 * 60),
            give_up_after: Span::from_hours(1),
        }
    }
}
