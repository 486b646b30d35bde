//! The commit protocol for one unit.
//!
//! Each transaction holds: the lease check, the records, the rejects, the accounts, the dirty mark, the ledger row and
//! the checkpoint moved by compare-and-set. Without `[control]` a transaction takes some rows; with it, the whole file.
//! An error anywhere rolls back all of it, and the next run starts after the last checkpoint. A load that is asked to stop
//! commits the batch in hand, where that may be seen, and ends there.

use campaignd_contract::{
    Candidate, Dialect, Error, ErrorClass, Position, Result, Supervision, Transaction, Unit, Warehouse,
    failpoint::{failpoint, planted},
};
use sha2::{Digest, Sha256};

use super::account::Account;
use super::budget::Budget;
use super::file::{self, Mark};
use super::lease::Lease;
use super::prepared::{DeclaredTotal, EndOfUnit, Incoming, PreparedBatch, Reject};
use super::reject::{self, Fate, Origin};
use crate::model::operations::{ETL_BATCH, ETL_CHECKPOINT, ETL_CONTROL, ETL_DIRTY, ETL_LEASE, ETL_REJECT};

/// The position of a unit of which nothing was read.
pub const START: &str = "start";

/// Which unit is loaded, on whose behalf.
#[derive(Debug)]
pub struct Job<'a> {
    /// The pipeline.
    pub pipeline: &'a str,
    /// Hash of its settings.
    pub config_hash: &'a str,
    /// The run.
    pub run_no: i64,
    /// The right to write.
    pub lease: &'a Lease,
    /// Where the unit was found.
    pub candidate: &'a Candidate,
    /// The unit.
    pub unit: &'a Unit,
    /// What is needed to read its rows again.
    pub layout: &'a [u8],
    /// Where reading starts: the checkpoint.
    pub from: Option<Position>,
    /// Rows a transaction may hold; `None`: all of the unit, and its totals must agree.
    pub commit_rows: Option<u64>,
    /// Rejected rows the unit may have.
    pub budget: Budget,
    /// Whom to tell that it gets on, and to ask whether it should.
    pub supervision: &'a Supervision,
}

/// How a unit ended.
#[derive(Debug)]
pub enum Loaded {
    /// All of it is in the warehouse.
    Finished(Vec<Account>),
    /// Nothing more of it was loaded, for this reason.
    Quarantined(String),
    /// Nothing more of it was loaded: it has more rejected rows than it may have.
    TooManyRejects(String),
}

/// Loads a unit from what `incoming` yields. `committed` hears of every commit, after it.
pub fn load(
    warehouse: &mut dyn Warehouse,
    job: &Job<'_>,
    incoming: &mut dyn Iterator<Item = Result<Incoming>>,
    committed: &mut dyn FnMut(&Position),
) -> Result<Loaded> {
    let mut from = job.from.clone();
    let mut totals: Vec<Account> = Vec::new();
    loop {
        // Wait for the first rows before taking the right to write: others may use it meanwhile.
        let first = match incoming.next() {
            Some(first) => first?,
            None => return Err(cut_short(job)),
        };
        let mut chunk = Chunk::begin(warehouse, job, from.clone())?;
        let end = chunk.fill(first, incoming)?;
        if let Some(reason) = chunk.refusal(end.as_ref())? {
            drop(chunk);
            let mark = Mark { state: "quarantined", reason: Some(&reason), ..Mark::default() };
            file::mark_alone(warehouse, job.pipeline, job.candidate, job.unit, &mark)?;
            let totals_agree = end.iter().flat_map(|end| &end.declared).all(|total| total.agrees);
            return Ok(if totals_agree { Loaded::TooManyRejects(reason) } else { Loaded::Quarantined(reason) });
        }
        let finished = end.is_some();
        let (to, accounts) = chunk.commit(end.as_ref())?;
        if planted("checkpoint-after-commit") {
            let mut late = Chunk::begin(warehouse, job, from.clone())?;
            late.move_checkpoint(&to)?;
            late.transaction.commit()?;
        }
        merge(&mut totals, accounts);
        committed(&to);
        if finished {
            return Ok(Loaded::Finished(totals));
        }
        job.supervision.go_on("load all of", &job.unit.name)?;
        from = Some(to);
    }
}

