//! The settings of a copybook format alone in a file, for commands that need no pipeline.
//!
//! Such a file has the keys of a pipeline's `[format]`, in that table or at its top, and may have `[options]`: settings
//! by the names another program has for them.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use campaignd_contract::ConnectorSettings as _;
use campaignd_formats::CopybookSettings;
use schemars::schema_for;
use serde_json::{Value, json};

use super::document::Document;
use super::report::Report;
use super::tree;
use super::{lints, typed};

/// What such a file says.
#[derive(Debug, Clone)]
pub struct FormatFile {
    /// The settings; no copybook where the file names none.
    pub settings: CopybookSettings,
    /// The folder relative paths start at.
    pub base: PathBuf,
    /// What stands in `[options]`, every value as text.
    pub options: BTreeMap<String, String>,
}

impl FormatFile {
    /// The same where there is no such file: these settings, and what they name starts where the command does.
    pub fn without_file(settings: CopybookSettings) -> Self {
        Self { settings, base: PathBuf::new(), options: BTreeMap::new() }
    }
}

/// Reads the file, or says everything that is wrong with it.
///
/// # Errors
///
/// Each mistake with its place.
pub fn format_file(file: &Path) -> Result<FormatFile, Report> {
    let in_table = std::fs::read_to_string(file).is_ok_and(|text| tree::parse(&text).0.get("format").is_some());
    let mut document = Document::read(file, &schema(in_table), HashMap::new());
    let read = read(&mut document, in_table);
    let report = Report { problems: document.into_problems(), files: 1 };
    let Some((settings, options)) = read.filter(|_| report.errors() == 0) else { return Err(report) };
    let base = file.parent().unwrap_or(Path::new("")).to_owned();
    Ok(FormatFile { settings, base, options })
}

fn read(document: &mut Document, in_table: bool) -> Option<(CopybookSettings, BTreeMap<String, String>)> {
    let Value::Object(mut whole) = typed::<Value>(document)? else { return None };
    let options = whole.shift_remove("options");
    let table = if in_table { document.tree.get("format").cloned()? } else { document.tree.clone() };
    let mut given = if in_table { whole.shift_remove("format")? } else { Value::Object(whole) };
    let keys = given.as_object_mut()?;
    keys.shift_remove("kind");
    let names_copybook = keys.contains_key("copybook");
    if !names_copybook {
        keys.insert("copybook".into(), "-".into());
    }
    let mut settings: CopybookSettings = match serde_json::from_value(given) {
        Ok(settings) => settings,
        Err(error) => {
            document.problem(&table.given, format!("could not understand the settings: {error}"), "");
            return None;
        }
    };
    lints::problems_of(document, &table, settings.problems());
    if !names_copybook {
        settings.copybook = PathBuf::new();
    }
    Some((settings, texts(options)))
}

/// The values of `[options]`, as text.
fn texts(options: Option<Value>) -> BTreeMap<String, String> {
    let Some(Value::Object(options)) = options else { return BTreeMap::new() };
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    options.into_iter().map(|(name, value)| (name, text(value))).collect()
}

/// The schema of such a file: the keys in a table `[format]`, or at the top.
fn schema(in_table: bool) -> Value {
    let mut format = schema_for!(CopybookSettings).to_value();
    let definitions = format["$defs"].take();
    if let Some(object) = format.as_object_mut() {
        object.shift_remove("required");
        object.shift_remove("$defs");
    }
    format["properties"]["kind"] = json!({ "const": CopybookSettings::KIND, "type": "string" });
    let options = json!({
        "type": "object",
        "description": "Settings by the names another program has for them.",
        "additionalProperties": { "type": ["string", "integer", "boolean"] },
    });
    let mut schema = if in_table {
        json!({ "type": "object", "properties": { "format": format }, "additionalProperties": false })
    } else {
        format
    };
    schema["properties"]["options"] = options;
    schema["$defs"] = definitions;
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("orders.toml");
        std::fs::write(&file, text).unwrap();
        let shown = match format_file(&file) {
            Ok(FormatFile { settings, options, .. }) => {
                format!("{:?} {:?} {} {options:?}", settings.copybook, settings.framing, settings.code_page)
            }
            Err(report) => report.to_string(),
        };
        shown.replace(&format!("{}/", folder.path().display()), "")
    }

    #[test]
    fn keys_in_a_table_or_at_the_top() {
        insta::assert_snapshot!(read("copybook = \"A.cpy\"\nframing = \"variable\""), @r#""A.cpy" Variable cp037 {}"#);
        insta::assert_snapshot!(read("[format]\nkind = \"copybook\"\ncode_page = \"cp500\"\n[options]\nrecord_length = 7\npedantic = true\nencoding = \"ascii\""), @r#""" Fixed cp500 {"encoding": "ascii", "pedantic": "true", "record_length": "7"}"#);
    }

    #[test]
    fn mistakes_have_a_place() {
        insta::assert_snapshot!(read("copybook = \"A.cpy\"\nframin = \"variable\"\ncode_page = \"cp1\""), @r#"
    error: unknown key `framin`
     --> orders.toml:2:1
      |
    2 | framin = "variable"
      | ^^^^^^
      |
      = help: did you mean `framing`?
    "#);
        insta::assert_snapshot!(read("[format]\nkind = \"csv\"\nframing = \"lines\"\n[output]"), @r#"
    error: `kind` can't be `csv`
     --> orders.toml:2:8
      |
    2 | kind = "csv"
      |        ^^^^^
      |
      = help: it is `copybook`

    error: unknown table [output]
     --> orders.toml:4:2
      |
    4 | [output]
      |  ^^^^^^
      |
      = help: what the file can have besides: `options`
    "#);
        insta::assert_snapshot!(read("framing = \"lines\"\nrecord_length = 7\ntrim = \"up\""), @r#"
    error: `trim` can't be `up`
     --> orders.toml:3:8
      |
    3 | trim = "up"
      |        ^^^^
      |
      = help: it is one of `right`, `left`, `both` and `none`
    "#);
        insta::assert_snapshot!(read("framing = \"lines\"\nrecord_length = 7\ncode_page = \"cp1\"\n"), @r#"
    error: `record_length`: only fixed records have one length
     --> orders.toml:2:17
      |
    2 | record_length = 7
      |                 ^
      |
      = help: leave it out, or set `framing = "fixed"`

    error: `code_page`: `cp1` isn't a code page
     --> orders.toml:3:13
      |
    3 | code_page = "cp1"
      |             ^^^^^
      |
      = help: there are common, cp037, cp273, cp277, cp278, cp280, cp284, cp285, cp297, cp420, cp424, cp500, cp838, cp870, cp871, cp875, cp930, cp933, cp935, cp937, cp939, cp1025, cp1026, cp1047, cp1140, cp1141, cp1142, cp1143, cp1144, cp1145, cp1146, cp1147, cp1148, cp1149, cp1364, cp1388, ascii, latin1
    "#);
    }
}
