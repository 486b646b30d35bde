//! What becomes of groups, tables, faults and bytes.

use std::sync::Arc;

use campaignd_copybook::columnar::{BatchDecoder, BatchError, MOST_BYTES, OnFault, Plan, PlanError, Settings};
use campaignd_copybook::decode::Options;
use campaignd_copybook::layout::Layout;

use super::super::{layout, options, told};
use super::{check, columns, trees};

/// The schema and the rows, as a person reads them.
fn shown(layout: &Layout, settings: Settings, records: &[&[u8]]) -> String {
    let records: Vec<Vec<u8>> = records.iter().map(|record| record.to_vec()).collect();
    let decoded = columns(layout, options("ascii"), settings, &records);
    let mut lines: Vec<String> = decoded
        .columns
        .schema()
        .fields()
        .iter()
        .map(|field| format!("{}: {}", field.name(), field.data_type()))
        .collect();
    lines.extend(trees(&decoded).iter().map(|row| format!("{row:?}")));
    let fault =
        |found: &campaignd_copybook::columnar::RowFault| format!("{}: {}", found.row, told(layout, &found.fault));
    lines.extend(decoded.faults.iter().map(fault));
    lines.push(format!("rejected {:?}, longer {:?}", decoded.rejected, decoded.longer));
    lines.join("\n")
}

fn on_fault(on_fault: OnFault) -> Settings {
    Settings { on_fault, ..Settings::default() }
}

