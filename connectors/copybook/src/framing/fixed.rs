//! Records of fixed length.

use super::framer::{Cut, Framer};
use super::view::{Stop, View, length};
use super::{FramingError, Problem, Rdw, text};

pub(super) fn cut<'w>(framer: &Framer, view: &View<'w>, record_length: u32) -> Result<Option<Cut<'w>>, Stop> {
    let start = framer.at;
    let Some(bytes) = view.take(start.offset, record_length)? else {
        let left = view.from(start.offset);
        return if left.is_empty() || framer.framing.ignore_leftover {
            Ok(None)
        } else {
            Err(leftover(framer, view, left, record_length).into())
        };
    };
    let end = start.offset.saturating_add(u64::from(record_length));
    Ok(Some(Cut::in_window(bytes, start.offset, start, end)))
}

/// As [`cut`], a descriptor word standing before each block.
pub(super) fn cut_in_block<'w>(
    framer: &Framer,
    view: &View<'w>,
    record_length: u32,
    bdw: Rdw,
) -> Result<Option<Cut<'w>>, Stop> {
    let start = framer.at;
    let Some(at) = framer.enter_block(view, Some(bdw), start)? else { return Ok(None) };
    let end = at.offset.saturating_add(u64::from(record_length));
    if at.block_end.is_some_and(|block_end| block_end < end) {
        let left = view.from(at.offset);
        let rest = at.block_end.unwrap_or(end).saturating_sub(at.offset);
        return Err(FramingError::new(Problem::Leftover, at.offset, at.ordinal, left)
            .found(format!("{rest} bytes of its block are left at offset 0x{:X}", at.offset))
            .expected(format!("records of {record_length} bytes up to the block's end"))
            .help("is the record length right, and does the block descriptor word count itself?")
            .into());
    }
    let Some(bytes) = view.take(at.offset, record_length)? else {
        return Err(leftover(framer, view, view.from(at.offset), record_length).into());
    };
    Ok(Some(Cut { bytes: Some(bytes), offset: at.offset, start, next: at.behind_record(end) }))
}

fn leftover(framer: &Framer, view: &View<'_>, left: &[u8], record_length: u32) -> FramingError {
    let start = framer.at;
    let all = view.end().saturating_sub(framer.framing.skip_start);
    let found = format!(
        "{} left behind the last whole record: {all} bytes are no multiple of the record length {record_length}",
        if left.len() == 1 { "1 byte is".to_owned() } else { format!("{} bytes are", left.len()) }
    );
    FramingError::new(Problem::Leftover, start.offset, start.ordinal, left)
        .found(found)
        .expected(format!("{record_length} bytes, or the file's end"))
        .help(cause(view, left, record_length, all))
}

/// Why a file isn't a multiple of its record length.
fn cause(view: &View<'_>, left: &[u8], record_length: u32, all: u64) -> String {
    let seen = view.from(view.offset());
    let pairs = seen.windows(2).filter(|pair| *pair == b"\r\n").count();
    let ascii = seen.iter().filter(|byte| text::ascii_word(**byte)).count();
    let fits = |more: u32| all.is_multiple_of(u64::from(record_length) + u64::from(more));
    if seen.ends_with(b"\r\n") && fits(2) {
        return "the file ends with CR LF, and lines of the record length and CR LF would fit: see framing \"lines\""
            .into();
    }
    if matches!(seen.last(), Some(b'\n' | 0x15 | 0x25)) && fits(1) {
        return "the file ends with a line end, and lines of the record length and 1 byte would fit: see framing \
                \"lines\""
            .into();
    }
    if left.iter().all(|byte| matches!(byte, b'\r' | b'\n' | 0x1A | 0x15 | 0x25)) {
        return format!("these are line ends or an end mark added by a transfer: set \"skip_end\" to {}", left.len());
    }
    if left.iter().all(|byte| *byte == 0) {
        return format!("these are zeros, padding added by a transfer: set \"skip_end\" to {}", left.len());
    }
    if pairs > 0 {
        let times = if pairs == 1 { "once" } else { "several times" };
        return format!(
            "0x0D0A occurs {times} in the last {} bytes: a transfer as text has probably put 0x0D before each 0x0A; \
             transfer the file again in binary",
            length(seen)
        );
    }
    if ascii.saturating_mul(10) > seen.len().saturating_mul(7) {
        return "the bytes are ASCII: a conversion on the way may have changed lengths and destroyed packed numbers; \
                transfer the file again in binary"
            .into();
    }
    "is the record length right? if there is a header or trailer of another length, leave it out with \"skip_start\" or \
     \"skip_end\"; else the transfer may be incomplete: compare the file's size with the sender's"
        .into()
}
