//! A TCP proxy in front of the server that misbehaves as it is told.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What becomes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Everything is passed on.
    Whole,
    /// After so many bytes of the server it ends. They all arrive: it is closed, not reset.
    Cut(u64),
    /// After so many bytes of the server nothing is passed on any more, and it stays open.
    Silent(u64),
    /// After so many bytes of the server it is reset: what is on its way is lost.
    Reset(u64),
    /// Everything is passed on, so much later each time.
    Slow(Duration),
}

/// Says what becomes of the connection of that number; the first is 0.
type Plan = Box<dyn Fn(u64) -> Fate + Send>;

pub struct Proxy {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    /// Bytes of the server that were passed on, over all connections.
    passed: Arc<AtomicU64>,
    connections: Arc<AtomicU64>,
    /// Those of the connections that stand.
    sockets: Arc<Mutex<BTreeMap<u64, [TcpStream; 2]>>>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    pub fn start(to: u16, plan: impl Fn(u64) -> Fate + Send + 'static) -> Self {
        Self::start_at(0, to, plan)
    }

    /// One at that port, to take the place of one that was dropped. In between, connections are refused.
    pub fn start_at(port: u16, to: u16, plan: impl Fn(u64) -> Fate + Send + 'static) -> Self {
        let listener = bind(port);
        let address = listener.local_addr().unwrap();
        let (stopping, passed, connections) =
            (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let sockets = Arc::new(Mutex::new(BTreeMap::new()));
        let plan: Plan = Box::new(plan);
        let (stop, count, number, all) =
            (Arc::clone(&stopping), Arc::clone(&passed), Arc::clone(&connections), Arc::clone(&sockets));
        let thread = std::thread::spawn(move || {
            let mut threads = Vec::new();
            for client in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let client = client.unwrap();
                // Else the client sees its connection closed, as it would by a server that is down.
                let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, to)) else { continue };
                let connection = number.fetch_add(1, Ordering::SeqCst);
                let both = [client.try_clone().unwrap(), server.try_clone().unwrap()];
                all.lock().unwrap().insert(connection, both);
                let fate = plan(connection);
                let (from_client, to_client) = (client.try_clone().unwrap(), client);
                let (from_server, to_server) = (server.try_clone().unwrap(), server);
                let (count, all) = (Arc::clone(&count), Arc::clone(&all));
                threads.push(std::thread::spawn(move || {
                    let back = std::thread::spawn(move || back(from_server, to_client, fate, &count));
                    forth(from_client, to_server);
                    back.join().unwrap();
                    all.lock().unwrap().remove(&connection);
                }));
            }
            for thread in threads {
                thread.join().unwrap();
            }
        });
        Self { address, stopping, passed, connections, sockets, thread: Some(thread) }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn passed(&self) -> u64 {
        self.passed.load(Ordering::SeqCst)
    }

    pub fn connections(&self) -> u64 {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Listens there. A connection that somebody else made may have the port for a moment.
fn bind(port: u16) -> TcpListener {
    let since = Instant::now();
    loop {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(listener) => return listener,
            Err(error) => assert!(since.elapsed() < Duration::from_secs(30), "port {port}: {error}"),
        }
        std::thread::yield_now();
    }
}

/// Passes on what the client says, and takes it in any case: a socket that is closed with something unread in it resets
/// the connection, and what was on its way to the client is lost.
fn forth(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = vec![0; 1 << 16];
    let mut open = true;
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        open = open && to.write_all(&buffer[..read]).is_ok();
    }
    let _ = to.shutdown(Shutdown::Both);
}

/// Passes on what the server says, as far as it goes.
fn back(mut from: TcpStream, mut to: TcpStream, fate: Fate, count: &AtomicU64) {
    let mut left = match fate {
        Fate::Whole | Fate::Slow(_) => u64::MAX,
        Fate::Cut(bytes) | Fate::Silent(bytes) | Fate::Reset(bytes) => bytes,
    };
    let (_nobody, moment) = channel::<()>();
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        if let Fate::Slow(later) = fate {
            let _ = moment.recv_timeout(later);
        }
        let pass = usize::try_from(left).unwrap_or(usize::MAX).min(read);
        // Where nothing may pass any more, it is taken and forgotten.
        if to.write_all(&buffer[..pass]).is_err() {
            break;
        }
        left -= pass as u64;
        count.fetch_add(pass as u64, Ordering::SeqCst);
        if left == 0 && matches!(fate, Fate::Cut(_)) {
            break;
        }
        if left == 0 && matches!(fate, Fate::Reset(_)) {
            // A socket that is closed without lingering is reset. It is closed when the other direction has ended too.
            let _ = rustix::net::sockopt::set_socket_linger(&to, Some(Duration::ZERO));
            let _ = to.shutdown(Shutdown::Read);
            let _ = from.shutdown(Shutdown::Both);
            return;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
    let _ = from.shutdown(Shutdown::Both);
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        for socket in self.sockets.lock().unwrap().values().flatten() {
            let _ = socket.shutdown(Shutdown::Both);
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
