//! The line to the SFTP server: whole, cut, reset, slow, silent, or with nobody at its other end.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use campaignd::demo::random::Random;

use super::proxy::{Fate, Proxy};

/// Bytes after which something befalls a connection, at most.
const BYTES: u64 = 60_000;

/// The line. Its port stays the same.
pub struct Line {
    server: u16,
    port: u16,
    /// That of the connections to come.
    fate: Arc<Mutex<Fate>>,
    /// None: connections are refused.
    proxy: Option<Proxy>,
}

impl Line {
    /// A whole one to the server at that port.
    pub fn to(server: u16) -> Self {
        let mut line = Self { server, port: 0, fate: Arc::new(Mutex::new(Fate::Whole)), proxy: None };
        line.restore();
        line
    }

    /// Where it begins.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Something may happen to it.
    pub fn suffer(&mut self, random: &mut Random) {
        self.restore();
        *self.fate.lock().unwrap() = match random.below(12) {
            0 => Fate::Cut(random.below(BYTES)),
            1 => Fate::Silent(random.below(BYTES)),
            2 => Fate::Silent(0),
            3 => Fate::Reset(random.below(BYTES)),
            4 => Fate::Slow(Duration::from_millis(random.below(20))),
            5 => {
                self.proxy = None;
                return;
            }
            _ => Fate::Whole,
        };
    }

    /// It is whole again.
    pub fn mend(&mut self) {
        self.restore();
        *self.fate.lock().unwrap() = Fate::Whole;
    }

    /// Connections are taken again.
    fn restore(&mut self) {
        if self.proxy.is_none() {
            let fate = Arc::clone(&self.fate);
            let proxy = Proxy::start_at(self.port, self.server, move |_| *fate.lock().unwrap());
            self.port = proxy.port();
            self.proxy = Some(proxy);
        }
    }
}
