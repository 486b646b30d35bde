//! Writes records as *z/OS DFSMS Using Data Sets* describes them; knows nothing of the framer.

use crate::framing::{Endian, Rdw};

/// A descriptor word for so many bytes behind it.
pub fn word(rdw: Rdw, behind: usize, code: u8) -> [u8; 4] {
    let length = behind + if rdw.counts_itself { 4 } else { 0 };
    let says = u16::try_from(i64::try_from(length).unwrap() - i64::from(rdw.adjust)).unwrap();
    let (high, low) = (u8::try_from(says >> 8).unwrap(), u8::try_from(says & 0xFF).unwrap());
    match rdw.endian {
        Endian::Big => [high, low, code, 0],
        Endian::Little | Endian::LittleInEitherHalf => [low, high, code, 0],
        Endian::Swapped => [0, code, low, high],
    }
}

/// Records behind record descriptor words.
pub fn variable(records: &[Vec<u8>], rdw: Rdw) -> Vec<u8> {
    records.iter().flat_map(|record| word(rdw, record.len(), 0).into_iter().chain(record.iter().copied())).collect()
}

/// Blocks of `per_block` records.
pub fn blocked(records: &[Vec<u8>], per_block: usize, rdw: Rdw, bdw: Rdw) -> Vec<u8> {
    let mut file = Vec::new();
    for block in records.chunks(per_block) {
        let inside = variable(block, rdw);
        file.extend(word(bdw, inside.len(), 0));
        file.extend(inside);
    }
    file
}

/// Segments of at most `segment` bytes, `per_block` of them in a block.
pub fn spanned(records: &[Vec<u8>], segment: usize, per_block: usize, rdw: Rdw, bdw: Option<Rdw>) -> Vec<u8> {
    let mut segments = Vec::new();
    for record in records {
        let pieces: Vec<&[u8]> = if record.is_empty() { vec![&[]] } else { record.chunks(segment).collect() };
        for (index, piece) in pieces.iter().enumerate() {
            let code = match (index == 0, index + 1 == pieces.len()) {
                (true, true) => 0,
                (true, false) => 1,
                (false, true) => 2,
                (false, false) => 3,
            };
            segments.push([word(rdw, piece.len(), code).as_slice(), piece].concat());
        }
    }
    let Some(bdw) = bdw else { return segments.concat() };
    let mut file = Vec::new();
    for block in segments.chunks(per_block) {
        let inside = block.concat();
        file.extend(word(bdw, inside.len(), 0));
        file.extend(inside);
    }
    file
}

/// EBCDIC of upper-case letters, digits, blanks and dots.
pub fn ebcdic(text: &str) -> Vec<u8> {
    text.bytes()
        .map(|byte| match byte {
            b' ' => 0x40,
            b'.' => 0x4B,
            b'0'..=b'9' => byte - b'0' + 0xF0,
            b'A'..=b'I' => byte - b'A' + 0xC1,
            b'J'..=b'R' => byte - b'J' + 0xD1,
            b'S'..=b'Z' => byte - b'S' + 0xE2,
            other => panic!("no EBCDIC for {other}"),
        })
        .collect()
}
