use std::collections::VecDeque;

use jiff::tz::TimeZone;

use super::*;
use crate::load::occurrence::{Key, Origin};
use crate::load::pause::Pause;
use crate::schedule::clock::{Clock as _, ClockWatch, ManualClock};

/// A scheduler, a clock, and a ledger that remembers.
struct World {
    scheduler: Scheduler,
    clock: ManualClock,
    watch: ClockWatch,
    notes: Vec<(Occurrence, State, String)>,
    since: BTreeMap<String, Timestamp>,
    paused: BTreeMap<String, Pause>,
    started: VecDeque<Start>,
    given_up: Vec<String>,
    expected: Vec<(String, Expected)>,
    told: Vec<String>,
    roi: usize,
}

impl World {
    fn new(now: &str, pipelines: &[(&str, &str)]) -> Self {
        Self::with_limits(now, pipelines, Limits::default())
    }

    fn with_limits(now: &str, pipelines: &[(&str, &str)], limits: Limits) -> Self {
        let clock = ManualClock::new(now.parse().unwrap());
        let mut world = Self {
            scheduler: Scheduler::new(plans(pipelines), limits),
            watch: ClockWatch::new(&clock),
            clock,
            notes: Vec::new(),
            since: BTreeMap::new(),
            paused: BTreeMap::new(),
            started: VecDeque::new(),
            given_up: Vec::new(),
            expected: Vec::new(),
            told: Vec::new(),
            roi: 0,
        };
        world.learn();
        world.look();
        world
    }

    fn standings(&self) -> Vec<Standing> {
        let mut rows: Vec<Standing> = Vec::new();
        for (occurrence, state, reason) in &self.notes {
            rows.retain(|row| row.occurrence.key != occurrence.key);
            rows.push(Standing {
                occurrence: occurrence.clone(),
                state: *state,
                reason: reason.clone(),
                attempts: 0,
                retry_files: false,
                retry_at: None,
                run_no: None,
            });
        }
        rows
    }

    fn learn(&mut self) {
        let now = self.clock.now();
        let rows = self.standings();
        let mut latest: BTreeMap<String, Standing> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.occurrence.due_at <= now) {
            let kept = latest.entry(row.occurrence.key.pipeline.clone()).or_insert_with(|| row.clone());
            if kept.occurrence.due_at <= row.occurrence.due_at {
                *kept = row.clone();
            }
        }
        let mut counted = self.since.clone();
        for (name, at) in &mut counted {
            let counts = |row: &&Standing| {
                row.occurrence.key.pipeline == *name
                    && row.occurrence.due_at <= now
                    && row.occurrence.origin != Origin::Backfill
            };
            *at = rows.iter().filter(counts).map(|row| row.occurrence.due_at).fold(*at, Timestamp::max);
        }
        let known = Known {
            at: now,
            open: rows.into_iter().filter(|row| row.state.is_open()).collect(),
            elsewhere: Vec::new(),
            latest,
            late: Vec::new(),
            counted,
            pauses: self.paused.clone(),
        };
        let actions = self.scheduler.learn(&known);
        self.carry_out(actions);
    }

    fn look(&mut self) {
        if let Some(jump) = self.watch.look(&self.clock) {
            let actions = self.scheduler.jumped(&jump, self.clock.now());
            self.carry_out(actions);
        }
        let actions = self.scheduler.look(self.clock.now(), self.clock.elapsed());
        self.carry_out(actions);
    }

    fn carry_out(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Start(start) => {
                    self.notes.push((start.occurrence.clone(), State::Running, String::new()));
                    self.started.push_back(*start);
                }
                Action::GiveUp { occurrence, reason } => {
                    self.given_up.push(occurrence.key.pipeline.clone());
                    self.notes.push((occurrence, State::Failed, reason));
                }
                Action::Note(notes) => self.notes.extend(notes),
                Action::CountFrom { pipeline, since } => drop(self.since.insert(pipeline, since)),
                Action::Expect { pipeline, expected } => self.expected.push((pipeline, expected)),
                Action::RefreshRoi => self.roi += 1,
                Action::Tell(event) => self.told.push(event.text()),
            }
        }
    }

    /// Time passes in the steps that the scheduler asks for; every run ends well at once.
    fn pass(&mut self, time: Duration) -> Vec<String> {
        let until = self.clock.elapsed() + time;
        let mut ran = Vec::new();
        loop {
            while let Some(start) = self.started.pop_front() {
                ran.push(format!("{} {}", start.plan.name, start.occurrence.key.nominal_local));
                self.settle(&start, State::Succeeded);
            }
            let (now, elapsed) = (self.clock.now(), self.clock.elapsed());
            if elapsed >= until {
                return ran;
            }
            let idle = self.scheduler.idle(now, elapsed);
            self.clock.advance(idle.min(until.saturating_sub(elapsed)));
            if self.scheduler.is_refreshing_roi() {
                self.scheduler.roi_ended(true, self.clock.elapsed());
            }
            self.look();
        }
    }

    fn settle(&mut self, start: &Start, state: State) {
        self.notes.push((start.occurrence.clone(), state, String::new()));
        self.end(start, &Ended::Settled { state, loaded: true }, EndpointSaid::Answered);
    }

    fn end(&mut self, start: &Start, ended: &Ended, said: EndpointSaid) {
        let actions = self.scheduler.ended(
            (&start.plan.name, start.ticket),
            ended,
            said,
            (self.clock.now(), self.clock.elapsed()),
        );
        self.carry_out(actions);
        self.look();
    }

    fn minutes(&mut self, minutes: u64) {
        self.clock.advance(Duration::from_mins(minutes));
        self.look();
    }

    /// The one run that was started.
    #[track_caller]
    fn only_start(&mut self) -> Start {
        assert_eq!(self.started.len(), 1, "{:?}", self.told);
        self.started.pop_front().unwrap()
    }

    fn states(&self) -> Vec<String> {
        let state = |row: &Standing| {
            let reason = if row.reason.is_empty() { String::new() } else { format!(": {}", row.reason) };
            format!("{} {}{reason}", row.occurrence.key.nominal_local, row.state.word())
        };
        let mut rows: Vec<String> = self.standings().iter().map(state).collect();
        rows.sort();
        rows
    }

    /// A daemon that starts anew on the same ledger.
    fn restart(&mut self, pipelines: &[(&str, &str)]) {
        self.scheduler = Scheduler::new(plans(pipelines), Limits::default());
        self.started.clear();
        self.watch = ClockWatch::new(&self.clock);
        self.learn();
        self.look();
    }
}

