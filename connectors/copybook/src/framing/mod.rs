//! From a file's bytes to records: fixed, variable, blocked, spanned, text.
//!
//! [`Framing`] is how records are marked off, [`Framer`] cuts them off, and [`FramingError`] shows the bytes that make
//! none. Where it isn't known how records are marked off, [`diagnose`] ranks what would fit, and [`hexdump`] shows the
//! bytes. What is right is what *z/OS DFSMS Using Data Sets* says of record formats.

mod cause;
mod descriptor;
mod doctor;
mod error;
mod fixed;
mod framer;
mod hexdump;
mod lines;
mod periods;
mod settings;
mod spanned;
#[cfg(test)]
mod tests;
mod text;
mod told;
mod variable;
mod view;

pub use doctor::{Characters, Damage, Hypothesis, RecordLengths, diagnose};
pub use error::{FramingError, Problem, SettingsError};
pub use framer::{Framer, LengthOf, Position, Record, Step};
pub use hexdump::hexdump;
pub use settings::{
    DEFAULT_LONGEST, Endian, Framing, LengthAnswer, LengthField, LengthNumber, LineEnd, Rdw, RecordFormat, Z_OS_LONGEST,
};
