//! What all formats read alike: batches within limits, places, rejects, the trailer, and where to go on.

use arrow_schema::SchemaRef;
use campaignd_contract::{
    Batch, BatchLimits, BatchReader, ControlRecord, Error, FilePosition, Place, Position, Result, Undecodable,
};

use crate::columns::Columns;
use crate::window::Window;

/// Offsets inside a text column have 32 bits; text may take three times the bytes it was read from.
const MOST_BYTES: usize = 256 << 20;

/// What stands at the window's next byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gap {
    /// A row starts.
    Row,
    /// Something that is no row, and not all of it was passed: call again.
    More,
    /// No row comes any more.
    End,
}

/// How far the row at the window's next byte goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frame {
    /// Its end is in the window.
    Row {
        /// Bytes without its terminator.
        length: usize,
        /// Bytes with it.
        terminated: usize,
        /// Line ends in both.
        lines: u64,
    },
    /// It is longer than a row may be.
    TooLong,
}

/// Why a row couldn't be decoded.
#[derive(Debug)]
pub(crate) struct Fault {
    /// See [`Undecodable::code`].
    pub code: &'static str,
    /// See [`Undecodable::field`].
    pub field: Option<String>,
    /// See [`Undecodable::text`].
    pub text: String,
    /// See [`Undecodable::reason`].
    pub reason: String,
}

impl Fault {
    pub fn at(self, place: Place) -> Undecodable {
        Undecodable { place, field: self.field, code: self.code, text: self.text, reason: self.reason }
    }
}

/// What one format does its own way.
pub(crate) trait RowFormat: Send {
    /// Passes what stands between rows, a bounded part of it at a time.
    fn gap(&mut self, window: &mut Window) -> Result<Gap>;

    /// Finds the end of the row that starts at the window's next byte, and passes nothing.
    fn frame(&mut self, window: &mut Window, row_bytes: usize) -> Result<Frame>;

    /// Passes the row that starts at the window's next byte, however long, and its terminator. Gives its bytes
    /// without the terminator.
    fn skip_row(&mut self, window: &mut Window) -> Result<u64>;

    /// Adds a row to `columns`, or adds nothing and says why. `raw` is the whole row without its terminator; it may
    /// come from anywhere.
    fn decode(&mut self, raw: &[u8], columns: &mut Columns) -> Result<(), Fault>;

    /// What is to be told of the row that was added last, if anything is: a field that was left out.
    fn note(&mut self) -> Option<Fault> {
        None
    }

    /// Whether the row that wasn't added is the end of the whole file.
    fn fails_file(&self) -> bool {
        false
    }

    /// Whether the row is a trailer rather than a row.
    fn is_trailer(&self, _raw: &[u8]) -> bool {
        false
    }

    /// The header, once it was passed.
    fn header(&self) -> Option<&ControlRecord> {
        None
    }

    /// Names and texts of the trailer's fields, or what is wrong with it.
    fn trailer(&mut self, _raw: &[u8]) -> Result<Vec<(String, String)>, String> {
        Ok(Vec::new())
    }

    /// Looks at what follows the last row. Called when all rows were given out.
    fn finish(&mut self, _window: &mut Window) -> Result<()> {
        Ok(())
    }

    /// The bytes as a person may read them.
    fn shown(&self, raw: &[u8]) -> String;
}

/// What is rejected as a trailer that has rows after it.
pub(crate) fn misplaced_trailer(text: String) -> Fault {
    let reason = "it starts like the trailer, but rows come after it".into();
    Fault { code: "trailer_not_last", field: None, text, reason }
}

/// The limits as they can be kept.
pub(crate) fn kept_limits(limits: BatchLimits) -> BatchLimits {
    BatchLimits {
        rows: limits.rows.max(1),
        bytes: limits.bytes.clamp(1, MOST_BYTES),
        row_bytes: limits.row_bytes.clamp(1, MOST_BYTES),
    }
}

