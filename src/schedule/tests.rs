//! Timetables as a whole: clock changes by example and over all zones, and a second reading of crontab lines.

mod all_zones;
mod examples;
mod second_reading;

use crate::settings::Schedule;

/// A schedule with nothing but a line.
pub fn schedule(cron: &str) -> Schedule {
    serde_json::from_value(serde_json::json!({ "cron": cron })).unwrap()
}
