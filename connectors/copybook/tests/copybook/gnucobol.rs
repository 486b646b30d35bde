//! What a COBOL compiler's programs write is what is read: `GnuCOBOL` as a writer that knows nothing of this crate.
//!
//! Skipped with a word where `cobc` isn't installed (Debian's package `gnucobol3`). It writes text in ASCII, binary numbers
//! with their highest byte first, and a variable record behind two bytes of length, which don't count themselves, and two
//! of zero. What it stores in the machine's own order (COMP-5, COMP-1, COMP-2) isn't compared.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use campaignd_copybook::Copybook;
use campaignd_copybook::decode::{Decoder, JsonLine};
use campaignd_copybook::framing::{Endian, Framer, Framing, Rdw, RecordFormat, Step};
use campaignd_copybook::layout::Layout;

use super::options;

/// A field: its name, its clauses, and what is moved to it with what is to be read in three records.
type Written = (&'static str, &'static str, [(&'static str, &'static str); 3]);

const FIELDS: &[Written] = &[
    ("TEXT-X", "PIC X(8)", [("\"Bundle\"", "\"Bundle\""), ("\"a b  c\"", "\"a b  c\""), ("SPACES", "\"\"")]),
    ("TEXT-A", "PIC A(4)", [("\"Voic\"", "\"Voic\""), ("\"e\"", "\"e\""), ("SPACES", "\"\"")]),
    ("TEXT-R", "PIC X(5) JUSTIFIED RIGHT", [("\"ab\"", "\"ab\""), ("\"abcde\"", "\"abcde\""), ("\"c\"", "\"c\"")]),
    ("ZONED-U", "PIC 9(5)", [("12345", "12345"), ("7", "7"), ("0", "0")]),
    ("ZONED-S", "PIC S9(5)", [("12340", "12340"), ("-12345", "-12345"), ("0", "0")]),
    ("ZONED-T", "PIC S9(5)", [("-10", "-10"), ("-9", "-9"), ("99999", "99999")]),
    ("ZONED-L", "PIC S9(5) SIGN LEADING", [("12345", "12345"), ("-54321", "-54321"), ("-1", "-1")]),
    ("ZONED-TS", "PIC S9(5) SIGN TRAILING SEPARATE", [("12345", "12345"), ("-12345", "-12345"), ("0", "0")]),
    ("ZONED-LS", "PIC S9(5) SIGN LEADING SEPARATE", [("12345", "12345"), ("-12345", "-12345"), ("0", "0")]),
    ("ZONED-V", "PIC S9(3)V99", [("123.45", "123.45"), ("-0.05", "-0.05"), ("-900", "-900.00")]),
    ("ZONED-P", "PIC S9(3)PP", [("12300", "12300"), ("-4500", "-4500"), ("0", "0")]),
    ("ZONED-VP", "PIC SVPP9(3)", [("0.00123", "0.00123"), ("-0.00999", "-0.00999"), ("0", "0.00000")]),
    (
        "ZONED-31",
        "PIC S9(29)V99",
        [
            ("12345678901234567890123456789.12", "12345678901234567890123456789.12"),
            ("-99999999999999999999999999999.99", "-99999999999999999999999999999.99"),
            ("1", "1.00"),
        ],
    ),
    ("PACKED-1", "PIC S9 COMP-3", [("7", "7"), ("-7", "-7"), ("0", "0")]),
    ("PACKED-4", "PIC S9(4) COMP-3", [("1234", "1234"), ("-9999", "-9999"), ("0", "0")]),
    (
        "PACKED-V",
        "PIC S9(9)V99 PACKED-DECIMAL",
        [("123456789.01", "123456789.01"), ("-0.01", "-0.01"), ("-999999999.99", "-999999999.99")],
    ),
    ("PACKED-U", "PIC 9(5) COMP-3", [("12345", "12345"), ("1", "1"), ("0", "0")]),
    (
        "PACKED-31",
        "PIC S9(31) COMP-3",
        [
            ("1234567890123456789012345678901", "1234567890123456789012345678901"),
            ("-9999999999999999999999999999999", "-9999999999999999999999999999999"),
            ("0", "0"),
        ],
    ),
    ("PACKED-6", "PIC 9(5) COMP-6", [("12345", "12345"), ("99999", "99999"), ("0", "0")]),
    ("BINARY-1", "PIC S9 COMP", [("9", "9"), ("-9", "-9"), ("0", "0")]),
    ("BINARY-4", "PIC S9(4) BINARY", [("1234", "1234"), ("-9999", "-9999"), ("0", "0")]),
    ("BINARY-5", "PIC S9(5) COMP-4", [("12345", "12345"), ("-99999", "-99999"), ("0", "0")]),
    ("BINARY-9", "PIC 9(9) COMP", [("123456789", "123456789"), ("999999999", "999999999"), ("0", "0")]),
    ("BINARY-10", "PIC S9(8)V99 COMP", [("12345678.91", "12345678.91"), ("-0.01", "-0.01"), ("0", "0.00")]),
    (
        "BINARY-18",
        "PIC S9(18) COMP",
        [("123456789012345678", "123456789012345678"), ("-999999999999999999", "-999999999999999999"), ("0", "0")],
    ),
    ("EDITED-Z", "PIC ZZ,ZZ9.99-", [("12345.67", "12345.67"), ("-0.05", "-0.05"), ("0", "0.00")]),
    ("EDITED-D", "PIC $$$,$$9.99CR", [("1234.5", "1234.50"), ("-12", "-12.00"), ("0", "0.00")]),
    ("EDITED-A", "PIC ***,**9", [("1234", "1234"), ("1", "1"), ("0", "0")]),
    ("EDITED-F", "PIC ++++9", [("123", "123"), ("-7", "-7"), ("0", "0")]),
    ("BLANK-ZERO", "PIC 9(4) BLANK WHEN ZERO", [("12", "12"), ("0", "0"), ("9999", "9999")]),
];

