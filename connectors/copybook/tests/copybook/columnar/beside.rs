//! Columns of batches, beside what the row decoder tells of each record. Shared with the fuzz target.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Float64Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use campaignd_copybook::columnar::{BatchDecoder, Decoded, OnFault, Plan, Settings};
use campaignd_copybook::decode::{Decoder, Fault, Number, Options, Reason, Value, Visitor};
use campaignd_copybook::layout::{Field, ItemId, Layout};

/// What a record holds, by names.
#[derive(Clone, PartialEq)]
pub enum Tree {
    Nothing,
    Text(String),
    Number(String),
    Floating(u64),
    Day(i32),
    Bytes(Vec<u8>),
    List(Vec<Tree>),
    Group(Vec<(String, Tree)>),
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("null"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Number(number) => f.write_str(number),
            Self::Floating(bits) => write!(f, "{:?}", f64::from_bits(*bits)),
            Self::Day(day) => write!(f, "day {day}"),
            Self::Bytes(bytes) => write!(f, "{bytes:02X?}"),
            Self::List(entries) => entries.fmt(f),
            Self::Group(fields) => f.debug_map().entries(fields.iter().map(|(name, value)| (name, value))).finish(),
        }
    }
}

/// The value at a row of a column.
fn tree(array: &ArrayRef, row: usize) -> Tree {
    if array.is_null(row) {
        return Tree::Nothing;
    }
    match array.data_type() {
        DataType::Utf8 => Tree::Text(array.as_string::<i32>().value(row).to_owned()),
        DataType::Binary => Tree::Bytes(array.as_binary::<i32>().value(row).to_vec()),
        DataType::Float64 => Tree::Floating(array.as_primitive::<Float64Type>().value(row).to_bits()),
        DataType::Date32 => Tree::Day(array.as_primitive::<Date32Type>().value(row)),
        DataType::Decimal128(precision, scale) => {
            let digits = array.as_primitive::<Decimal128Type>().value(row);
            assert!(digits.unsigned_abs().to_string().len() <= usize::from(*precision) || digits == 0);
            Tree::Number(Number { digits, scale: i32::from(*scale) }.to_string())
        }
        DataType::Struct(fields) => {
            let columns = fields.iter().zip(array.as_struct().columns());
            Tree::Group(columns.map(|(field, column)| (field.name().clone(), tree(column, row))).collect())
        }
        DataType::List(_) => {
            let entries = array.as_list::<i32>().value(row);
            Tree::List((0..entries.len()).map(|entry| tree(&entries, entry)).collect())
        }
        other => panic!("{other}"),
    }
}

/// The rows of a batch.
pub fn trees(decoded: &Decoded) -> Vec<Tree> {
    let schema = decoded.columns.schema();
    let row = |row| {
        let columns = schema.fields().iter().zip(decoded.columns.columns());
        Tree::Group(columns.map(|(field, column)| (field.name().clone(), tree(column, row))).collect())
    };
    (0..decoded.columns.num_rows()).map(row).collect()
}

/// Builds what the row decoder tells.
struct Rows<'l> {
    layout: &'l Layout,
    wanted: Vec<bool>,
    /// Items without anything that becomes a column.
    empty: Vec<bool>,
    open: Vec<(ItemId, Tree)>,
    faults: Vec<Fault>,
    lost: bool,
    /// Whether a number has more digits after the point than its column.
    beyond_column: bool,
    short_records: bool,
}

impl<'l> Rows<'l> {
    fn new(layout: &'l Layout, wanted: &[bool], short_records: bool) -> Self {
        let mut hidden = vec![false; layout.items.len()];
        for (id, item) in layout.items.iter().enumerate().rev() {
            hidden[id] = item.name == "FILLER" && item.children.iter().all(|child| hidden[*child]);
        }
        let wanted: Vec<bool> =
            (0..layout.items.len()).map(|id| !hidden[id] && *wanted.get(id).unwrap_or(&true)).collect();
        let mut empty = vec![false; layout.items.len()];
        for (id, item) in layout.items.iter().enumerate().rev() {
            empty[id] = item.field.is_none() && item.children.iter().all(|child| !wanted[*child] || empty[*child]);
        }
        Self {
            layout,
            wanted,
            empty,
            open: Vec::new(),
            faults: Vec::new(),
            lost: false,
            beyond_column: false,
            short_records,
        }
    }

