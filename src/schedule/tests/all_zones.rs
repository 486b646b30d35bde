//! What must hold in every zone of the IANA database, around each of its clock changes in ten years.

use std::collections::{BTreeMap, HashSet};

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::super::timetable::{Occurrence, Timetable};
use super::timetable;

const AROUND: SignedDuration = SignedDuration::from_hours(36);

/// A zone and a day and a half on either side of one of its clock changes.
struct Stretch {
    name: String,
    zone: TimeZone,
    from: Timestamp,
    until: Timestamp,
}

/// Each change of the clock in any zone; zones that do the same at the same instant are tried once.
fn stretches() -> Vec<Stretch> {
    let start: Timestamp = "2020-01-01T00:00:00Z".parse().unwrap();
    let end: Timestamp = "2030-01-01T00:00:00Z".parse().unwrap();
    let mut seen = HashSet::new();
    let mut stretches = Vec::new();
    let mut zones = 0;
    for name in jiff::tz::db().available() {
        zones += 1;
        let zone = TimeZone::get(name.as_str()).unwrap();
        let changes: Vec<Timestamp> =
            zone.following(start).map(|change| change.timestamp()).take_while(|&change| change < end).collect();
        let days = std::iter::successors(Some(start), |&day| Some(day + SignedDuration::from_hours(24)))
            .take_while(|&day| day < end);
        let offsets: Vec<Offset> = days.map(|day| zone.to_offset(day)).collect();
        let seen_by_day = offsets.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!(seen_by_day <= changes.len(), "{name}: jiff lists {} of {seen_by_day} changes", changes.len());
        // A zone without any is tried once.
        for change in if changes.is_empty() { vec![start] } else { changes } {
            let (from, until) = (change - AROUND, change + AROUND);
            if seen.insert((change, zone.to_offset(from), zone.to_offset(until))) {
                stretches.push(Stretch { name: name.to_string(), zone: zone.clone(), from, until });
            }
        }
    }
    assert!(zones > 500 && stretches.len() > 400, "{zones} zones, {} changes", stretches.len());
    stretches
}

/// The occurrences of a stretch, after a look at what must hold for every line.
fn occurrences(timetable: &Timetable, stretch: &Stretch) -> Vec<Occurrence> {
    let &Stretch { ref name, from, until, .. } = stretch;
    let occurrences: Vec<Occurrence> = timetable.between(from, until).collect();
    let mut last = from;
    let mut names = HashSet::new();
    for occurrence in &occurrences {
        assert!(occurrence.due > last, "{name}: {occurrence:?} after {last}");
        assert!(names.insert((occurrence.nominal, occurrence.fold)), "{name}: {occurrence:?} twice");
        last = occurrence.due;
    }
    assert_eq!(timetable.count(from, until), occurrences.len() as u64, "{name} {from}");
    occurrences
}

/// The dates that have at least a second in the zone, wholly inside the stretch.
fn dates(&Stretch { ref zone, from, until, .. }: &Stretch) -> Vec<Date> {
    let local = |instant: Timestamp| zone.to_datetime(instant).date();
    let mut dates = Vec::new();
    let mut at = from;
    while at < until {
        if dates.last() != Some(&local(at)) {
            dates.push(local(at));
        }
        at += SignedDuration::from_mins(30);
    }
    dates[1..dates.len() - 1].to_vec()
}

#[test]
fn a_time_of_day_runs_once_on_every_date_that_exists() {
    let times: Vec<(u8, u8)> =
        (0..4).flat_map(|hour| [(hour, 0), (hour, 30)]).chain([(12, 0), (22, 30), (23, 30), (23, 59)]).collect();
    for stretch in stretches() {
        let Stretch { name, zone, .. } = &stretch;
        let dates = dates(&stretch);
        for (hour, minute) in &times {
            let timetable = timetable(&format!("{minute} {hour} * * *"), name);
            let mut a_date: BTreeMap<Date, Vec<Occurrence>> = BTreeMap::new();
            for occurrence in occurrences(&timetable, &stretch) {
                a_date.entry(occurrence.nominal.date()).or_default().push(occurrence);
            }
            for date in &dates {
                let ran = a_date.get(date).map_or(&[][..], Vec::as_slice);
                let [ran] = ran else { panic!("{name}: {hour}:{minute} on {date}: {ran:?}") };
                let shown = timetable.local(ran.due);
                let exists = shown == ran.nominal;
                assert!(shown >= ran.nominal && (exists || is_gap_end(zone, ran.due)), "{name}: {ran:?}");
                assert_eq!(first_showing(zone, ran.nominal), exists.then_some(ran.due), "{name}: {ran:?}");
            }
        }
    }
}

