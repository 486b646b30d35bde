//! A fixed delay for each pipeline, so that those of one time don't all start in one moment, and each always at the same.

use jiff::SignedDuration;
use sha2::{Digest as _, Sha256};

/// How much later than due a pipeline of that name starts: from nothing to `up_to`, not included.
pub fn jitter(name: &str, up_to: SignedDuration) -> SignedDuration {
    let hash = Sha256::digest(name.as_bytes());
    let drawn = hash.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let milliseconds = u64::try_from(up_to.as_millis()).unwrap_or(0);
    let delay = drawn.checked_rem(milliseconds).unwrap_or(0);
    SignedDuration::from_millis(i64::try_from(delay).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_own_and_keeps_it() {
        let up_to = SignedDuration::from_mins(5);
        let delays: Vec<SignedDuration> = ["orders", "calls", "costs"].map(|name| jitter(name, up_to)).into();
        assert!(delays.iter().all(|delay| !delay.is_negative() && *delay < up_to));
        assert!(delays[0] != delays[1] && delays[1] != delays[2]);
        assert_eq!(jitter("orders", up_to), delays[0]);
        assert_eq!(jitter("orders", SignedDuration::ZERO), SignedDuration::ZERO);
    }
}
