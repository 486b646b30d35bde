//! One run of a pipeline: discover, claim, decode, map, load, release.
//!
//! Two threads share the work: one decodes and maps, the other writes to the warehouse. Between them stand a few
//! batches, so memory doesn't grow with the input.

mod assemble;
mod control;
mod generations;
mod golden;
mod order;
mod prepare;
mod preview;
mod produce;
mod replay;
mod report;
mod run;

pub use assemble::{Assembled, assemble};
pub use golden::{CaseResult, cells, check_cases};
pub use order::in_order;
pub use preview::{Preview, PreviewReject, PreviewRows, preview};
pub use replay::replay;
pub use report::{FileOutcome, FileReport, Progress, RunReport};
pub use run::{Ran, Request, Settle, run};

use campaignd_contract::{Error, ErrorClass, SecretError};

use crate::mapping::{KeyError, MappingError, Problem};

/// Why a pipeline, or a file of it, couldn't be run.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// A connector says so.
    #[error("{0}")]
    Connector(#[from] Error),
    /// The source says so: what it reads from may be out of reach.
    #[error("{0}")]
    Source(Error),
    /// Another process runs the pipeline.
    #[error("{0}")]
    Elsewhere(Error),
    /// The key for pseudonyms couldn't be read.
    #[error("could not read the key of [privacy]: {0}")]
    Secret(#[from] SecretError),
    /// It is no good as a key.
    #[error("could not use the key of [privacy]: {0}")]
    Key(#[from] KeyError),
    /// The expressions don't fit the file's columns.
    #[error("could not map {file}: {}; `campaignd check` says more", first(.problems))]
    Expressions {
        /// The file.
        file: String,
        /// What is wrong, all of it.
        problems: Vec<Problem>,
    },
    /// A batch couldn't be mapped.
    #[error("{0}")]
    Mapping(#[from] MappingError),
    /// A batch couldn't be put together.
    #[error("could not put a batch together: {0}; this is a defect of campaignd, please report it")]
    Arrow(#[from] arrow_schema::ArrowError),
    /// Settings name a connector that isn't there.
    #[error("there is no {what} of kind {kind}; `campaignd check` lists them")]
    UnknownKind {
        /// Source, format or warehouse.
        what: &'static str,
        /// The kind.
        kind: String,
    },
    /// Golden cases couldn't be read.
    #[error("could not read {path}: {wrong}")]
    Case {
        /// What.
        path: String,
        /// Why.
        wrong: String,
    },
}

impl PipelineError {
    /// What to do about it.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Connector(error) | Self::Source(error) | Self::Elsewhere(error) => error.class(),
            _ => ErrorClass::Permanent,
        }
    }
}

fn first(problems: &[Problem]) -> String {
    let more = match problems.len() {
        0 | 1 => String::new(),
        many => format!(" (and {} more)", many - 1),
    };
    problems.first().map_or_else(String::new, |problem| {
        let field = problem.field.as_deref().map(|field| format!("{field}: ")).unwrap_or_default();
        format!("{field}{}{more}", problem.message)
    })
}
