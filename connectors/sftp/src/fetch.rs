//! One file from the server to the spool, through broken connections.
//!
//! A transfer goes on where it broke, on a new connection, as long as the file has the size and the time it had. When
//! that fails too often in a row, what is there is set aside, and the next run goes on with it.

use std::ffi::OsString;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use campaignd_contract::{Error, ErrorClass, Result, Supervision};
use campaignd_spool::{Content, Filling, GONE, Hasher, Part, Spool, text_of};
use sha2::{Digest, Sha256};
use ssh2::File;

use crate::connection::Connection;
use crate::failure::Failure;
use crate::origin::{Stamp, unreadable};
use crate::pool::Pool;

/// Bytes of a buffer. libssh2 keeps requests for four times the room it is given in flight, up to 8 MiB, so that the
/// link is the limit and not how far away the server is; given some kilobytes it waits for each of them.
const BUFFER: usize = 3 << 20;

/// Bytes after which a buffer goes on to be hashed and written. libssh2 returns what has arrived, a packet at times; to
/// wake another thread for each would cost more than the packet. What is left of the buffer keeps 8 MiB in flight.
const FULL: usize = 1 << 20;

/// Buffers of a transfer: one is filled, one hashed and written, one on its way between the two.
const BUFFERS: usize = 3;

/// What a connection must have brought for the next failure to count as the first one: less than that, and a server
/// that hangs up after every packet would be asked for ever.
const PROGRESS: u64 = 1 << 20;

/// Called by transfers with the bytes fetched so far; tests change the origin there.
pub(crate) type OnChunk = Arc<dyn Fn(u64) + Send + Sync>;

/// A file to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) name: OsString,
    pub(crate) path: PathBuf,
    /// The state it is in.
    pub(crate) stamp: Stamp,
}

/// How fetching ended.
pub(crate) enum Fetched {
    /// All of it is in a part that is durable.
    Whole(Content, Part),
    /// It went away or isn't what it was; the text says what happened.
    Lost(String),
}

/// Why a connection brought no more.
enum Stopped {
    /// It had been used before, and the server had closed it meanwhile.
    Stale,
    Broken(String),
    Lost(String),
    Failed(Error),
}

/// What fetching needs besides the file.
pub(crate) struct Fetcher<'f> {
    pub(crate) pool: &'f Pool,
    pub(crate) spool: &'f Spool,
    pub(crate) supervision: &'f Supervision,
    pub(crate) on_chunk: Option<OnChunk>,
}

