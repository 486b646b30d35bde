//! A condition on a record, told by a field that stands at the same place in all of them.
//!
//! `REC-TYPE = 'D'`, `REC-TYPE <> 'T'`, `REC-TYPE in ('C', 'P')`, `SEQ-NO = 0`, the name of a level 88, and several of these
//! with `and`. Text is compared without trailing blanks, numbers as numbers. In a mixed page the blanks of double-byte
//! characters are blanks too.

use std::cmp::Ordering;

use crate::code_page::{CodePage, WIDE_BLANK};
use crate::decode::{Decoder, Number, Value};
use crate::layout::{ItemId, Layout};
use crate::syntax::{ConditionValue, Figurative};

/// A condition on a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    field: ItemId,
    values: Vec<ConditionValue>,
    /// Whether it holds where the field has none of the values.
    other: bool,
}

/// What is wrong with a condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{condition}`: {message}")]
pub struct ConditionError {
    /// The condition.
    pub condition: String,
    /// What is wrong with it.
    pub message: String,
}

impl Condition {
    /// The condition that `text` says, on records of `layout`.
    pub fn parse(text: &str, layout: &Layout) -> Result<Self, ConditionError> {
        let wrong = |message: String| ConditionError { condition: text.to_owned(), message };
        let words = words(text).map_err(wrong)?;
        let mut rest = words.as_slice();
        let mut terms = Vec::new();
        loop {
            let (term, behind) = term(rest, layout).map_err(wrong)?;
            terms.push(term);
            rest = match behind {
                [] => return Ok(Self { terms }),
                [Word::Name(and), behind @ ..] if and.eq_ignore_ascii_case("and") => behind,
                [unexpected, ..] => return Err(wrong(format!("{} is one word too many", unexpected.shown()))),
            };
        }
    }

