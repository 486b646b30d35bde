//! The long-running service: runs every pipeline when it is due, and survives what a night brings.
//!
//! One thread decides ([`scheduler`]) and never waits for anything but its messages; one reads and writes the daemon's rows in
//! the warehouse ([`ledger`]); one says that the process lives ([`heart`]); each run has a thread of its own ([`worker`]),
//! and ROI has one while it is brought up to date. Progress lives in the warehouse: a daemon that is killed, at whatever
//! moment, goes on from there when it is started again, and so does another one of the same warehouse.

pub mod backoff;
mod breaker;
mod expectation;
mod heart;
mod instance;
mod ledger;
mod notify;
pub mod plan;
mod reload;
pub mod scheduler;
mod service;
mod worker;

pub use instance::{Instance, take};
pub use ledger::Open;
pub use plan::{Plan, PlanError, plans};
pub use service::{Daemon, DaemonError, How, LoadSettings};
