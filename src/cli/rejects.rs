//! `campaignd rejects`: rows that couldn't be loaded.

use std::path::Path;
use std::process::ExitCode;

use campaignd_contract::{Error, Place, Value, Warehouse};

use super::exit::{Exit, Failure, end};
use super::listing::{Cell, Column, Format, FormatArgument, Listing, hexadecimal};
use super::{opening, replay};
use crate::config::Settings;
use crate::load::reject::sealed_place;
use crate::model::operations::{ETL_FILE, ETL_REJECT};

/// List, show or load again the rows that couldn't be loaded.
///
/// Every row that a pipeline refuses is kept with the reason, its place in the file and, sealed, its bytes. Correct
/// the pipeline, then load them with `campaignd rejects replay`: each is loaded once.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    List(ListArguments),
    Show(ShowArguments),
    Replay(ReplayArguments),
}

/// List rejects: where each row stands, and what is wrong with it.
#[derive(Debug, clap::Args)]
struct ListArguments {
    /// Only this pipeline's.
    pipeline: Option<String>,
    /// Which of them.
    #[arg(long, value_enum, default_value_t = State::Open)]
    state: State,
    /// How many at most, the oldest first.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..))]
    limit: i64,
    /// How to print it.
    #[command(flatten)]
    format: FormatArgument,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum State {
    /// Not loaded
    Open,
    /// Loaded by a replay
    Replayed,
    /// Loaded without a field that couldn't be read
    Noted,
    /// All of them
    All,
}

/// Show all there is to know of a reject, its row too.
///
/// The row is opened with the key that the settings name under [privacy]. It is shown as it came, telephone numbers
/// and addresses included: mind who looks on.
#[derive(Debug, clap::Args)]
struct ShowArguments {
    /// Its number: `reject_no` in the list.
    number: i64,
    /// How to print it.
    #[command(flatten)]
    format: FormatArgument,
}

/// Map rejected rows again with the settings as they are now, and load those that fit.
///
/// Each row is loaded once, however often this is called. Those that fail again stay, with the new reason.
#[derive(Debug, clap::Args)]
struct ReplayArguments {
    /// Only these pipelines'; without a name, all.
    #[arg(value_name = "PIPELINE")]
    pipelines: Vec<String>,
}

/// Does what was asked.
pub fn run(arguments: &Arguments, settings: &Path) -> ExitCode {
    match &arguments.command {
        Command::List(asked) => end(list(asked, settings)),
        Command::Show(asked) => end(show(asked, settings)),
        Command::Replay(asked) => replay::run(&asked.pipelines, settings),
    }
}

fn list(asked: &ListArguments, settings: &Path) -> Result<Exit, Failure> {
    let (_, mut warehouse) = opening::current_warehouse(settings)?;
    listed(asked, warehouse.as_mut())?.print(asked.format.format)?;
    Ok(Exit::Done)
}

/// The pipeline isn't looked up in the settings: rejects of one that was removed are still there.
fn listed(asked: &ListArguments, warehouse: &mut dyn Warehouse) -> Result<Listing, Error> {
    let dialect = warehouse.dialect();
    let (rejects, files) = (dialect.stored(&ETL_REJECT), dialect.stored(&ETL_FILE));
    let mut conditions = vec![match asked.state {
        State::Open => "r.state NOT IN ('replayed', 'noted')",
        State::Noted => "r.state = 'noted'",
        State::Replayed => "r.state = 'replayed'",
        State::All => "1 = 1",
    }];
    let mut parameters = vec![Value::Integer(asked.limit)];
    if let Some(pipeline) = &asked.pipeline {
        conditions.push("r.pipeline = ?2");
        parameters.push(pipeline.as_str().into());
    }
    let rows = warehouse.query(
        &format!(
            "SELECT * FROM (SELECT r.reject_no, r.pipeline, \
                 (SELECT MIN(f.name) FROM {files} f WHERE f.pipeline = r.pipeline AND f.unit_id = r.unit_id) AS file, \
                 r.source_line, r.record_kind, r.code, r.field, r.text, r.reason, {value} AS value_at_risk, r.state, \
                 r.rejected_at, ROW_NUMBER() OVER (ORDER BY r.reject_no) AS position, COUNT(*) OVER () AS of_all \
             FROM {rejects} r WHERE {conditions}) q WHERE q.position <= ?1 ORDER BY q.reject_no",
            value = dialect.micros("r.value_at_risk"),
            conditions = conditions.join(" AND "),
        ),
        &parameters,
    )?;
    let mut listing = Listing::new(vec![
        Column::number("reject_no"),
        Column::text("pipeline"),
        Column::text("file"),
        Column::number("line"),
        Column::text("record"),
        Column::text("code"),
        Column::text("field"),
        Column::text("text"),
        Column::text("reason"),
        Column::number("value_at_risk"),
        Column::text("state"),
        Column::text("rejected_at"),
    ]);
    for row in &rows.rows {
        let mut cells: Vec<Cell> = row.iter().take(listing.columns.len()).map(Cell::from).collect();
        cells[9] = row[9].as_integer().map_or(Cell::Null, Cell::decimal);
        listing.rows.push(cells);
    }
    let of_all = rows.rows.first().and_then(|row| row.last()?.as_integer()).unwrap_or(0);
    listing.notes.push(match of_all {
        0 => "no such rejects".to_owned(),
        all if all > asked.limit => format!("the first {} of {all}; --limit {all} lists all", asked.limit),
        _ => "`campaignd rejects show REJECT_NO` shows the row itself".to_owned(),
    });
    Ok(listing)
}

fn show(asked: &ShowArguments, settings: &Path) -> Result<Exit, Failure> {
    let (settings, mut warehouse) = opening::current_warehouse(settings)?;
    let shown = Shown::read(asked.number, &settings, warehouse.as_mut())?;
    let listing = if asked.format.format == Format::Table { shown.for_people() } else { shown.in_full() };
    listing.print(asked.format.format)?;
    match shown.row {
        Ok(_) => Ok(Exit::Done),
        Err(failure) => Err(failure),
    }
}

/// Columns of `etl_reject` as they are shown; the last three are not shown as they are.
const COLUMNS: &[&str] = &[
    "reject_no",
    "state",
    "pipeline",
    "source_line",
    "source_offset",
    "source_length",
    "stage",
    "output_no",
    "record_kind",
    "code",
    "field",
    "text",
    "reason",
    "currency_code",
    "rejected_at",
    "batch_no",
    "replayed_batch_no",
    "ordinal",
    "unit_id",
    "raw_sealed",
];

/// A reject and its row.
struct Shown {
    listing: Listing,
    row: Result<Vec<u8>, Failure>,
}

impl Shown {
    fn read(number: i64, settings: &Settings, warehouse: &mut dyn Warehouse) -> Result<Self, Failure> {
        let dialect = warehouse.dialect();
        let found = warehouse.query(
            &format!(
                "SELECT {}, {} AS value_at_risk FROM {} WHERE reject_no = ?1",
                COLUMNS.join(", "),
                dialect.micros("value_at_risk"),
                dialect.stored(&ETL_REJECT)
            ),
            &[number.into()],
        )?;
        let row = found.rows.first().ok_or_else(|| {
            Failure::Asked(
                Error::permanent("show", format!("reject {number}"), "there is no such reject")
                    .next("`campaignd rejects list --state all` lists them"),
            )
        })?;
        let value = |name: &str| COLUMNS.iter().position(|column| *column == name).map_or(&Value::Null, |at| &row[at]);
        let files = warehouse.query(
            &format!(
                "SELECT name FROM {} WHERE pipeline = ?1 AND unit_id = ?2 ORDER BY first_seen_at, name",
                dialect.stored(&ETL_FILE)
            ),
            &[value("pipeline").clone(), value("unit_id").clone()],
        )?;
        let files: Vec<&str> = files.rows.iter().filter_map(|row| row[0].as_text()).collect();
        let mut listing = Listing::default();
        for (name, value) in COLUMNS.iter().zip(row).filter(|(name, _)| **name != "raw_sealed") {
            listing.columns.push(Column::text(*name));
            listing.rows.resize(1, Vec::new());
            listing.rows[0].push(value.into());
        }
        let at_risk = row.last().and_then(Value::as_integer).map_or(Cell::Null, Cell::decimal);
        for (at, name, cell) in [(3, "files", files.join(", ").into()), (14, "value_at_risk", at_risk)] {
            listing.columns.insert(at, Column::text(name));
            listing.rows[0].insert(at, cell);
        }
        let row = opened(settings, value("unit_id"), value("ordinal"), value("raw_sealed"));
        Ok(Self { listing, row })
    }

