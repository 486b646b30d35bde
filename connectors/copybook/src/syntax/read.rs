//! From tokens to entries, each from a level number to its period; a mistake in one doesn't hide those in others.

use super::{Entry, clauses, cursor};
use crate::source::{self, CopybookError, Form, Library, Problem, Texts, Token, TokenKind};

/// How a copybook is read.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// What the columns of its lines mean.
    pub form: Form,
    /// Where the texts come from that it copies.
    pub library: &'a dyn Library,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { form: Form::Auto, library: &() }
    }
}

/// A copybook's entries, and the texts they are in, for errors found later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copybook {
    /// The entries in their order.
    pub entries: Vec<Entry>,
    /// The text, and those it copies.
    pub texts: Texts,
}

/// Reads a copybook's entries, or says all that is wrong with it (the first 50 mistakes).
///
/// ```
/// use campaignd_copybook::syntax::{Options, parse};
///
/// let entries = parse("CUSTOMER", "01 CUSTOMER.\n   05 BALANCE PIC S9(7)V99 COMP-3.", &Options::default()).unwrap();
/// let (picture, _) = entries[1].picture.as_ref().unwrap();
/// assert_eq!((picture.digits, picture.scale, picture.signed), (9, 2, true));
///
/// let errors = parse("CUSTOMER", "01 A PIC X(3) COMPUTED.", &Options::default()).unwrap_err();
/// assert_eq!(errors[0].message, "unknown clause `COMPUTED`, did you mean `COMPUTATIONAL`?");
/// ```
pub fn parse(name: &str, text: &str, options: &Options<'_>) -> Result<Vec<Entry>, Vec<CopybookError>> {
    read(name, text, options).map(|copybook| copybook.entries)
}

/// As [`parse`], keeping the texts, which errors found later need to show their lines.
pub fn read(name: &str, text: &str, options: &Options<'_>) -> Result<Copybook, Vec<CopybookError>> {
    let (texts, tokens, mut problems) = source::tokens(name, text, options.form, options.library);
    // What is wrong with a line's words makes its entry look wrong too; one message about it is enough.
    let wrong_lines = problems.lines();
    let is_wrong = |token: &Token| wrong_lines.contains(&(token.place.text, token.place.line));
    let mut entries = Vec::new();
    for statement in tokens.split_inclusive(|token| token.kind == TokenKind::Period) {
        let (statement, ended) = match statement.split_last() {
            Some((last, before)) if last.kind == TokenKind::Period => (before, true),
            _ => (statement, false),
        };
        match statement_entry(statement, ended) {
            Ok(Some(entry)) => entries.push(entry),
            Ok(None) => {}
            Err(_) if statement.iter().any(is_wrong) => {}
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(Copybook { entries, texts }) } else { Err(texts.errors(problems)) }
}

/// The entry a statement is; none if it is a header that says nothing about the data.
fn statement_entry(statement: &[Token], ended: bool) -> Result<Option<Entry>, Problem> {
    let Some(first) = statement.first() else { return Ok(None) };
    if is_header(statement) {
        return Ok(None);
    }
    let Some(level) = level(first)? else {
        let message = format!("{} where a level number is expected", cursor::quoted(first));
        return Err(cursor::at(first, message, help_for_no_level(first)));
    };
    let entry = clauses::entry(level, first, &statement[1..])?;
    if !ended && let Some(last) = statement.last() {
        let help = "end it with a period; in fixed form the columns from 73 on don't count";
        return Err(cursor::at(last, "the last entry doesn't end with a period", help));
    }
    Ok(Some(entry))
}

/// A token as a level number; `None` if it is nothing like one.
pub(super) fn level(token: &Token) -> Result<Option<u8>, Problem> {
    if token.kind != TokenKind::Number || !token.text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    match token.text.parse() {
        Ok(level @ (1..=49 | 66 | 77 | 88)) if token.text.len() <= 2 => Ok(Some(level)),
        _ => {
            let message = format!("{} is no level number", cursor::quoted(token));
            Err(cursor::at(token, message, "levels are 01 to 49, 66, 77 and 88"))
        }
    }
}

/// Headers that stand around entries in programs, and sometimes in copybooks.
fn is_header(statement: &[Token]) -> bool {
    match statement {
        [data, division] if data.is("DATA") => division.is("DIVISION"),
        [section, word] if word.is("SECTION") => {
            ["FILE", "WORKING-STORAGE", "LOCAL-STORAGE", "LINKAGE"].iter().any(|name| section.is(name))
        }
        [first, ..] => first.is("FD") || first.is("SD"),
        [] => true,
    }
}

fn help_for_no_level(token: &Token) -> &'static str {
    let is_one_of = |words: &[&str]| words.iter().any(|word| token.is(word));
    if is_one_of(&["IDENTIFICATION", "ID", "ENVIRONMENT", "PROCEDURE"]) {
        "this looks like a program; give its data description entries only"
    } else if is_one_of(&["++INCLUDE", "-INC", "EXEC"]) {
        "write `COPY name.` instead"
    } else {
        "each entry begins with a level number and ends with a period; comments have `*` in column 7"
    }
}
