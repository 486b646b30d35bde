//! Names of files: as text and back, and the names of the files that belong to them.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use campaignd_contract::{Candidate, Error, Result};

/// A name as text. Linux names are bytes; a byte that is no UTF-8 is written `\xHH`.
pub fn text_of(name: &OsStr) -> String {
    let mut text = String::with_capacity(name.len());
    for chunk in name.as_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02X}");
        }
    }
    text
}

/// The name that [`text_of`] wrote; an error says why there can be none.
///
/// Only bytes from 80 up are escaped, since smaller ones are always UTF-8.
pub fn name_of(text: &str) -> Result<OsString, &'static str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        if let Some(escaped) = escaped_byte(rest) {
            bytes.push(escaped);
            rest = &rest[4..];
        } else {
            bytes.push(byte);
            rest = after;
        }
    }
    let name = OsString::from_vec(bytes);
    plain(&name).map(|()| name)
}

/// Whether the name, as text, reads back as another one: it is UTF-8 and contains something like `\xE9`.
pub fn is_ambiguous(name: &OsStr) -> bool {
    name_of(&text_of(name)).is_ok_and(|read_back| read_back != name)
}

/// The name of a candidate, which must stay inside the directory.
pub fn checked_name(candidate: &Candidate) -> Result<OsString> {
    name_of(&candidate.name).map_err(|why| {
        Error::permanent("use the name", format!("{:?}", candidate.name), why)
            .next("names come from the directory's listing and have no directories in them")
    })
}

fn escaped_byte(text: &[u8]) -> Option<u8> {
    let [b'\\', b'x', high, low, ..] = text else { return None };
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    };
    let byte = digit(*high)? << 4 | digit(*low)?;
    (byte >= 0x80).then_some(byte)
}

/// Whether a name stays inside its directory; an error says why it doesn't.
pub fn plain(name: &OsStr) -> Result<(), &'static str> {
    match name.as_bytes() {
        b"" => Err("a name can't be empty"),
        b"." | b".." => Err("`.` and `..` are not names of files"),
        bytes if bytes.contains(&b'/') => Err("a name can't contain `/`"),
        bytes if bytes.contains(&0) => Err("a name can't contain a zero byte"),
        _ => Ok(()),
    }
}

/// The name of a file that belongs to another: `{name}.done`, `{stem}.ctl`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    before: String,
    placeholder: Placeholder,
    after: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Placeholder {
    Name,
    Stem,
}

impl Pattern {
    /// Reads a pattern; an error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (before, placeholder, after) = if let Some((before, after)) = text.split_once("{name}") {
            (before, Placeholder::Name, after)
        } else if let Some((before, after)) = text.split_once("{stem}") {
            (before, Placeholder::Stem, after)
        } else {
            return Err(format!("`{text}` contains neither {{name}} nor {{stem}}, so it would belong to every file"));
        };
        if before.contains(['{', '}']) || after.contains(['{', '}']) {
            return Err(format!("`{text}` contains more than one {{name}} or {{stem}}, or other braces"));
        }
        if text.contains('/') {
            return Err(format!("`{text}` leads to another directory"));
        }
        if text.contains('\0') {
            return Err("a name can't contain a zero byte".to_owned());
        }
        if before.is_empty() && after.is_empty() {
            return Err(format!("`{text}` has nothing to tell it from the file's own name"));
        }
        Ok(Self { before: before.to_owned(), placeholder, after: after.to_owned() })
    }

    /// The name for the file called `name`.
    pub fn of(&self, name: &OsStr) -> Result<OsString, &'static str> {
        let inner = match self.placeholder {
            Placeholder::Name => name.as_bytes(),
            Placeholder::Stem => stem(name.as_bytes()),
        };
        let made = OsString::from_vec([self.before.as_bytes(), inner, self.after.as_bytes()].concat());
        plain(&made)?;
        if made == name { Err("it is the name of the file itself") } else { Ok(made) }
    }

    /// Whether two files may have the same: with the stem, those that differ in their extension do.
    pub fn may_be_shared(&self) -> bool {
        self.placeholder == Placeholder::Stem
    }

    /// Whether `name` has this form, for whatever file.
    pub fn fits(&self, name: &OsStr) -> bool {
        let (name, before, after) = (name.as_bytes(), self.before.as_bytes(), self.after.as_bytes());
        name.len() > before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
    }
}

/// A name without its last extension.
fn stem(name: &[u8]) -> &[u8] {
    match name.iter().rposition(|byte| *byte == b'.') {
        Some(dot) if dot > 0 => &name[..dot],
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for bytes in [&b"plain.csv"[..], b"-rf", b"a b\nc", "vendéglő".as_bytes(), b"caf\xe9.csv", b"\xff\xfe"] {
            let name = OsStr::from_bytes(bytes);
            assert_eq!(name_of(&text_of(name)).unwrap(), name);
            assert!(!is_ambiguous(name));
        }
        assert_eq!(text_of(OsStr::from_bytes(b"caf\xe9.csv")), "caf\\xE9.csv");
        assert!(is_ambiguous(OsStr::new("caf\\xE9.csv")));
        assert!(!is_ambiguous(OsStr::new("caf\\x41\\xe9.csv")), "neither is what text_of writes");
    }

    proptest::proptest! {
        #[test]
        fn any_name_reads_back_or_is_known_to_be_ambiguous(
            bytes in proptest::collection::vec(proptest::prop_oneof![
                proptest::prelude::any::<u8>(),
                proptest::sample::select(b"\\xE9./".to_vec()),
            ], 0..9),
        ) {
            let name = OsStr::from_bytes(&bytes);
            match (plain(name), name_of(&text_of(name))) {
                (Err(_), read_back) => assert!(read_back.is_err()),
                (Ok(()), Ok(read_back)) if read_back == name => assert!(!is_ambiguous(name)),
                (Ok(()), read_back) => {
                    assert!(is_ambiguous(name), "{read_back:?}");
                    assert!(bytes.windows(2).any(|two| two == b"\\x"));
                }
            }
        }
    }

    #[test]
    fn names_stay_in_their_directory() {
        for bad in ["", ".", "..", "a/b", "../a", "/a", "a\0b"] {
            assert!(name_of(bad).is_err(), "{bad:?}");
        }
        assert!(name_of("..a").is_ok());
    }

    #[test]
    fn patterns_make_names() {
        let of = |pattern: &str, name: &str| Pattern::parse(pattern).unwrap().of(OsStr::new(name)).unwrap();
        assert_eq!(of("{name}.done", "calls.csv.gz"), "calls.csv.gz.done");
        assert_eq!(of("{stem}.ctl", "calls.csv.gz"), "calls.csv.ctl");
        assert_eq!(of("ok-{stem}", "calls"), "ok-calls");
        assert!(Pattern::parse("{stem}.csv").unwrap().of(OsStr::new("calls.csv")).is_err());
        for bad in ["done", "{name}", "{stem}", "../{name}.done", "{name}/done", "{name}{stem}.x", "{nmae}.done"] {
            assert!(Pattern::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn patterns_know_their_names() {
        let done = Pattern::parse("{name}.done").unwrap();
        assert!(done.fits(OsStr::new("a.csv.done")));
        assert!(!done.fits(OsStr::new("a.csv")));
        assert!(!done.fits(OsStr::new(".done")));
    }
}
