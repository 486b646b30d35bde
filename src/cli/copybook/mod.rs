//! `campaignd copybook`: look at COBOL copybooks and at the files they describe. Needs neither settings nor warehouse.

mod cobrix;
mod decode;
mod diff;
mod doctor;
mod layout;
mod profile;
mod reading;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use campaignd_copybook::layout::Layout;
use campaignd_formats::read_copybook;

use super::exit::{Failure, end};

/// Look at COBOL copybooks and at the files they describe.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Layout(layout::Arguments),
    Diff(diff::Arguments),
    Decode(decode::Arguments),
    Profile(profile::Arguments),
    Doctor(doctor::Arguments),
}

/// Where the members are that copybooks copy.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Copies {
    /// Folder of the members that the copybook copies.
    #[arg(long, value_name = "FOLDER")]
    pub copies: Option<PathBuf>,
}

/// Does what was asked.
pub fn run(arguments: &Arguments, _settings: &Path) -> ExitCode {
    end(match &arguments.command {
        Command::Layout(arguments) => layout::run(arguments),
        Command::Diff(arguments) => diff::run(arguments),
        Command::Decode(arguments) => decode::run(arguments),
        Command::Profile(arguments) => profile::run(arguments),
        Command::Doctor(arguments) => doctor::run(arguments),
    })
}

/// The layout of a copybook's file.
fn laid_out(file: &Path, copies: &Copies) -> Result<Layout, Failure> {
    read_copybook(file, copies.copies.as_deref()).map(|copybook| copybook.layout).map_err(Failure::Input)
}
