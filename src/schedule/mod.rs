//! When a pipeline is due: nothing here waits, reads a file or starts anything.
//!
//! All time comes from a [`clock::Clock`], so that a year of schedules can be tried in milliseconds.

pub mod clock;
