//! The pages by name, and the two ways through a page's table: one byte, or a whole field.

use std::fmt;
use std::sync::LazyLock;

use super::double_bytes::{self, DoubleBytes};
use super::mixed::{Undecodable, decode_mixed, decode_pairs};
use super::tables::{self, UNASSIGNED};

/// Bytes translated at a time by [`CodePage::decode_into`]: most text fields are shorter.
const RUN: usize = 64;

/// In [`Table::ascii`]: the byte's character is not ASCII, or it has none. No ASCII character has this bit.
const NOT_ASCII: u8 = 0x80;

/// The code page of a file's text; as cheap to copy as a reference.
#[derive(Clone, Copy)]
pub struct CodePage {
    table: &'static Table,
}

/// What is known of one page.
struct Table {
    name: &'static str,
    /// IBM's number (CCSID), or nothing where the page isn't one of IBM's.
    number: Option<u16>,
    region: &'static str,
    characters: [u16; 256],
    /// Each byte's character where it is ASCII, else [`NOT_ASCII`].
    ascii: [u8; 256],
    blank: u8,
    /// The double-byte characters of a mixed page.
    double_bytes: Option<&'static LazyLock<DoubleBytes>>,
}

impl Table {
    const fn ebcdic(name: &'static str, number: u16, region: &'static str, characters: &[u16; 256]) -> Self {
        let number = Some(number);
        let ascii = ascii_of(characters);
        Self { name, number, region, characters: *characters, ascii, blank: 0x40, double_bytes: None }
    }

    const fn mixed(self, double_bytes: &'static LazyLock<DoubleBytes>) -> Self {
        Self { double_bytes: Some(double_bytes), ..self }
    }

    const fn other(name: &'static str, region: &'static str, characters: &[u16; 256], blank: u8) -> Self {
        let ascii = ascii_of(characters);
        Self { name, number: None, region, characters: *characters, ascii, blank, double_bytes: None }
    }
}

/// The part of a page that is ASCII.
const fn ascii_of(characters: &[u16; 256]) -> [u8; 256] {
    let mut ascii = [NOT_ASCII; 256];
    let mut byte = 0;
    while byte < 256 {
        if characters[byte] < 0x80 {
            ascii[byte] = characters[byte].to_le_bytes()[0];
        }
        byte += 1;
    }
    ascii
}

/// The printable ASCII characters where page 037 has them, and blanks everywhere else.
const fn common() -> [u16; 256] {
    let mut characters = [0x20; 256];
    let mut byte = 0;
    while byte < 256 {
        let character = tables::CP037[byte];
        if character > 0x20 && character < 0x7F {
            characters[byte] = character;
        }
        byte += 1;
    }
    characters
}

/// The bytes below `end` as the Unicode characters of the same number.
const fn identity(end: u16) -> [u16; 256] {
    let mut characters = [UNASSIGNED; 256];
    let mut byte = 0_u16;
    while byte < end {
        characters[byte as usize] = byte;
        byte += 1;
    }
    characters
}

