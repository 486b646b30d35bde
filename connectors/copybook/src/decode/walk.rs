//! Walks through a record: every field in the order it stands, tables entry by entry, each value or fault told to a
//! visitor.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::value::Fields;
use super::{Options, Reason, TableRoom, Trim, Value, WrongCounters};
use crate::code_page::{CodePage, WIDE_BLANK};
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
    /// Whether an item that starts at `at` and occurs so often is passed over, so that nothing in it is told. It is asked
    /// only of what has the same length each time it occurs; what counts in it is read nevertheless.
    fn passes(&mut self, _item: ItemId, _at: usize, _entries: u32) -> bool {
        false
    }
    /// An item stands there, as a distance from the record's first byte; said before anything else about it, and again for
    /// each entry of a table.
    fn stands_at(&mut self, _item: ItemId, _offset: usize) {}
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
    fields: Fields,
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
    /// Of tables whose counters are text, how many entries each word means.
    words: HashMap<ItemId, BTreeMap<String, u32>>,
    /// What each counter that is text said last.
    said_words: HashMap<ItemId, String>,
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

/// Listens to nothing either, for what is passed over: only what counts in it is read.
struct Counting<'w>(&'w mut dyn Visitor);

impl Visitor for Counting<'_> {
    fn wants(&mut self, item: ItemId) -> bool {
        self.0.wants(item)
    }
    fn passes(&mut self, _item: ItemId, _at: usize, _entries: u32) -> bool {
        true
    }
    fn value(&mut self, _item: ItemId, _value: Value<'_>) {}
    fn fault(&mut self, _fault: Fault) {}
}

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
        let (fixed_inside, shortest) = match options.tables {
            TableRoom::AsCounted => (crate::layout::fixed_inside(&layout), crate::layout::shortest(&layout)),
            TableRoom::Full => (vec![true; count], layout.items.iter().map(Item::total_length).collect()),
        };
        let fields = Fields::new(options);
        let counts = vec![None; count];
        let text = String::new();
        Self {
            layout,
            fields,
            counts,
            counters,
            counter_inside,
            fixed_inside,
            shortest,
            alternative,
            words: HashMap::new(),
            said_words: HashMap::new(),
            text,
        }
    }

    /// Says how many entries a table has where the counter it depends on is text: so many for each word. A word that isn't
    /// among them is a wrong counter.
    pub fn count_by_words(&mut self, table: ItemId, words: BTreeMap<String, u32>) {
        self.words.insert(table, words);
    }

    /// Tells `visitor` what the bytes of a `record`, one of the layout's, hold and gives where it ends: behind its last
    /// byte where it is too short. Where a counter can't be read or is out of bounds, what stands behind it can't be
    /// found: the visitor is told so as the last thing, and `None` is given.
    pub fn decode(&mut self, record: ItemId, bytes: &[u8], visitor: &mut dyn Visitor) -> Option<usize> {
        self.counts.fill(None);
        self.said_words.clear();
        let layout = Arc::clone(&self.layout);
        match self.item(&layout, record, bytes, 0, visitor) {
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
        self.fields.read(item, item.field?, raw, &mut String::new()).ok().map(look)
    }

    /// The bytes of an item that stands at the same place in every record, if the record has them.
    pub(crate) fn bytes_at_their_place<'b>(&self, id: ItemId, bytes: &'b [u8]) -> Option<&'b [u8]> {
        let item = &self.layout.items[id];
        let at = usize::try_from(item.offset).ok()?;
        bytes.get(at..at.checked_add(length_of(item))?)
    }

    /// Which character a byte stands for.
    pub(crate) fn code_page(&self) -> CodePage {
        self.fields.options.code_page
    }

    /// How long the `record` is whose first bytes these are. `wants` is [`Visitor::wants`].
    pub fn length(&mut self, record: ItemId, bytes: &[u8], wants: &mut dyn FnMut(ItemId) -> bool) -> Length {
        let shortest = usize::try_from(self.shortest[record]).unwrap_or(usize::MAX);
        if bytes.len() < shortest {
            return Length::Needs(shortest);
        }
        self.counts.fill(None);
        self.said_words.clear();
        // What isn't there is still to come.
        let short_records = std::mem::replace(&mut self.fields.options.short_records, false);
        let layout = Arc::clone(&self.layout);
        let found = self.item(&layout, record, bytes, 0, &mut Unheard(wants));
        self.fields.options.short_records = short_records;
        match found {
            Ok(end) if end > bytes.len() => Length::Needs(end),
            Ok(end) => Length::Is(end),
            Err(Lost(Fault { reason: Reason::Truncated { missing }, .. })) => Length::Needs(bytes.len() + missing),
            Err(Lost(fault)) => Length::Unknown(fault),
        }
    }

    /// All occurrences of an item whose first byte, its slack bytes left out, stands at `at`. Gives where it ends.
    fn item(
        &mut self,
        layout: &Layout,
        id: ItemId,
        bytes: &[u8],
        at: usize,
        visitor: &mut dyn Visitor,
    ) -> Result<usize, Lost> {
        let table = layout.items[id].table;
        let entries = table.map_or(Ok(1), |table| self.entries(id, table, bytes, at))?;
        if self.fixed_inside[id] && visitor.passes(id, at, entries) {
            if self.counter_inside[id] {
                self.occurrences(layout, id, bytes, at, entries, &mut Counting(visitor))?;
            }
            let end = at + usize::try_from(entries).unwrap_or(usize::MAX) * length_of(&layout.items[id]);
            return Ok(self.behind(&layout.items[id], at, end));
        }
        if table.is_none() {
            return self.occurrence(layout, id, bytes, at, visitor);
        }
        visitor.table_starts(id, entries);
        let end = self.occurrences(layout, id, bytes, at, entries, visitor)?;
        visitor.table_ends(id);
        Ok(self.behind(&layout.items[id], at, end))
    }

    /// Where what comes behind an item starts whose entries end at `end`.
    fn behind(&self, item: &Item, at: usize, end: usize) -> usize {
        match self.fields.options.tables {
            TableRoom::AsCounted => end,
            TableRoom::Full => end.max(at + usize::try_from(item.total_length()).unwrap_or(usize::MAX)),
        }
    }

    fn occurrences(
        &mut self,
        layout: &Layout,
        id: ItemId,
        bytes: &[u8],
        at: usize,
        entries: u32,
        visitor: &mut dyn Visitor,
    ) -> Result<usize, Lost> {
        let mut end = at;
        for _ in 0..entries {
            if end > bytes.len() && !self.fields.options.short_records {
                // The rest isn't there either: one fault says it.
                let reason = Reason::Truncated { missing: end - bytes.len() };
                return Err(Lost(Fault { item: id, offset: end, raw: Vec::new(), reason }));
            }
            end = self.occurrence(layout, id, bytes, end, visitor)?;
        }
        Ok(end)
    }

    fn occurrence(
        &mut self,
        layout: &Layout,
        id: ItemId,
        bytes: &[u8],
        at: usize,
        visitor: &mut dyn Visitor,
    ) -> Result<usize, Lost> {
        let item = &layout.items[id];
        visitor.stands_at(id, at);
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
                end = end.max(self.item(layout, child, bytes, start, visitor)?);
            } else {
                end = end.max(start + self.passed(layout, child, bytes, start)?);
            }
        }
        visitor.group_ends(id);
        // Slack bytes at its end, where its length is known at all.
        Ok(if self.fixed_inside[id] { end.max(at + length_of(item)) } else { end })
    }

    /// Bytes of an item that nobody looks at. Its counters are looked at nevertheless, because tables elsewhere may
    /// depend on them.
    fn passed(&mut self, layout: &Layout, id: ItemId, bytes: &[u8], at: usize) -> Result<usize, Lost> {
        let item = &layout.items[id];
        let shortest = usize::try_from(self.shortest[id]).unwrap_or(usize::MAX);
        let counted = item.table.is_some_and(|table| table.counter.is_some());
        let fixed = self.fixed_inside[id] && (!counted || self.fields.options.tables == TableRoom::Full);
        if fixed && !self.counter_inside[id] {
            return Ok(shortest);
        }
        let mut originals = |id: ItemId| layout.items[id].redefines.is_none();
        let walked = self.item(layout, id, bytes, at, &mut Unheard(&mut originals));
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
        let wrong_is_full = self.fields.options.wrong_counters == WrongCounters::Full;
        let said = count.map_or(Said::Nothing, |count| count.said);
        let word = self.words.get(&id).and_then(|words| words.get(self.said_words.get(&counter)?.trim()));
        let reason = match word.map_or(said, |entries| Said::Entries(i128::from(*entries))) {
            Said::Entries(count) => match u32::try_from(count) {
                Ok(entries) if (table.least..=table.most).contains(&entries) => return Ok(entries),
                _ if wrong_is_full => return Ok(table.most),
                _ => Reason::CounterOutOfRange { count, table: name(), least: table.least, most: table.most },
            },
            // The table stands behind the record's end too.
            Said::Missing(_) if self.fields.options.short_records => return Ok(0),
            Said::Missing(missing) => {
                let reason = Reason::Truncated { missing };
                return Err(Lost(Fault { item: id, offset: at, raw: Vec::new(), reason }));
            }
            Said::Nothing if wrong_is_full => return Ok(table.most),
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
            if self.fields.options.short_records {
                return visitor.value(id, Value::Absent);
            }
            let there = bytes.get(at..).unwrap_or_default();
            let reason = Reason::Truncated { missing };
            return visitor.fault(Fault { item: id, offset: at, raw: there.to_vec(), reason });
        };
        let mut text = std::mem::take(&mut self.text);
        match self.fields.read(item, field, raw, &mut text) {
            Ok(Value::Text(text)) => {
                if self.counters[id] {
                    self.said_words.insert(id, text.to_owned());
                    self.count(id, at, Said::Nothing);
                }
                visitor.value(id, Value::Text(trimmed(text, &self.fields.options, item)));
            }
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
}

pub(crate) fn length_of(item: &Item) -> usize {
    usize::try_from(item.length).unwrap_or(usize::MAX)
}

/// A field's text without the blanks that are left out of it. Those of double-byte characters fill up fields too, where
/// the page has such characters; in UTF-16 they don't.
pub(crate) fn trimmed<'t>(text: &'t str, options: &Options, item: &Item) -> &'t str {
    let wide = options.code_page.is_mixed() && item.field != Some(Field::National);
    let blank = |c| c == ' ' || (wide && c == WIDE_BLANK);
    match options.trim {
        Trim::None => text,
        Trim::Right if item.justified => text.trim_start_matches(blank),
        Trim::Right => text.trim_end_matches(blank),
        Trim::Left => text.trim_start_matches(blank),
        Trim::Both => text.trim_matches(blank),
    }
}