    /// Whether it holds for a record. A field that the record doesn't have, or that has no value, equals nothing.
    pub fn holds(&self, bytes: &[u8], decoder: &Decoder) -> bool {
        self.terms.iter().all(|term| {
            let raw = decoder.bytes_at_their_place(term.field, bytes).unwrap_or_default();
            let page = decoder.code_page();
            let same = || !raw.is_empty() && term.values.iter().any(|wanted| same_bytes(raw, wanted));
            let fit = |value: Value<'_>| term.values.iter().any(|wanted| fits(value, wanted, page)) || same();
            let equal = decoder.field_at_its_place(term.field, bytes, fit).unwrap_or_else(same);
            equal != term.other
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    Name(String),
    Text(String),
    Number(String),
    Sign(&'static str),
}

impl Word {
    fn shown(&self) -> String {
        match self {
            Self::Name(word) | Self::Number(word) => format!("`{word}`"),
            Self::Text(text) => format!("'{text}'"),
            Self::Sign(sign) => format!("`{sign}`"),
        }
    }
}

fn words(text: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (word, length) = match first {
            '\'' | '"' => quoted(rest, first)?,
            '(' => (Word::Sign("("), 1),
            ')' => (Word::Sign(")"), 1),
            ',' => (Word::Sign(","), 1),
            '=' => (Word::Sign("="), 1),
            '<' if rest.starts_with("<>") => (Word::Sign("<>"), 2),
            '!' if rest.starts_with("!=") => (Word::Sign("<>"), 2),
            c if c.is_alphanumeric() || c == '-' || c == '+' => {
                let end = rest
                    .find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+')))
                    .unwrap_or(rest.len());
                let word = rest[..end].to_owned();
                (if number(&word).is_some() { Word::Number(word) } else { Word::Name(word) }, end)
            }
            other => return Err(format!("`{other}` means nothing here; write a field, `=`, and a value in quotes")),
        };
        words.push(word);
        rest = rest[length..].trim_start();
    }
    Ok(words)
}

fn term<'w>(words: &'w [Word], layout: &Layout) -> Result<(Term, &'w [Word]), String> {
    let [Word::Name(name), behind @ ..] = words else {
        return Err("it starts with no name of a field; write one, `=`, and a value in quotes".into());
    };
    let (values, other, behind) = match behind {
        [Word::Sign(sign @ ("=" | "<>")), value, behind @ ..] => (vec![constant(value)?], *sign == "<>", behind),
        [Word::Name(word), Word::Sign("("), list @ ..] if word.eq_ignore_ascii_case("in") => {
            let end = list.iter().position(|word| *word == Word::Sign(")")).ok_or("its list has no end: write `)`")?;
            let values = list[..end].iter().filter(|word| **word != Word::Sign(",")).map(constant);
            let values: Vec<ConditionValue> = values.collect::<Result<_, _>>()?;
            if values.is_empty() {
                return Err("its list is empty: write values between `(` and `)`".into());
            }
            (values, false, &list[end + 1..])
        }
        behind => return Ok((named(name, layout)?, behind)),
    };
    Ok((Term { field: field(name, layout)?, values, other }, behind))
}

fn constant(word: &Word) -> Result<ConditionValue, String> {
    match word {
        Word::Text(text) => Ok(ConditionValue::Text(text.clone())),
        Word::Number(number) => Ok(ConditionValue::Number(number.clone())),
        other => Err(format!("{} is no value: write text in quotes, or a number", other.shown())),
    }
}

/// The field of that name, `OF` not being understood: a path with points is.
fn field(name: &str, layout: &Layout) -> Result<ItemId, String> {
    at_one_place(layout.find_path(name)?, name, layout)
}

/// The item, if it is a field that stands at the same place in every record.
fn at_one_place(id: ItemId, name: &str, layout: &Layout) -> Result<ItemId, String> {
    let item = &layout.items[id];
    if item.field.is_none() {
        return Err(format!("`{name}` is a group: name a field in it"));
    }
    let repeats =
        std::iter::successors(Some(id), |id| layout.items[*id].parent).any(|id| layout.items[id].table.is_some());
    if !item.fixed || repeats {
        return Err(format!("`{name}` doesn't stand at the same place in every record"));
    }
    Ok(id)
}

/// A level 88 of that name, which may have names of what it is in before it.
fn named(path: &str, layout: &Layout) -> Result<Term, String> {
    let mut around: Vec<String> = path.split('.').map(str::to_owned).collect();
    let name = around.pop().unwrap_or_default();
    around.reverse();
    let is_in = |id: ItemId| match around.as_slice() {
        [] => true,
        [item, groups @ ..] if layout.items[id].name.eq_ignore_ascii_case(item) => layout.is_in(id, groups),
        groups => layout.is_in(id, groups),
    };
    let fitting: Vec<_> = (0..layout.items.len())
        .filter(|id| is_in(*id))
        .flat_map(|id| layout.items[id].conditions.iter().map(move |condition| (id, condition)))
        .filter(|(_, condition)| condition.name.eq_ignore_ascii_case(&name))
        .collect();
    match fitting.as_slice() {
        [(id, condition)] => {
            let field = at_one_place(*id, &layout.items[*id].name, layout)?;
            Ok(Term { field, values: condition.values.clone(), other: false })
        }
        [] => Err(format!("there is no level 88 `{path}`; after a field, write `=` and a value in quotes")),
        several => {
            let items: Vec<ItemId> = several.iter().map(|(id, _)| *id).collect();
            Err(format!("`{path}` is a level 88 of several: write one of {} before it", layout.paths(&items)))
        }
    }
}

/// Text in quotes, which stand twice where the text has one, and its bytes with quotes.
fn quoted(rest: &str, quote: char) -> Result<(Word, usize), String> {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = characters.next() {
        if c != quote {
            text.push(c);
        } else if characters.next_if(|(_, next)| *next == quote).is_some() {
            text.push(quote);
        } else {
            return Ok((Word::Text(text), at + quote.len_utf8()));
        }
    }
    Err("a text in it has no end".into())
}

/// Whether a field's bytes are those that were named, whether they are a value or not.
fn same_bytes(raw: &[u8], wanted: &ConditionValue) -> bool {
    match wanted {
        ConditionValue::Bytes(wanted) => raw == wanted,
        ConditionValue::Figurative(Figurative::LowValue | Figurative::Null) => raw.iter().all(|byte| *byte == 0x00),
        ConditionValue::Figurative(Figurative::HighValue) => raw.iter().all(|byte| *byte == 0xFF),
        _ => false,
    }
}

/// Whether a field's value is one that was named.
fn fits(value: Value<'_>, wanted: &ConditionValue, page: CodePage) -> bool {
    match wanted {
        ConditionValue::Through(from, to) => {
            matches!(compare(value, from, page), Some(Ordering::Equal | Ordering::Greater))
                && matches!(compare(value, to, page), Some(Ordering::Equal | Ordering::Less))
        }
        wanted => compare(value, wanted, page) == Some(Ordering::Equal),
    }
}

fn compare(value: Value<'_>, wanted: &ConditionValue, page: CodePage) -> Option<Ordering> {
    let blank = |c| c == ' ' || (page.is_mixed() && c == WIDE_BLANK);
    match (value, wanted) {
        (Value::Text(text), ConditionValue::Text(wanted)) => {
            let (text, wanted) = (text.trim_end_matches(blank), wanted.trim_end_matches(blank));
            // In EBCDIC letters come before digits, and double-byte characters, behind their shift, before both.
            let order = |text: &str| text.chars().map(|c| (page.byte_of(c), page.pair_of(c), c)).collect::<Vec<_>>();
            Some(if text == wanted { Ordering::Equal } else { order(text).cmp(&order(wanted)) })
        }
        (Value::Text(text), ConditionValue::Number(wanted)) => Some(text.trim_matches(blank).cmp(wanted.as_str())),
        (Value::Text(text), ConditionValue::Figurative(Figurative::Space)) => Some(text.trim_matches(blank).cmp("")),
        (Value::Text(text), ConditionValue::Figurative(Figurative::Zero)) => Some(repeats(text, "0")),
        (Value::Text(text), ConditionValue::Figurative(Figurative::Quote)) => Some(repeats(text, "\"")),
        (Value::Text(text), ConditionValue::All(wanted)) => Some(repeats(text, wanted)),
        (Value::Number(found), ConditionValue::Number(wanted) | ConditionValue::Text(wanted)) => {
            same_scale(found, number(wanted)?)
        }
        (Value::Number(found), ConditionValue::Figurative(Figurative::Zero)) => Some(found.digits.cmp(&0)),
        _ => None,
    }
}

/// A field's text, beside another one that is repeated to the field's length.
fn repeats(text: &str, repeated: &str) -> Ordering {
    text.chars().cmp(repeated.chars().cycle().take(text.chars().count()))
}

fn same_scale(a: Number, b: Number) -> Option<Ordering> {
    let scale = a.scale.max(b.scale);
    let at =
        |number: Number| number.digits.checked_mul(10_i128.checked_pow(u32::try_from(scale - number.scale).ok()?)?);
    Some(at(a)?.cmp(&at(b)?))
}

/// A number as written: `-12.5`.
fn number(text: &str) -> Option<Number> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = whole.strip_prefix(['-', '+']).unwrap_or(whole);
    let plain = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if digits.is_empty() || !plain(digits) || !plain(fraction) {
        return None;
    }
    let digits: i128 = format!("{digits}{fraction}").parse().ok()?;
    let digits = if whole.starts_with('-') { -digits } else { digits };
    Some(Number { digits, scale: i32::try_from(fraction.len()).ok()? })
}
