//! A piece of the content in memory, moving forwards.

use std::io::{ErrorKind, Read};

use campaignd_contract::{Error, FilePosition, Result};

use crate::content::contract_error;
use crate::footer::Footer;
use crate::line_ends;

/// Bytes asked of the source at once, and at first.
const CHUNK: usize = 256 << 10;
const FIRST_CHUNK: usize = 8 << 10;

/// The bytes from the oldest that is still needed to the newest that was read.
pub(crate) struct Window {
    source: Box<dyn Read + Send>,
    name: String,
    data: Vec<u8>,
    /// Offset in the content of `data[0]`.
    base: u64,
    /// Everything before this index may be forgotten.
    kept: usize,
    /// The next byte to look at.
    at: usize,
    /// End of what may be looked at: `filled`, less the lines held back.
    end: usize,
    filled: usize,
    lines: u64,
    after_return: bool,
    ended: bool,
    footer: Option<Footer>,
    footer_most: usize,
}

impl Window {
    /// Reads `source`, which stands at `from` and is called `name` in messages.
    pub fn new(source: Box<dyn Read + Send>, name: &str, from: FilePosition) -> Self {
        Self {
            source,
            name: name.to_owned(),
            data: Vec::new(),
            base: from.offset,
            kept: 0,
            at: 0,
            end: 0,
            filled: 0,
            lines: from.line,
            after_return: false,
            ended: false,
            footer: None,
            footer_most: 0,
        }
    }

    /// Holds back the last `lines` lines: they are never seen. They may be `most` bytes together.
    pub fn hold_back(&mut self, lines: usize, most: usize) {
        if lines > 0 {
            self.footer = Some(Footer::new(lines, self.base));
            self.footer_most = most;
        }
    }

    /// What is in memory and wasn't passed yet.
    pub fn rest(&self) -> &[u8] {
        &self.data[self.at..self.end]
    }

    /// Offset in the content of the first byte of [`Window::rest`].
    pub fn offset(&self) -> u64 {
        self.base + self.at as u64
    }

    /// Line ends passed so far.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Whether everything there is was brought into [`Window::rest`].
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// The unit's name, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Brings more bytes into [`Window::rest`]; `false` if there are none.
    pub fn fill(&mut self) -> Result<bool> {
        let seen = self.base + self.end as u64;
        while !self.ended && self.base + self.end as u64 == seen {
            self.make_room();
            let read = match self.source.read(&mut self.data[self.filled..]) {
                Ok(read) => read,
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                Err(e) => return Err(contract_error(e, &self.name)),
            };
            self.ended = read == 0;
            self.filled += read;
            self.end = self.visible(read)?;
        }
        Ok(self.base + self.end as u64 > seen)
    }

    /// Where the bytes end that may be looked at, `read` new ones being there.
    fn visible(&mut self, read: usize) -> Result<usize> {
        let Some(footer) = &mut self.footer else { return Ok(self.filled) };
        footer.see(&self.data[self.filled - read..self.filled]);
        let cut = footer.cut(self.ended);
        if self.ended && cut < self.base + self.end as u64 {
            let wrong = format!("its footer lines are longer than {} bytes", self.footer_most);
            return Err(Error::permanent("leave out the footer of", &self.name, wrong)
                .next("correct `skip_footer_lines` in [format]"));
        }
        let cut = usize::try_from(cut.saturating_sub(self.base)).unwrap_or(usize::MAX);
        // A line that is longer than a row may be is let through: it is a row that will be rejected.
        Ok(cut.max(self.filled.saturating_sub(self.footer_most)).max(self.end))
    }

    fn make_room(&mut self) {
        let wanted = (self.data.len() / 2).clamp(FIRST_CHUNK, CHUNK / 2);
        if self.data.len() - self.filled >= wanted {
            return;
        }
        if self.kept * 2 >= self.filled {
            self.data.copy_within(self.kept..self.filled, 0);
            self.base += self.kept as u64;
            self.at -= self.kept;
            self.end -= self.kept;
            self.filled -= self.kept;
            self.kept = 0;
        }
        if self.data.len() - self.filled < wanted {
            let more = self.data.len().max(wanted).min(self.data.len() / 2 + CHUNK);
            self.data.resize(self.data.len() + more, 0);
        }
    }

    /// Passes `count` bytes of [`Window::rest`], with `lines` line ends in them.
    pub fn advance(&mut self, count: usize, lines: u64) {
        self.at += count;
        self.lines += lines;
        self.after_return = false;
    }

    /// Passes `count` bytes of [`Window::rest`] and counts the line ends in them, also one that comes in two parts.
    pub fn pass(&mut self, count: usize) {
        let passed = &self.data[self.at..self.at + count];
        let Some(last) = passed.last() else { return };
        let second_half = self.after_return && passed[0] == b'\n';
        self.lines += line_ends::count(passed) - u64::from(second_half);
        self.after_return = *last == b'\r';
        self.at += count;
    }

    /// Forgets what was passed; from here on it is kept.
    pub fn keep_from_here(&mut self) {
        self.kept = self.at;
    }

    /// Bytes passed since [`Window::keep_from_here`].
    pub fn kept(&self) -> &[u8] {
        &self.data[self.kept..self.at]
    }
}
