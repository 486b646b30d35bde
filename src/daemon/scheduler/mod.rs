//! Which occurrence of which pipeline runs when. It decides and does nothing: it is told what time it is, what the ledger
//! says and how runs end, and answers with [`Action`]s. So a year of schedules passes in a test within seconds.

mod line;
mod starts;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use campaignd_contract::Supervision;
use jiff::{SignedDuration, Timestamp};

use super::breaker::Breaker;
use super::plan::Plan;
use crate::load::occurrence::{Occurrence, Standing, State};
use crate::load::pause::Pause;
use crate::ops::{Event, events};
use crate::schedule::clock::Jump;
use crate::schedule::expectation::Expected;
use crate::settings::Limits;
use line::{Line, Running};

/// The wall clock is looked at at least this often.
pub const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// What is to be done.
#[derive(Debug)]
pub enum Action {
    /// Run this, on a thread of its own.
    Start(Box<Start>),
    /// A run that is asked to stop is beyond its hard timeout: nobody waits for its thread any more, and it may not write.
    GiveUp {
        /// The occurrence it stands for.
        occurrence: Occurrence,
        /// What to write of it.
        reason: String,
    },
    /// Write what became of occurrences that aren't run, or that are to be.
    Note(Vec<(Occurrence, State, String)>),
    /// Write that the schedule of a pipeline counts from then on.
    CountFrom {
        /// The pipeline.
        pipeline: String,
        /// The instant.
        since: Timestamp,
    },
    /// Look whether data has come.
    Expect {
        /// The pipeline.
        pipeline: String,
        /// The day and the instant.
        expected: Expected,
    },
    /// Bring ROI up to date.
    RefreshRoi,
    /// Tell of it.
    Tell(Event),
}

/// A run that is to start.
#[derive(Debug)]
pub struct Start {
    /// The pipeline.
    pub plan: Arc<Plan>,
    /// What it stands for.
    pub occurrence: Occurrence,
    /// When the first run for it began.
    pub first_try: Timestamp,
    /// Names this run among all of this process.
    pub ticket: u64,
    /// Watches over it.
    pub supervision: Supervision,
    /// Why it was asked to stop, if it was.
    pub stop_reason: Arc<OnceLock<StopReason>>,
}

/// Why a run was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// The daemon stops.
    Shutdown,
    /// It took longer than its soft timeout.
    SoftTimeout,
    /// Its next occurrence is due, and `overlap = "cancel"`.
    Overlap,
}

/// How a run ended, for what comes next. The ledger knows it already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It is settled.
    Settled {
        /// As what.
        state: State,
        /// Whether anything was loaded.
        loaded: bool,
    },
    /// It failed and is tried again.
    Again(Timestamp),
    /// It was asked to stop, and is still due.
    Stopped,
    /// Another process runs the pipeline, or has taken it over.
    Elsewhere,
    /// The ledger couldn't be written, so nothing began.
    NotBegun,
}

/// What a run says about its endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointSaid {
    /// It answered.
    Answered,
    /// It failed in a way that may pass.
    Failed,
    /// Nothing.
    Nothing,
}

/// What the ledger says.
#[derive(Debug, Default)]
pub struct Known {
    /// When it was read.
    pub at: Timestamp,
    /// Occurrences that something is still to be done for.
    pub open: Vec<Standing>,
    /// Pipelines that another living process is at work on.
    pub elsewhere: Vec<String>,
    /// The latest occurrence of each pipeline that was due by then.
    pub latest: BTreeMap<String, Standing>,
    /// Pipelines that are late.
    pub late: Vec<String>,
    /// Up to when the occurrences of each pipeline are known.
    pub counted: BTreeMap<String, Timestamp>,
    /// The pipelines that somebody has paused.
    pub pauses: BTreeMap<String, Pause>,
}

/// Decides.
pub struct Scheduler {
    lines: BTreeMap<String, Line>,
    breakers: BTreeMap<String, Breaker>,
    limits: Limits,
    /// Whether the ledger has been read.
    informed: bool,
    stopping: bool,
    tickets: u64,
    /// Runs that were given up and whose threads haven't come to an end: on many a warehouse such a one keeps all others from
    /// writing.
    given_up: Vec<(String, Running)>,
    roi: Roi,
}

