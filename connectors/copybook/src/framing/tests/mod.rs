//! Tests of framing: a caller that reads in pieces, and writers that know nothing of the framer.

mod diagnoses;
mod errors;
mod formats;
mod properties;
mod real_data;
mod writers;

use super::{Framer, FramingError, Position, Step};

/// A record as it was found, copied.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    bytes: Vec<u8>,
    offset: u64,
    start: Position,
}

/// Reads a file as a caller does, dropping what isn't needed and getting `pieces` more bytes than wanted, in turn.
/// Returns the records, the error if there was one, and the bytes of the longest window.
fn read(mut framer: Framer, file: &[u8], pieces: &[usize]) -> (Vec<Seen>, Option<FramingError>, usize) {
    let mut records = Vec::new();
    let (mut from, mut until) = (0, 0);
    let mut most = 0;
    let mut pieces = pieces.iter().copied().cycle();
    loop {
        let window = &file[from..until];
        most = most.max(window.len());
        let ended = until == file.len();
        match framer.next(window, u64::try_from(from).unwrap(), ended) {
            Ok(Step::Record(record)) => {
                let start = record.start;
                assert!(record.next.offset > start.offset, "no progress at {start:?}");
                assert_eq!(record.next.ordinal, start.ordinal + 1);
                records.push(Seen { bytes: record.bytes.to_vec(), offset: record.offset, start });
                let next = record.next;
                assert_eq!(framer.position(), next);
            }
            Ok(Step::More { from: needed, until: wanted }) => {
                assert!(!ended, "more is wanted, but the file has ended");
                let needed = usize::try_from(needed).unwrap();
                let wanted = usize::try_from(wanted).unwrap();
                assert!(needed >= from && wanted > until, "{needed} {wanted} from {from} until {until}");
                from = needed.min(file.len());
                until = wanted.saturating_add(pieces.next().unwrap_or(0)).min(file.len());
            }
            Ok(Step::End) => return (records, None, most),
            Err(error) => return (records, Some(error), most),
        }
    }
}

/// The whole file in one window.
fn read_whole(framer: Framer, file: &[u8]) -> Result<Vec<Vec<u8>>, FramingError> {
    let (records, error, _) = read(framer, file, &[file.len()]);
    match error {
        Some(error) => Err(error),
        None => Ok(records.into_iter().map(|record| record.bytes).collect()),
    }
}
