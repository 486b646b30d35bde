//! What all sources of files share, wherever the files lie.
//!
//! A source of files knows how to list, look at, read, move and remove what lies in a directory of its system. The
//! rest is the same for all and stands here, once: names as text and back (`name`), which names are input and when
//! they are ready (`selection`), the settings that say so (`settings`), what belongs to a file (`companions`), the
//! copies that are parsed (`spool`), what a content is (`content`), and letting go of an origin (`release`).
//!
//! It is no connector and knows none; it does nothing by itself and touches no system but the spool directory.

mod companions;
mod content;
mod name;
mod release;
mod selection;
mod settings;
mod spool;

pub use companions::{COMPANION_BYTES, Companions, may_be_companion};
pub use content::{Content, Hasher, Stopped, Watch, hash, unwatched};
pub use name::{Pattern, checked_name, is_ambiguous, name_of, plain, text_of};
pub use release::{Destination, Loaded, Moved, Now, Place, archive_file};
pub use selection::{GONE, Look, Rule, Selection, Stamp};
pub use settings::{After, Choice, Order, Ready, glob, refuse};
pub use spool::{Copied, CreatePart, Filling, Part, Spool, SpooledBytes, sync_directory};
