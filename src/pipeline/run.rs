//! One run: every file the source has, one after the other, each to its end or to a reason why not.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use campaignd_contract::{
    ByteSource, Candidate, Claim, Companion, Completeness, ErrorClass, Outcome, Payload, Readiness, Released, Unit,
    Warehouse,
    failpoint::{failpoint, planted},
};

use jiff::Timestamp;

use super::PipelineError;
use super::assemble::Assembled;
use super::control::{ControlTotals, checksum, control_file};
use super::generations::{Generations, Turn};
use super::prepare::Preparation;
use super::produce::{Known, WAITING_BATCHES, as_contract_error, produce};
use super::report::{FileOutcome, FileReport, Progress, RunReport};
use crate::load::file::{Mark, consider, mark_alone};
use crate::load::occurrence::{Occurrence, Settled, State};
use crate::load::unit::load;
use crate::load::{Budget, Claimed, Decisions, DeclaredTotal, Job, Lease, Loaded, Verdict, run as runs};
use crate::mapping::{Mapping, row_columns};

/// On whose behalf a pipeline is run.
pub struct Request<'a> {
    /// What was decided about files that wait for a person.
    pub decisions: &'a Decisions,
    /// The instant whose day is today for what depends on it: now, unless an occurrence stands for another one.
    pub now: Timestamp,
    /// The occurrence, and what its run leaves it in; `None`: somebody runs the pipeline of their own accord.
    pub occurrence: Option<(&'a Occurrence, &'a Settle<'a>)>,
}

/// What a run leaves its occurrence in: decided from what it did, or why it couldn't, and how many runs were begun for the
/// occurrence.
pub type Settle<'a> = dyn Fn(Result<&RunReport, &PipelineError>, u32) -> Settled + 'a;

/// How a run came out.
pub enum Ran {
    /// It ran to its end.
    Through(RunReport),
    /// There was nothing to run: its occurrence had been settled by somebody else.
    Settled(State),
}

/// Runs a pipeline over everything its source has. Files that can't be loaded are reported, not errors; an error ends
/// the run, and the next one goes on after the last checkpoint.
pub fn run(
    warehouse: &mut dyn Warehouse,
    assembled: &mut Assembled,
    request: &Request<'_>,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Ran, PipelineError> {
    let name = assembled.pipeline.settings.name.clone();
    let lease = match Lease::claim(warehouse, &name, assembled.lease_seconds)? {
        Claimed::Mine(lease) => lease,
        Claimed::Held(error) => return Err(PipelineError::Elsewhere(error)),
    };
    let mut decisions = request.decisions.clone();
    let (number, attempts) = match request.occurrence {
        None => (runs::start(warehouse, &name, &assembled.pipeline.hash, &lease)?, 1),
        Some((occurrence, _)) => match runs::start_due(warehouse, &assembled.pipeline.hash, &lease, occurrence)? {
            Ok(started) => {
                decisions.retry |= started.retry_files;
                (started.number, started.attempts)
            }
            Err(state) => {
                lease.release(warehouse)?;
                return Ok(Ran::Settled(state));
            }
        },
    };
    failpoint("run-started");
    let mut report = RunReport { pipeline: name, number, ..RunReport::default() };
    let mut run = Run {
        warehouse,
        assembled,
        lease: &lease,
        number,
        decisions: &decisions,
        progress,
        report: &mut report,
        now: request.occurrence.map_or(request.now, |(occurrence, _)| occurrence.window_to),
        generations: None,
    };
    let outcome = run.all();
    let (status, message) = match &outcome {
        Ok(()) if report.needs_attention() => ("partly", report.attention()),
        Ok(()) => ("succeeded", String::new()),
        Err(error) if error.class() == ErrorClass::Stopped => ("stopped", error.to_string()),
        Err(error) => ("failed", error.to_string()),
    };
    let settled = request
        .occurrence
        .map(|(occurrence, settle)| (occurrence, settle(outcome.as_ref().map(|()| &report), attempts)));
    // A fenced run has no say any more; whoever took over writes its own.
    if outcome.as_ref().err().is_none_or(|error| error.class() != ErrorClass::Fenced) {
        failpoint("before-run-finished");
        let settled = settled.as_ref().map(|(occurrence, settled)| (*occurrence, settled));
        let ended = runs::finish(warehouse, number, &lease, (status, &message), settled);
        if outcome.is_ok() {
            ended?;
        }
        failpoint("after-run-finished");
    }
    outcome.map(|()| Ran::Through(report))
}

