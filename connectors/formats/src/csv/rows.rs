//! CSV rows to columns.

use campaignd_contract::Result;
use memchr::memchr2;

use super::dialect::{Dialect, NotARow, Splitter};
use super::header::Header;
use super::settings::CsvTrailer;
use crate::columns::Columns;
use crate::reader::{Fault, Frame, Gap, RowFormat};
use crate::text::{Charset, hex};
use crate::window::Window;

/// Empty lines passed in one go.
const EMPTY_LINES: usize = 4_096;

/// Passes empty lines and comments.
pub(super) fn gap(window: &mut Window, comment: Option<u8>, in_comment: &mut bool) -> Result<Gap> {
    for _ in 0..EMPTY_LINES {
        if window.rest().is_empty() && !window.fill()? {
            return Ok(Gap::End);
        }
        if *in_comment {
            let found = memchr2(b'\n', b'\r', window.rest());
            window.advance(found.unwrap_or(window.rest().len()), 0);
            if found.is_none() {
                return Ok(Gap::More);
            }
            *in_comment = false;
        }
        match window.rest()[0] {
            b'\n' | b'\r' => {
                let length = crate::lines::terminator(window, 0)?;
                window.advance(length, 1);
            }
            byte if Some(byte) == comment => *in_comment = true,
            _ => return Ok(Gap::Row),
        }
    }
    Ok(Gap::More)
}

/// The rows of a file.
pub(super) struct CsvRows {
    splitter: Splitter,
    comment: Option<u8>,
    in_comment: bool,
    charset: Charset,
    header: Header,
    pad: bool,
    trailer: Option<CsvTrailer>,
    /// What a trailer's bytes start with: its text, or a quote and its text.
    trailer_starts: Vec<Vec<u8>>,
}

impl CsvRows {
    pub fn new(dialect: &Dialect, charset: Charset, header: Header, pad: bool, trailer: Option<CsvTrailer>) -> Self {
        let trailer_starts = trailer.as_ref().map_or_else(Vec::new, |trailer| {
            let plain = trailer.starts_with.as_bytes().to_vec();
            let quoted = dialect.quote.map(|quote| [&[quote], &plain[..]].concat());
            std::iter::once(plain).chain(quoted).collect()
        });
        let splitter = Splitter::new(*dialect);
        Self { splitter, comment: dialect.comment, in_comment: false, charset, header, pad, trailer, trailer_starts }
    }
}

impl RowFormat for CsvRows {
    fn gap(&mut self, window: &mut Window) -> Result<Gap> {
        gap(window, self.comment, &mut self.in_comment)
    }

    fn frame(&mut self, window: &mut Window, row_bytes: usize) -> Result<Frame> {
        self.splitter.frame(window, row_bytes)
    }

    fn skip_row(&mut self, window: &mut Window) -> Result<u64> {
        self.splitter.skip(window)
    }

    fn decode(&mut self, raw: &[u8], columns: &mut Columns) -> Result<(), Fault> {
        let charset = self.charset;
        let row = match self.splitter.split(raw) {
            Ok(row) => row,
            Err(NotARow::Unterminated) => {
                let reason = "a quoted field has no end: the file ends inside it".into();
                return Err(Fault { code: "unterminated_quote", field: None, text: charset.shown(raw), reason });
            }
            Err(NotARow::Several) => {
                let reason = "with these settings it is more than one row; load the file again".into();
                return Err(Fault { code: "several_rows", field: None, text: charset.shown(raw), reason });
            }
        };
        let (found, wanted) = (row.spans.len(), self.header.fields.len());
        if found > wanted || (found < wanted && !self.pad) {
            let reason = format!("it has {found} instead of {wanted} fields");
            return Err(Fault { code: "ragged_row", field: None, text: charset.shown(raw), reason });
        }
        let picked = &self.header.picked;
        if charset.reads_as_utf8(row.text)
            && let Ok(text) = std::str::from_utf8(row.text)
            && (!row.joined || row.spans.iter().all(|&(_, end)| text.is_char_boundary(end)))
        {
            columns.push(|index| {
                let &(start, end) = row.spans.get(picked[index])?;
                text.get(start..end)
            });
            return Ok(());
        }
        let mut texts = Vec::with_capacity(found);
        for (index, &(start, end)) in row.spans.iter().enumerate() {
            let bytes = &row.text[start..end];
            let Some(text) = charset.decode(bytes) else {
                let field = self.header.fields.get(index).cloned();
                let reason = format!("it isn't {}", charset.name());
                return Err(Fault { code: "bad_encoding", field, text: hex(bytes), reason });
            };
            texts.push(text);
        }
        columns.push(|index| texts.get(picked[index]).map(|text| &**text));
        Ok(())
    }

    fn is_trailer(&self, raw: &[u8]) -> bool {
        self.trailer_starts.iter().any(|start| raw.starts_with(start))
    }

    fn trailer(&mut self, raw: &[u8]) -> Result<Vec<(String, String)>, String> {
        let Some(trailer) = &self.trailer else { return Ok(Vec::new()) };
        let row = self.splitter.split(raw).map_err(|_| "a quoted field in it has no end".to_owned())?;
        let mut texts = Vec::with_capacity(row.spans.len());
        for &(start, end) in row.spans {
            let text = self.charset.decode(&row.text[start..end]);
            texts.push(text.ok_or_else(|| format!("it isn't {}", self.charset.name()))?.trim().to_owned());
        }
        while texts.len() > trailer.columns.len() && texts.last().is_some_and(String::is_empty) {
            texts.pop();
        }
        if texts.len() != trailer.columns.len() {
            return Err(format!("it has {} fields, `trailer.columns` names {}", texts.len(), trailer.columns.len()));
        }
        Ok(trailer.columns.iter().cloned().zip(texts).collect())
    }

    fn shown(&self, raw: &[u8]) -> String {
        self.charset.shown(raw)
    }
}
