//! Rejected rows hold whatever the source sent, phone numbers included. They are kept sealed: XChaCha20-Poly1305
//! under a key derived from the pseudonym key, so that only a daemon with that key can open them.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;

const NONCE_BYTES: usize = 24;

/// Seals rows and opens them again.
#[derive(Clone)]
pub struct Seal {
    cipher: XChaCha20Poly1305,
    nonce_key: [u8; 32],
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal")
    }
}

/// A sealed row that this key doesn't open.
#[derive(Debug, thiserror::Error)]
#[error("a rejected row was sealed with another key, or its bytes were changed; give the key it was sealed with")]
pub struct WrongKey;

impl Seal {
    /// A seal under keys derived from `secret`, each for one use (HMAC-SHA-256 with a label, as in HKDF's expand).
    pub fn new(secret: &[u8]) -> Self {
        let key = derive(secret, b"campaignd sealed rejects: key");
        Self {
            cipher: XChaCha20Poly1305::new(&key.into()),
            nonce_key: derive(secret, b"campaignd sealed rejects: nonce"),
        }
    }

    /// Seals `row`, bound to `place` (unit and ordinal). The nonce is a keyed hash of both, so that loading the same
    /// row again after a crash writes the same bytes; it repeats only where the whole message does.
    ///
    /// # Panics
    ///
    /// Never: no row comes near the length the cipher refuses.
    pub fn seal(&self, row: &[u8], place: &str) -> Vec<u8> {
        let mut mac = keyed(&self.nonce_key);
        mac.update(&(place.len() as u64).to_le_bytes());
        mac.update(place.as_bytes());
        mac.update(row);
        let digest = mac.finalize().into_bytes();
        let mut sealed = digest[..NONCE_BYTES].to_vec();
        let nonce = nonce_of(&sealed);
        let ciphertext = self
            .cipher
            .encrypt(&nonce, Payload { msg: row, aad: place.as_bytes() })
            .expect("a row is far below the cipher's limit of 256 GiB");
        sealed.extend_from_slice(&ciphertext);
        sealed
    }

    /// Opens what `seal` made for the same place.
    pub fn open(&self, sealed: &[u8], place: &str) -> Result<Vec<u8>, WrongKey> {
        if sealed.len() < NONCE_BYTES {
            return Err(WrongKey);
        }
        let (nonce, ciphertext) = sealed.split_at(NONCE_BYTES);
        self.cipher.decrypt(&nonce_of(nonce), Payload { msg: ciphertext, aad: place.as_bytes() }).map_err(|_| WrongKey)
    }
}

fn nonce_of(bytes: &[u8]) -> XNonce {
    let mut nonce = [0; NONCE_BYTES];
    nonce.copy_from_slice(&bytes[..NONCE_BYTES]);
    nonce.into()
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length")
}

fn derive(secret: &[u8], label: &[u8]) -> [u8; 32] {
    let mut mac = keyed(secret);
    mac.update(label);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_with_its_key_and_place() {
        let seal = Seal::new(b"a key of at least thirty-two bytes!");
        let sealed = seal.seal(b"+1 212 555 0100;SALE", "unit#7");
        assert!(!sealed.windows(8).any(|w| w == b"555 0100"), "the phone must not be readable");
        assert_eq!(seal.open(&sealed, "unit#7").unwrap(), b"+1 212 555 0100;SALE");
        assert!(seal.open(&sealed, "unit#8").is_err());
        assert!(Seal::new(b"another key").open(&sealed, "unit#7").is_err());
        assert!(seal.open(b"short", "unit#7").is_err());
        assert_eq!(sealed, seal.seal(b"+1 212 555 0100;SALE", "unit#7"), "the same row seals the same");
    }
}
