//! Tables as commands print them: for people on a terminal, plain in a pipe, or as CSV or JSON with exact values.

use std::io::{self, IsTerminal as _};

use campaignd_contract::Value;
use comfy_table::{Attribute, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, presets};
use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};
use serde_json::value::RawValue;

use super::print;

/// How a listing is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// A table on a terminal, plain columns in a pipe
    #[default]
    Table,
    /// Comma-separated values, RFC 4180
    Csv,
    /// A JSON array of objects
    Json,
}

/// The option that every listing has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::Args)]
pub struct FormatArgument {
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name: heading in tables and CSV, key in JSON.
    pub name: String,
    /// Whether it is aligned to the right in tables.
    pub right: bool,
}

impl Column {
    /// A column aligned to the left.
    pub fn text(name: impl Into<String>) -> Self {
        Self { name: name.into(), right: false }
    }

    /// A column aligned to the right.
    pub fn number(name: impl Into<String>) -> Self {
        Self { name: name.into(), right: true }
    }
}

/// What a word means to its reader; a colour on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As hoped.
    Good,
    /// Something to look at.
    Notable,
    /// Something is wrong.
    Bad,
}

/// A value in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Text.
    Text(String),
    /// Text that is coloured on a terminal.
    Toned(String, Tone),
    /// A number, written as JSON writes it, so that no digit is lost.
    Number(String),
    /// No value: a dash in tables, empty in CSV, `null` in JSON.
    Null,
}

impl Cell {
    /// A decimal of whole millionths, with as many digits after the point as it needs.
    pub fn decimal(micros: impl Into<i128>) -> Self {
        let micros = micros.into();
        let sign = if micros < 0 { "-" } else { "" };
        let (whole, fraction) = (micros.unsigned_abs() / 1_000_000, micros.unsigned_abs() % 1_000_000);
        let text = format!("{sign}{whole}.{fraction:06}");
        Self::Number(text.trim_end_matches('0').trim_end_matches('.').to_owned())
    }

    /// The value as text, `None` where there is none.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Toned(text, _) | Self::Number(text) => Some(text),
            Self::Null => None,
        }
    }

    fn shown(&self) -> String {
        self.as_text().map_or_else(|| "–".to_owned(), printable)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number.to_string())
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Number(number.to_string())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl From<&Value> for Cell {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Integer(number) => (*number).into(),
            Value::Text(text) => text.as_str().into(),
            Value::Micros(micros) => Self::decimal(*micros),
            Value::Date(days) => {
                let date = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(*days));
                date.map_or_else(|_| format!("day {days}"), |date| date.to_string()).into()
            }
            Value::Timestamp(micros) => match jiff::Timestamp::from_microsecond(*micros) {
                Ok(instant) => instant.strftime("%Y-%m-%d %H:%M:%S%.f").to_string().into(),
                Err(_) => format!("microsecond {micros}").into(),
            },
            Value::Bytes(bytes) => hexadecimal(bytes).into(),
        }
    }
}

/// An instant as people read it: in UTC, without fractions of seconds.
pub fn moment(instant: jiff::Timestamp) -> String {
    instant.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Bytes as hexadecimal digits.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |hex, byte| hex + &format!("{byte:02x}"))
}

/// The text with its control characters escaped: input must not move a terminal's cursor.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// A table to be printed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// The columns.
    pub columns: Vec<Column>,
    /// Rows of a cell a column.
    pub rows: Vec<Vec<Cell>>,
    /// Lines for people: below a table, on standard error beside CSV and JSON.
    pub notes: Vec<String>,
}

/// What a table is printed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// A pipe or a file: no lines, no colours, no wrapping.
    Plain,
    /// A terminal.
    Terminal {
        /// Characters that fit in a line; `None`: asks the terminal.
        width: Option<u16>,
        /// Whether it takes colours.
        colour: bool,
    },
}

impl Screen {
    /// Standard output.
    pub fn of_stdout() -> Self {
        if io::stdout().is_terminal() {
            Self::Terminal { width: None, colour: print::colour_on_stdout() }
        } else {
            Self::Plain
        }
    }
}

impl Listing {
    /// A listing without rows.
    pub fn new(columns: Vec<Column>) -> Self {
        Self { columns, ..Self::default() }
    }

    /// Prints it to standard output.
    ///
    /// # Errors
    ///
    /// Where standard output can't be written; a closed pipe is none.
    pub fn print(&self, format: Format) -> io::Result<()> {
        print::output(&self.render(format, Screen::of_stdout())?)?;
        if format != Format::Table {
            print::error(&self.notes_text());
        }
        Ok(())
    }

    /// It as text of whole lines. `screen` matters to tables only.
    ///
    /// # Errors
    ///
    /// For JSON, where a number isn't one.
    pub fn render(&self, format: Format, screen: Screen) -> io::Result<String> {
        match format {
            Format::Table => Ok(self.table(screen)),
            Format::Csv => self.csv(),
            Format::Json => Ok(serde_json::to_string_pretty(&Objects(self))? + "\n"),
        }
    }

