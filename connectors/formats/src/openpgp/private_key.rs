//! The private key a file is encrypted to. What rPGP says when something is wrong isn't repeated: it may show what it read.

use std::io::Cursor;
use std::path::Path;

use campaignd_contract::{Error, Result};
use pgp::composed::{Esk, PlainSessionKey, PublicOrSecret, SignedSecretKey};
use pgp::packet::PublicKeyEncryptedSessionKey as Recipient;
use pgp::types::{DecryptionKey, EskType, KeyDetails as _, Password, PkeskVersion};
use secrecy::ExposeSecret as _;

use super::PgpSettings;

/// Private keys and what opens them. It has no `Debug`, and lives no longer than it takes to find a message's key.
pub(super) struct PrivateKey {
    keys: Vec<SignedSecretKey>,
    passphrase: Option<Password>,
}

impl PrivateKey {
    /// Reads what the settings name, from `base`.
    pub fn read(settings: &PgpSettings, base: &Path) -> Result<Self> {
        const DOING: &str = "read the private key of";
        const SUBJECT: &str = "[format.pgp]";
        let wrong = |wrong: String| Error::permanent(DOING, SUBJECT, wrong);
        let how = "give `key` what `gpg --armor --export-secret-keys` writes";
        let bytes = settings.key.read_whole(base).map_err(|error| wrong(error.to_string()))?;
        let (found, _) = PublicOrSecret::from_reader_many(Cursor::new(bytes.expose_secret()))
            .map_err(|_| wrong("it isn't an OpenPGP key".into()).next(how))?;
        let mut keys = Vec::new();
        for key in found {
            match key.map_err(|_| wrong("it is damaged".into()).next(how))? {
                PublicOrSecret::Secret(key) => keys.push(key),
                PublicOrSecret::Public(_) => return Err(wrong("it is a public key".into()).next(how)),
            }
        }
        if keys.is_empty() {
            return Err(wrong("there is no key in it".into()).next(how));
        }
        let passphrase = settings.passphrase.as_ref().map(|place| place.read(base)).transpose();
        let passphrase = passphrase
            .map_err(|error| Error::permanent("read the private key's passphrase of", SUBJECT, error.to_string()))?;
        Ok(Self { keys, passphrase: passphrase.map(|passphrase| Password::from(passphrase.expose_secret())) })
    }

    /// The key of the message, by which it is decrypted.
    pub fn session_key(&self, recipients: &[Esk], name: &str) -> Result<PlainSessionKey> {
        let mut failed = None;
        for recipient in recipients {
            let Esk::PublicKeyEncryptedSessionKey(recipient) = recipient else { continue };
            for key in &self.keys {
                let primary = &key.primary_key;
                if recipient.match_identity(primary.public_key()) {
                    match self.open(recipient, primary, primary.secret_params().is_encrypted(), name) {
                        Ok(session_key) => return Ok(session_key),
                        Err(error) => failed = failed.or(Some(error)),
                    }
                }
                for subkey in &key.secret_subkeys {
                    if recipient.match_identity(subkey.key.public_key()) {
                        match self.open(recipient, &subkey.key, subkey.key.secret_params().is_encrypted(), name) {
                            Ok(session_key) => return Ok(session_key),
                            Err(error) => failed = failed.or(Some(error)),
                        }
                    }
                }
            }
        }
        Err(failed.unwrap_or_else(|| self.not_for_us(recipients, name)))
    }

    fn open(
        &self,
        recipient: &Recipient,
        key: &dyn DecryptionKey,
        locked: bool,
        name: &str,
    ) -> Result<PlainSessionKey> {
        let id = key.legacy_key_id();
        let wrong = |wrong: String| Error::permanent("decrypt", name, wrong);
        let none = Password::empty();
        let passphrase = match &self.passphrase {
            Some(passphrase) if locked => passphrase,
            None if locked => {
                return Err(wrong(format!("the private key {id} is protected by a passphrase"))
                    .next("say where it is: `passphrase` in [format.pgp]"));
            }
            _ => &none,
        };
        let kind = match recipient.version() {
            PkeskVersion::V6 => EskType::V6,
            _ => EskType::V3_4,
        };
        let damaged = |_| {
            wrong(format!("the message's key can't be decrypted by the private key {id}"))
                .next("the file was changed or damaged on its way: have it sent again")
        };
        match key.decrypt(passphrase, recipient.values().map_err(damaged)?, kind) {
            Ok(session_key) => session_key.map_err(damaged),
            Err(_) if locked => Err(wrong(format!("the passphrase doesn't open the private key {id}"))
                .next("correct what `passphrase` in [format.pgp] names")),
            Err(_) => Err(wrong(format!("the private key {id} can't be used"))
                .next("export it again with `gpg --armor --export-secret-keys`")),
        }
    }

    fn not_for_us(&self, recipients: &[Esk], name: &str) -> Error {
        let to: Vec<String> = recipients
            .iter()
            .filter_map(|recipient| match recipient {
                Esk::PublicKeyEncryptedSessionKey(Recipient::V3 { id, .. }) => Some(id.to_string()),
                Esk::PublicKeyEncryptedSessionKey(Recipient::V6 { fingerprint: Some(fingerprint), .. }) => {
                    Some(fingerprint.to_string())
                }
                _ => None,
            })
            .collect();
        if to.is_empty() {
            return Error::permanent("decrypt", name, "it is encrypted with a passphrase, not to a key")
                .next("have it encrypted to your key");
        }
        let ours: Vec<String> = self
            .keys
            .iter()
            .flat_map(|key| {
                let primary = key.primary_key.legacy_key_id();
                std::iter::once(primary).chain(key.secret_subkeys.iter().map(|subkey| subkey.key.legacy_key_id()))
            })
            .map(|id| id.to_string())
            .collect();
        let wrong = format!("it is encrypted to the key {}; the private key is {}", listed(&to), listed(&ours));
        Error::permanent("decrypt", name, wrong)
            .next("have it encrypted to your key, or name the right one in [format.pgp]")
    }
}

/// The first few of them: a message says itself how many it has.
pub(super) fn listed(ids: &[String]) -> String {
    match ids {
        [first @ .., _, _] if first.len() > 8 => format!("{} and {} more", ids[..8].join(", "), ids.len() - 8),
        ids => ids.join(", "),
    }
}
