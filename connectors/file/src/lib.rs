//! Files in a directory of this machine.
//!
//! What it promises, in the order things happen:
//!
//! 1. *Discover* lists every name that matches the pattern, in order, and says of each whether it may be read now,
//!    not yet, or never. What can't be read is listed too: nothing is passed over in silence.
//! 2. *Claim* copies a file to the spool while hashing it, makes the copy durable, and looks at the origin again: a
//!    file that was written to, replaced, renamed or removed meanwhile is lost, not half taken. A file is known by
//!    its content (`sha256:<hex>:<bytes>`); its name is an attribute.
//! 3. Only the spool copy is parsed. A hard link would be cheaper and is no copy: whoever has the file open for
//!    writing goes on writing into it.
//! 4. *Release* removes the copy and, once the content is in the warehouse, archives or deletes the origin, if what
//!    lies there is still what was loaded. Nothing is ever overwritten. It may be called again after a crash.
//!
//! Symbolic links are refused: one inside the directory leads to content that is there anyway, one that leads out
//! of it would let whoever may write to the directory have any file of the machine read. The directory itself may be
//! reached through a link. FIFOs, sockets and devices are refused and never opened.

mod origin;
mod release;
mod settings;
mod source;
#[cfg(test)]
mod tests;

pub use campaignd_spool::{After, Order, Ready};
pub use settings::FileSettings;
pub use source::{Clock, FileSource};
