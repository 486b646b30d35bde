//! Where all time comes from. One clock is handed to whoever needs one, so that a test can hold its own.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rustix::time::{ClockId, clock_gettime};

/// Tells the time in two ways.
pub trait Clock: Send + Sync {
    /// The wall clock, which somebody may set.
    fn now(&self) -> Timestamp;

    /// Time since some start, which nobody sets. It goes on while the machine is suspended, so that waking up is no jump of
    /// the wall clock.
    fn elapsed(&self) -> Duration;
}

/// The system's.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn elapsed(&self) -> Duration {
        let time = clock_gettime(ClockId::Boottime);
        Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
    }
}

/// One that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(Mutex<(Timestamp, Duration)>);

impl ManualClock {
    /// Standing at that instant.
    pub fn at(now: Timestamp) -> Self {
        Self(Mutex::new((now, Duration::ZERO)))
    }

    /// Time passes.
    pub fn advance(&self, by: Duration) {
        let mut time = self.time();
        let by_signed = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        *time = (time.0.saturating_add(by_signed).unwrap_or(Timestamp::MAX), time.1 + by);
    }

    /// Somebody sets the wall clock.
    pub fn set(&self, now: Timestamp) {
        self.time().0 = now;
    }

    fn time(&self) -> MutexGuard<'_, (Timestamp, Duration)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.time().0
    }

    fn elapsed(&self) -> Duration {
        self.time().1
    }
}

/// The wall clock was set by more than daylight saving would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jump {
    /// How far; negative: back.
    pub by: SignedDuration,
}

/// A smaller difference is taken for a correction: what it passes over is due at once. As Vixie cron has it.
const JUMP: SignedDuration = SignedDuration::from_hours(3);

/// Sees when the wall clock is set.
#[derive(Debug)]
pub struct ClockWatch {
    now: Timestamp,
    elapsed: Duration,
}

impl ClockWatch {
    /// From now on.
    pub fn new(clock: &dyn Clock) -> Self {
        Self { now: clock.now(), elapsed: clock.elapsed() }
    }

    /// Whether the clock was set since the last look.
    pub fn look(&mut self, clock: &dyn Clock) -> Option<Jump> {
        let before = std::mem::replace(self, Self::new(clock));
        let passed = SignedDuration::try_from(self.elapsed.saturating_sub(before.elapsed)).ok()?;
        let by = self.now.duration_since(before.now).checked_sub(passed)?;
        (by.abs() > JUMP).then_some(Jump { by })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_is_what_no_time_has_passed_for() {
        let start: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
        let clock = ManualClock::at(start);
        let mut watch = ClockWatch::new(&clock);
        // Suspended for a night: time passed.
        clock.advance(Duration::from_hours(9));
        assert_eq!(watch.look(&clock), None);
        clock.set(clock.now() + SignedDuration::from_hours(2));
        assert_eq!(watch.look(&clock), None);
        clock.set(start);
        assert_eq!(watch.look(&clock), Some(Jump { by: SignedDuration::from_hours(-11) }));
        assert_eq!(watch.look(&clock), None);
    }
}
