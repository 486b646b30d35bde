//! The source itself: settings to work, one method a step.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use campaignd_contract::{
    BuildContext, Candidate, Claim, Companion, ConnectorSettings, Error, Outcome, Payload, Readiness, Released, Result,
    Revision, Source, Supervision, Unit,
};
use campaignd_spool::{
    COMPANION_BYTES, Companions, Content, Destination, GONE, Loaded, Spool, checked_name, may_be_companion, refuse,
    text_of,
};

use crate::failure::Failure;
use crate::fetch::{Fetched, Job, OnChunk};
use crate::origin::{Entry, Look, Origin, Stamp, Taken, look};
use crate::pool::Pool;
use crate::prefetch::Prefetch;
use crate::release::Remote;
use crate::server::Server;
use crate::settings::SftpSettings;

/// Tells the time. The daemon's is `SystemTime::now`, a test's is its own.
pub type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// Files on an SFTP server.
pub struct SftpSource {
    /// Before the pool, so that its threads end first.
    prefetch: Option<Prefetch>,
    pool: Arc<Pool>,
    origin: Origin,
    spool: Spool,
    destination: Destination,
    companions: Companions,
    revision: Revision,
    transfers: u8,
    keepalive: Duration,
    clock: Clock,
    /// The latest look at each name that was listed.
    looks: HashMap<OsString, Look>,
    /// What was ready at the latest discovery, in order.
    plan: Vec<Job>,
    /// What was seen of the origins of units taken and not yet let go, by name and unit.
    taken: HashMap<(OsString, String), Taken>,
    supervision: Supervision,
    on_chunk: Option<OnChunk>,
}

impl SftpSource {
    /// A source with these settings. Touches neither files nor the network; an error names settings that
    /// [`problems`](ConnectorSettings::problems) finds fault with.
    pub fn new(settings: &SftpSettings, context: &BuildContext) -> Result<Self> {
        Self::with_clock(settings, context, Arc::new(SystemTime::now))
    }

    /// The same with a clock of one's own, which tells how long a file has been unchanged.
    pub fn with_clock(settings: &SftpSettings, context: &BuildContext, clock: Clock) -> Result<Self> {
        refuse(&context.pipeline, settings.problems())?;
        let choice = settings.choice();
        let selection = choice.selection(&context.pipeline)?;
        let directory = match choice.directory_and_name().0 {
            directory if directory.as_os_str().is_empty() => Path::new("."),
            directory => directory,
        };
        Ok(Self {
            prefetch: None,
            pool: Arc::new(Pool::new(Server::new(settings, context), settings.connections)),
            companions: Companions::new(selection.marker().cloned()),
            origin: Origin { directory: directory.to_owned(), selection },
            spool: Spool::new(context.spool_directory.join(&context.pipeline)),
            destination: choice.destination(&context.pipeline, Path::new(""))?,
            revision: settings.revision,
            transfers: settings.connections.saturating_sub(1).max(1),
            keepalive: Duration::from_secs(settings.keepalive_seconds.into()),
            clock,
            looks: HashMap::new(),
            plan: Vec::new(),
            taken: HashMap::new(),
            supervision: context.supervision.clone(),
            on_chunk: None,
        })
    }

    /// Tries so often, and waits so long in between. Only before the first request.
    #[cfg(test)]
    pub(crate) fn set_patience(&mut self, patience: crate::pool::Patience) {
        Arc::get_mut(&mut self.pool).unwrap().patience = patience;
    }

    #[cfg(test)]
    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    #[cfg(test)]
    pub(crate) fn set_on_chunk(&mut self, on_chunk: OnChunk) {
        self.on_chunk = Some(on_chunk);
    }

    #[cfg(test)]
    pub(crate) fn spool_mut(&mut self) -> &mut Spool {
        &mut self.spool
    }

    fn path(&self, name: &OsStr) -> PathBuf {
        self.origin.directory.join(name)
    }

    /// One name as it is now.
    fn entry(&self, name: &OsStr) -> Result<Option<Entry>> {
        self.origin.entry(&self.pool, name, &*self.clock, self.looks.get(name).copied())
    }

    /// The threads that fetch, started with the first claim.
    fn prefetch(&mut self) -> Result<&Prefetch> {
        if self.prefetch.is_none() {
            self.spool.prepare((self.clock)())?;
            let (pool, spool) = (Arc::clone(&self.pool), self.spool.clone());
            let (supervision, on_chunk) = (self.supervision.clone(), self.on_chunk.clone());
            let prefetch = Prefetch::new(pool, spool, self.transfers, self.keepalive, supervision, on_chunk)?;
            prefetch.plan(self.plan.clone());
            self.prefetch = Some(prefetch);
        }
        Ok(self.prefetch.as_ref().expect("it was just made"))
    }

    /// Why a candidate can't be taken any more; `None` where it is as it was found, and ready.
    fn difference(&self, name: &OsStr, candidate: &Candidate, found: &Entry) -> Option<String> {
        if let (Some(before), Some(now)) = (self.looks.get(name), found.look)
            && let Some(difference) = before.stamp.difference(now.stamp)
        {
            return Some(difference);
        }
        let now = &found.candidate;
        if candidate.bytes.is_some() && (now.bytes, now.modified) != (candidate.bytes, candidate.modified) {
            return Some("it was written to or replaced".to_owned());
        }
        match &now.readiness {
            Readiness::Ready | Readiness::IfTrailer => None,
            Readiness::Waiting(why) | Readiness::Refused(why) => Some(why.clone()),
        }
    }

