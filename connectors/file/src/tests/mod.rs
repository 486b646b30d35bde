//! Tests that need more than one part of the crate.

mod bed;
mod conformance;
mod settings;
mod source;