/// Whether clocks go forward at this instant.
fn is_gap_end(zone: &TimeZone, instant: Timestamp) -> bool {
    zone.to_offset(instant) > zone.to_offset(instant - SignedDuration::from_nanos(1))
}

/// The first instant at which clocks show this, by trying all offsets of the days around.
fn first_showing(zone: &TimeZone, nominal: DateTime) -> Option<Timestamp> {
    let as_utc = TimeZone::UTC.to_timestamp(nominal).unwrap();
    let offsets = (-26..=26).map(|hours| zone.to_offset(as_utc + SignedDuration::from_hours(hours)));
    let instants = offsets.map(|offset| offset.to_timestamp(nominal).unwrap());
    instants.filter(|&instant| zone.to_datetime(instant) == nominal).min()
}

#[test]
fn an_interval_has_no_hole_and_runs_whenever_the_clock_says_so() {
    for stretch in stretches() {
        let &Stretch { ref name, ref zone, from, until } = &stretch;
        let shown: Vec<DateTime> = (1..=until.duration_since(from).as_mins())
            .map(|minute| from + SignedDuration::from_mins(minute))
            .map(|instant| zone.to_datetime(instant))
            .collect();
        let change = i64::from(zone.to_offset(until).seconds() - zone.to_offset(from).seconds());
        for (line, minutes) in [("*/15 * * * *", 15), ("*/30 * * * *", 30), ("7 * * * *", 60)] {
            let timetable = timetable(line, name);
            let step = SignedDuration::from_mins(minutes);
            // A step that doesn't divide the change of the clock is longer or shorter once.
            let longest = if change % step.as_secs() == 0 { step } else { step * 2 };
            let occurrences = occurrences(&timetable, &stretch);
            let mut last = from;
            for occurrence in &occurrences {
                let hole = occurrence.due.duration_since(last);
                assert!(hole <= longest, "{name}: {line}: {hole} before {occurrence:?}");
                assert_eq!(zone.to_datetime(occurrence.due), occurrence.nominal, "{name}: {line}");
                last = occurrence.due;
            }
            assert!(until.duration_since(last) <= longest, "{name}: {line}");
            // None is left out where the clock shows the time.
            let expected = shown.iter().filter(|shown| matches(**shown, line)).count();
            assert_eq!(expected, occurrences.len(), "{name}: {line} {from}");
        }
    }
}

/// Whether a clock that shows this says that the line is due; changes of the clock fall on whole minutes in these years.
fn matches(shown: DateTime, line: &str) -> bool {
    let minute = shown.minute();
    match line.split(' ').next().unwrap() {
        "*/15" => minute % 15 == 0,
        "*/30" => minute % 30 == 0,
        other => minute == other.parse::<i8>().unwrap(),
    }
}

#[test]
fn backward_is_forward_in_reverse() {
    for stretch in stretches() {
        for line in ["30 0-3 * * *", "10,50 * * * *", "0 0,23 * * *"] {
            let timetable = timetable(line, &stretch.name);
            let forward = occurrences(&timetable, &stretch);
            let just_after = stretch.until + SignedDuration::from_nanos(1);
            let mut backward: Vec<Occurrence> =
                timetable.before(just_after).take_while(|occurrence| occurrence.due > stretch.from).collect();
            backward.reverse();
            for (ahead, back) in forward.iter().zip(&backward) {
                assert_eq!(ahead, back, "{}: {line}", stretch.name);
            }
            assert_eq!(forward.len(), backward.len(), "{}: {line}", stretch.name);
        }
    }
}
