//! Whether a tree has the shape its JSON schema asks for: keys, types, words and ranges.
//!
//! Knows as much of JSON Schema as `schemars` makes of settings structs, and speaks to people who write TOML.

use std::ops::Range;

use serde_json::{Map, Value};

use super::tree::{self, Content, Entry, Given, Node};
use crate::suggest::{did_you_mean, list, nearest};

/// A value that isn't as the schema asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// Where it is.
    pub given: Given,
    /// What is wrong.
    pub message: String,
    /// What to do about it; may be empty.
    pub help: String,
    /// Whether it is about something that isn't there.
    pub missing: bool,
    /// The keys that lead to the table or value at fault.
    pub path: Vec<String>,
}

/// What the check found.
#[derive(Debug, Default)]
pub struct Findings {
    /// Values that don't fit, in the order of the schema.
    pub misfits: Vec<Misfit>,
    /// Places of values that are, or seem to be, secrets written out: they must not be shown.
    pub secrets: Vec<Range<usize>>,
}

/// Checks `root` against `schema`. Text that came from the environment is read as the type that is asked for.
pub fn check(schema: &Value, root: &mut Node) -> Findings {
    let mut checker = Checker { schema, homes: Vec::new(), path: Vec::new(), findings: Findings::default() };
    checker.homes = checker.homes_of_keys(root);
    checker.value(schema, root);
    checker.findings
}

struct Checker<'s> {
    schema: &'s Value,
    /// Every key that may stand in a table of the first level or at the top, with the table's name.
    homes: Vec<(String, String)>,
    path: Vec<String>,
    findings: Findings,
}

