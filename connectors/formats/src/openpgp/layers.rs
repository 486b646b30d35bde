//! What went wrong with a message, of all that its layers say.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use campaignd_contract::Error;
use pgp::crypto::aead;

use super::layer::{Watch, Wrong};
use super::{changed, changed_as, refused};
use crate::content::is_contract_error;

/// What is known of the layers of a message while it is read.
pub(super) struct Layers {
    pub name: String,
    /// More was asked for than the file has.
    exhausted: Arc<AtomicBool>,
    packets: Arc<Watch>,
    /// Once it is being decrypted.
    pub decrypted: Option<Arc<Watch>>,
    /// If it is compressed.
    pub inflated: Option<Arc<Watch>>,
}

impl Layers {
    /// With the packets of the file alone.
    pub fn outermost(name: &str, exhausted: Arc<AtomicBool>, packets: Arc<Watch>) -> Self {
        Self { name: name.to_owned(), exhausted, packets, decrypted: None, inflated: None }
    }

    /// Starts the allowance of every layer again.
    pub fn given_on(&self) {
        for watch in [Some(&self.packets), self.decrypted.as_ref(), self.inflated.as_ref()].into_iter().flatten() {
            watch.given_on();
        }
    }

    /// The encrypted data was read to its end, and is intact.
    pub fn ended(&self) -> bool {
        self.decrypted.as_ref().is_some_and(|watch| watch.ended())
    }

    /// Why a parser of what was decrypted failed: what a layer below it said first, or that it makes no sense.
    pub fn damaged(&self) -> io::Error {
        self.below().unwrap_or_else(|| changed(&self.name, "what comes out of it isn't a message as OpenPGP has it"))
    }

    /// What went wrong first, from the file upwards.
    pub fn below(&self) -> Option<io::Error> {
        if let Some(error) = self.packets.wrong() {
            if error.raw_os_error().is_some() {
                return Some(refused(Error::io("read", &self.name, &error)));
            }
            return Some(self.cut_or_changed(&error));
        }
        if let Some(error) = self.decrypted.as_ref().and_then(|watch| watch.wrong()) {
            return Some(if breaks_integrity(&error) {
                changed(&self.name, "its integrity check fails")
            } else {
                self.cut_or_changed(&error)
            });
        }
        let error = self.inflated.as_ref().and_then(|watch| watch.wrong())?;
        Some(if is_contract_error(&error) { error } else { changed_as(&self.name, &error) })
    }

    /// The file has no more, though more was asked for.
    pub fn is_cut(&self) -> bool {
        self.exhausted.load(Ordering::Relaxed)
    }

    fn cut_or_changed(&self, error: &io::Error) -> io::Error {
        if Wrong::of(error).is_some() || !self.is_cut() {
            return changed_as(&self.name, error);
        }
        let error = Error::permanent("decrypt", &self.name, "the message stops in the middle")
            .next("none of it was loaded; the file was cut on its way: have it sent again");
        io::Error::new(ErrorKind::UnexpectedEof, error)
    }
}

/// Whether the error is that of the modification detection code, or of an authentication tag.
fn breaks_integrity(error: &io::Error) -> bool {
    let Some(inner) = error.get_ref() else { return false };
    matches!(inner.downcast_ref(), Some(pgp::errors::Error::MdcError | pgp::errors::Error::Aead { .. }))
        || inner.is::<aead::Error>()
}
