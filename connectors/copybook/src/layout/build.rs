//! From entries to items: which is in which, what redefines what, and where each stands.

use std::collections::HashMap;

use super::{Arrangement, Condition, Field, Item, ItemId, Layout, Problem, Records, Rename, Table};
use crate::source::Place;
use crate::syntax::{Depending, Entry, Sign, Usage};

/// Bytes a record may have: far more than any access method of z/OS takes (32,760), little enough to hold in memory.
pub const LONGEST_RECORD: u32 = 16 << 20;

/// Problems that are told: each shows its line, and a line may be as long as the text.
const MOST_PROBLEMS: usize = 50;

/// Lays out the entries of a copybook, or says all that is wrong with them.
pub fn build(entries: &[Entry], arrangement: &Arrangement) -> Result<Layout, Vec<Problem>> {
    let mut builder = Builder {
        layout: Layout::default(),
        entries: Vec::new(),
        problems: Vec::new(),
        last: None,
        named: HashMap::new(),
        sisters: HashMap::new(),
        around: None,
        arrangement: *arrangement,
    };
    if let (Records::OneBehindTheOther, Some(first)) = (arrangement.records, entries.first()) {
        builder.around = Some(builder.make_up(0, first.place));
    }
    for entry in entries {
        builder.add(entry);
    }
    if builder.last.is_none() && builder.problems.is_empty() {
        builder.problem(Place { text: 0, line: 1, column: 1 }, 1, "there is no field in it", "give the right file");
    }
    for record in builder.layout.records.clone() {
        builder.lay_out(record);
    }
    builder.tables();
    builder.rename(entries);
    if builder.problems.is_empty() {
        return Ok(builder.layout);
    }
    builder.problems.sort_by_key(|problem| problem.place);
    Err(builder.problems)
}

/// What the groups around an item say of it.
#[derive(Debug, Clone, Copy, Default)]
struct Inherited {
    sign: Option<Sign>,
    synchronized: bool,
    /// Whether it begins where bytes begin that are redefined, whatever it holds.
    redefines: bool,
}

struct Builder<'e> {
    layout: Layout,
    /// The entry of each item; none for a record that was made up.
    entries: Vec<Option<&'e Entry>>,
    problems: Vec<Problem>,
    /// The item that was added last.
    last: Option<ItemId>,
    /// Items by their names in capitals.
    named: HashMap<String, Vec<ItemId>>,
    /// Of the items of one group, the last one of each name, in capitals: what may be redefined.
    sisters: HashMap<(Option<ItemId>, String), ItemId>,
    /// What was made up around all records.
    around: Option<ItemId>,
    arrangement: Arrangement,
}

impl<'e> Builder<'e> {
    fn problem(&mut self, place: Place, width: usize, message: impl Into<String>, help: impl Into<String>) {
        if self.problems.len() >= MOST_PROBLEMS {
            return;
        }
        let width = u32::try_from(width).unwrap_or(1);
        self.problems.push(Problem { place, width, message: message.into(), help: help.into() });
    }

    /// Puts an entry where its level says.
    fn add(&mut self, entry: &'e Entry) {
        match entry.level {
            66 => return,
            88 => return self.condition(entry),
            _ => {}
        }
        let parent = match entry.level {
            1 | 77 => self.around,
            level => Some(self.group_for(level, entry)),
        };
        let id = self.layout.items.len();
        let inherited = parent.map_or(Usage::Display, |parent| self.layout.items[parent].usage);
        self.layout.items.push(Item {
            level: entry.level,
            name: entry.name.clone().unwrap_or_else(|| "FILLER".into()),
            place: entry.place,
            parent,
            children: Vec::new(),
            field: None,
            picture: entry.picture.as_ref().map(|(picture, _)| picture.clone()),
            usage: entry.usage.map_or(inherited, |(usage, _)| usage),
            offset: 0,
            length: 0,
            slack: 0,
            table: entry.occurs.as_ref().map(|(occurs, _)| Table {
                least: occurs.least,
                most: occurs.most,
                counter: None,
            }),
            redefines: None,
            fixed: true,
            justified: entry.justified,
            blank_when_zero: entry.blank_when_zero,
            conditions: Vec::new(),
        });
        self.entries.push(Some(entry));
        match parent {
            Some(parent) => self.layout.items[parent].children.push(id),
            None => self.layout.records.push(id),
        }
        self.last = Some(id);
        self.redefinition(id, entry);
        let name = self.layout.items[id].name.to_ascii_uppercase();
        self.sisters.insert((parent, name.clone()), id);
        self.named.entry(name).or_default().push(id);
    }

