//! Where a row ends and what its fields are.

use campaignd_contract::Result;
use csv_core::{ReadRecordResult, ReaderBuilder};
use memchr::{memchr, memchr2, memchr3};

use super::settings::{CsvSettings, byte};
use crate::reader::Frame;
use crate::window::Window;
use crate::{line_ends, lines};

/// The characters that mean something.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    delimiter: u8,
    /// What stands around fields, if anything does.
    pub quote: Option<u8>,
    escape: Option<u8>,
    /// What starts a line that is left out.
    pub comment: Option<u8>,
}

impl Dialect {
    /// As set; the settings have no problems.
    pub fn of(settings: &CsvSettings) -> Self {
        Self {
            delimiter: byte(&settings.delimiter).unwrap_or(b','),
            quote: byte(&settings.quote),
            escape: settings.escape.as_deref().and_then(byte),
            comment: settings.comment.as_deref().and_then(byte),
        }
    }
}

/// Start and end of a field in the text it is found in.
pub(super) type Span = (usize, usize);

/// The fields of a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a> {
    /// The row, or its fields put together.
    pub text: &'a [u8],
    /// Where each field is in it.
    pub spans: &'a [Span],
    /// Whether nothing stands between the fields in `text`.
    pub joined: bool,
}

/// Why a text isn't one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotARow {
    /// A quoted field has no end.
    Unterminated,
    /// It is several rows.
    Several,
}

/// Finds rows and fields. A row without quotes ends at the first line end and is split at its delimiters; any other
/// goes through the state machine of `csv-core`.
pub(super) struct Splitter {
    /// The characters that mean something.
    pub dialect: Dialect,
    machine: csv_core::Reader,
    /// Fields put together, and where each ends; grown as needed.
    text: Vec<u8>,
    ends: Vec<usize>,
    /// How much of the two is in use.
    text_used: usize,
    ends_used: usize,
    spans: Vec<Span>,
    framed: Framed,
}

/// What is known of the row that is asked for next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Framed {
    /// Nothing: it comes from elsewhere.
    #[default]
    No,
    /// There is no quote in it and no line end.
    Plain,
    /// The machine has been through it: `text` and `ends` hold its fields.
    Machine,
}

impl Splitter {
    /// For rows in that dialect.
    pub fn new(dialect: Dialect) -> Self {
        let machine = ReaderBuilder::new()
            .delimiter(dialect.delimiter)
            .quoting(dialect.quote.is_some())
            .quote(dialect.quote.unwrap_or(b'"'))
            .double_quote(dialect.escape.is_none())
            .escape(dialect.escape)
            .build();
        let (text, ends, spans) = (vec![0; 1 << 10], vec![0; 64], Vec::new());
        Self { dialect, machine, text, ends, text_used: 0, ends_used: 0, spans, framed: Framed::No }
    }

    /// Finds the end of the row at the window's next byte.
    pub fn frame(&mut self, window: &mut Window, row_bytes: usize) -> Result<Frame> {
        let mut looked_at = 0;
        let end = loop {
            let rest = window.rest();
            let news = &rest[looked_at..];
            let found = match self.dialect.quote {
                Some(quote) => memchr3(b'\n', b'\r', quote, news),
                None => memchr2(b'\n', b'\r', news),
            };
            match found.map(|at| looked_at + at) {
                Some(at) if Some(rest[at]) == self.dialect.quote => return self.frame_quoted(window, row_bytes),
                Some(at) => break at,
                None => looked_at = rest.len(),
            }
            if looked_at > row_bytes {
                return Ok(Frame::TooLong);
            }
            if !window.fill()? {
                break looked_at;
            }
        };
        if end > row_bytes {
            return Ok(Frame::TooLong);
        }
        self.framed = Framed::Plain;
        Ok(Frame::Row { length: end, terminated: end + lines::terminator(window, end)?, lines: 1 })
    }

    fn frame_quoted(&mut self, window: &mut Window, row_bytes: usize) -> Result<Frame> {
        self.start();
        let (mut fed, mut ended) = (0, false);
        while !ended {
            let news = &window.rest()[fed..];
            if news.is_empty() {
                if fed > row_bytes {
                    return Ok(Frame::TooLong);
                }
                if !window.fill()? {
                    break;
                }
            } else {
                let (used, done) = self.feed(news, false);
                fed += used;
                ended = done;
            }
        }
        let length = if ended { fed - 1 } else { fed };
        if length > row_bytes {
            return Ok(Frame::TooLong);
        }
        // At the end of the content a line end is as good as none, and shows whether a quote is still open.
        let whole = ended || self.feed(b"\n", false).1;
        self.framed = if whole { Framed::Machine } else { Framed::No };
        let row = &window.rest()[..length];
        let inside = if memchr2(b'\n', b'\r', row).is_some() { line_ends::count(row) } else { 0 };
        Ok(Frame::Row { length, terminated: length + lines::terminator(window, length)?, lines: inside + 1 })
    }

