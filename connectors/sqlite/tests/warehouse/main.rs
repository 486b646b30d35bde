//! The warehouse from outside: its promises, its other users, its failures.

mod conformance;
mod failures;
mod fixtures;
mod sql;
mod writers;
