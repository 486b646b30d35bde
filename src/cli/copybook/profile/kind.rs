//! The records of one kind: those that have the same fields.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::{Array as _, ArrayRef, cast::AsArray as _};
use arrow_schema::DataType;
use campaignd_copybook::columnar::{BatchDecoder, BatchError, OnFault, Plan, PlanError, RowFault, Settings};
use campaignd_copybook::decode::{Options, Reason};
use campaignd_copybook::layout::{ItemId, Layout};
use campaignd_copybook::routing::Chosen;

use super::field::FieldProfile;

/// Kinds that are told apart at most: each takes the memory of a batch.
const MOST_KINDS: usize = 64;
/// Choices whose kind is remembered.
const MOST_REMEMBERED: usize = 4_096;
/// Records of a batch, which stay in the processor's caches.
const BATCH_RECORDS: usize = 1_024;
/// Bytes of a batch, the last record left aside.
const BATCH_BYTES: usize = 1 << 20;

/// The kinds of records of a file.
pub struct Kinds {
    layout: Arc<Layout>,
    options: Options,
    /// Texts that mean that there is no value.
    none: Arc<[String]>,
    all: Vec<Kind>,
    /// The kind of each choice so far.
    remembered: HashMap<(ItemId, Vec<bool>), usize>,
    /// The choice for the last record, and its kind.
    last: Option<(Chosen, usize)>,
}

/// The records of a kind.
pub struct Kind {
    /// Their level 01.
    pub record: ItemId,
    /// Which items they have.
    pub has: Vec<bool>,
    /// How many there are.
    pub records: u64,
    /// Those whose fields can't all be found, as a counter of theirs is wrong or missing: what is right in them isn't
    /// counted.
    pub lost: u64,
    /// Those that have bytes behind all that the copybook describes.
    pub longer: u64,
    /// Those that end too early with all their fields there: what is missing has no name, or isn't theirs.
    pub shorter: u64,
    /// What each field holds, in the order of the copybook.
    pub fields: Vec<FieldProfile>,
    /// For each item, where in `fields` it is.
    places: Vec<Option<usize>>,
    /// None where no field has a name.
    decoder: Option<BatchDecoder>,
    batch: Batch,
}

/// Records that are decoded together.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    records: Vec<Range<usize>>,
    /// Number in the file, and offset, of each.
    found: Vec<(u64, u64)>,
    /// Bytes of the records were all as long as the longest, where they may end early.
    weight: usize,
}

/// Why there is no profile.
#[derive(Debug, thiserror::Error)]
pub enum KindError {
    /// There are too many kinds.
    #[error("there are more than {MOST_KINDS} kinds of records, told by the conditions on its groups")]
    TooMany,
    /// A kind can't be decoded in columns.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A batch can't.
    #[error(transparent)]
    Batch(#[from] BatchError),
}

impl Kinds {
    /// No kinds yet. The texts `none` mean that there is no value.
    pub fn new(layout: Arc<Layout>, options: Options, none: Arc<[String]>) -> Self {
        Self { layout, options, none, all: Vec::new(), remembered: HashMap::new(), last: None }
    }

    /// Counts a record, of which that was chosen, once its batch is full.
    pub fn record(&mut self, chosen: &Chosen, bytes: &[u8], number: u64, offset: u64) -> Result<(), KindError> {
        let kind = self.kind(chosen)?;
        self.all[kind].record(bytes, number, offset, self.options.short_records)
    }

    /// What the kinds hold, in the order they were met.
    pub fn finish(mut self) -> Result<Vec<Kind>, KindError> {
        for kind in &mut self.all {
            kind.decode()?;
        }
        Ok(self.all)
    }

    fn kind(&mut self, chosen: &Chosen) -> Result<usize, KindError> {
        if let Some((last, kind)) = &self.last
            && last.record == chosen.record
            && last.wanted == chosen.wanted
        {
            return Ok(*kind);
        }
        let key = (chosen.record, chosen.wanted.clone());
        let kind = match self.remembered.get(&key) {
            Some(kind) => *kind,
            None => self.found(chosen)?,
        };
        if self.remembered.len() < MOST_REMEMBERED {
            self.remembered.insert(key, kind);
        }
        self.last = Some((chosen.clone(), kind));
        Ok(kind)
    }

