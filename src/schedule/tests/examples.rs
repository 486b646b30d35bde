//! Clock changes, one by one.

use jiff::Timestamp;

use super::super::timetable::{ClockChange, parse_nominal};
use super::timetable;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Everything between two instants, a line each; forward and backward must agree.
fn listed(line: &str, zone: &str, from: &str, until: &str) -> String {
    let timetable = timetable(line, zone);
    let forward: Vec<_> = timetable.between(at(from), at(until)).collect();
    let just_after = at(until) + jiff::SignedDuration::from_nanos(1);
    let mut backward: Vec<_> =
        timetable.before(just_after).take_while(|occurrence| occurrence.due > at(from)).collect();
    backward.reverse();
    assert_eq!(forward, backward);
    let lines: Vec<String> = forward
        .iter()
        .map(|occurrence| {
            let change = match timetable.clock_change(occurrence) {
                None => String::new(),
                Some(ClockChange::Skipped(shown)) => format!(" skipped, runs at {}", shown.time()),
                Some(change) => format!(" {change:?}"),
            };
            let nominal = occurrence.nominal_text();
            assert_eq!(parse_nominal(&nominal), Some(occurrence.nominal));
            format!("{nominal} fold {} due {}{change}", occurrence.fold, occurrence.due)
        })
        .collect();
    lines.join("\n")
}

