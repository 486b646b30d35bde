//! Holds back the last lines of a stream whose length isn't known.

use std::collections::VecDeque;

use memchr::memchr2_iter;

/// Where the last so many lines start, as far as the stream has been seen.
#[derive(Debug)]
pub(crate) struct Footer {
    lines: usize,
    /// Starts of the last lines, the one that isn't ended included; at most `lines + 1`.
    starts: VecDeque<u64>,
    seen: u64,
    after_return: bool,
}

impl Footer {
    /// Holds back `lines` lines of a stream that is seen from `offset`, the start of a line.
    pub fn new(lines: usize, offset: u64) -> Self {
        Self { lines, starts: VecDeque::from([offset]), seen: offset, after_return: false }
    }

    /// Takes note of the bytes that come next.
    pub fn see(&mut self, bytes: &[u8]) {
        if self.after_return && !bytes.is_empty() {
            self.after_return = false;
            let feed = u64::from(bytes[0] == b'\n');
            self.start(self.seen + feed);
        }
        for at in memchr2_iter(b'\n', b'\r', bytes) {
            let feed_of_return = bytes[at] == b'\n' && (at == 0 || bytes[at - 1] == b'\r');
            if feed_of_return && self.starts.back() == Some(&(self.seen + at as u64 + 1)) {
                continue;
            }
            match bytes.get(at + 1) {
                Some(b'\n') if bytes[at] == b'\r' => self.start(self.seen + at as u64 + 2),
                None if bytes[at] == b'\r' => self.after_return = true,
                _ => self.start(self.seen + at as u64 + 1),
            }
        }
        self.seen += bytes.len() as u64;
    }

    fn start(&mut self, offset: u64) {
        self.starts.push_back(offset);
        if self.starts.len() > self.lines + 1 {
            self.starts.pop_front();
        }
    }

    /// Where the lines that are held back start: everything before may be read.
    pub fn cut(&mut self, ended: bool) -> u64 {
        if ended {
            if self.after_return {
                self.after_return = false;
                self.start(self.seen);
            }
            // A start at the very end is no line.
            if self.starts.back() == Some(&self.seen) {
                self.starts.pop_back();
            }
            while self.starts.len() > self.lines {
                self.starts.pop_front();
            }
            return self.starts.front().copied().unwrap_or(self.seen);
        }
        self.starts.front().copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Footer;

    /// The same by looking at the whole text.
    fn cut_of_whole(text: &[u8], lines: usize) -> u64 {
        let mut starts = vec![0];
        let mut at = 0;
        while at < text.len() {
            let end = match (text[at], text.get(at + 1)) {
                (b'\r', Some(b'\n')) => Some(at + 2),
                (b'\r' | b'\n', _) => Some(at + 1),
                _ => None,
            };
            starts.extend(end);
            at = end.unwrap_or(at + 1);
        }
        starts.retain(|&start| start < text.len());
        starts.get(starts.len().saturating_sub(lines)).copied().unwrap_or(text.len()) as u64
    }

    proptest! {
        #[test]
        fn cut_is_the_start_of_the_last_lines_however_the_stream_comes(
            text in "[ab\r\n]{0,40}", lines in 1usize..4, piece in 1usize..5,
        ) {
            let mut footer = Footer::new(lines, 0);
            let whole = cut_of_whole(text.as_bytes(), lines);
            for bytes in text.as_bytes().chunks(piece) {
                footer.see(bytes);
                prop_assert!(footer.cut(false) <= whole);
            }
            prop_assert_eq!(footer.cut(true), whole);
        }
    }
}