/// Records of a table of any length: how many entries.
const ENTRIES: [usize; 4] = [3, 0, 1, 5];

const ORDERS: &str = "       01  REC.
           05  ORDER-NO            PIC X(4).
           05  LINE-COUNT          PIC 9(2) COMP.
           05  ORDER-LINES OCCURS 0 TO 5 DEPENDING ON LINE-COUNT.
               10  SKU             PIC X(3).
               10  PIECES          PIC S9(3) COMP-3.
";

#[test]
fn every_kind_of_field() {
    let Some(folder) = folder() else { return };
    let mut copybook = String::from("       01  REC.\n");
    for (name, clauses, _) in FIELDS {
        writeln!(copybook, "           05  {name:<12} {clauses}.").unwrap();
    }
    let mut moves = String::new();
    for record in 0..3 {
        for (name, _, values) in FIELDS {
            writeln!(moves, "           MOVE {}\n             TO {name}.", values[record].0).unwrap();
        }
        moves += "           WRITE REC.\n";
    }
    let layout = Arc::new(Copybook::parse("REC.cpy", &copybook, &()).unwrap_or_else(|e| panic!("{}", e[0])).layout);
    for sign in ["ascii", "ebcdic"] {
        let file = written(folder.path(), &copybook, "FD  OUT-FILE.", &moves, sign);
        let length = layout.longest(layout.records[0]);
        assert_eq!(file.len(), 3 * usize::try_from(length).unwrap(), "the compiler's records have another length");
        let records = decoded(&layout, Framing::z_os_fixed(length), &file);
        for (number, record) in records.iter().enumerate() {
            let fields: Vec<String> =
                FIELDS.iter().map(|(name, _, values)| format!("\"{name}\":{}", values[number].1)).collect();
            assert_eq!(*record, format!("{{{}}}", fields.join(",")), "record {number} with -fsign={sign}");
        }
    }
}

