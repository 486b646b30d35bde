//! What operations see of the daemon: events, and where they are heard.

pub mod event;
pub mod events;
pub mod http;
pub mod log;
pub mod metrics;

pub use event::{Announcer, Declared, Event, Level, Listener};
pub use http::{Health, Page, Shown};
pub use log::Log;
pub use metrics::{Metrics, RunFigures};
