//! The loop: messages in, actions out.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use campaignd_contract::Error;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::ledger::{Entries, Entry, Ledger, LedgerProgress, Open};
use super::notify::ServiceManager;
use super::plan::{Plan, PlanError, plans};
use super::scheduler::{Action, Ended, EndpointSaid, Known, LONGEST_SLEEP, Scheduler, Start};
use super::worker::{self, Tools};
use super::{heart, reload};
use crate::config::{Report, Settings};
use crate::ops::{Announcer, Health, Metrics, events};
use crate::roi;
use crate::schedule::clock::{Clock, ClockWatch};

/// Reads the settings again.
pub type LoadSettings = Arc<dyn Fn() -> Result<Settings, Report> + Send + Sync>;

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// All runs finished the batch in hand.
    InOrder,
    /// Some hadn't yet: they go on after their last commit when a daemon starts again.
    Early,
}

/// What the daemon stands on.
pub struct Daemon {
    /// The settings it starts with.
    pub settings: Arc<Settings>,
    /// Reads them again.
    pub load: LoadSettings,
    /// Opens the warehouse.
    pub open: Open,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Hears of everything.
    pub announcer: Announcer,
    /// Counts.
    pub metrics: Arc<Metrics>,
    /// Says how the daemon is.
    pub health: Arc<Health>,
}

enum Message {
    Known(Known),
    Run {
        pipeline: String,
        ticket: u64,
        ended: Ended,
        said: EndpointSaid,
    },
    Roi(bool),
    Signal(i32),
    /// The number of the request, and what it brought.
    Reloaded(u64, Box<Reloaded>),
}

/// Other settings and their plans, or what is wrong with them.
type Reloaded = Result<(Settings, Vec<Arc<Plan>>), String>;

struct Service {
    daemon: Daemon,
    scheduler: Scheduler,
    watch: ClockWatch,
    entries: Entries,
    given: u64,
    ledger: Arc<LedgerProgress>,
    /// Its signs of life when they were looked at last, and when they rose.
    ledger_signs: (u64, Duration),
    inbox: Sender<Message>,
    manager: ServiceManager,
    told: Arc<Mutex<HashSet<String>>>,
    /// The pipelines that the heart vouches for.
    at_work: Arc<Mutex<Vec<String>>>,
    read_at: Option<Duration>,
    ready: bool,
    /// How often settings were asked for: only the latest answer counts.
    reloads: u64,
    /// Until when a graceful stop may take.
    stopping: Option<Duration>,
}

impl Daemon {
    /// Runs until it is told to stop.
    ///
    /// # Errors
    ///
    /// Where a plan can't be made, or the system refuses threads or signals.
    pub fn run(self) -> Result<How, DaemonError> {
        let (inbox, messages) = channel();
        let plans = plans(&self.settings)?;
        let limits = self.settings.daemon.limits;
        let scheduler = Scheduler::new(plans, limits);
        let (give, entries) = channel();
        let ledger = Ledger::new(Arc::clone(&self.open), limits.lease_seconds, self.announcer.clone());
        let progress = Arc::clone(&ledger.progress);
        let known = inbox.clone();
        spawn("ledger", move || ledger.work(&entries, &|read| drop(known.send(Message::Known(read)))))?;
        let signals = inbox.clone();
        let mut caught = Signals::new([SIGHUP, SIGINT, SIGTERM]).map_err(|error| thread_error("signals", &error))?;
        spawn("signals", move || {
            for signal in caught.forever() {
                if signals.send(Message::Signal(signal)).is_err() {
                    return;
                }
            }
        })?;
        let at_work: Arc<Mutex<Vec<String>>> = Arc::default();
        let (beating, heart_ends) = channel();
        let (open, vouched) = (Arc::clone(&self.open), Arc::clone(&at_work));
        spawn("heart", move || {
            let at_work = || vouched.lock().unwrap_or_else(PoisonError::into_inner).clone();
            heart::beat(&open, limits.lease_seconds, &at_work, &heart_ends);
        })?;
        let watch = ClockWatch::new(self.clock.as_ref());
        let mut service = Service {
            daemon: self,
            scheduler,
            watch,
            entries: Entries(give),
            given: 0,
            ledger: progress,
            ledger_signs: (0, Duration::ZERO),
            inbox,
            manager: ServiceManager::of_environment(),
            told: Arc::default(),
            at_work,
            read_at: None,
            ready: false,
            reloads: 0,
            stopping: None,
        };
        let how = service.serve(&messages);
        drop(beating);
        how
    }
}

