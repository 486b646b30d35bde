//! The commit protocol: records, rejects, accounts, ledger and checkpoint in one warehouse transaction, under a lease
//! whose epoch is checked inside it. Progress lives in the warehouse with the data; nothing else is needed to go on.

pub mod account;
mod budget;
pub mod file;
pub mod lease;
pub mod occurrence;
pub mod pause;
pub mod prepared;
pub mod reject;
pub mod replay;
pub mod run;
pub mod seal;
pub mod unit;

pub use account::{Account, Totals};
pub use budget::{Budget, Share};
pub use file::{Decisions, Verdict};
pub use lease::{Claimed, Lease};
pub use prepared::{DeclaredTotal, EndOfUnit, Incoming, PreparedBatch, PreparedMoney, PreparedOutput, Reject, Stage};
pub use seal::Seal;
pub use unit::{Job, Loaded};
