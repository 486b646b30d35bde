//! The source itself: settings to work, one method a step.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use campaignd_contract::{
    BuildContext, Candidate, Claim, Companion, ConnectorSettings, Error, Outcome, Payload, Readiness, Released, Result,
    Revision, Source, Supervision, Unit,
};
use campaignd_spool::{
    COMPANION_BYTES, Companions, Content, Copied, Destination, GONE, Loaded, Spool, checked_name, may_be_companion,
    refuse, text_of,
};

use crate::origin::{self, Look, Origin, Stamp, Unopened};
use crate::release::{Filesystems, look_again};
use crate::settings::FileSettings;

/// Tells the time. The daemon's is `SystemTime::now`, a test's is its own.
pub type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// Files in a directory of this machine.
pub struct FileSource {
    origin: Origin,
    spool: Spool,
    destination: Destination,
    revision: Revision,
    clock: Clock,
    /// The latest look at each name that was listed.
    looks: HashMap<OsString, Look>,
    /// The origins of the units taken and not yet let go, by name and unit.
    taken: HashMap<(OsString, String), Stamp>,
    companions: Companions,
    spool_is_prepared: bool,
    supervision: Supervision,
    /// Called after each chunk that is copied; tests change the origin here.
    pub(crate) on_chunk: Box<dyn FnMut(u64) + Send>,
}

impl FileSource {
    /// A source with these settings. Touches no file; an error names settings that
    /// [`problems`](ConnectorSettings::problems) finds fault with.
    pub fn new(settings: &FileSettings, context: &BuildContext) -> Result<Self> {
        Self::with_clock(settings, context, Arc::new(SystemTime::now))
    }

    /// The same with a clock of one's own, which tells how long a file has been unchanged.
    pub fn with_clock(settings: &FileSettings, context: &BuildContext, clock: Clock) -> Result<Self> {
        refuse(&context.pipeline, settings.problems())?;
        let choice = settings.choice();
        let (directory, _) = choice.directory_and_name();
        let selection = choice.selection(&context.pipeline)?;
        Ok(Self {
            companions: Companions::new(selection.marker().cloned()),
            origin: Origin { directory: context.base_directory.join(directory), selection },
            spool: Spool::new(context.spool_directory.join(&context.pipeline)),
            destination: choice.destination(&context.pipeline, &context.base_directory)?,
            revision: settings.revision,
            clock,
            looks: HashMap::new(),
            taken: HashMap::new(),
            spool_is_prepared: false,
            supervision: context.supervision.clone(),
            on_chunk: Box::new(|_| ()),
        })
    }

    #[cfg(test)]
    pub(crate) fn spool_mut(&mut self) -> &mut Spool {
        &mut self.spool
    }

    fn path(&self, name: &OsStr) -> PathBuf {
        self.origin.directory.join(name)
    }
}

impl Source for FileSource {
    fn discover(&mut self) -> Result<Vec<Candidate>> {
        let now = (self.clock)();
        let entries = self.origin.entries(now, |name| self.looks.get(name).copied())?;
        self.looks = entries.iter().filter_map(|entry| Some((entry.name.clone(), entry.look?))).collect();
        Ok(entries.into_iter().map(|entry| entry.candidate).collect())
    }

    fn revision(&self) -> Revision {
        self.revision
    }

    fn claim(&mut self, candidate: &Candidate) -> Result<Claim> {
        let name = checked_name(candidate)?;
        if let Some(lost) = self.look_at(&name, candidate) {
            return Ok(Claim::Lost(lost));
        }
        let path = self.path(&name);
        let (file, stamp) = match origin::open(&path) {
            Ok(opened) => opened,
            Err(Unopened::Missing) => return Ok(Claim::Lost(GONE.to_owned())),
            Err(Unopened::NotAFile(what)) => return Ok(Claim::Lost(format!("it was replaced by {what}"))),
            Err(Unopened::Failed(error)) => {
                return Err(Error::io("open", path.display().to_string(), &error)
                    .next("give the user that runs this the right to read it"));
            }
        };
        if !self.spool_is_prepared {
            self.spool.prepare((self.clock)())?;
            self.spool_is_prepared = true;
        }
        let (supervision, on_chunk, mut before) = (&self.supervision, &mut self.on_chunk, 0);
        let mut watch = |bytes: u64| {
            on_chunk(bytes);
            supervision.received(bytes.saturating_sub(before));
            before = bytes;
            supervision.go_on("copy", &candidate.name)
        };
        let copied = self.spool.copy(&file, &candidate.name, stamp.bytes, &mut watch)?;
        let (Copied::New(content, _) | Copied::There(content)) = &copied;
        if let Some(lost) = changed_since(&file, &path, &stamp, content)? {
            return Ok(Claim::Lost(lost));
        }
        let content = match copied {
            Copied::New(content, part) => {
                self.spool.keep(part, &content)?;
                content
            }
            Copied::There(content) => content,
        };
        let bytes = self.spool.open(&content, &candidate.name)?;
        let unit = Unit { id: content.unit_id(), name: candidate.name.clone() };
        self.taken.insert((name, unit.id.clone()), stamp);
        Ok(Claim::Taken { unit, payload: Payload::Bytes(Arc::new(bytes)) })
    }

