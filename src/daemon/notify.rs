//! What systemd is told: ready, reloading, stopping, a line of status, and that the watchdog may sleep on.

use std::time::Duration;

use sd_notify::NotifyState;

/// The service manager, if there is one.
#[derive(Debug)]
pub struct ServiceManager {
    /// How often it wants to hear that all is well.
    pub watchdog: Option<Duration>,
    status: String,
}

impl ServiceManager {
    /// As the environment says.
    pub fn of_environment() -> Self {
        Self { watchdog: sd_notify::watchdog_enabled(), status: String::new() }
    }

    /// The daemon does its work from now on.
    pub fn ready() {
        send(&[NotifyState::Ready]);
    }

    /// Settings are read again; [`ServiceManager::ready`] ends it.
    pub fn reloading() {
        send(&[NotifyState::Reloading]);
    }

    /// It ends.
    pub fn stopping() {
        send(&[NotifyState::Stopping]);
    }

    /// All is well.
    pub fn alive(&self) {
        if self.watchdog.is_some() {
            send(&[NotifyState::Watchdog]);
        }
    }

    /// A line for `systemctl status`, if it is another one than before.
    pub fn status(&mut self, status: &str) {
        if status != self.status {
            send(&[NotifyState::Status(status)]);
            status.clone_into(&mut self.status);
        }
    }
}

/// Without a service manager nothing is sent. One that can't be reached sees its watchdog starve, which is what it is for.
fn send(states: &[NotifyState<'_>]) {
    let _ = sd_notify::notify(states);
}
