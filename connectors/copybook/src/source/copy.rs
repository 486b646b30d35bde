//! `COPY` statements, replaced by what they copy.

use super::replacing::{Operand, Replacement, replace};
use super::{Form, Library, Place, Problem, Problems, Texts, Token, TokenKind, lines, text_words, token};

/// `COPY` within what is copied, so deep.
const DEEPEST: usize = 16;
/// Characters read and copied altogether; beyond what copybooks have, and little enough to hold.
const MOST_CHARACTERS: usize = 2 * 1024 * 1024;
/// Copied texts altogether, the empty ones too.
const MOST_COPIES: usize = 10_000;
/// Words to look for in one `COPY`: each is compared with each word of what is copied.
const MOST_WORDS_TO_FIND: usize = 256;

/// The tokens of a copybook with everything copied and replaced, the texts they are in, and what is wrong.
pub(crate) fn tokens(name: &str, text: &str, form: Form, library: &dyn Library) -> (Texts, Vec<Token>, Problems) {
    let mut reader = Reader {
        form,
        library,
        texts: Texts::default(),
        problems: Problems::default(),
        open: vec![name.to_ascii_uppercase()],
        characters: MOST_CHARACTERS,
        copies: MOST_COPIES,
        is_too_large: false,
    };
    let tokens = reader.read(name, text, None);
    (reader.texts, token::joined(tokens), reader.problems)
}

/// The tokens of a copybook with everything copied and replaced, and the texts they are in; or all that is wrong.
pub fn read(
    name: &str,
    text: &str,
    form: Form,
    library: &dyn Library,
) -> Result<(Texts, Vec<Token>), Vec<super::CopybookError>> {
    let (texts, tokens, problems) = tokens(name, text, form, library);
    if problems.is_empty() { Ok((texts, tokens)) } else { Err(texts.errors(problems)) }
}

struct Reader<'a> {
    form: Form,
    library: &'a dyn Library,
    texts: Texts,
    problems: Problems,
    /// Names of the texts being read, from the outside in.
    open: Vec<String>,
    /// Characters that may still be read or put in.
    characters: usize,
    copies: usize,
    is_too_large: bool,
}

/// A `COPY` statement.
struct Copy {
    name: Token,
    /// The library after `OF`.
    of: Option<String>,
    replacements: Vec<Replacement>,
}

impl Reader<'_> {
    /// The tokens of a text; `by` is the name in the `COPY` that asks for it.
    fn read(&mut self, name: &str, text: &str, by: Option<&Token>) -> Vec<Token> {
        let (place, width) = by.map_or((Place { text: 0, line: 1, column: 1 }, 1), |by| (by.place, by.width));
        let number = self.texts.keep(name, if text.len() > MOST_CHARACTERS { "" } else { text });
        let (Some(number), Some(characters)) = (number, self.characters.checked_sub(text.len())) else {
            self.too_large(place, width);
            return Vec::new();
        };
        self.characters = characters;
        let spots = lines::spots(number, self.texts.lines(number), self.form, &mut self.problems);
        let words = text_words::text_words(&spots, &mut self.problems);
        drop(spots);
        self.copied(words)
    }

    /// Says so once, and reads nothing from then on.
    fn too_large(&mut self, place: Place, width: u32) {
        self.characters = 0;
        if std::mem::replace(&mut self.is_too_large, true) {
            return;
        }
        let message = format!(
            "the copybook and what it copies are more than {MOST_CHARACTERS} characters or {MOST_COPIES} copies"
        );
        let help = "read its parts as copybooks of their own";
        self.problems.push(Problem::new(place, width, message, help));
    }

    /// Words with each `COPY` among them replaced by what it copies.
    fn copied(&mut self, words: Vec<Token>) -> Vec<Token> {
        let mut copied = Vec::with_capacity(words.len());
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            if word.is("REPLACE") {
                let message = "REPLACE statements aren't supported";
                let help = "use COPY … REPLACING, or replace the words in the text";
                self.problems.push(Problem::new(word.place, word.width, message, help));
                words.by_ref().find(|word| word.kind == TokenKind::Period);
            } else if word.is("COPY") {
                let statement: Vec<Token> = words.by_ref().take_while(|word| word.kind != TokenKind::Period).collect();
                match copy_statement(&word, &statement) {
                    Ok(copy) => copied.extend(self.copy(&copy)),
                    Err(problem) => self.problems.push(problem),
                }
            } else {
                copied.push(word);
            }
        }
        copied
    }

    fn copy(&mut self, copy: &Copy) -> Vec<Token> {
        let name = &copy.name;
        let key = name.text.to_ascii_uppercase();
        let problem = |message: String, help: &str| Problem::new(name.place, name.width, message, help);
        if self.open.contains(&key) {
            let round = format!("`{}` copies itself: {} → {key}", name.text, self.open.join(" → "));
            self.problems.push(problem(round, "take this COPY out"));
            return Vec::new();
        }
        if self.open.len() > DEEPEST {
            let message = format!("COPY within what is copied goes deeper than {DEEPEST}");
            self.problems.push(problem(message, "write the entries of the innermost texts where they are copied"));
            return Vec::new();
        }
        // Asked for last, because a library may have to copy a large text to answer.
        let copies = self.copies.checked_sub(1).filter(|_| self.characters > 0);
        let Some(copies) = copies else {
            self.too_large(name.place, name.width);
            return Vec::new();
        };
        let qualified = copy.of.as_ref().map(|of| format!("{of}/{}", name.text));
        let found = qualified.into_iter().chain([name.text.clone()]).find_map(|name| {
            let capitals = name.to_ascii_uppercase();
            let text = self.library.text(&name).or_else(|| self.library.text(&capitals))?;
            Some((name, text))
        });
        let Some((found, text)) = found else {
            let help = "give the text of this name beside the copybook, or write its entries here";
            self.problems.push(problem(format!("COPY asks for `{}`, which isn't known", name.text), help));
            return Vec::new();
        };
        self.copies = copies;
        self.open.push(key);
        let words = self.read(&found, &text, Some(name));
        self.open.pop();
        if copy.replacements.is_empty() {
            return words;
        }
        replace(&words, &copy.replacements, &mut self.characters).unwrap_or_else(|| {
            self.too_large(name.place, name.width);
            Vec::new()
        })
    }
}

