//! A server with files, a spool, an archive and a clock of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use campaignd_contract::{BuildContext, Candidate, Claim, Error, Payload, Readiness, Source, Supervision, Unit};

use super::sshd::{Sshd, user};
use crate::pool::Patience;
use crate::{SftpSettings, SftpSource};

pub(super) struct Bed {
    pub(super) server: Sshd,
    now: Arc<Mutex<SystemTime>>,
}

impl Bed {
    /// `None`, with a word, where there is no sshd.
    pub(super) fn new() -> Option<Self> {
        Some(Self::over(Sshd::start(&["ed25519"], "")?))
    }

    pub(super) fn over(server: Sshd) -> Self {
        fs::create_dir(server.root().join("in")).unwrap();
        fs::write(server.root().join("known_hosts"), server.known_host("ed25519", server.port())).unwrap();
        // An hour ahead, so that what is put there is old enough.
        let now = Arc::new(Mutex::new(SystemTime::now() + Duration::from_hours(1)));
        Self { server, now }
    }

    pub(super) fn root(&self) -> &Path {
        self.server.root()
    }

    pub(super) fn input(&self, name: &str) -> PathBuf {
        self.root().join("in").join(name)
    }

    pub(super) fn put(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.input(name);
        fs::write(&path, content).unwrap();
        path
    }

    pub(super) fn advance(&self, seconds: u64) {
        *self.now.lock().unwrap() += Duration::from_secs(seconds);
    }

    /// A source of `in/*`, of files that are unchanged, with the client's key, and with these settings instead of or
    /// besides those. `ROOT` stands for the server's folder.
    pub(super) fn source(&self, settings: &str) -> SftpSource {
        let mut source = self.patient(settings);
        source.set_patience(Patience { tries: 3, pause: Duration::from_millis(1) });
        source
    }

    /// One that tries as often as the daemon's.
    pub(super) fn patient(&self, settings: &str) -> SftpSource {
        self.supervised(settings, &self.context())
    }

    /// One that reports to the supervision of a context.
    pub(super) fn supervised(&self, settings: &str, context: &BuildContext) -> SftpSource {
        let now = Arc::clone(&self.now);
        let clock = Arc::new(move || *now.lock().unwrap());
        SftpSource::with_clock(&self.settings(settings), context, clock).unwrap()
    }

    pub(super) fn settings(&self, settings: &str) -> SftpSettings {
        let mut table: toml::Table = toml::from_str(&format!(
            "host = '127.0.0.1'\nport = {}\nuser = '{}'\npath = 'ROOT/in/*'\nready = 'unchanged'\n\
             known_hosts = 'known_hosts'\nprivate_key = {{ file = 'client' }}",
            self.server.port(),
            user(),
        ))
        .unwrap();
        for (key, value) in toml::from_str::<toml::Table>(settings).unwrap() {
            // One way to log in and one to know the server.
            match key.as_str() {
                "password" | "agent" => drop(table.remove("private_key")),
                "fingerprints" => drop(table.remove("known_hosts")),
                _ => {}
            }
            table.insert(key, value);
        }
        let text = table.to_string().replace("ROOT", &self.root().display().to_string());
        toml::from_str(&text).unwrap()
    }

    pub(super) fn context(&self) -> BuildContext {
        BuildContext {
            pipeline: "calls".into(),
            base_directory: self.root().into(),
            spool_directory: self.root().join("spool"),
            supervision: Supervision::default(),
        }
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

    /// An error's words, the same in every run.
    pub(super) fn words(&self, error: &Error) -> String {
        let words = error.to_string().replace(&self.root().display().to_string(), "ROOT");
        words.replace(&self.server.port().to_string(), "PORT").replace(&format!(" as {}", user()), " as USER")
    }
}

/// Bytes that tell where they stand.
pub(super) fn content(bytes: u32) -> Vec<u8> {
    (0..bytes.div_ceil(4)).flat_map(u32::to_be_bytes).take(bytes as usize).collect()
}

pub(super) fn names(source: &mut SftpSource) -> Vec<String> {
    source.discover().unwrap().into_iter().map(|candidate| candidate.name).collect()
}

pub(super) fn candidate(source: &mut SftpSource, name: &str) -> Candidate {
    let found = source.discover().unwrap();
    found.into_iter().find(|candidate| candidate.name == name).unwrap_or_else(|| panic!("{name} was not found"))
}

pub(super) fn readiness(source: &mut SftpSource, name: &str) -> String {
    match candidate(source, name).readiness {
        Readiness::Ready => "ready".to_owned(),
        Readiness::IfTrailer => "ready if it has its trailer".to_owned(),
        Readiness::Waiting(why) => format!("waiting: {why}"),
        Readiness::Refused(why) => format!("refused: {why}"),
    }
}

/// Claims what was discovered.
pub(super) fn claim(source: &mut SftpSource, candidate: &Candidate) -> (Unit, Vec<u8>) {
    match source.claim(candidate).unwrap() {
        Claim::Taken { unit, payload: Payload::Bytes(bytes) } => {
            let mut content = Vec::new();
            bytes.open().unwrap().read_to_end(&mut content).unwrap();
            (unit, content)
        }
        Claim::Taken { .. } => panic!("a file is bytes"),
        Claim::Lost(why) => panic!("{} was lost: {why}", candidate.name),
    }
}

/// Discovers and claims.
pub(super) fn take(source: &mut SftpSource, name: &str) -> (Candidate, Unit, Vec<u8>) {
    let candidate = candidate(source, name);
    let (unit, content) = claim(source, &candidate);
    (candidate, unit, content)
}

/// Claims what can't be taken, and says why.
pub(super) fn lose(source: &mut SftpSource, candidate: &Candidate) -> String {
    match source.claim(candidate).unwrap() {
        Claim::Lost(why) => why,
        Claim::Taken { .. } => panic!("{} was taken", candidate.name),
    }
}

/// Claims what can't be fetched.
pub(super) fn fail(source: &mut SftpSource, candidate: &Candidate) -> Error {
    source.claim(candidate).err().unwrap_or_else(|| panic!("{} was claimed", candidate.name))
}
