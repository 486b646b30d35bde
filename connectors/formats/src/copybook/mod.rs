//! Records of a mainframe, described by a COBOL copybook.

mod columns;
mod file;
mod framer;
mod loaded;
mod records;
mod rows;
mod settings;
mod spanned;

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
    BeyondPicture, CopybookByteOrder, CopybookDescriptor, CopybookDisplayNumbers, CopybookFloating, CopybookFraming,
    CopybookRecord, CopybookRedefines, CopybookSettings, CopybookShortRecords, CopybookSigns, CopybookTables,
    CopybookTrim, CopybookWrongCounters, ExtraBytes, NullNumber,
};

use crate::columns::{Columns, Trim, ValueRules};
use crate::content::{self, Decoding};
use crate::layout::Layout;
use crate::reader::{Reader, RowFormat as _, file_position, kept_limits};
use crate::replay::Replay;
use crate::settings::refuse;
use crate::tail::{last_record_is_trailer, no_trailer};
use crate::window::Window;
use columns::Named;
use loaded::Loaded;
use records::{Next, Records};
use rows::{CopybookRows, failed};
use spanned::Unspanned;

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
        let decoding =
            Decoding { compression: settings.compression, archive: settings.archive.clone(), transcode: None };
        Ok(Self { settings, base: base.to_owned(), decoding })
    }

    fn loaded(&self) -> Result<Arc<Loaded>> {
        Loaded::new(&self.settings, &self.base, &Dialect::default()).map(Arc::new)
    }

    fn columns(&self, named: &Named) -> Columns {
        // The decoder has trimmed already.
        Columns::new(&named.names, ValueRules::new(Trim::None, &self.settings.null_values))
    }

    /// The content from byte `at` on, spanned records being put together.
    fn content(&self, bytes: &dyn ByteSource, at: u64) -> Result<Box<dyn Read + Send>> {
        let Some(framer) = framer::spanned_framer(&self.settings)? else {
            return content::open(bytes, &self.decoding, at);
        };
        let mut stream = Unspanned::new(content::open(bytes, &self.decoding, 0)?, bytes.name(), framer);
        spanned::pass(&mut stream, at, bytes.name())?;
        Ok(Box::new(stream))
    }

    fn framer(&self, loaded: &Arc<Loaded>, longest: usize) -> Result<Framer> {
        framer::framer(&self.settings, loaded, longest, None)
    }

    /// The framer where reading goes on. Where a block began is found by going through all of them again.
    fn resumed(&self, mut framer: Framer, at: FilePosition, bytes: &dyn ByteSource) -> Result<Framer> {
        if self.settings.framing != CopybookFraming::VariableBlocked {
            framer.resume(framing::Position { offset: at.offset, ordinal: at.line, block_end: None });
            return Ok(framer);
        }
        let start = FilePosition::default();
        let mut window = Window::new(content::open(bytes, &self.decoding, 0)?, bytes.name(), start);
        let mut records = Records::new(framer);
        while records.offset() < at.offset {
            match records.find(&mut window)? {
                Next::Record(found) => found.pass(&mut window),
                Next::End => break,
                Next::Wrong(wrong) => return Err(failed(bytes.name(), &wrong)),
            }
        }
        Ok(records.into_framer())
    }
}

impl Format for CopybookFormat {
    fn declared_columns(&self) -> Result<Option<Vec<String>>> {
        Ok(Some(self.loaded()?.columns()?.names))
    }

    fn open(
        &self,
        bytes: &dyn ByteSource,
        from: Option<&Position>,
        limits: BatchLimits,
    ) -> Result<Box<dyn BatchReader>> {
        let limits = kept_limits(limits);
        let at = file_position(from, bytes.name())?;
        let loaded = self.loaded()?;
        let mut framer = self.framer(&loaded, limits.row_bytes)?;
        if from.is_some() {
            framer = self.resumed(framer, at, bytes)?;
        }
        let window = Window::new(self.content(bytes, at.offset)?, bytes.name(), at);
        let named = loaded.columns()?;
        let columns = self.columns(&named);
        let rows = CopybookRows::new(loaded, named, framer, self.settings.extra_bytes, from.is_none());
        let layout = Layout { decoded: false, header: &[] }.encode();
        Ok(Box::new(Reader::new(rows, window, columns, at.row, limits, layout)))
    }

    fn completeness(&self, bytes: &dyn ByteSource) -> Result<Completeness> {
        if self.settings.trailer.is_none() {
            return Err(no_trailer(bytes, CopybookSettings::KIND));
        }
        let loaded = self.loaded()?;
        let framer = self.framer(&loaded, BatchLimits::default().row_bytes)?;
        let outside = self.framer(&loaded, 0)?;
        let mut rows =
            CopybookRows::new(Arc::clone(&loaded), loaded.columns()?, outside, self.settings.extra_bytes, false);
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
        let mut window = Window::new(self.content(bytes, 0)?, bytes.name(), start);
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
        Layout::decode(layout)?;
        let loaded = self.loaded()?;
        let limits = kept_limits(limits);
        let named = loaded.columns()?;
        let columns = self.columns(&named);
        let framer = self.framer(&loaded, limits.row_bytes)?;
        let rows = CopybookRows::new(loaded, named, framer, self.settings.extra_bytes, false);
        Ok(Box::new(Replay::new(rows, columns, records.to_vec(), limits, layout.to_vec())))
    }
}
