//! `campaignd copybook diff`: what another version of a copybook changes.

use std::path::PathBuf;

use campaignd_copybook::layout::changes;

use super::{Copies, laid_out};
use crate::cli::exit::{Exit, Failure};
use crate::cli::listing::{Cell, Column, FormatArgument, Listing};

/// Say what another version of a copybook adds, removes, widens, narrows, retypes and moves.
///
/// Fields are known by their names and those of the groups around them.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The version before.
    #[arg(value_name = "BEFORE")]
    pub before: PathBuf,
    /// The version after.
    #[arg(value_name = "AFTER")]
    pub after: PathBuf,
    /// Their members.
    #[command(flatten)]
    pub copies: Copies,
    /// How to print it.
    #[command(flatten)]
    pub format: FormatArgument,
}

/// Prints the changes.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let before = laid_out(&arguments.before, &arguments.copies)?;
    let after = laid_out(&arguments.after, &arguments.copies)?;
    let rows: Vec<Vec<Cell>> = changes(&before, &after)
        .into_iter()
        .map(|change| vec![change.kind.word().into(), change.path.into(), change.before.into(), change.after.into()])
        .collect();
    let notes = if rows.is_empty() { vec!["both describe the same records".to_owned()] } else { Vec::new() };
    let columns = ["change", "field", "before", "after"].map(Column::text).to_vec();
    Listing { columns, rows, notes }.print(arguments.format.format)?;
    Ok(Exit::Done)
}
