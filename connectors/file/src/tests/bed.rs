//! A directory with files, a spool, an archive and a clock of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use campaignd_contract::{BuildContext, Candidate, Claim, Payload, Source, Supervision, Unit};
use tempfile::TempDir;

use crate::{FileSettings, FileSource};

pub(super) struct Bed {
    root: PathBuf,
    /// Removes the directory in the end, where this made it.
    _made: Option<TempDir>,
    now: Arc<Mutex<SystemTime>>,
}

impl Bed {
    pub(super) fn new() -> Self {
        let made = tempfile::tempdir().unwrap();
        fs::create_dir(made.path().join("in")).unwrap();
        let bed = Self::at(made.path());
        Self { _made: Some(made), ..bed }
    }

    /// One that another process has made. Its clock stands an hour ahead, so that what is put there is old enough.
    pub(super) fn at(root: &Path) -> Self {
        let now = SystemTime::now() + Duration::from_hours(1);
        Self { root: root.to_owned(), _made: None, now: Arc::new(Mutex::new(now)) }
    }

    pub(super) fn now(&self) -> SystemTime {
        *self.now.lock().unwrap()
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn input(&self, name: &str) -> PathBuf {
        self.root().join("in").join(name)
    }

    pub(super) fn put(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.input(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// A source with `path = "in/*"`, `ready = "unchanged"` and these further settings.
    pub(super) fn source(&self, settings: &str) -> FileSource {
        let ready = if settings.contains("ready") { "" } else { "ready = 'unchanged'\n" };
        let path = if settings.contains("path") { "" } else { "path = 'in/*'\n" };
        let settings: FileSettings = toml::from_str(&format!("{path}{ready}{settings}")).unwrap();
        let now = Arc::clone(&self.now);
        FileSource::with_clock(&settings, &self.context(), Arc::new(move || *now.lock().unwrap())).unwrap()
    }

    pub(super) fn context(&self) -> BuildContext {
        BuildContext {
            pipeline: "calls".into(),
            base_directory: self.root().into(),
            spool_directory: self.root().join("spool"),
            supervision: Supervision::default(),
        }
    }

    pub(super) fn advance(&self, seconds: u64) {
        *self.now.lock().unwrap() += Duration::from_secs(seconds);
    }

    /// Sets a file's time of change to so many seconds before now, or after it where negative.
    pub(super) fn age(&self, name: &str, seconds: i64) {
        let now = self.now();
        let by = Duration::from_secs(seconds.unsigned_abs());
        let at = if seconds < 0 { now + by } else { now - by };
        fs::File::options().write(true).open(self.input(name)).unwrap().set_modified(at).unwrap();
    }

    /// Names below a folder of the bed, sorted; none where it isn't there.
    pub(super) fn names(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.root().join(folder)) else { return Vec::new() };
        let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    pub(super) fn spooled(&self) -> Vec<String> {
        self.names("spool/calls")
    }
}

pub(super) fn candidate(source: &mut FileSource, name: &str) -> Candidate {
    let found = source.discover().unwrap();
    found.into_iter().find(|candidate| candidate.name == name).unwrap_or_else(|| panic!("{name} was not found"))
}

/// Discovers and claims.
pub(super) fn take(source: &mut FileSource, name: &str) -> (Candidate, Unit, Vec<u8>) {
    let candidate = candidate(source, name);
    match source.claim(&candidate).unwrap() {
        Claim::Taken { unit, payload: Payload::Bytes(bytes) } => {
            let mut content = Vec::new();
            bytes.open().unwrap().read_to_end(&mut content).unwrap();
            (candidate, unit, content)
        }
        Claim::Taken { .. } => panic!("a file is bytes"),
        Claim::Lost(why) => panic!("{name} was lost: {why}"),
    }
}

/// Claims what can't be taken, and says why.
pub(super) fn lose(source: &mut FileSource, candidate: &Candidate) -> String {
    match source.claim(candidate).unwrap() {
        Claim::Lost(why) => why,
        Claim::Taken { .. } => panic!("{} was taken", candidate.name),
    }
}
