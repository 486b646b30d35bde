//! Records of a mainframe: the promises of the contract, and what becomes of records that are wrong.

use std::path::Path;

use arrow_array::cast::AsArray;
use campaignd_contract::conformance::format::{Case, check};
use campaignd_contract::{BatchLimits, Completeness, Format, MemoryBytes, Place, ReplayRecord};
use campaignd_copybook::Dialect;
use campaignd_copybook::code_page::CodePage;
use campaignd_copybook::framing::LengthAnswer;
use campaignd_formats::CopybookFormat;

use super::transcript::read;

const CALLS: &str = "       01  CALL-RECORD.
           05  REC-TYPE            PIC X.
               88  IS-HEADER       VALUE 'H'.
               88  IS-TRAILER      VALUE 'T'.
           05  REC-DATA            PIC X(19).
           05  CALL-DATA REDEFINES REC-DATA.
               10  CALL-ID         PIC X(6).
               10  TALK-SECONDS    PIC S9(5) COMP-3.
               10  CHARGE          PIC S9(5)V99.
               10  ATTEMPTS        PIC 9(4) COMP.
               10  FILLER          PIC X.
           05  TRAILER-DATA REDEFINES REC-DATA.
               10  RECORD-COUNT    PIC 9(5).
               10  FILLER          PIC X(14).
";

const CHOICES: &str = "[header]\nwhen = \"IS-HEADER\"\n[trailer]\nwhen = \"IS-TRAILER\"\n\
    [when]\nCALL-DATA = \"REC-TYPE = 'C'\"\nTRAILER-DATA = \"IS-TRAILER\"\n";

const ORDERS: &str = "       01  ORDER-RECORD.
           05  ORDER-ID            PIC X(4).
           05  LINE-COUNT          PIC 9.
           05  LINES-OF-ORDER OCCURS 0 TO 3 DEPENDING ON LINE-COUNT.
               10  SKU             PIC X(3).
               10  PIECES          PIC S9(3) COMP-3.
           05  NOTE                PIC X(5).
";

/// A format, and the folder that its copybook is in.
struct Book {
    format: CopybookFormat,
    folder: tempfile::TempDir,
}

impl std::ops::Deref for Book {
    type Target = CopybookFormat;

    fn deref(&self) -> &CopybookFormat {
        &self.format
    }
}

/// A format over a copybook, which is written into a folder for it.
fn format(copybook: &str, settings: &str) -> Book {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("BOOK.cpy"), copybook).unwrap();
    let settings = format!("copybook = \"BOOK.cpy\"\n{settings}");
    let format = CopybookFormat::new(toml::from_str(&settings).unwrap(), folder.path()).unwrap();
    Book { format, folder }
}

fn ebcdic(text: &str) -> Vec<u8> {
    let page = CodePage::named("cp037").unwrap();
    text.chars().map(|c| page.byte_of(c).unwrap()).collect()
}

/// A call: 20 bytes.
fn call(id: &str, seconds: [u8; 3], charge: &str) -> Vec<u8> {
    [ebcdic("C"), ebcdic(id), seconds.to_vec(), ebcdic(charge), vec![0, 3], ebcdic(" ")].concat()
}

fn calls() -> Vec<Vec<u8>> {
    vec![
        [ebcdic("H"), ebcdic("CALLS 20260701     ")].concat(),
        call("000001", [0x00, 0x12, 0x3C], "000012C"),
        call("000002", [0x00, 0x12, 0x34], "000012C"),
        call("000003", [0x00, 0x00, 0x1D], "000012D"),
        call("000004", [0x40, 0x40, 0x40], "00 012C"),
        [ebcdic("X"), ebcdic("nobody knows it    ")].concat(),
        [ebcdic("H"), ebcdic("a header again     ")].concat(),
        call("000005", [0x99, 0x99, 0x9C], "999999I"),
        [ebcdic("T"), ebcdic("00005              ")].concat(),
    ]
}

fn orders() -> Vec<Vec<u8>> {
    let line = |sku: &str, pieces: [u8; 2]| [ebcdic(sku), pieces.to_vec()].concat();
    vec![
        [ebcdic("A0011"), line("VM1", [0x00, 0x2C]), ebcdic("first")].concat(),
        [ebcdic("A0020"), ebcdic("none ")].concat(),
        [
            ebcdic("A0033"),
            line("VM1", [0x00, 0x2C]),
            line("CID", [0x01, 0x0D]),
            line("FWD", [0x00, 0x1C]),
            ebcdic("  all"),
        ]
        .concat(),
        [ebcdic("A0042"), line("VM1", [0x00, 0x2F]), line("CI\"", [0x99, 0x9C]), ebcdic("last ")].concat(),
    ]
}

