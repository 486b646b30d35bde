//! Random crontab lines, read by another crate as well: away from clock changes both must agree.

use croner::parser::CronParser;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::super::timetable::Timetable;
use super::schedule;

const MONTHS: [&str; 12] = ["jan", "feb", "MAR", "apr", "may", "jun", "jul", "aug", "sep", "oct", "Nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "WED", "thu", "fri", "Sat"];

/// A field: numbers, ranges, steps, lists of them.
fn field(least: u32, most: u32) -> impl Strategy<Value = String> {
    let range = (least..=most, least..=most).prop_map(|(one, other)| (one.min(other), one.max(other)));
    let part = prop_oneof![
        3 => (least..=most).prop_map(|number| number.to_string()),
        1 => range.clone().prop_map(|(first, last)| format!("{first}-{last}")),
        1 => (range, 1..9_u32).prop_map(|((first, last), step)| format!("{first}-{last}/{step}")),
    ];
    proptest::collection::vec(part, 1..4).prop_map(|parts| parts.join(","))
}

fn any_or(field: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop_oneof![Just("*".to_owned()), field]
}

/// A wildcard, one with a step, or a field.
fn time(least: u32, most: u32) -> impl Strategy<Value = String> {
    any_or(prop_oneof![1 => (1..20_u32).prop_map(|step| format!("*/{step}")), 3 => field(least, most)])
}

fn named(names: &'static [&'static str], field: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop_oneof![field, proptest::sample::select(names).prop_map(str::to_owned)]
}

fn line() -> impl Strategy<Value = String> {
    let fields = (
        proptest::option::weighted(0.2, field(0, 59)),
        time(0, 59),
        time(0, 23),
        any_or(field(1, 31)),
        any_or(named(&MONTHS, field(1, 12))),
        any_or(named(&DAYS, field(0, 7))),
    );
    fields.prop_map(|(second, minute, hour, day, month, weekday)| {
        let second = second.map(|second| format!("{second} ")).unwrap_or_default();
        format!("{second}{minute} {hour} {day} {month} {weekday}")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn both_read_a_line_alike(line in line(), start in 1_577_836_800_i64..1_893_456_000) {
        // Of the lines made here only days that their months don't have are refused.
        let Ok(timetable) = Timetable::new(&schedule(&line), None) else { return Ok(()) };
        let other = CronParser::new().parse(&line).unwrap();
        let start = Timestamp::from_second(start).unwrap();
        let mut at = start.to_zoned(TimeZone::UTC);
        for ours in timetable.after(start).take(5) {
            let theirs = other.find_next_occurrence(&at, false).unwrap();
            prop_assert_eq!(ours.due, theirs.timestamp(), "{}", &line);
            at = theirs;
        }
        let mut at = start.to_zoned(TimeZone::UTC);
        for ours in timetable.before(start).take(5) {
            let theirs = other.find_previous_occurrence(&at, false).unwrap();
            prop_assert_eq!(ours.due, theirs.timestamp(), "{} backward", &line);
            at = theirs;
        }
        let until = start + SignedDuration::from_hours(3 * 24);
        prop_assert_eq!(timetable.count(start, until), timetable.between(start, until).count() as u64, "{}", &line);
    }
}
