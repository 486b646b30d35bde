//! JSON rows to columns, and where they stand: one a line, or as items of an array.

use campaignd_contract::Result;

use super::array::Array;
use super::path::Node;
use super::values::Values;
use crate::columns::Columns;
use crate::lines;
use crate::reader::{Fault, Frame, Gap, RowFormat};
use crate::text::{Charset, hex};
use crate::window::Window;

/// Blanks passed in one go.
const BLANKS: usize = 64 << 10;

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

/// Passes blanks and line ends; what stands there then, `None` if that isn't known yet.
pub(super) fn pass_blanks(window: &mut Window) -> Result<Option<Next>> {
    if window.rest().is_empty() && !window.fill()? {
        return Ok(Some(Next::End));
    }
    let rest = window.rest();
    let blank = |byte: &&u8| matches!(**byte, b' ' | b'\t' | b'\n' | b'\r');
    let count = rest.iter().take(BLANKS).take_while(blank).count();
    let next = rest.get(count).copied();
    window.pass(count);
    Ok(if count == BLANKS { None } else { next.map(Next::Byte) })
}

/// What stands after blanks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// This byte.
    Byte(u8),
    /// Nothing.
    End,
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