    /// The group that an item of that level is in. Levels rise from a group to what is in it, so that groups are never
    /// nested deeper than there are levels.
    fn group_for(&mut self, level: u8, entry: &Entry) -> ItemId {
        let mut at = self.last.or(self.around);
        while let Some(id) = at {
            let item = &self.layout.items[id];
            if item.level < level && item.level != 77 {
                if item.picture.is_some() {
                    let message = format!("`{}` has a picture, so nothing can be in it", item.name);
                    let help = format!("give this entry level {}, or take the picture away", item.level);
                    self.problem(entry.place, 2, message, help);
                }
                return id;
            }
            at = item.parent;
        }
        // The copybook is a part of a record: what it is copied into is not known.
        self.make_up(1, entry.place)
    }

    /// A record that the copybook doesn't name.
    fn make_up(&mut self, level: u8, place: Place) -> ItemId {
        let made_up = self.layout.items.len();
        self.layout.items.push(Item {
            level,
            name: String::new(),
            place,
            parent: None,
            children: Vec::new(),
            field: None,
            picture: None,
            usage: Usage::Display,
            offset: 0,
            length: 0,
            slack: 0,
            table: None,
            redefines: None,
            fixed: true,
            justified: false,
            blank_when_zero: false,
            conditions: Vec::new(),
        });
        self.entries.push(None);
        self.layout.records.push(made_up);
        made_up
    }

    fn condition(&mut self, entry: &Entry) {
        match self.last {
            Some(item) => self.layout.items[item]
                .conditions
                .push(Condition { name: entry.name.clone().unwrap_or_default(), values: entry.values.clone() }),
            None => self.problem(entry.place, 2, "level 88 names values of the field before it, and there is none", ""),
        }
    }

    /// Finds what an item redefines: a sister before it, with nothing but other redefinitions between.
    fn redefinition(&mut self, id: ItemId, entry: &Entry) {
        let Some((name, place)) = &entry.redefines else { return };
        let parent = self.layout.items[id].parent;
        let sisters: &[ItemId] = match parent {
            Some(parent) => &self.layout.items[parent].children,
            None => &self.layout.records,
        };
        // What redefines a redefinition looks at the same bytes as that.
        let first = |sister: ItemId| self.layout.items[sister].redefines.unwrap_or(sister);
        let before = sisters.iter().rev().copied().find(|&sister| sister != id).map(first);
        let named = self.sisters.get(&(parent, name.to_ascii_uppercase())).copied().map(first);
        let original = named.filter(|named| before == Some(*named));
        let Some(original) = original else {
            let message = format!("there is no `{name}` directly before it to redefine");
            let help = "an entry redefines the one before it at the same level; only other redefinitions of that may \
                        stand between";
            return self.problem(*place, name.chars().count(), message, help);
        };
        if self.layout.items[original].table.is_some() && !self.arrangement.redefined_tables {
            let message = format!("`{name}` is a table, and a table can't be redefined");
            self.problem(*place, name.chars().count(), message, "redefine a group around it");
        }
        self.layout.items[id].redefines = Some(original);
    }

    /// Gives the items of a record their places and lengths.
    fn lay_out(&mut self, record: ItemId) {
        // Items of level 01 begin on a boundary of eight bytes; a redefined record begins where the other does: at 0.
        self.place(record, 0, Inherited::default());
        let too_long = |id: &ItemId| self.layout.items[*id].total_length() > LONGEST_RECORD;
        // The innermost of those that are too long is where the mistake is.
        let innermost =
            std::iter::successors(Some(record), |id| self.layout.items[*id].children.iter().copied().find(too_long));
        if let Some(item) = innermost.filter(too_long).last() {
            let Item { place, name, .. } = &self.layout.items[item];
            let what = if name.is_empty() { "the record".to_owned() } else { format!("`{name}`") };
            let message = format!("{what} has more than {LONGEST_RECORD} bytes");
            self.problem(*place, 2, message, "is a number of occurrences or a length mistaken?");
        }
    }

