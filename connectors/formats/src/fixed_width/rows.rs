//! Fixed-width rows to columns.

use campaignd_contract::Result;

use super::settings::{FixedWidthColumn, FixedWidthSettings, FixedWidthTrailer};
use crate::columns::Columns;
use crate::lines;
use crate::reader::{Fault, Frame, Gap, RowFormat};
use crate::settings::Ragged;
use crate::text::{Charset, hex};
use crate::window::Window;

/// The rows of a file.
pub(super) struct FixedWidthRows {
    charset: Charset,
    record_length: Option<usize>,
    /// Characters before each column and up to its end.
    places: Vec<(usize, usize)>,
    /// Characters a row must have.
    width: usize,
    pad: bool,
    trailer: Option<FixedWidthTrailer>,
}

impl FixedWidthRows {
    pub fn new(settings: &FixedWidthSettings, charset: Charset) -> Self {
        let places: Vec<_> = settings.columns.iter().map(place).collect();
        Self {
            charset,
            record_length: settings.record_length,
            width: places.iter().map(|&(_, end)| end).max().unwrap_or(0),
            places,
            pad: settings.ragged == Ragged::Pad,
            trailer: settings.trailer.clone(),
        }
    }
}

fn place(column: &FixedWidthColumn) -> (usize, usize) {
    let before = column.start.saturating_sub(1);
    (before, before.saturating_add(column.length))
}

/// A row's text, by characters.
struct Characters<'a> {
    text: &'a str,
    /// Where each character starts, and where the last ends; empty where characters are bytes.
    starts: Vec<usize>,
}

impl<'a> Characters<'a> {
    fn of(text: &'a str) -> Self {
        let starts = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().map(|(at, _)| at).chain([text.len()]).collect()
        };
        Self { text, starts }
    }

    fn count(&self) -> usize {
        if self.starts.is_empty() { self.text.len() } else { self.starts.len() - 1 }
    }

    /// The text at a place, cut where the row ends; `None` if the row ends before it.
    fn slice(&self, (before, end): (usize, usize)) -> Option<&'a str> {
        let end = end.min(self.count());
        if before >= end {
            return None;
        }
        if self.starts.is_empty() {
            self.text.get(before..end)
        } else {
            self.text.get(self.starts[before]..self.starts[end])
        }
    }
}

impl RowFormat for FixedWidthRows {
    fn gap(&mut self, window: &mut Window) -> Result<Gap> {
        if self.record_length.is_none() {
            return lines::gap(window, None, &mut false);
        }
        Ok(if window.rest().is_empty() && !window.fill()? { Gap::End } else { Gap::Row })
    }

    fn frame(&mut self, window: &mut Window, row_bytes: usize) -> Result<Frame> {
        let Some(length) = self.record_length else { return lines::frame(window, row_bytes) };
        if length > row_bytes {
            return Ok(Frame::TooLong);
        }
        while window.rest().len() < length && window.fill()? {}
        let length = length.min(window.rest().len());
        Ok(Frame::Row { length, terminated: length, lines: 1 })
    }

    fn skip_row(&mut self, window: &mut Window) -> Result<u64> {
        let Some(length) = self.record_length else { return lines::skip_row(window) };
        let mut left = length;
        while left > 0 && (!window.rest().is_empty() || window.fill()?) {
            let passed = left.min(window.rest().len());
            window.advance(passed, 0);
            window.keep_from_here();
            left -= passed;
        }
        window.advance(0, 1);
        Ok((length - left) as u64)
    }

    fn decode(&mut self, raw: &[u8], columns: &mut Columns) -> Result<(), Fault> {
        let Some(text) = self.charset.decode(raw) else {
            let reason = format!("it isn't {}", self.charset.name());
            return Err(Fault { code: "bad_encoding", field: None, text: hex(raw), reason });
        };
        let row = Characters::of(&text);
        let (found, wanted) = (row.count(), self.width);
        let cut = self.record_length.is_some_and(|length| raw.len() < length);
        if cut || (found < wanted && !self.pad) {
            let reason = match self.record_length {
                Some(length) if cut => format!("the file ends inside it: it has {} of {length} bytes", raw.len()),
                _ => format!("it has {found} characters, its last column ends at {wanted}"),
            };
            return Err(Fault { code: "short_row", field: None, text: self.charset.shown(raw), reason });
        }
        columns.push(|index| row.slice(self.places[index]));
        Ok(())
    }

    fn is_trailer(&self, raw: &[u8]) -> bool {
        self.trailer.as_ref().is_some_and(|trailer| raw.starts_with(trailer.starts_with.as_bytes()))
    }

    fn trailer(&mut self, raw: &[u8]) -> Result<Vec<(String, String)>, String> {
        let Some(trailer) = &self.trailer else { return Ok(Vec::new()) };
        let text = self.charset.decode(raw).ok_or_else(|| format!("it isn't {}", self.charset.name()))?;
        let row = Characters::of(&text);
        let mut fields = Vec::with_capacity(trailer.columns.len());
        for column in &trailer.columns {
            let at = place(column);
            let text = row.slice(at).ok_or_else(|| {
                format!("it has {} characters, its field `{}` starts at {}", row.count(), column.name, column.start)
            })?;
            fields.push((column.name.clone(), text.trim().to_owned()));
        }
        Ok(fields)
    }

    fn shown(&self, raw: &[u8]) -> String {
        self.charset.shown(raw)
    }
}
