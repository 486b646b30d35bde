//! `campaignd status`: how each pipeline stands.

use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;

use campaignd_contract::{Error, Table, Value, Warehouse};

use super::exit::{Exit, Failure, end};
use super::listing::{Cell, Column, Format, FormatArgument, Listing, Screen, Tone};
use super::opening;
use crate::config::Settings;
use crate::model::operations::{ETL_BATCH, ETL_CONTROL, ETL_DIRTY, ETL_FILE, ETL_LEASE, ETL_REJECT, ETL_RUN};

/// Show how each pipeline stands, and what waits for somebody.
///
/// `rows_read` and `records_loaded` are of all runs; a row may become several records. `open_rejects` wait for a
/// replay (`campaignd rejects`), `held` and `quarantined` files for a decision (`campaignd status --files`), and
/// `batches_to_roi` for the next time ROI is worked out. Moments are in UTC. CSV and JSON add `ended_at` and `epoch`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// List the files that aren't loaded instead: held, quarantined or half-way, and why.
    #[arg(long)]
    pub files: bool,
    /// How to print it.
    #[command(flatten)]
    pub format: FormatArgument,
}

/// Prints it.
pub fn run(arguments: &Arguments, settings: &Path) -> ExitCode {
    end(printed(arguments, settings))
}

fn printed(arguments: &Arguments, settings: &Path) -> Result<Exit, Failure> {
    let (settings, mut warehouse) = opening::current_warehouse(settings)?;
    let format = arguments.format.format;
    let listing = match (arguments.files, format) {
        (true, _) => files(warehouse.as_mut())?,
        (false, Format::Table) => fitting(pipelines(&settings, warehouse.as_mut())?),
        (false, _) => pipelines(&settings, warehouse.as_mut())?,
    };
    listing.print(format)?;
    Ok(Exit::Done)
}

/// The same as JSON, for the daemon's page.
pub fn json(settings: &Path) -> Result<String, Failure> {
    let (settings, mut warehouse) = opening::current_warehouse(settings)?;
    Ok(pipelines(&settings, warehouse.as_mut())?.render(Format::Json, Screen::Plain)?)
}

/// What fits a terminal: without the columns that machines ask for, and without fractions of seconds.
fn fitting(mut listing: Listing) -> Listing {
    for name in ["ended_at", "epoch"] {
        if let Some(at) = listing.columns.iter().position(|column| column.name == name) {
            listing.columns.remove(at);
            for row in &mut listing.rows {
                row.remove(at);
            }
        }
    }
    let started = listing.columns.iter().position(|column| column.name == "started_at");
    for row in &mut listing.rows {
        if let Some(Cell::Text(moment)) = started.and_then(|at| row.get_mut(at)) {
            moment.truncate(moment.find('.').unwrap_or(moment.len()));
        }
    }
    listing
}

/// A row a pipeline of the settings.
fn pipelines(settings: &Settings, warehouse: &mut dyn Warehouse) -> Result<Listing, Error> {
    let known = Known::read(warehouse)?;
    let mut listing = Listing::new(vec![
        Column::text("pipeline"),
        Column::text("last_run"),
        Column::text("started_at"),
        Column::text("ended_at"),
        Column::number("rows_read"),
        Column::number("records_loaded"),
        Column::number("open_rejects"),
        Column::number("files_loaded"),
        Column::number("held"),
        Column::number("quarantined"),
        Column::number("batches_to_roi"),
        Column::text("running_on"),
        Column::number("epoch"),
    ]);
    for pipeline in &settings.pipelines {
        let name = &pipeline.settings.name;
        let run = known.runs.get(name);
        let of_run = |column: usize| run.map_or(Cell::Null, |run| Cell::from(&run[column]));
        let last_run = match run.and_then(|run| run[0].as_text()) {
            Some("succeeded") => Cell::Toned("succeeded".to_owned(), Tone::Good),
            Some("failed") => Cell::Toned("failed".to_owned(), Tone::Bad),
            Some("partly") => Cell::Toned("partly".to_owned(), Tone::Notable),
            other => other.into(),
        };
        let lease = known.leases.get(name);
        listing.rows.push(vec![
            name.as_str().into(),
            last_run,
            of_run(1),
            of_run(2),
            count(&known.rows_read, name),
            count(&known.records, name),
            count(&known.rejects, name),
            count(&known.loaded, name),
            count(&known.held, name),
            count(&known.quarantined, name),
            count(&known.dirty, name),
            // A lease that was given back names nobody.
            lease.and_then(|lease| lease[0].as_text()).filter(|owner| !owner.is_empty()).into(),
            lease.map_or(Cell::Null, |lease| Cell::from(&lease[1])),
        ]);
        if let Some(message) = run.and_then(|run| run[3].as_text()) {
            listing.notes.push(format!("{name}: {message}"));
        }
        if !pipeline.settings.enabled {
            listing.notes.push(format!("{name}: `enabled = false` in its settings"));
        }
    }
    Ok(listing)
}

