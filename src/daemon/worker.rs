//! One run, on a thread of its own: drivers that block and work that takes the processor keep nobody else waiting.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use campaignd_contract::{ErrorClass, Warehouse};

use super::backoff;
use super::ledger::Open;
use super::scheduler::{Ended, EndpointSaid, Start, StopReason, seconds};
use crate::config::Settings;
use crate::load::occurrence::{self, Settled, State};
use crate::load::{Account, Decisions};
use crate::ops::{Announcer, Declared, Event, Metrics, RunFigures, events};
use crate::pipeline::{self, FileOutcome, PipelineError, Progress, Ran, Request, RunReport};
use crate::schedule::clock::Clock;

/// What a run needs besides what it is of.
#[derive(Clone)]
pub struct Tools {
    /// The settings it runs by.
    pub settings: Arc<Settings>,
    /// Opens the warehouse.
    pub open: Open,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Hears of what happens.
    pub announcer: Announcer,
    /// Counts.
    pub metrics: Arc<Metrics>,
    /// What was told of files that wait for a person, so that it isn't told again by every run that meets them.
    pub told: Arc<Mutex<HashSet<String>>>,
}

/// Runs it, and returns how it ended.
pub fn work(start: &Start, tools: &Tools) -> (Ended, EndpointSaid) {
    // A panic is a defect, and no reason to stop the other pipelines. What it was about to write was rolled back.
    let worked = std::panic::catch_unwind(AssertUnwindSafe(|| attempt(start, tools)));
    worked.unwrap_or_else(|_| {
        let reason = "a defect of campaignd: see the log, and please report it";
        failed(start, tools, reason);
        let settled = (start.occurrence.clone(), State::Failed, reason.to_owned());
        let noted = (tools.open)().and_then(|mut warehouse| occurrence::note(warehouse.as_mut(), &[settled]));
        match noted {
            Ok(()) => (Ended::Settled { state: State::Failed, loaded: false }, EndpointSaid::Nothing),
            Err(_) => (Ended::NotBegun, EndpointSaid::Nothing),
        }
    })
}

fn attempt(start: &Start, tools: &Tools) -> (Ended, EndpointSaid) {
    let name = &start.plan.name;
    // The ledger's thread meets the same, and tells of it.
    let Ok(mut warehouse) = (tools.open)() else { return (Ended::NotBegun, EndpointSaid::Nothing) };
    let mut assembled = match pipeline::assemble(&tools.settings, &start.plan.pipeline, None, &start.supervision) {
        Ok(assembled) => assembled,
        Err(error) => {
            let reason = error.to_string();
            failed(start, tools, &reason);
            return settle_alone(warehouse.as_mut(), start, reason);
        }
    };
    let began = Instant::now();
    let settled = Mutex::new(None);
    let settle = |outcome: Result<&RunReport, &PipelineError>, attempts: u32| {
        let decided = decide(start, tools, outcome, attempts);
        *settled.lock().unwrap_or_else(PoisonError::into_inner) = Some(decided.clone());
        decided
    };
    let event = of(&events::RUN_STARTED, start).with("window_from", start.occurrence.window_from);
    tools.announcer.tell(&event.with("window_to", start.occurrence.window_to));
    let request = Request {
        decisions: &Decisions::default(),
        now: tools.clock.now(),
        occurrence: Some((&start.occurrence, &settle)),
    };
    let ran = pipeline::run(warehouse.as_mut(), &mut assembled, &request, &mut |progress| {
        if let Progress::Started { .. } | Progress::Ended = progress {
            start.supervision.sign_of_life();
        }
    });
    let settled = settled.into_inner().unwrap_or_else(PoisonError::into_inner);
    match ran {
        Ok(Ran::Settled(state)) => (Ended::Settled { state, loaded: false }, EndpointSaid::Nothing),
        Ok(Ran::Through(report)) => {
            tell_of_files(&report, tools);
            let seconds = began.elapsed().as_secs_f64();
            tell_of_success(&report, seconds, tools);
            count(&report, seconds, start.supervision.bytes(), tools);
            let state = if report.needs_attention() { State::Partly } else { State::Succeeded };
            (Ended::Settled { state, loaded: report.rows_read() > 0 }, EndpointSaid::Answered)
        }
        Err(PipelineError::Elsewhere(error)) => {
            tools.announcer.tell(&events::RUNS_ELSEWHERE.of(name).with("reason", error.wrong()));
            (Ended::Elsewhere, EndpointSaid::Nothing)
        }
        Err(error) => {
            let said = match &error {
                PipelineError::Source(wrong) if backoff::may_pass(wrong.class()) => EndpointSaid::Failed,
                _ => EndpointSaid::Nothing,
            };
            (after_error(start, tools, &error, settled), said)
        }
    }
}

