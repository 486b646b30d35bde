//! Occurrences of schedules, as the warehouse keeps them: a row for each time at which a pipeline was due, written before
//! its run starts. Its key can be there once only, so an occurrence can't run twice, whoever sees it first.

use std::collections::BTreeMap;

use campaignd_contract::{Dialect, Error, Result, Transaction, Value, Warehouse};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::model::operations::{ETL_OCCURRENCE, ETL_PIPELINE};

/// Which occurrence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The pipeline.
    pub pipeline: String,
    /// The local time the schedule names: `2026-03-29T02:30:00`.
    pub nominal_local: String,
    /// 0, or 1 for the second of two equal local times.
    pub fold: u8,
}

/// Why it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Its time came.
    Schedule,
    /// Its time had come while no daemon was there.
    CatchUp,
    /// Somebody asked for it.
    Backfill,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is to be run.
    Due,
    /// It is being run, or its daemon was lost.
    Running,
    /// It was run, and all is well.
    Succeeded,
    /// It was run, and a file waits for a person.
    Partly,
    /// It was run and failed, and isn't tried again.
    Failed,
    /// It was not run, on purpose.
    Skipped,
    /// It was not run: no daemon was there.
    Missed,
}

const ORIGINS: [(Origin, &str); 3] =
    [(Origin::Schedule, "schedule"), (Origin::CatchUp, "catch_up"), (Origin::Backfill, "backfill")];

const STATES: [(State, &str); 7] = [
    (State::Due, "due"),
    (State::Running, "running"),
    (State::Succeeded, "succeeded"),
    (State::Partly, "partly"),
    (State::Failed, "failed"),
    (State::Skipped, "skipped"),
    (State::Missed, "missed"),
];

impl Origin {
    /// As the table has it.
    pub fn word(self) -> &'static str {
        word(&ORIGINS, self)
    }
}

impl State {
    /// As the table has it.
    pub fn word(self) -> &'static str {
        word(&STATES, self)
    }

    /// The state that the table calls so.
    pub fn of_word(word: &str) -> Option<Self> {
        of_word(&STATES, word)
    }

    /// Whether something is still to be done for it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Due | Self::Running)
    }
}

