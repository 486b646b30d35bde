//! Records of a file in a window: found one after the other, each passed once it was used.

use campaignd_contract::{Error, Result};
use campaignd_copybook::framing::{Framer, FramingError, Step};

use crate::window::Window;

/// Bytes of a file that are looked at to say what is wrong where no record is found.
const LOOKED_AT_FROM_WRONG: u64 = 4 << 10;

/// The records of a file.
pub(super) struct Records {
    framer: Framer,
    /// The record that was found last. It may be asked for several times before it is passed.
    found: Option<Found>,
}

/// A record that starts at the window's next byte.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// Where it starts.
    offset: u64,
    /// Records before it: a record without bytes starts where the next one does.
    number: u64,
    /// Its bytes.
    pub length: usize,
    /// Bytes up to where the next record begins, or the words before it.
    pub whole: usize,
}

/// What there is next.
pub(super) enum Next {
    /// A record.
    Record(Found),
    /// Nothing.
    End,
    /// Bytes that make no record.
    Wrong(FramingError),
}

impl Records {
    /// The records that `framer` finds.
    pub fn new(framer: Framer) -> Self {
        Self { framer, found: None }
    }

    /// The framer, which goes on behind the record that was found last.
    pub fn into_framer(self) -> Framer {
        self.framer
    }

    /// Offset of the next record, or of the words before it.
    pub fn offset(&self) -> u64 {
        self.framer.position().offset
    }

    /// The record at the window's next byte, what stands before it being passed.
    pub fn find(&mut self, window: &mut Window) -> Result<Next> {
        let is_next = |found: &Found| found.offset == window.offset() && found.number == window.lines();
        if let Some(found) = self.found.filter(is_next) {
            return Ok(Next::Record(found));
        }
        loop {
            let at = window.offset();
            let ended = window.has_ended();
            let before = self.framer.position();
            match self.framer.next(window.rest(), at, ended) {
                Err(wrong) => {
                    // What is said shall not depend on how much of the file happens to be in memory.
                    let until = wrong.offset.saturating_add(LOOKED_AT_FROM_WRONG);
                    while window.offset() + (window.rest().len() as u64) < until && window.fill()? {}
                    let length = usize::try_from(until - at).unwrap_or(usize::MAX).min(window.rest().len());
                    let ended = window.has_ended() && length == window.rest().len();
                    self.framer.resume(before);
                    let again = self.framer.next(&window.rest()[..length], at, ended);
                    return Ok(Next::Wrong(again.err().unwrap_or(wrong)));
                }
                Ok(Step::End) => return Ok(Next::End),
                Ok(Step::Record(record)) => {
                    let bytes = |from: u64, to: u64| usize::try_from(to - from).unwrap_or(usize::MAX);
                    let offset = record.offset;
                    let (length, whole) = (record.bytes.len(), bytes(offset, record.next.offset));
                    window.advance(bytes(at, offset), 0);
                    let found = Found { offset, number: window.lines(), length, whole };
                    self.found = Some(found);
                    return Ok(Next::Record(found));
                }
                Ok(Step::More { until, .. }) => {
                    if !window.fill()? && ended {
                        let wrong = format!("it ends before byte {until}");
                        return Err(Error::permanent("find the next record of", window.name(), wrong)
                            .next("this is a defect of campaignd, please report it"));
                    }
                }
            }
        }
    }
}

impl Found {
    /// Passes the record.
    pub fn pass(self, window: &mut Window) {
        window.advance(self.whole, 1);
        window.keep_from_here();
    }
}
