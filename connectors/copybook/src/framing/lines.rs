//! Lines of text.

use super::framer::{Cut, Framer};
use super::view::{Stop, View, length};
use super::{FramingError, LineEnd, Problem};

impl LineEnd {
    /// The byte that ends a line.
    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::Lf => b'\n',
            Self::Nel => 0x15,
            Self::EbcdicLf => 0x25,
        }
    }
}

impl Framer {
    pub(super) fn cut_line<'w>(&mut self, view: &View<'w>, most: u32, end: LineEnd) -> Result<Option<Cut<'w>>, Stop> {
        let start = self.at;
        let most = most.min(self.framing.longest);
        let known_without = self.scanned.max(start.offset);
        let line_end = view.from(known_without).iter().position(|byte| *byte == end.byte());
        let Some(found) = line_end else {
            let rest = view.from(start.offset);
            // A carriage return may still turn out to be no part of the line.
            if length(rest) > u64::from(most).saturating_add(1) {
                return Err(self.too_long(rest, most, end).into());
            }
            if !view.ended {
                self.scanned = known_without.max(view.end());
                return Err(Stop::More(view.end().max(start.offset).saturating_add(1)));
            }
            if rest.is_empty() {
                return Ok(None);
            }
            self.check_line(rest, most, end)?;
            return Ok(Some(Cut::in_window(rest, start.offset, start, view.end())));
        };
        let behind = known_without.saturating_add(u64::try_from(found).unwrap_or(u64::MAX));
        let marked = view.from(start.offset);
        let whole = usize::try_from(behind.saturating_sub(start.offset)).ok().and_then(|length| marked.get(..length));
        let line = whole.unwrap_or(marked);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        self.check_line(line, most, end)?;
        Ok(Some(Cut::in_window(line, start.offset, start, behind.saturating_add(1))))
    }

    fn check_line(&self, line: &[u8], most: u32, end: LineEnd) -> Result<(), FramingError> {
        if length(line) > u64::from(most) { Err(self.too_long(line, most, end)) } else { Ok(()) }
    }

    fn too_long(&self, line: &[u8], most: u32, end: LineEnd) -> FramingError {
        let start = self.at;
        let byte = end.byte();
        let other = [LineEnd::Lf, LineEnd::Nel, LineEnd::EbcdicLf]
            .into_iter()
            .filter(|other| *other != end && line.contains(&other.byte()))
            .map(|other| format!("0x{:02X}", other.byte()))
            .next();
        let help = match other {
            Some(other) => format!("the line holds {other}: is that the line end?"),
            None => "is this text? if its records are of fixed length, see framing \"fixed\"; if lines are that long, raise \
                     \"most\""
                .into(),
        };
        FramingError::new(Problem::TooLong, start.offset, start.ordinal, line)
            .found(format!("the line at offset 0x{:X} has {} bytes or more", start.offset, line.len()))
            .expected(format!("at most {most} bytes before 0x{byte:02X}"))
            .help(help)
    }
}
