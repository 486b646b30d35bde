//! The commands, one file each.

pub mod check;
pub mod sample;
pub mod settings_schema;