/// Pipelines of these names, with these lines in their `[schedule]`; `;` ends a line, and what follows `|` stands above.
fn plans(pipelines: &[(&str, &str)]) -> Vec<Arc<Plan>> {
    pipelines.iter().map(|(name, schedule)| Arc::new(Plan::for_tests(name, schedule))).collect()
}

#[test]
fn each_occurrence_is_noted_before_it_runs_and_runs_once() {
    let mut world = World::new("2026-03-01T10:20:00Z", &[("orders", "cron = '*/15 * * * *'")]);
    assert_eq!(
        world.pass(Duration::from_hours(1)),
        [
            "orders 2026-03-01T10:30:00",
            "orders 2026-03-01T10:45:00",
            "orders 2026-03-01T11:00:00",
            "orders 2026-03-01T11:15:00",
        ]
    );
    let first = &world.notes[0];
    assert_eq!((first.0.key.nominal_local.as_str(), first.1), ("2026-03-01T10:30:00", State::Due));
    assert_eq!(first.0.window_from, "2026-03-01T10:15:00Z".parse::<Timestamp>().unwrap());
    assert_eq!(first.0.window_to, first.0.due_at);
    // A daemon that starts anew runs none of them again.
    world.restart(&[("orders", "cron = '*/15 * * * *'")]);
    assert_eq!(world.pass(Duration::from_mins(15)), ["orders 2026-03-01T11:30:00"]);
}

#[test]
fn what_was_missed_is_caught_up_with_as_the_settings_say() {
    for (catch_up, ran, missed) in [
        ("once", vec!["p 2026-03-01T03:00:00"], 2),
        ("all", vec!["p 2026-03-01T01:00:00", "p 2026-03-01T02:00:00", "p 2026-03-01T03:00:00"], 0),
        ("none", vec![], 3),
    ] {
        let schedule = format!("cron = '0 * * * *'; catch_up = '{catch_up}'");
        let pipelines = [("p", schedule.as_str())];
        let mut world = World::new("2026-03-01T00:30:00Z", &pipelines);
        world.clock.advance(Duration::from_mins(175));
        world.restart(&pipelines);
        assert_eq!(world.pass(Duration::from_mins(1)), ran, "{catch_up}");
        let count = world.standings().iter().filter(|row| row.state == State::Missed).count();
        assert_eq!(count, missed, "{catch_up}");
        if catch_up == "once" {
            let caught = world.standings().into_iter().find(|row| row.state == State::Succeeded).unwrap();
            assert_eq!(caught.occurrence.origin, Origin::CatchUp);
            assert_eq!(caught.occurrence.window_from, "2026-03-01T00:00:00Z".parse::<Timestamp>().unwrap());
        }
    }
}