/// Reads what stands between `COPY` and its period.
fn copy_statement(copy: &Token, statement: &[Token]) -> Result<Copy, Problem> {
    let after = |at: usize, message: &str| {
        let token = statement.get(at).or(statement.last()).unwrap_or(copy);
        Problem::new(
            token.place,
            token.width,
            message,
            "write `COPY name.` or `COPY name REPLACING ==this== BY ==that==.`",
        )
    };
    let name = match statement.first() {
        Some(name) if matches!(name.kind, TokenKind::Word | TokenKind::Literal(_)) => name.clone(),
        _ => return Err(after(0, "COPY without the name of a text")),
    };
    let mut at = 1;
    let mut of = None;
    if statement.get(at).is_some_and(|token| token.is("OF") || token.is("IN")) {
        let Some(library) = statement.get(at + 1) else {
            return Err(after(at, "COPY … OF without the name of a library"));
        };
        of = Some(library.text.clone());
        at += 2;
    }
    if statement.get(at).is_some_and(|token| token.is("SUPPRESS")) {
        at += 1;
    }
    let mut replacements = Vec::new();
    match statement.get(at) {
        None => return Ok(Copy { name, of, replacements }),
        Some(token) if token.is("REPLACING") => at += 1,
        Some(token) => {
            let message = format!("`{}` isn't part of a COPY; is its period missing?", token.text);
            return Err(after(at, &message));
        }
    }
    while at < statement.len() {
        let part = statement.get(at).filter(|token| token.is("LEADING") || token.is("TRAILING"));
        at += usize::from(part.is_some());
        let (this, next) = operand(statement, at);
        if this.is_empty() || !statement.get(next).is_some_and(|token| token.is("BY")) {
            return Err(after(next, "REPLACING needs what to replace, BY, and what to put there"));
        }
        let (that, end) = operand(statement, next + 1);
        if end == next + 1 {
            return Err(after(end, "nothing after BY"));
        }
        let this = match part {
            None => Operand::Words(this),
            Some(part) => match (this.as_slice(), that.len()) {
                ([word], 0 | 1) if word.kind == TokenKind::Word && part.is("LEADING") => {
                    Operand::Leading(word.text.clone())
                }
                ([word], 0 | 1) if word.kind == TokenKind::Word => Operand::Trailing(word.text.clone()),
                _ => return Err(after(at, "LEADING and TRAILING replace part of a word, by one word or by nothing")),
            },
        };
        replacements.push(Replacement { this, that });
        at = end;
    }
    let to_find: usize = replacements.iter().map(Replacement::words_to_find).sum();
    if to_find > MOST_WORDS_TO_FIND {
        return Err(after(0, &format!("REPLACING has more than {MOST_WORDS_TO_FIND} words to look for")));
    }
    Ok(Copy { name, of, replacements })
}

/// Pseudo-text, a literal, or a name with its qualifiers; and where what follows begins.
fn operand(statement: &[Token], at: usize) -> (Vec<Token>, usize) {
    match statement.get(at) {
        Some(Token { kind: TokenKind::Pseudo(words), .. }) => (words.clone(), at + 1),
        Some(first) => {
            let mut end = at + 1;
            while statement.get(end).is_some_and(|token| token.glued || token.is("OF") || token.is("IN")) {
                end += if statement[end].glued { 1 } else { 2 };
            }
            let end = end.min(statement.len());
            if first.is("BY") { (Vec::new(), at) } else { (statement[at..end].to_vec(), end) }
        }
        None => (Vec::new(), at),
    }
}