    /// What fits a terminal: without the columns that only machines ask for, and without fractions of seconds.
    #[must_use]
    pub fn fitting(mut self, for_machines: &[&str]) -> Self {
        let keep: Vec<bool> = self.columns.iter().map(|column| !for_machines.contains(&column.name.as_str())).collect();
        let is_moment: Vec<bool> = self.columns.iter().map(|column| column.name.ends_with("_at")).collect();
        for row in &mut self.rows {
            for (cell, _) in row.iter_mut().zip(&is_moment).filter(|(_, is_moment)| **is_moment) {
                if let Cell::Text(moment) = cell {
                    moment.truncate(moment.find('.').unwrap_or(moment.len()));
                }
            }
            let mut kept = keep.iter();
            row.retain(|_| kept.next().copied().unwrap_or(true));
        }
        let mut kept = keep.iter();
        self.columns.retain(|_| kept.next().copied().unwrap_or(true));
        self
    }

    /// Each column as a row of name and value: one record, for people.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let columns = vec![Column::text("field"), Column::text("value")];
        let rows = self.rows.iter().flat_map(|row| {
            self.columns.iter().zip(row).map(|(column, cell)| vec![Cell::from(column.name.as_str()), cell.clone()])
        });
        Self { columns, rows: rows.collect(), notes: self.notes.clone() }
    }

    fn table(&self, screen: Screen) -> String {
        let mut table = Table::new();
        table.force_no_tty();
        let mut colours = false;
        match screen {
            Screen::Plain => {
                table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
            }
            Screen::Terminal { width, colour } => {
                table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
                if let Some(width) = width.or_else(terminal_width) {
                    table.set_width(width);
                }
                if colour {
                    table.enforce_styling();
                    colours = true;
                }
            }
        }
        table.set_header(self.columns.iter().map(|column| {
            let cell = comfy_table::Cell::new(printable(&column.name));
            if colours { cell.add_attribute(Attribute::Bold) } else { cell }
        }));
        table.add_rows(self.rows.iter().map(|row| row.iter().map(|cell| styled(cell, colours)).collect::<Vec<_>>()));
        for (drawn, column) in table.column_iter_mut().zip(&self.columns) {
            if column.right {
                drawn.set_cell_alignment(CellAlignment::Right);
                // A number broken in two reads as two.
                drawn.set_constraint(ColumnConstraint::ContentWidth);
            }
            if screen == Screen::Plain {
                drawn.set_padding((0, 2));
            }
        }
        let mut text = String::new();
        for line in table.lines() {
            text.push_str(line.trim_end());
            text.push('\n');
        }
        if !self.notes.is_empty() {
            text.push('\n');
            text.push_str(&self.notes_text());
        }
        text
    }

    fn csv(&self) -> io::Result<String> {
        let mut writer =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::with_capacity(4_096));
        writer.write_record(self.columns.iter().map(|column| column.name.as_str()))?;
        for row in &self.rows {
            writer.write_record(row.iter().map(|cell| cell.as_text().unwrap_or_default()))?;
        }
        let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
        String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    fn notes_text(&self) -> String {
        self.notes.iter().map(|note| printable(note) + "\n").collect()
    }
}

fn terminal_width() -> Option<u16> {
    // A table that isn't told to be off a terminal asks it.
    Table::new().width()
}

fn styled(cell: &Cell, colours: bool) -> comfy_table::Cell {
    let drawn = comfy_table::Cell::new(cell.shown());
    match cell {
        Cell::Toned(_, tone) if colours => drawn.fg(match tone {
            Tone::Good => Color::Green,
            Tone::Notable => Color::Yellow,
            Tone::Bad => Color::Red,
        }),
        _ => drawn,
    }
}

/// The rows as JSON objects.
struct Objects<'a>(&'a Listing);

impl Serialize for Objects<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut objects = serializer.serialize_seq(Some(self.0.rows.len()))?;
        for row in &self.0.rows {
            objects.serialize_element(&Object { columns: &self.0.columns, row })?;
        }
        objects.end()
    }
}

