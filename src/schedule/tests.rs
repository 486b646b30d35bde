use std::collections::HashMap;

use jiff::civil::{Date, DateTime, Time, date};
use jiff::tz::{self, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use proptest::prelude::*;

use super::*;
use crate::settings;

fn schedule(text: &str) -> settings::Schedule {
    toml::from_str(text).unwrap()
}

fn timetable(line: &str, zone: &str) -> Timetable {
    Timetable::new(&schedule(&format!("cron = '{line}'\ntimezone = '{zone}'")), None).unwrap()
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// What is due from one day to another, as local time, offset and fold.
fn listed(table: &Timetable, from: &str, until: &str) -> Vec<String> {
    table
        .between(instant(from), instant(until))
        .map(|occurrence| {
            let zone = table.zone();
            let at = occurrence.due.to_zoned(zone.clone()).strftime("%m-%d %H:%M%:z").to_string();
            format!("{} {} at {at}", occurrence.nominal.strftime("%m-%d %H:%M"), occurrence.fold)
        })
        .collect()
}

#[test]
fn a_fixed_time_in_a_gap_runs_at_its_end_and_one_that_exists_twice_at_the_first() {
    let table = timetable("30 2 * * *", "Europe/Berlin");
    assert_eq!(
        listed(&table, "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"),
        ["03-29 02:30 0 at 03-29 03:00+02:00", "03-30 02:30 0 at 03-30 02:30+02:00",]
    );
    assert_eq!(
        listed(&table, "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z"),
        ["10-25 02:30 0 at 10-25 02:30+02:00", "10-26 02:30 0 at 10-26 02:30+01:00",]
    );
    // Of fixed times that come to one instant the first runs.
    let table = timetable("0,30 2,3 * * *", "Europe/Berlin");
    assert_eq!(
        listed(&table, "2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z"),
        ["03-29 02:00 0 at 03-29 03:00+02:00", "03-29 03:30 0 at 03-29 03:30+02:00",]
    );
}

#[test]
fn an_interval_runs_through_both_hours_and_leaves_out_the_one_that_does_not_exist() {
    let table = timetable("*/30 * * * *", "Europe/Berlin");
    assert_eq!(
        listed(&table, "2026-10-24T23:30:00Z", "2026-10-25T02:00:00Z"),
        [
            "10-25 02:00 0 at 10-25 02:00+02:00",
            "10-25 02:30 0 at 10-25 02:30+02:00",
            "10-25 02:00 1 at 10-25 02:00+01:00",
            "10-25 02:30 1 at 10-25 02:30+01:00",
            "10-25 03:00 0 at 10-25 03:00+01:00",
        ]
    );
    assert_eq!(
        listed(&table, "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"),
        ["03-29 03:00 0 at 03-29 03:00+02:00", "03-29 03:30 0 at 03-29 03:30+02:00",]
    );
}

#[test]
fn odd_zones() {
    // Half an hour back and forth.
    let table = timetable("15 2 * * *", "Australia/Lord_Howe");
    assert_eq!(listed(&table, "2026-10-03T00:00:00Z", "2026-10-04T00:00:00Z"), ["10-04 02:15 0 at 10-04 02:30+11:00"]);
    // The last day of 2011 but one didn't exist in Samoa.
    let table = timetable("0 12 * * *", "Pacific/Apia");
    assert_eq!(
        listed(&table, "2011-12-29T00:00:00Z", "2011-12-31T12:00:00Z"),
        ["12-29 12:00 0 at 12-29 12:00-10:00", "12-31 12:00 0 at 12-31 12:00+14:00",]
    );
    // The gap is at midnight.
    let table = timetable("0 0 * * *", "Asia/Beirut");
    assert_eq!(listed(&table, "2026-03-28T00:00:00Z", "2026-03-29T12:00:00Z"), ["03-29 00:00 0 at 03-29 01:00+03:00"]);
}

#[test]
fn either_of_two_restricted_day_fields_is_enough_and_sunday_has_two_numbers() {
    let table = timetable("0 0 13 * 5", "UTC");
    let days: Vec<String> = table
        .between(instant("2026-03-01T00:00:00Z"), instant("2026-03-21T00:00:00Z"))
        .map(|occurrence| occurrence.nominal.strftime("%a %d").to_string())
        .collect();
    assert_eq!(days, ["Fri 06", "Fri 13", "Fri 20"]);
    for sunday in ["0", "7", "sun", "SUN"] {
        let table = timetable(&format!("0 0 * * {sunday}"), "UTC");
        let first = table.after(instant("2026-03-02T00:00:00Z")).next().unwrap();
        assert_eq!(first.nominal, date(2026, 3, 8).at(0, 0, 0, 0));
    }
    assert_eq!(
        timetable("@monthly", "UTC").after(instant("2026-03-02T00:00:00Z")).next().unwrap().due,
        instant("2026-04-01T00:00:00Z")
    );
}

#[test]
fn windows_are_from_the_one_before() {
    let table = timetable("0 6 * * 1-5", "America/New_York");
    // A Monday, and clocks went forward on Sunday.
    let monday = table.after(instant("2026-03-08T00:00:00Z")).next().unwrap();
    let window = table.window(&monday);
    assert_eq!((window.from, window.to), (instant("2026-03-06T11:00:00Z"), instant("2026-03-09T10:00:00Z")));
    let leap = timetable("0 0 29 2 *", "UTC");
    let day = leap.after(instant("2026-01-01T00:00:00Z")).next().unwrap();
    assert_eq!(leap.window(&day).from, instant("2024-02-29T00:00:00Z"));
}

#[test]
fn a_line_ends_with_its_century_and_not_with_the_program() {
    let table = timetable("0 0 1 1 *", "UTC");
    assert_eq!(table.after(instant("2098-06-01T00:00:00Z")).count(), 2);
    assert_eq!(timetable("* * * * *", "Europe/Berlin").after(instant("2100-12-31T22:58:00Z")).count(), 1);
}

#[test]
fn days_that_do_not_count_are_left_out_or_moved() {
    let moved = |on_holiday: &str| {
        let text = format!("cron = '0 6 * * *'\ndays = 'weekdays'\non_holiday = '{on_holiday}'");
        let holidays = Calendar::parse("2026-04-03\n2026-04-06\n").unwrap();
        let table = Timetable::new(&schedule(&text), Some(holidays)).unwrap();
        let due = table.between(instant("2026-04-01T12:00:00Z"), instant("2026-04-08T12:00:00Z"));
        due.map(|occurrence| occurrence.nominal.strftime("%a %d").to_string()).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(moved("skip"), "Thu 02, Tue 07, Wed 08");
    assert_eq!(moved("next"), "Thu 02, Tue 07, Wed 08");
    let friday = |on_holiday: &str| {
        let text = format!("cron = '0 6 * * 5'\ndays = 'weekdays'\non_holiday = '{on_holiday}'");
        let holidays = Calendar::parse("2026-04-03\n2026-04-06\n").unwrap();
        let table = Timetable::new(&schedule(&text), Some(holidays)).unwrap();
        table.after(instant("2026-03-30T00:00:00Z")).next().unwrap().nominal.strftime("%a %d").to_string()
    };
    assert_eq!(
        (friday("skip").as_str(), friday("next").as_str(), friday("previous").as_str()),
        ("Fri 10", "Tue 07", "Thu 02")
    );
}

#[test]
fn a_year_away_is_caught_up_with_quickly() {
    let settings = schedule("cron = '* * * * *'\ncatch_up = 'all'\ncatch_up_at_most = 3");
    let table = Timetable::new(&settings, None).unwrap();
    let caught = catch_up(&table, &settings, instant("2025-01-01T00:00:00Z"), instant("2026-01-01T00:00:00Z"));
    assert_eq!((caught.run.len(), caught.missed.len(), caught.missed_before), (3, 1_000, 525_600 - 1_003));
    assert_eq!(caught.run[2].0.due, instant("2026-01-01T00:00:00Z"));
}

#[test]
fn what_is_too_old_is_not_caught_up_with() {
    let settings = schedule("cron = '0 0 * * *'\ncatch_up_max_age = '2d'");
    let table = Timetable::new(&settings, None).unwrap();
    let caught = catch_up(&table, &settings, instant("2026-03-01T00:00:00Z"), instant("2026-03-06T12:00:00Z"));
    assert_eq!(caught.missed.len(), 4);
    let (occurrence, window) = caught.run[0];
    assert_eq!((occurrence.due, window.from), (instant("2026-03-06T00:00:00Z"), instant("2026-03-04T00:00:00Z")));
}

/// Dates around which something happens in a zone, within ten years, and a plain one.
fn interesting_dates(zone: &TimeZone) -> Vec<Date> {
    let (from, until) = (instant("2020-01-01T00:00:00Z"), instant("2030-01-01T00:00:00Z"));
    let transitions = zone.following(from).take_while(|transition| transition.timestamp() < until);
    let dates = transitions.map(|transition| zone.to_datetime(transition.timestamp()).date());
    dates.chain([date(2024, 2, 28)]).collect()
}

#[test]
fn in_every_zone_for_ten_years_a_fixed_time_runs_once_a_date_and_instants_never_go_back() {
    let times = ["0 0", "30 0", "59 1", "0 2", "15 2", "30 2", "0 3", "59 23"];
    let mut zones = 0;
    for name in tz::db().available() {
        let Ok(zone) = TimeZone::get(name.as_str()) else { continue };
        zones += 1;
        let tables: Vec<Timetable> =
            times.iter().map(|time| timetable(&format!("{time} * * *"), name.as_str())).collect();
        let quarter = timetable("*/15 * * * *", name.as_str());
        for day in interesting_dates(&zone) {
            let (first, last) = (day.saturating_sub(2.days()), day.saturating_add(2.days()));
            let start = zone.to_timestamp(first.to_datetime(Time::midnight())).unwrap() - 1.nanosecond();
            let end = zone.to_timestamp(last.to_datetime(Time::midnight())).unwrap() - 1.nanosecond();
            for table in &tables {
                let mut by_date: HashMap<Date, usize> = HashMap::new();
                let mut before = start;
                for occurrence in table.between(start, end) {
                    assert!(occurrence.due > before, "{name} {day}: {occurrence:?} after {before}");
                    before = occurrence.due;
                    *by_date.entry(occurrence.nominal.date()).or_default() += 1;
                }
                let dates = first.series(1.day()).take_while(|date| *date < last);
                for date in dates.filter(|date| exists(&zone, *date)) {
                    assert_eq!(by_date.get(&date), Some(&1), "{name} on {date}");
                }
            }
            let mut before = None;
            for occurrence in quarter.between(start, end) {
                if let Some(before) = before {
                    let step = occurrence.due.duration_since(before);
                    assert!(step > SignedDuration::ZERO, "{name}: {occurrence:?}");
                    // An offset that isn't a multiple of the step shifts it by less than one more.
                    assert!(step < SignedDuration::from_mins(30), "{name}: {step} before {occurrence:?}");
                }
                before = Some(occurrence.due);
            }
        }
    }
    assert!(zones > 500, "{zones}");
}

fn exists(zone: &TimeZone, date: Date) -> bool {
    let noon = zone.to_timestamp(date.at(12, 0, 0, 0)).unwrap();
    zone.to_datetime(noon).date() == date
}

fn field(least: u32, most: u32) -> impl Strategy<Value = String> {
    let number = least..=most;
    prop_oneof![
        3 => Just("*".to_owned()),
        3 => number.clone().prop_map(|number| number.to_string()),
        1 => (2..=most.max(3)).prop_map(|step| format!("*/{step}")),
        1 => (number.clone(), number.clone()).prop_map(|(a, b)| format!("{}-{}", a.min(b), a.max(b))),
        1 => (number.clone(), number, 1..5_u32)
            .prop_map(|(a, b, step)| format!("{}-{}/{step},{a}", a.min(b), a.max(b))),
    ]
}

fn weekday() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => field(0, 7),
        1 => Just("MON-FRI".to_owned()),
        1 => Just("sun,wed".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Where clocks don't change, another reader of crontab lines finds the same times.
    #[test]
    fn croner_agrees_in_utc(
        minute in field(0, 59),
        hour in field(0, 23),
        day in field(1, 31),
        month in field(1, 12),
        weekday in weekday(),
        start in 0..400_000_000_i64,
    ) {
        let line = format!("{minute} {hour} {day} {month} {weekday}");
        prop_assume!(Crontab::parse(&line).is_ok());
        // As cron(8) has it, a day field that starts with a star restricts nothing that the other one names; for croner
        // it does.
        prop_assume!(!day.starts_with("*/") && !weekday.starts_with("*/"));
        let start = 1_500_000_000 + start;
        let ours: Vec<i64> = timetable(&line, "UTC")
            .after(Timestamp::from_second(start).unwrap())
            .take(20)
            .map(|occurrence| occurrence.due.as_second())
            .collect();
        let theirs: croner::Cron = line.parse().unwrap();
        let theirs: Vec<i64> = theirs
            .iter_after(chrono::DateTime::from_timestamp(start, 0).unwrap())
            .take(ours.len())
            .map(|time: chrono::DateTime<chrono::Utc>| time.timestamp())
            .collect();
        prop_assert_eq!(ours, theirs, "{}", line);
    }

    /// Looking back finds what looking forward found.
    #[test]
    fn the_last_one_before_is_the_one_that_came_before(
        minute in field(0, 59),
        hour in field(0, 23),
        start in 0..100_000_000_i64,
    ) {
        let table = timetable(&format!("{minute} {hour} * * *"), "America/New_York");
        let mut due = table.after(Timestamp::from_second(1_700_000_000 + start).unwrap());
        let (first, second) = (due.next().unwrap(), due.next().unwrap());
        prop_assert_eq!(table.last_before(second.due), Some(first));
    }
}

#[test]
fn local_times_are_written_as_the_ledger_has_them() {
    let nominal: DateTime = date(2026, 3, 29).at(2, 30, 0, 0);
    let occurrence = Occurrence { due: instant("2026-03-29T01:00:00Z"), nominal, fold: 0 };
    assert_eq!(occurrence.nominal_text(), "2026-03-29T02:30:00");
    assert!(occurrence.is_moved(&TimeZone::get("Europe/Berlin").unwrap()));
}
