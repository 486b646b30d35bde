//! Holds what comes out of a compressed file to its bounds, and says of every failure where it happened.

use std::io::{self, ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use campaignd_contract::Error;

use crate::content::is_contract_error;
use crate::settings::Archive;

/// Below so many bytes the ratio isn't looked at: a small file of equal rows compresses well, and harms nobody.
const RATIO_FROM: u64 = 16 << 20;

/// Counts the bytes that are taken from it.
pub(crate) struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Counted<R> {
    /// The reader and where its count can be read.
    pub fn new(inner: R) -> (Self, Arc<AtomicU64>) {
        let count = Arc::new(AtomicU64::new(0));
        (Self { inner, count: Arc::clone(&count) }, count)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// What a decompressor gives, within bounds.
pub(crate) struct Bounded<R> {
    inner: R,
    name: String,
    kind: &'static str,
    taken: Arc<AtomicU64>,
    given: u64,
    max_ratio: u64,
    max_bytes: u64,
}

impl<R: Read> Bounded<R> {
    /// `taken` counts the compressed bytes; `kind` names the compression in messages.
    pub fn new(inner: R, name: &str, kind: &'static str, taken: Arc<AtomicU64>, archive: &Archive) -> Self {
        let (max_ratio, max_bytes) = (archive.max_ratio, archive.max_bytes);
        Self { inner, name: name.to_owned(), kind, taken, given: 0, max_ratio, max_bytes }
    }

    fn beyond(&self) -> Option<Error> {
        let taken = self.taken.load(Ordering::Relaxed).max(1);
        let (wrong, setting) = if self.given > self.max_bytes {
            (format!("more than {} bytes come out of it", self.max_bytes), "max_bytes")
        } else if self.given >= RATIO_FROM && self.given / taken > self.max_ratio {
            (format!("{} bytes come out of {taken}, more than {} for one", self.given, self.max_ratio), "max_ratio")
        } else {
            return None;
        };
        let next = format!("if the file is what it should be, raise `{setting}` in [format.archive]");
        Some(Error::permanent("decompress", &self.name, wrong).next(next))
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.inner.read(buffer) {
            Ok(read) => {
                self.given += read as u64;
                self.beyond().map_or(Ok(read), |error| Err(io::Error::other(error)))
            }
            Err(error) => Err(located(error, &self.name, self.kind, self.given)),
        }
    }
}

/// The error with the place in the content where it happened; one of the device stays what it is.
fn located(error: io::Error, name: &str, kind: &str, given: u64) -> io::Error {
    // What is wrong further down, such as in the encryption around it, was said there.
    if is_contract_error(&error) {
        return error;
    }
    let wrong = match error.kind() {
        ErrorKind::UnexpectedEof => {
            format!("the {kind} stream stops in the middle, after byte {given} of its content")
        }
        ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::Other => {
            format!("the {kind} stream is damaged after byte {given} of its content: {error}")
        }
        _ => return error,
    };
    let next = "the file was cut or damaged on its way: have it sent again";
    io::Error::new(error.kind(), Error::permanent("decompress", name, wrong).next(next))
}