    fn companion(&mut self, candidate: &Candidate, pattern: &str) -> Result<Companion> {
        let name = checked_name(candidate)?;
        let companion = self.companions.ask(candidate, &name, pattern)?;
        let path = self.path(&companion);
        let refused = |wrong: String, next: &str| {
            Err(Error::permanent("read the control file", path.display().to_string(), wrong).next(next))
        };
        let file = match origin::open(&path) {
            Ok((file, stamp)) => {
                may_be_companion(&path.display().to_string(), stamp.bytes)?;
                file
            }
            Err(Unopened::Missing) => return Ok(Companion::Missing(text_of(&companion))),
            Err(Unopened::NotAFile(what)) => return refused(format!("is {what}"), "put the file itself there"),
            Err(Unopened::Failed(error)) => {
                return Err(Error::io("read the control file", path.display().to_string(), &error)
                    .next("give the user that runs this the right to read it"));
            }
        };
        let mut bytes = Vec::new();
        match file.take(COMPANION_BYTES + 1).read_to_end(&mut bytes) {
            Ok(_) if bytes.len() as u64 > COMPANION_BYTES => refused("it is growing".to_owned(), "run again"),
            Ok(_) => Ok(Companion::Found(bytes)),
            Err(error) => Err(Error::io("read the control file", path.display().to_string(), &error)),
        }
    }

    fn release(&mut self, candidate: &Candidate, unit: &Unit, outcome: &Outcome) -> Result<Released> {
        let name = checked_name(candidate)?;
        let content = Content::from_unit_id(&unit.id).ok_or_else(|| {
            Error::permanent("release", candidate.name.as_str(), format!("`{}` is no unit of a file", unit.id))
                .next("a unit is released by the source that it was taken from")
        })?;
        if matches!(outcome, Outcome::Committed(_)) {
            return Ok(Released::Kept);
        }
        // The copy goes first. A crash after it costs another copy; a crash before it, with the file archived, would leave
        // a copy that nobody comes back for.
        self.spool.remove(&content)?;
        let key = (name.clone(), unit.id.clone());
        let released = match outcome {
            Outcome::Finished | Outcome::Duplicate(_) if !matches!(self.destination, Destination::Keep) => {
                let now = look_again(&self.path(&name), &content, self.taken.get(&key).copied())?;
                let loaded = Loaded {
                    directory: &self.origin.directory,
                    companions: self.companions.of(&name, || self.origin.names())?,
                    name,
                    content: &content,
                };
                loaded.release(&mut Filesystems, now, &self.destination)?
            }
            _ => Released::Kept,
        };
        self.taken.remove(&key);
        Ok(released)
    }
}

impl FileSource {
    /// Why a candidate can't be taken any more; `None` where it is as it was found, and ready.
    fn look_at(&mut self, name: &OsStr, candidate: &Candidate) -> Option<String> {
        let before = self.looks.get(name).copied();
        let Some(entry) = self.origin.entry(name.to_owned(), (self.clock)(), before) else {
            return Some(GONE.to_owned());
        };
        let found = entry.candidate;
        if let (Some(before), Some(now)) = (before, entry.look)
            && let Some(difference) = before.stamp.difference(&now.stamp)
        {
            return Some(difference);
        }
        if candidate.bytes.is_some() && (found.bytes, found.modified) != (candidate.bytes, candidate.modified) {
            return Some("it was written to or replaced".to_owned());
        }
        match found.readiness {
            Readiness::Ready | Readiness::IfTrailer => None,
            Readiness::Waiting(why) | Readiness::Refused(why) => Some(why),
        }
    }
}

/// What happened to the origin while it was read; `None` where it was left alone.
fn changed_since(file: &File, path: &std::path::Path, before: &Stamp, content: &Content) -> Result<Option<String>> {
    let failed = |error| Error::io("look again at", path.display().to_string(), &error);
    let Some(there) = origin::stamp(path).map_err(failed)? else { return Ok(Some(GONE.to_owned())) };
    if let Some(difference) = before.difference(&there) {
        return Ok(Some(difference));
    }
    let open = Stamp::of(&file.metadata().map_err(failed)?);
    if let Some(difference) = before.difference(&open) {
        return Ok(Some(difference));
    }
    let whole = before.bytes == content.bytes;
    Ok((!whole).then(|| format!("{} bytes were read of {}", content.bytes, before.bytes)))
}
