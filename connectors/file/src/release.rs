//! Letting go of an origin: archive or delete it, if it is still what was loaded.
//!
//! The marker goes first. A crash between the two then leaves a file that waits for its marker, which is seen; the
//! other way round would leave a marker that makes the next, half-written file of that name look complete.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use campaignd_contract::failpoint::failpoint;
use campaignd_contract::{Error, Released, Result};
use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;
use tempfile::Builder;

use crate::name::text_of;
use crate::origin::{self, Stamp, Unopened};
use crate::spool::{self, Content, sync_directory};

/// Where a loaded file goes.
#[derive(Debug)]
pub(crate) enum Destination {
    /// It stays.
    Keep,
    /// This directory.
    Archive(PathBuf),
    /// Nowhere.
    Delete,
}

/// A file that was loaded and what belongs to it.
pub(crate) struct Loaded<'a> {
    /// Where it was found.
    pub(crate) directory: &'a Path,
    /// Its name there.
    pub(crate) name: OsString,
    /// What was loaded.
    pub(crate) content: &'a Content,
    /// The file when it was loaded, where this process did that.
    pub(crate) stamp: Option<Stamp>,
    /// Names of its marker and control files.
    pub(crate) companions: Vec<OsString>,
}

impl Loaded<'_> {
    /// Archives or deletes it. Already gone is as good as done.
    pub(crate) fn release(&self, destination: &Destination) -> Result<Released> {
        let path = self.directory.join(&self.name);
        if matches!(destination, Destination::Keep) {
            return Ok(Released::Kept);
        }
        match self.look_again(&path)? {
            Now::Gone => return Ok(Released::Kept),
            Now::Other(why) => return Ok(Released::Left(format!("{why}; it stays where it is"))),
            Now::Same => {}
        }
        let released = match destination {
            Destination::Archive(archive) => {
                std::fs::create_dir_all(archive).map_err(|error| {
                    Error::io("make the archive directory", archive.display().to_string(), &error)
                        .next("make it a directory that the user that runs this may write to, or correct `archive`")
                })?;
                for companion in &self.companions {
                    archive_companion(&self.directory.join(companion), archive)?;
                }
                Released::Archived(archive_file(&path, archive, self.content)?.display().to_string())
            }
            Destination::Delete | Destination::Keep => {
                for companion in &self.companions {
                    delete(&self.directory.join(companion))?;
                }
                delete(&path)?;
                Released::Deleted
            }
        };
        sync_directory(self.directory).map_err(|error| at("write to disk", self.directory, &error))?;
        failpoint("file-archived");
        Ok(released)
    }

    fn look_again(&self, path: &Path) -> Result<Now> {
        let (file, stamp) = match origin::open(path) {
            Ok(opened) => opened,
            Err(Unopened::Missing) => return Ok(Now::Gone),
            Err(Unopened::NotAFile(what)) => return Ok(Now::Other(format!("it was replaced by {what}"))),
            Err(Unopened::Failed(error)) => return Err(at("look again at", path, &error)),
        };
        if self.stamp == Some(stamp) {
            return Ok(Now::Same);
        }
        let content = read(&file, path)?;
        if content == *self.content {
            Ok(Now::Same)
        } else {
            Ok(Now::Other(format!("{} has other content than what was loaded", text_of(&self.name))))
        }
    }
}

/// What lies where the file was found.
enum Now {
    Same,
    Gone,
    Other(String),
}

/// Moves a file into the archive without overwriting anything; a copy of the same content that is there already
/// takes its place. Returns where the content lies.
fn archive_file(path: &Path, archive: &Path, content: &Content) -> Result<PathBuf> {
    let name = path.file_name().unwrap_or_default();
    for suffix in ["", content.short(), content.sha256()] {
        let mut target = archive.join(name).into_os_string();
        if !suffix.is_empty() {
            target.push(".");
            target.push(suffix);
        }
        let target = PathBuf::from(target);
        match move_to(path, &target, archive, content)? {
            Moved::Done => return Ok(target),
            Moved::Taken if holds(&target, content)? => {
                delete(path)?;
                return Ok(target);
            }
            Moved::Taken => {}
        }
    }
    Err(Error::permanent("archive", path.display().to_string(), "all names it could have there are taken")
        .next(format!("clear {}", archive.display())))
}