    /// Places an item at an offset. Gives the boundary that it needs.
    fn place(&mut self, id: ItemId, offset: u32, inherited: Inherited) -> u32 {
        let entry = self.entries[id];
        let inherited = Inherited {
            sign: entry.and_then(|entry| entry.sign).map(|(sign, _)| sign).or(inherited.sign),
            synchronized: inherited.synchronized || entry.is_some_and(|entry| entry.synchronized),
            redefines: inherited.redefines || self.layout.items[id].redefines.is_some(),
        };
        if self.layout.items[id].children.is_empty() {
            return self.place_field(id, offset, inherited);
        }
        let mut boundary = 1;
        let mut begin = offset;
        // The end of what was placed last, and of the longest of the alternatives of its bytes.
        let mut end = offset;
        for (index, child) in self.layout.items[id].children.clone().into_iter().enumerate() {
            let start = match self.layout.items[child].redefines {
                Some(original) => self.layout.items[original].offset,
                None => end,
            };
            let redefines = inherited.redefines && index == 0;
            boundary = boundary.max(self.place(child, start, Inherited { redefines, ..inherited }));
            let placed = &mut self.layout.items[child];
            if index == 0 {
                // A group begins with the first item in it: what aligns that stands in front of the group.
                begin = placed.offset;
                placed.slack = 0;
            }
            end = end.max(placed.offset.saturating_add(placed.total_length()));
            if end - begin > LONGEST_RECORD {
                end = begin + LONGEST_RECORD + 1;
            }
        }
        let item = &mut self.layout.items[id];
        item.offset = begin;
        item.slack = begin - offset;
        item.length = end - begin;
        // Each occurrence must begin on the boundary that its fields need.
        if item.table.is_some() && boundary > 1 {
            item.length = item.length.next_multiple_of(boundary);
        }
        boundary
    }

    fn place_field(&mut self, id: ItemId, offset: u32, inherited: Inherited) -> u32 {
        let own_sign = self.entries[id].and_then(|entry| entry.sign);
        let item = &mut self.layout.items[id];
        // For what stands beside it, even if nothing fits.
        item.offset = offset;
        let (usage, place, name) = (item.usage, item.place, item.name.clone());
        // A group's sign is for the numbers in it that have one; a field's own is there in any case.
        let signed = item.picture.as_ref().is_some_and(|picture| picture.signed);
        let sign = inherited.sign.filter(|sign| signed || (own_sign.is_some() && sign.separate));
        let (field, length) = match Field::of(item.picture.as_ref(), usage, sign) {
            Ok(found) => found,
            Err(_) if self.arrangement.empty_groups && item.picture.is_none() => return 1,
            Err(wrong) => {
                self.problem(place, 2, format!("`{name}`: {wrong}"), "");
                return 1;
            }
        };
        if let Some((_, place)) = own_sign
            && !matches!(field, Field::Zoned { sign: Some(_), .. } | Field::Edited { sign: Some(_), .. })
        {
            self.problem(place, 4, "SIGN is for a number in DISPLAY whose picture has an S", "take it away");
        }
        let boundary = if inherited.synchronized && !inherited.redefines { field.boundary(usage, length) } else { 1 };
        let aligned = offset.next_multiple_of(boundary);
        let item = &mut self.layout.items[id];
        item.field = Some(field);
        item.offset = aligned;
        item.slack = aligned - offset;
        item.length = length;
        boundary
    }

    /// Finds the counters of tables, and marks what has no fixed place because of them.
    fn tables(&mut self) {
        for id in 0..self.layout.items.len() {
            let Some(depending) = self.entries[id].and_then(|entry| entry.occurs.as_ref()?.0.depending.as_ref()) else {
                continue;
            };
            if let Some(counter) = self.counter(id, depending)
                && let Some(table) = &mut self.layout.items[id].table
            {
                table.counter = Some(counter);
            }
        }
        for record in self.layout.records.clone() {
            mark(&mut self.layout, record, true);
        }
    }

    /// The items of that name.
    fn fitting(&self, name: &str) -> Vec<ItemId> {
        self.named.get(&name.to_ascii_uppercase()).cloned().unwrap_or_default()
    }

