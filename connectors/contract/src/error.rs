//! One error for all connectors: what was being done, to what, what is wrong, what to do next.

use std::fmt;

/// The result of a connector's work.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What the daemon should do about an error. Connectors decide, since only they know their system's codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// The same call may succeed later without anybody changing anything: retry with backoff.
    Transient,
    /// It will fail again until somebody changes the input, the settings or the rights.
    Permanent,
    /// No room left on a disk or in a quota. Stop cleanly; the work goes on when there is room.
    NoSpace,
    /// Another daemon took this unit over: stop at once and write nothing more.
    Fenced,
    /// It was asked to stop, and did so in good order: what was committed stays, the next run goes on from there.
    Stopped,
    /// The connection was lost while committing: read the ledger before deciding anything.
    OutcomeUnknown,
}

/// An error of a source, a format or a warehouse.
///
/// It reads "could not {doing} {subject}: {wrong}; {next}".
#[derive(Debug)]
pub struct Error {
    class: ErrorClass,
    doing: String,
    subject: String,
    wrong: String,
    next: String,
}

impl Error {
    /// An error of the given class. `doing` is a verb phrase ("read", "commit to"), `subject` the thing
    /// it was done to, `wrong` what the system said.
    pub fn new(
        class: ErrorClass,
        doing: impl Into<String>,
        subject: impl Into<String>,
        wrong: impl Into<String>,
    ) -> Self {
        Self { class, doing: doing.into(), subject: subject.into(), wrong: wrong.into(), next: String::new() }
    }

    /// An I/O error, classified by its kind.
    pub fn io(doing: impl Into<String>, subject: impl Into<String>, error: &std::io::Error) -> Self {
        use std::io::ErrorKind as K;
        let class = match error.kind() {
            K::StorageFull | K::QuotaExceeded => ErrorClass::NoSpace,
            K::Interrupted | K::TimedOut | K::WouldBlock | K::ResourceBusy | K::StaleNetworkFileHandle => {
                ErrorClass::Transient
            }
            _ => ErrorClass::Permanent,
        };
        Self::new(class, doing, subject, error.to_string())
    }

    /// A permanent error.
    pub fn permanent(doing: impl Into<String>, subject: impl Into<String>, wrong: impl Into<String>) -> Self {
        Self::new(ErrorClass::Permanent, doing, subject, wrong)
    }

    /// Adds the next step for the reader, as a sentence without a full stop.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = next.into();
        self
    }

    /// What to do about it.
    pub fn class(&self) -> ErrorClass {
        self.class
    }

    /// What the system said, without the frame around it.
    pub fn wrong(&self) -> &str {
        &self.wrong
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not {} {}: {}", self.doing, self.subject, self.wrong)?;
        if !self.next.is_empty() {
            write!(f, "; {}", self.next)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
