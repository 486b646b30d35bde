//! What a pipeline would make of its input: mapped, nothing loaded, nothing released.

use arrow_array::RecordBatch;
use campaignd_contract::{BatchReader, Place, Table};
use campaignd_contract::{Claim, Error, Payload, Readiness};

use super::PipelineError;
use super::assemble::Assembled;
use super::prepare::with_row_columns;
use crate::load::Totals;
use crate::mapping::{Mapping, row_columns};

/// What came out.
#[derive(Debug)]
pub struct Preview {
    /// The file that was read.
    pub file: String,
    /// One for each output.
    pub outputs: Vec<PreviewRows>,
    /// Rows that were refused, by line and output.
    pub rejects: Vec<PreviewReject>,
    /// Rows read.
    pub rows_read: u64,
}

/// What one output would load.
#[derive(Debug)]
pub struct PreviewRows {
    /// The record kind.
    pub table: &'static Table,
    /// The records, batch by batch, with the line of each.
    pub batches: Vec<(RecordBatch, Vec<u64>)>,
    /// How the rows were sorted.
    pub totals: Totals,
}

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewReject {
    /// Where it stands.
    pub place: Place,
    /// The output that refused it; `None`: the format did.
    pub output: Option<usize>,
    /// The field at fault.
    pub field: String,
    /// Stable code.
    pub code: String,
    /// Offending text, masked.
    pub text: String,
    /// What is wrong.
    pub reason: String,
}

/// Reads the first file that is ready (or the one called `only`), at most `rows` rows of it.
pub fn preview(assembled: &mut Assembled, only: Option<&str>, rows: usize) -> Result<Option<Preview>, PipelineError> {
    for candidate in assembled.source.discover()? {
        let ready = matches!(candidate.readiness, Readiness::Ready | Readiness::IfTrailer);
        if candidate.bytes == Some(0) || only.map_or(!ready, |only| only != candidate.name) {
            continue;
        }
        if let Claim::Taken { unit, payload: Payload::Bytes(bytes) } = assembled.source.claim(&candidate)? {
            let reader = assembled.format.open(bytes.as_ref(), None, assembled.limits)?;
            return map_rows(assembled, reader, &unit.id, &candidate.name, rows).map(Some);
        }
    }
    match only {
        Some(only) => Err(Error::permanent("preview", only, "the source has no such file, or it isn't ready").into()),
        None => Ok(None),
    }
}

/// Maps at most `rows` rows.
pub fn map_rows(
    assembled: &Assembled,
    mut reader: Box<dyn BatchReader>,
    unit_id: &str,
    file: &str,
    rows: usize,
) -> Result<Preview, PipelineError> {
    let settings = &assembled.pipeline.settings;
    let mut columns: Vec<String> = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
    let row_columns = row_columns(settings);
    columns.extend(row_columns.iter().map(|column| (*column).to_owned()));
    let mapping = Mapping::compile(settings, &columns, &assembled.pseudonyms)
        .map_err(|problems| PipelineError::Expressions { file: file.to_owned(), problems })?;
    let outputs = mapping
        .outputs()
        .iter()
        .map(|shape| PreviewRows { table: shape.table, batches: Vec::new(), totals: Totals::default() })
        .collect();
    let mut preview = Preview { file: file.to_owned(), outputs, rejects: Vec::new(), rows_read: 0 };
    while preview.rows_read < rows as u64 {
        let Some(batch) = reader.next_batch()? else { break };
        preview.rows_read += batch.rows_read() as u64;
        for undecodable in &batch.undecodable {
            preview.rejects.push(PreviewReject {
                place: undecodable.place,
                output: None,
                field: undecodable.field.clone().unwrap_or_default(),
                code: undecodable.code.to_owned(),
                text: mapping.masked_row(&undecodable.text),
                reason: undecodable.reason.clone(),
            });
        }
        let mapped = mapping.apply(&with_row_columns(&batch, unit_id, &row_columns)?)?;
        for (index, (output, rows)) in mapped.into_iter().zip(&mut preview.outputs).enumerate() {
            let undecodable = batch.undecodable.len() as i128;
            rows.totals.add(&Totals {
                read: batch.rows_read() as i128,
                accepted: output.records.num_rows() as i128,
                rejected: output.rejected.len() as i128 + undecodable,
                filtered: output.filtered.len() as i128,
                duplicate: 0,
            });
            preview.rejects.extend(output.rejected.into_iter().map(|row| PreviewReject {
                place: batch.places[row.row as usize],
                output: Some(index),
                field: row.field,
                code: row.code.to_owned(),
                text: row.text,
                reason: row.reason,
            }));
            let lines = output.rows.iter().map(|row| batch.places[*row as usize].line).collect();
            rows.batches.push((output.records, lines));
        }
    }
    preview.rejects.sort_by_key(|reject| (reject.place.ordinal, reject.output));
    Ok(preview)
}