struct Run<'r> {
    warehouse: &'r mut dyn Warehouse,
    assembled: &'r mut Assembled,
    lease: &'r Lease,
    number: i64,
    decisions: &'r Decisions,
    progress: &'r mut dyn FnMut(Progress<'_>),
    report: &'r mut RunReport,
    /// When it started.
    now: Timestamp,
    generations: Option<Generations>,
}

impl Run<'_> {
    fn all(&mut self) -> Result<(), PipelineError> {
        let settings = &self.assembled.pipeline.settings;
        if let Some(setting) = settings.generations {
            self.generations = Some(Generations::new(setting.gap, self.warehouse, &settings.name)?);
        }
        let mut candidates = self.assembled.source.discover().map_err(PipelineError::Source)?;
        if let Some(generations) = &self.generations {
            generations.sort(&mut candidates);
        }
        for candidate in candidates {
            self.assembled.supervision.sign_of_life();
            self.assembled.supervision.go_on("read", &candidate.name)?;
            let outcome = self.one(&candidate)?;
            if let Some(generations) = &mut self.generations
                && outcome.is_through()
            {
                generations.loaded(&candidate.name);
            }
            (self.progress)(Progress::Ended);
            self.report.files.push(FileReport { name: candidate.name, outcome });
        }
        Ok(())
    }

    fn one(&mut self, candidate: &Candidate) -> Result<FileOutcome, PipelineError> {
        match &candidate.readiness {
            Readiness::Waiting(why) => return Ok(FileOutcome::Waiting(why.clone())),
            Readiness::Refused(why) => return Ok(FileOutcome::Refused(why.clone())),
            Readiness::Ready | Readiness::IfTrailer => {}
        }
        (self.progress)(Progress::Started { name: &candidate.name });
        let (unit, bytes) = match self.assembled.source.claim(candidate).map_err(PipelineError::Source)? {
            Claim::Lost(why) => return Ok(FileOutcome::Lost(why)),
            Claim::Taken { unit, payload: Payload::Bytes(bytes) } => (unit, bytes),
            Claim::Taken { unit, payload: Payload::Rows(_) } => {
                return Err(campaignd_contract::Error::permanent(
                    "read",
                    &unit.name,
                    "its source gives rows, and this pipeline has a [format] for bytes",
                )
                .into());
            }
        };
        let revision = self.assembled.source.revision();
        let name = self.assembled.pipeline.settings.name.clone();
        let from = match consider(self.warehouse, &name, &unit, revision, self.decisions)? {
            Verdict::Load(from) => match self.turn(candidate, from.is_some()) {
                None => from,
                Some(why) => return self.hold(candidate, &unit, why),
            },
            Verdict::Done => {
                self.name_control_file(candidate)?;
                self.release(candidate, &unit, &Outcome::Finished)?;
                return Ok(FileOutcome::Done);
            }
            Verdict::Duplicate(of) => {
                let mark = Mark { state: "duplicate", duplicate_of: Some(&of), ..Mark::default() };
                mark_alone(self.warehouse, &name, candidate, &unit, &mark)?;
                self.name_control_file(candidate)?;
                self.release(candidate, &unit, &Outcome::Duplicate(of.clone()))?;
                return Ok(FileOutcome::Duplicate(of));
            }
            Verdict::Held(why) => return self.hold(candidate, &unit, why),
            Verdict::Quarantined(why) => {
                self.release(candidate, &unit, &Outcome::Quarantined(why.clone()))?;
                return Ok(FileOutcome::Quarantined(format!(
                    "{why} (as before; `campaignd once {name} --retry` tries again)"
                )));
            }
        };
        if bytes.length() == 0 {
            mark_alone(self.warehouse, &name, candidate, &unit, &Mark { state: "empty", ..Mark::default() })?;
            self.release(candidate, &unit, &Outcome::Finished)?;
            return Ok(FileOutcome::Empty);
        }
        let companion = match self.ready(candidate, bytes.as_ref())? {
            Ok(companion) => companion,
            Err(why) => {
                self.release(candidate, &unit, &Outcome::Held(why.clone()))?;
                return Ok(FileOutcome::Waiting(why));
            }
        };
        self.load(candidate, &unit, &bytes, from, &companion)
    }

    /// The values of the control file, or why the file must wait.
    fn ready(
        &mut self,
        candidate: &Candidate,
        bytes: &dyn ByteSource,
    ) -> Result<Result<BTreeMap<String, String>, String>, PipelineError> {
        if candidate.readiness == Readiness::IfTrailer
            && let Completeness::Incomplete(why) = self.assembled.format.completeness(bytes)?
        {
            return Ok(Err(why));
        }
        let control = self.assembled.pipeline.settings.control.as_ref();
        let Some(pattern) = control.and_then(|control| control.file.clone()) else { return Ok(Ok(BTreeMap::new())) };
        Ok(match self.assembled.source.companion(candidate, &pattern).map_err(PipelineError::Source)? {
            Companion::Found(bytes) => control_file(&bytes, &candidate.name),
            Companion::Missing(name) => Err(format!("its control file {name} is not there yet")),
        })
    }

    fn load(
        &mut self,
        candidate: &Candidate,
        unit: &Unit,
        bytes: &Arc<dyn ByteSource>,
        from: Option<campaignd_contract::Position>,
        companion: &BTreeMap<String, String>,
    ) -> Result<FileOutcome, PipelineError> {
        if planted("release-before-commit") {
            self.release(candidate, unit, &Outcome::Finished)?;
        }
        let declared = self.checksum(bytes.as_ref(), companion)?;
        if let Some(differing) = declared.iter().find(|checksum| !checksum.agrees) {
            let why = format!("it isn't what was sent: {}", differing.told());
            return self.quarantine(candidate, unit, why);
        }
        let now = self.now;
        let Assembled { pipeline, source, format, pseudonyms, seal, limits, commit_rows, supervision, .. } =
            &mut *self.assembled;
        let settings = &pipeline.settings;
        let quarantined = |error: &PipelineError| error.class() == ErrorClass::Permanent;
        // A file whose columns or first bytes don't fit is put aside; the others go on.
        let opened =
            format.open(bytes.as_ref(), from.as_ref(), *limits).map_err(PipelineError::from).and_then(|reader| {
                let mut columns: Vec<String> =
                    reader.schema().fields().iter().map(|field| field.name().clone()).collect();
                let row_columns = row_columns(settings);
                columns.extend(row_columns.iter().map(|column| (*column).to_owned()));
                let mapping = Mapping::compile(settings, &columns, pseudonyms)
                    .map_err(|problems| PipelineError::Expressions { file: unit.name.clone(), problems })?;
                let control = settings
                    .control
                    .as_ref()
                    .map(|control| ControlTotals::new(control, &columns, &settings.mapping, &unit.name, now))
                    .transpose()?;
                Ok((reader, mapping, control, row_columns))
            });
        let (reader, mapping, control, row_columns) = match opened {
            Ok(opened) => opened,
            Err(error) if quarantined(&error) => return self.quarantine(candidate, unit, error.to_string()),
            Err(error) => return Err(error),
        };
        let layout = reader.layout();
        let job = Job {
            pipeline: &settings.name,
            config_hash: &pipeline.hash,
            run_no: self.number,
            lease: self.lease,
            candidate,
            unit,
            layout: &layout,
            from,
            commit_rows: settings.control.is_none().then_some(*commit_rows),
            budget: Budget::new(&settings.rejects),
            supervision,
        };
        let preparation =
            Preparation { mapping: &mapping, seal, unit_id: &unit.id, row_columns: &row_columns, wanted: None };
        let mut reading_failed = None;
        let (warehouse, progress) = (&mut *self.warehouse, &mut *self.progress);
        let mut release_failed = None;
        let loaded = std::thread::scope(|scope| {
            let (hand_over, take) = sync_channel(WAITING_BATCHES);
            scope.spawn(|| {
                let hand_over = hand_over;
                produce(reader, &preparation, control, Known { companion, declared: &declared }, &hand_over);
            });
            let mut rows = 0;
            let mut incoming = take.into_iter().map(|next| {
                next.inspect(|incoming| {
                    if let crate::load::Incoming::Batch(batch) = incoming {
                        rows += batch.rows_read;
                        progress(Progress::Rows(rows));
                    }
                })
                .map_err(|error| {
                    let passed_on = as_contract_error(&error);
                    reading_failed = Some(error);
                    passed_on
                })
            });
            load(warehouse, &job, &mut incoming, &mut |position| {
                if let Err(error) = source.release(candidate, unit, &Outcome::Committed(position.clone())) {
                    release_failed = Some(error);
                }
            })
        });
        if let Some(error) = release_failed {
            return Err(PipelineError::Source(error));
        }
        match (loaded, reading_failed) {
            (Ok(Loaded::Finished(accounts)), _) => {
                failpoint("before-release");
                self.release(candidate, unit, &Outcome::Finished)?;
                failpoint("after-release");
                Ok(FileOutcome::Loaded(accounts))
            }
            (Ok(Loaded::TooManyRejects(why)), _) => {
                self.release(candidate, unit, &Outcome::Quarantined(why.clone()))?;
                Ok(FileOutcome::TooManyRejects(why))
            }
            (Ok(Loaded::Quarantined(why)), _) => {
                self.release(candidate, unit, &Outcome::Quarantined(why.clone()))?;
                Ok(FileOutcome::Quarantined(why))
            }
            (Err(_), Some(error)) if quarantined(&error) => {
                let why = format!("{error}; rows before that place that were committed stay");
                self.quarantine(candidate, unit, why)
            }
            (Err(_), Some(error)) => Err(error),
            (Err(error), None) => Err(error.into()),
        }
    }

    /// Why a generation has to wait, if it has to. One that is half loaded goes on.
    fn turn(&mut self, candidate: &Candidate, half_loaded: bool) -> Option<String> {
        let name = &candidate.name;
        if half_loaded || self.decisions.accept.contains(name) {
            return None;
        }
        match self.generations.as_ref()?.turn(name) {
            Turn::Next => None,
            Turn::OutOfOrder(what) => {
                self.report.notes.push(format!("{name}: out of order, {what}"));
                None
            }
            Turn::NotYet(why) => {
                let pipeline = &self.assembled.pipeline.settings.name;
                Some(format!("{why}; `campaignd once {pipeline} --accept '{name}'` loads it nevertheless"))
            }
        }
    }

    fn hold(&mut self, candidate: &Candidate, unit: &Unit, why: String) -> Result<FileOutcome, PipelineError> {
        let mark = Mark { state: "held", reason: Some(&why), ..Mark::default() };
        mark_alone(self.warehouse, &self.assembled.pipeline.settings.name, candidate, unit, &mark)?;
        self.release(candidate, unit, &Outcome::Held(why.clone()))?;
        Ok(FileOutcome::Held(why))
    }

    /// The checksum of the file, where one is declared.
    fn checksum(
        &self,
        bytes: &dyn ByteSource,
        companion: &BTreeMap<String, String>,
    ) -> Result<Vec<DeclaredTotal>, PipelineError> {
        let control = self.assembled.pipeline.settings.control.as_ref();
        let declared = control.and_then(|control| control.checksum.as_ref());
        declared.map(|declared| checksum(declared, companion, bytes)).transpose().map(Vec::from_iter)
    }

    fn quarantine(&mut self, candidate: &Candidate, unit: &Unit, why: String) -> Result<FileOutcome, PipelineError> {
        let short: String = why.chars().take(1_000).collect();
        let mark = Mark { state: "quarantined", reason: Some(&short), ..Mark::default() };
        mark_alone(self.warehouse, &self.assembled.pipeline.settings.name, candidate, unit, &mark)?;
        self.release(candidate, unit, &Outcome::Quarantined(short))?;
        Ok(FileOutcome::Quarantined(why))
    }

    /// Names its control file to the source, for a file that is let go without being loaded now: the source takes along
    /// those that it was asked for, and the run that was killed before it could let go had asked another one.
    fn name_control_file(&mut self, candidate: &Candidate) -> Result<(), PipelineError> {
        let control = self.assembled.pipeline.settings.control.as_ref();
        if let Some(pattern) = control.and_then(|control| control.file.clone()) {
            self.assembled.source.companion(candidate, &pattern).map_err(PipelineError::Source)?;
        }
        Ok(())
    }

    /// Lets the source go on, now that the warehouse knows.
    fn release(&mut self, candidate: &Candidate, unit: &Unit, outcome: &Outcome) -> Result<(), PipelineError> {
        match self.assembled.source.release(candidate, unit, outcome).map_err(PipelineError::Source)? {
            Released::Left(why) => self.report.notes.push(format!("{}: left where it is, {why}", candidate.name)),
            Released::Kept | Released::Archived(_) | Released::Deleted => {}
        }
        Ok(())
    }
}
