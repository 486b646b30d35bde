//! What SQLite's result codes mean to the daemon, and what to do about them.

use std::io::ErrorKind;

use campaignd_contract::{Error, ErrorClass};
use rusqlite::ffi::ErrorCode;
use rusqlite::{Connection, ffi};

/// An error of SQLite as the contract's.
pub(crate) fn classified(connection: &Connection, doing: &str, subject: &str, error: &rusqlite::Error) -> Error {
    let (class, next) = class_of(error, system_error_of(connection));
    Error::new(class, doing, subject, message(error)).next(next)
}

/// The class of an error and what to do about it. `system` is the operating system's error behind it.
pub(crate) fn class_of(error: &rusqlite::Error, system: Option<ErrorKind>) -> (ErrorClass, &'static str) {
    let Some(code) = error.sqlite_error_code() else { return (ErrorClass::Permanent, "") };
    match code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => (
            ErrorClass::Transient,
            "another process kept writing for longer than `busy_timeout_seconds`: find out which",
        ),
        ErrorCode::SchemaChanged | ErrorCode::OperationInterrupted | ErrorCode::OutOfMemory => {
            (ErrorClass::Transient, "")
        }
        ErrorCode::DiskFull => (ErrorClass::NoSpace, NO_SPACE),
        ErrorCode::SystemIoFailure if matches!(system, Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded)) => {
            (ErrorClass::NoSpace, NO_SPACE)
        }
        ErrorCode::SystemIoFailure => {
            (ErrorClass::Permanent, "look for errors of the disk in the system's log; the file must be on a local disk")
        }
        ErrorCode::NotADatabase => {
            (ErrorClass::Permanent, "give `path` the name of a SQLite file, or one that doesn't exist yet")
        }
        ErrorCode::DatabaseCorrupt => {
            (ErrorClass::Permanent, "stop the daemon, keep a copy of the file, and restore a backup of it")
        }
        ErrorCode::ReadOnly => (ErrorClass::Permanent, "let the daemon's user write the file and its folder"),
        ErrorCode::CannotOpen | ErrorCode::PermissionDenied => {
            (ErrorClass::Permanent, "create its folder and let the daemon's user write there")
        }
        _ => (ErrorClass::Permanent, ""),
    }
}

const NO_SPACE: &str =
    "make room on the disk; nothing of the transaction was kept, and the work goes on from the last commit";

/// Whether the writing of a commit failed in a way that leaves it open whether the commit will be there after a
/// restart: its last page may have reached the disk although SQLite was told otherwise.
pub(crate) fn leaves_commit_open(error: &rusqlite::Error, class: ErrorClass) -> bool {
    class != ErrorClass::NoSpace && error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure)
}

/// What SQLite said, without the SQL it said it about.
pub(crate) fn message(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        rusqlite::Error::SqlInputError { msg, sql, offset, .. } => {
            let at: String = usize::try_from(*offset)
                .ok()
                .and_then(|offset| sql.get(offset..))
                .map(|rest| rest.chars().take(40).collect())
                .unwrap_or_default();
            if at.is_empty() { msg.clone() } else { format!("{msg}, at `{at}`") }
        }
        other => other.to_string(),
    }
}

/// The kind of the operating system's error behind the connection's last one.
pub(crate) fn system_error_of(connection: &Connection) -> Option<ErrorKind> {
    // SAFETY: the handle belongs to an open connection, borrowed for the call, which only reads a number from it.
    let errno = unsafe { ffi::sqlite3_system_errno(connection.handle()) };
    (errno != 0).then(|| std::io::Error::from_raw_os_error(errno).kind())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(code: i32, system: Option<ErrorKind>) -> ErrorClass {
        class_of(&rusqlite::Error::SqliteFailure(ffi::Error::new(code), None), system).0
    }

    #[test]
    fn codes_and_classes() {
        for (code, expected) in [
            (ffi::SQLITE_BUSY, ErrorClass::Transient),
            (ffi::SQLITE_BUSY_SNAPSHOT, ErrorClass::Transient),
            (ffi::SQLITE_LOCKED, ErrorClass::Transient),
            (ffi::SQLITE_FULL, ErrorClass::NoSpace),
            (ffi::SQLITE_NOTADB, ErrorClass::Permanent),
            (ffi::SQLITE_CORRUPT, ErrorClass::Permanent),
            (ffi::SQLITE_READONLY, ErrorClass::Permanent),
            (ffi::SQLITE_IOERR_FSYNC, ErrorClass::Permanent),
            (ffi::SQLITE_CONSTRAINT_NOTNULL, ErrorClass::Permanent),
        ] {
            assert_eq!(class(code, None), expected, "{code}");
        }
        assert_eq!(class(ffi::SQLITE_IOERR_WRITE, Some(ErrorKind::StorageFull)), ErrorClass::NoSpace);
        assert_eq!(class(ffi::SQLITE_IOERR_SHMSIZE, Some(ErrorKind::QuotaExceeded)), ErrorClass::NoSpace);
        assert_eq!(class(ffi::SQLITE_IOERR_WRITE, Some(ErrorKind::PermissionDenied)), ErrorClass::Permanent);
    }
}
