//! JSON rows to columns, and where they stand: one a line, or as items of an array.

use campaignd_contract::Result;

use super::array::Array;
use super::blanks::{Next, pass_blanks};
use super::path::Node;
use super::values::Values;
use crate::columns::Columns;
use crate::lines;
use crate::reader::{Fault, Frame, Gap, RowFormat};
use crate::text::{Charset, hex};
use crate::window::Window;

/// The rows of a file.
pub(super) struct JsonRows {
    charset: Charset,
    wanted: Node,
    values: Values,
    /// `None`: one row a line.
    array: Option<Array>,
}

impl JsonRows {
    pub fn new(charset: Charset, wanted: Node, array: Option<Array>) -> Self {
        Self { charset, wanted, values: Values::default(), array }
    }
}

impl RowFormat for JsonRows {
    fn gap(&mut self, window: &mut Window) -> Result<Gap> {
        match &mut self.array {
            Some(array) => array.gap(window),
            None => Ok(match pass_blanks(window)? {
                None => Gap::More,
                Some(Next::End) => Gap::End,
                Some(Next::Byte(_)) => Gap::Row,
            }),
        }
    }

    fn frame(&mut self, window: &mut Window, row_bytes: usize) -> Result<Frame> {
        match self.array {
            Some(_) => Array::frame(window, row_bytes),
            None => lines::frame(window, row_bytes),
        }
    }

    fn skip_row(&mut self, window: &mut Window) -> Result<u64> {
        match self.array {
            Some(_) => Array::skip_row(window),
            None => lines::skip_row(window),
        }
    }

    fn decode(&mut self, raw: &[u8], columns: &mut Columns) -> Result<(), Fault> {
        let Some(text) = self.charset.decode(raw) else {
            let reason = format!("it isn't {}", self.charset.name());
            return Err(Fault { code: "bad_encoding", field: None, text: hex(raw), reason });
        };
        if let Err(error) = self.values.read(&text, &self.wanted, columns.width()) {
            let (shown, reason) = (self.charset.shown(raw), error.to_string());
            return Err(Fault { code: "bad_json", field: None, text: shown, reason });
        }
        columns.push(|index| self.values.get(index));
        Ok(())
    }

    fn finish(&mut self, window: &mut Window) -> Result<()> {
        self.array.as_mut().map_or(Ok(()), |array| array.finish(window))
    }

    fn shown(&self, raw: &[u8]) -> String {
        self.charset.shown(raw)
    }
}
