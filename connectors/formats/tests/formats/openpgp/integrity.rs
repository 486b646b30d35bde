//! A message that was changed or cut gives no rows at all.

use campaignd_contract::{BatchLimits, Completeness, Format, MemoryBytes};
use pgp::types::CompressionAlgorithm as Compression;
use proptest::prelude::*;

use super::messages::{
    CONTAINERS, Container, KEYS, armored, csv, demanding, in_pieces, inner, packet, received, sealed,
};
use super::{CALLS, plain, transcript};

/// What is said of the content; panics if a row was given out before an error.
fn said(format: &dyn Format, stored: &[u8]) -> Result<String, String> {
    let bytes = MemoryBytes::new("calls", stored);
    match format.open(&bytes, None, BatchLimits::default()) {
        Err(error) => Err(error.to_string()),
        Ok(mut reader) => {
            while reader.next_batch().expect("it was found intact").is_some() {}
            Ok(transcript::read(format, stored))
        }
    }
}

/// The messages that are damaged below. Those without signature or compression leave a damage to the container alone.
fn messages() -> Vec<Vec<u8>> {
    let mut messages: Vec<_> =
        CONTAINERS.map(|kind| sealed(kind, &inner(CALLS, Compression::Uncompressed, &[]))).into();
    messages.push(sealed(Container::V1, &inner(CALLS, Compression::ZLIB, &[&KEYS.sender])));
    messages.push(armored(&sealed(Container::V1, &inner(CALLS, Compression::Uncompressed, &[]))));
    messages
}

#[test]
fn a_cut_at_any_byte_is_an_error() {
    for stored in messages() {
        for length in 0..stored.len() {
            let wrong = match said(&received(), &stored[..length]) {
                Err(wrong) => wrong,
                // The line end behind the armor says nothing.
                Ok(read) => {
                    assert!(
                        stored[length..] == b"\n"[..] && read == plain(CALLS),
                        "cut at {length} of {}",
                        stored.len()
                    );
                    continue;
                }
            };
            assert!(wrong.starts_with("could not decrypt calls: "), "{wrong}");
        }
    }
}

/// Such as is cut where a length should stand: readers take that for an end that is due.
#[test]
fn a_cut_in_a_message_of_many_lengths_is_an_error() {
    let rows: String = std::iter::once("id\n".to_owned()).chain((0..300).map(|row| format!("{row}\n"))).collect();
    let stored = in_pieces(rows.as_bytes());
    assert_eq!(transcript::read(&received(), &stored), plain(rows.as_bytes()));
    for length in 0..stored.len() {
        assert!(said(&received(), &stored[..length]).is_err(), "cut at {length} of {}", stored.len());
    }
}

#[test]
fn a_cut_message_is_incomplete() {
    let content = b"id\n1\nTRL,1\n";
    let settings = "key = { file = \"receiver.key\" }\n[trailer]\nstarts_with = \"TRL\"\ncolumns = [\"t\", \"n\"]";
    let format = csv(settings);
    for container in CONTAINERS {
        for stored in [
            sealed(container, &inner(content, Compression::ZIP, &[])),
            armored(&sealed(container, &inner(content, Compression::Uncompressed, &[]))),
        ] {
            let complete = |stored: &[u8]| format.completeness(&MemoryBytes::new("calls", stored));
            assert_eq!(complete(&stored).unwrap(), Completeness::Complete);
            for length in stored.len() / 4..stored.len() - 60 {
                let cut = complete(&stored[..length]);
                assert!(matches!(cut, Ok(Completeness::Incomplete(_))), "{container:?} cut at {length}: {cut:?}");
            }
        }
    }
}

#[test]
fn a_bit_that_has_changed_anywhere_is_an_error_or_nothing() {
    for stored in messages() {
        for at in 0..stored.len() {
            let mut changed = stored.clone();
            changed[at] ^= 1 << (at % 8);
            if let Ok(read) = said(&received(), &changed) {
                assert_eq!(read, plain(CALLS), "bit {} of byte {at} of {}", at % 8, stored.len());
            }
        }
    }
}

/// Changes that hit the framing more often than chance would.
fn damage() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_bytes_never_give_other_rows(which in 0..7usize, damage in damage(), cut in 0..40usize) {
        let mut stored = messages().swap_remove(which);
        for (at, byte) in damage {
            let at = at.index(stored.len());
            stored[at] = byte;
        }
        stored.truncate(stored.len() - cut.saturating_sub(30));
        if let Ok(read) = said(&received(), &stored) {
            prop_assert_eq!(read, plain(CALLS));
        }
    }

    /// What somebody encrypts to us may be anything: it is intact, and no message at all.
    #[test]
    fn any_packets_inside_do_no_harm(packets in packets(), compressed in any::<bool>()) {
        let mut inner = packets.concat();
        if compressed {
            inner = packet(8, &[&[0][..], &inner].concat());
        }
        for container in [Container::V1, Container::Gnupg] {
            let stored = sealed(container, &inner);
            let _ = said(&received(), &stored);
            prop_assert!(said(&demanding(), &stored).is_err());
        }
    }
}

/// Packets that mean something, in any order, and some that don't.
fn packets() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let literal = [b"b\0\0\0\0\0", CALLS].concat();
    let kinds = prop_oneof![
        4 => Just(packet(11, &literal)),
        1 => Just(packet(11, b"b")),
        2 => Just(packet(8, &[&[0][..], &packet(11, &literal)].concat())),
        1 => Just(packet(8, &[2, 1, 2, 3])),
        2 => Just(packet(21, &[0; 50])),
        2 => Just(packet(10, b"PGP")),
        2 => Just(packet(4, &[3, 0, 8, 22, 1, 2, 3, 4, 5, 6, 7, 8, 1])),
        2 => Just(packet(2, &[4, 0, 22, 8, 0, 0, 0, 0, 1, 2, 0, 0])),
        1 => Just(packet(18, &[1; 60])),
        1 => Just(packet(1, &[3; 30])),
        1 => Just(inner(CALLS, Compression::Uncompressed, &[&KEYS.stranger])),
        1 => (any::<u8>(), proptest::collection::vec(any::<u8>(), 0..30)).prop_map(|(kind, body)| packet(kind & 63, &body)),
        1 => proptest::collection::vec(any::<u8>(), 0..30),
    ];
    proptest::collection::vec(kinds, 0..6)
}
