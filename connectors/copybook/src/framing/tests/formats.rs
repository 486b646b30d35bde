//! Each format with bytes written by hand.

use super::{read, read_whole, writers::ebcdic};
use crate::framing::{
    Framer, Framing, LengthAnswer, LengthField, LengthNumber, LineEnd, Position, Rdw, RecordFormat, Step,
};

fn whole(framing: Framing, file: &[u8]) -> Vec<Vec<u8>> {
    read_whole(Framer::new(framing).unwrap(), file).unwrap()
}

/// "Fixed-Length Record Formats": all records have the same length; blocks have no marks.
#[test]
fn fixed() {
    assert_eq!(whole(Framing::z_os_fixed(3), b"abcdef"), [b"abc", b"def"]);
    assert!(whole(Framing::z_os_fixed(3), b"").is_empty());
}

/// "Format-V Records": LL counts the word, 4 to 32,760, so that 4 is a record without bytes.
#[test]
fn variable() {
    let file = b"\x00\x07\x00\x00abc\x00\x04\x00\x00\x00\x05\x00\x00d";
    assert_eq!(whole(Framing::z_os_variable(), file), [b"abc".as_slice(), b"", b"d"]);
}

/// Cobrix, unless told otherwise: the length is in the last two bytes, lowest first, without the word itself.
#[test]
fn variable_as_cobrix_has_it() {
    let file = b"\x00\x00\x03\x00abc\x00\x00\x01\x00d";
    assert_eq!(whole(Framing::cobrix_variable(), file), [b"abc".as_slice(), b"d"]);
}

#[test]
fn adjustment_is_added_to_the_length() {
    let rdw = Rdw { adjust: -2, ..Rdw::Z_OS };
    let framing = Framing::new(RecordFormat::Variable(rdw));
    assert_eq!(whole(framing, b"\x00\x09\x00\x00abc"), [b"abc"]);
}

/// "Block Descriptor Word (BDW)": its length counts itself and all of the block; bit 0 announces 31 bits.
#[test]
fn variable_blocked() {
    let file = b"\x00\x10\x00\x00\x00\x07\x00\x00abc\x00\x05\x00\x00d\x80\x00\x00\x0A\x00\x06\x00\x00ef";
    let framer = Framer::new(Framing::z_os_variable_blocked()).unwrap();
    let (records, error, _) = read(framer, file, &[0]);
    assert_eq!(error, None);
    let seen: Vec<_> = records.iter().map(|record| (record.bytes.as_slice(), record.offset, record.start)).collect();
    let position = |offset, ordinal, block_end| Position { offset, ordinal, block_end };
    assert_eq!(
        seen,
        [
            (b"abc".as_slice(), 8, position(0, 0, None)),
            (b"d", 15, position(11, 1, Some(16))),
            (b"ef", 24, position(16, 2, None)),
        ]
    );
}

/// "Spanned Format": segment control codes 0 whole, 1 first, 2 last, 3 middle, in the third byte.
#[test]
fn spanned() {
    let file = b"\x00\x0F\x00\x00\x00\x05\x00\x00a\x00\x06\x01\x00bc\x00\x0A\x00\x00\x00\x06\x03\x00de\x00\x09\x00\x00\x00\x05\x02\x00f";
    let framer = Framer::new(Framing::z_os_spanned()).unwrap();
    let (records, error, _) = read(framer, file, &[0]);
    assert_eq!(error, None);
    let seen: Vec<_> = records.iter().map(|record| (record.bytes.as_slice(), record.offset)).collect();
    assert_eq!(seen, [(b"a".as_slice(), 8), (b"bcdef", 13)]);
}

/// "Null Segments": bit 0 of the word set, everything else of the block zero; it doesn't end the record.
#[test]
fn null_segments() {
    let file = b"\x00\x12\x00\x00\x00\x06\x01\x00bc\x80\x00\x00\x00\x00\x00\x00\x00\x00\x0D\x00\x00\x00\x05\x02\x00d\x80\x00\x00\x00";
    for pieces in [0, 1, 100] {
        let framer = Framer::new(Framing::z_os_spanned()).unwrap();
        let (records, error, _) = read(framer, file, &[pieces]);
        assert_eq!(error, None);
        let seen: Vec<_> = records.iter().map(|record| (record.bytes.as_slice(), record.offset)).collect();
        assert_eq!(seen, [(b"bcd".as_slice(), 8)]);
        let framer = Framer::new(Framing::z_os_spanned()).unwrap();
        let (_, error, _) = read(framer, &file[..16], &[pieces]);
        assert_eq!(error.unwrap().problem, crate::framing::Problem::Truncated);
    }
}