fn count(counts: &HashMap<String, i64>, pipeline: &str) -> Cell {
    counts.get(pipeline).copied().unwrap_or(0).into()
}

/// What the warehouse knows of pipelines, by their names.
struct Known {
    /// Status, start, end, message of the last run.
    runs: HashMap<String, Vec<Value>>,
    /// Owner, epoch.
    leases: HashMap<String, Vec<Value>>,
    rows_read: HashMap<String, i64>,
    records: HashMap<String, i64>,
    rejects: HashMap<String, i64>,
    loaded: HashMap<String, i64>,
    held: HashMap<String, i64>,
    quarantined: HashMap<String, i64>,
    dirty: HashMap<String, i64>,
}

impl Known {
    fn read(warehouse: &mut dyn Warehouse) -> Result<Self, Error> {
        let dialect = warehouse.dialect();
        let stored = |table: &'static Table| dialect.stored(table);
        let (runs, leases, batches) = (stored(&ETL_RUN), stored(&ETL_LEASE), stored(&ETL_BATCH));
        let (control, rejects, dirty) = (stored(&ETL_CONTROL), stored(&ETL_REJECT), stored(&ETL_DIRTY));
        let files = stored(&ETL_FILE);
        let in_state = |state: &str| {
            format!("SELECT pipeline, COUNT(*) AS files FROM {files} WHERE state = '{state}' GROUP BY pipeline")
        };
        Ok(Self {
            runs: by_pipeline(
                warehouse,
                &format!(
                    "SELECT pipeline, status, started_at, ended_at, message FROM {runs} \
                     WHERE run_no IN (SELECT MAX(run_no) FROM {runs} GROUP BY pipeline)"
                ),
            )?,
            leases: by_pipeline(warehouse, &format!("SELECT pipeline, owner, epoch FROM {leases}"))?,
            // A replay reads rows again that were counted when they came.
            rows_read: counts(
                warehouse,
                &format!(
                    "SELECT pipeline, SUM(rows_read) AS rows_read FROM {batches} \
                     WHERE position_from <> 'replay' GROUP BY pipeline"
                ),
            )?,
            records: counts(
                warehouse,
                &format!(
                    "SELECT b.pipeline, SUM(c.accepted_total) AS records FROM {control} c \
                     JOIN {batches} b ON b.batch_no = c.batch_no \
                     WHERE c.measure = 'rows' AND c.output_no >= 0 GROUP BY b.pipeline"
                ),
            )?,
            rejects: counts(
                warehouse,
                &format!(
                    "SELECT pipeline, COUNT(*) AS rejects FROM {rejects} WHERE state NOT IN ('replayed', 'noted') GROUP BY pipeline"
                ),
            )?,
            loaded: counts(warehouse, &in_state("loaded"))?,
            held: counts(warehouse, &in_state("held"))?,
            quarantined: counts(warehouse, &in_state("quarantined"))?,
            dirty: counts(
                warehouse,
                &format!(
                    "SELECT b.pipeline, COUNT(DISTINCT d.batch_no) AS batches FROM {dirty} d \
                     JOIN {batches} b ON b.batch_no = d.batch_no GROUP BY b.pipeline"
                ),
            )?,
        })
    }
}

