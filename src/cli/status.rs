//! `campaignd status`: how each pipeline stands.

use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;

use campaignd_contract::{Error, Table, Value, Warehouse};
use jiff::Timestamp;

use super::exit::{Exit, Failure, end};
use super::listing::{Cell, Column, Format, FormatArgument, Listing, Screen, Tone, moment};
use super::overview::{self, Overview};
use super::{opening, pause, print, runs};
use crate::config::Settings;
use crate::model::operations::{ETL_BATCH, ETL_CONTROL, ETL_DIRTY, ETL_LEASE, ETL_REJECT};

/// Show how each pipeline stands, and what waits for somebody.
///
/// `next_due_at` is when its schedule starts it next; `open_occurrences` are due or running. `open_rejects` wait for a replay
/// (`campaignd rejects`), `held` and `quarantined` files for a decision (`campaignd files --waiting`), and `batches_to_roi`
/// for the next time ROI is worked out. `running_on` is the process at work, with the age of its last sign of life. A
/// pipeline that is paused or late is told of below. Moments are in UTC. CSV and JSON add who paused it and why, totals of
/// rows, records and files, and the lease's epoch; `rows_read` and `records_loaded` are of all runs, and a row may become
/// several records. `campaignd why PIPELINE` says more of one.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// How to print it.
    #[command(flatten)]
    pub format: FormatArgument,
}

/// What only machines ask for.
const FOR_MACHINES: [&str; 11] = [
    "ended_at",
    "late_since",
    "paused_at",
    "paused_by",
    "pause_reason",
    "rows_read",
    "records_loaded",
    "files_loaded",
    "heartbeat_seconds",
    "lives",
    "epoch",
];

/// Prints it.
pub fn run(arguments: &Arguments, settings: &Path) -> ExitCode {
    end(printed(arguments, settings))
}

fn printed(arguments: &Arguments, settings: &Path) -> Result<Exit, Failure> {
    let (settings, mut warehouse) = opening::current_warehouse(settings)?;
    let listing = pipelines(&settings, warehouse.as_mut(), Timestamp::now())?;
    let format = arguments.format.format;
    let listing = if format == Format::Table { fitting(listing) } else { listing };
    listing.print(format)?;
    Ok(Exit::Done)
}

/// The same as JSON, for the daemon's page.
pub fn json(settings: &Path) -> Result<String, Failure> {
    let (settings, mut warehouse) = opening::current_warehouse(settings)?;
    Ok(pipelines(&settings, warehouse.as_mut(), Timestamp::now())?.render(Format::Json, Screen::Plain)?)
}

/// What fits a terminal: a pause stands where the next time would, and the age of the last sign of life beside its process.
fn fitting(mut listing: Listing) -> Listing {
    let at = |name: &str| listing.columns.iter().position(|column| column.name == name);
    let places = (at("next_due_at"), at("paused_at"), at("running_on"), at("heartbeat_seconds"), at("lives"));
    if let (Some(next_due), Some(paused), Some(running_on), Some(heartbeat), Some(lives)) = places {
        for row in &mut listing.rows {
            if row[paused] != Cell::Null {
                row[next_due] = Cell::Toned("paused".to_owned(), Tone::Notable);
            }
            if let (Some(owner), Some(seconds)) = (row[running_on].as_text(), row[heartbeat].as_text()) {
                let lost = row[lives].as_text() == Some("0");
                row[running_on] = if lost {
                    Cell::Toned(format!("{owner}, lost"), Tone::Bad)
                } else {
                    format!("{owner}, {seconds} s ago").into()
                };
            }
        }
    }
    listing.fitting(&FOR_MACHINES)
}

/// A row a pipeline of the settings.
fn pipelines(settings: &Settings, warehouse: &mut dyn Warehouse, now: Timestamp) -> Result<Listing, Failure> {
    let totals = Totals::read(warehouse)?;
    let mut listing = Listing::new(vec![
        Column::text("pipeline"),
        Column::text("last_run"),
        Column::text("started_at"),
        Column::text("ended_at"),
        Column::text("next_due_at"),
        Column::number("open_occurrences"),
        Column::text("late_since"),
        Column::text("paused_at"),
        Column::text("paused_by"),
        Column::text("pause_reason"),
        Column::number("rows_read"),
        Column::number("records_loaded"),
        Column::number("open_rejects"),
        Column::number("files_loaded"),
        Column::number("held"),
        Column::number("quarantined"),
        Column::number("batches_to_roi"),
        Column::text("running_on"),
        Column::number("heartbeat_seconds"),
        Column::number("lives"),
        Column::number("epoch"),
    ]);
    for overview in overview::read(settings, warehouse, now)? {
        let name = overview.name();
        let (run, pause, holder) = (overview.run.as_ref(), overview.pause.as_ref(), overview.holder.as_ref());
        listing.rows.push(vec![
            name.into(),
            run.map_or(Cell::Null, |run| runs::status(&run.status)),
            instant(run.and_then(|run| run.started)),
            instant(run.and_then(|run| run.ended)),
            instant(overview.next_due),
            (overview.open.len() as u64).into(),
            instant(overview.late.first().and_then(|late| late.by)),
            instant(pause.map(|pause| pause.at)),
            pause.map(|pause| pause.by.as_str()).into(),
            pause.map(|pause| pause.reason.as_str()).filter(|reason| !reason.is_empty()).into(),
            count(&totals.rows_read, name),
            count(&totals.records, name),
            count(&totals.rejects, name),
            overview.files("loaded").into(),
            overview.files("held").into(),
            overview.files("quarantined").into(),
            count(&totals.dirty, name),
            holder.map(|holder| holder.owner.as_str()).into(),
            holder.map(|holder| holder.age_seconds).into(),
            holder.map(|holder| i64::from(holder.lives)).into(),
            totals.epochs.get(name).copied().into(),
        ]);
        listing.notes.extend(notes(&overview).into_iter().map(|note| format!("{name}: {note}")));
    }
    Ok(listing)
}

