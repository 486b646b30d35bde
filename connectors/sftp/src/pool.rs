//! The connections to a server: at most so many, opened when they are needed, used again, and replaced when they break.

use std::net::{Shutdown, TcpStream};
use std::ops::Deref;
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use campaignd_contract::{Error, ErrorClass, Result};

use crate::connection::Connection;
use crate::failure::Failure;
use crate::server::Server;

/// How often something is tried that breaks each time, and how long to wait in between.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// Tries, the first included.
    pub(crate) tries: u32,
    /// Before the second try; doubled before each one after.
    pub(crate) pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { tries: 5, pause: Duration::from_secs(1) }
    }
}

/// The connections of one source.
pub(crate) struct Pool {
    pub(crate) server: Server,
    pub(crate) patience: Patience,
    most: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Connection>,
    /// Connections that there are or that are being made.
    open: usize,
    /// Sockets of those in use, so that they can be ended.
    sockets: Vec<(u64, TcpStream)>,
    numbered: u64,
    stopped: bool,
}

/// A connection taken from the pool. Dropping it closes the connection; `give_back` keeps it for the next one.
pub(crate) struct Lease<'p> {
    pool: &'p Pool,
    number: u64,
    connection: Option<Connection>,
    /// Whether it had been used before. Then it may have been closed by the server in the meantime.
    pub(crate) used_before: bool,
}

impl Pool {
    pub(crate) fn new(server: Server, most: u8) -> Self {
        let most = usize::from(most.max(1));
        Self { server, patience: Patience::default(), most, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Does something on a connection. Where the connection breaks it is done again on another one, so it must be
    /// something that can be done twice. The inner error is the server's, the outer one that there is no connection.
    pub(crate) fn with<T>(
        &self,
        doing: &str,
        path: &Path,
        mut work: impl FnMut(&Connection) -> Result<T, Failure>,
    ) -> Result<Result<T, Failure>> {
        let mut failed = 0;
        loop {
            let (wrong, counts) = match self.take() {
                Ok(lease) => match work(&lease) {
                    Err(Failure::Broken(wrong)) => (wrong, !lease.used_before),
                    done => {
                        lease.give_back();
                        return Ok(done);
                    }
                },
                Err(error) if error.class() == ErrorClass::Transient => (error.to_string(), true),
                Err(error) => return Err(error),
            };
            failed += u32::from(counts);
            if failed >= self.patience.tries {
                let subject = self.server.shown(path);
                return Err(Failure::Broken(format!("{wrong} (tried {failed} times)")).into_error(doing, subject));
            }
            if counts {
                self.pause(failed)?;
            }
        }
    }

    /// A connection, for the caller alone. Waits where as many as may be are in use.
    pub(crate) fn take(&self) -> Result<Lease<'_>> {
        let mut state = self.state();
        loop {
            if state.stopped {
                return Err(self.stopped());
            }
            if let Some(connection) = state.idle.pop() {
                return self.lease(state, connection, true);
            }
            if state.open < self.most {
                state.open += 1;
                break;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        drop(state);
        match self.server.connect() {
            Ok(connection) => self.lease(self.state(), connection, false),
            Err(error) => {
                self.closed();
                Err(error)
            }
        }
    }

    fn lease(&self, mut state: MutexGuard<'_, State>, connection: Connection, used_before: bool) -> Result<Lease<'_>> {
        state.numbered += 1;
        let number = state.numbered;
        let lease = Lease { pool: self, number, connection: Some(connection), used_before };
        match lease.socket().try_clone() {
            Ok(socket) if !state.stopped => {
                state.sockets.push((number, socket));
                Ok(lease)
            }
            outcome => {
                drop(state);
                drop(lease);
                Err(match outcome {
                    Ok(_) => self.stopped(),
                    Err(error) => Error::io("connect to", self.server.address(), &error),
                })
            }
        }
    }

    /// Waits before the next try, after so many that failed. An error says that it isn't worth it any more.
    pub(crate) fn pause(&self, failed: u32) -> Result<()> {
        let pause = self.patience.pause * 2_u32.pow(failed.saturating_sub(1).min(6));
        let waited = self.changed.wait_timeout_while(self.state(), pause, |state| !state.stopped);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if state.stopped { Err(self.stopped()) } else { Ok(()) }
    }

    /// Sends signs of life on the connections that aren't in use, and lets go of those that are dead.
    pub(crate) fn keep_alive(&self, interval: Duration) {
        let idle = std::mem::take(&mut self.state().idle);
        for mut connection in idle {
            if connection.keep_alive(interval).is_ok() {
                self.state().idle.push(connection);
                self.changed.notify_all();
            } else {
                drop(connection);
                self.closed();
            }
        }
    }

    /// Ends all connections, also those in use, and gives out no more.
    pub(crate) fn stop(&self) {
        let mut state = self.state();
        state.stopped = true;
        for (_, socket) in &state.sockets {
            // It may be closed already.
            let _ = socket.shutdown(Shutdown::Both);
        }
        let idle = std::mem::take(&mut state.idle);
        drop(state);
        drop(idle);
        self.changed.notify_all();
    }

    fn closed(&self) {
        self.state().open -= 1;
        self.changed.notify_all();
    }

    fn stopped(&self) -> Error {
        Error::new(ErrorClass::Transient, "go on with", self.server.address(), "the source is being closed")
    }

    /// A panic elsewhere leaves nothing half changed here: every change is one assignment.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease<'_> {
    /// Keeps the connection open for whoever needs one next.
    pub(crate) fn give_back(mut self) {
        if let Some(mut connection) = self.connection.take() {
            connection.touch();
            let mut state = self.pool.state();
            state.sockets.retain(|(number, _)| *number != self.number);
            if state.stopped {
                drop(state);
                drop(connection);
                self.pool.closed();
            } else {
                state.idle.push(connection);
            }
        }
        self.pool.changed.notify_all();
    }
}

impl Deref for Lease<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("it is there until the lease is given back, which takes the lease")
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.pool.state().sockets.retain(|(number, _)| *number != self.number);
            drop(connection);
            self.pool.closed();
        }
    }
}