#[test]
fn only_records_in_several_segments_are_copied() {
    let file = b"\x00\x05\x00\x00a\x00\x06\x01\x00bc\x00\x05\x02\x00d";
    let mut framer = Framer::new(Framing::z_os_spanned_without_blocks()).unwrap();
    let inside = |bytes: &[u8]| file.as_ptr_range().contains(&bytes.as_ptr());
    let Ok(Step::Record(first)) = framer.next(file, 0, true) else { panic!() };
    assert!(inside(first.bytes));
    let Ok(Step::Record(second)) = framer.next(file, 0, true) else { panic!() };
    assert!(!inside(second.bytes));
}

#[test]
fn lines() {
    let framing = |end| Framing::new(RecordFormat::Lines { most: 10, end });
    assert_eq!(whole(framing(LineEnd::Lf), b"a\r\n\nbc\nd"), [b"a".as_slice(), b"", b"bc", b"d"]);
    assert_eq!(whole(framing(LineEnd::Nel), b"\xC1\x15\xC2\x0D\x15"), [b"\xC1", b"\xC2"]);
    assert_eq!(whole(framing(LineEnd::EbcdicLf), b"\xC1\x25\xC2"), [b"\xC1", b"\xC2"]);
}

#[test]
fn length_field() {
    let framing = |offset, length, number, adjust| {
        Framing::new(RecordFormat::LengthField(LengthField { offset, length, number, adjust }))
    };
    let expected = [b"xx\x00\x05y".as_slice(), b"zz\x00\x04"];
    assert_eq!(whole(framing(2, 2, LengthNumber::BinaryBig, 0), b"xx\x00\x05yzz\x00\x04"), expected);
    let file = [ebcdic("02AB"), ebcdic("01C")].concat();
    assert_eq!(whole(framing(0, 2, LengthNumber::Zoned, 2), &file), [ebcdic("02AB"), ebcdic("01C")]);
    assert_eq!(whole(framing(0, 2, LengthNumber::AsciiText, 2), b"02ab 1c"), [b"02ab".as_slice(), b" 1c"]);
    assert_eq!(whole(framing(0, 1, LengthNumber::Packed, 1), b"\x2Cab\x1Cc"), [b"\x2Cab".as_slice(), b"\x1Cc"]);
}