    /// A line a field, the row below.
    fn for_people(&self) -> Listing {
        let mut listing = self.listing.transposed();
        match &self.row {
            Ok(row) => match std::str::from_utf8(row) {
                Ok(text) => listing.notes.extend(text.lines().map(str::to_owned)),
                Err(_) => listing.notes.extend(hex_dump(row)),
            },
            Err(_) => listing.notes.push("the row itself can't be shown".to_owned()),
        }
        listing
    }

    /// One record, the row in its last two columns: as text where it is, always in hexadecimal.
    fn in_full(&self) -> Listing {
        let mut listing = self.listing.clone();
        let row = self.row.as_ref().ok();
        listing.columns.extend(["raw_text", "raw_hex"].map(Column::text));
        listing.rows[0].push(row.and_then(|row| std::str::from_utf8(row).ok()).into());
        listing.rows[0].push(row.map(|row| hexadecimal(row)).into());
        listing
    }
}

fn opened(settings: &Settings, unit_id: &Value, ordinal: &Value, sealed: &Value) -> Result<Vec<u8>, Failure> {
    let ordinal = ordinal.as_integer().and_then(|ordinal| u64::try_from(ordinal).ok()).unwrap_or_default();
    let place = Place { ordinal, offset: 0, length: 0, line: 0 };
    let sealed = match sealed {
        Value::Bytes(sealed) => sealed.as_slice(),
        _ => &[],
    };
    Ok(opening::seal(settings)?.open(sealed, &sealed_place(unit_id.as_text().unwrap_or_default(), &place))?)
}

/// Sixteen bytes a line: offset, hexadecimal digits, text.
fn hex_dump(bytes: &[u8]) -> Vec<String> {
    let line = |(number, chunk): (usize, &[u8])| {
        let digits: Vec<String> = chunk.iter().map(|byte| format!("{byte:02x}")).collect();
        let text: String =
            chunk.iter().map(|byte| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '.' }).collect();
        format!("{:08x}  {:<47}  {text}", number * 16, digits.join(" "))
    };
    bytes.chunks(16).enumerate().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::listing::Screen;
    use crate::cli::tests::{Fixture, undated};