/// What the ledger is to say of the occurrence.
fn decide(start: &Start, tools: &Tools, outcome: Result<&RunReport, &PipelineError>, attempts: u32) -> Settled {
    let settled = |state, reason: String| Settled { state, reason, retry_at: None };
    let error = match outcome {
        Ok(report) if report.needs_attention() => return settled(State::Partly, report.attention()),
        Ok(_) => return settled(State::Succeeded, String::new()),
        Err(error) => error,
    };
    if error.class() == ErrorClass::Stopped {
        return match start.stop_reason.get() {
            None | Some(StopReason::Shutdown) => settled(State::Due, "the daemon was stopped".to_owned()),
            Some(StopReason::SoftTimeout) => {
                settled(State::Failed, "it ran longer than its timeout; what was committed stays".to_owned())
            }
            Some(StopReason::Overlap) => {
                settled(State::Skipped, "cancelled, since the next one was due; what was committed stays".to_owned())
            }
        };
    }
    let (retry, now) = (start.plan.retry(), tools.clock.now());
    let again = backoff::may_pass(error.class())
        .then(|| backoff::next_try(retry, attempts, start.first_try, now, backoff::draw()))
        .flatten();
    match again {
        Some(at) => Settled { state: State::Due, reason: error.to_string(), retry_at: Some(at) },
        None => settled(State::Failed, error.to_string()),
    }
}

/// A run that can't even be put together fails without a row of its own.
fn settle_alone(warehouse: &mut dyn Warehouse, start: &Start, reason: String) -> (Ended, EndpointSaid) {
    let ended = match occurrence::note(warehouse, &[(start.occurrence.clone(), State::Failed, reason)]) {
        Ok(()) => Ended::Settled { state: State::Failed, loaded: false },
        Err(_) => Ended::NotBegun,
    };
    (ended, EndpointSaid::Nothing)
}

fn after_error(start: &Start, tools: &Tools, error: &PipelineError, settled: Option<Settled>) -> Ended {
    let (name, reason) = (&start.plan.name, error.to_string());
    let Some(settled) = settled else {
        // The run had no row yet: the claim failed. The ledger's thread meets the same, and tells of it once.
        tools.announcer.tell(&of(&events::NOT_BEGUN, start).with("reason", &reason));
        return Ended::NotBegun;
    };
    match (error.class(), settled) {
        (ErrorClass::Fenced, _) => {
            tools.announcer.tell(&events::RUN_FENCED.of(name).with("reason", &reason).with("outcome", "fenced"));
            Ended::Elsewhere
        }
        (_, Settled { state: State::Due, retry_at: Some(at), .. }) => {
            let event = of(&events::RUN_RETRIED, start).with("reason", &reason).with("retry_at", seconds(at));
            tools.announcer.tell(&event);
            Ended::Again(at)
        }
        (ErrorClass::Stopped, Settled { state, reason, .. }) => {
            let event = of(&events::RUN_STOPPED, start).with("reason", reason).with("outcome", "stopped");
            tools.announcer.tell(&event);
            if state == State::Due { Ended::Stopped } else { Ended::Settled { state, loaded: true } }
        }
        (_, Settled { state, .. }) => {
            failed(start, tools, &reason);
            Ended::Settled { state, loaded: true }
        }
    }
}

fn failed(start: &Start, tools: &Tools, reason: &str) {
    tools.announcer.tell(&of(&events::RUN_FAILED, start).with("outcome", "failed").with("reason", reason));
}

/// An event of this run.
fn of(declared: &'static Declared, start: &Start) -> Event {
    declared.of(&start.plan.name).with("occurrence", &start.occurrence.key.nominal_local)
}

fn tell_of_files(report: &RunReport, tools: &Tools) {
    for file in &report.files {
        let declared = match &file.outcome {
            FileOutcome::TooManyRejects(_) => &events::REJECTS_OVER_BUDGET,
            FileOutcome::Quarantined(_) => &events::FILE_QUARANTINED,
            FileOutcome::Held(_) | FileOutcome::Refused(_) => &events::FILE_HELD,
            _ => continue,
        };
        let (pipeline, reason) = (&report.pipeline, file.outcome.reason());
        let known = format!("{pipeline}\n{}\n{}", declared.code, file.name);
        if tools.told.lock().unwrap_or_else(PoisonError::into_inner).insert(known) {
            tools.announcer.tell(&declared.of(pipeline).with("unit", &file.name).with("reason", reason));
        }
    }
}

fn tell_of_success(report: &RunReport, seconds: f64, tools: &Tools) {
    let loaded = report.files.iter().filter(|file| matches!(file.outcome, FileOutcome::Loaded(_))).count();
    let (declared, outcome) =
        if report.needs_attention() { (&events::RUN_PARTLY, "partly") } else { (&events::RUN_SUCCEEDED, "succeeded") };
    let event = declared
        .of(&report.pipeline)
        .with("run", report.number)
        .with("outcome", outcome)
        .with("files", loaded)
        .with("rows", report.rows_read())
        .with("rejected", report.total(|account| account.rows.rejected))
        .with("seconds", format!("{seconds:.3}"))
        .with("reason", report.attention());
    tools.announcer.tell(&event);
}

fn count(report: &RunReport, seconds: f64, bytes: u64, tools: &Tools) {
    let total = |of: fn(&Account) -> i128| u64::try_from(report.total(of)).unwrap_or(0);
    let figures = RunFigures {
        seconds,
        rows_read: u64::try_from(report.rows_read()).unwrap_or(0),
        records: [
            total(|account| account.rows.accepted),
            total(|account| account.rows.rejected),
            total(|account| account.rows.filtered),
            total(|account| account.rows.duplicate),
        ],
        bytes,
    };
    tools.metrics.run(&report.pipeline, &figures);
    tools.metrics.succeeded(&report.pipeline, tools.clock.now());
}
