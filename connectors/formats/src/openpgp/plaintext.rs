//! The data of a message, and the verdict on it.

use std::io::{self, Read};
use std::sync::Arc;

use pgp::composed::Message;

use super::layers::Layers;
use super::signer::{self, Signer};
use super::{changed, guarded, refused};

/// The content of a message as a stream. It ends without an error only if it is whole, unchanged, and signed as demanded.
pub(crate) struct Plaintext {
    /// `None` when it ended or failed: it can't be read on then.
    message: Option<Message<'static>>,
    layers: Layers,
    signers: Option<Arc<[Signer]>>,
    failed: bool,
}

impl Plaintext {
    /// The data of `message`, which is a literal packet or a signed one.
    pub(super) fn new(message: Message<'static>, layers: Layers, signers: Option<Arc<[Signer]>>) -> Self {
        Self { message: Some(message), layers, signers, failed: false }
    }

    fn verdict(&self, message: &Message<'static>) -> io::Result<()> {
        if let Some(error) = self.layers.below() {
            return Err(error);
        }
        if !self.layers.ended() {
            return Err(changed(&self.layers.name, "its integrity check wasn't reached"));
        }
        let Some(signers) = &self.signers else { return Ok(()) };
        signer::signed_by_one_of(message, signers, &self.layers.name).map_err(refused)
    }
}

impl Read for Plaintext {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.failed {
            return Err(io::Error::other("decrypting it has failed before"));
        }
        if buffer.is_empty() {
            return Ok(0);
        }
        let Some(mut message) = self.message.take() else { return Ok(0) };
        self.layers.given_on();
        let read = guarded(&self.layers.name, || match message.read(buffer) {
            Ok(0) => self.verdict(&message).map(|()| None),
            Ok(read) => Ok(Some((read, message))),
            Err(_) => Err(self.layers.damaged()),
        });
        self.failed = read.is_err();
        Ok(read?.map_or(0, |(read, message)| {
            self.message = Some(message);
            read
        }))
    }
}
