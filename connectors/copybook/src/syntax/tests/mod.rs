//! What entries, clauses and pictures are read as, and what people are told where they are wrong.

mod any_text;
mod entries;
mod messages;
mod pictures;
mod real_copybooks;

use super::{Entry, Options, parse};

/// The entries of a text that is right.
fn entries(text: &str) -> Vec<Entry> {
    parse("test", text, &Options::default()).unwrap_or_else(|errors| panic!("{}", shown(&errors)))
}

/// What is said about a text that is wrong.
fn message(text: &str) -> String {
    shown(&parse("test", text, &Options::default()).unwrap_err())
}

fn shown(errors: &[crate::source::CopybookError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n")
}