/// The position as numbers; none is the start.
pub(crate) fn file_position(from: Option<&Position>, name: &str) -> Result<FilePosition> {
    let Some(from) = from else { return Ok(FilePosition::default()) };
    FilePosition::from_position(from).ok_or_else(|| {
        Error::permanent("go on reading", name, format!("`{from}` isn't a position in a file"))
            .next("the checkpoint was written by another format: load the file from its start")
    })
}

/// Reads a unit in one format.
pub(crate) struct Reader<F> {
    format: F,
    window: Window,
    columns: Columns,
    limits: BatchLimits,
    layout: Vec<u8>,
    ordinal: u64,
    places: Vec<Place>,
    undecodable: Vec<Undecodable>,
    noted: Vec<Undecodable>,
    /// Offset of the first row of the batch.
    raw_offset: u64,
    /// The batch's bytes where the window doesn't keep them.
    own_raw: Option<Vec<u8>>,
    end: FilePosition,
    trailer: Option<ControlRecord>,
    /// Found after the rows that must be given out first.
    error: Option<Error>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    Ended,
    Failed,
}

impl<F: RowFormat> Reader<F> {
    /// Reads on where `window` stands, which is before row number `ordinal`.
    pub fn new(
        format: F,
        window: Window,
        columns: Columns,
        ordinal: u64,
        limits: BatchLimits,
        layout: Vec<u8>,
    ) -> Self {
        Self {
            format,
            window,
            columns,
            limits,
            layout,
            ordinal,
            places: Vec::new(),
            undecodable: Vec::new(),
            noted: Vec::new(),
            raw_offset: 0,
            own_raw: None,
            end: FilePosition::default(),
            trailer: None,
            error: None,
            state: State::Reading,
        }
    }

    fn rows_read(&self) -> usize {
        self.places.len() + self.undecodable.len()
    }

    /// Fills the batch up to its limits, or to the end.
    fn collect(&mut self) -> Result<()> {
        loop {
            let first = self.rows_read() == 0;
            if first {
                self.window.keep_from_here();
            } else if self.rows_read() >= self.limits.rows || self.window.kept().len() >= self.limits.bytes {
                return Ok(());
            }
            match self.format.gap(&mut self.window)? {
                Gap::More => continue,
                Gap::End if first => return self.format.finish(&mut self.window),
                Gap::End => return Ok(()),
                Gap::Row => {}
            }
            if first {
                self.window.keep_from_here();
                self.raw_offset = self.window.offset();
            }
            let Frame::Row { length, terminated, lines } =
                self.format.frame(&mut self.window, self.limits.row_bytes)?
            else {
                return if first { self.reject_long_row() } else { Ok(()) };
            };
            if !first && self.window.kept().len() + length > self.limits.bytes {
                return Ok(());
            }
            let place = self.place(length as u64);
            let raw = &self.window.rest()[..length];
            if self.format.is_trailer(raw) {
                return if first { self.take_trailer(place, terminated, lines) } else { Ok(()) };
            }
            match self.format.decode(raw, &mut self.columns) {
                Ok(()) => {
                    self.noted.extend(self.format.note().map(|fault| fault.at(place)));
                    self.places.push(place);
                }
                Err(fault) if self.format.fails_file() => {
                    let subject = format!("record {} of {}, at byte {}", place.line, self.window.name(), place.offset);
                    return Err(Error::permanent("read", subject, format!("{} ({})", fault.reason, fault.text)));
                }
                Err(fault) => self.undecodable.push(fault.at(place)),
            }
            self.window.advance(terminated, lines);
            self.row_ends_here();
        }
    }

    fn place(&self, length: u64) -> Place {
        Place {
            ordinal: self.ordinal,
            offset: self.window.offset(),
            length: u32::try_from(length).unwrap_or(u32::MAX),
            line: self.window.lines() + 1,
        }
    }

