//! The copies that are parsed: `<spool>/<pipeline>/<sha256>-<bytes>`, written under a name that ends in `.part` first.
//!
//! A part is locked by the process that writes it, so one that can be locked was left by a process that died. A named
//! copy is durable and whole. It outlives a crash, so that the file needn't be copied twice, and is removed on release.
//! A part of a file that lies far away can be set aside when the connection is given up, so that the next run goes on
//! where it broke.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use campaignd_contract::failpoint::failpoint;
use campaignd_contract::{ByteSource, Error, ReadSeek, Result};
use rustix::fs::{CWD, RenameFlags};
use tempfile::{Builder, NamedTempFile};

use crate::content::{Content, Hasher, Stopped, Watch, hash, hash_into, unwatched};

const PART: &str = ".part";

const SET_ASIDE: &str = ".aside";

/// A named copy or a part set aside this old belongs to a run that was given up: its file went away before it could be
/// finished.
const ABANDONED: Duration = Duration::from_hours(7 * 24);

/// Makes the file that a part is written to.
pub type CreatePart = fn(&Path) -> io::Result<File>;

/// The spool of one pipeline.
#[derive(Debug, Clone)]
pub struct Spool {
    directory: PathBuf,
    create_part: CreatePart,
}

/// A part that is whole and durable and has no name yet; dropping it removes it.
pub struct Part {
    file: NamedTempFile<File>,
}

/// A part that is being filled; dropping it removes it.
pub struct Filling {
    file: NamedTempFile<File>,
    hasher: Hasher,
}

impl Filling {
    /// Appends the next piece.
    pub fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.file.as_file_mut().write_all(piece)?;
        self.hasher.update(piece);
        Ok(())
    }

    /// Bytes it holds.
    pub fn bytes(&self) -> u64 {
        self.hasher.bytes()
    }

    /// Makes it durable, and says what it is.
    pub fn finish(self) -> io::Result<(Content, Part)> {
        self.file.as_file().sync_all()?;
        failpoint("file-spooled");
        Ok((self.hasher.finish(), Part { file: self.file }))
    }
}

/// What [`Spool::copy`] made.
pub enum Copied {
    /// A new copy.
    New(Content, Part),
    /// The content is in the spool already.
    There(Content),
}

impl Spool {
    /// The spool in that directory. Touches nothing.
    pub fn new(directory: PathBuf) -> Self {
        Self { directory, create_part }
    }

    /// Makes the files of parts by that function from now on, and returns the one so far. Tests put a full disk there.
    pub fn create_parts_by(&mut self, create_part: CreatePart) -> CreatePart {
        std::mem::replace(&mut self.create_part, create_part)
    }

