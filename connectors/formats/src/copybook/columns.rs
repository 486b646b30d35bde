//! Which fields of a copybook are columns, and what they are called.

use std::collections::BTreeMap;

use campaignd_copybook::layout::{ItemId, Layout};

/// Columns a copybook may have, the entries of its tables counted.
const MOST: usize = 4_096;

/// The columns of a layout.
#[derive(Debug, Clone)]
pub(super) struct Named {
    /// Their names, in the order of the copybook.
    pub names: Vec<String>,
    /// Where each item's columns are; `None` for what is no column.
    pub places: Vec<Option<Place>>,
    /// Which of them each column of the file is: other copybooks of the format may have others.
    pub own: Vec<Option<usize>>,
}

/// Where an item's columns are.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The column of its first entry.
    first: usize,
    /// How many columns further the next entry is, for each table around it, the outermost first.
    strides: Vec<usize>,
}

impl Place {
    /// The column of the entry with these numbers, the first being 0.
    pub fn column(&self, entries: &[usize]) -> usize {
        self.first + self.strides.iter().zip(entries).map(|(stride, entry)| stride * entry).sum::<usize>()
    }
}

impl Named {
    /// Names the fields of `layout` that are `read`.
    pub fn new(layout: &Layout, read: &[bool]) -> Result<Self, String> {
        let fields: Vec<ItemId> = (0..layout.items.len())
            .filter(|id| layout.items[*id].field.is_some() && !layout.items[*id].is_filler() && read[*id])
            .collect();
        let mut simple: BTreeMap<String, usize> = BTreeMap::new();
        for &id in &fields {
            *simple.entry(written(&layout.items[id].name)).or_default() += 1;
        }
        let mut named = Self { names: Vec::new(), places: vec![None; layout.items.len()], own: Vec::new() };
        for id in fields {
            let own = written(&layout.items[id].name);
            let name = if simple[&own] == 1 { own } else { written(&layout.path(id)) };
            let mut counts: Vec<usize> = std::iter::successors(Some(id), |id| layout.items[*id].parent)
                .filter_map(|id| layout.items[id].table)
                .map(|table| usize::try_from(table.most).unwrap_or(usize::MAX))
                .collect();
            counts.reverse();
            let all = counts.iter().try_fold(1_usize, |all, count| all.checked_mul(*count));
            let Some(all) = all.filter(|all| named.names.len().saturating_add(*all) <= MOST) else {
                return Err(format!("with the entries of `{}` it has more than {MOST} columns", layout.path(id)));
            };
            named.places[id] = Some(Place { first: named.names.len(), strides: strides(&counts) });
            for number in 0..all {
                let mut numbered = name.clone();
                let mut rest = number;
                for stride in strides(&counts) {
                    numbered.push_str(&format!("_{}", rest / stride + 1));
                    rest %= stride;
                }
                named.names.push(numbered);
            }
        }
        let mut sorted: Vec<&String> = named.names.iter().collect();
        sorted.sort();
        if let Some([name, _]) = sorted.array_windows().find(|[one, other]| one == other) {
            return Err(format!("two of its fields make a column `{name}`: rename one of them"));
        }
        named.own = (0..named.names.len()).map(Some).collect();
        Ok(named)
    }
}

fn strides(counts: &[usize]) -> Vec<usize> {
    (0..counts.len()).map(|table| counts[table + 1..].iter().product()).collect()
}

/// A name as SQL has it: small letters, `_` for everything that is neither letter nor digit.
fn written(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}
