//! TOML to typed settings, with the place of every value.

mod settings;

pub use settings::*;
