//! The copies that are parsed: `<spool>/<pipeline>/<sha256>-<bytes>`, written under a name that ends in `.part` first.
//!
//! A part is locked by the process that writes it, so one that can be locked was left by a process that died. A named
//! copy is durable and whole. It outlives a crash, so that the file needn't be copied twice, and is removed on release.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use campaignd_contract::failpoint::failpoint;
use campaignd_contract::{ByteSource, Error, ReadSeek, Result};
use sha2::{Digest, Sha256};
use tempfile::{Builder, NamedTempFile};

const PART: &str = ".part";

/// Bytes moved at a time: large enough that system calls don't count, small enough to stay in the cache.
const CHUNK: usize = 1 << 20;

/// A named copy this old belongs to a run that was given up: its file went away before it could be finished.
const ABANDONED: Duration = Duration::from_hours(7 * 24);

/// What a content is: its hash and its length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Content {
    sha256: String,
    pub(crate) bytes: u64,
}

impl Content {
    /// The identity of a unit: `sha256:<64 hex digits>:<bytes>`.
    pub(crate) fn unit_id(&self) -> String {
        format!("sha256:{}:{}", self.sha256, self.bytes)
    }

    /// Reads a unit's identity back; `None` where it is none of a file.
    pub(crate) fn from_unit_id(id: &str) -> Option<Self> {
        let (sha256, bytes) = id.strip_prefix("sha256:")?.split_once(':')?;
        let hex = sha256.len() == 64 && sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        hex.then_some(())?;
        Some(Self { sha256: sha256.to_owned(), bytes: bytes.parse().ok()? })
    }

    /// The first digits of the hash.
    pub(crate) fn short(&self) -> &str {
        &self.sha256[..12]
    }

    /// The hash in full.
    pub(crate) fn sha256(&self) -> &str {
        &self.sha256
    }

    fn spool_name(&self) -> String {
        format!("{}-{}", self.sha256, self.bytes)
    }
}

/// Called after each chunk with the bytes moved so far.
pub(crate) type Watch<'a> = &'a mut dyn FnMut(u64);

/// Reads `from` to its end, writes it to `to` where given, and says what it is.
pub(crate) fn hash(mut from: &File, mut to: Option<&mut dyn Write>, watch: Watch) -> Result<Content, Stopped> {
    let mut buffer = vec![0; CHUNK];
    let mut sha256 = Sha256::new();
    let mut bytes = 0;
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Stopped::Reading(error)),
        };
        let chunk = &buffer[..read];
        sha256.update(chunk);
        if let Some(to) = &mut to {
            to.write_all(chunk).map_err(Stopped::Writing)?;
        }
        bytes += read as u64;
        watch(bytes);
    }
    Ok(Content { sha256: hexadecimal(&sha256.finalize()), bytes })
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Which side failed.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// The file that is read.
    Reading(io::Error),
    /// The copy.
    Writing(io::Error),
}

impl Stopped {
    pub(crate) fn into_error(self) -> io::Error {
        match self {
            Self::Reading(error) | Self::Writing(error) => error,
        }
    }
}

/// Makes the file that a part is written to; tests put a full disk here.
pub(crate) type CreatePart = fn(&Path) -> io::Result<File>;

/// The spool of one pipeline.
#[derive(Debug)]
pub(crate) struct Spool {
    directory: PathBuf,
    pub(crate) create_part: CreatePart,
}

/// A part that is whole and durable and has no name yet; dropping it removes it.
pub(crate) struct Part {
    file: NamedTempFile<File>,
}

/// What [`Spool::copy`] made.
pub(crate) enum Copied {
    /// A new copy.
    New(Content, Part),
    /// The content is in the spool already.
    There(Content),
}

impl Spool {
    pub(crate) fn new(directory: PathBuf) -> Self {
        Self { directory, create_part }
    }

    /// Makes the directory, and removes what dead processes and abandoned runs left in it.
    pub(crate) fn prepare(&self, now: SystemTime) -> Result<()> {
        let shown = self.directory.display();
        std::fs::create_dir_all(&self.directory).map_err(|error| {
            Error::io("make the spool directory", shown.to_string(), &error)
                .next("correct `state_directory`, or give the user that runs this the right to write there")
        })?;
        let entries = std::fs::read_dir(&self.directory)
            .and_then(Iterator::collect::<io::Result<Vec<_>>>)
            .map_err(|error| Error::io("list the spool directory", shown.to_string(), &error))?;
        for entry in entries {
            remove_left_over(&entry.path(), now)?;
        }
        Ok(())
    }

