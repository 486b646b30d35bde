//! One pipeline: what is due, what waits, what runs.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use campaignd_contract::Supervision;
use jiff::{SignedDuration, Timestamp};

use super::{Action, Ended, Known, StopReason};
use crate::daemon::plan::Plan;
use crate::load::occurrence::{Key, Occurrence, Origin, Standing, State};
use crate::load::pause::Pause;
use crate::ops::events;
use crate::schedule::catch_up::{Policy, catch_up};
use crate::schedule::expectation::Expected;
use crate::schedule::timetable::{self, Window};
use crate::settings::{CatchUp, Overlap};

/// An occurrence this much older than now wasn't missed: the daemon was only busy, or started a moment late.
const GRACE: SignedDuration = SignedDuration::from_secs(60);

/// Pause before the ledger is tried again by a run that couldn't begin.
const NOT_BEGUN: SignedDuration = SignedDuration::from_secs(5);

pub(super) struct Line {
    pub plan: Arc<Plan>,
    /// All that is due up to here is known; `None` until the ledger was read.
    pub cursor: Option<Timestamp>,
    /// The first one after it.
    next: Option<timetable::Occurrence>,
    next_expected: Option<Expected>,
    pub waiting: VecDeque<Waiting>,
    pub running: Option<Running>,
    /// Who has paused it, and why.
    pub paused: Option<Pause>,
    /// Until then another process is left to it.
    pub elsewhere_until: Option<Timestamp>,
    /// When the latest that was run was due, and what became of it.
    pub last: Option<(Timestamp, State)>,
    /// It isn't in the settings any more.
    retired: bool,
}

/// An occurrence that is due and not run yet.
#[derive(Debug)]
pub(super) struct Waiting {
    pub occurrence: Occurrence,
    pub ready_at: Timestamp,
    pub first_try: Option<Timestamp>,
}

pub(super) struct Running {
    pub occurrence: Occurrence,
    pub first_try: Timestamp,
    pub ticket: u64,
    pub endpoint: Option<String>,
    pub supervision: Supervision,
    pub since: Duration,
    pub stop_reason: Arc<OnceLock<StopReason>>,
    /// The signs of life seen last, and when they rose.
    pub signs: (u64, Duration),
    pub is_silent: bool,
}

impl Running {
    pub fn ask_to_stop(&mut self, reason: StopReason) {
        // The first reason counts.
        let _ = self.stop_reason.set(reason);
        self.supervision.ask_to_stop();
    }

    /// Notes whether it gives signs of life.
    pub fn listen(&mut self, name: &str, elapsed: Duration, silence: Duration, actions: &mut Vec<Action>) {
        let signs = self.supervision.signs_of_life();
        if signs != self.signs.0 {
            self.signs = (signs, elapsed);
            self.is_silent = false;
        } else if elapsed.saturating_sub(self.signs.1) >= silence && !self.is_silent {
            self.is_silent = true;
            actions.push(Action::Tell(events::RUN_SILENT.of(name).with("seconds", silence.as_secs())));
        }
    }
}

impl Line {
    pub fn new(plan: Arc<Plan>) -> Self {
        Self {
            plan,
            cursor: None,
            next: None,
            next_expected: None,
            waiting: VecDeque::new(),
            running: None,
            paused: None,
            elsewhere_until: None,
            last: None,
            retired: false,
        }
    }

    /// The same under other settings: what waits is kept, what is due is worked out anew.
    pub fn with(self, plan: Arc<Plan>) -> Self {
        Self { plan, next: None, next_expected: None, retired: false, ..self }
    }

    /// Not in the settings any more: only its run is waited for.
    pub fn retire(self) -> Self {
        Self { waiting: VecDeque::new(), retired: true, ..self }
    }

    pub fn is_over(&self) -> bool {
        self.retired && self.running.is_none()
    }

