//! `campaignd schema`: the tables, and what their columns mean.

use std::path::Path;
use std::process::ExitCode;

use campaignd_contract::{Column, ColumnType, Error, Table};

use super::exit::{Exit, Failure, end};
use super::listing::{self, Cell, FormatArgument, Listing};
use crate::model::{TABLES, table};

/// Show the warehouse's tables and what each column means.
///
/// Without a name, all tables; with names, the columns of those. Tables of the groups reference and facts can be the
/// `record` of a pipeline's output.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Tables to show the columns of; `all` for all of them.
    #[arg(value_name = "TABLE")]
    pub tables: Vec<String>,
    /// How to print it.
    #[command(flatten)]
    pub format: FormatArgument,
}

/// Prints the tables, or their columns. Needs neither settings nor warehouse.
pub fn run(arguments: &Arguments, _settings: &Path) -> ExitCode {
    end(printed(arguments))
}

fn printed(arguments: &Arguments) -> Result<Exit, Failure> {
    listing(arguments)?.print(arguments.format.format)?;
    Ok(Exit::Done)
}

/// The tables, or their columns.
pub fn listing(arguments: &Arguments) -> Result<Listing, Failure> {
    if arguments.tables.is_empty() {
        let rows = TABLES
            .iter()
            .map(|table| {
                [table.group.name(), table.name, table.meaning, &table.key.join(", "), table.term]
                    .map(Cell::from)
                    .to_vec()
            })
            .collect();
        let columns = ["group", "table", "meaning", "key", "term_from"].map(listing::Column::text).to_vec();
        return Ok(Listing { columns, rows, notes: vec!["`campaignd schema TABLE` shows its columns".to_owned()] });
    }
    let mut tables = Vec::new();
    for name in &arguments.tables {
        match table(name) {
            Some(table) => tables.push(table),
            None if name == "all" => tables.extend(TABLES),
            None => return Err(unknown(name)),
        }
    }
    let columns =
        ["table", "column", "type", "required", "unit", "meaning", "term_from"].map(listing::Column::text).to_vec();
    let mut rows = Vec::new();
    for table in tables {
        rows.extend(table.columns.iter().map(|column| described(table, column)));
        rows.extend(table.inputs.iter().map(|input| {
            [table.name, input.name, "input", "no", "", input.meaning, "campaignd"].map(Cell::from).to_vec()
        }));
    }
    Ok(Listing { columns, rows, notes: Vec::new() })
}

fn described(table: &Table, column: &Column) -> Vec<Cell> {
    let required = if table.key.contains(&column.name) {
        "key"
    } else if column.required && column.default.is_none() && column.kind != ColumnType::Identity {
        "yes"
    } else {
        "no"
    };
    let mut meaning = column.meaning.to_owned();
    if let Some(default) = column.default {
        meaning = format!("{meaning} (default {default})");
    }
    let term = if column.term.is_empty() { "campaignd" } else { column.term };
    vec![
        table.name.into(),
        column.name.into(),
        type_name(column.kind).into(),
        required.into(),
        column.unit.into(),
        meaning.into(),
        term.into(),
    ]
}

/// A type in words.
pub fn type_name(kind: ColumnType) -> String {
    match kind {
        ColumnType::Text(length) => format!("text({length})"),
        ColumnType::Choice(words) => format!("one of {}", words.join(", ")),
        ColumnType::Integer => "integer".to_owned(),
        ColumnType::Decimal => "decimal(19,6)".to_owned(),
        ColumnType::Date => "date".to_owned(),
        ColumnType::Timestamp => "timestamp".to_owned(),
        ColumnType::Boolean => "boolean".to_owned(),
        ColumnType::Bytes => "bytes".to_owned(),
        ColumnType::Identity => "integer, assigned".to_owned(),
    }
}

fn unknown(name: &str) -> Failure {
    let near = TABLES
        .iter()
        .map(|table| (strsim::jaro_winkler(table.name, name), table.name))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness > 0.8);
    let next = match near {
        Some((_, table)) => format!("did you mean `{table}`?"),
        None => "`campaignd schema` lists the tables".to_owned(),
    };
    Failure::Asked(Error::permanent("show", format!("the table `{name}`"), "there is no such table").next(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(tables: &[&str]) -> Arguments {
        Arguments { tables: tables.iter().map(|&name| name.to_owned()).collect(), format: FormatArgument::default() }
    }

    #[test]
    fn every_table_and_column_is_shown() {
        let tables = listing(&asked(&[])).unwrap();
        assert_eq!(tables.rows.len(), TABLES.len());
        let all = listing(&asked(&["all"])).unwrap();
        let columns: usize = TABLES.iter().map(|table| table.columns.len() + table.inputs.len()).sum();
        assert_eq!(all.rows.len(), columns);
        assert!(all.rows.iter().all(|row| row.len() == all.columns.len()));
    }

    #[test]
    fn columns_say_what_they_are() {
        let shown = listing(&asked(&["fx_rate"])).unwrap();
        assert_eq!(
            shown.rows[0],
            ["fx_rate", "from_currency", "text(3)", "key", "ISO 4217", "Currency converted from", "campaignd"]
                .map(Cell::from)
        );
        assert_eq!(
            shown.rows[4][5],
            "For how many units of from_currency the rate is: 1, or 100 as central banks publish some (default 1)"
                .into()
        );
    }

    #[test]
    fn a_wrong_name_gets_the_right_one() {
        let wrong = |name: &str| listing(&asked(&[name])).unwrap_err().to_string();
        assert_eq!(
            wrong("campain"),
            "could not show the table `campain`: there is no such table; did you mean `campaign`?"
        );
        assert_eq!(
            wrong("x"),
            "could not show the table `x`: there is no such table; `campaignd schema` lists the tables"
        );
    }
}
