//! The text of a copybook: lines in fixed or free form, `COPY … REPLACING`, and where each word stands.

mod error;

pub use error::{CopybookError, Place};
