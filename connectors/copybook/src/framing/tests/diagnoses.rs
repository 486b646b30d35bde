//! The doctor ranks the framing that a file was written with first.

use super::writers;
use crate::framing::{
    Characters, Damage, Endian, Framing, Hypothesis, LineEnd, Rdw, RecordFormat, RecordLengths, diagnose,
};

const NAMES: [&str; 8] = ["SMITH", "MILLER", "JONES", "VAN DER BERG", "LEE", "GARCIA", "OKAFOR", "NGUYEN"];

/// A customer of 60 bytes: number, name, packed amount, binary counter, blanks, so many tails of 13 bytes.
fn customer(number: usize, tails: usize) -> Vec<u8> {
    let packed = u8::try_from(number * 37 % 10 * 16 + number % 10).unwrap();
    let mut record = writers::ebcdic(&format!("{number:08}{:<20}", NAMES[number * 5 % 8]));
    record.extend([0, packed, u8::try_from(number % 10 * 16).unwrap() | 0x0C, 0, u8::try_from(number % 251).unwrap()]);
    record.extend(writers::ebcdic("          20261124ACTIVE   "));
    for tail in 0..tails {
        record.extend(writers::ebcdic(&format!(
            "{:<9}{:04}",
            NAMES[(number + tail) % 8].get(..5).unwrap_or("LEE"),
            tail
        )));
    }
    record
}

fn fixed_records() -> Vec<Vec<u8>> {
    (0..100).map(|number| customer(number, 0)).collect()
}

fn records() -> Vec<Vec<u8>> {
    (0..100).map(|number| customer(number, number * 2_654_435_761 / 128 % 5)).collect()
}

const FIXED: RecordLengths = RecordLengths { least: 60, most: 60 };
const VARYING: RecordLengths = RecordLengths { least: 60, most: 60 + 4 * 13 };

fn whole(file: &[u8], lengths: RecordLengths) -> Vec<Hypothesis> {
    diagnose(file, Some(u64::try_from(file.len()).unwrap()), &lengths)
}

/// The same from the whole file and from its first bytes only.
fn first(file: &[u8], lengths: RecordLengths) -> Hypothesis {
    let all = whole(file, lengths);
    let length = Some(u64::try_from(file.len()).unwrap());
    let beginning = diagnose(&file[..file.len().min(2_500)], length, &lengths);
    assert_eq!(beginning[0].framing.records, all[0].framing.records, "{beginning:#?}");
    assert!(all.windows(2).all(|pair| pair[0].score >= pair[1].score));
    all.into_iter().next().unwrap()
}

/// The best three, one a line.
fn verdict(hypotheses: &[Hypothesis]) -> String {
    let line = |hypothesis: &Hypothesis| {
        let damage = hypothesis.damage.map_or(String::new(), |damage| format!(" damaged: {damage:?}"));
        format!(
            "{} {:?}{damage}, {} records, {:?}\n  {}\n",
            hypothesis.score,
            hypothesis.framing.records,
            hypothesis.records,
            hypothesis.text,
            hypothesis.reasons.join("\n  ")
        )
    };
    hypotheses.iter().take(3).map(line).collect()
}

#[test]
fn the_records_are_as_long_as_said() {
    assert!(fixed_records().iter().all(|record| record.len() == 60));
    assert_eq!(records().iter().map(Vec::len).max(), Some(112));
}

