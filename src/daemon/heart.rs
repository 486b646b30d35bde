//! Says in the warehouse that this process is at work on its pipelines, on a thread of its own, so that no other daemon
//! takes them over while a file is fetched or read for long. A run that gives no sign of life isn't vouched for.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::ledger::Open;
use crate::load::lease;

/// Beats three times a lease until it hears of its end. `at_work` names the pipelines.
pub fn beat(open: &Open, lease_seconds: u32, at_work: &dyn Fn() -> Vec<String>, ended: &Receiver<()>) {
    let interval = Duration::from_secs(lease_seconds.into()) / 3;
    let mut warehouse = None;
    loop {
        match ended.recv_timeout(interval) {
            Err(RecvTimeoutError::Timeout) => {}
            _ => return,
        }
        let pipelines = at_work();
        if pipelines.is_empty() {
            continue;
        }
        // The ledger tells of a warehouse that can't be used; here the next beat tries again.
        let Ok(mut opened) = warehouse.take().map_or_else(|| open(), Ok) else { continue };
        if lease::beat(opened.as_mut(), &pipelines).is_ok() {
            warehouse = Some(opened);
        }
    }
}