impl Service {
    fn serve(&mut self, messages: &Receiver<Message>) -> Result<How, DaemonError> {
        loop {
            let (now, elapsed) = (self.daemon.clock.now(), self.daemon.clock.elapsed());
            if let Some(jump) = self.watch.look(self.daemon.clock.as_ref()) {
                let actions = self.scheduler.jumped(&jump, now);
                self.carry_out(actions)?;
            }
            if self.stopping.is_none() && self.read_at.is_none_or(|at| elapsed.saturating_sub(at) >= LONGEST_SLEEP) {
                self.read_at = Some(elapsed);
                self.give(Entry::Read(now));
            }
            let actions = self.scheduler.look(now, elapsed);
            self.carry_out(actions)?;
            self.vouch();
            self.count(now);
            self.feed_watchdog(elapsed);
            if let Some(how) = self.stopped(elapsed) {
                return Ok(how);
            }
            match messages.recv_timeout(self.pause(now, elapsed)) {
                Ok(message) => {
                    if let Some(how) = self.hear(message)? {
                        return Ok(how);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                // This end holds a sender itself.
                Err(RecvTimeoutError::Disconnected) => return Ok(How::Early),
            }
        }
    }

    fn pause(&self, now: jiff::Timestamp, elapsed: Duration) -> Duration {
        let mut pause = self.scheduler.idle(now, elapsed);
        if let Some(watchdog) = self.manager.watchdog {
            pause = pause.min(watchdog / 4);
        }
        let read = self.read_at.map_or(Duration::ZERO, |at| (at + LONGEST_SLEEP).saturating_sub(elapsed));
        let stop = self.stopping.map(|until| until.saturating_sub(elapsed));
        stop.into_iter().chain([read]).fold(pause, Duration::min).max(Duration::from_millis(1))
    }

    fn hear(&mut self, message: Message) -> Result<Option<How>, DaemonError> {
        match message {
            Message::Known(known) => {
                if !self.ready {
                    self.ready = true;
                    self.daemon.health.is_ready(true);
                    ServiceManager::ready();
                    let event = events::READY.event().with("pipelines", self.scheduler.waiting().count());
                    self.tell(&event.with("warehouse", &self.daemon.settings.daemon.warehouse.kind));
                }
                for name in self.scheduler.waiting().map(|(name, ..)| name) {
                    let is_paused = known.pauses.contains_key(name);
                    self.daemon.metrics.known(name, known.late.iter().any(|late| late == name), is_paused);
                }
                let actions = self.scheduler.learn(&known);
                self.carry_out(actions)?;
            }
            Message::Run { pipeline, ticket, ended, said } => {
                let time = (self.daemon.clock.now(), self.daemon.clock.elapsed());
                let actions = self.scheduler.ended((&pipeline, ticket), &ended, said, time);
                self.carry_out(actions)?;
            }
            Message::Roi(well) => self.scheduler.roi_ended(well, self.daemon.clock.elapsed()),
            Message::Signal(SIGHUP) => self.reload()?,
            Message::Signal(_) => return Ok(self.stop()),
            Message::Reloaded(number, reloaded) if number == self.reloads => self.reloaded(*reloaded),
            Message::Reloaded(..) => {}
        }
        Ok(None)
    }

    fn carry_out(&mut self, actions: Vec<Action>) -> Result<(), DaemonError> {
        for action in actions {
            match action {
                Action::Start(start) => self.start(*start)?,
                Action::GiveUp { occurrence, reason } => self.give(Entry::GiveUp(occurrence, reason)),
                Action::Note(notes) => self.give(Entry::Note(notes)),
                Action::CountFrom { pipeline, since } => self.give(Entry::CountFrom(pipeline, since)),
                Action::Expect { pipeline, expected } => self.give(Entry::Expect(pipeline, expected)),
                Action::RefreshRoi => self.refresh_roi()?,
                Action::Tell(event) => self.tell(&event),
            }
        }
        Ok(())
    }

    fn give(&mut self, entry: Entry) {
        self.given += 1;
        self.entries.give(entry);
    }

    fn tell(&self, event: &crate::ops::Event) {
        self.daemon.announcer.tell(event);
    }

    fn start(&self, start: Start) -> Result<(), DaemonError> {
        let tools = Tools {
            settings: Arc::clone(&self.daemon.settings),
            open: Arc::clone(&self.daemon.open),
            clock: Arc::clone(&self.daemon.clock),
            announcer: self.daemon.announcer.clone(),
            metrics: Arc::clone(&self.daemon.metrics),
            told: Arc::clone(&self.told),
        };
        let inbox = self.inbox.clone();
        spawn(&start.plan.name.clone(), move || {
            let (ended, said) = worker::work(&start, &tools);
            let (pipeline, ticket) = (start.plan.name.clone(), start.ticket);
            drop(inbox.send(Message::Run { pipeline, ticket, ended, said }));
        })
    }

    fn refresh_roi(&self) -> Result<(), DaemonError> {
        let (open, settings) = (Arc::clone(&self.daemon.open), Arc::clone(&self.daemon.settings));
        let (announcer, inbox) = (self.daemon.announcer.clone(), self.inbox.clone());
        spawn("roi", move || {
            let began = Instant::now();
            let refreshed = open()
                .map_err(roi::RoiError::from)
                .and_then(|mut warehouse| roi::refresh(warehouse.as_mut(), &settings.daemon.roi));
            match &refreshed {
                Ok(refreshed) if refreshed.batches > 0 => {
                    let event = events::ROI_REFRESHED.event().with("changes", refreshed.changes);
                    announcer.tell(&event.with("seconds", format!("{:.3}", began.elapsed().as_secs_f64())));
                }
                Ok(_) => {}
                Err(error) => announcer.tell(&events::ROI_FAILED.event().with("reason", error)),
            }
            drop(inbox.send(Message::Roi(refreshed.is_ok())));
        })
    }

    fn reload(&mut self) -> Result<(), DaemonError> {
        ServiceManager::reloading();
        self.reloads += 1;
        let number = self.reloads;
        let (load, inbox) = (Arc::clone(&self.daemon.load), self.inbox.clone());
        spawn("reload", move || {
            let loaded = load().map_err(|report| report.render(false)).and_then(|settings| {
                let plans = plans(&settings).map_err(|error| error.to_string())?;
                Ok((settings, plans))
            });
            drop(inbox.send(Message::Reloaded(number, Box::new(loaded))));
        })
    }

    fn reloaded(&mut self, loaded: Reloaded) {
        match loaded {
            Err(reason) => {
                self.tell(&events::RELOAD_REFUSED.event().with("reason", reason.trim_end()).with("outcome", "refused"));
            }
            Ok((settings, plans)) => {
                let changes = reload::changes(&self.daemon.settings, &settings);
                let changes = changes.unwrap_or_else(|| "nothing changed".to_owned());
                let kept: HashSet<&str> = plans.iter().map(|plan| plan.name.as_str()).collect();
                for gone in self.scheduler.waiting().map(|(name, ..)| name).filter(|name| !kept.contains(name)) {
                    self.daemon.metrics.forget(gone);
                }
                self.scheduler.replace(plans, settings.daemon.limits);
                self.daemon.settings = Arc::new(settings);
                self.tell(&events::RELOADED.event().with("changes", changes).with("outcome", "loaded"));
                // What the ledger says of new pipelines has to be known.
                self.read_at = None;
            }
        }
        ServiceManager::ready();
    }

    /// Told to stop: for the first time in good order, for the second at once.
    fn stop(&mut self) -> Option<How> {
        if self.stopping.is_some() {
            return Some(self.ended_early());
        }
        let limit = Duration::from_secs(self.daemon.settings.daemon.limits.stop_seconds.into());
        self.stopping = Some(self.daemon.clock.elapsed() + limit);
        self.daemon.health.is_ready(false);
        ServiceManager::stopping();
        self.scheduler.stop();
        let event = events::STOPPING.event().with("running", self.scheduler.running().count());
        self.tell(&event.with("seconds", limit.as_secs()));
        None
    }

    fn stopped(&self, elapsed: Duration) -> Option<How> {
        let until = self.stopping?;
        let is_idle = self.scheduler.running().next().is_none() && !self.scheduler.is_refreshing_roi();
        if is_idle && self.ledger.done.load(Ordering::Relaxed) >= self.given {
            self.tell(&events::STOPPED.event());
            return Some(How::InOrder);
        }
        (elapsed >= until).then(|| self.ended_early())
    }

    fn ended_early(&self) -> How {
        let running: Vec<&str> = self.scheduler.running().map(|(name, _)| name).collect();
        let running = if running.is_empty() { "the warehouse's threads".to_owned() } else { running.join(", ") };
        self.tell(&events::STOPPED_EARLY.event().with("running", running));
        How::Early
    }

    /// How things stand, for whoever asks for metrics.
    fn count(&self, now: jiff::Timestamp) {
        let metrics = &self.daemon.metrics;
        let running: HashSet<&str> = self.scheduler.running().map(|(name, _)| name).collect();
        let mut all = 0;
        for (name, waiting, oldest) in self.scheduler.waiting() {
            all += waiting;
            metrics.stands(name, running.contains(name), oldest, now);
        }
        metrics.waiting(all);
        for (endpoint, is_open) in self.scheduler.circuits() {
            metrics.circuit(endpoint, is_open);
        }
    }

    /// The heart vouches for runs that give signs of life.
    fn vouch(&self) {
        let silent: Vec<&str> = self.scheduler.silent().collect();
        let running = self.scheduler.running().map(|(name, _)| name).filter(|name| !silent.contains(name));
        *self.at_work.lock().unwrap_or_else(PoisonError::into_inner) = running.map(str::to_owned).collect();
    }

    /// The watchdog hears that all is well as long as this loop, the ledger and every run get on.
    fn feed_watchdog(&mut self, elapsed: Duration) {
        let signs = self.ledger.signs_of_life.load(Ordering::Relaxed);
        if signs != self.ledger_signs.0 || self.ledger.done.load(Ordering::Relaxed) >= self.given {
            self.ledger_signs = (signs, elapsed);
        }
        let silence = Duration::from_secs(self.daemon.settings.daemon.limits.silence_seconds.into());
        let ledger_hangs = elapsed.saturating_sub(self.ledger_signs.1) >= silence;
        let silent = self.scheduler.silent().count();
        self.daemon.health.turned(elapsed, silent > 0 || ledger_hangs);
        if silent == 0 && !ledger_hangs {
            self.manager.alive();
        }
        let running: Vec<&str> = self.scheduler.running().map(|(name, _)| name).collect();
        let waiting: usize = self.scheduler.waiting().map(|(_, waiting, _)| waiting).sum();
        let status = match (&running[..], self.stopping) {
            (_, Some(_)) => "stopping".to_owned(),
            _ if silent > 0 => format!("{silent} runs give no sign of life"),
            _ if ledger_hangs => "the warehouse doesn't answer".to_owned(),
            _ if !self.ready => "waiting for the warehouse".to_owned(),
            ([], _) => format!("idle, {waiting} waiting"),
            (running, _) => format!("running {}; {waiting} waiting", running.join(", ")),
        };
        self.manager.status(&status);
    }
}

/// Why the daemon couldn't run.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// A plan can't be made.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The system refuses.
    #[error(transparent)]
    System(#[from] Error),
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), DaemonError> {
    let spawned = std::thread::Builder::new().name(name.to_owned()).spawn(work);
    spawned.map(drop).map_err(|error| thread_error(name, &error).into())
}

fn thread_error(what: &str, error: &std::io::Error) -> Error {
    Error::io("start a thread for", what, error).next("raise the limits on tasks of this service")
}
