//! A statement that runs once a row, on values that stay where they are.
//!
//! `rusqlite` copies every text it binds into memory of SQLite's, which then copies it into the record: with a dozen
//! texts a row that is a dozen allocations. Here SQLite is lent the text for the one step that reads it.
//!
//! The only unsafe code of the crate besides one call in `error`. Its argument is in [`RowStatement::run`].

use std::ffi::{c_int, c_void};
use std::marker::PhantomData;
use std::ptr::NonNull;

use campaignd_contract::Value;
use rusqlite::{Connection, ffi};

use crate::moment::MomentText;

/// A value as SQLite stores it, borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// What gives the cell of a row.
pub(crate) trait CellSource {
    /// The cell of that row, valid until the next call. An error is a value that SQLite can't store.
    fn cell(&mut self, row: usize) -> Result<Cell<'_>, String>;
}

/// Why a row couldn't be written.
#[derive(Debug)]
pub(crate) enum RowError {
    /// The value of the source with this index can't be stored.
    Value(usize, String),
    /// SQLite refused.
    Sqlite(rusqlite::Error),
}

/// A prepared statement that returns no rows. Its parameters are numbered: first those that change with each row,
/// then the constants.
pub(crate) struct RowStatement<'c> {
    handle: NonNull<ffi::sqlite3_stmt>,
    database: NonNull<ffi::sqlite3>,
    connection: PhantomData<&'c Connection>,
}

impl<'c> RowStatement<'c> {
    /// Prepares `sql` and binds `constants` to the parameters after the first `varying`.
    pub(crate) fn new(
        connection: &'c Connection,
        sql: &str,
        varying: usize,
        constants: &[&Value],
    ) -> rusqlite::Result<Self> {
        let length = c_int::try_from(sql.len()).map_err(|_| failure(ffi::SQLITE_TOOBIG))?;
        let mut handle = std::ptr::null_mut();
        // SAFETY: the database handle is that of an open connection, which `PhantomData` keeps borrowed as long as the
        // statement lives; it is used for nothing but this statement. `sql` is read for `length` bytes in the call.
        let (database, code) = unsafe {
            let database = connection.handle();
            let code =
                ffi::sqlite3_prepare_v2(database, sql.as_ptr().cast(), length, &raw mut handle, std::ptr::null_mut());
            (database, code)
        };
        let database = NonNull::new(database).ok_or_else(|| failure(ffi::SQLITE_MISUSE))?;
        if code != ffi::SQLITE_OK {
            return Err(last_error(database, code));
        }
        let handle = NonNull::new(handle).ok_or_else(|| failure(ffi::SQLITE_MISUSE))?;
        let mut statement = Self { handle, database, connection: PhantomData };
        let mut moment = MomentText::new();
        for (index, constant) in constants.iter().enumerate() {
            let cell = constant_cell(constant, &mut moment)
                .map_err(|message| rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_RANGE), Some(message)))?;
            // SAFETY: SQLITE_TRANSIENT has SQLite copy the value before the call returns.
            unsafe { statement.bind(varying + index, cell, ffi::SQLITE_TRANSIENT()) }?;
        }
        Ok(statement)
    }

    /// Binds the cells of `row` to the first parameters, runs the statement and returns how many rows it changed.
    pub(crate) fn run<'a, S: CellSource>(&mut self, sources: &'a mut [S], row: usize) -> Result<u64, RowError> {
        for (index, source) in sources.iter_mut().enumerate() {
            let cell: Cell<'a> = source.cell(row).map_err(|message| RowError::Value(index, message))?;
            // SAFETY: SQLITE_STATIC has SQLite keep a pointer and read it when the statement is stepped. The only
            // step is the one below, and `cell` is borrowed from `sources` for 'a, which outlives this call: nothing
            // can change or free it before the step is over. After it SQLite still holds the pointers but doesn't
            // follow them: rebinding and finalizing a static value free nothing, and every later step comes after
            // this loop has replaced all of them. A row that fails half-way through the loop isn't stepped.
            unsafe { self.bind(index, cell, ffi::SQLITE_STATIC()) }.map_err(RowError::Sqlite)?;
        }
        // SAFETY: both handles are live, see `new`. The step ends before `sources` is given back; reset makes the
        // statement ready for the next row and repeats the step's code, which is looked at already.
        unsafe {
            let code = ffi::sqlite3_step(self.handle.as_ptr());
            let result = match code {
                ffi::SQLITE_DONE => {
                    Ok(u64::try_from(ffi::sqlite3_changes64(self.database.as_ptr())).unwrap_or_default())
                }
                ffi::SQLITE_ROW => Err(RowError::Sqlite(failure(ffi::SQLITE_MISUSE))),
                _ => Err(RowError::Sqlite(last_error(self.database, code))),
            };
            ffi::sqlite3_reset(self.handle.as_ptr());
            result
        }
    }

    /// Binds `cell` to the parameter with this index, the first being 0.
    ///
    /// # Safety
    ///
    /// With `SQLITE_STATIC`, what `cell` borrows must stay as it is during every step before the parameter is bound
    /// again.
    unsafe fn bind(
        &mut self,
        index: usize,
        cell: Cell<'_>,
        lifetime: Option<unsafe extern "C" fn(*mut c_void)>,
    ) -> rusqlite::Result<()> {
        let parameter = c_int::try_from(index + 1).map_err(|_| failure(ffi::SQLITE_RANGE))?;
        let handle = self.handle.as_ptr();
        // SAFETY: the statement is live and not in the middle of a step. Pointers of slices are never null, not even
        // of empty ones, so that empty text stays text.
        let code = unsafe {
            match cell {
                Cell::Null => ffi::sqlite3_bind_null(handle, parameter),
                Cell::Integer(number) => ffi::sqlite3_bind_int64(handle, parameter, number),
                Cell::Text(text) => {
                    ffi::sqlite3_bind_text64(handle, parameter, text.as_ptr().cast(), text.len() as u64, lifetime, UTF8)
                }
                Cell::Bytes(bytes) => {
                    ffi::sqlite3_bind_blob64(handle, parameter, bytes.as_ptr().cast(), bytes.len() as u64, lifetime)
                }
            }
        };
        if code == ffi::SQLITE_OK { Ok(()) } else { Err(last_error(self.database, code)) }
    }
}

