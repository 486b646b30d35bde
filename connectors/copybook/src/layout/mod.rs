//! Where each field of a record stands and what it holds.
//!
//! Offsets are those of a record in which every table has all its entries. In front of the first table that depends on
//! a counter they hold for every record; behind it [`crate::decode`] finds them record by record.

mod build;
mod difference;
mod field;
mod listing;
mod tables;

pub use build::{LONGEST_RECORD, build};
pub use difference::{Change, ChangeKind, changes};
pub use field::{Field, binary_length};
pub use listing::{Line, lines};
pub(crate) use tables::{fixed_inside, shortest};

use crate::source::Place;
use crate::syntax::{ConditionValue, Picture, Usage};

/// An item's number in [`Layout::items`].
pub type ItemId = usize;

/// The records of a copybook.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    /// All items, each group before what is in it, in the order they are written.
    pub items: Vec<Item>,
    /// The records: items of level 01, or the only one made up where the copybook begins at a deeper level.
    pub records: Vec<ItemId>,
    /// What level 66 renames.
    pub renames: Vec<Rename>,
}

/// A group or a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Level as written; 1 for a record that was made up.
    pub level: u8,
    /// Name as written; `FILLER` where there is none, empty for a record that was made up.
    pub name: String,
    /// Where it is written.
    pub place: Place,
    /// The group it is in.
    pub parent: Option<ItemId>,
    /// What is in it, in order.
    pub children: Vec<ItemId>,
    /// What a field holds; `None` for a group.
    pub field: Option<Field>,
    /// The picture of a field.
    pub picture: Option<Picture>,
    /// How a field is stored.
    pub usage: Usage,
    /// Bytes from the record's start to its first occurrence.
    pub offset: u32,
    /// Bytes of one occurrence, slack bytes at its end included.
    pub length: u32,
    /// Bytes in front of it that only align it.
    pub slack: u32,
    /// How often it occurs, where it does more than once.
    pub table: Option<Table>,
    /// The item whose bytes it looks at in another way.
    pub redefines: Option<ItemId>,
    /// Whether its offset is the same in all records; of what is in a table, that of the first entry.
    pub fixed: bool,
    /// Whether its text stands at the right.
    pub justified: bool,
    /// Whether blanks stand for zero in it.
    pub blank_when_zero: bool,
    /// Names for its values: level 88.
    pub conditions: Vec<Condition>,
}

/// How often an item occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// At least so often.
    pub least: u32,
    /// At most so often.
    pub most: u32,
    /// The field that says how often; `None` where it is always `most`.
    pub counter: Option<ItemId>,
}

/// A name for some values of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Its name.
    pub name: String,
    /// The values.
    pub values: Vec<ConditionValue>,
}

/// Another name for some neighbouring items: level 66.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    /// The name.
    pub name: String,
    /// The first item.
    pub first: ItemId,
    /// The last item; the first again where there is only one.
    pub last: ItemId,
    /// Bytes from the record's start.
    pub offset: u32,
    /// Bytes of all of them.
    pub length: u32,
}

/// What is wrong with entries that are each well written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The word it is about.
    pub place: Place,
    /// How wide that word is, in characters.
    pub width: u32,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Layout {
    /// Bytes of a record with all tables full.
    pub fn longest(&self, record: ItemId) -> u32 {
        self.items[record].total_length()
    }

    /// Bytes of a record with all tables that depend on a counter at their least.
    pub fn shortest(&self, record: ItemId) -> u32 {
        tables::shortest(self).get(record).copied().unwrap_or_default()
    }

    /// An item and the groups around it, from the record to the item, without a record that was made up:
    /// `CUSTOMER.ADDRESS.CITY`.
    pub fn path(&self, item: ItemId) -> String {
        let mut names = Vec::new();
        let mut at = Some(item);
        while let Some(id) = at {
            let item = &self.items[id];
            if !item.name.is_empty() {
                names.push(item.name.as_str());
            }
            at = item.parent;
        }
        names.reverse();
        names.join(".")
    }

    /// Finds an item by its name and, where several have it, names of groups it is in, from the inside out. Case
    /// doesn't matter. `Err` holds those that fit: none, or more than one.
    pub fn find(&self, name: &str, qualifiers: &[String]) -> Result<ItemId, Vec<ItemId>> {
        let fitting: Vec<ItemId> = (0..self.items.len())
            .filter(|id| self.items[*id].name.eq_ignore_ascii_case(name) && self.is_in(*id, qualifiers))
            .collect();
        match fitting.as_slice() {
            [only] => Ok(*only),
            _ => Err(fitting),
        }
    }

    /// Finds an item by its name, with names of groups it is in before it where needed: `HEADER.COUNT`. `Err` says what
    /// is wrong.
    pub fn find_path(&self, path: &str) -> Result<ItemId, String> {
        let mut groups: Vec<String> = path.split('.').map(str::to_owned).collect();
        let name = groups.pop().unwrap_or_default();
        groups.reverse();
        self.find(&name, &groups).map_err(|fitting| {
            if fitting.is_empty() {
                format!("there is no `{path}` in the copybook")
            } else {
                format!("`{path}` is one of several: write one of {}", self.paths(&fitting))
            }
        })
    }

    /// The paths of some items.
    pub(crate) fn paths(&self, items: &[ItemId]) -> String {
        /// Paths that are told.
        const MOST: usize = 5;
        let mut paths: Vec<String> = items.iter().take(MOST).map(|id| self.path(*id)).collect();
        if items.len() > MOST {
            paths.push("…".into());
        }
        paths.join(", ")
    }

    pub(crate) fn is_in(&self, item: ItemId, qualifiers: &[String]) -> bool {
        let mut groups = std::iter::successors(self.items[item].parent, |group| self.items[*group].parent);
        qualifiers.iter().all(|wanted| groups.any(|group| self.items[group].name.eq_ignore_ascii_case(wanted)))
    }

    /// The record an item is in.
    pub fn record_of(&self, item: ItemId) -> ItemId {
        std::iter::successors(Some(item), |id| self.items[*id].parent).last().unwrap_or(item)
    }
}

impl Item {
    /// Bytes of all its occurrences.
    pub fn total_length(&self) -> u32 {
        self.length.saturating_mul(self.table.map_or(1, |table| table.most))
    }

    /// Whether it has no name.
    pub fn is_filler(&self) -> bool {
        self.name == "FILLER"
    }
}
