//! The embedded SQLite warehouse.
