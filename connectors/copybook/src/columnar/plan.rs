//! What is to be done for a batch, found once.

use std::sync::Arc;

use arrow_schema::{DataType, Field as Column, FieldRef, Fields as Columns, Schema, SchemaRef};

use super::kernels::{Characters, Kernel};
use super::steps::{Cell, Decimal, PlaceId, Step, Target};
use super::{Date, Settings};
use crate::decode::{Fields, Options, length_of};
use crate::layout::{Field, ItemId, Layout, Names, fixed_inside};

/// How the records of one kind become columns: of one level 01, with a choice among what redefines.
#[derive(Debug)]
pub struct Plan {
    pub(super) layout: Arc<Layout>,
    pub(super) record: ItemId,
    pub(super) fields: Fields,
    /// Which items are looked at.
    pub(super) wanted: Vec<bool>,
    /// Bytes of every record, where no table depends on a counter.
    pub(super) fixed_length: Option<usize>,
    /// Where columns start.
    pub(super) places: Vec<Start>,
    /// What the walk through a record tells of each item.
    pub(super) told: Vec<Told>,
    /// In which items something is told.
    pub(super) told_inside: Vec<bool>,
    /// Tables whose entries the walk counts.
    pub(super) counted: usize,
    pub(super) steps: Vec<Step>,
    /// How the steps' columns are put together.
    pub(super) nodes: Vec<Node>,
    pub(super) settings: Settings,
    schema: SchemaRef,
}

/// Where some columns start.
#[derive(Debug, Clone, Copy)]
pub(super) enum Start {
    /// With the record.
    Record,
    /// With each of so many entries of a table, so far behind each of other starts.
    Entries { of: PlaceId, offset: usize, entries: usize, length: usize },
    /// Where the walk through the record says.
    Told,
}

/// What the walk through a record tells of an item.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    /// Where its occurrences start.
    pub places: Option<PlaceId>,
    /// How many there are.
    pub counted: Option<usize>,
}

/// A column, or several put together.
#[derive(Debug)]
pub(super) struct Node {
    pub column: FieldRef,
    pub shape: Shape,
}

#[derive(Debug)]
pub(super) enum Shape {
    Step(usize),
    Struct(Columns, Vec<Node>),
    List(Entries, Box<Node>),
}

/// How many entries the lists have.
#[derive(Debug, Clone, Copy)]
pub(super) enum Entries {
    /// Always so many.
    Always(usize),
    /// As the walk has counted, by number.
    Counted(usize),
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The layout has no such record.
    #[error("item {0} is no record of the copybook")]
    NoRecord(ItemId),
    /// Something is said of an item that isn't a field of this kind of records.
    #[error("`{0}` is no field of these records")]
    NoField(String),
    /// A field can't be the date that it was declared to be.
    #[error("`{field}` can't be a date {pattern}: {wrong}")]
    Date {
        /// The field.
        field: String,
        /// Its pattern.
        pattern: String,
        /// Why not.
        wrong: &'static str,
    },
    /// A column of raw bytes would have the name of a field.
    #[error("the bytes of `{field}` can't be a column `{name}`: there is a field of that name")]
    NameTaken {
        /// The field.
        field: String,
        /// The column.
        name: String,
    },
    /// No field is left.
    #[error("these records have no field with a name")]
    NoColumns,
}

impl Plan {
    /// The plan for records that are the level 01 `record` of `layout`; those items are read that are `wanted` (see
    /// [`crate::routing::Chosen`]), and those it says nothing of.
    pub fn new(
        layout: Arc<Layout>,
        record: ItemId,
        wanted: &[bool],
        options: Options,
        settings: Settings,
    ) -> Result<Self, PlanError> {
        if !layout.records.contains(&record) {
            return Err(PlanError::NoRecord(record));
        }
        let names = Names::new(&layout);
        let is_wanted = |id: ItemId| wanted.get(id).is_none_or(|wanted| *wanted) && !names.hidden[id];
        let wanted: Vec<bool> = (0..layout.items.len()).map(is_wanted).collect();
        let fields = Fields::new(options);
        let mut planner = Planner {
            layout: &layout,
            names: &names,
            fields: &fields,
            wanted: &wanted,
            settings: &settings,
            fixed_inside: fixed_inside(&layout),
            places: vec![Start::Record],
            told: vec![Told::default(); layout.items.len()],
            counted: 0,
            steps: Vec::new(),
        };
        let root = &layout.items[record];
        let nodes = match root.field {
            None if root.table.is_none() => planner.group(record, Some((0, 0)))?,
            _ => planner.item(record, Some((0, 0)))?,
        };
        if nodes.is_empty() {
            return Err(PlanError::NoColumns);
        }
        let fixed = planner.fixed_inside[record] && root.table.is_none_or(|table| table.counter.is_none());
        let fixed_length = fixed.then(|| usize::try_from(root.total_length()).unwrap_or(usize::MAX));
        let Planner { places, told, counted, steps, .. } = planner;
        settings.check(&layout, &steps)?;
        let told_inside = told_inside(&layout, &told);
        let schema = Arc::new(Schema::new(nodes.iter().map(|node| Arc::clone(&node.column)).collect::<Columns>()));
        Ok(Self {
            layout,
            record,
            fields,
            wanted,
            fixed_length,
            places,
            told,
            told_inside,
            counted,
            steps,
            nodes,
            settings,
            schema,
        })
    }

