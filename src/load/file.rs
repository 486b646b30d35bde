//! What the warehouse knows of files: identity is content, the name is an attribute.

use campaignd_contract::{Candidate, Dialect, Position, Result, Revision, Transaction, Unit, Value, Warehouse};

use crate::model::operations::{ETL_CHECKPOINT, ETL_FILE};

/// What to do with a file that was claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Load it, after the checkpoint where there is one.
    Load(Option<Position>),
    /// It is loaded already, under this name: only its release is left.
    Done,
    /// Its content was loaded under the name given here.
    Duplicate(String),
    /// The name was loaded with other content.
    Held(String),
    /// It was quarantined before, for this reason.
    Quarantined(String),
}

/// What an operator has decided about files that wait for a decision.
#[derive(Debug, Clone, Default)]
pub struct Decisions {
    /// Try quarantined files again.
    pub retry: bool,
    /// Names of held files to load.
    pub accept: Vec<String>,
}

/// Looks the file up.
pub fn consider(
    warehouse: &mut dyn Warehouse,
    pipeline: &str,
    unit: &Unit,
    revision: Revision,
    decisions: &Decisions,
) -> Result<Verdict> {
    let dialect = warehouse.dialect();
    let (files, checkpoints) = (dialect.stored(&ETL_FILE), dialect.stored(&ETL_CHECKPOINT));
    let same_content = warehouse.query(
        &format!(
            "SELECT name, state, reason FROM {files} WHERE pipeline = ?1 AND unit_id = ?2 \
             AND state IN ('loading', 'loaded', 'quarantined', 'empty') ORDER BY first_seen_at, name"
        ),
        &[pipeline.into(), unit.id.as_str().into()],
    )?;
    let mut resume = false;
    for row in &same_content.rows {
        let [name, state, reason] = [0, 1, 2].map(|column| row[column].as_text().unwrap_or_default());
        match state {
            "loaded" | "empty" if name == unit.name => return Ok(Verdict::Done),
            "loaded" => return Ok(Verdict::Duplicate(name.to_owned())),
            "quarantined" if !decisions.retry => return Ok(Verdict::Quarantined(reason.to_owned())),
            "loading" => resume = true,
            _ => {}
        }
    }
    let accepted = decisions.accept.iter().any(|name| name == &unit.name);
    if !resume && revision == Revision::Hold && !accepted {
        let same_name = warehouse.query(
            &format!(
                "SELECT unit_id FROM {files} WHERE pipeline = ?1 AND name = ?2 AND unit_id <> ?3 \
                 AND state IN ('loading', 'loaded') ORDER BY first_seen_at"
            ),
            &[pipeline.into(), unit.name.as_str().into(), unit.id.as_str().into()],
        )?;
        if let Some(row) = same_name.rows.last() {
            let before = row[0].as_text().unwrap_or_default();
            return Ok(Verdict::Held(format!(
                "{} was loaded before with other content ({}); is it a correction or a mistake? \
                 `campaignd once {pipeline} --accept '{}'` loads it",
                unit.name,
                short(before),
                unit.name
            )));
        }
    }
    let checkpoint = warehouse.query(
        &format!("SELECT position FROM {checkpoints} WHERE pipeline = ?1 AND unit_id = ?2"),
        &[pipeline.into(), unit.id.as_str().into()],
    )?;
    Ok(Verdict::Load(checkpoint.rows.first().and_then(|row| row[0].as_text()).map(Position::new)))
}

/// What is written of a file.
#[derive(Debug, Clone, Default)]
pub struct Mark<'a> {
    /// One of the states of `etl_file`.
    pub state: &'static str,
    /// Why, where it wasn't loaded.
    pub reason: Option<&'a str>,
    /// The layout its rows need to be read again.
    pub layout: Option<&'a [u8]>,
    /// Rows read of it since the last mark.
    pub rows_read: u64,
    /// Name under which the same content was loaded.
    pub duplicate_of: Option<&'a str>,
}

