//! Files on an SFTP server.
//!
//! What it promises is what every source of files promises, in the order things happen:
//!
//! 1. *Connect* checks the server's host key against `known_hosts` or pinned fingerprints before anything is sent to
//!    it. There is no way to switch that off; an unknown key and a changed one both end the attempt.
//! 2. *Discover* lists every name that matches the pattern, in order, and says of each whether it may be read now,
//!    not yet, or never. Names are the server's bytes: they are shown, escaped where they are no text, and sent back
//!    to it. No local path is ever made of them.
//! 3. *Claim* fetches a file to the spool while hashing it and then looks at the origin again. A transfer that breaks
//!    goes on at the byte where it broke, if the file is still the same. The next files are on their way meanwhile.
//! 4. Only the spool copy is parsed.
//! 5. *Release* removes the copy and, once the content is in the warehouse, archives or deletes the origin, if what
//!    lies there is still what was loaded. Nothing is ever overwritten. It may be called again after a crash.
//!
//! SFTP knows times in whole seconds and has no time of status change. So what was seen of a file proves that nothing
//! changed only once the clock has moved on since: see `origin::Taken`. Where it hasn't, the file is read once more
//! before it is archived or deleted.
//!
//! libssh2 blocks. A source is called on a thread that may, and transfers have threads of their own.

mod connection;
mod failure;
mod fetch;
mod host_key;
mod known_hosts;
mod login;
mod origin;
mod pool;
mod prefetch;
mod release;
mod server;
mod settings;
mod source;
#[cfg(test)]
mod tests;

pub use campaignd_spool::{After, Order, Ready};
pub use settings::SftpSettings;
pub use source::{Clock, SftpSource};