    fn found(&mut self, chosen: &Chosen) -> Result<usize, KindError> {
        let has = has(&self.layout, chosen);
        if let Some(kind) = self.all.iter().position(|kind| kind.record == chosen.record && kind.has == has) {
            return Ok(kind);
        }
        if self.all.len() == MOST_KINDS {
            return Err(KindError::TooMany);
        }
        self.all.push(Kind::new(&self.layout, self.options, &self.none, chosen.record, has)?);
        Ok(self.all.len() - 1)
    }
}

/// Which items a record has. What was chosen also says it of other records, and of what stands in groups that it hasn't.
fn has(layout: &Layout, chosen: &Chosen) -> Vec<bool> {
    let mut has = vec![false; layout.items.len()];
    for (id, item) in layout.items.iter().enumerate() {
        has[id] = match item.parent {
            None => id == chosen.record,
            Some(parent) => has[parent] && chosen.wanted.get(id).is_none_or(|wanted| *wanted),
        };
    }
    has
}

impl Kind {
    fn new(
        layout: &Arc<Layout>,
        options: Options,
        none: &Arc<[String]>,
        record: ItemId,
        has: Vec<bool>,
    ) -> Result<Self, KindError> {
        let settings = Settings { on_fault: OnFault::Null, ..Settings::default() };
        let plan = match Plan::new(Arc::clone(layout), record, &has, options, settings) {
            Err(PlanError::NoColumns) => None,
            plan => Some(Arc::new(plan?)),
        };
        let items = plan.iter().flat_map(|plan| plan.fields());
        let fields: Vec<FieldProfile> =
            items.map(|id| FieldProfile::new(id, &layout.items[id], options.code_page, Arc::clone(none))).collect();
        let mut places = vec![None; layout.items.len()];
        for (place, field) in fields.iter().enumerate() {
            places[field.item] = Some(place);
        }
        let decoder = plan.map(BatchDecoder::new);
        let batch = Batch::default();
        Ok(Self { record, has, records: 0, lost: 0, longer: 0, shorter: 0, fields, places, decoder, batch })
    }

    fn record(&mut self, bytes: &[u8], number: u64, offset: u64, short_records: bool) -> Result<(), KindError> {
        self.records += 1;
        let Some(decoder) = &self.decoder else { return Ok(()) };
        let batch = &mut self.batch;
        let start = batch.bytes.len();
        batch.bytes.extend_from_slice(bytes);
        batch.records.push(start..batch.bytes.len());
        batch.found.push((number, offset));
        let layout = decoder.plan().layout();
        let longest =
            if short_records { usize::try_from(layout.longest(self.record)).unwrap_or(usize::MAX) } else { 0 };
        batch.weight = batch.weight.saturating_add(bytes.len().max(longest));
        if batch.records.len() >= BATCH_RECORDS || batch.weight >= BATCH_BYTES { self.decode() } else { Ok(()) }
    }

    /// Counts what the batch's records hold.
    fn decode(&mut self) -> Result<(), KindError> {
        let Some(decoder) = &mut self.decoder else { return Ok(()) };
        let batch = &mut self.batch;
        if batch.records.is_empty() {
            return Ok(());
        }
        let found = decoder.decode(&batch.bytes, &batch.records)?;
        self.lost += found.rejected.len() as u64;
        self.longer += found.longer.len() as u64;
        let mut without_value = vec![0; self.fields.len()];
        for fault in distinct(found.faults) {
            let RowFault { row, fault } = fault;
            let rejected = found.rejected.binary_search(&row).is_ok();
            let Some(place) = self.places[fault.item] else {
                self.shorter += u64::from(!rejected);
                continue;
            };
            without_value[place] += u64::from(!rejected);
            let (number, offset) = batch.found[row];
            self.fields[place].fault(number, offset, fault);
        }
        let mut columns = Vec::with_capacity(self.fields.len());
        found.columns.columns().iter().for_each(|column| leaves(column, &mut columns));
        for ((field, column), faulty) in self.fields.iter_mut().zip(&columns).zip(without_value) {
            field.column(column, faulty);
        }
        batch.bytes.clear();
        batch.records.clear();
        batch.found.clear();
        batch.weight = 0;
        Ok(())
    }
}

/// The faults, each field's once: a counter without a value is told as such, and again where its table would start.
fn distinct(faults: Vec<RowFault>) -> Vec<RowFault> {
    let mut distinct: Vec<RowFault> = Vec::with_capacity(faults.len());
    for fault in faults {
        let is_counter = matches!(fault.fault.reason, Reason::CounterOutOfRange { .. } | Reason::CounterAbsent { .. });
        let same = |other: &RowFault| {
            (other.row, other.fault.item, other.fault.offset) == (fault.row, fault.fault.item, fault.fault.offset)
        };
        let mut of_row = distinct.iter().rev().take_while(|other| other.row == fault.row);
        if !is_counter || !of_row.any(same) {
            distinct.push(fault);
        }
    }
    distinct
}

/// The columns that aren't put together from others, the entries of all of a table's lists as one.
fn leaves(column: &ArrayRef, found: &mut Vec<ArrayRef>) {
    match column.data_type() {
        DataType::Struct(_) => column.as_struct().columns().iter().for_each(|column| leaves(column, found)),
        DataType::List(_) => {
            let list = column.as_list::<i32>();
            let offsets = list.value_offsets();
            let bound = |offset: Option<&i32>| offset.and_then(|offset| usize::try_from(*offset).ok()).unwrap_or(0);
            let (start, end) = (bound(offsets.first()), bound(offsets.last()));
            leaves(&list.values().slice(start, end.saturating_sub(start)), found);
        }
        _ => found.push(Arc::clone(column)),
    }
}
