//! `campaignd check`: everything that is wrong with the settings, in one go.

use std::path::Path;
use std::process::ExitCode;

use super::exit::{Exit, Failure, end};
use super::print;
use crate::config::{self, Report};

/// Check campaignd.toml and every pipeline.
///
/// Says everything that is wrong in one go, each mistake with its file, line and column and what to do about it.
/// Reads no input and touches neither warehouse nor sources.
///
/// Exit codes: 0 nothing is wrong (there may be warnings), 78 the settings can't be used.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Prints the problems to standard error and a summary to standard output.
pub fn run(_arguments: &Arguments, settings: &Path) -> ExitCode {
    end(printed(settings))
}

fn printed(settings: &Path) -> Result<Exit, Failure> {
    let report = config::check(settings);
    print::error(&report.render(print::colour_on_stderr()));
    print::output(&format!("{}\n", summary(&report)))?;
    Ok(if report.errors() > 0 { Exit::Settings } else { Exit::Done })
}

fn summary(report: &Report) -> String {
    let files = print::counted(report.files as u64, "file");
    match (report.errors(), report.warnings()) {
        (0, 0) => format!("{files} checked, nothing is wrong"),
        (errors, 0) => format!("{files} checked, {}", print::counted(errors as u64, "error")),
        (0, warnings) => format!("{files} checked, {}", print::counted(warnings as u64, "warning")),
        (errors, warnings) => format!(
            "{files} checked, {} and {}",
            print::counted(errors as u64, "error"),
            print::counted(warnings as u64, "warning")
        ),
    }
}
