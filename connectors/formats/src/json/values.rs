//! Takes the wanted values out of one JSON text, without building the rest of it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};
use serde_json::value::RawValue;

use super::path::Node;

/// The texts found in a row.
#[derive(Debug, Default)]
pub(super) struct Values {
    text: String,
    spans: Vec<Option<(usize, usize)>>,
}

impl Values {
    /// Reads one JSON text; `width` columns are wanted.
    pub fn read(&mut self, json: &str, root: &Node, width: usize) -> serde_json::Result<()> {
        self.text.clear();
        self.spans.clear();
        self.spans.resize(width, None);
        let mut parser = serde_json::Deserializer::from_str(json);
        Wanted { node: root, values: self, row: true }.deserialize(&mut parser)?;
        parser.end()
    }

    /// The text of a column.
    pub fn get(&self, column: usize) -> Option<&str> {
        let (start, end) = (*self.spans.get(column)?)?;
        self.text.get(start..end)
    }

    /// Gives the columns of `node` the value that is written as `json`, and looks inside it for others.
    fn take(&mut self, node: &Node, json: &str) -> serde_json::Result<()> {
        let start = self.text.len();
        match json.as_bytes().first() {
            Some(b'"') if json.contains('\\') => self.text.push_str(&serde_json::from_str::<Cow<'_, str>>(json)?),
            Some(b'"') => self.text.push_str(json.get(1..json.len() - 1).unwrap_or_default()),
            Some(b'{' | b'[') => self.push_compact(json),
            _ => self.text.push_str(json),
        }
        let span = (json != "null").then_some((start, self.text.len()));
        for &column in &node.columns {
            self.spans[column] = span;
        }
        if node.has_inner() {
            let mut parser = serde_json::Deserializer::from_str(json);
            Wanted { node, values: self, row: false }.deserialize(&mut parser)?;
        }
        Ok(())
    }

    /// The JSON without the blanks between its parts.
    fn push_compact(&mut self, json: &str) {
        let (mut in_string, mut escaped, mut start) = (false, false, 0);
        for (at, byte) in json.bytes().enumerate() {
            if in_string {
                in_string = byte != b'"' || escaped;
                escaped = byte == b'\\' && !escaped;
            } else if byte == b'"' {
                in_string = true;
            } else if byte.is_ascii_whitespace() {
                self.text.push_str(&json[start..at]);
                start = at + 1;
            }
        }
        self.text.push_str(&json[start..]);
    }
}

/// Looks for what `node` wants in the value that comes next.
struct Wanted<'a> {
    node: &'a Node,
    values: &'a mut Values,
    /// Whether the value is the row itself, which must have something inside.
    row: bool,
}

impl<'de> DeserializeSeed<'de> for Wanted<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Wanted<'_> {
    /// A value with nothing inside: what is wanted of it isn't there.
    fn plain<E: serde::de::Error>(&self, found: Unexpected<'_>) -> Result<(), E> {
        if self.row { Err(E::invalid_type(found, self)) } else { Ok(()) }
    }
}

impl<'de> Visitor<'de> for Wanted<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.node.keys.is_empty() { "an array" } else { "an object" })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if self.row && self.node.keys.is_empty() {
            return Err(A::Error::invalid_type(Unexpected::Map, &self));
        }
        while let Some(wanted) = map.next_key_seed(WantedKey(self.node))? {
            match wanted {
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
                Some(child) if child.columns.is_empty() => {
                    map.next_value_seed(Wanted { node: child, values: self.values, row: false })?;
                }
                Some(child) => {
                    let json: &RawValue = map.next_value()?;
                    self.values.take(child, json.get()).map_err(A::Error::custom)?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        if self.row && self.node.items.is_empty() {
            return Err(A::Error::invalid_type(Unexpected::Seq, &self));
        }
        for index in 0.. {
            let wanted = self.node.items.iter().find(|(item, _)| *item == index).map(|(_, child)| child);
            let more = match wanted {
                None => items.next_element::<IgnoredAny>()?.is_some(),
                Some(child) if child.columns.is_empty() => {
                    items.next_element_seed(Wanted { node: child, values: self.values, row: false })?.is_some()
                }
                Some(child) => match items.next_element::<&RawValue>()? {
                    Some(json) => {
                        self.values.take(child, json.get()).map_err(A::Error::custom)?;
                        true
                    }
                    None => false,
                },
            };
            if !more {
                break;
            }
        }
        Ok(())
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.plain(Unexpected::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.plain(Unexpected::Signed(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.plain(Unexpected::Unsigned(value))
    }

    fn visit_f64<E: serde::de::Error>(self, _value: f64) -> Result<(), E> {
        self.plain(Unexpected::Other("number"))
    }

    fn visit_str<E: serde::de::Error>(self, _value: &str) -> Result<(), E> {
        self.plain(Unexpected::Other("text"))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.plain(Unexpected::Other("null"))
    }
}

/// A key of an object: gives what is wanted of its value.
struct WantedKey<'a>(&'a Node);

impl<'de, 'a> DeserializeSeed<'de> for WantedKey<'a> {
    type Value = Option<&'a Node>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'_> for WantedKey<'a> {
    type Value = Option<&'a Node>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.keys.iter().find(|(wanted, _)| wanted == key).map(|(_, child)| child))
    }
}
