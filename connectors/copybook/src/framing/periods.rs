//! Which record length a file's bytes repeat with.

use super::text;

/// Kinds of bytes that stand at the same place in each record.
const KINDS: usize = 6;

/// What kind of byte it is.
fn kind(byte: u8) -> usize {
    match byte {
        0 => 0,
        0x40 | b' ' => 1,
        0xF0..=0xF9 | b'0'..=b'9' => 2,
        0xC1..=0xE9 => 3,
        _ if text::ebcdic_word(byte) || text::ascii_word(byte) => 4,
        _ => 5,
    }
}

/// How much better than by chance bytes agree with those a record before, in percent: 0 to 100.
pub(super) fn agreement(bytes: &[u8], length: usize) -> u32 {
    if length == 0 || bytes.len() < length.saturating_mul(2) {
        return 0;
    }
    let mut counts = [0_u64; KINDS];
    for byte in bytes {
        counts[kind(*byte)] += 1;
    }
    let all: u64 = counts.iter().sum();
    let by_chance = counts.iter().map(|count| count * count * 1_000 / all).sum::<u64>() / all;
    let pairs = bytes.iter().zip(&bytes[length..]);
    let (mut compared, mut equal) = (0_u64, 0_u64);
    for (byte, later) in pairs {
        compared += 1;
        equal += u64::from(kind(*byte) == kind(*later));
    }
    let agreeing = equal * 1_000 / compared.max(1);
    let more = agreeing.saturating_sub(by_chance);
    u32::try_from(more * 100 / (1_000 - by_chance).max(1)).unwrap_or(100).min(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_agree_at_their_length_only() {
        let bytes: Vec<u8> = (0..50_u8).flat_map(|n| [0xC1, 0xC2 + n % 8, 0x40, 0xF0 + n % 10, 0, 0, n]).collect();
        assert!(agreement(&bytes, 7) > 70, "{}", agreement(&bytes, 7));
        assert!(agreement(&bytes, 6) < 40, "{}", agreement(&bytes, 6));
        assert_eq!(agreement(&bytes, 0), 0);
        assert_eq!(agreement(&[0; 100], 3), 0);
    }
}
