//! How much later than its schedule says a pipeline starts: always as much, worked out from its name.

use std::time::Duration;

use sha2::{Digest as _, Sha256};

/// A pipeline's share of `jitter`, from nothing to just below it, in whole milliseconds. It depends on the name alone,
/// so it is the same after a restart and on another machine.
pub fn offset(pipeline: &str, jitter: Duration) -> Duration {
    let hash = Sha256::digest(pipeline);
    let hash = hash.iter().take(8).fold(0_u64, |number, &byte| number << 8 | u64::from(byte));
    // Less than `jitter`, since the hash is less than 2^64.
    let milliseconds = jitter.as_millis().saturating_mul(u128::from(hash)) >> 64;
    Duration::from_millis(u64::try_from(milliseconds).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIVE_MINUTES: Duration = Duration::from_mins(5);

    #[test]
    fn is_the_same_for_ever() {
        assert_eq!(offset("inbound-calls", FIVE_MINUTES), Duration::from_millis(179_057));
        assert_eq!(offset("inbound-calls", Duration::ZERO), Duration::ZERO);
    }

    #[test]
    fn spreads_pipelines_evenly() {
        let mut tenths = [0; 10];
        for number in 0..1_000 {
            let offset = offset(&format!("pipeline-{number}"), FIVE_MINUTES);
            tenths[usize::try_from(offset.as_secs() / 30).unwrap()] += 1;
        }
        assert!(tenths.iter().all(|&count| (70..=130).contains(&count)), "{tenths:?}");
    }

    proptest::proptest! {
        #[test]
        fn stays_below_the_jitter(name in "[a-z0-9-]{1,64}", milliseconds in 1_u64..10_000_000_000) {
            let jitter = Duration::from_millis(milliseconds);
            proptest::prop_assert!(offset(&name, jitter) < jitter);
        }
    }
}
