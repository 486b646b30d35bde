//! Whatever is written is read, in pieces of any size and from any record on; whatever the bytes are, nothing panics.

use proptest::prelude::*;

use super::{Seen, read, writers};
use crate::framing::{Endian, Framer, Framing, LengthAnswer, LengthField, LengthNumber, LineEnd, Rdw, RecordFormat};

fn any_rdw() -> impl Strategy<Value = Rdw> {
    let endian = prop_oneof![Just(Endian::Big), Just(Endian::Little), Just(Endian::Swapped)];
    (endian, any::<bool>(), -3..4_i32).prop_map(|(endian, counts_itself, adjust)| Rdw { endian, counts_itself, adjust })
}

/// A length that the writer can write: none below zero.
fn writable(rdw: Rdw) -> Rdw {
    Rdw { adjust: if rdw.counts_itself { rdw.adjust } else { -rdw.adjust.abs() }, ..rdw }
}

fn any_field() -> impl Strategy<Value = LengthField> {
    let number = prop_oneof![
        Just(LengthNumber::BinaryBig),
        Just(LengthNumber::BinaryLittle),
        Just(LengthNumber::Zoned),
        Just(LengthNumber::Packed),
        Just(LengthNumber::AsciiText),
    ];
    (0..5_u32, 1..9_u32, number, -10..10_i32).prop_map(|(offset, length, number, adjust)| LengthField {
        offset,
        length,
        number,
        adjust,
    })
}

fn any_framing() -> impl Strategy<Value = Framing> {
    let end = prop_oneof![Just(LineEnd::Lf), Just(LineEnd::Nel), Just(LineEnd::EbcdicLf)];
    let records = prop_oneof![
        (1..50_u32).prop_map(|length| RecordFormat::Fixed { length }),
        any_rdw().prop_map(RecordFormat::Variable),
        (any_rdw(), any_rdw()).prop_map(|(rdw, bdw)| RecordFormat::VariableBlocked { rdw, bdw }),
        (any_rdw(), proptest::option::of(any_rdw())).prop_map(|(rdw, bdw)| RecordFormat::Spanned { rdw, bdw }),
        (1..100_u32, end).prop_map(|(most, end)| RecordFormat::Lines { most, end }),
        any_field().prop_map(RecordFormat::LengthField),
        Just(RecordFormat::ByLayout),
    ];
    let skips = (0..6_u64, 0..6_u64, 0..3_u32, 0..3_u32);
    (records, skips, 50..300_u32).prop_map(|(records, (skip_start, skip_end, first, last), longest)| Framing {
        records,
        skip_start,
        skip_end,
        record_skip_start: first,
        record_skip_end: last,
        ignore_leftover: false,
        longest,
    })
}

/// Answers anything, told by the bytes.
fn any_answer(bytes: &[u8]) -> LengthAnswer {
    let first = bytes.first().copied().map_or(0, usize::from);
    match first % 7 {
        0 => LengthAnswer::Wrong("so".into()),
        1 => LengthAnswer::Needs(first),
        2 if bytes.len() < 3 => LengthAnswer::Needs(3),
        _ => LengthAnswer::Is(first),
    }
}

fn framer(framing: Framing) -> Option<Framer> {
    match framing.records {
        RecordFormat::ByLayout => Framer::by_layout(framing, Box::new(any_answer)).ok(),
        _ => Framer::new(framing).ok(),
    }
}

/// Bytes that look like descriptor words more often than by chance.
fn any_file() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![3 => Just(0_u8), 3 => 0..20_u8, 1 => Just(0x80_u8), 2 => 0xF0..=0xF9_u8, 1 => any::<u8>()];
    proptest::collection::vec(byte, 0..400)
}

fn any_records() -> impl Strategy<Value = Vec<Vec<u8>>> {
    proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 0..20)
}

fn any_pieces() -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(0..80_usize, 1..10)
}

fn check(framing: Framing, records: &[Vec<u8>], file: &[u8], pieces: &[usize]) -> Result<(), TestCaseError> {
    let (seen, error, most) = read(framer(framing).unwrap(), file, pieces);
    prop_assert_eq!(error, None);
    let bytes: Vec<_> = seen.iter().map(|record| record.bytes.clone()).collect();
    prop_assert_eq!(&bytes, records);
    prop_assert!(most < 60 + 8 + 80 + 8, "a window of {} bytes", most);
    let in_one_piece = !matches!(framing.records, RecordFormat::Spanned { .. });
    for (index, record) in seen.iter().enumerate() {
        let at = usize::try_from(record.offset).unwrap();
        if in_one_piece {
            prop_assert_eq!(&file[at..at + record.bytes.len()], &record.bytes);
        } else {
            prop_assert!(file[at..].first() == record.bytes.first() || record.bytes.is_empty());
        }
        prop_assert_eq!(record.start.ordinal, u64::try_from(index).unwrap());
        let rest = from(framing, record, file, pieces);
        prop_assert_eq!(rest, &seen[index..]);
    }
    Ok(())
}

