//! A decrypted content in which one can go back, for an archive whose directory stands at its end.
//!
//! What is encrypted can only be read forward: going back decrypts it again from its start. The end is kept in memory, since
//! the directory is there; what is left to go back to is the entry.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use campaignd_contract::{Error, ReadSeek, Result};

use super::{Plaintext, Session, refused};
use crate::content::contract_error;
use crate::settings::Archive;

/// Bytes at the end that are kept: more than the directory of the most entries that there may be.
const KEPT: usize = 1 << 20;

/// How often it is decrypted again at most: an archive can be made in which every look goes further back.
const MOST_OPENED: usize = 8;

/// The stored bytes, to be read again by each decryption.
#[derive(Clone)]
struct Stored(Arc<Mutex<Box<dyn ReadSeek>>>);

impl Read for Stored {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).read(buffer)
    }
}

impl Seek for Stored {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).seek(to)
    }
}

/// A content in which one can go back.
pub(crate) struct Seekable {
    stored: Stored,
    session: Session,
    name: String,
    archive: Archive,
    /// What was opened last, and how much of it was read.
    opened: Option<(Plaintext, u64)>,
    times_opened: usize,
    /// Where the next byte is to come from.
    at: u64,
    length: u64,
    /// The last bytes.
    end: Vec<u8>,
}

impl Seekable {
    /// The content of a message; all of it is read for its end.
    pub fn new(session: Session, stored: Box<dyn ReadSeek>, name: &str, archive: &Archive) -> Result<Self> {
        let stored = Stored(Arc::new(Mutex::new(stored)));
        let mut whole = session.open(Box::new(stored.clone()), name, archive)?;
        let (mut end, mut length, mut piece) = (Vec::new(), 0, vec![0; 64 << 10]);
        loop {
            let read = whole.read(&mut piece).map_err(|e| contract_error(e, name))?;
            if read == 0 {
                break;
            }
            length += read as u64;
            end.extend_from_slice(&piece[..read]);
            if end.len() > 2 * KEPT {
                end.drain(..end.len() - KEPT);
            }
        }
        let (name, archive) = (name.to_owned(), archive.clone());
        Ok(Self { stored, session, name, archive, opened: None, times_opened: 0, at: 0, length, end })
    }

    /// Reads on, from the start again if the next byte was passed.
    fn read_opened(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (mut plaintext, mut passed) = match self.opened.take() {
            Some((plaintext, passed)) if passed <= self.at => (plaintext, passed),
            _ => (self.open_again()?, 0),
        };
        passed += io::copy(&mut plaintext.by_ref().take(self.at - passed), &mut io::sink())?;
        let read = plaintext.read(buffer)?;
        self.at += read as u64;
        self.opened = Some((plaintext, passed + read as u64));
        Ok(read)
    }

    fn open_again(&mut self) -> io::Result<Plaintext> {
        self.times_opened += 1;
        if self.times_opened > MOST_OPENED {
            let wrong = format!("its entries are in such an order that it would be decrypted {MOST_OPENED} times");
            return Err(refused(Error::permanent("read the archive", &self.name, wrong).next("have it made anew")));
        }
        self.stored.seek(SeekFrom::Start(0))?;
        self.session.open(Box::new(self.stored.clone()), &self.name, &self.archive).map_err(refused)
    }
}

impl Read for Seekable {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.length.saturating_sub(self.at);
        let kept = self.end.len() as u64;
        if left > kept && !buffer.is_empty() {
            return self.read_opened(buffer);
        }
        let start = usize::try_from(kept - left).unwrap_or(self.end.len());
        let given = &self.end[start..];
        let count = given.len().min(buffer.len());
        buffer[..count].copy_from_slice(&given[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Seekable {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "there is nothing before its start"))?;
        Ok(self.at)
    }
}