impl<'s> Checker<'s> {
    fn value(&mut self, schema: &'s Value, node: &mut Node) {
        if schema.get("$ref").and_then(Value::as_str).is_some_and(|target| target.ends_with("SecretReference")) {
            self.secret(schema, node);
            return;
        }
        let schema = self.resolve(schema);
        if let Some(choices) = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array) {
            self.choice(choices, node);
            return;
        }
        read_variable(schema, node);
        if !self.has_type(schema, node) {
            return;
        }
        match &mut node.content {
            Content::Table(_) => self.table(schema, node),
            Content::Array(items) => {
                if let Some(item_schema) = schema.get("items") {
                    for (position, item) in items.iter_mut().enumerate() {
                        self.path.push(position.to_string());
                        self.value(item_schema, item);
                        self.path.pop();
                    }
                }
                self.length(schema, node);
            }
            Content::String(_) => self.word(schema, node),
            Content::Integer(_) | Content::Float(_) => self.range(schema, node),
            Content::Boolean(_) | Content::Datetime(_) => {}
        }
    }

    fn resolve(&self, mut schema: &'s Value) -> &'s Value {
        while let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            let Some(next) = target.strip_prefix('#').and_then(|pointer| self.schema.pointer(pointer)) else { break };
            schema = next;
        }
        schema
    }

    /// One of several schemas: an optional value, a word of a list, or tables told apart by one key.
    fn choice(&mut self, choices: &'s [Value], node: &mut Node) {
        let choices: Vec<&'s Value> = choices.iter().filter(|choice| choice["type"] != "null").collect();
        let resolved: Vec<&'s Value> = choices.iter().map(|choice| self.resolve(choice)).collect();
        if let Some(tag) = tag(&resolved) {
            self.tagged(tag, &resolved, node);
            return;
        }
        if let [only] = choices[..] {
            self.value(only, node);
            return;
        }
        if resolved.iter().all(|choice| words(choice).next().is_some()) {
            let words: Vec<&str> = resolved.iter().flat_map(|choice| words(choice)).collect();
            self.one_of(&words, node);
            return;
        }
        if let Some(position) = resolved.iter().position(|choice| fits_type(choice, &node.content)) {
            self.value(choices[position], node);
        } else {
            let wanted: Vec<&str> = resolved.iter().flat_map(|choice| types(choice)).map(name_of_type).collect();
            self.misfit(node, format!("{} must be {}, not {}", self.subject(), wanted.join(" or "), kind(node)), "");
        }
    }

    fn tagged(&mut self, tag: &str, choices: &[&'s Value], node: &mut Node) {
        let tags: Vec<&str> = choices.iter().filter_map(|choice| choice["properties"][tag]["const"].as_str()).collect();
        if !matches!(node.content, Content::Table(_)) {
            self.has_type(&serde_json::json!({ "type": "object" }), node);
            return;
        }
        let Some(given) = node.get(tag) else {
            let help = did_you_mean("", &tags);
            self.missing(node, tag, help);
            return;
        };
        let Some(word) = given.text() else {
            let message = format!("`{tag}` must be text, not {}", kind(given));
            self.misfit(given, message, did_you_mean("", &tags));
            return;
        };
        if let Some(choice) = choices.iter().find(|choice| choice["properties"][tag]["const"] == word) {
            self.value(choice, node);
        } else {
            let message = format!("unknown {tag} `{word}` in {}", self.table_name());
            self.misfit(given, message, did_you_mean(word, &tags));
        }
    }

    fn table(&mut self, schema: &'s Value, node: &mut Node) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let property_of = |key: &str| properties.and_then(|properties| properties.get(key));
        let others = schema.get("additionalProperties");
        let given: Vec<String> = node.entries().iter().map(|entry| entry.key.clone()).collect();
        let mut meant = Vec::new();
        if let Content::Table(entries) = &mut node.content {
            for entry in entries {
                if let Some(property) = property_of(&entry.key) {
                    self.path.push(entry.key.clone());
                    self.value(property, &mut entry.value);
                    self.path.pop();
                } else if others == Some(&Value::Bool(false)) {
                    let known: Vec<&'s str> = properties.into_iter().flat_map(Map::keys).map(String::as_str).collect();
                    meant.extend(self.unknown_key(entry, &known, &given));
                } else if let Some(other) = others {
                    self.path.push(entry.key.clone());
                    self.value(other, &mut entry.value);
                    self.path.pop();
                }
            }
        }
        let required = schema.get("required").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for key in required.iter().filter_map(Value::as_str) {
            if node.get(key).is_none() && !meant.contains(&key) {
                let description = property_of(key).and_then(|property| property["description"].as_str());
                let is_table = property_of(key).is_some_and(|property| self.is_table(property));
                let is_list = property_of(key).is_some_and(|property| property["type"] == "array");
                let what = match (self.path.is_empty(), is_table, is_list) {
                    (true, true, _) => format!("add a table [{key}]"),
                    (true, _, true) => format!("add a table [[{key}]]"),
                    _ => format!("add `{key} = …`"),
                };
                self.missing(
                    node,
                    key,
                    description.map_or(what.clone(), |text| format!("{what}: {}", lower(sentence(text)))),
                );
            }
        }
    }

    fn is_table(&self, schema: &'s Value) -> bool {
        let resolved = self.resolve(schema);
        resolved["type"] == "object"
            || resolved["oneOf"].as_array().is_some_and(|choices| {
                !choices.is_empty() && choices.iter().all(|choice| self.resolve(choice)["type"] == "object")
            })
    }

    fn missing(&mut self, node: &Node, key: &str, help: String) {
        let message = format!("{} has no `{key}`", self.table_name());
        let given = node.given.clone();
        self.findings.misfits.push(Misfit { given, message, help, missing: true, path: self.path.clone() });
    }

    /// Returns the key that was meant, if one can be told.
    fn unknown_key(&mut self, entry: &Entry, known: &[&'s str], given: &[String]) -> Option<&'s str> {
        let key = entry.key.as_str();
        if ["password", "passwd", "secret", "token"].iter().any(|word| key.to_ascii_lowercase().contains(word)) {
            self.hide(&entry.value);
        }
        let here = self.table_name();
        let elsewhere = self.homes.iter().find(|(home_key, home)| home_key == key && *home != here);
        let is_in_file = matches!(entry.key_given, Given::At(_));
        let (there, free): (Vec<&'s str>, Vec<&'s str>) =
            known.iter().copied().partition(|known| is_in_file && given.iter().any(|given| given == known));
        let near = nearest(key, free.iter().copied());
        let meant = near.filter(|_| elsewhere.is_none());
        let help = match (elsewhere, near.or_else(|| nearest(key, there.iter().copied()))) {
            (Some((_, home)), _) if home == "the file" => {
                format!("`{key}` belongs to the top of the file, before the first [table]")
            }
            (Some((_, home)), _) => format!("`{key}` belongs to {home}"),
            (None, Some(near)) if there.contains(&near) => format!("`{near}` is there already: remove one of them"),
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) if free.is_empty() => "remove it".to_owned(),
            (None, None) => format!("what {here} can have besides: {}", list(free, "and")),
        };
        let message = match here.as_str() {
            "the file" if matches!(entry.value.content, Content::Table(_)) => format!("unknown table [{key}]"),
            "the file" => format!("unknown key `{key}`"),
            _ => format!("unknown key `{key}` in {here}"),
        };
        let (given, path) = (entry.key_given.clone(), self.path.clone());
        self.findings.misfits.push(Misfit { given, message, help, missing: false, path });
        meant
    }

    fn has_type(&mut self, schema: &Value, node: &Node) -> bool {
        if fits_type(schema, &node.content) {
            return true;
        }
        let wanted: Vec<&str> = types(schema).filter(|name| *name != "null").collect();
        let Some(&first) = wanted.first() else { return true };
        let name = self.key();
        let help = match (first, &node.content) {
            ("string", Content::Integer(_) | Content::Boolean(_) | Content::Float(_)) => {
                format!("write it in quotes: `\"{}\"`", node.to_json())
            }
            ("string", Content::Datetime(text)) => format!("write it in quotes: `\"{text}\"`"),
            ("integer" | "number" | "boolean", Content::String(text)) if fits_unquoted(first, text) => {
                format!("write it without quotes: `{}`", text.trim())
            }
            ("boolean", Content::String(_)) => "write `true` or `false`, without quotes".to_owned(),
            ("array", Content::Table(_)) if matches!(node.given, Given::At(_)) => {
                format!("write [[{name}]] in double brackets, once for each")
            }
            ("array", Content::String(text)) => format!("write it in square brackets: `[\"{text}\"]`"),
            ("object", Content::Array(items)) if items.iter().all(|item| matches!(item.content, Content::Table(_))) => {
                format!("write [{name}] in single brackets, once")
            }
            ("object", _) => format!("make it a table: [{}]", self.path.join(".")),
            _ => String::new(),
        };
        let is_sql = self.path.len() > 1 && self.path[self.path.len() - 2] == "fields";
        let wanted: Vec<&str> =
            if is_sql { vec!["SQL"] } else { wanted.iter().map(|name| name_of_type(name)).collect() };
        self.misfit(node, format!("{} must be {}, not {}", self.subject(), wanted.join(" or "), kind(node)), help);
        false
    }

    fn word(&mut self, schema: &Value, node: &Node) {
        let words: Vec<&str> = words(schema).collect();
        if !words.is_empty() {
            self.one_of(&words, node);
            return;
        }
        self.length(schema, node);
    }

    fn one_of(&mut self, words: &[&str], node: &Node) {
        let Some(word) = node.text() else {
            let help = did_you_mean("", words);
            self.misfit(node, format!("{} must be text, not {}", self.subject(), kind(node)), help);
            return;
        };
        if !words.contains(&word) {
            self.misfit(node, format!("{} can't be `{word}`", self.subject()), did_you_mean(word, words));
        }
    }

    fn length(&mut self, schema: &Value, node: &Node) {
        let (length, what, least, most) = match &node.content {
            Content::String(text) => (text.chars().count() as u64, "characters", "minLength", "maxLength"),
            Content::Array(items) => (items.len() as u64, "items", "minItems", "maxItems"),
            _ => return,
        };
        let (least, most) = (schema[least].as_u64(), schema[most].as_u64());
        let message = match (least, most) {
            (Some(1), Some(1)) if length != 1 && what == "characters" => format!("must be one character, not {length}"),
            (Some(1), _) if length == 0 => "must not be empty".to_owned(),
            (Some(least), _) if length < least => format!("must have at least {least} {what}, not {length}"),
            (_, Some(most)) if length > most => format!("must have at most {most} {what}, not {length}"),
            _ => return,
        };
        self.misfit(node, format!("{} {message}", self.subject()), "");
    }

    fn range(&mut self, schema: &Value, node: &Node) {
        let given = match node.content {
            Content::Integer(number) => Value::from(number),
            Content::Float(number) => Value::from(number),
            _ => return,
        };
        let Some(number) = given.as_f64() else { return };
        let (least, most) = (&schema["minimum"], &schema["maximum"]);
        let message = if least.as_f64().is_some_and(|least| number < least) {
            format!("must be at least {}, not {given}", whole(least))
        } else if most.as_f64().is_some_and(|most| number > most) {
            format!("must be at most {}, not {given}", whole(most))
        } else {
            return;
        };
        self.misfit(node, format!("{} {message}", self.subject()), "");
    }

    /// A reference to a secret: exactly one of three keys, and never the secret itself.
    fn secret(&mut self, schema: &'s Value, node: &mut Node) {
        const WAYS: &str = "`{ credential = \"…\" }`, `{ file = \"…\" }` or `{ env = \"…\" }`";
        read_variable(&serde_json::json!({ "type": "object" }), node);
        if !matches!(node.content, Content::Table(_)) {
            self.hide(node);
            let help = format!("use {WAYS} and change this secret: it has been seen");
            self.misfit(node, format!("{}: a secret never stands in settings", self.subject()), help);
            return;
        }
        let before = self.findings.misfits.len();
        self.table(self.resolve(schema), node);
        let ways = ["credential", "file", "env"].iter().filter(|way| node.get(way).is_some()).count();
        if ways != 1 && self.findings.misfits.len() == before {
            let said = if ways == 0 { "says nowhere where the secret is" } else { "says more than one place" };
            self.misfit(node, format!("{} {said}", self.subject()), format!("use one of {WAYS}"));
        }
    }

    fn hide(&mut self, node: &Node) {
        if let Given::At(span) = &node.given {
            self.findings.secrets.push(span.clone());
        }
    }

    fn misfit(&mut self, node: &Node, message: String, help: impl Into<String>) {
        let (given, path) = (node.given.clone(), self.path.clone());
        self.findings.misfits.push(Misfit { given, message, help: help.into(), missing: false, path });
    }

    fn key(&self) -> &str {
        self.path.iter().rev().find(|step| !is_position(step)).map_or("the file", String::as_str)
    }

    /// The value being looked at, in words.
    fn subject(&self) -> String {
        if self.path.last().is_some_and(|step| is_position(step)) {
            format!("an item of `{}`", self.key())
        } else {
            format!("`{}`", self.key())
        }
    }

    /// The table being looked at, as TOML writes it.
    fn table_name(&self) -> String {
        let keys: Vec<&str> = self.path.iter().map(String::as_str).filter(|step| !is_position(step)).collect();
        match self.path.last() {
            None => "the file".to_owned(),
            Some(last) if is_position(last) => format!("[[{}]]", keys.join(".")),
            Some(_) => format!("[{}]", keys.join(".")),
        }
    }

    fn homes_of_keys(&self, root: &Node) -> Vec<(String, String)> {
        let mut homes = Vec::new();
        let Some(properties) = self.schema["properties"].as_object() else { return homes };
        for (key, property) in properties {
            homes.push((key.clone(), "the file".to_owned()));
            let mut schema = self.resolve(property);
            let mut home = format!("[{key}]");
            if let Some(items) = schema.get("items") {
                schema = self.resolve(items);
                home = format!("[[{key}]]");
            }
            if let Some(choices) = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array) {
                let kind = root.get(key).and_then(|table| table.get("kind")).and_then(Node::text);
                let chosen = choices.iter().map(|choice| self.resolve(choice)).find(|choice| {
                    let wanted = choice["properties"]["kind"]["const"].as_str();
                    choice["type"] == "object" && (wanted.is_none() || wanted == kind)
                });
                let Some(chosen) = chosen else { continue };
                schema = chosen;
            }
            let inner = schema["properties"].as_object().into_iter().flat_map(Map::keys);
            homes.extend(inner.map(|inner| (inner.clone(), home.clone())));
        }
        homes
    }
}

