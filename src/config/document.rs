//! One settings file on its way from bytes to a checked tree.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use super::layer;
use super::report::{Place, Problem};
use super::shape::{self, Misfit};
use super::tree::{self, Content, Given, Node, SyntaxError};

/// A settings file: its text, its values with their places, and what is wrong with it so far.
#[derive(Debug)]
pub struct Document {
    /// The file, as it is called in messages.
    pub file: PathBuf,
    /// Its text, secrets blotted out.
    pub text: Arc<str>,
    /// Its values, those of the environment included.
    pub tree: Node,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// Tables and values that don't fit the schema: the keys that lead to them.
    misfits: Vec<Vec<String>>,
    readable: bool,
}

impl Document {
    /// Reads `file`, puts `variables` on top and checks the result against `schema`.
    pub fn read(file: &Path, schema: &Value, variables: HashMap<String, String>) -> Self {
        let (text, problem) = match std::fs::read(file).map(String::from_utf8) {
            Ok(Ok(text)) => (text, None),
            Ok(Err(error)) => {
                let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let line = valid.split(|&byte| byte == b'\n').count();
                let help = "save the file as UTF-8";
                let message = format!("could not read the settings: line {line} is not UTF-8");
                (String::new(), Some(Problem::error(Place::File(file.to_owned()), message, help)))
            }
            Err(error) => {
                let message = format!("could not read the settings: {error}");
                let help = "name the file by --config, and see that the daemon's user may read it";
                (String::new(), Some(Problem::error(Place::File(file.to_owned()), message, help)))
            }
        };
        let mut document = Self {
            file: file.to_owned(),
            text: text.into(),
            tree: Node { given: Given::Whole, content: Content::Table(Vec::new()) },
            readable: problem.is_none(),
            problems: problem.into_iter().collect(),
            misfits: Vec::new(),
        };
        if document.readable {
            document.parse(schema, variables);
        }
        document
    }

    fn parse(&mut self, schema: &Value, variables: HashMap<String, String>) {
        let (tree, errors) = tree::parse(&self.text);
        self.tree = tree;
        if !variables.is_empty() {
            match layer::layer(&self.tree, variables) {
                Ok(merged) => self.tree = merged,
                Err(error) => {
                    let message = format!("could not take the environment into the settings: {error}");
                    self.problems.push(Problem::error(Place::File(self.file.clone()), message, ""));
                }
            }
        }
        let findings = shape::check(schema, &mut self.tree);
        self.text = blot_out(&self.text, &findings.secrets).into();
        for error in &errors {
            if self.is_under_a_bad_header(error, &errors) {
                continue;
            }
            let (message, help) = in_words(error);
            self.problem(&Given::At(self.visible(&error.span)), format!("this isn't TOML: {message}"), help);
        }
        let trusted = errors.iter().all(|error| self.spoils_only_its_line(error));
        for misfit in findings.misfits {
            if errors.is_empty() || trusted && !misfit.missing && !self.shares_a_line(&misfit, &errors) {
                self.problem(&misfit.given, misfit.message, misfit.help);
            }
            self.misfits.push(misfit.path);
        }
        self.readable = errors.is_empty();
    }

    /// Notes an error.
    pub fn problem(&mut self, given: &Given, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(Problem::error(self.place(given), message, help));
    }

    /// Where a value of this document was given.
    pub fn place(&self, given: &Given) -> Place {
        match given {
            Given::Whole => Place::File(self.file.clone()),
            Given::At(span) => Place::Text { file: self.file.clone(), text: self.text.clone(), span: span.clone() },
            Given::By(variable) => Place::Variable(variable.clone()),
        }
    }

    /// Whether everything in it is as the schema asks.
    pub fn fits(&self) -> bool {
        self.readable && self.misfits.is_empty()
    }

    /// Whether everything under the key of the first level is as the schema asks.
    pub fn fits_under(&self, key: &str) -> bool {
        self.readable && !self.misfits.iter().any(|path| path.first().is_some_and(|first| first == key))
    }

    /// The problems in the order of their places.
    pub fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| match &problem.place {
            Place::File(_) => (0, 0),
            Place::Text { span, .. } => (1, span.start),
            Place::Variable(_) => (2, 0),
        });
        self.problems
    }

    /// After an error in a `key = value` line the parser goes on with the next line; after one in a `[table]` line or
    /// in a text of several lines it takes things for what they aren't.
    fn spoils_only_its_line(&self, error: &SyntaxError) -> bool {
        let line = self.line(error.span.start);
        error.message == "duplicate key"
            || line.contains('=')
                && !line.trim_start().starts_with('[')
                && !line.contains("\"\"\"")
                && !line.contains("'''")
    }

    /// What stands under the header of a table that is there twice is there twice too: said once, at the header.
    fn is_under_a_bad_header(&self, error: &SyntaxError, errors: &[SyntaxError]) -> bool {
        let line_start = self.text[..error.span.start].rfind('\n').map_or(0, |newline| newline + 1);
        let header = self.text[..line_start].rfind("\n[").map(|newline| newline + 1);
        error.message == "duplicate key"
            && !self.text[line_start..].starts_with('[')
            && header.is_some_and(|header| {
                let header = self.line(header).as_ptr();
                errors.iter().any(|other| self.line(other.span.start).as_ptr() == header)
            })
    }

    fn shares_a_line(&self, misfit: &Misfit, errors: &[SyntaxError]) -> bool {
        let Given::At(span) = &misfit.given else { return false };
        let line = self.line(span.start).as_ptr();
        errors.iter().any(|error| self.line(error.span.start).as_ptr() == line)
    }

    fn line(&self, at: usize) -> &str {
        let start = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let end = self.text[at..].find('\n').map_or(self.text.len(), |newline| at + newline);
        &self.text[start..end]
    }

    /// An empty span widened to what it stands behind, so that a caret has something to point at.
    fn visible(&self, span: &Range<usize>) -> Range<usize> {
        if !span.is_empty() {
            return span.clone();
        }
        let before = self.text[..span.start].trim_end_matches(['\n', '\r']);
        match before.char_indices().next_back() {
            Some((start, last)) => start..start + last.len_utf8(),
            None => span.clone(),
        }
    }
}

/// The parser's words, put better where they say little, and what to do.
fn in_words(error: &SyntaxError) -> (&str, &'static str) {
    let message = error.message.as_str();
    if message.starts_with("string values must be quoted") && error.span.is_empty() {
        ("there is no value after the `=`", "")
    } else if message.starts_with("string values must be quoted") {
        ("text stands in quotes", "write `\"…\"`")
    } else if message == "duplicate key" {
        (message, "it stands above already: remove one of them")
    } else if message.starts_with("missing escaped value") {
        ("this backslash starts no escape", "put the text in single quotes, in which a backslash is just that: `'…'`")
    } else if message.starts_with("invalid basic string") || message.starts_with("invalid literal string") {
        ("these quotes are not closed", "close them on the same line; text of several lines stands in three: `\"\"\"`")
    } else {
        (message, "")
    }
}

fn blot_out(text: &str, secrets: &[Range<usize>]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for span in secrets {
        for byte in &mut bytes[span.clone()] {
            if *byte != b'\n' && *byte != b'\r' {
                *byte = b'*';
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}
