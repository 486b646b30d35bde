//! What stands between two layers of a message.

use std::fmt;
use std::io::{self, BufRead, ErrorKind, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use pgp::composed::MessageReader;
use pgp::packet::PacketParser;
use pgp::types::Tag;

/// Bytes a parser may take from a layer before it gives some on: nobody's keys and signatures are as long, and a block of
/// bzip2 isn't. A packet that is longer is kept in memory whole by the parser, and there is no end to how long it may be,
/// or to how many small ones there are.
const ALLOWANCE: u64 = 2 << 20;

/// The same while data is decrypted: as much as 4 MiB is authenticated at once.
const ALLOWANCE_OF_DATA: u64 = 16 << 20;

/// What is wrong, in words that are ours. Those of a parser may hold what it has read, and are shown to nobody.
#[derive(Debug)]
pub(super) struct Wrong(pub String);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Wrong {}

impl Wrong {
    /// They as an error of a reader.
    pub fn error(wrong: impl Into<String>) -> io::Error {
        io::Error::new(ErrorKind::InvalidData, Self(wrong.into()))
    }

    /// The words in an error of a reader, if they are ours.
    pub fn of(error: &io::Error) -> Option<&str> {
        error.get_ref()?.downcast_ref::<Self>().map(|wrong| &*wrong.0)
    }
}

/// What a layer has seen; its reader belongs to a parser, so that it can't be asked itself.
#[derive(Debug)]
pub(super) struct Watch {
    taken: AtomicU64,
    allowed: AtomicU64,
    ended: AtomicBool,
    wrong: Mutex<Option<io::Error>>,
}

impl Watch {
    /// The layer below gave all it had, and nothing was wrong.
    pub fn ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// What the layer below said went wrong, once.
    pub fn wrong(&self) -> Option<io::Error> {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Starts the allowance again: what was taken has been given on.
    pub fn given_on(&self) {
        self.taken.store(0, Ordering::Relaxed);
    }

    /// Nothing but data is taken from it from now on.
    pub fn gives_data(&self) {
        self.allowed.store(ALLOWANCE_OF_DATA, Ordering::Relaxed);
    }

    fn keep(&self, wrong: io::Error) {
        *self.wrong.lock().unwrap_or_else(PoisonError::into_inner) = Some(wrong);
    }
}

/// Reads from one layer for the parser of the next.
///
/// Parsers take some errors for an end, and can't be read on after others. This remembers the first, and repeats
/// that there was one.
pub(super) struct Layer<R> {
    inner: R,
    watch: Arc<Watch>,
    failed: bool,
}

impl<R: BufRead> Layer<R> {
    /// The reader and what it sees.
    pub fn new(inner: R) -> (Self, Arc<Watch>) {
        let watch = Arc::new(Watch {
            taken: AtomicU64::new(0),
            allowed: AtomicU64::new(ALLOWANCE),
            ended: AtomicBool::new(false),
            wrong: Mutex::new(None),
        });
        (Self { inner, watch: Arc::clone(&watch), failed: false }, watch)
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.failed {
            return Err(io::Error::other("reading it has failed before"));
        }
        let allowed = self.watch.allowed.load(Ordering::Relaxed);
        let failed = if self.watch.taken.load(Ordering::Relaxed) > allowed {
            Wrong::error(format!("there are more than {allowed} bytes of packets in it that hold no data"))
        } else {
            match self.inner.fill_buf() {
                Ok([]) => {
                    self.watch.ended.store(true, Ordering::Relaxed);
                    return Ok(());
                }
                Ok(_) => return Ok(()),
                Err(error) => error,
            }
        };
        self.failed = true;
        self.watch.keep(failed);
        // Not the kind it had: an end that comes too early would be taken for one that is due.
        Err(io::Error::other("the layer below has failed"))
    }
}

impl<R: BufRead> BufRead for Layer<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.fill()?;
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        if !self.failed {
            self.watch.taken.fetch_add(count as u64, Ordering::Relaxed);
            self.inner.consume(count);
        }
    }
}

impl<R: BufRead> Read for Layer<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let given = self.fill_buf()?;
        let count = given.len().min(buffer.len());
        buffer[..count].copy_from_slice(&given[..count]);
        self.consume(count);
        Ok(count)
    }
}

/// Reads what follows the data of a layer: padding, and nothing else.
pub(super) fn only_padding(reader: &mut MessageReader<'_>) -> io::Result<()> {
    let mut packets = PacketParser::new(reader);
    while let Some(packet) = packets.next_ref() {
        let mut packet = packet.map_err(|_| Wrong::error("what follows its end is no packet"))?;
        match packet.packet_header().tag() {
            Tag::Padding | Tag::Marker => io::copy(&mut packet, &mut io::sink())?,
            other => {
                let wrong =
                    format!("more than one message is in it, or a packet that doesn't belong there ({other:?})");
                return Err(Wrong::error(wrong));
            }
        };
    }
    Ok(())
}

/// Parsers ask for it. Nothing of what is read is shown.
impl<R> fmt::Debug for Layer<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layer").finish_non_exhaustive()
    }
}