    /// What the ledger says of it.
    pub fn learn(&mut self, known: &Known, actions: &mut Vec<Action>) {
        if self.retired {
            return;
        }
        let plan = Arc::clone(&self.plan);
        let name = &plan.name;
        self.tell_pause(known.pauses.get(name).cloned(), actions);
        let latest = known.latest.get(name);
        if let Some(latest) = latest
            && !latest.state.is_open()
            && self.last.is_none_or(|(due, _)| due <= latest.occurrence.due_at)
        {
            self.last = Some((latest.occurrence.due_at, latest.state));
        }
        let is_elsewhere = known.elsewhere.contains(name);
        for standing in known.open.iter().filter(|standing| standing.occurrence.key.pipeline == *name) {
            self.take_open(standing, is_elsewhere);
        }
        if self.cursor.is_none() {
            match known.counted.get(name) {
                Some(counted) => self.cursor = Some(*counted),
                None => self.count_from(known.at, actions),
            }
        }
    }

    fn tell_pause(&mut self, paused: Option<Pause>, actions: &mut Vec<Action>) {
        if self.cursor.is_some() && paused != self.paused {
            let event = match &paused {
                Some(pause) => {
                    let reason = if pause.reason.is_empty() { "no reason given" } else { &pause.reason };
                    events::PAUSED.of(&self.plan.name).with("by", &pause.by).with("reason", reason)
                }
                None => events::RESUMED.of(&self.plan.name),
            };
            actions.push(Action::Tell(event));
        }
        self.paused = paused;
    }

    /// One that the ledger has as open: left over from a daemon that was lost, asked for by somebody, or known here already.
    fn take_open(&mut self, standing: &Standing, is_elsewhere: bool) {
        let key = &standing.occurrence.key;
        let runs_here = self.running.as_ref().is_some_and(|running| running.occurrence.key == *key);
        let runs_elsewhere = standing.state == State::Running && is_elsewhere;
        if runs_here || runs_elsewhere || self.waiting.iter().any(|waiting| waiting.occurrence.key == *key) {
            return;
        }
        let occurrence = standing.occurrence.clone();
        let ready_at = standing.retry_at.unwrap_or(occurrence.due_at);
        self.insert(Waiting { occurrence, ready_at, first_try: None });
    }

    fn insert(&mut self, waiting: Waiting) {
        let at = self.waiting.partition_point(|other| other.occurrence.due_at <= waiting.occurrence.due_at);
        self.waiting.insert(at, waiting);
    }

    /// Nothing before that instant is asked for.
    pub fn count_from(&mut self, now: Timestamp, actions: &mut Vec<Action>) {
        self.cursor = Some(now);
        self.next = None;
        self.next_expected = None;
        actions.push(Action::CountFrom { pipeline: self.plan.name.clone(), since: now });
    }

    /// Notes what has become due since the last look.
    pub fn generate(&mut self, now: Timestamp, actions: &mut Vec<Action>) {
        let Some(cursor) = self.cursor.filter(|_| !self.retired) else { return };
        let plan = Arc::clone(&self.plan);
        self.expect(cursor, now, actions);
        let next = match self.next {
            Some(next) => next,
            None => match plan.timetable.after(cursor).next() {
                Some(next) => next,
                None => return,
            },
        };
        self.next = Some(next);
        if next.due > now {
            return;
        }
        let overdue = now.saturating_sub(GRACE).unwrap_or(Timestamp::MIN);
        if next.due < overdue {
            self.catch_up(cursor, overdue, actions);
        }
        let on_time: Vec<_> = plan.timetable.between(cursor.max(overdue), now).collect();
        for occurrence in on_time {
            let window = plan.timetable.window(&occurrence);
            self.due(self.occurrence(&occurrence, window, Origin::Schedule), actions);
        }
        self.cursor = Some(now);
        self.next = plan.timetable.after(now).next();
    }

    fn occurrence(&self, occurrence: &timetable::Occurrence, window: Window, origin: Origin) -> Occurrence {
        Occurrence {
            key: Key {
                pipeline: self.plan.name.clone(),
                nominal_local: occurrence.nominal_text(),
                fold: occurrence.fold,
            },
            due_at: occurrence.due,
            // The first one that its line ever names has none before it.
            window_from: if window.from == Timestamp::MIN { window.to } else { window.from },
            window_to: window.to,
            origin,
        }
    }