    /// The columns.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The fields that the columns hold, those in groups and tables in their place: one for each column that isn't put
    /// together from others, in the order of the schema.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = ItemId> + '_ {
        self.steps.iter().map(|step| step.item)
    }

    /// The records' layout.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Settings {
    /// Whether everything said is said of a field that is a column.
    fn check(&self, layout: &Layout, steps: &[Step]) -> Result<(), PlanError> {
        let said = self.on_fault_of.keys().chain(self.dates.keys()).chain(&self.keep_raw);
        match said.into_iter().find(|id| !steps.iter().any(|step| step.item == **id)) {
            None => Ok(()),
            Some(id) if *id < layout.items.len() => Err(PlanError::NoField(layout.path(*id))),
            Some(id) => Err(PlanError::NoField(format!("item {id}"))),
        }
    }
}

/// Where something starts: so many bytes behind other starts. `None` where only the walk through a record knows.
type At = Option<(PlaceId, usize)>;

/// Makes a plan.
struct Planner<'p> {
    layout: &'p Layout,
    names: &'p Names<'p>,
    fields: &'p Fields,
    wanted: &'p [bool],
    settings: &'p Settings,
    fixed_inside: Vec<bool>,
    places: Vec<Start>,
    told: Vec<Told>,
    counted: usize,
    steps: Vec<Step>,
}

