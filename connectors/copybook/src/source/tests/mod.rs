//! Lines, tokens and what is copied.

mod copies;
mod lines;
