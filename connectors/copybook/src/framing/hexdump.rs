//! Bytes for people: offset, hex, EBCDIC and ASCII, with notes below the lines they are about.

use std::fmt::Write as _;
use std::ops::Range;

use super::text;

/// Bytes a line.
const LINE: usize = 16;

/// Columns before the hex digits: eight digits of offset, or more, and two blanks.
const MARGIN: usize = 10;

/// Shows bytes, 16 a line: offset in hex, the bytes in hex, as cp037 and as ASCII, a dot for what neither shows. `offset`
/// is that of the first byte in the file. Each note's range counts from the first of these bytes; carets mark it below
/// each line it touches, its text follows once.
pub fn hexdump(bytes: &[u8], offset: u64, notes: &[(Range<usize>, String)]) -> String {
    let mut shown = String::new();
    for (index, line) in bytes.chunks(LINE).enumerate() {
        let first = index * LINE;
        let place = offset.saturating_add(u64::try_from(first).unwrap_or(u64::MAX));
        let hex: String = line.iter().map(|byte| format!("{byte:02X} ")).collect();
        let characters =
            |of: fn(u8) -> Option<char>| line.iter().map(|byte| of(*byte).unwrap_or('.')).collect::<String>();
        let (ebcdic, ascii) = (characters(text::ebcdic), characters(text::ascii));
        // Writing to a string can't fail.
        let _ = writeln!(shown, "{place:08X}  {hex:<48} |{ebcdic:<16}| |{ascii:<16}|");
        for (range, note) in notes {
            let start = range.start.max(first);
            let end = range.end.min(first + line.len());
            if start < end {
                let carets = "^".repeat((end - start) * 3 - 1);
                let blanks = " ".repeat(MARGIN + (start - first) * 3);
                let text = if start == range.start { note.as_str() } else { "" };
                let _ = writeln!(shown, "{}", format!("{blanks}{carets} {text}").trim_end());
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_with_its_word() {
        let bytes = b"\x00\x18\x00\x00\xE2\xD4\xC9\xE3\xC8\x40\x12\x3C1234\xF0\xF1\xF2\xF3\x00\x00\x00\x01";
        let notes = [(0..4, "RDW: 24 bytes".to_owned()), (4..10, "NAME".into()), (14..18, "CODE".into())];
        insta::assert_snapshot!(hexdump(bytes, 0x1F4, &notes), @r"
        000001F4  00 18 00 00 E2 D4 C9 E3 C8 40 12 3C 31 32 33 34  |....SMITH ......| |.........@.<1234|
                  ^^^^^^^^^^^ RDW: 24 bytes
                              ^^^^^^^^^^^^^^^^^ NAME
                                                            ^^^^^ CODE
        00000204  F0 F1 F2 F3 00 00 00 01                          |0123....        | |........        |
                  ^^^^^
        ");
    }

    #[test]
    fn nothing_and_notes_outside() {
        assert_eq!(hexdump(b"", 0, &[(0..4, "x".into())]), "");
        let reversed = std::ops::Range { start: 3, end: 1 };
        insta::assert_snapshot!(hexdump(b"abc", 0, &[(9..12, "x".into()), (reversed, "y".into())]), @"00000000  61 62 63                                         |/..             | |abc             |");
    }
}
