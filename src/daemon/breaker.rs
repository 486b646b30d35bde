//! Leaves an endpoint alone that fails again and again, so that its pipelines don't wait for it in turn, and looks at times
//! whether it is back. Closed: all is well. Open: nobody asks it until then. After that one run may try; how it ends
//! decides.

use jiff::{SignedDuration, Timestamp};

/// Failures in a row, of whichever of its pipelines, after which it is left alone.
const FAILURES: u32 = 3;
/// How long at first; twice as long each time it fails again.
const FIRST: SignedDuration = SignedDuration::from_secs(30);
/// How long at most.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);

/// One endpoint.
#[derive(Debug, Default)]
pub struct Breaker {
    failures: u32,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    until: Timestamp,
    lasts: SignedDuration,
    probing: bool,
}

impl Breaker {
    /// Whether a run may ask the endpoint; else when one may, where that is known.
    pub fn may_start(&self, now: Timestamp) -> Result<(), Option<Timestamp>> {
        match &self.open {
            None => Ok(()),
            Some(open) if open.probing => Err(None),
            Some(open) if open.until <= now => Ok(()),
            Some(open) => Err(Some(open.until)),
        }
    }

    /// A run asks it.
    pub fn started(&mut self) {
        if let Some(open) = &mut self.open {
            open.probing = true;
        }
    }

    /// It answered. Returns whether it hadn't before.
    pub fn answered(&mut self) -> bool {
        self.failures = 0;
        self.open.take().is_some()
    }

    /// It failed. Returns until when it is left alone, if that begins now.
    pub fn failed(&mut self, now: Timestamp) -> Option<Timestamp> {
        self.failures = self.failures.saturating_add(1);
        let lasts = match &self.open {
            Some(open) if !open.probing => return None,
            Some(open) => open.lasts.saturating_mul(2).min(LONGEST),
            None if self.failures >= FAILURES => FIRST,
            None => return None,
        };
        let until = now.saturating_add(lasts).unwrap_or(Timestamp::MAX);
        self.open = Some(Open { until, lasts, probing: false });
        Some(until)
    }

    /// The run that asked it ended without saying anything about it.
    pub fn unsettled(&mut self) {
        if let Some(open) = &mut self.open {
            open.probing = false;
        }
    }

    /// Failures in a row.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Whether it is left alone.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn an_endpoint_that_fails_is_left_alone_longer_and_longer_and_one_run_tries() {
        let mut breaker = Breaker::default();
        assert_eq!((breaker.failed(at(0)), breaker.failed(at(1))), (None, None));
        assert_eq!(breaker.failed(at(2)), Some(at(32)));
        assert_eq!(breaker.may_start(at(31)), Err(Some(at(32))));
        assert_eq!(breaker.may_start(at(32)), Ok(()));
        breaker.started();
        assert_eq!(breaker.may_start(at(33)), Err(None), "one at a time");
        assert_eq!(breaker.failed(at(40)), Some(at(100)));
        // A run that had been under way since before changes nothing.
        assert_eq!(breaker.failed(at(41)), None);
        breaker.started();
        breaker.unsettled();
        assert_eq!(breaker.may_start(at(100)), Ok(()));
        breaker.started();
        assert!(breaker.answered());
        assert_eq!((breaker.may_start(at(100)), breaker.failed(at(101))), (Ok(()), None));
        assert!(!breaker.answered());
    }
}
