//! Matching, metrics and aggregates, as SQL in the warehouse.
