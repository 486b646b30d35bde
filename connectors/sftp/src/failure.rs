//! What a server says when it doesn't do something.

use campaignd_contract::{Error, ErrorClass};
use ssh2::ErrorCode;

/// Why a request wasn't carried out.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nothing is there.
    Missing,
    /// The user may not.
    Denied,
    /// There is no room on the server.
    Full(String),
    /// The server says no, and little more than that.
    Refused(String),
    /// The connection is of no use any more: cut, timed out, out of step.
    Broken(String),
}

impl Failure {
    /// In words, as what is wrong with something.
    pub(crate) fn wrong(&self) -> String {
        match self {
            Self::Missing => "there is no such file or directory".to_owned(),
            Self::Denied => "permission denied".to_owned(),
            Self::Full(said) | Self::Refused(said) => format!("the server says: {said}"),
            Self::Broken(said) => said.clone(),
        }
    }

    /// As an error of `doing` something to `subject`.
    pub(crate) fn into_error(self, doing: &str, subject: impl Into<String>) -> Error {
        let class = match self {
            Self::Broken(_) => ErrorClass::Transient,
            Self::Full(_) => ErrorClass::NoSpace,
            Self::Missing | Self::Denied | Self::Refused(_) => ErrorClass::Permanent,
        };
        let next = match self {
            Self::Broken(_) => "run again",
            Self::Full(_) => "have room made on the server, then run again",
            Self::Missing => "see that it is there, then run again",
            Self::Denied => "have the server's owner give the user the right to it",
            Self::Refused(_) => "ask the server's owner; its log says more",
        };
        Error::new(class, doing, subject, self.wrong()).next(next)
    }
}

impl From<ssh2::Error> for Failure {
    fn from(error: ssh2::Error) -> Self {
        // Status codes of draft-ietf-secsh-filexfer. What isn't one comes from below SFTP; a connection that failed
        // there can't be trusted to be in step with the server.
        let said = error.message().to_owned();
        match error.code() {
            ErrorCode::Session(_) | ErrorCode::SFTP(0 | 5 | 6 | 7) => Self::Broken(said),
            ErrorCode::SFTP(2 | 10) => Self::Missing,
            ErrorCode::SFTP(3 | 12) => Self::Denied,
            ErrorCode::SFTP(14 | 15) => Self::Full(said),
            ErrorCode::SFTP(_) => Self::Refused(said),
        }
    }
}

/// Whether an error of a session comes from the connection below it, so that another try may go well.
pub(crate) fn is_of_the_connection(error: &ssh2::Error) -> bool {
    // LIBSSH2_ERROR_*: SOCKET_NONE, BANNER_RECV, BANNER_SEND, SOCKET_SEND, KEY_EXCHANGE_FAILURE (what a server gives
    // that hangs up in the middle of it), TIMEOUT, SOCKET_DISCONNECT, CHANNEL_CLOSED, SOCKET_TIMEOUT, SOCKET_RECV,
    // BAD_SOCKET.
    matches!(error.code(), ErrorCode::Session(-1 | -2 | -3 | -7 | -8 | -9 | -13 | -26 | -30 | -43 | -45))
}
