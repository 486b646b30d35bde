//! What went wrong with a message, of all that its layers say.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use campaignd_contract::Error;
use pgp::crypto::aead;

use super::layer::Watch;
use super::{changed, refused};

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

    /// Why a parser failed: what a layer below it said first, else what it says itself.
    pub fn explained(&self, parser: &str, of_parser: impl FnOnce(&str) -> io::Error) -> io::Error {
        self.below().unwrap_or_else(|| of_parser(parser))
    }

    /// The same for what was decrypted already.
    pub fn damaged(&self, parser: &str) -> io::Error {
        self.explained(parser, |wrong| {
            changed(&self.name, format!("what comes out isn't a message as OpenPGP has it ({wrong})"))
        })
    }

    /// What went wrong first, from the file upwards.
    pub fn below(&self) -> Option<io::Error> {
        if let Some(error) = self.packets.wrong() {
            if error.raw_os_error().is_some() {
                return Some(refused(Error::io("read", &self.name, &error)));
            }
            return Some(if self.is_cut() { self.cut() } else { changed(&self.name, error.to_string()) });
        }
        if let Some(error) = self.decrypted.as_ref().and_then(|watch| watch.wrong()) {
            return Some(if breaks_integrity(&error) {
                changed(&self.name, "its integrity check fails")
            } else if self.is_cut() {
                self.cut()
            } else {
                changed(&self.name, error.to_string())
            });
        }
        let error = self.inflated.as_ref().and_then(|watch| watch.wrong())?;
        Some(if error.get_ref().is_some_and(|inner| inner.is::<Error>()) {
            error
        } else {
            changed(&self.name, error.to_string())
        })
    }

    fn is_cut(&self) -> bool {
        self.exhausted.load(Ordering::Relaxed)
    }

    fn cut(&self) -> io::Error {
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
