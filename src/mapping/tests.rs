//! The room as a whole, over a table of its own.

mod apply;
mod messages;
mod table;