fn is_position(step: &str) -> bool {
    step.bytes().all(|byte| byte.is_ascii_digit())
}

/// The key whose constant tells these tables apart.
fn tag<'s>(choices: &[&'s Value]) -> Option<&'s str> {
    let properties = choices.first()?["properties"].as_object()?;
    let is_tag = |key: &str| choices.iter().all(|choice| choice["properties"][key]["const"].is_string());
    properties.keys().map(String::as_str).find(|key| is_tag(key))
}

fn words(schema: &Value) -> impl Iterator<Item = &str> {
    let many = schema.get("enum").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    many.iter().chain(schema.get("const")).filter_map(Value::as_str)
}

fn types(schema: &Value) -> impl Iterator<Item = &str> {
    let (one, many) = match schema.get("type") {
        Some(Value::String(name)) => (Some(name.as_str()), &[][..]),
        Some(Value::Array(names)) => (None, names.as_slice()),
        _ => (None, &[][..]),
    };
    one.into_iter().chain(many.iter().filter_map(Value::as_str))
}

fn fits_type(schema: &Value, content: &Content) -> bool {
    let mut wanted = types(schema).peekable();
    wanted.peek().is_none()
        || wanted.any(|name| {
            matches!(
                (name, content),
                ("object", Content::Table(_))
                    | ("array", Content::Array(_))
                    | ("string", Content::String(_))
                    | ("integer" | "number", Content::Integer(_))
                    | ("number", Content::Float(_))
                    | ("boolean", Content::Boolean(_))
            )
        })
}