#[test]
fn a_time_of_day_runs_at_the_end_of_the_gap() {
    insta::assert_snapshot!(listed("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", "2026-03-30T12:00:00Z"), @r"
        2026-03-28T02:30:00 fold 0 due 2026-03-28T01:30:00Z
        2026-03-29T02:30:00 fold 0 due 2026-03-29T01:00:00Z skipped, runs at 03:00:00
        2026-03-30T02:30:00 fold 0 due 2026-03-30T00:30:00Z
        ");
}

#[test]
fn times_that_one_gap_leaves_out_or_ends_at_are_one() {
    insta::assert_snapshot!(listed("0,15,30 2,3 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z"), @r"
        2026-03-29T02:00:00 fold 0 due 2026-03-29T01:00:00Z skipped, runs at 03:00:00
        2026-03-29T03:15:00 fold 0 due 2026-03-29T01:15:00Z
        2026-03-29T03:30:00 fold 0 due 2026-03-29T01:30:00Z
        ");
}

#[test]
fn a_time_of_day_that_comes_twice_runs_the_first_time() {
    insta::assert_snapshot!(listed("30 2,14 * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-26T12:00:00Z"), @r"
        2026-10-25T02:30:00 fold 0 due 2026-10-25T00:30:00Z OnlyFirst
        2026-10-25T14:30:00 fold 0 due 2026-10-25T13:30:00Z
        2026-10-26T02:30:00 fold 0 due 2026-10-26T01:30:00Z
        ");
    let timetable = timetable("30 2 * * *", "Europe/Berlin");
    let second_pass = at("2026-10-25T01:10:00Z");
    assert_eq!(timetable.last_before(second_pass).unwrap().due, at("2026-10-25T00:30:00Z"));
    assert_eq!(timetable.after(second_pass).next().unwrap().due, at("2026-10-26T01:30:00Z"));
}

#[test]
fn counting_may_start_and_end_anywhere_around_a_change() {
    for line in ["*/20 * * * *", "10,40 1-3 * * *", "0 2,3 * * *"] {
        let timetable = timetable(line, "Europe/Berlin");
        for change in [at("2026-03-29T01:00:00Z"), at("2026-10-25T01:00:00Z")] {
            let around: Vec<Timestamp> =
                (-9..=9).map(|quarters| change + jiff::SignedDuration::from_mins(15 * quarters)).collect();
            for (&after, &until) in around.iter().flat_map(|after| around.iter().map(move |until| (after, until))) {
                let expected = timetable.between(after, until).count() as u64;
                assert_eq!(timetable.count(after, until), expected, "{line} {after} {until}");
            }
        }
    }
}

#[test]
fn an_interval_goes_through_both_hours_and_past_the_gap() {
    insta::assert_snapshot!(listed("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:15:00Z", "2026-03-29T01:45:00Z"), @r"
        2026-03-29T01:30:00 fold 0 due 2026-03-29T00:30:00Z
        2026-03-29T03:00:00 fold 0 due 2026-03-29T01:00:00Z
        2026-03-29T03:30:00 fold 0 due 2026-03-29T01:30:00Z
        ");
    insta::assert_snapshot!(listed("*/30 * * * *", "Europe/Berlin", "2026-10-24T23:45:00Z", "2026-10-25T02:15:00Z"), @r"
        2026-10-25T02:00:00 fold 0 due 2026-10-25T00:00:00Z First
        2026-10-25T02:30:00 fold 0 due 2026-10-25T00:30:00Z First
        2026-10-25T02:00:00 fold 1 due 2026-10-25T01:00:00Z Second
        2026-10-25T02:30:00 fold 1 due 2026-10-25T01:30:00Z Second
        2026-10-25T03:00:00 fold 0 due 2026-10-25T02:00:00Z
        ");
}

#[test]
fn half_an_hour_in_lord_howe() {
    insta::assert_snapshot!(listed("10 2 * * *", "Australia/Lord_Howe", "2026-10-02T12:00:00Z", "2026-10-04T12:00:00Z"), @r"
        2026-10-03T02:10:00 fold 0 due 2026-10-02T15:40:00Z
        2026-10-04T02:10:00 fold 0 due 2026-10-03T15:30:00Z skipped, runs at 02:30:00
        ");
    insta::assert_snapshot!(listed("*/15 * * * *", "Australia/Lord_Howe", "2026-04-04T14:20:00Z", "2026-04-04T15:40:00Z"), @r"
        2026-04-05T01:30:00 fold 0 due 2026-04-04T14:30:00Z First
        2026-04-05T01:45:00 fold 0 due 2026-04-04T14:45:00Z First
        2026-04-05T01:30:00 fold 1 due 2026-04-04T15:00:00Z Second
        2026-04-05T01:45:00 fold 1 due 2026-04-04T15:15:00Z Second
        2026-04-05T02:00:00 fold 0 due 2026-04-04T15:30:00Z
        ");
}

#[test]
fn a_gap_at_midnight() {
    insta::assert_snapshot!(listed("0 0 * * *", "Asia/Beirut", "2026-03-27T00:00:00Z", "2026-03-30T00:00:00Z"), @r"
        2026-03-28T00:00:00 fold 0 due 2026-03-27T22:00:00Z
        2026-03-29T00:00:00 fold 0 due 2026-03-28T22:00:00Z skipped, runs at 01:00:00
        2026-03-30T00:00:00 fold 0 due 2026-03-29T21:00:00Z
        ");
    insta::assert_snapshot!(listed("30 23 * * *", "America/Scoresbysund", "2026-03-27T12:00:00Z", "2026-03-30T12:00:00Z"), @r"
        2026-03-27T23:30:00 fold 0 due 2026-03-28T01:30:00Z
        2026-03-28T23:30:00 fold 0 due 2026-03-29T01:00:00Z skipped, runs at 00:00:00
        2026-03-29T23:30:00 fold 0 due 2026-03-30T00:30:00Z
        ");
}

#[test]
fn a_date_that_a_zone_leaves_out_has_no_runs() {
    insta::assert_snapshot!(listed("30 6 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z", "2012-01-01T00:00:00Z"), @r"
        2011-12-29T06:30:00 fold 0 due 2011-12-29T16:30:00Z
        2011-12-31T06:30:00 fold 0 due 2011-12-30T16:30:00Z
        2012-01-01T06:30:00 fold 0 due 2011-12-31T16:30:00Z
        ");
    insta::assert_snapshot!(listed("0 0 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z", "2012-01-01T00:00:00Z"), @r"
        2011-12-29T00:00:00 fold 0 due 2011-12-29T10:00:00Z
        2011-12-31T00:00:00 fold 0 due 2011-12-30T10:00:00Z
        2012-01-01T00:00:00 fold 0 due 2011-12-31T10:00:00Z
        ");
    insta::assert_snapshot!(listed("0 */8 * * *", "Pacific/Apia", "2011-12-29T12:00:00Z", "2011-12-31T12:00:00Z"), @r"
        2011-12-29T08:00:00 fold 0 due 2011-12-29T18:00:00Z
        2011-12-29T16:00:00 fold 0 due 2011-12-30T02:00:00Z
        2011-12-31T00:00:00 fold 0 due 2011-12-30T10:00:00Z
        2011-12-31T08:00:00 fold 0 due 2011-12-30T18:00:00Z
        2011-12-31T16:00:00 fold 0 due 2011-12-31T02:00:00Z
        2012-01-01T00:00:00 fold 0 due 2011-12-31T10:00:00Z
        ");
}

#[test]
fn the_window_goes_from_one_due_to_the_next() {
    let timetable = timetable("30 2 * * *", "Europe/Berlin");
    let occurrences: Vec<_> = timetable.between(at("2026-03-27T00:00:00Z"), at("2026-03-31T00:00:00Z")).collect();
    for pair in occurrences.windows(2) {
        let window = timetable.window(&pair[1]);
        assert_eq!((window.from, window.to), (pair[0].due, pair[1].due));
    }
}

#[test]
fn rare_lines_are_found_and_all_end() {
    let leap = timetable("0 0 29 2 *", "America/New_York");
    assert_eq!(leap.after(at("2026-01-01T00:00:00Z")).next().unwrap().nominal_text(), "2028-02-29T00:00:00");
    assert_eq!(leap.last_before(at("2026-01-01T00:00:00Z")).unwrap().nominal_text(), "2024-02-29T00:00:00");
    assert_eq!(leap.after(at("1960-01-01T00:00:00Z")).count(), 32);
    let often = timetable("* * 29 2 *", "America/New_York");
    assert_eq!(often.after(at("2026-01-01T00:00:00Z")).next().unwrap().nominal_text(), "2028-02-29T00:00:00");
    for timetable in [leap, often] {
        assert_eq!(timetable.after(at("2101-01-01T12:00:00Z")).next(), None);
        assert_eq!(timetable.after(Timestamp::MAX).next(), None);
        assert_eq!(timetable.last_before(Timestamp::MIN), None);
        assert_eq!(timetable.last_before(Timestamp::MAX).unwrap().nominal.year(), 2096);
        assert_eq!(timetable.after(Timestamp::MIN).next().unwrap().nominal.year(), 1972);
    }
}

#[test]
fn nominal_times_are_read_back_and_nothing_else_is() {
    for text in ["2026-03-29", "2026-03-29T02:30:00Z", "2026-03-29T02:30", "", "2026-03-29T02:30:00 "] {
        assert_eq!(parse_nominal(text), None, "{text}");
    }
}
