//! How far a unit has been read, as the checkpoint stores it.

use std::fmt;

/// A position inside a unit: text that only its source or format understands, compared for equality by the
/// checkpoint's compare-and-set and never ordered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Position(String);

impl Position {
    /// A position from its text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The position formats use: everything before it has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FilePosition {
    /// Bytes from the start of the (decompressed) content.
    pub offset: u64,
    /// Rows before it, undecodable ones included; the next row has this ordinal.
    pub row: u64,
    /// Lines before it; the next row starts on line `line + 1`.
    pub line: u64,
}

impl FilePosition {
    /// The text form, `offset=1045;row=17;line=19`.
    pub fn to_position(self) -> Position {
        Position(format!("offset={};row={};line={}", self.offset, self.row, self.line))
    }

    /// Reads the text form back; `None` where it isn't one.
    pub fn from_position(position: &Position) -> Option<Self> {
        let mut parts = position.0.split(';');
        let mut number = |name: &str| parts.next()?.strip_prefix(name)?.strip_prefix('=')?.parse().ok();
        let parsed = Self { offset: number("offset")?, row: number("row")?, line: number("line")? };
        parts.next().is_none().then_some(parsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_reads_back() {
        let at = FilePosition { offset: 1045, row: 17, line: 19 };
        assert_eq!(at.to_position().as_str(), "offset=1045;row=17;line=19");
        assert_eq!(FilePosition::from_position(&at.to_position()), Some(at));
        for wrong in ["", "offset=1;row=2", "offset=1;row=2;line=x", "offset=1;row=2;line=3;", "row=1;offset=2;line=3"]
        {
            assert_eq!(FilePosition::from_position(&Position::new(wrong)), None, "{wrong}");
        }
    }
}
