//! Bytes as text: which encodings there are, and how bytes are shown to people.

use std::borrow::Cow;
use std::fmt::Write as _;

use encoding_rs::{Encoding, UTF_8};

/// Characters of an offending text that are shown.
const SHOWN: usize = 1_000;

/// How the bytes of a row become text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Charset {
    /// `None`: they are UTF-8.
    single_byte: Option<&'static Encoding>,
    /// The encoding to turn into UTF-8 before rows are looked for, where its bytes don't show them.
    pub transcode: Option<&'static Encoding>,
}

impl Charset {
    /// The encoding of that label.
    pub fn of(label: &str) -> Self {
        let encoding = Encoding::for_label(label.as_bytes()).unwrap_or(UTF_8);
        if encoding == UTF_8 {
            Self { single_byte: None, transcode: None }
        } else if encoding.is_single_byte() {
            Self { single_byte: Some(encoding), transcode: None }
        } else {
            Self { single_byte: None, transcode: Some(encoding) }
        }
    }

    /// The same for rows that were turned into UTF-8 already.
    pub fn of_decoded_rows() -> Self {
        Self { single_byte: None, transcode: None }
    }

    /// Whether the bytes, where they are UTF-8, are the text they mean in this encoding.
    pub fn reads_as_utf8(&self, bytes: &[u8]) -> bool {
        self.single_byte.is_none() || bytes.is_ascii()
    }

    /// The bytes as text, where they are text in this encoding.
    pub fn decode<'a>(&self, bytes: &'a [u8]) -> Option<Cow<'a, str>> {
        match self.single_byte {
            None => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Some(encoding) => encoding.decode_without_bom_handling_and_without_replacement(bytes),
        }
    }

    /// Its name, for messages.
    pub fn name(&self) -> &'static str {
        self.single_byte.or(self.transcode).unwrap_or(UTF_8).name()
    }

    /// The bytes for a person: text, or hex where they aren't text. Long ones are cut.
    pub fn shown(&self, bytes: &[u8]) -> String {
        match self.decode(bytes) {
            Some(text) => cut(&text),
            // The cut of a row may lie inside a character.
            None => match std::str::from_utf8(bytes) {
                Err(e) if e.error_len().is_none() && self.single_byte.is_none() && e.valid_up_to() >= SHOWN => {
                    cut(&String::from_utf8_lossy(&bytes[..e.valid_up_to()]))
                }
                _ => hex(bytes),
            },
        }
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// Bytes in hex, two digits each; long ones are cut.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(2 * bytes.len().min(SHOWN) + 3);
    for byte in &bytes[..bytes.len().min(SHOWN)] {
        let _ = write!(digits, "{byte:02x}");
    }
    if bytes.len() > SHOWN {
        digits.push('…');
    }
    digits
}
