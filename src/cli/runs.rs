//! `campaignd runs`: the runs that there were.

use std::path::Path;
use std::process::ExitCode;

use campaignd_contract::{Error, Value, Warehouse};
use jiff::Timestamp;

use super::exit::{Exit, Failure, end};
use super::listing::{Cell, Column, Format, FormatArgument, Listing, Screen, Tone};
use super::{opening, since};
use crate::load::lease;
use crate::load::occurrence::{instant, read_instant};
use crate::model::operations::{ETL_BATCH, ETL_OCCURRENCE, ETL_REJECT, ETL_RUN};

/// List the runs of pipelines, the latest first.
///
/// `occurrence` is the local time of the schedule that a run stood for, in its pipeline's zone; a run that somebody
/// started has none, nor has one whose occurrence was tried again since. `status` is `running`, `succeeded`, `partly` (a
/// file waits for a person), `failed`, `stopped` (it was asked to end before it was done) or `lost` (its process died;
/// what it had committed stays, and the next run goes on there). `rows_read` and `rejected` are of this run alone.
/// Moments are in UTC.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only this pipeline's.
    pub pipeline: Option<String>,
    /// How many at most.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..))]
    pub limit: i64,
    /// Only those that failed, were lost, or left a file waiting.
    #[arg(long)]
    pub failed: bool,
    /// Only those that started since: `2026-03-01`, `2026-03-01 06:30` (UTC) or `3 days`.
    #[arg(long, value_name = "WHEN", value_parser = since::argument)]
    pub since: Option<Timestamp>,
    /// How to print it.
    #[command(flatten)]
    pub format: FormatArgument,
}

/// Prints them.
pub fn run(arguments: &Arguments, settings: &Path) -> ExitCode {
    end(printed(arguments, settings))
}

fn printed(arguments: &Arguments, settings: &Path) -> Result<Exit, Failure> {
    let (settings, mut warehouse) = opening::current_warehouse(settings)?;
    let listing = listed(arguments, warehouse.as_mut(), settings.daemon.limits.lease_seconds)?;
    let format = arguments.format.format;
    let listing = if format == Format::Table { listing.fitting(&[]) } else { listing };
    listing.print(format)?;
    Ok(Exit::Done)
}

/// The latest as JSON, of one pipeline or of all, for the daemon's page.
pub fn json(settings: &Path, pipeline: Option<&str>) -> Result<String, Failure> {
    let (settings, mut warehouse) = opening::current_warehouse(settings)?;
    let format = FormatArgument { format: Format::Json };
    let asked = Arguments { pipeline: pipeline.map(str::to_owned), limit: 100, failed: false, since: None, format };
    let listing = listed(&asked, warehouse.as_mut(), settings.daemon.limits.lease_seconds)?;
    Ok(listing.render(Format::Json, Screen::Plain)?)
}

/// The pipeline isn't looked up in the settings: runs of one that was removed are still there.
fn listed(asked: &Arguments, warehouse: &mut dyn Warehouse, lease_seconds: u32) -> Result<Listing, Error> {
    let dialect = warehouse.dialect();
    let [runs, batches, rejects, occurrences] =
        [&ETL_RUN, &ETL_BATCH, &ETL_REJECT, &ETL_OCCURRENCE].map(|table| dialect.stored(table));
    let living = lost_or_running(warehouse, &runs, lease_seconds)?;
    let lost = format!("(r.status = 'running' AND r.run_no NOT IN ({living}))");
    let mut conditions = vec!["1 = 1".to_owned()];
    let mut parameters = vec![Value::Integer(asked.limit)];
    if let Some(pipeline) = &asked.pipeline {
        parameters.push(pipeline.as_str().into());
        conditions.push(format!("r.pipeline = ?{}", parameters.len()));
    }
    if asked.failed {
        conditions.push(format!("(r.status IN ('failed', 'partly') OR {lost})"));
    }
    if let Some(since) = asked.since {
        parameters.push(instant(Some(since)));
        conditions.push(format!("r.started_at >= ?{}", parameters.len()));
    }
    let rows = warehouse.query(
        &format!(
            "SELECT r.run_no, r.pipeline, \
             (SELECT MAX(o.nominal_local) FROM {occurrences} o WHERE o.run_no = r.run_no AND o.pipeline = r.pipeline), \
             CASE WHEN {lost} THEN 'lost' ELSE r.status END, r.started_at, r.ended_at, \
             (SELECT COALESCE(SUM(b.rows_read), 0) FROM {batches} b \
              WHERE b.run_no = r.run_no AND b.position_from <> 'replay'), \
             (SELECT COUNT(*) FROM {rejects} j JOIN {batches} b ON b.batch_no = j.batch_no \
              WHERE b.run_no = r.run_no AND j.state <> 'noted'), r.message \
             FROM {runs} r WHERE {} ORDER BY r.run_no DESC LIMIT ?1",
            conditions.join(" AND ")
        ),
        &parameters,
    )?;
    let mut listing = Listing::new(vec![
        Column::number("run_no"),
        Column::text("pipeline"),
        Column::text("occurrence"),
        Column::text("status"),
        Column::text("started_at"),
        Column::number("seconds"),
        Column::number("rows_read"),
        Column::number("rejected"),
        Column::text("message"),
    ]);
    for row in &rows.rows {
        listing.rows.push(vec![
            Cell::from(&row[0]),
            Cell::from(&row[1]),
            Cell::from(&row[2]),
            status(row[3].as_text().unwrap_or_default()),
            Cell::from(&row[4]),
            seconds(&row[4], &row[5]),
            Cell::from(&row[6]),
            Cell::from(&row[7]),
            Cell::from(&row[8]),
        ]);
    }
    if listing.rows.is_empty() {
        listing.notes.push("no such run".to_owned());
    }
    Ok(listing)
}

