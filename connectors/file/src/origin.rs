//! The directory that files come from: what lies there, whether it may be read, and opening it without being tricked.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use campaignd_contract::{Candidate, Error, Readiness, Result};
use campaignd_spool::{Selection, is_ambiguous, text_of};
use rustix::fs::{Access, AtFlags, CWD, OFlags};

/// What tells one state of a file from another. Two equal stamps mean that nobody wrote to it in between; the time
/// of the last status change (`ctime`) is part of it since, unlike `mtime`, no program can set it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    device: u64,
    inode: u64,
    pub(crate) bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Time of the last change of the content, in seconds since 1970-01-01 UTC.
    pub(crate) fn modified_seconds(&self) -> i64 {
        self.modified.0
    }

    /// What happened between this stamp and a later one of the same name; `None` where nothing did.
    pub(crate) fn difference(&self, later: &Self) -> Option<String> {
        if (self.device, self.inode) != (later.device, later.inode) {
            Some("it was replaced by another file".to_owned())
        } else if self.bytes != later.bytes {
            let verb = if later.bytes > self.bytes { "grew" } else { "shrank" };
            Some(format!("it {verb} from {} to {} bytes", self.bytes, later.bytes))
        } else if self != later {
            Some("it was written to, renamed or touched".to_owned())
        } else {
            None
        }
    }
}

impl campaignd_spool::Stamp for Stamp {
    fn modified(&self) -> SystemTime {
        let (seconds, nanoseconds) = self.modified;
        let since = Duration::new(u64::try_from(seconds).unwrap_or(0), u32::try_from(nanoseconds).unwrap_or(0));
        SystemTime::UNIX_EPOCH.checked_add(since).unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

/// Why something that was opened, or was to be, can't be read.
#[derive(Debug)]
pub(crate) enum Unopened {
    /// Nothing is there.
    Missing,
    /// It is no regular file; the text says what it is.
    NotAFile(&'static str),
    /// The system said no.
    Failed(io::Error),
}

/// Opens a regular file for reading: no link is followed, and a FIFO put in its place blocks nobody.
pub(crate) fn open(path: &Path) -> Result<(File, Stamp), Unopened> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let opened = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path);
    let file = opened.map_err(|error| match rustix::io::Errno::from_io_error(&error) {
        Some(rustix::io::Errno::NOENT) => Unopened::Missing,
        Some(rustix::io::Errno::LOOP) => Unopened::NotAFile(SYMBOLIC_LINK),
        Some(rustix::io::Errno::NXIO) => Unopened::NotAFile("a socket or a device"),
        _ => Unopened::Failed(error),
    })?;
    let metadata = file.metadata().map_err(Unopened::Failed)?;
    match not_a_file(&metadata) {
        Some(what) => Err(Unopened::NotAFile(what)),
        None => Ok((file, Stamp::of(&metadata))),
    }
}

/// The stamp of the regular file at `path`, `None` where nothing or something else is.
pub(crate) fn stamp(path: &Path) -> Result<Option<Stamp>, io::Error> {
    match path.symlink_metadata() {
        Ok(metadata) => Ok(not_a_file(&metadata).is_none().then(|| Stamp::of(&metadata))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

const SYMBOLIC_LINK: &str = "a symbolic link";

fn not_a_file(metadata: &Metadata) -> Option<&'static str> {
    let kind = metadata.file_type();
    if kind.is_file() {
        None
    } else if kind.is_dir() {
        Some("a directory")
    } else if kind.is_symlink() {
        Some(SYMBOLIC_LINK)
    } else if kind.is_fifo() {
        Some("a FIFO")
    } else if kind.is_socket() {
        Some("a socket")
    } else {
        Some("a device")
    }
}

/// A state of a file and when it was first seen.
pub(crate) type Look = campaignd_spool::Look<Stamp>;

/// A directory, and which of its files are input.
#[derive(Debug)]
pub(crate) struct Origin {
    pub(crate) directory: PathBuf,
    pub(crate) selection: Selection,
}

/// A name that is input, with what is known of it.
pub(crate) struct Entry {
    pub(crate) name: OsString,
    pub(crate) candidate: Candidate,
    pub(crate) look: Option<Look>,
}

impl Origin {
    /// The names in the directory that are input, unordered.
    pub(crate) fn names(&self) -> Result<Vec<OsString>> {
        let failed = |error: &io::Error| {
            let next = match error.kind() {
                io::ErrorKind::NotFound => "make the directory, or correct `path` in `[source]`",
                io::ErrorKind::NotADirectory => "correct `path` in `[source]`: its directory part names a file",
                io::ErrorKind::PermissionDenied => "give the user that runs this the right to read the directory",
                _ => "see to the disk, then try again",
            };
            Error::io("list", self.directory.display().to_string(), error).next(next)
        };
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.directory).map_err(|error| failed(&error))? {
            let name = entry.map_err(|error| failed(&error))?.file_name();
            if self.selection.is_input(&name) {
                names.push(name);
            }
        }
        Ok(names)
    }

    /// Everything that is input, in order. `earlier` gives the look at a name before this one.
    pub(crate) fn entries(&self, now: SystemTime, earlier: impl Fn(&OsStr) -> Option<Look>) -> Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for name in self.names()? {
            let before = earlier(&name);
            entries.extend(self.entry(name, now, before));
        }
        let modified = |entry: &Entry| entry.look.map(|look| look.stamp.modified);
        entries.sort_by(|a, b| self.selection.order(&(modified(a), &a.name), &(modified(b), &b.name)));
        Ok(entries)
    }

    /// One name, `None` where nothing is there any more.
    pub(crate) fn entry(&self, name: OsString, now: SystemTime, before: Option<Look>) -> Option<Entry> {
        let path = self.directory.join(&name);
        let mut candidate =
            Candidate { name: text_of(&name), bytes: None, modified: None, readiness: Readiness::Ready };
        let metadata = match path.symlink_metadata() {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                candidate.readiness = Readiness::Refused(format!(
                    "can't be looked at: {error}; give the user that runs this the right to search the directory"
                ));
                return Some(Entry { name, candidate, look: None });
            }
        };
        let stamp = Stamp::of(&metadata);
        let look = Look::again(before, stamp, now);
        candidate.modified = Some(stamp.modified_seconds());
        candidate.bytes = metadata.is_file().then_some(stamp.bytes);
        candidate.readiness = match refusal(&name, &path, &metadata) {
            Some(why) => Readiness::Refused(why),
            None => {
                self.selection.readiness(&name, &look, now, |marker| match self::stamp(&self.directory.join(marker)) {
                    Ok(there) => Ok(there.is_some()),
                    Err(error) => Err(error.to_string()),
                })
            }
        };
        Some(Entry { name, candidate, look: Some(look) })
    }
}

/// Why a name can never be read as it is, whatever is waited for.
fn refusal(name: &OsStr, path: &Path, metadata: &Metadata) -> Option<String> {
    if let Some(what) = not_a_file(metadata) {
        let next = match what {
            SYMBOLIC_LINK => "put the file itself here",
            _ => "move it away, or add its name to `ignore`",
        };
        return Some(format!("is {what}; {next}"));
    }
    if is_ambiguous(name) {
        return Some("its name contains `\\x` and two digits, which stands for a raw byte here; rename it".to_owned());
    }
    match rustix::fs::accessat(CWD, path, Access::READ_OK, AtFlags::EACCESS) {
        Ok(()) | Err(rustix::io::Errno::NOENT) => None,
        Err(error) => Some(format!(
            "can't be read: {}; give the user that runs this the right to read it",
            io::Error::from(error)
        )),
    }
}