/// One transaction in the making.
struct Chunk<'w, 'j> {
    transaction: Box<dyn Transaction + 'w>,
    dialect: &'static dyn Dialect,
    job: &'j Job<'j>,
    batch_no: i64,
    from: Option<Position>,
    to: Option<Position>,
    rows_read: u64,
    undecodable: u64,
    accounts: Vec<Account>,
}

/// Ends a transaction that may have been left unfinished by a lost connection.
struct Ledger {
    batch_id: String,
}

impl<'w, 'j> Chunk<'w, 'j> {
    fn begin(warehouse: &'w mut dyn Warehouse, job: &'j Job<'j>, from: Option<Position>) -> Result<Self> {
        let dialect = warehouse.dialect();
        let mut transaction = warehouse.begin()?;
        job.lease.hold(transaction.as_mut(), &dialect.stored(&ETL_LEASE), dialect.now())?;
        failpoint("transaction-begun");
        let batch_no = next_batch_no(transaction.as_mut(), dialect)?;
        Ok(Self {
            transaction,
            dialect,
            job,
            batch_no,
            from,
            to: None,
            rows_read: 0,
            undecodable: 0,
            accounts: Vec::new(),
        })
    }

    /// Takes rows until the transaction is full or the unit ends.
    fn fill(
        &mut self,
        first: Incoming,
        incoming: &mut dyn Iterator<Item = Result<Incoming>>,
    ) -> Result<Option<EndOfUnit>> {
        let mut next = first;
        loop {
            match next {
                Incoming::Batch(batch) => self.take(&batch)?,
                Incoming::End(end) => return Ok(Some(end)),
            }
            self.job.supervision.sign_of_life();
            match self.job.commit_rows {
                Some(most) if self.rows_read >= most || self.job.supervision.is_asked_to_stop() => return Ok(None),
                Some(_) => {}
                // Nothing of a file with totals may be seen before its end.
                None => self.job.supervision.go_on("load", &self.job.unit.name)?,
            }
            next = match incoming.next() {
                Some(next) => next?,
                None => return Err(cut_short(self.job)),
            };
        }
    }

    fn take(&mut self, batch: &PreparedBatch) -> Result<()> {
        if self.accounts.is_empty() {
            self.accounts =
                batch.outputs.iter().map(|output| Account::new(output.table, output.money.is_some())).collect();
        }
        let mut outcomes = Vec::new();
        for (output, account) in batch.outputs.iter().zip(&mut self.accounts) {
            outcomes.clear();
            let constants = [("batch_no", self.batch_no.into())];
            self.transaction.upsert(output.table, &output.records, &constants, &mut outcomes)?;
            account.book(batch.rows_read, batch.undecodable, output, &outcomes);
        }
        failpoint("records-upserted");
        self.write_rejects(&batch.rejects, Fate::Rejected)?;
        self.write_rejects(&batch.notes, Fate::Noted)?;
        self.rows_read += batch.rows_read;
        self.undecodable += batch.undecodable;
        self.to = Some(batch.end.clone());
        Ok(())
    }

    fn write_rejects(&mut self, rejects: &[Reject], fate: Fate) -> Result<()> {
        let origin = Origin { batch_no: self.batch_no, pipeline: self.job.pipeline, unit_id: &self.job.unit.id };
        reject::write(self.transaction.as_mut(), self.dialect, origin, rejects, fate)?;
        failpoint("rejects-written");
        Ok(())
    }

