//! A record as one line of JSON: names as in the copybook, groups nested, numbers with all their digits.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::{Fault, Value, Visitor};
use crate::layout::{ItemId, Layout, Names};

/// Writes a record as JSON. What has no value is `null`; fields without a name are left out.
#[derive(Debug)]
pub struct JsonLine<'l> {
    /// Which items are left out: those without a name, and what is in them as far as it has none either.
    hidden: Vec<bool>,
    /// What each item is called: its name, and a number where several in a group have it.
    keys: Vec<Cow<'l, str>>,
    /// Texts that mean "no value".
    nulls: Vec<String>,
    line: String,
    /// The brackets that are open.
    open: Vec<Bracket>,
    /// Which items are read.
    wanted: Vec<bool>,
    /// What is wrong with the record.
    pub faults: Vec<Fault>,
}

/// A bracket that is open.
#[derive(Debug)]
struct Bracket {
    /// Whether it is of a table, whose entries have no names.
    table: bool,
    /// Whether something stands in it.
    begun: bool,
}

impl<'l> JsonLine<'l> {
    /// Writes records of that layout.
    pub fn new(layout: &'l Layout) -> Self {
        let Names { hidden, keys } = Names::new(layout);
        Self {
            hidden,
            keys,
            nulls: Vec::new(),
            line: String::new(),
            open: Vec::new(),
            wanted: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Writes `null` for these texts.
    #[must_use]
    pub fn with_nulls(mut self, nulls: Vec<String>) -> Self {
        self.nulls = nulls;
        self
    }

    /// Starts a new record, of which those items are read that are `wanted`; items it says nothing of are.
    pub fn start(&mut self, wanted: &[bool]) {
        self.wanted.clear();
        self.wanted.extend_from_slice(wanted);
        self.line.clear();
        self.open.clear();
        self.faults.clear();
    }

    /// The line, without an end.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// A comma where one is due, and the name of an item where it stands in a group.
    fn key(&mut self, item: ItemId) {
        let Some(bracket) = self.open.last_mut() else { return };
        if std::mem::replace(&mut bracket.begun, true) {
            self.line.push(',');
        }
        if !bracket.table {
            text(&self.keys[item], &mut self.line);
            self.line.push(':');
        }
    }
}

impl Visitor for JsonLine<'_> {
    fn wants(&mut self, item: ItemId) -> bool {
        self.wanted.get(item).is_none_or(|wanted| *wanted) && !self.hidden[item]
    }

    fn group_starts(&mut self, item: ItemId) {
        self.key(item);
        self.line.push('{');
        self.open.push(Bracket { table: false, begun: false });
    }

    fn group_ends(&mut self, _item: ItemId) {
        self.open.pop();
        self.line.push('}');
    }

    fn table_starts(&mut self, item: ItemId, _entries: u32) {
        self.key(item);
        self.line.push('[');
        self.open.push(Bracket { table: true, begun: false });
    }

    fn table_ends(&mut self, _item: ItemId) {
        self.open.pop();
        self.line.push(']');
    }

    fn value(&mut self, item: ItemId, value: Value<'_>) {
        self.key(item);
        let line = &mut self.line;
        // Writing to a String can't fail.
        let _ = match value {
            Value::Absent => write!(line, "null"),
            Value::Text(value) if self.nulls.iter().any(|null| null == value) => write!(line, "null"),
            Value::Number(number) => write!(line, "{number}"),
            Value::Floating(number) => write!(line, "{number}"),
            Value::Text(value) => {
                text(value, line);
                Ok(())
            }
            Value::Bytes(bytes) => {
                line.push('"');
                for byte in bytes {
                    let _ = write!(line, "{byte:02X}");
                }
                write!(line, "\"")
            }
        };
    }

    fn fault(&mut self, fault: Fault) {
        self.value(fault.item, Value::Absent);
        self.faults.push(fault);
    }

    fn lost(&mut self, fault: Fault) {
        while let Some(bracket) = self.open.pop() {
            self.line.push(if bracket.table { ']' } else { '}' });
        }
        self.faults.push(fault);
    }
}

/// Text as JSON (RFC 8259).
fn text(value: &str, line: &mut String) {
    line.push('"');
    if !value.bytes().any(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\')) {
        line.push_str(value);
        line.push('"');
        return;
    }
    for c in value.chars() {
        match c {
            '"' => line.push_str("\\\""),
            '\\' => line.push_str("\\\\"),
            '\u{0}'..='\u{1F}' => {
                let _ = write!(line, "\\u{:04x}", u32::from(c));
            }
            c => line.push(c),
        }
    }
    line.push('"');
}