/// The encoding of bound text.
const UTF8: u8 = ffi::SQLITE_UTF8 as u8;

impl Drop for RowStatement<'_> {
    fn drop(&mut self) {
        // SAFETY: the handle is live and nobody else has it. The code repeats that of the last step.
        unsafe { ffi::sqlite3_finalize(self.handle.as_ptr()) };
    }
}

/// A constant as a cell. Dates and timestamps are written into `moment`.
pub(crate) fn constant_cell<'a>(value: &'a Value, moment: &'a mut MomentText) -> Result<Cell<'a>, String> {
    Ok(match value {
        Value::Null => Cell::Null,
        Value::Integer(number) | Value::Micros(number) => Cell::Integer(*number),
        Value::Text(text) => Cell::Text(text),
        Value::Bytes(bytes) => Cell::Bytes(bytes),
        Value::Date(day) => Cell::Text(
            moment
                .date(i64::from(*day))
                .ok_or_else(|| format!("{day} days after 1970-01-01 is outside years 1 to 9999"))?,
        ),
        Value::Timestamp(micros) => Cell::Text(
            moment
                .timestamp(*micros)
                .ok_or_else(|| format!("{micros} microseconds after 1970-01-01 is outside years 1 to 9999"))?,
        ),
    })
}

fn failure(code: c_int) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)
}

fn last_error(database: NonNull<ffi::sqlite3>, code: c_int) -> rusqlite::Error {
    // SAFETY: the database is open; the message belongs to it, ends with a zero byte and is copied before the next call.
    let message = unsafe {
        let message = ffi::sqlite3_errmsg(database.as_ptr());
        (!message.is_null()).then(|| std::ffi::CStr::from_ptr(message).to_string_lossy().into_owned())
    };
    rusqlite::Error::SqliteFailure(ffi::Error::new(code), message)
}
