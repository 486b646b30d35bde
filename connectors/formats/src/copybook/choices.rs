//! Which of several groups of the same bytes a record has.

use campaignd_copybook::decode::Decoder;
use campaignd_copybook::layout::{ItemId, Layout};
use campaignd_copybook::routing::Condition;

/// The conditions of `when`, ready to be looked at record by record.
#[derive(Debug)]
pub(super) struct Choices {
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
pub(super) struct Chosen {
    /// The level 01.
    pub record: ItemId,
    /// Which items are read, those in items that aren't read left aside.
    pub wanted: Vec<bool>,
}

impl Choices {
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
