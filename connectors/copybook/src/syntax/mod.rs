//! The data description entries of a copybook, each clause understood, before anything is laid out.

mod agreement;
mod clauses;
mod cursor;
mod entry;
mod keywords;
mod occurs;
mod picture;
mod picture_edited;
mod picture_symbols;
mod read;
mod usage;
mod values;

#[cfg(test)]
mod tests;

pub use entry::{ConditionValue, Depending, Entry, Figurative, Occurs, Sign, SignPosition, Usage};
pub use picture::{Category, Picture, PictureError};
pub use read::{Copybook, Options, parse, read};