    /// Where the copies lie.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Makes the directory, and removes what dead processes and abandoned runs left in it.
    pub fn prepare(&self, now: SystemTime) -> Result<()> {
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
    pub fn copy(&self, origin: &File, name: &str, bytes: u64, watch: Watch) -> Result<Copied> {
        let reading = |error: &io::Error| {
            Error::io("read", name, error).next("see to the disk or the rights of the file, then run again")
        };
        if self.holds_length(bytes)? {
            let content = hash(origin, None, watch).map_err(|stopped| match stopped {
                Stopped::Asked(error) => error,
                stopped => reading(&stopped.into_error()),
            })?;
            if self.find(&content)?.is_some() {
                return Ok(Copied::There(content));
            }
            (&*origin).seek(SeekFrom::Start(0)).map_err(|error| reading(&error))?;
        }
        let writing = |error: &io::Error| self.not_written(name, error);
        let mut filling = self.begin().map_err(|error| writing(&error))?;
        fill(origin, &mut filling, watch).map_err(|stopped| match stopped {
            Stopped::Reading(error) => reading(&error),
            Stopped::Writing(error) => writing(&error),
            Stopped::Asked(error) => error,
        })?;
        let (content, part) = filling.finish().map_err(|error| writing(&error))?;
        Ok(Copied::New(content, part))
    }

    /// What to say when a part of the file called `name` can't be written.
    pub fn not_written(&self, name: &str, error: &io::Error) -> Error {
        Error::io("spool", name, error).next(format!("make room in {}, then run again", self.directory.display()))
    }

    /// A new part to fill.
    pub fn begin(&self) -> io::Result<Filling> {
        Ok(Filling { file: self.new_part()?, hasher: Hasher::default() })
    }

    /// Keeps a part that couldn't be filled to its end, for a later run to go on with. `key` must tell the file and its
    /// state from all others, and be fit for a name. The part is durable before it gets that name: what a power cut
    /// leaves of a file that was still being written has its length but not always its bytes.
    pub fn set_aside(&self, filling: Filling, key: &str) -> io::Result<()> {
        filling.file.as_file().sync_all()?;
        filling.file.persist(self.aside(key)).map_err(|failed| failed.error)?;
        sync_directory(&self.directory)
    }

    /// The part that was set aside under that key, hashed again, ready to be filled further.
    pub fn take_aside(&self, key: &str) -> io::Result<Option<Filling>> {
        let aside = self.aside(key);
        let file = match OpenOptions::new().read(true).write(true).open(&aside) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        // The lock of the process that set it aside went with that process; ours goes with `file`.
        if file.try_lock().is_err() {
            return Ok(None);
        }
        let named = Builder::new().prefix("").rand_bytes(16).suffix(PART).make_in(&self.directory, |path| {
            rustix::fs::renameat_with(CWD, &aside, CWD, path, RenameFlags::NOREPLACE)?;
            Ok(())
        });
        let file = match named {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            named => NamedTempFile::from_parts(file, named?.into_temp_path()),
        };
        let mut hasher = Hasher::default();
        hash_into(&mut hasher, file.as_file(), None, &mut unwatched).map_err(Stopped::into_error)?;
        Ok(Some(Filling { file, hasher }))
    }

    fn aside(&self, key: &str) -> PathBuf {
        self.directory.join(format!("{key}{SET_ASIDE}"))
    }

    /// Gives a part its name.
    pub fn keep(&self, part: Part, content: &Content) -> Result<()> {
        let path = self.directory.join(spool_name(content));
        let named = part.file.persist(&path).map_err(|failed| failed.error);
        named
            .and_then(|_| sync_directory(&self.directory))
            .map_err(|error| Error::io("name the spool copy", path.display().to_string(), &error).next("run again"))?;
        failpoint("file-spool-named");
        Ok(())
    }

    /// The copy of a content, called `name` in messages.
    pub fn open(&self, content: &Content, name: &str) -> Result<SpooledBytes> {
        match self.find(content)? {
            Some(file) => Ok(SpooledBytes { file: Arc::new(file), length: content.bytes, name: name.to_owned() }),
            None => Err(Error::permanent("open the spool copy of", name, "it is gone").next("run again")),
        }
    }

    /// Removes the copy of a content, if there is one.
    pub fn remove(&self, content: &Content) -> Result<()> {
        remove(&self.directory.join(spool_name(content)))
    }

    fn find(&self, content: &Content) -> Result<Option<File>> {
        let path = self.directory.join(spool_name(content));
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

fn spool_name(content: &Content) -> String {
    format!("{}-{}", content.sha256(), content.bytes)
}

fn create_part(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
}

/// Fills a part: shares the blocks where the filesystem can, else copies.
fn fill(origin: &File, filling: &mut Filling, watch: Watch) -> Result<(), Stopped> {
    let Filling { file, hasher } = filling;
    if rustix::fs::ioctl_ficlone(file.as_file(), origin).is_ok() {
        hash_into(hasher, file.as_file(), None, watch)
    } else {
        hash_into(hasher, origin, Some(file.as_file_mut()), watch)
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
pub fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// A spool copy. It is held open, so it stays readable when its name is removed before the last reader is done.
#[derive(Debug, Clone)]
pub struct SpooledBytes {
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

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "a-file-in-a-state";

    fn filled(spool: &Spool, content: &[u8]) -> Filling {
        let mut filling = spool.begin().unwrap();
        filling.write(content).unwrap();
        filling
    }

    fn names(spool: &Spool) -> usize {
        std::fs::read_dir(spool.directory()).unwrap().count()
    }

    #[test]
    fn a_part_set_aside_is_filled_further() {
        let directory = tempfile::tempdir().unwrap();
        let spool = Spool::new(directory.path().to_owned());
        assert!(spool.take_aside(KEY).unwrap().is_none());
        spool.set_aside(filled(&spool, b"ab"), KEY).unwrap();
        spool.prepare(SystemTime::now()).unwrap();
        let mut filling = spool.take_aside(KEY).unwrap().unwrap();
        assert_eq!(filling.bytes(), 2);
        assert!(spool.take_aside(KEY).unwrap().is_none(), "only once");
        filling.write(b"c").unwrap();
        let (content, part) = filling.finish().unwrap();
        // FIPS 180-4 knows this one.
        assert!(content.sha256().starts_with("ba7816bf8f01cfea"), "what was there is hashed too");
        drop(part);
        assert_eq!(names(&spool), 0);
    }

    #[test]
    fn a_part_set_aside_is_given_up_in_the_end() {
        let directory = tempfile::tempdir().unwrap();
        let spool = Spool::new(directory.path().to_owned());
        spool.set_aside(filled(&spool, b"ab"), KEY).unwrap();
        spool.prepare(SystemTime::now() + Duration::from_hours(6 * 24)).unwrap();
        assert_eq!(names(&spool), 1);
        spool.prepare(SystemTime::now() + Duration::from_hours(8 * 24)).unwrap();
        assert_eq!(names(&spool), 0);
    }
}