#[test]
fn a_run_cut_short_by_the_end_of_its_daemon_is_run_again() {
    let pipelines = [("p", "cron = '0 * * * *'")];
    let mut world = World::new("2026-03-01T00:59:00Z", &pipelines);
    world.minutes(1);
    let killed = world.only_start();
    world.restart(&pipelines);
    assert_eq!(world.only_start().occurrence, killed.occurrence);
}

#[test]
fn what_is_due_while_a_run_is_at_work_is_skipped_or_queued_or_cancels_it() {
    let mut world = World::new("2026-03-01T00:59:00Z", &[("p", "cron = '0 * * * *'")]);
    world.minutes(1);
    let slow = world.only_start();
    world.minutes(60);
    world.settle(&slow, State::Succeeded);
    assert_eq!(
        world.states(),
        [
            "2026-03-01T01:00:00 succeeded",
            "2026-03-01T02:00:00 skipped: the run for 2026-03-01T01:00:00 is still at work",
        ]
    );

    let mut world = World::new("2026-03-01T00:59:00Z", &[("p", "cron = '0 * * * *'; overlap = 'queue'")]);
    world.minutes(1);
    let slow = world.only_start();
    world.minutes(60);
    world.minutes(60);
    assert_eq!(world.started.len(), 0);
    world.settle(&slow, State::Succeeded);
    let second = world.only_start();
    assert_eq!(second.occurrence.key.nominal_local, "2026-03-01T02:00:00");
    world.settle(&second, State::Succeeded);
    assert_eq!(world.only_start().occurrence.key.nominal_local, "2026-03-01T03:00:00");

    let mut world = World::new("2026-03-01T00:59:00Z", &[("p", "cron = '0 * * * *'; overlap = 'cancel'")]);
    world.minutes(1);
    let slow = world.only_start();
    world.minutes(60);
    assert!(slow.supervision.is_asked_to_stop());
    assert_eq!(slow.stop_reason.get(), Some(&StopReason::Overlap));
    world.settle(&slow, State::Skipped);
    assert_eq!(world.only_start().occurrence.key.nominal_local, "2026-03-01T02:00:00");
}

#[test]
fn a_paused_pipeline_skips_and_goes_on_when_it_is_resumed() {
    let mut world = World::new("2026-03-01T00:59:00Z", &[("p", "cron = '0 * * * *'")]);
    let pause = Pause { at: world.clock.now(), by: "eve@ops".to_owned(), reason: "disk is full".to_owned() };
    world.paused.insert("p".to_owned(), pause);
    world.learn();
    world.minutes(1);
    assert_eq!(world.states(), ["2026-03-01T01:00:00 skipped: paused by eve@ops: disk is full"]);
    world.paused.clear();
    world.learn();
    world.minutes(60);
    assert_eq!(world.only_start().occurrence.key.nominal_local, "2026-03-01T02:00:00");
    assert!(world.told.contains(&"p is paused by eve@ops: disk is full".to_owned()), "{:?}", world.told);
    assert!(world.told.contains(&"p goes on".to_owned()), "{:?}", world.told);
}

#[test]
fn a_pipeline_waits_for_those_it_comes_after_and_is_skipped_when_one_failed() {
    let pipelines = [("calls", "cron = '0 * * * *'"), ("costs", "cron = '0 * * * *' | after = ['calls']")];
    let mut world = World::new("2026-03-01T00:59:00Z", &pipelines);
    world.minutes(1);
    let calls = world.only_start();
    assert_eq!(calls.plan.name, "calls");
    world.settle(&calls, State::Succeeded);
    let costs = world.only_start();
    assert_eq!(costs.plan.name, "costs");
    world.settle(&costs, State::Succeeded);
    world.minutes(60);
    let calls = world.only_start();
    world.settle(&calls, State::Failed);
    assert_eq!(world.started.len(), 0);
    let last = world.states().pop().unwrap();
    assert_eq!(last, "2026-03-01T02:00:00 skipped: `calls`, which it comes after, failed");
}

