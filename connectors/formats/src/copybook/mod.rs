//! Records of a mainframe, described by a COBOL copybook.

mod columns;
mod file;
mod framer;
mod loaded;
mod records;
mod rows;
mod settings;
mod spanned;
mod versions;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use campaignd_contract::{
    BatchLimits, BatchReader, ByteSource, Completeness, ConnectorSettings as _, FilePosition, Format, Position,
    ReplayRecord, Result,
};
use campaignd_copybook::Dialect;
use campaignd_copybook::framing::{self, Framer, Framing, RecordFormat};

pub use file::{CopybookFile, CopybookRecords, RecordBytes};
pub use loaded::read_copybook;
pub use settings::{
    BadValue, BeyondPicture, CopybookByteOrder, CopybookDescriptor, CopybookDisplayNumbers, CopybookFloating,
    CopybookFraming, CopybookRecord, CopybookRedefines, CopybookSettings, CopybookShortRecords, CopybookSigns,
    CopybookTables, CopybookTrim, CopybookVersion, CopybookWrongCounters, ExtraBytes, NullNumber,
};

use crate::columns::{Columns, Trim, ValueRules};
use crate::content::{Content, Decoding};
use crate::layout::Layout;
use crate::openpgp::Pgp;
use crate::reader::{Reader, RowFormat as _, file_position, kept_limits};
use crate::replay::Replay;
use crate::settings::refuse;
use crate::tail::{last_record_is_trailer, no_trailer};
use crate::window::Window;
use loaded::Loaded;
use records::{Next, Records};
use rows::{CopybookRows, failed};
use spanned::Unspanned;
use versions::{Book, Versions};

/// A copybook format with its settings. The copybook is read when a file is, so that the two are of the same time.
#[derive(Debug, Clone)]
pub struct CopybookFormat {
    settings: CopybookSettings,
    base: PathBuf,
    decoding: Decoding,
}

impl CopybookFormat {
    /// The format with these settings, or the first thing that is wrong with them. Relative paths start at `base`.
    pub fn new(settings: CopybookSettings, base: &Path) -> Result<Self> {
        refuse(CopybookSettings::KIND, &settings.problems())?;
        let decoding = Decoding {
            pgp: settings.pgp.clone().map(|pgp| Pgp::new(pgp, base)),
            compression: settings.compression,
            archive: settings.archive.clone(),
            transcode: None,
        };
        Ok(Self { settings, base: base.to_owned(), decoding })
    }

    fn versions(&self, dialect: &Dialect) -> Result<Versions> {
        Versions::new(&self.settings, &self.base, dialect)
    }

    /// The first record of a content, if there is one as that copybook has them.
    fn first_record(&self, loaded: &Arc<Loaded>, content: &Content<'_>) -> Result<Option<Vec<u8>>> {
        let framer = self.framer(loaded, BatchLimits::default().row_bytes)?;
        let mut window = Window::new(self.stream(content, 0)?, content.name(), FilePosition::default());
        Ok(match Records::new(framer).find(&mut window)? {
            Next::Record(found) => Some(window.rest()[..found.length].to_vec()),
            Next::End | Next::Wrong(_) => None,
        })
    }

    fn columns(&self, versions: &Versions) -> Columns {
        // The decoder has trimmed already.
        Columns::new(&versions.names, ValueRules::new(Trim::None, &self.settings.null_values))
    }

    /// The rows that `framer` finds; `first` is whether it is at the file's start.
    fn rows(&self, book: &Book, framer: Framer, first: bool) -> CopybookRows {
        CopybookRows::new(Arc::clone(&book.loaded), book.named.clone(), framer, self.settings.extra_bytes, first)
    }

    /// The content from byte `at` on, spanned records being put together.
    fn stream(&self, content: &Content<'_>, at: u64) -> Result<Box<dyn Read + Send>> {
        let Some(framer) = framer::spanned_framer(&self.settings)? else { return content.open(at) };
        let mut stream = Unspanned::new(content.open(0)?, content.name(), framer);
        spanned::pass(&mut stream, at, content.name())?;
        Ok(Box::new(stream))
    }

    fn framer(&self, loaded: &Arc<Loaded>, longest: usize) -> Result<Framer> {
        framer::framer(&self.settings, loaded, longest, None)
    }

