//! `campaignd copybook layout`: where each field stands.

use std::path::PathBuf;

use campaignd_copybook::layout::lines;

use super::{Copies, laid_out};
use crate::cli::exit::{Exit, Failure};
use crate::cli::listing::{Cell, Column, FormatArgument, Listing};

/// Show where each field of a copybook stands and what it holds.
///
/// Offsets count from 0 and hold with every table full; a `~` stands before those that a table in front of them moves.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The copybook.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Its members.
    #[command(flatten)]
    pub copies: Copies,
    /// How to print it.
    #[command(flatten)]
    pub format: FormatArgument,
}

/// Prints the layout.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let layout = laid_out(&arguments.file, &arguments.copies)?;
    let rows = lines(&layout)
        .into_iter()
        .map(|line| {
            let moves = if line.fixed { "" } else { "~" };
            vec![
                format!("{:02}", line.level).into(),
                format!("{}{}", "  ".repeat(line.depth), line.name).into(),
                line.picture.into(),
                format!("{moves}{}", line.offset).into(),
                Cell::Number(line.length.to_string()),
                line.occurs.into(),
                line.holds.into(),
            ]
        })
        .collect();
    let columns = vec![
        Column::text("level"),
        Column::text("name"),
        Column::text("picture"),
        Column::number("offset"),
        Column::number("length"),
        Column::text("occurs"),
        Column::text("holds"),
    ];
    let notes = layout
        .records
        .iter()
        .map(|record| {
            let (shortest, longest) = (layout.shortest(*record), layout.longest(*record));
            let name = Some(layout.items[*record].name.as_str()).filter(|name| !name.is_empty()).unwrap_or("a record");
            if shortest == longest {
                format!("{name} has {longest} bytes")
            } else {
                format!("{name} has {shortest} to {longest} bytes")
            }
        })
        .collect();
    Listing { columns, rows, notes }.print(arguments.format.format)?;
    Ok(Exit::Done)
}
