//! Where secrets come from. They are read when they are needed and shown nowhere.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretSlice};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A secret. Its `Debug` says nothing of the content, and the memory is wiped when it is dropped.
pub type Secret = SecretSlice<u8>;

/// Longest secret, in bytes: longer is surely the wrong file.
const LONGEST: u64 = 1 << 20;

/// Why a secret couldn't be had. No message holds anything of the secret.
#[derive(Debug, Error)]
pub enum SecretError {
    /// The reference names none or several places.
    #[error("could not read a secret: it needs exactly one of credential, file and env; run `campaignd check`")]
    Ambiguous,
    /// A credential was asked for outside systemd.
    #[error(
        "could not read the credential {0}: CREDENTIALS_DIRECTORY is not set; start the daemon by systemd with \
         LoadCredential={0}:PATH, or set the variable to the folder that holds it"
    )]
    NoCredentials(String),
    /// A credential's name isn't one.
    #[error("could not read the credential {0:?}: its name must be a plain file name; correct it in the settings")]
    BadName(String),
    /// The file can't be read.
    #[error("could not read the secret in {path}: {source}; see that the daemon's user may read it")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Anybody on the machine may read the file.
    #[error("could not trust the secret in {path}: everybody may read it (mode {mode:03o}); chmod o-rwx {path}")]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It is longer than any secret.
    #[error("could not read the secret in {0}: it is longer than a mebibyte; is this the right file?")]
    TooLong(PathBuf),
    /// There is nothing in it.
    #[error("could not read a secret from {0}: it is empty; put the secret there")]
    Empty(String),
    /// The variable isn't set.
    #[error("could not read a secret: the environment variable {0} is not set; set it where the daemon is started")]
    NotSet(String),
}

/// Where a secret is kept. Exactly one of the three is given; the secret itself never stands in settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretReference {
    /// Name of a systemd credential (`LoadCredential=`), read from `$CREDENTIALS_DIRECTORY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// Path of a file that holds the secret and nothing else; a line feed at its end is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// Name of an environment variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
}

impl SecretReference {
    /// Reads the secret. Relative paths start at `base`, the folder of the settings file.
    ///
    /// A file that everybody may read is refused: a secret that leaked can't be called back. Its group may read it,
    /// since that is how a service is usually given one (`root:campaignd`, 0640). Credentials are systemd's to guard.
    pub fn read(&self, base: &Path) -> Result<Secret, SecretError> {
        self.content(base, true)
    }

    /// Reads a secret that isn't text, such as a binary key: a line feed at the end of its file is part of it.
    pub fn read_whole(&self, base: &Path) -> Result<Secret, SecretError> {
        self.content(base, false)
    }

    fn content(&self, base: &Path, text: bool) -> Result<Secret, SecretError> {
        let (content, place) = match (&self.credential, &self.file, &self.env) {
            (Some(name), None, None) => {
                let directory = std::env::var_os("CREDENTIALS_DIRECTORY")
                    .ok_or_else(|| SecretError::NoCredentials(name.clone()))?;
                if name.is_empty() || name.contains('/') || name.starts_with('.') {
                    return Err(SecretError::BadName(name.clone()));
                }
                (read(&Path::new(&directory).join(name), false, text)?, format!("the credential {name}"))
            }
            (None, Some(file), None) => (read(&base.join(file), true, text)?, file.display().to_string()),
            (None, None, Some(name)) => {
                let value = std::env::var_os(name).ok_or_else(|| SecretError::NotSet(name.clone()))?;
                (Secret::from(value.into_encoded_bytes()), format!("the environment variable {name}"))
            }
            _ => return Err(SecretError::Ambiguous),
        };
        if content.expose_secret().is_empty() {
            return Err(SecretError::Empty(place));
        }
        Ok(content)
    }
}

fn read(path: &Path, guarded: bool, text: bool) -> Result<Secret, SecretError> {
    let unreadable = |source| SecretError::Unreadable { path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    let mode = metadata.mode() & 0o777;
    if guarded && mode & 0o007 != 0 {
        return Err(SecretError::Open { path: path.to_owned(), mode });
    }
    // One allocation, so that no copy is left behind when the vector would grow.
    let mut content = Vec::with_capacity(usize::try_from(metadata.len().min(LONGEST)).unwrap_or(0) + 2);
    file.take(LONGEST + 1).read_to_end(&mut content).map_err(unreadable)?;
    if content.len() as u64 > LONGEST {
        return Err(SecretError::TooLong(path.to_owned()));
    }
    if text && content.ends_with(b"\n") {
        content.pop();
    }
    Ok(Secret::from(content))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn of_file(name: &str) -> SecretReference {
        SecretReference { credential: None, file: Some(name.into()), env: None }
    }

    fn write(directory: &Path, name: &str, content: &[u8], mode: u32) {
        let path = directory.join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn reads_a_file_without_its_last_line_feed() {
        let directory = tempfile::tempdir().unwrap();
        write(directory.path(), "key", b"opensesame\n\n", 0o640);
        let secret = of_file("key").read(directory.path()).unwrap();
        assert_eq!(secret.expose_secret(), b"opensesame\n");
        assert!(!format!("{secret:?}").contains("opensesame"));
        let whole = of_file("key").read_whole(directory.path()).unwrap();
        assert_eq!(whole.expose_secret(), b"opensesame\n\n");
    }

    #[test]
    fn refuses_what_is_open_empty_absent_or_ambiguous() {
        let directory = tempfile::tempdir().unwrap();
        write(directory.path(), "open", b"x", 0o644);
        write(directory.path(), "empty", b"\n", 0o600);
        let said = |reference: &SecretReference| reference.read(directory.path()).unwrap_err().to_string();
        assert!(said(&of_file("open")).contains("everybody may read it (mode 644)"));
        assert!(said(&of_file("empty")).contains("it is empty"));
        assert!(said(&of_file("absent")).contains("No such file"));
        let both = SecretReference { env: Some("X".into()), ..of_file("open") };
        assert!(matches!(both.read(directory.path()), Err(SecretError::Ambiguous)));
        let unset = SecretReference { credential: None, file: None, env: Some("CAMPAIGND_TEST_UNSET".into()) };
        assert!(said(&unset).contains("CAMPAIGND_TEST_UNSET is not set"));
    }
}
