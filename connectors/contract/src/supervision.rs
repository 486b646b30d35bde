//! What ties work that takes long to whoever watches over it: signs of life one way, the wish to stop the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::{Error, ErrorClass, Result};

/// Handed to whatever reads, fetches and loads on behalf of one run. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Supervision(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    signs_of_life: AtomicU64,
    bytes: AtomicU64,
}

impl Supervision {
    /// Asks the work to end soon: with the batch in hand committed, and nothing begun after it.
    pub fn ask_to_stop(&self) {
        self.0.stop.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to.
    pub fn is_asked_to_stop(&self) -> bool {
        self.0.stop.load(Ordering::Relaxed)
    }

    /// Says that the work gets on. Called once a batch, a chunk, a file: more often than every few seconds.
    pub fn sign_of_life(&self) {
        self.0.signs_of_life.fetch_add(1, Ordering::Relaxed);
    }

    /// How often that was said: a watcher for whom this number stands still looks at work that hangs.
    pub fn signs_of_life(&self) -> u64 {
        self.0.signs_of_life.load(Ordering::Relaxed)
    }

    /// Counts bytes that came in from the origin, which is a sign of life too.
    pub fn received(&self, bytes: u64) {
        self.0.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.sign_of_life();
    }

    /// Bytes that came in from the origin.
    pub fn bytes(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }

    /// Whether to go on with what is being done.
    ///
    /// # Errors
    ///
    /// One of class [`ErrorClass::Stopped`], where the work was asked to end.
    pub fn go_on(&self, doing: &str, subject: &str) -> Result<()> {
        if self.is_asked_to_stop() { Err(stopped(doing, subject)) } else { Ok(()) }
    }
}

/// The error of work that was asked to end before it was done.
pub fn stopped(doing: &str, subject: &str) -> Error {
    Error::new(ErrorClass::Stopped, doing, subject, "it was asked to stop")
        .next("the next run goes on after the last commit")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_what_they_say() {
        let watched = Supervision::default();
        let worker = watched.clone();
        worker.received(10);
        worker.sign_of_life();
        assert_eq!((watched.signs_of_life(), watched.bytes()), (2, 10));
        worker.go_on("read", "a.csv").expect("nobody asked it to stop");
        watched.ask_to_stop();
        let error = worker.go_on("read", "a.csv").expect_err("it was asked to stop");
        assert_eq!(error.class(), ErrorClass::Stopped);
    }
}
