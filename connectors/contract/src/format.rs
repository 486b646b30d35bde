//! Bytes to Arrow batches.

use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::path::{Path, PathBuf};

use arrow_schema::SchemaRef;

use crate::{Batch, Error, Position, Result};

/// A stream that can go back: spool files and memory.
pub trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// The content of a unit, readable from its start as often as needed.
pub trait ByteSource: Send + Sync {
    /// A new stream over the whole content.
    fn open(&self) -> Result<Box<dyn ReadSeek>>;
    /// Bytes in all, as stored (compressed, if the file is).
    fn length(&self) -> u64;
    /// What to call it in messages.
    fn name(&self) -> &str;
}

/// A file of this machine: a spooled copy, a golden case, a sample.
#[derive(Debug, Clone)]
pub struct FileBytes {
    path: PathBuf,
    name: String,
    length: u64,
}

impl FileBytes {
    /// The file at `path`, called `name` in messages.
    pub fn new(path: impl Into<PathBuf>, name: impl Into<String>) -> Result<Self> {
        let path = path.into();
        let length = std::fs::metadata(&path).map_err(|e| Error::io("look at", path.display().to_string(), &e))?.len();
        Ok(Self { path, name: name.into(), length })
    }

    /// Where the bytes are.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl ByteSource for FileBytes {
    fn open(&self) -> Result<Box<dyn ReadSeek>> {
        let file = File::open(&self.path).map_err(|e| Error::io("open", self.path.display().to_string(), &e))?;
        Ok(Box::new(file))
    }

    fn length(&self) -> u64 {
        self.length
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// Bytes in memory: replayed rejects and tests.
#[derive(Debug, Clone)]
pub struct MemoryBytes {
    bytes: std::sync::Arc<[u8]>,
    name: String,
}

impl MemoryBytes {
    /// The bytes, called `name` in messages.
    pub fn new(name: impl Into<String>, bytes: impl Into<std::sync::Arc<[u8]>>) -> Self {
        Self { bytes: bytes.into(), name: name.into() }
    }
}

impl ByteSource for MemoryBytes {
    fn open(&self) -> Result<Box<dyn ReadSeek>> {
        Ok(Box::new(Cursor::new(self.bytes.clone())))
    }

    fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// How much a batch may hold. A batch is closed at whichever limit is reached first; one row that is longer
/// than `bytes` is a batch of its own, and one longer than `row_bytes` is undecodable.
#[derive(Debug, Clone, Copy)]
pub struct BatchLimits {
    /// Rows at most, at least 1.
    pub rows: usize,
    /// Bytes of raw input at most.
    pub bytes: usize,
    /// Bytes of one row at most.
    pub row_bytes: usize,
}

impl Default for BatchLimits {
    fn default() -> Self {
        Self { rows: 8_192, bytes: 4 << 20, row_bytes: 1 << 20 }
    }
}

/// A header or trailer record: what the sender says of the file in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ControlRecord {
    /// Name and text of each field, in order.
    pub fields: Vec<(String, String)>,
    /// Line it stands on, the first being 1.
    pub line: u64,
    /// Why its fields couldn't be read, where they couldn't: what isn't asked for needn't be readable.
    pub unreadable: Option<String>,
}

/// Whether a content ends as its format says a whole one does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completeness {
    /// The trailer is there.
    Complete,
    /// It isn't, and why that is thought: the file is still being written, or was cut.
    Incomplete(String),
}

/// One rejected row on its way back in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayRecord {
    /// The row's bytes as they were first read.
    pub raw: Vec<u8>,
    /// Its first place, reported again for the replayed row.
    pub place: crate::Place,
}

/// A format with its settings.
pub trait Format: Send + Sync {
    /// The columns, where they are known without an input file (declared, or fixed by the format). An error is one of
    /// the settings: a file that they name can't be read.
    fn declared_columns(&self) -> Result<Option<Vec<String>>>;

    /// What the files hold that the settings name. Where it changes, so does what rows become.
    fn fingerprint(&self) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }

    /// Starts reading `bytes`, after `from` where given. `from` is a [`Batch::end`] of the same content.
    fn open(
        &self,
        bytes: &dyn ByteSource,
        from: Option<&Position>,
        limits: BatchLimits,
    ) -> Result<Box<dyn BatchReader>>;

    /// Whether the content ends with its trailer. A format without a trailer can't tell and says so as an error.
    fn completeness(&self, bytes: &dyn ByteSource) -> Result<Completeness>;

    /// Reads single rows again. `layout` is what [`BatchReader::layout`] said of the file they came from.
    fn replay(&self, layout: &[u8], records: &[ReplayRecord], limits: BatchLimits) -> Result<Box<dyn BatchReader>>;
}

/// Reads one unit, a bounded batch at a time.
pub trait BatchReader: Send {
    /// The columns of every batch.
    fn schema(&self) -> SchemaRef;

    /// The next rows, `None` after the last. Never an empty batch. An error leaves the reader unusable; what
    /// was returned before it stands.
    fn next_batch(&mut self) -> Result<Option<Batch>>;

    /// The header, once the first batch was read, where reading started at the beginning and there is one.
    fn header(&self) -> Option<&ControlRecord> {
        None
    }

    /// The trailer, once `next_batch` has returned `None`.
    fn trailer(&self) -> Option<&ControlRecord>;

    /// What is needed besides a row's own bytes to read it again: a CSV header, for example.
    fn layout(&self) -> Vec<u8>;
}
