//! Delimited text.

mod dialect;
mod header;
mod rows;
mod settings;

use std::path::Path;

use campaignd_contract::{
    BatchLimits, BatchReader, ByteSource, Completeness, ConnectorSettings as _, FilePosition, Format, Position,
    ReplayRecord, Result,
};

pub use settings::{CsvSettings, CsvTrailer};

use crate::columns::{Columns, Trim, ValueRules};
use crate::content::{Content, Decoding};
use crate::layout::Layout;
use crate::openpgp::Pgp;
use crate::reader::{Reader, RowFormat as _, file_position, kept_limits};
use crate::replay::Replay;
use crate::settings::{Ragged, refuse};
use crate::tail::{After, ends_with_trailer, no_trailer};
use crate::text::Charset;
use crate::window::Window;
use dialect::{Dialect, Splitter};
use header::Header;
use rows::CsvRows;

/// CSV with its settings.
#[derive(Debug, Clone)]
pub struct Csv {
    settings: CsvSettings,
    dialect: Dialect,
    charset: Charset,
    decoding: Decoding,
}

impl Csv {
    /// The format with these settings, or the first thing that is wrong with them. Relative paths start at `base`.
    pub fn new(settings: CsvSettings, base: &Path) -> Result<Self> {
        refuse(CsvSettings::KIND, &settings.problems())?;
        let charset = Charset::of(&settings.encoding);
        let decoding = Decoding {
            pgp: settings.pgp.clone().map(|pgp| Pgp::new(pgp, base)),
            compression: settings.compression,
            archive: settings.archive.clone(),
            transcode: charset.transcode,
        };
        Ok(Self { dialect: Dialect::of(&settings), settings, charset, decoding })
    }

    fn window(&self, content: &Content<'_>, at: FilePosition, limits: BatchLimits) -> Result<Window> {
        let mut window = Window::new(content.open(at.offset)?, content.name(), at);
        let lines = self.settings.skip_footer_lines;
        window.hold_back(lines, limits.row_bytes.saturating_mul(lines));
        Ok(window)
    }

    fn rules(&self) -> ValueRules {
        let trim = if self.settings.trim { Trim::Both } else { Trim::None };
        ValueRules::new(trim, &self.settings.null_values)
    }

    fn rows(&self, splitter: Splitter, header: Header, charset: Charset) -> CsvRows {
        CsvRows::new(splitter, charset, header, self.settings.ragged == Ragged::Pad, self.settings.trailer.clone())
    }
}

impl Format for Csv {
    fn declared_columns(&self) -> Result<Option<Vec<String>>> {
        Ok((!self.settings.columns.is_empty()).then(|| self.settings.columns.clone()))
    }

    fn open(
        &self,
        bytes: &dyn ByteSource,
        from: Option<&Position>,
        limits: BatchLimits,
    ) -> Result<Box<dyn BatchReader>> {
        let limits = kept_limits(limits);
        let at = file_position(from, bytes.name())?;
        let content = Content::of(bytes, &self.decoding)?;
        let mut window = self.window(&content, FilePosition::default(), limits)?;
        let mut splitter = Splitter::new(self.dialect);
        let (header, raw) = header::read(&mut window, &self.settings, &mut splitter, self.charset, limits.row_bytes)?;
        if from.is_some() {
            window = self.window(&content, at, limits)?;
        }
        let layout = Layout { decoded: self.charset.transcode.is_some(), header: &raw }.encode();
        let columns = Columns::new(&header.columns, self.rules());
        let rows = self.rows(splitter, header, self.charset);
        Ok(Box::new(Reader::new(rows, window, columns, at.row, limits, layout)))
    }

    fn completeness(&self, bytes: &dyn ByteSource) -> Result<Completeness> {
        if self.settings.trailer.is_none() {
            return Err(no_trailer(bytes, CsvSettings::KIND));
        }
        let after = After { footer_lines: self.settings.skip_footer_lines, comment: self.dialect.comment };
        let mut rows = self.rows(Splitter::new(self.dialect), Header::default(), self.charset);
        ends_with_trailer(bytes, &self.decoding, after, |line| {
            if rows.is_trailer(line) {
                rows.trailer(line).err()
            } else {
                Some("its last record isn't the trailer".into())
            }
        })
    }

    fn replay(&self, layout: &[u8], records: &[ReplayRecord], limits: BatchLimits) -> Result<Box<dyn BatchReader>> {
        let stored = Layout::decode(layout)?;
        let charset = if stored.decoded { Charset::of_decoded_rows() } else { self.charset };
        let mut splitter = Splitter::new(self.dialect);
        let header = header::of_row(stored.header, &self.settings, &mut splitter, charset, "a file read before")?;
        let columns = Columns::new(&header.columns, self.rules());
        let rows = self.rows(splitter, header, charset);
        Ok(Box::new(Replay::new(rows, columns, records.to_vec(), kept_limits(limits), layout.to_vec())))
    }
}
