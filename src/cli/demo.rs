//! Stands in for the command.

use std::path::Path;
use std::process::ExitCode;

/// Stands in.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Stands in.
pub fn run(_arguments: &Arguments, _settings: &Path) -> ExitCode {
    super::exit::Exit::Defect.into()
}
