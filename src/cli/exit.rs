//! How a command ends: exit codes as in sysexits(3), and what is said on standard error.

use std::error::Error as _;
use std::io;
use std::process::ExitCode;

use campaignd_contract::{Error, ErrorClass, SecretError};

use super::print;
use crate::config::Report;
use crate::daemon::DaemonError;
use crate::load::seal::WrongKey;
use crate::model::migration::MigrationError;
use crate::pipeline::PipelineError;
use crate::roi::RoiError;

/// Exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All was done.
    Done = 0,
    /// The command line is wrong (`EX_USAGE`).
    Usage = 64,
    /// Input was refused: held, quarantined or unreadable (`EX_DATAERR`).
    Refused = 65,
    /// The warehouse can't be used (`EX_UNAVAILABLE`).
    Unavailable = 69,
    /// A defect of this program (`EX_SOFTWARE`).
    Defect = 70,
    /// No space is left (`EX_CANTCREAT`).
    NoSpace = 73,
    /// Reading or writing failed (`EX_IOERR`).
    Io = 74,
    /// It may go well later (`EX_TEMPFAIL`).
    TryAgain = 75,
    /// The settings are wrong (`EX_CONFIG`).
    Settings = 78,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command couldn't do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It was asked for something that there isn't.
    #[error(transparent)]
    Asked(Error),
    /// The settings have mistakes.
    #[error("the settings can't be used")]
    Settings(Report),
    /// A secret that the settings name can't be had.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A sealed row doesn't open with the key of the settings.
    #[error(transparent)]
    Seal(#[from] WrongKey),
    /// A source or a format refused.
    #[error(transparent)]
    Input(Error),
    /// A pipeline couldn't be run.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// Pipelines couldn't be run, and that was said of each of them.
    #[error("some pipelines failed")]
    Said(PipelineError),
    /// The warehouse refused.
    #[error(transparent)]
    Warehouse(#[from] Error),
    /// The warehouse's tables have another version.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// The daemon couldn't run.
    #[error(transparent)]
    Daemon(#[from] DaemonError),
    /// ROI couldn't be worked out.
    #[error(transparent)]
    Roi(#[from] RoiError),
    /// Something that can't be is.
    #[error("{0}; this is a defect of campaignd: nothing wrong was written, please report it")]
    Defect(String),
    /// What was to be printed can't be.
    #[error("could not write to standard output: {0}")]
    Output(#[from] io::Error),
}

impl Failure {
    /// The code it ends with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Asked(_) => Exit::Usage,
            Self::Settings(_)
            | Self::Secret(_)
            | Self::Seal(_)
            | Self::Roi(RoiError::MarginRate(_))
            | Self::Daemon(DaemonError::Plan(_)) => Exit::Settings,
            Self::Input(error) => by_class(error.class(), Exit::Refused),
            Self::Pipeline(error) | Self::Said(error) => match error {
                PipelineError::Secret(_) | PipelineError::Key(_) => Exit::Settings,
                other => by_class(other.class(), Exit::Refused),
            },
            Self::Warehouse(error)
            | Self::Migration(MigrationError::Warehouse(error))
            | Self::Daemon(DaemonError::System(error))
            | Self::Roi(RoiError::Warehouse(error)) => by_class(error.class(), Exit::Unavailable),
            Self::Migration(MigrationError::Newer { .. } | MigrationError::Older { .. }) => Exit::Unavailable,
            Self::Defect(_) => Exit::Defect,
            Self::Output(error) => match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Exit::NoSpace,
                _ => Exit::Io,
            },
        }
    }

    /// What is said of it, whole lines: the settings' mistakes with their places, otherwise `error: …` and its causes.
    pub fn message(&self, colour: bool) -> String {
        if let Self::Settings(report) = self {
            return report.render(colour);
        }
        let mut said = format!("error: {self}\n");
        let mut cause = self.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !said.contains(&text) {
                said = said + "  because: " + &text + "\n";
            }
            cause = error.source();
        }
        said
    }
}

fn by_class(class: ErrorClass, permanent: Exit) -> Exit {
    match class {
        ErrorClass::Permanent => permanent,
        ErrorClass::NoSpace => Exit::NoSpace,
        ErrorClass::Transient | ErrorClass::Fenced | ErrorClass::Stopped | ErrorClass::OutcomeUnknown => Exit::TryAgain,
    }
}

/// Ends a command: says what went wrong, if anything did.
pub fn end(result: Result<Exit, Failure>) -> ExitCode {
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            print::error(&failure.message(print::colour_on_stderr()));
            failure.exit().into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(class: ErrorClass) -> Error {
        Error::new(class, "commit to", "warehouse.db", "said no")
    }

    #[test]
    fn classes_become_codes() {
        let code = |class| Failure::from(error(class)).exit();
        assert_eq!(code(ErrorClass::Permanent), Exit::Unavailable);
        assert_eq!(code(ErrorClass::NoSpace), Exit::NoSpace);
        assert_eq!(code(ErrorClass::Transient), Exit::TryAgain);
        assert_eq!(code(ErrorClass::Fenced), Exit::TryAgain);
        assert_eq!(code(ErrorClass::OutcomeUnknown), Exit::TryAgain);
        assert_eq!(Failure::Input(error(ErrorClass::Permanent)).exit(), Exit::Refused);
        assert_eq!(Failure::Input(error(ErrorClass::NoSpace)).exit(), Exit::NoSpace);
        assert_eq!(Failure::Asked(error(ErrorClass::Permanent)).exit(), Exit::Usage);
        assert_eq!(Failure::from(RoiError::MarginRate("x".into())).exit(), Exit::Settings);
        assert_eq!(Failure::from(RoiError::Warehouse(error(ErrorClass::Transient))).exit(), Exit::TryAgain);
        assert_eq!(Failure::from(MigrationError::Older { found: 0 }).exit(), Exit::Unavailable);
        assert_eq!(Failure::from(io::Error::from(io::ErrorKind::StorageFull)).exit(), Exit::NoSpace);
    }

    #[test]
    fn messages_say_each_cause_once() {
        insta::assert_snapshot!(
            Failure::from(MigrationError::from(error(ErrorClass::Permanent))).message(false),
            @"error: could not commit to warehouse.db: said no"
        );
        let missing = SecretError::Unreadable {
            path: "privacy.key".into(),
            source: io::Error::from(io::ErrorKind::PermissionDenied),
        };
        insta::assert_snapshot!(
            Failure::from(missing).message(false),
            @"error: could not read the secret in privacy.key: permission denied; see that the daemon's user may read it"
        );
    }
}
