//! From characters to text words: what `COPY … REPLACING` compares.
//!
//! A parenthesis and a colon are words of their own (*Language Reference*, "COPY statement"), so `:TAG:-NAME` is four,
//! and replacing three of them changes part of a name. Whether a word follows without a blank is kept, for putting
//! together what is left.

use super::lines::Spot;
use super::{LiteralKind, Place, Problem, Problems, Token, TokenKind, saturated};

/// The text words of a text.
pub(super) fn text_words(spots: &[Spot], problems: &mut Problems) -> Vec<Token> {
    let mut scanner = Scanner { spots, at: 0, problems };
    let mut words = Vec::new();
    while let Some(word) = scanner.word(false) {
        words.push(word);
    }
    words
}

struct Scanner<'a, 'b> {
    spots: &'a [Spot],
    at: usize,
    problems: &'b mut Problems,
}

impl Scanner<'_, '_> {
    fn character(&self, ahead: usize) -> Option<char> {
        self.spots.get(self.at + ahead).map(|spot| spot.character)
    }

    fn is_blank(&self, ahead: usize) -> bool {
        self.character(ahead).is_none_or(char::is_whitespace)
    }

    fn is_delimiter(&self, ahead: usize) -> bool {
        self.character(ahead) == Some('=') && self.character(ahead + 1) == Some('=')
    }

    /// A comma, semicolon or period ends a word if a blank follows, or the end of the pseudo-text it is in.
    fn is_separator(&self, ahead: usize, in_pseudo: bool) -> bool {
        matches!(self.character(ahead), Some(',' | ';' | '.'))
            && (self.is_blank(ahead + 1) || (in_pseudo && self.is_delimiter(ahead + 1)))
    }

    /// The next word; in pseudo-text, `None` also at the `==` that ends it.
    fn word(&mut self, in_pseudo: bool) -> Option<Token> {
        let before = self.at;
        while self.character(0).is_some()
            && (self.is_blank(0) || (self.is_separator(0, in_pseudo) && self.character(0) != Some('.')))
        {
            self.at += 1;
        }
        let glued = self.at == before && self.at > 0;
        let place = self.spots.get(self.at)?.place;
        if self.is_delimiter(0) {
            return if in_pseudo { None } else { Some(self.pseudo(place)) };
        }
        let mark = match self.character(0)? {
            '(' => Some(TokenKind::Open),
            ')' => Some(TokenKind::Close),
            ':' => Some(TokenKind::Colon),
            '.' if self.is_separator(0, in_pseudo) => Some(TokenKind::Period),
            _ => None,
        };
        if let Some(kind) = mark {
            let text = self.character(0).into_iter().collect();
            self.at += 1;
            return Some(Token { kind, text, place, width: 1, glued });
        }
        let mut text = String::new();
        while let Some(character) = self.character(0) {
            if matches!(character, '\'' | '"') {
                if let Some(kind) = LiteralKind::of(&text) {
                    return Some(self.literal(kind, place, saturated(text.len()), glued));
                }
                break;
            }
            let ends = matches!(character, '(' | ')' | ':') || self.is_blank(0) || self.is_delimiter(0);
            if ends || self.is_separator(0, in_pseudo) {
                break;
            }
            text.push(character);
            self.at += 1;
        }
        let width = saturated(text.chars().count());
        Some(Token { kind: TokenKind::Word, text, place, width, glued })
    }

    /// A literal, from its quotation mark on.
    fn literal(&mut self, kind: LiteralKind, place: Place, prefix: u32, glued: bool) -> Token {
        let quote = self.character(0).unwrap_or('\'');
        let from = self.at;
        let mut text = String::new();
        self.at += 1;
        loop {
            match self.character(0) {
                Some(character) if character == quote => {
                    self.at += 1;
                    if self.character(0) != Some(quote) {
                        break;
                    }
                    self.at += 1;
                    text.push(quote);
                }
                None | Some('\n') => {
                    let message = format!("a literal begins here, but {quote} doesn't end it on this line");
                    let help = format!("end it with {quote}; in fixed form the columns from 73 on don't count");
                    self.problems.push(Problem::new(place, 1, message, help));
                    break;
                }
                Some(character) => {
                    self.at += 1;
                    text.push(character);
                }
            }
        }
        let width = prefix + saturated(self.at - from);
        Token { kind: TokenKind::Literal(kind), text, place, width, glued }
    }

    /// Pseudo-text, from its `==` on.
    fn pseudo(&mut self, place: Place) -> Token {
        self.at += 2;
        let mut words = Vec::new();
        while let Some(word) = self.word(true) {
            words.push(word);
        }
        if self.is_delimiter(0) {
            self.at += 2;
        } else {
            let help = "end it with `==`";
            self.problems.push(Problem::new(place, 2, "pseudo-text begins here, but no `==` ends it", help));
        }
        Token { kind: TokenKind::Pseudo(words), text: "==".to_owned(), place, width: 2, glued: false }
    }
}
