//! A file's records one by one, for whoever looks at them themselves: the command line.

use std::sync::Arc;

use campaignd_contract::{ByteSource, FilePosition, Result};
use campaignd_copybook::Dialect;
use campaignd_copybook::decode::{Decoder, Fault, Options};
use campaignd_copybook::framing::LengthOf;
use campaignd_copybook::layout::Layout;
use campaignd_copybook::routing::{Choices, Condition};

use super::loaded::Loaded;
use super::records::{Next, Records};
use super::rows::failed;
use super::settings::CopybookSettings;
use super::{CopybookFormat, framer};
use crate::content::Content;
use crate::window::Window;

/// Bytes a record may have at least, however long the copybook's are.
const LONGEST: usize = 1 << 20;

/// A copybook format whose copybook was read.
#[derive(Debug)]
pub struct CopybookFile {
    format: CopybookFormat,
    loaded: Arc<Loaded>,
}

/// The records of a file.
pub struct CopybookRecords {
    window: Window,
    records: Records,
    last: Option<super::records::Found>,
}

/// A record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordBytes<'w> {
    /// Its bytes, those left out that the settings name.
    pub bytes: &'w [u8],
    /// Where in the content they start.
    pub offset: u64,
}

impl CopybookFormat {
    /// Reads the usual copybook, written in this dialect.
    pub fn with_copybook(self, dialect: &Dialect) -> Result<CopybookFile> {
        let loaded = Arc::new(Loaded::new(&self.settings, &self.base, dialect)?);
        Ok(CopybookFile { format: self, loaded })
    }

    /// Reads the copybook that `bytes` have.
    pub fn with_copybook_of(self, bytes: &dyn ByteSource) -> Result<CopybookFile> {
        let first_record = |loaded: &_| self.first_record(loaded, &Content::of(bytes, &self.decoding)?);
        let versions = self.versions(&Dialect::default())?;
        let loaded = Arc::clone(&versions.of(bytes.name(), &first_record)?.loaded);
        Ok(CopybookFile { format: self, loaded })
    }
}

impl CopybookFile {
    /// The settings.
    pub fn settings(&self) -> &CopybookSettings {
        &self.format.settings
    }

    /// Where each field stands.
    pub fn layout(&self) -> &Arc<Layout> {
        &self.loaded.layout
    }

    /// Which groups a record has.
    pub fn choices(&self) -> &Choices {
        &self.loaded.choices
    }

    /// What the first record is told by, if it is no row.
    pub fn header(&self) -> Option<&Condition> {
        self.loaded.header.as_ref()
    }

    /// What the last record is told by, if it is no row.
    pub fn trailer(&self) -> Option<&Condition> {
        self.loaded.trailer.as_ref()
    }

    /// Whether a field with that fault is left out, and its record read without it.
    pub fn leaves_out(&self, fault: &Fault) -> bool {
        self.loaded.leaves_out(fault)
    }

    /// What bytes mean, as the settings say.
    pub fn options(&self) -> Options {
        self.loaded.options
    }

    /// Decodes records as the settings say.
    pub fn decoder(&self) -> Decoder {
        self.loaded.decoder()
    }

    /// The records of a file. Where `framing` is `layout`, `length_of` may tell the length of each instead of the copybook.
    pub fn records(&self, bytes: &dyn ByteSource, length_of: Option<LengthOf>) -> Result<CopybookRecords> {
        let framer = framer::framer(&self.format.settings, &self.loaded, LONGEST, length_of)?;
        let content = Content::of(bytes, &self.format.decoding)?;
        let window = Window::new(self.format.stream(&content, 0)?, bytes.name(), FilePosition::default());
        Ok(CopybookRecords { window, records: Records::new(framer), last: None })
    }
}

impl CopybookRecords {
    /// The next record; `None` at the end.
    #[expect(
        clippy::should_implement_trait,
        reason = "a record borrows the bytes in memory, as no Iterator's item can"
    )]
    pub fn next(&mut self) -> Result<Option<RecordBytes<'_>>> {
        if let Some(last) = self.last.take() {
            last.pass(&mut self.window);
        }
        match self.records.find(&mut self.window)? {
            Next::Record(found) => {
                self.last = Some(found);
                let offset = self.window.offset();
                Ok(Some(RecordBytes { bytes: &self.window.rest()[..found.length], offset }))
            }
            Next::End => Ok(None),
            Next::Wrong(wrong) => Err(failed(self.window.name(), &wrong)),
        }
    }
}
