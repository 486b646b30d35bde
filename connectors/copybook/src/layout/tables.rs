//! Tables whose number of entries a counter says.

use super::Layout;

/// Of each item, whether nothing in it depends on a counter; the item's own table left aside.
pub(crate) fn fixed_inside(layout: &Layout) -> Vec<bool> {
    let mut fixed = vec![true; layout.items.len()];
    // What is in a group comes after it.
    for (id, item) in layout.items.iter().enumerate().rev() {
        fixed[id] = item
            .children
            .iter()
            .all(|&child| fixed[child] && layout.items[child].table.is_none_or(|table| table.counter.is_none()));
    }
    fixed
}

/// Bytes of each item where counters are all at their least. Alternatives of the same bytes count as the longest of them.
pub(crate) fn shortest(layout: &Layout) -> Vec<u32> {
    let fixed = fixed_inside(layout);
    let mut shortest = vec![0_u32; layout.items.len()];
    for (id, item) in layout.items.iter().enumerate().rev() {
        let one = if fixed[id] {
            item.length
        } else {
            // Items that redefine one another share their bytes; what comes next stands behind the longest of them.
            let (mut start, mut end) = (0_u32, 0_u32);
            for &child in &item.children {
                if layout.items[child].redefines.is_none() {
                    start = end.saturating_add(layout.items[child].slack);
                }
                end = end.max(start.saturating_add(shortest[child]));
            }
            end
        };
        let times = item.table.map_or(1, |table| if table.counter.is_some() { table.least } else { table.most });
        shortest[id] = one.saturating_mul(times);
    }
    shortest
}
