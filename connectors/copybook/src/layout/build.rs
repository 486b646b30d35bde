//! From entries to items: which is in which, what redefines what, and where each stands.

use super::{Condition, Field, Item, ItemId, Layout, Problem, Rename, Table};
use crate::source::Place;
use crate::syntax::{Depending, Entry, Sign, Usage};

/// Bytes a record may have: far more than any access method of z/OS takes (32,760), little enough to hold in memory.
pub const LONGEST_RECORD: u32 = 16 << 20;

/// Groups in one another.
const DEPTH: usize = 64;

/// Lays out the entries of a copybook, or says all that is wrong with them.
pub fn build(entries: &[Entry]) -> Result<Layout, Vec<Problem>> {
    let mut builder = Builder { layout: Layout::default(), entries: Vec::new(), problems: Vec::new(), last: None };
    for entry in entries {
        builder.add(entry);
    }
    if builder.layout.records.is_empty() && builder.problems.is_empty() {
        builder.problem(Place { text: 0, line: 1, column: 1 }, 1, "there is no field in it", "give the right file");
    }
    for record in builder.layout.records.clone() {
        builder.lay_out(record);
    }
    builder.tables();
    builder.rename(entries);
    if builder.problems.is_empty() { Ok(builder.layout) } else { Err(builder.problems) }
}

struct Builder<'e> {
    layout: Layout,
    /// The entry of each item; none for a record that was made up.
    entries: Vec<Option<&'e Entry>>,
    problems: Vec<Problem>,
    /// The item that was added last.
    last: Option<ItemId>,
}

impl<'e> Builder<'e> {
    fn problem(&mut self, place: Place, width: usize, message: impl Into<String>, help: impl Into<String>) {
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
            1 | 77 => None,
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
    }

