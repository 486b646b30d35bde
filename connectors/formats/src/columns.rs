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
    /// Nothing is trimmed, and at most the empty text is NULL.
    simple: bool,
    trim: Trim,
    empty_is_null: bool,
    other_nulls: Vec<Box<str>>,
}

impl ValueRules {
    /// Trims blanks and tabs, then makes what equals one of `nulls` NULL.
    pub fn new(trim: Trim, nulls: &[String]) -> Self {
        Self {
            simple: trim == Trim::None && nulls.iter().all(String::is_empty),
            trim,
            empty_is_null: nulls.iter().any(String::is_empty),
            other_nulls: nulls.iter().filter(|text| !text.is_empty()).map(|text| text.as_str().into()).collect(),
        }
    }

    /// Every text is a value as it stands.
    pub fn as_written() -> Self {
        Self::new(Trim::None, &[])
    }

    #[inline]
    fn apply<'a>(&self, text: &'a str) -> Option<&'a str> {
        if !self.simple {
            return self.apply_all(text);
        }
        (!text.is_empty() || !self.empty_is_null).then_some(text)
    }

    fn apply_all<'a>(&self, text: &'a str) -> Option<&'a str> {
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
        let null = self.other_nulls.iter().any(|null| **null == *text);
        (!null).then_some(text)
    }
}

/// The columns of a batch that is being filled.
pub(crate) struct Columns {
    schema: SchemaRef,
    rules: ValueRules,
    filled: Vec<Column>,
    rows: usize,
}

struct Column {
    values: Vec<u8>,
    /// 0, then where each value ends.
    offsets: Vec<i32>,
    /// Empty as long as every row has a value.
    valid: Vec<bool>,
}

impl Column {
    fn with_capacity(rows: usize, bytes: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        Self { values: Vec::with_capacity(bytes), offsets, valid: Vec::new() }
    }
}

impl Columns {
    /// Empty columns of these names.
    pub fn new(names: &[String], rules: ValueRules) -> Self {
        let fields: Vec<_> = names.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
        let filled = names.iter().map(|_| Column::with_capacity(0, 0)).collect();
        Self { schema: Arc::new(Schema::new(fields)), rules, filled, rows: 0 }
    }

    /// The schema of the batches.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        self.filled.len()
    }

    /// Adds a row; `text_of` gives the text of each column.
    #[inline]
    pub fn push<'a>(&mut self, mut text_of: impl FnMut(usize) -> Option<&'a str>) {
        for (index, column) in self.filled.iter_mut().enumerate() {
            let value = text_of(index).and_then(|text| self.rules.apply(text));
            if value.is_none() && column.valid.is_empty() {
                column.valid = vec![true; self.rows];
            }
            if value.is_none() || !column.valid.is_empty() {
                column.valid.push(value.is_some());
            }
            column.values.extend_from_slice(value.unwrap_or_default().as_bytes());
            column.offsets.push(i32::try_from(column.values.len()).unwrap_or(i32::MAX));
        }
        self.rows += 1;
    }

    /// Gives the rows as a batch and starts again.
    pub fn take(&mut self) -> Result<RecordBatch> {
        let rows = std::mem::take(&mut self.rows);
        let failed = |e: arrow_schema::ArrowError| Error::permanent("build a batch of", "rows", e.to_string());
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.filled.len());
        for column in &mut self.filled {
            let next = Column::with_capacity(rows, column.values.len());
            let Column { values, offsets, valid } = std::mem::replace(column, next);
            let nulls = (!valid.is_empty()).then(|| NullBuffer::from(valid));
            let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
            arrays.push(Arc::new(StringArray::try_new(offsets, Buffer::from_vec(values), nulls).map_err(failed)?));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(self.schema(), arrays, &options).map_err(failed)
    }
}
