//! `campaignd rejects replay`: load rejected rows that fit by now.

use std::path::Path;
use std::process::ExitCode;

use campaignd_contract::Supervision;

use super::exit::{Exit, end};
use super::once::chosen;
use super::{opening, print};
use crate::pipeline;
use crate::roi;

/// Replays the open rejects of these pipelines, or of all.
pub fn run(names: &[String], settings: &Path) -> ExitCode {
    end(opening::current_warehouse(settings).and_then(|(settings, mut warehouse)| {
        for pipeline in chosen(&settings, names)? {
            let assembled = pipeline::assemble(&settings, pipeline, None, &Supervision::default())?;
            let replayed = pipeline::replay(warehouse.as_mut(), &assembled)?;
            if replayed.loaded + replayed.again > 0 {
                print::line(&format!(
                    "{}: {} loaded, {} rejected again",
                    pipeline.settings.name, replayed.loaded, replayed.again
                ))?;
            }
        }
        roi::refresh(warehouse.as_mut(), &settings.daemon.roi)?;
        Ok(Exit::Done)
    }))
}
