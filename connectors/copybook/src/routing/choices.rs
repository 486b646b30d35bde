//! Which of several groups of the same bytes a record has.

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
            parsed.push((item, Condition::parse(text, layout).map_err(|error| error.to_string())?));
        }
        Ok(Self::new(layout, parsed))
    }

    /// Conditions on items that are alternatives.
    pub fn new(layout: &Layout, conditions: Vec<(ItemId, Condition)>) -> Self {
        let has_condition = |id: ItemId| conditions.iter().any(|(item, _)| *item == id);
        let items = 0..layout.items.len();
        let records = layout.records.iter().map(|record| (*record, has_condition(*record))).collect();
        let originals = items
            .clone()
            .filter(|id| layout.items[*id].redefines.is_none() && !has_condition(*id))
            .filter_map(|id| {
                let others: Vec<ItemId> = items
                    .clone()
                    .filter(|other| layout.items[*other].redefines == Some(id) && has_condition(*other))
                    .collect();
                (!others.is_empty()).then_some((id, others))
            })
            .collect();
        let usual = items.map(|id| layout.items[id].redefines.is_none() && !has_condition(id)).collect();
        Self { conditions, records, originals, usual }
    }

    /// Which items are read in some record.
    pub fn ever_read(&self, layout: &Layout) -> Vec<bool> {
        let has_condition = |id: ItemId| self.conditions.iter().any(|(item, _)| *item == id);
        let plain = self.records.iter().find(|(_, has_condition)| !has_condition).map(|(record, _)| *record);
        let mut read = vec![true; layout.items.len()];
        for id in 0..layout.items.len() {
            let item = &layout.items[id];
            read[id] = match item.parent {
                None => has_condition(id) || plain == Some(id),
                Some(parent) => read[parent] && (item.redefines.is_none() || has_condition(id)),
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

/// The item of that name that is one of several ways to look at the same bytes.
fn alternative(layout: &Layout, name: &str) -> Result<ItemId, String> {
    let fitting = match layout.find(name, &[]) {
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
        [] if fitting.is_empty() => Err(format!("`when` names `{name}`, which isn't in it")),
        [] => Err(format!("`when` names `{name}`, which neither is a level 01 nor redefines or is redefined")),
        _ => Err(format!("`when` names `{name}`, and there are several of that name")),
    }
}
