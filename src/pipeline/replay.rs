//! Rejected rows once more, after the mapping was corrected.

use campaignd_contract::{ReplayRecord, Value, Warehouse};

use super::PipelineError;
use super::assemble::Assembled;
use super::prepare::Preparation;
use crate::load::reject::{self, OpenReject};
use crate::load::replay::{self as loading, Replay, Replayed};
use crate::load::{Claimed, Lease, run as runs};
use crate::mapping::{Mapping, row_columns};
use crate::model::operations::ETL_FILE;

/// Replays every open reject of a pipeline. Each that fits now is loaded once, with its first place as lineage.
pub fn replay(warehouse: &mut dyn Warehouse, assembled: &Assembled) -> Result<Replayed, PipelineError> {
    let name = assembled.pipeline.settings.name.clone();
    let open = reject::open(warehouse, &name, &assembled.seal)?;
    let mut all = Replayed::default();
    if open.is_empty() {
        return Ok(all);
    }
    let lease = match Lease::claim(warehouse, &name, assembled.lease_seconds)? {
        Claimed::Mine(lease) => lease,
        Claimed::Held(error) => return Err(PipelineError::Elsewhere(error)),
    };
    let run_no = runs::start(warehouse, &name, &assembled.pipeline.hash, &lease)?;
    let outcome: Result<(), PipelineError> = open.chunk_by(|a, b| a.unit_id == b.unit_id).try_for_each(|of_unit| {
        let replayed = replay_unit(warehouse, assembled, &lease, run_no, of_unit)?;
        all.loaded += replayed.loaded;
        all.again += replayed.again;
        Ok(())
    });
    let (status, message) = match &outcome {
        Ok(()) => ("succeeded", format!("replayed rejects: {} loaded, {} rejected again", all.loaded, all.again)),
        Err(error) => ("failed", error.to_string()),
    };
    runs::finish(warehouse, run_no, &lease, (status, &message), None)?;
    outcome.map(|()| all)
}

fn replay_unit(
    warehouse: &mut dyn Warehouse,
    assembled: &Assembled,
    lease: &Lease,
    run_no: i64,
    open: &[OpenReject],
) -> Result<Replayed, PipelineError> {
    let settings = &assembled.pipeline.settings;
    let unit_id = open[0].unit_id.as_str();
    let layout = layout(warehouse, &settings.name, unit_id)?;
    let mut records: Vec<ReplayRecord> = Vec::new();
    for reject in open {
        if records.last().is_none_or(|last| last.place.ordinal != reject.place.ordinal) {
            records.push(ReplayRecord { raw: reject.raw.clone(), place: reject.place });
        }
    }
    let mut reader = assembled.format.replay(&layout, &records, assembled.limits)?;
    let mut columns: Vec<String> = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
    let row_columns = row_columns(settings);
    columns.extend(row_columns.iter().map(|column| (*column).to_owned()));
    let mapping = Mapping::compile(settings, &columns, &assembled.pseudonyms)
        .map_err(|problems| PipelineError::Expressions { file: "the rejected rows".into(), problems })?;
    // An output that took the row the first time must not get it again.
    let wanted = |ordinal: u64, output: usize| {
        open.iter()
            .any(|reject| reject.place.ordinal == ordinal && reject.output.is_none_or(|refused| refused == output))
    };
    let preparation = Preparation {
        mapping: &mapping,
        seal: &assembled.seal,
        unit_id,
        row_columns: &row_columns,
        wanted: Some(&wanted),
    };
    let mut all = Replayed::default();
    while let Some(batch) = reader.next_batch()? {
        let ordinals: Vec<u64> = batch
            .places
            .iter()
            .chain(batch.undecodable.iter().map(|undecodable| &undecodable.place))
            .map(|place| place.ordinal)
            .collect();
        let tried: Vec<OpenReject> =
            open.iter().filter(|reject| ordinals.contains(&reject.place.ordinal)).cloned().collect();
        let prepared = preparation.prepare(&batch)?;
        let replay = Replay {
            pipeline: &settings.name,
            config_hash: &assembled.pipeline.hash,
            run_no,
            lease,
            unit_id,
            rejects: &tried,
            batch: prepared,
        };
        let replayed = loading::load(warehouse, &replay)?;
        all.loaded += replayed.loaded;
        all.again += replayed.again;
    }
    Ok(all)
}

fn layout(warehouse: &mut dyn Warehouse, pipeline: &str, unit_id: &str) -> Result<Vec<u8>, PipelineError> {
    let table = warehouse.dialect().stored(&ETL_FILE);
    let found = warehouse.query(
        &format!("SELECT layout FROM {table} WHERE pipeline = ?1 AND unit_id = ?2 AND layout IS NOT NULL"),
        &[pipeline.into(), unit_id.into()],
    )?;
    Ok(match found.rows.first().map(|row| &row[0]) {
        Some(Value::Bytes(layout)) => layout.clone(),
        _ => Vec::new(),
    })
}
