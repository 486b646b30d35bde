//! PICTURE strings (*Language Reference*, "PICTURE clause").

use super::picture_symbols::{Run, runs};
use super::{Usage, picture_edited};

/// What a `PICTURE` says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Picture {
    /// As written.
    pub text: String,
    /// What it holds.
    pub category: Category,
    /// Character positions it takes as `DISPLAY`, a separate sign not counted. `S`, `V` and `P` take none.
    pub size: u32,
    /// Digits of a number: those stored, without those that `P` stands for.
    pub digits: u32,
    /// Digits after the decimal point, negative where `P`s stand before it: `9(3)PP` has −2, `PP9(3)` has 5.
    pub scale: i32,
    /// Whether a number has a sign. In an edited picture that is `S` only where the digits have a point among them and
    /// nothing else: `S9(3).99`, the sign being part of a digit.
    pub signed: bool,
    /// The symbols of an edited picture, one a character position (`CR` and `DB` are two positions), repetitions
    /// written out; empty where nothing is edited.
    pub edited: Vec<u8>,
}

/// What a picture holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Category {
    /// Letters and blanks: `A`.
    Alphabetic,
    /// Any characters: `X`, or a mixture of `A`, `X` and `9`.
    Alphanumeric,
    /// Any characters with `B`, `0` or `/` set in.
    AlphanumericEdited,
    /// UTF-16: `N` with `USAGE NATIONAL`, or without a usage.
    National,
    /// Double-byte characters: `G`, or `N` with `USAGE DISPLAY-1`.
    Dbcs,
    /// A number: `9`, `S`, `V`, `P`.
    Numeric,
    /// A number for people: `Z`, `*`, `$`, `,`, `.`, `+`, `-`, `CR`, `DB`, `B`, `0`, `/`.
    NumericEdited,
}

/// What is wrong with a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureError {
    /// Characters before what is wrong.
    pub offset: u32,
    /// Characters that are wrong, at least one.
    pub width: u32,
    /// What is wrong, in words.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Picture {
    /// Digits a number may have, those that `P` stands for included: IBM's limit is 31, others' is 38.
    pub const MOST_DIGITS: u32 = 38;
    /// Character positions an item may have: 1 MiB.
    pub const MOST_POSITIONS: u32 = 1 << 20;
    /// Character positions an edited item may have.
    pub const MOST_EDITED_POSITIONS: u32 = 1024;

    /// Reads a picture; lower case is the same as capitals, the currency sign is `$` and the decimal point `.`, as nothing
    /// in a copybook says `DECIMAL-POINT IS COMMA`. The usage tells what `N` is;
    /// other disagreements of usage and picture aren't looked for.
    pub fn parse(text: &str, usage: Option<Usage>) -> Result<Self, PictureError> {
        let runs = runs(text)?;
        let has = |symbols: &[u8]| runs.iter().any(|run| symbols.contains(&run.symbol));
        let mut picture = Self {
            text: text.to_owned(),
            category: Category::Numeric,
            size: positions(&runs),
            digits: 0,
            scale: 0,
            signed: false,
            edited: Vec::new(),
        };
        if let Some(run) = runs.iter().find(|run| matches!(run.symbol, b'E' | b'U')) {
            let (what, help) = match run.symbol {
                b'E' => ("floating point written as characters, `E`,", "read the field as text: write X(…) as wide"),
                _ => ("UTF-8, `U`,", "read the field as text: write X(…) with its bytes"),
            };
            return Err(run.wrong(format!("{what} isn't supported"), help));
        }
        if has(b"NG") {
            picture.category = wide(&runs, usage)?;
        } else if has(b"AX") {
            picture.category = alphanumeric(&runs)?;
        } else if runs.iter().all(|run| matches!(run.symbol, b'9' | b'S' | b'V' | b'P')) {
            numeric(&runs, &mut picture)?;
        } else {
            picture.category = Category::NumericEdited;
            picture_edited::numeric(&runs, &mut picture)?;
        }
        if matches!(picture.category, Category::AlphanumericEdited | Category::NumericEdited) {
            picture.edited = written_out(&runs, picture.size)?;
        }
        Ok(picture)
    }
}

/// Character positions.
fn positions(runs: &[Run]) -> u32 {
    let of = |run: &Run| match run.symbol {
        b'S' | b'V' | b'P' => 0,
        b'C' | b'D' => 2 * run.count,
        _ => run.count,
    };
    runs.iter().map(of).sum()
}

/// A picture with `N` or `G`.
fn wide(runs: &[Run], usage: Option<Usage>) -> Result<Category, PictureError> {
    let first = runs.first().map_or(b'N', |run| run.symbol);
    if let Some(other) = runs.iter().find(|run| run.symbol != first) {
        let help = "a picture with `N` or `G` has that symbol only; split the field, or read it as `X`";
        return Err(other.wrong(format!("`{}` beside `N` or `G`", other.name()), help));
    }
    Ok(if first == b'G' || usage == Some(Usage::Dbcs) { Category::Dbcs } else { Category::National })
}