fn word<T: Copy + PartialEq>(words: &[(T, &'static str)], of: T) -> &'static str {
    words.iter().find(|(value, _)| *value == of).map_or("", |(_, word)| word)
}

fn of_word<T: Copy>(words: &[(T, &'static str)], of: &str) -> Option<T> {
    words.iter().find(|(_, word)| *word == of).map(|(value, _)| *value)
}

/// An occurrence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// Which.
    pub key: Key,
    /// The instant it stands for.
    pub due_at: Timestamp,
    /// Start of the time whose data it brings, included.
    pub window_from: Timestamp,
    /// End of that time, not included.
    pub window_to: Timestamp,
    /// Why it is there.
    pub origin: Origin,
}

/// An occurrence and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The occurrence.
    pub occurrence: Occurrence,
    /// What became of it.
    pub state: State,
    /// Why it stands so; empty where there is nothing to say.
    pub reason: String,
    /// Runs that were begun for it.
    pub attempts: u32,
    /// Whether its next run tries quarantined files again.
    pub retry_files: bool,
    /// When it is tried again, where it failed in a way that may pass.
    pub retry_at: Option<Timestamp>,
    /// Its latest run.
    pub run_no: Option<i64>,
}

/// What a run leaves an occurrence in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The state.
    pub state: State,
    /// Why.
    pub reason: String,
    /// When it is tried again.
    pub retry_at: Option<Timestamp>,
}

/// Whether a run may begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It may; the row says so. How many runs were begun for it, this one included, and whether this one tries quarantined
    /// files again.
    Now(u32, bool),
    /// Somebody else has settled it.
    Settled(State),
}

/// Inside the transaction that starts a run: the row, made if it isn't there, says that it is running.
pub fn begin(
    transaction: &mut dyn Transaction,
    dialect: &dyn Dialect,
    occurrence: &Occurrence,
    run_no: i64,
) -> Result<Begun> {
    let (table, now) = (dialect.stored(&ETL_OCCURRENCE), dialect.now());
    insert(transaction, dialect, occurrence, State::Due, "")?;
    let [pipeline, nominal, fold] = key_values(&occurrence.key);
    let found = transaction.query(
        &format!(
            "SELECT state, attempts, retry_files FROM {table} \
             WHERE pipeline = ?1 AND nominal_local = ?2 AND fold = ?3"
        ),
        &[pipeline.clone(), nominal.clone(), fold.clone()],
    )?;
    let row = found.rows.first().ok_or_else(|| unreadable(&occurrence.key, "it is gone"))?;
    let state = row[0].as_text().and_then(State::of_word).ok_or_else(|| unreadable(&occurrence.key, "its state"))?;
    if !state.is_open() {
        return Ok(Begun::Settled(state));
    }
    transaction.execute(
        &format!(
            "UPDATE {table} SET state = 'running', run_no = ?4, attempts = attempts + 1, retry_at = NULL, \
             retry_files = 0, updated_at = {now} WHERE pipeline = ?1 AND nominal_local = ?2 AND fold = ?3"
        ),
        &[pipeline, nominal, fold, run_no.into()],
    )?;
    let attempts = u32::try_from(row[1].as_integer().unwrap_or(0)).unwrap_or(u32::MAX).saturating_add(1);
    Ok(Begun::Now(attempts, row[2].as_integer() == Some(1)))
}

/// Inside the transaction that ends a run: the row says what became of it.
pub fn settle(
    transaction: &mut dyn Transaction,
    dialect: &dyn Dialect,
    key: &Key,
    run_no: i64,
    settled: &Settled,
) -> Result<()> {
    let (table, now) = (dialect.stored(&ETL_OCCURRENCE), dialect.now());
    let [pipeline, nominal, fold] = key_values(key);
    transaction.execute(
        &format!(
            "UPDATE {table} SET state = ?5, reason = ?6, retry_at = ?7, updated_at = {now} \
             WHERE pipeline = ?1 AND nominal_local = ?2 AND fold = ?3 AND run_no = ?4"
        ),
        &[
            pipeline,
            nominal,
            fold,
            run_no.into(),
            settled.state.word().into(),
            reason(&settled.reason),
            instant(settled.retry_at),
        ],
    )?;
    Ok(())
}

/// Writes that an occurrence was not run, or is to be. Leaves a row that is settled as it is. One that says `running` was
/// left so by a daemon that died; if another one has begun it meanwhile, its end writes the truth.
pub fn note(warehouse: &mut dyn Warehouse, noted: &[(Occurrence, State, String)]) -> Result<()> {
    let dialect = warehouse.dialect();
    let (table, now) = (dialect.stored(&ETL_OCCURRENCE), dialect.now());
    let mut transaction = warehouse.begin()?;
    for (occurrence, state, why) in noted {
        if insert(transaction.as_mut(), dialect, occurrence, *state, why)? || *state == State::Due {
            continue;
        }
        let [pipeline, nominal, fold] = key_values(&occurrence.key);
        transaction.execute(
            &format!(
                "UPDATE {table} SET state = ?4, reason = ?5, retry_at = NULL, updated_at = {now} \
                 WHERE pipeline = ?1 AND nominal_local = ?2 AND fold = ?3 AND state IN ('due', 'running')"
            ),
            &[pipeline, nominal, fold, state.word().into(), reason(why)],
        )?;
    }
    transaction.commit()
}

/// Makes the row if there is none, and returns whether it did.
fn insert(
    transaction: &mut dyn Transaction,
    dialect: &dyn Dialect,
    occurrence: &Occurrence,
    state: State,
    why: &str,
) -> Result<bool> {
    let (table, now) = (dialect.stored(&ETL_OCCURRENCE), dialect.now());
    let [pipeline, nominal, fold] = key_values(&occurrence.key);
    let made = transaction.execute(
        &format!(
            "INSERT INTO {table} (pipeline, nominal_local, fold, due_at, window_from, window_to, origin, state, reason, \
             attempts, retry_files, updated_at) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, 0, {now} \
             WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE pipeline = ?1 AND nominal_local = ?2 AND fold = ?3)"
        ),
        &[
            pipeline,
            nominal,
            fold,
            instant(Some(occurrence.due_at)),
            instant(Some(occurrence.window_from)),
            instant(Some(occurrence.window_to)),
            occurrence.origin.word().into(),
            state.word().into(),
            reason(why),
        ],
    )?;
    Ok(made == 1)
}

/// All that something is still to be done for, in the order they are due.
pub fn open(warehouse: &mut dyn Warehouse) -> Result<Vec<Standing>> {
    select(warehouse, "state IN ('due', 'running') ORDER BY due_at, nominal_local, fold", &[])
}

/// The latest of each pipeline that was due by an instant.
pub fn latest(warehouse: &mut dyn Warehouse, by: Timestamp) -> Result<Vec<Standing>> {
    let table = warehouse.dialect().stored(&ETL_OCCURRENCE);
    let latest =
        format!("due_at = (SELECT MAX(due_at) FROM {table} o WHERE o.pipeline = {table}.pipeline AND o.due_at <= ?1)");
    select(warehouse, &format!("{latest} ORDER BY pipeline, nominal_local, fold"), &[instant(Some(by))])
}

/// Writes that the schedule of a pipeline counts from then on: nothing before it was missed.
pub fn count_from(warehouse: &mut dyn Warehouse, pipeline: &str, since: Timestamp) -> Result<()> {
    let table = warehouse.dialect().stored(&ETL_PIPELINE);
    let parameters = [pipeline.into(), instant(Some(since))];
    let mut transaction = warehouse.begin()?;
    let there =
        transaction.execute(&format!("UPDATE {table} SET scheduled_since = ?2 WHERE pipeline = ?1"), &parameters)?;
    if there == 0 {
        transaction
            .execute(&format!("INSERT INTO {table} (pipeline, scheduled_since) VALUES (?1, ?2)"), &parameters)?;
    }
    transaction.commit()
}

/// For each pipeline the instant up to which all that was due by `by` is known. What somebody asked for besides says
/// nothing about the times before it.
pub fn counted(warehouse: &mut dyn Warehouse, by: Timestamp) -> Result<BTreeMap<String, Timestamp>> {
    let dialect = warehouse.dialect();
    let (pipelines, occurrences) = (dialect.stored(&ETL_PIPELINE), dialect.stored(&ETL_OCCURRENCE));
    let rows = warehouse.query(
        &format!(
            "SELECT p.pipeline, p.scheduled_since, (SELECT MAX(o.due_at) FROM {occurrences} o \
             WHERE o.pipeline = p.pipeline AND o.due_at <= ?1 AND o.origin <> 'backfill') FROM {pipelines} p"
        ),
        &[instant(Some(by))],
    )?;
    let counted = rows.rows.iter().map(|row| {
        let name = row[0].as_text().unwrap_or_default().to_owned();
        let since = read_instant(&row[1]).ok_or_else(|| {
            Error::permanent("read", format!("{name} in etl_pipeline"), "scheduled_since is no instant")
                .next("somebody else has written it: put it right or delete the row")
        })?;
        let last = read_instant(&row[2]).unwrap_or(since);
        Ok((name, since.max(last)))
    });
    counted.collect()
}

/// The latest of a pipeline that were due by an instant, the latest first.
pub fn history(warehouse: &mut dyn Warehouse, pipeline: &str, by: Timestamp, at_most: u32) -> Result<Vec<Standing>> {
    let condition =
        format!("pipeline = ?1 AND due_at <= ?2 ORDER BY due_at DESC, nominal_local DESC, fold DESC LIMIT {at_most}");
    select(warehouse, &condition, &[pipeline.into(), instant(Some(by))])
}

/// The latest of a pipeline that is settled and didn't end well: failed, partly, skipped or missed.
pub fn latest_undone(warehouse: &mut dyn Warehouse, pipeline: &str) -> Result<Option<Standing>> {
    let condition = "pipeline = ?1 AND state IN ('failed', 'partly', 'skipped', 'missed') \
                     ORDER BY due_at DESC, nominal_local DESC, fold DESC LIMIT 1";
    Ok(select(warehouse, condition, &[pipeline.into()])?.into_iter().next())
}

/// Makes one due again, as if it hadn't been tried, its quarantined files included. Returns whether it did: not where its
/// state is another one by now.
pub fn retry(warehouse: &mut dyn Warehouse, standing: &Standing, why: &str) -> Result<bool> {
    let dialect = warehouse.dialect();
    let mut transaction = warehouse.begin()?;
    let key = &standing.occurrence.key;
    let reopened =
        reopen(transaction.as_mut(), dialect, key, &[standing.state], (standing.occurrence.origin, true), why)?;
    transaction.commit()?;
    Ok(reopened)
}

/// What asking for occurrences did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asked {
    /// So many weren't there before.
    pub added: u64,
    /// So many were settled and are due again.
    pub reopened: u64,
}