static PAGES: [Table; 38] = [
    Table::other(
        "common",
        "any, when the page is not known: printable ASCII as in cp037, else blanks",
        &common(),
        0x40,
    ),
    Table::ebcdic("cp037", 37, "USA, Canada, Brazil, Portugal, Netherlands, Australia", &tables::CP037),
    Table::ebcdic("cp273", 273, "Germany, Austria", &tables::CP273),
    Table::ebcdic("cp277", 277, "Denmark, Norway", &tables::CP277),
    Table::ebcdic("cp278", 278, "Finland, Sweden", &tables::CP278),
    Table::ebcdic("cp280", 280, "Italy", &tables::CP280),
    Table::ebcdic("cp284", 284, "Spain, Latin America", &tables::CP284),
    Table::ebcdic("cp285", 285, "United Kingdom", &tables::CP285),
    Table::ebcdic("cp297", 297, "France", &tables::CP297),
    Table::ebcdic("cp420", 420, "Arabic", &tables::CP420),
    Table::ebcdic("cp424", 424, "Hebrew", &tables::CP424),
    Table::ebcdic("cp500", 500, "international, Belgium, Switzerland", &tables::CP500),
    Table::ebcdic("cp838", 838, "Thai", &tables::CP838),
    Table::ebcdic("cp870", 870, "Latin 2: Poland, Czechia, Hungary and others", &tables::CP870),
    Table::ebcdic("cp871", 871, "Iceland", &tables::CP871),
    Table::ebcdic("cp875", 875, "Greek", &tables::CP875),
    Table::ebcdic("cp930", 930, "Japanese with katakana, mixed with double-byte characters", &tables::CP930)
        .mixed(&double_bytes::CCSID_300),
    Table::ebcdic("cp933", 933, "Korean, mixed with double-byte characters", &tables::CP933)
        .mixed(&double_bytes::CCSID_834),
    Table::ebcdic("cp935", 935, "simplified Chinese, mixed with double-byte characters", &tables::CP935)
        .mixed(&double_bytes::CCSID_837),
    Table::ebcdic("cp937", 937, "traditional Chinese, mixed with double-byte characters", &tables::CP937)
        .mixed(&double_bytes::CCSID_835),
    Table::ebcdic("cp939", 939, "Japanese with Latin letters, mixed with double-byte characters", &tables::CP939)
        .mixed(&double_bytes::CCSID_300),
    Table::ebcdic("cp1025", 1025, "Cyrillic", &tables::CP1025),
    Table::ebcdic("cp1026", 1026, "Turkish", &tables::CP1026),
    Table::ebcdic("cp1047", 1047, "Latin 1 of z/OS Unix and C", &tables::CP1047),
    Table::ebcdic("cp1140", 1140, "cp037 with the euro sign", &tables::CP1140),
    Table::ebcdic("cp1141", 1141, "cp273 with the euro sign", &tables::CP1141),
    Table::ebcdic("cp1142", 1142, "cp277 with the euro sign", &tables::CP1142),
    Table::ebcdic("cp1143", 1143, "cp278 with the euro sign", &tables::CP1143),
    Table::ebcdic("cp1144", 1144, "cp280 with the euro sign", &tables::CP1144),
    Table::ebcdic("cp1145", 1145, "cp284 with the euro sign", &tables::CP1145),
    Table::ebcdic("cp1146", 1146, "cp285 with the euro sign", &tables::CP1146),
    Table::ebcdic("cp1147", 1147, "cp297 with the euro sign", &tables::CP1147),
    Table::ebcdic("cp1148", 1148, "cp500 with the euro sign", &tables::CP1148),
    Table::ebcdic("cp1149", 1149, "cp871 with the euro sign", &tables::CP1149),
    Table::ebcdic("cp1364", 1364, "cp933 with all syllables of Unicode 2", &tables::CP1364)
        .mixed(&double_bytes::CCSID_4930),
    Table::ebcdic("cp1388", 1388, "cp935 with the characters of GB 18030", &tables::CP1388)
        .mixed(&double_bytes::CCSID_4933),
    Table::other("ascii", "not EBCDIC: 7-bit ASCII, any other byte is an error", &identity(0x80), 0x20),
    Table::other("latin1", "not EBCDIC: ISO 8859-1", &identity(0x100), 0x20),
];

