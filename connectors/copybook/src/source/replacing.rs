//! What `COPY … REPLACING` does to the words of a text.
//!
//! Words are compared as the *Language Reference* says ("COPY statement", "Comparison and replacement rules"): without
//! regard to case, literals exactly, wherever lines break, the first operand that matches winning, and what was put in
//! isn't looked at again.

use super::{Token, TokenKind};

/// Replace this by that.
pub(super) struct Replacement {
    pub(super) this: Operand,
    pub(super) that: Vec<Token>,
}

/// What is replaced.
pub(super) enum Operand {
    /// These words, one after the other.
    Words(Vec<Token>),
    /// What a word begins with.
    Leading(String),
    /// What a word ends with.
    Trailing(String),
}

impl Replacement {
    pub(super) fn words_to_find(&self) -> usize {
        match &self.this {
            Operand::Words(words) => words.len(),
            Operand::Leading(_) | Operand::Trailing(_) => 1,
        }
    }
}

/// Replaces, taking what is put in from the characters there may be; `None` if they don't suffice.
pub(super) fn replace(words: &[Token], replacements: &[Replacement], characters: &mut usize) -> Option<Vec<Token>> {
    let mut replaced: Vec<Token> = Vec::with_capacity(words.len());
    let mut at = 0;
    // Whether what is left after a word was taken out stood right after the word before that.
    let mut glued = true;
    while let Some(word) = words.get(at) {
        let word = Token { glued: word.glued && glued, ..word.clone() };
        let found =
            replacements.iter().find_map(|replacement| Some((replacement, found(&words[at..], &replacement.this)?)));
        let Some((replacement, length)) = found else {
            glued = true;
            replaced.push(word);
            at += 1;
            continue;
        };
        let characters_put_in: usize = replacement.that.iter().map(|token| token.text.len() + 1).sum();
        *characters = characters.checked_sub(characters_put_in)?;
        let before = replaced.len();
        let was_glued = word.glued;
        match &replacement.this {
            Operand::Words(_) => put_in(&replacement.that, &word, &mut replaced),
            Operand::Leading(part) => {
                let rest = word.text.get(part.len()..).unwrap_or_default();
                changed(first_text(&replacement.that) + rest, word, &mut replaced);
            }
            Operand::Trailing(part) => {
                let rest = word.text.get(..word.text.len() - part.len()).unwrap_or_default();
                changed(rest.to_owned() + &first_text(&replacement.that), word, &mut replaced);
            }
        }
        glued = replaced.len() > before || was_glued;
        at += length;
    }
    Some(replaced)
}

fn changed(text: String, word: Token, replaced: &mut Vec<Token>) {
    if !text.is_empty() {
        replaced.push(Token { text, ..word });
    }
}

/// How many words are replaced, if any.
fn found(words: &[Token], this: &Operand) -> Option<usize> {
    let first = words.first()?;
    let is_part = |part: Option<&str>, whole: &str| {
        first.kind == TokenKind::Word && part.is_some_and(|part| part.eq_ignore_ascii_case(whole))
    };
    let matches = match this {
        Operand::Words(this) => {
            return (!this.is_empty() && words.len() >= this.len() && words.iter().zip(this).all(|(a, b)| a.same(b)))
                .then_some(this.len());
        }
        Operand::Leading(part) => is_part(first.text.get(..part.len()), part),
        Operand::Trailing(part) => {
            let begin = first.text.len().checked_sub(part.len());
            is_part(begin.and_then(|begin| first.text.get(begin..)), part)
        }
    };
    matches.then_some(1)
}

/// Puts words in the place of others: an error in them is shown where they are put in, and the first is put together
/// with what is before if what it replaces was.
fn put_in(that: &[Token], instead_of: &Token, replaced: &mut Vec<Token>) {
    for (index, token) in that.iter().enumerate() {
        let glued = if index == 0 { instead_of.glued } else { token.glued };
        replaced.push(Token { glued, place: instead_of.place, width: instead_of.width, ..token.clone() });
    }
}

fn first_text(that: &[Token]) -> String {
    that.first().map(|token| token.text.clone()).unwrap_or_default()
}
