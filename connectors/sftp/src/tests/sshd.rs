//! A private OpenSSH server: keys, port and settings of its own, over folders of its own. Nothing of the machine is
//! used but the program and the user who runs the tests.
//!
//! Each connection gets an `sshd -i` of its own, as inetd would start it. So the port is known before anything is
//! started, nobody has to wait until the server is up, and all of it ends with the test.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use tempfile::TempDir;

/// The server, stopped when it is dropped.
pub struct Sshd {
    root: TempDir,
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    sessions: Arc<Mutex<Vec<Child>>>,
    thread: Option<JoinHandle<()>>,
}

impl Sshd {
    /// Starts one with a host key of that type and further lines of `sshd_config`; `None`, with a word, where there is
    /// no sshd.
    pub fn start(key_types: &[&str], config: &str) -> Option<Self> {
        Self::start_by(key_types, config, |_, sshd| Command::new(sshd))
    }

    /// The same with the command that runs the program, given the root folder and the program's path.
    pub fn start_by(
        key_types: &[&str],
        config: &str,
        command: impl Fn(&Path, &Path) -> Command + Send + 'static,
    ) -> Option<Self> {
        let Some(sshd) = program() else {
            eprintln!("skipped: there is no sshd; install openssh-server");
            return None;
        };
        if rustix::process::geteuid().is_root() {
            // The directory of privilege separation, which the machine's own sshd makes when it starts.
            fs::create_dir_all("/run/sshd").unwrap();
        }
        let root = tempfile::tempdir().unwrap();
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let at = |name: &str| root.path().join(name).display().to_string();
        keygen(&root.path().join("client"), "ed25519", "");
        fs::copy(root.path().join("client.pub"), root.path().join("authorized_keys")).unwrap();
        let mut lines = format!(
            "AuthorizedKeysFile {}\nStrictModes no\nUsePAM no\nPermitRootLogin yes\nPidFile none\n\
             PasswordAuthentication no\nKbdInteractiveAuthentication no\nSubsystem sftp internal-sftp\n\
             LogLevel VERBOSE\n",
            at("authorized_keys")
        );
        for key_type in key_types {
            keygen(&root.path().join(format!("host_{key_type}")), key_type, "");
            lines += &format!("HostKey {}\n", at(&format!("host_{key_type}")));
        }
        // The first value of a keyword counts.
        fs::write(root.path().join("sshd_config"), format!("{config}\n{lines}")).unwrap();

        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let stopping = Arc::new(AtomicBool::new(false));
        let sessions = Arc::new(Mutex::new(Vec::new()));
        let (stop, started, folder) = (Arc::clone(&stopping), Arc::clone(&sessions), root.path().to_owned());
        let thread = std::thread::spawn(move || {
            for socket in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let mut command = command(&folder, &sshd);
                command.arg("-i").arg("-f").arg(folder.join("sshd_config")).arg("-E").arg(folder.join("log"));
                started.lock().unwrap().push(serve(command, socket.unwrap()));
            }
        });
        Some(Self { root, address, stopping, sessions, thread: Some(thread) })
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// The public host key of that type, as it stands in a `known_hosts` file after the host's name.
    pub fn host_key(&self, key_type: &str) -> String {
        let line = fs::read_to_string(self.root().join(format!("host_{key_type}.pub"))).unwrap();
        line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    }

    /// A line of a `known_hosts` file for a host key at that port.
    pub fn known_host(&self, key_type: &str, port: u16) -> String {
        format!("[127.0.0.1]:{port} {}\n", self.host_key(key_type))
    }

    /// What `ssh-keygen -lf` says of a host key.
    pub fn fingerprint(&self, key_type: &str) -> String {
        fingerprint(&self.root().join(format!("host_{key_type}.pub")))
    }

    /// Ends the sessions that are open, as a restart of the server does.
    pub fn end_sessions(&self) {
        for mut session in self.sessions.lock().unwrap().drain(..) {
            if let Some(group) = rustix::process::Pid::from_raw(session.id().cast_signed()) {
                // It may have ended by itself.
                let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            }
            session.wait().unwrap();
        }
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        self.end_sessions();
        if std::thread::panicking()
            && let Ok(log) = fs::read_to_string(self.root().join("log"))
        {
            let from = log.len().saturating_sub(3000);
            eprintln!("the end of sshd's log:\n{}", log.get(from..).unwrap_or(&log));
        }
    }
}

fn serve(mut command: Command, socket: TcpStream) -> Child {
    let output = OwnedFd::from(socket.try_clone().unwrap());
    command.stdin(OwnedFd::from(socket)).stdout(output).stderr(Stdio::null()).process_group(0).spawn().unwrap()
}

/// sshd, which wants to be called by its full path.
fn program() -> Option<PathBuf> {
    ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"].iter().map(PathBuf::from).find(|path| path.exists())
}

/// Makes a pair of keys.
pub fn keygen(path: &Path, key_type: &str, passphrase: &str) {
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-N", passphrase, "-C", "test", "-t", key_type]).arg("-f").arg(path);
    assert!(command.stdin(Stdio::null()).status().unwrap().success(), "ssh-keygen makes {}", path.display());
}

/// The fingerprint of a public key.
pub fn fingerprint(path: &Path) -> String {
    let output = Command::new("ssh-keygen").arg("-lf").arg(path).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split_whitespace().nth(1).unwrap().to_owned()
}

/// Who runs the tests.
pub fn user() -> String {
    let output = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
