//! Tokens: what the entries of a copybook are made of.

use super::Place;

/// A word, number, literal or mark, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// As written; a literal without its quotation marks, doubled ones made single.
    pub text: String,
    /// Where it begins.
    pub place: Place,
    /// How many characters it is wide.
    pub width: u32,
    /// Whether it follows the token before without a blank.
    pub(super) glued: bool,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenKind {
    /// A keyword or name.
    Word,
    /// Digits, perhaps with a sign and a decimal point.
    Number,
    /// What stands between quotation marks.
    Literal(LiteralKind),
    /// What follows `PICTURE`.
    Picture,
    /// The period that ends an entry.
    Period,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `:`, until words are put together.
    Colon,
    /// What stands between `==` and `==`.
    Pseudo(Vec<Token>),
}

/// What the letters before a literal say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiteralKind {
    /// `'…'`: characters.
    Text,
    /// `X'…'`: bytes in hexadecimal.
    Hexadecimal,
    /// `N'…'`: UTF-16 characters.
    National,
    /// `NX'…'`: UTF-16 in hexadecimal.
    NationalHexadecimal,
    /// `G'…'`: double-byte characters.
    Dbcs,
    /// `Z'…'`: characters and a zero byte.
    ZeroEnded,
}

impl LiteralKind {
    pub(super) fn of(prefix: &str) -> Option<Self> {
        match prefix.to_ascii_uppercase().as_str() {
            "" => Some(Self::Text),
            "X" => Some(Self::Hexadecimal),
            "N" => Some(Self::National),
            "NX" => Some(Self::NationalHexadecimal),
            "G" => Some(Self::Dbcs),
            "Z" => Some(Self::ZeroEnded),
            _ => None,
        }
    }
}

impl Token {
    /// Whether it is this word, written in capitals or not.
    pub fn is(&self, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether it reads the same, wherever it stands.
    pub(super) fn same(&self, other: &Self) -> bool {
        self.kind == other.kind
            && match self.kind {
                TokenKind::Literal(_) => self.text == other.text,
                _ => self.text.eq_ignore_ascii_case(&other.text),
            }
    }
}

/// Puts words together that stand without a blank between them once everything is replaced, and tells numbers and
/// pictures from other words.
pub(super) fn joined(tokens: Vec<Token>) -> Vec<Token> {
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    for mut token in tokens {
        if token.kind == TokenKind::Colon {
            token.kind = TokenKind::Word;
        }
        let is_part = matches!(token.kind, TokenKind::Word | TokenKind::Open | TokenKind::Close);
        if is_part && !token.glued && expects_picture(&joined, &token) {
            token.kind = TokenKind::Picture;
        }
        match joined.last_mut() {
            Some(last)
                if token.glued
                    && is_part
                    && (last.kind == TokenKind::Picture
                        || (last.kind == TokenKind::Word && token.kind == TokenKind::Word)) =>
            {
                last.text.push_str(&token.text);
                if last.place.line == token.place.line && last.place.text == token.place.text {
                    last.width = (token.place.column + token.width).saturating_sub(last.place.column).max(last.width);
                }
            }
            _ => joined.push(token),
        }
    }
    for token in &mut joined {
        if token.kind == TokenKind::Word && is_number(&token.text) {
            token.kind = TokenKind::Number;
        }
    }
    joined
}

/// Whether a token after these is a picture: what follows `PICTURE`, or the `IS` after it.
fn expects_picture(before: &[Token], token: &Token) -> bool {
    let is_picture = |token: &Token| token.is("PIC") || token.is("PICTURE");
    match before {
        [.., keyword, is] if is.is("IS") => is_picture(keyword),
        [.., keyword] => is_picture(keyword) && !token.is("IS"),
        [] => false,
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    !fraction.is_empty() && (!whole.is_empty() || digits.starts_with('.')) && are_digits(whole) && are_digits(fraction)
}
