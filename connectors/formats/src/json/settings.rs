//! `[format]` with `kind = "json"`.

use std::collections::BTreeMap;

use campaignd_contract::{ConnectorSettings, SettingsProblem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::path;
use crate::openpgp::{PgpSettings, pgp_problems};
use crate::settings::{Archive, Compression, archive_problems, encoding_problems};

/// JSON: one object a line, or an array of objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct JsonSettings {
    /// How rows stand in the file.
    pub layout: JsonLayout,
    /// Where the array is in the document, as a path: `"data.items"`. Without it the document is the array.
    pub array_path: Option<String>,
    /// Column = path of its value in the row: keys with dots between them, `[n]` for the item of an array counted
    /// from 0, and a key with dots or brackets in double quotes: `id`, `to.number`, `items[0].sku`,
    /// `'"utm.source"'`.
    ///
    /// Text is given as it is, numbers with the digits they are written with, true and false as these words, objects
    /// and arrays as JSON without blanks. What is null or isn't there is NULL.
    pub columns: BTreeMap<String, String>,
    /// The text's encoding, by its label in the Encoding Standard.
    pub encoding: String,
    /// How the file is encrypted with OpenPGP, if it is. What comes out may be compressed again.
    pub pgp: Option<PgpSettings>,
    /// How the file is compressed.
    pub compression: Compression,
    /// Bounds on what comes out of a compressed file, and which file is meant in an archive.
    pub archive: Archive,
}

/// How rows stand in a JSON file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JsonLayout {
    /// One a line.
    #[default]
    Lines,
    /// The items of an array, with line ends anywhere.
    Array,
}

impl Default for JsonSettings {
    fn default() -> Self {
        Self {
            layout: JsonLayout::Lines,
            array_path: None,
            columns: BTreeMap::new(),
            encoding: "utf-8".into(),
            pgp: None,
            compression: Compression::Auto,
            archive: Archive::default(),
        }
    }
}

impl ConnectorSettings for JsonSettings {
    const KIND: &'static str = "json";
    const SAMPLE: &'static str = include_str!("sample_json.toml");

    fn problems(&self) -> Vec<SettingsProblem> {
        let mut problems = Vec::new();
        let help = "keys with dots between them, `[0]` for the first item: `items[0].sku`";
        if self.columns.is_empty() {
            let help = "say where each stands: `columns = { call_id = \"id\", dnis = \"to.number\" }`";
            problems.push(SettingsProblem::new("columns", "there are no columns", help));
        }
        for (name, text) in &self.columns {
            let at =
                |message| SettingsProblem { path: vec!["columns".into(), name.clone()], message, help: help.into() };
            if name.trim().is_empty() {
                problems.push(at("the column has no name".into()));
            }
            if let Err(wrong) = path::parse(text) {
                problems.push(at(format!("`{text}` isn't a path: {wrong}")));
            }
        }
        if let Some(text) = &self.array_path {
            if self.layout == JsonLayout::Lines {
                let help = "set `layout = \"array\"`, or leave `array_path` out";
                problems.push(SettingsProblem::new("array_path", "with one row a line there is no array", help));
            }
            if let Err(wrong) = path::parse(text) {
                problems.push(SettingsProblem::new("array_path", format!("`{text}` isn't a path: {wrong}"), help));
            }
        }
        encoding_problems(&self.encoding, &mut problems);
        archive_problems(&self.archive, &mut problems);
        pgp_problems(self.pgp.as_ref(), &mut problems);
        problems
    }
}