    /// What to fetch for a candidate, or why it can't be taken any more. What is planned as it was found needn't be
    /// looked at: it is once it is here.
    fn job(&self, name: &OsStr, candidate: &Candidate) -> Result<Result<Job, String>> {
        let as_found = |job: &&Job| {
            job.name == name
                && Some(job.stamp.bytes) == candidate.bytes
                && i64::try_from(job.stamp.modified).ok() == candidate.modified
        };
        if let Some(job) = self.plan.iter().find(as_found) {
            return Ok(Ok(job.clone()));
        }
        let Some(found) = self.entry(name)? else { return Ok(Err(GONE.to_owned())) };
        if let Some(lost) = self.difference(name, candidate, &found) {
            return Ok(Err(lost));
        }
        Ok(match found.look {
            Some(look) => Ok(Job { name: name.to_owned(), path: self.path(name), stamp: look.stamp }),
            None => Err("it is no file".to_owned()),
        })
    }
}

impl Source for SftpSource {
    fn endpoint(&self) -> Option<String> {
        Some(self.pool.server.endpoint())
    }

    fn discover(&mut self) -> Result<Vec<Candidate>> {
        let earlier = |name: &OsStr| self.looks.get(name).copied();
        let entries = self.origin.entries(&self.pool, &*self.clock, earlier)?;
        self.looks = entries.iter().filter_map(|entry| Some((entry.name.clone(), entry.look?))).collect();
        let ready = entries.iter().filter_map(|entry| match (&entry.candidate.readiness, entry.look) {
            (Readiness::Ready | Readiness::IfTrailer, Some(look)) => {
                Some(Job { name: entry.name.clone(), path: self.path(&entry.name), stamp: look.stamp })
            }
            _ => None,
        });
        self.plan = ready.collect();
        if let Some(prefetch) = &self.prefetch {
            prefetch.plan(self.plan.clone());
        }
        Ok(entries.into_iter().map(|entry| entry.candidate).collect())
    }

    fn revision(&self) -> Revision {
        self.revision
    }

    fn claim(&mut self, candidate: &Candidate) -> Result<Claim> {
        let name = checked_name(candidate)?;
        let job = match self.job(&name, candidate)? {
            Ok(job) => job,
            Err(lost) => return Ok(Claim::Lost(lost)),
        };
        let (content, part) = match self.prefetch()?.claim(&job)? {
            Fetched::Whole(content, part) => (content, part),
            Fetched::Lost(why) => return Ok(Claim::Lost(why)),
        };
        // Before the look: see `Taken::proves`.
        let confirmed = (self.clock)();
        let Some(found) = self.entry(&name)? else { return Ok(Claim::Lost(GONE.to_owned())) };
        if let Some(lost) = self.difference(&name, candidate, &found) {
            return Ok(Claim::Lost(lost));
        }
        self.spool.keep(part, &content)?;
        let bytes = self.spool.open(&content, &candidate.name)?;
        let unit = Unit { id: content.unit_id(), name: candidate.name.clone() };
        if let Some(look) = found.look {
            self.taken.insert((name, unit.id.clone()), Taken { look, confirmed });
        }
        Ok(Claim::Taken { unit, payload: Payload::Bytes(Arc::new(bytes)) })
    }

    fn companion(&mut self, candidate: &Candidate, pattern: &str) -> Result<Companion> {
        let name = checked_name(candidate)?;
        let companion = self.companions.ask(candidate, &name, pattern)?;
        let path = self.path(&companion);
        let shown = self.pool.server.shown(&path);
        let refused = |wrong: String, next: &str| {
            Err(Error::permanent("read the control file", shown.as_str(), wrong).next(next))
        };
        let missing = || Ok(Companion::Missing(text_of(&companion)));
        let Some(stat) = look(&self.pool, &path)? else { return missing() };
        match Stamp::of(&stat) {
            Ok(stamp) => may_be_companion(&shown, stamp.bytes)?,
            Err(what) => return refused(format!("is {what}"), "have the file itself put there"),
        }
        let read = self.pool.with("read the control file", &path, |connection| {
            let mut bytes = Vec::new();
            let file = connection.open(&path)?;
            match file.take(COMPANION_BYTES + 1).read_to_end(&mut bytes) {
                Ok(_) => Ok(bytes),
                Err(error) => Err(Failure::Broken(error.to_string())),
            }
        })?;
        match read {
            Ok(bytes) if bytes.len() as u64 > COMPANION_BYTES => refused("it is growing".to_owned(), "run again"),
            Ok(bytes) => Ok(Companion::Found(bytes)),
            Err(Failure::Missing) => missing(),
            Err(failure) => Err(failure.into_error("read the control file", shown.as_str())),
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
        // The copy goes first. A crash after it costs another transfer; a crash before it, with the file archived,
        // would leave a copy that nobody comes back for.
        self.spool.remove(&content)?;
        let key = (name.clone(), unit.id.clone());
        let released = match outcome {
            Outcome::Finished | Outcome::Duplicate(_) if !matches!(self.destination, Destination::Keep) => {
                let mut remote = Remote { pool: &self.pool };
                let now = remote.look_again(&self.path(&name), &content, self.taken.get(&key).copied())?;
                let loaded = Loaded {
                    directory: &self.origin.directory,
                    companions: self.companions.of(&name, || self.origin.names(&self.pool))?,
                    name,
                    content: &content,
                };
                loaded.release(&mut remote, now, &self.destination)?
            }
            _ => Released::Kept,
        };
        self.taken.remove(&key);
        Ok(released)
    }
}