/// The refresh of ROI: one at a time, not all the time, and rather between loads than beside them, since on many a
/// warehouse there is one writer.
struct Roi {
    /// Since when.
    wanted: Option<Duration>,
    running: Option<Duration>,
    not_before: Duration,
}

/// After a refresh, ROI rests for so many times as long as it took.
const ROI_RESTS: u32 = 4;
/// It waits so long for loads to end.
const ROI_WAITS: Duration = Duration::from_mins(5);
/// After one that failed.
const ROI_PAUSE: Duration = Duration::from_mins(1);

impl Scheduler {
    /// Of these pipelines.
    pub fn new(plans: Vec<Arc<Plan>>, limits: Limits) -> Self {
        Self {
            lines: plans.into_iter().map(|plan| (plan.name.clone(), Line::new(plan))).collect(),
            breakers: BTreeMap::new(),
            limits,
            informed: false,
            stopping: false,
            tickets: 0,
            given_up: Vec::new(),
            roi: Roi { wanted: Some(Duration::ZERO), running: None, not_before: Duration::ZERO },
        }
    }

    /// Other settings. What runs goes on by the old ones.
    pub fn replace(&mut self, plans: Vec<Arc<Plan>>, limits: Limits) {
        self.limits = limits;
        let mut old = std::mem::take(&mut self.lines);
        for plan in plans {
            let line = match old.remove(&plan.name) {
                Some(line) => line.with(plan),
                None => Line::new(plan),
            };
            self.lines.insert(line.plan.name.clone(), line);
        }
        for (name, line) in old {
            if line.running.is_some() {
                self.lines.insert(name, line.retire());
            }
        }
        self.informed = false;
    }

    /// The ledger was read.
    pub fn learn(&mut self, known: &Known) -> Vec<Action> {
        let mut actions = Vec::new();
        for line in self.lines.values_mut() {
            line.learn(known, &mut actions);
        }
        self.informed = true;
        actions
    }

    /// The clock was set: schedules are counted from the new time.
    pub fn jumped(&mut self, jump: &Jump, now: Timestamp) -> Vec<Action> {
        let mut actions = vec![Action::Tell(events::CLOCK_JUMPED.event().with("by", format!("{:#}", jump.by)))];
        for line in self.lines.values_mut().filter(|line| line.cursor.is_some()) {
            line.count_from(now, &mut actions);
        }
        actions
    }

