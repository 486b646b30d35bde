//! `campaignd copybook`, as it is called.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

mod cobrix;
mod decode;
mod options;
mod profile;