/// The numbers, apart by commas, of runs whose process may still be at work: the latest of pipelines that are held.
fn lost_or_running(warehouse: &mut dyn Warehouse, runs: &str, lease_seconds: u32) -> Result<String, Error> {
    let holders = lease::holders(warehouse, lease_seconds)?;
    let latest = warehouse.query(
        &format!(
            "SELECT run_no, pipeline, owner FROM {runs} WHERE run_no IN (SELECT MAX(run_no) FROM {runs} GROUP BY pipeline)"
        ),
        &[],
    )?;
    let living = latest.rows.iter().filter_map(|row| {
        let holder = holders.get(row[1].as_text()?)?;
        (holder.lives && Some(holder.owner.as_str()) == row[2].as_text()).then(|| row[0].as_integer())?
    });
    let numbers: Vec<String> = living.map(|number| number.to_string()).collect();
    // No run has the number 0.
    Ok(if numbers.is_empty() { "0".to_owned() } else { numbers.join(", ") })
}

/// A run's status, coloured.
pub(super) fn status(word: &str) -> Cell {
    match word {
        "succeeded" => Cell::Toned(word.to_owned(), Tone::Good),
        "failed" | "lost" => Cell::Toned(word.to_owned(), Tone::Bad),
        "partly" | "stopped" => Cell::Toned(word.to_owned(), Tone::Notable),
        other => other.into(),
    }
}

/// How long it took, to the millisecond.
fn seconds(started: &Value, ended: &Value) -> Cell {
    let (Some(started), Some(ended)) = (read_instant(started), read_instant(ended)) else { return Cell::Null };
    let took = ended.duration_since(started).as_millis();
    Cell::decimal(i64::try_from(took).unwrap_or(i64::MAX).saturating_mul(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::tests::{Fixture, undated};
    use crate::load::{Claimed, Lease, run};

    fn asked() -> Arguments {
        Arguments { pipeline: None, limit: 20, failed: false, since: None, format: FormatArgument::default() }
    }

    fn numbers(asked: &Arguments, warehouse: &mut dyn Warehouse) -> Vec<String> {
        let listing = listed(asked, warehouse, 60).unwrap();
        listing.rows.iter().map(|row| row[0].as_text().unwrap().to_owned()).collect()
    }

    #[test]
    fn runs_are_listed_with_what_they_did() {
        let fixture = Fixture::new();
        let (_, mut warehouse) = fixture.loaded();
        let Claimed::Mine(lease) = Lease::claim(warehouse.as_mut(), "inbound-calls", 60).unwrap() else { panic!() };
        run::start(warehouse.as_mut(), "inbound-calls", "hash", &lease).unwrap();
        let listing = listed(&asked(), warehouse.as_mut(), 60).unwrap();
        let shown = undated(&listing.fitting(&[]).render(Format::Csv, Screen::Plain).unwrap());
        let shown = regex::Regex::new(r",\d+(\.\d+)?,10,").unwrap().replace(&shown, ",[seconds],10,").into_owned();
        insta::assert_snapshot!(shown);
        assert_eq!(numbers(&Arguments { limit: 1, ..asked() }, warehouse.as_mut()), ["2"]);
        assert_eq!(numbers(&Arguments { failed: true, ..asked() }, warehouse.as_mut()), ["1"]);
        assert_eq!(numbers(&Arguments { since: Some(Timestamp::MAX), ..asked() }, warehouse.as_mut()), [""; 0]);
        assert_eq!(numbers(&Arguments { pipeline: Some("other".into()), ..asked() }, warehouse.as_mut()), [""; 0]);
        // Another run has begun meanwhile, so the one that never ended was lost.
        run::start(warehouse.as_mut(), "inbound-calls", "hash", &lease).unwrap();
        let listing = listed(&asked(), warehouse.as_mut(), 60).unwrap();
        let status: Vec<&str> = listing.rows.iter().filter_map(|row| row[3].as_text()).collect();
        assert_eq!(status, ["running", "lost", "partly"]);
        assert_eq!(numbers(&Arguments { failed: true, ..asked() }, warehouse.as_mut()), ["2", "1"]);
    }
}
