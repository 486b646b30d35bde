//! What each mistake is said to be.

use super::{read, read_whole, writers};
use crate::framing::tests::writers::ebcdic;
use crate::framing::{Endian, Framer, Framing, LengthAnswer, LengthField, LengthNumber, LineEnd, Rdw, RecordFormat};

fn message(framing: Framing, file: &[u8]) -> String {
    read_whole(Framer::new(framing).unwrap(), file).unwrap_err().to_string()
}

fn records() -> Vec<Vec<u8>> {
    ["A1", "B22", "C333", "D4444"].iter().map(|text| ebcdic(text)).collect()
}

#[test]
fn text_where_a_record_descriptor_word_should_be() {
    insta::assert_snapshot!(message(Framing::z_os_variable(), &ebcdic("    SMITH   JOHN")), @r#"
    the record descriptor word at offset 0x0 says 16448 bytes
     --> record 1, offset 0x0 (0)
      | 40 40 40 40 E2 D4 C9 E3 C8 40 40 40 D1 D6 C8 D5
      = expected: 4 to 32760 bytes, itself included, and two bytes of zero
      = help: 0x4040 is two EBCDIC blanks, so the file has probably no RDWs: see framing "fixed"
    "#);
    insta::assert_snapshot!(message(Framing::z_os_variable(), b"0104SMITH"), @r#"
    the record descriptor word at offset 0x0 says 12337 bytes
     --> record 1, offset 0x0 (0)
      | 30 31 30 34 53 4D 49 54 48
      = expected: 4 to 32760 bytes, itself included, and two bytes of zero
      = help: 0x30313034 is the ASCII text "0104", so the file has probably no RDWs: see framing "fixed"
    "#);
}

#[test]
fn text_where_a_block_descriptor_word_should_be() {
    insta::assert_snapshot!(message(Framing::z_os_variable_blocked(), &ebcdic("0104SMITH")), @r#"
    the block descriptor word at offset 0x0 says 1894904052 bytes
     --> record 1, offset 0x0 (0)
      | F0 F1 F0 F4 E2 D4 C9 E3 C8
      = expected: 8 to 262144 bytes, itself included, and two bytes of zero unless bit 0 is set
      = help: 0xF0F1F0F4 is the EBCDIC text "0104", so the file has probably no block descriptor words: see framing "variable", or "fixed"
    "#);
}

#[test]
fn little_endian_would_fit() {
    let rdw = Rdw { endian: Endian::Little, ..Rdw::Z_OS };
    insta::assert_snapshot!(message(Framing::z_os_variable(), &writers::variable(&records(), rdw)), @r"
    the record descriptor word at offset 0x0 announces 1532 bytes, but the file ends after 26
     --> record 1, offset 0x0 (0)
      | 06 00 00 00 C1 F1 07 00 00 00 C2 F2 F2 08 00 00
      = expected: 1532 bytes behind the word
      = help: 4 words in a row fit from here if they are little endian, counting itself: set the descriptor word so
    ");
    insta::assert_snapshot!(message(Framing::z_os_variable(), &writers::variable(&records(), Rdw::COBRIX)), @r"
    the record descriptor word at offset 0x0 says 0 bytes, but its last two bytes are not zero
     --> record 1, offset 0x0 (0)
      | 00 00 02 00 C1 F1 00 00 03 00 C2 F2 F2 00 00 04
      = expected: 4 to 32760 bytes, itself included, and two bytes of zero
      = help: 4 words in a row fit from here if they are turned round (Cobrix's order), not counting itself: set the descriptor word so
    ");
}

#[test]
fn not_counting_itself_would_fit() {
    let rdw = Rdw { counts_itself: false, ..Rdw::Z_OS };
    let long: Vec<_> = (0..5).map(|n| ebcdic(&"ABCDEFGHIJ".repeat(n + 1))).collect();
    insta::assert_snapshot!(message(Framing::z_os_variable(), &writers::variable(&long, rdw)), @r"
    the record descriptor word at offset 0xA says 51144 bytes
     --> record 2, offset 0xA (10)
      | C7 C8 C9 D1 00 14 00 00 C1 C2 C3 C4 C5 C6 C7 C8
      = expected: 4 to 32760 bytes, itself included, and two bytes of zero
      = help: 4 words in a row fit from 4 bytes on if they are big endian, not counting itself: set the descriptor word so
    ");
}

#[test]
fn counting_itself_would_fit() {
    let framing = Framing::new(RecordFormat::Variable(Rdw { counts_itself: false, ..Rdw::Z_OS }));
    insta::assert_snapshot!(message(framing, &writers::variable(&records(), Rdw::Z_OS)), @r"
    the record descriptor word at offset 0xA says 49906 bytes, but its last two bytes are not zero
     --> record 2, offset 0xA (10)
      | C2 F2 F2 00 08 00 00 C3 F3 F3 F3 00 09 00 00 C4
      = expected: 0 to 1048576 bytes, itself not counted, and two bytes of zero
      = help: 3 words in a row fit from 4 bytes before if they are big endian, counting itself: set the descriptor word so
    ");
}

#[test]
fn zeros_at_the_end() {
    let file = [writers::variable(&records(), Rdw::Z_OS), vec![0; 8]].concat();
    insta::assert_snapshot!(message(Framing::z_os_variable(), &file), @r#"
    the record descriptor word at offset 0x1E says 0 bytes, fewer than there can be
     --> record 5, offset 0x1E (30)
      | 00 00 00 00 00 00 00 00
      = expected: 4 to 32760 bytes, itself included, and two bytes of zero
      = help: zeros: padding behind the last record? leave it out with "skip_end"; a record without bytes would have 4 here
    "#);
}

#[test]
fn below_the_minimum() {
    insta::assert_snapshot!(message(Framing::z_os_variable(), b"\x00\x03\x00\x00abc"), @r#"
    the record descriptor word at offset 0x0 says 3 bytes, fewer than there can be
     --> record 1, offset 0x0 (0)
      | 00 03 00 00 61 62 63
      = expected: 4 to 32760 bytes, itself included, and two bytes of zero
      = help: the file has probably no RDWs: see framing "fixed"; the doctor ranks the framings that fit
    "#);
    insta::assert_snapshot!(message(Framing::z_os_variable_blocked(), b"\x00\x04\x00\x00\x00\x08\x00\x00"), @r#"
    the block descriptor word at offset 0x0 says 4 bytes, fewer than there can be
     --> record 1, offset 0x0 (0)
      | 00 04 00 00 00 08 00 00
      = expected: 8 to 262144 bytes, itself included, and two bytes of zero unless bit 0 is set
      = help: the file has probably no block descriptor words: see framing "variable", or "fixed"; the doctor ranks the framings that fit
    "#);
}

#[test]
fn above_the_longest() {
    let framing = Framing { longest: 100, ..Framing::z_os_variable() };
    insta::assert_snapshot!(message(framing, b"\x00\x69\x00\x00abc"), @r#"
    the record descriptor word at offset 0x0 says 105 bytes, more than is believed
     --> record 1, offset 0x0 (0)
      | 00 69 00 00 61 62 63
      = expected: 4 to 104 bytes, itself included, and two bytes of zero
      = help: if records are that long, raise "longest"; the copybook tells how long they can be
    "#);
}

#[test]
fn a_segment_control_code_in_a_file_that_is_not_spanned() {
    insta::assert_snapshot!(message(Framing::z_os_variable(), b"\x00\x06\x01\x00\x01\x02"), @r#"
    the record descriptor word at offset 0x0 says 6 bytes, but its last two bytes are not zero
     --> record 1, offset 0x0 (0)
      | 00 06 01 00 01 02
      = expected: 4 to 32760 bytes, itself included, and two bytes of zero
      = help: 1 could be a segment control code, so the records are probably spanned: see framing "spanned"
    "#);
}

#[test]
fn the_file_ends_inside() {
    insta::assert_snapshot!(message(Framing::z_os_variable(), b"\x00\x05\x00\x00a\x00\x08\x00\x00b"), @r"
    the record descriptor word at offset 0x5 announces 4 bytes, but the file ends after 1
     --> record 2, offset 0x5 (5)
      | 00 08 00 00 62
      = expected: 4 bytes behind the word
      = help: the transfer is probably incomplete: compare the file's size with the sender's
    ");
    insta::assert_snapshot!(message(Framing::z_os_variable(), b"\x00\x05\x00\x00a\x00\x08"), @r#"
    the file ends 2 bytes into the record descriptor word at offset 0x5
     --> record 2, offset 0x5 (5)
      | 00 08
      = expected: the 4 bytes of a record descriptor word
      = help: these bytes may have been added by a transfer (leave them out with "skip_end"), or the transfer is incomplete: compare the file's size with the sender's
    "#);
    let file = b"\x00\x11\x00\x00\x00\x05\x00\x00a";
    insta::assert_snapshot!(message(Framing::z_os_variable_blocked(), file), @r"
    the file ends before its last block does, at offset 0x11
     --> record 2, offset 0x9 (9)
      | no bytes
      = expected: the 4 bytes of a record descriptor word
      = help: the last block isn't whole, so the transfer is probably incomplete: compare the file's size with the sender's
    ");
}

#[test]
fn the_block_ends_inside() {
    let file = b"\x00\x0B\x00\x00\x00\x05\x00\x00a\x00\x05\x00\x00b";
    insta::assert_snapshot!(message(Framing::z_os_variable_blocked(), file), @r#"
    the block ends 2 bytes into the record descriptor word at offset 0x9
     --> record 2, offset 0x9 (9)
      | 00 05 00 00 62
      = expected: the 4 bytes of a record descriptor word
      = help: is the block descriptor word right? if the file has none, see framing "variable"
    "#);
    let file = b"\x00\x0A\x00\x00\x00\x08\x00\x00\x01\x02\x03\x04";
    insta::assert_snapshot!(message(Framing::z_os_variable_blocked(), file), @r#"
    the record descriptor word at offset 0x4 announces 4 bytes, but its block ends 2 bytes behind it, at offset 0xA
     --> record 1, offset 0x4 (4)
      | 00 08 00 00 01 02 03 04
      = expected: records that end where their block ends
      = help: the block descriptor word may be a record's (then see framing "variable"), or count its own 4 bytes otherwise than set, or the records are spanned: see framing "spanned"
    "#);
}

#[test]
fn segments_out_of_order() {
    let framing = Framing::z_os_spanned_without_blocks();
    insta::assert_snapshot!(message(framing, b"\x00\x05\x03\x00a\x00\x05\x02\x00b"), @r"
    the segment at offset 0x0 is a middle segment (code 3)
     --> record 1, offset 0x0 (0)
      | 00 05 03 00 61 00 05 02 00 62
      = expected: a whole record (code 0) or a record's first segment (code 1)
      = help: the record's first segment is missing: does the file begin in the middle of a data set, or were blocks lost? transfer it again from the beginning
    ");
    insta::assert_snapshot!(message(framing, b"\x00\x05\x01\x00a\x00\x05\x00\x00b"), @r"
    the segment at offset 0x5 is a whole record (code 0)
     --> record 1, offset 0x5 (5)
      | 00 05 00 00 62
      = expected: a middle segment (code 3) or the last (code 2) of the record that began at offset 0x0
      = help: the record's last segment is missing: were blocks lost, or was the file written by a program that ended early? transfer it again
    ");
    insta::assert_snapshot!(message(framing, b"\x00\x05\x01\x00a"), @r"
    the file ends inside the spanned record that began at offset 0x0
     --> record 1, offset 0x5 (5)
      | no bytes
      = expected: a middle segment (code 3) or the last (code 2)
      = help: the transfer is probably incomplete: compare the file's size with the sender's
    ");
    insta::assert_snapshot!(message(framing, b"\x00\x05\x04\x00a"), @r#"
    the segment descriptor word at offset 0x0 says 5 bytes, but its last two bytes are no segment control code
     --> record 1, offset 0x0 (0)
      | 00 05 04 00 61
      = expected: 4 to 1048580 bytes, itself included, and a segment control code from 0 to 3
      = help: the file has probably no RDWs: see framing "fixed"; the doctor ranks the framings that fit
    "#);
    let short = Framing { longest: 3, ..framing };
    insta::assert_snapshot!(message(short, b"\x00\x06\x01\x00ab\x00\x06\x02\x00cd"), @r#"
    the spanned record has 4 bytes with the segment at offset 0x6
     --> record 1, offset 0x6 (6)
      | 63 64
      = expected: at most 3 bytes
      = help: if records are that long, raise "longest"; the copybook tells how long they can be
    "#);
}

#[test]
fn bytes_left_of_fixed_length() {
    insta::assert_snapshot!(message(Framing::z_os_fixed(5), &ebcdic("ABCDEFGHIJKL")), @r#"
    2 bytes are left behind the last whole record: 12 bytes are no multiple of the record length 5
     --> record 3, offset 0xA (10)
      | D2 D3
      = expected: 5 bytes, or the file's end
      = help: is the record length right? if there is a header or trailer of another length, leave it out with "skip_start" or "skip_end"; else the transfer may be incomplete: compare the file's size with the sender's
    "#);
    insta::assert_snapshot!(message(Framing::z_os_fixed(5), b"abcde\r\nfghij\r\n"), @r#"
    4 bytes are left behind the last whole record: 14 bytes are no multiple of the record length 5
     --> record 3, offset 0xA (10)
      | 69 6A 0D 0A
      = expected: 5 bytes, or the file's end
      = help: the file ends with CR LF, and lines of the record length and CR LF would fit: see framing "lines"
    "#);
    insta::assert_snapshot!(message(Framing::z_os_fixed(4), &[ebcdic("ABCD"), vec![0x25], ebcdic("EFGH"), vec![0x25]].concat()), @r#"
    2 bytes are left behind the last whole record: 10 bytes are no multiple of the record length 4
     --> record 3, offset 0x8 (8)
      | C8 25
      = expected: 4 bytes, or the file's end
      = help: the file ends with a line end, and lines of the record length and 1 byte would fit: see framing "lines"
    "#);
    insta::assert_snapshot!(message(Framing::z_os_fixed(4), b"\xC1\xC2\xC3\x0D\x0A\xC1\xC2\xC3\x1C"), @r"
    1 byte is left behind the last whole record: 9 bytes are no multiple of the record length 4
     --> record 3, offset 0x8 (8)
      | 1C
      = expected: 4 bytes, or the file's end
      = help: 0x0D0A occurs once in the last 9 bytes: a transfer as text has probably put 0x0D before each 0x0A; transfer the file again in binary
    ");
    insta::assert_snapshot!(message(Framing::z_os_fixed(4), b"\xC1\xC2\xC3\x1C\x1A"), @r#"
    1 byte is left behind the last whole record: 5 bytes are no multiple of the record length 4
     --> record 2, offset 0x4 (4)
      | 1A
      = expected: 4 bytes, or the file's end
      = help: these are line ends or an end mark added by a transfer: set "skip_end" to 1
    "#);
    insta::assert_snapshot!(message(Framing::z_os_fixed(4), b"\xC1\xC2\xC3\x1C\x00\x00"), @r#"
    2 bytes are left behind the last whole record: 6 bytes are no multiple of the record length 4
     --> record 2, offset 0x4 (4)
      | 00 00
      = expected: 4 bytes, or the file's end
      = help: these are zeros, padding added by a transfer: set "skip_end" to 2
    "#);
    insta::assert_snapshot!(message(Framing::z_os_fixed(20), b"SMITH     JOHN      00"), @r"
    2 bytes are left behind the last whole record: 22 bytes are no multiple of the record length 20
     --> record 2, offset 0x14 (20)
      | 30 30
      = expected: 20 bytes, or the file's end
      = help: the bytes are ASCII: a conversion on the way may have changed lengths and destroyed packed numbers; transfer the file again in binary
    ");
}

#[test]
fn lines_too_long() {
    let framing = |end| Framing::new(RecordFormat::Lines { most: 4, end });
    insta::assert_snapshot!(message(framing(LineEnd::Lf), b"abcdefgh\n"), @r#"
    the line at offset 0x0 has 8 bytes or more
     --> record 1, offset 0x0 (0)
      | 61 62 63 64 65 66 67 68
      = expected: at most 4 bytes before 0x0A
      = help: is this text? if its records are of fixed length, see framing "fixed"; if lines are that long, raise "most"
    "#);
    insta::assert_snapshot!(message(framing(LineEnd::Lf), b"\xC1\xC2\x15\xC3\xC4\x15\xC5"), @r"
    the line at offset 0x0 has 7 bytes or more
     --> record 1, offset 0x0 (0)
      | C1 C2 15 C3 C4 15 C5
      = expected: at most 4 bytes before 0x0A
      = help: the line holds 0x15: is that the line end?
    ");
}

#[test]
fn length_fields() {
    let field = LengthField { offset: 1, length: 2, number: LengthNumber::Zoned, adjust: 0 };
    let framing = Framing { longest: 50, ..Framing::new(RecordFormat::LengthField(field)) };
    insta::assert_snapshot!(message(framing, &ebcdic("AB1C")), @r"
    the length field at offset 0x1 holds no number
     --> record 1, offset 0x1 (1)
      | C2 F1
      = expected: EBCDIC digits, 0xF0 to 0xF9
      = help: is the field's place right, and did the record before it end where it should?
    ");
    insta::assert_snapshot!(message(framing, &ebcdic("A02C")), @r#"
    the length field at offset 0x1 says 2
     --> record 1, offset 0x1 (1)
      | F0 F2
      = expected: 3 to 50 bytes for the whole record
      = help: is the field's place right? "adjust" is what the field doesn't count, its own bytes for example
    "#);
    insta::assert_snapshot!(message(framing, &ebcdic("A99C")), @r#"
    the length field at offset 0x1 says 99
     --> record 1, offset 0x1 (1)
      | F9 F9
      = expected: 3 to 50 bytes for the whole record
      = help: is the field's place right? "adjust" is what the field doesn't count, its own bytes for example
    "#);
    insta::assert_snapshot!(message(framing, &ebcdic("A07CD")), @r#"
    the file ends 5 bytes into the record at offset 0x0
     --> record 1, offset 0x0 (0)
      | C1 F0 F7 C3 C4
      = expected: the 7 bytes it has
      = help: the transfer is probably incomplete, or the bytes are a trailer (leave it out with "skip_end")
    "#);
    insta::assert_snapshot!(message(framing, &ebcdic("A0")), @r#"
    the file ends 2 bytes into the record at offset 0x0
     --> record 1, offset 0x0 (0)
      | C1 F0
      = expected: the 3 bytes of its length field
      = help: the transfer is probably incomplete, or the bytes are a trailer (leave it out with "skip_end")
    "#);
}

#[test]
fn layouts() {
    let message = |answer: LengthAnswer| {
        let framing = Framing { longest: 50, ..Framing::new(RecordFormat::ByLayout) };
        let framer = Framer::by_layout(framing, Box::new(move |_| answer.clone())).unwrap();
        read_whole(framer, &ebcdic("ABCD")).unwrap_err().to_string()
    };
    insta::assert_snapshot!(message(LengthAnswer::Wrong("no record type \"A\"".into())), @r#"
    no record type "A"
     --> record 1, offset 0x0 (0)
      | C1 C2 C3 C4
      = expected: a record of the layout
      = help: is it the right copybook, and did the record before it end where it should?
    "#);
    insta::assert_snapshot!(message(LengthAnswer::Is(0)), @r"
    by the layout, the record at offset 0x0 has 0 bytes
     --> record 1, offset 0x0 (0)
      | C1 C2 C3 C4
      = expected: 1 to 50 bytes
      = help: is a counter of OCCURS DEPENDING ON out of its bounds? did the record before it end where it should?
    ");
    insta::assert_snapshot!(message(LengthAnswer::Is(51)), @r"
    by the layout, the record at offset 0x0 has 51 bytes
     --> record 1, offset 0x0 (0)
      | C1 C2 C3 C4
      = expected: 1 to 50 bytes
      = help: is a counter of OCCURS DEPENDING ON out of its bounds? did the record before it end where it should?
    ");
    insta::assert_snapshot!(message(LengthAnswer::Is(5)), @r#"
    the file ends 4 bytes into the record at offset 0x0
     --> record 1, offset 0x0 (0)
      | C1 C2 C3 C4
      = expected: the 5 bytes it has
      = help: the transfer is probably incomplete, or the bytes are a trailer (leave it out with "skip_end")
    "#);
    insta::assert_snapshot!(message(LengthAnswer::Needs(2)), @r"
    the layout asks for 2 bytes of the record to tell its length, but 4 were given
     --> record 1, offset 0x0 (0)
      | C1 C2 C3 C4
      = expected: a record of the layout
      = help: is it the right copybook, and did the record before it end where it should?
    ");
    insta::assert_snapshot!(message(LengthAnswer::Needs(5)), @r#"
    the file ends 4 bytes into the record at offset 0x0
     --> record 1, offset 0x0 (0)
      | C1 C2 C3 C4
      = expected: the 5 bytes needed to tell its length
      = help: the transfer is probably incomplete, or the bytes are a trailer (leave it out with "skip_end")
    "#);
}

#[test]
fn more_left_out_than_there_is() {
    let framing = Framing { skip_start: 10, skip_end: 4, ..Framing::z_os_fixed(4) };
    insta::assert_snapshot!(message(framing, b"HEADERTRAIL"), @r#"
    the file's records end at offset 0x7, before the place where the first would begin
     --> record 1, offset 0xA (10)
      | no bytes
      = expected: at least 10 bytes left out at the beginning and 4 at the end
      = help: is the file empty or cut short? if it has no header or trailer, set "skip_start" and "skip_end" to 0
    "#);
    let framing = Framing { record_skip_start: 2, record_skip_end: 2, ..Framing::z_os_variable() };
    insta::assert_snapshot!(message(framing, b"\x00\x07\x00\x00abc"), @r#"
    the record at offset 0x4 has 3 bytes
     --> record 1, offset 0x4 (4)
      | 61 62 63
      = expected: 2 bytes to leave out at its beginning and 2 at its end
      = help: is it a header or trailer? leave it out with "skip_start" or "skip_end"
    "#);
}

#[test]
fn a_window_from_behind_the_next_record() {
    let mut framer = Framer::new(Framing::z_os_fixed(4)).unwrap();
    insta::assert_snapshot!(framer.next(b"abcd", 4, true).unwrap_err().to_string(), @r"
    the bytes given begin at offset 0x4, behind the next record
     --> record 1, offset 0x0 (0)
      | no bytes
      = expected: bytes from the next record's beginning on
      = help: this is a defect of the program: please report it
    ");
}

#[test]
fn records_before_an_error_are_found() {
    let (records, error, _) = read(Framer::new(Framing::z_os_fixed(2)).unwrap(), b"abcde", &[1]);
    assert_eq!(records.len(), 2);
    let error = error.unwrap();
    assert_eq!((error.offset, error.ordinal, error.bytes.as_slice()), (4, 2, b"e".as_slice()));
}
