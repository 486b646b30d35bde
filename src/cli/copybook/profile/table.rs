//! A profile as a table.

use std::fmt::Display;

use campaignd_copybook::decode::Number;
use campaignd_copybook::layout::{Field, Item, ItemId, Layout};

use super::commonest::{self, Distinct};
use super::field::{Bounds, FieldProfile, Shortened};
use super::kind::Kind;
use crate::cli::copybook::reading::told;
use crate::cli::listing::{Cell, Column, Format, Listing, Tone, hexadecimal};
use crate::cli::print::counted;

/// Characters of the least and the largest text in a table for people.
const SHOWN: usize = 20;
/// Of the commonest values in a table for people, those that are shown.
const SHOWN_VALUES: usize = 4;

/// What a file holds.
pub struct Profile<'p> {
    /// Its layout.
    pub layout: &'p Layout,
    /// Its records by kind.
    pub kinds: &'p [Kind],
    /// Records that were read.
    pub records: u64,
    /// Headers and trailers among them.
    pub left_out: u64,
    /// Those for which no condition holds.
    pub without_kind: u64,
    /// Number and offset of the first of them.
    pub first_without: Option<(u64, u64)>,
}

impl Profile<'_> {
    /// It as a table for people, or with all that is known where a program reads it.
    pub fn listing(&self, format: Format) -> Listing {
        let names: Vec<String> = self.kinds.iter().map(|kind| self.name(kind)).collect();
        let fields =
            || self.kinds.iter().zip(&names).flat_map(|(kind, name)| kind.fields.iter().map(move |f| (name, f)));
        let mut listing = if format == Format::Table {
            let tables = fields().any(|(_, field)| !self.occurs(field.item).is_empty());
            let shape = Shape { kinds: self.kinds.len() > 1, tables };
            Listing {
                columns: shape.columns(),
                rows: fields().map(|(kind, field)| self.short_row(shape, kind, field)).collect(),
                notes: fields().filter_map(|(_, field)| self.first_fault(field)).collect(),
            }
        } else {
            let rows = fields().map(|(kind, field)| self.full_row(kind, field)).collect();
            Listing { columns: full_columns(), rows, notes: Vec::new() }
        };
        for (kind, name) in self.kinds.iter().zip(&names) {
            listing.notes.extend(about(kind, name, self.kinds.len() > 1));
        }
        listing.notes.extend(self.about_file());
        listing
    }

    /// What a kind is called: its level 01 where there are several, and those of its groups that others of it haven't.
    fn name(&self, kind: &Kind) -> String {
        let record = self.layout.items[kind.record].name.as_str();
        let others = || self.kinds.iter().filter(|other| other.record == kind.record);
        let own = |id: &ItemId| {
            let parent = self.layout.items[*id].parent;
            kind.has[*id] && others().any(|other| !other.has[*id] && parent.is_none_or(|parent| other.has[parent]))
        };
        let own: Vec<&str> =
            (0..self.layout.items.len()).filter(own).map(|id| self.layout.items[id].name.as_str()).collect();
        let one_record = self.kinds.iter().all(|other| other.record == kind.record);
        match own.as_slice() {
            [] if record.is_empty() => "record".to_owned(),
            [] => record.to_owned(),
            own if one_record || record.is_empty() => own.join("+"),
            own => format!("{record}/{}", own.join("+")),
        }
    }

    /// The field's path within its record.
    fn path(&self, item: ItemId) -> String {
        let path = self.layout.path(item);
        let record = &self.layout.items[self.layout.record_of(item)].name;
        let within = path.strip_prefix(record.as_str()).and_then(|path| path.strip_prefix('.'));
        within.map_or(path.clone(), str::to_owned)
    }

    /// How often it occurs in a record, tables from the outside in.
    fn occurs(&self, item: ItemId) -> String {
        let around = std::iter::successors(Some(item), |id| self.layout.items[*id].parent);
        let mut tables: Vec<String> = around
            .filter_map(|id| self.layout.items[id].table)
            .map(|table| match table.counter {
                None => table.most.to_string(),
                Some(counter) => format!("{} to {} by {}", table.least, table.most, self.layout.items[counter].name),
            })
            .collect();
        tables.reverse();
        tables.join(" × ")
    }

    fn first_fault(&self, field: &FieldProfile) -> Option<String> {
        let (number, offset, fault) = field.first_fault.as_ref()?;
        let told = told(self.layout, *number, *offset, fault);
        Some(if field.faulty == 1 { told } else { format!("{told}, the first of {}", field.faulty) })
    }

    fn short_row(&self, shape: Shape, kind: &str, field: &FieldProfile) -> Vec<Cell> {
        let item = &self.layout.items[field.item];
        let bad = |count: u64| match count {
            0 => Cell::from(0_u64),
            count => Cell::Toned(count.to_string(), Tone::Bad),
        };
        let mut row = Vec::new();
        if shape.kinds {
            row.push(kind.into());
        }
        row.push(self.path(field.item).into());
        if shape.tables {
            row.push(self.occurs(field.item).into());
        }
        let (least, most) = bounds(field);
        row.extend([
            in_short(item).into(),
            field.seen().into(),
            field.absent.into(),
            bad(field.faulty),
            special(field).into(),
            shortened(least),
            shortened(most),
            commonest_shown(field).into(),
        ]);
        row
    }

    fn full_row(&self, kind: &str, field: &FieldProfile) -> Vec<Cell> {
        let item = &self.layout.items[field.item];
        let (least, most) = bounds(field);
        let distinct = match field.distinct() {
            Distinct::Few(distinct) => Some(distinct as u64),
            Distinct::Many | Distinct::Unknown => None,
        };
        vec![
            kind.into(),
            self.path(field.item).into(),
            item.picture.as_ref().map(|picture| picture.text.clone()).into(),
            Some(self.occurs(field.item)).filter(|occurs| !occurs.is_empty()).into(),
            item.field.map(Field::describe).into(),
            field.seen().into(),
            field.absent.into(),
            field.faulty.into(),
            self.first_fault(field).into(),
            field.zeros.into(),
            field.blank.into(),
            field.nines.into(),
            field.low_values.into(),
            field.high_values.into(),
            least,
            most,
            distinct.into(),
            distinct.map(|_| listed(field.commonest().iter())).into(),
        ]
    }

    /// What is said of the file as a whole.
    fn about_file(&self) -> Vec<String> {
        let mut said = vec![];
        if let Some((number, offset)) = self.first_without {
            let count = self.without_kind;
            said.push(format!("no condition holds for {count} records, the first being {number} at byte {offset}"));
        }
        let left_out = match self.left_out {
            0 => String::new(),
            left_out => format!(", {left_out} left out as header or trailer"),
        };
        said.push(format!("{}{left_out}", counted(self.records, "record")));
        said
    }
}

