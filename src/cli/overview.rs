//! How the pipelines of the settings stand, by the ledger: what several commands tell in their own ways.

use std::collections::{BTreeMap, HashMap};

use campaignd_contract::{Error, Value, Warehouse};
use jiff::Timestamp;

use super::exit::Failure;
use super::listing::Cell;
use crate::config::{LoadedPipeline, Settings};
use crate::daemon::{DaemonError, PlanError, plan};
use crate::load::lease::{self, Holder};
use crate::load::occurrence::{self, Standing, read_instant};
use crate::load::pause::{self, Pause};
use crate::model::operations::{ETL_EXPECTATION, ETL_FILE, ETL_RUN};
use crate::schedule::timetable::Timetable;

/// How a pipeline stands.
#[derive(Debug)]
pub struct Overview<'s> {
    /// Its settings.
    pub pipeline: &'s LoadedPipeline,
    /// When it is due next; `None` where it has no schedule or is switched off.
    pub next_due: Option<Timestamp>,
    /// Its last run.
    pub run: Option<LastRun>,
    /// Who is at work on it.
    pub holder: Option<Holder>,
    /// Who paused it.
    pub pause: Option<Pause>,
    /// Occurrences that are still to be run or are being run, in the order they are due.
    pub open: Vec<Standing>,
    /// The latest occurrence that was due.
    pub latest: Option<Standing>,
    /// Days whose data hasn't come by its time, in order.
    pub late: Vec<Late>,
    /// Files by their state.
    pub files: HashMap<String, i64>,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastRun {
    /// Its number.
    pub number: i64,
    /// Its status, or `lost` where its process is gone.
    pub status: String,
    /// When it started.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// What there is to say of it; empty where there is nothing.
    pub message: String,
}

/// A day whose data is late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    /// The day, in the schedule's zone.
    pub day: String,
    /// By when data must have come.
    pub by: Option<Timestamp>,
}

impl Overview<'_> {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.pipeline.settings.name
    }

    /// How many files are in that state.
    pub fn files(&self, state: &str) -> i64 {
        self.files.get(state).copied().unwrap_or(0)
    }
}

/// Reads how the pipelines of the settings stand, in their order.
pub fn read<'s>(
    settings: &'s Settings,
    warehouse: &mut dyn Warehouse,
    now: Timestamp,
) -> Result<Vec<Overview<'s>>, Failure> {
    let mut holders = lease::holders(warehouse, settings.daemon.limits.lease_seconds)?;
    let mut pauses = pause::pauses(warehouse)?;
    let mut runs = runs(warehouse)?;
    let mut late = late(warehouse)?;
    let mut files = files(warehouse)?;
    let mut open: BTreeMap<String, Vec<Standing>> = BTreeMap::new();
    for standing in occurrence::open(warehouse)? {
        open.entry(standing.occurrence.key.pipeline.clone()).or_default().push(standing);
    }
    let latest = occurrence::latest(warehouse, now)?;
    let mut latest: BTreeMap<String, Standing> =
        latest.into_iter().map(|standing| (standing.occurrence.key.pipeline.clone(), standing)).collect();
    let mut overviews = Vec::with_capacity(settings.pipelines.len());
    for pipeline in &settings.pipelines {
        let name = pipeline.settings.name.as_str();
        let holder = holders.remove(name);
        let mut run = runs.remove(name);
        if let Some((run, owner)) = &mut run
            && run.status == "running"
            && !holder.as_ref().is_some_and(|holder| holder.lives && holder.owner == *owner)
        {
            "lost".clone_into(&mut run.status);
        }
        let timetable = if pipeline.settings.enabled { timetable(pipeline)? } else { None };
        overviews.push(Overview {
            pipeline,
            next_due: timetable.and_then(|timetable| timetable.after(now).next().map(|next| next.due)),
            run: run.map(|(run, _)| run),
            holder,
            pause: pauses.remove(name),
            open: open.remove(name).unwrap_or_default(),
            latest: latest.remove(name),
            late: late.remove(name).unwrap_or_default(),
            files: files.remove(name).unwrap_or_default(),
        });
    }
    Ok(overviews)
}

/// When a pipeline is due, if it has a schedule.
pub fn timetable(pipeline: &LoadedPipeline) -> Result<Option<Timetable>, Failure> {
    let Some(schedule) = &pipeline.settings.schedule else { return Ok(None) };
    let timetable = plan::timetable(pipeline, schedule);
    let named = |error: &dyn std::fmt::Display| {
        DaemonError::Plan(PlanError { pipeline: pipeline.settings.name.clone(), wrong: error.to_string() })
    };
    Ok(Some(timetable.map_err(|error| named(&error))?))
}

/// The last run of each pipeline, and the process that it ran in.
fn runs(warehouse: &mut dyn Warehouse) -> Result<HashMap<String, (LastRun, String)>, Error> {
    let table = warehouse.dialect().stored(&ETL_RUN);
    let rows = warehouse.query(
        &format!(
            "SELECT pipeline, run_no, status, started_at, ended_at, message, owner FROM {table} \
             WHERE run_no IN (SELECT MAX(run_no) FROM {table} GROUP BY pipeline)"
        ),
        &[],
    )?;
    let text = |value: &Value| value.as_text().unwrap_or_default().to_owned();
    let runs = rows.rows.iter().map(|row| {
        let run = LastRun {
            number: row[1].as_integer().unwrap_or(0),
            status: text(&row[2]),
            started: read_instant(&row[3]),
            ended: read_instant(&row[4]),
            message: text(&row[5]),
        };
        (text(&row[0]), (run, text(&row[6])))
    });
    Ok(runs.collect())
}

fn late(warehouse: &mut dyn Warehouse) -> Result<HashMap<String, Vec<Late>>, Error> {
    let table = warehouse.dialect().stored(&ETL_EXPECTATION);
    let rows = warehouse.query(
        &format!("SELECT pipeline, day, expected_by FROM {table} WHERE state = 'late' ORDER BY pipeline, day"),
        &[],
    )?;
    let mut late: HashMap<String, Vec<Late>> = HashMap::new();
    for row in &rows.rows {
        let day = Cell::from(&row[1]).as_text().unwrap_or_default().to_owned();
        let pipeline = row[0].as_text().unwrap_or_default().to_owned();
        late.entry(pipeline).or_default().push(Late { day, by: read_instant(&row[2]) });
    }
    Ok(late)
}

fn files(warehouse: &mut dyn Warehouse) -> Result<HashMap<String, HashMap<String, i64>>, Error> {
    let table = warehouse.dialect().stored(&ETL_FILE);
    let rows =
        warehouse.query(&format!("SELECT pipeline, state, COUNT(*) FROM {table} GROUP BY pipeline, state"), &[])?;
    let mut files: HashMap<String, HashMap<String, i64>> = HashMap::new();
    for row in &rows.rows {
        if let (Some(pipeline), Some(state), Some(count)) = (row[0].as_text(), row[1].as_text(), row[2].as_integer()) {
            files.entry(pipeline.to_owned()).or_default().insert(state.to_owned(), count);
        }
    }
    Ok(files)
}
