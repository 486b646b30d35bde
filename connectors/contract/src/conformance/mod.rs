//! The suites every connector must pass. A connector's test builds a harness and calls the suite; the suite panics
//! with what was promised and what was seen.

pub mod format;
pub mod source;
pub mod warehouse;
