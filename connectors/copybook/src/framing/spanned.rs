//! Records in segments: *z/OS DFSMS Using Data Sets*, "Spanned Format".

use super::descriptor::{Kind, Segment};
use super::framer::{Cut, Framer, Position};
use super::variable::descriptor;
use super::view::{Stop, View, length};
use super::{FramingError, Problem, Rdw};

/// A spanned record as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    bytes: Vec<u8>,
    /// Where the record begins, and its first byte, while it isn't whole.
    begun: Option<(Position, u64)>,
}

impl Gathering {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn start(&self) -> Option<Position> {
        self.begun.map(|(start, _)| start)
    }

    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// The record was handed on; its bytes stay until the next begins.
    pub(super) fn given(&mut self) {
        self.begun = None;
    }
}

impl Framer {
    pub(super) fn cut_spanned<'w>(
        &mut self,
        view: &View<'w>,
        rdw: Rdw,
        bdw: Option<Rdw>,
    ) -> Result<Option<Cut<'w>>, Stop> {
        loop {
            let before = self.at;
            let Some(at) = self.enter_block(view, bdw, before)? else {
                return if self.gathering.begun.is_none() { Ok(None) } else { Err(self.ends_inside(before).into()) };
            };
            let found = descriptor(view, Kind::Segment, rdw, at)?;
            if let Some(end) = at.block_end.filter(|_| found.ends_block()) {
                self.at = Position { offset: end, block_end: None, ..at };
                self.check_in_file(view)?;
                continue;
            }
            let segment = found.segment();
            let (data, bytes) = self.described(view, Kind::Segment, rdw, at)?;
            self.check_order(segment, at, view)?;
            let end = data.saturating_add(length(bytes));
            let next = at.behind_record(end);
            if segment == Segment::Whole {
                return Ok(Some(Cut { bytes: Some(bytes), offset: data, start: before, next }));
            }
            if segment == Segment::First {
                self.gathering.bytes.clear();
                self.gathering.begun = Some((before, data));
            }
            self.check_length(at, bytes)?;
            self.gathering.bytes.extend_from_slice(bytes);
            if let (Segment::Last, Some((start, offset))) = (segment, self.gathering.begun) {
                return Ok(Some(Cut { bytes: None, offset, start, next }));
            }
            self.at = Position { ordinal: at.ordinal, ..next };
        }
    }

    fn check_order(&self, segment: Segment, at: Position, view: &View<'_>) -> Result<(), FramingError> {
        let begun = self.gathering.begun;
        let (expected, help) = match (begun, segment) {
            (None, Segment::Whole | Segment::First) | (Some(_), Segment::Middle | Segment::Last) => return Ok(()),
            (None, _) => (
                "a whole record (code 0) or a record's first segment (code 1)".to_owned(),
                "the record's first segment is missing: does the file begin in the middle of a data set, or were blocks \
                 lost? transfer it again from the beginning",
            ),
            (Some((start, _)), _) => (
                format!(
                    "a middle segment (code 3) or the last (code 2) of the record that began at offset 0x{:X}",
                    start.offset
                ),
                "the record's last segment is missing: were blocks lost, or was the file written by a program that ended \
                 early? transfer it again",
            ),
        };
        Err(FramingError::new(Problem::SegmentOrder, at.offset, at.ordinal, view.from(at.offset))
            .found(format!("the segment at offset 0x{:X} is {}", at.offset, segment.name()))
            .expected(expected)
            .help(help))
    }

    fn check_length(&self, at: Position, bytes: &[u8]) -> Result<(), FramingError> {
        let longest = self.framing.longest;
        let all = length(&self.gathering.bytes).saturating_add(length(bytes));
        if all <= u64::from(longest) {
            return Ok(());
        }
        Err(FramingError::new(Problem::TooLong, at.offset, at.ordinal, bytes)
            .found(format!("the spanned record has {all} bytes with the segment at offset 0x{:X}", at.offset))
            .expected(format!("at most {longest} bytes"))
            .help("if records are that long, raise \"longest\"; the copybook tells how long they can be"))
    }

    fn ends_inside(&self, at: Position) -> FramingError {
        let start = self.gathering.start().unwrap_or(at);
        FramingError::new(Problem::Truncated, at.offset, at.ordinal, &[])
            .found(format!("the file ends inside the spanned record that began at offset 0x{:X}", start.offset))
            .expected("a middle segment (code 3) or the last (code 2)")
            .help("the transfer is probably incomplete: compare the file's size with the sender's")
    }
}