    /// What was due while no daemon was there.
    fn catch_up(&mut self, after: Timestamp, until: Timestamp, actions: &mut Vec<Action>) {
        let caught = catch_up(&self.plan.timetable, Policy::from(&self.plan.schedule), after, until);
        let name = self.plan.name.clone();
        let policy = match self.plan.catch_up() {
            CatchUp::None => "catch_up = \"none\"",
            CatchUp::Once => "covered by the run that catches up",
            CatchUp::All => "more than `catch_up_at_most`, or older than `catch_up_max_age`",
        };
        let mut notes = Vec::new();
        // What somebody has asked for meanwhile is to be run, and so neither missed nor caught up with.
        let missed: Vec<_> = caught.missed.into_iter().filter(|missed| !self.has_open(missed)).collect();
        if let Some(last) = missed.last() {
            let count = missed.len() as u64 + caught.missed_before;
            let event = events::MISSED.of(&name).with("count", count).with("occurrence", last.nominal_text());
            actions.push(Action::Tell(event.with("reason", policy)));
        }
        for missed in &missed {
            let window = self.plan.timetable.window(missed);
            notes.push((self.occurrence(missed, window, Origin::Schedule), State::Missed, policy.to_owned()));
        }
        for (occurrence, window) in caught.run {
            if self.has_open(&occurrence) {
                continue;
            }
            let occurrence = self.occurrence(&occurrence, window, Origin::CatchUp);
            if let Some(pause) = &self.paused {
                notes.push((occurrence, State::Skipped, pause.told()));
                continue;
            }
            let event = events::CAUGHT_UP.of(&name).with("occurrence", &occurrence.key.nominal_local);
            actions.push(Action::Tell(event));
            notes.push((occurrence.clone(), State::Due, String::new()));
            let ready_at = until;
            self.insert(Waiting { occurrence, ready_at, first_try: None });
        }
        if !notes.is_empty() {
            actions.push(Action::Note(notes));
        }
    }

    /// Whether it waits or runs already.
    fn has_open(&self, occurrence: &timetable::Occurrence) -> bool {
        let (nominal, fold) = (occurrence.nominal_text(), occurrence.fold);
        let running = self.running.iter().map(|running| &running.occurrence.key);
        let mut open = self.waiting.iter().map(|waiting| &waiting.occurrence.key).chain(running);
        open.any(|key| key.nominal_local == nominal && key.fold == fold)
    }

    /// One is due now.
    fn due(&mut self, mut occurrence: Occurrence, actions: &mut Vec<Action>) {
        if let Some(pause) = &self.paused {
            let reason = pause.told();
            self.skip(occurrence, reason, actions);
            return;
        }
        let others = self.waiting.iter().filter(|waiting| waiting.occurrence.origin == Origin::Schedule).count();
        match self.plan.overlap() {
            Overlap::Queue => {
                if others >= usize::try_from(self.plan.schedule.catch_up_at_most).unwrap_or(usize::MAX) {
                    let reason = format!("{others} wait already");
                    self.skip(occurrence, reason, actions);
                    return;
                }
            }
            overlap => {
                // What waits, for its turn or to be tried again, is covered by the new one: a run takes all there is.
                while let Some(at) =
                    self.waiting.iter().position(|waiting| waiting.occurrence.origin == Origin::Schedule)
                {
                    let Some(covered) = self.waiting.remove(at) else { break };
                    occurrence.window_from = occurrence.window_from.min(covered.occurrence.window_from);
                    let reason = format!("covered by the run for {}", occurrence.key.nominal_local);
                    self.skip(covered.occurrence, reason, actions);
                }
                if let Some(running) = &mut self.running {
                    let of = running.occurrence.key.nominal_local.clone();
                    if overlap == Overlap::Skip {
                        self.skip(occurrence, format!("the run for {of} is still at work"), actions);
                        return;
                    }
                    running.ask_to_stop(StopReason::Overlap);
                }
            }
        }
        actions.push(Action::Note(vec![(occurrence.clone(), State::Due, String::new())]));
        let ready_at = occurrence.due_at.saturating_add(self.plan.delay).unwrap_or(Timestamp::MAX);
        self.insert(Waiting { occurrence, ready_at, first_try: None });
    }

    pub fn skip(&mut self, occurrence: Occurrence, reason: String, actions: &mut Vec<Action>) {
        let event = events::SKIPPED.of(&self.plan.name).with("occurrence", &occurrence.key.nominal_local);
        actions.push(Action::Tell(event.with("reason", &reason)));
        actions.push(Action::Note(vec![(occurrence, State::Skipped, reason)]));
    }