#[test]
fn tables_of_any_length() {
    let Some(folder) = folder() else { return };
    let mut moves = String::new();
    let mut expected = Vec::new();
    for entries in ENTRIES {
        writeln!(moves, "           MOVE \"O{entries:03}\" TO ORDER-NO.\n           MOVE {entries} TO LINE-COUNT.")
            .unwrap();
        let mut lines = Vec::new();
        for entry in 1..=entries {
            writeln!(moves, "           MOVE \"S{entry:02}\" TO SKU ({entry}).").unwrap();
            writeln!(moves, "           MOVE -{entry} TO PIECES ({entry}).").unwrap();
            lines.push(format!("{{\"SKU\":\"S{entry:02}\",\"PIECES\":-{entry}}}"));
        }
        moves += "           WRITE REC.\n";
        let lines = lines.join(",");
        expected.push(format!("{{\"ORDER-NO\":\"O{entries:03}\",\"LINE-COUNT\":{entries},\"ORDER-LINES\":[{lines}]}}"));
    }
    let layout = Arc::new(Copybook::parse("REC.cpy", ORDERS, &()).unwrap().layout);
    let description = "FD  OUT-FILE RECORD IS VARYING FROM 6 TO 31 CHARACTERS.";
    let file = written(folder.path(), ORDERS, description, &moves, "ebcdic");
    let rdw = Rdw { endian: Endian::Big, counts_itself: false, adjust: 0 };
    assert_eq!(decoded(&layout, Framing::new(RecordFormat::Variable(rdw)), &file), expected);
}

/// A folder to compile in, or none where there is no compiler.
fn folder() -> Option<tempfile::TempDir> {
    if Command::new("cobc").arg("--version").output().is_err() {
        eprintln!("skipped: there is no cobc; install gnucobol3");
        return None;
    }
    Some(tempfile::tempdir().unwrap())
}

/// The file that a program with these statements writes.
fn written(folder: &Path, copybook: &str, description: &str, statements: &str, sign: &str) -> Vec<u8> {
    let program = format!(
        "       IDENTIFICATION DIVISION.
       PROGRAM-ID. WRITER.
       ENVIRONMENT DIVISION.
       INPUT-OUTPUT SECTION.
       FILE-CONTROL.
           SELECT OUT-FILE ASSIGN TO \"out.dat\"
             ORGANIZATION IS SEQUENTIAL.
       DATA DIVISION.
       FILE SECTION.
       {description}
       COPY \"REC.cpy\".
       PROCEDURE DIVISION.
           OPEN OUTPUT OUT-FILE.
{statements}           CLOSE OUT-FILE.
           STOP RUN.
"
    );
    fs::write(folder.join("REC.cpy"), copybook).unwrap();
    fs::write(folder.join("WRITER.cob"), program).unwrap();
    run(Command::new("cobc").args(["-x", "-std=ibm", &format!("-fsign={sign}"), "-o", "writer", "WRITER.cob"]), folder);
    run(&mut Command::new(folder.join("writer")), folder);
    fs::read(folder.join("out.dat")).unwrap()
}

fn run(command: &mut Command, folder: &Path) {
    let output = command.current_dir(folder).env("COB_FILE_PATH", folder).output().unwrap();
    assert!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&output.stderr));
}

/// The records of a file as JSON lines.
fn decoded(layout: &Arc<Layout>, framing: Framing, file: &[u8]) -> Vec<String> {
    let mut framer = Framer::new(framing).unwrap();
    let mut decoder = Decoder::new(Arc::clone(layout), options("ascii"));
    let mut json = JsonLine::new(layout);
    let wanted = vec![true; layout.items.len()];
    let mut lines = Vec::new();
    let mut at = 0;
    loop {
        match framer.next(&file[at..], at as u64, true).unwrap() {
            Step::Record(record) => {
                json.start(&wanted);
                decoder.decode(layout.records[0], record.bytes, &mut json);
                assert!(json.faults.is_empty(), "{:?}", json.faults);
                lines.push(json.line().to_owned());
                at = usize::try_from(record.next.offset).unwrap();
            }
            Step::End => return lines,
            Step::More { .. } => panic!("the whole file is there"),
        }
    }
}
