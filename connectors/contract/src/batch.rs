//! A bounded number of rows on their way in, each with its place.

use arrow_array::RecordBatch;

use crate::Position;

/// Where one row stands in its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Rows before it in the unit, undecodable ones included.
    pub ordinal: u64,
    /// Bytes from the start of the (decompressed) content to its first byte.
    pub offset: u64,
    /// Length in bytes, its terminator left out.
    pub length: u32,
    /// Line it starts on, the first being 1.
    pub line: u64,
}

/// What a format couldn't read: a row, which becomes a reject, never nothing; or a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecodable {
    /// Where it stands.
    pub place: Place,
    /// The column at fault, where one is.
    pub field: Option<String>,
    /// A stable code, such as `ragged_row`, `bad_encoding`, `unterminated_quote`, `bad_json`.
    pub code: &'static str,
    /// The offending text; bytes that aren't text as hex.
    pub text: String,
    /// What is wrong, in words.
    pub reason: String,
}

/// Rows decoded from a unit, as text columns unless the format declares otherwise.
#[derive(Debug)]
pub struct Batch {
    /// The rows. Columns are nullable `Utf8` unless the format knows better.
    pub records: RecordBatch,
    /// The place of each row of `records`, in order.
    pub places: Vec<Place>,
    /// Rows between them that couldn't be decoded.
    pub undecodable: Vec<Undecodable>,
    /// Rows of `records` with a field that couldn't be read and has no value, where the settings want it so: told, and not
    /// counted as rejected.
    pub noted: Vec<Undecodable>,
    /// The bytes this batch was read from, whole rows.
    pub raw: Vec<u8>,
    /// Offset in the unit of the first byte of `raw`.
    pub raw_offset: u64,
    /// After the last row of this batch: what the checkpoint stores once the batch is committed.
    pub end: Position,
}

impl Batch {
    /// The bytes of the row at `place`, empty where `raw` doesn't cover it.
    pub fn raw_row(&self, place: &Place) -> &[u8] {
        let Some(start) = place.offset.checked_sub(self.raw_offset) else { return &[] };
        let Ok(start) = usize::try_from(start) else { return &[] };
        let end = start.saturating_add(place.length as usize);
        self.raw.get(start..end).unwrap_or(&[])
    }

    /// Rows read: decoded and undecodable.
    pub fn rows_read(&self) -> usize {
        self.places.len() + self.undecodable.len()
    }
}
