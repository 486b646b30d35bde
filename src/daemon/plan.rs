//! What the daemon knows of a pipeline besides how to run it: when, how often again, after which others, over what.

use std::sync::Arc;
use std::time::Duration;

use campaignd_contract::Supervision;
use jiff::SignedDuration;

use crate::config::{LoadedPipeline, Settings};
use crate::pipeline;
use crate::schedule::expectation::Expectation;
use crate::schedule::jitter;
use crate::schedule::timetable::{ScheduleError, Timetable};
use crate::settings::{CatchUp, Overlap, Retry, Schedule};

/// A pipeline that has a schedule.
#[derive(Debug)]
pub struct Plan {
    /// Its name.
    pub name: String,
    /// Its settings, to be run by.
    pub pipeline: LoadedPipeline,
    /// When it is due.
    pub timetable: Timetable,
    /// Its settings of that.
    pub schedule: Schedule,
    /// How much later than due it starts.
    pub delay: SignedDuration,
    /// When its data must have come.
    pub expectation: Option<Expectation>,
    /// The system it reads from.
    pub endpoint: Option<String>,
}

/// Why the plan of a pipeline can't be made.
#[derive(Debug, thiserror::Error)]
#[error("{pipeline}: {wrong}")]
pub struct PlanError {
    /// The pipeline.
    pub pipeline: String,
    /// Why.
    pub wrong: String,
}

impl Plan {
    /// How the settings say that missed occurrences are caught up with.
    pub fn catch_up(&self) -> CatchUp {
        self.schedule.catch_up
    }

    /// What becomes of an occurrence that is due while another runs.
    pub fn overlap(&self) -> Overlap {
        self.schedule.overlap
    }

    /// How failed runs are tried again.
    pub fn retry(&self) -> &Retry {
        &self.pipeline.settings.retry
    }

    /// Pipelines that must have run before.
    pub fn after(&self) -> &[String] {
        &self.pipeline.settings.after
    }

    /// How long a run may take until it is asked to stop.
    pub fn soft_timeout(&self) -> Option<Duration> {
        self.schedule.soft_timeout.as_ref().map(|timeout| timeout.duration())
    }

    /// How long a run may take until it is given up.
    pub fn hard_timeout(&self) -> Option<Duration> {
        self.schedule.hard_timeout.as_ref().map(|timeout| timeout.duration())
    }
}

/// The plans of all pipelines that are enabled and have a schedule.
pub fn plans(settings: &Settings) -> Result<Vec<Arc<Plan>>, PlanError> {
    let scheduled = settings.pipelines.iter().filter(|pipeline| pipeline.settings.enabled);
    scheduled
        .filter_map(|pipeline| pipeline.settings.schedule.as_ref().map(|schedule| (pipeline, schedule)))
        .map(|(pipeline, schedule)| plan(settings, pipeline, schedule).map(Arc::new))
        .collect()
}

fn plan(settings: &Settings, pipeline: &LoadedPipeline, schedule: &Schedule) -> Result<Plan, PlanError> {
    let name = pipeline.settings.name.clone();
    let failed = |wrong: String| PlanError { pipeline: name.clone(), wrong };
    let timetable = timetable(pipeline, schedule).map_err(|error| failed(error.to_string()))?;
    let expectation =
        Expectation::new(schedule, pipeline.holidays.clone()).map_err(|error| failed(error.to_string()))?;
    let assembled = pipeline::assemble(settings, pipeline, None, &Supervision::default());
    let endpoint = assembled.map_err(|error| failed(error.to_string()))?.source.endpoint();
    Ok(Plan {
        delay: delay(&name, schedule),
        expectation,
        endpoint,
        pipeline: pipeline.clone(),
        timetable,
        schedule: schedule.clone(),
        name,
    })
}

/// How much later than due a pipeline starts.
fn delay(name: &str, schedule: &Schedule) -> SignedDuration {
    let delay = schedule.jitter.map(|jitter| jitter::offset(name, jitter.duration()));
    delay.and_then(|delay| SignedDuration::try_from(delay).ok()).unwrap_or(SignedDuration::ZERO)
}

/// When a pipeline with this schedule is due.
pub fn timetable(pipeline: &LoadedPipeline, schedule: &Schedule) -> Result<Timetable, ScheduleError> {
    Timetable::new(schedule, pipeline.holidays.clone())
}

#[cfg(test)]
impl Plan {
    /// A pipeline of that name: lines of its `[schedule]`, apart by `;`, then, after `|`, lines that stand above or `sftp` for
    /// a source that can be out of reach.
    pub(crate) fn for_tests(name: &str, lines: &str) -> Self {
        let (schedule, above) = lines.split_once('|').unwrap_or((lines, ""));
        let (is_far, above) = if above.trim() == "sftp" { (true, "") } else { (false, above) };
        let text = format!(
            "name = '{name}'\n{}\n[schedule]\n{}\n[source]\nkind = 'file'\npath = 'in/*.csv'\n[format]\nkind = \
             'csv'\n[[output]]\nrecord = 'channel'\nfields = {{}}\n",
            above.trim(),
            schedule.split(';').map(str::trim).collect::<Vec<_>>().join("\n")
        );
        let settings: crate::settings::Pipeline = toml::from_str(&text).unwrap();
        let schedule = settings.schedule.clone().unwrap();
        let timetable = Timetable::new(&schedule, None).unwrap();
        Self {
            name: name.to_owned(),
            delay: delay(name, &schedule),
            expectation: Expectation::new(&schedule, None).unwrap(),
            endpoint: is_far.then(|| "sftp://mft.example.com:22".to_owned()),
            pipeline: LoadedPipeline::for_tests(settings),
            timetable,
            schedule,
        }
    }
}