/// A picture with `A` or `X`.
fn alphanumeric(runs: &[Run]) -> Result<Category, PictureError> {
    if let Some(other) = runs.iter().find(|run| !b"AX9B0/".contains(&run.symbol)) {
        let help = "text has `X`, `A`, `9`, `B`, `0` and `/`; numbers have no `X` and no `A`";
        return Err(other.wrong(format!("`{}` in the picture of a text", other.name()), help));
    }
    let has = |symbols: &[u8]| runs.iter().any(|run| symbols.contains(&run.symbol));
    Ok(match (has(b"B0/"), has(b"X9")) {
        (true, _) => Category::AlphanumericEdited,
        (false, true) => Category::Alphanumeric,
        (false, false) => Category::Alphabetic,
    })
}

/// A picture of `9`, `S`, `V` and `P`.
fn numeric(runs: &[Run], picture: &mut Picture) -> Result<(), PictureError> {
    let mut rest = runs;
    if let [sign, after @ ..] = runs
        && sign.symbol == b'S'
    {
        picture.signed = true;
        rest = after;
        if sign.count > 1 {
            return Err(sign.wrong("more than one `S`", "write one, before everything else"));
        }
    }
    if let Some(sign) = rest.iter().find(|run| run.symbol == b'S') {
        return Err(sign.wrong("`S` isn't the first symbol", "write it once, before everything else"));
    }
    let mut points = 0;
    for run in rest.iter().filter(|run| run.symbol == b'V') {
        points += run.count;
        if points > 1 {
            return Err(run.wrong("more than one `V`", "a number has one decimal point"));
        }
    }
    let symbols: Vec<(u8, u32)> = rest.iter().map(|run| (run.symbol, run.count)).collect();
    let (scaling, whole, fraction) = match *symbols.as_slice() {
        [(b'9', whole)] | [(b'9', whole), (b'V', _)] => (0, whole, 0),
        [(b'V', _), (b'9', fraction)] => (0, 0, fraction),
        [(b'9', whole), (b'V', _), (b'9', fraction)] => (0, whole, fraction),
        [(b'P', scaling), (b'9', fraction)] | [(b'V', _), (b'P', scaling), (b'9', fraction)] => (scaling, 0, fraction),
        [(b'9', whole), (b'P', scaling)] | [(b'9', whole), (b'P', scaling), (b'V', _)] => (scaling, whole, 0),
        _ => {
            let wrong = rest.iter().find(|run| run.symbol == b'P').or(runs.first());
            let (message, help) = if symbols.iter().any(|(symbol, _)| *symbol == b'9') {
                ("`P` is between digits, at both ends, or on the wrong side of `V`", "write PPP99 or 99PPP")
            } else {
                ("a number without a `9`", "write a `9` for each digit")
            };
            return Err(wrong.map_or_else(|| whole_picture(message, help), |run| run.wrong(message, help)));
        }
    };
    picture.digits = whole + fraction;
    let all = i64::from(picture.digits) + i64::from(scaling);
    digits_fit(all, runs)?;
    let scale =
        if whole > 0 { i64::from(fraction) - i64::from(scaling) } else { i64::from(fraction) + i64::from(scaling) };
    picture.scale = i32::try_from(scale).unwrap_or_default();
    Ok(())
}

/// Refuses more digits than can be held exactly.
pub(super) fn digits_fit(digits: i64, runs: &[Run]) -> Result<(), PictureError> {
    let most = i64::from(Picture::MOST_DIGITS);
    match runs.iter().max_by_key(|run| run.count) {
        Some(longest) if digits > most => {
            let help = "read the field as text: write `X` instead of `9`, without `S` and `V`";
            Err(longest.wrong(format!("{digits} digits, but a number has at most {most}"), help))
        }
        _ => Ok(()),
    }
}

/// Something wrong with no symbol in particular.
pub(super) fn whole_picture(message: &str, help: &str) -> PictureError {
    PictureError { offset: 0, width: 1, message: message.to_owned(), help: help.to_owned() }
}

/// The symbols, one a character position.
fn written_out(runs: &[Run], size: u32) -> Result<Vec<u8>, PictureError> {
    if size > Picture::MOST_EDITED_POSITIONS {
        let most = Picture::MOST_EDITED_POSITIONS;
        let message = format!("{size} character positions, but an edited picture has at most {most}");
        return Err(whole_picture(&message, "split the field, or read it as text: write X(…)"));
    }
    let mut written = Vec::new();
    for run in runs {
        for _ in 0..run.count {
            match run.symbol {
                b'V' | b'S' => {}
                b'C' => written.extend_from_slice(b"CR"),
                b'D' => written.extend_from_slice(b"DB"),
                symbol => written.push(symbol),
            }
        }
    }
    Ok(written)
}
