//! Loads rows that were rejected before and fit now. Each is loaded once: its reject is settled in the transaction that
//! brings the row.

use campaignd_contract::{Dialect, Result, Transaction, Warehouse, failpoint::failpoint};

use super::account::Account;
use super::lease::Lease;
use super::prepared::{PreparedBatch, Reject};
use super::reject::{self, Fate, OpenReject, Origin};
use super::unit::{self, LedgerEntry};
use crate::model::operations::ETL_LEASE;

/// Rejects of one unit, mapped again.
#[derive(Debug)]
pub struct Replay<'a> {
    /// The pipeline.
    pub pipeline: &'a str,
    /// Hash of its settings.
    pub config_hash: &'a str,
    /// The run.
    pub run_no: i64,
    /// The right to write.
    pub lease: &'a Lease,
    /// The unit the rows came from.
    pub unit_id: &'a str,
    /// The rejects that were tried.
    pub rejects: &'a [OpenReject],
    /// What they became. Its rejects are those that failed again.
    pub batch: PreparedBatch,
}

impl Replay<'_> {
    fn tried(&self, reject: &Reject) -> bool {
        self.rejects.iter().any(|open| same(reject, open))
    }
}

fn same(reject: &Reject, open: &OpenReject) -> bool {
    reject.place.ordinal == open.place.ordinal && reject.output() == open.output
}

/// What a replay did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Rejects whose row is loaded now (or left out by `when`, or there already).
    pub loaded: u64,
    /// Rejects that failed again.
    pub again: u64,
}

/// Loads them, in one transaction.
pub fn load(warehouse: &mut dyn Warehouse, replay: &Replay<'_>) -> Result<Replayed> {
    let dialect = warehouse.dialect();
    let mut transaction = warehouse.begin()?;
    replay.lease.hold(transaction.as_mut(), &dialect.stored(&ETL_LEASE), dialect.now())?;
    let batch_no = unit::next_batch_no(transaction.as_mut(), dialect)?;
    book(transaction.as_mut(), dialect, replay, batch_no)?;
    let mut replayed = Replayed::default();
    for open in replay.rejects {
        let again = replay.batch.rejects.iter().find(|reject| same(reject, open));
        reject::settle(transaction.as_mut(), dialect, open.reject_no, batch_no, again)?;
        match again {
            None => replayed.loaded += 1,
            Some(_) => replayed.again += 1,
        }
    }
    // A row the format couldn't read before may now be refused by the mapping: a reject of its own.
    let new: Vec<_> = replay.batch.rejects.iter().filter(|reject| !replay.tried(reject)).cloned().collect();
    let origin = Origin { batch_no, pipeline: replay.pipeline, unit_id: replay.unit_id };
    reject::write(transaction.as_mut(), dialect, origin, &new, Fate::Rejected)?;
    reject::write(transaction.as_mut(), dialect, origin, &replay.batch.notes, Fate::Noted)?;
    let numbers: Vec<String> = replay.rejects.iter().map(|open| open.reject_no.to_string()).collect();
    // Rejects that failed again may be tried once more with the same settings: the batch number keeps the two apart.
    let attempt = batch_no.to_string();
    let batch_id = unit::batch_id(&["replay", replay.pipeline, &numbers.join(","), &attempt, replay.config_hash]);
    unit::write_ledger(
        transaction.as_mut(),
        dialect,
        &LedgerEntry {
            batch_no,
            batch_id: &batch_id,
            run_no: replay.run_no,
            pipeline: replay.pipeline,
            unit_id: replay.unit_id,
            from: "replay",
            to: "replay",
            rows_read: replay.batch.rows_read,
            undecodable: replay.batch.undecodable,
            epoch: replay.lease.epoch(),
            config_hash: replay.config_hash,
        },
    )?;
    failpoint("before-commit");
    transaction.commit()?;
    failpoint("after-commit");
    Ok(replayed)
}

fn book(transaction: &mut dyn Transaction, dialect: &dyn Dialect, replay: &Replay<'_>, batch_no: i64) -> Result<()> {
    let mut accounts = Vec::new();
    let mut outcomes = Vec::new();
    for output in &replay.batch.outputs {
        outcomes.clear();
        let constants = [("batch_no", batch_no.into())];
        transaction.upsert(output.table, &output.records, &constants, &mut outcomes)?;
        let mut account = Account::new(output.table, output.money.is_some());
        let rows = output.records.num_rows() as u64 + output.filtered + output.rejected;
        account.book(rows, 0, output, &outcomes);
        account.check(replay.unit_id)?;
        if account.rows.accepted > 0 {
            unit::mark_dirty(transaction, dialect, output.table.name, batch_no)?;
        }
        accounts.push(account);
    }
    unit::verify(transaction, dialect, batch_no, &accounts)?;
    unit::write_accounts(transaction, dialect, batch_no, &accounts)
}