/// Writes that occurrences are to be run because somebody asks for them: those that aren't there, and those in one of
/// these states. All at once, or nothing.
pub fn ask(warehouse: &mut dyn Warehouse, occurrences: &[Occurrence], reopened: &[State], why: &str) -> Result<Asked> {
    let dialect = warehouse.dialect();
    let mut asked = Asked::default();
    let mut transaction = warehouse.begin()?;
    for occurrence in occurrences {
        if insert(transaction.as_mut(), dialect, occurrence, State::Due, why)? {
            asked.added += 1;
        } else if reopen(transaction.as_mut(), dialect, &occurrence.key, reopened, (Origin::Backfill, false), why)? {
            asked.reopened += 1;
        }
    }
    transaction.commit()?;
    Ok(asked)
}

fn reopen(
    transaction: &mut dyn Transaction,
    dialect: &dyn Dialect,
    key: &Key,
    from: &[State],
    (origin, retry_files): (Origin, bool),
    why: &str,
) -> Result<bool> {
    let (table, now) = (dialect.stored(&ETL_OCCURRENCE), dialect.now());
    let from: Vec<String> = from.iter().map(|state| format!("'{}'", state.word())).collect();
    let [pipeline, nominal, fold] = key_values(key);
    let changed = transaction.execute(
        &format!(
            "UPDATE {table} SET state = 'due', reason = ?4, origin = ?5, attempts = 0, retry_files = ?6, retry_at = NULL, \
             updated_at = {now} WHERE pipeline = ?1 AND nominal_local = ?2 AND fold = ?3 AND state IN ({})",
            from.join(", ")
        ),
        &[pipeline, nominal, fold, reason(why), origin.word().into(), i64::from(retry_files).into()],
    )?;
    Ok(changed == 1)
}

