//! Text whose columns stand at fixed places.

mod rows;
mod settings;

use std::path::Path;

use campaignd_contract::{
    BatchLimits, BatchReader, ByteSource, Completeness, ConnectorSettings as _, FilePosition, Format, Position,
    ReplayRecord, Result,
};

pub use settings::{FixedWidthColumn, FixedWidthSettings, FixedWidthTrailer, FixedWidthTrim};

use crate::columns::{Columns, ValueRules};
use crate::content::{Content, Decoding};
use crate::layout::Layout;
use crate::lines;
use crate::openpgp::Pgp;
use crate::reader::{Reader, RowFormat as _, file_position, kept_limits};
use crate::replay::Replay;
use crate::settings::refuse;
use crate::tail::{After, ends_with_trailer, last_record_is_trailer, no_trailer};
use crate::text::Charset;
use crate::window::Window;
use rows::FixedWidthRows;

/// Fixed width with its settings.
#[derive(Debug, Clone)]
pub struct FixedWidth {
    settings: FixedWidthSettings,
    charset: Charset,
    decoding: Decoding,
}

impl FixedWidth {
    /// The format with these settings, or the first thing that is wrong with them. Relative paths start at `base`.
    pub fn new(settings: FixedWidthSettings, base: &Path) -> Result<Self> {
        refuse(FixedWidthSettings::KIND, &settings.problems())?;
        let charset = Charset::of(&settings.encoding);
        let decoding = Decoding {
            pgp: settings.pgp.clone().map(|pgp| Pgp::new(pgp, base)),
            compression: settings.compression,
            archive: settings.archive.clone(),
            transcode: charset.transcode,
        };
        Ok(Self { settings, charset, decoding })
    }

    fn columns(&self) -> Columns {
        let rules = ValueRules::new(self.settings.trim.rule(), &self.settings.null_values);
        Columns::new(&self.names(), rules)
    }

    fn names(&self) -> Vec<String> {
        self.settings.columns.iter().map(|column| column.name.clone()).collect()
    }
}

impl Format for FixedWidth {
    fn declared_columns(&self) -> Result<Option<Vec<String>>> {
        Ok(Some(self.names()))
    }

    fn open(
        &self,
        bytes: &dyn ByteSource,
        from: Option<&Position>,
        limits: BatchLimits,
    ) -> Result<Box<dyn BatchReader>> {
        let limits = kept_limits(limits);
        let at: FilePosition = file_position(from, bytes.name())?;
        let content = Content::of(bytes, &self.decoding)?;
        let mut window = Window::new(content.open(at.offset)?, bytes.name(), at);
        let footer_lines = self.settings.skip_footer_lines;
        window.hold_back(footer_lines, limits.row_bytes.saturating_mul(footer_lines));
        if from.is_none() {
            lines::pass_byte_order_mark(&mut window)?;
            lines::skip_preamble(&mut window, self.settings.skip_lines)?;
        }
        let layout = Layout { decoded: self.charset.transcode.is_some(), header: &[] }.encode();
        let rows = FixedWidthRows::new(&self.settings, self.charset);
        Ok(Box::new(Reader::new(rows, window, self.columns(), at.row, limits, layout)))
    }

    fn completeness(&self, bytes: &dyn ByteSource) -> Result<Completeness> {
        if self.settings.trailer.is_none() {
            return Err(no_trailer(bytes, FixedWidthSettings::KIND));
        }
        let mut rows = FixedWidthRows::new(&self.settings, self.charset);
        let wrong = |record: &[u8]| {
            if rows.is_trailer(record) {
                rows.trailer(record).err()
            } else {
                Some("its last record isn't the trailer".into())
            }
        };
        if let Some(length) = self.settings.record_length {
            return last_record_is_trailer(bytes, &self.decoding, length, wrong);
        }
        let after = After { footer_lines: self.settings.skip_footer_lines, comment: None };
        ends_with_trailer(bytes, &self.decoding, after, wrong)
    }

    fn replay(&self, layout: &[u8], records: &[ReplayRecord], limits: BatchLimits) -> Result<Box<dyn BatchReader>> {
        let stored = Layout::decode(layout)?;
        let charset = if stored.decoded { Charset::of_decoded_rows() } else { self.charset };
        let rows = FixedWidthRows::new(&self.settings, charset);
        Ok(Box::new(Replay::new(rows, self.columns(), records.to_vec(), kept_limits(limits), layout.to_vec())))
    }
}
