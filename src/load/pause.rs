//! Pipelines that an operator has paused: daemons start nothing of them. The word is kept in the warehouse, so every daemon
//! of it heeds it, also after a restart.

use std::collections::BTreeMap;

use campaignd_contract::{Result, Value, Warehouse};
use jiff::Timestamp;

use super::occurrence::read_instant;
use crate::model::operations::ETL_PIPELINE;

/// Who paused a pipeline, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Since when.
    pub at: Timestamp,
    /// Who: `user@host`.
    pub by: String,
    /// Why; empty where nothing was said.
    pub reason: String,
}

impl Pause {
    /// `paused by eve@ops: the sender is away`.
    pub fn told(&self) -> String {
        let reason = if self.reason.is_empty() { String::new() } else { format!(": {}", self.reason) };
        format!("paused by {}{reason}", self.by)
    }
}

/// Pauses a pipeline. Returns the pause that was there already, which stays as it is.
pub fn pause(warehouse: &mut dyn Warehouse, pipeline: &str, by: &str, reason: &str) -> Result<Option<Pause>> {
    let dialect = warehouse.dialect();
    let (table, now) = (dialect.stored(&ETL_PIPELINE), dialect.now());
    let reason: String = reason.chars().take(1_000).collect();
    let by: String = by.chars().take(200).collect();
    let mut transaction = warehouse.begin()?;
    // A pipeline that no daemon has met yet: its schedule counts from now on, as it would from then on.
    transaction.execute(
        &format!(
            "INSERT INTO {table} (pipeline, scheduled_since) SELECT ?1, {now} \
             WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE pipeline = ?1)"
        ),
        &[pipeline.into()],
    )?;
    let paused = transaction.execute(
        &format!(
            "UPDATE {table} SET paused_at = {now}, paused_by = ?2, pause_reason = ?3 \
             WHERE pipeline = ?1 AND paused_at IS NULL"
        ),
        &[pipeline.into(), by.into(), if reason.is_empty() { Value::Null } else { reason.into() }],
    )?;
    transaction.commit()?;
    if paused == 1 {
        return Ok(None);
    }
    Ok(pauses(warehouse)?.remove(pipeline))
}

/// Lets a pipeline go on. Returns the pause that ended; `None`: it wasn't paused.
pub fn resume(warehouse: &mut dyn Warehouse, pipeline: &str) -> Result<Option<Pause>> {
    let table = warehouse.dialect().stored(&ETL_PIPELINE);
    let before = pauses(warehouse)?.remove(pipeline);
    let mut transaction = warehouse.begin()?;
    let resumed = transaction.execute(
        &format!(
            "UPDATE {table} SET paused_at = NULL, paused_by = NULL, pause_reason = NULL \
             WHERE pipeline = ?1 AND paused_at IS NOT NULL"
        ),
        &[pipeline.into()],
    )?;
    transaction.commit()?;
    Ok(before.filter(|_| resumed == 1))
}

/// The pipelines that are paused.
pub fn pauses(warehouse: &mut dyn Warehouse) -> Result<BTreeMap<String, Pause>> {
    let table = warehouse.dialect().stored(&ETL_PIPELINE);
    let rows = warehouse.query(
        &format!("SELECT pipeline, paused_at, paused_by, pause_reason FROM {table} WHERE paused_at IS NOT NULL"),
        &[],
    )?;
    let text = |value: &Value| value.as_text().unwrap_or_default().to_owned();
    let paused = rows.rows.iter().map(|row| {
        // Somebody who wrote no moment there paused it all the same.
        let at = read_instant(&row[1]).unwrap_or(Timestamp::UNIX_EPOCH);
        (text(&row[0]), Pause { at, by: text(&row[2]), reason: text(&row[3]) })
    });
    Ok(paused.collect())
}
