//! campaignd: what happens to a record once it has come in.
//!
//! Imports run one way: `main -> cli -> {config, pipeline, roi, demo} -> {mapping, load, schedule} -> {settings, model} ->
//! contract`. ARCHITECTURE.md draws it.

pub mod cli;
pub mod config;
pub mod connectors;
pub mod demo;
pub mod load;
pub mod mapping;
pub mod model;
pub mod pipeline;
pub mod roi;
pub mod schedule;
pub mod settings;
mod suggest;
