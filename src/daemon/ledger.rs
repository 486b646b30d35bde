//! The daemon's own reads and writes in the warehouse, on a thread of their own: the scheduler never waits for it. What
//! can't be written is tried again until it can; the order stays.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use campaignd_contract::{Result, Warehouse};
use jiff::Timestamp;

use super::expectation;
use super::scheduler::Known;
use crate::load::occurrence::{self, Occurrence, Settled, State};
use crate::load::pause::pauses;
use crate::load::{Claimed, Lease, lease, run as runs};
use crate::ops::{Announcer, events};
use crate::schedule::expectation::Expected;

/// Pause between two tries, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What is to be read or written.
#[derive(Debug)]
pub enum Entry {
    /// Read what the scheduler has to know.
    Read(Timestamp),
    /// Write what became of occurrences.
    Note(Vec<(Occurrence, State, String)>),
    /// Write since when a schedule counts.
    CountFrom(String, Timestamp),
    /// Write whether data has come.
    Expect(String, Expected),
    /// Take the right to write from a run that is given up, and settle its occurrence.
    GiveUp(Occurrence, String),
}

/// Opens the warehouse: again after a failure.
pub type Open = Arc<dyn Fn() -> Result<Box<dyn Warehouse>> + Send + Sync>;

/// What a watcher sees of the thread.
#[derive(Debug, Default)]
pub struct LedgerProgress {
    /// Entries that are done.
    pub done: AtomicU64,
    /// Rises while it gets on, also where it tries in vain.
    pub signs_of_life: AtomicU64,
}

/// The thread.
pub struct Ledger {
    open: Open,
    warehouse: Option<Box<dyn Warehouse>>,
    lease_seconds: u32,
    announcer: Announcer,
    /// What a watcher sees of it.
    pub progress: Arc<LedgerProgress>,
    is_out_of_reach: bool,
}

impl Ledger {
    /// On a warehouse that `open` opens.
    pub fn new(open: Open, lease_seconds: u32, announcer: Announcer) -> Self {
        Self { open, warehouse: None, lease_seconds, announcer, progress: Arc::default(), is_out_of_reach: false }
    }

    /// Works until nobody gives entries any more. What was read goes to `known`.
    pub fn work(mut self, entries: &Receiver<Entry>, known: &dyn Fn(Known)) {
        let mut waiting: VecDeque<Entry> = VecDeque::new();
        let mut pause = FIRST_PAUSE;
        loop {
            if waiting.is_empty() {
                match entries.recv() {
                    Ok(entry) => waiting.push_back(entry),
                    Err(_) => return,
                }
            }
            // Of several reads that wait the last one is enough.
            while let Ok(entry) = entries.try_recv() {
                if matches!((&entry, waiting.back()), (Entry::Read(_), Some(Entry::Read(_)))) {
                    waiting.pop_back();
                    self.progress.done.fetch_add(1, Ordering::Relaxed);
                }
                waiting.push_back(entry);
            }
            let Some(entry) = waiting.front() else { continue };
            let tried = self.one(entry, known);
            self.progress.signs_of_life.fetch_add(1, Ordering::Relaxed);
            match tried {
                Ok(()) => {
                    waiting.pop_front();
                    self.progress.done.fetch_add(1, Ordering::Relaxed);
                    pause = FIRST_PAUSE;
                    if std::mem::take(&mut self.is_out_of_reach) {
                        self.announcer.tell(&events::WAREHOUSE_BACK.event());
                    }
                }
                Err(error) => {
                    self.warehouse = None;
                    if !std::mem::replace(&mut self.is_out_of_reach, true) {
                        self.announcer.tell(&events::WAREHOUSE_UNREACHABLE.event().with("reason", &error));
                    }
                    match entries.recv_timeout(pause) {
                        Ok(entry) => waiting.push_back(entry),
                        Err(RecvTimeoutError::Timeout) => {}
                        Err(RecvTimeoutError::Disconnected) => return,
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    fn one(&mut self, entry: &Entry, known: &dyn Fn(Known)) -> Result<()> {
        let lease_seconds = self.lease_seconds;
        let warehouse = match &mut self.warehouse {
            Some(warehouse) => warehouse,
            empty => empty.insert((self.open)()?),
        }
        .as_mut();
        match entry {
            Entry::Read(now) => {
                expectation::clear(warehouse, &self.announcer)?;
                known(read(warehouse, *now, lease_seconds)?);
                Ok(())
            }
            Entry::Note(notes) => occurrence::note(warehouse, notes),
            Entry::CountFrom(pipeline, since) => occurrence::count_from(warehouse, pipeline, *since),
            Entry::Expect(pipeline, expected) => expectation::judge(warehouse, pipeline, expected, &self.announcer),
            Entry::GiveUp(occurrence, reason) => give_up(warehouse, occurrence, reason, lease_seconds),
        }
    }
}

fn read(warehouse: &mut dyn Warehouse, now: Timestamp, lease_seconds: u32) -> Result<Known> {
    let latest = occurrence::latest(warehouse, now)?;
    Ok(Known {
        at: now,
        open: occurrence::open(warehouse)?,
        elsewhere: lease::held_elsewhere(warehouse, lease_seconds)?,
        latest: latest.into_iter().map(|latest| (latest.occurrence.key.pipeline.clone(), latest)).collect(),
        late: expectation::late(warehouse)?,
        counted: occurrence::counted(warehouse, now)?,
        pauses: pauses(warehouse)?,
    })
}

/// A new epoch, under which the run that was given up can't write any more. Where another process has taken over, it can't
/// anyway, and that process says what becomes of the occurrence.
fn give_up(warehouse: &mut dyn Warehouse, occurrence: &Occurrence, reason: &str, lease_seconds: u32) -> Result<()> {
    let lease = match Lease::claim(warehouse, &occurrence.key.pipeline, lease_seconds)? {
        Claimed::Mine(lease) => lease,
        Claimed::Held(_) => return Ok(()),
    };
    let standing = occurrence::find(warehouse, &occurrence.key)?;
    let settled = Settled { state: State::Failed, reason: reason.to_owned(), retry_at: None };
    if let Some(run_no) = standing.and_then(|standing| standing.run_no) {
        return runs::finish(warehouse, run_no, &lease, ("failed", reason), Some((occurrence, &settled)));
    }
    // It hung before it had a run.
    occurrence::note(warehouse, &[(occurrence.clone(), State::Failed, reason.to_owned())])?;
    lease.release(warehouse)
}

/// Gives entries to the thread. One that has died is noticed by its watcher.
#[derive(Clone)]
pub struct Entries(pub Sender<Entry>);

impl Entries {
    /// To be done.
    pub fn give(&self, entry: Entry) {
        // The thread outlives whoever gives entries.
        let _ = self.0.send(entry);
    }
}
