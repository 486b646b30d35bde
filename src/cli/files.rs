//! `campaignd files`: the files that pipelines have seen, and what became of them.

use std::path::Path;
use std::process::ExitCode;

use campaignd_contract::{Error, Value, Warehouse};

use super::exit::{Exit, Failure, end};
use super::listing::{Cell, Column, Format, FormatArgument, Listing, Screen, Tone};
use super::opening;
use crate::model::operations::ETL_FILE;

/// List the files that pipelines have seen, the latest first, and what became of each.
///
/// `loading` is half loaded: the next run goes on there. `held` waits for a decision: `campaignd once PIPELINE --accept
/// FILE` loads it. `quarantined` couldn't be loaded: once the reason is gone, `campaignd retry PIPELINE` or `campaignd once
/// PIPELINE --retry` tries again. `duplicate` has the content of another file that was loaded, `empty` has none. A file
/// that isn't complete yet isn't listed. Moments are in UTC. CSV and JSON add `unit_id`, which names the content.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only this pipeline's.
    pub pipeline: Option<String>,
    /// Only those in this state. May be given several times.
    #[arg(long, value_enum, value_name = "STATE")]
    pub state: Vec<State>,
    /// Only those that aren't loaded: held, quarantined or half-way.
    #[arg(long, conflicts_with = "state")]
    pub waiting: bool,
    /// How many at most.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..))]
    pub limit: i64,
    /// How to print it.
    #[command(flatten)]
    pub format: FormatArgument,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum State {
    /// Half loaded
    Loading,
    /// Loaded
    Loaded,
    /// Its content was loaded before
    Duplicate,
    /// It waits for a decision
    Held,
    /// It couldn't be loaded
    Quarantined,
    /// It has no bytes
    Empty,
}

impl State {
    /// Those that somebody has to look at, or that a run has to finish.
    pub const WAITING: [Self; 3] = [Self::Held, Self::Quarantined, Self::Loading];

    /// As the table has it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Loaded => "loaded",
            Self::Duplicate => "duplicate",
            Self::Held => "held",
            Self::Quarantined => "quarantined",
            Self::Empty => "empty",
        }
    }
}

/// Prints them.
pub fn run(arguments: &Arguments, settings: &Path) -> ExitCode {
    end(printed(arguments, settings))
}

fn printed(arguments: &Arguments, settings: &Path) -> Result<Exit, Failure> {
    let (_, mut warehouse) = opening::current_warehouse(settings)?;
    let listing = listed(arguments, warehouse.as_mut())?;
    let format = arguments.format.format;
    let listing = if format == Format::Table { listing.fitting(&["unit_id", "finished_at"]) } else { listing };
    listing.print(format)?;
    Ok(Exit::Done)
}

/// Those that wait for somebody as JSON, of one pipeline or of all, for the daemon's page.
pub fn json(settings: &Path, pipeline: Option<&str>) -> Result<String, Failure> {
    let (_, mut warehouse) = opening::current_warehouse(settings)?;
    let format = FormatArgument { format: Format::Json };
    let pipeline = pipeline.map(str::to_owned);
    let asked = Arguments { pipeline, state: Vec::new(), waiting: true, limit: 1_000, format };
    Ok(listed(&asked, warehouse.as_mut())?.render(Format::Json, Screen::Plain)?)
}

/// The pipeline isn't looked up in the settings: files of one that was removed are still there.
fn listed(asked: &Arguments, warehouse: &mut dyn Warehouse) -> Result<Listing, Error> {
    let table = warehouse.dialect().stored(&ETL_FILE);
    let states: &[State] = if asked.waiting { &State::WAITING } else { &asked.state };
    let mut conditions = vec!["1 = 1".to_owned()];
    let mut parameters = vec![Value::Integer(asked.limit.saturating_add(1))];
    if let Some(pipeline) = &asked.pipeline {
        parameters.push(pipeline.as_str().into());
        conditions.push(format!("pipeline = ?{}", parameters.len()));
    }
    if !states.is_empty() {
        let words: Vec<String> = states.iter().map(|state| format!("'{}'", state.word())).collect();
        conditions.push(format!("state IN ({})", words.join(", ")));
    }
    let rows = warehouse.query(
        &format!(
            "SELECT pipeline, state, name, bytes, rows_read, first_seen_at, finished_at, \
             CASE WHEN duplicate_of IS NULL THEN reason ELSE 'same content as ' || duplicate_of END, unit_id \
             FROM {table} WHERE {} ORDER BY first_seen_at DESC, pipeline, name LIMIT ?1",
            conditions.join(" AND ")
        ),
        &parameters,
    )?;
    let mut listing = Listing::new(vec![
        Column::text("pipeline"),
        Column::text("state"),
        Column::text("name"),
        Column::number("bytes"),
        Column::number("rows_read"),
        Column::text("first_seen_at"),
        Column::text("finished_at"),
        Column::text("reason"),
        Column::text("unit_id"),
    ]);
    let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
    for row in rows.rows.iter().take(limit) {
        let mut cells: Vec<Cell> = row.iter().map(Cell::from).collect();
        cells[1] = state(row[1].as_text().unwrap_or_default());
        listing.rows.push(cells);
    }
    if rows.rows.len() > limit {
        listing.notes.push(format!("there are more than {limit}: `--limit` shows them"));
    }
    if listing.rows.is_empty() {
        let waiting = "no file waits: all that was seen is loaded or was there already";
        listing.notes.push(if asked.waiting { waiting } else { "no such file" }.to_owned());
    }
    Ok(listing)
}

fn state(word: &str) -> Cell {
    match word {
        "quarantined" => Cell::Toned(word.to_owned(), Tone::Bad),
        "held" | "loading" => Cell::Toned(word.to_owned(), Tone::Notable),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::tests::{Fixture, undated};

    fn asked() -> Arguments {
        Arguments { pipeline: None, state: vec![], waiting: false, limit: 100, format: FormatArgument::default() }
    }

    #[test]
    fn files_are_listed_by_what_became_of_them() {
        let fixture = Fixture::new();
        let (_, mut warehouse) = fixture.loaded();
        let mut csv = |asked: &Arguments| {
            undated(&listed(asked, warehouse.as_mut()).unwrap().render(Format::Csv, Screen::Plain).unwrap())
        };
        let waiting = csv(&Arguments { waiting: true, ..asked() });
        insta::assert_snapshot!(waiting);
        assert_eq!(waiting, csv(&Arguments { state: vec![State::Held, State::Empty], ..asked() }));
        assert_eq!(csv(&asked()).lines().count(), 3);
        assert_eq!(csv(&Arguments { pipeline: Some("other".into()), ..asked() }).lines().count(), 1);
        let first = listed(&Arguments { limit: 1, ..asked() }, warehouse.as_mut()).unwrap();
        assert_eq!(
            (first.rows.len(), first.notes),
            (1, vec!["there are more than 1: `--limit` shows them".to_owned()])
        );
    }

    #[test]
    fn where_nothing_waits_it_says_so() {
        let fixture = Fixture::new();
        let (_, mut warehouse) = fixture.migrated();
        let listing = listed(&Arguments { waiting: true, ..asked() }, warehouse.as_mut()).unwrap();
        insta::assert_snapshot!(listing.render(Format::Table, Screen::Plain).unwrap());
    }
}
