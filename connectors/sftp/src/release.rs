//! What can be done on the server to let go of an origin.

use std::path::{Component, Path, PathBuf};

use campaignd_contract::{Error, ErrorClass, Result};
use campaignd_spool::{Content, Hasher, Moved, Now, Place, text_of};
use std::io::Read as _;

use crate::failure::Failure;
use crate::origin::{Stamp, Taken, look};
use crate::pool::Pool;

/// Bytes read at a time to know a file by its content; see `fetch::BUFFER`.
const BUFFER: usize = 2 << 20;

/// The files of a server.
pub(crate) struct Remote<'p> {
    pub(crate) pool: &'p Pool,
}

impl Remote<'_> {
    /// What lies at `path`, from where `content` was loaded when it was seen like that, where this process loaded it.
    pub(crate) fn look_again(&mut self, path: &Path, content: &Content, taken: Option<Taken>) -> Result<Now> {
        let Some(stat) = look(self.pool, path)? else { return Ok(Now::Gone) };
        let stamp = match Stamp::of(&stat) {
            Ok(stamp) => stamp,
            Err(what) => return Ok(Now::Other(format!("it was replaced by {what}"))),
        };
        if taken.is_some_and(|taken| taken.proves(stamp)) || self.is(path, stamp, content)? {
            return Ok(Now::Same);
        }
        let name = text_of(path.file_name().unwrap_or_default());
        Ok(Now::Other(format!("{name} has other content than what was loaded")))
    }

    /// Whether the file with that stamp has that content.
    fn is(&mut self, path: &Path, stamp: Stamp, content: &Content) -> Result<bool> {
        Ok(stamp.bytes == content.bytes && self.content(path)?.is_some_and(|there| there == *content))
    }

    fn failed(&self, doing: &str, path: &Path, failure: Failure) -> Error {
        let next = match failure {
            Failure::Denied => {
                "have the server's owner give the user the right to write to both directories, then run again; it is \
                 not loaded twice"
            }
            Failure::Full(_) => "have room made on the server, then run again; it is not loaded twice",
            _ => "see to it, then run again; it is not loaded twice",
        };
        failure.into_error(doing, self.pool.server.shown(path)).next(next)
    }
}

impl Place for Remote<'_> {
    fn shown(&self, path: &Path) -> String {
        self.pool.server.shown(path)
    }

    fn content(&mut self, path: &Path) -> Result<Option<Content>> {
        let Some(stat) = look(self.pool, path)? else { return Ok(None) };
        if Stamp::of(&stat).is_err() {
            return Ok(None);
        }
        let read = self.pool.with("read", path, |connection| {
            let mut file = connection.open(path)?;
            let (mut hasher, mut buffer) = (Hasher::default(), vec![0; BUFFER]);
            loop {
                match file.read(&mut buffer) {
                    Ok(0) => return Ok(hasher.finish()),
                    Ok(read) => hasher.update(&buffer[..read]),
                    Err(error) => return Err(Failure::Broken(error.to_string())),
                }
            }
        })?;
        match read {
            Ok(content) => Ok(Some(content)),
            Err(Failure::Missing) => Ok(None),
            Err(failure) => Err(self.failed("read", path, failure)),
        }
    }

    fn holds(&mut self, path: &Path, content: &Content) -> Result<bool> {
        let stamp = look(self.pool, path)?.and_then(|stat| Stamp::of(&stat).ok());
        stamp.map_or(Ok(false), |stamp| self.is(path, stamp, content))
    }

    /// Makes one directory after the other, from the top: SFTP makes no more than one at a time.
    fn make_archive(&mut self, archive: &Path) -> Result<()> {
        let mut directory = PathBuf::new();
        for component in archive.components() {
            directory.push(component);
            if matches!(component, Component::RootDir | Component::CurDir | Component::ParentDir) {
                continue;
            }
            let made = self.pool.with("make the archive directory", &directory, |connection| {
                match connection.follow(&directory) {
                    Ok(stat) if stat.is_dir() => Ok(()),
                    Ok(_) => Err(Failure::Refused("something that is no directory has its name".to_owned())),
                    Err(Failure::Missing) => connection.make_directory(&directory),
                    Err(failure) => Err(failure),
                }
            })?;
            made.map_err(|failure| {
                failure
                    .into_error("make the archive directory", self.pool.server.shown(&directory))
                    .next("have a directory made there that the user may write to, or correct `archive`")
            })?;
        }
        Ok(())
    }

    fn move_to(&mut self, path: &Path, target: &Path, _content: &Content) -> Result<Moved> {
        let moved = self.pool.with("archive", path, |connection| {
            // Asked first, since version 3 has no word for "is taken", and a server that answers to none of this as it
            // should would replace the file.
            match connection.look(target) {
                Ok(_) => return Ok(Moved::Taken),
                Err(Failure::Missing) => {}
                Err(failure) => return Err(failure),
            }
            match connection.rename(path, target) {
                Ok(()) => Ok(Moved::Done),
                // Somebody else may have put a file there in between.
                Err(failure @ (Failure::Refused(_) | Failure::Denied)) => match connection.look(target) {
                    Ok(_) => Ok(Moved::Taken),
                    Err(_) => Err(failure),
                },
                Err(failure) => Err(failure),
            }
        })?;
        moved.map_err(|failure| match failure {
            Failure::Refused(_) => self
                .failed("archive", path, failure)
                .next("see that `archive` lies on the same filesystem and that the user may write to both directories"),
            Failure::Missing => {
                Error::new(ErrorClass::Transient, "archive", self.shown(path), "it changed at that moment")
                    .next("run again")
            }
            failure => self.failed("archive", path, failure),
        })
    }

    fn delete(&mut self, path: &Path) -> Result<()> {
        match self.pool.with("remove", path, |connection| connection.remove(path))? {
            Ok(()) | Err(Failure::Missing) => Ok(()),
            Err(failure) => Err(self.failed("remove", path, failure)),
        }
    }

    /// SFTP can't make names durable. A server that loses power may show a file again that was archived; it is known by
    /// its content then, and archived again.
    fn settle(&mut self, _directory: &Path) -> Result<()> {
        Ok(())
    }
}
