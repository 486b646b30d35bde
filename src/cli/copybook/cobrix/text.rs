//! Text as the peer reads it: its code pages have blanks for control characters, and which end of a line is which is
//! turned round in them; in ASCII control characters are left out.

use campaignd_copybook::code_page::CodePage;
use encoding_rs::Encoding;

use super::options::{Preset, Trim};

/// Which characters bytes stand for.
#[derive(Debug, Clone, Copy)]
pub enum Characters {
    /// A page of EBCDIC.
    Ebcdic {
        /// Which.
        page: CodePage,
        /// Whether control characters are kept.
        extended: bool,
    },
    /// ASCII, with blanks for what isn't.
    UsAscii,
    /// ISO 8859-1.
    Latin1,
    /// Another charset.
    Charset(&'static Encoding),
    /// UTF-16.
    Utf16 {
        /// Whether the lower byte comes first.
        little_endian: bool,
    },
}

impl Characters {
    /// Those of the whole file.
    pub fn of_file(preset: &Preset) -> Result<Self, String> {
        if preset.is_ascii() { Self::named(&preset.charset) } else { Self::named(&preset.code_page) }
    }

    /// Those of a code page or charset.
    pub fn named(name: &str) -> Result<Self, String> {
        let name = name.to_ascii_lowercase();
        if let Some(plain) = name.strip_suffix("_extended")
            && let Some(page @ ("common" | "cp037")) = Some(plain)
        {
            let page = CodePage::named(page).ok_or("there is no such page")?;
            return Ok(Self::Ebcdic { page, extended: true });
        }
        match name.as_str() {
            "us-ascii" | "ascii" => return Ok(Self::UsAscii),
            "iso-8859-1" | "iso8859-1" | "iso8859_1" | "latin1" => return Ok(Self::Latin1),
            _ => {}
        }
        // The peer's double-byte pages leave out what stands for nothing, and have tables of their own.
        if let Some(page) = CodePage::named(&name).filter(|page| !page.is_mixed()) {
            return Ok(Self::Ebcdic { page, extended: false });
        }
        let label = name
            .strip_prefix("cp")
            .filter(|number| number.starts_with("125"))
            .map_or_else(|| name.clone(), |number| format!("windows-{number}"));
        Encoding::for_label(label.as_bytes())
            .map(Self::Charset)
            .ok_or_else(|| format!("there is no code page or charset `{name}` here"))
    }

    /// The text of some bytes, trimmed; nothing where they are all zero and that means null.
    pub fn text(self, raw: &[u8], preset: &Preset) -> Option<String> {
        if preset.improved_null_detection && preset.trim != Trim::KeepAll && raw.iter().all(|byte| *byte == 0) {
            return None;
        }
        let keep_controls = preset.trim == Trim::KeepAll;
        let text = match self {
            Self::Ebcdic { page, extended } => raw.iter().map(|byte| ebcdic(page, extended, *byte)).collect(),
            Self::UsAscii => raw
                .iter()
                .filter(|byte| keep_controls || **byte >= 0x20)
                .map(|byte| if byte.is_ascii() { char::from(*byte) } else { ' ' })
                .collect(),
            Self::Latin1 => {
                raw.iter().filter(|byte| keep_controls || **byte >= 0x20).copied().map(char::from).collect()
            }
            Self::Charset(encoding) => {
                let kept: Vec<u8> = raw.iter().copied().filter(|byte| keep_controls || *byte >= 0x20).collect();
                encoding.decode_without_bom_handling(&kept).0.into_owned()
            }
            Self::Utf16 { little_endian } => {
                let encoding = if little_endian { encoding_rs::UTF_16LE } else { encoding_rs::UTF_16BE };
                encoding.decode_without_bom_handling(raw).0.into_owned()
            }
        };
        // What is trimmed is everything up to the blank, as Java has it.
        let blank = |c: char| c <= ' ';
        Some(match preset.trim {
            Trim::Both => text.trim_matches(blank).to_owned(),
            Trim::Left => text.trim_start_matches(blank).to_owned(),
            Trim::Right => text.trim_end_matches(blank).to_owned(),
            Trim::None | Trim::KeepAll => text,
        })
    }
}

fn ebcdic(page: CodePage, extended: bool, byte: u8) -> char {
    let common = page.name() == "common";
    match byte {
        0x0D if !extended => return '\n',
        0x25 if !extended => return '\r',
        0x6A if common => return '|',
        0xCA if common => return '-',
        _ => {}
    }
    let page = if common && extended && byte < 0x40 { CodePage::named("cp037").unwrap_or(page) } else { page };
    let character = page.char_of(byte).unwrap_or(' ');
    let is_kept = extended || !character.is_control() || character == '\u{85}';
    if is_kept { character } else { ' ' }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str, raw: &[u8], trim: Trim) -> Option<String> {
        let preset = Preset { trim, ..Preset::default() };
        Characters::named(name).unwrap().text(raw, &preset)
    }

    #[test]
    fn code_pages_and_charsets() {
        assert_eq!(text("common", &[0xC1, 0x00, 0x4A, 0x6A, 0x40], Trim::None).as_deref(), Some("A  | "));
        assert_eq!(text("cp037", &[0x4A, 0x0D, 0x15, 0x25, 0x05], Trim::None).as_deref(), Some("¢\n\u{85}\r "));
        assert_eq!(text("cp037_extended", &[0x05, 0x25], Trim::None).as_deref(), Some("\t\n"));
        assert_eq!(text("utf-8", "a\tü\u{1}".as_bytes(), Trim::None).as_deref(), Some("aü"));
        assert_eq!(text("utf-8", b"a\x01\xDC", Trim::None).as_deref(), Some("a\u{FFFD}"));
        assert_eq!(text("utf-8", b"a\t", Trim::KeepAll).as_deref(), Some("a\t"));
        assert_eq!(text("us-ascii", b"a\xDC\x01b", Trim::None).as_deref(), Some("a b"));
        assert_eq!(text("iso-8859-1", b"\xDC", Trim::None).as_deref(), Some("Ü"));
        assert_eq!(text("cp1256", b"\xC7", Trim::None).as_deref(), Some("ا"));
        assert!(Characters::named("cp9999").is_err());
        assert!(Characters::named("cp1388").is_err());
    }

    #[test]
    fn trimming_and_null() {
        for (trim, expected) in
            [(Trim::Both, "a"), (Trim::Left, "a \u{1}"), (Trim::Right, " \u{1}a"), (Trim::None, " \u{1}a \u{1}")]
        {
            let preset = Preset { trim, ..Preset::default() };
            let raw: Vec<u8> = " \u{1}a \u{1}".encode_utf16().flat_map(u16::to_be_bytes).collect();
            assert_eq!(Characters::Utf16 { little_endian: false }.text(&raw, &preset).as_deref(), Some(expected));
        }
        assert_eq!(text("common", &[0, 0], Trim::Both), None);
        let preset = Preset { improved_null_detection: false, ..Preset::default() };
        assert_eq!(Characters::named("common").unwrap().text(&[0, 0], &preset).as_deref(), Some(""));
    }
}
