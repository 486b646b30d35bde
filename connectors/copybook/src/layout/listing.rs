//! A layout as a table that people read.

use super::{ItemId, Layout};

/// One item of a layout, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Level as written.
    pub level: u8,
    /// Groups around it.
    pub depth: usize,
    /// Its name.
    pub name: String,
    /// Its picture as written; empty for a group.
    pub picture: String,
    /// Bytes from the record's start, the first byte being 0; with every table full.
    pub offset: u32,
    /// Bytes of one occurrence.
    pub length: u32,
    /// Whether it stands there in every record.
    pub fixed: bool,
    /// How often it occurs: `3`, `0 to 5 by COUNT`; empty for once.
    pub occurs: String,
    /// What it holds, or what it redefines.
    pub holds: String,
}

/// All items of a layout, as they are written, and what level 66 renames behind them.
pub fn lines(layout: &Layout) -> Vec<Line> {
    let mut lines: Vec<Line> =
        (0..layout.items.len()).filter(|id| !layout.items[*id].name.is_empty()).map(|id| line(layout, id)).collect();
    lines.extend(layout.renames.iter().map(|rename| Line {
        level: 66,
        depth: 0,
        name: rename.name.clone(),
        picture: String::new(),
        offset: rename.offset,
        length: rename.length,
        fixed: layout.items[rename.last].fixed,
        occurs: String::new(),
        holds: if rename.first == rename.last {
            format!("renames {}", layout.items[rename.first].name)
        } else {
            format!("renames {} to {}", layout.items[rename.first].name, layout.items[rename.last].name)
        },
    }));
    lines
}

fn line(layout: &Layout, id: ItemId) -> Line {
    let item = &layout.items[id];
    let depth = std::iter::successors(item.parent, |parent| layout.items[*parent].parent)
        .filter(|group| !layout.items[*group].name.is_empty())
        .count();
    let occurs = match item.table {
        None => String::new(),
        Some(table) => match table.counter {
            None => table.most.to_string(),
            Some(counter) => format!("{} to {} by {}", table.least, table.most, layout.items[counter].name),
        },
    };
    let kind = item.field.map_or_else(|| "group".to_owned(), super::Field::describe);
    let holds = match item.redefines {
        Some(original) => format!("{kind}, redefines {}", layout.items[original].name),
        None => kind,
    };
    Line {
        level: item.level,
        depth,
        name: item.name.clone(),
        picture: item.picture.as_ref().map(|picture| picture.text.clone()).unwrap_or_default(),
        offset: item.offset,
        length: item.length,
        fixed: item.fixed,
        occurs,
        holds,
    }
}
