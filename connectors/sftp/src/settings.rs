//! What may stand in `[source]` with `kind = "sftp"`.

use std::path::PathBuf;

use campaignd_contract::{ConnectorSettings, Revision, SecretReference, SettingsProblem};
use campaignd_spool::{After, Choice, Order, Ready};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::host_key::is_fingerprint;

/// Files on an SFTP server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SftpSettings {
    /// The server's name or address.
    pub host: String,
    /// Its port.
    #[serde(default = "default_port")]
    pub port: u16,
    /// Whom to log in as.
    pub user: String,
    /// Log in with this password. Servers that ask for it by keyboard-interactive prompts are answered with it too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretReference>,
    /// Log in with this private key, as `ssh-keygen` writes it. With `{ file = "…" }` the file must not be readable by
    /// everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_key: Option<SecretReference>,
    /// Passphrase of the private key, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passphrase: Option<SecretReference>,
    /// Log in with the keys of the ssh agent that `SSH_AUTH_SOCK` names.
    #[serde(default)]
    pub agent: bool,
    /// File with the host keys to trust, as OpenSSH writes it: plain and hashed names, `[host]:port`, wildcards,
    /// `@revoked`. Give this or `fingerprints`; the server's key is always checked. Relative paths start at the folder
    /// of the settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_hosts: Option<PathBuf>,
    /// Fingerprints of the host keys to trust, as `ssh-keygen -lf` prints them: `SHA256:…`. Several allow for a key
    /// that is about to be replaced.
    #[serde(default)]
    pub fingerprints: Vec<String>,
    /// Seconds until a connection must stand, log-in included.
    #[serde(default = "default_connect_timeout")]
    pub connect_timeout_seconds: u32,
    /// Seconds that the server may say nothing while it is waited for. After that the connection counts as broken.
    #[serde(default = "default_timeout")]
    pub timeout_seconds: u32,
    /// Seconds between signs of life on a connection that isn't in use, so that neither the server nor a firewall
    /// drops it while a file is loaded. 0 sends none.
    #[serde(default = "default_keepalive")]
    pub keepalive_seconds: u32,
    /// Connections to the server at most. One is for listing and archiving; the others fetch files, the next ones
    /// while one is loaded. With 1 everything waits for its turn.
    #[serde(default = "default_connections")]
    pub connections: u8,
    /// Which files: a directory on the server, taken literally, and a pattern for the names in it:
    /// `outgoing/calls_*.csv.gz`. In the pattern `*` is any text, `?` one character, `[0-9]` a class, `{a,b}`
    /// alternatives; upper and lower case differ. Names that start with a dot only match a pattern that does.
    /// Subdirectories are not searched. Relative paths start where the server puts the user after the log-in.
    pub path: String,
    /// Patterns of names that are no input although `path` matches them: control files, half-made files.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// How to tell that a file is complete. Required: every default would be wrong for somebody. `marker` where no
    /// markers are sent waits for ever, `trailer` needs a format that has one, and `unchanged` reads half a file from
    /// a sender that stalls. Only who knows the sender can choose; take the first that it supports.
    pub ready: Ready,
    /// Name of the marker file, for `ready = "marker"`: `{name}` is the file's name, `{stem}` the same without its
    /// last extension, as in `"{name}.done"`. It lies in the same directory; names of that form are no input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// Seconds without change after which a file counts as complete, for `ready = "unchanged"`; 10 where not given.
    /// Either its last change is that long ago by this machine's clock, or two looks that far apart found the same size
    /// and time. With 0 a file is complete as soon as it is there: right where the sender renames finished files into
    /// place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unchanged_seconds: Option<u32>,
    /// What becomes of a file, and of its marker and control file, once all of it is in the warehouse. A kept file is
    /// fetched again in every run, to be known by its content.
    #[serde(default)]
    pub after: After,
    /// Directory on the server for `after = "archive"`; made if it isn't there, on the same filesystem as `path`.
    /// Nothing in it is overwritten: a name that is taken gets a part of the content's hash added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<String>,
    /// In which order files are read.
    #[serde(default)]
    pub order: Order,
    /// What to do with a name that was loaded before and now has other content. The source hands every content out;
    /// the daemon holds or loads it by this setting.
    #[serde(default)]
    pub revision: Revision,
}

fn default_port() -> u16 {
    22
}

fn default_connect_timeout() -> u32 {
    15
}

fn default_timeout() -> u32 {
    30
}

fn default_keepalive() -> u32 {
    30
}

fn default_connections() -> u8 {
    3
}

