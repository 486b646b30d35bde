//! A copybook from its text to its layout.

use crate::layout::{self, Layout};
use crate::source::{CopybookError, Form, Library};
use crate::syntax::{self, Options};

/// A copybook that was read and laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copybook {
    /// Where each field stands.
    pub layout: Layout,
}

impl Copybook {
    /// Reads the copybook called `name` in errors and lays out its records, or says all that is wrong with it. `library`
    /// has the texts that it copies.
    pub fn parse(name: &str, text: &str, library: &dyn Library) -> Result<Self, Vec<CopybookError>> {
        let read = syntax::read(name, text, &Options { form: Form::Auto, library })?;
        match layout::build(&read.entries) {
            Ok(layout) => Ok(Self { layout }),
            Err(problems) => Err(problems
                .into_iter()
                .map(|problem| read.texts.error(problem.place, problem.width, problem.message, problem.help))
                .collect()),
        }
    }
}