    /// Copies `origin` from its start. Where a copy of the same length is there, it is hashed first, and copied only if
    /// it turns out to be something else.
    pub(crate) fn copy(&self, origin: &File, name: &str, bytes: u64, watch: Watch) -> Result<Copied> {
        let reading = |error: &io::Error| {
            Error::io("read", name, error).next("see to the disk or the rights of the file, then run again")
        };
        if self.holds_length(bytes)? {
            let content = hash(origin, None, watch).map_err(|stopped| reading(&stopped.into_error()))?;
            if self.find(&content)?.is_some() {
                return Ok(Copied::There(content));
            }
            (&*origin).seek(SeekFrom::Start(0)).map_err(|error| reading(&error))?;
        }
        let writing = |error: &io::Error| {
            Error::io("spool", name, error).next(format!("make room in {}, then run again", self.directory.display()))
        };
        let mut part = self.new_part().map_err(|error| writing(&error))?;
        let content = fill(origin, part.as_file_mut(), watch).map_err(|stopped| match stopped {
            Stopped::Reading(error) => reading(&error),
            Stopped::Writing(error) => writing(&error),
        })?;
        part.as_file().sync_all().map_err(|error| writing(&error))?;
        failpoint("file-spooled");
        Ok(Copied::New(content, Part { file: part }))
    }

    /// Gives a part its name.
    pub(crate) fn keep(&self, part: Part, content: &Content) -> Result<()> {
        let path = self.directory.join(content.spool_name());
        let named = part.file.persist(&path).map_err(|failed| failed.error);
        named
            .and_then(|_| sync_directory(&self.directory))
            .map_err(|error| Error::io("name the spool copy", path.display().to_string(), &error).next("run again"))?;
        failpoint("file-spool-named");
        Ok(())
    }

    /// The copy of a content, called `name` in messages.
    pub(crate) fn open(&self, content: &Content, name: &str) -> Result<SpooledBytes> {
        match self.find(content)? {
            Some(file) => Ok(SpooledBytes { file: Arc::new(file), length: content.bytes, name: name.to_owned() }),
            None => Err(Error::permanent("open the spool copy of", name, "it is gone").next("run again")),
        }
    }

    /// Removes the copy of a content, if there is one.
    pub(crate) fn remove(&self, content: &Content) -> Result<()> {
        remove(&self.directory.join(content.spool_name()))
    }

    fn find(&self, content: &Content) -> Result<Option<File>> {
        let path = self.directory.join(content.spool_name());
        let opened = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened.and_then(|file| Ok((file.metadata()?.len(), file))),
        };
        match opened {
            Ok((length, file)) => Ok((length == content.bytes).then_some(file)),
            Err(error) => Err(Error::io("open the spool copy", path.display().to_string(), &error)),
        }
    }

    fn holds_length(&self, bytes: u64) -> Result<bool> {
        let suffix = format!("-{bytes}");
        let failed = |error| Error::io("list the spool directory", self.directory.display().to_string(), &error);
        for entry in std::fs::read_dir(&self.directory).map_err(failed)? {
            if entry.map_err(failed)?.file_name().as_encoded_bytes().ends_with(suffix.as_bytes()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A new locked part. A cleaner may lock and remove it between the two steps; then another is made.
    fn new_part(&self) -> io::Result<NamedTempFile<File>> {
        Builder::new().prefix("").rand_bytes(16).suffix(PART).make_in(&self.directory, |path| {
            let file = (self.create_part)(path)?;
            let mine = file.try_lock().is_ok() && path.symlink_metadata().is_ok();
            if mine { Ok(file) } else { Err(io::ErrorKind::AlreadyExists.into()) }
        })
    }
}

fn create_part(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
}

/// Fills a part: shares the blocks where the filesystem can, else copies.
fn fill(origin: &File, part: &mut File, watch: Watch) -> Result<Content, Stopped> {
    if rustix::fs::ioctl_ficlone(&*part, origin).is_ok() {
        hash(part, None, watch)
    } else {
        hash(origin, Some(part), watch)
    }
}

fn remove_left_over(path: &Path, now: SystemTime) -> Result<()> {
    let Ok(metadata) = path.symlink_metadata() else { return Ok(()) };
    if !metadata.is_file() {
        return Ok(());
    }
    if path.extension().is_some_and(|extension| extension == &PART[1..]) {
        // The lock is held until the part is gone: see `new_part`.
        match File::open(path) {
            Ok(part) if part.try_lock().is_ok() => remove(path),
            _ => Ok(()),
        }
    } else if metadata.modified().is_ok_and(|at| now.duration_since(at).is_ok_and(|age| age > ABANDONED)) {
        remove(path)
    } else {
        Ok(())
    }
}

fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::io("remove the spool copy", path.display().to_string(), &error)
                .next("give the user that runs this the right to write there"))
        }
        _ => Ok(()),
    }
}

/// Makes names in a directory durable.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// A spool copy. It is held open, so it stays readable when its name is removed before the last reader is done.
#[derive(Debug, Clone)]
pub(crate) struct SpooledBytes {
    file: Arc<File>,
    length: u64,
    name: String,
}

impl ByteSource for SpooledBytes {
    fn open(&self) -> Result<Box<dyn ReadSeek>> {
        Ok(Box::new(SpooledReader { file: Arc::clone(&self.file), length: self.length, at: 0 }))
    }

    fn length(&self) -> u64 {
        self.length
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// One pass over a spool copy, with a place of its own in the shared open file.
struct SpooledReader {
    file: Arc<File>,
    length: u64,
    at: u64,
}

impl Read for SpooledReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for SpooledReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}