/// Records behind record descriptor words.
fn variable(records: &[Vec<u8>]) -> Vec<u8> {
    records
        .iter()
        .flat_map(|record| {
            [u16::try_from(record.len() + 4).unwrap().to_be_bytes().to_vec(), vec![0, 0], record.clone()]
        })
        .flatten()
        .collect()
}

/// The same in blocks of two.
fn blocked(records: &[Vec<u8>]) -> Vec<u8> {
    records
        .chunks(2)
        .flat_map(|block| {
            let block = variable(block);
            [u16::try_from(block.len() + 4).unwrap().to_be_bytes().to_vec(), vec![0, 0], block]
        })
        .flatten()
        .collect()
}

/// Records in segments of at most eleven bytes, with or without blocks of three segments.
fn in_segments(records: &[Vec<u8>], blocks: bool) -> Vec<u8> {
    let mut segments = Vec::new();
    for record in records {
        let pieces: Vec<&[u8]> = record.chunks(11).collect();
        for (number, piece) in pieces.iter().enumerate() {
            let code = match (number == 0, number + 1 == pieces.len()) {
                (true, true) => 0,
                (true, false) => 1,
                (false, true) => 2,
                (false, false) => 3,
            };
            let length = u16::try_from(piece.len() + 4).unwrap().to_be_bytes();
            segments.push([&length[..], &[code, 0], piece].concat());
        }
    }
    if !blocks {
        return segments.concat();
    }
    let block = |segments: &[Vec<u8>]| {
        let bytes = segments.concat();
        [&u16::try_from(bytes.len() + 4).unwrap().to_be_bytes()[..], &[0, 0], &bytes].concat()
    };
    segments.chunks(3).flat_map(block).collect()
}

fn promises(name: &str, format: &dyn Format, content: &[u8]) {
    check(&Case { name, format, content, plain: true, footer_lines: 0 });
}

#[test]
fn fixed_records_keep_the_promises() {
    promises("fixed records", &*format(CALLS, CHOICES), &calls().concat());
}

#[test]
fn variable_records_keep_the_promises() {
    promises("variable records", &*format(ORDERS, "framing = \"variable\""), &variable(&orders()));
}

#[test]
fn blocked_records_keep_the_promises() {
    promises("blocked records", &*format(ORDERS, "framing = \"variable_blocked\""), &blocked(&orders()));
}

#[test]
fn spanned_records_keep_the_promises() {
    for (framing, blocks) in [("spanned", true), ("spanned_without_blocks", false)] {
        let spanned = format(ORDERS, &format!("framing = \"{framing}\""));
        let content = in_segments(&orders(), blocks);
        let values = |text: String| {
            text.lines().map(|line| line.split_once(": ").map(|(_, row)| row.to_owned())).collect::<Vec<_>>()
        };
        let variable = read(&*format(ORDERS, "framing = \"variable\""), &variable(&orders()));
        assert_eq!(values(read(&*spanned, &content)), values(variable));
        check(&Case { name: framing, format: &*spanned, content: &content, plain: false, footer_lines: 0 });
    }
}

#[test]
fn records_without_marks_keep_the_promises() {
    promises("records without marks", &*format(ORDERS, "framing = \"layout\""), &orders().concat());
}

#[test]
fn lines_keep_the_promises() {
    let lines = b"A0011VM1\x00\x2Cfirst\nA0020none \r\nA0020last ";
    promises("lines", &*format(ORDERS, "framing = \"lines\"\ncode_page = \"ascii\""), lines);
}

#[test]
fn what_becomes_of_records() {
    insta::assert_snapshot!(read(&*format(CALLS, CHOICES), &calls().concat()));
}

#[test]
fn entries_of_tables_are_columns() {
    insta::assert_snapshot!(read(&*format(ORDERS, "framing = \"variable\""), &variable(&orders())));
}

#[test]
fn nothing_may_stand_for_no_number_where_that_is_said() {
    let settings = format!("null_numbers = [\"blanks\"]\n{CHOICES}");
    let blank = call("000004", [0x40, 0x40, 0x40], "       ");
    insta::assert_snapshot!(read(&*format(CALLS, &settings), &blank));
}

#[test]
fn bad_values_can_be_left_out_or_end_the_file() {
    let settings = format!("bad_values = {{ \"*\" = \"null\", CHARGE = \"reject\" }}\n{CHOICES}");
    insta::assert_snapshot!(read(&*format(CALLS, &settings), &calls().concat()));
    let settings = format!("bad_values = {{ CALL-DATA = \"null\", TALK-SECONDS = \"fail\" }}\n{CHOICES}");
    let text = read(&*format(CALLS, &settings), &calls().concat());
    assert!(text.contains("could not read record 3 of calls, at byte 40: "), "{text}");
    assert!(!text.contains("000003"), "{text}");
}

