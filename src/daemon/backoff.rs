//! When a run that failed is tried again: pauses that double, each drawn anew between nothing and its length (full jitter),
//! so that what failed together doesn't come back together.

use campaignd_contract::ErrorClass;
use jiff::{SignedDuration, Timestamp};

use crate::settings::Retry;

/// Whether an error may pass by itself.
pub fn may_pass(class: ErrorClass) -> bool {
    match class {
        ErrorClass::Transient | ErrorClass::NoSpace | ErrorClass::OutcomeUnknown => true,
        ErrorClass::Permanent | ErrorClass::Fenced | ErrorClass::Stopped => false,
    }
}

/// When it is tried again, after `attempts` runs of which the first began at `since`; `None`: not any more. `draw` is a
/// number from 0 to 1,000,000, drawn for this.
pub fn next_try(retry: &Retry, attempts: u32, since: Timestamp, now: Timestamp, draw: u32) -> Option<Timestamp> {
    if attempts >= retry.attempts {
        return None;
    }
    let doubled = 1_i32.checked_shl(attempts.saturating_sub(1).min(30)).unwrap_or(i32::MAX);
    let most = retry.first_pause.signed().saturating_mul(doubled).min(retry.longest_pause.signed());
    let micros = most.as_micros().saturating_mul(i128::from(draw.min(1_000_000))) / 1_000_000;
    let pause = SignedDuration::from_micros(i64::try_from(micros).unwrap_or(i64::MAX));
    let at = now.saturating_add(pause).ok()?;
    let given_up = since.saturating_add(retry.give_up_after.signed()).ok()?;
    (at <= given_up).then_some(at)
}

/// A number from 0 to 1,000,000.
pub fn draw() -> u32 {
    let mut bytes = [0; 4];
    // Where the system has no randomness to give, a pause of half its length will do.
    match getrandom::fill(&mut bytes) {
        Ok(()) => u32::from_le_bytes(bytes) % 1_000_001,
        Err(_) => 500_000,
    }
}
