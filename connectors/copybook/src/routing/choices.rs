//! Which of several groups of the same bytes a record has.

use std::collections::BTreeMap;

use super::Condition;
use crate::decode::Decoder;
use crate::layout::{ItemId, Layout};

/// Conditions on items that look at the same bytes, ready to be asked record by record.
///
/// A level 01, and an item that redefines or is redefined, is read where its condition holds. One without a condition is
/// read where none of the others is; what redefines without a condition never.
#[derive(Debug, Clone)]
pub struct Choices {
    conditions: Vec<(ItemId, Condition)>,
    /// Which records have a condition of their own.
    records: Vec<(ItemId, bool)>,
    /// Items that are redefined and have no condition, with those that redefine them and have one.
    originals: Vec<(ItemId, Vec<ItemId>)>,
    /// What is wanted where no condition holds.
    usual: Vec<bool>,
}

/// What is read of a record.
#[derive(Debug, Clone, Default)]
pub struct Chosen {
    /// The level 01.
    pub record: ItemId,
    /// Which items are read, those in items that aren't read left aside.
    pub wanted: Vec<bool>,
}

impl Choices {
    /// Conditions by the names of the items they are on, or what is wrong with one.
    pub fn parse<'t>(
        layout: &Layout,
        conditions: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> Result<Self, String> {
        let mut parsed = Vec::new();
        for (name, text) in conditions {
            let item = alternative(layout, name)?;
            if parsed.iter().any(|(known, _)| *known == item) {
                return Err(format!("there are two conditions on `{name}`: join them with `and`"));
            }
            parsed.push((item, Condition::parse(text, layout).map_err(|error| error.to_string())?));
        }
        Ok(Self::new(layout, parsed))
    }

    /// Conditions on items that are alternatives.
    pub fn new(layout: &Layout, conditions: Vec<(ItemId, Condition)>) -> Self {
        let mut has_condition = vec![false; layout.items.len()];
        for (item, _) in &conditions {
            has_condition[*item] = true;
        }
        let records = layout.records.iter().map(|record| (*record, has_condition[*record])).collect();
        let mut originals: BTreeMap<ItemId, Vec<ItemId>> = BTreeMap::new();
        for (id, item) in layout.items.iter().enumerate().filter(|(id, _)| has_condition[*id]) {
            if let Some(original) = item.redefines.filter(|original| !has_condition[*original]) {
                originals.entry(original).or_default().push(id);
            }
        }
        let originals = originals.into_iter().collect();
        let usual =
            (0..layout.items.len()).map(|id| layout.items[id].redefines.is_none() && !has_condition[id]).collect();
        Self { conditions, records, originals, usual }
    }

    /// Reads what redefines without a condition too, and what it redefines wherever that has none itself.
    #[must_use]
    pub fn with_all_redefines(mut self, layout: &Layout) -> Self {
        let has_condition = self.has_condition(layout);
        for (id, usual) in self.usual.iter_mut().enumerate() {
            *usual = !has_condition[id];
        }
        self.originals.clear();
        self
    }

    fn has_condition(&self, layout: &Layout) -> Vec<bool> {
        let mut has_condition = vec![false; layout.items.len()];
        for (item, _) in &self.conditions {
            has_condition[*item] = true;
        }
        has_condition
    }

    /// Which items are read in some record.
    pub fn ever_read(&self, layout: &Layout) -> Vec<bool> {
        let has_condition = self.has_condition(layout);
        let plain = self.records.iter().find(|(_, has_condition)| !has_condition).map(|(record, _)| *record);
        let mut read = vec![true; layout.items.len()];
        for id in 0..layout.items.len() {
            let item = &layout.items[id];
            read[id] = match item.parent {
                None => has_condition[id] || plain == Some(id),
                Some(parent) => read[parent] && (self.usual[id] || item.redefines.is_none() || has_condition[id]),
            };
        }
        read
    }

    /// What is read of these bytes, put into `chosen`. `false` where every level 01 has a condition and none holds.
    pub fn choose(&self, raw: &[u8], decoder: &Decoder, chosen: &mut Chosen) -> bool {
        chosen.wanted.clone_from(&self.usual);
        for (item, condition) in &self.conditions {
            chosen.wanted[*item] = condition.holds(raw, decoder);
        }
        for (original, others) in &self.originals {
            chosen.wanted[*original] = !others.iter().any(|other| chosen.wanted[*other]);
        }
        let by_condition = self.records.iter().find(|(record, has_condition)| *has_condition && chosen.wanted[*record]);
        let Some((record, _)) = by_condition.or_else(|| self.records.iter().find(|(_, has_condition)| !has_condition))
        else {
            return false;
        };
        chosen.record = *record;
        true
    }
}

/// The item of that name, or path, that is one of several ways to look at the same bytes.
fn alternative(layout: &Layout, path: &str) -> Result<ItemId, String> {
    let mut groups: Vec<String> = path.split('.').map(str::to_owned).collect();
    let name = groups.pop().unwrap_or_default();
    groups.reverse();
    let fitting = match layout.find(&name, &groups) {
        Ok(only) => vec![only],
        Err(several) => several,
    };
    let is_one = |id: &ItemId| {
        layout.records.contains(id)
            || layout.items[*id].redefines.is_some()
            || layout.items.iter().any(|item| item.redefines == Some(*id))
    };
    match fitting.iter().copied().filter(is_one).collect::<Vec<_>>().as_slice() {
        [only] => Ok(*only),
        [] if fitting.is_empty() => Err(format!("a condition is on `{path}`, which isn't in the copybook")),
        [] => Err(format!(
            "a condition is on `{path}`, which is read in any case: only a level 01, and what redefines or is redefined, \
             can be chosen"
        )),
        several => {
            Err(format!("a condition is on `{path}`, which is one of several: write one of {}", layout.paths(several)))
        }
    }
}
