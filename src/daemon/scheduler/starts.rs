//! What may start now: its time has come, its pipeline is free, those it comes after have run, and there is room.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use campaignd_contract::Supervision;
use jiff::Timestamp;

use super::{Action, Running, Scheduler, Start};
use crate::load::occurrence::{Origin, State};

/// What stands between an occurrence and its start.
enum Before {
    /// Nothing.
    Ready,
    /// Something that will pass.
    Waits,
    /// One it comes after didn't run well.
    Never(String),
}

impl Scheduler {
    /// Starts what may start, the longest due first.
    pub(super) fn start(&mut self, now: Timestamp, elapsed: Duration, actions: &mut Vec<Action>) {
        let mut ready: Vec<(Timestamp, String)> = self
            .lines
            .iter()
            .filter(|(_, line)| line.running.is_none() && line.paused.is_none())
            .filter(|(_, line)| line.elsewhere_until.is_none_or(|until| until <= now))
            .filter_map(|(name, line)| {
                let first = line.waiting.front().filter(|waiting| waiting.ready_at <= now)?;
                Some((first.ready_at, name.clone()))
            })
            .collect();
        ready.sort();
        let mut running = 0;
        let mut by_endpoint: BTreeMap<String, usize> = BTreeMap::new();
        for run in self.lines.values().filter_map(|line| line.running.as_ref()) {
            running += 1;
            if let Some(endpoint) = &run.endpoint {
                *by_endpoint.entry(endpoint.clone()).or_default() += 1;
            }
        }
        for (_, name) in ready {
            if running >= self.limits.runs_at_once {
                return;
            }
            match self.before(&name) {
                Before::Ready => {}
                Before::Waits => continue,
                Before::Never(reason) => {
                    if let Some(line) = self.lines.get_mut(&name)
                        && let Some(waiting) = line.waiting.pop_front()
                    {
                        line.skip(waiting.occurrence, reason, actions);
                    }
                    continue;
                }
            }
            let Some(line) = self.lines.get_mut(&name) else { continue };
            if let Some(endpoint) = &line.plan.endpoint {
                let at_it = by_endpoint.entry(endpoint.clone()).or_default();
                let breaker = self.breakers.entry(endpoint.clone()).or_default();
                if *at_it >= self.limits.runs_per_endpoint || breaker.may_start(now).is_err() {
                    continue;
                }
                *at_it += 1;
                breaker.started();
            }
            let Some(waiting) = line.waiting.pop_front() else { continue };
            running += 1;
            self.tickets += 1;
            let (supervision, stop_reason) = (Supervision::default(), Arc::new(OnceLock::new()));
            let first_try = waiting.first_try.unwrap_or(now);
            line.elsewhere_until = None;
            line.running = Some(Running {
                occurrence: waiting.occurrence.clone(),
                first_try,
                ticket: self.tickets,
                endpoint: line.plan.endpoint.clone(),
                supervision: supervision.clone(),
                since: elapsed,
                stop_reason: Arc::clone(&stop_reason),
                signs: (0, elapsed),
                is_silent: false,
            });
            actions.push(Action::Start(Box::new(Start {
                plan: line.plan.clone(),
                occurrence: waiting.occurrence,
                first_try,
                ticket: self.tickets,
                supervision,
                stop_reason,
            })));
        }
    }

    /// How the pipelines stand that the first waiting occurrence of this one comes after.
    fn before(&self, name: &str) -> Before {
        let Some(line) = self.lines.get(name) else { return Before::Waits };
        let Some(first) = line.waiting.front() else { return Before::Waits };
        // Somebody asked for it: they know what is there.
        if first.occurrence.origin == Origin::Backfill {
            return Before::Ready;
        }
        for other in line.plan.after() {
            // One without a schedule of its own has no occurrence to wait for.
            let Some(other_line) = self.lines.get(other) else { continue };
            let is_open = other_line.waiting.iter().any(|waiting| waiting.occurrence.due_at <= first.occurrence.due_at)
                || other_line
                    .running
                    .as_ref()
                    .is_some_and(|running| running.occurrence.due_at <= first.occurrence.due_at);
            if is_open {
                return Before::Waits;
            }
            if let Some((_, State::Failed)) = other_line.last {
                return Before::Never(format!("`{other}`, which it comes after, failed"));
            }
        }
        Before::Ready
    }
}
