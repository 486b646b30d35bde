//! Sets of double-byte characters: which character a pair of bytes stands for, and the other way round.
//!
//! Both bytes are 0x41 to 0xFE, but those of the blank, which are 0x40. The sets are from tables that a generator takes
//! from three independent sources (`tables/generate_double_bytes`). Characters that users define are those of Unicode's
//! private use area, by which the sources say where in it; which glyph is meant, nobody but those users know.

mod ccsid_300;
mod ccsid_4930;
mod ccsid_4933;
mod ccsid_834;
mod ccsid_835;
mod ccsid_837;

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The characters with the same first byte: that byte, and the characters by their second bytes from 0x41 on, a blank
/// where a pair stands for nothing.
type Row = (u8, &'static str);

/// Pairs that stand for characters one after another: the first and the last pair, and the first pair's character.
type Range = (u16, u16, u16);

/// The blank of every set.
const BLANK: [u8; 2] = [0x40, 0x40];

/// The character of the blank, which is as wide as others.
pub const WIDE_BLANK: char = '\u{3000}';

/// The first and the last byte of a pair that isn't the blank.
const FIRST: u8 = 0x41;
const LAST: u8 = 0xFE;

/// Bytes from [`FIRST`] to [`LAST`].
const WIDTH: usize = 190;

/// In [`DoubleBytes::characters`]: no character. No pair stands for the character of that number.
const UNASSIGNED: u16 = 0;

pub(super) static CCSID_300: LazyLock<DoubleBytes> =
    LazyLock::new(|| DoubleBytes::new(ccsid_300::ROWS, ccsid_300::RANGES));
pub(super) static CCSID_834: LazyLock<DoubleBytes> =
    LazyLock::new(|| DoubleBytes::new(ccsid_834::ROWS, ccsid_834::RANGES));
pub(super) static CCSID_835: LazyLock<DoubleBytes> =
    LazyLock::new(|| DoubleBytes::new(ccsid_835::ROWS, ccsid_835::RANGES));
pub(super) static CCSID_837: LazyLock<DoubleBytes> =
    LazyLock::new(|| DoubleBytes::new(ccsid_837::ROWS, ccsid_837::RANGES));
pub(super) static CCSID_4930: LazyLock<DoubleBytes> =
    LazyLock::new(|| DoubleBytes::new(ccsid_4930::ROWS, ccsid_4930::RANGES));
pub(super) static CCSID_4933: LazyLock<DoubleBytes> =
    LazyLock::new(|| DoubleBytes::new(ccsid_4933::ROWS, ccsid_4933::RANGES));

/// A set, made for looking up when it is first needed: 72 kB, and 4 bytes a character for the way back.
pub(super) struct DoubleBytes {
    /// By [`index`]; all are of the basic plane.
    characters: Vec<u16>,
    /// The highest pair of each character, in the order of characters.
    pairs: Vec<(u16, u16)>,
}

impl DoubleBytes {
    fn new(rows: &[Row], ranges: &[Range]) -> Self {
        let mut pairs = BTreeMap::new();
        for (lead, row) in rows {
            for (trail, character) in (FIRST..=LAST).zip(row.chars()).filter(|(_, character)| *character != ' ') {
                // The generator takes no character of another plane.
                let character = u16::try_from(u32::from(character)).unwrap_or(UNASSIGNED);
                pairs.insert(u16::from_be_bytes([*lead, trail]), character);
            }
        }
        for (first, last, character) in ranges {
            pairs.extend((*first..=*last).zip(*character..));
        }
        let mut characters = vec![UNASSIGNED; WIDTH * WIDTH];
        let mut back: Vec<(u16, u16)> = Vec::with_capacity(pairs.len());
        for (pair, character) in pairs {
            if let Some(place) = index(pair.to_be_bytes()).and_then(|index| characters.get_mut(index)) {
                *place = character;
                back.push((character, pair));
            }
        }
        back.sort_unstable_by_key(|(character, pair)| (*character, u16::MAX - pair));
        back.dedup_by_key(|(character, _)| *character);
        Self { characters, pairs: back }
    }

    /// The character that a pair stands for, if it does.
    pub fn char_of(&self, pair: [u8; 2]) -> Option<char> {
        if pair == BLANK {
            return Some(WIDE_BLANK);
        }
        match *self.characters.get(index(pair)?)? {
            UNASSIGNED => None,
            code => char::from_u32(u32::from(code)),
        }
    }

    /// The highest pair that stands for a character, as ICU and glibc write it: the lower ones are radicals.
    pub fn pair_of(&self, character: char) -> Option<[u8; 2]> {
        if character == WIDE_BLANK {
            return Some(BLANK);
        }
        let code = u16::try_from(u32::from(character)).ok()?;
        let found = self.pairs.binary_search_by_key(&code, |(character, _)| *character).ok()?;
        self.pairs.get(found).map(|(_, pair)| pair.to_be_bytes())
    }
}

/// Where a pair's character stands in [`DoubleBytes::characters`].
fn index([lead, trail]: [u8; 2]) -> Option<usize> {
    let [row, column] = [lead, trail].map(|byte| (FIRST..=LAST).contains(&byte).then(|| usize::from(byte - FIRST)));
    Some(row? * WIDTH + column?)
}
