//! A pipeline's settings become a source, a format and the keys it needs.

use std::path::PathBuf;

use campaignd_contract::{BatchLimits, BuildContext, Format, Source, Supervision};
use secrecy::ExposeSecret as _;

use super::PipelineError;
use crate::config::{LoadedPipeline, Settings};
use crate::connectors::{FORMATS, SOURCES, find};
use crate::load::Seal;
use crate::mapping::Pseudonymiser;

/// A pipeline ready to run.
pub struct Assembled {
    /// Its settings.
    pub pipeline: LoadedPipeline,
    /// Where its input comes from.
    pub source: Box<dyn Source>,
    /// How its bytes become rows.
    pub format: Box<dyn Format>,
    /// Makes pseudonyms.
    pub pseudonyms: Pseudonymiser,
    /// Seals rejected rows.
    pub seal: Seal,
    /// Bounds of a batch.
    pub limits: BatchLimits,
    /// Rows a transaction may hold, where there is no `[control]`.
    pub commit_rows: u64,
    /// Seconds after which a process that gives no sign of life loses its lease.
    pub lease_seconds: u32,
    /// Whom its work reports to.
    pub supervision: Supervision,
}

/// Puts a pipeline together. Touches no input. `spool` overrides where copies are kept; its connectors report to
/// `supervision`.
pub fn assemble(
    settings: &Settings,
    pipeline: &LoadedPipeline,
    spool: Option<PathBuf>,
    supervision: &Supervision,
) -> Result<Assembled, PipelineError> {
    let base = &settings.base_directory;
    let context = BuildContext {
        pipeline: pipeline.settings.name.clone(),
        base_directory: base.clone(),
        spool_directory: spool.unwrap_or_else(|| base.join(&settings.daemon.state_directory).join("spool")),
        supervision: supervision.clone(),
    };
    let unknown = |what, kind: &str| PipelineError::UnknownKind { what, kind: kind.to_owned() };
    let (source, format) = (&pipeline.settings.source, &pipeline.settings.format);
    let source_row = find(SOURCES, &source.kind).ok_or_else(|| unknown("source", &source.kind))?;
    let format_row = find(FORMATS, &format.kind).ok_or_else(|| unknown("format", &format.kind))?;
    let privacy = &settings.daemon.privacy;
    let secret = privacy.key.read(base)?;
    let limits = settings.daemon.limits;
    let format = (format_row.build)(&format.settings, &context)?;
    let mut pipeline = pipeline.clone();
    let files = format.fingerprint()?;
    if !files.is_empty() {
        pipeline.add_to_hash(&files);
    }
    Ok(Assembled {
        pipeline,
        source: (source_row.build)(&source.settings, &context)?,
        format,
        pseudonyms: Pseudonymiser::new(&privacy.key_id, secret.expose_secret())?,
        seal: Seal::new(secret.expose_secret()),
        limits: BatchLimits { rows: limits.batch_rows, row_bytes: limits.row_bytes, ..BatchLimits::default() },
        commit_rows: limits.commit_rows as u64,
        lease_seconds: limits.lease_seconds,
        supervision: supervision.clone(),
    })
}
