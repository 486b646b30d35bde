//! From a file's bytes to records: fixed, variable, blocked, spanned, text.
//!
//! [`Framing`] is how records are marked off, [`Framer`] cuts them off, and [`FramingError`] shows the bytes that make
//! none. Where it isn't known how records are marked off, [`diagnose`] ranks what would fit, and [`hexdump`] shows the
//! bytes. What is right is what *z/OS DFSMS Using Data Sets* says of record formats.
//!
//! ```
//! use campaignd_copybook::framing::{Framer, Framing, Step};
//!
//! let file = b"\x00\x07\x00\x00abc\x00\x05\x00\x00d";
//! let mut framer = Framer::new(Framing::z_os_variable())?;
//! let mut records = Vec::new();
//! // Bytes of the file from..until are in memory; nothing else is.
//! let (mut from, mut until) = (0, 0);
//! loop {
//!     match framer.next(&file[from..until], from as u64, until == file.len())? {
//!         Step::Record(record) => records.push(record.bytes.to_vec()),
//!         Step::More { from: needed, until: wanted } => {
//!             from = needed as usize;
//!             until = file.len().min(wanted as usize);
//!         }
//!         Step::End => break,
//!     }
//! }
//! assert_eq!(records, [b"abc".as_slice(), b"d"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
