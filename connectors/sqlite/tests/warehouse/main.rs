//! The warehouse from outside: its promises, its other users, its failures.

#![expect(clippy::unwrap_used, reason = "a failed unwrap in what tests share is a failed test")]

mod conformance;
mod failures;
mod fixtures;
mod sql;
mod writers;
