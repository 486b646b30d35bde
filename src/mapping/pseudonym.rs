//! Keyed pseudonyms: what stands in the warehouse instead of a phone number, an e-mail address or a customer number.
//!
//! HMAC-SHA-256 with a secret key, not a bare hash: all phone numbers there are can be hashed in minutes. The key's id
//! stands in front, so that a new key can be told from an old one.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use thiserror::Error;

/// Bytes a key has at least: as many as the hash.
const KEY_BYTES: usize = 32;

/// Why there can be no pseudonyms.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyError {
    /// The key is shorter than the hash.
    #[error(
        "the pseudonym key `{key_id}` has {bytes} bytes: it needs at least {KEY_BYTES}; make one with `openssl rand -base64 48`"
    )]
    TooShort {
        /// Its id.
        key_id: String,
        /// Its length.
        bytes: usize,
    },
    /// The id would not be readable in front of a pseudonym.
    #[error(
        "`{key_id}` can't be the id of a pseudonym key: 1 to 16 lower-case letters, digits and hyphens can, such as `k1`"
    )]
    BadId {
        /// The id.
        key_id: String,
    },
}

/// Makes pseudonyms with one key. Values must be normalised first: E.164, one spelling of an address, no blanks around
/// a number. Phones, addresses and numbers are told apart, so that no number of one kind equals one of another.
#[derive(Clone)]
pub struct Pseudonymiser {
    prefix: String,
    phone: Hmac<Sha256>,
    email: Hmac<Sha256>,
    identifier: Hmac<Sha256>,
}

impl Pseudonymiser {
    /// With a key of at least 32 bytes, known by a short id.
    pub fn new(key_id: &str, key: &[u8]) -> Result<Self, KeyError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(1..=16).contains(&key_id.len()) || !key_id.bytes().all(plain) {
            return Err(KeyError::BadId { key_id: key_id.to_owned() });
        }
        let short = || KeyError::TooShort { key_id: key_id.to_owned(), bytes: key.len() };
        if key.len() < KEY_BYTES {
            return Err(short());
        }
        // The keyed state with the kind already in it is cloned for each value: two hash blocks saved a row.
        let keyed = |kind: &[u8]| {
            let mut state = Hmac::<Sha256>::new_from_slice(key).map_err(|_| short())?;
            state.update(kind);
            Ok(state)
        };
        Ok(Self {
            prefix: format!("{key_id}:"),
            phone: keyed(b"phone:")?,
            email: keyed(b"email:")?,
            identifier: keyed(b"identifier:")?,
        })
    }

    /// The pseudonym of a telephone number in E.164: `k1:` and 43 characters of base64url.
    pub fn phone(&self, e164: &str) -> String {
        self.made(&self.phone, e164)
    }

    /// The pseudonym of an e-mail address in one spelling.
    pub fn email(&self, address: &str) -> String {
        self.made(&self.email, address)
    }

    /// The pseudonym of a customer or account number.
    pub fn identifier(&self, number: &str) -> String {
        self.made(&self.identifier, number)
    }

    fn made(&self, state: &Hmac<Sha256>, value: &str) -> String {
        let mut state = state.clone();
        state.update(value.as_bytes());
        let mut text = String::with_capacity(self.prefix.len() + 43);
        text.push_str(&self.prefix);
        push_base64url(&state.finalize().into_bytes(), &mut text);
        text
    }
}

impl fmt::Debug for Pseudonymiser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pseudonymiser").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// RFC 4648 base64url without padding.
fn push_base64url(bytes: &[u8], text: &mut String) {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for index in 0..=chunk.len() {
            text.push(char::from(LETTERS[(group >> (18 - 6 * index) & 63) as usize]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64url_as_rfc_4648_has_it() {
        for (bytes, expected) in
            [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("foobar", "Zm9vYmFy")]
        {
            let mut text = String::new();
            push_base64url(bytes.as_bytes(), &mut text);
            assert_eq!(text, expected);
        }
        let mut text = String::new();
        push_base64url(&[0xfb, 0xff], &mut text);
        assert_eq!(text, "-_8");
    }

    #[test]
    fn one_value_one_pseudonym_and_kinds_apart() {
        let pseudonymiser = Pseudonymiser::new("k1", &[7; 32]).unwrap();
        // HMAC-SHA-256 of "phone:+14155552671" with 32 bytes 0x07, as another implementation has it.
        insta::assert_snapshot!(pseudonymiser.phone("+14155552671"), @"k1:-IrxBu803veQTLYUvTVHFZVWgg1swE6nKsvFxgFlHIs");
        assert_ne!(pseudonymiser.phone("+14155552671"), pseudonymiser.identifier("+14155552671"));
        assert_ne!(pseudonymiser.phone("1"), Pseudonymiser::new("k1", &[8; 32]).unwrap().phone("1"));
        assert_eq!(format!("{pseudonymiser:?}"), "Pseudonymiser { prefix: \"k1:\", .. }");
    }

    #[test]
    fn bad_keys_say_what_is_wrong() {
        insta::assert_snapshot!(Pseudonymiser::new("k1", b"short").unwrap_err(), @"the pseudonym key `k1` has 5 bytes: it needs at least 32; make one with `openssl rand -base64 48`");
        insta::assert_snapshot!(Pseudonymiser::new("K 1", &[7; 32]).unwrap_err(), @"`K 1` can't be the id of a pseudonym key: 1 to 16 lower-case letters, digits and hyphens can, such as `k1`");
    }
}
