//! Batches of records into Arrow, a column at a time.
//!
//! The same values and the same faults as [`crate::decode::Decoder`] gives, several times faster:
//!
//! 1. A [`Plan`] is made once for one kind of records: a level 01 and a choice among what redefines. It is a flat list of
//!    columns: where each stands, what it holds, what it becomes.
//! 2. A [`BatchDecoder`] takes a batch of records of that kind. Where no table depends on a counter, a column stands
//!    equally far behind the start of each record. Behind such a table, the row decoder's own walk says record by record
//!    where it stands; it reads nothing but counters.
//! 3. Each column is a loop over all its places in the batch. A kernel reads the bytes that are written as a compiler
//!    writes them. What it doesn't know for such is read by the row decoder's code for one value, which alone decides
//!    what has no value and what is a fault.
//!
//! Batches of one or two thousand records stay in the processor's caches; of a million they took three times as long per
//! record. Memory is bounded by the records of a batch.
//!
//! What fields become:
//!
//! | field | column |
//! |---|---|
//! | number with a fixed point, whatever its size | `Decimal128`, with the digits and the scale of its picture |
//! | `COMP-1`, `COMP-2` | `Float64` |
//! | text, UTF-16 | `Utf8`, trimmed as the options say |
//! | a number or text that a [`Date`] was declared for | `Date32` |
//! | pointers, indexes, `X` as `COMP` | `Binary` |
//! | group | `Struct` |
//! | `OCCURS`, of a fixed number too | `List` |
//!
//! Digits that a `P` in a picture stands for are written out: `9(2)PPP` becomes a `Decimal128(5, 0)`. A binary number that
//! may be larger than its picture has as many digits as its bytes can hold. Fields without a name are left out, groups
//! with nothing in them too, and level 66.

mod column;
mod decoder;
mod kernels;
mod places;
mod plan;
mod steps;

pub use crate::decode::{Date, DateError};
pub use decoder::{BatchDecoder, BatchError, Decoded, MOST_BYTES, RowFault};
pub use plan::{Plan, PlanError};

use std::collections::{BTreeMap, BTreeSet};

use crate::layout::ItemId;

/// What becomes of a row with a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnFault {
    /// It is not among the rows.
    #[default]
    Reject,
    /// Nothing stands where the value would be. A row whose fields can't be found is rejected all the same.
    Null,
    /// There are no rows at all.
    Fail,
}

/// What becomes of fields beyond what the copybook says.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// What becomes of a row with a fault.
    pub on_fault: OnFault,
    /// The same for fields of which something else is said.
    pub on_fault_of: BTreeMap<ItemId, OnFault>,
    /// Fields that are dates.
    pub dates: BTreeMap<ItemId, Date>,
    /// Fields whose bytes are kept beside their values, in a column `NAME-raw`.
    pub keep_raw: BTreeSet<ItemId>,
}

impl Settings {
    fn on_fault_of(&self, item: ItemId) -> OnFault {
        self.on_fault_of.get(&item).copied().unwrap_or(self.on_fault)
    }
}
