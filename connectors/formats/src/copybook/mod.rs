//! Records of a mainframe, described by a COBOL copybook.

mod columns;
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
    BatchLimits, BatchReader, ByteSource, Completeness, ConnectorSettings as _, Error, FilePosition, Format, Position,
    ReplayRecord, Result,
};
use campaignd_copybook::decode::Length;
use campaignd_copybook::framing::{
    self, Endian, Framer, Framing, LengthAnswer, LineEnd, Rdw, RecordFormat, SettingsError,
};
use campaignd_copybook::routing::Chosen;

pub use loaded::read_copybook;
pub use settings::{
    BadValue, CopybookByteOrder, CopybookDescriptor, CopybookFraming, CopybookRecord, CopybookSettings, CopybookTrim,
    CopybookVersion, ExtraBytes, NullNumber,
};

use crate::columns::{Columns, Trim, ValueRules};
use crate::content::{self, Decoding};
use crate::layout::Layout;
use crate::reader::{Reader, RowFormat as _, file_position, kept_limits};
use crate::replay::Replay;
use crate::settings::refuse;
use crate::tail::{last_record_is_trailer, no_trailer};
use crate::window::Window;
use loaded::Loaded;
use records::{Next, Records};
use rows::{CopybookRows, failed};
use spanned::Unspanned;
use versions::Versions;

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

    fn versions(&self) -> Result<Versions> {
        Versions::new(&self.settings, &self.base)
    }

    /// The copybook that `bytes` have.
    fn loaded(&self, versions: &Versions, bytes: &dyn ByteSource) -> Result<Arc<Loaded>> {
        versions.of(bytes, &|loaded| self.first_record(loaded, bytes))
    }

    /// The first record, if there is one as that copybook has them.
    fn first_record(&self, loaded: &Arc<Loaded>, bytes: &dyn ByteSource) -> Result<Option<Vec<u8>>> {
        let framer = self.framer(loaded, BatchLimits::default().row_bytes)?;
        let mut window = Window::new(self.content(bytes, 0)?, bytes.name(), FilePosition::default());
        Ok(match Records::new(framer).find(&mut window)? {
            Next::Record(found) => Some(window.rest()[..found.length].to_vec()),
            Next::End | Next::Wrong(_) => None,
        })
    }

    fn columns(&self, versions: &Versions) -> Columns {
        // The decoder has trimmed already.
        Columns::new(&versions.names, ValueRules::new(Trim::None, &self.settings.null_values))
    }

    fn rdw(&self) -> Rdw {
        let descriptor = self.settings.descriptor;
        Rdw {
            endian: match descriptor.byte_order {
                CopybookByteOrder::Big => Endian::Big,
                CopybookByteOrder::Little => Endian::Little,
            },
            counts_itself: descriptor.counts_itself,
            adjust: 0,
        }
    }

    /// The content from byte `at` on, spanned records being put together.
    fn content(&self, bytes: &dyn ByteSource, at: u64) -> Result<Box<dyn Read + Send>> {
        let bdw = match self.settings.framing {
            CopybookFraming::Spanned => Some(self.rdw()),
            CopybookFraming::SpannedWithoutBlocks => None,
            _ => return content::open(bytes, &self.decoding, at),
        };
        let framing = Framing::new(RecordFormat::Spanned { rdw: self.rdw(), bdw });
        let framer = Framer::new(framing).map_err(|wrong| no_framing(&wrong))?;
        let mut stream = Unspanned::new(content::open(bytes, &self.decoding, 0)?, bytes.name(), framer);
        spanned::pass(&mut stream, at, bytes.name())?;
        Ok(Box::new(stream))
    }

    fn framer(&self, loaded: &Arc<Loaded>, longest: usize) -> Result<Framer> {
        let rdw = self.rdw();
        let longest = u32::try_from(longest).unwrap_or(u32::MAX).max(loaded.longest);
        let records = match self.settings.framing {
            CopybookFraming::Fixed => RecordFormat::Fixed { length: loaded.record_length },
            CopybookFraming::Variable => RecordFormat::Variable(rdw),
            CopybookFraming::VariableBlocked => RecordFormat::VariableBlocked { rdw, bdw: rdw },
            CopybookFraming::Lines => RecordFormat::Lines { most: longest, end: LineEnd::Lf },
            CopybookFraming::Layout => RecordFormat::ByLayout,
            CopybookFraming::Spanned | CopybookFraming::SpannedWithoutBlocks => {
                return Framer::new(spanned::framing(longest)).map_err(|wrong| no_framing(&wrong));
            }
        };
        let framing = Framing { longest, ..Framing::new(records) };
        let made = if records == RecordFormat::ByLayout {
            Framer::by_layout(framing, length_of(loaded))
        } else {
            Framer::new(framing)
        };
        made.map_err(|wrong| no_framing(&wrong))
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

fn no_framing(wrong: &SettingsError) -> Error {
    Error::permanent("use", "the framing of the copybook format", wrong.to_string())
}

/// Tells how long a record is that has no marks.
fn length_of(loaded: &Arc<Loaded>) -> framing::LengthOf {
    let (loaded, mut decoder, mut chosen) = (Arc::clone(loaded), loaded.decoder(), Chosen::default());
    Box::new(move |bytes: &[u8]| {
        if !loaded.choices.choose(bytes, &decoder, &mut chosen) {
            return LengthAnswer::Wrong("no condition of [format.when] holds for it".into());
        }
        let wanted = &chosen.wanted;
        match decoder.length(chosen.record, bytes, &mut |item| wanted[item]) {
            Length::Is(length) => LengthAnswer::Is(length),
            Length::Needs(bytes) => LengthAnswer::Needs(bytes),
            Length::Unknown(fault) => {
                LengthAnswer::Wrong(format!("{}: {}", loaded.layout.path(fault.item), fault.reason))
            }
        }
    })
}

impl Format for CopybookFormat {
    fn declared_columns(&self) -> Result<Option<Vec<String>>> {
        Ok(Some(self.versions()?.names))
    }

    fn fingerprint(&self) -> Result<Vec<u8>> {
        Ok(self.versions()?.texts())
    }

    fn open(
        &self,
        bytes: &dyn ByteSource,
        from: Option<&Position>,
        limits: BatchLimits,
    ) -> Result<Box<dyn BatchReader>> {
        let limits = kept_limits(limits);
        let at = file_position(from, bytes.name())?;
        let versions = self.versions()?;
        let loaded = self.loaded(&versions, bytes)?;
        let mut framer = self.framer(&loaded, limits.row_bytes)?;
        if from.is_some() {
            framer = self.resumed(framer, at, bytes)?;
        }
        let window = Window::new(self.content(bytes, at.offset)?, bytes.name(), at);
        let columns = self.columns(&versions);
        let layout = Layout { decoded: false, header: loaded.name.as_bytes() }.encode();
        let rows = CopybookRows::new(loaded, framer, self.settings.extra_bytes, from.is_none());
        Ok(Box::new(Reader::new(rows, window, columns, at.row, limits, layout)))
    }

    fn completeness(&self, bytes: &dyn ByteSource) -> Result<Completeness> {
        if self.settings.trailer.is_none() {
            return Err(no_trailer(bytes, CopybookSettings::KIND));
        }
        let loaded = self.loaded(&self.versions()?, bytes)?;
        let framer = self.framer(&loaded, BatchLimits::default().row_bytes)?;
        let mut rows =
            CopybookRows::new(Arc::clone(&loaded), self.framer(&loaded, 0)?, self.settings.extra_bytes, false);
        let mut wrong = |record: &[u8]| {
            if rows.is_trailer(record) {
                rows.trailer(record).err()
            } else {
                Some("its last record isn't the trailer".into())
            }
        };
        if let RecordFormat::Fixed { length } = framer.framing().records {
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
        let versions = self.versions()?;
        let loaded = versions.named(Layout::decode(layout)?.header);
        let limits = kept_limits(limits);
        let columns = self.columns(&versions);
        let framer = self.framer(&loaded, limits.row_bytes)?;
        let rows = CopybookRows::new(loaded, framer, self.settings.extra_bytes, false);
        Ok(Box::new(Replay::new(rows, columns, records.to_vec(), limits, layout.to_vec())))
    }
}
