//! What every source promises.