    fn put(&mut self, item: ItemId, value: Tree) {
        if self.empty[item] {
            return;
        }
        match &mut self.open.last_mut().unwrap().1 {
            Tree::List(entries) => entries.push(value),
            Tree::Group(fields) => fields.push((self.layout.items[item].name.clone(), value)),
            other => panic!("{other:?}"),
        }
    }

    /// A number with as many digits after the point as its column has, if the column has room for all of them.
    fn in_column(&mut self, item: ItemId, number: Number) -> Tree {
        let item = &self.layout.items[item];
        let field = item.field.unwrap();
        let own = field.scale().unwrap();
        let scale = own.max(0);
        let room = match field {
            Field::Zoned { digits, .. } => (digits + own.min(0).unsigned_abs()).max(scale.unsigned_abs()),
            Field::Edited { .. } => item.length.max(scale.unsigned_abs()),
            _ => 38,
        };
        let power = 10_i128.pow(scale.abs_diff(number.scale));
        let digits = if scale >= number.scale {
            number.digits.checked_mul(power)
        } else {
            (number.digits % power == 0).then(|| number.digits / power)
        };
        if let Some(digits) = digits.filter(|digits| digits.unsigned_abs() < 10_u128.pow(room.min(38))) {
            return Tree::Number(Number { digits, scale }.to_string());
        }
        self.beyond_column = true;
        Tree::Nothing
    }

    /// What a record holds, nothing where its fields can't be found; what is wrong with it; and whether a column can't hold
    /// one of its numbers.
    fn read(&mut self, decoder: &mut Decoder, record: ItemId, bytes: &[u8]) -> (Option<Tree>, Vec<Fault>, bool) {
        self.open = vec![(0, Tree::Group(vec![]))];
        (self.faults, self.lost, self.beyond_column) = (vec![], false, false);
        let end = decoder.decode(record, bytes, self);
        let mut faults = std::mem::take(&mut self.faults);
        if let Some(end) = end
            && end > bytes.len()
            && !self.short_records
            && faults.is_empty()
        {
            let reason = Reason::Truncated { missing: end - bytes.len() };
            faults.push(Fault { item: record, offset: bytes.len(), raw: vec![], reason });
        }
        let Tree::Group(mut fields) = self.open.swap_remove(0).1 else { panic!() };
        // The columns are what is in the record.
        let tree = match fields.pop() {
            Some((_, Tree::Group(fields))) => Tree::Group(fields),
            Some(field) => Tree::Group(vec![field]),
            None => Tree::Group(vec![]),
        };
        ((!self.lost).then(|| numbered(tree)), faults, self.beyond_column && !self.lost)
    }
}

/// Names that several have in a group get numbers.
fn numbered(tree: Tree) -> Tree {
    match tree {
        Tree::Group(fields) => {
            let mut seen: HashMap<String, u32> = HashMap::new();
            let named = fields.into_iter().map(|(name, value)| {
                let times = seen.entry(name.clone()).or_default();
                *times += 1;
                (if *times == 1 { name } else { format!("{name}-{times}") }, numbered(value))
            });
            Tree::Group(named.collect())
        }
        Tree::List(entries) => Tree::List(entries.into_iter().map(numbered).collect()),
        other => other,
    }
}

