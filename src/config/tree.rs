//! A TOML document as a tree in which every key and every value knows its place.

use std::ops::Range;

use serde_json::{Map, Number, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where a key or a value was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// It is the document itself.
    Whole,
    /// At these bytes of the file.
    At(Range<usize>),
    /// By this environment variable.
    By(String),
}

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it was given. For a table with a header, that is its header.
    pub given: Given,
    /// What was given.
    pub content: Content,
}

/// What was given.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Keys and values, in the order they were written.
    Table(Vec<Entry>),
    /// Items in square brackets, or tables in double ones.
    Array(Vec<Node>),
    /// Text in quotes.
    String(String),
    /// A whole number.
    Integer(i64),
    /// A number with a point or an exponent.
    Float(f64),
    /// True or false.
    Boolean(bool),
    /// A date or a time without quotes.
    Datetime(String),
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_given: Given,
    /// Its value.
    pub value: Node,
}

/// What the TOML parser couldn't read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The bytes at fault.
    pub span: Range<usize>,
    /// What is wrong, in the parser's words.
    pub message: String,
}

/// Reads `text` as far as it can be read. The tree of a text with syntax errors holds what could be recovered.
pub fn parse(text: &str) -> (Node, Vec<SyntaxError>) {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut errors: Vec<SyntaxError> = errors
        .into_iter()
        .map(|error| SyntaxError {
            span: error.span().unwrap_or(text.len()..text.len()),
            message: error.message().to_owned(),
        })
        .collect();
    let content = Content::Table(entries(document.get_ref(), &mut errors));
    errors.sort_by_key(|error| error.span.start);
    (Node { given: Given::Whole, content }, errors)
}

/// Reads the text of an environment variable as one TOML value.
pub fn parse_variable(name: &str, text: &str) -> Option<Node> {
    let value = DeValue::parse(text).ok()?;
    let mut errors = Vec::new();
    let mut node = Node { given: Given::Whole, content: content(&value, &mut errors) };
    node.give_by(name);
    errors.is_empty().then_some(node)
}

fn entries(table: &DeTable<'_>, errors: &mut Vec<SyntaxError>) -> Vec<Entry> {
    let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>), errors: &mut Vec<SyntaxError>| Entry {
        key: AsRef::<std::borrow::Cow<'_, str>>::as_ref(key).to_string(),
        key_given: Given::At(key.span()),
        value: Node { given: Given::At(value.span()), content: content(value, errors) },
    };
    table.iter().map(|pair| entry(pair, errors)).collect()
}

fn content(value: &Spanned<DeValue<'_>>, errors: &mut Vec<SyntaxError>) -> Content {
    match value.get_ref() {
        DeValue::String(text) => Content::String(text.to_string()),
        DeValue::Integer(integer) => {
            if let Ok(number) = i64::from_str_radix(integer.as_str(), integer.radix()) {
                return Content::Integer(number);
            }
            let message = format!("{integer} is too large a number");
            errors.push(SyntaxError { span: value.span(), message });
            Content::Integer(0)
        }
        DeValue::Float(float) => Content::Float(float.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(boolean) => Content::Boolean(*boolean),
        DeValue::Datetime(datetime) => Content::Datetime(datetime.to_string()),
        DeValue::Array(items) => Content::Array(
            items.iter().map(|item| Node { given: Given::At(item.span()), content: content(item, errors) }).collect(),
        ),
        DeValue::Table(table) => Content::Table(entries(table, errors)),
    }
}

impl Node {
    /// The entry of that key, if this is a table that has it.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The value of that key, if this is a table that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The value the keys lead to. A number is the position of an item of a list, from 0.
    pub fn at<'k>(&self, path: impl IntoIterator<Item = &'k str>) -> Option<&Node> {
        path.into_iter().try_fold(self, |node, step| match &node.content {
            Content::Array(items) => items.get(step.parse::<usize>().ok()?),
            _ => node.get(step),
        })
    }

    /// The entries of a table; none of anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.content {
            Content::Table(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none of anything else.
    pub fn items(&self) -> &[Node] {
        match &self.content {
            Content::Array(items) => items,
            _ => &[],
        }
    }

    /// The text, if it is text.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::String(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    pub fn integer(&self) -> Option<i64> {
        match self.content {
            Content::Integer(number) => Some(number),
            _ => None,
        }
    }

    /// Where it and everything in it was given, keys included.
    pub fn all_given(&self) -> Vec<&Given> {
        let mut all = vec![&self.given];
        for entry in self.entries() {
            all.push(&entry.key_given);
            all.extend(entry.value.all_given());
        }
        all.extend(self.items().iter().flat_map(Node::all_given));
        all
    }

    /// Says of the value and all it holds that this environment variable gave it.
    fn give_by(&mut self, variable: &str) {
        self.given = Given::By(variable.to_owned());
        match &mut self.content {
            Content::Table(entries) => {
                for entry in entries {
                    entry.key_given = Given::By(variable.to_owned());
                    entry.value.give_by(variable);
                }
            }
            Content::Array(items) => items.iter_mut().for_each(|item| item.give_by(variable)),
            _ => {}
        }
    }

    /// The value without its places.
    pub fn to_json(&self) -> Value {
        match &self.content {
            Content::Table(entries) => Value::Object(
                entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json())).collect::<Map<_, _>>(),
            ),
            Content::Array(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            Content::String(text) | Content::Datetime(text) => Value::String(text.clone()),
            Content::Integer(number) => Value::Number((*number).into()),
            Content::Float(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
            Content::Boolean(boolean) => Value::Bool(*boolean),
        }
    }
}
