//! Tests that need more than one part of the crate.

mod bed;
mod settings;
mod source;