#[test]
fn no_more_run_at_once_than_the_limits_allow() {
    let names = ["a", "b", "c", "d"];
    let pipelines: Vec<(&str, &str)> = names.iter().map(|name| (*name, "cron = '0 * * * *' | sftp")).collect();
    let limits = Limits { runs_at_once: 3, runs_per_endpoint: 2, ..Limits::default() };
    let mut world = World::with_limits("2026-03-01T00:59:00Z", &pipelines, limits);
    world.minutes(1);
    assert_eq!(world.started.len(), 2, "over one endpoint");
    let first = world.started.pop_front().unwrap();
    world.settle(&first, State::Succeeded);
    assert_eq!(world.started.len(), 2);

    let pipelines: Vec<(&str, &str)> = names.iter().map(|name| (*name, "cron = '0 * * * *'")).collect();
    let mut world = World::with_limits("2026-03-01T00:59:00Z", &pipelines, limits);
    world.minutes(1);
    assert_eq!(world.started.len(), 3, "in all");
}

#[test]
fn an_endpoint_that_is_down_is_left_alone_and_one_run_looks_whether_it_is_back() {
    let pipelines = [("a", "cron = '* * * * *' | sftp"), ("b", "cron = '* * * * *' | sftp")];
    let mut world = World::new("2026-03-01T00:59:30Z", &pipelines);
    world.minutes(1);
    let again = world.clock.now();
    for _ in 0..3 {
        let start = world.started.pop_front().unwrap();
        world.end(&start, &Ended::Again(again), EndpointSaid::Failed);
    }
    assert!(
        world.told.iter().any(|told| told.starts_with("sftp://mft.example.com:22 failed 3 times")),
        "{:?}",
        world.told
    );
    world.started.clear();
    world.look();
    assert_eq!(world.started.len(), 0, "nobody asks it");
    world.clock.advance(Duration::from_secs(31));
    world.look();
    assert_eq!(world.started.len(), 1, "one tries");
}

#[test]
fn a_run_that_takes_too_long_is_asked_to_stop_and_then_given_up() {
    let schedule = "cron = '0 0 * * *'; soft_timeout = '10m'; hard_timeout = '20m'";
    let mut world = World::new("2026-02-28T23:59:00Z", &[("p", schedule)]);
    world.minutes(1);
    let slow = world.only_start();
    world.minutes(9);
    assert!(!slow.supervision.is_asked_to_stop());
    world.minutes(1);
    assert!(slow.supervision.is_asked_to_stop());
    world.minutes(10);
    assert_eq!(world.given_up, ["p"]);
    assert_eq!(world.scheduler.running().count(), 0);
    // It comes to an end all the same: nobody listens.
    world.end(&slow, &Ended::Settled { state: State::Succeeded, loaded: true }, EndpointSaid::Answered);
    assert_eq!(world.states(), ["2026-03-01T00:00:00 failed: it ran longer than 20m, didn't stop and was given up"]);
}

#[test]
fn a_run_without_a_sign_of_life_is_silent_until_it_gives_one() {
    let limits = Limits { silence_seconds: 300, ..Limits::default() };
    let mut world = World::with_limits("2026-02-28T23:59:00Z", &[("p", "cron = '0 0 * * *'")], limits);
    world.minutes(1);
    let slow = world.only_start();
    world.minutes(4);
    slow.supervision.sign_of_life();
    world.minutes(4);
    assert_eq!(world.scheduler.silent().count(), 0);
    world.minutes(5);
    assert_eq!(world.scheduler.silent().collect::<Vec<_>>(), ["p"]);
    slow.supervision.sign_of_life();
    world.look();
    assert_eq!(world.scheduler.silent().count(), 0);
}

#[test]
fn a_clock_that_is_set_makes_no_storm() {
    let mut world = World::new("2026-03-01T00:30:00Z", &[("p", "cron = '*/5 * * * *'; catch_up = 'all'")]);
    let set = "2026-06-01T12:01:00Z".parse().unwrap();
    world.clock.set(set);
    world.look();
    assert_eq!((world.started.len(), world.since["p"]), (0, set));
    assert_eq!(world.pass(Duration::from_mins(5)), ["p 2026-06-01T12:05:00"]);
    // Set right again: what had been noted in the wrong future is no reason to wait for it.
    world.clock.set("2026-03-01T00:37:00Z".parse().unwrap());
    world.look();
    assert_eq!(world.pass(Duration::from_mins(4)), ["p 2026-03-01T00:40:00"]);
}

#[test]
fn data_is_asked_for_at_its_time_on_days_that_count() {
    let schedule = "cron = '0 * * * *'; timezone = 'Europe/Berlin'; expect_by = '06:30'; days = 'weekdays'";
    // A Friday.
    let mut world = World::new("2026-03-27T00:00:00Z", &[("p", schedule)]);
    world.pass(Duration::from_hours(4 * 24));
    let asked: Vec<String> =
        world.expected.iter().map(|(_, expected)| format!("{} {}", expected.day, expected.by)).collect();
    // Clocks go forward in between.
    assert_eq!(asked, ["2026-03-27 2026-03-27T05:30:00Z", "2026-03-30 2026-03-30T04:30:00Z"]);
}

