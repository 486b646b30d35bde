//! The symbols of a picture and how often each is repeated.

use super::{Picture, PictureError};
use crate::source::saturated;

const TAG: &str = "COPY … REPLACING puts something in place of a tag, as in `COPY name REPLACING ==:TAG:== BY ==8==`";

/// A symbol, so often in a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    /// A capital; `C` is `CR` and `D` is `DB`.
    pub(super) symbol: u8,
    pub(super) count: u32,
    offset: u32,
    width: u32,
}

impl Run {
    pub(super) fn wrong(&self, message: impl Into<String>, help: &str) -> PictureError {
        PictureError { offset: self.offset, width: self.width, message: message.into(), help: help.to_owned() }
    }

    /// The symbol as it is written.
    pub(super) fn name(&self) -> String {
        match self.symbol {
            b'C' => "CR".to_owned(),
            b'D' => "DB".to_owned(),
            symbol => char::from(symbol).to_string(),
        }
    }
}

/// Reads `S9(7)V99` as one `S`, seven `9`, one `V`, two `9`.
pub(super) fn runs(text: &str) -> Result<Vec<Run>, PictureError> {
    let characters: Vec<char> = text.chars().map(|c| c.to_ascii_uppercase()).collect();
    let mut runs: Vec<Run> = Vec::new();
    let mut at = 0;
    let mut positions: u64 = 0;
    while let Some(&character) = characters.get(at) {
        let begin = at;
        let symbol = symbol(&characters, at)?;
        at += if matches!(symbol, b'C' | b'D') { 2 } else { 1 };
        let mut count = 1;
        if characters.get(at) == Some(&'(') {
            (count, at) = repetition(&characters, at, character)?;
        }
        positions += u64::from(count);
        if positions > u64::from(Picture::MOST_POSITIONS) {
            let most = Picture::MOST_POSITIONS;
            let message = format!("more than the {most} character positions an item may have");
            return Err(wrong(begin, at, message, "split the field into several"));
        }
        let (offset, end) = (saturated(begin), saturated(at));
        match runs.last_mut() {
            Some(last) if last.symbol == symbol => {
                last.count += count;
                last.width = end - last.offset;
            }
            _ => runs.push(Run { symbol, count, offset, width: end - offset }),
        }
    }
    if runs.is_empty() {
        return Err(wrong(0, 1, "an empty picture", "write one, such as X(8) or S9(7)V99"));
    }
    Ok(runs)
}

fn wrong(begin: usize, end: usize, message: impl Into<String>, help: &str) -> PictureError {
    let width = saturated(end.saturating_sub(begin)).max(1);
    PictureError { offset: saturated(begin), width, message: message.into(), help: help.to_owned() }
}

fn symbol(characters: &[char], at: usize) -> Result<u8, PictureError> {
    let (character, next) = (characters.get(at).copied().unwrap_or(' '), characters.get(at + 1));
    let help = match character {
        'C' if next == Some(&'R') => return Ok(b'C'),
        'D' if next == Some(&'B') => return Ok(b'D'),
        'C' | 'D' | 'R' => "credit is `CR` and debit is `DB`",
        '(' | ')' => "a number in parentheses follows the symbol it repeats, as in X(8)",
        ':' => TAG,
        '€' | '£' | '¥' => "the currency sign is `$` here; write it instead",
        '1'..='8' => "a digit is `9`; how often it is repeated goes into parentheses, as in 9(8)",
        _ => match u8::try_from(character) {
            Ok(symbol) if b"ABEGNPSUVXZ90/,.+-*$".contains(&symbol) => return Ok(symbol),
            _ => "symbols are A B G N P S V X Z 9 0 / , . + - * $ CR DB; a blank ends the picture",
        },
    };
    Err(wrong(at, at + 1, format!("`{character}` is no symbol of a picture"), help))
}

/// The number in parentheses, and where what follows begins.
fn repetition(characters: &[char], open: usize, symbol: char) -> Result<(u32, usize), PictureError> {
    let rest = characters.get(open + 1..).unwrap_or_default();
    let Some(length) = rest.iter().position(|character| *character == ')') else {
        return Err(wrong(open, open + 1, "`(` without `)`", "close it, as in X(8); a picture has no blanks"));
    };
    let close = open + 1 + length;
    let digits: String = rest.iter().take(length).collect();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let message = format!("`({})` isn't a number", super::cursor::shortened(&digits));
        let help = if digits.contains(':') { TAG } else { "say how often the symbol is repeated, as in X(8)" };
        return Err(wrong(open, close + 1, message, help));
    }
    // More digits than fit are too many positions too.
    let count = digits.parse().unwrap_or(u32::MAX);
    if count == 0 {
        return Err(wrong(open, close + 1, format!("`{symbol}` repeated 0 times"), "leave it out, or repeat it"));
    }
    Ok((count, close + 1))
}