impl Visitor for Rows<'_> {
    fn wants(&mut self, item: ItemId) -> bool {
        self.wanted[item]
    }
    fn group_starts(&mut self, item: ItemId) {
        self.open.push((item, Tree::Group(vec![])));
    }
    fn group_ends(&mut self, item: ItemId) {
        let (_, group) = self.open.pop().unwrap();
        self.put(item, group);
    }
    fn table_starts(&mut self, item: ItemId, _entries: u32) {
        self.open.push((item, Tree::List(vec![])));
    }
    fn table_ends(&mut self, item: ItemId) {
        let (_, list) = self.open.pop().unwrap();
        self.put(item, list);
    }
    fn value(&mut self, item: ItemId, value: Value<'_>) {
        let tree = match value {
            Value::Absent => Tree::Nothing,
            Value::Text(text) => Tree::Text(text.to_owned()),
            Value::Number(number) => self.in_column(item, number),
            Value::Floating(number) => Tree::Floating(number.to_bits()),
            Value::Bytes(bytes) => Tree::Bytes(bytes.to_vec()),
        };
        self.put(item, tree);
    }
    fn fault(&mut self, fault: Fault) {
        self.put(fault.item, Tree::Nothing);
        self.faults.push(fault);
    }
    fn lost(&mut self, fault: Fault) {
        self.faults.push(fault);
        self.lost = true;
    }
}

/// Records one behind another, and where each stands. There is something in front of the first and between them.
pub fn placed(records: &[Vec<u8>]) -> (Vec<u8>, Vec<Range<usize>>) {
    let mut bytes = vec![];
    let mut places = vec![];
    for (index, record) in records.iter().enumerate() {
        bytes.resize(bytes.len() + index % 3, 0xF1);
        places.push(bytes.len()..bytes.len() + record.len());
        bytes.extend(record);
    }
    (bytes, places)
}

/// Whether the columns of some records are what the row decoder tells of each: values, faults, and rows that are rejected.
pub fn check(layout: &Layout, record: ItemId, wanted: &[bool], options: Options, records: &[Vec<u8>]) {
    let mut decoder = Decoder::new(Arc::new(layout.clone()), options);
    let mut rows = Rows::new(layout, wanted, options.short_records);
    if rows.empty[record] {
        return;
    }
    let read: Vec<_> = records.iter().map(|bytes| rows.read(&mut decoder, record, bytes)).collect();
    for on_fault in [OnFault::Reject, OnFault::Null] {
        let settings = Settings { on_fault, ..Settings::default() };
        let plan = Plan::new(Arc::new(layout.clone()), record, wanted, options, settings).unwrap();
        let mut batches = BatchDecoder::new(Arc::new(plan));
        let (bytes, places) = placed(records);
        // The second time with what the first has left.
        for _ in 0..2 {
            let batch = batches.decode(&bytes, &places).unwrap();
            let stays = |(tree, faults, beyond_column): &(Option<Tree>, Vec<Fault>, bool)| {
                tree.is_some() && (on_fault == OnFault::Null || (faults.is_empty() && !beyond_column))
            };
            let expected: Vec<&Tree> = read.iter().filter(|row| stays(row)).filter_map(|row| row.0.as_ref()).collect();
            assert_eq!(trees(&batch).iter().collect::<Vec<_>>(), expected);
            let rejected: Vec<usize> = (0..read.len()).filter(|row| !stays(&read[*row])).collect();
            assert_eq!(batch.rejected, rejected);
            let (beyond_column, faults): (Vec<_>, Vec<_>) = batch
                .faults
                .iter()
                .map(|found| (found.row, &found.fault))
                .partition(|(_, fault)| matches!(fault.reason, Reason::BeyondColumn { .. }));
            let expected: Vec<(usize, &Fault)> = (0..)
                .zip(&read)
                .flat_map(|(row, (_, faults, _))| faults.iter().map(move |fault| (row, fault)))
                .collect();
            assert_eq!(faults, expected);
            for (row, (_, faults, beyond)) in read.iter().enumerate() {
                // A record that is rejected because it ends too early never becomes columns.
                let is_short = faults.iter().any(|fault| matches!(fault.reason, Reason::Truncated { .. }));
                let beyond = *beyond && (on_fault == OnFault::Null || !is_short);
                assert_eq!(beyond_column.iter().any(|(found, _)| *found == row), beyond);
            }
        }
    }
}
