//! A root directory to throw away: an overlay over this machine's own, in a mount namespace of its own. What is installed
//! or changed there lies in memory and vanishes with it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use crate::{must, needs, needs_root};

/// Mounts it, says so and waits. A package manager in it needs devices; a systemd needs the control groups as one tree.
const HOLD: &str = r#"
set -e
mount -t tmpfs -o mode=755 campaignd-tests "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" campaignd-tests "$1/root"
mount --bind /dev "$1/root/dev"
mount -t cgroup2 campaignd-tests /sys/fs/cgroup
echo mounted
exec cat
"#;

/// What an installation on the machine itself would have left.
const FORGET: &str = r"
if dpkg --status campaignd >/dev/null 2>&1; then dpkg --purge campaignd; fi
rm -rf /etc/campaignd /var/lib/campaignd /etc/systemd/system/campaignd.service.d
";

/// The root directory.
pub struct Root {
    directory: TempDir,
    holder: Child,
}

impl Root {
    /// Mounts one; else says why it can't be.
    pub fn new() -> Result<Self, String> {
        needs_root()?;
        needs(&["unshare", "nsenter", "mount", "chroot", "dpkg"])?;
        let directory = tempfile::tempdir().unwrap();
        let mut holder = Command::new("unshare")
            .args(["--mount", "--propagation", "private", "sh", "-c", HOLD, "hold"])
            .arg(directory.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(holder.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        if line != "mounted\n" {
            let mut why = String::new();
            holder.stderr.take().unwrap().read_to_string(&mut why).unwrap();
            holder.wait().unwrap();
            return Err(format!("an overlay of / can't be mounted here: {}", why.trim()));
        }
        let root = Self { directory, holder };
        root.must(&["sh", "-ec", FORGET]);
        Ok(root)
    }

    /// A file or directory of it, as this process reaches it.
    pub fn path(&self, name: &str) -> PathBuf {
        let within = self.mounted();
        Path::new("/proc").join(self.holder.id().to_string()).join(format!("root{}{name}", within.display()))
    }

    /// Where it is mounted, in its namespace.
    pub fn mounted(&self) -> PathBuf {
        self.directory.path().join("root")
    }

    /// A command outside of it, where its mounts are seen.
    pub fn beside(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--mount", "--target"]).arg(self.holder.id().to_string()).arg(program);
        command.stdin(Stdio::null());
        command
    }

    fn inside(&self, arguments: &[&str]) -> Command {
        let mut command = self.beside("chroot");
        command.arg(self.mounted()).args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        command
    }

    /// Runs a command in it.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.inside(arguments).output().unwrap()
    }

    /// Runs a command in it that must go well, and returns what it said.
    #[track_caller]
    pub fn must(&self, arguments: &[&str]) -> String {
        must(&mut self.inside(arguments))
    }

    /// Puts a file into it, readable for all.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Whether there is such a file or directory.
    pub fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// A file's text.
    #[track_caller]
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        // The mounts go with the last process of their namespace.
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