    /// What is to be done now. `elapsed` is the time of the clock that nobody sets.
    pub fn look(&mut self, now: Timestamp, elapsed: Duration) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.informed && !self.stopping {
            for line in self.lines.values_mut() {
                line.generate(now, &mut actions);
            }
        }
        let silence = Duration::from_secs(self.limits.silence_seconds.into());
        for line in self.lines.values_mut() {
            if let Some(given_up) = line.watch(elapsed, silence, &mut actions) {
                self.given_up.push((line.plan.name.clone(), given_up));
            }
        }
        for (name, running) in &mut self.given_up {
            running.listen(name, elapsed, silence, &mut actions);
        }
        if self.informed && !self.stopping {
            self.start(now, elapsed, &mut actions);
            if self.roi_may_start().is_some_and(|at| elapsed >= at) {
                self.roi = Roi { wanted: None, running: Some(elapsed), not_before: elapsed };
                actions.push(Action::RefreshRoi);
            }
        }
        actions
    }

    /// When ROI may be brought up to date, if that is wanted.
    fn roi_may_start(&self) -> Option<Duration> {
        let wanted = self.roi.wanted.filter(|_| self.roi.running.is_none())?;
        let loads = self.lines.values().any(|line| line.running.is_some());
        Some(if loads { self.roi.not_before.max(wanted + ROI_WAITS) } else { self.roi.not_before })
    }

    /// How long nothing is to be done unless something happens.
    pub fn idle(&self, now: Timestamp, elapsed: Duration) -> Duration {
        let until = |instant: Timestamp| instant.duration_since(now).max(SignedDuration::ZERO).unsigned_abs();
        let mut idle = LONGEST_SLEEP;
        for line in self.lines.values() {
            if self.informed && !self.stopping {
                idle = line.next_instants(now).map(until).fold(idle, Duration::min);
            }
            idle = line.next_timeouts().map(|at| at.saturating_sub(elapsed)).fold(idle, Duration::min);
        }
        for breaker in self.breakers.values() {
            if let Err(Some(at)) = breaker.may_start(now) {
                idle = idle.min(until(at));
            }
        }
        if let Some(at) = self.roi_may_start().filter(|_| self.informed && !self.stopping) {
            idle = idle.min(at.saturating_sub(elapsed));
        }
        // A file may be late by a nanosecond, a daemon that wakes too early looks twice.
        idle.max(Duration::from_millis(1))
    }

    /// A run ended.
    pub fn ended(
        &mut self,
        (pipeline, ticket): (&str, u64),
        ended: &Ended,
        said: EndpointSaid,
        (now, elapsed): (Timestamp, Duration),
    ) -> Vec<Action> {
        let mut actions = Vec::new();
        // One that was given up may come to an end all the same, and has no say any more.
        self.given_up.retain(|(_, running)| running.ticket != ticket);
        let Some(line) = self.lines.get_mut(pipeline) else { return actions };
        let Some(running) = line.running.take_if(|running| running.ticket == ticket) else { return actions };
        if let Some(endpoint) = running.endpoint.clone() {
            let breaker = self.breakers.entry(endpoint.clone()).or_default();
            match said {
                EndpointSaid::Answered => {
                    if breaker.answered() {
                        actions.push(Action::Tell(events::CIRCUIT_CLOSED.event().with("endpoint", &endpoint)));
                    }
                }
                EndpointSaid::Failed => {
                    if let Some(until) = breaker.failed(now) {
                        let event = events::CIRCUIT_OPENED.event().with("endpoint", &endpoint);
                        actions.push(Action::Tell(
                            event.with("failures", breaker.failures()).with("until", seconds(until)),
                        ));
                    }
                }
                EndpointSaid::Nothing => breaker.unsettled(),
            }
        }
        if matches!(ended, Ended::Settled { loaded: true, .. } | Ended::Again(_) | Ended::Stopped) {
            self.roi.wanted.get_or_insert(elapsed);
        }
        let lease = SignedDuration::from_secs(i64::from(self.limits.lease_seconds).max(2) / 2);
        line.ended(&running, ended, now, lease);
        if line.is_over() {
            self.lines.remove(pipeline);
        }
        actions
    }

    /// ROI was brought up to date, or couldn't be.
    pub fn roi_ended(&mut self, well: bool, elapsed: Duration) {
        let took = self.roi.running.take().map_or(Duration::ZERO, |since| elapsed.saturating_sub(since));
        if !well {
            self.roi.wanted.get_or_insert(elapsed);
        }
        self.roi.not_before = elapsed + if well { took * ROI_RESTS } else { ROI_PAUSE };
    }

    /// Starts nothing any more, and asks what runs to finish the batch in hand.
    pub fn stop(&mut self) {
        self.stopping = true;
        for running in self.lines.values_mut().filter_map(|line| line.running.as_mut()) {
            running.ask_to_stop(StopReason::Shutdown);
        }
    }

    /// Pipelines that are being run.
    pub fn running(&self) -> impl Iterator<Item = (&str, &Supervision)> {
        self.lines.iter().filter_map(|(name, line)| Some((name.as_str(), &line.running.as_ref()?.supervision)))
    }

    /// Pipelines whose run, be it given up, gives no sign of life.
    pub fn silent(&self) -> impl Iterator<Item = &str> {
        let running = self.lines.iter().filter_map(|(name, line)| Some((name, line.running.as_ref()?)));
        let given_up = self.given_up.iter().map(|(name, running)| (name, running));
        running.chain(given_up).filter(|(_, running)| running.is_silent).map(|(name, _)| name.as_str())
    }

    /// Whether ROI is being brought up to date.
    pub fn is_refreshing_roi(&self) -> bool {
        self.roi.running.is_some()
    }

    /// Occurrences that are due and wait, and the instant that the oldest of each pipeline was due.
    pub fn waiting(&self) -> impl Iterator<Item = (&str, usize, Option<Timestamp>)> {
        self.lines.iter().map(|(name, line)| {
            let oldest = line.waiting.iter().map(|waiting| waiting.occurrence.due_at).min();
            (name.as_str(), line.waiting.len(), oldest)
        })
    }

    /// Endpoints, and whether each is left alone.
    pub fn circuits(&self) -> impl Iterator<Item = (&str, bool)> {
        self.breakers.iter().map(|(endpoint, breaker)| (endpoint.as_str(), breaker.is_open()))
    }
}

/// An instant to the second, for people.
pub fn seconds(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}
