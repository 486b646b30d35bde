//! The database file: how it is created and opened.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use campaignd_contract::{BuildContext, Dialect, Error, Result, Rows, Transaction, Value, Warehouse};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::transaction::{self, SqliteTransaction};
use crate::{SqliteDialect, SqliteSettings, arithmetic, error};

/// The embedded warehouse. Opens its file when it is first used, and again after an error of opening it.
pub struct SqliteWarehouse {
    path: PathBuf,
    cache_mebibytes: u32,
    busy_timeout: Duration,
    /// What errors call it.
    subject: String,
    connection: Option<Connection>,
}

impl SqliteWarehouse {
    /// The warehouse that the settings describe. Touches no file.
    pub fn new(settings: &SqliteSettings, context: &BuildContext) -> Self {
        let path = context.base_directory.join(&settings.path);
        Self {
            subject: format!("the warehouse {}", path.display()),
            path,
            cache_mebibytes: settings.cache_mebibytes,
            busy_timeout: Duration::from_secs(settings.busy_timeout_seconds.into()),
            connection: None,
        }
    }

    fn connection(&mut self) -> Result<(&Connection, &str)> {
        if self.connection.is_none() {
            self.connection = Some(self.open()?);
        }
        let connection = self.connection.as_ref().expect("it was opened just now");
        Ok((connection, &self.subject))
    }

    fn open(&self) -> Result<Connection> {
        create_private(&self.path).map_err(|wrong| {
            let next = match wrong.kind() {
                ErrorKind::NotFound => "create its folder",
                ErrorKind::PermissionDenied => "let the daemon's user write in its folder",
                _ => "",
            };
            Error::io("create", &self.subject, &wrong).next(next)
        })?;
        if self.path.is_dir() {
            return Err(
                Error::permanent(OPENING, &self.subject, "it is a folder").next("give `path` the name of a file")
            );
        }
        // No mutex: a connection is used by one thread at a time. No URI: a path is a path.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags).map_err(|wrong| {
            let (class, next) = error::class_of(&wrong, None);
            Error::new(class, OPENING, &self.subject, error::message(&wrong)).next(next)
        })?;
        if connection.is_readonly("main").unwrap_or(false) {
            return Err(Error::permanent(OPENING, &self.subject, "it can only be read")
                .next("let the daemon's user write the file and its folder"));
        }
        match self.prepare_in_turn(&connection) {
            Ok(mode) if mode == "wal" => {}
            Ok(mode) => {
                return Err(Error::permanent(
                    OPENING,
                    &self.subject,
                    format!("it can't keep a write-ahead log there, only journal mode `{mode}`"),
                )
                .next("move it to a local disk"));
            }
            Err(wrong) => return Err(error::classified(&connection, OPENING, &self.subject, &wrong)),
        }
        Ok(connection)
    }

    /// As [`Self::prepare`], again while others do the same to a new file: SQLite doesn't wait for a lock that it needs for
    /// a write-ahead log, since two who wait for each other would wait for ever.
    fn prepare_in_turn(&self, connection: &Connection) -> rusqlite::Result<String> {
        let started = Instant::now();
        loop {
            match self.prepare(connection) {
                Err(wrong)
                    if wrong.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                        && started.elapsed() < self.busy_timeout =>
                {
                    std::thread::sleep(BETWEEN_TRIES);
                }
                prepared => return prepared,
            }
        }
    }

    /// Sets the connection up and returns the journal mode.
    fn prepare(&self, connection: &Connection) -> rusqlite::Result<String> {
        connection.busy_timeout(self.busy_timeout)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.execute_batch(&format!(
            "PRAGMA page_size = {PAGE_BYTES};
             PRAGMA cache_size = -{};
             PRAGMA temp_store = FILE;
             PRAGMA foreign_keys = OFF;",
            u64::from(self.cache_mebibytes) * 1024
        ))?;
        let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        connection.execute_batch("PRAGMA synchronous = FULL")?;
        let page: u32 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
        let pages = LOG_BYTES / page.max(1);
        connection.query_row(&format!("PRAGMA wal_autocheckpoint = {pages}"), [], |_| Ok(()))?;
        connection.query_row(&format!("PRAGMA journal_size_limit = {LOG_BYTES}"), [], |_| Ok(()))?;
        arithmetic::register(connection)?;
        Ok(mode)
    }
}

const OPENING: &str = "open";
/// Setting up takes a millisecond or so.
const BETWEEN_TRIES: Duration = Duration::from_millis(5);
/// Statements kept prepared. The load, the ROI and the listings have a few dozen between them.
const STATEMENTS: usize = 128;
/// Bytes of a page, fixed when the file is created. Loading the call log of the bench took a tenth to a fifth longer with
/// pages of 4 KiB, and as long or longer with 16 KiB.
const PAGE_BYTES: u32 = 8192;
/// Bytes of the write-ahead log after which a commit copies it into the file. With 4 MiB, SQLite's default, every commit of
/// a load copies all it wrote, and loading takes a fifth longer; with 256 MiB it is no quicker.
const LOG_BYTES: u32 = 64 << 20;

/// Creates the file if it isn't there, so that only its owner can read it: SQLite would go by the umask, and gives the
/// log the rights of the file.
fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(wrong) if wrong.kind() == ErrorKind::AlreadyExists => Ok(()),
        other => other.map(drop),
    }
}

impl Warehouse for SqliteWarehouse {
    fn dialect(&self) -> &'static dyn Dialect {
        &SqliteDialect
    }

    fn query(&mut self, sql: &str, parameters: &[Value]) -> Result<Rows> {
        let (connection, subject) = self.connection()?;
        transaction::query(connection, sql, parameters)
            .map_err(|wrong| transaction::statement_error(connection, transaction::QUERYING, subject, wrong))
    }

    fn begin(&mut self) -> Result<Box<dyn Transaction + '_>> {
        let (connection, subject) = self.connection()?;
        Ok(Box::new(SqliteTransaction::begin(connection, subject)?))
    }
}