/// Connections to one server at most: more than that is taken for an attack by most of them.
const MOST_CONNECTIONS: u8 = 16;

impl SftpSettings {
    /// What these settings have in common with those of other sources of files.
    pub(crate) fn choice(&self) -> Choice<'_> {
        Choice {
            path: &self.path,
            ignore: &self.ignore,
            ready: self.ready,
            marker: self.marker.as_deref(),
            unchanged_seconds: self.unchanged_seconds,
            after: self.after,
            archive: self.archive.as_deref().map(AsRef::as_ref),
            order: self.order,
        }
    }

    fn check_server(&self, problems: &mut Vec<SettingsProblem>) {
        for (key, value) in [("host", &self.host), ("user", &self.user)] {
            if value.is_empty() || value.contains(|c: char| c.is_whitespace() || c.is_control()) {
                problems.push(SettingsProblem::new(
                    key,
                    format!("{value:?} is no name: it is empty or contains blanks"),
                    format!("write the {key} alone"),
                ));
            }
        }
        if self.host.contains(['/', '@']) || self.host.starts_with('[') {
            problems.push(SettingsProblem::new(
                "host",
                format!("`{}` is more than a name or an address", self.host),
                "give user, port and path by their own settings",
            ));
        }
        if self.port == 0 {
            problems.push(SettingsProblem::new("port", "0 is no port", "leave it out for 22"));
        }
        if !(1..=MOST_CONNECTIONS).contains(&self.connections) {
            problems.push(SettingsProblem::new(
                "connections",
                format!("{} is not between 1 and {MOST_CONNECTIONS}", self.connections),
                "leave it out for 3",
            ));
        }
        for (key, seconds) in
            [("connect_timeout_seconds", self.connect_timeout_seconds), ("timeout_seconds", self.timeout_seconds)]
        {
            if !(1..=3600).contains(&seconds) {
                problems.push(SettingsProblem::new(
                    key,
                    format!("{seconds} is not between 1 and 3600"),
                    "a server that says nothing has to be given up at some time",
                ));
            }
        }
    }

    fn check_login(&self, problems: &mut Vec<SettingsProblem>) {
        let ways =
            [self.password.is_some(), self.private_key.is_some(), self.agent].into_iter().filter(|way| *way).count();
        if ways != 1 {
            let said = if ways == 0 { "there is no way to log in" } else { "there is more than one way to log in" };
            problems.push(SettingsProblem::new("", said, "give exactly one of password, private_key and agent"));
        }
        if self.passphrase.is_some() && self.private_key.is_none() {
            problems.push(SettingsProblem::new(
                "passphrase",
                "only used with `private_key`",
                "remove `passphrase`, or give `private_key`",
            ));
        }
        for (key, secret) in
            [("password", &self.password), ("private_key", &self.private_key), ("passphrase", &self.passphrase)]
        {
            let Some(secret) = secret else { continue };
            let places = [secret.credential.is_some(), secret.file.is_some(), secret.env.is_some()];
            if places.into_iter().filter(|place| *place).count() != 1 {
                problems.push(SettingsProblem::new(
                    key,
                    "a secret is kept in exactly one place",
                    "give one of credential, file and env",
                ));
            }
        }
    }

    fn check_host_key(&self, problems: &mut Vec<SettingsProblem>) {
        match (&self.known_hosts, self.fingerprints.is_empty()) {
            (None, true) => problems.push(SettingsProblem::new(
                "",
                "nothing says which host key to trust",
                "give `known_hosts = \"…\"`, or `fingerprints = [\"SHA256:…\"]` as the server's owner tells you",
            )),
            (Some(_), false) => problems.push(SettingsProblem::new(
                "fingerprints",
                "`known_hosts` says already which host key to trust",
                "remove one of the two",
            )),
            _ => {}
        }
        for fingerprint in &self.fingerprints {
            if !is_fingerprint(fingerprint) {
                problems.push(SettingsProblem::new(
                    "fingerprints",
                    format!("`{fingerprint}` is not a SHA-256 fingerprint"),
                    "write it as `ssh-keygen -lf` prints it: SHA256: and 43 characters",
                ));
            }
        }
    }
}

impl ConnectorSettings for SftpSettings {
    const KIND: &'static str = "sftp";
    const SAMPLE: &'static str = include_str!("../sample.toml");

    fn problems(&self) -> Vec<SettingsProblem> {
        let mut problems = Vec::new();
        self.check_server(&mut problems);
        self.check_login(&mut problems);
        self.check_host_key(&mut problems);
        problems.extend(self.choice().problems());
        problems
    }
}
