//! Lines in a window, as every format counts them.

use campaignd_contract::{Error, Result};

use crate::line_ends::end;
use crate::reader::{Frame, Gap};
use crate::window::Window;

/// Length of the line end that stands `at` bytes from the window's next byte: 0 at the end of the content.
pub(crate) fn terminator(window: &mut Window, at: usize) -> Result<usize> {
    if window.rest().len() <= at && !window.fill()? {
        return Ok(0);
    }
    if window.rest()[at] != b'\r' {
        return Ok(1);
    }
    if window.rest().len() == at + 1 && !window.fill()? {
        return Ok(1);
    }
    Ok(if window.rest()[at + 1] == b'\n' { 2 } else { 1 })
}

/// Passes so many lines at the start, as far as there are any.
pub(crate) fn skip_preamble(window: &mut Window, lines: u64) -> Result<()> {
    for _ in 0..lines {
        if window.rest().is_empty() && !window.fill()? {
            break;
        }
        skip_row(window)?;
    }
    Ok(())
}

/// Passes a UTF-8 byte-order mark, and refuses one of UTF-16, which isn't read as such.
pub(crate) fn pass_byte_order_mark(window: &mut Window) -> Result<()> {
    while window.rest().len() < 3 && window.fill()? {}
    match window.rest() {
        [0xEF, 0xBB, 0xBF, ..] => window.advance(3, 0),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => {
            let label = if window.rest()[0] == 0xFF { "utf-16le" } else { "utf-16be" };
            let wrong = "it starts with the byte-order mark of UTF-16";
            return Err(Error::permanent("read", window.name(), wrong)
                .next(format!("set `encoding = \"{label}\"` in [format]")));
        }
        _ => {}
    }
    Ok(())
}

/// Empty lines passed in one go.
const EMPTY_LINES: usize = 4_096;

/// Passes empty lines and comments.
pub(crate) fn gap(window: &mut Window, comment: Option<u8>, in_comment: &mut bool) -> Result<Gap> {
    for _ in 0..EMPTY_LINES {
        if window.rest().is_empty() && !window.fill()? {
            return Ok(Gap::End);
        }
        if *in_comment {
            let found = end(window.rest());
            window.advance(found.unwrap_or(window.rest().len()), 0);
            if found.is_none() {
                return Ok(Gap::More);
            }
            *in_comment = false;
        }
        match window.rest()[0] {
            b'\n' | b'\r' => {
                let length = terminator(window, 0)?;
                window.advance(length, 1);
            }
            byte if Some(byte) == comment => *in_comment = true,
            _ => return Ok(Gap::Row),
        }
    }
    Ok(Gap::More)
}

/// Finds the end of the line at the window's next byte; a line is a row.
pub(crate) fn frame(window: &mut Window, row_bytes: usize) -> Result<Frame> {
    let mut looked_at = 0;
    let length = loop {
        match end(&window.rest()[looked_at..]) {
            Some(at) => break looked_at + at,
            None => looked_at = window.rest().len(),
        }
        if looked_at > row_bytes {
            return Ok(Frame::TooLong);
        }
        if !window.fill()? {
            break looked_at;
        }
    };
    if length > row_bytes {
        return Ok(Frame::TooLong);
    }
    Ok(Frame::Row { length, terminated: length + terminator(window, length)?, lines: 1 })
}

/// Passes the line at the window's next byte and its end; gives its length without the end.
pub(crate) fn skip_row(window: &mut Window) -> Result<u64> {
    let start = window.offset();
    loop {
        let found = end(window.rest());
        window.pass(found.unwrap_or(window.rest().len()));
        window.keep_from_here();
        if found.is_some() || !window.fill()? {
            let length = window.offset() - start;
            let ended = terminator(window, 0)?;
            window.pass(ended);
            return Ok(length);
        }
    }
}
