//! The commands, one file each.

pub mod migrate;
pub mod roi;
pub mod schema;