    /// Why nothing of this may be committed, if there is a reason: totals that differ, too many rejects.
    fn refusal(&mut self, end: Option<&EndOfUnit>) -> Result<Option<String>> {
        let differing: Vec<_> =
            end.iter().flat_map(|end| &end.declared).filter(|total| !total.agrees).map(DeclaredTotal::told).collect();
        if !differing.is_empty() {
            return Ok(Some(format!("control totals differ: {}", differing.join("; "))));
        }
        if self.job.budget.is_unbounded() {
            return Ok(None);
        }
        let rejects = self.dialect.stored(&ETL_REJECT);
        let all = self.transaction.query(
            &format!(
                "SELECT count(*) FROM (SELECT DISTINCT batch_no, ordinal FROM {rejects} \
                 WHERE pipeline = ?1 AND unit_id = ?2 AND state <> 'noted') AS rejected_rows"
            ),
            &[self.job.pipeline.into(), self.job.unit.id.as_str().into()],
        )?;
        let rejected = all.rows.first().and_then(|row| row[0].as_integer()).unwrap_or_default();
        let read = file::rows_read(self.transaction.as_mut(), self.dialect, self.job.pipeline, self.job.unit)?;
        let exceeded = self.job.budget.exceeded(u64::try_from(rejected).unwrap_or(u64::MAX), read + self.rows_read);
        Ok(exceeded
            .map(|reason| format!("{reason}; see the first ones with `campaignd preview {}`", self.job.pipeline)))
    }

    fn commit(mut self, end: Option<&EndOfUnit>) -> Result<(Position, Vec<Account>)> {
        let start = Position::new(START);
        let from = self.from.clone().unwrap_or_else(|| start.clone());
        let to = self.to.clone().unwrap_or_else(|| from.clone());
        for account in &self.accounts {
            account.check(&self.job.unit.name)?;
        }
        verify(self.transaction.as_mut(), self.dialect, self.batch_no, &self.accounts)?;
        write_accounts(self.transaction.as_mut(), self.dialect, self.batch_no, &self.accounts)?;
        if let Some(end) = end {
            self.write_declared(end)?;
        }
        self.mark_dirty()?;
        let ledger = self.write_ledger(&from, &to)?;
        failpoint("ledger-written");
        if !planted("checkpoint-after-commit") {
            self.move_checkpoint(&to)?;
        }
        failpoint("checkpoint-moved");
        let mark = Mark {
            state: if end.is_some() { "loaded" } else { "loading" },
            layout: Some(self.job.layout),
            rows_read: self.rows_read,
            ..Mark::default()
        };
        let job = self.job;
        file::mark(self.transaction.as_mut(), self.dialect, job.pipeline, job.candidate, job.unit, &mark)?;
        failpoint("file-marked");
        failpoint("before-commit");
        self.transaction.commit().map_err(|error| ledger.explain(error))?;
        failpoint("after-commit");
        Ok((to, self.accounts))
    }

    fn write_declared(&mut self, end: &EndOfUnit) -> Result<()> {
        let table = self.dialect.stored(&ETL_CONTROL);
        for total in &end.declared {
            self.transaction.execute(
                &format!(
                    "INSERT INTO {table} (batch_no, output_no, measure, expected_text, actual_text, verdict) \
                     VALUES (?1, -1, ?2, ?3, ?4, 'agrees')"
                ),
                &[
                    self.batch_no.into(),
                    format!("declared:{}", total.measure).into(),
                    total.expected.as_str().into(),
                    total.actual.as_str().into(),
                ],
            )?;
        }
        Ok(())
    }

    fn mark_dirty(&mut self) -> Result<()> {
        for account in &self.accounts {
            if account.rows.accepted > 0 {
                mark_dirty(self.transaction.as_mut(), self.dialect, account.table.name, self.batch_no)?;
            }
        }
        Ok(())
    }

    fn write_ledger(&mut self, from: &Position, to: &Position) -> Result<Ledger> {
        let batch_id =
            batch_id(&[self.job.pipeline, &self.job.unit.id, from.as_str(), to.as_str(), self.job.config_hash]);
        let entry = LedgerEntry {
            batch_no: self.batch_no,
            batch_id: &batch_id,
            run_no: self.job.run_no,
            pipeline: self.job.pipeline,
            unit_id: &self.job.unit.id,
            from: from.as_str(),
            to: to.as_str(),
            rows_read: self.rows_read,
            undecodable: self.undecodable,
            epoch: self.job.lease.epoch(),
            config_hash: self.job.config_hash,
        };
        write_ledger(self.transaction.as_mut(), self.dialect, &entry)?;
        Ok(Ledger { batch_id })
    }

