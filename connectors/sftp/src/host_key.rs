//! Whether a server is the one it should be: its host key against those that are pinned.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use campaignd_contract::{Error, Result};
use sha2::{Digest, Sha256};

use crate::known_hosts::{Key, known};

/// Types of host keys that are accepted, and the algorithms by which a server proves that it has one. SHA-1
/// (`ssh-rsa`) and DSA are not among them.
pub(crate) const KEY_TYPES: [(&str, &str); 5] = [
    ("ssh-ed25519", "ssh-ed25519"),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"),
    ("ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384"),
    ("ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521"),
    ("ssh-rsa", "rsa-sha2-512,rsa-sha2-256"),
];

const PREFIX: &str = "SHA256:";

/// The fingerprint of a key, as `ssh-keygen -lf` prints it.
pub(crate) fn fingerprint(blob: &[u8]) -> String {
    format!("{PREFIX}{}", STANDARD_NO_PAD.encode(Sha256::digest(blob)))
}

/// Whether a text is such a fingerprint.
pub(crate) fn is_fingerprint(text: &str) -> bool {
    let decoded = text.strip_prefix(PREFIX).and_then(|encoded| STANDARD_NO_PAD.decode(encoded).ok());
    decoded.is_some_and(|hash| hash.len() == 32)
}

/// A key that a server has shown.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    fingerprint: String,
    kind: String,
}

impl Shown {
    pub(crate) fn new(blob: &[u8]) -> Self {
        // RFC 4253, 6.6: a key starts with the name of its type, after its length in four bytes.
        let length = blob.first_chunk().map_or(0, |length| u32::from_be_bytes(*length) as usize);
        let kind = blob.get(4..4_usize.saturating_add(length)).unwrap_or_default();
        Self { fingerprint: fingerprint(blob), kind: String::from_utf8_lossy(kind).into_owned() }
    }
}

/// Where the keys to trust are written down.
#[derive(Debug, Clone)]
pub(crate) enum Pins {
    /// In a `known_hosts` file.
    KnownHosts(PathBuf),
    /// In the settings, by their fingerprints.
    Fingerprints(Vec<String>),
}

/// The keys to trust for one server.
#[derive(Debug)]
pub(crate) struct Trusted {
    fingerprints: Vec<String>,
    revoked: Vec<String>,
    /// Types these keys can have.
    types: Vec<&'static (&'static str, &'static str)>,
    /// Where they are written down.
    place: String,
    has_authority: bool,
}

impl Pins {
    /// The keys to trust for a server. The file is read each time: a key added to it counts at once.
    pub(crate) fn of(&self, host: &str, port: u16) -> Result<Trusted> {
        match self {
            Self::Fingerprints(fingerprints) => Ok(Trusted {
                fingerprints: fingerprints.clone(),
                revoked: Vec::new(),
                types: KEY_TYPES.iter().collect(),
                place: "`fingerprints`".to_owned(),
                has_authority: false,
            }),
            Self::KnownHosts(path) => {
                let file = std::fs::read(path).map_err(|error| {
                    Error::io("read the known hosts in", path.display().to_string(), &error)
                        .next("correct `known_hosts`; without it no server is trusted")
                })?;
                let known = known(&String::from_utf8_lossy(&file), host, port);
                let fingerprints = |keys: &[Key]| keys.iter().map(|key| fingerprint(&key.blob)).collect::<Vec<_>>();
                Ok(Trusted {
                    fingerprints: fingerprints(&known.keys),
                    revoked: fingerprints(&known.revoked),
                    types: KEY_TYPES
                        .iter()
                        .filter(|(kind, _)| known.keys.iter().any(|key| key.kind == *kind))
                        .collect(),
                    place: path.display().to_string(),
                    has_authority: known.has_authority,
                })
            }
        }
    }
}

impl Trusted {
    /// Algorithms to ask the server for, one type of key after the other. A server has keys of several types; asked
    /// for the type that is pinned, it doesn't show another one that would look changed.
    pub(crate) fn algorithms(&self) -> impl Iterator<Item = &'static str> {
        self.types.iter().map(|(_, algorithms)| *algorithms)
    }

    /// Whether a key is one of those to trust.
    pub(crate) fn contains(&self, shown: &Shown) -> bool {
        self.fingerprints.contains(&shown.fingerprint) && !self.revoked.contains(&shown.fingerprint)
    }

    /// Why none of the keys that the server at `address` has shown can be trusted.
    pub(crate) fn refusal(&self, address: &str, shown: &[Shown]) -> Error {
        let seen: Vec<_> = shown.iter().map(|key| format!("{} ({})", key.fingerprint, key.kind)).collect();
        let seen = seen.join(", ");
        let place = &self.place;
        let refused = |wrong: String| Error::permanent("trust", address, wrong);
        if shown.iter().any(|key| self.revoked.contains(&key.fingerprint)) {
            return refused(format!(
                "ITS HOST KEY IS REVOKED: it shows {seen}, which {place} marks as one that nobody may use any more; \
                 this may be an attack, and no secret was sent to it"
            ))
            .next("don't connect to it until its owner says what happened");
        }
        if self.fingerprints.is_empty() {
            let certificates = if self.has_authority {
                " (it has a certificate authority for it, and certificates are not supported)"
            } else {
                ""
            };
            return refused(format!(
                "its host key is unknown: it shows {seen}, and {place} has none for it{certificates}"
            ))
            .next("get the fingerprint from the server's owner, compare the two, and add the key");
        }
        refused(format!(
            "ITS HOST KEY HAS CHANGED: it shows {seen}, {place} has {}; this may be an attack by somebody who \
             intercepts the connection, and no secret was sent to it",
            self.fingerprints.join(", ")
        ))
        .next("ask the server's owner by another way; only if the key was replaced on purpose, replace it there too")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_those_of_ssh_keygen() {
        assert!(is_fingerprint("SHA256:uNiVztksCsDhcc0u9e8BrWXPT5xGkEZ6pPcVZcv4zSM"));
        for bad in [
            "",
            "SHA256:",
            "uNiVztksCsDhcc0u9e8BrWXPT5xGkEZ6pPcVZcv4zSM",
            "SHA256:uNiVztksCsDhcc0u9e8BrWXPT5xGkEZ6pPcVZcv4zSM=",
            "MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
        ] {
            assert!(!is_fingerprint(bad), "{bad}");
        }
    }

    #[test]
    fn odd_keys_have_a_fingerprint_too() {
        for blob in [&b""[..], b"\0\0", b"\xff\xff\xff\xffssh", b"\0\0\0\x0bssh-ed25519"] {
            assert!(is_fingerprint(&Shown::new(blob).fingerprint));
        }
        assert_eq!(Shown::new(b"\0\0\0\x0bssh-ed25519rest").kind, "ssh-ed25519");
    }
}
