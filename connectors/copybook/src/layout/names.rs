//! What items are called where each name may stand only once: in an object, or in a table's columns.

use std::borrow::Cow;
use std::collections::HashMap;

use super::Layout;

/// What the items of a layout are called.
#[derive(Debug)]
pub(crate) struct Names<'l> {
    /// Which items are left out: those without a name, and what is in them as far as it has none either.
    pub hidden: Vec<bool>,
    /// What each item is called: its name, and a number where several in a group have it.
    pub keys: Vec<Cow<'l, str>>,
}

impl<'l> Names<'l> {
    pub fn new(layout: &'l Layout) -> Self {
        let mut hidden = vec![false; layout.items.len()];
        for (id, item) in layout.items.iter().enumerate().rev() {
            hidden[id] = item.is_filler() && item.children.iter().all(|child| hidden[*child]);
        }
        let mut keys = vec![Cow::Borrowed(""); layout.items.len()];
        for item in &layout.items {
            let mut seen: HashMap<String, u32> = HashMap::new();
            for &child in item.children.iter().filter(|child| !hidden[**child]) {
                let name = &layout.items[child].name;
                let times = seen.entry(name.to_ascii_uppercase()).or_default();
                *times += 1;
                keys[child] = if *times == 1 { Cow::Borrowed(name) } else { Cow::Owned(format!("{name}-{times}")) };
            }
        }
        Self { hidden, keys }
    }
}
