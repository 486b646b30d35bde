//! Formats: bytes to Arrow batches.
