//! What the daemon knows of a pipeline besides how to run it: when, how often again, after which others, over what.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use campaignd_contract::Supervision;
use jiff::SignedDuration;

use crate::config::{LoadedPipeline, Settings};
use crate::pipeline;
use crate::schedule::{Calendar, Expectation, ScheduleError, Timetable, jitter};
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
        self.schedule.soft_timeout.as_ref().map(|timeout| timeout.get().unsigned_abs())
    }

    /// How long a run may take until it is given up.
    pub fn hard_timeout(&self) -> Option<Duration> {
        self.schedule.hard_timeout.as_ref().map(|timeout| timeout.get().unsigned_abs())
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
    let timetable = timetable(schedule, &settings.base_directory).map_err(|error| failed(error.to_string()))?;
    let expectation = Expectation::new(schedule, &timetable).map_err(|error| failed(error.to_string()))?;
    let assembled = pipeline::assemble(settings, pipeline, None, &Supervision::default());
    let endpoint = assembled.map_err(|error| failed(error.to_string()))?.source.endpoint();
    Ok(Plan {
        delay: schedule.jitter.as_ref().map_or(SignedDuration::ZERO, |up_to| jitter(&name, up_to.get())),
        expectation,
        endpoint,
        pipeline: pipeline.clone(),
        timetable,
        schedule: schedule.clone(),
        name,
    })
}

/// When a pipeline with this schedule is due. The file of holidays is read from the settings' folder.
pub fn timetable(schedule: &Schedule, base_directory: &Path) -> Result<Timetable, ScheduleError> {
    let holidays = schedule.holidays.as_ref().map(|path| Calendar::read(&base_directory.join(path))).transpose()?;
    Timetable::new(schedule, holidays)
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
        let timetable = timetable(&schedule, Path::new("")).unwrap();
        Self {
            name: name.to_owned(),
            delay: schedule.jitter.map_or(SignedDuration::ZERO, |up_to| jitter(name, up_to.get())),
            expectation: Expectation::new(&schedule, &timetable).unwrap(),
            endpoint: is_far.then(|| "sftp://mft.example.com:22".to_owned()),
            pipeline: LoadedPipeline::for_tests(settings),
            timetable,
            schedule,
        }
    }
}
