//! From the stored bytes of a message to its literal data.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use campaignd_contract::{Error, ReadSeek};
use pgp::composed::{DecryptionOptions, Edata, Esk, Message, PlainSessionKey};
use pgp::crypto::aead::AeadAlgorithm;
use pgp::crypto::sym::SymmetricKeyAlgorithm as Cipher;
use pgp::packet::{GnupgAeadDataConfig, ProtectedDataConfig, SymEncryptedProtectedDataConfig};
use pgp::types::Seipdv1ReadMode;

use super::inflated::Inflated;
use super::layer::{Layer, Watch, Wrong, only_padding};
use super::layers::Layers;
use super::plaintext::Plaintext;
use super::refused;
use super::signer::Signer;
use super::stored;
use crate::bounds::Bounded;
use crate::settings::Archive;

const BUFFER: usize = 64 << 10;

/// Whom a message may be encrypted to at most: each may be tried with each key.
const MOST_RECIPIENTS: usize = 1_000;

/// Signatures that a message may have: each takes a hash of its own over all of it.
const MOST_SIGNATURES: usize = 16;

/// A message whose recipients are known, and nothing else yet.
pub(super) struct Encrypted {
    recipients: Vec<Esk>,
    data: Edata<'static>,
    packets: Arc<Watch>,
    taken: Arc<AtomicU64>,
    exhausted: Arc<AtomicBool>,
}

impl Encrypted {
    /// Reads the packets before the encrypted data.
    pub fn read(stored: Box<dyn ReadSeek>, name: &str) -> io::Result<Self> {
        let stored = stored::packets(stored).map_err(|error| match Wrong::of(&error) {
            Some(wrong) => not_a_message(name, wrong, ErrorKind::InvalidData),
            None => error,
        })?;
        let (layer, packets) = Layer::new(stored.reader);
        let (taken, exhausted) = (stored.taken, stored.exhausted);
        let layers = Layers::outermost(name, Arc::clone(&exhausted), Arc::clone(&packets));
        let message = Message::from_bytes(layer).map_err(|_| {
            let (wrong, kind) = if layers.is_cut() {
                ("it stops in the middle, or never was one", ErrorKind::UnexpectedEof)
            } else {
                ("its packets can't be understood", ErrorKind::InvalidData)
            };
            layers.below().unwrap_or_else(|| not_a_message(name, wrong, kind))
        })?;
        let (recipients, data) = match message {
            Message::Encrypted { esk, edata, .. } => (esk, edata),
            Message::Signed { .. } => return Err(not_encrypted(name, "signed")),
            Message::Compressed { .. } => return Err(not_encrypted(name, "compressed")),
            Message::Literal { .. } => return Err(not_encrypted(name, "packed")),
        };
        if matches!(data, Edata::SymEncryptedData { .. }) {
            let wrong = "its packet has no integrity protection, so that nobody could say whether it was changed";
            let next = "have it encrypted with integrity protection, as gpg does unless it is told not to";
            return Err(refused(Error::permanent("decrypt", name, wrong).next(next)));
        }
        if recipients.len() > MOST_RECIPIENTS {
            let wrong = format!("it is encrypted to {} keys, more than {MOST_RECIPIENTS}", recipients.len());
            return Err(refused(Error::permanent("decrypt", name, wrong).next("have it encrypted to yours alone")));
        }
        if !is_supported(&data) {
            let wrong = "it is encrypted by an algorithm that isn't supported";
            return Err(refused(Error::permanent("decrypt", name, wrong).next("have it encrypted with AES")));
        }
        Ok(Self { recipients, data, packets, taken, exhausted })
    }

    /// The session's key, encrypted to each of those who may read it.
    pub fn recipients(&self) -> &[Esk] {
        &self.recipients
    }