    fn counter(&mut self, id: ItemId, depending: &Depending) -> Option<ItemId> {
        let width = depending.name.chars().count();
        let mut fitting = self.fitting(&depending.name);
        fitting.retain(|found| self.layout.is_in(*found, &depending.qualifiers));
        let record = self.layout.record_of(id);
        if fitting.len() > 1 {
            fitting.retain(|found| self.layout.record_of(*found) == record);
        }
        let message = match fitting.as_slice() {
            [] => {
                let names = std::iter::once(&depending.name).chain(&depending.qualifiers);
                let path = names.map(String::as_str).collect::<Vec<_>>().join(" OF ");
                format!("there is no field `{path}`")
            }
            [counter] => {
                let found = &self.layout.items[*counter];
                let whole = matches!(
                    found.field,
                    Some(
                        Field::Zoned { scale: 0, .. }
                            | Field::Packed { scale: 0, .. }
                            | Field::PackedUnsigned { scale: 0, .. }
                            | Field::Binary { scale: 0, .. }
                            | Field::LittleEndianBinary { scale: 0, .. }
                    )
                ) || (self.arrangement.text_counters && found.field == Some(Field::Text));
                if !whole {
                    format!("`{}` is no whole number", depending.name)
                } else if self.layout.record_of(*counter) != record {
                    format!("`{}` is in another record", depending.name)
                } else if *counter > id {
                    format!("`{}` comes after the table it counts", depending.name)
                } else {
                    return Some(*counter);
                }
            }
            several => {
                format!("`{}` is one of several: {}", depending.name, self.layout.paths(several))
            }
        };
        let help = "DEPENDING ON names a whole number in front of the table, in the same record";
        self.problem(depending.place, width, message, help);
        None
    }

    /// Places what level 66 renames.
    fn rename(&mut self, entries: &[Entry]) {
        let mut record = None;
        let mut seen = 0;
        for entry in entries {
            match (entry.level, &entry.renames) {
                (66, Some((first, last, place))) => {
                    if let Err(message) = self.renamed(entry, record, first, last.as_deref()) {
                        let help = "level 66 names fields or groups of the record before it";
                        self.problem(*place, first.chars().count(), message, help);
                    }
                }
                (66 | 88, _) => {}
                _ => {
                    while self.entries.get(seen).is_some_and(|known| !known.is_some_and(|e| std::ptr::eq(e, entry))) {
                        seen += 1;
                    }
                    record = Some(self.layout.record_of(seen));
                }
            }
        }
    }

    fn renamed(
        &mut self,
        entry: &Entry,
        record: Option<ItemId>,
        first: &str,
        last: Option<&str>,
    ) -> Result<(), String> {
        let record = record.ok_or("there is no record before it")?;
        let found = |name: &str| {
            let mut fitting = self.fitting(name);
            fitting.retain(|id| self.layout.record_of(*id) == record && *id != record);
            match fitting.as_slice() {
                [only] => Ok(*only),
                [] => Err(format!("there is no `{name}` in the record before it")),
                _ => Err(format!("there are several `{name}` in the record before it")),
            }
        };
        let first = found(first)?;
        let last = last.map_or(Ok(first), found)?;
        let (from, to) = (&self.layout.items[first], &self.layout.items[last]);
        let end = to.offset.saturating_add(to.total_length());
        if end <= from.offset {
            return Err(format!("`{}` comes before `{}`", to.name, from.name));
        }
        let (offset, length) = (from.offset, end - from.offset);
        let name = entry.name.clone().unwrap_or_else(|| "FILLER".into());
        self.layout.renames.push(Rename { name, first, last, offset, length });
        Ok(())
    }
}

/// Marks items behind a table that depends on a counter. Gives whether what comes next still has a fixed place.
fn mark(layout: &mut Layout, id: ItemId, fixed: bool) -> bool {
    let varies = layout.items[id].table.is_some_and(|table| table.counter.is_some());
    let mut fixed_behind = fixed;
    for child in layout.items[id].children.clone() {
        // Alternatives of the same bytes begin where the first does.
        let original = layout.items[child].redefines;
        let fixed_child = original.map_or(fixed_behind, |original| layout.items[original].fixed);
        layout.items[child].fixed = fixed_child;
        fixed_behind &= mark(layout, child, fixed_child);
    }
    if id == layout.record_of(id) {
        layout.items[id].fixed = true;
    }
    fixed_behind && !varies
}