#[test]
fn fixed() {
    let file = fixed_records().concat();
    assert_eq!(first(&file, FIXED).framing, Framing::z_os_fixed(60));
    insta::assert_snapshot!(verdict(&whole(&file, FIXED)), @r"
    82 Fixed { length: 60 }, 100 records, Ebcdic
      6000 bytes are 100 records of 60 bytes
      bytes agree with those 60 before them 90 % better than by chance
      it is the layout's length
    ");
}

#[test]
fn fixed_of_another_length_than_the_layout() {
    let file = fixed_records().concat();
    let lengths = RecordLengths { least: 50, most: 50 };
    let best = whole(&file, lengths);
    assert_eq!(best[0].framing, Framing::z_os_fixed(60));
    insta::assert_snapshot!(verdict(&best), @r"
    62 Fixed { length: 60 }, 100 records, Ebcdic
      6000 bytes are 100 records of 60 bytes
      bytes agree with those 60 before them 90 % better than by chance
      the layout allows no such length
    55 Fixed { length: 50 }, 120 records, Ebcdic
      6000 bytes are 120 records of 50 bytes
      bytes agree with those 50 before them 0 % better than by chance
      it is the layout's length
    ");
}

#[test]
fn variable_in_all_orders() {
    for endian in [Endian::Big, Endian::Little, Endian::Swapped] {
        for counts_itself in [true, false] {
            let rdw = Rdw { endian, counts_itself, adjust: 0 };
            let best = first(&writers::variable(&records(), rdw), VARYING);
            assert_eq!((best.framing.records, best.records), (RecordFormat::Variable(rdw), 100));
            let best = first(&writers::variable(&fixed_records(), rdw), FIXED);
            assert_eq!(best.framing.records, RecordFormat::Variable(rdw));
        }
    }
    insta::assert_snapshot!(verdict(&whole(&writers::variable(&records(), Rdw::Z_OS), VARYING)), @r"
    98 Variable(Rdw { endian: Big, counts_itself: true, adjust: 0 }), 100 records, Ebcdic
      100 records fit behind record descriptor words, big endian, counting themselves
      all of them have a length that the layout allows
    88 Spanned { rdw: Rdw { endian: Big, counts_itself: true, adjust: 0 }, bdw: None }, 100 records, Ebcdic
      100 records fit behind segment descriptor words, big endian, counting themselves
      all of them have a length that the layout allows
      no record is in more than one segment, so the records may not be spanned
    23 Fixed { length: 60 }, 148 records, Ebcdic
      8935 bytes are no multiple of 60: 55 would be left
      bytes agree with those 60 before them 0 % better than by chance
      it is the layout's longest or shortest length
    ");
}

#[test]
fn variable_blocked_in_all_orders() {
    for endian in [Endian::Big, Endian::Little, Endian::Swapped] {
        for counts_itself in [true, false] {
            let rdw = Rdw { endian, counts_itself, adjust: 0 };
            let best = first(&writers::blocked(&records(), 10, rdw, rdw), VARYING);
            assert_eq!(best.framing.records, RecordFormat::VariableBlocked { rdw, bdw: rdw });
        }
    }
    let (rdw, bdw) = (Rdw::Z_OS, Rdw { counts_itself: false, ..Rdw::Z_OS });
    let best = first(&writers::blocked(&records(), 10, rdw, bdw), VARYING);
    assert_eq!(best.framing.records, RecordFormat::VariableBlocked { rdw, bdw });
    insta::assert_snapshot!(verdict(&whole(&writers::blocked(&records(), 10, Rdw::Z_OS, Rdw::Z_OS), VARYING)), @r"
    98 VariableBlocked { rdw: Rdw { endian: Big, counts_itself: true, adjust: 0 }, bdw: Rdw { endian: Big, counts_itself: true, adjust: 0 } }, 100 records, Ebcdic
      100 records fit behind block and record descriptor words, big endian, counting themselves
      all of them have a length that the layout allows
    88 Spanned { rdw: Rdw { endian: Big, counts_itself: true, adjust: 0 }, bdw: Some(Rdw { endian: Big, counts_itself: true, adjust: 0 }) }, 100 records, Ebcdic
      100 records fit behind block and segment descriptor words, big endian, counting themselves
      all of them have a length that the layout allows
      no record is in more than one segment, so the records may not be spanned
    46 Spanned { rdw: Rdw { endian: Big, counts_itself: true, adjust: 0 }, bdw: None }, 10 records, Ebcdic
      10 records fit behind segment descriptor words, big endian, counting themselves
      0 of them have a length that the layout allows
      no record is in more than one segment, so the records may not be spanned
    ");
}

#[test]
fn spanned() {
    let file = writers::spanned(&records(), 70, 10, Rdw::Z_OS, Some(Rdw::Z_OS));
    assert_eq!(first(&file, VARYING).framing, Framing::z_os_spanned());
    insta::assert_snapshot!(verdict(&whole(&file, VARYING)), @r"
    98 Spanned { rdw: Rdw { endian: Big, counts_itself: true, adjust: 0 }, bdw: Some(Rdw { endian: Big, counts_itself: true, adjust: 0 }) }, 100 records, Ebcdic
      100 records fit behind block and segment descriptor words, big endian, counting themselves
      all of them have a length that the layout allows
    56 Variable(Rdw { endian: Big, counts_itself: true, adjust: 0 }), 18 records, Ebcdic
      18 records fit behind record descriptor words, big endian, counting themselves
      0 of them have a length that the layout allows
    46 Spanned { rdw: Rdw { endian: Big, counts_itself: true, adjust: 0 }, bdw: None }, 18 records, Ebcdic
      18 records fit behind segment descriptor words, big endian, counting themselves
      0 of them have a length that the layout allows
      no record is in more than one segment, so the records may not be spanned
    ");
    let file = writers::spanned(&records(), 70, 10, Rdw::Z_OS, None);
    assert_eq!(first(&file, VARYING).framing, Framing::z_os_spanned_without_blocks());
}

#[test]
fn lines() {
    let lines: Vec<String> = (0..100).map(|n| format!("{n},{},{}", NAMES[n * 3 % 8], n * 17 % 1_000)).collect();
    let lengths = RecordLengths { least: 1, most: 80 };
    let file = lines.join("\r\n").into_bytes();
    let best = first(&file, lengths);
    assert!(matches!(best.framing.records, RecordFormat::Lines { end: LineEnd::Lf, .. }));
    assert_eq!((best.text, best.damage, best.records), (Characters::Ascii, None, 100));
    insta::assert_snapshot!(verdict(&whole(&file, lengths)), @r"
    98 Lines { most: 32756, end: Lf }, 100 records, Ascii
      100 records end with LF (0x0A), or CR LF
      everything else is text
      all lines have a length that the layout allows
    62 ByLayout, 0 records, Ascii
      the layout has records of 1 to 80 bytes
      no descriptor words fit, and no fixed length does: a transfer has probably removed them
    53 Fixed { length: 1 }, 1491 records, Ascii
      1491 bytes are 1491 records of 1 bytes
      bytes agree with those 1 before them 34 % better than by chance
      it is the layout's longest or shortest length
    ");
    for (end, byte) in [(LineEnd::Nel, 0x15), (LineEnd::EbcdicLf, 0x25)] {
        let file: Vec<u8> =
            lines.iter().flat_map(|line| [writers::ebcdic(&line.replace(',', " ")), vec![byte]].concat()).collect();
        let best = first(&file, lengths);
        assert!(matches!(best.framing.records, RecordFormat::Lines { end: this, .. } if this == end));
        assert_eq!(best.text, Characters::Ebcdic);
    }
}

#[test]
fn descriptor_words_stripped() {
    let file = records().concat();
    assert_eq!(first(&file, VARYING).framing.records, RecordFormat::ByLayout);
    insta::assert_snapshot!(verdict(&whole(&file, VARYING)), @r"
    62 ByLayout, 0 records, Ebcdic
      the layout has records of 60 to 112 bytes
      no descriptor words fit, and no fixed length does: a transfer has probably removed them
    34 Fixed { length: 3 }, 2845 records, Ebcdic
      8535 bytes are 2845 records of 3 bytes
      bytes agree with those 3 before them 30 % better than by chance
      the layout allows no such length
    28 Fixed { length: 112 }, 76 records, Ebcdic
      8535 bytes are no multiple of 112: 23 would be left
      bytes agree with those 112 before them 18 % better than by chance
      it is the layout's longest or shortest length
    ");
}

#[test]
fn carriage_returns_put_in() {
    let mut file = Vec::new();
    for byte in fixed_records().concat() {
        if byte == b'\n' {
            file.push(b'\r');
        }
        file.push(byte);
    }
    // A counter of 10 and of 261 are the same byte; one more makes two.
    file.extend(
        [customer(10, 0), customer(10, 0)]
            .iter()
            .flat_map(|record| {
                record.iter().flat_map(|byte| if *byte == b'\n' { vec![b'\r', b'\n'] } else { vec![*byte] })
            })
            .collect::<Vec<_>>(),
    );
    let best = whole(&file, FIXED);
    assert_eq!((best[0].framing, best[0].damage), (Framing::z_os_fixed(60), Some(Damage::CarriageReturns)));
    insta::assert_snapshot!(verdict(&best), @r#"
    80 Fixed { length: 60 } damaged: CarriageReturns, 102 records, Ebcdic
      all 3 bytes 0x0A have 0x0D before them, in a file that isn't text
      without these 0x0D, bytes agree 90 % better than by chance instead of 89 %
      without them, the file is a multiple of 60 bytes
      transfer the file again in binary
    71 Fixed { length: 60 }, 102 records, Ebcdic
      6123 bytes are no multiple of 60: 3 would be left
      a header and a trailer of 3 bytes together would explain that: see "skip_start" and "skip_end"
      bytes agree with those 60 before them 89 % better than by chance
      it is the layout's length
    56 Fixed { length: 2041 }, 3 records, Ebcdic
      6123 bytes are 3 records of 2041 bytes
      bytes agree with those 2041 before them 71 % better than by chance
      the layout allows no such length
    "#);
}

#[test]
fn converted_to_ascii() {
    let converted = |byte: u8| match byte {
        0x40 => b' ',
        0xC1..=0xC9 => byte - 0xC1 + b'A',
        0xD1..=0xD9 => byte - 0xD1 + b'J',
        0xE2..=0xE9 => byte - 0xE2 + b'S',
        0xF0..=0xF9 => byte - 0xF0 + b'0',
        0 => 0,
        _ => 0x1A,
    };
    let file: Vec<u8> = fixed_records().concat().into_iter().map(converted).collect();
    let best = whole(&file, FIXED);
    assert_eq!((best[0].framing, best[0].damage), (Framing::z_os_fixed(60), Some(Damage::ConvertedToAscii)));
    assert_eq!(best[0].text, Characters::Ascii);
    insta::assert_snapshot!(verdict(&best), @r"
    83 Fixed { length: 60 } damaged: ConvertedToAscii, 100 records, Ascii
      6000 bytes are 100 records of 60 bytes
      bytes agree with those 60 before them 92 % better than by chance
      it is the layout's length
      the text is ASCII, but 499 of 6000 bytes are no text: if the file comes from a mainframe, packed and binary numbers were destroyed by a conversion; transfer it again in binary
    82 Fixed { length: 60 }, 100 records, Ascii
      6000 bytes are 100 records of 60 bytes
      bytes agree with those 60 before them 92 % better than by chance
      it is the layout's length
    ");
}

#[test]
fn text_of_other_languages_is_not_damaged() {
    let file = "Müller;Köln;Straße\nGarçon;Besançon;€ 5\n".repeat(20).into_bytes();
    let best = whole(&file, RecordLengths { least: 1, most: 80 });
    assert!(matches!(best[0].framing.records, RecordFormat::Lines { end: LineEnd::Lf, .. }));
    assert!(best.iter().all(|hypothesis| hypothesis.damage.is_none()));
    assert_eq!(best[0].score, 98);
}

#[test]
fn nothing_to_look_at() {
    assert!(diagnose(b"", Some(0), &FIXED).is_empty());
    assert!(diagnose(&[0; 5_000], None, &RecordLengths { least: 0, most: 0 }).iter().all(|found| found.score < 60));
}

proptest::proptest! {
    #[test]
    fn any_bytes(file in proptest::collection::vec(0..30_u8, 0..300), least in 0..40_u32, more in 0..40_u32) {
        let lengths = RecordLengths { least, most: least + more };
        let _ = diagnose(&file, None, &lengths);
        let _ = whole(&file, lengths);
    }
}