/// Which columns a table for people has.
#[derive(Debug, Clone, Copy)]
struct Shape {
    kinds: bool,
    tables: bool,
}

impl Shape {
    fn columns(self) -> Vec<Column> {
        let mut columns = Vec::new();
        if self.kinds {
            columns.push(Column::text("kind"));
        }
        columns.push(Column::text("field"));
        if self.tables {
            columns.push(Column::text("occurs"));
        }
        columns.push(Column::text("holds"));
        columns.extend(["seen", "null", "faulty"].map(Column::number));
        columns.extend(["among them", "least", "most", "commonest"].map(Column::text));
        columns
    }
}

fn full_columns() -> Vec<Column> {
    let mut columns: Vec<Column> = ["kind", "field", "picture", "occurs", "holds"].map(Column::text).into();
    columns.extend(["seen", "null", "faulty"].map(Column::number));
    columns.push(Column::text("first_fault"));
    columns.extend(["zeros", "blank", "nines", "low_values", "high_values"].map(Column::number));
    columns.extend(["least", "most"].map(Column::text));
    columns.push(Column::number("distinct"));
    columns.push(Column::text("commonest"));
    columns
}

/// How a field is stored, and its picture, which says the rest.
fn in_short(item: &Item) -> String {
    let described = item.field.map(Field::describe).unwrap_or_default();
    let stored = described.split(" decimal").next().unwrap_or_default().trim_end_matches(',');
    match &item.picture {
        Some(picture) if stored.starts_with("edited") => format!("edited {}", picture.text),
        Some(picture) => format!("{stored} {}", picture.text),
        None => stored.to_owned(),
    }
}

