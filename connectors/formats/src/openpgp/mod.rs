//! Files encrypted with OpenPGP, decrypted as a stream.
//!
//! A message's integrity is known only at its end: the modification detection code is its last packet, and a
//! signature follows what is signed. So [`Pgp::unlock`] reads the whole of it once, to nowhere, and gives a [`Session`]
//! only for a message that is intact and signed as demanded; what a session opens is read a second time, and checked
//! again at its end. The private key and its passphrase are read in `unlock` and gone when it returns; the session keeps
//! the key of this one message.
//!
//! The way of a byte: `stored` (the file, out of its armor) → decryption → `inflated` (the compressed packet within its
//! bounds) → `plaintext` (the literal data, and the verdict at its end). `layer` stands between each two, so that
//! no parser takes more than it may, and the first error is the one that is told.

mod inflated;
mod layer;
mod layers;
mod message;
mod plaintext;
mod private_key;
mod seekable;
mod settings;
mod signer;
mod stored;

use std::io::{self, ErrorKind};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use campaignd_contract::{ByteSource, Error, ReadSeek, Result};
use pgp::composed::PlainSessionKey;

pub use settings::PgpSettings;
pub(crate) use settings::pgp_problems;

use crate::content::contract_error;
use crate::settings::Archive;
use layer::Wrong;
use message::Encrypted;
pub(crate) use plaintext::Plaintext;
use private_key::PrivateKey;
pub(crate) use seekable::Seekable;
use signer::Signer;

/// OpenPGP as set.
#[derive(Debug, Clone)]
pub(crate) struct Pgp {
    settings: PgpSettings,
    base: PathBuf,
}

impl Pgp {
    /// With these settings; relative paths start at `base`.
    pub fn new(settings: PgpSettings, base: &Path) -> Self {
        Self { settings, base: base.to_owned() }
    }

    /// Reads the whole message and gives a session if nothing is wrong with it. The error's kind is that of an unexpected
    /// end where the message stops in the middle.
    pub fn unlock(&self, bytes: &dyn ByteSource, archive: &Archive) -> io::Result<Session> {
        let (session, mut plaintext) = self.first_reading(bytes, archive)?;
        io::copy(&mut plaintext, &mut io::sink())?;
        Ok(session)
    }

    /// The message for whoever reads it to its end before believing any of it: an error comes there at the latest.
    pub fn unverified(&self, bytes: &dyn ByteSource, archive: &Archive) -> io::Result<Plaintext> {
        self.first_reading(bytes, archive).map(|(_, plaintext)| plaintext)
    }

    fn first_reading(&self, bytes: &dyn ByteSource, archive: &Archive) -> io::Result<(Session, Plaintext)> {
        let (signers, key) = self.keys().map_err(refused)?;
        let stored = bytes.open().map_err(refused)?;
        guarded(bytes.name(), || {
            let encrypted = Encrypted::read(stored, bytes.name())?;
            let session_key = key.session_key(encrypted.recipients(), bytes.name()).map_err(refused)?;
            let session = Session { session_key, signers };
            let plaintext = session.decrypt(encrypted, bytes.name(), archive)?;
            Ok((session, plaintext))
        })
    }

    fn keys(&self) -> Result<(Option<Arc<[Signer]>>, PrivateKey)> {
        let demanded = &self.settings.signed_by;
        let signers = (!demanded.is_empty()).then(|| Signer::all(demanded, &self.base)).transpose()?;
        Ok((signers.map(Arc::from), PrivateKey::read(&self.settings, &self.base)?))
    }
}

/// What reads a message that was found intact. It has no `Debug`: it holds the message's key.
#[derive(Clone)]
pub(crate) struct Session {
    session_key: PlainSessionKey,
    /// Whose signature is demanded, if any.
    signers: Option<Arc<[Signer]>>,
}

impl Session {
    /// The message's content from its start.
    pub fn open(&self, stored: Box<dyn ReadSeek>, name: &str, archive: &Archive) -> Result<Plaintext> {
        guarded(name, || self.decrypt(Encrypted::read(stored, name)?, name, archive))
            .map_err(|error| contract_error(error, name))
    }

    fn decrypt(&self, encrypted: Encrypted, name: &str, archive: &Archive) -> io::Result<Plaintext> {
        encrypted.decrypt(&self.session_key, self.signers.clone(), name, archive)
    }
}

/// What a parser makes of foreign bytes. If it panics, that is an error of the file: rPGP has places where it trusts
/// what it reads, such as one that subtracts from the length of a nonce that is 0.
fn guarded<T>(name: &str, parse: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    // What is left behind by a panic is never used again.
    std::panic::catch_unwind(AssertUnwindSafe(parse)).unwrap_or_else(|_| Err(changed(name, "it can't be understood")))
}

/// The contract's error as one of a reader.
fn refused(error: Error) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error)
}

/// The error of a file that was changed on its way.
fn changed(name: &str, wrong: impl Into<String>) -> io::Error {
    refused(
        Error::permanent("decrypt", name, wrong)
            .next("none of it was loaded; the file was changed or damaged on its way: have it sent again"),
    )
}

/// The same for what a layer says of it.
fn changed_as(name: &str, error: &io::Error) -> io::Error {
    changed(name, Wrong::of(error).unwrap_or("its packets can't be understood"))
}
