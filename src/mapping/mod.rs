//! SQL expressions over a source's columns.

use crate::config::Pipeline;

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which output, from 0.
    pub output: usize,
    /// Which field; none: its `when`.
    pub field: Option<String>,
    /// Which key of `sums` or `hash_totals`.
    pub control: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// Line and column inside the SQL, both from 1.
    pub at: Option<(usize, usize)>,
}

/// What is wrong with the expressions of a pipeline over these columns.
pub fn check(_pipeline: &Pipeline, _columns: Option<&[String]>) -> Vec<Problem> {
    Vec::new()
}
