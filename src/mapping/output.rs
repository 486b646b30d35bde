//! One output of a pipeline at work: a batch of the source in, records and rejects out.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions, StringArray};
use arrow_schema::{DataType, Schema};
use campaignd_contract::{Column, Table};

use super::MappingError;
use super::checks;
use super::evaluate::{Evaluated, evaluate};
use super::mask;
use super::party::{PartyField, evaluate_parties};
use super::plan::Planned;
use super::pseudonym::Pseudonymiser;
use super::refusal::Refusal;

/// Characters of an offending text that are kept.
const TEXT_KEPT: usize = 200;

/// What became of the rows of a batch in one output.
#[derive(Debug)]
pub struct MappedOutput {
    /// The table its records belong to.
    pub table: &'static Table,
    /// Accepted rows: the mapped columns of the table, with the Arrow types that a warehouse's upsert takes. Columns
    /// that aren't given are left to the warehouse's defaults.
    pub records: RecordBatch,
    /// For each record its row in the source's batch.
    pub rows: Vec<u32>,
    /// Rows for which `when` isn't true.
    pub filtered: Vec<u32>,
    /// Rows that can't be mapped, in order, each once.
    pub rejected: Vec<RejectedRow>,
    /// For each row of the source's batch, filtered and rejected ones too, the money of this output in millionths;
    /// none where there is none or it can't be worked out. Absent where the output has no money.
    pub money: Option<Vec<Option<i64>>>,
}

/// A row that can't be mapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRow {
    /// Its row in the source's batch.
    pub row: u32,
    /// The first field at fault in the table's order; `when` for the condition.
    pub field: String,
    /// A stable code, see [`super::codes`].
    pub code: &'static str,
    /// The offending text, what identifies a person being masked in it.
    pub text: String,
    /// What is wrong, in words.
    pub reason: String,
}

/// The money of an output.
#[derive(Debug, Clone)]
pub struct Money {
    /// The column it is in.
    pub column: &'static Column,
    /// Its currency, where all rows have the same.
    pub currency: Option<String>,
}

/// An output ready to run.
#[derive(Debug)]
pub(super) struct Output {
    pub table: &'static Table,
    pub when: Option<Planned>,
    /// In the order of the table's columns.
    pub fields: Vec<Field>,
    pub money: Option<Money>,
    /// Which of `fields` is the money.
    pub money_field: Option<usize>,
    pub schema: Arc<Schema>,
}

/// A column that is given.
#[derive(Debug)]
pub(super) struct Field {
    pub column: &'static Column,
    pub data_type: DataType,
    pub value: FieldValue,
}

/// What a column is given by.
#[derive(Debug)]
pub(super) enum FieldValue {
    Expression(Box<Planned>),
    Party(Vec<PartyField>),
}

impl Output {
    /// Maps a batch whose columns are those the output was compiled for. `identifying` are the columns whose text is
    /// masked in rejects.
    pub fn apply(
        &self,
        batch: &RecordBatch,
        pseudonyms: &Pseudonymiser,
        identifying: &BTreeSet<String>,
    ) -> Result<MappedOutput, MappingError> {
        let mut faults = Faults { first: Vec::new(), rows: batch.num_rows() };
        let Passing { part, rows, filtered } = self.pass(batch, &mut faults)?;
        let money = match self.money_field.map(|index| (index, &self.fields[index])) {
            Some((index, Field { data_type, value: FieldValue::Expression(planned), .. })) => {
                Some((index, evaluate(planned.physical.as_ref(), batch, data_type)?))
            }
            _ => None,
        };
        let mut columns = Vec::with_capacity(self.fields.len());
        for (index, field) in self.fields.iter().enumerate() {
            let values = match &field.value {
                FieldValue::Party(parties) => {
                    let (values, failures) = evaluate_parties(parties, pseudonyms, &part)?;
                    for (row, input, refusal) in failures {
                        faults.add(rows[row as usize], index, Some(input), refusal);
                    }
                    values
                }
                FieldValue::Expression(planned) => {
                    let Evaluated { values, failures } = match &money {
                        Some((at, whole)) if *at == index => passing_of(whole, &rows, batch.num_rows())?,
                        _ => evaluate(planned.physical.as_ref(), &part, &field.data_type)?,
                    };
                    for (row, refusal) in failures {
                        faults.add(rows[row as usize], index, None, refusal);
                    }
                    values
                }
            };
            checks::check(field.column, &values, |row, refusal| faults.add(rows[row], index, None, refusal));
            columns.push(values);
        }
        let rejected = faults.rejected(|fault| self.rejected_row(fault, batch, identifying));
        let (records, rows) = self.accepted(columns, rows, &rejected)?;
        let money = money.map(|(_, whole)| micros(&whole.values));
        Ok(MappedOutput { table: self.table, records, rows, filtered, rejected, money })
    }

