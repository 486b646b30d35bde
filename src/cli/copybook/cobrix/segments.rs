//! Segments: records of several kinds in one file, told apart by a field.
//!
//! Each kind may have a group of its own among redefinitions, ids may be given to records of each level, and records of
//! the kinds below may be put into those above.

use campaignd_copybook::layout::{ItemId, Layout};

use super::options::Preset;
use super::shape::{ByName, Shape, written};

/// What is known of a file's segments.
#[derive(Debug)]
pub struct Segments {
    /// The field that holds the segment id.
    pub field: ItemId,
    /// Which ids are wanted; all where there are none.
    filter: Option<Vec<String>>,
    /// Groups that only some segments have, and their ids.
    groups: Vec<(ItemId, Vec<String>)>,
    /// Groups, and those whose records are their children.
    children: Vec<(ItemId, Vec<ItemId>)>,
    levels: Vec<Vec<String>>,
    prefix: String,
}

/// Ids that are given to records.
#[derive(Debug)]
pub struct SegmentIds<'s> {
    segments: &'s Segments,
    file: usize,
    root: String,
    level: Option<usize>,
    /// How often each level came since the last root.
    counts: Vec<u64>,
}

impl Segments {
    /// What the options say of segments; nothing where they don't.
    pub fn new(layout: &Layout, preset: &Preset, shape: &Shape, by_name: &ByName) -> Result<Option<Self>, String> {
        let Some(field) = &preset.segment_field else { return Ok(None) };
        let group = |name: &str| {
            let groups = by_name.all(layout, name);
            let found = groups.into_iter().find(|id| layout.items[*id].field.is_none() && shape.names[*id].is_some());
            found.ok_or_else(|| format!("there is no group `{name}` for segments"))
        };
        let groups = preset.segment_groups.iter().map(|(name, ids)| Ok((group(name)?, ids.clone())));
        let groups: Vec<(ItemId, Vec<String>)> = groups.collect::<Result<_, String>>()?;
        let mut children = Vec::new();
        for (parent, names) in &preset.segment_children {
            let all = names.iter().map(|name| group(name)).collect::<Result<Vec<_>, _>>()?;
            children.push((group(parent)?, all));
        }
        for (parent, all) in &children {
            for named in all.iter().chain([parent]) {
                if !groups.iter().any(|(group, _)| group == named) {
                    let name = written(&layout.items[*named].name);
                    return Err(format!("`{name}` is among `segment_children`, but not in `redefine_segment_id_map`"));
                }
            }
        }
        Ok(Some(Self {
            field: by_name.field(layout, field, preset).map_err(|wrong| format!("option `segment_field`: {wrong}"))?,
            filter: preset.segment_filter.clone(),
            groups,
            children,
            levels: preset.segment_levels.values().cloned().collect(),
            prefix: preset.segment_id_prefix.clone().unwrap_or_else(timestamp),
        }))
    }

    /// Whether records with this id are wanted.
    pub fn wants(&self, id: &str) -> bool {
        self.filter.as_ref().is_none_or(|wanted| wanted.iter().any(|wanted| wanted == id))
    }

    /// Whether records are put into one another.
    pub fn is_hierarchical(&self) -> bool {
        !self.children.is_empty()
    }

    /// The group that records with this id have.
    pub fn group(&self, id: &str) -> Option<ItemId> {
        self.groups.iter().find(|(_, ids)| ids.iter().any(|known| known == id)).map(|(group, _)| *group)
    }

    /// Whether records with this id are at the top.
    pub fn is_root(&self, id: &str) -> bool {
        self.group(id).is_some_and(|group| !self.children.iter().any(|(_, children)| children.contains(&group)))
    }

    /// The groups whose records are children of records with this one.
    pub fn children(&self, group: ItemId) -> &[ItemId] {
        self.children.iter().find(|(parent, _)| *parent == group).map_or(&[], |(_, children)| children)
    }

    /// Leaves out of `active` the groups that records with this id don't have.
    pub fn activate(&self, id: &str, active: &mut [bool]) {
        let own = self.group(id);
        for (group, _) in &self.groups {
            active[*group] = own == Some(*group);
        }
    }

    /// Ids for the records of a file.
    pub fn ids(&self, file: usize) -> SegmentIds<'_> {
        SegmentIds { segments: self, file, root: String::new(), level: None, counts: vec![0; self.levels.len()] }
    }
}

impl SegmentIds<'_> {
    /// The ids of the next record, which has this segment id and number, one for each level; `None` for a record that
    /// comes before the first root.
    pub fn next(&mut self, id: &str, number: u64) -> Option<Vec<Option<String>>> {
        let levels = &self.segments.levels;
        let named = |wanted: &str| levels.iter().position(|ids| ids.iter().any(|known| known == wanted));
        // `_` stands for all that isn't named.
        if let Some(level) = named(id).or_else(|| named("_")) {
            if level == 0 {
                self.root = format!("{}_{}_{number}", self.segments.prefix, self.file);
                self.counts.fill(0);
            } else {
                self.counts[level] += 1;
            }
            self.level = Some(level);
        }
        if levels.is_empty() {
            return Some(Vec::new());
        }
        if self.root.is_empty() {
            return None;
        }
        let reached = self.level?;
        let id = |level: usize| match level {
            0 => Some(self.root.clone()),
            _ if level <= reached => Some(format!("{}_L{level}_{}", self.root, self.counts[level])),
            _ => None,
        };
        Some((0..levels.len()).map(id).collect())
    }
}

/// The moment, as it begins ids where no prefix is said.
fn timestamp() -> String {
    jiff::Zoned::now().strftime("%Y%m%d%H%M%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_levels() {
        let list = |words: &str| words.split(',').map(str::to_owned).collect::<Vec<_>>();
        let segments = Segments {
            field: 0,
            filter: None,
            groups: Vec::new(),
            children: Vec::new(),
            levels: vec![list("C"), list("P,Q"), list("_")],
            prefix: "A".into(),
        };
        let mut ids = segments.ids(0);
        let mut next = |id: &str, number| {
            ids.next(id, number).map(|ids| ids.into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>().join(" "))
        };
        assert_eq!(next("P", 0), None);
        assert_eq!(next("C", 1).as_deref(), Some("A_0_1  "));
        assert_eq!(next("P", 2).as_deref(), Some("A_0_1 A_0_1_L1_1 "));
        assert_eq!(next("X", 3).as_deref(), Some("A_0_1 A_0_1_L1_1 A_0_1_L2_1"));
        assert_eq!(next("Q", 4).as_deref(), Some("A_0_1 A_0_1_L1_2 "));
        assert_eq!(next("C", 5).as_deref(), Some("A_0_5  "));
        assert_eq!(next("X", 6).as_deref(), Some("A_0_5 A_0_5_L1_0 A_0_5_L2_1"));
    }
}
