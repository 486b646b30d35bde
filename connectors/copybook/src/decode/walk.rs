//! Walks through a record: every field in the order it stands, tables entry by entry, each value or fault told to a
//! visitor.

use std::sync::Arc;

use super::floating::floating;
use super::packed::{binary, digits, packed};
use super::zoned::{Digits, edited, zoned};
use super::{Number, Options, Reason, Trim, Value};
use crate::layout::{Field, Item, ItemId, Layout, Table};

/// A field whose bytes are not a value of its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The field.
    pub item: ItemId,
    /// Where its bytes start in the record.
    pub offset: usize,
    /// Its bytes, as far as the record has them.
    pub raw: Vec<u8>,
    /// What is wrong with them.
    pub reason: Reason,
}

/// Is told what a record holds.
pub trait Visitor {
    /// Whether an item is looked at; what redefines others may be chosen by what was told so far.
    fn wants(&mut self, _item: ItemId) -> bool {
        true
    }
    /// A group starts, or an entry of a table of groups.
    fn group_starts(&mut self, _item: ItemId) {}
    /// It ends.
    fn group_ends(&mut self, _item: ItemId) {}
    /// A table with so many entries starts.
    fn table_starts(&mut self, _item: ItemId, _entries: u32) {}
    /// It ends.
    fn table_ends(&mut self, _item: ItemId) {}
    /// A field has this value.
    fn value(&mut self, item: ItemId, value: Value<'_>);
    /// A field has none, for this reason. Called instead of [`Visitor::value`].
    fn fault(&mut self, fault: Fault);
}

/// How long a record is, as far as its first bytes tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Length {
    /// So many bytes.
    Is(usize),
    /// More bytes are needed to know: at least so many.
    Needs(usize),
    /// A counter can't be read, so that nobody knows.
    Unknown(Fault),
}

/// Decodes records of a layout.
#[derive(Debug)]
pub struct Decoder {
    layout: Arc<Layout>,
    options: Options,
    digits: Digits,
    /// What each counter said last; `None` for what counts nothing or has not been met.
    counts: Vec<Option<i128>>,
    /// Which items count entries of a table.
    counters: Vec<bool>,
    text: String,
}

/// Listens to nothing: for what is walked through only to know where it ends.
struct Unheard<'w>(&'w mut dyn FnMut(ItemId) -> bool);

impl Visitor for Unheard<'_> {
    fn wants(&mut self, item: ItemId) -> bool {
        (self.0)(item)
    }
    fn value(&mut self, _item: ItemId, _value: Value<'_>) {}
    fn fault(&mut self, _fault: Fault) {}
}

/// Why the rest of a record can't be looked at: nobody knows where it stands.
struct Lost(Fault);

impl Decoder {
    /// A decoder of the records of `layout`.
    pub fn new(layout: Arc<Layout>, options: Options) -> Self {
        let mut counters = vec![false; layout.items.len()];
        for counter in layout.items.iter().filter_map(|item| item.table?.counter) {
            counters[counter] = true;
        }
        let digits = if options.code_page.blank() == 0x40 { Digits::Ebcdic } else { Digits::Ascii };
        let counts = vec![None; layout.items.len()];
        Self { layout, options, digits, counts, counters, text: String::new() }
    }

    /// Tells `visitor` what the bytes of a `record`, one of the layout's, hold and gives how many of its bytes that took. Where a counter can't be read or
    /// is out of bounds, what stands behind it can't be found: the visitor is told so as the last thing, and `None` is
    /// given.
    pub fn decode(&mut self, record: ItemId, bytes: &[u8], visitor: &mut dyn Visitor) -> Option<usize> {
        self.counts.fill(None);
        match self.item(record, bytes, 0, visitor) {
            Ok(end) => Some(end),
            Err(Lost(fault)) => {
                visitor.fault(fault);
                None
            }
        }
    }