#[test]
fn a_record_that_was_cut_is_rejected_whatever_is_said_of_bad_values() {
    let settings = "framing = \"variable\"\nbad_values = { \"*\" = \"null\" }\n";
    let text = read(&*format(ORDERS, settings), &variable(&[ebcdic("A0020no"), ebcdic("A00"), ebcdic("A0020whole")]));
    assert_eq!(text.matches("record_too_short").count(), 2, "{text}");
    assert_eq!(text.matches("\"A002\"").count(), 1, "{text}");
}

#[test]
fn dates_are_read_as_they_are_written() {
    let copybook = "       01  CUSTOMER.
           05  BORN                PIC X(6).
           05  SINCE               PIC S9(7) COMP-3.
           05  VISITS OCCURS 2     PIC 9(8).
";
    let settings = "dates = { BORN = \"YYMMDD\", SINCE = \"YYYYDDD\", VISITS = \"YYYYMMDD\" }\npivot_year = 30\n";
    let customer = |born: &str, since: [u8; 4], visits: &str| [ebcdic(born), since.to_vec(), ebcdic(visits)].concat();
    let file = [
        customer("690720", [0x20, 0x26, 0x36, 0x5F], "2026073120240229"),
        customer("290228", [0x00, 0x00, 0x00, 0x0C], "0000000099999999"),
        customer("      ", [0x99, 0x99, 0x99, 0x9C], "2026010120260101"),
        customer("690732", [0x20, 0x26, 0x00, 0x1C], "2026010120260101"),
        customer("690720", [0x20, 0x25, 0x36, 0x6C], "2026010120260230"),
    ];
    insta::assert_snapshot!(read(&*format(copybook, settings), &file.concat()));
    let lenient = format!("{settings}bad_values = {{ \"*\" = \"null\" }}\n");
    assert!(read(&*format(copybook, &lenient), &file[4]).contains("the record is read without it"));
}

const CALLS_OF_2025: &str = "       01  CALL-RECORD.
           05  REC-TYPE            PIC X.
               88  IS-HEADER       VALUE 'H'.
               88  IS-TRAILER      VALUE 'T'.
           05  CALL-ID             PIC X(6).
           05  AGENT               PIC X(4).
";

#[test]
fn some_files_have_another_copybook() {
    let version = |when: &str| format!("{CHOICES}[[versions]]\ncopybook = \"OLD.cpy\"\n{when}");
    let old = ["HOLD       ", "C000001ANNA", "C000002BELA", "T          "].map(ebcdic).concat();
    let file = |name: &str, content: &[u8]| MemoryBytes::new(name, content.to_vec());
    let first_column = |format: &CopybookFormat, bytes: &MemoryBytes| {
        let mut reader = format.open(bytes, None, BatchLimits::default()).unwrap();
        let names: Vec<String> = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
        assert_eq!(names.join(" "), "rec_type rec_data call_id talk_seconds charge attempts record_count agent");
        let batch = reader.next_batch().unwrap().unwrap();
        let agent = batch.records.column(7).as_string::<i32>();
        (batch.places.len(), agent.iter().flatten().next().map(str::to_owned), reader.layout())
    };
    let by_day = format_of_two(&format!("date_in_name = \"%Y%m%d\"\n{}", version("until = \"2025-12-31\"\n")));
    let (rows, agent, layout) = first_column(&by_day, &file("CALLS.20251231", &old));
    assert_eq!((rows, agent.as_deref()), (2, Some("ANNA")));
    let (rows, agent, _) = first_column(&by_day, &file("CALLS.20260101", &calls().concat()));
    assert_eq!((rows, agent), (4, None));
    let nameless = by_day.open(&file("CALLS", &old), None, BatchLimits::default()).err().unwrap();
    insta::assert_snapshot!(nameless.to_string(), @"could not choose the copybook of CALLS: its name should say the day it is of: it has none in the form %Y%m%d; correct `date_in_name` in [format], or rename the file");

    let by_header = format_of_two(&version("first_record = \"CALL-ID = 'OLD'\"\n"));
    assert_eq!(first_column(&by_header, &file("CALLS", &old)).0, 2);
    assert_eq!(first_column(&by_header, &file("CALLS", &calls().concat())).1, None);

    // A reject of an old file is read again as what it was.
    let place = Place { ordinal: 1, offset: 11, length: 11, line: 2 };
    let records = [ReplayRecord { raw: ebcdic("C000001ANNA"), place }];
    let batch = by_day.replay(&layout, &records, BatchLimits::default()).unwrap().next_batch().unwrap().unwrap();
    assert_eq!(batch.records.column(7).as_string::<i32>().value(0), "ANNA");
    assert_ne!(by_day.fingerprint().unwrap(), format(CALLS, CHOICES).fingerprint().unwrap());
}

