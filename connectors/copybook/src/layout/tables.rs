//! Tables whose number of entries a counter says.

use super::{ItemId, Layout};

/// Bytes of a record whose counters are all at their least. Alternatives of the same bytes count as the longest of them.
pub(super) fn shortest(layout: &Layout, id: ItemId) -> u32 {
    let item = &layout.items[id];
    let one = if item.children.is_empty() {
        item.length
    } else {
        // Items that redefine one another share their bytes; what comes next stands behind the longest of them.
        let (mut total, mut block) = (0_u32, 0_u32);
        for &child in &item.children {
            let length = layout.items[child].slack.saturating_add(shortest(layout, child));
            if layout.items[child].redefines.is_some() {
                block = block.max(length);
            } else {
                total = total.saturating_add(block);
                block = length;
            }
        }
        total = total.saturating_add(block);
        if item.fixed_inside(layout) { item.length } else { total }
    };
    let times = item.table.map_or(1, |table| if table.counter.is_some() { table.least } else { table.most });
    one.saturating_mul(times)
}

impl super::Item {
    /// Whether nothing in it depends on a counter.
    pub(crate) fn fixed_inside(&self, layout: &Layout) -> bool {
        self.children.iter().all(|&child| {
            let child = &layout.items[child];
            child.table.is_none_or(|table| table.counter.is_none()) && child.fixed_inside(layout)
        })
    }
}
