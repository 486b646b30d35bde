//! A systemd of its own, booted in a container over a root directory to throw away.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::net::UnixDatagram;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::root::Root;
use crate::{must, needs, said};

/// None of what is waited for takes long; a machine that is busy may.
const PATIENCE: Duration = Duration::from_mins(1);

/// The container.
pub struct Container {
    root: Root,
    nspawn: Child,
    /// The first process in it, as it is numbered outside.
    leader: String,
    journal: Option<Journal>,
}

struct Journal {
    following: Child,
    lines: Receiver<String>,
}

impl Container {
    /// Boots one; else says why it can't be.
    pub fn boot(root: Root) -> Result<Self, String> {
        needs(&["systemd-nspawn", "setpriv", "ip"])?;
        // Its first boot would ask questions, and nothing but the daemon should wait for a network.
        root.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
        for unit in ["systemd-networkd-wait-online", "NetworkManager-wait-online"] {
            root.must(&["ln", "-sf", "/dev/null", &format!("/etc/systemd/system/{unit}.service")]);
        }
        // An image for containers without a systemd forbids packages to start services.
        root.must(&["rm", "-f", "/usr/sbin/policy-rc.d"]);
        must(root.beside("umount").arg(root.mounted().join("dev")));
        let folder = tempfile::tempdir().unwrap();
        let notices = folder.path().join("notices");
        let socket = UnixDatagram::bind(&notices).map_err(|error| format!("{}: {error}", notices.display()))?;
        // Told to, it shuts down: also where this process is killed.
        let mut command = root.beside("setpriv");
        command.args([
            "--pdeathsig",
            "TERM",
            "systemd-nspawn",
            "--quiet",
            "--register=no",
            "--keep-unit",
            "--private-network",
            "--link-journal=no",
        ]);
        command.args(["--console=pipe", "--notify-ready=yes", "--boot", "--directory"]).arg(root.mounted());
        command.arg("systemd.unit=basic.target").env("NOTIFY_SOCKET", &notices);
        // nspawn's own filter of system calls would keep the systemd in it from filtering packets.
        command.env("SYSTEMD_SECCOMP", "0");
        let mut nspawn = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut leader = None;
        if !has_booted(&socket, &mut nspawn, &mut leader) {
            kill(leader.as_deref());
            let _ = nspawn.kill();
            let mut why = String::new();
            nspawn.stderr.take().unwrap().read_to_string(&mut why).unwrap();
            nspawn.wait().unwrap();
            assert!(leader.is_none(), "the container didn't boot: {why}");
            return Err(format!("no container can be started here: {}", why.trim()));
        }
        let leader = leader.unwrap();
        Ok(Self { root, nspawn, leader, journal: None })
    }

    /// Its root directory.
    pub fn root(&self) -> &Root {
        &self.root
    }

    fn inside(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--all", "--target", &self.leader]).args(arguments).stdin(Stdio::null());
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    }

    /// Runs a command in it.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.inside(arguments).output().unwrap()
    }

    /// Runs a command in it that must go well, and returns what it said.
    #[track_caller]
    pub fn must(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        if !output.status.success() {
            let journal = said(&self.run(&["journalctl", "--no-pager", "--lines", "40"]));
            panic!("{arguments:?} ended with {}:\n{}\n{journal}", output.status, said(&output));
        }
        said(&output)
    }

    /// A property of the daemon's unit.
    #[track_caller]
    pub fn property(&self, name: &str) -> String {
        self.must(&["systemctl", "show", "campaignd", "--value", "--property", name]).trim().to_owned()
    }

    /// Follows what the journal holds of the daemon's unit, from its beginning.
    pub fn follow_journal(&mut self) {
        let mut command = self.inside(&["journalctl", "--unit", "campaignd", "--follow", "--lines", "all"]);
        let mut following = command.args(["--output", "cat"]).stdout(Stdio::piped()).spawn().unwrap();
        let (found, lines) = channel();
        let stdout: ChildStdout = following.stdout.take().unwrap();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if found.send(line).is_err() {
                    return;
                }
            }
        });
        self.journal = Some(Journal { following, lines });
    }

    /// Waits until the journal says that, and returns the whole line. What it said before is passed over.
    #[track_caller]
    pub fn wait_for(&self, part: &str) -> String {
        let mut passed = Vec::new();
        let until = Instant::now() + PATIENCE;
        loop {
            let patience = until.saturating_duration_since(Instant::now());
            let Ok(line) = self.journal.as_ref().unwrap().lines.recv_timeout(patience) else {
                panic!("the journal doesn't say {part:?} but:\n{}", passed.join("\n"));
            };
            if line.contains(part) {
                return line;
            }
            passed.push(line);
        }
    }
}

/// Whether it says in time that it has booted; on the way it says which is its first process.
fn has_booted(socket: &UnixDatagram, nspawn: &mut Child, leader: &mut Option<String>) -> bool {
    // What ends before it says anything doesn't close the socket.
    socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        let mut notice = [0; 4096];
        let Ok(length) = socket.recv(&mut notice) else {
            if nspawn.try_wait().unwrap().is_some() {
                return false;
            }
            continue;
        };
        for line in String::from_utf8_lossy(&notice[..length]).lines() {
            match line.split_once('=') {
                Some(("X_NSPAWN_LEADER_PID", pid)) => *leader = Some(pid.to_owned()),
                Some(("READY", "1")) => return leader.is_some(),
                _ => {}
            }
        }
    }
    false
}

/// All other processes of a container die with its first.
fn kill(leader: Option<&str>) {
    if let Some(leader) = leader {
        let _ = Command::new("kill").args(["-KILL", leader]).status();
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        kill(Some(&self.leader));
        let _ = self.nspawn.wait();
        if let Some(journal) = &mut self.journal {
            let _ = journal.following.wait();
        }
    }
}
