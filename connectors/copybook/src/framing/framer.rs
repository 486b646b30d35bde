//! Cuts a file into records, a window of its bytes at a time.

use super::view::{Stop, View, length};
use super::{Framing, FramingError, LengthAnswer, Problem, RecordFormat, SettingsError, fixed, spanned};

/// Tells a record's length by its first bytes: all that are known so far, at least one.
pub type LengthOf = Box<dyn FnMut(&[u8]) -> LengthAnswer + Send>;

/// Cuts a file into records.
///
/// The caller holds a window of the file's bytes and asks for one record after another. Where the window ends before
/// the record does, the answer says which bytes are wanted. Nothing but a spanned record is ever copied, and no window
/// has to be longer than the longest record and its descriptor words.
pub struct Framer {
    pub(super) framing: Framing,
    pub(super) layout: Option<LengthOf>,
    /// Where to go on: in the middle of a spanned record, its next segment.
    pub(super) at: Position,
    /// Up to here there is no line end.
    pub(super) scanned: u64,
    pub(super) gathering: spanned::Gathering,
}

/// A place between two records. A framer that starts there finds the same records as one that came there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    /// Bytes of the file before the next record and the descriptor words before it.
    pub offset: u64,
    /// Records before it.
    pub ordinal: u64,
    /// Where the block ends, as an offset in the file, if the place is in the middle of one.
    pub block_end: Option<u64>,
}

/// What there is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// A record.
    Record(Record<'a>),
    /// The window ends too early.
    More {
        /// Offset of the first byte that is still needed. It may lie behind the window, where bytes are left out.
        from: u64,
        /// Offset up to which the window has to go at least, unless the file ends before.
        until: u64,
    },
    /// The file has no more records.
    End,
}

/// A record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// The record's bytes, without descriptor words, line ends and bytes to leave out.
    pub bytes: &'a [u8],
    /// Offset in the file of the first of them. Of a spanned record, what is left out at its beginning is taken to be
    /// in its first segment.
    pub offset: u64,
    /// Where the record, with its descriptor words, begins.
    pub start: Position,
    /// Where the next one begins: bytes before that aren't needed any more.
    pub next: Position,
}

/// A record that was cut off.
pub(super) struct Cut<'w> {
    /// Its bytes; of a spanned record they are in the gathering instead.
    pub bytes: Option<&'w [u8]>,
    /// Offset of the first of them.
    pub offset: u64,
    pub start: Position,
    pub next: Position,
}

impl Position {
    /// Where the file's first record begins.
    pub const fn start(framing: &Framing) -> Self {
        Self { offset: framing.skip_start, ordinal: 0, block_end: None }
    }

    /// The place behind a record that ends at `offset`.
    pub(super) fn behind_record(self, offset: u64) -> Self {
        let block_end = self.block_end.filter(|end| *end > offset);
        Self { offset, ordinal: self.ordinal.saturating_add(1), block_end }
    }
}

impl Framer {
    /// Begins at the file's first record. A framing by layout needs [`Self::by_layout`].
    pub fn new(framing: Framing) -> Result<Self, SettingsError> {
        if framing.records == RecordFormat::ByLayout {
            let message = "records without marks take a layout that tells their length: give one";
            return Err(SettingsError(message.into()));
        }
        Self::with(framing, None)
    }

    /// Begins at the first record of a file whose records' lengths only `length_of` can tell. The framing's record
    /// format is taken to be [`RecordFormat::ByLayout`].
    pub fn by_layout(framing: Framing, length_of: LengthOf) -> Result<Self, SettingsError> {
        Self::with(Framing { records: RecordFormat::ByLayout, ..framing }, Some(length_of))
    }

    fn with(framing: Framing, layout: Option<LengthOf>) -> Result<Self, SettingsError> {
        framing.check()?;
        let at = Position::start(&framing);
        Ok(Self { framing, layout, at, scanned: 0, gathering: spanned::Gathering::default() })
    }

    /// The settings.
    pub fn framing(&self) -> &Framing {
        &self.framing
    }

    /// Goes on at a place where a framer with the same settings was between two records.
    pub fn resume(&mut self, position: Position) {
        self.at = position;
        self.scanned = 0;
        self.gathering.forget();
    }

    /// Where the next record begins.
    pub fn position(&self) -> Position {
        self.gathering.start().unwrap_or(self.at)
    }

