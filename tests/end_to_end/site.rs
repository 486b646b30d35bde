//! A folder with settings, pipelines and input, and the program run on it.

use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, SystemTime};

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use crate::warehouse::Contents;

/// A settings folder of its own.
pub struct Site {
    directory: TempDir,
}

/// How a run of the program ended, and what it said.
#[derive(Debug)]
pub struct Ran {
    /// Exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Standard output, then standard error.
    pub said: String,
}

impl Ran {
    /// Fails unless it ended with `code`.
    #[track_caller]
    pub fn expect(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "signal {:?}; it said:\n{}", self.signal, self.said);
        self.said
    }
}

impl Site {
    /// A folder with settings. `warehouse` and `state` are paths, from the folder or absolute.
    pub fn at(warehouse: &str, state: &str, limits: &str) -> Self {
        let site = Self { directory: tempfile::tempdir().unwrap() };
        site.write(
            "campaignd.toml",
            format!(
                "state_directory = \"{state}\"\npipelines = \"pipelines\"\n\
                 [warehouse]\nkind = \"sqlite\"\npath = \"{warehouse}\"\nbusy_timeout_seconds = 5\n\
                 [privacy]\nkey_id = \"test\"\nkey = {{ file = \"privacy.key\" }}\n\
                 [http]\nlisten = \"127.0.0.1:0\"\n[limits]\n{limits}\n"
            ),
        );
        let mut key = OpenOptions::new();
        let mut key = key.write(true).create_new(true).mode(0o600).open(site.path("privacy.key")).unwrap();
        key.write_all(&[b'k'; 48]).unwrap();
        fs::create_dir(site.path("pipelines")).unwrap();
        fs::create_dir(site.path("in")).unwrap();
        site
    }

    /// The usual one.
    pub fn new(limits: &str) -> Self {
        Self::at("warehouse.db", "state", limits)
    }

    /// An empty folder, for the demo to be written to.
    pub fn empty() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    /// The demo, loaded.
    pub fn demo() -> Self {
        let site = Self::empty();
        site.run(&["demo", "--directory", site.path("").to_str().unwrap()]).expect(0);
        site
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a file in the folder.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Adds to a file in the folder.
    pub fn append(&self, name: &str, content: &str) {
        OpenOptions::new().append(true).open(self.path(name)).unwrap().write_all(content.as_bytes()).unwrap();
    }

    /// Replaces text in a file, which must be there.
    #[track_caller]
    pub fn replace(&self, name: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(old), "{name} holds no {old}");
        fs::write(self.path(name), text.replace(old, new)).unwrap();
    }

    /// Makes a file look as if it was last changed a day ago.
    pub fn age(&self, name: &str) {
        let yesterday = SystemTime::now() - Duration::from_hours(24);
        let file = File::options().append(true).open(self.path(name)).unwrap();
        file.set_times(FileTimes::new().set_modified(yesterday)).unwrap();
    }

    /// Names in a directory of the folder, sorted; none where it isn't there.
    pub fn names(&self, directory: &str) -> Vec<String> {
        files_under(&self.path(directory))
    }

    /// The command line `campaignd --config … ARGUMENTS`.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_campaignd"));
        command.arg("--config").arg(self.path("campaignd.toml")).args(arguments);
        command.env_remove("CAMPAIGND_FAILPOINT").stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        ran(&mut self.command(arguments))
    }

    /// What the warehouse holds.
    pub fn contents(&self) -> Contents {
        Contents::of(&self.database())
    }

    /// The warehouse's file.
    pub fn database(&self) -> PathBuf {
        let demo = self.path("campaignd.db");
        if demo.exists() { demo } else { self.path("warehouse.db") }
    }

    /// One number from the warehouse.
    #[track_caller]
    pub fn number(&self, sql: &str) -> i64 {
        crate::warehouse::open(&self.database()).query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// One text from the warehouse.
    #[track_caller]
    pub fn text(&self, sql: &str) -> String {
        crate::warehouse::open(&self.database()).query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

/// Runs a command to its end.
pub fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    Ran {
        code: output.status.code(),
        signal: output.status.signal(),
        said: String::from_utf8_lossy(&said).into_owned(),
    }
}

/// Runs a command and kills it if it hasn't ended after `patience`. `None`: it was killed.
pub fn run_or_kill(command: &mut Command, patience: Duration) -> Option<Ran> {
    let (mut child, reading) = start(command);
    let (ended, end) = channel();
    let reader = std::thread::spawn(move || {
        let said = reading();
        let _ = ended.send(());
        said
    });
    if end.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
        child.kill().unwrap();
    }
    let status: ExitStatus = child.wait().unwrap();
    let said = reader.join().unwrap();
    (status.signal() != Some(9)).then(|| Ran { code: status.code(), signal: status.signal(), said })
}

/// Starts a command; the function returned reads what it says until it ends.
pub fn start(command: &mut Command) -> (Child, impl FnOnce() -> String + Send + use<>) {
    let (mut reader, writer) = std::io::pipe().unwrap();
    command.stdout(writer.try_clone().unwrap()).stderr(writer);
    let child = command.spawn().unwrap();
    // The command keeps the pipe's writing ends until it is given others, and the reader would wait for them.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    (child, move || {
        let mut said = Vec::new();
        reader.read_to_end(&mut said).unwrap();
        String::from_utf8_lossy(&said).into_owned()
    })
}

/// Paths of all files under a directory, from it, sorted; none where it isn't there.
pub fn files_under(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![directory.to_owned()];
    while let Some(next) = waiting.pop() {
        let Ok(entries) = fs::read_dir(&next) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                found.push(path.strip_prefix(directory).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// Compresses.
pub fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}
