//! Stands in for the command.

use std::path::Path;
use std::process::ExitCode;

/// Stands in.
pub fn run(_pipelines: &[String], _settings: &Path) -> ExitCode {
    super::exit::Exit::Defect.into()
}
