//! Walks through a record: every field in the order it stands, tables entry by entry, each value or fault told to a
//! visitor.

use std::sync::Arc;

use super::floating::floating;
use super::packed::{binary, packed, packed_unsigned};
use super::zoned::{Digits, edited, unsigned, zoned};
use super::{Number, Options, Reason, Trim, Value};
use crate::code_page::CodePage;
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
    /// Nobody knows where the rest of the record stands, for this reason. Nothing is told behind that; groups and tables
    /// that have started don't end.
    fn lost(&mut self, fault: Fault) {
        self.fault(fault);
    }
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
    /// What each item that counts entries of a table said last; `None` for what counts nothing or has not been met.
    counts: Vec<Option<Count>>,
    /// Which items count entries of a table.
    counters: Vec<bool>,
    /// Which items have a counter in them, or are one.
    counter_inside: Vec<bool>,
    /// See [`crate::layout::fixed_inside`].
    fixed_inside: Vec<bool>,
    /// See [`crate::layout::shortest`].
    shortest: Vec<u32>,
    /// Which items are one of several ways to look at the same bytes.
    alternative: Vec<bool>,
    text: String,
}

/// What a counter says.
#[derive(Debug, Clone, Copy)]
struct Count {
    /// Where it stands in the record.
    offset: usize,
    said: Said,
}

#[derive(Debug, Clone, Copy)]
enum Said {
    /// So many entries.
    Entries(i128),
    /// Nothing: it has no value.
    Nothing,
    /// The record ends so many bytes before the counter does.
    Missing(usize),
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

/// Digits a number has at most.
const MOST_DIGITS: u32 = crate::syntax::Picture::MOST_DIGITS;

/// Why the rest of a record can't be looked at: nobody knows where it stands.
struct Lost(Fault);

impl Decoder {
    /// A decoder of the records of `layout`.
    pub fn new(layout: Arc<Layout>, options: Options) -> Self {
        let count = layout.items.len();
        let mut counters = vec![false; count];
        for counter in layout.items.iter().filter_map(|item| item.table?.counter) {
            counters[counter] = true;
        }
        let mut counter_inside = counters.clone();
        let mut alternative = vec![false; count];
        for (id, item) in layout.items.iter().enumerate().rev() {
            counter_inside[id] |= item.children.iter().any(|child| counter_inside[*child]);
            if let Some(original) = item.redefines {
                alternative[id] = true;
                alternative[original] = true;
            }
        }
        let (fixed_inside, shortest) = (crate::layout::fixed_inside(&layout), crate::layout::shortest(&layout));
        let digits = if options.code_page.blank() == 0x40 { Digits::Ebcdic } else { Digits::Ascii };
        let counts = vec![None; count];
        let text = String::new();
        Self { layout, options, digits, counts, counters, counter_inside, fixed_inside, shortest, alternative, text }
    }

    /// Tells `visitor` what the bytes of a `record`, one of the layout's, hold and gives where it ends: behind its last
    /// byte where it is too short. Where a counter can't be read or is out of bounds, what stands behind it can't be
    /// found: the visitor is told so as the last thing, and `None` is given.
    pub fn decode(&mut self, record: ItemId, bytes: &[u8], visitor: &mut dyn Visitor) -> Option<usize> {
        self.counts.fill(None);
        match self.item(record, bytes, 0, visitor) {
            Ok(end) => Some(end),
            Err(Lost(fault)) => {
                visitor.lost(fault);
                None
            }
        }
    }

    /// Shows `look` the value of a field that stands at the same place in every record, blanks of text included; `None`
    /// where the record doesn't have it, or it is at fault.
    pub fn field_at_its_place<T>(&self, id: ItemId, bytes: &[u8], look: impl FnOnce(Value<'_>) -> T) -> Option<T> {
        let raw = self.bytes_at_their_place(id, bytes)?;
        let item = &self.layout.items[id];
        self.read(item, item.field?, raw, &mut String::new()).ok().map(look)
    }

    /// The bytes of an item that stands at the same place in every record, if the record has them.
    pub(crate) fn bytes_at_their_place<'b>(&self, id: ItemId, bytes: &'b [u8]) -> Option<&'b [u8]> {
        let item = &self.layout.items[id];
        let at = usize::try_from(item.offset).ok()?;
        bytes.get(at..at.checked_add(length_of(item))?)
    }

