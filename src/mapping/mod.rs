//! SQL expressions over columns: what turns the text of a source into records of a table.
//!
//! All columns of a source are text. Each field of an output is an expression, run over whole batches; its value is
//! cast to the column's type without rounding, cutting or guessing. What can't be cast rejects that row with the
//! field, the text and the reason, and never becomes a silent NULL. What identifies a person leaves this room as a
//! keyed pseudonym only, and is masked in rejects.

mod cast;
mod checks;
mod compile;
mod contact;
mod datetime;
mod evaluate;
mod functions;
mod kernel;
mod mask;
mod money;
mod north_america;
mod output;
mod parse;
mod party;
mod plan;
mod problem;
mod pseudonym;
mod refusal;
mod row_columns;
mod sums;
#[cfg(test)]
mod tests;
mod types;
mod zone;

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, DataType, Field, Schema};
use campaignd_contract::Table;
use thiserror::Error;

use crate::model;
use crate::settings;
use compile::Identifying;
pub use output::{MappedOutput, Money, RejectedRow};
use plan::{Locality, Planner};
pub use problem::Problem;
use problem::{Mistake, closest};
pub use pseudonym::{KeyError, Pseudonymiser};
pub use row_columns::{ROW_COLUMNS, row_columns};
pub use sums::{Sums, Total};
use zone::Zone;

/// Codes of rejected rows: stable, stored with each of them.
pub mod codes {
    pub use super::refusal::{
        BAD_CAST, BAD_DATE, BAD_EMAIL, BAD_EXPRESSION, BAD_MONEY, BAD_PHONE, NOT_A_CHOICE, OUT_OF_RANGE, REPEATED_HOUR,
        REQUIRED, SKIPPED_HOUR, TOO_LONG,
    };
}

/// A batch that could not be mapped at all: a fault of the program or of a format, not of a row.
#[derive(Debug, Error)]
pub enum MappingError {
    /// The batch lacks a column that the expressions were compiled for.
    #[error(
        "could not map a batch: it has no text column `{column}`, which the pipeline was checked with; run `campaignd check` against this file"
    )]
    NoColumn {
        /// Its name.
        column: String,
    },
    /// A total doesn't fit 128 bits.
    #[error("could not add up `{key}`: the total is beyond 38 digits; leave it out of [control]")]
    TotalTooBig {
        /// The expression.
        key: String,
    },
    /// A batch has more rows than a row number can say.
    #[error("could not map a batch: it has more than 4,294,967,295 rows; lower `batch_rows` in [limits]")]
    TooManyRows,
    /// Arrow refused to build a column.
    #[error("could not map a batch: {0}")]
    Arrow(#[from] ArrowError),
}

/// The compiled outputs of one pipeline.
#[derive(Debug)]
pub struct Mapping {
    columns: Vec<String>,
    outputs: Vec<output::Output>,
    shapes: Vec<OutputShape>,
    identifying: BTreeSet<String>,
    pseudonyms: Pseudonymiser,
}

/// What an output produces.
#[derive(Debug, Clone)]
pub struct OutputShape {
    /// Its table.
    pub table: &'static Table,
    /// The columns its records have, in order.
    pub columns: Vec<&'static str>,
    /// Its money: the first mapped decimal whose unit is a currency.
    pub money: Option<Money>,
}

impl Mapping {
    /// Compiles the outputs of a pipeline for a source with these columns, or says all that is wrong with them.
    pub fn compile(
        pipeline: &settings::Pipeline,
        columns: &[String],
        pseudonyms: &Pseudonymiser,
    ) -> Result<Self, Vec<Problem>> {
        Self::compile_for(pipeline, columns, pseudonyms, record_kind)
    }

    fn compile_for(
        pipeline: &settings::Pipeline,
        columns: &[String],
        pseudonyms: &Pseudonymiser,
        table: fn(&str) -> Option<&'static Table>,
    ) -> Result<Self, Vec<Problem>> {
        let (outputs, identifying) = compile_all(pipeline, Some(columns), table)?;
        let shapes = outputs
            .iter()
            .map(|output| OutputShape {
                table: output.table,
                columns: output.fields.iter().map(|field| field.column.name).collect(),
                money: output.money.clone(),
            })
            .collect();
        Ok(Self {
            columns: columns.to_vec(),
            outputs,
            shapes,
            identifying: identifying.named,
            pseudonyms: pseudonyms.clone(),
        })
    }

    /// Maps a batch: one result for each output, in order.
    pub fn apply(&self, batch: &RecordBatch) -> Result<Vec<MappedOutput>, MappingError> {
        let batch = arrange(batch, &self.columns)?;
        self.outputs.iter().map(|output| output.apply(&batch, &self.pseudonyms, &self.identifying)).collect()
    }

