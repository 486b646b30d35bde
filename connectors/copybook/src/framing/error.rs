//! Errors that show the bytes they are about.

use std::fmt;

/// Bytes an error shows.
const SHOWN: usize = 16;

/// A setting that can't be: what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SettingsError(pub String);

/// Bytes that make no record, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct FramingError {
    /// What kind of thing is wrong.
    pub problem: Problem,
    /// Bytes of the file before the place.
    pub offset: u64,
    /// Records before the one it is in.
    pub ordinal: u64,
    /// Bytes at the place, at most 16.
    pub bytes: Vec<u8>,
    /// What was found, in words.
    pub found: String,
    /// What was expected there.
    pub expected: String,
    /// What it probably is and what to do.
    pub help: String,
}

/// What kind of thing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Problem {
    /// The file, or the block, ends inside a record or inside a descriptor word.
    Truncated,
    /// Bytes are left that make no whole record of fixed length.
    Leftover,
    /// A descriptor word or a length field says less than there must be.
    TooShort,
    /// A record or a line is longer than allowed, or longer than its block.
    TooLong,
    /// A descriptor word has bits set that must be zero.
    NotZero,
    /// A word that is text, not a descriptor word.
    Text,
    /// Segments of a spanned record in an order that can't be.
    SegmentOrder,
    /// A length field that holds no number.
    NoNumber,
    /// The layout says that the bytes are no record, or contradicts itself.
    Layout,
    /// The file has fewer bytes than are to be left out at its beginning and end.
    FileTooShort,
    /// The caller gave bytes from behind the place where the next record begins. This is a defect of the caller.
    WindowGap,
}

impl FramingError {
    /// An error at a place, with as many of the bytes as are shown.
    pub(super) fn new(problem: Problem, offset: u64, ordinal: u64, bytes: &[u8]) -> Self {
        let bytes = bytes.get(..SHOWN).unwrap_or(bytes).to_vec();
        Self { problem, offset, ordinal, bytes, found: String::new(), expected: String::new(), help: String::new() }
    }

    /// The same, saying what was found.
    pub(super) fn found(self, found: impl Into<String>) -> Self {
        Self { found: found.into(), ..self }
    }

    /// The same, saying what was expected.
    pub(super) fn expected(self, expected: impl Into<String>) -> Self {
        Self { expected: expected.into(), ..self }
    }

    /// The same, saying what to do.
    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self { help: help.into(), ..self }
    }
}

impl fmt::Display for FramingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.found)?;
        write!(f, " --> record {}, offset 0x{:X} ({})", self.ordinal.saturating_add(1), self.offset, self.offset)?;
        if self.bytes.is_empty() {
            write!(f, "\n  | no bytes")?;
        } else {
            let hex: Vec<String> = self.bytes.iter().map(|byte| format!("{byte:02X}")).collect();
            write!(f, "\n  | {}", hex.join(" "))?;
        }
        if !self.expected.is_empty() {
            write!(f, "\n  = expected: {}", self.expected)?;
        }
        if !self.help.is_empty() {
            write!(f, "\n  = help: {}", self.help)?;
        }
        Ok(())
    }
}
