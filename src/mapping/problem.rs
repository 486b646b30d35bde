//! What is wrong with the expressions of a pipeline, found before anything runs.

use std::fmt;

/// A mistake in one expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which output it is in, the first being 0.
    pub output: usize,
    /// The field it is in; `when` for the condition, none for the output as a whole.
    pub field: Option<String>,
    /// The expression of `[control]` it is in, where it is in one.
    pub control: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do about it; empty where the message says it.
    pub help: String,
    /// Line and column inside the expression, both counted from 1, where they are known.
    pub at: Option<(usize, usize)>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.control, &self.field) {
            (Some(control), _) => write!(f, "[control] {control}: ")?,
            (None, Some(field)) => write!(f, "output {}, {field}: ", self.output + 1)?,
            (None, None) => write!(f, "output {}: ", self.output + 1)?,
        }
        f.write_str(&self.message)?;
        if !self.help.is_empty() {
            write!(f, "; {}", self.help)?;
        }
        if let Some((line, column)) = self.at {
            write!(f, " (line {line}, column {column})")?;
        }
        Ok(())
    }
}

/// A mistake in an expression whose place in the pipeline isn't known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    pub message: String,
    pub help: String,
    pub at: Option<(usize, usize)>,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Mistake {}

impl Mistake {
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into(), at: None }
    }

    pub fn at(mut self, at: Option<(usize, usize)>) -> Self {
        self.at = at;
        self
    }

    /// As a problem of an expression of `[control]`.
    pub fn of_control(self, expression: &str) -> Problem {
        let Self { message, help, at } = self;
        Problem { output: 0, field: None, control: Some(expression.to_owned()), message, help, at }
    }
}

/// The name that was probably meant, among those there are.
pub(super) fn closest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    names
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + wanted.len().max(candidate.len()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