/// Fixed records in blocks whose descriptor words are there: their length is that of the records in them.
#[test]
fn fixed_blocked() {
    let bdw = Rdw { counts_itself: false, ..Rdw::Z_OS };
    let framing = Framing::new(RecordFormat::FixedBlocked { length: 2, bdw });
    let file = b"\x00\x06\x00\x00aabbcc\x00\x04\x00\x00ddee";
    assert_eq!(whole(framing, file), [b"aa", b"bb", b"cc", b"dd", b"ee"]);
    let framing = Framing::new(RecordFormat::FixedBlocked { length: 4, bdw });
    let (_, error, _) = read(Framer::new(framing).unwrap(), file, &[0]);
    insta::assert_snapshot!(error.unwrap(), @r"
    2 bytes of its block are left at offset 0x8
     --> record 2, offset 0x8 (8)
      | no bytes
      = expected: records of 4 bytes up to the block's end
      = help: is the record length right, and does the block descriptor word count itself?
    ");
}

#[test]
fn what_is_left_behind_fixed_records_may_be_left_out() {
    let framing = Framing { ignore_leftover: true, ..Framing::z_os_fixed(2) };
    assert_eq!(whole(framing, b"aabbc"), [b"aa", b"bb"]);
}

/// The header `GnuCOBOL` writes with `COB_VARSEQ_FORMAT=1`: four bytes of length, not counting themselves.
#[test]
fn a_header_of_four_bytes_is_a_length_field_left_out() {
    let field = LengthField { offset: 0, length: 4, number: LengthNumber::BinaryBig, adjust: 4 };
    let framing = Framing { record_skip_start: 4, ..Framing::new(RecordFormat::LengthField(field)) };
    assert_eq!(whole(framing, b"\x00\x00\x00\x02ab\x00\x00\x00\x01c"), [b"ab".as_slice(), b"c"]);
}

/// A record type in the first byte tells the length; one type has as many entries as its second byte says.
#[test]
fn by_layout() {
    let length_of = |bytes: &[u8]| match bytes {
        [b'H', ..] => LengthAnswer::Is(3),
        [b'D'] => LengthAnswer::Needs(2),
        [b'D', count, ..] => LengthAnswer::Is(2 + usize::from(*count)),
        _ => LengthAnswer::Wrong("no such record type".into()),
    };
    let framing = Framing::new(RecordFormat::ByLayout);
    for pieces in [0, 1, 100] {
        let framer = Framer::by_layout(framing, Box::new(length_of)).unwrap();
        let (records, error, _) = read(framer, b"H12D\x02abD\x00H34", &[pieces]);
        assert_eq!(error, None);
        let bytes: Vec<_> = records.into_iter().map(|record| record.bytes).collect();
        assert_eq!(bytes, [b"H12".as_slice(), b"D\x02ab", b"D\x00", b"H34"]);
    }
}

#[test]
fn bytes_left_out() {
    let file = b"HEADabcdeABCDETAIL";
    let fixed = Framing::z_os_fixed(5);
    let framing = Framing { skip_start: 4, skip_end: 4, record_skip_start: 1, record_skip_end: 2, ..fixed };
    for pieces in [0, 1, 100] {
        let (records, error, _) = read(Framer::new(framing).unwrap(), file, &[pieces]);
        assert_eq!(error, None);
        let seen: Vec<_> = records.iter().map(|record| (record.bytes.as_slice(), record.offset)).collect();
        assert_eq!(seen, [(b"bc".as_slice(), 5), (b"BC", 10)]);
    }
    assert!(whole(Framing { skip_start: 4, skip_end: 4, ..fixed }, b"HEADTAIL").is_empty());
}

#[test]
fn a_header_is_never_asked_for() {
    let framing = Framing { skip_start: 1 << 40, ..Framing::z_os_fixed(5) };
    let mut framer = Framer::new(framing).unwrap();
    let step = framer.next(b"abc", 0, false).unwrap();
    assert_eq!(step, Step::More { from: 1 << 40, until: (1 << 40) + 5 });
}

#[test]
fn settings_that_cannot_be() {
    let message = |framing: Framing| Framer::new(framing).unwrap_err().to_string();
    insta::assert_snapshot!(message(Framing::z_os_fixed(0)), @"a record of fixed length is said to have 0 bytes: give the record length");
    insta::assert_snapshot!(message(Framing { longest: 10, ..Framing::z_os_fixed(11) }), @"the record length 11 is above the longest record, 10 bytes: raise the longest");
    insta::assert_snapshot!(message(Framing { record_skip_end: 12, ..Framing::z_os_fixed(11) }), @"12 bytes of each record are to be left out, but a record has 11: leave out fewer; the record length counts them");
    insta::assert_snapshot!(message(Framing { record_skip_end: 12, longest: 5, ..Framing::z_os_variable() }), @"12 bytes of each record are to be left out, but the longest record has 5: leave out fewer or raise the longest");
    insta::assert_snapshot!(message(Framing { longest: 0, ..Framing::z_os_variable() }), @"the longest record is said to have 0 bytes: give at least 1");
    insta::assert_snapshot!(message(Framing::new(RecordFormat::ByLayout)), @"records without marks take a layout that tells their length: give one");
    let field = LengthField { offset: 2, length: 9, number: LengthNumber::BinaryBig, adjust: 0 };
    insta::assert_snapshot!(message(Framing::new(RecordFormat::LengthField(field))), @"the length field has 9 bytes: a number written like that has 1 to 8");
    let field = LengthField { length: 4, ..field };
    let framing = Framing { longest: 5, ..Framing::new(RecordFormat::LengthField(field)) };
    insta::assert_snapshot!(message(framing), @"the length field ends at byte 6 of a record, but the longest record has 5 bytes: raise the longest or move the field");
}
