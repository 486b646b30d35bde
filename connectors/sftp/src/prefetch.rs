//! Fetches ahead: while one file is loaded, the next ones are on their way.
//!
//! Threads take files from the front of a queue. A claim puts its own file there first, if it isn't fetched already, and
//! the ones that follow it behind; then it waits for its own. How far ahead is bounded in files and in bytes, since the
//! copies wait on disk.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use campaignd_contract::{Error, Result, Supervision};
use campaignd_spool::Spool;

use crate::fetch::{Fetched, Fetcher, Job, OnChunk};
use crate::pool::Pool;

/// Files fetched ahead at most.
const AHEAD_FILES: usize = 16;

/// Bytes fetched ahead at most; one file is always fetched ahead, whatever its size.
const AHEAD_BYTES: u64 = 1 << 30;

/// The threads that fetch, and what they have fetched.
pub(crate) struct Prefetch {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    pool: Arc<Pool>,
    spool: Spool,
    supervision: Supervision,
    on_chunk: Option<OnChunk>,
    keepalive: Duration,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// What was found ready, in the order it will be claimed in.
    plan: VecDeque<Job>,
    waiting: VecDeque<Job>,
    running: Vec<Job>,
    done: Vec<(Job, Result<Fetched>)>,
    closed: bool,
}

impl Prefetch {
    /// Threads that fetch over the pool's connections to the spool. An interval of 0 keeps no idle connection alive.
    pub(crate) fn new(
        pool: Arc<Pool>,
        spool: Spool,
        threads: u8,
        keepalive: Duration,
        supervision: Supervision,
        on_chunk: Option<OnChunk>,
    ) -> Result<Self> {
        let (state, changed) = (Mutex::default(), Condvar::new());
        let shared = Arc::new(Shared { pool, spool, supervision, on_chunk, keepalive, state, changed });
        let mut prefetch = Self { shared, threads: Vec::new() };
        for _ in 0..threads.max(1) {
            let shared = Arc::clone(&prefetch.shared);
            let spawned = std::thread::Builder::new().name("sftp-fetch".to_owned()).spawn(move || shared.work());
            prefetch.threads.push(spawned.map_err(|error| Error::io("start a thread for", "SFTP", &error))?);
        }
        Ok(prefetch)
    }

    /// What will be claimed, in order. What was fetched before and not claimed is given up.
    pub(crate) fn plan(&self, jobs: Vec<Job>) {
        let mut state = self.shared.state();
        state.plan = jobs.into();
        state.waiting.clear();
        state.done.clear();
    }

    /// Waits until a file is fetched, and has the next ones fetched meanwhile and afterwards.
    pub(crate) fn claim(&self, job: &Job) -> Result<Fetched> {
        let mut state = self.shared.state();
        // What failed ahead of time is tried again now: there may be room on the disk, or the server may be back.
        state.done.retain(|(done, fetched)| done != job || fetched.is_ok());
        state.look_ahead(job);
        self.shared.changed.notify_all();
        loop {
            if let Some(at) = state.done.iter().position(|(done, _)| done == job) {
                return state.done.swap_remove(at).1;
            }
            state = self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl State {
    /// Puts a file to the front of what is to be fetched, and those that come after it in the plan behind.
    fn look_ahead(&mut self, job: &Job) {
        if let Some(at) = self.plan.iter().position(|planned| planned == job) {
            // Those before it have been claimed or passed over.
            for passed in self.plan.drain(..=at) {
                self.waiting.retain(|waiting| *waiting != passed);
                self.done.retain(|(done, _)| *done == *job || *done != passed);
            }
        }
        if !self.is_known(job) {
            self.waiting.push_front(job.clone());
        }
        let (mut files, mut bytes) = (0, 0);
        for next in 0..self.plan.len().min(AHEAD_FILES) {
            let planned = &self.plan[next];
            bytes += planned.stamp.bytes;
            if files > 0 && bytes > AHEAD_BYTES {
                break;
            }
            files += 1;
            if !self.is_known(planned) {
                self.waiting.push_back(planned.clone());
            }
        }
    }

    fn is_known(&self, job: &Job) -> bool {
        self.waiting.contains(job) || self.running.contains(job) || self.done.iter().any(|(done, _)| done == job)
    }
}

impl Shared {
    /// The life of a thread.
    fn work(&self) {
        let (pool, spool, supervision) = (&self.pool, &self.spool, &self.supervision);
        let transfer = Fetcher { pool, spool, supervision, on_chunk: self.on_chunk.clone() };
        while let Some(job) = self.next() {
            // A panic would leave the claim waiting for ever.
            let fetched = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| transfer.fetch(&job)));
            let fetched = fetched.unwrap_or_else(|_| {
                Err(Error::permanent(
                    "fetch",
                    self.pool.server.shown(&job.path),
                    "the thread that fetches has panicked",
                ))
            });
            let mut state = self.state();
            state.running.retain(|running| *running != job);
            state.done.push((job, fetched));
            drop(state);
            self.changed.notify_all();
        }
    }

    /// The next file to fetch; `None` when it is over. Whoever waits keeps the idle connections alive.
    fn next(&self) -> Option<Job> {
        let mut state = self.state();
        loop {
            if state.closed {
                return None;
            }
            if let Some(job) = state.waiting.pop_front() {
                state.running.push(job.clone());
                return Some(job);
            }
            if self.keepalive.is_zero() {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let waited = self.changed.wait_timeout(state, self.keepalive).unwrap_or_else(PoisonError::into_inner);
            if waited.1.timed_out() {
                drop(waited.0);
                self.pool.keep_alive(self.keepalive);
                state = self.state();
            } else {
                state = waited.0;
            }
        }
    }

    /// A panic elsewhere leaves nothing half changed here that anybody reads.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Prefetch {
    fn drop(&mut self) {
        self.shared.state().closed = true;
        self.shared.pool.stop();
        self.shared.changed.notify_all();
        for thread in self.threads.drain(..) {
            // It catches panics, and there is nobody left to tell.
            let _ = thread.join();
        }
    }
}