impl Fetcher<'_> {
    /// Fetches a file. Called where waiting does no harm.
    pub(crate) fn fetch(&self, job: &Job) -> Result<Fetched> {
        let name = text_of(&job.name);
        let not_written = |error: &std::io::Error| self.spool.not_written(&name, error);
        let key = self.key(job);
        let mut filling = match self.spool.take_aside(&key).map_err(|error| not_written(&error))? {
            Some(filling) if filling.bytes() <= job.stamp.bytes => filling,
            _ => self.spool.begin().map_err(|error| not_written(&error))?,
        };
        let mut failed = 0;
        loop {
            let before = filling.bytes();
            let wrong = match self.go_on(job, &mut filling) {
                Ok(()) => {
                    let (content, part) = filling.finish().map_err(|error| not_written(&error))?;
                    return Ok(Fetched::Whole(content, part));
                }
                Err(Stopped::Stale) => continue,
                Err(Stopped::Lost(why)) => return Ok(Fetched::Lost(why)),
                Err(Stopped::Failed(error)) if error.class() != ErrorClass::Transient => return Err(error),
                Err(Stopped::Failed(error)) => error.to_string(),
                Err(Stopped::Broken(wrong)) => wrong,
            };
            failed = if filling.bytes() - before >= PROGRESS { 1 } else { failed + 1 };
            let shown = self.pool.server.shown(&job.path);
            let given_up = match self.supervision.go_on("fetch", &shown) {
                Err(stopped) => Some(stopped),
                Ok(()) if failed < self.pool.patience.tries => self.pool.pause(failed).err(),
                Ok(()) => None,
            };
            if given_up.is_some() || failed >= self.pool.patience.tries {
                let bytes = filling.bytes();
                if bytes >= PROGRESS {
                    self.spool.set_aside(filling, &key).map_err(|error| not_written(&error))?;
                }
                let wrong = format!("{wrong} (after {bytes} of {} bytes, tried {failed} times)", job.stamp.bytes);
                let error = Failure::Broken(wrong).into_error("fetch", shown);
                return Err(given_up.unwrap_or(error));
            }
        }
    }

    /// What tells a state of a file on a server from all others.
    fn key(&self, job: &Job) -> String {
        let mut hasher = Hasher::default();
        for piece in [self.pool.server.identity().as_bytes(), job.path.as_os_str().as_encoded_bytes()] {
            hasher.update(&Sha256::digest(piece));
        }
        hasher.update(&job.stamp.bytes.to_be_bytes());
        hasher.update(&job.stamp.modified.to_be_bytes());
        hasher.finish().sha256().to_owned()
    }

    /// Fetches what is missing, on one connection.
    fn go_on(&self, job: &Job, filling: &mut Filling) -> Result<(), Stopped> {
        let connection = self.pool.take().map_err(Stopped::Failed)?;
        let mut file = match open(&connection, job) {
            Err(Stopped::Broken(_)) if connection.used_before => return Err(Stopped::Stale),
            opened => opened?,
        };
        let read = self.read_on(&mut file, job, filling);
        if matches!(read, Err(Stopped::Broken(_))) {
            // Else closing the file would wait for the server to answer.
            connection.hang_up();
        }
        // The file is closed before somebody else gets the connection.
        drop(file);
        if read.is_ok() {
            connection.give_back();
        }
        read
    }

    /// Reads what is missing of an open file, and sees that it is still in the state it was in.
    fn read_on(&self, file: &mut File, job: &Job, filling: &mut Filling) -> Result<(), Stopped> {
        let from = filling.bytes();
        file.seek(SeekFrom::Start(from)).map_err(|error| Stopped::Broken(error.to_string()))?;
        self.pump(file, job, filling)?;
        same(file, job)?;
        let whole = filling.bytes() == job.stamp.bytes;
        if whole {
            Ok(())
        } else {
            Err(Stopped::Lost(format!("{} bytes were read of {}", filling.bytes(), job.stamp.bytes)))
        }
    }

    /// Reads to the end of the file, or a little beyond the end that it had, while another thread hashes and writes.
    fn pump(&self, file: &mut File, job: &Job, filling: &mut Filling) -> Result<(), Stopped> {
        let most = job.stamp.bytes;
        let mut at = filling.bytes();
        let (full, filled) = sync_channel::<(Vec<u8>, usize)>(BUFFERS);
        let (empty, emptied) = sync_channel::<Vec<u8>>(BUFFERS);
        let size = usize::try_from(most - at).unwrap_or(BUFFER).clamp(1 << 12, BUFFER);
        for _ in 0..BUFFERS {
            // There is room for all of them.
            let _ = empty.send(vec![0; size]);
        }
        std::thread::scope(|scope| {
            let writer = scope.spawn(move || {
                for (buffer, read) in filled {
                    filling.write(&buffer[..read])?;
                    // The reader may be done and gone.
                    let _ = empty.send(buffer);
                }
                Ok(())
            });
            let mut wrong = None;
            // Ends without a buffer where the writer has given up; what it says comes first then.
            while let Ok(mut buffer) = emptied.recv() {
                let (read, mut ended) = fill(file, &mut buffer, at, most - at);
                at += read as u64;
                self.supervision.received(read as u64);
                if self.supervision.is_asked_to_stop() && matches!(ended, Ok(false)) {
                    ended = Err(std::io::Error::from(std::io::ErrorKind::Interrupted));
                }
                if let Some(on_chunk) = &self.on_chunk {
                    on_chunk(at);
                }
                let handed_over = full.send((buffer, read)).is_ok();
                match ended {
                    Ok(false) if handed_over => {}
                    Ok(_) => break,
                    Err(error) => {
                        wrong = Some(error.to_string());
                        break;
                    }
                }
            }
            drop(full);
            let written: std::io::Result<()> =
                writer.join().unwrap_or_else(|_| Err(std::io::Error::other("the thread that writes has panicked")));
            match (written, wrong) {
                (Err(error), _) => Err(Stopped::Failed(self.spool.not_written(&text_of(&job.name), &error))),
                (Ok(()), Some(wrong)) => Err(Stopped::Broken(wrong)),
                (Ok(()), None) => Ok(()),
            }
        })
    }
}

/// Reads on from the byte `from` until a buffer holds enough or the file ends, or goes on beyond the `left` bytes that it
/// had. Returns the bytes read, and whether that was all or why there are no more.
fn fill(file: &mut File, buffer: &mut [u8], from: u64, left: u64) -> (usize, std::io::Result<bool>) {
    let mut at = 0;
    while at < FULL && at < buffer.len() {
        match file.read(&mut buffer[at..]) {
            Ok(0) => return (at, Ok(true)),
            Ok(read) => at += read,
            // libssh2 had put into the buffer what came before the connection broke, and doesn't say so; its position
            // does. It is whole packets, whose authenticity was checked.
            Err(error) => {
                let position = file.stream_position().ok().and_then(|position| position.checked_sub(from));
                let there = position.and_then(|there| usize::try_from(there).ok()).unwrap_or(at);
                return (there.clamp(at, buffer.len()), Err(error));
            }
        }
        if at as u64 > left {
            return (at, Ok(true));
        }
    }
    (at, Ok(false))
}

/// Opens the file, if it is still in the state it was in.
fn open(connection: &Connection, job: &Job) -> Result<File, Stopped> {
    let mut file = connection.open(&job.path).map_err(|failure| match failure {
        Failure::Missing => Stopped::Lost(GONE.to_owned()),
        Failure::Broken(wrong) => Stopped::Broken(wrong),
        failure => Stopped::Lost(unreadable(&failure)),
    })?;
    same(&mut file, job)?;
    Ok(file)
}

/// Whether the open file is in the state it was in.
fn same(file: &mut File, job: &Job) -> Result<(), Stopped> {
    let stat = file.stat().map_err(|error| match Failure::from(error) {
        Failure::Broken(wrong) => Stopped::Broken(wrong),
        failure => Stopped::Lost(failure.wrong()),
    })?;
    match Stamp::of(&stat) {
        Ok(stamp) => job.stamp.difference(stamp).map_or(Ok(()), |difference| Err(Stopped::Lost(difference))),
        Err(what) => Err(Stopped::Lost(format!("it was replaced by {what}"))),
    }
}
