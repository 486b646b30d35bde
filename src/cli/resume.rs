//! `campaignd resume`: let a paused pipeline go on.

use std::path::Path;
use std::process::ExitCode;

use campaignd_contract::Warehouse;

use super::exit::{Exit, Failure, end};
use super::{opening, pause, print};

/// Let a paused pipeline go on.
///
/// Every daemon of the warehouse heeds it within 30 seconds. What was due before the pause runs then; what became due
/// during it was skipped, and `campaignd backfill` brings it.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The pipeline.
    pub pipeline: String,
}

/// Resumes it and says so.
pub fn run(arguments: &Arguments, settings: &Path) -> ExitCode {
    end(opening::current_warehouse(settings).and_then(|(settings, mut warehouse)| {
        opening::known_pipelines(&settings, std::slice::from_ref(&arguments.pipeline))?;
        print::line(&resumed(&arguments.pipeline, warehouse.as_mut())?)?;
        Ok(Exit::Done)
    }))
}

/// What there is to say of it.
pub(super) fn resumed(name: &str, warehouse: &mut dyn Warehouse) -> Result<String, Failure> {
    Ok(match crate::load::pause::resume(warehouse, name)? {
        None => format!("nothing changed: {name} isn't paused"),
        Some(before) => format!(
            "{name} goes on; it was {}\na daemon heeds it within 30 seconds; what was skipped meanwhile is brought by \
             `campaignd backfill {name}` or `campaignd once {name}`",
            pause::told(&before)
        ),
    })
}