impl Planner<'_> {
    /// The columns of an item, all its occurrences: none, one, or two where the bytes are kept.
    fn item(&mut self, id: ItemId, at: At) -> Result<Vec<Node>, PlanError> {
        let item = &self.layout.items[id];
        let same_length = self.fixed_inside[id];
        let Some(table) = item.table else {
            let at = if same_length && at.is_none() { Some((self.tell_places(id), 0)) } else { at };
            return self.occurrence(id, at);
        };
        let most = usize::try_from(table.most).unwrap_or(usize::MAX);
        let (at, entries) = match at {
            Some((of, offset)) if same_length && table.counter.is_none() => {
                self.places.push(Start::Entries { of, offset, entries: most, length: length_of(item) });
                (Some((self.places.len() - 1, 0)), Entries::Always(most))
            }
            _ => {
                self.told[id].counted = Some(self.counted);
                self.counted += 1;
                let at = if same_length { Some((self.tell_places(id), 0)) } else { None };
                (at, Entries::Counted(self.counted - 1))
            }
        };
        let list = |entry: Node| {
            let name = entry.column.name().clone();
            let entry_column = Arc::new(entry.column.as_ref().clone().with_name("item"));
            Node {
                column: Arc::new(Column::new(name, DataType::List(Arc::clone(&entry_column)), false)),
                shape: Shape::List(entries, Box::new(Node { column: entry_column, shape: entry.shape })),
            }
        };
        Ok(self.occurrence(id, at)?.into_iter().map(list).collect())
    }

    fn tell_places(&mut self, id: ItemId) -> PlaceId {
        self.places.push(Start::Told);
        self.told[id].places = Some(self.places.len() - 1);
        self.places.len() - 1
    }

    fn occurrence(&mut self, id: ItemId, at: At) -> Result<Vec<Node>, PlanError> {
        let item = &self.layout.items[id];
        let Some(field) = item.field else {
            let nodes = self.group(id, at)?;
            if nodes.is_empty() {
                return Ok(nodes);
            }
            let columns: Columns = nodes.iter().map(|node| Arc::clone(&node.column)).collect();
            let column = Column::new(self.name(id), DataType::Struct(columns.clone()), false);
            return Ok(vec![Node { column: Arc::new(column), shape: Shape::Struct(columns, nodes) }]);
        };
        // A field's length never varies, so its place is known or told.
        let Some((places, offset)) = at else { return Ok(Vec::new()) };
        let mut nodes = vec![];
        let target = self.target(id, field)?;
        nodes.push(self.step(id, field, (places, offset), self.name(id), target));
        if self.settings.keep_raw.contains(&id) {
            let name = format!("{}-raw", self.name(id));
            let siblings = item.parent.map_or(&[][..], |parent| self.layout.items[parent].children.as_slice());
            if siblings.iter().any(|sibling| self.names.keys[*sibling].eq_ignore_ascii_case(&name)) {
                return Err(PlanError::NameTaken { field: self.layout.path(id), name });
            }
            nodes.push(self.step(id, field, (places, offset), name, Target::Raw));
        }
        Ok(nodes)
    }

    fn step(&mut self, item: ItemId, field: Field, at: (PlaceId, usize), name: String, target: Target) -> Node {
        let column = Arc::new(Column::new(name, target.data_type(), true));
        let length = length_of(&self.layout.items[item]);
        self.steps.push(Step { item, field, places: at.0, offset: at.1, length, target });
        Node { column, shape: Shape::Step(self.steps.len() - 1) }
    }

    /// The columns of what is in a group.
    fn group(&mut self, id: ItemId, at: At) -> Result<Vec<Node>, PlanError> {
        let mut nodes = Vec::new();
        // Where the alternatives of the same bytes start, and the end of the longest, as far as all records agree.
        let (mut start, mut end) = (at, at);
        for &child in &self.layout.items[id].children {
            let item = &self.layout.items[child];
            if item.redefines.is_none() {
                let slack = usize::try_from(item.slack).unwrap_or(0);
                start = end.map(|(places, offset)| (places, offset + slack));
            }
            if self.wanted[child] {
                nodes.extend(self.item(child, start)?);
            }
            let varies = !self.fixed_inside[child] || item.table.is_some_and(|table| table.counter.is_some());
            let length = usize::try_from(item.total_length()).unwrap_or(0);
            end = match (start, end) {
                (Some((places, start)), Some((_, end))) if !varies => Some((places, end.max(start + length))),
                _ => None,
            };
        }
        Ok(nodes)
    }

    fn name(&self, id: ItemId) -> String {
        // The record has no key.
        let key = &self.names.keys[id];
        if key.is_empty() { self.layout.items[id].name.clone() } else { key.to_string() }
    }

    fn target(&self, id: ItemId, field: Field) -> Result<Target, PlanError> {
        let item = &self.layout.items[id];
        let cell = Cell { fields: self.fields, item, field, length: length_of(item) };
        if let Some(date) = self.settings.dates.get(&id) {
            let error = |wrong| {
                let (field, pattern) = (self.layout.path(id), date.pattern().to_owned());
                Err(PlanError::Date { field, pattern, wrong })
            };
            return match date_in(field, date) {
                Some(wrong) => error(wrong),
                None => Ok(Target::Date(date.clone(), Kernel::of(&cell))),
            };
        }
        if let Some(decimal) = Decimal::of(item, field, &self.fields.options) {
            // Digits that `P` stands for are written out where each value is looked at.
            let as_stored = field.scale() == Some(decimal.scale.into());
            return Ok(Target::Decimal(decimal, if as_stored { Kernel::of(&cell) } else { Kernel::Scalar }));
        }
        Ok(match field {
            Field::Float | Field::Double => Target::Float,
            Field::Bytes => Target::Bytes,
            _ => Target::Text(Characters::of(&cell)),
        })
    }
}

/// In which items something is told, themselves left aside.
fn told_inside(layout: &Layout, told: &[Told]) -> Vec<bool> {
    let mut inside = vec![false; told.len()];
    let is_told = |told: Told| told.places.is_some() || told.counted.is_some();
    for (id, item) in layout.items.iter().enumerate().rev() {
        inside[id] = item.children.iter().any(|child| inside[*child] || is_told(told[*child]));
    }
    inside
}

/// Why a field can't hold such a date.
fn date_in(field: Field, date: &Date) -> Option<&'static str> {
    let digits = match field {
        // An edited number has marks, and is a number without them.
        Field::Text | Field::National | Field::Edited { scale: 0, .. } => return None,
        Field::Zoned { digits, scale: 0, .. }
        | Field::Packed { digits, scale: 0, .. }
        | Field::PackedUnsigned { digits, scale: 0, .. }
        | Field::Binary { digits, scale: 0, .. } => digits,
        _ => return Some("it is neither text nor a whole number"),
    };
    if date.has_marks() {
        Some("there are only digits in it")
    } else if digits < date.digits() {
        Some("it has fewer digits")
    } else {
        None
    }
}