fn archive_companion(path: &Path, archive: &Path) -> Result<()> {
    let (file, _) = match origin::open(path) {
        Ok(opened) => opened,
        Err(Unopened::Missing | Unopened::NotAFile(_)) => return Ok(()),
        Err(Unopened::Failed(error)) => return Err(at("open", path, &error)),
    };
    let content = read(&file, path)?;
    archive_file(path, archive, &content).map(|_| ())
}

/// Whether a move came about.
pub(crate) enum Moved {
    Done,
    /// There is something of that name.
    Taken,
}

fn move_to(path: &Path, target: &Path, archive: &Path, content: &Content) -> Result<Moved> {
    let renamed = match rustix::fs::renameat_with(CWD, path, CWD, target, RenameFlags::NOREPLACE) {
        // Filesystems that can't rename without replacing can link, which never replaces.
        Err(Errno::INVAL | Errno::NOSYS) => std::fs::hard_link(path, target).and_then(|()| std::fs::remove_file(path)),
        renamed => renamed.map_err(io::Error::from),
    };
    match renamed {
        Ok(()) => sync_directory(archive).map_err(|error| at("write to disk", archive, &error))?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(Moved::Taken),
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            if matches!(copy_to(path, target, archive, content)?, Moved::Taken) {
                return Ok(Moved::Taken);
            }
            delete(path)?;
        }
        Err(error) => return Err(at("archive", path, &error)),
    }
    Ok(Moved::Done)
}

/// Copies a file to another filesystem, durable before it gets its name there.
pub(crate) fn copy_to(path: &Path, target: &Path, archive: &Path, content: &Content) -> Result<Moved> {
    let failed = |error: &io::Error| at("archive", path, error);
    let origin = match origin::open(path) {
        Ok((file, _)) => file,
        Err(Unopened::Failed(error)) => return Err(failed(&error)),
        Err(Unopened::Missing | Unopened::NotAFile(_)) => return Err(changed(path)),
    };
    let mut part = Builder::new().prefix(".").suffix(".part").tempfile_in(archive).map_err(|e| failed(&e))?;
    let copied =
        spool::hash(&origin, Some(part.as_file_mut()), &mut |_| ()).map_err(|stopped| failed(&stopped.into_error()))?;
    if copied != *content {
        return Err(changed(path));
    }
    let metadata = origin.metadata().map_err(|e| failed(&e))?;
    let times = metadata.modified().map(|modified| std::fs::FileTimes::new().set_modified(modified));
    times
        .and_then(|times| part.as_file().set_times(times))
        .and_then(|()| part.as_file().set_permissions(metadata.permissions()))
        .and_then(|()| part.as_file().sync_all())
        .map_err(|e| failed(&e))?;
    match part.persist_noclobber(target) {
        Ok(_) => {}
        Err(taken) if taken.error.kind() == io::ErrorKind::AlreadyExists => return Ok(Moved::Taken),
        Err(other) => return Err(failed(&other.error)),
    }
    sync_directory(archive).map_err(|e| failed(&e))?;
    Ok(Moved::Done)
}

fn holds(path: &Path, content: &Content) -> Result<bool> {
    match origin::open(path) {
        Ok((_, stamp)) if stamp.bytes != content.bytes => Ok(false),
        Ok((file, _)) => Ok(read(&file, path)? == *content),
        Err(Unopened::Missing | Unopened::NotAFile(_)) => Ok(false),
        Err(Unopened::Failed(error)) => Err(at("open", path, &error)),
    }
}

fn read(file: &File, path: &Path) -> Result<Content> {
    spool::hash(file, None, &mut |_| ()).map_err(|stopped| at("read", path, &stopped.into_error()))
}

fn delete(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at("remove", path, &error)),
        _ => Ok(()),
    }
}

fn changed(path: &Path) -> Error {
    Error::permanent("archive", path.display().to_string(), "it changed at that moment").next("run again")
}

fn at(doing: &str, path: &Path, error: &io::Error) -> Error {
    let next = match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "give the user that runs this the right to write to both directories, then run again; it is not loaded twice"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "make room there, then run again; it is not loaded twice"
        }
        _ => "see to it, then run again; it is not loaded twice",
    };
    Error::io(doing, path.display().to_string(), error).next(next)
}