/// What is said of a kind's records.
fn about(kind: &Kind, name: &str, one_of_several: bool) -> Vec<String> {
    let mut said = Vec::new();
    if one_of_several {
        said.push(format!("{name}: {}", counted(kind.records, "record")));
    }
    let mut also = |count: u64, what: &str| {
        if count > 0 {
            said.push(format!("{name}: {count} records {what}"));
        }
    };
    also(
        kind.lost,
        "have a counter that is wrong or missing, so that nobody knows where their fields stand: only what is wrong in them counts",
    );
    also(kind.longer, "have bytes behind all that the copybook describes");
    also(kind.shorter, "are shorter than the copybook says, with all their fields there");
    said
}

/// Values that often stand for something else.
fn special(field: &FieldProfile) -> String {
    let found = [
        (field.zeros, "zero"),
        (field.blank, "blank"),
        (field.nines, "nines"),
        (field.low_values, "LOW-VALUES"),
        (field.high_values, "HIGH-VALUES"),
    ];
    let found: Vec<String> =
        found.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    found.join(", ")
}

/// The least and the largest value.
fn bounds(field: &FieldProfile) -> (Cell, Cell) {
    let number = |digits, scale: i8| Cell::Number(Number { digits, scale: i32::from(scale) }.to_string());
    match &field.bounds {
        Bounds::Nothing => (Cell::Null, Cell::Null),
        Bounds::Numbers(least, most, scale) => (number(*least, *scale), number(*most, *scale)),
        Bounds::Floats(least, most) => (float(*least), float(*most)),
        Bounds::Texts(least, most) => (text(least), text(most)),
        Bounds::Bytes(least, most) => (bytes(least), bytes(most)),
    }
}

fn float(number: f64) -> Cell {
    // As JSON writes it, which has no number for what isn't finite.
    serde_json::Number::from_f64(number).map_or(Cell::Null, |number| Cell::Number(number.to_string()))
}

fn text(text: &Shortened) -> Cell {
    // The last character may have been cut in two.
    let whole = text.bytes.utf8_chunks().map(|chunk| chunk.valid()).collect::<String>();
    more(&whole, text.more)
}

fn bytes(bytes: &Shortened) -> Cell {
    more(&hexadecimal(&bytes.bytes), bytes.more)
}

fn more(text: &dyn Display, more: bool) -> Cell {
    if more { format!("{text}…").into() } else { text.to_string().into() }
}

/// A text for a column that isn't wide.
fn shortened(cell: Cell) -> Cell {
    match cell {
        Cell::Text(text) if text.chars().count() > SHOWN => {
            let first: String = text.chars().take(SHOWN - 1).collect();
            format!("{first}…").into()
        }
        cell => cell,
    }
}

/// The commonest values, with how many there are beside.
fn commonest_shown(field: &FieldProfile) -> Option<String> {
    let distinct = match field.distinct() {
        Distinct::Few(0) | Distinct::Unknown => return None,
        Distinct::Many => return Some(format!("more than {}", commonest::MOST)),
        Distinct::Few(distinct) => distinct,
    };
    let shown = listed(field.commonest().iter().take(SHOWN_VALUES));
    Some(if distinct > SHOWN_VALUES { format!("{shown}, {} more", distinct - SHOWN_VALUES) } else { shown })
}

fn listed<'v>(values: impl Iterator<Item = &'v (String, u64)>) -> String {
    let listed: Vec<String> = values
        .map(|(value, count)| {
            let value = match value.as_bytes() {
                bytes if bytes.iter().all(|byte| *byte == b' ') => "(blank)",
                bytes if bytes.iter().all(|byte| *byte == 0) => "LOW-VALUES",
                _ => value,
            };
            format!("{value} ×{count}")
        })
        .collect();
    listed.join(", ")
}
