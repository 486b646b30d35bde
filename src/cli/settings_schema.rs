//! `campaignd settings-schema`: the settings as JSON Schema, so that editors complete and check them.

use std::path::Path;
use std::process::ExitCode;

use super::exit::{Exit, Failure, end};
use super::print;
use crate::config;

/// Print the JSON Schema (draft 2020-12) of a settings file.
///
/// Editors complete and check TOML by it. With taplo or Even Better TOML, save it and name it in the first line of
/// the TOML file: `#:schema ./pipeline.schema.json`
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Which file it is for
    #[arg(value_enum, default_value = "pipeline")]
    pub file: File,
}

/// Which settings file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum File {
    /// A pipeline file
    Pipeline,
    /// campaignd.toml
    Campaignd,
}

/// Prints the schema to standard output.
pub fn run(arguments: &Arguments, _settings: &Path) -> ExitCode {
    let schema = match arguments.file {
        File::Pipeline => config::pipeline_schema(),
        File::Campaignd => config::daemon_schema(),
    };
    end(print::output(&format!("{schema:#}\n")).map(|()| Exit::Done).map_err(Failure::from))
}
