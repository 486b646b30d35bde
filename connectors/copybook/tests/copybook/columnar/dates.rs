//! Fields that were declared to be dates.

use campaignd_copybook::columnar::{Date, OnFault, Plan, PlanError, Settings};
use campaignd_copybook::decode::{Absent, Options};
use campaignd_copybook::layout::Layout;

use super::super::{ebcdic, layout, options, told};
use super::{Tree, columns, trees};

/// The dates that a field holds in some records, and what is wrong with them.
fn dates(entry: &str, pattern: &str, options: Options, records: &[&[u8]]) -> (Vec<Option<i32>>, Vec<String>) {
    let layout = layout(&format!("01 R. 05 D {entry}."));
    let records: Vec<Vec<u8>> = records.iter().map(|record| record.to_vec()).collect();
    let decoded = columns(&layout, options, declared(&layout, pattern), &records);
    let day = |row: Tree| match row {
        Tree::Group(fields) => match fields.as_slice() {
            [(_, Tree::Day(day))] => Some(*day),
            [(_, Tree::Nothing)] => None,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    let faults = decoded.faults.iter().map(|found| format!("{}: {}", found.row, told(&layout, &found.fault))).collect();
    (trees(&decoded).into_iter().map(day).collect(), faults)
}

fn declared(layout: &Layout, pattern: &str) -> Settings {
    let field = layout.find("D", &[]).unwrap();
    let date = Date::parse(pattern, Some(50)).unwrap();
    Settings { on_fault: OnFault::Null, dates: [(field, date)].into(), ..Settings::default() }
}

fn absent() -> Options {
    Options { absent: super::super::all_absent(), ..options("cp037") }
}

#[test]
fn zoned() {
    let records = ["19700102", "00000000", "99999999", "19690230", "1970010A"].map(ebcdic);
    let records: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
    let (days, faults) = dates("PIC 9(8)", "YYYYMMDD", options("cp037"), &records);
    assert_eq!(days, [Some(1), None, None, None, None]);
    assert_eq!(
        faults,
        [
            "3: R.D at 0 [F1 F9 F6 F9 F0 F2 F3 F0] bad_date: `19690230` is no date, read as YYYYMMDD",
            "4: R.D at 0 [F1 F9 F7 F0 F0 F1 F0 C1] bad_zoned: byte 0xC1 at 8 is no digit",
        ]
    );
    // A number is shown without the zeros in front of it; its bytes stand beside it.
    let (_, faults) = dates("PIC 9(6)", "YYMMDD", options("cp037"), &[&ebcdic("001332")]);
    assert_eq!(faults, ["0: R.D at 0 [F0 F0 F1 F3 F3 F2] bad_date: `1332` is no date, read as YYMMDD"]);
}

#[test]
fn packed_and_binary() {
    let packed: [&[u8]; 4] =
        [&[0x01, 0x97, 0x00, 0x10, 0x1C], &[0, 0, 0, 0, 0x0C], &[0, 0, 0, 0, 0], &[0x01, 0x97, 0x00, 0x10, 0x1D]];
    let (days, faults) = dates("PIC S9(8) COMP-3", "YYYYMMDD", absent(), &packed);
    assert_eq!(days, [Some(0), None, None, None]);
    assert_eq!(faults, ["3: R.D at 0 [01 97 00 10 1D] bad_date: `-19700101` is no date, read as YYYYMMDD"]);
    let (days, _) = dates("PIC S9(7) COMP-3", "YYYYDDD", absent(), &[&[0x20, 0x24, 0x36, 0x6C]]);
    assert_eq!(days, [Some(20_088)]);
    let (days, _) = dates("PIC S9(7) COMP-3", "CYYMMDD", absent(), &[&[0x10, 0x00, 0x10, 0x1C]]);
    assert_eq!(days, [Some(10_957)]);
    let number = 19_700_103_u32.to_be_bytes();
    let (days, _) = dates("PIC 9(8) COMP", "YYYYMMDD", absent(), &[&number, &[0; 4], &99_999_999_u32.to_be_bytes()]);
    assert_eq!(days, [Some(2), None, None]);
}

#[test]
fn text() {
    let records = ["1970-01-02", "0000-00-00", "9999-99-99", "          ", "soon      "].map(ebcdic);
    let mut records: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
    records.push(&[0; 10]);
    let (days, faults) = dates("PIC X(10)", "YYYY-MM-DD", absent(), &records);
    assert_eq!(days, [Some(1), None, None, None, None, None]);
    assert_eq!(
        faults,
        ["4: R.D at 0 [A2 96 96 95 40 40 40 40 40 40] bad_date: `soon      ` is no date, read as YYYY-MM-DD"]
    );
    // Blanks stand for nothing only where the options say so.
    let blanks = Options { absent: Absent { blanks: false, ..absent().absent }, ..absent() };
    let (_, faults) = dates("PIC X(10)", "YYYY-MM-DD", blanks, &[&[0x40; 10]]);
    assert_eq!(faults.len(), 1);
    // Blanks around a date are none of it.
    assert_eq!(dates("PIC X(10)", "YYYYMMDD", absent(), &[&ebcdic("19700102  ")]).0, [Some(1)]);
    assert_eq!(dates("PIC 99/99/9999", "DD/MM/YYYY", absent(), &[&ebcdic("02/01/1970")]).0, [Some(1)]);
}

#[test]
fn in_tables() {
    let layout = layout("01 R. 05 N PIC 9. 05 T OCCURS 0 TO 3 DEPENDING ON N. 10 X PIC X. 10 D PIC 9(6).");
    let mut settings = declared(&layout, "YYMMDD");
    let records = [b"2a700101b000000".to_vec(), b"1a701301".to_vec(), b"0".to_vec()];
    let decoded = columns(&layout, options("ascii"), settings.clone(), &records);
    assert_eq!(
        told(&layout, &decoded.faults[0].fault),
        "R.T.D at 2 [37 30 31 33 30 31] bad_date: `701301` is no date, read as YYMMDD"
    );
    assert_eq!((decoded.columns.num_rows(), decoded.faults[0].row, decoded.faults.len()), (3, 1, 1));
    settings.on_fault = OnFault::Reject;
    let decoded = columns(&layout, options("ascii"), settings, &records);
    assert_eq!((decoded.rejected.as_slice(), decoded.faults.len()), (&[1][..], 1));
    let entry = |x: &str, day| Tree::Group(vec![("X".into(), Tree::Text(x.into())), ("D".into(), day)]);
    let row =
        |n: &str, entries| Tree::Group(vec![("N".into(), Tree::Number(n.into())), ("T".into(), Tree::List(entries))]);
    assert_eq!(
        trees(&decoded),
        [row("2", vec![entry("a", Tree::Day(0)), entry("b", Tree::Nothing)]), row("0", vec![])]
    );
}

#[test]
fn fields_that_are_no_dates() {
    let wrong = |entry: &str, pattern: &str| {
        let layout = layout(&format!("01 R. 05 D {entry}."));
        let settings = declared(&layout, pattern);
        match Plan::new(layout.into(), 0, &[], options("cp037"), settings) {
            Err(PlanError::Date { wrong, .. }) => wrong,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(wrong("PIC 9(6)", "YYYYMMDD"), "it has fewer digits");
    assert_eq!(wrong("PIC 9(8)", "YYYY-MM-DD"), "there are only digits in it");
    assert_eq!(wrong("PIC 9(8)V99", "YYYYMMDD"), "it is neither text nor a whole number");
    assert_eq!(wrong("COMP-2", "YYYYMMDD"), "it is neither text nor a whole number");
}
