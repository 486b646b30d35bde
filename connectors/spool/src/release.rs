//! Letting go of an origin: archive or delete it, if it is still what was loaded.
//!
//! The marker goes first. A crash between the two then leaves a file that waits for its marker, which is seen; the
//! other way round would leave a marker that makes the next, half-written file of that name look complete.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use campaignd_contract::failpoint::failpoint;
use campaignd_contract::{Error, Released, Result};

use crate::content::Content;

/// Where a loaded file goes.
#[derive(Debug, Clone)]
pub enum Destination {
    /// It stays.
    Keep,
    /// This directory.
    Archive(PathBuf),
    /// Nowhere.
    Delete,
}

/// What lies where a file was found.
pub enum Now {
    /// What was loaded.
    Same,
    /// Nothing.
    Gone,
    /// Something else; the text says what.
    Other(String),
}

/// Whether a move came about.
pub enum Moved {
    /// It did.
    Done,
    /// There is something of that name.
    Taken,
}

/// What the system that the files lie on can do. Whatever is asked of it may be asked again after a crash.
pub trait Place {
    /// How messages call a path.
    fn shown(&self, path: &Path) -> String;

    /// What lies there, if it is a regular file.
    fn content(&mut self, path: &Path) -> Result<Option<Content>>;

    /// Whether a regular file with that content lies there.
    fn holds(&mut self, path: &Path, content: &Content) -> Result<bool>;

    /// Makes the archive directory, and those above it, where it isn't there.
    fn make_archive(&mut self, archive: &Path) -> Result<()>;

    /// Moves a file without replacing anything; when this returns the move is as durable as the system makes it.
    fn move_to(&mut self, path: &Path, target: &Path, content: &Content) -> Result<Moved>;

    /// Removes a file; gone already is as good.
    fn delete(&mut self, path: &Path) -> Result<()>;

    /// Makes durable which names are left in the directory that the files came from.
    fn settle(&mut self, directory: &Path) -> Result<()>;
}

/// A file that was loaded and what belongs to it.
pub struct Loaded<'a> {
    /// Where it was found.
    pub directory: &'a Path,
    /// Its name there.
    pub name: OsString,
    /// What was loaded.
    pub content: &'a Content,
    /// Names of its marker and control files.
    pub companions: Vec<OsString>,
}

impl Loaded<'_> {
    /// Archives or deletes it, as `now` finds it. Already gone is as good as done.
    pub fn release(&self, place: &mut impl Place, now: Now, destination: &Destination) -> Result<Released> {
        let path = self.directory.join(&self.name);
        match now {
            Now::Gone => return Ok(Released::Kept),
            Now::Other(why) => return Ok(Released::Left(format!("{why}; it stays where it is"))),
            Now::Same => {}
        }
        let released = match destination {
            Destination::Keep => return Ok(Released::Kept),
            Destination::Archive(archive) => {
                place.make_archive(archive)?;
                for companion in &self.companions {
                    let companion = self.directory.join(companion);
                    if let Some(content) = place.content(&companion)? {
                        archive_file(place, &companion, archive, &content)?;
                    }
                }
                let target = archive_file(place, &path, archive, self.content)?;
                Released::Archived(place.shown(&target))
            }
            Destination::Delete => {
                for companion in &self.companions {
                    place.delete(&self.directory.join(companion))?;
                }
                place.delete(&path)?;
                Released::Deleted
            }
        };
        place.settle(self.directory)?;
        failpoint("file-archived");
        Ok(released)
    }
}

/// Moves a file into the archive without overwriting anything; a copy of the same content that is there already
/// takes its place. Returns where the content lies.
pub fn archive_file(place: &mut impl Place, path: &Path, archive: &Path, content: &Content) -> Result<PathBuf> {
    let name = path.file_name().unwrap_or_default();
    for suffix in ["", content.short(), content.sha256()] {
        let mut target = archive.join(name).into_os_string();
        if !suffix.is_empty() {
            target.push(".");
            target.push(suffix);
        }
        let target = PathBuf::from(target);
        match place.move_to(path, &target, content)? {
            Moved::Done => return Ok(target),
            Moved::Taken if place.holds(&target, content)? => {
                place.delete(path)?;
                return Ok(target);
            }
            Moved::Taken => {}
        }
    }
    Err(Error::permanent("archive", place.shown(path), "all names it could have there are taken")
        .next(format!("clear {}", place.shown(archive))))
}
