//! A transaction that holds the right to write from its start.

use arrow_array::RecordBatch;
use campaignd_contract::{Error, ErrorClass, Result, RowOutcome, Rows, Table, Transaction, Value};
use rusqlite::Connection;

use crate::values::StatementError;
use crate::{error, upsert, values};

/// A `BEGIN IMMEDIATE` transaction; dropped without commit, it is rolled back.
///
/// After an error it can only be dropped: every further call fails, the commit too, since a statement that failed
/// may have done half of its work.
pub(crate) struct SqliteTransaction<'w> {
    connection: &'w Connection,
    /// The warehouse, for errors.
    subject: &'w str,
    /// The first error, if there was one.
    failed: Option<(ErrorClass, String)>,
}

impl<'w> SqliteTransaction<'w> {
    pub(crate) fn begin(connection: &'w Connection, subject: &'w str) -> Result<Self> {
        connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(|wrong| error::classified(connection, "start a transaction in", subject, &wrong))?;
        Ok(Self { connection, subject, failed: None })
    }

    /// Does `work` unless something failed before, and remembers if it fails.
    fn guarded<T>(&mut self, doing: &str, work: impl FnOnce(&Connection, &str) -> Result<T>) -> Result<T> {
        if let Some((class, failed)) = &self.failed {
            let wrong = format!("the transaction failed before: {failed}");
            return Err(Error::new(*class, doing, self.subject, wrong).next("drop the transaction and start again"));
        }
        let result = work(self.connection, self.subject);
        if let Err(wrong) = &result {
            self.failed = Some((wrong.class(), wrong.to_string()));
        }
        result
    }
}

impl Transaction for SqliteTransaction<'_> {
    fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<u64> {
        self.guarded(EXECUTING, |connection, subject| {
            execute(connection, sql, parameters).map_err(|wrong| statement_error(connection, EXECUTING, subject, wrong))
        })
    }

    fn query(&mut self, sql: &str, parameters: &[Value]) -> Result<Rows> {
        self.guarded(QUERYING, |connection, subject| {
            query(connection, sql, parameters).map_err(|wrong| statement_error(connection, QUERYING, subject, wrong))
        })
    }

    fn upsert(
        &mut self,
        table: &'static Table,
        rows: &RecordBatch,
        constants: &[(&str, Value)],
        outcomes: &mut Vec<RowOutcome>,
    ) -> Result<()> {
        self.guarded("write to", |connection, _| upsert::upsert(connection, table, rows, constants, outcomes))
    }

    fn commit(mut self: Box<Self>) -> Result<()> {
        self.guarded(COMMITTING, |connection, subject| {
            connection.execute_batch("COMMIT").map_err(|wrong| {
                let (class, next) = error::class_of(&wrong, error::system_error_of(connection));
                if error::leaves_commit_open(&wrong, class) {
                    return Error::new(ErrorClass::OutcomeUnknown, COMMITTING, subject, error::message(&wrong))
                        .next("open it again and read the ledger");
                }
                Error::new(class, COMMITTING, subject, error::message(&wrong)).next(next)
            })
        })
    }
}

impl Drop for SqliteTransaction<'_> {
    fn drop(&mut self) {
        if !self.connection.is_autocommit() {
            // An error here means that SQLite has rolled back by itself, or will when the connection is closed:
            // `begin` refuses to go on in an open transaction.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }
}

const EXECUTING: &str = "run a statement in";
pub(crate) const QUERYING: &str = "query";
const COMMITTING: &str = "commit to";

fn execute(connection: &Connection, sql: &str, parameters: &[Value]) -> Result<u64, StatementError> {
    let before = connection.total_changes();
    let mut statement = connection.prepare_cached(sql)?;
    values::bind(&mut statement, parameters)?;
    statement.raw_execute()?;
    Ok(connection.total_changes() - before)
}

/// Runs a query and reads all of its answer.
pub(crate) fn query(connection: &Connection, sql: &str, parameters: &[Value]) -> Result<Rows, StatementError> {
    let mut statement = connection.prepare_cached(sql)?;
    values::bind(&mut statement, parameters)?;
    values::rows(&mut statement)
}

/// An error of a statement as the contract's.
pub(crate) fn statement_error(connection: &Connection, doing: &str, subject: &str, wrong: StatementError) -> Error {
    match wrong {
        StatementError::Sqlite(wrong) => error::classified(connection, doing, subject, &wrong),
        StatementError::Value(wrong) => Error::permanent(doing, subject, wrong),
    }
}
