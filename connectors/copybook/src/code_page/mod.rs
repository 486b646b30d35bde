//! Code pages: which character a byte stands for.
//!
//! EBCDIC is not one code but dozens: letters without accents, digits and some punctuation stand at the same bytes in
//! each, but `!`, `[`, `{`, `$`, `#`, `@` and every accented letter don't. Nothing in a file says which page it is in,
//! so whoever describes the file has to. Here are the single-byte pages of Europe, the Americas, the Near East and
//! Thailand, from tables that a generator takes from three independent sources (`tables/generate`), and three more:
//! `common` for files whose page nobody knows, `ascii` and `latin1` for files that a transfer has already converted.
//!
//! The pages of Japan, Korea and China are mixed: a single-byte page and a set of double-byte characters, with shifts
//! between them (see [`Undecodable`] for what can be wrong there). The same page serves fields of double-byte characters
//! alone, which have no shifts.

mod double_bytes;
mod mixed;
mod page;
mod tables;
#[cfg(test)]
mod tests;

pub use double_bytes::WIDE_BLANK;
pub use mixed::Undecodable;
pub use page::CodePage;