impl CodePage {
    /// The page that `name` means, or nothing if there is none here.
    ///
    /// IBM's pages are known by their number (CCSID), with or without zeros in front, and with `cp`, `ibm` or
    /// `ccsid` before it or nothing, with or without a hyphen: `cp037`, `IBM-037` and `37` are one page. The others
    /// are `common`, `ascii` (or `us-ascii`) and `latin1` (or `latin-1`, `iso-8859-1`). Case doesn't matter.
    ///
    /// `common` is for files whose page nobody knows. It has the printable ASCII characters where cp037 has them and
    /// a blank for every other byte, control characters included, so it never fails. All EBCDIC pages here agree on
    /// its letters and digits and on `. < ( + & * ) ; - / , % _ > ? : ' =` (but cp930, whose small letters stand
    /// elsewhere); `| ! $ # @ " ~ ^ [ ] { } \` and the backquote are as in the USA, and are other characters in some
    /// other country (`$` is a letter in Sweden, `"` only in Turkey). The default of Cobrix, of the same name, does the same, but has another two bytes as `|` and
    /// `-` (0x6A and 0xCA) and two as line ends (0x0D and 0x25).
    pub fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let name = match name.as_str() {
            "us-ascii" => "ascii",
            "latin-1" | "iso-8859-1" | "iso8859-1" => "latin1",
            other => other,
        };
        let number = number_in(name);
        PAGES
            .iter()
            .find(|table| table.name == name || (number.is_some() && table.number == number))
            .map(|table| Self { table })
    }

    /// Every page, for help texts: `common`, IBM's by their number, then those that are not EBCDIC.
    pub fn all() -> impl Iterator<Item = Self> {
        PAGES.iter().map(|table| Self { table })
    }

    /// The name of every page, in the order of [`CodePage::all`]; for "did you mean" and help texts.
    pub fn names() -> impl Iterator<Item = &'static str> {
        PAGES.iter().map(|table| table.name)
    }

    /// The page's name, as [`CodePage::named`] takes it: `cp037`, `latin1`.
    pub fn name(self) -> &'static str {
        self.table.name
    }

    /// Where the page is used, in a few words for help texts: `Germany, Austria`.
    pub fn region(self) -> &'static str {
        self.table.region
    }

    /// The byte of the page's space: 0x40 in EBCDIC, 0x20 in ASCII.
    pub fn blank(self) -> u8 {
        self.table.blank
    }

    /// Whether double-byte characters may stand among others, between shifts.
    pub fn is_mixed(self) -> bool {
        self.table.double_bytes.is_some()
    }

    /// The character that `byte` stands for, or nothing where the page leaves the byte unassigned. In a mixed page it is
    /// that of a single byte; the shifts stand for none.
    pub fn char_of(self, byte: u8) -> Option<char> {
        match self.table.characters[usize::from(byte)] {
            UNASSIGNED => None,
            code => char::from_u32(u32::from(code)),
        }
    }

    /// The byte that stands for `character`, or nothing if the page hasn't got it; for writing test data, as it
    /// searches the page.
    ///
    /// Where several bytes stand for one character, it is [`CodePage::blank`] for the space, and the lowest byte for
    /// the five Thai marks that cp838 has twice.
    pub fn byte_of(self, character: char) -> Option<u8> {
        if character == ' ' {
            return Some(self.blank());
        }
        (0..=u8::MAX).find(|byte| self.char_of(*byte) == Some(character))
    }

    /// The double-byte character that a pair of bytes stands for, or nothing where the page leaves the pair unassigned,
    /// or has none.
    pub fn char_of_pair(self, pair: [u8; 2]) -> Option<char> {
        self.table.double_bytes?.char_of(pair)
    }

    /// The pair of bytes that stands for `character` between shifts, or nothing if the page hasn't got it there. Where
    /// several do (188 characters of cp937, radicals among others), it is the highest, as other converters have it.
    pub fn pair_of(self, character: char) -> Option<[u8; 2]> {
        self.table.double_bytes?.pair_of(character)
    }

    /// Appends the characters of `bytes` to `out`: single bytes and, in a mixed page, pairs between shifts.
    ///
    /// # Errors
    ///
    /// What is wrong with the first byte that stands for nothing in this page. The characters of the bytes before it
    /// have then been appended, but for those behind a shift out without a shift in.
    pub fn decode_into(self, bytes: &[u8], out: &mut String) -> Result<(), Undecodable> {
        out.reserve(bytes.len());
        match self.table.double_bytes {
            None => self.decode_singles(bytes, out),
            Some(double_bytes) => decode_mixed(self, double_bytes, bytes, out),
        }
    }

    /// Appends the characters of `bytes`, pairs without shifts, to `out`.
    ///
    /// # Errors
    ///
    /// What is wrong with the first pair that stands for nothing in this page, or that the page has no double-byte
    /// characters.
    pub fn decode_pairs_into(self, bytes: &[u8], out: &mut String) -> Result<(), Undecodable> {
        let double_bytes = self.table.double_bytes.ok_or(Undecodable::NoDoubleBytes)?;
        // Most of them have three bytes in UTF-8.
        out.reserve(bytes.len() / 2 * 3);
        decode_pairs(double_bytes, bytes, out)
    }

    /// Appends the characters of `bytes`, none of which is a pair's.
    pub(super) fn decode_singles(self, bytes: &[u8], out: &mut String) -> Result<(), Undecodable> {
        let mut run = [0_u8; RUN];
        let mut start = 0;
        for chunk in bytes.chunks(RUN) {
            let run = &mut run[..chunk.len()];
            let mut seen = 0;
            for (translated, byte) in run.iter_mut().zip(chunk) {
                *translated = self.table.ascii[usize::from(*byte)];
                seen |= *translated;
            }
            match std::str::from_utf8(run) {
                Ok(text) if seen < NOT_ASCII => out.push_str(text),
                _ => self.decode_each(chunk, out).map_err(|wrong| wrong.behind(start))?,
            }
            start += chunk.len();
        }
        Ok(())
    }

    /// As [`CodePage::decode_singles`], for text that isn't all ASCII.
    fn decode_each(self, bytes: &[u8], out: &mut String) -> Result<(), Undecodable> {
        for (at, byte) in bytes.iter().enumerate() {
            out.push(self.char_of(*byte).ok_or(Undecodable::Byte { at })?);
        }
        Ok(())
    }
}

/// The number in a page's name, without what IBM, Java and others put before it.
fn number_in(name: &str) -> Option<u16> {
    let digits = ["cp", "ibm", "ccsid"].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
    let digits = if digits.len() < name.len() { digits.strip_prefix('-').unwrap_or(digits) } else { digits };
    // A plus sign would parse.
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

impl PartialEq for CodePage {
    fn eq(&self, other: &Self) -> bool {
        self.table.name == other.table.name
    }
}

impl Eq for CodePage {}

impl fmt::Debug for CodePage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "CodePage({})", self.table.name)
    }
}
