//! What time it is, and whether somebody has moved the clock.
//!
//! Two clocks: the wall clock, which people and time servers set, and one that only ever goes on, at the speed of time.
//! Waiting goes by the second; that the first has jumped is seen by comparing them.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rustix::time::{ClockId, clock_gettime};

/// A difference up to this is a clock being set right, or one that drifts; more is a jump.
const JUMP: SignedDuration = SignedDuration::from_hours(3);

/// Where all time comes from.
pub trait Clock: Send + Sync {
    /// What the wall clock says.
    fn now(&self) -> Timestamp;

    /// The time since some fixed moment. Goes on while the machine is suspended, and never goes back.
    fn elapsed(&self) -> Duration;
}

impl<C: Clock + ?Sized> Clock for &C {
    fn now(&self) -> Timestamp {
        (**self).now()
    }

    fn elapsed(&self) -> Duration {
        (**self).elapsed()
    }
}

impl<C: Clock + ?Sized> Clock for std::sync::Arc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }

    fn elapsed(&self) -> Duration {
        (**self).elapsed()
    }
}

/// The machine's clocks. Time elapsed is that since the machine was started, suspension included.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn elapsed(&self) -> Duration {
        // CLOCK_MONOTONIC stops in a suspended machine, and waking up would look like a jump of the wall clock.
        let elapsed = clock_gettime(ClockId::Boottime);
        Duration::new(elapsed.tv_sec.unsigned_abs(), u32::try_from(elapsed.tv_nsec).unwrap_or_default())
    }
}

/// A clock that stands still until it is moved, for tests.
#[derive(Debug)]
pub struct ManualClock(Mutex<(Timestamp, Duration)>);

impl ManualClock {
    /// A clock that says `now`.
    pub fn new(now: Timestamp) -> Self {
        Self(Mutex::new((now, Duration::ZERO)))
    }

    /// Lets time pass, for both clocks.
    ///
    /// # Panics
    ///
    /// After the year 9999.
    pub fn advance(&self, by: Duration) {
        let mut time = self.time();
        time.0 += by;
        time.1 += by;
    }

    /// Sets the wall clock, as an administrator does: no time passes.
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

/// Somebody has moved the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jump {
    /// How far: less than zero if it went back.
    pub by: SignedDuration,
}

/// Sees jumps of the wall clock between one look and the next.
#[derive(Debug)]
pub struct ClockWatch {
    now: Timestamp,
    elapsed: Duration,
}

impl ClockWatch {
    /// A first look at the clock.
    pub fn new(clock: &dyn Clock) -> Self {
        Self { now: clock.now(), elapsed: clock.elapsed() }
    }

    /// Whether the wall clock has moved by more than three hours more or less than the time that has passed since the
    /// last look.
    pub fn look(&mut self, clock: &dyn Clock) -> Option<Jump> {
        let before = std::mem::replace(self, Self::new(clock));
        let passed = self.elapsed.saturating_sub(before.elapsed);
        let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
        let by = self.now.duration_since(before.now).saturating_sub(passed);
        (by.abs() > JUMP).then_some(Jump { by })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn clock() -> ManualClock {
        ManualClock::new("2026-03-01T00:00:00Z".parse().unwrap())
    }

    #[test]
    fn time_that_passes_is_no_jump_however_much_it_is() {
        let clock = clock();
        let mut watch = ClockWatch::new(&clock);
        clock.advance(HOUR * 24 * 400);
        assert_eq!(watch.look(&clock), None);
    }

    #[test]
    fn a_clock_that_is_set_jumps_either_way_beyond_three_hours_and_only_once() {
        for (seconds, jumps) in [(3 * 3600, false), (3 * 3600 + 1, true), (-3 * 3600, false), (-3 * 3600 - 1, true)] {
            let clock = clock();
            let mut watch = ClockWatch::new(&clock);
            let by = SignedDuration::from_secs(seconds);
            clock.advance(HOUR);
            clock.set(clock.now() + by);
            assert_eq!(watch.look(&clock), jumps.then_some(Jump { by }), "{seconds}");
            assert_eq!(watch.look(&clock), None);
        }
    }

    #[test]
    fn the_machines_clock_goes_on() {
        let (before, now) = (SystemClock.elapsed(), SystemClock.now());
        assert!(before > Duration::ZERO);
        assert!(SystemClock.elapsed() >= before);
        assert!(now > "2026-01-01T00:00:00Z".parse().unwrap());
    }
}