fn format_of_two(settings: &str) -> Book {
    let book = format(CALLS, settings);
    std::fs::write(book.folder.path().join("OLD.cpy"), CALLS_OF_2025).unwrap();
    book
}

#[test]
fn a_file_that_was_cut_stops_at_its_last_whole_record() {
    let mut content = calls().concat();
    content.truncate(50);
    insta::assert_snapshot!(read(&*format(CALLS, CHOICES), &content));
}

#[test]
fn a_file_is_complete_with_its_trailer() {
    let complete = |format: &CopybookFormat, records: &[u8]| {
        format.completeness(&MemoryBytes::new("calls", records.to_vec())).unwrap() == Completeness::Complete
    };
    let fixed = format(CALLS, CHOICES);
    let all = calls();
    assert!(complete(&fixed, &all.concat()));
    assert!(!complete(&fixed, &all[..8].concat()));
    assert!(!complete(&fixed, &[]));
    let variable_calls = format(CALLS, &format!("framing = \"variable\"\n{CHOICES}"));
    assert!(complete(&variable_calls, &variable(&all)));
    assert!(!complete(&variable_calls, &variable(&all[..8])));
    assert!(!complete(&variable_calls, &variable(&all)[..100]));
}

#[test]
fn a_copybook_that_is_not_there_is_an_error_with_its_name() {
    let settings = toml::from_str("copybook = \"NOWHERE.cpy\"").unwrap();
    let error = CopybookFormat::new(settings, Path::new("/folder")).unwrap().declared_columns().unwrap_err();
    insta::assert_snapshot!(error.to_string(), @"could not read the copybook /folder/NOWHERE.cpy: No such file or directory (os error 2); correct its name, or put the file there");
}

/// Bytes left out at both ends of the file and of each record, tables with room for all entries, and numbers that COBOL
/// doesn't write.
#[test]
fn what_other_programs_write() {
    let orders = format(
        ORDERS,
        "code_page = \"ascii\"\nframing = \"variable\"\nskip_start = 2\nskip_end = 3\nrecord_skip_start = 1\nrecord_skip_end = 1\ntables = \"full\"\nshort_records = \"null\"\n\
         [descriptor]\nbyte_order = \"swapped\"\ncounts_itself = false\nadjust = -1\n",
    );
    let record = [b"#0001".as_slice(), b"1", b"abc\x01\x2c", b"..........", b"note ", b"#"].concat();
    let file = [b"HH\x00\x00".as_slice(), &[u8::try_from(record.len()).unwrap() + 1, 0], &record, b"TTT"].concat();
    insta::assert_snapshot!(read(&*orders, &file), @r#"
    order_id | line_count | sku_1 | sku_2 | sku_3 | pieces_1 | pieces_2 | pieces_3 | note
    7+25 line 1: "0001" | "1" | "abc" | NULL | NULL | "12" | NULL | NULL | "note"
    "#);
    let fixed = format(
        "       01 R. 05 A PIC 9(3)V9. 05 B PIC S9(3) COMP-3.",
        "code_page = \"ascii\"\nleftover = \"ignore\"\ndisplay_numbers = \"lenient\"\nbeyond_picture = [\"packed\"]",
    );
    let file = b" 12 \x12\x3D1+23\x12\x3C1 23\x12\x3C..".to_vec();
    insta::assert_snapshot!(read(&*fixed, &file), @r#"
    a | b
    0+6 line 1: "1.2" | "-123"
    6+6 line 2: "12.3" | "123"
    12+6 line 3: bad_number A "31203233": `123 with blanks in it` is no number; R.A, picture 9(3)V9, at byte 1 of the record
    "#);
}

/// The records of a file one by one, and what the copybook says of them.
#[test]
fn records_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("BOOK.cpy"), ORDERS).unwrap();
    let settings = toml::from_str("copybook = \"BOOK.cpy\"\ncode_page = \"ascii\"\nframing = \"layout\"").unwrap();
    let file = CopybookFormat::new(settings, folder.path()).unwrap().with_copybook(&Dialect::default()).unwrap();
    assert_eq!((file.layout().longest(0), file.header().is_some(), file.trailer().is_some()), (25, false, false));
    let bytes = MemoryBytes::new("orders.dat", b"00010note 00021abc\x12\x3Cmore ".to_vec());
    let mut records = file.records(&bytes, None).unwrap();
    let mut seen = Vec::new();
    while let Some(record) = records.next().unwrap() {
        seen.push((record.offset, record.bytes.len()));
    }
    assert_eq!(seen, [(0, 10), (10, 15)]);
    // Whoever knows better tells the lengths.
    let mut records = file.records(&bytes, Some(Box::new(|_| LengthAnswer::Is(5)))).unwrap();
    assert_eq!(records.next().unwrap().unwrap().bytes, b"00010");
    assert_eq!(records.next().unwrap().unwrap().bytes, b"note ");
}