    /// The group that an item of that level is in.
    fn group_for(&mut self, level: u8, entry: &Entry) -> ItemId {
        let mut at = self.last;
        let mut depth = 0;
        while let Some(id) = at {
            let item = &self.layout.items[id];
            if item.level < level && item.level != 77 {
                if item.picture.is_some() {
                    let message = format!("`{}` has a picture, so nothing can be in it", item.name);
                    let help = format!("give this entry level {}, or take the picture away", item.level);
                    self.problem(entry.place, 2, message, help);
                }
                depth += std::iter::successors(Some(id), |id| self.layout.items[*id].parent).count();
                if depth > DEPTH {
                    self.problem(entry.place, 2, format!("it is in more than {DEPTH} groups"), "nest them less");
                }
                return id;
            }
            at = item.parent;
        }
        // The copybook is a part of a record: what it is copied into is not known.
        let made_up = self.layout.items.len();
        self.layout.items.push(Item {
            level: 1,
            name: String::new(),
            place: entry.place,
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
        let sisters: &[ItemId] = match self.layout.items[id].parent {
            Some(parent) => &self.layout.items[parent].children,
            None => &self.layout.records,
        };
        let mut before = sisters.iter().rev().copied().filter(|&sister| sister != id);
        let mut original = None;
        for sister in before.by_ref() {
            let item = &self.layout.items[sister];
            if item.name.eq_ignore_ascii_case(name) {
                // What redefines a redefinition looks at the same bytes as that.
                original = Some(item.redefines.unwrap_or(sister));
                break;
            }
            if item.redefines.is_none() {
                break;
            }
        }
        let Some(original) = original else {
            let message = format!("there is no `{name}` directly before it to redefine");
            let help = "an entry redefines the one before it at the same level; only other redefinitions of that may \
                        stand between";
            return self.problem(*place, name.chars().count(), message, help);
        };
        if self.layout.items[original].table.is_some() {
            let message = format!("`{name}` is a table, and a table can't be redefined");
            self.problem(*place, name.chars().count(), message, "redefine a group around it");
        }
        self.layout.items[id].redefines = Some(original);
    }

    /// Gives the items of a record their places and lengths.
    fn lay_out(&mut self, record: ItemId) {
        // Items of level 01 begin on a boundary of eight bytes; a redefined record begins where the other does: at 0.
        self.place(record, 0, None);
        let item = &self.layout.items[record];
        if item.total_length() > LONGEST_RECORD {
            let (place, name) = (item.place, item.name.clone());
            let message = format!("`{name}` has more than {LONGEST_RECORD} bytes");
            self.problem(place, 2, message, "is a number of occurrences or a length mistaken?");
        }
    }

    /// Places an item at an offset. Gives the boundary that it needs.
    fn place(&mut self, id: ItemId, offset: u32, sign: Option<Sign>) -> u32 {
        let entry = self.entries[id];
        let sign = entry.and_then(|entry| entry.sign).map(|(sign, _)| sign).or(sign);
        if self.layout.items[id].children.is_empty() {
            return self.place_field(id, offset, sign);
        }
        self.layout.items[id].offset = offset;
        let mut boundary = 1;
        // The end of what was placed last, and of the longest of the alternatives of its bytes.
        let mut end = offset;
        for child in self.layout.items[id].children.clone() {
            let start = match self.layout.items[child].redefines {
                Some(original) => self.layout.items[original].offset,
                None => end,
            };
            boundary = boundary.max(self.place(child, start, sign));
            let placed = &self.layout.items[child];
            end = end.max(placed.offset.saturating_add(placed.total_length()));
            if end - offset > LONGEST_RECORD {
                end = offset + LONGEST_RECORD + 1;
            }
        }
        let item = &mut self.layout.items[id];
        item.length = end - offset;
        // Each occurrence must begin on the boundary that its fields need.
        if item.table.is_some() && boundary > 1 {
            item.length = item.length.next_multiple_of(boundary);
        }
        boundary
    }

    fn place_field(&mut self, id: ItemId, offset: u32, sign: Option<Sign>) -> u32 {
        let entry = self.entries[id];
        let item = &self.layout.items[id];
        let (usage, place, name) = (item.usage, item.place, item.name.clone());
        let (field, length) = match Field::of(item.picture.as_ref(), usage, sign) {
            Ok(found) => found,
            Err(wrong) => {
                self.problem(place, 2, format!("`{name}`: {wrong}"), "");
                return 1;
            }
        };
        if let Some((_, place)) = entry.and_then(|entry| entry.sign)
            && !matches!(field, Field::Zoned { sign: Some(_), .. })
        {
            self.problem(place, 4, "SIGN is for a number in DISPLAY whose picture has an S", "take it away");
        }
        let boundary = if entry.is_some_and(|entry| entry.synchronized) { field.boundary(usage, length) } else { 1 };
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

    fn counter(&mut self, id: ItemId, depending: &Depending) -> Option<ItemId> {
        let width = depending.name.chars().count();
        let mut fitting = match self.layout.find(&depending.name, &depending.qualifiers) {
            Ok(only) => vec![only],
            Err(fitting) => fitting,
        };
        let record = self.layout.record_of(id);
        if fitting.len() > 1 {
            fitting.retain(|found| self.layout.record_of(*found) == record);
        }
        let message = match fitting.as_slice() {
            [] => format!("there is no field `{}`", depending.name),
            [counter] => {
                let found = &self.layout.items[*counter];
                let whole = matches!(
                    found.field,
                    Some(
                        Field::Zoned { scale: 0, .. }
                            | Field::Packed { scale: 0, .. }
                            | Field::PackedUnsigned { scale: 0, .. }
                            | Field::Binary { scale: 0, .. }
                    )
                );
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
                let paths: Vec<String> = several.iter().map(|id| self.layout.path(*id)).collect();
                format!("`{}` is one of several: {}", depending.name, paths.join(", "))
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
            let mut fitting = (record..self.layout.items.len())
                .filter(|id| self.layout.items[*id].name.eq_ignore_ascii_case(name))
                .filter(|id| self.layout.record_of(*id) == record);
            fitting.next().ok_or_else(|| format!("there is no `{name}` in the record before it"))
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
