//! A private GnuPG: keys of its own, in a folder of its own.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A keyring in a folder of its own. Its agent ends with it.
pub struct Gnupg(TempDir);

impl Drop for Gnupg {
    fn drop(&mut self) {
        let _ = Command::new("gpgconf").arg("--homedir").arg(self.0.path()).args(["--kill", "all"]).status();
    }
}

impl Gnupg {
    /// `None`, said, where there is no GnuPG.
    pub fn new() -> Option<Self> {
        if Command::new("gpg").arg("--version").output().is_err() {
            eprintln!("skipped: there is no gpg; install gnupg");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        Some(Self(folder))
    }

    /// Where its keys are.
    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    /// What gpg writes for these arguments and this input.
    pub fn gpg(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let mut gpg = Command::new("gpg")
            .arg("--homedir")
            .arg(self.folder())
            .args(["--batch", "--yes", "--quiet", "--no-tty", "--trust-model", "always", "--pinentry-mode", "loopback"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        gpg.stdin.take().unwrap().write_all(input).unwrap();
        let output = gpg.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "gpg {arguments:?}: {said}");
        output.stdout
    }

    /// A key that signs and a subkey that decrypts, and what is exported of them: `NAME.key` and `NAME.asc`.
    pub fn make_key(&self, name: &str, signs: &str, decrypts: &str, passphrase: &str) {
        let made = ["--passphrase", passphrase];
        self.gpg(&[&made[..], &["--quick-generate-key", name, signs, "sign,cert", "never"]].concat(), b"");
        self.gpg(&[&made[..], &["--quick-add-key", &self.fingerprint(name), decrypts, "encr", "never"]].concat(), b"");
        self.write_secret(
            &format!("{name}.key"),
            &self.gpg(&[&made[..], &["--export-secret-keys", name]].concat(), b""),
        );
        self.export(name, &format!("{name}.asc"));
    }

    /// The fingerprint of the primary key called so.
    pub fn fingerprint(&self, name: &str) -> String {
        let listed = String::from_utf8(self.gpg(&["--with-colons", "--list-keys", name], b"")).unwrap();
        let fingerprint = listed.lines().find_map(|line| line.strip_prefix("fpr:::::::::")).unwrap();
        fingerprint.trim_end_matches(':').to_owned()
    }

    /// Writes the public keys called so to a file of its folder.
    pub fn export(&self, name: &str, file: &str) {
        fs::write(self.folder().join(file), self.gpg(&["--armor", "--export", name], b"")).unwrap();
    }

    /// Writes a file of its folder that nobody else may read.
    pub fn write_secret(&self, name: &str, content: &[u8]) {
        let path = self.folder().join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
}