/// Writes what became of a file, inside a transaction.
pub fn mark(
    transaction: &mut dyn Transaction,
    dialect: &dyn Dialect,
    pipeline: &str,
    candidate: &Candidate,
    unit: &Unit,
    mark: &Mark<'_>,
) -> Result<()> {
    let (table, now) = (dialect.stored(&ETL_FILE), dialect.now());
    let finished = if mark.state == "loading" { "NULL" } else { now };
    let rows_read = i64::try_from(mark.rows_read).unwrap_or(i64::MAX);
    let parameters = [
        pipeline.into(),
        unit.name.as_str().into(),
        unit.id.as_str().into(),
        mark.state.into(),
        mark.reason.into(),
        mark.layout.map_or(Value::Null, |layout| Value::Bytes(layout.to_vec())),
        rows_read.into(),
        mark.duplicate_of.into(),
    ];
    let changed = transaction.execute(
        &format!(
            "UPDATE {table} SET state = ?4, reason = ?5, layout = coalesce(?6, layout), \
             rows_read = coalesce(rows_read, 0) + ?7, duplicate_of = ?8, finished_at = {finished} \
             WHERE pipeline = ?1 AND name = ?2 AND unit_id = ?3"
        ),
        &parameters,
    )?;
    if changed == 0 {
        let bytes = candidate.bytes.and_then(|bytes| i64::try_from(bytes).ok());
        let modified = candidate.modified.map_or(Value::Null, |seconds| Value::Timestamp(seconds * 1_000_000));
        transaction.execute(
            &format!(
                "INSERT INTO {table} (pipeline, name, unit_id, state, reason, layout, rows_read, duplicate_of, \
                 bytes, modified_at, first_seen_at, finished_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, {now}, {finished})"
            ),
            &[&parameters[..], &[bytes.into(), modified]].concat(),
        )?;
    }
    Ok(())
}

/// Names of the files that came, in the order they came: those that were loaded, also as another's duplicate.
pub fn names_seen(warehouse: &mut dyn Warehouse, pipeline: &str) -> Result<Vec<String>> {
    let files = warehouse.dialect().stored(&ETL_FILE);
    let rows = warehouse.query(
        &format!(
            "SELECT name FROM {files} WHERE pipeline = ?1 AND state IN ('loading', 'loaded', 'duplicate', 'empty') \
             ORDER BY first_seen_at, name"
        ),
        &[pipeline.into()],
    )?;
    Ok(rows.rows.iter().filter_map(|row| row[0].as_text().map(str::to_owned)).collect())
}

/// Rows of a file that were read and committed so far.
pub fn rows_read(transaction: &mut dyn Transaction, dialect: &dyn Dialect, pipeline: &str, unit: &Unit) -> Result<u64> {
    let found = transaction.query(
        &format!(
            "SELECT sum(rows_read) FROM {} WHERE pipeline = ?1 AND unit_id = ?2 AND state = 'loading'",
            dialect.stored(&ETL_FILE)
        ),
        &[pipeline.into(), unit.id.as_str().into()],
    )?;
    let rows = found.rows.first().and_then(|row| row[0].as_integer()).unwrap_or_default();
    Ok(u64::try_from(rows).unwrap_or_default())
}

/// Writes what became of a file that isn't loaded, in a transaction of its own.
pub fn mark_alone(
    warehouse: &mut dyn Warehouse,
    pipeline: &str,
    candidate: &Candidate,
    unit: &Unit,
    what: &Mark<'_>,
) -> Result<()> {
    let dialect = warehouse.dialect();
    let mut transaction = warehouse.begin()?;
    mark(transaction.as_mut(), dialect, pipeline, candidate, unit, what)?;
    transaction.commit()
}

/// A content identity that fits a line.
fn short(unit_id: &str) -> String {
    let hex = unit_id.split(':').nth(1).unwrap_or(unit_id);
    format!("sha256 {}…", hex.chars().take(12).collect::<String>())
}