    /// The rows for which `when` is true.
    fn pass(&self, batch: &RecordBatch, faults: &mut Faults) -> Result<Passing, MappingError> {
        let count = u32::try_from(batch.num_rows()).map_err(|_| MappingError::TooManyRows)?;
        let Some(when) = &self.when else {
            return Ok(Passing { part: batch.clone(), rows: (0..count).collect(), filtered: Vec::new() });
        };
        let Evaluated { values, failures } = evaluate(when.physical.as_ref(), batch, &DataType::Boolean)?;
        let values = values.as_boolean();
        let mut failed = failures.iter().map(|(row, _)| *row).peekable();
        let (mut rows, mut filtered) = (Vec::with_capacity(batch.num_rows()), Vec::new());
        for row in 0..count {
            if values.is_valid(row as usize) && values.value(row as usize) {
                rows.push(row);
            } else if failed.next_if_eq(&row).is_none() {
                filtered.push(row);
            }
        }
        for (row, refusal) in failures {
            faults.add(row, WHEN, None, refusal);
        }
        let part = if rows.len() == batch.num_rows() {
            batch.clone()
        } else {
            let keep: BooleanArray = values.iter().map(|value| Some(value == Some(true))).collect();
            arrow_select::filter::filter_record_batch(batch, &keep)?
        };
        Ok(Passing { part, rows, filtered })
    }

