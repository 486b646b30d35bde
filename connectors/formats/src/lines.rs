//! Lines as every format counts them: ended by LF, CR LF or CR.

use campaignd_contract::{Error, Result};
use memchr::{memchr_iter, memchr2};

use crate::window::Window;

/// How many line ends there are. The two of a CR LF are one.
pub(crate) fn count(bytes: &[u8]) -> u64 {
    let feeds = memchr_iter(b'\n', bytes).count();
    let lone_returns = memchr_iter(b'\r', bytes).filter(|&at| bytes.get(at + 1) != Some(&b'\n')).count();
    (feeds + lone_returns) as u64
}

/// Where the first line ends: the length of its text.
pub(crate) fn end(bytes: &[u8]) -> Option<usize> {
    memchr2(b'\n', b'\r', bytes)
}

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

/// Passes the rest of the line at the window's next byte, and its end; `false` if there was nothing to pass.
pub(crate) fn skip(window: &mut Window) -> Result<bool> {
    let mut any = false;
    loop {
        if window.rest().is_empty() && !window.fill()? {
            return Ok(any);
        }
        any = true;
        let found = end(window.rest());
        window.pass(found.unwrap_or(window.rest().len()));
        window.keep_from_here();
        if found.is_some() {
            let length = terminator(window, 0)?;
            window.pass(length);
            return Ok(true);
        }
    }
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
