//! Who may write for a pipeline. The epoch rises with every claim and is checked inside each transaction, so a
//! daemon that was paused and wakes up after another took over can't write any more.

use std::collections::BTreeMap;

use campaignd_contract::{
    Error, ErrorClass, Result, Transaction, Value, Warehouse,
    failpoint::{failpoint, planted},
};

use crate::model;

/// Whether the right to write could be had.
#[derive(Debug)]
pub enum Claimed {
    /// It could.
    Mine(Lease),
    /// Another process holds it; the error says which.
    Held(Error),
}

/// The right to write for one pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pipeline: String,
    epoch: i64,
    owner: String,
}

impl Lease {
    /// Claims the pipeline: a new epoch. It is held while another process has it, lives, and gave a sign of life within
    /// `lease_seconds`.
    pub fn claim(warehouse: &mut dyn Warehouse, pipeline: &str, lease_seconds: u32) -> Result<Claimed> {
        let dialect = warehouse.dialect();
        let (table, now) = (dialect.stored(&model::operations::ETL_LEASE), dialect.now());
        let age = dialect.seconds_since("heartbeat_at");
        let owner = owner();
        let mut transaction = warehouse.begin()?;
        let held = transaction
            .query(&format!("SELECT epoch, owner, {age} FROM {table} WHERE pipeline = ?1"), &[pipeline.into()])?;
        let epoch = if let Some(row) = held.rows.first() {
            let holder = row[1].as_text().unwrap_or_default();
            let fresh = row[2].as_integer().is_some_and(|age| age < i64::from(lease_seconds));
            if fresh && holder != owner && may_be_alive(holder) {
                let wrong = format!("{holder} is running it");
                let held = Error::new(ErrorClass::Transient, "claim the pipeline", pipeline, wrong);
                return Ok(Claimed::Held(held.next("wait until it has finished, or stop it")));
            }
            row[0].as_integer().unwrap_or(0) + 1
        } else {
            1
        };
        if held.rows.is_empty() {
            transaction.execute(
                &format!("INSERT INTO {table} (pipeline, epoch, owner, heartbeat_at) VALUES (?1, ?2, ?3, {now})"),
                &[pipeline.into(), epoch.into(), owner.as_str().into()],
            )?;
        } else {
            transaction.execute(
                &format!("UPDATE {table} SET epoch = ?2, owner = ?3, heartbeat_at = {now} WHERE pipeline = ?1"),
                &[pipeline.into(), epoch.into(), owner.as_str().into()],
            )?;
        }
        transaction.commit()?;
        failpoint("lease-claimed");
        Ok(Claimed::Mine(Self { pipeline: pipeline.to_owned(), epoch, owner }))
    }

    /// The epoch, stored with everything written under it.
    pub fn epoch(&self) -> i64 {
        self.epoch
    }

    /// Who holds it.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Inside a transaction: still mine, or an error of class `Fenced`. Also a sign of life.
    pub fn hold(&self, transaction: &mut dyn Transaction, table: &str, now: &str) -> Result<()> {
        let mine = transaction.execute(
            &format!("UPDATE {table} SET heartbeat_at = {now} WHERE pipeline = ?1 AND epoch = ?2"),
            &[self.pipeline.as_str().into(), self.epoch.into()],
        )?;
        if mine == 1 || planted("unfenced-writer") { Ok(()) } else { Err(self.fenced()) }
    }

    /// Inside the transaction that ends a run: gives it back, so that the next one need not wait. The epoch stays.
    pub fn give_back(&self, transaction: &mut dyn Transaction, table: &str) -> Result<()> {
        transaction.execute(
            &format!("UPDATE {table} SET owner = '' WHERE pipeline = ?1 AND epoch = ?2"),
            &[self.pipeline.as_str().into(), Value::Integer(self.epoch)],
        )?;
        Ok(())
    }

    /// Gives it back without a run.
    pub fn release(&self, warehouse: &mut dyn Warehouse) -> Result<()> {
        let table = warehouse.dialect().stored(&model::operations::ETL_LEASE);
        let mut transaction = warehouse.begin()?;
        self.give_back(transaction.as_mut(), &table)?;
        transaction.commit()
    }

    /// The error of one who lost the lease.
    pub fn fenced(&self) -> Error {
        Error::new(
            ErrorClass::Fenced,
            "load the pipeline",
            &self.pipeline,
            format!("another process took it over after epoch {}", self.epoch),
        )
        .next("nothing of this batch was written; the other process carries on")
    }
}

/// Who is at work on a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The process: `host:pid`.
    pub owner: String,
    /// Its epoch.
    pub epoch: i64,
    /// Seconds since its last sign of life.
    pub age_seconds: i64,
    /// Whether it may still write: it gave a sign of life within the lease, and isn't known to be dead.
    pub lives: bool,
}

/// The pipelines whose lease wasn't given back, and who holds it.
pub fn holders(warehouse: &mut dyn Warehouse, lease_seconds: u32) -> Result<BTreeMap<String, Holder>> {
    let dialect = warehouse.dialect();
    let table = dialect.stored(&model::operations::ETL_LEASE);
    let age = dialect.seconds_since("heartbeat_at");
    let held = warehouse.query(&format!("SELECT pipeline, owner, epoch, {age} FROM {table} WHERE owner <> ''"), &[])?;
    let holders = held.rows.iter().filter_map(|row| {
        let owner = row[1].as_text()?.to_owned();
        let age_seconds = row[3].as_integer()?;
        let lives = age_seconds < i64::from(lease_seconds) && may_be_alive(&owner);
        let holder = Holder { epoch: row[2].as_integer()?, owner, age_seconds, lives };
        Some((row[0].as_text()?.to_owned(), holder))
    });
    Ok(holders.collect())
}

/// Pipelines that another process is at work on, which lives and gave a sign of life within `lease_seconds`.
pub fn held_elsewhere(warehouse: &mut dyn Warehouse, lease_seconds: u32) -> Result<Vec<String>> {
    let me = owner();
    let holders = holders(warehouse, lease_seconds)?;
    Ok(holders.into_iter().filter(|(_, holder)| holder.lives && holder.owner != me).map(|(name, _)| name).collect())
}

/// Says of all these pipelines that this process is still at work on them. Those that it holds no more are left alone.
pub fn beat(warehouse: &mut dyn Warehouse, pipelines: &[String]) -> Result<()> {
    let dialect = warehouse.dialect();
    let (table, now) = (dialect.stored(&model::operations::ETL_LEASE), dialect.now());
    let owner = owner();
    let mut transaction = warehouse.begin()?;
    for pipeline in pipelines {
        transaction.execute(
            &format!("UPDATE {table} SET heartbeat_at = {now} WHERE pipeline = ?1 AND owner = ?2"),
            &[pipeline.as_str().into(), owner.as_str().into()],
        )?;
    }
    transaction.commit()
}

/// This process, as leases name it: `host:pid`.
pub fn owner() -> String {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    format!("{host}:{}", std::process::id())
}

/// Whether a holder may still write. Of another host nobody can tell; on this one the process table can.
fn may_be_alive(holder: &str) -> bool {
    let Some((host, pid)) = holder.rsplit_once(':') else { return false };
    if host != rustix::system::uname().nodename().to_string_lossy() {
        return true;
    }
    let Some(pid) = pid.parse().ok().and_then(rustix::process::Pid::from_raw) else { return false };
    !matches!(rustix::process::test_kill_process(pid), Err(rustix::io::Errno::SRCH))
}
