//! Where units come from, and how they are let go.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{BatchReader, ByteSource, Position, Result};

/// What a checkpoint belongs to: a file (by content), a queue, a table slice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Stable identity. Of a file: `sha256:<64 hex digits>:<bytes>`.
    pub id: String,
    /// Its name where it was found: an attribute, not the identity.
    pub name: String,
}

/// Whether something that was found may be read now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// It may.
    Ready,
    /// Ready as far as the source can tell; the format must find its trailer first.
    IfTrailer,
    /// Not yet, and why: its marker is missing, it is still growing.
    Waiting(String),
    /// It never will be like this, and why: a directory, no permission, an unsafe name.
    Refused(String),
}

/// Something a source found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its name, unique within the source at this moment.
    pub name: String,
    /// Bytes, where the source knows.
    pub bytes: Option<u64>,
    /// Last change, in seconds since 1970-01-01 UTC, where the source knows.
    pub modified: Option<i64>,
    /// Whether it may be read now.
    pub readiness: Readiness,
}

/// A candidate that was brought to where it can be read.
pub enum Claim {
    /// It is here, whole and unchanged since it was found.
    Taken {
        /// Its identity.
        unit: Unit,
        /// Its content.
        payload: Payload,
    },
    /// It went away, was renamed or changed while it was being fetched. Nothing was taken; it is looked at
    /// again in the next round. The text says what happened.
    Lost(String),
}

/// The content of a unit.
pub enum Payload {
    /// Bytes for a format to decode, readable again from the start.
    Bytes(Arc<dyn ByteSource>),
    /// Rows that are columns already: a table, a feed.
    Rows(Box<dyn BatchReader>),
}

/// A small file that belongs to a unit: its control file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Companion {
    /// Its bytes.
    Found(Vec<u8>),
    /// There is none yet, under this name.
    Missing(String),
}

/// What became of a unit, told to its source after the fact is in the warehouse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Everything up to here is committed and more is to come.
    Committed(Position),
    /// All of it is committed.
    Finished,
    /// Its content had been loaded before, under the name given here.
    Duplicate(String),
    /// It was not loaded and waits for a person; the source keeps it where it is.
    Held(String),
    /// Its control totals don't agree: nothing of it is visible; the source keeps it where it is.
    Quarantined(String),
}

/// What releasing did, for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Released {
    /// Nothing was to be done (kept by choice, or done already).
    Kept,
    /// Moved there.
    Archived(String),
    /// Removed at its origin.
    Deleted,
    /// Was to be moved or removed and was left alone, and why: what lies there now is not what was loaded.
    Left(String),
}

/// What to do with new content under a name that was loaded before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Revision {
    /// Leave it for a person to decide: nobody can tell a correction from a mistake.
    #[default]
    Hold,
    /// Load it like a new file; rows with known keys replace what was there.
    Load,
}

/// A way in. `discover` and `claim` change nothing at the origin; only `release` does, and it may be called
/// again after a crash without harm.
pub trait Source: Send {
    /// Everything that is there, in the order it should be read, also what can't be read yet or at all.
    fn discover(&mut self) -> Result<Vec<Candidate>>;

    /// The system it reads from, where that can be out of reach: `sftp://mft.example.com:22`. Pipelines that name the same
    /// one share its limits, and wait together while it is down.
    fn endpoint(&self) -> Option<String> {
        None
    }

    /// What to do with new content under a known name.
    fn revision(&self) -> Revision {
        Revision::Hold
    }

    /// Makes a candidate readable: copies it to the spool while hashing, then looks at the origin again.
    fn claim(&mut self, candidate: &Candidate) -> Result<Claim>;

    /// The control file of a candidate, its name given by `pattern`, in which `{name}` is the candidate's name
    /// and `{stem}` the same without its last extension.
    fn companion(&mut self, candidate: &Candidate, pattern: &str) -> Result<Companion>;

    /// Lets go of a unit whose outcome is durable in the warehouse. Idempotent.
    fn release(&mut self, candidate: &Candidate, unit: &Unit, outcome: &Outcome) -> Result<Released>;
}
