//! One connection, and what can be asked on it.

use std::ffi::OsString;
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use ssh2::{ErrorCode, File, FileStat, RenameFlags, Session, Sftp};

use crate::failure::Failure;

/// A connection that is logged in. libssh2 lets one request at a time use it.
pub(crate) struct Connection {
    socket: TcpStream,
    sftp: Sftp,
    session: Session,
    used: Instant,
}

impl Connection {
    pub(crate) fn new(socket: TcpStream, session: Session, sftp: Sftp) -> Self {
        Self { socket, sftp, session, used: Instant::now() }
    }

    /// The socket below it, by which another thread can end it.
    pub(crate) fn socket(&self) -> &TcpStream {
        &self.socket
    }

    /// Ends the connection below it. Whatever is asked on it fails from now on, at once.
    pub(crate) fn hang_up(&self) {
        // It may have ended by itself.
        let _ = self.socket.shutdown(Shutdown::Both);
    }

    /// Everything in a directory but itself and the one above, with what the server says of it. Names are whatever
    /// the server sends.
    pub(crate) fn list(&self, directory: &Path) -> Result<Vec<(OsString, FileStat)>, Failure> {
        let mut listing = self.sftp.opendir(directory)?;
        let mut entries = Vec::new();
        loop {
            match listing.readdir() {
                Ok((name, _)) if matches!(name.as_os_str().as_encoded_bytes(), b"." | b"..") => {}
                Ok((name, stat)) => entries.push((name.into_os_string(), stat)),
                Err(error) if error.code() == NO_MORE_FILES => return Ok(entries),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// What lies there; of a symbolic link, the link.
    pub(crate) fn look(&self, path: &Path) -> Result<FileStat, Failure> {
        Ok(self.sftp.lstat(path)?)
    }

    /// What lies there; of a symbolic link, what it leads to.
    pub(crate) fn follow(&self, path: &Path) -> Result<FileStat, Failure> {
        Ok(self.sftp.stat(path)?)
    }

    /// Opens a file for reading.
    pub(crate) fn open(&self, path: &Path) -> Result<File, Failure> {
        Ok(self.sftp.open(path)?)
    }

    /// Renames a file. `SSH_FXP_RENAME` fails where the new name is taken; what would overwrite it is an extension that
    /// isn't used here.
    pub(crate) fn rename(&self, from: &Path, to: &Path) -> Result<(), Failure> {
        Ok(self.sftp.rename(from, to, Some(RenameFlags::empty()))?)
    }

    /// Removes a file.
    pub(crate) fn remove(&self, path: &Path) -> Result<(), Failure> {
        Ok(self.sftp.unlink(path)?)
    }

    /// Makes a directory.
    pub(crate) fn make_directory(&self, path: &Path) -> Result<(), Failure> {
        Ok(self.sftp.mkdir(path, 0o755)?)
    }

    /// Notes that it has just been used.
    pub(crate) fn touch(&mut self) {
        self.used = Instant::now();
    }

    /// Sends a sign of life where the last one, or the last use, is that long ago.
    ///
    /// libssh2 could send them by itself while it waits for an answer, and then takes the end of such an interval for
    /// the end of its timeout (`ssh2_wait_socket`). So its own interval is set for this call alone; while something is
    /// asked, the timeout sees to it that nobody waits for ever.
    pub(crate) fn keep_alive(&mut self, interval: Duration) -> Result<(), Failure> {
        if self.used.elapsed() < interval {
            return Ok(());
        }
        self.session.set_keepalive(true, 1);
        let sent = self.session.keepalive_send();
        self.session.set_keepalive(true, 0);
        sent?;
        self.touch();
        Ok(())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // A farewell, as far as it goes. Then the socket is shut down, since closing what is open on a connection that is
        // dead would wait for each answer to time out.
        let _ = self.session.disconnect(None, "done", None);
        self.hang_up();
    }
}

/// What ssh2 makes of the end of a listing.
const NO_MORE_FILES: ErrorCode = ErrorCode::Session(-16);
