//! The reading side of a load: decode, map, count, hand over.

use std::collections::BTreeMap;
use std::sync::mpsc::SyncSender;

use campaignd_contract::{BatchReader, Error};

use super::PipelineError;
use super::control::{ControlTotals, Said};
use super::prepare::Preparation;
use crate::load::{DeclaredTotal, EndOfUnit, Incoming};

/// Batches that may wait between the two threads. Enough to even out their paces, little enough to bound memory.
pub const WAITING_BATCHES: usize = 4;

/// What is known of a unit before it is read.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// Its control file.
    pub companion: &'a BTreeMap<String, String>,
    /// What was declared and compared already.
    pub declared: &'a Vec<DeclaredTotal>,
}

/// Reads a unit to its end and sends what it finds. Stops silently when nobody takes it any more.
pub fn produce(
    mut reader: Box<dyn BatchReader>,
    preparation: &Preparation<'_>,
    mut control: Option<ControlTotals<'_>>,
    known: Known<'_>,
    hand_over: &SyncSender<Result<Incoming, PipelineError>>,
) {
    loop {
        let next = reader.next_batch().map_err(PipelineError::from).and_then(|batch| {
            let Some(batch) = batch else { return Ok(None) };
            if let Some(control) = &mut control {
                control.add(batch.rows_read() as u64, &batch.records)?;
            }
            preparation.prepare(&batch).map(Some)
        });
        let (message, last) = match next {
            Ok(Some(batch)) => (Ok(Incoming::Batch(batch)), false),
            Ok(None) => {
                let said = Said { header: reader.header(), trailer: reader.trailer(), companion: known.companion };
                let mut declared = known.declared.clone();
                declared.extend(control.iter().flat_map(|control| control.compare(&said)));
                (Ok(Incoming::End(EndOfUnit { declared })), true)
            }
            Err(error) => (Err(error), true),
        };
        if hand_over.send(message).is_err() || last {
            return;
        }
    }
}

/// An error of the reading side as the load room passes it on.
pub fn as_contract_error(error: &PipelineError) -> Error {
    match error {
        PipelineError::Connector(error) => Error::new(error.class(), "read", "the input", error.to_string()),
        other => Error::permanent("map", "the input", other.to_string()),
    }
}
