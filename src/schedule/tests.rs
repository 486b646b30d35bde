//! Timetables as a whole: clock changes by example and over all zones, and a second reading of crontab lines.

mod all_zones;
mod examples;
mod second_reading;

use super::timetable::Timetable;
use crate::settings::Schedule;

/// A schedule with nothing but a line.
pub fn schedule(cron: &str) -> Schedule {
    serde_json::from_value(serde_json::json!({ "cron": cron })).unwrap()
}

/// The timetable of a line in a zone.
pub fn timetable(line: &str, zone: &str) -> Timetable {
    Timetable::new(&Schedule { timezone: zone.to_owned(), ..schedule(line) }, None).unwrap()
}
