//! VALUE: initial values, which files don't depend on, and the values of condition names.

use super::cursor::{Cursor, at, quoted};
use super::{ConditionValue, Figurative};
use crate::source::{LiteralKind, Problem, Token, TokenKind};

const HELP: &str = "write a literal, a number or a figurative constant such as SPACES";

/// The initial value of an item: anything that is one.
pub(super) fn initial(cursor: &mut Cursor<'_>) -> Result<(), Problem> {
    cursor.take(&["IS", "ARE"]);
    cursor.take(&["ALL"]);
    let is_value = cursor.peek().is_some_and(|token| match token.kind {
        TokenKind::Number | TokenKind::Literal(_) => true,
        TokenKind::Word => figurative(token).is_some() || is_floating_point(&token.text),
        _ => false,
    });
    if !is_value {
        return Err(cursor.problem(format!("{} after VALUE", cursor.quoted()), HELP));
    }
    cursor.next();
    Ok(())
}

/// The values of a level 88.
pub(super) fn conditions(cursor: &mut Cursor<'_>) -> Result<Vec<ConditionValue>, Problem> {
    cursor.take(&["IS", "ARE"]);
    let mut values = Vec::new();
    while cursor.peek().is_some() && !cursor.is(&["WHEN", "FALSE"]) {
        let value = condition(cursor)?;
        values.push(match cursor.take(&["THRU", "THROUGH"]) {
            Some(_) => ConditionValue::Through(Box::new(value), Box::new(condition(cursor)?)),
            None => value,
        });
    }
    if values.is_empty() {
        return Err(cursor.problem("VALUE without a value", HELP));
    }
    // What makes it false again is said for SET statements only.
    if cursor.take(&["WHEN"]).is_some() {
        cursor.take(&["SET"]);
        cursor.take(&["TO"]);
    }
    if cursor.take(&["FALSE"]).is_some() {
        cursor.take(&["IS"]);
        condition(cursor)?;
    }
    Ok(values)
}

fn condition(cursor: &mut Cursor<'_>) -> Result<ConditionValue, Problem> {
    let all = cursor.take(&["ALL"]).is_some();
    let Some(token) = cursor.peek() else {
        return Err(cursor.problem("a value is missing", HELP));
    };
    let value = match token.kind {
        TokenKind::Number => ConditionValue::Number(token.text.clone()),
        TokenKind::Literal(kind) => literal(kind, token)?,
        _ => figurative(token).map(ConditionValue::Figurative).ok_or_else(|| {
            let help = "write a literal, a number or a figurative constant; or is a period missing before it?";
            at(token, format!("{} where a value is expected", quoted(token)), help)
        })?,
    };
    cursor.next();
    match (all, value) {
        (true, ConditionValue::Text(text)) if !text.is_empty() => Ok(ConditionValue::All(text)),
        (true, value @ ConditionValue::Figurative(_)) | (false, value) => Ok(value),
        (true, _) => Err(at(token, format!("ALL before {}", quoted(token)), "ALL repeats a literal of characters")),
    }
}

fn literal(kind: LiteralKind, token: &Token) -> Result<ConditionValue, Problem> {
    match kind {
        LiteralKind::Text | LiteralKind::National | LiteralKind::Dbcs => Ok(ConditionValue::Text(token.text.clone())),
        LiteralKind::Hexadecimal | LiteralKind::NationalHexadecimal => {
            let wrong = || {
                let message = format!("{} isn't hexadecimal", quoted(token));
                at(token, message, "write two of 0 to 9 and A to F for each byte")
            };
            bytes(&token.text).map(ConditionValue::Bytes).ok_or_else(wrong)
        }
        LiteralKind::ZeroEnded => {
            let help = "write the characters as a literal without Z";
            Err(at(token, "a zero-ended literal as the value of a condition", help))
        }
    }
}

fn bytes(hexadecimal: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        hexadecimal.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] * 16 + pair[1]).collect())
}

/// The figurative constant a word is, if it is one.
fn figurative(token: &Token) -> Option<Figurative> {
    if token.kind != TokenKind::Word {
        return None;
    }
    match token.text.to_ascii_uppercase().as_str() {
        "ZERO" | "ZEROS" | "ZEROES" => Some(Figurative::Zero),
        "SPACE" | "SPACES" => Some(Figurative::Space),
        "LOW-VALUE" | "LOW-VALUES" => Some(Figurative::LowValue),
        "HIGH-VALUE" | "HIGH-VALUES" => Some(Figurative::HighValue),
        "QUOTE" | "QUOTES" => Some(Figurative::Quote),
        "NULL" | "NULLS" => Some(Figurative::Null),
        _ => None,
    }
}

/// Whether a word is a floating-point literal such as `1.5E+3`.
fn is_floating_point(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.'))
        && word.to_ascii_uppercase().contains('E')
        && word.parse::<f64>().is_ok()
}
