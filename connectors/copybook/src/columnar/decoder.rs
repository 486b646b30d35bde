//! Batches of records, one after another.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, ListArray, RecordBatch, StructArray};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::ArrowError;

use super::OnFault;
use super::column::{Found, column};
use super::places::Places;
use super::plan::{Entries, Node, Plan, Shape};
use crate::decode::{Decoder, Fault, Reason, Value, Visitor};
use crate::layout::ItemId;

/// Bytes of the records of a batch at most: what is in them must be counted in 31 bits, and a byte of text may become
/// three; a digit becomes a decimal of sixteen. Where records may end early, each counts as long as one with all its
/// fields.
pub const MOST_BYTES: usize = 1 << 29;

/// Decodes batches of one kind of records.
#[derive(Debug)]
pub struct BatchDecoder {
    plan: Arc<Plan>,
    /// Finds tables' entries, and the faults of a record that has some.
    decoder: Decoder,
    places: Places,
}

/// A batch in columns.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// The rows that are not rejected.
    pub columns: RecordBatch,
    /// The rows that are rejected, by their numbers in the batch, in order.
    pub rejected: Vec<usize>,
    /// All that is wrong, row by row. Within a row: what the row decoder finds, in its order, then what only a column can
    /// find.
    pub faults: Vec<RowFault>,
    /// Records that have bytes behind all that the copybook describes: the row, and how many bytes it describes.
    pub longer: Vec<(usize, usize)>,
}

/// A fault in a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// The record's number in the batch, the first being 0.
    pub row: usize,
    /// What is wrong, and where in the record.
    pub fault: Fault,
}

/// Why there are no columns.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// A field has a fault and is declared so that nothing may be read then.
    #[error("record {} of the batch: {}", .0.row + 1, .0.fault.reason)]
    Fault(Box<RowFault>),
    /// There are too many bytes.
    #[error("the batch has {bytes} bytes, and {MOST_BYTES} at most are decoded at a time: give fewer records")]
    TooLarge {
        /// Bytes of its records.
        bytes: usize,
    },
    /// A record doesn't stand in the bytes that were given.
    #[error("record {} of the batch ends at byte {end} of {bytes}", row + 1)]
    OutOfBounds {
        /// The record's number in the batch.
        row: usize,
        /// Where it ends.
        end: usize,
        /// Bytes that were given.
        bytes: usize,
    },
    /// Arrow refuses the columns.
    #[error(transparent)]
    Arrow(#[from] ArrowError),
}

impl BatchDecoder {
    /// A decoder of batches by that plan.
    pub fn new(plan: Arc<Plan>) -> Self {
        let decoder = Decoder::new(Arc::clone(&plan.layout), plan.fields.options);
        let places = Places::new(&plan);
        Self { plan, decoder, places }
    }

    /// The plan.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// The columns of the records that stand at these places in `bytes`, each record being of the plan's kind.
    pub fn decode(&mut self, bytes: &[u8], records: &[Range<usize>]) -> Result<Decoded, BatchError> {
        self.check(bytes, records)?;
        let mut batch = Decoded {
            columns: RecordBatch::new_empty(Arc::clone(self.plan.schema())),
            rejected: Vec::new(),
            faults: Vec::new(),
            longer: Vec::new(),
        };
        // The number in the batch of each row that is kept so far, and whether its faults have been told.
        let mut kept: Vec<(usize, bool)> = Vec::with_capacity(records.len());
        self.places.clear();
        for (row, place) in records.iter().enumerate() {
            let record = bytes.get(place.clone()).unwrap_or_default();
            let end = match self.plan.fixed_length {
                Some(length) => Some(length),
                None => self.places.walk(&self.plan, &mut self.decoder, record, place.start),
            };
            let complete = end.is_some_and(|end| end <= record.len());
            let may_be_short = end.is_some() && self.plan.fields.options.short_records;
            if let Some(end) = end.filter(|end| *end < record.len()) {
                batch.longer.push((row, end));
            }
            if !complete && !may_be_short && self.refuses(row, record, end, &mut batch)? {
                self.places.forget();
                continue;
            }
            self.places.incomplete |= !complete;
            self.places.keep(place);
            kept.push((row, !complete && !may_be_short));
        }
        self.places.finish(&self.plan);
        let mut found = Found::default();
        let columns = self.plan.steps.iter().map(|step| column(&self.plan, step, bytes, &self.places, &mut found));
        let columns: Vec<ArrayRef> = columns.collect::<Result<_, _>>()?;
        let columns = self.plan.nodes.iter().map(|node| self.built(node, &columns)).collect::<Result<_, _>>()?;
        batch.columns = RecordBatch::try_new(Arc::clone(self.plan.schema()), columns)?;
        self.judge(bytes, records, &kept, found, &mut batch)?;
        Ok(batch)
    }

    fn check(&self, bytes: &[u8], records: &[Range<usize>]) -> Result<(), BatchError> {
        for (row, place) in records.iter().enumerate() {
            if bytes.get(place.clone()).is_none() {
                return Err(BatchError::OutOfBounds { row, end: place.end, bytes: bytes.len() });
            }
        }
        let longest = usize::try_from(self.plan.layout.longest(self.plan.record)).unwrap_or(usize::MAX);
        let least = if self.plan.fields.options.short_records { longest } else { 0 };
        let all = records.iter().fold(0_usize, |all, place| all.saturating_add(place.len().max(least)));
        if all > MOST_BYTES { Err(BatchError::TooLarge { bytes: all }) } else { Ok(()) }
    }

