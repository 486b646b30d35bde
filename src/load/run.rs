//! Runs, as operations see them.

use campaignd_contract::{Error, Result, Value, Warehouse};

use super::lease::Lease;
use crate::model::operations::ETL_RUN;

/// Writes that a run starts, and returns its number.
pub fn start(warehouse: &mut dyn Warehouse, pipeline: &str, config_hash: &str, lease: &Lease) -> Result<i64> {
    let dialect = warehouse.dialect();
    let (table, now) = (dialect.stored(&ETL_RUN), dialect.now());
    let mut transaction = warehouse.begin()?;
    transaction.execute(
        &format!(
            "INSERT INTO {table} (pipeline, config_hash, app_version, owner, started_at, status) \
             VALUES (?1, ?2, ?3, ?4, {now}, 'running')"
        ),
        &[pipeline.into(), config_hash.into(), env!("CARGO_PKG_VERSION").into(), lease.owner().into()],
    )?;
    let number = transaction.query(&format!("SELECT max(run_no) FROM {table}"), &[])?;
    transaction.commit()?;
    number
        .rows
        .first()
        .and_then(|row| row[0].as_integer())
        .ok_or_else(|| Error::permanent("number", format!("the run of {pipeline}"), "the warehouse gave no number"))
}

/// Writes how it ended: one of the statuses of `etl_run`.
pub fn finish(warehouse: &mut dyn Warehouse, run_no: i64, status: &str, message: &str) -> Result<()> {
    let dialect = warehouse.dialect();
    let (table, now) = (dialect.stored(&ETL_RUN), dialect.now());
    let message: String = message.chars().take(1_000).collect();
    let mut transaction = warehouse.begin()?;
    transaction.execute(
        &format!("UPDATE {table} SET ended_at = {now}, status = ?2, message = ?3 WHERE run_no = ?1"),
        &[run_no.into(), status.into(), if message.is_empty() { Value::Null } else { message.into() }],
    )?;
    transaction.commit()
}
