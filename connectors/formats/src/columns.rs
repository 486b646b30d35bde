//! Text columns being filled, row by row.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, StringArray};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use campaignd_contract::{Error, Result};

/// Which characters at the ends of a value are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trim {
    None,
    Left,
    Right,
    Both,
}

/// What turns a text into a value.
#[derive(Debug, Clone)]
pub(crate) struct ValueRules {
    trim: Trim,
    empty_is_null: bool,
    other_nulls: Vec<Box<str>>,
}

impl ValueRules {
    /// Trims blanks and tabs, then makes what equals one of `nulls` NULL.
    pub fn new(trim: Trim, nulls: &[String]) -> Self {
        Self {
            trim,
            empty_is_null: nulls.iter().any(String::is_empty),
            other_nulls: nulls.iter().filter(|text| !text.is_empty()).map(|text| text.as_str().into()).collect(),
        }
    }

    /// Every text is a value as it stands.
    pub fn as_written() -> Self {
        Self { trim: Trim::None, empty_is_null: false, other_nulls: Vec::new() }
    }

    #[inline]
    fn apply<'a>(&self, text: &'a str) -> Option<&'a str> {
        const BLANK: [char; 2] = [' ', '\t'];
        let text = match self.trim {
            Trim::None => text,
            Trim::Left => text.trim_start_matches(BLANK),
            Trim::Right => text.trim_end_matches(BLANK),
            Trim::Both => text.trim_matches(BLANK),
        };
        if text.is_empty() {
            return (!self.empty_is_null).then_some(text);
        }
        let null = !self.other_nulls.is_empty() && self.other_nulls.iter().any(|null| **null == *text);
        (!null).then_some(text)
    }
}

/// The columns of a batch that is being filled.
pub(crate) struct Columns {
    schema: SchemaRef,
    rules: ValueRules,
    columns: Vec<Column>,
    rows: usize,
}

#[derive(Default)]
struct Column {
    values: Vec<u8>,
    ends: Vec<i32>,
    /// Empty as long as every row has a value.
    valid: Vec<bool>,
}

impl Columns {
    /// Empty columns of these names.
    pub fn new(names: &[String], rules: ValueRules) -> Self {
        let fields: Vec<_> = names.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
        let columns = names.iter().map(|_| Column::default()).collect();
        Self { schema: Arc::new(Schema::new(fields)), rules, columns, rows: 0 }
    }

    /// The schema of the batches.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// The name of a column.
    pub fn name(&self, index: usize) -> &str {
        self.schema.field(index).name()
    }

    /// Adds a row; `text_of` gives the text of each column.
    #[inline]
    pub fn push<'a>(&mut self, mut text_of: impl FnMut(usize) -> Option<&'a str>) {
        for (index, column) in self.columns.iter_mut().enumerate() {
            match text_of(index).and_then(|text| self.rules.apply(text)) {
                Some(text) => {
                    column.values.extend_from_slice(text.as_bytes());
                    if !column.valid.is_empty() {
                        column.valid.push(true);
                    }
                }
                None => {
                    if column.valid.is_empty() {
                        column.valid = vec![true; self.rows];
                    }
                    column.valid.push(false);
                }
            }
            column.ends.push(i32::try_from(column.values.len()).unwrap_or(i32::MAX));
        }
        self.rows += 1;
    }

    /// Gives the rows as a batch and starts again.
    pub fn take(&mut self) -> Result<RecordBatch> {
        let rows = std::mem::take(&mut self.rows);
        let failed = |e: arrow_schema::ArrowError| Error::permanent("build a batch of", "rows", e.to_string());
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.columns.len());
        for column in &mut self.columns {
            let (bytes, valid) = (column.values.len(), std::mem::take(&mut column.valid));
            let values = std::mem::replace(&mut column.values, Vec::with_capacity(bytes));
            let mut offsets = Vec::with_capacity(rows + 1);
            offsets.push(0);
            offsets.append(&mut column.ends);
            let nulls = (!valid.is_empty()).then(|| NullBuffer::from(valid));
            let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
            arrays.push(Arc::new(StringArray::try_new(offsets, Buffer::from_vec(values), nulls).map_err(failed)?));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(self.schema(), arrays, &options).map_err(failed)
    }
}
