//! Runs, as operations see them.

use campaignd_contract::{Dialect, Error, Result, Transaction, Value, Warehouse};

use super::lease::Lease;
use super::occurrence::{self, Begun, Occurrence, Settled, State};
use crate::model::operations::{ETL_LEASE, ETL_RUN};

/// A run that was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Started {
    /// Its number.
    pub number: i64,
    /// Runs that were begun for its occurrence, this one included.
    pub attempts: u32,
    /// Whether its occurrence asks for quarantined files to be tried again.
    pub retry_files: bool,
}

/// Writes that a run starts of somebody's own accord, and returns its number.
pub fn start(warehouse: &mut dyn Warehouse, pipeline: &str, config_hash: &str, lease: &Lease) -> Result<i64> {
    let dialect = warehouse.dialect();
    let mut transaction = warehouse.begin()?;
    let number = insert(transaction.as_mut(), dialect, pipeline, config_hash, lease)?;
    transaction.commit()?;
    Ok(number)
}

/// Writes that a run of an occurrence starts. Where the occurrence was settled meanwhile, nothing starts.
pub fn start_due(
    warehouse: &mut dyn Warehouse,
    config_hash: &str,
    lease: &Lease,
    occurrence: &Occurrence,
) -> Result<Result<Started, State>> {
    let dialect = warehouse.dialect();
    let mut transaction = warehouse.begin()?;
    let number = insert(transaction.as_mut(), dialect, &occurrence.key.pipeline, config_hash, lease)?;
    Ok(match occurrence::begin(transaction.as_mut(), dialect, occurrence, number)? {
        Begun::Now(attempts, retry_files) => {
            transaction.commit()?;
            Ok(Started { number, attempts, retry_files })
        }
        Begun::Settled(state) => Err(state),
    })
}

fn insert(
    transaction: &mut dyn Transaction,
    dialect: &dyn Dialect,
    pipeline: &str,
    config_hash: &str,
    lease: &Lease,
) -> Result<i64> {
    let (table, now) = (dialect.stored(&ETL_RUN), dialect.now());
    lease.hold(transaction, &dialect.stored(&ETL_LEASE), now)?;
    transaction.execute(
        &format!(
            "INSERT INTO {table} (pipeline, config_hash, app_version, owner, started_at, status) \
             VALUES (?1, ?2, ?3, ?4, {now}, 'running')"
        ),
        &[pipeline.into(), config_hash.into(), env!("CARGO_PKG_VERSION").into(), lease.owner().into()],
    )?;
    let number = transaction.query(&format!("SELECT max(run_no) FROM {table}"), &[])?;
    number
        .rows
        .first()
        .and_then(|row| row[0].as_integer())
        .ok_or_else(|| Error::permanent("number", format!("the run of {pipeline}"), "the warehouse gave no number"))
}

/// Writes how it ended, one of the statuses of `etl_run`, and what becomes of its occurrence, and gives the lease back: all
/// at once, or nothing where somebody else has taken over.
pub fn finish(
    warehouse: &mut dyn Warehouse,
    run_no: i64,
    lease: &Lease,
    (status, message): (&str, &str),
    occurrence: Option<(&Occurrence, &Settled)>,
) -> Result<()> {
    let dialect = warehouse.dialect();
    let (table, now) = (dialect.stored(&ETL_RUN), dialect.now());
    let message: String = message.chars().take(1_000).collect();
    let mut transaction = warehouse.begin()?;
    lease.hold(transaction.as_mut(), &dialect.stored(&ETL_LEASE), now)?;
    transaction.execute(
        &format!("UPDATE {table} SET ended_at = {now}, status = ?2, message = ?3 WHERE run_no = ?1"),
        &[run_no.into(), status.into(), if message.is_empty() { Value::Null } else { message.into() }],
    )?;
    if let Some((occurrence, settled)) = occurrence {
        occurrence::settle(transaction.as_mut(), dialect, &occurrence.key, run_no, settled)?;
    }
    lease.give_back(transaction.as_mut(), &dialect.stored(&ETL_LEASE))?;
    transaction.commit()
}
