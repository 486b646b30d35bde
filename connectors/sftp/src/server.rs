//! The server: reaching it, making sure that it is the right one, and logging in.

use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use campaignd_contract::{BuildContext, Error, ErrorClass, Result};
use campaignd_spool::text_of;
use ssh2::{ErrorCode, MethodType, Session, Sftp};

use crate::connection::Connection;
use crate::failure::is_of_the_connection;
use crate::host_key::{KEY_TYPES, Pins, Shown};
use crate::login::{Attempt, Login};
use crate::settings::SftpSettings;

/// Algorithms, the best first; nothing with SHA-1, CBC or MD5. `ChaCha20` comes before AES although processors do the
/// latter in hardware: libssh2 hands a packet to AES in blocks of 16 bytes (`transport_decrypt`), to `ChaCha20` whole.
const ALGORITHMS: [(MethodType, &str); 5] = [
    (
        MethodType::Kex,
        "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,\
         diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-group-exchange-sha256,\
         diffie-hellman-group14-sha256",
    ),
    (MethodType::CryptCs, CIPHERS),
    (MethodType::CryptSc, CIPHERS),
    (MethodType::MacCs, MACS),
    (MethodType::MacSc, MACS),
];
const CIPHERS: &str =
    "chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr";
const MACS: &str = "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512";

/// A server and how to get in.
#[derive(Debug)]
pub(crate) struct Server {
    host: String,
    port: u16,
    user: String,
    login: Login,
    pins: Pins,
    /// Where relative paths of secrets start.
    base: PathBuf,
    connect_timeout: Duration,
    timeout: Duration,
    /// Which of the types of host key was the right one the last time.
    preferred: AtomicUsize,
}

impl Server {
    /// The server that checked settings name.
    pub(crate) fn new(settings: &SftpSettings, context: &BuildContext) -> Self {
        let login = match (&settings.password, &settings.private_key) {
            (Some(password), _) => Login::Password(password.clone()),
            (None, Some(key)) => Login::Key { private_key: key.clone(), passphrase: settings.passphrase.clone() },
            (None, None) => Login::Agent,
        };
        let pins = match &settings.known_hosts {
            Some(path) => Pins::KnownHosts(context.base_directory.join(path)),
            None => Pins::Fingerprints(settings.fingerprints.clone()),
        };
        Self {
            host: settings.host.clone(),
            port: settings.port,
            user: settings.user.clone(),
            login,
            pins,
            base: context.base_directory.clone(),
            connect_timeout: Duration::from_secs(settings.connect_timeout_seconds.into()),
            timeout: Duration::from_secs(settings.timeout_seconds.into()),
            preferred: AtomicUsize::new(0),
        }
    }

    /// The server, as pipelines share it: `sftp://mft.example.com:22`.
    pub(crate) fn endpoint(&self) -> String {
        format!("sftp://{}:{}", self.host, self.port)
    }

    /// How messages call a path on it, as scp writes it.
    pub(crate) fn shown(&self, path: &Path) -> String {
        format!("{}:{}", self.host, text_of(path.as_os_str()))
    }

    /// How messages call it.
    pub(crate) fn address(&self) -> String {
        match self.port {
            22 => self.host.clone(),
            port => format!("{} port {port}", self.host),
        }
    }

    /// What tells it and its user from all others.
    pub(crate) fn identity(&self) -> String {
        format!("{}@{}:{}", self.user, self.host, self.port)
    }

    /// A connection that is logged in and speaks SFTP.
    pub(crate) fn connect(&self) -> Result<Connection> {
        let deadline = Deadline { at: Instant::now() + self.connect_timeout };
        let Shaken { session, socket } = self.trusted_session(deadline)?;
        let entered = self.enter(&session, deadline);
        if entered.is_err() {
            give_up(&socket);
        }
        session.set_timeout(milliseconds(self.timeout));
        Ok(Connection::new(socket, session, entered?))
    }

    /// Logs in and starts SFTP.
    fn enter(&self, session: &Session, deadline: Deadline) -> Result<Sftp> {
        let address = self.address();
        deadline.bind(session);
        let attempt = Attempt { session, user: &self.user, address: &address, base: &self.base };
        attempt.log_in(&self.login)?;
        deadline.bind(session);
        session.sftp().map_err(|error| {
            let refused = "ask its owner whether this user may use SFTP";
            Error::new(class_of(&error), "start SFTP on", &address, error.message()).next(refused)
        })
    }