    /// The text of a row that no format could read, fit to be shown: nobody knows what its parts are, so where any
    /// column identifies a person, only its shape is left.
    pub fn masked_row(&self, text: &str) -> String {
        if self.identifying.is_empty() { mask::identifying(text) } else { mask::shape(text) }
    }

    /// What each output produces, in order.
    pub fn outputs(&self) -> &[OutputShape] {
        &self.shapes
    }
}

/// All that is wrong with the expressions of a pipeline, totals of `[control]` included. Without the columns of its
/// source, only what can be said without them.
pub fn check(pipeline: &settings::Pipeline, columns: Option<&[String]>) -> Vec<Problem> {
    check_for(pipeline, columns, record_kind)
}

fn check_for(
    pipeline: &settings::Pipeline,
    columns: Option<&[String]>,
    table: fn(&str) -> Option<&'static Table>,
) -> Vec<Problem> {
    let mut problems = compile_all(pipeline, columns, table).err().unwrap_or_default();
    if let Some(control) = &pipeline.control {
        let keys = control.sums.keys().chain(control.hash_totals.keys()).map(String::as_str);
        problems.extend(Sums::compile(keys, columns, &pipeline.mapping).err().unwrap_or_default());
    }
    problems
}

fn compile_all(
    pipeline: &settings::Pipeline,
    columns: Option<&[String]>,
    table: fn(&str) -> Option<&'static Table>,
) -> Result<(Vec<output::Output>, Identifying), Vec<Problem>> {
    let whole = |mistake: Mistake| {
        let Mistake { message, help, at } = mistake;
        Problem { output: 0, field: None, control: None, message, help, at }
    };
    let mut problems = Vec::new();
    let locality = locality(&pipeline.mapping).unwrap_or_else(|mistakes| {
        problems.extend(mistakes.into_iter().map(whole));
        Locality::utc()
    });
    let planner = match Planner::new(columns, locality) {
        Ok(planner) => planner,
        Err(mistake) => {
            problems.push(whole(mistake));
            return Err(problems);
        }
    };
    let tables: Vec<_> = pipeline.output.iter().map(|output| (output, table(&output.record))).collect();
    let identifying = Identifying::of(&tables, &planner);
    let mut outputs = Vec::new();
    for (index, (output, table)) in tables.into_iter().enumerate() {
        match table {
            Some(table) => {
                outputs.extend(compile::compile(index, output, table, &planner, &identifying, &mut problems));
            }
            None => problems.push(unknown_table(index, &output.record)),
        }
    }
    if problems.is_empty() { Ok((outputs, identifying)) } else { Err(problems) }
}

/// The table of that name, where a pipeline may write to it.
fn record_kind(name: &str) -> Option<&'static Table> {
    model::table(name).filter(|table| model::is_record_kind(table))
}

fn unknown_table(output: usize, name: &str) -> Problem {
    let help = match closest(name, model::record_kinds().map(|table| table.name)) {
        Some(close) => format!("did you mean `{close}`?"),
        None => "`campaignd schema` lists the tables".into(),
    };
    let message = format!("there is no record kind `{name}`");
    Problem { output, field: None, control: None, message, help, at: None }
}

/// What `[mapping]` says, checked.
fn locality(mapping: &settings::Mapping) -> Result<Locality, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let zone = Zone::named(&mapping.timezone, mapping.repeated_hour, mapping.skipped_hour);
    if zone.is_none() {
        mistakes.push(plan::no_zone(&mapping.timezone));
    }
    let region = mapping.phone_region.as_deref().and_then(|code| {
        let region = contact::region(code);
        if region.is_none() {
            mistakes.push(plan::no_region(code));
        }
        region
    });
    match zone {
        Some(zone) if mistakes.is_empty() => Ok(Locality { zone, region }),
        _ => Err(mistakes),
    }
}

/// The columns of a batch by the names they were compiled under.
fn arrange(batch: &RecordBatch, columns: &[String]) -> Result<RecordBatch, MappingError> {
    let schema = batch.schema_ref();
    let same = schema.fields().len() == columns.len()
        && schema
            .fields()
            .iter()
            .zip(columns)
            .all(|(field, name)| field.name() == name && *field.data_type() == DataType::Utf8);
    if same {
        return Ok(batch.clone());
    }
    let mut arrays = Vec::with_capacity(columns.len());
    for name in columns {
        let column = batch.column_by_name(name).filter(|column| *column.data_type() == DataType::Utf8);
        arrays.push(Arc::clone(column.ok_or_else(|| MappingError::NoColumn { column: name.clone() })?));
    }
    let fields: Vec<_> = columns.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
    let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)?)
}