    /// The data as a stream.
    pub fn decrypt(
        self,
        key: &PlainSessionKey,
        signers: Option<Arc<[Signer]>>,
        name: &str,
        archive: &Archive,
    ) -> io::Result<Plaintext> {
        self.packets.gives_data();
        let mut layers = Layers::outermost(name, self.exhausted, self.packets);
        let mut data = self.data;
        // Checked first is what fits into memory; here the whole stream was read before instead.
        let options = DecryptionOptions::new().enable_gnupg_aead().set_seipdv1_read_mode(Seipdv1ReadMode::Streaming);
        data.decrypt_with_options(key, options).map_err(|_| layers.damaged())?;
        let (layer, decrypted) = Layer::new(Decrypted { data, ended: false });
        layers.decrypted = Some(decrypted);
        let mut message = Message::from_bytes(layer).map_err(|_| layers.damaged())?;
        if let Message::Compressed { reader, .. } = message {
            let inflated = Inflated::new(reader, name).map_err(|_| layers.damaged())?;
            let bounded = Bounded::new(inflated, name, "OpenPGP", self.taken, archive);
            let (layer, inflated) = Layer::new(BufReader::with_capacity(BUFFER, bounded));
            layers.inflated = Some(inflated);
            message = Message::from_bytes(layer).map_err(|_| layers.damaged())?;
        }
        let signatures = match &message {
            Message::Literal { .. } => 0,
            Message::Signed { reader, .. } if matches!(reader.get_ref(), Message::Literal { .. }) => {
                reader.num_signatures()
            }
            Message::Signed { .. } => return Err(unusual(name, "what is signed in it isn't the data itself")),
            Message::Compressed { .. } => return Err(unusual(name, "it is compressed twice")),
            Message::Encrypted { .. } => return Err(unusual(name, "it is encrypted twice")),
        };
        if signatures > MOST_SIGNATURES {
            let wrong = format!("it has {signatures} signatures, more than {MOST_SIGNATURES}");
            return Err(unusual(name, &wrong));
        }
        Ok(Plaintext::new(message, layers, signers))
    }
}

/// Whether rPGP knows the algorithms: it asks those it doesn't know for the length of their nonce.
fn is_supported(data: &Edata<'_>) -> bool {
    let config = match data {
        Edata::SymEncryptedProtectedData { reader } | Edata::GnupgAeadData { reader } => reader.config(),
        Edata::SymEncryptedData { .. } => return false,
    };
    let (cipher, mode) = match config {
        // The cipher stands beside the key, which is encrypted.
        ProtectedDataConfig::Seipd(SymEncryptedProtectedDataConfig::V1) => return true,
        ProtectedDataConfig::Seipd(SymEncryptedProtectedDataConfig::V2 { sym_alg, aead, .. })
        | ProtectedDataConfig::GnupgAead(GnupgAeadDataConfig { sym_alg, aead, .. }) => (sym_alg, aead),
    };
    matches!(mode, AeadAlgorithm::Ocb | AeadAlgorithm::Eax | AeadAlgorithm::Gcm)
        && matches!(cipher, Cipher::AES128 | Cipher::AES192 | Cipher::AES256)
}

/// The decrypted packets. At their end, it looks at what follows the encrypted data in the file.
struct Decrypted {
    data: Edata<'static>,
    ended: bool,
}

impl BufRead for Decrypted {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.ended {
            return Ok(&[]);
        }
        if self.data.fill_buf()?.is_empty() {
            self.ended = true;
            only_padding(self.data.get_mut().get_mut())?;
            return Ok(&[]);
        }
        self.data.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.data.consume(count);
    }
}

impl Read for Decrypted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let given = self.fill_buf()?;
        let count = given.len().min(buffer.len());
        buffer[..count].copy_from_slice(&given[..count]);
        self.consume(count);
        Ok(count)
    }
}

fn not_a_message(name: &str, wrong: &str, kind: ErrorKind) -> io::Error {
    let error = Error::permanent("decrypt", name, format!("it isn't an OpenPGP message: {wrong}"))
        .next("if the file isn't encrypted, leave [format.pgp] out; otherwise have it sent again");
    io::Error::new(kind, error)
}

fn not_encrypted(name: &str, what: &str) -> io::Error {
    let next = "have it encrypted to your key, and signed inside of that if it is signed";
    refused(
        Error::permanent("decrypt", name, format!("it is an OpenPGP message that is {what}, not encrypted")).next(next),
    )
}

fn unusual(name: &str, wrong: &str) -> io::Error {
    let next = "have it made as `gpg --encrypt` does, with or without `--sign`";
    refused(Error::permanent("decrypt", name, wrong).next(next))
}
