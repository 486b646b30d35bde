//! Errors that show the line they are about.

use std::fmt;

/// Where a word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// Which text: 0 is the copybook, others are those it copies, in the order they are first copied.
    pub text: u16,
    /// Line, the first being 1.
    pub line: u32,
    /// Column as an editor counts it: characters of the line as it was given, the first being 1.
    pub column: u32,
}

/// What is wrong with a copybook, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct CopybookError {
    /// Name of the text it is in.
    pub name: String,
    /// Where in that text.
    pub place: Place,
    /// The line, as it was given.
    pub line_text: String,
    /// Characters the caret stands under; at least 1.
    pub width: u32,
    /// What is wrong, in words.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl fmt::Display for CopybookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.place.line.to_string();
        let margin = " ".repeat(number.len());
        let shown: String = self.line_text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let before = " ".repeat(self.place.column.saturating_sub(1) as usize);
        let carets = "^".repeat(self.width.max(1) as usize);
        writeln!(f, "{}", self.message)?;
        writeln!(f, "{margin}--> {}:{}:{}", self.name, self.place.line, self.place.column)?;
        writeln!(f, "{margin} |")?;
        writeln!(f, "{number} | {shown}")?;
        write!(f, "{margin} | {before}{carets}")?;
        if !self.help.is_empty() {
            write!(f, "\n{margin} = help: {}", self.help)?;
        }
        Ok(())
    }
}
