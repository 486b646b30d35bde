//! Where the columns of a batch's records start.

use std::ops::Range;

use super::plan::{Plan, Start};
use super::steps::PlaceId;
use crate::decode::{Decoder, Fault, Value, Visitor};
use crate::layout::ItemId;

/// A start that isn't there: no field fits behind it.
pub(super) const NOWHERE: usize = usize::MAX / 2;

/// Where the columns of some records start.
#[derive(Debug)]
pub(super) struct Places {
    /// For each of the plan's places, where in the batch's bytes.
    pub starts: Vec<Vec<usize>>,
    /// For those that are told, how many there are up to and with each row.
    until: Vec<Vec<usize>>,
    /// Entries of each table that is counted.
    pub counts: Vec<Vec<u32>>,
    /// How many counts there are up to and with each row.
    counts_until: Vec<Vec<usize>>,
    /// Where each row's record ends.
    pub ends: Vec<usize>,
    /// Whether some records end before all their fields.
    pub incomplete: bool,
}

impl Places {
    pub fn new(plan: &Plan) -> Self {
        let lists = || vec![Vec::new(); plan.places.len()];
        let counts = || vec![Vec::new(); plan.counted];
        Self {
            starts: lists(),
            until: lists(),
            counts: vec![Vec::new(); plan.counted],
            counts_until: counts(),
            ends: Vec::new(),
            incomplete: false,
        }
    }

    pub fn clear(&mut self) {
        self.starts.iter_mut().for_each(Vec::clear);
        self.until.iter_mut().for_each(Vec::clear);
        self.counts.iter_mut().for_each(Vec::clear);
        self.counts_until.iter_mut().for_each(Vec::clear);
        self.ends.clear();
        self.incomplete = false;
    }

    /// Where each row's record starts.
    pub fn row_starts(&self) -> &[usize] {
        &self.starts[0]
    }

    /// Walks through a record that stands at `at`. Gives where it ends, counted from its start; `None` where nobody knows.
    /// It is no row before [`Places::keep`].
    pub fn walk(&mut self, plan: &Plan, decoder: &mut Decoder, record: &[u8], at: usize) -> Option<usize> {
        let (starts, counts) = (&mut self.starts, &mut self.counts);
        let mut walk = Walk { plan, at, length: record.len(), starts, counts, lost: false };
        let end = decoder.decode(plan.record, record, &mut walk);
        if walk.lost { None } else { end }
    }

    /// Makes the record a row.
    pub fn keep(&mut self, place: &Range<usize>) {
        self.starts[0].push(place.start);
        self.ends.push(place.end);
        for (until, starts) in self.until.iter_mut().zip(&self.starts) {
            until.push(starts.len());
        }
        for (until, counts) in self.counts_until.iter_mut().zip(&self.counts) {
            until.push(counts.len());
        }
    }

    /// Forgets what was told of a record that becomes no row.
    pub fn forget(&mut self) {
        for (until, starts) in self.until.iter().zip(&mut self.starts) {
            starts.truncate(until.last().copied().unwrap_or_default());
        }
        for (until, counts) in self.counts_until.iter().zip(&mut self.counts) {
            counts.truncate(until.last().copied().unwrap_or_default());
        }
    }

    /// The starts of entries of tables of a fixed number, once all rows are there.
    pub fn finish(&mut self, plan: &Plan) {
        for (id, start) in plan.places.iter().enumerate() {
            if let Start::Entries { of, offset, entries, length } = *start {
                let mut starts = std::mem::take(&mut self.starts[id]);
                starts.reserve(self.starts[of].len() * entries);
                for start in &self.starts[of] {
                    starts.extend((0..entries).map(|entry| start + offset + entry * length));
                }
                self.starts[id] = starts;
            }
        }
    }

    /// The row that one of some starts belongs to.
    pub fn row(&self, plan: &Plan, places: PlaceId, index: usize) -> usize {
        match plan.places[places] {
            Start::Record => index,
            Start::Entries { of, entries, .. } => self.row(plan, of, index / entries.max(1)),
            Start::Told => self.until[places].partition_point(|until| *until <= index),
        }
    }
}

/// Notes where a record's items start and how often they occur.
struct Walk<'w> {
    plan: &'w Plan,
    /// Where the record starts, and its bytes.
    at: usize,
    length: usize,
    starts: &'w mut [Vec<usize>],
    counts: &'w mut [Vec<u32>],
    /// Whether entries of a table stand behind the record's end.
    lost: bool,
}

impl Visitor for Walk<'_> {
    fn wants(&mut self, item: ItemId) -> bool {
        self.plan.wanted[item]
    }

    fn passes(&mut self, item: ItemId, at: usize, entries: u32) -> bool {
        if self.plan.told_inside[item] {
            return false;
        }
        let told = self.plan.told[item];
        if let Some(counted) = told.counted {
            self.counts[counted].push(entries);
        }
        if let Some(places) = told.places {
            let (first, length) = (self.at + at, crate::decode::length_of(&self.plan.layout.items[item]));
            let entries = usize::try_from(entries).unwrap_or(0);
            let last = at + entries.saturating_sub(1) * length;
            if entries > 1 && last > self.length && !self.plan.fields.options.short_records {
                // The row decoder will say so. A counter isn't believed that counts more than there is.
                self.lost = true;
                return true;
            }
            self.starts[places].extend((0..entries).map(|entry| first + entry * length));
        }
        true
    }

    fn table_starts(&mut self, item: ItemId, entries: u32) {
        if let Some(counted) = self.plan.told[item].counted {
            self.counts[counted].push(entries);
        }
    }

    fn value(&mut self, _item: ItemId, _value: Value<'_>) {}
    // Whatever is wrong with a counter is found where its column is read, or where the record's end is missed.
    fn fault(&mut self, _fault: Fault) {}
}
