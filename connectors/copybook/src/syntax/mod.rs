//! The data description entries of a copybook, each clause understood, before anything is laid out.

mod entry;
mod picture;

pub use entry::{ConditionValue, Depending, Entry, Figurative, Occurs, Sign, SignPosition, Usage};
pub use picture::{Category, Picture};
