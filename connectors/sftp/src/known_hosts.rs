//! Reads `known_hosts` files as OpenSSH writes them; sshd(8) describes them.
//!
//! A line that can't be read is passed over, as OpenSSH does: the worst that can come of it is that a key isn't known,
//! and an unknown key is never trusted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// A public key: its type and its bytes on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) kind: String,
    pub(crate) blob: Vec<u8>,
}

/// What a file says of one host.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// Its keys.
    pub(crate) keys: Vec<Key>,
    /// Keys that nobody may have any more.
    pub(crate) revoked: Vec<Key>,
    /// Whether it has an authority whose certificates are trusted. libssh2 knows no certificates.
    pub(crate) has_authority: bool,
}

/// What the file says of `host` at `port`.
pub(crate) fn known(file: &str, host: &str, port: u16) -> Known {
    let host = host.to_lowercase();
    let name = if port == 22 { host } else { format!("[{host}]:{port}") };
    let mut known = Known::default();
    for line in file.lines() {
        let mut words = line.split_ascii_whitespace().peekable();
        let marker = words.next_if(|word| word.starts_with('@'));
        let (Some(names), Some(kind), Some(key)) = (words.next(), words.next(), words.next()) else { continue };
        if names.starts_with('#') || !matches(names, &name) {
            continue;
        }
        let Ok(blob) = STANDARD.decode(key) else { continue };
        let key = Key { kind: kind.to_owned(), blob };
        match marker {
            None => known.keys.push(key),
            Some("@revoked") => known.revoked.push(key),
            Some("@cert-authority") => known.has_authority = true,
            Some(_) => {}
        }
    }
    known
}

/// Whether the first word of a line means `name`.
fn matches(names: &str, name: &str) -> bool {
    if let Some(hashed) = names.strip_prefix("|1|") {
        return is_hash_of(hashed, name).unwrap_or(false);
    }
    let mut matched = false;
    for pattern in names.split(',') {
        let pattern = pattern.to_lowercase();
        match pattern.strip_prefix('!') {
            Some(pattern) if fits(pattern.as_bytes(), name.as_bytes()) => return false,
            Some(_) => {}
            None => matched |= fits(pattern.as_bytes(), name.as_bytes()),
        }
    }
    matched
}

/// `salt|hash`, both in Base64, where the hash is the HMAC-SHA-1 of the name keyed by the salt.
fn is_hash_of(hashed: &str, name: &str) -> Option<bool> {
    let (salt, hash) = hashed.split_once('|')?;
    let (salt, hash) = (STANDARD.decode(salt).ok()?, STANDARD.decode(hash).ok()?);
    let mut mac = Hmac::<Sha1>::new_from_slice(&salt).ok()?;
    mac.update(name.as_bytes());
    Some(mac.verify_slice(&hash).is_ok())
}

/// Whether a name fits a pattern, in which `*` is any text and `?` one character.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    match pattern.split_first() {
        None => name.is_empty(),
        Some((b'*', rest)) => (0..=name.len()).any(|skipped| fits(rest, &name[skipped..])),
        Some((first, rest)) => {
            name.split_first().is_some_and(|(byte, after)| (*first == b'?' || first == byte) && fits(rest, after))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(file: &str, host: &str, port: u16) -> Vec<String> {
        known(file, host, port).keys.into_iter().map(|key| key.kind).collect()
    }

    #[test]
    fn names_are_plain_patterns_or_hashes() {
        // The hash is of `hashed.example.com`, made by `ssh-keygen -H`.
        let file = "\
# a comment
plain.example.com,10.0.0.1 ssh-ed25519 AAAA a comment
Mixed.Example.com ssh-rsa AAAA
[plain.example.com]:2222 ecdsa-sha2-nistp256 AAAA
*.wild.example.com,!not.wild.example.com ssh-ed25519 AAAA
h?st ssh-ed25519 AAAA
broken.example.com ssh-ed25519
broken.example.com ssh-ed25519 *
";
        assert_eq!(kinds(file, "plain.example.com", 22), ["ssh-ed25519"]);
        assert_eq!(kinds(file, "PLAIN.example.com", 22), ["ssh-ed25519"]);
        assert_eq!(kinds(file, "10.0.0.1", 22), ["ssh-ed25519"]);
        assert_eq!(kinds(file, "mixed.example.com", 22), ["ssh-rsa"]);
        assert_eq!(kinds(file, "plain.example.com", 2222), ["ecdsa-sha2-nistp256"]);
        assert_eq!(kinds(file, "plain.example.com", 2223), [""; 0]);
        assert_eq!(kinds(file, "a.wild.example.com", 22), ["ssh-ed25519"]);
        assert_eq!(kinds(file, "not.wild.example.com", 22), [""; 0]);
        assert_eq!(kinds(file, "host", 22), ["ssh-ed25519"]);
        assert_eq!(kinds(file, "hoost", 22), [""; 0]);
        assert_eq!(kinds(file, "broken.example.com", 22), [""; 0]);
        assert_eq!(kinds(file, "#", 22), [""; 0]);
    }

    #[test]
    fn markers_are_told_apart() {
        let file = "@revoked host ssh-rsa AAAA\n@cert-authority host ssh-rsa AAAA\n@else host ssh-rsa AAAA\n";
        let known = known(file, "host", 22);
        assert_eq!((known.keys.len(), known.revoked.len(), known.has_authority), (0, 1, true));
    }
}