/// One of them, if it is there.
pub fn find(warehouse: &mut dyn Warehouse, key: &Key) -> Result<Option<Standing>> {
    let found = select(warehouse, "pipeline = ?1 AND nominal_local = ?2 AND fold = ?3", &key_values(key))?;
    Ok(found.into_iter().next())
}

/// Those for which `condition`, SQL over the table's columns, is true.
pub fn select(warehouse: &mut dyn Warehouse, condition: &str, parameters: &[Value]) -> Result<Vec<Standing>> {
    let table = warehouse.dialect().stored(&ETL_OCCURRENCE);
    let rows = warehouse.query(
        &format!(
            "SELECT pipeline, nominal_local, fold, due_at, window_from, window_to, origin, state, reason, attempts, \
             retry_files, retry_at, run_no FROM {table} WHERE {condition}"
        ),
        parameters,
    )?;
    rows.rows.iter().map(|row| standing(row)).collect()
}

fn standing(row: &[Value]) -> Result<Standing> {
    let text = |column: usize| row[column].as_text().unwrap_or_default();
    let integer = |column: usize| row[column].as_integer();
    let key = Key {
        pipeline: text(0).to_owned(),
        nominal_local: text(1).to_owned(),
        fold: integer(2).and_then(|fold| u8::try_from(fold).ok()).unwrap_or(0),
    };
    let known = |column: usize, what: &str| read_instant(&row[column]).ok_or_else(|| unreadable(&key, what));
    Ok(Standing {
        occurrence: Occurrence {
            due_at: known(3, "when it is due")?,
            window_from: known(4, "its window")?,
            window_to: known(5, "its window")?,
            origin: of_word(&ORIGINS, text(6)).ok_or_else(|| unreadable(&key, "its origin"))?,
            key: key.clone(),
        },
        state: State::of_word(text(7)).ok_or_else(|| unreadable(&key, "its state"))?,
        reason: text(8).to_owned(),
        attempts: integer(9).and_then(|attempts| u32::try_from(attempts).ok()).unwrap_or(0),
        retry_files: integer(10) == Some(1),
        retry_at: read_instant(&row[11]),
        run_no: integer(12),
    })
}

fn unreadable(key: &Key, what: &str) -> Error {
    let subject = format!("{} of {} in etl_occurrence", key.nominal_local, key.pipeline);
    Error::permanent("read", subject, format!("{what} isn't what it should be"))
        .next("somebody else has written it: put it right or delete the row")
}

fn key_values(key: &Key) -> [Value; 3] {
    [key.pipeline.as_str().into(), key.nominal_local.as_str().into(), i64::from(key.fold).into()]
}

fn reason(text: &str) -> Value {
    let short: String = text.chars().take(1_000).collect();
    if short.is_empty() { Value::Null } else { short.into() }
}

/// An instant as a parameter.
pub fn instant(instant: Option<Timestamp>) -> Value {
    instant.map_or(Value::Null, |instant| Value::Timestamp(instant.as_microsecond()))
}

/// An instant as a query returned it.
pub fn read_instant(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Timestamp(micros) => Timestamp::from_microsecond(*micros).ok(),
        Value::Text(text) => text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp()),
        _ => None,
    }
}
