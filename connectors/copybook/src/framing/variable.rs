//! Records of variable length behind descriptor words, in blocks or not.

use super::descriptor::{Found, Kind, WORD};
use super::framer::{Cut, Framer, Position};
use super::view::{Stop, View, length};
use super::{FramingError, Problem, Rdw, cause};

impl Framer {
    pub(super) fn cut_variable<'w>(
        &self,
        view: &View<'w>,
        rdw: Rdw,
        bdw: Option<Rdw>,
    ) -> Result<Option<Cut<'w>>, Stop> {
        let start = self.at;
        let Some(at) = self.enter_block(view, bdw, start)? else { return Ok(None) };
        let (data, bytes) = self.described(view, Kind::Record, rdw, at)?;
        let end = data.saturating_add(length(bytes));
        Ok(Some(Cut { bytes: Some(bytes), offset: data, start, next: at.behind_record(end) }))
    }

    /// The place of the next record's or segment's descriptor word: behind the block's, where a block begins. `None` at
    /// the file's end.
    pub(super) fn enter_block(
        &self,
        view: &View<'_>,
        bdw: Option<Rdw>,
        at: Position,
    ) -> Result<Option<Position>, Stop> {
        if at.block_end.is_some() {
            return Ok(Some(at));
        }
        if view.ends_at(at.offset)? {
            return Ok(None);
        }
        let Some(bdw) = bdw else { return Ok(Some(at)) };
        let behind = descriptor(view, Kind::Block, bdw, at)?.behind(&self.framing)?;
        let offset = at.offset.saturating_add(u64::from(WORD));
        Ok(Some(Position { offset, block_end: Some(offset.saturating_add(u64::from(behind))), ..at }))
    }

    /// What stands behind the descriptor word of a record or a segment, and its offset.
    pub(super) fn described<'w>(
        &self,
        view: &View<'w>,
        kind: Kind,
        rdw: Rdw,
        at: Position,
    ) -> Result<(u64, &'w [u8]), Stop> {
        let found = descriptor(view, kind, rdw, at)?;
        let behind = found.behind(&self.framing)?;
        let data = at.offset.saturating_add(u64::from(WORD));
        let end = data.saturating_add(u64::from(behind));
        if let Some(block_end) = at.block_end.filter(|block_end| *block_end < end) {
            return Err(self.longer_than_block(&found, behind, block_end).into());
        }
        let Some(bytes) = view.take(data, behind)? else {
            let there = view.end().saturating_sub(data);
            return Err(FramingError::new(Problem::Truncated, at.offset, at.ordinal, found.from_here)
                .found(format!(
                    "the {} at offset 0x{:X} announces {behind} bytes, but the file ends after {there}",
                    kind.name(),
                    at.offset
                ))
                .expected(format!("{behind} bytes behind the word"))
                .help(cause::of_file_end(&found, &self.framing))
                .into());
        };
        Ok((data, bytes))
    }

    fn longer_than_block(&self, found: &Found<'_>, behind: u32, block_end: u64) -> FramingError {
        let left = block_end.saturating_sub(found.offset).saturating_sub(u64::from(WORD));
        FramingError::new(Problem::TooLong, found.offset, found.ordinal, found.from_here)
            .found(format!(
                "the {} at offset 0x{:X} announces {behind} bytes, but its block ends {left} bytes behind it, at offset \
                 0x{block_end:X}",
                found.kind.name(),
                found.offset
            ))
            .expected("records that end where their block ends")
            .help(cause::of_block_overrun(found, &self.framing))
    }
}

/// The descriptor word at a place.
pub(super) fn descriptor<'w>(view: &View<'w>, kind: Kind, rdw: Rdw, at: Position) -> Result<Found<'w>, Stop> {
    let from_here = view.from(at.offset);
    let block_ends = at.block_end.is_some_and(|end| end < at.offset.saturating_add(u64::from(WORD)));
    let word = if block_ends { None } else { view.take(at.offset, WORD)? };
    if let Some(&[a, b, c, d]) = word {
        let from_before = view.from(at.offset.saturating_sub(u64::from(WORD)));
        let bytes = [a, b, c, d];
        return Ok(Found { kind, rdw, bytes, offset: at.offset, ordinal: at.ordinal, from_here, from_before });
    }
    let (what, end) = if block_ends { ("block", at.block_end) } else { ("file", Some(view.end())) };
    let there = end.unwrap_or(at.offset).saturating_sub(at.offset);
    let help = if block_ends {
        "is the block descriptor word right? if the file has none, see framing \"variable\""
    } else if at.block_end.is_some() {
        "the last block isn't whole, so the transfer is probably incomplete: compare the file's size with the sender's"
    } else {
        "these bytes may have been added by a transfer (leave them out with \"skip_end\"), or the transfer is \
         incomplete: compare the file's size with the sender's"
    };
    let found = match (there, at.block_end) {
        (0, Some(end)) => format!("the file ends before its last block does, at offset 0x{end:X}"),
        _ => format!("the {what} ends {there} bytes into the {} at offset 0x{:X}", kind.name(), at.offset),
    };
    Err(FramingError::new(Problem::Truncated, at.offset, at.ordinal, from_here)
        .found(found)
        .expected(format!("the {WORD} bytes of a {}", kind.name()))
        .help(help)
        .into())
}
