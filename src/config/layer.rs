//! `campaignd.toml` under the environment: `CAMPAIGND__WAREHOUSE__PATH` sets `path` in `[warehouse]`.
//!
//! The crate `config` puts the layers on top of each other; here each value gets its place back. Below both lie the
//! defaults of the settings structs.

use std::collections::HashMap;

use config::{Config, ConfigError, Environment, Source, Value, ValueKind};

use super::tree::{Content, Entry, Given, Node};

const PREFIX: &str = "CAMPAIGND";
const SEPARATOR: &str = "__";

/// The variables of this process that set something. A variable that isn't Unicode is left in with what can be read
/// of it, so that the check sees it.
pub fn variables() -> HashMap<String, String> {
    std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
        .filter(|(name, _)| name.starts_with(&format!("{PREFIX}{SEPARATOR}")))
        .collect()
}

/// The file's tree with what `variables` set in it.
pub fn layer(file: &Node, variables: HashMap<String, String>) -> Result<Node, ConfigError> {
    let environment = Environment::with_prefix(PREFIX).separator(SEPARATOR).source(Some(variables));
    let merged = Config::builder().add_source(FileLayer(to_value(file))).add_source(environment).build()?.cache;
    Ok(with_places(&merged, Some(file), &mut Vec::new()))
}

/// The file as a layer. Its keys are taken as they are, never as paths.
#[derive(Debug, Clone)]
struct FileLayer(Value);

impl Source for FileLayer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<HashMap<String, Value>, ConfigError> {
        self.0.clone().into_table()
    }

    fn collect_to(&self, cache: &mut Value) -> Result<(), ConfigError> {
        *cache = self.0.clone();
        Ok(())
    }
}

fn to_value(node: &Node) -> Value {
    let kind = match &node.content {
        Content::Table(entries) => {
            ValueKind::Table(entries.iter().map(|entry| (entry.key.clone(), to_value(&entry.value))).collect())
        }
        Content::Array(items) => ValueKind::Array(items.iter().map(to_value).collect()),
        Content::String(text) | Content::Datetime(text) => ValueKind::String(text.clone()),
        Content::Integer(number) => ValueKind::I64(*number),
        Content::Float(number) => ValueKind::Float(*number),
        Content::Boolean(boolean) => ValueKind::Boolean(*boolean),
    };
    Value::new(None, kind)
}

/// The merged values with their places: values of the environment have an origin, those of the file have none.
fn with_places(value: &Value, file: Option<&Node>, path: &mut Vec<String>) -> Node {
    match (&value.kind, file) {
        (ValueKind::Table(table), file) => {
            let ordered = file.map_or(&[][..], Node::entries).iter().map(|entry| entry.key.as_str());
            let mut added: Vec<&str> = table.keys().map(String::as_str).collect();
            added.retain(|key| file.is_none_or(|file| file.get(key).is_none()));
            added.sort_unstable();
            let mut entries = Vec::with_capacity(table.len());
            for key in ordered.chain(added) {
                let Some(value) = table.get(key) else { continue };
                path.push(key.to_owned());
                let entry = file.and_then(|file| file.entry(key));
                entries.push(Entry {
                    key: key.to_owned(),
                    key_given: entry.map_or_else(|| by(path), |entry| entry.key_given.clone()),
                    value: with_places(value, entry.map(|entry| &entry.value), path),
                });
                path.pop();
            }
            let given = file.map_or_else(|| by(path), |file| file.given.clone());
            Node { given, content: Content::Table(entries) }
        }
        (ValueKind::String(text), _) if value.origin().is_some() => {
            Node { given: by(path), content: Content::String(text.clone()) }
        }
        (_, Some(file)) => file.clone(),
        (other, None) => Node { given: by(path), content: Content::String(other.to_string()) },
    }
}

fn by(path: &[String]) -> Given {
    let steps: Vec<String> =
        std::iter::once(PREFIX.to_owned()).chain(path.iter().map(|key| key.to_uppercase())).collect();
    Given::By(steps.join(SEPARATOR))
}