    /// Notes the faults of a record that ends too early, or whose fields can't be found, and whether it is rejected.
    fn refuses(
        &mut self,
        row: usize,
        record: &[u8],
        end: Option<usize>,
        batch: &mut Decoded,
    ) -> Result<bool, BatchError> {
        let (mut faults, lost) = self.faults(record);
        if faults.is_empty() {
            // Only what has no name is missing.
            let missing = end.unwrap_or_default().saturating_sub(record.len());
            let reason = Reason::Truncated { missing };
            faults.push(Fault { item: self.plan.record, offset: record.len(), raw: Vec::new(), reason });
        }
        let rejected = self.judged(row, faults, batch)?;
        if rejected || lost {
            batch.rejected.push(row);
        }
        Ok(rejected || lost)
    }

    /// What the row decoder finds wrong with a record, and whether it lost its way.
    fn faults(&mut self, record: &[u8]) -> (Vec<Fault>, bool) {
        let mut faults = Faults { wanted: &self.plan.wanted, faults: Vec::new() };
        let end = self.decoder.decode(self.plan.record, record, &mut faults);
        (faults.faults, end.is_none())
    }

    /// Notes faults; whether the row is rejected for one of them.
    fn judged(&self, row: usize, faults: Vec<Fault>, batch: &mut Decoded) -> Result<bool, BatchError> {
        let mut rejected = false;
        for fault in faults {
            let on_fault = self.plan.settings.on_fault_of(fault.item);
            let fault = RowFault { row, fault };
            match on_fault {
                OnFault::Fail => return Err(BatchError::Fault(Box::new(fault))),
                OnFault::Reject => rejected = true,
                OnFault::Null => {}
            }
            batch.faults.push(fault);
        }
        Ok(rejected)
    }

    /// Looks up what is wrong with the rows that the columns found something in, and takes out those that are rejected.
    fn judge(
        &mut self,
        bytes: &[u8],
        records: &[Range<usize>],
        kept: &[(usize, bool)],
        found: Found,
        batch: &mut Decoded,
    ) -> Result<(), BatchError> {
        let Found { mut bad_rows, mut faults } = found;
        if bad_rows.is_empty() && faults.is_empty() {
            return Ok(());
        }
        bad_rows.extend(faults.iter().map(|fault| fault.row));
        bad_rows.sort_unstable();
        bad_rows.dedup();
        faults.sort_by_key(|found| (found.row, found.fault.offset, found.fault.item));
        let mut faults = faults.into_iter().peekable();
        let mut rejected = Vec::new();
        for index in bad_rows {
            let (row, told) = kept[index];
            let record = bytes.get(records[row].clone()).unwrap_or_default();
            let mut all = if told { Vec::new() } else { self.faults(record).0 };
            while let Some(found) = faults.next_if(|found| found.row == index) {
                all.push(found.fault);
            }
            if self.judged(row, all, batch)? {
                rejected.push(index);
            }
        }
        // Those of rows that end too early were noted before.
        batch.faults.sort_by_key(|found| found.row);
        if rejected.is_empty() {
            return Ok(());
        }
        let mut stays = vec![true; kept.len()];
        for index in rejected {
            stays[index] = false;
            batch.rejected.push(kept[index].0);
        }
        batch.rejected.sort_unstable();
        batch.columns = arrow_select::filter::filter_record_batch(&batch.columns, &BooleanArray::from(stays))?;
        Ok(())
    }

    /// A column, put together from those of the steps.
    fn built(&self, node: &Node, columns: &[ArrayRef]) -> Result<ArrayRef, ArrowError> {
        Ok(match &node.shape {
            Shape::Step(step) => Arc::clone(&columns[*step]),
            Shape::Struct(fields, nodes) => {
                let columns = nodes.iter().map(|node| self.built(node, columns)).collect::<Result<_, _>>()?;
                Arc::new(StructArray::try_new(fields.clone(), columns, None)?)
            }
            Shape::List(entries, entry) => {
                let values = self.built(entry, columns)?;
                let offsets = self.offsets(*entries, values.len());
                Arc::new(ListArray::try_new(Arc::clone(&entry.column), offsets, values, None)?)
            }
        })
    }

    /// Where each list of a table starts among its `values` entries.
    fn offsets(&self, entries: Entries, values: usize) -> OffsetBuffer<i32> {
        // There are no more entries than bytes in a batch.
        let offset = |entry: usize| i32::try_from(entry).unwrap_or(i32::MAX);
        let offsets: Vec<i32> = match entries {
            Entries::Always(entries) => (0..=values / entries.max(1)).map(|list| offset(list * entries)).collect(),
            Entries::Counted(counted) => {
                let mut end = 0;
                let ends = self.places.counts[counted].iter().map(|count| {
                    end += usize::try_from(*count).unwrap_or(0);
                    offset(end)
                });
                std::iter::once(0).chain(ends).collect()
            }
        };
        OffsetBuffer::new(ScalarBuffer::from(offsets))
    }
}

/// Listens to faults.
struct Faults<'f> {
    wanted: &'f [bool],
    faults: Vec<Fault>,
}

impl Visitor for Faults<'_> {
    fn wants(&mut self, item: ItemId) -> bool {
        self.wanted[item]
    }
    fn value(&mut self, _item: ItemId, _value: Value<'_>) {}
    fn fault(&mut self, fault: Fault) {
        self.faults.push(fault);
    }
}
