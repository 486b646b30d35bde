//! Spanned records put together: each behind four bytes that say how long it is, so that rows are found in the stream as
//! in any other. Offsets are those of this stream.

use std::io::{self, Read};

use campaignd_contract::Result;
use campaignd_copybook::framing::{Framer, Framing, LengthField, LengthNumber, RecordFormat, Step};

use super::rows::failed;
use super::settings::CopybookSettings;

/// Bytes read of the file at once.
const CHUNK: usize = 256 << 10;

/// Bytes before each record.
const MARK: u32 = 4;

/// How the records of the stream are marked off. `longest` is that of the records themselves.
pub(super) fn framing(longest: u32, settings: &CopybookSettings) -> Framing {
    let length = LengthField { offset: 0, length: MARK, number: LengthNumber::BinaryBig, adjust: 4 };
    let records = RecordFormat::LengthField(length);
    Framing {
        record_skip_start: MARK.saturating_add(settings.record_skip_start),
        record_skip_end: settings.record_skip_end,
        longest: longest.saturating_add(MARK),
        ..Framing::new(records)
    }
}

/// The stream.
pub(super) struct Unspanned {
    source: Box<dyn Read + Send>,
    name: String,
    framer: Framer,
    /// Room for bytes of the file, how many are in it, how many of those were passed, and where the next one stands.
    window: Vec<u8>,
    filled: usize,
    passed: usize,
    offset: u64,
    ended: bool,
    /// A record with its mark, and how much of it was given out.
    record: Vec<u8>,
    given: usize,
}

impl Unspanned {
    /// The records that `framer` finds in `source`, read from its start.
    pub fn new(source: Box<dyn Read + Send>, name: &str, framer: Framer) -> Self {
        Self {
            source,
            name: name.to_owned(),
            framer,
            window: Vec::new(),
            filled: 0,
            passed: 0,
            offset: 0,
            ended: false,
            record: Vec::new(),
            given: 0,
        }
    }

    /// Puts the next record together; `false` if there is none.
    fn next(&mut self) -> io::Result<bool> {
        loop {
            match self.framer.next(&self.window[self.passed..self.filled], self.offset, self.ended) {
                Err(wrong) => return Err(io::Error::other(failed(&self.name, &wrong))),
                Ok(Step::End) => return Ok(false),
                Ok(Step::Record(record)) => {
                    let length = u32::try_from(record.bytes.len()).map_err(io::Error::other)?;
                    self.record.clear();
                    self.record.extend_from_slice(&length.to_be_bytes());
                    self.record.extend_from_slice(record.bytes);
                    self.given = 0;
                    let next = record.next.offset;
                    let passed = usize::try_from(next - self.offset).unwrap_or(usize::MAX);
                    self.passed = self.passed.saturating_add(passed).min(self.filled);
                    self.offset = next;
                    return Ok(true);
                }
                Ok(Step::More { .. }) => {
                    self.window.copy_within(self.passed..self.filled, 0);
                    self.filled -= self.passed;
                    self.passed = 0;
                    // Room is made, and zeroed, only where a record needs more than there was, not for each read: a
                    // source may give a few bytes at a time.
                    if self.window.len() - self.filled < CHUNK / 2 {
                        self.window.resize(self.filled + CHUNK, 0);
                    }
                    match self.source.read(&mut self.window[self.filled..]) {
                        Ok(read) => {
                            self.filled += read;
                            self.ended = read == 0;
                        }
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        Err(error) => return Err(error),
                    }
                }
            }
        }
    }
}

impl Read for Unspanned {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.record.len() && !self.next()? {
            return Ok(0);
        }
        let rest = &self.record[self.given..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}

/// Passes bytes of the stream that were read before.
pub(super) fn pass(stream: &mut dyn Read, bytes: u64, name: &str) -> Result<()> {
    let passed = io::copy(&mut stream.take(bytes), &mut io::sink())
        .map_err(|error| crate::content::contract_error(error, name))?;
    if passed == bytes { Ok(()) } else { Err(crate::content::behind_end(name, bytes)) }
}
