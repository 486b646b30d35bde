//! Code pages: which character a byte stands for.
//!
//! EBCDIC is not one code but dozens: letters without accents, digits and some punctuation stand at the same bytes in
//! each, but `!`, `[`, `{`, `$`, `#`, `@` and every accented letter don't. Nothing in a file says which page it is in,
//! so whoever describes the file has to. Here are the single-byte pages of Europe, the Americas, the Near East and
//! Thailand, from tables that a generator takes from three independent sources (`tables/generate`), and three more:
//! `common` for files whose page nobody knows, `ascii` and `latin1` for files that a transfer has already converted.

mod page;
mod tables;
#[cfg(test)]
mod tests;

pub use page::CodePage;