#[test]
fn groups_and_tables() {
    let layout = layout(
        "01 R. 05 A PIC S9(3)V99. 05 G. 10 B PIC X(2). 10 FILLER PIC X. 10 B PIC 9. 05 T OCCURS 2. 10 C PIC 9(2)PPP. \
         10 U PIC X OCCURS 2. 05 EMPTY. 10 FILLER PIC X. 05 FILLER. 10 D PIC 9.",
    );
    insta::assert_snapshot!(shown(&layout, Settings::default(), &[b"12345b #7" as &[u8], b"00001xyz304 x052 #9", b"1234Ncc#003ab04cd#9!"]), @r#"
    A: Decimal128(5, 2)
    G: Struct("B": Utf8, "B-2": Decimal128(1, 0))
    T: List(non-null Struct("C": Decimal128(5, 0), "U": non-null List(Utf8)))
    FILLER: Struct("D": Decimal128(1, 0))
    {"A": 0.01, "G": {"B": "xy", "B-2": 3}, "T": [{"C": 4000, "U": ["", "x"]}, {"C": 5000, "U": ["2", ""]}], "FILLER": {"D": 9}}
    {"A": -123.45, "G": {"B": "cc", "B-2": 0}, "T": [{"C": 3000, "U": ["a", "b"]}, {"C": 4000, "U": ["c", "d"]}], "FILLER": {"D": 9}}
    0: R.T.C at 9 [] record_too_short: the record ends 2 bytes before the field does
    0: R.T.U at 11 [] record_too_short: the record ends 2 bytes before the field does
    rejected [0], longer [(2, 19)]
    "#);
}

#[test]
fn tables_in_tables_and_what_is_behind_them() {
    let layout = layout(
        "01 R. 05 N PIC 9. 05 T OCCURS 0 TO 3 DEPENDING ON N. 10 M PIC 9. 10 U OCCURS 0 TO 2 DEPENDING ON M. 15 X PIC X. \
         15 Y PIC 9. 10 Z PIC X. 05 V PIC X(2). 05 W PIC 99.",
    );
    insta::assert_snapshot!(shown(&layout, Settings::default(), &[b"0vv12", b"22a1b2z0Zvv34", b"4", b"19", b"10", b"11a?zvv56"]), @r#"
    N: Decimal128(1, 0)
    T: List(non-null Struct("M": Decimal128(1, 0), "U": non-null List(non-null Struct("X": Utf8, "Y": Decimal128(1, 0))), "Z": Utf8))
    V: Utf8
    W: Decimal128(2, 0)
    {"N": 0, "T": [], "V": "vv", "W": 12}
    {"N": 2, "T": [{"M": 2, "U": [{"X": "a", "Y": 1}, {"X": "b", "Y": 2}], "Z": "z"}, {"M": 0, "U": [], "Z": "Z"}], "V": "vv", "W": 34}
    2: R.N at 0 [34] bad_counter: it says 4 entries of `T`, which has 0 to 3
    3: R.T.M at 1 [39] bad_counter: it says 9 entries of `U`, which has 0 to 2
    4: R.T.Z at 2 [] record_too_short: the record ends 1 bytes before the field does
    4: R.V at 3 [] record_too_short: the record ends 3 bytes before the field does
    4: R.W at 5 [] record_too_short: the record ends 5 bytes before the field does
    5: R.T.U.Y at 3 [3F] bad_zoned: byte 0x3F at 1 is no digit
    rejected [2, 3, 4, 5], longer []
    "#);
    let records: Vec<Vec<u8>> =
        [&b"22a1b2z0Zvv34"[..], b"0vv12", b"0v", b"12a1b2", b"12a1b2zvvxx", b"3"].map(<[u8]>::to_vec).into();
    for short_records in [false, true] {
        check(&layout, 0, &[], Options { short_records, ..options("ascii") }, &records);
    }
}

#[test]
fn thirty_eight_digits() {
    let nines = "9".repeat(38);
    let layout =
        layout("01 R. 05 A PIC S9(38). 05 B PIC S9(38) COMP-3. 05 C PIC S9(36)PP COMP-5. 05 D PIC SV9(38) COMP-3.");
    let mut record = nines.clone().into_bytes();
    record[37] = b'R';
    let packed = [&[0x09][..], &[0x99; 18], &[0x9D]].concat();
    record.extend(&packed);
    record.extend(i128::to_be_bytes(-123));
    record.extend(&packed);
    let decoded = columns(&layout, options("ascii"), Settings::default(), &[vec![0xF1; 40], record.clone()]);
    let row = format!("{:?}", trees(&decoded));
    let expected = format!(r#"[{{"A": -{nines}, "B": -{nines}, "C": -12300, "D": -0.{nines}}}]"#);
    assert_eq!(row, expected);
    // A number whose zeros, which aren't stored, don't fit any more: the row decoder has no such bound.
    record[58..74].copy_from_slice(&10_i128.pow(37).to_be_bytes());
    let decoded = columns(&layout, options("ascii"), Settings::default(), &[record]);
    assert_eq!(decoded.rejected, [0]);
    let fault = told(&layout, &decoded.faults[0].fault);
    assert!(
        fault.ends_with("beyond_column: it has more digits than a decimal of 38 digits, 0 of them after the point")
    );
}

#[test]
fn bytes_are_kept() {
    let layout = layout("01 R. 05 A PIC 9(2). 05 P POINTER. 05 T PIC 9 OCCURS 2. 05 B PIC X(2).");
    let keep_raw = ["A", "T", "B"].map(|name| layout.find(name, &[]).unwrap()).into();
    let settings = Settings { keep_raw, ..on_fault(OnFault::Null) };
    insta::assert_snapshot!(shown(&layout, settings, &[b"1xPPPP1?b ", b"12PPPP34"]), @r#"
    A: Decimal128(2, 0)
    A-raw: Binary
    P: Binary
    T: List(Decimal128(1, 0))
    T-raw: List(Binary)
    B: Utf8
    B-raw: Binary
    {"A": null, "A-raw": [31, 78], "P": [50, 50, 50, 50], "T": [1, null], "T-raw": [[31], [3F]], "B": "b", "B-raw": [62, 20]}
    {"A": 12, "A-raw": [31, 32], "P": [50, 50, 50, 50], "T": [3, 4], "T-raw": [[33], [34]], "B": null, "B-raw": null}
    0: R.A at 0 [31 78] bad_zoned: byte 0x78 at 2 is no digit
    0: R.T at 7 [3F] bad_zoned: byte 0x3F at 1 is no digit
    1: R.B at 8 [] record_too_short: the record ends 2 bytes before the field does
    rejected [], longer []
    "#);
    let layout = super::super::layout("01 R. 05 A PIC 9. 05 A-RAW PIC X.");
    let settings = Settings { keep_raw: [1].into(), ..Settings::default() };
    let error = Plan::new(layout.into(), 0, &[], options("ascii"), settings).unwrap_err();
    assert_eq!(error.to_string(), "the bytes of `R.A` can't be a column `A-raw`: there is a field of that name");
}

#[test]
fn faults_by_field() {
    let layout = layout("01 R. 05 A PIC 9. 05 B PIC 9. 05 FILLER PIC 9(2).");
    let (a, b) = (layout.find("A", &[]).unwrap(), layout.find("B", &[]).unwrap());
    let settings = Settings { on_fault_of: [(a, OnFault::Null)].into(), ..Settings::default() };
    let records: [&[u8]; 6] = [b"12##", b"x2##", b"1x##", b"xx##", b"12#", b"x2"];
    insta::assert_snapshot!(shown(&layout, settings, &records), @r#"
    A: Decimal128(1, 0)
    B: Decimal128(1, 0)
    {"A": 1, "B": 2}
    {"A": null, "B": 2}
    {"A": null, "B": 2}
    1: R.A at 0 [78] bad_zoned: byte 0x78 at 1 is no digit
    2: R.B at 1 [78] bad_zoned: byte 0x78 at 1 is no digit
    3: R.A at 0 [78] bad_zoned: byte 0x78 at 1 is no digit
    3: R.B at 1 [78] bad_zoned: byte 0x78 at 1 is no digit
    4: R at 3 [] record_too_short: the record ends 1 bytes before the field does
    5: R.A at 0 [78] bad_zoned: byte 0x78 at 1 is no digit
    rejected [2, 3, 4], longer []
    "#);
    let settings = Settings { on_fault_of: [(b, OnFault::Fail)].into(), ..Settings::default() };
    let plan = Plan::new(layout.into(), 0, &[], options("ascii"), settings).unwrap();
    let mut decoder = BatchDecoder::new(Arc::new(plan));
    assert_eq!(decoder.decode(b"x2##12##", &[0..4, 4..8]).unwrap().rejected, [0]);
    let error = decoder.decode(b"12##1x##", &[0..4, 4..8]).unwrap_err();
    assert_eq!(error.to_string(), "record 2 of the batch: byte 0x78 at 1 is no digit");
}

#[test]
fn batches_that_cannot_be() {
    let layout = Arc::new(layout("01 R. 05 A PIC 9. 05 B PIC X OCCURS 16000000."));
    let plan = |options| Plan::new(Arc::clone(&layout), 0, &[], options, Settings::default());
    let mut decoder = BatchDecoder::new(Arc::new(plan(options("ascii")).unwrap()));
    let error = decoder.decode(b"1", &[0..1, 1..3]).unwrap_err();
    assert_eq!(error.to_string(), "record 2 of the batch ends at byte 3 of 1");
    assert_eq!(decoder.decode(b"", &[]).unwrap().columns.num_rows(), 0);
    // Records that end early would become many entries of nothing.
    let short = Options { short_records: true, ..options("ascii") };
    let mut decoder = BatchDecoder::new(Arc::new(plan(short).unwrap()));
    let places = vec![0..1; 40];
    assert!(matches!(decoder.decode(b"1", &places), Err(BatchError::TooLarge { bytes }) if bytes > MOST_BYTES));
}

#[test]
fn plans_that_cannot_be() {
    let layout = Arc::new(layout("01 R. 05 A PIC 9. 05 B REDEFINES A PIC X. 01 S. 05 FILLER PIC X."));
    let plan = |record, wanted: &[bool], settings| {
        Plan::new(Arc::clone(&layout), record, wanted, options("ascii"), settings).unwrap_err().to_string()
    };
    assert_eq!(plan(1, &[], Settings::default()), "item 1 is no record of the copybook");
    assert_eq!(plan(3, &[], Settings::default()), "these records have no field with a name");
    let keep = |id| Settings { keep_raw: [id].into(), ..Settings::default() };
    assert_eq!(plan(0, &[true, true, false], keep(2)), "`R.B` is no field of these records");
    assert_eq!(plan(0, &[], keep(99)), "`item 99` is no field of these records");
    assert!(matches!(Plan::new(Arc::clone(&layout), 0, &[], options("ascii"), keep(0)), Err(PlanError::NoField(_))));
}

/// Two bytes that are blanks of the code page are one character of UTF-16.
#[test]
fn characters_of_two_bytes() {
    let layout = layout("01 R. 05 A PIC N(2). 05 B PIC X(4).");
    check(&layout, 0, &[], options("cp037"), &[vec![0x40; 8], vec![0, 0x40, 0, 0x20, 0x40, 0x40, 0x40, 0xC1]]);
}

/// A record that is a field.
#[test]
fn a_field_alone() {
    insta::assert_snapshot!(shown(&layout("01 A PIC 9(3)."), Settings::default(), &[b"007", b"x"]), @r#"
    A: Decimal128(3, 0)
    {"A": 7}
    1: A at 0 [78] record_too_short: the record ends 2 bytes before the field does
    rejected [1], longer []
    "#);
}