    fn accepted(
        &self,
        mut columns: Vec<ArrayRef>,
        mut rows: Vec<u32>,
        rejected: &[RejectedRow],
    ) -> Result<(RecordBatch, Vec<u32>), MappingError> {
        if !rejected.is_empty() {
            let mut out = rejected.iter().map(|rejected| rejected.row).peekable();
            let keep: Vec<bool> = rows
                .iter()
                .map(|row| {
                    while out.next_if(|rejected| rejected < row).is_some() {}
                    out.peek() != Some(row)
                })
                .collect();
            let mask = BooleanArray::from(keep.clone());
            for column in &mut columns {
                *column = arrow_select::filter::filter(column, &mask)?;
            }
            let mut keep = keep.into_iter();
            rows.retain(|_| keep.next().unwrap_or(false));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let records = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?;
        Ok((records, rows))
    }

    fn rejected_row(&self, fault: Fault, batch: &RecordBatch, identifying: &BTreeSet<String>) -> RejectedRow {
        let (name, planned, input) = match self.fields.get(fault.field).map(|field| (field, &field.value)) {
            None => ("when", self.when.as_ref(), false),
            Some((field, FieldValue::Expression(planned))) => (field.column.name, Some(planned.as_ref()), false),
            Some((field, FieldValue::Party(parties))) => match fault.input.and_then(|input| parties.get(input)) {
                Some(party) => (party.name, Some(&party.planned), true),
                None => (field.column.name, None, true),
            },
        };
        let schema = batch.schema();
        let columns = planned.map_or(&[][..], |planned| &planned.columns);
        let identifies = input || columns.iter().any(|column| identifying.contains(schema.field(*column).name()));
        let text = if fault.refusal.text.is_empty() { row_text(batch, columns, fault.row) } else { fault.refusal.text };
        let masked = if identifies { mask::shape(&text) } else { mask::identifying(&text) };
        let mut reason = fault.refusal.reason;
        if fault.more > 0 {
            let fields = if fault.more == 1 { "field is" } else { "fields are" };
            reason = format!("{reason} ({} more {fields} wrong)", fault.more);
        }
        RejectedRow { row: fault.row, field: name.to_owned(), code: fault.refusal.code, text: kept(&masked), reason }
    }
}

/// In place of a field's index: the condition.
const WHEN: usize = usize::MAX;

struct Passing {
    part: RecordBatch,
    /// Rows of the batch that `part` holds.
    rows: Vec<u32>,
    filtered: Vec<u32>,
}

/// The passing rows of an expression that was run over all rows.
fn passing_of(whole: &Evaluated, rows: &[u32], count: usize) -> Result<Evaluated, MappingError> {
    if rows.len() == count {
        return Ok(Evaluated { values: Arc::clone(&whole.values), failures: whole.failures.clone() });
    }
    let values = arrow_select::take::take(&whole.values, &arrow_array::UInt32Array::from(rows.to_vec()), None)?;
    let mut failures = Vec::new();
    for (row, refusal) in &whole.failures {
        if let Ok(at) = rows.binary_search(row) {
            failures.push((u32::try_from(at).map_err(|_| MappingError::TooManyRows)?, refusal.clone()));
        }
    }
    Ok(Evaluated { values, failures })
}

fn micros(values: &ArrayRef) -> Vec<Option<i64>> {
    values
        .as_primitive::<Decimal128Type>()
        .iter()
        .map(|units| units.and_then(|units| i64::try_from(units).ok()))
        .collect()
}

/// What is wrong with a row in an output.
struct Fault {
    row: u32,
    field: usize,
    input: Option<usize>,
    refusal: Refusal,
    /// Further fields at fault.
    more: usize,
}

/// The first fault of each row, its others counted.
struct Faults {
    first: Vec<Option<Fault>>,
    rows: usize,
}

impl Faults {
    /// Fields come in order, so the first to come is the first in the table.
    fn add(&mut self, row: u32, field: usize, input: Option<usize>, refusal: Refusal) {
        if self.first.is_empty() {
            self.first.resize_with(self.rows, || None);
        }
        match &mut self.first[row as usize] {
            none @ None => *none = Some(Fault { row, field, input, refusal, more: 0 }),
            // A value that failed is NULL, and a NULL that is required would be told twice.
            Some(fault) if fault.field == field => {}
            Some(fault) => fault.more += 1,
        }
    }

    fn rejected(self, rejected_row: impl FnMut(Fault) -> RejectedRow) -> Vec<RejectedRow> {
        self.first.into_iter().flatten().map(rejected_row).collect()
    }
}

/// What the named columns hold in a row: `a = '1', b = '2'`, or the text alone where it is one column.
pub(super) fn row_text(batch: &RecordBatch, columns: &[usize], row: u32) -> String {
    let value = |column: usize| -> Option<&str> {
        let texts = batch.column(column).as_any().downcast_ref::<StringArray>()?;
        texts.is_valid(row as usize).then(|| texts.value(row as usize))
    };
    match columns {
        [column] => value(*column).unwrap_or_default().to_owned(),
        columns => columns
            .iter()
            .map(|column| {
                let schema = batch.schema_ref();
                let name = schema.field(*column).name();
                value(*column).map_or_else(|| format!("{name} is null"), |text| format!("{name} = '{text}'"))
            })
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// As much of a text as is kept.
pub(super) fn kept(text: &str) -> String {
    match text.char_indices().nth(TEXT_KEPT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
