//! What another version of a copybook changes.

use std::collections::{BTreeMap, HashMap};

use super::{ItemId, Layout};

/// A change, in the order in which the newer copybook has its items; what is gone comes last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The item, with the groups around it.
    pub path: String,
    /// What happened to it.
    pub kind: ChangeKind,
    /// Before; empty for what is new.
    pub before: String,
    /// After; empty for what is gone.
    pub after: String,
}

/// What happened to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is longer.
    Widened,
    /// It is shorter.
    Narrowed,
    /// It holds something else, or as often as it didn't.
    Retyped,
    /// It is the same and stands elsewhere.
    Moved,
}

impl ChangeKind {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Widened => "widened",
            Self::Narrowed => "narrowed",
            Self::Retyped => "retyped",
            Self::Moved => "moved",
        }
    }
}

/// What `after` changes of `before`. Items are known by name and groups around them; those without a name count with
/// the place they have among such in their group.
pub fn changes(before: &Layout, after: &Layout) -> Vec<Change> {
    let old = by_path(before);
    let new = by_path(after);
    let mut changes = Vec::new();
    let mut ids: Vec<(&String, ItemId)> = new.iter().map(|(path, id)| (path, *id)).collect();
    ids.sort_by_key(|(_, id)| *id);
    for (path, id) in ids {
        match old.get(path) {
            None => changes.push(Change {
                path: path.clone(),
                kind: ChangeKind::Added,
                before: String::new(),
                after: described(after, id),
            }),
            Some(&was) => changes.extend(changed(path, (before, was), (after, id))),
        }
    }
    let mut gone: Vec<(&String, ItemId)> =
        old.iter().filter(|(path, _)| !new.contains_key(*path)).map(|(path, id)| (path, *id)).collect();
    gone.sort_by_key(|(_, id)| *id);
    changes.extend(gone.into_iter().map(|(path, id)| Change {
        path: path.clone(),
        kind: ChangeKind::Removed,
        before: described(before, id),
        after: String::new(),
    }));
    changes
}

fn changed(path: &str, before: (&Layout, ItemId), after: (&Layout, ItemId)) -> Option<Change> {
    let (was, is) = (&before.0.items[before.1], &after.0.items[after.1]);
    let kind = if was.length != is.length && was.field.is_some() == is.field.is_some() {
        if is.length > was.length { ChangeKind::Widened } else { ChangeKind::Narrowed }
    } else if was.field != is.field || times(before.0, was) != times(after.0, is) {
        ChangeKind::Retyped
    } else if was.offset != is.offset {
        ChangeKind::Moved
    } else {
        return None;
    };
    let (before, after) = (described(before.0, before.1), described(after.0, after.1));
    Some(Change { path: path.to_owned(), kind, before, after })
}

fn times(layout: &Layout, item: &super::Item) -> Option<(u32, u32, Option<String>)> {
    let table = item.table?;
    Some((table.least, table.most, table.counter.map(|counter| layout.items[counter].name.to_ascii_uppercase())))
}

fn described(layout: &Layout, id: ItemId) -> String {
    let item = &layout.items[id];
    let kind = item.field.map_or_else(|| "group".to_owned(), super::Field::describe);
    let times = match item.table {
        None => String::new(),
        Some(table) => match table.counter {
            None => format!(", {} times", table.most),
            Some(counter) => {
                format!(", {} to {} times by {}", table.least, table.most, layout.items[counter].name)
            }
        },
    };
    format!("{kind}, {} bytes at {}{times}", item.length, item.offset)
}

fn by_path(layout: &Layout) -> BTreeMap<String, ItemId> {
    let mut paths = BTreeMap::new();
    let mut numbers: HashMap<String, u32> = HashMap::new();
    for id in 0..layout.items.len() {
        if layout.items[id].name.is_empty() {
            continue;
        }
        let path = layout.path(id).to_ascii_uppercase();
        let number = numbers.entry(path.clone()).or_default();
        *number += 1;
        // No name has a `#`.
        let numbered = if *number == 1 { path } else { format!("{path}#{number}") };
        paths.insert(numbered, id);
    }
    paths
}
