//! What becomes of each item of a layout in a row: its name, or that it is left out.

use std::collections::HashMap;

use campaignd_copybook::layout::{ItemId, Layout};

use super::options::{Preset, Tables};

/// The shape of rows.
#[derive(Debug)]
pub struct Shape {
    /// What each item is called; `None` for what is left out with all that is in it.
    pub names: Vec<Option<String>>,
    /// Of groups, what the text of all their bytes is called, if that is wanted.
    pub texts: Vec<Option<String>>,
    /// Records that are no part of rows: header and trailer.
    pub excluded: Vec<ItemId>,
    /// What was made up around all records.
    pub root: ItemId,
    /// Whether the records themselves are left out of rows, and what is in them taken instead.
    pub collapsed: bool,
}

/// A name as Spark can have it.
pub fn written(name: &str) -> String {
    name.replace(':', "").replace('-', "_")
}

impl Shape {
    /// The shape of rows of a layout whose records stand one behind the other.
    pub fn new(layout: &Layout, preset: &Preset) -> Result<Self, String> {
        let root = layout.records.first().copied().unwrap_or_default();
        let records = &layout.items[root].children;
        let mut shape = Self {
            names: vec![None; layout.items.len()],
            texts: vec![None; layout.items.len()],
            excluded: Vec::new(),
            root,
            // Where fields stand beside the records there is nothing to collapse.
            collapsed: !preset.keep_root && records.iter().all(|record| layout.items[*record].field.is_none()),
        };
        for name in [&preset.record_header_name, &preset.record_trailer_name].into_iter().flatten() {
            let wanted = written(name);
            let found =
                records.iter().find(|record| written(&layout.items[**record].name).eq_ignore_ascii_case(&wanted));
            shape
                .excluded
                .push(*found.ok_or_else(|| format!("there is no record `{name}` at the copybook's first level"))?);
        }
        let mut naming = Namer { layout, preset, groups: 0, values: 0 };
        naming.inside(root, "", &mut shape.names);
        shape.names[root] = Some(String::new());
        for excluded in &shape.excluded {
            shape.names[*excluded] = None;
        }
        shape.name_texts(layout, preset)?;
        Ok(shape)
    }

    /// Names the texts of groups that are wanted as a whole.
    fn name_texts(&mut self, layout: &Layout, preset: &Preset) -> Result<(), String> {
        for wanted in &preset.non_terminals {
            let wanted = written(wanted);
            let groups: Vec<ItemId> = (0..layout.items.len())
                .filter(|id| layout.items[*id].field.is_none() && self.names[*id].as_ref() == Some(&wanted))
                .collect();
            if groups.is_empty() {
                return Err(format!("option `non_terminals`: there is no group `{wanted}`"));
            }
            for group in groups {
                let sisters = layout.items[group].parent.map_or(&[][..], |parent| &layout.items[parent].children);
                let taken = |name: &str| sisters.iter().any(|sister| self.names[*sister].as_deref() == Some(name));
                let mut name = format!("{wanted}_NT");
                let mut number = 1;
                while taken(&name) {
                    name = format!("{wanted}_NT{number}");
                    number += 1;
                }
                self.texts[group] = Some(name);
            }
        }
        Ok(())
    }
}

/// Gives names to what has none.
struct Namer<'l> {
    layout: &'l Layout,
    preset: &'l Preset,
    /// Groups and values without a name, so far.
    groups: u32,
    values: u32,
}

impl Namer<'_> {
    /// Names what is in a group; whether anything in it is named.
    fn inside(&mut self, group: ItemId, name: &str, names: &mut [Option<String>]) -> bool {
        let mut last = name.to_owned();
        let mut any = false;
        for child in self.layout.items[group].children.clone() {
            let item = &self.layout.items[child];
            let own = written(&item.name);
            let is_filler = own.eq_ignore_ascii_case("FILLER");
            let given = if item.field.is_none() {
                // Numbers are given from the inside out.
                let holds = self.inside(child, &own, names);
                match (holds, is_filler) {
                    (false, _) => None,
                    (true, false) => Some(own.clone()),
                    (true, true) if self.preset.drop_group_fillers => None,
                    (true, true) => {
                        self.groups += 1;
                        Some(self.filler(&last, "_", self.groups))
                    }
                }
            } else if !is_filler {
                Some(own.clone())
            } else if self.preset.keep_value_fillers {
                self.values += 1;
                Some(self.filler(&last, "_P", self.values))
            } else {
                None
            };
            last = given.clone().unwrap_or(own);
            any |= given.is_some();
            names[child] = given;
        }
        any
    }

    fn filler(&self, last: &str, mark: &str, number: u32) -> String {
        if self.preset.fillers_after_previous {
            format!("FILLER_AFTER_{last}")
        } else {
            format!("FILLER{mark}{number}")
        }
    }
}

/// The items of a layout by their written names, those of the groups around them in front where wanted:
/// `GROUP.FIELD`.
pub struct ByName(HashMap<String, Vec<ItemId>>);

impl ByName {
    /// All items that have a name.
    pub fn new(layout: &Layout) -> Self {
        let mut by_name: HashMap<String, Vec<ItemId>> = HashMap::new();
        for (id, item) in layout.items.iter().enumerate() {
            by_name.entry(written(&item.name).to_ascii_uppercase()).or_default().push(id);
        }
        Self(by_name)
    }

    /// The items of that name.
    pub fn all(&self, layout: &Layout, path: &str) -> Vec<ItemId> {
        let mut steps: Vec<String> = path.split('.').map(|step| written(step.trim()).to_ascii_uppercase()).collect();
        let name = steps.pop().unwrap_or_default();
        let is_in = |id: ItemId| {
            let mut groups = std::iter::successors(layout.items[id].parent, |group| layout.items[*group].parent);
            steps
                .iter()
                .rev()
                .all(|step| groups.any(|group| written(&layout.items[group].name).eq_ignore_ascii_case(step)))
        };
        self.0.get(&name).map(Vec::as_slice).unwrap_or_default().iter().copied().filter(|id| is_in(*id)).collect()
    }

    /// The first field of that name, which stands at the same place in every record: in those whose tables are stored at
    /// their full size, every field does.
    pub fn field(&self, layout: &Layout, path: &str, preset: &Preset) -> Result<ItemId, String> {
        let found = self.all(layout, path).into_iter().find(|id| layout.items[*id].field.is_some());
        let field = found.ok_or_else(|| format!("there is no field `{path}` in the copybook"))?;
        if layout.items[field].fixed || preset.tables == Tables::MaxSize {
            Ok(field)
        } else {
            Err(format!("`{path}` doesn't stand at the same place in every record"))
        }
    }
}
