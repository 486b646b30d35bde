//! Single rows on their way back in.

use std::iter::Peekable;
use std::vec::IntoIter;

use arrow_schema::SchemaRef;
use campaignd_contract::{
    Batch, BatchLimits, BatchReader, ControlRecord, FilePosition, Place, ReplayRecord, Result, Undecodable,
};

use crate::columns::Columns;
use crate::reader::{Fault, RowFormat, misplaced_trailer};

/// Reads rows whose bytes were kept. They keep their first places; a batch holds rows that stood one after the
/// other, near enough for its raw bytes to span them within the limits. Bytes between them are line feeds.
pub(crate) struct Replay<F> {
    format: F,
    columns: Columns,
    records: Peekable<IntoIter<ReplayRecord>>,
    limits: BatchLimits,
    layout: Vec<u8>,
}

impl<F: RowFormat> Replay<F> {
    /// Reads `records` in the order given.
    pub fn new(format: F, columns: Columns, records: Vec<ReplayRecord>, limits: BatchLimits, layout: Vec<u8>) -> Self {
        Self { format, columns, records: records.into_iter().peekable(), limits, layout }
    }

    fn decode(&mut self, record: &ReplayRecord) -> Result<(), Fault> {
        let refused = |code, reason: &str| {
            Err(Fault { code, field: None, text: self.format.shown(&record.raw), reason: reason.into() })
        };
        if record.raw.is_empty() && record.place.length > 0 {
            return refused("row_too_long", "its bytes weren't kept; load the file again");
        }
        if record.raw.len() > self.limits.row_bytes {
            return refused("row_too_long", "it has more bytes than a row may have");
        }
        if self.format.is_trailer(&record.raw) {
            return Err(misplaced_trailer(self.format.shown(&record.raw)));
        }
        self.format.decode(&record.raw, &mut self.columns)
    }
}

impl<F: RowFormat> BatchReader for Replay<F> {
    fn schema(&self) -> SchemaRef {
        self.columns.schema()
    }

    fn next_batch(&mut self) -> Result<Option<Batch>> {
        let Some(first) = self.records.peek() else { return Ok(None) };
        let raw_offset = first.place.offset;
        let (mut places, mut undecodable, mut raw) = (Vec::<Place>::new(), Vec::<Undecodable>::new(), Vec::new());
        let mut noted = Vec::new();
        let mut end = FilePosition::default();
        let limits = self.limits;
        while let Some(record) =
            self.records.next_if(|next| {
                let read = places.len() + undecodable.len();
                let fits =
                    next.place.offset.checked_sub(raw_offset).and_then(|gap| usize::try_from(gap).ok()).is_some_and(
                        |start| start >= raw.len() && start.saturating_add(next.raw.len()) <= limits.bytes,
                    );
                read == 0 || (read < limits.rows && fits)
            })
        {
            raw.resize(usize::try_from(record.place.offset - raw_offset).unwrap_or(raw.len()), b'\n');
            raw.extend_from_slice(&record.raw);
            match self.decode(&record) {
                Ok(()) => {
                    noted.extend(self.format.note().map(|fault| fault.at(record.place)));
                    places.push(record.place);
                }
                Err(fault) => undecodable.push(fault.at(record.place)),
            }
            let Place { ordinal, offset, length, line } = record.place;
            end = FilePosition { offset: offset + u64::from(length), row: ordinal + 1, line };
        }
        Ok(Some(Batch {
            records: self.columns.take()?,
            places,
            undecodable,
            noted,
            raw,
            raw_offset,
            end: end.to_position(),
        }))
    }

    fn trailer(&self) -> Option<&ControlRecord> {
        None
    }

    fn layout(&self) -> Vec<u8> {
        self.layout.clone()
    }
}