    /// A session with a server that has shown a key that is trusted. Nothing of ours was sent to it.
    fn trusted_session(&self, deadline: Deadline) -> Result<Shaken> {
        let trusted = self.pins.of(&self.host, self.port)?;
        let algorithms: Vec<_> = trusted.algorithms().collect();
        let preferred = self.preferred.load(Ordering::Relaxed);
        let mut shown = Vec::new();
        for turn in 0..algorithms.len() {
            let at = (preferred + turn) % algorithms.len();
            match self.shake_hands(algorithms[at], deadline)? {
                Some((key, shaken)) if trusted.contains(&key) => {
                    self.preferred.store(at, Ordering::Relaxed);
                    return Ok(shaken);
                }
                Some((key, _)) => shown.push(key),
                None => {}
            }
        }
        if shown.is_empty() {
            let all = KEY_TYPES.map(|(_, algorithms)| algorithms).join(",");
            let Some((key, _)) = self.shake_hands(&all, deadline)? else {
                let wrong = "it and we have no key exchange, cipher or type of host key in common";
                return Err(Error::permanent("connect to", self.address(), wrong)
                    .next("ask its owner for algorithms that aren't out of date: without SHA-1, CBC and DSA"));
            };
            shown.push(key);
        }
        Err(trusted.refusal(&self.address(), &shown))
    }

    /// The key that the server shows and the session with it; `None` where there is no algorithm in common.
    fn shake_hands(&self, host_key_algorithms: &str, deadline: Deadline) -> Result<Option<(Shown, Shaken)>> {
        let failed = |error: ssh2::Error| {
            Error::new(class_of(&error), "connect to", self.address(), error.message())
                .next("see that an SSH server listens there, and what its log says")
        };
        let socket = self.reach(deadline)?;
        let mut session = Session::new().map_err(failed)?;
        session.method_pref(MethodType::HostKey, host_key_algorithms).map_err(failed)?;
        for (method, algorithms) in ALGORITHMS {
            session.method_pref(method, algorithms).map_err(failed)?;
        }
        deadline.bind(&session);
        let shared = socket.try_clone().map_err(|error| Error::io("connect to", self.address(), &error))?;
        session.set_tcp_stream(shared);
        match session.handshake() {
            Ok(()) => {}
            Err(error) if error.code() == NO_COMMON_ALGORITHM => return Ok(None),
            Err(error) => {
                give_up(&socket);
                return Err(failed(error));
            }
        }
        let Some(shown) = session.host_key().map(|(blob, _)| Shown::new(blob)) else {
            return Err(Error::permanent("trust", self.address(), "it shows no host key"));
        };
        Ok(Some((shown, Shaken { session, socket })))
    }

    /// A TCP connection to the first of its addresses that answers.
    fn reach(&self, deadline: Deadline) -> Result<TcpStream> {
        let failed = |wrong: String| {
            Error::new(ErrorClass::Transient, "connect to", self.address(), wrong)
                .next("see that the name is right, that the server is up and that no firewall is in between")
        };
        let addresses = (self.host.as_str(), self.port).to_socket_addrs().map_err(|error| failed(error.to_string()))?;
        let mut wrong = "its name has no address".to_owned();
        for address in addresses {
            let reached = TcpStream::connect_timeout(&address, deadline.left());
            match reached.and_then(|socket| socket.set_nodelay(true).map(|()| socket)) {
                Ok(socket) => return Ok(socket),
                Err(error) => wrong = format!("{address}: {error}"),
            }
        }
        Err(failed(wrong))
    }
}

fn class_of(error: &ssh2::Error) -> ErrorClass {
    if is_of_the_connection(error) { ErrorClass::Transient } else { ErrorClass::Permanent }
}

/// Ends a connection whose session is about to be dropped, which would otherwise wait for the server once more.
fn give_up(socket: &TcpStream) {
    // It may have ended by itself.
    let _ = socket.shutdown(Shutdown::Both);
}

/// `LIBSSH2_ERROR_KEX_FAILURE`.
const NO_COMMON_ALGORITHM: ErrorCode = ErrorCode::Session(-5);

/// A session whose keys are exchanged, and its connection.
struct Shaken {
    session: Session,
    socket: TcpStream,
}

/// When a connection must stand.
#[derive(Clone, Copy)]
struct Deadline {
    at: Instant,
}

impl Deadline {
    /// What is left, and never nothing: no time would mean no limit, to libssh2 and to the system.
    fn left(self) -> Duration {
        self.at.saturating_duration_since(Instant::now()).max(Duration::from_millis(1))
    }

    /// Lets the session's next call take what is left.
    fn bind(self, session: &Session) {
        session.set_timeout(milliseconds(self.left()));
    }
}

fn milliseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX).max(1)
}
