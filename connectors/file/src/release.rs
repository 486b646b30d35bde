//! What this machine's filesystems can do to let go of an origin.

use std::fs::File;
use std::io;
use std::path::Path;

use campaignd_contract::{Error, Result};
use campaignd_spool::{Content, Moved, Now, Place, hash, sync_directory, text_of, unwatched};
use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;
use tempfile::Builder;

use crate::origin::{self, Stamp, Unopened};

/// The filesystems of this machine.
pub(crate) struct Filesystems;

impl Place for Filesystems {
    fn shown(&self, path: &Path) -> String {
        path.display().to_string()
    }

    fn content(&mut self, path: &Path) -> Result<Option<Content>> {
        match origin::open(path) {
            Ok((file, _)) => read(&file, path).map(Some),
            Err(Unopened::Missing | Unopened::NotAFile(_)) => Ok(None),
            Err(Unopened::Failed(error)) => Err(at("open", path, &error)),
        }
    }

    fn holds(&mut self, path: &Path, content: &Content) -> Result<bool> {
        match origin::open(path) {
            Ok((_, stamp)) if stamp.bytes != content.bytes => Ok(false),
            Ok((file, _)) => Ok(read(&file, path)? == *content),
            Err(Unopened::Missing | Unopened::NotAFile(_)) => Ok(false),
            Err(Unopened::Failed(error)) => Err(at("open", path, &error)),
        }
    }

    fn make_archive(&mut self, archive: &Path) -> Result<()> {
        std::fs::create_dir_all(archive).map_err(|error| {
            Error::io("make the archive directory", archive.display().to_string(), &error)
                .next("make it a directory that the user that runs this may write to, or correct `archive`")
        })
    }

    fn move_to(&mut self, path: &Path, target: &Path, content: &Content) -> Result<Moved> {
        move_to(path, target, target.parent().unwrap_or(target), content)
    }

    fn delete(&mut self, path: &Path) -> Result<()> {
        delete(path)
    }

    fn settle(&mut self, directory: &Path) -> Result<()> {
        sync_directory(directory).map_err(|error| at("write to disk", directory, &error))
    }
}

/// What lies at `path`, from where `content` was loaded when it had that stamp, where this process loaded it.
pub(crate) fn look_again(path: &Path, content: &Content, loaded: Option<Stamp>) -> Result<Now> {
    let (file, stamp) = match origin::open(path) {
        Ok(opened) => opened,
        Err(Unopened::Missing) => return Ok(Now::Gone),
        Err(Unopened::NotAFile(what)) => return Ok(Now::Other(format!("it was replaced by {what}"))),
        Err(Unopened::Failed(error)) => return Err(at("look again at", path, &error)),
    };
    if loaded == Some(stamp) || read(&file, path)? == *content {
        return Ok(Now::Same);
    }
    let name = text_of(path.file_name().unwrap_or_default());
    Ok(Now::Other(format!("{name} has other content than what was loaded")))
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
        hash(&origin, Some(part.as_file_mut()), &mut unwatched).map_err(|stopped| failed(&stopped.into_error()))?;
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

fn read(file: &File, path: &Path) -> Result<Content> {
    hash(file, None, &mut unwatched).map_err(|stopped| at("read", path, &stopped.into_error()))
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
