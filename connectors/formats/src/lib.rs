//! Formats: bytes to Arrow batches.
//!
//! Each format reads a unit as a stream and gives bounded batches of nullable text columns, with the place (byte
//! offset, length, line) and the raw bytes of every row. A row that can't be read is an
//! [`Undecodable`](campaignd_contract::Undecodable) and never stops the file; an error is given only when nobody
//! could say any more where the next row starts, and only after the rows before it were given out.
//!
//! Memory depends on the batch limits, not on the file: compressed files are inflated as a stream, never to disk.
//!
//! The way of a byte: `content` (what is stored, inflated, and in a few encodings turned into UTF-8) → `window` (a
//! piece of it in memory) → the format's own rows (`csv`, `fixed_width`, `json`, `copybook`) → `columns` → a batch (`reader`).

mod bounds;
mod columns;
mod content;
mod copybook;
mod csv;
mod fixed_width;
mod footer;
mod json;
mod layout;
mod line_ends;
mod lines;
mod reader;
mod replay;
mod settings;
mod tail;
mod text;
mod transcode;
mod window;
mod zip_entry;

pub use copybook::{
    BadValue, CopybookByteOrder, CopybookDescriptor, CopybookFormat, CopybookFraming, CopybookRecord, CopybookSettings,
    CopybookTrim, CopybookVersion, ExtraBytes, NullNumber, read_copybook,
};
pub use csv::{Csv, CsvSettings, CsvTrailer};
pub use fixed_width::{FixedWidth, FixedWidthColumn, FixedWidthSettings, FixedWidthTrailer, FixedWidthTrim};
pub use json::{Json, JsonLayout, JsonSettings};
pub use settings::{Archive, Compression, Ragged};