    fn asked(state: State, limit: i64) -> ListArguments {
        ListArguments { pipeline: Some("inbound-calls".to_owned()), state, limit, format: FormatArgument::default() }
    }

    #[test]
    fn rejects_are_listed_with_their_place() {
        let fixture = Fixture::new();
        let (_, mut warehouse) = fixture.loaded();
        let listing = listed(&asked(State::Open, 1), warehouse.as_mut()).unwrap();
        insta::assert_snapshot!(undated(&listing.render(Format::Csv, Screen::Plain).unwrap()), @r#"
        reject_no,pipeline,file,line,record,code,field,text,reason,value_at_risk,state,rejected_at
        1,inbound-calls,march.csv,4,campaign_response,bad_date,occurred_at,2025-02-30,there is no such day,12.5,open,[moment]
        "#);
        assert_eq!(listing.notes, ["the first 1 of 2; --limit 2 lists all"]);
        assert_eq!(listed(&asked(State::All, 9), warehouse.as_mut()).unwrap().rows.len(), 2);
        assert_eq!(listed(&asked(State::Replayed, 9), warehouse.as_mut()).unwrap().notes, ["no such rejects"]);
    }

    #[test]
    fn a_reject_shows_its_row() {
        let fixture = Fixture::new();
        let (settings, mut warehouse) = fixture.loaded();
        let shown = Shown::read(1, &settings, warehouse.as_mut()).unwrap();
        insta::assert_snapshot!(undated(&shown.for_people().render(Format::Table, Screen::Plain).unwrap()), @r#"
        field              value
        reject_no          1
        state              open
        pipeline           inbound-calls
        files              march.csv
        source_line        4
        source_offset      40
        source_length      18
        stage              map
        output_no          0
        record_kind        campaign_response
        code               bad_date
        field              occurred_at
        text               2025-02-30
        reason             there is no such day
        value_at_risk      12.5
        currency_code      –
        rejected_at        [moment]
        batch_no           1
        replayed_batch_no  –
        ordinal            2
        unit_id            sha256:aa:100

        7,2025-02-30,12.50
        "#);
        let json = shown.in_full().render(Format::Json, Screen::Plain).unwrap();
        assert!(json.contains(r#""raw_text": "7,2025-02-30,12.50""#), "{json}");
        assert!(json.contains(r#""value_at_risk": 12.5,"#), "{json}");
        let binary = Shown::read(2, &settings, warehouse.as_mut()).unwrap();
        assert_eq!(binary.for_people().notes, ["00000000  ff fe 41                                         ..A"]);
        let missing = Shown::read(3, &settings, warehouse.as_mut()).err().unwrap();
        assert_eq!((missing.exit(), missing.to_string().contains("there is no such reject")), (Exit::Usage, true));
    }

    #[test]
    fn another_key_doesn_t_open_it() {
        let fixture = Fixture::new();
        let (settings, mut warehouse) = fixture.loaded();
        fixture.change_key();
        let shown = Shown::read(1, &settings, warehouse.as_mut()).unwrap();
        assert_eq!(shown.for_people().notes, ["the row itself can't be shown"]);
        assert_eq!(shown.row.unwrap_err().exit(), Exit::Settings);
    }
}
