//! The commands, one file each.

pub mod check;
pub mod migrate;
pub mod roi;
pub mod sample;
pub mod schema;
pub mod settings_schema;