fn fits_unquoted(wanted: &str, text: &str) -> bool {
    let schema = serde_json::json!({ "type": wanted });
    tree::parse_variable("", text.trim()).is_some_and(|node| fits_type(&schema, &node.content))
}

/// Variables hold text only: it is read as TOML where something else is asked for.
fn read_variable(schema: &Value, node: &mut Node) {
    if let (Given::By(name), Content::String(text)) = (&node.given, &node.content)
        && !fits_type(schema, &node.content)
        && let Some(read) = tree::parse_variable(name, text)
        && fits_type(schema, &read.content)
    {
        *node = read;
    }
}

fn name_of_type(name: &str) -> &'static str {
    match name {
        "string" => "text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        _ => "a table",
    }
}

fn kind(node: &Node) -> &'static str {
    match &node.content {
        Content::Table(_) => "a table",
        Content::Array(_) => "a list",
        Content::String(_) => "text",
        Content::Integer(_) => "a whole number",
        Content::Float(_) => "a number with a point",
        Content::Boolean(_) => "true or false",
        Content::Datetime(_) => "a date",
    }
}

/// A bound as people write it: schemas give the bounds of whole numbers as floats.
fn whole(bound: &Value) -> String {
    let text = bound.to_string();
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// The first sentence of a doc comment, without its full stop.
fn sentence(text: &str) -> String {
    let text = text.replace('\n', " ");
    let end = text.find(". ").unwrap_or(text.len());
    text[..end].trim_end_matches(['.', ':']).to_owned()
}

fn lower(text: String) -> String {
    let mut characters = text.chars();
    match (characters.next(), characters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first.to_lowercase().chain(characters).collect(),
        _ => text,
    }
}