    /// The next record of the file, of which the window holds the bytes from `offset_of_window` on, up to the file's
    /// end if it `ended`.
    ///
    /// After an error there are no more records to be had, unless from another place; see [`Self::resume`].
    pub fn next<'a>(
        &'a mut self,
        window: &'a [u8],
        offset_of_window: u64,
        ended: bool,
    ) -> Result<Step<'a>, FramingError> {
        let skip_end = self.framing.skip_end;
        let view = View::new(window, offset_of_window, ended, skip_end);
        if let Some(step) = self.outside(&view)? {
            return Ok(step);
        }
        let cut = match self.cut(&view) {
            Ok(Some(cut)) => cut,
            Ok(None) => return Ok(Step::End),
            Err(Stop::More(until)) => {
                return Ok(Step::More { from: self.at.offset, until: until.saturating_add(skip_end) });
            }
            Err(Stop::Wrong(error)) => return Err(error),
        };
        self.gathering.given();
        let whole = cut.bytes.unwrap_or(self.gathering.bytes());
        let bytes = payload(&self.framing, whole, &cut)?;
        let offset = cut.offset.saturating_add(u64::from(self.framing.record_skip_start));
        self.at = cut.next;
        Ok(Step::Record(Record { bytes, offset, start: cut.start, next: cut.next }))
    }

    /// What there is to say where the window doesn't hold the place to go on at.
    fn outside(&self, view: &View<'_>) -> Result<Option<Step<'static>>, FramingError> {
        let Position { offset, ordinal, .. } = self.at;
        let skip_end = self.framing.skip_end;
        if offset < view.offset() {
            if view.ended {
                return Err(FramingError::new(Problem::WindowGap, offset, ordinal, &[])
                    .found(format!("the bytes given begin at offset 0x{:X}, behind the next record", view.offset()))
                    .expected("bytes from the next record's beginning on")
                    .help("this is a defect of the program: please report it"));
            }
            return Ok(Some(Step::More { from: offset, until: offset.saturating_add(1).saturating_add(skip_end) }));
        }
        self.check_in_file(view)?;
        Ok(None)
    }

    /// Whether the file goes on to the place to go on at.
    pub(super) fn check_in_file(&self, view: &View<'_>) -> Result<(), FramingError> {
        let Position { offset, ordinal, .. } = self.at;
        let Framing { skip_start, skip_end, .. } = self.framing;
        if !view.ended || view.end() >= offset {
            return Ok(());
        }
        let end = view.end();
        if offset > skip_start {
            return Err(FramingError::new(Problem::Truncated, end, ordinal, &[])
                .found(format!("the file ends at offset 0x{end:X}, but its last block ends at 0x{offset:X}"))
                .expected("a whole block")
                .help("the transfer is probably incomplete: compare the file's size with the sender's"));
        }
        Err(FramingError::new(Problem::FileTooShort, offset, ordinal, &[])
            .found(format!("the file's records end at offset 0x{end:X}, before the place where the first would begin"))
            .expected(format!("at least {skip_start} bytes left out at the beginning and {skip_end} at the end"))
            .help(
                "is the file empty or cut short? if it has no header or trailer, set \"skip_start\" and \"skip_end\" to 0",
            ))
    }

    fn cut<'w>(&mut self, view: &View<'w>) -> Result<Option<Cut<'w>>, Stop> {
        match self.framing.records {
            RecordFormat::Fixed { length } => fixed::cut(self, view, length),
            RecordFormat::FixedBlocked { length, bdw } => fixed::cut_in_block(self, view, length, bdw),
            RecordFormat::Variable(rdw) => self.cut_variable(view, rdw, None),
            RecordFormat::VariableBlocked { rdw, bdw } => self.cut_variable(view, rdw, Some(bdw)),
            RecordFormat::Spanned { rdw, bdw } => self.cut_spanned(view, rdw, bdw),
            RecordFormat::Lines { most, end } => self.cut_line(view, most, end),
            RecordFormat::LengthField(field) => self.cut_by_field(view, field),
            RecordFormat::ByLayout => self.cut_by_layout(view),
        }
    }
}

impl std::fmt::Debug for Framer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Framer").field("framing", &self.framing).field("at", &self.position()).finish_non_exhaustive()
    }
}

impl<'w> Cut<'w> {
    /// A record whose bytes are in the window, the last of them before `end`.
    pub(super) fn in_window(bytes: &'w [u8], offset: u64, start: Position, end: u64) -> Self {
        Self { bytes: Some(bytes), offset, start, next: start.behind_record(end) }
    }
}

/// The record without the bytes to leave out.
fn payload<'b>(framing: &Framing, whole: &'b [u8], cut: &Cut<'_>) -> Result<&'b [u8], FramingError> {
    let (first, last) = (framing.record_skip_start, framing.record_skip_end);
    let end = length(whole).checked_sub(u64::from(last)).and_then(|end| usize::try_from(end).ok());
    let start = usize::try_from(first).ok();
    let kept = start.zip(end).and_then(|(start, end)| whole.get(start..end));
    kept.ok_or_else(|| {
        FramingError::new(Problem::TooShort, cut.offset, cut.start.ordinal, whole)
            .found(format!("the record at offset 0x{:X} has {} bytes", cut.offset, whole.len()))
            .expected(format!("{first} bytes to leave out at its beginning and {last} at its end"))
            .help("is it a header or trailer? leave it out with \"skip_start\" or \"skip_end\"")
    })
}