fn from(framing: Framing, record: &Seen, file: &[u8], pieces: &[usize]) -> Vec<Seen> {
    let mut framer = framer(framing).unwrap();
    framer.resume(record.start);
    let (rest, error, _) = read(framer, file, pieces);
    assert_eq!(error, None);
    rest
}

proptest! {
    #[test]
    fn variable(records in any_records(), rdw in any_rdw(), pieces in any_pieces()) {
        let rdw = writable(rdw);
        let file = writers::variable(&records, rdw);
        check(Framing::new(RecordFormat::Variable(rdw)), &records, &file, &pieces)?;
    }

    #[test]
    fn variable_with_bytes_left_out(records in any_records(), skips in (0..9_usize, 0..9_usize), pieces in any_pieces()) {
        let (start, end) = skips;
        let file = [vec![7; start], writers::variable(&records, Rdw::Z_OS), vec![9; end]].concat();
        let (skip_start, skip_end) = (u64::try_from(start).unwrap(), u64::try_from(end).unwrap());
        check(Framing { skip_start, skip_end, ..Framing::z_os_variable() }, &records, &file, &pieces)?;
    }

    #[test]
    fn blocked(records in any_records(), words in (any_rdw(), any_rdw()), per in 1..5_usize, pieces in any_pieces()) {
        let (rdw, bdw) = (writable(words.0), writable(words.1));
        let file = writers::blocked(&records, per, rdw, bdw);
        check(Framing::new(RecordFormat::VariableBlocked { rdw, bdw }), &records, &file, &pieces)?;
    }

    #[test]
    fn spanned(
        records in any_records(),
        words in (any_rdw(), proptest::option::of(any_rdw())),
        sizes in (1..70_usize, 1..5_usize),
        pieces in any_pieces(),
    ) {
        let (rdw, bdw) = (writable(words.0), words.1.map(writable));
        let file = writers::spanned(&records, sizes.0, sizes.1, rdw, bdw);
        check(Framing::new(RecordFormat::Spanned { rdw, bdw }), &records, &file, &pieces)?;
    }

    #[test]
    fn fixed(length in 1..60_usize, count in 0..20_usize, seed in any::<u8>(), pieces in any_pieces()) {
        let file: Vec<u8> = (0..length * count).map(|n| u8::try_from(n * 7 % 256).unwrap() ^ seed).collect();
        let records: Vec<Vec<u8>> = file.chunks(length).map(<[u8]>::to_vec).collect();
        check(Framing::z_os_fixed(u32::try_from(length).unwrap()), &records, &file, &pieces)?;
    }

    #[test]
    fn lines(
        lines in proptest::collection::vec("[a-z ]{0,40}", 0..20),
        ends in proptest::collection::vec(any::<bool>(), 20),
        last in any::<bool>(),
        pieces in any_pieces(),
    ) {
        let mut file = Vec::new();
        for (line, carriage_return) in lines.iter().zip(&ends) {
            file.extend(line.bytes());
            file.extend(if *carriage_return { b"\r\n".as_slice() } else { b"\n" });
        }
        let mut records: Vec<_> = lines.into_iter().map(String::into_bytes).collect();
        if last {
            file.push(b'x');
            records.push(b"x".to_vec());
        }
        check(Framing::new(RecordFormat::Lines { most: 40, end: LineEnd::Lf }), &records, &file, &pieces)?;
    }

    #[test]
    fn length_field(bodies in any_records(), pieces in any_pieces()) {
        let records: Vec<Vec<u8>> = bodies
            .iter()
            .map(|body| [writers::ebcdic(&format!("K{:03}", body.len().min(55))), body[..body.len().min(55)].to_vec()].concat())
            .collect();
        let field = LengthField { offset: 1, length: 3, number: LengthNumber::Zoned, adjust: 4 };
        check(Framing::new(RecordFormat::LengthField(field)), &records, &records.concat(), &pieces)?;
    }

    #[test]
    fn any_bytes_in_any_framing(framing in any_framing(), file in any_file(), pieces in any_pieces()) {
        let Some(in_pieces) = framer(framing) else { return Ok(()) };
        let (records, error, most) = read(in_pieces, &file, &pieces);
        let longest = usize::try_from(framing.longest).unwrap();
        prop_assert!(records.iter().all(|record| record.bytes.len() <= longest));
        prop_assert!(most <= longest + 8 + 80 + 6 + 2);
        prop_assert!(records.len() <= file.len());
        if let Some(error) = &error {
            prop_assert!(error.bytes.len() <= 16);
            prop_assert!(!error.found.is_empty() && !error.help.is_empty());
        }
        if framing.records != RecordFormat::ByLayout {
            let (at_once, same, _) = read(framer(framing).unwrap(), &file, &[file.len()]);
            prop_assert_eq!(at_once, records);
            prop_assert_eq!(same.map(|error| error.problem), error.map(|error| error.problem));
        }
    }
}