    /// Asks whether data has come, once its time is there.
    fn expect(&mut self, cursor: Timestamp, now: Timestamp, actions: &mut Vec<Action>) {
        let Some(expectation) = &self.plan.expectation else { return };
        // After a pause only the latest day is asked for: of those before it nobody can do anything any more.
        while let Some(next) = self.next_expected.take().or_else(|| expectation.after(cursor).next()) {
            if next.by > now {
                self.next_expected = Some(next);
                return;
            }
            let following = expectation.after(next.by).next();
            if following.as_ref().is_none_or(|following| following.by > now) {
                actions.push(Action::Expect { pipeline: self.plan.name.clone(), expected: next });
            }
            match following {
                Some(following) => self.next_expected = Some(following),
                None => return,
            }
        }
    }

    /// Looks after its run: timeouts, signs of life. Returns one that it has given up.
    pub fn watch(&mut self, elapsed: Duration, silence: Duration, actions: &mut Vec<Action>) -> Option<Running> {
        let name = self.plan.name.clone();
        let running = self.running.as_mut()?;
        running.listen(&name, elapsed, silence, actions);
        let took = elapsed.saturating_sub(running.since);
        let shown = |timeout: Duration| SignedDuration::try_from(timeout).unwrap_or(SignedDuration::MAX);
        if let Some(timeout) = self.plan.soft_timeout()
            && took >= timeout
            && running.stop_reason.get().is_none()
        {
            running.ask_to_stop(StopReason::SoftTimeout);
            let event = events::SOFT_TIMEOUT.of(&name).with("timeout", format!("{:#}", shown(timeout)));
            actions.push(Action::Tell(event));
        }
        if let Some(timeout) = self.plan.hard_timeout()
            && took >= timeout
        {
            running.ask_to_stop(StopReason::SoftTimeout);
            let timeout = format!("{:#}", shown(timeout));
            actions.push(Action::Tell(events::HARD_TIMEOUT.of(&name).with("timeout", &timeout)));
            let reason = format!("it ran longer than {timeout}, didn't stop and was given up");
            actions.push(Action::GiveUp { occurrence: running.occurrence.clone(), reason });
            self.last = Some((running.occurrence.due_at, State::Failed));
            return self.running.take();
        }
        None
    }

    /// Its run ended.
    pub fn ended(&mut self, running: &Running, ended: &Ended, now: Timestamp, lease: SignedDuration) {
        let later = |pause: SignedDuration| now.saturating_add(pause).unwrap_or(Timestamp::MAX);
        let again = |ready_at: Timestamp| Waiting {
            ready_at,
            first_try: Some(running.first_try),
            occurrence: running.occurrence.clone(),
        };
        match ended {
            Ended::Settled { state, .. } => self.last = Some((running.occurrence.due_at, *state)),
            Ended::Stopped => {}
            _ if self.retired => {}
            Ended::Again(at) => self.insert(again(*at)),
            Ended::NotBegun => self.insert(again(later(NOT_BEGUN))),
            Ended::Elsewhere => {
                self.elsewhere_until = Some(later(lease));
                self.insert(again(later(lease)));
            }
        }
    }

    /// Instants at which something is to be done.
    pub fn next_instants(&self, now: Timestamp) -> impl Iterator<Item = Timestamp> + '_ {
        let next = self.next.map(|next| next.due);
        let expected = self.next_expected.as_ref().map(|expected| expected.by);
        // What is ready already waits for something else, whose end is heard of.
        let ready = self.waiting.iter().map(|waiting| waiting.ready_at).filter(move |at| *at > now);
        next.into_iter().chain(expected).chain(ready)
    }

    /// Times of the clock that nobody sets at which a run has taken too long.
    pub fn next_timeouts(&self) -> impl Iterator<Item = Duration> + '_ {
        let timeouts = |running: &Running| {
            let soft = self.plan.soft_timeout().filter(|_| running.stop_reason.get().is_none());
            [soft, self.plan.hard_timeout()].into_iter().flatten().map(|timeout| running.since + timeout).min()
        };
        self.running.as_ref().and_then(timeouts).into_iter()
    }
}
