//! The commit protocol.