    /// Passes the row at the window's next byte and its terminator; gives the length without it.
    pub fn skip(&mut self, window: &mut Window) -> Result<u64> {
        self.framed = Framed::No;
        self.start();
        let mut length = 0;
        loop {
            if window.rest().is_empty() && !window.fill()? {
                return Ok(length);
            }
            let (used, done) = self.feed(window.rest(), true);
            length += used as u64;
            if done {
                window.pass(used - 1);
                let terminator = lines::terminator(window, 0)?;
                window.pass(terminator);
                return Ok(length - 1);
            }
            window.pass(used);
            window.keep_from_here();
        }
    }

    /// The fields of `raw`, one row without its terminator.
    pub fn split<'a>(&'a mut self, raw: &'a [u8]) -> Result<Fields<'a>, NotARow> {
        let framed = std::mem::take(&mut self.framed);
        let machine = framed == Framed::Machine
            || framed == Framed::No && self.dialect.quote.is_some_and(|quote| memchr(quote, raw).is_some());
        self.spans.clear();
        let mut start = 0;
        if machine {
            if framed == Framed::No {
                self.run(raw)?;
            }
            for &end in &self.ends[..self.ends_used] {
                self.spans.push((start, end));
                start = end;
            }
            return Ok(Fields { text: &self.text[..self.text_used], spans: &self.spans, joined: true });
        }
        if framed == Framed::No && line_ends::end(raw).is_some() {
            return Err(NotARow::Several);
        }
        each(self.dialect.delimiter, raw, |end| {
            self.spans.push((start, end));
            start = end + 1;
        });
        self.spans.push((start, raw.len()));
        Ok(Fields { text: raw, spans: &self.spans, joined: false })
    }

    /// Takes a row that isn't in a window through the machine.
    fn run(&mut self, raw: &[u8]) -> Result<(), NotARow> {
        self.start();
        let (_, early) = self.feed(raw, false);
        if early {
            return Err(NotARow::Several);
        }
        let (_, done) = self.feed(b"\n", false);
        if done { Ok(()) } else { Err(NotARow::Unterminated) }
    }

    /// Makes the machine ready for a row.
    fn start(&mut self) {
        self.machine.reset();
        // The machine leaves out a byte-order mark at its start, which a row in the middle may begin with; it has
        // started once it has seen an empty line.
        self.machine.read_record(b"\n", &mut [0], &mut [0]);
        self.text_used = 0;
        self.ends_used = 0;
    }

    /// Feeds the machine; gives how much it took and whether the row ended there. What comes out is kept, or
    /// written over with `discard`.
    fn feed(&mut self, input: &[u8], discard: bool) -> (usize, bool) {
        let mut fed = 0;
        while fed < input.len() {
            let (result, used, text, ends) = self.machine.read_record(
                &input[fed..],
                &mut self.text[self.text_used..],
                &mut self.ends[self.ends_used..],
            );
            fed += used;
            self.text_used += text;
            self.ends_used += ends;
            match result {
                ReadRecordResult::Record | ReadRecordResult::End => return (fed, true),
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if discard => self.text_used = 0,
                ReadRecordResult::OutputFull => self.text.resize(2 * self.text.len(), 0),
                ReadRecordResult::OutputEndsFull if discard => self.ends_used = 0,
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
            }
        }
        (fed, false)
    }
}

/// Calls `found` with each place of `wanted`, eight bytes at a time: fields are so short that `memchr` would spend its
/// time on starting (a tenth of all decoding).
#[inline]
fn each(wanted: u8, bytes: &[u8], mut found: impl FnMut(usize)) {
    const LOW_BITS: u64 = u64::from_le_bytes([0x7F; 8]);
    let pattern = u64::from_le_bytes([wanted; 8]);
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let differs = u64::from_le_bytes(*word) ^ pattern;
        // The high bit of each byte that is wanted, exactly: no carry leaves its byte.
        let mut hits = !(((differs & LOW_BITS) + LOW_BITS) | differs | LOW_BITS);
        while hits != 0 {
            found(8 * index + hits.trailing_zeros() as usize / 8);
            hits &= hits - 1;
        }
    }
    for (at, byte) in rest.iter().enumerate() {
        if *byte == wanted {
            found(8 * words.len() + at);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_place_is_found(wanted: u8, bytes in proptest::collection::vec(prop_oneof![Just(0u8), any::<u8>()], 0..40)) {
            let mut found = Vec::new();
            for wanted in [wanted, 0, bytes.first().copied().unwrap_or(1)] {
                found.clear();
                super::each(wanted, &bytes, |at| found.push(at));
                prop_assert_eq!(&found, &memchr::memchr_iter(wanted, &bytes).collect::<Vec<_>>());
            }
        }
    }
}
