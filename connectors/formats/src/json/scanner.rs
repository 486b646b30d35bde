//! Finds where a JSON value ends, in pieces, without understanding it.

use memchr::memchr2;

/// Brackets inside one another at most. The parser gives up at 128; this many are still passed.
const DEPTH: usize = 4_096;

/// How far a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scan {
    /// Beyond the bytes given.
    More,
    /// Up to here: so many bytes of those given are the value's.
    End(usize),
    /// Its brackets don't fit at this byte: nobody can say where it ends.
    Broken(usize),
}

/// A value being passed.
#[derive(Debug, Clone, Default)]
pub(super) struct Scanner {
    /// The closing brackets that are due.
    due: Vec<u8>,
    in_string: bool,
    escaped: bool,
    /// A number, word or text outside any bracket has begun.
    in_scalar: bool,
}

impl Scanner {
    /// Inside brackets that are closed by `due`, the innermost last: ends with the outermost.
    pub fn inside(due: Vec<u8>) -> Self {
        Self { due, ..Self::default() }
    }

    /// Goes on through `bytes`. A value that isn't in brackets or quotes ends before what follows it.
    pub fn scan(&mut self, bytes: &[u8]) -> Scan {
        let mut at = 0;
        while at < bytes.len() {
            if self.in_string {
                if self.escaped {
                    self.escaped = false;
                    at += 1;
                    continue;
                }
                let Some(found) = memchr2(b'"', b'\\', &bytes[at..]) else { return Scan::More };
                at += found;
                self.escaped = bytes[at] == b'\\';
                self.in_string = self.escaped;
                at += 1;
                if !self.in_string && self.due.is_empty() {
                    return Scan::End(at);
                }
                continue;
            }
            let byte = bytes[at];
            if self.due.is_empty()
                && self.in_scalar
                && matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r')
            {
                return Scan::End(at);
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' if self.due.len() == DEPTH => return Scan::Broken(at),
                b'{' => self.due.push(b'}'),
                b'[' => self.due.push(b']'),
                b'}' | b']' if self.due.last() != Some(&byte) => return Scan::Broken(at),
                b'}' | b']' => {
                    self.due.pop();
                    if self.due.is_empty() {
                        return Scan::End(at + 1);
                    }
                }
                _ => self.in_scalar = true,
            }
            at += 1;
        }
        Scan::More
    }
}

#[cfg(test)]
mod tests {
    use super::{Scan, Scanner};

    #[test]
    fn ends_however_the_bytes_come() {
        for (text, end) in [
            (r#"{"a":"}\"]","b":[1,{}]},"#, Some(23)),
            (r#""x\\","#, Some(5)),
            ("12.5,", Some(4)),
            ("null]", Some(4)),
            ("[[]", None),
            (r#""x\"#, None),
        ] {
            for piece in 1..=text.len() {
                let (mut scanner, mut passed, mut found) = (Scanner::default(), 0, None);
                for bytes in text.as_bytes().chunks(piece) {
                    if let Scan::End(at) = scanner.scan(bytes) {
                        found = Some(passed + at);
                        break;
                    }
                    passed += bytes.len();
                }
                assert_eq!(found, end, "{text} in pieces of {piece}");
            }
        }
        assert_eq!(Scanner::default().scan(b"{\"a\":[}"), Scan::Broken(6));
    }
}