#[test]
fn a_year_passes() {
    let zone = TimeZone::get("America/New_York").unwrap();
    let pipelines = [
        ("nightly", "cron = '30 2 * * *'; timezone = 'America/New_York'"),
        ("hourly", "cron = '0 * * * *'; timezone = 'America/New_York'"),
        ("weekdays", "cron = '0 6 * * 1-5'; timezone = 'America/New_York'; jitter = '10m'"),
    ];
    let mut world = World::new("2026-01-01T05:00:00Z", &pipelines);
    let ran = world.pass(Duration::from_hours(365 * 24));
    let count = |name: &str| ran.iter().filter(|run| run.starts_with(name)).count();
    assert_eq!((count("nightly"), count("hourly"), count("weekdays")), (365, 8_760, 261));
    assert_eq!(zone.to_datetime(world.clock.now()).to_string(), "2027-01-01T00:00:00");
    assert!(world.standings().iter().all(|row| row.state == State::Succeeded));
}

#[test]
fn roi_is_brought_up_to_date_between_loads_or_after_a_while_beside_them() {
    let mut world = World::new("2026-03-01T00:59:00Z", &[("p", "cron = '0 * * * *'"), ("q", "cron = '0 1 * * *'")]);
    assert_eq!(world.roi, 1, "what the last daemon left");
    world.scheduler.roi_ended(true, world.clock.elapsed());
    world.minutes(1);
    let (first, second) = (world.started.pop_front().unwrap(), world.started.pop_front().unwrap());
    world.settle(&first, State::Succeeded);
    assert_eq!(world.roi, 1, "the other one is at work");
    world.minutes(4);
    assert_eq!(world.roi, 1);
    world.minutes(1);
    assert_eq!(world.roi, 2, "it has waited long enough");
    world.scheduler.roi_ended(true, world.clock.elapsed());
    world.settle(&second, State::Succeeded);
    assert_eq!(world.roi, 3);
}

#[test]
fn a_run_that_was_given_up_and_still_hangs_starves_the_watchdog() {
    let schedule = "cron = '0 0 * * *'; hard_timeout = '20m'";
    let limits = Limits { silence_seconds: 3_600, ..Limits::default() };
    let mut world = World::with_limits("2026-02-28T23:59:00Z", &[("p", schedule)], limits);
    world.minutes(1);
    let hung = world.only_start();
    world.minutes(20);
    assert_eq!(world.given_up, ["p"]);
    world.minutes(30);
    assert_eq!(world.scheduler.silent().count(), 0);
    world.minutes(10);
    assert_eq!(world.scheduler.silent().collect::<Vec<_>>(), ["p"]);
    world.end(&hung, &Ended::Elsewhere, EndpointSaid::Nothing);
    assert_eq!(world.scheduler.silent().count(), 0, "its thread has come to an end");
}

#[test]
fn what_somebody_asked_for_while_no_daemon_was_there_is_run_and_not_missed() {
    for catch_up in ["none", "once", "all"] {
        let schedule = format!("cron = '0 * * * *'; catch_up = '{catch_up}'");
        let pipelines = [("p", schedule.as_str())];
        let mut world = World::new("2026-03-01T00:30:00Z", &pipelines);
        world.clock.advance(Duration::from_mins(175));
        let asked = Occurrence {
            key: Key { pipeline: "p".to_owned(), nominal_local: "2026-03-01T03:00:00".to_owned(), fold: 0 },
            due_at: "2026-03-01T03:00:00Z".parse().unwrap(),
            window_from: "2026-03-01T02:00:00Z".parse().unwrap(),
            window_to: "2026-03-01T03:00:00Z".parse().unwrap(),
            origin: Origin::Backfill,
        };
        world.notes.push((asked, State::Due, String::new()));
        world.restart(&pipelines);
        let ran = world.pass(Duration::from_mins(1));
        let times = ran.iter().filter(|run| run.ends_with("03:00:00")).count();
        assert_eq!(times, 1, "{catch_up}: {ran:?}");
        let stands = world.states().into_iter().find(|state| state.starts_with("2026-03-01T03")).unwrap();
        assert_eq!(stands, "2026-03-01T03:00:00 succeeded", "{catch_up}");
    }
}
