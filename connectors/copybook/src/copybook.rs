//! A copybook from its text to its layout.

use crate::layout::{self, Arrangement, Layout};
use crate::source::{CopybookError, Form, Library};
use crate::syntax::{self, Options};

/// A copybook that was read and laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copybook {
    /// Where each field stands.
    pub layout: Layout,
}

/// How a copybook is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dialect {
    /// What the columns of its lines mean.
    pub form: Form,
    /// How its records are laid out.
    pub arrangement: Arrangement,
}

impl Copybook {
    /// Reads the copybook called `name` in errors and lays out its records, or says all that is wrong with it. `library`
    /// has the texts that it copies.
    pub fn parse(name: &str, text: &str, library: &dyn Library) -> Result<Self, Vec<CopybookError>> {
        Self::parse_as(name, text, library, &Dialect::default())
    }

    /// As [`Self::parse`], in another dialect.
    pub fn parse_as(
        name: &str,
        text: &str,
        library: &dyn Library,
        dialect: &Dialect,
    ) -> Result<Self, Vec<CopybookError>> {
        let read = syntax::read(name, text, &Options { form: dialect.form, library })?;
        match layout::build(&read.entries, &dialect.arrangement) {
            Ok(layout) => Ok(Self { layout }),
            Err(problems) => Err(problems
                .into_iter()
                .map(|problem| read.texts.error(problem.place, problem.width, problem.message, problem.help))
                .collect()),
        }
    }
}