/// What there is to say of a pipeline besides.
fn notes(overview: &Overview<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(run) = overview.run.as_ref().filter(|run| !run.message.is_empty()) {
        notes.push(run.message.clone());
    }
    if let Some(pause) = &overview.pause {
        notes.push(pause::told(pause));
    }
    if let (Some(first), days) = (overview.late.first(), overview.late.len()) {
        let by = first.by.map_or_else(|| first.day.clone(), moment);
        let since = print::counted(days as u64 - 1, "day");
        let more = if days > 1 { format!(", and that of {since} after it") } else { String::new() };
        notes.push(format!("late: its data was expected by {by}{more}"));
    }
    if !overview.pipeline.settings.enabled {
        notes.push("`enabled = false` in its settings".to_owned());
    }
    notes
}

fn instant(instant: Option<Timestamp>) -> Cell {
    instant.map(|instant| Value::Timestamp(instant.as_microsecond())).as_ref().map_or(Cell::Null, Cell::from)
}

fn count(counts: &HashMap<String, i64>, pipeline: &str) -> Cell {
    counts.get(pipeline).copied().unwrap_or(0).into()
}

/// What the warehouse holds of pipelines, by their names.
struct Totals {
    epochs: HashMap<String, i64>,
    rows_read: HashMap<String, i64>,
    records: HashMap<String, i64>,
    rejects: HashMap<String, i64>,
    dirty: HashMap<String, i64>,
}

impl Totals {
    fn read(warehouse: &mut dyn Warehouse) -> Result<Self, Error> {
        let dialect = warehouse.dialect();
        let stored = |table: &'static Table| dialect.stored(table);
        let (leases, batches) = (stored(&ETL_LEASE), stored(&ETL_BATCH));
        let (control, rejects, dirty) = (stored(&ETL_CONTROL), stored(&ETL_REJECT), stored(&ETL_DIRTY));
        Ok(Self {
            epochs: counts(warehouse, &format!("SELECT pipeline, epoch FROM {leases}"))?,
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
                    "SELECT pipeline, COUNT(*) AS rejects FROM {rejects} \
                     WHERE state NOT IN ('replayed', 'noted') GROUP BY pipeline"
                ),
            )?,
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

fn counts(warehouse: &mut dyn Warehouse, sql: &str) -> Result<HashMap<String, i64>, Error> {
    let rows = warehouse.query(sql, &[])?.rows;
    Ok(rows.iter().filter_map(|row| Some((row[0].as_text()?.to_owned(), row[1].as_integer()?))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::listing::Screen;
    use crate::cli::tests::{Fixture, undated};
    use crate::load::pause::pause;
    use crate::load::{Claimed, Lease};
    use crate::model::operations::ETL_EXPECTATION;

    fn shown(listing: &Listing) -> String {
        let heartbeat = regex::Regex::new(r"\d+ s ago").unwrap();
        let text = undated(&fitting(listing.clone()).render(Format::Table, Screen::Plain).unwrap());
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let process = format!("{host}:{}", std::process::id());
        heartbeat.replace_all(&text, "N s ago").replace(&process, "[process]")
    }

    #[test]
    fn a_pipeline_that_never_ran_is_listed() {
        let fixture = Fixture::new();
        let (settings, mut warehouse) = fixture.migrated();
        let now = "2026-03-01T00:00:00Z".parse().unwrap();
        let listing = pipelines(&settings, warehouse.as_mut(), now).unwrap();
        insta::assert_snapshot!(listing.transposed().render(Format::Csv, Screen::Plain).unwrap().replace('\r', ""));
    }

    #[test]
    fn what_was_done_and_what_waits_is_counted() {
        let fixture = Fixture::new();
        let (settings, mut warehouse) = fixture.loaded();
        let listing = pipelines(&settings, warehouse.as_mut(), Timestamp::now()).unwrap();
        let text = listing.transposed().render(Format::Csv, Screen::Plain).unwrap();
        insta::assert_snapshot!(undated(&text));
        insta::assert_snapshot!(shown(&listing));
    }

    #[test]
    fn paused_late_and_running_are_seen() {
        let fixture = Fixture::new();
        let (settings, mut warehouse) = fixture.migrated();
        pause(warehouse.as_mut(), "inbound-calls", "ada@ops1", "the vendor restates March").unwrap();
        let Claimed::Mine(_lease) = Lease::claim(warehouse.as_mut(), "inbound-calls", 60).unwrap() else { panic!() };
        let expectations = warehouse.dialect().stored(&ETL_EXPECTATION);
        let mut transaction = warehouse.begin().unwrap();
        for day in ["2026-03-02", "2026-03-03"] {
            let sql =
                format!("INSERT INTO {expectations} (pipeline, day, expected_by, state) VALUES (?1, ?2, ?3, 'late')");
            let by = format!("{day} 06:30:00");
            transaction.execute(&sql, &["inbound-calls".into(), day.into(), by.into()]).unwrap();
        }
        transaction.commit().unwrap();
        insta::assert_snapshot!(shown(&pipelines(&settings, warehouse.as_mut(), Timestamp::now()).unwrap()));
    }
}
