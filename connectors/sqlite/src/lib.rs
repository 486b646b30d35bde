//! The embedded warehouse: one SQLite file, written by this daemon, read by whoever has `sqlite3`.
//!
//! What it promises beyond [`campaignd_contract::Warehouse`]:
//!
//! - **Durable**: write-ahead log, `synchronous=FULL`. A commit that returned has survived a power cut.
//! - **Readable meanwhile**: readers neither wait for a writer nor stop it. A second writer waits for
//!   `busy_timeout_seconds`, then gets a transient error.
//! - **Bounded memory**: pages of a transaction that don't fit the cache spill into the write-ahead log, so memory
//!   doesn't grow with a transaction. The log does: by about the size of what the transaction wrote. It is copied into
//!   the file and cut back after commits, as soon as no reader needs it.
//! - **Exact**: decimals are whole millionths in 64-bit integers, about ±9.2 × 10¹² units: what doesn't fit is an
//!   error, here and in every calculation. Products and quotients are made in 128 bits.
//!
//! Tables are `STRICT`: a value of the wrong type is an error, never converted.

mod arithmetic;
mod columns;
mod dialect;
mod error;
mod moment;
mod row_statement;
mod settings;
mod transaction;
mod upsert;
mod values;
mod warehouse;

pub use dialect::SqliteDialect;
pub use settings::SqliteSettings;
pub use warehouse::SqliteWarehouse;
