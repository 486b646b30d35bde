//! The tokens of one entry, one after the other.

use super::keywords;
use crate::source::{Place, Problem, Token, TokenKind};

pub(super) struct Cursor<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(tokens: &'a [Token]) -> Self {
        Self { tokens, at: 0 }
    }

    /// The next token, which stays.
    pub(super) fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    /// The next token.
    pub(super) fn next(&mut self) -> Option<&'a Token> {
        let token = self.peek();
        self.at += usize::from(token.is_some());
        token
    }

    /// Whether one of these words is next.
    pub(super) fn is(&self, words: &[&str]) -> bool {
        self.peek().is_some_and(|token| words.iter().any(|word| token.is(word)))
    }

    /// Takes the next token if it is one of these words.
    pub(super) fn take(&mut self, words: &[&str]) -> Option<&'a Token> {
        if self.is(words) { self.next() } else { None }
    }

    /// Takes the next token if it is a word that begins no clause.
    pub(super) fn take_name(&mut self) -> Option<&'a Token> {
        let token = self.peek()?;
        let is_name = token.kind == TokenKind::Word && !keywords::begins_clause(&token.text);
        if is_name { self.next() } else { None }
    }

    /// Takes the next token if it is a number without a sign or a point.
    pub(super) fn take_count(&mut self) -> Option<Result<u32, Problem>> {
        let token = self.peek()?;
        if token.kind != TokenKind::Number || !token.text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.next();
        Some(token.text.parse().map_err(|_| {
            Problem::new(token.place, token.width, format!("{} is too many", token.text), "the most is 4294967295")
        }))
    }

    /// Something wrong with the token that is next, or after the last.
    pub(super) fn problem(&self, message: impl Into<String>, help: impl Into<String>) -> Problem {
        if let Some(token) = self.peek() {
            return at(token, message, help);
        }
        let last = self.tokens.last();
        let place = last.map_or(Place::default(), |token| Place {
            column: token.place.column.saturating_add(token.width),
            ..token.place
        });
        Problem::new(place, 1, message, help)
    }

    /// The next token as a message quotes it.
    pub(super) fn quoted(&self) -> String {
        self.peek().map_or_else(|| "nothing".to_owned(), quoted)
    }
}

/// Something wrong with a token.
pub(super) fn at(token: &Token, message: impl Into<String>, help: impl Into<String>) -> Problem {
    Problem::new(token.place, token.width, message, help)
}

/// A token as a message quotes it.
pub(super) fn quoted(token: &Token) -> String {
    match token.kind {
        TokenKind::Literal(_) => format!("the literal '{}'", shortened(&token.text)),
        TokenKind::Pseudo(_) => "pseudo-text".to_owned(),
        _ => format!("`{}`", shortened(&token.text)),
    }
}

/// A text short enough for a message.
pub(super) fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
