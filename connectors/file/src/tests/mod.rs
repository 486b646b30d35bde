//! Tests that need more than one part of the crate.

mod bed;
mod claim;
mod conformance;
mod crash;
mod discover;
mod release;
mod settings;
