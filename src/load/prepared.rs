//! What the load room is handed: rows that are ready for the warehouse, and what is known of the others.

use arrow_array::RecordBatch;
use campaignd_contract::{Place, Position, Table};

/// What comes from a unit, in order.
#[derive(Debug)]
pub enum Incoming {
    /// Rows.
    Batch(PreparedBatch),
    /// No more rows: the unit was read to its end.
    End(EndOfUnit),
}

/// A mapped batch.
#[derive(Debug)]
pub struct PreparedBatch {
    /// Rows read, undecodable ones included.
    pub rows_read: u64,
    /// Rows that the format couldn't read.
    pub undecodable: u64,
    /// One for each output of the pipeline, in order.
    pub outputs: Vec<PreparedOutput>,
    /// Every row that was refused, decoded or not.
    pub rejects: Vec<Reject>,
    /// What is told of rows that were decoded, without being a reject: fields that were left out.
    pub notes: Vec<Reject>,
    /// After the last row.
    pub end: Position,
}

/// What one output made of a batch.
#[derive(Debug)]
pub struct PreparedOutput {
    /// The record kind.
    pub table: &'static Table,
    /// Accepted rows, lineage columns included.
    pub records: RecordBatch,
    /// Rows left out by `when`.
    pub filtered: u64,
    /// Rows refused by the mapping.
    pub rejected: u64,
    /// Money, where the output has any.
    pub money: Option<PreparedMoney>,
}

/// Money of an output's rows, in millionths.
#[derive(Debug)]
pub struct PreparedMoney {
    /// Of all decoded rows, summed before they were sorted into accepted, rejected and filtered.
    pub read: i128,
    /// Of the rejected ones.
    pub rejected: i128,
    /// Of the filtered ones.
    pub filtered: i128,
    /// Decoded rows for which it couldn't be worked out.
    pub unknown: u64,
    /// Of each accepted row.
    pub records: Vec<Option<i64>>,
}

/// Where a row failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The format couldn't read it: no output got it.
    Decode,
    /// It didn't fit this output of the pipeline.
    Map(usize),
}

/// A row that was refused.
#[derive(Debug, Clone)]
pub struct Reject {
    /// Where it stands.
    pub place: Place,
    /// Where it failed.
    pub stage: Stage,
    /// The record kind it should have become.
    pub record_kind: Option<&'static str>,
    /// Stable code.
    pub code: String,
    /// The field at fault.
    pub field: Option<String>,
    /// Offending text, identifying values masked.
    pub text: String,
    /// What is wrong, in words.
    pub reason: String,
    /// The money it would have brought, in millionths, where that could be read.
    pub value_at_risk: Option<i64>,
    /// Its currency, where all rows of the output have the same.
    pub currency: Option<String>,
    /// The row's bytes, sealed.
    pub raw_sealed: Vec<u8>,
}

impl Reject {
    /// The output that refused it; `None`: the format did.
    pub fn output(&self) -> Option<usize> {
        match self.stage {
            Stage::Decode => None,
            Stage::Map(output) => Some(output),
        }
    }
}

/// What is known once a unit was read to its end.
#[derive(Debug, Default)]
pub struct EndOfUnit {
    /// What the sender declared, each with what it must equal. Only with `[control]`.
    pub declared: Vec<DeclaredTotal>,
}

/// A total or another value that the sender declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredTotal {
    /// What was totalled, in the pipeline's words: `rows`, `sum(money(amount))`.
    pub measure: String,
    /// As declared.
    pub expected: String,
    /// Where what it must equal comes from, in a word: `counted`.
    pub origin: &'static str,
    /// What it must equal.
    pub actual: String,
    /// Whether the two are equal.
    pub agrees: bool,
}

impl DeclaredTotal {
    /// Both figures in a line.
    pub fn told(&self) -> String {
        format!("{}: declared {}, {} {}", self.measure, self.expected, self.origin, self.actual)
    }
}