    /// Moves the checkpoint from where this job found it, or stops: somebody else moved it.
    fn move_checkpoint(&mut self, to: &Position) -> Result<()> {
        let (table, now) = (self.dialect.stored(&ETL_CHECKPOINT), self.dialect.now());
        let (pipeline, unit, epoch) = (self.job.pipeline, self.job.unit.id.as_str(), self.job.lease.epoch());
        let moved = match &self.from {
            Some(from) => self.transaction.execute(
                &format!(
                    "UPDATE {table} SET position = ?3, epoch = ?4, updated_at = {now} \
                     WHERE pipeline = ?1 AND unit_id = ?2 AND position = ?5"
                ),
                &[pipeline.into(), unit.into(), to.as_str().into(), epoch.into(), from.as_str().into()],
            )?,
            None => self.transaction.execute(
                &format!(
                    "INSERT INTO {table} (pipeline, unit_id, position, epoch, updated_at) \
                     SELECT ?1, ?2, ?3, ?4, {now} \
                     WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE pipeline = ?1 AND unit_id = ?2)"
                ),
                &[pipeline.into(), unit.into(), to.as_str().into(), epoch.into()],
            )?,
        };
        if moved == 1 || planted("unfenced-writer") { Ok(()) } else { Err(self.job.lease.fenced()) }
    }
}

impl Ledger {
    /// A commit whose outcome is unknown says which ledger row tells it: the next run reads the checkpoint, which
    /// stands in the same transaction, and so goes on from the truth either way.
    fn explain(&self, error: Error) -> Error {
        if error.class() == ErrorClass::OutcomeUnknown {
            return error.next(format!(
                "the next run reads the checkpoint and goes on from there; etl_batch has batch_id {} if it was \
                 committed",
                self.batch_id
            ));
        }
        error
    }
}

/// A row of the ledger.
pub(super) struct LedgerEntry<'a> {
    pub batch_no: i64,
    pub batch_id: &'a str,
    pub run_no: i64,
    pub pipeline: &'a str,
    pub unit_id: &'a str,
    pub from: &'a str,
    pub to: &'a str,
    pub rows_read: u64,
    pub undecodable: u64,
    pub epoch: i64,
    pub config_hash: &'a str,
}

pub(super) fn write_ledger(
    transaction: &mut dyn Transaction,
    dialect: &dyn Dialect,
    entry: &LedgerEntry<'_>,
) -> Result<()> {
    let (table, now) = (dialect.stored(&ETL_BATCH), dialect.now());
    transaction.execute(
        &format!(
            "INSERT INTO {table} (batch_no, batch_id, run_no, pipeline, unit_id, position_from, position_to, \
             rows_read, rows_undecodable, epoch, app_version, config_hash, committed_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, {now})"
        ),
        &[
            entry.batch_no.into(),
            entry.batch_id.into(),
            entry.run_no.into(),
            entry.pipeline.into(),
            entry.unit_id.into(),
            entry.from.into(),
            entry.to.into(),
            integer(entry.rows_read).into(),
            integer(entry.undecodable).into(),
            entry.epoch.into(),
            env!("CARGO_PKG_VERSION").into(),
            entry.config_hash.into(),
        ],
    )?;
    Ok(())
}

pub(super) fn next_batch_no(transaction: &mut dyn Transaction, dialect: &dyn Dialect) -> Result<i64> {
    let table = dialect.stored(&ETL_BATCH);
    let highest = transaction.query(&format!("SELECT max(batch_no) FROM {table}"), &[])?;
    Ok(highest.rows.first().and_then(|row| row[0].as_integer()).unwrap_or(0) + 1)
}