    /// Which character a byte stands for.
    pub(crate) fn code_page(&self) -> CodePage {
        self.options.code_page
    }

    /// How long the `record` is whose first bytes these are. `wants` is [`Visitor::wants`].
    pub fn length(&mut self, record: ItemId, bytes: &[u8], wants: &mut dyn FnMut(ItemId) -> bool) -> Length {
        let shortest = usize::try_from(self.shortest[record]).unwrap_or(usize::MAX);
        if bytes.len() < shortest {
            return Length::Needs(shortest);
        }
        self.counts.fill(None);
        // What isn't there is still to come.
        let short_records = std::mem::replace(&mut self.options.short_records, false);
        let found = self.item(record, bytes, 0, &mut Unheard(wants));
        self.options.short_records = short_records;
        match found {
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
                let reason = Reason::Truncated { missing: end - bytes.len() };
                return Err(Lost(Fault { item: id, offset: end, raw: Vec::new(), reason }));
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
        Ok(if self.fixed_inside[id] { end.max(at + length_of(item)) } else { end })
    }

    /// Bytes of an item that nobody looks at. Its counters are looked at nevertheless, because tables elsewhere may
    /// depend on them.
    fn passed(&mut self, id: ItemId, bytes: &[u8], at: usize) -> Result<usize, Lost> {
        let layout = Arc::clone(&self.layout);
        let item = &layout.items[id];
        let shortest = usize::try_from(self.shortest[id]).unwrap_or(usize::MAX);
        let fixed = self.fixed_inside[id] && item.table.is_none_or(|table| table.counter.is_none());
        if fixed && !self.counter_inside[id] {
            return Ok(shortest);
        }
        let mut originals = |id: ItemId| layout.items[id].redefines.is_none();
        let walked = self.item(id, bytes, at, &mut Unheard(&mut originals));
        // What is not chosen among alternatives says nothing: its counters are bytes of another one.
        if self.alternative[id] { Ok(shortest) } else { Ok(walked? - at) }
    }

    /// How many entries a table has in this record.
    fn entries(&self, id: ItemId, table: Table, bytes: &[u8], at: usize) -> Result<u32, Lost> {
        let Some(counter) = table.counter else { return Ok(table.most) };
        let found = &self.layout.items[counter];
        let name = || self.layout.items[id].name.clone();
        let count = self.counts[counter];
        let offset = count.map_or(usize::try_from(found.offset).unwrap_or(usize::MAX), |count| count.offset);
        let reason = match count.map_or(Said::Nothing, |count| count.said) {
            Said::Entries(count) => match u32::try_from(count) {
                Ok(entries) if (table.least..=table.most).contains(&entries) => return Ok(entries),
                _ => Reason::CounterOutOfRange { count, table: name(), least: table.least, most: table.most },
            },
            // The table stands behind the record's end too.
            Said::Missing(_) if self.options.short_records => return Ok(0),
            Said::Missing(missing) => {
                let reason = Reason::Truncated { missing };
                return Err(Lost(Fault { item: id, offset: at, raw: Vec::new(), reason }));
            }
            Said::Nothing => Reason::CounterAbsent { table: name() },
        };
        let raw = bytes.get(offset..).unwrap_or_default();
        let raw = raw.get(..length_of(found)).unwrap_or(raw).to_vec();
        Err(Lost(Fault { item: counter, offset, raw, reason }))
    }

    fn field(&mut self, id: ItemId, item: &Item, field: Field, bytes: &[u8], at: usize, visitor: &mut dyn Visitor) {
        let length = length_of(item);
        let Some(raw) = bytes.get(at..at + length) else {
            let missing = at + length - bytes.len();
            self.count(id, at, Said::Missing(missing));
            if self.options.short_records {
                return visitor.value(id, Value::Absent);
            }
            let there = bytes.get(at..).unwrap_or_default();
            let reason = Reason::Truncated { missing };
            return visitor.fault(Fault { item: id, offset: at, raw: there.to_vec(), reason });
        };
        let mut text = std::mem::take(&mut self.text);
        match self.read(item, field, raw, &mut text) {
            Ok(Value::Text(text)) => visitor.value(id, Value::Text(trimmed(text, self.options.trim))),
            Ok(value) => {
                let said = match value {
                    Value::Number(number) => Said::Entries(number.digits),
                    _ => Said::Nothing,
                };
                self.count(id, at, said);
                visitor.value(id, value);
            }
            Err(reason) => {
                self.count(id, at, Said::Nothing);
                visitor.fault(Fault { item: id, offset: at, raw: raw.to_vec(), reason });
            }
        }
        self.text = text;
    }

    fn count(&mut self, id: ItemId, offset: usize, said: Said) {
        if self.counters[id] {
            self.counts[id] = Some(Count { offset, said });
        }
    }

    /// The value of a field's bytes.
    fn read<'t>(&self, item: &Item, field: Field, raw: &'t [u8], text: &'t mut String) -> Result<Value<'t>, Reason> {
        let number = |digits, scale| Value::Number(Number { digits, scale });
        let options = &self.options;
        let scale_of_digits = match field {
            Field::Zoned { scale, .. }
            | Field::Packed { scale, .. }
            | Field::PackedUnsigned { scale, .. }
            | Field::Edited { scale, .. } => Some(scale),
            _ => None,
        };
        if let Some(scale) = scale_of_digits
            && let Some((reason, absent)) = self.special(raw)
        {
            // Bytes that are a number are one, whatever else they may be: zeros in COMP-6.
            return match self.digits_of(field, raw) {
                Ok((digits, scale)) => Ok(number(digits, scale)),
                Err(_) if reason == Reason::Blank && blank_is_zero(item) => Ok(number(0, scale)),
                Err(_) if absent => Ok(Value::Absent),
                Err(_) => Err(reason),
            };
        }
        Ok(match field {
            Field::Zoned { .. } | Field::Packed { .. } | Field::PackedUnsigned { .. } => {
                let (digits, scale) = self.digits_of(field, raw)?;
                number(digits, scale)
            }
            Field::Binary { digits, scale, signed, native } => {
                let value = binary(raw, signed).ok_or(Reason::BeyondPicture { digits })?;
                let most = if native || options.binary_beyond_picture { MOST_DIGITS } else { digits };
                if 10_u128.checked_pow(most).is_some_and(|bound| value.unsigned_abs() >= bound) {
                    return Err(Reason::BeyondPicture { digits: most });
                }
                number(value, scale)
            }
            Field::Float | Field::Double => match floating(raw, options.floating) {
                Some(value) => Value::Floating(value),
                None => return Err(Reason::NotANumber { text: "NaN or infinite".into() }),
            },
            Field::Text => {
                self.characters(raw, text)?;
                Value::Text(text)
            }
            Field::National => {
                utf16(raw, text)?;
                Value::Text(text)
            }
            Field::Edited { scale, point, sign } => {
                let negative = if let Some(sign) = sign {
                    let (plain, negative) = unsigned(raw, sign, self.digits, options.signs)?;
                    self.characters(&plain, text)?;
                    negative
                } else {
                    self.characters(raw, text)?;
                    false
                };
                let digits = match edited(text, point.then_some(scale)) {
                    Ok(digits) => digits,
                    Err(_) if zero_in_asterisks(item, text) => 0,
                    Err(reason) => return Err(reason),
                };
                number(if negative { -digits } else { digits }, scale)
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
            Field::PackedUnsigned { digits, scale } => (packed_unsigned(raw, digits)?, scale),
            // Characters for people are never all the same special byte.
            _ => return Err(Reason::Blank),
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

/// Whether blanks are how a zero is written in a field: the copybook says so, or no digit of its picture is written where
/// it is zero.
fn blank_is_zero(item: &Item) -> bool {
    item.blank_when_zero || never_writes_zero(item)
}

fn never_writes_zero(item: &Item) -> bool {
    item.picture.as_ref().is_some_and(|picture| !picture.edited.is_empty() && !picture.edited.contains(&b'9'))
}

/// Zero in a picture like `***.**`: asterisks everywhere but at the point.
fn zero_in_asterisks(item: &Item, text: &str) -> bool {
    never_writes_zero(item) && text.contains('*') && text.chars().all(|c| matches!(c, '*' | '.' | ' '))
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
