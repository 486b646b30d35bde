//! From a decoded batch to rows that are ready for the warehouse: mapped, with their lineage, their rejects sealed.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use arrow_select::filter::filter_record_batch;
use campaignd_contract::{Batch, Place, Undecodable};

use super::PipelineError;
use crate::load::reject::sealed_place;
use crate::load::{PreparedBatch, PreparedMoney, PreparedOutput, Reject, Seal, Stage};
use crate::mapping::{MappedOutput, Mapping};

/// What all batches of a unit share.
pub struct Preparation<'a> {
    /// The compiled outputs.
    pub mapping: &'a Mapping,
    /// Seals rejects.
    pub seal: &'a Seal,
    /// The unit.
    pub unit_id: &'a str,
    /// Which of [`ROW_COLUMNS`] are wanted.
    pub row_columns: &'a [&'static str],
    /// Whether an output is to get the row of that ordinal; without it, each gets all.
    pub wanted: Option<&'a (dyn Fn(u64, usize) -> bool + Sync)>,
}

impl Preparation<'_> {
    /// Maps a batch and adds what the warehouse needs.
    pub fn prepare(&self, batch: &Batch) -> Result<PreparedBatch, PipelineError> {
        let records = with_row_columns(batch, self.unit_id, self.row_columns)?;
        let mapped = self.mapping.apply(&records)?;
        let mut rejects: Vec<Reject> =
            batch.undecodable.iter().map(|undecodable| self.undecodable(batch, undecodable)).collect();
        let mut outputs = Vec::with_capacity(mapped.len());
        for (index, mut output) in mapped.into_iter().enumerate() {
            if let Some(wanted) = self.wanted {
                output = retained(output, |row| wanted(batch.places[row as usize].ordinal, index))?;
            }
            rejects.extend(self.refused(batch, index, &output));
            outputs.push(prepared(batch, &output)?);
        }
        Ok(PreparedBatch {
            rows_read: batch.rows_read() as u64,
            undecodable: batch.undecodable.len() as u64,
            outputs,
            rejects,
            notes: batch.noted.iter().map(|noted| self.undecodable(batch, noted)).collect(),
            end: batch.end.clone(),
        })
    }

    fn undecodable(&self, batch: &Batch, undecodable: &Undecodable) -> Reject {
        Reject {
            place: undecodable.place,
            stage: Stage::Decode,
            record_kind: None,
            code: undecodable.code.to_owned(),
            field: undecodable.field.clone(),
            text: self.mapping.masked_row(&undecodable.text),
            reason: undecodable.reason.clone(),
            value_at_risk: None,
            currency: None,
            raw_sealed: self.sealed(batch, &undecodable.place),
        }
    }

    fn refused<'b>(
        &'b self,
        batch: &'b Batch,
        index: usize,
        output: &'b MappedOutput,
    ) -> impl Iterator<Item = Reject> + 'b {
        let money = self.mapping.outputs()[index].money.as_ref();
        output.rejected.iter().map(move |row| {
            let place = batch.places[row.row as usize];
            Reject {
                place,
                stage: Stage::Map(index),
                record_kind: Some(output.table.name),
                code: row.code.to_owned(),
                field: Some(row.field.clone()),
                text: row.text.clone(),
                reason: row.reason.clone(),
                value_at_risk: output.money.as_ref().and_then(|money| money[row.row as usize]),
                currency: money.and_then(|money| money.currency.clone()),
                raw_sealed: self.sealed(batch, &place),
            }
        })
    }

    fn sealed(&self, batch: &Batch, place: &Place) -> Vec<u8> {
        self.seal.seal(batch.raw_row(place), &sealed_place(self.unit_id, place))
    }
}

/// The batch's records, with the row columns that are wanted.
pub fn with_row_columns(
    batch: &Batch,
    unit_id: &str,
    row_columns: &[&'static str],
) -> Result<RecordBatch, PipelineError> {
    if row_columns.is_empty() {
        return Ok(batch.records.clone());
    }
    let file = unit_id.split(':').nth(1).unwrap_or(unit_id);
    let schema = batch.records.schema();
    let mut fields: Vec<Arc<Field>> = schema.fields().to_vec();
    let mut columns = batch.records.columns().to_vec();
    let mut text = String::new();
    for name in row_columns {
        let mut builder = StringBuilder::with_capacity(batch.places.len(), batch.places.len() * 8);
        for place in &batch.places {
            text.clear();
            let number = match *name {
                "_file" => {
                    builder.append_value(file);
                    continue;
                }
                "_row" => place.ordinal,
                _ => place.line,
            };
            write!(text, "{number}").expect("writing to a String can't fail");
            builder.append_value(&text);
        }
        fields.push(Arc::new(Field::new(*name, DataType::Utf8, true)));
        columns.push(Arc::new(builder.finish()) as ArrayRef);
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// What an output made of some of the rows.
fn retained(mut output: MappedOutput, wanted: impl Fn(u32) -> bool) -> Result<MappedOutput, PipelineError> {
    let keep: BooleanArray = output.rows.iter().map(|row| Some(wanted(*row))).collect();
    output.records = filter_record_batch(&output.records, &keep)?;
    output.rows.retain(|row| wanted(*row));
    output.filtered.retain(|row| wanted(*row));
    output.rejected.retain(|rejected| wanted(rejected.row));
    for (row, amount) in output.money.iter_mut().flatten().enumerate() {
        if !u32::try_from(row).is_ok_and(&wanted) {
            *amount = None;
        }
    }
    Ok(output)
}

fn prepared(batch: &Batch, output: &MappedOutput) -> Result<PreparedOutput, PipelineError> {
    let money = output.money.as_ref().map(|money| {
        let at = |rows: &mut dyn Iterator<Item = u32>| -> i128 {
            rows.filter_map(|row| money[row as usize]).map(i128::from).sum()
        };
        PreparedMoney {
            read: money.iter().flatten().map(|amount| i128::from(*amount)).sum(),
            rejected: at(&mut output.rejected.iter().map(|rejected| rejected.row)),
            filtered: at(&mut output.filtered.iter().copied()),
            unknown: all_rows(output).filter(|row| money[*row as usize].is_none()).count() as u64,
            records: output.rows.iter().map(|row| money[*row as usize]).collect(),
        }
    });
    Ok(PreparedOutput {
        table: output.table,
        filtered: output.filtered.len() as u64,
        rejected: output.rejected.len() as u64,
        money,
        records: with_lineage(batch, &output.records, &output.rows)?,
    })
}

fn all_rows(output: &MappedOutput) -> impl Iterator<Item = u32> + '_ {
    let rejected = output.rejected.iter().map(|rejected| rejected.row);
    output.rows.iter().chain(&output.filtered).copied().chain(rejected)
}

/// Adds where each record came from.
fn with_lineage(batch: &Batch, records: &RecordBatch, rows: &[u32]) -> Result<RecordBatch, PipelineError> {
    let places = || rows.iter().map(|row| &batch.places[*row as usize]);
    let integer = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let offsets: Int64Array = places().map(|place| integer(place.offset)).collect();
    let lines: Int64Array = places().map(|place| integer(place.line)).collect();
    debug_assert_eq!(offsets.len(), records.num_rows());
    let schema = records.schema();
    let mut fields: Vec<Arc<Field>> = schema.fields().to_vec();
    let mut columns = records.columns().to_vec();
    for (name, values) in [("source_offset", offsets), ("source_line", lines)] {
        fields.push(Arc::new(Field::new(name, DataType::Int64, false)));
        columns.push(Arc::new(values) as ArrayRef);
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}
