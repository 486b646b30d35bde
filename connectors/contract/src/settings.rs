//! Settings of a connector: one struct drives parsing, checking, documentation and the editor's schema.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::Supervision;

/// A mistake in settings, found by the connector that owns them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsProblem {
    /// Keys that lead to the value, from the connector's own table: `["trailer", "columns"]`. Empty: the table.
    pub path: Vec<String>,
    /// What is wrong.
    pub message: String,
    /// What to do about it; may be empty.
    pub help: String,
}

impl SettingsProblem {
    /// A problem with the value at `path`, keys separated by dots.
    pub fn new(path: &str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            path: path.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect(),
            message: message.into(),
            help: help.into(),
        }
    }
}

/// The settings struct of a connector. Doc comments on its fields are the user's documentation, its JSON schema
/// is what the TOML is checked against; it must deny unknown fields and use neither `untagged` nor `flatten`.
pub trait ConnectorSettings: DeserializeOwned + JsonSchema {
    /// The `kind` that names it in TOML. The struct itself has no `kind` field.
    const KIND: &'static str;
    /// A commented TOML example that parses and passes every check.
    const SAMPLE: &'static str;

    /// What is wrong with values that have the right type. Touches neither files nor the network.
    fn problems(&self) -> Vec<SettingsProblem>;
}

/// What a connector is told besides its settings.
#[derive(Debug, Clone)]
pub struct BuildContext {
    /// The pipeline's name.
    pub pipeline: String,
    /// Relative paths in settings start here: the folder of the settings file.
    pub base_directory: PathBuf,
    /// Where the connector may keep spooled files. Can be lost at any time between runs.
    pub spool_directory: PathBuf,
    /// Whom to tell that work gets on, and to ask whether it should.
    pub supervision: Supervision,
}
