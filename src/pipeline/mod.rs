//! One run of a pipeline.
