//! Whether data has come by the time it was expected: late is a state that can be seen, and that clears itself.

use campaignd_contract::{Result, Value, Warehouse};
use jiff::{SignedDuration, Timestamp};

use super::scheduler::seconds;
use crate::load::occurrence::{instant, read_instant};
use crate::model::operations::{ETL_BATCH, ETL_EXPECTATION, ETL_FILE};
use crate::ops::{Announcer, events};
use crate::schedule::expectation::Expected;

/// At the time by which data must have come: writes whether it did since the time before.
pub fn judge(warehouse: &mut dyn Warehouse, pipeline: &str, expected: &Expected, announcer: &Announcer) -> Result<()> {
    let came = first_after(warehouse, pipeline, expected.since)?;
    let table = warehouse.dialect().stored(&ETL_EXPECTATION);
    let state = if came.is_some() { "met" } else { "late" };
    let mut transaction = warehouse.begin()?;
    let made = transaction.execute(
        &format!(
            "INSERT INTO {table} (pipeline, day, expected_by, state, met_at) SELECT ?1, ?2, ?3, ?4, ?5 \
             WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE pipeline = ?1 AND day = ?2)"
        ),
        &[pipeline.into(), Value::Date(days(expected)), instant(Some(expected.by)), state.into(), instant(came)],
    )?;
    transaction.commit()?;
    // Another daemon of the same warehouse may have told of it already.
    if made == 1 && came.is_none() {
        announcer.tell(&events::LATE.of(pipeline).with("expected_by", seconds(expected.by)));
    }
    Ok(())
}

/// Of those that are late, settles the ones whose data has come.
pub fn clear(warehouse: &mut dyn Warehouse, announcer: &Announcer) -> Result<()> {
    let table = warehouse.dialect().stored(&ETL_EXPECTATION);
    let late = warehouse.query(&format!("SELECT pipeline, day, expected_by FROM {table} WHERE state = 'late'"), &[])?;
    for row in &late.rows {
        let (Some(pipeline), Some(by)) = (row[0].as_text(), read_instant(&row[2])) else { continue };
        let Some(came) = first_after(warehouse, pipeline, by)? else { continue };
        let mut transaction = warehouse.begin()?;
        let cleared = transaction.execute(
            &format!(
                "UPDATE {table} SET state = 'met_late', met_at = ?3 \
                 WHERE pipeline = ?1 AND day = ?2 AND state = 'late'"
            ),
            &[pipeline.into(), row[1].clone(), instant(Some(came))],
        )?;
        transaction.commit()?;
        if cleared == 1 {
            let by_much = SignedDuration::from_secs(came.duration_since(by).as_secs());
            let event = events::LATE_CLEARED.of(pipeline).with("expected_by", seconds(by));
            announcer.tell(&event.with("late_by", format!("{by_much:#}")));
        }
    }
    Ok(())
}

/// Pipelines that are late.
pub fn late(warehouse: &mut dyn Warehouse) -> Result<Vec<String>> {
    let table = warehouse.dialect().stored(&ETL_EXPECTATION);
    let late = warehouse.query(&format!("SELECT DISTINCT pipeline FROM {table} WHERE state = 'late'"), &[])?;
    Ok(late.rows.iter().filter_map(|row| Some(row[0].as_text()?.to_owned())).collect())
}

/// When data of a pipeline came first after an instant: a batch that was committed, or a file without rows.
fn first_after(warehouse: &mut dyn Warehouse, pipeline: &str, after: Timestamp) -> Result<Option<Timestamp>> {
    let dialect = warehouse.dialect();
    let (batches, files) = (dialect.stored(&ETL_BATCH), dialect.stored(&ETL_FILE));
    let parameters = [pipeline.into(), instant(Some(after))];
    let batch = warehouse.query(
        &format!(
            "SELECT MIN(committed_at) FROM {batches} \
             WHERE pipeline = ?1 AND committed_at > ?2 AND position_from <> 'replay'"
        ),
        &parameters,
    )?;
    let file = warehouse.query(
        &format!(
            "SELECT MIN(finished_at) FROM {files} \
             WHERE pipeline = ?1 AND finished_at > ?2 AND state IN ('loaded', 'empty')"
        ),
        &parameters,
    )?;
    let instants = [batch, file];
    Ok(instants.iter().filter_map(|found| read_instant(found.rows.first()?.first()?)).min())
}

fn days(expected: &Expected) -> i32 {
    jiff::civil::date(1970, 1, 1).until(expected.day).map_or(0, |span| span.get_days())
}
