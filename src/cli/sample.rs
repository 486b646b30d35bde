//! `campaignd sample`: commented settings to start from. Every one of them passes `campaignd check`.

use std::path::Path;
use std::process::ExitCode;

use campaignd_contract::Error;
use clap::builder::PossibleValuesParser;

use super::exit::{Exit, Failure, end};
use super::print;
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
    end(printed(&arguments.kind))
}

fn printed(kind: &str) -> Result<Exit, Failure> {
    // The command line's parser knows the kinds: an unknown one doesn't get here.
    let sample = sample(kind).ok_or_else(|| {
        Failure::Asked(
            Error::permanent("show", format!("a sample of {kind}"), "there is none")
                .next(format!("the kinds are {}", kinds().join(", "))),
        )
    })?;
    print::output(sample)?;
    Ok(Exit::Done)
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
