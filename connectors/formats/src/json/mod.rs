//! JSON lines and arrays.

mod array;
mod blanks;
mod path;
mod rows;
mod scanner;
mod settings;
mod values;

use std::path::Path;

use campaignd_contract::{
    BatchLimits, BatchReader, ByteSource, Completeness, ConnectorSettings as _, Format, Position, ReplayRecord, Result,
};

pub use settings::{JsonLayout, JsonSettings};

use crate::columns::{Columns, ValueRules};
use crate::content::{Content, Decoding};
use crate::layout::Layout;
use crate::lines;
use crate::openpgp::Pgp;
use crate::reader::{Reader, file_position, kept_limits};
use crate::replay::Replay;
use crate::settings::refuse;
use crate::tail::no_trailer;
use crate::text::Charset;
use crate::window::Window;
use array::Array;
use path::{Node, Step};
use rows::JsonRows;

/// JSON with its settings.
#[derive(Debug, Clone)]
pub struct Json {
    names: Vec<String>,
    wanted: Node,
    /// Where the array is; `None`: one row a line.
    array_path: Option<Vec<Step>>,
    charset: Charset,
    decoding: Decoding,
}

impl Json {
    /// The format with these settings, or the first thing that is wrong with them. Relative paths start at `base`.
    pub fn new(settings: JsonSettings, base: &Path) -> Result<Self> {
        refuse(JsonSettings::KIND, &settings.problems())?;
        let charset = Charset::of(&settings.encoding);
        let steps = |text: &String| path::parse(text).unwrap_or_default();
        Ok(Self {
            wanted: Node::tree(&settings.columns.values().map(steps).collect::<Vec<_>>()),
            array_path: (settings.layout == JsonLayout::Array)
                .then(|| settings.array_path.as_ref().map(steps).unwrap_or_default()),
            names: settings.columns.into_keys().collect(),
            charset,
            decoding: Decoding {
                pgp: settings.pgp.map(|pgp| Pgp::new(pgp, base)),
                compression: settings.compression,
                archive: settings.archive,
                transcode: charset.transcode,
            },
        })
    }

    fn columns(&self) -> Columns {
        Columns::new(&self.names, ValueRules::as_written())
    }
}

impl Format for Json {
    fn declared_columns(&self) -> Result<Option<Vec<String>>> {
        Ok(Some(self.names.clone()))
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
        let mut window = Window::new(content.open(at.offset)?, bytes.name(), at);
        if from.is_none() {
            lines::pass_byte_order_mark(&mut window)?;
        }
        let array = match &self.array_path {
            None => None,
            Some(path) if from.is_some() => Some(Array::after_item(path.clone())),
            Some(path) => Some(Array::enter(&mut window, path.clone())?),
        };
        let layout = Layout { decoded: self.charset.transcode.is_some(), header: &[] }.encode();
        let rows = JsonRows::new(self.charset, self.wanted.clone(), array);
        Ok(Box::new(Reader::new(rows, window, self.columns(), at.row, limits, layout)))
    }

    fn completeness(&self, bytes: &dyn ByteSource) -> Result<Completeness> {
        Err(no_trailer(bytes, JsonSettings::KIND))
    }

    fn replay(&self, layout: &[u8], records: &[ReplayRecord], limits: BatchLimits) -> Result<Box<dyn BatchReader>> {
        let stored = Layout::decode(layout)?;
        let charset = if stored.decoded { Charset::of_decoded_rows() } else { self.charset };
        let rows = JsonRows::new(charset, self.wanted.clone(), None);
        Ok(Box::new(Replay::new(rows, self.columns(), records.to_vec(), kept_limits(limits), layout.to_vec())))
    }
}
