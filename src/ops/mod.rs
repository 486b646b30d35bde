//! What operations see of the daemon: events, and where they are heard.

pub mod event;
pub mod events;
pub mod log;

pub use event::{Announcer, Declared, Event, Level, Listener};
pub use log::Log;
