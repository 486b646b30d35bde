//! The file as it is stored: binary, or in ASCII armor.

use std::fmt;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use campaignd_contract::ReadSeek;
use pgp::armor::{BlockType, Dearmor, DearmorOptions};

use super::layer::Wrong;
use crate::bounds::Counted;

const BUFFER: usize = 64 << 10;

/// Bytes of the lines before an armored message, and of those around it.
const LONGEST_HEADER: usize = 64 << 10;

/// The packets of a message, and what is known of the file they are read from.
pub(super) struct Packets {
    pub reader: Box<dyn BufRead + Send>,
    /// Bytes that were read.
    pub taken: Arc<AtomicU64>,
    /// More was asked for than there is.
    pub exhausted: Arc<AtomicBool>,
}

/// The file's bytes.
struct File {
    inner: BufReader<Counted<Box<dyn ReadSeek>>>,
    exhausted: Arc<AtomicBool>,
}

impl BufRead for File {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        loop {
            match self.inner.fill_buf() {
                Ok([]) => {
                    self.exhausted.store(true, Ordering::Relaxed);
                    break;
                }
                Ok(_) => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.inner.consume(count);
    }
}

impl Read for File {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let given = self.fill_buf()?;
        let count = given.len().min(buffer.len());
        buffer[..count].copy_from_slice(&given[..count]);
        self.consume(count);
        Ok(count)
    }
}

/// Parsers ask for it. Nothing of what is read is shown.
impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").finish_non_exhaustive()
    }
}

/// Opens a message, in ASCII armor or not.
pub(super) fn packets(stored: Box<dyn ReadSeek>) -> io::Result<Packets> {
    let (counted, taken) = Counted::new(stored);
    let exhausted = Arc::new(AtomicBool::new(false));
    let inner = BufReader::with_capacity(BUFFER, counted);
    let mut file = File { inner, exhausted: Arc::clone(&exhausted) };
    let binary = match file.fill_buf()?.first() {
        None => return Err(Wrong::error("it is empty")),
        // Every packet starts with this bit, and no text does.
        Some(first) => first & 0x80 != 0,
    };
    if binary {
        return Ok(Packets { reader: Box::new(file), taken, exhausted });
    }
    let mut armor = Dearmor::with_options(file, DearmorOptions::new().set_limit(LONGEST_HEADER));
    armor.read_header().map_err(|_| Wrong::error("it starts neither with a packet nor with ASCII armor"))?;
    match armor.typ {
        Some(BlockType::Message) => {}
        Some(other) => return Err(Wrong::error(format!("it is a {other}"))),
        None => return Err(Wrong::error("its armor says nothing of what is in it")),
    }
    let reader = Box::new(BufReader::with_capacity(BUFFER, Armored(Some(armor))));
    Ok(Packets { reader, taken, exhausted })
}

/// What is in an armored message; `None` when it ended or failed, since it can't be read on then. Nothing may follow it: a second message would be left out without a word.
struct Armored(Option<Dearmor<File>>);

impl Read for Armored {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let Some(mut armor) = self.0.take() else { return Ok(0) };
        let read = armor.read(buffer)?;
        if read > 0 {
            self.0 = Some(armor);
        } else {
            only_blanks(armor.into_parts().3)?;
        }
        Ok(read)
    }
}

fn only_blanks(mut rest: impl BufRead) -> io::Result<()> {
    loop {
        let piece = rest.fill_buf()?;
        if piece.is_empty() {
            return Ok(());
        }
        if !piece.iter().all(u8::is_ascii_whitespace) {
            return Err(Wrong::error("something follows the end of its armor"));
        }
        let length = piece.len();
        rest.consume(length);
    }
}
