//! The text of a copybook: lines in fixed or free form, `COPY … REPLACING`, and where each word stands.

mod copy;
mod error;
mod form;
mod library;
mod lines;
mod replacing;
mod text_words;
mod texts;
mod token;

#[cfg(test)]
mod tests;

pub use copy::read;
pub use error::{CopybookError, Place};
pub use form::Form;
pub use library::Library;
pub use texts::Texts;
pub use token::{LiteralKind, Token, TokenKind};

pub(crate) use copy::tokens;
pub(crate) use texts::{Problem, Problems, saturated};
