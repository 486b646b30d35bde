//! What bytes look like: enough of cp037 and ASCII to tell text from binary, and to show it.

/// The characters of cp037 that are ASCII too, from 0x40 on; a dot in the place of others.
const EBCDIC: [[u8; 16]; 12] = [
    *b" ...........<(+|",
    *b"&.........!$*);.",
    *b"-/.........,%_>?",
    *b".........`:#@'=\"",
    *b".abcdefghi......",
    *b".jklmnopqr......",
    *b".~stuvwxyz......",
    *b"^.........[]....",
    *b"{ABCDEFGHI......",
    *b"}JKLMNOPQR......",
    *b"\\.STUVWXYZ......",
    *b"0123456789......",
];

/// The EBCDIC character, as ASCII, if it is one that is shown.
pub(super) fn ebcdic(byte: u8) -> Option<char> {
    let row = usize::from(byte >> 4).checked_sub(4)?;
    let shown = EBCDIC[row][usize::from(byte & 0x0F)];
    (shown != b'.' || byte == 0x4B).then_some(char::from(shown))
}

/// The ASCII character, if it is one that is shown.
pub(super) fn ascii(byte: u8) -> Option<char> {
    (0x20..0x7F).contains(&byte).then_some(char::from(byte))
}

/// An EBCDIC letter, digit or blank: what text is mostly made of, and what a length seldom is.
pub(super) fn ebcdic_word(byte: u8) -> bool {
    ebcdic(byte).is_some_and(|c| c.is_ascii_alphanumeric() || c == ' ')
}

/// An ASCII letter, digit or blank.
pub(super) fn ascii_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b' '
}

/// The text these bytes are, if all of them are letters, digits or blanks of one of the two: "EBCDIC" or "ASCII", and
/// the text.
pub(super) fn as_text(bytes: &[u8]) -> Option<(&'static str, String)> {
    if bytes.is_empty() {
        None
    } else if bytes.iter().copied().all(ebcdic_word) {
        Some(("EBCDIC", bytes.iter().copied().filter_map(ebcdic).collect()))
    } else if bytes.iter().copied().all(ascii_word) {
        Some(("ASCII", bytes.iter().copied().filter_map(ascii).collect()))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_digits_of_cp037() {
        let bytes = [0xC1, 0xC9, 0xD1, 0xD9, 0xE2, 0xE9, 0x81, 0x89, 0x91, 0x99, 0xA2, 0xA9, 0xF0, 0xF9, 0x40];
        let text: String = bytes.iter().copied().filter_map(ebcdic).collect();
        assert_eq!(text, "AIJRSZaijrsz09 ");
    }

    #[test]
    fn punctuation_of_cp037() {
        let bytes = [
            0x4B, 0x4C, 0x4D, 0x4E, 0x50, 0x5A, 0x5B, 0x5C, 0x5D, 0x5E, 0x60, 0x61, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x79,
            0x7A, 0x7B, 0x7C, 0x7D, 0x7E, 0x7F, 0xA1, 0xB0, 0xBA, 0xBB, 0xC0, 0xD0, 0xE0,
        ];
        let text: String = bytes.iter().copied().filter_map(ebcdic).collect();
        assert_eq!(text, ".<(+&!$*);-/,%_>?`:#@'=\"~^[]{}\\");
        assert_eq!(ebcdic(0x3F), None);
        assert_eq!(ebcdic(0xFF), None);
    }
}
