//! `campaignd sample`: commented settings to start from. Every one of them passes `campaignd check`.

use std::path::Path;
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;

use crate::connectors::{FORMATS, SOURCES, WAREHOUSES};

const DAEMON: &str = include_str!("../config/samples/campaignd.toml");
const PIPELINE: &str = include_str!("../config/samples/pipeline.toml");

/// Print commented settings to start from.
///
/// `campaignd` is a whole campaignd.toml and `pipeline` a whole pipeline; every other kind is the table of one
/// connector with all its settings.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What to show
    #[arg(value_parser = PossibleValuesParser::new(kinds()))]
    pub kind: String,
}

/// Prints the sample to standard output.
pub fn run(arguments: &Arguments, _settings: &Path) -> ExitCode {
    if let Some(sample) = sample(&arguments.kind) {
        print!("{sample}");
        return ExitCode::SUCCESS;
    }
    // Not reached from the command line, whose parser knows the kinds.
    eprintln!("could not show a sample of {}: there is none; the kinds are {}", arguments.kind, kinds().join(", "));
    ExitCode::FAILURE
}

/// Everything there is a sample of.
pub fn kinds() -> Vec<&'static str> {
    let sources = SOURCES.iter().map(|connector| connector.kind);
    let formats = FORMATS.iter().map(|connector| connector.kind);
    let warehouses = WAREHOUSES.iter().map(|connector| connector.kind);
    ["campaignd", "pipeline"].into_iter().chain(sources).chain(formats).chain(warehouses).collect()
}

/// The sample of that kind.
pub fn sample(kind: &str) -> Option<&'static str> {
    let sources = SOURCES.iter().map(|connector| (connector.kind, connector.sample));
    let formats = FORMATS.iter().map(|connector| (connector.kind, connector.sample));
    let warehouses = WAREHOUSES.iter().map(|connector| (connector.kind, connector.sample));
    let whole = [("campaignd", DAEMON), ("pipeline", PIPELINE)];
    let mut samples = whole.into_iter().chain(sources).chain(formats).chain(warehouses);
    samples.find(|(name, _)| *name == kind).map(|(_, sample)| sample)
}