    fn row_ends_here(&mut self) {
        self.ordinal += 1;
        self.end = FilePosition { offset: self.window.offset(), row: self.ordinal, line: self.window.lines() };
    }

    /// A batch of one reject. Its bytes aren't kept: there may be any number of them.
    fn reject_long_row(&mut self) -> Result<()> {
        let most = self.limits.row_bytes;
        let mut place = self.place(0);
        let start = self.window.rest();
        let text = self.format.shown(&start[..start.len().min(most).min(4_000)]);
        let length = self.format.skip_row(&mut self.window)?;
        place.length = u32::try_from(length).unwrap_or(u32::MAX);
        let reason = format!(
            "it is {length} bytes long, from line {} to line {}, more than the {most} a row may have; a quote or bracket \
             that isn't closed makes rows run together",
            place.line,
            self.window.lines().max(place.line),
        );
        self.undecodable.push(Fault { code: "row_too_long", field: None, text, reason }.at(place));
        self.own_raw = Some(Vec::new());
        self.row_ends_here();
        Ok(())
    }

    /// The trailer, if nothing follows; otherwise a batch of one reject.
    fn take_trailer(&mut self, place: Place, terminated: usize, lines: u64) -> Result<()> {
        let raw = self.window.rest()[..place.length as usize].to_vec();
        self.window.advance(terminated, lines);
        let after = FilePosition { offset: self.window.offset(), row: self.ordinal + 1, line: self.window.lines() };
        let follows = loop {
            self.window.keep_from_here();
            match self.format.gap(&mut self.window)? {
                Gap::More => {}
                Gap::Row => break true,
                Gap::End => break false,
            }
        };
        if follows {
            self.undecodable.push(misplaced_trailer(self.format.shown(&raw)).at(place));
            self.own_raw = Some(raw);
            self.ordinal += 1;
            self.end = after;
            return Ok(());
        }
        let fields = self.format.trailer(&raw).map_err(|wrong| {
            let subject = format!("the trailer of {} on line {}", self.window.name(), place.line);
            Error::permanent("read", subject, wrong).next("correct [format.trailer], or have the file sent again")
        })?;
        self.trailer = Some(ControlRecord { fields, line: place.line, unreadable: None });
        self.format.finish(&mut self.window)
    }

    fn take_batch(&mut self) -> Result<Batch> {
        let raw = self.own_raw.take().unwrap_or_else(|| {
            let kept = self.window.kept();
            let length = usize::try_from(self.end.offset - self.raw_offset).unwrap_or(kept.len());
            kept[..length.min(kept.len())].to_vec()
        });
        Ok(Batch {
            records: self.columns.take()?,
            places: std::mem::take(&mut self.places),
            undecodable: std::mem::take(&mut self.undecodable),
            noted: std::mem::take(&mut self.noted),
            raw,
            raw_offset: self.raw_offset,
            end: self.end.to_position(),
        })
    }
}

impl<F: RowFormat> BatchReader for Reader<F> {
    fn schema(&self) -> SchemaRef {
        self.columns.schema()
    }

    fn next_batch(&mut self) -> Result<Option<Batch>> {
        match self.state {
            State::Ended => return Ok(None),
            State::Failed => {
                return Err(Error::permanent("read on in", self.window.name(), "reading it has failed before"));
            }
            State::Reading => {}
        }
        let collected = match self.error.take() {
            Some(error) => Err(error),
            None => self.collect(),
        };
        if let Err(error) = collected {
            if self.rows_read() == 0 {
                self.state = State::Failed;
                return Err(error);
            }
            self.error = Some(error);
        }
        if self.rows_read() == 0 {
            self.state = State::Ended;
            return Ok(None);
        }
        self.take_batch().map(Some)
    }

    fn header(&self) -> Option<&ControlRecord> {
        self.format.header()
    }

    fn trailer(&self) -> Option<&ControlRecord> {
        self.trailer.as_ref()
    }

    fn layout(&self) -> Vec<u8> {
        self.layout.clone()
    }
}
