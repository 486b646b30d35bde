//! A condition on a record, told by a field that stands at the same place in all of them.
//!
//! `REC-TYPE = 'D'`, `REC-TYPE <> 'T'`, `REC-TYPE in ('C', 'P')`, `SEQ-NO = 0`, the name of a level 88, and several of these
//! with `and`. Text is compared without trailing blanks, numbers as numbers.

use std::cmp::Ordering;

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
            let equal = decoder
                .field_at_its_place(term.field, bytes, |value| term.values.iter().any(|wanted| fits(value, wanted)))
                .unwrap_or(false);
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
            '\'' | '"' => {
                let inside = &rest[1..];
                let end = inside.find(first).ok_or("a text in it has no end")?;
                (Word::Text(inside[..end].to_owned()), end + 2)
            }
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
            (values.collect::<Result<_, _>>()?, false, &list[end + 1..])
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
    let mut parts: Vec<String> = name.split('.').map(str::to_owned).collect();
    let last = parts.pop().unwrap_or_default();
    parts.reverse();
    let id = layout.find(&last, &parts).map_err(|fitting| {
        if fitting.is_empty() {
            format!("there is no field `{name}` in the copybook")
        } else {
            let paths: Vec<String> = fitting.iter().map(|id| layout.path(*id)).collect();
            format!("`{name}` is one of several: write one of {}", paths.join(", "))
        }
    })?;
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

/// A level 88 of that name.
fn named(name: &str, layout: &Layout) -> Result<Term, String> {
    for item in &layout.items {
        if let Some(condition) = item.conditions.iter().find(|known| known.name.eq_ignore_ascii_case(name)) {
            return Ok(Term { field: field(&item.name, layout)?, values: condition.values.clone(), other: false });
        }
    }
    Err(format!("there is no level 88 `{name}`; after a field, write `=` and a value in quotes"))
}

/// Whether a field's value is one that was named.
fn fits(value: Value<'_>, wanted: &ConditionValue) -> bool {
    match wanted {
        ConditionValue::Through(from, to) => {
            matches!(compare(value, from), Some(Ordering::Equal | Ordering::Greater))
                && matches!(compare(value, to), Some(Ordering::Equal | Ordering::Less))
        }
        wanted => compare(value, wanted) == Some(Ordering::Equal),
    }
}

fn compare(value: Value<'_>, wanted: &ConditionValue) -> Option<Ordering> {
    match (value, wanted) {
        (Value::Text(text), ConditionValue::Text(wanted)) => {
            Some(text.trim_end_matches(' ').cmp(wanted.trim_end_matches(' ')))
        }
        (Value::Text(text), ConditionValue::Number(wanted)) => Some(text.trim_matches(' ').cmp(wanted.as_str())),
        (Value::Text(text), ConditionValue::Figurative(Figurative::Space)) => Some(text.trim_matches(' ').cmp("")),
        (Value::Text(text), ConditionValue::Figurative(Figurative::Zero)) => {
            Some(text.trim_matches(['0', ' ']).cmp(""))
        }
        (Value::Number(found), ConditionValue::Number(wanted) | ConditionValue::Text(wanted)) => {
            same_scale(found, number(wanted)?)
        }
        (Value::Number(found), ConditionValue::Figurative(Figurative::Zero)) => Some(found.digits.cmp(&0)),
        _ => None,
    }
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