struct Object<'a> {
    columns: &'a [Column],
    row: &'a [Cell],
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.row.len()))?;
        for (column, cell) in self.columns.iter().zip(self.row) {
            object.serialize_entry(&column.name, cell)?;
        }
        object.end()
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) | Self::Toned(text, _) => serializer.serialize_str(text),
            Self::Number(number) => {
                RawValue::from_string(number.clone()).map_err(serde::ser::Error::custom)?.serialize(serializer)
            }
            Self::Null => serializer.serialize_unit(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Listing {
        Listing {
            columns: vec![Column::text("name"), Column::number("revenue"), Column::text("pays")],
            rows: vec![
                vec![
                    "Voice mail, \"gold\"".into(),
                    Cell::decimal(9_999_999_999_999_999_999_i128),
                    Cell::Toned("yes".into(), Tone::Good),
                ],
                vec!["Caller\u{1b}[2J\nID".into(), Cell::Null, Cell::Toned("no".into(), Tone::Bad)],
                vec!["大阪".into(), Cell::decimal(-500_000), "undecided".into()],
            ],
            notes: vec!["– its cost is unknown: Caller ID".into()],
        }
    }

    fn rendered(format: Format, screen: Screen) -> String {
        sample().render(format, screen).unwrap()
    }

    #[test]
    fn plain_columns_in_a_pipe() {
        insta::assert_snapshot!(rendered(Format::Table, Screen::Plain), @r#"
        name                              revenue  pays
        Voice mail, "gold"   9999999999999.999999  yes
        Caller\u{1b}[2J\nID                     –  no
        大阪                                 -0.5  undecided

        – its cost is unknown: Caller ID
        "#);
    }

    #[test]
    fn a_table_on_a_terminal() {
        insta::assert_snapshot!(rendered(Format::Table, Screen::Terminal { width: Some(60), colour: false }), @r#"
        ┌─────────────────────┬──────────────────────┬───────────┐
        │ name                ┆              revenue ┆ pays      │
        ╞═════════════════════╪══════════════════════╪═══════════╡
        │ Voice mail, "gold"  ┆ 9999999999999.999999 ┆ yes       │
        │ Caller\u{1b}[2J\nID ┆                    – ┆ no        │
        │ 大阪                ┆                 -0.5 ┆ undecided │
        └─────────────────────┴──────────────────────┴───────────┘

        – its cost is unknown: Caller ID
        "#);
        insta::assert_snapshot!(rendered(Format::Table, Screen::Terminal { width: Some(36), colour: false }), @r#"
        ┌─────┬──────────────────────┬─────┐
        │ nam ┆              revenue ┆ pay │
        │ e   ┆                      ┆ s   │
        ╞═════╪══════════════════════╪═════╡
        │ Voi ┆ 9999999999999.999999 ┆ yes │
        │ ce  ┆                      ┆     │
        │ mai ┆                      ┆     │
        │ l,  ┆                      ┆     │
        │ "go ┆                      ┆     │
        │ ld" ┆                      ┆     │
        │ Cal ┆                    – ┆ no  │
        │ ler ┆                      ┆     │
        │ \u{ ┆                      ┆     │
        │ 1b} ┆                      ┆     │
        │ [2J ┆                      ┆     │
        │ \nI ┆                      ┆     │
        │ D   ┆                      ┆     │
        │ 大  ┆                 -0.5 ┆ und │
        │ 阪  ┆                      ┆ eci │
        │     ┆                      ┆ ded │
        └─────┴──────────────────────┴─────┘

        – its cost is unknown: Caller ID
        "#);
    }

    #[test]
    fn colours_only_where_wanted() {
        let coloured = rendered(Format::Table, Screen::Terminal { width: Some(60), colour: true });
        assert!(coloured.contains("\u{1b}[38;5;10m yes"), "{coloured:?}");
        assert!(coloured.contains("\u{1b}[38;5;9m no"), "{coloured:?}");
        assert!(!rendered(Format::Table, Screen::Terminal { width: Some(60), colour: false }).contains('\u{1b}'));
        assert!(!rendered(Format::Table, Screen::Plain).contains('\u{1b}'));
    }

    #[test]
    fn csv_reads_back() {
        let text = rendered(Format::Csv, Screen::Plain);
        insta::assert_snapshot!(text.replace("\r\n", "⏎\n").replace('\u{1b}', "␛"), @r#"
        name,revenue,pays⏎
        "Voice mail, ""gold""",9999999999999.999999,yes⏎
        "Caller␛[2J
        ID",,no⏎
        大阪,-0.5,undecided⏎
        "#);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows[1].iter().collect::<Vec<_>>(), ["Caller\u{1b}[2J\nID", "", "no"]);
    }

    #[test]
    fn json_keeps_every_digit() {
        insta::assert_snapshot!(rendered(Format::Json, Screen::Plain), @r#"
        [
          {
            "name": "Voice mail, \"gold\"",
            "revenue": 9999999999999.999999,
            "pays": "yes"
          },
          {
            "name": "Caller\u001b[2J\nID",
            "revenue": null,
            "pays": "no"
          },
          {
            "name": "大阪",
            "revenue": -0.5,
            "pays": "undecided"
          }
        ]
        "#);
        let wrong =
            Listing { columns: vec![Column::number("n")], rows: vec![vec![Cell::Number("1,0".into())]], notes: vec![] };
        assert!(wrong.render(Format::Json, Screen::Plain).is_err());
    }

    #[test]
    fn values_of_the_warehouse_are_written_alike() {
        let cell = |value: Value| Cell::from(&value);
        assert_eq!(cell(Value::Micros(-1)), Cell::Number("-0.000001".into()));
        assert_eq!(cell(Value::Micros(6_720_000_000)), Cell::Number("6720".into()));
        assert_eq!(cell(Value::Micros(i64::MIN)), Cell::Number("-9223372036854.775808".into()));
        assert_eq!(cell(Value::Date(-1)), "1969-12-31".into());
        assert_eq!(cell(Value::Timestamp(1_500_000)), "1970-01-01 00:00:01.5".into());
        assert_eq!(cell(Value::Bytes(vec![0, 255])), "00ff".into());
        assert_eq!(cell(Value::Null), Cell::Null);
    }
}
