//! `campaignd run` as a process: what it tells its service manager, what it logs, and how it ends.

use std::fs::File;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::site::Site;

/// Longer than anything here should take; only a failure waits for it.
const PATIENCE: Duration = Duration::from_mins(2);

/// A daemon, and the service manager it talks to.
pub struct DaemonProcess {
    child: Child,
    /// What it has told its manager, read at once as systemd does: it would wait for a manager that doesn't.
    told: Receiver<String>,
    log: PathBuf,
}

/// How a daemon is started.
#[derive(Default)]
pub struct Start<'a> {
    /// Settings, if not the site's own.
    pub settings: Option<&'a str>,
    /// Variables of its environment.
    pub variables: &'a [(&'a str, &'a str)],
}

impl DaemonProcess {
    /// Starts one on the site's settings.
    pub fn start(site: &Site) -> Self {
        Self::start_with(site, &Start::default())
    }

    /// Starts one.
    pub fn start_with(site: &Site, start: &Start<'_>) -> Self {
        let number = site.names("").iter().filter(|name| name.starts_with("daemon_")).count();
        let socket = site.path(&format!("daemon_{number}.socket"));
        let manager = UnixDatagram::bind(&socket).unwrap();
        let log = site.path(&format!("daemon_{number}.log"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_campaignd"));
        command.arg("--config").arg(site.path(start.settings.unwrap_or("campaignd.toml"))).arg("run");
        command.env_remove("CAMPAIGND_FAILPOINT").stdin(Stdio::null());
        command.env("NOTIFY_SOCKET", &socket).envs(start.variables.iter().copied());
        command.stdout(Stdio::null()).stderr(File::create(&log).unwrap());
        let child = command.spawn().unwrap();
        let (tell, told) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read) = manager.recv(&mut buffer) {
                if tell.send(String::from_utf8_lossy(&buffer[..read]).into_owned()).is_err() {
                    return;
                }
            }
        });
        Self { child, told, log }
    }

    /// Starts one and waits until it says that it is ready.
    pub fn ready(site: &Site) -> Self {
        let mut daemon = Self::start(site);
        daemon.hear("READY=1");
        daemon
    }

    /// The next thing it tells its manager; `None`: nothing for so long.
    pub fn told(&self, patience: Duration) -> Option<String> {
        self.told.recv_timeout(patience).ok()
    }

    /// Waits until it tells its manager something that holds this. A daemon that ends meanwhile is a failure.
    #[track_caller]
    pub fn hear(&mut self, wanted: &str) -> String {
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            match self.told(Duration::from_millis(100)) {
                Some(told) if told.contains(wanted) => return told,
                Some(_) => {}
                None => {
                    if let Some(status) = self.child.try_wait().unwrap() {
                        panic!("it ended ({status}) and never told its manager {wanted}; it logged:\n{}", self.log());
                    }
                }
            }
        }
        panic!("it never told its manager {wanted}; it logged:\n{}", self.log());
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Waits until it has logged this.
    #[track_caller]
    pub fn logs(&mut self, wanted: &str) {
        self.until(wanted, |daemon| daemon.log().contains(wanted));
    }

    /// Waits until something is so. A daemon that ends meanwhile is a failure.
    #[track_caller]
    pub fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let since = Instant::now();
        while !is_so(self) {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("it ended ({status}) before: {what}; it logged:\n{}", self.log());
            }
            assert!(since.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}; it logged:\n{}", self.log());
            pause(Duration::from_millis(5));
        }
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Kills it, as a power cut does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it has ended.
    #[track_caller]
    pub fn end(&mut self) -> ExitStatus {
        let since = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(since.elapsed() < PATIENCE, "it didn't end; it logged:\n{}", self.log());
            pause(Duration::from_millis(5));
        }
    }

    /// Whether it ends by itself in that time.
    pub fn ends_within(&mut self, time: Duration) -> bool {
        let since = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            if since.elapsed() > time {
                return false;
            }
            pause(Duration::from_millis(2));
        }
        true
    }

    /// Stops it as a debugger does, but not inside a transaction, which nobody can take from it on SQLite.
    pub fn stop_between_transactions(&self, site: &Site) {
        stop(&self.child);
        while !can_write(site) {
            self.signal(Signal::CONT);
            pause(Duration::from_micros(300));
            stop(&self.child);
        }
    }

    /// Asks it to stop, and waits until it has.
    #[track_caller]
    pub fn stop(&mut self) {
        self.signal(Signal::TERM);
        let status = self.end();
        assert!(status.success(), "{status}; it logged:\n{}", self.log());
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for DaemonProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Stops a process as a debugger does. The signal alone returns before the last thread stands still.
pub fn stop(process: &Child) {
    kill_process(Pid::from_child(process), Signal::STOP).unwrap();
    let stands_still = |thread: std::io::Result<std::fs::DirEntry>| {
        // A thread that has ended meanwhile stands still, too.
        let Ok(status) = std::fs::read_to_string(thread.unwrap().path().join("stat")) else { return true };
        let (_, state) = status.rsplit_once(") ").unwrap();
        state.starts_with(['T', 'Z', 'X'])
    };
    let threads = format!("/proc/{}/task", process.id());
    while !std::fs::read_dir(&threads).unwrap().all(stands_still) {
        pause(Duration::from_micros(100));
    }
}

fn can_write(site: &Site) -> bool {
    let connection = crate::warehouse::open(&site.database());
    connection.busy_timeout(Duration::ZERO).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_ok()
}

/// Between two looks.
pub fn pause(time: Duration) {
    let (_nobody, moment) = channel::<()>();
    let _ = moment.recv_timeout(time);
}