    /// Shows `look` the value of a field that stands at the same place in every record; `None` where the record doesn't
    /// have it, or it has no value.
    pub fn field_at_its_place<T>(&self, id: ItemId, bytes: &[u8], look: impl FnOnce(Value<'_>) -> T) -> Option<T> {
        let item = &self.layout.items[id];
        let at = usize::try_from(item.offset).ok()?;
        let raw = bytes.get(at..at.checked_add(length_of(item))?)?;
        self.read(item.field?, raw, &mut String::new()).ok().map(look)
    }

    /// How long the `record` is whose first bytes these are. `wants` is [`Visitor::wants`].
    pub fn length(&mut self, record: ItemId, bytes: &[u8], wants: &mut dyn FnMut(ItemId) -> bool) -> Length {
        let shortest = usize::try_from(self.layout.shortest(record)).unwrap_or(usize::MAX);
        if bytes.len() < shortest {
            return Length::Needs(shortest);
        }
        self.counts.fill(None);
        match self.item(record, bytes, 0, &mut Unheard(wants)) {
            Ok(end) if end > bytes.len() => Length::Needs(end),
            Ok(end) => Length::Is(end),
            Err(Lost(Fault { reason: Reason::Truncated { missing }, .. })) => Length::Needs(bytes.len() + missing),
            Err(Lost(fault)) => Length::Unknown(fault),
        }
    }

    /// All occurrences of an item whose first byte, its slack bytes left out, stands at `at`. Gives where it ends.
    fn item(&mut self, id: ItemId, bytes: &[u8], at: usize, visitor: &mut dyn Visitor) -> Result<usize, Lost> {
        let layout = Arc::clone(&self.layout);
        let Some(table) = layout.items[id].table else { return self.occurrence(id, bytes, at, visitor) };
        let entries = self.entries(id, table, bytes, at)?;
        visitor.table_starts(id, entries);
        let mut end = at;
        for _ in 0..entries {
            if end > bytes.len() && !self.options.short_records {
                // The rest isn't there either: one fault says it.
                let missing = (end - bytes.len()).max(1);
                return Err(self.lost(id, bytes, end, Reason::Truncated { missing }));
            }
            end = self.occurrence(id, bytes, end, visitor)?;
        }
        visitor.table_ends(id);
        Ok(end)
    }

    fn occurrence(&mut self, id: ItemId, bytes: &[u8], at: usize, visitor: &mut dyn Visitor) -> Result<usize, Lost> {
        let layout = Arc::clone(&self.layout);
        let item = &layout.items[id];
        if let Some(field) = item.field {
            self.field(id, item, field, bytes, at, visitor);
            return Ok(at + length_of(item));
        }
        visitor.group_starts(id);
        let mut end = at;
        // Where the alternatives of the same bytes start, and the end of the longest.
        let mut start = at;
        for &child in &item.children {
            let placed = &layout.items[child];
            if placed.redefines.is_none() {
                start = end + usize::try_from(placed.slack).unwrap_or(0);
            }
            if visitor.wants(child) {
                end = end.max(self.item(child, bytes, start, visitor)?);
            } else {
                end = end.max(start + self.passed(child, bytes, start)?);
            }
        }
        visitor.group_ends(id);
        // Slack bytes at its end, where its length is known at all.
        Ok(if item.fixed_inside(&layout) { end.max(at + length_of(item)) } else { end })
    }

    /// Bytes of an item that nobody looks at. Its counters and tables are looked at nevertheless.
    fn passed(&mut self, id: ItemId, bytes: &[u8], at: usize) -> Result<usize, Lost> {
        let layout = Arc::clone(&self.layout);
        let item = &layout.items[id];
        if item.table.is_none_or(|table| table.counter.is_none()) && item.fixed_inside(&layout) {
            return Ok(usize::try_from(item.total_length()).unwrap_or(usize::MAX));
        }
        Ok(self.item(id, bytes, at, &mut Unheard(&mut |_| true))? - at)
    }

    /// How many entries a table has in this record.
    fn entries(&mut self, id: ItemId, table: Table, bytes: &[u8], at: usize) -> Result<u32, Lost> {
        let Some(counter) = table.counter else { return Ok(table.most) };
        let name = || self.layout.items[id].name.clone();
        let Some(count) = self.counts[counter] else {
            let reason = Reason::CounterAbsent { table: name() };
            return Err(self.lost(counter, bytes, at, reason));
        };
        match u32::try_from(count) {
            Ok(entries) if (table.least..=table.most).contains(&entries) => Ok(entries),
            _ => {
                let (least, most) = (table.least, table.most);
                let reason = Reason::CounterOutOfRange { count, table: name(), least, most };
                Err(self.lost(counter, bytes, at, reason))
            }
        }
    }

    fn lost(&self, item: ItemId, bytes: &[u8], offset: usize, reason: Reason) -> Lost {
        let found = &self.layout.items[item];
        let place = usize::try_from(found.offset).unwrap_or(usize::MAX);
        let (offset, raw) = match (found.fixed, bytes.get(place..place + length_of(found))) {
            (true, Some(raw)) if found.table.is_none() => (place, raw.to_vec()),
            _ => (offset, Vec::new()),
        };
        Lost(Fault { item, offset, raw, reason })
    }

    fn field(&mut self, id: ItemId, item: &Item, field: Field, bytes: &[u8], at: usize, visitor: &mut dyn Visitor) {
        let length = length_of(item);
        let Some(raw) = bytes.get(at..at + length) else {
            if self.options.short_records {
                return visitor.value(id, Value::Absent);
            }
            let there = bytes.get(at..).unwrap_or_default();
            let reason = Reason::Truncated { missing: at + length - bytes.len() };
            return visitor.fault(Fault { item: id, offset: at, raw: there.to_vec(), reason });
        };
        let mut text = std::mem::take(&mut self.text);
        match self.read(field, raw, &mut text) {
            Ok(value) => {
                if self.counters[id] {
                    self.counts[id] = match value {
                        Value::Number(number) => Some(number.digits),
                        _ => None,
                    };
                }
                visitor.value(id, value);
            }
            Err(reason) => {
                if self.counters[id] {
                    self.counts[id] = None;
                }
                visitor.fault(Fault { item: id, offset: at, raw: raw.to_vec(), reason });
            }
        }
        self.text = text;
    }

    /// The value of a field's bytes.
    fn read<'t>(&self, field: Field, raw: &'t [u8], text: &'t mut String) -> Result<Value<'t>, Reason> {
        let number = |digits, scale| Value::Number(Number { digits, scale });
        let options = &self.options;
        let digit_field = matches!(field, Field::Zoned { .. } | Field::Packed { .. } | Field::PackedUnsigned { .. });
        if digit_field && let Some((reason, absent)) = self.special(raw) {
            // A packed number of all ones or zeros is told as such only where it isn't one.
            let read = self.digits_of(field, raw);
            return match read {
                Ok((digits, scale)) if !absent => Ok(number(digits, scale)),
                _ if absent => Ok(Value::Absent),
                _ => Err(reason),
            };
        }
        Ok(match field {
            Field::Zoned { .. } | Field::Packed { .. } | Field::PackedUnsigned { .. } => {
                let (digits, scale) = self.digits_of(field, raw)?;
                number(digits, scale)
            }
            Field::Binary { digits, scale, signed, native } => {
                let value = binary(raw, signed);
                let bounded = !native && !options.binary_beyond_picture;
                if bounded && 10_i128.checked_pow(digits).is_some_and(|bound| value.abs() >= bound) {
                    return Err(Reason::BeyondPicture { digits });
                }
                number(value, scale)
            }
            Field::Float | Field::Double => match floating(raw, options.floating) {
                Some(value) => Value::Floating(value),
                None => return Err(Reason::NotANumber { text: "NaN or infinite".into() }),
            },
            Field::Text => {
                self.characters(raw, text)?;
                Value::Text(trimmed(text, options.trim))
            }
            Field::National => {
                utf16(raw, text)?;
                Value::Text(trimmed(text, options.trim))
            }
            Field::Edited { scale, point } => {
                self.characters(raw, text)?;
                match edited(text, point.then_some(scale))? {
                    Some(digits) => number(digits, scale),
                    None => Value::Absent,
                }
            }
            Field::Dbcs => return Err(Reason::Dbcs),
            Field::Bytes => Value::Bytes(raw),
        })
    }

    fn digits_of(&self, field: Field, raw: &[u8]) -> Result<(i128, i32), Reason> {
        let signs = self.options.signs;
        Ok(match field {
            Field::Zoned { scale, sign, .. } => (zoned(raw, sign, self.digits, signs)?, scale),
            Field::Packed { digits, scale, signed } => (packed(raw, digits, signed, signs)?, scale),
            Field::PackedUnsigned { scale, .. } => (digits(raw)?, scale),
            _ => (0, 0),
        })
    }

    /// Whether all bytes are the same special one: what to call it, and whether it stands for no number.
    fn special(&self, raw: &[u8]) -> Option<(Reason, bool)> {
        let first = *raw.first()?;
        let absent = self.options.absent;
        let found = match first {
            0x00 => (Reason::LowValues, absent.low_values),
            0xFF => (Reason::HighValues, absent.high_values),
            byte if byte == self.options.code_page.blank() => (Reason::Blank, absent.blanks),
            _ => return None,
        };
        raw.iter().all(|byte| *byte == first).then_some(found)
    }

    fn characters(&self, raw: &[u8], text: &mut String) -> Result<(), Reason> {
        text.clear();
        let page = self.options.code_page;
        page.decode_into(raw, text).map_err(|at| Reason::NoCharacter {
            byte: raw.get(at).copied().unwrap_or_default(),
            at: at + 1,
            code_page: page.name(),
        })
    }
}

fn length_of(item: &Item) -> usize {
    usize::try_from(item.length).unwrap_or(usize::MAX)
}

fn trimmed(text: &str, trim: Trim) -> &str {
    let blank = |c| c == ' ';
    match trim {
        Trim::None => text,
        Trim::Right => text.trim_end_matches(blank),
        Trim::Left => text.trim_start_matches(blank),
        Trim::Both => text.trim_matches(blank),
    }
}

fn utf16(raw: &[u8], text: &mut String) -> Result<(), Reason> {
    text.clear();
    let units = raw.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let mut at = 1;
    for unit in char::decode_utf16(units) {
        let c = unit.map_err(|_| Reason::NoUtf16 { at })?;
        at += 2 * c.len_utf16();
        text.push(c);
    }
    Ok(())
}
