//! Whether a content ends with its trailer, from its last bytes alone.

use campaignd_contract::{ByteSource, Completeness, Error, Result};

use crate::content::{Decoding, Tail, tail};

/// How far from the end the last record may start.
const TAIL: u64 = 1 << 20;

/// What may follow the trailer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct After {
    /// Lines that aren't part of the data.
    pub footer_lines: usize,
    /// Lines that start with it are comments.
    pub comment: Option<u8>,
}

/// The error of a format whose settings name no trailer.
pub(crate) fn no_trailer(bytes: &dyn ByteSource, kind: &str) -> Error {
    Error::permanent("look for the trailer of", bytes.name(), format!("the {kind} format was told of none"))
        .next("add [format.trailer], or choose another `ready` in [source]")
}

/// Whether the last line is the trailer; `wrong` says of a line what keeps it from being one.
pub(crate) fn ends_with_trailer(
    bytes: &dyn ByteSource,
    how: &Decoding,
    after: After,
    wrong: impl FnOnce(&[u8]) -> Option<String>,
) -> Result<Completeness> {
    let (text, whole) = match tail(bytes, how, TAIL)? {
        Tail::Read(text, whole) => (text, whole),
        Tail::Cut(reason) => return Ok(Completeness::Incomplete(reason)),
    };
    let mut rest = &text[..];
    for _ in 0..after.footer_lines {
        rest = without_last_line(rest);
    }
    let last = loop {
        let (before, line) = split_last_line(rest);
        let comment = after.comment.is_some_and(|comment| line.first() == Some(&comment));
        if rest.is_empty() || !(line.is_empty() || comment) {
            break line;
        }
        rest = before;
    };
    let reason = if last.is_empty() {
        Some("there are no records in it".to_owned())
    } else if last.len() == rest.len() && !whole {
        Some(format!("its last {TAIL} bytes are one line"))
    } else {
        wrong(last)
    };
    Ok(reason.map_or(Completeness::Complete, Completeness::Incomplete))
}

fn without_last_line(text: &[u8]) -> &[u8] {
    split_last_line(text).0
}

/// What stands before the last line, and that line without its terminator.
fn split_last_line(text: &[u8]) -> (&[u8], &[u8]) {
    let unterminated = match text {
        [before @ .., b'\r', b'\n'] | [before @ .., b'\n' | b'\r'] => before,
        all => all,
    };
    let start = memchr::memrchr2(b'\n', b'\r', unterminated).map_or(0, |at| at + 1);
    (&text[..start], &unterminated[start..])
}

#[cfg(test)]
mod tests {
    use super::split_last_line;

    #[test]
    fn last_line_with_every_kind_of_end() {
        assert_eq!(split_last_line(b"a\r\nb\r\n"), (&b"a\r\n"[..], &b"b"[..]));
        assert_eq!(split_last_line(b"a\rb"), (&b"a\r"[..], &b"b"[..]));
        assert_eq!(split_last_line(b"a\n\n"), (&b"a\n"[..], &b""[..]));
        assert_eq!(split_last_line(b"a"), (&b""[..], &b"a"[..]));
        assert_eq!(split_last_line(b""), (&b""[..], &b""[..]));
    }
}
