//! What a descriptor word that can't be one probably is.

use super::descriptor::{Found, Kind};
use super::{Endian, Framing, Rdw, text};

/// Words that have to follow each other before another reading is thought to be the right one.
const CONVINCING: usize = 2;

/// Words looked at.
const LOOKED_AT: usize = 8;

/// What the word probably is, and what to do.
pub(super) fn of_wrong_word(found: &Found<'_>, framing: &Framing) -> String {
    if found.bytes == [0; 4] && found.rdw.counts_itself {
        return "zeros: padding behind the last record? leave it out with \"skip_end\"; a record without bytes would \
                have 4 here"
            .into();
    }
    if let Some(other) = other_reading(found, framing) {
        return other;
    }
    let no_words = match found.kind {
        Kind::Block => "the file has probably no block descriptor words: see framing \"variable\", or \"fixed\"",
        Kind::Record | Kind::Segment => "the file has probably no RDWs: see framing \"fixed\"",
    };
    if let Some(text) = text_in(found.bytes) {
        return format!("{text}, so {no_words}");
    }
    let word = found.rdw.word(found.bytes);
    if found.kind == Kind::Record && (1..=3).contains(&word.code) && word.last == 0 {
        return format!(
            "{} could be a segment control code, so the records are probably spanned: see framing \"spanned\"",
            word.code
        );
    }
    if found.kind != Kind::Block && word.code == 0 && word.last == 0 && found.rdw.behind(word.says) > 0 {
        return "if records are that long, raise \"longest\"; the copybook tells how long they can be".into();
    }
    if found.ordinal > 0 {
        return "the records before it fit, so a length before it is wrong, or bytes were lost or added: compare the \
                file's size with the sender's, and transfer it again in binary"
            .into();
    }
    format!("{no_words}; the doctor ranks the framings that fit")
}

/// "0x4040 is two EBCDIC blanks", "0xF0F1F0F4 is the EBCDIC text "0104"".
fn text_in(word: [u8; 4]) -> Option<String> {
    let blanks = |bytes: &[u8], blank: u8| bytes.iter().all(|byte| *byte == blank);
    let (code, text) = text::as_text(&word).or_else(|| text::as_text(&word[..2]))?;
    let first_two = &word[..2];
    if blanks(first_two, 0x40) && code == "EBCDIC" || blanks(first_two, b' ') && code == "ASCII" {
        return Some(format!("0x{:02X}{:02X} is two {code} blanks", word[0], word[1]));
    }
    let shown: String = word.iter().take(text.chars().count()).map(|byte| format!("{byte:02X}")).collect();
    Some(format!("0x{shown} is the {code} text \"{text}\""))
}

/// Another way to read the words from here on, if several in a row fit.
fn other_reading(found: &Found<'_>, framing: &Framing) -> Option<String> {
    let mut best: Option<(usize, Rdw, &str)> = None;
    for endian in [Endian::Big, Endian::Little, Endian::Swapped] {
        for counts_itself in [true, false] {
            let rdw = Rdw { endian, counts_itself, adjust: 0 };
            let mut places = vec![("from here", found.from_here)];
            // Where the word before was wrongly thought to count itself or not to, the record ended 4 bytes off.
            if found.ordinal > 0 && found.rdw.counts_itself && !counts_itself {
                places.push(("from 4 bytes on", found.from_here.get(4..).unwrap_or_default()));
            }
            if found.ordinal > 0 && !found.rdw.counts_itself && counts_itself {
                places.push(("from 4 bytes before", found.from_before));
            }
            for (place, bytes) in places {
                let fitting = in_a_row(found.kind, bytes, rdw, framing.longest);
                let other = rdw != Rdw { adjust: 0, ..found.rdw };
                if other && fitting >= CONVINCING && best.is_none_or(|(most, ..)| fitting > most) {
                    best = Some((fitting, rdw, place));
                }
            }
        }
    }
    let (fitting, rdw, place) = best?;
    let order = match rdw.endian {
        Endian::Big => "big endian",
        Endian::Little | Endian::LittleInEitherHalf => "little endian",
        Endian::Swapped => "turned round (Cobrix's order)",
    };
    let itself = if rdw.counts_itself { "counting itself" } else { "not counting itself" };
    Some(format!("{fitting} words in a row fit {place} if they are {order}, {itself}: set the descriptor word so"))
}

fn in_a_row(kind: Kind, from: &[u8], rdw: Rdw, longest: u32) -> usize {
    let mut at: usize = 0;
    let mut fitting = 0;
    while fitting < LOOKED_AT {
        let Some(bytes) = from.get(at..at.saturating_add(4)) else { break };
        let word = [bytes[0], bytes[1], bytes[2], bytes[3]];
        // Words that say nothing would fit anywhere in zeros.
        let Some(behind) = rdw.plausible(kind, word, longest).filter(|behind| *behind > 0) else { return 0 };
        let Ok(behind) = usize::try_from(behind) else { return 0 };
        at = at.saturating_add(4).saturating_add(behind);
        fitting += 1;
    }
    fitting
}

/// Why a file ends inside a record.
pub(super) fn of_file_end(found: &Found<'_>, framing: &Framing) -> String {
    if let Some(other) = other_reading(found, framing) {
        return other;
    }
    match text_in(found.bytes) {
        Some(text) => format!("{text}, so the file has probably no RDWs: see framing \"fixed\""),
        None => "the transfer is probably incomplete: compare the file's size with the sender's".into(),
    }
}

/// Why a record is longer than its block.
pub(super) fn of_block_overrun(found: &Found<'_>, framing: &Framing) -> String {
    if let Some(other) = other_reading(found, framing) {
        return other;
    }
    let spanned = if found.kind == Kind::Record { ", or the records are spanned: see framing \"spanned\"" } else { "" };
    format!(
        "the block descriptor word may be a record's (then see framing \"variable\"), or count its own 4 bytes otherwise \
         than set{spanned}"
    )
}
