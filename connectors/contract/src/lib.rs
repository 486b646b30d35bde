//! What every way in and out of campaignd promises.
//!
//! A *source* finds units (files, queues, table slices) and makes each of them readable as often as
//! needed. A *format* turns the bytes of a unit into Arrow batches and says of each row where it came
//! from. A *warehouse* takes records, rejects, ledger and checkpoint in one transaction. Only after that
//! transaction is the source released.
//!
//! The contract is synchronous on purpose: ODBC, libssh2 and SQLite block, decoding is CPU work, and both
//! belong on threads of their own. A connector whose library is asynchronous blocks on it inside its thread.
//!
//! Delivery, in one paragraph: a unit is identified by what it is (a file by its content), a checkpoint is
//! the position up to which the warehouse holds everything of a unit, the two are written in the same
//! transaction, and [`Source::release`] is called only after the commit and may be called again. So a crash
//! between any two steps repeats work, and repeating it changes nothing.

mod batch;
mod date_in_name;
mod error;
pub mod failpoint;
mod format;
mod position;
mod secret;
mod settings;
mod source;
mod supervision;
mod table;
mod warehouse;

pub mod conformance;

pub use batch::{Batch, Place, Undecodable};
pub use date_in_name::date_in_name;
pub use error::{Error, ErrorClass, Result};
pub use format::{
    BatchLimits, BatchReader, ByteSource, Completeness, ControlRecord, FileBytes, Format, MemoryBytes, ReadSeek,
    ReplayRecord,
};
pub use position::{FilePosition, Position};
pub use secret::{Secret, SecretError, SecretReference};
pub use settings::{BuildContext, ConnectorSettings, SettingsProblem};
pub use source::{Candidate, Claim, Companion, Outcome, Payload, Readiness, Released, Revision, Source, Unit};
pub use supervision::{Supervision, stopped};
pub use table::{Column, ColumnType, Group, Index, Input, InputKind, Table, Term};
pub use warehouse::{Dialect, RowOutcome, Rows, Transaction, Value, Warehouse};