fn by_pipeline(warehouse: &mut dyn Warehouse, sql: &str) -> Result<HashMap<String, Vec<Value>>, Error> {
    let rows = warehouse.query(sql, &[])?.rows;
    Ok(rows
        .into_iter()
        .filter_map(|mut row| {
            let rest = row.split_off(1);
            Some((row[0].as_text()?.to_owned(), rest))
        })
        .collect())
}

fn counts(warehouse: &mut dyn Warehouse, sql: &str) -> Result<HashMap<String, i64>, Error> {
    let rows = by_pipeline(warehouse, sql)?;
    Ok(rows.into_iter().filter_map(|(pipeline, row)| Some((pipeline, row.first()?.as_integer()?))).collect())
}

/// A row a file that isn't loaded.
fn files(warehouse: &mut dyn Warehouse) -> Result<Listing, Error> {
    let table = warehouse.dialect().stored(&ETL_FILE);
    let rows = warehouse.query(
        &format!(
            "SELECT pipeline, state, name, bytes, rows_read, first_seen_at, reason, unit_id FROM {table} \
             WHERE state IN ('held', 'quarantined', 'loading') ORDER BY pipeline, first_seen_at, name"
        ),
        &[],
    )?;
    let mut listing = Listing::new(vec![
        Column::text("pipeline"),
        Column::text("state"),
        Column::text("name"),
        Column::number("bytes"),
        Column::number("rows_read"),
        Column::text("first_seen_at"),
        Column::text("reason"),
        Column::text("unit_id"),
    ]);
    listing.rows = rows.rows.iter().map(|row| row.iter().map(Cell::from).collect()).collect();
    if listing.rows.is_empty() {
        listing.notes.push("no file waits: all that was seen is loaded or was there already".to_owned());
    }
    Ok(listing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::listing::Screen;
    use crate::cli::tests::{Fixture, undated};

    fn csv(listing: &Listing) -> String {
        undated(&listing.render(Format::Csv, Screen::Plain).unwrap())
    }

    #[test]
    fn a_pipeline_that_never_ran_is_listed() {
        let fixture = Fixture::new();
        let (settings, mut warehouse) = fixture.migrated();
        insta::assert_snapshot!(csv(&pipelines(&settings, warehouse.as_mut()).unwrap()), @r#"
        pipeline,last_run,started_at,ended_at,rows_read,records_loaded,open_rejects,files_loaded,held,quarantined,batches_to_roi,running_on,epoch
        inbound-calls,,,,0,0,0,0,0,0,0,,
        "#);
        assert_eq!(files(warehouse.as_mut()).unwrap().rows.len(), 0);
    }

    #[test]
    fn what_was_done_and_what_waits_is_counted() {
        let fixture = Fixture::new();
        let (settings, mut warehouse) = fixture.loaded();
        let listing = pipelines(&settings, warehouse.as_mut()).unwrap();
        insta::assert_snapshot!(csv(&listing), @r#"
        pipeline,last_run,started_at,ended_at,rows_read,records_loaded,open_rejects,files_loaded,held,quarantined,batches_to_roi,running_on,epoch
        inbound-calls,partly,[moment],[moment],10,8,2,1,1,0,1,,1
        "#);
        assert_eq!(listing.notes, ["inbound-calls: 1 file is held"]);
        insta::assert_snapshot!(undated(&fitting(listing).render(Format::Table, Screen::Plain).unwrap()), @r#"
        pipeline       last_run  started_at           rows_read  records_loaded  open_rejects  files_loaded  held  quarantined  batches_to_roi  running_on
        inbound-calls  partly    [moment]         10               8             2             1     1            0               1  –

        inbound-calls: 1 file is held
        "#);
        insta::assert_snapshot!(csv(&files(warehouse.as_mut()).unwrap()), @r#"
        pipeline,state,name,bytes,rows_read,first_seen_at,reason,unit_id
        inbound-calls,held,march.csv,100,0,[moment],other content than before,sha256:bb:100
        "#);
    }
}
