//! What is made up for after downtime: of the occurrences that were missed, which run, and with what data.

use jiff::{SignedDuration, Timestamp};

use super::timetable::{Occurrence, Timetable, Window};
use crate::settings::{self, Schedule};

/// Missed occurrences that are listed one by one at most, the newest.
pub const LISTED: usize = 1_000;

/// What a schedule says of missed runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Which of them run.
    pub which: settings::CatchUp,
    /// How many at most, if all of them do.
    pub at_most: usize,
    /// How long ago they were due at most.
    pub max_age: SignedDuration,
}

impl From<&Schedule> for Policy {
    fn from(settings: &Schedule) -> Self {
        Self {
            which: settings.catch_up,
            at_most: settings.catch_up_at_most.try_into().unwrap_or(usize::MAX),
            max_age: settings.catch_up_max_age.signed(),
        }
    }
}

/// What becomes of the occurrences that were missed. Each is in one place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CatchUp {
    /// These run, in this order, each with its data.
    pub run: Vec<(Occurrence, Window)>,
    /// These don't: the newest [`LISTED`], rising.
    pub missed: Vec<Occurrence>,
    /// Nor do so many before them.
    pub missed_before: u64,
}

/// Decides on what was due after one instant (the last that is known of) and up to another (now).
pub fn catch_up(timetable: &Timetable, policy: Policy, after: Timestamp, now: Timestamp) -> CatchUp {
    let oldest = now.saturating_sub(policy.max_age).unwrap_or(Timestamp::MIN);
    let just_after = now.saturating_add(SignedDuration::from_nanos(1)).unwrap_or(Timestamp::MAX);
    let mut newest_first = timetable.before(just_after).take_while(|missed| missed.due > after).peekable();

    let at_most = match policy.which {
        settings::CatchUp::None => 0,
        settings::CatchUp::Once => 1,
        settings::CatchUp::All => policy.at_most,
    };
    let mut run = Vec::new();
    while run.len() < at_most
        && let Some(occurrence) = newest_first.next_if(|occurrence| occurrence.due >= oldest)
    {
        run.push((occurrence, timetable.window(&occurrence)));
    }
    run.reverse();
    if policy.which == settings::CatchUp::Once
        && let [(_, window)] = run.as_mut_slice()
    {
        // `oldest` itself is young enough.
        let young_enough = oldest.saturating_sub(SignedDuration::from_nanos(1)).unwrap_or(oldest);
        if let Some(first) = timetable.after(after.max(young_enough)).next() {
            window.from = timetable.window(&first).from;
        }
    }
    let mut missed: Vec<Occurrence> = newest_first.take(LISTED).collect();
    missed.reverse();
    let missed_before = match missed.first() {
        Some(first) if missed.len() == LISTED => timetable.count(after, first.due) - 1,
        _ => 0,
    };
    CatchUp { run, missed, missed_before }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::schedule::tests::schedule;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn policy(which: settings::CatchUp) -> Policy {
        Policy { which, ..Policy::from(&schedule("* * * * *")) }
    }

    fn shown(caught_up: &CatchUp) -> String {
        let run: Vec<String> = caught_up
            .run
            .iter()
            .map(|(occurrence, window)| format!("run {} [{}, {})\n", occurrence.nominal, window.from, window.to))
            .collect();
        let missed: Vec<String> = caught_up.missed.iter().map(|missed| missed.nominal.to_string()).collect();
        format!("{}missed {} and {}", run.concat(), missed.join(" "), caught_up.missed_before)
    }

    #[test]
    fn a_weekend_of_downtime() {
        let timetable = Timetable::new(&schedule("0 6,18 * * *"), None).unwrap();
        let caught_up =
            |policy| shown(&catch_up(&timetable, policy, at("2026-03-06T06:00:00Z"), at("2026-03-08T18:00:00Z")));
        insta::assert_snapshot!(caught_up(policy(settings::CatchUp::Once)), @r"
        run 2026-03-08T18:00:00 [2026-03-06T06:00:00Z, 2026-03-08T18:00:00Z)
        missed 2026-03-06T18:00:00 2026-03-07T06:00:00 2026-03-07T18:00:00 2026-03-08T06:00:00 and 0
        ");
        insta::assert_snapshot!(caught_up(policy(settings::CatchUp::All)), @r"
        run 2026-03-06T18:00:00 [2026-03-06T06:00:00Z, 2026-03-06T18:00:00Z)
        run 2026-03-07T06:00:00 [2026-03-06T18:00:00Z, 2026-03-07T06:00:00Z)
        run 2026-03-07T18:00:00 [2026-03-07T06:00:00Z, 2026-03-07T18:00:00Z)
        run 2026-03-08T06:00:00 [2026-03-07T18:00:00Z, 2026-03-08T06:00:00Z)
        run 2026-03-08T18:00:00 [2026-03-08T06:00:00Z, 2026-03-08T18:00:00Z)
        missed  and 0
        ");
        insta::assert_snapshot!(caught_up(Policy { at_most: 2, ..policy(settings::CatchUp::All) }), @r"
        run 2026-03-08T06:00:00 [2026-03-07T18:00:00Z, 2026-03-08T06:00:00Z)
        run 2026-03-08T18:00:00 [2026-03-08T06:00:00Z, 2026-03-08T18:00:00Z)
        missed 2026-03-06T18:00:00 2026-03-07T06:00:00 2026-03-07T18:00:00 and 0
        ");
        insta::assert_snapshot!(caught_up(policy(settings::CatchUp::None)), @"missed 2026-03-06T18:00:00 2026-03-07T06:00:00 2026-03-07T18:00:00 2026-03-08T06:00:00 2026-03-08T18:00:00 and 0");
        let max_age = SignedDuration::from_hours(24);
        insta::assert_snapshot!(caught_up(Policy { max_age, ..policy(settings::CatchUp::All) }), @r"
        run 2026-03-07T18:00:00 [2026-03-07T06:00:00Z, 2026-03-07T18:00:00Z)
        run 2026-03-08T06:00:00 [2026-03-07T18:00:00Z, 2026-03-08T06:00:00Z)
        run 2026-03-08T18:00:00 [2026-03-08T06:00:00Z, 2026-03-08T18:00:00Z)
        missed 2026-03-06T18:00:00 2026-03-07T06:00:00 and 0
        ");
        insta::assert_snapshot!(caught_up(Policy { max_age, ..policy(settings::CatchUp::Once) }), @r"
        run 2026-03-08T18:00:00 [2026-03-07T06:00:00Z, 2026-03-08T18:00:00Z)
        missed 2026-03-06T18:00:00 2026-03-07T06:00:00 2026-03-07T18:00:00 2026-03-08T06:00:00 and 0
        ");
        let max_age = SignedDuration::ZERO;
        insta::assert_snapshot!(caught_up(Policy { max_age, ..policy(settings::CatchUp::Once) }), @r"
        run 2026-03-08T18:00:00 [2026-03-08T06:00:00Z, 2026-03-08T18:00:00Z)
        missed 2026-03-06T18:00:00 2026-03-07T06:00:00 2026-03-07T18:00:00 2026-03-08T06:00:00 and 0
        ");
    }

    #[test]
    fn nothing_was_missed() {
        let timetable = Timetable::new(&schedule("0 6 * * *"), None).unwrap();
        let now = at("2026-03-08T05:59:59Z");
        for after in [at("2026-03-07T06:00:00Z"), now, at("2026-03-09T00:00:00Z")] {
            assert_eq!(catch_up(&timetable, policy(settings::CatchUp::All), after, now), CatchUp::default());
        }
    }

    #[test]
    fn every_second_of_a_year_is_counted_without_going_through_them() {
        let settings = Schedule { timezone: "America/New_York".to_owned(), ..schedule("* * * * * *") };
        let timetable = Timetable::new(&settings, None).unwrap();
        let (after, now) = (at("2025-06-01T00:00:00Z"), at("2026-06-01T00:00:00Z"));
        let caught_up = catch_up(&timetable, policy(settings::CatchUp::Once), after, now);
        assert_eq!(caught_up.missed.len(), LISTED);
        assert_eq!(caught_up.missed_before, 365 * 86_400 - 1 - LISTED as u64);
    }

    fn which() -> impl Strategy<Value = settings::CatchUp> {
        prop_oneof![Just(settings::CatchUp::Once), Just(settings::CatchUp::All), Just(settings::CatchUp::None)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn each_is_in_one_place(
            line in prop_oneof![Just("*/20 * * * *"), Just("15,45 1-3 * * *"), Just("0 2,3 * * *"), Just("30 2 * * 0")],
            zone in prop_oneof![Just("Europe/Berlin"), Just("Australia/Lord_Howe"), Just("Asia/Beirut"), Just("UTC")],
            which in which(),
            at_most in 1_usize..40,
            (start, hours, age) in (0_i64..8_760, 0_i64..2_000, 0_i64..3_000),
        ) {
            let settings = Schedule { timezone: zone.to_owned(), ..schedule(line) };
            let timetable = Timetable::new(&settings, None).unwrap();
            let after = at("2026-01-01T00:00:00Z") + SignedDuration::from_hours(start);
            let now = after + SignedDuration::from_hours(hours);
            let max_age = SignedDuration::from_hours(age);
            let all: Vec<Occurrence> = timetable.between(after, now).collect();
            prop_assert_eq!(timetable.count(after, now), all.len() as u64);
            let caught_up = catch_up(&timetable, Policy { which, at_most, max_age }, after, now);
            let run: Vec<Occurrence> = caught_up.run.iter().map(|(occurrence, _)| *occurrence).collect();
            let rest = [caught_up.missed.clone(), run.clone()].concat();
            prop_assert_eq!(caught_up.missed_before + rest.len() as u64, all.len() as u64);
            prop_assert_eq!(&rest, &all[all.len() - rest.len()..]);
            prop_assert!(caught_up.missed.len() == LISTED || caught_up.missed_before == 0);
            let young = all.iter().filter(|occurrence| now.duration_since(occurrence.due) <= max_age).count();
            prop_assert_eq!(run.len(), match which {
                settings::CatchUp::None => 0,
                settings::CatchUp::Once => young.min(1),
                settings::CatchUp::All => young.min(at_most),
            });
            for pair in caught_up.run.windows(2) {
                prop_assert_eq!(pair[0].1.to, pair[1].1.from);
            }
        }
    }
}