    /// The framer where reading goes on. Where a block began is found by going through all of them again.
    fn resumed(&self, mut framer: Framer, at: FilePosition, content: &Content<'_>) -> Result<Framer> {
        if self.settings.framing != CopybookFraming::VariableBlocked {
            framer.resume(framing::Position { offset: at.offset, ordinal: at.line, block_end: None });
            return Ok(framer);
        }
        let start = FilePosition::default();
        let mut window = Window::new(content.open(0)?, content.name(), start);
        let mut records = Records::new(framer);
        while records.offset() < at.offset {
            match records.find(&mut window)? {
                Next::Record(found) => found.pass(&mut window),
                Next::End => break,
                Next::Wrong(wrong) => return Err(failed(content.name(), &wrong)),
            }
        }
        Ok(records.into_framer())
    }
}

impl Format for CopybookFormat {
    fn declared_columns(&self) -> Result<Option<Vec<String>>> {
        Ok(Some(self.versions(&Dialect::default())?.names))
    }

    fn fingerprint(&self) -> Result<Vec<u8>> {
        Ok(self.versions(&Dialect::default())?.texts())
    }

    fn open(
        &self,
        bytes: &dyn ByteSource,
        from: Option<&Position>,
        limits: BatchLimits,
    ) -> Result<Box<dyn BatchReader>> {
        let limits = kept_limits(limits);
        let at = file_position(from, bytes.name())?;
        let versions = self.versions(&Dialect::default())?;
        let content = Content::of(bytes, &self.decoding)?;
        let book = versions.of(bytes.name(), &|loaded| self.first_record(loaded, &content))?;
        let mut framer = self.framer(&book.loaded, limits.row_bytes)?;
        if from.is_some() {
            framer = self.resumed(framer, at, &content)?;
        }
        let window = Window::new(self.stream(&content, at.offset)?, bytes.name(), at);
        let columns = self.columns(&versions);
        let rows = self.rows(book, framer, from.is_none());
        let layout = Layout { decoded: false, header: book.loaded.name.as_bytes() }.encode();
        Ok(Box::new(Reader::new(rows, window, columns, at.row, limits, layout)))
    }

    fn completeness(&self, bytes: &dyn ByteSource) -> Result<Completeness> {
        if self.settings.trailer.is_none() {
            return Err(no_trailer(bytes, CopybookSettings::KIND));
        }
        let versions = self.versions(&Dialect::default())?;
        let first_record = |loaded: &_| self.first_record(loaded, &Content::of(bytes, &self.decoding)?);
        let book = versions.of(bytes.name(), &first_record)?;
        let framer = self.framer(&book.loaded, BatchLimits::default().row_bytes)?;
        let mut rows = self.rows(book, self.framer(&book.loaded, 0)?, false);
        let mut wrong = |record: &[u8]| {
            if rows.is_trailer(record) {
                rows.trailer(record).err()
            } else {
                Some("its last record isn't the trailer".into())
            }
        };
        let Framing { skip_end, record_skip_start, record_skip_end, ignore_leftover, .. } = *framer.framing();
        let skips = skip_end > 0 || record_skip_start > 0 || record_skip_end > 0 || ignore_leftover;
        if let RecordFormat::Fixed { length } = framer.framing().records
            && !skips
        {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            return last_record_is_trailer(bytes, &self.decoding, length, wrong);
        }
        let start = FilePosition::default();
        let content = Content::of(bytes, &self.decoding)?;
        let mut window = Window::new(self.stream(&content, 0)?, bytes.name(), start);
        let mut records = Records::new(framer);
        let mut last = Vec::new();
        let reason = loop {
            match records.find(&mut window)? {
                Next::Record(found) => {
                    last.clear();
                    last.extend_from_slice(&window.rest()[..found.length]);
                    found.pass(&mut window);
                }
                Next::End => break wrong(&last),
                Next::Wrong(wrong) => break Some(wrong.to_string()),
            }
        };
        Ok(reason.map_or(Completeness::Complete, Completeness::Incomplete))
    }

    fn replay(&self, layout: &[u8], records: &[ReplayRecord], limits: BatchLimits) -> Result<Box<dyn BatchReader>> {
        let versions = self.versions(&Dialect::default())?;
        let book = versions.named(Layout::decode(layout)?.header);
        let limits = kept_limits(limits);
        let columns = self.columns(&versions);
        let rows = self.rows(book, self.framer(&book.loaded, limits.row_bytes)?, false);
        Ok(Box::new(Replay::new(rows, columns, records.to_vec(), limits, layout.to_vec())))
    }
}