pub(super) fn mark_dirty(
    transaction: &mut dyn Transaction,
    dialect: &dyn Dialect,
    table_name: &str,
    batch_no: i64,
) -> Result<()> {
    let table = dialect.stored(&ETL_DIRTY);
    transaction.execute(
        &format!(
            "INSERT INTO {table} (table_name, batch_no) SELECT ?1, ?2 \
             WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE table_name = ?1 AND batch_no = ?2)"
        ),
        &[table_name.into(), batch_no.into()],
    )?;
    Ok(())
}

/// What the warehouse itself says the batch brought to each table, against the accounts of the outputs that write it.
pub(super) fn verify(
    transaction: &mut dyn Transaction,
    dialect: &dyn Dialect,
    batch_no: i64,
    accounts: &[Account],
) -> Result<()> {
    let mut tables: Vec<Account> = Vec::new();
    for account in accounts {
        match tables.iter_mut().find(|table| table.table.name == account.table.name) {
            Some(table) => table.add(account),
            None => tables.push(account.clone()),
        }
    }
    tables.iter().try_for_each(|table| verify_table(transaction, dialect, batch_no, table))
}

fn verify_table(
    transaction: &mut dyn Transaction,
    dialect: &dyn Dialect,
    batch_no: i64,
    account: &Account,
) -> Result<()> {
    let table = dialect.stored(account.table);
    let found = transaction.query(&format!("SELECT count(*) FROM {table} WHERE batch_no = ?1"), &[batch_no.into()])?;
    let found = i128::from(found.rows.first().and_then(|row| row[0].as_integer()).unwrap_or_default());
    // A row updated twice in one batch is two acceptances and one row; only updates may explain a difference.
    if found < account.inserted || found > account.rows.accepted {
        return Err(Error::permanent(
            "account for",
            format!("batch {batch_no} of {}", account.table.name),
            format!(
                "{} rows were inserted and {} updated, but the warehouse holds {found}",
                account.inserted, account.updated
            ),
        )
        .next("nothing of this batch was written; this is a defect of campaignd, please report it"));
    }
    Ok(())
}

pub(super) fn write_accounts(
    transaction: &mut dyn Transaction,
    dialect: &dyn Dialect,
    batch_no: i64,
    accounts: &[Account],
) -> Result<()> {
    let table = dialect.stored(&ETL_CONTROL);
    for (output_no, account) in accounts.iter().enumerate() {
        for (measure, totals, unknown) in [("rows", Some(account.rows), 0), ("money", account.money, account.unknown)] {
            let Some(totals) = totals else { continue };
            let mut parameters =
                vec![batch_no.into(), integer(output_no as u64).into(), measure.into(), account.table.name.into()];
            for total in [totals.read, totals.accepted, totals.rejected, totals.filtered, totals.duplicate, unknown] {
                let total = i64::try_from(total).map_err(|_| {
                    Error::permanent(
                        "keep the totals of",
                        format!("batch {batch_no}"),
                        format!("{total} millionths don't fit 64 bits"),
                    )
                    .next("lower limits.commit_rows")
                })?;
                parameters.push(total.into());
            }
            transaction.execute(
                &format!(
                    "INSERT INTO {table} (batch_no, output_no, measure, record_kind, read_total, accepted_total, \
                     rejected_total, filtered_total, duplicate_total, unknown_total) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
                ),
                &parameters,
            )?;
        }
    }
    Ok(())
}

/// What makes a batch the same batch: SHA-256 of its parts, each with its length.
pub(super) fn batch_id(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn merge(totals: &mut Vec<Account>, accounts: Vec<Account>) {
    if totals.is_empty() {
        *totals = accounts;
        return;
    }
    for (total, account) in totals.iter_mut().zip(accounts) {
        total.add(&account);
    }
}

fn cut_short(job: &Job<'_>) -> Error {
    Error::new(ErrorClass::Transient, "read", &job.unit.name, "reading stopped before the end without saying why")
        .next("run the pipeline again; it goes on after the last checkpoint")
}

fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
