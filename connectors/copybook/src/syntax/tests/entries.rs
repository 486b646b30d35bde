//! What entries are read as.

use super::super::{ConditionValue, Depending, Entry, Figurative, Occurs, Sign, SignPosition, Usage};
use super::entries;
use crate::source::Place;

/// The only entry of a text in free form.
fn entry(text: &str) -> Entry {
    let mut entries = entries(&format!(">>SOURCE FREE\n{text}"));
    assert_eq!(entries.len(), 1, "{text}");
    entries.remove(0)
}

#[test]
fn names_and_levels() {
    let names = |text: &str| entries(text).into_iter().map(|entry| (entry.level, entry.name)).collect::<Vec<_>>();
    let name = |name: &str| Some(name.to_owned());
    assert_eq!(
        names("01 Rec.\n05 filler PIC X.\n05 PIC X.\n5 A_B-1 PIC X.\n49 1A PIC X.\n77 COUNT PIC 9."),
        [(1, name("Rec")), (5, None), (5, None), (5, name("A_B-1")), (49, name("1A")), (77, name("COUNT"))]
    );
}

#[test]
fn headers_are_passed() {
    let text = "DATA DIVISION.\nFILE SECTION.\nFD F\n  RECORDING MODE F BLOCK 0 RECORDS.\n01 R PIC X.\nWORKING-STORAGE SECTION.\n\
                linkage section.\nSD S.\n77 A PIC X.";
    assert_eq!(entries(text).len(), 2);
}

#[test]
fn every_spelling_of_a_usage() {
    for (words, usage) in [
        ("PIC X DISPLAY", Usage::Display),
        ("PIC 9 comp", Usage::Binary),
        ("PIC 9 USAGE COMP", Usage::Binary),
        ("USAGE IS COMPUTATIONAL PIC 9", Usage::Binary),
        ("PIC 9 COMP-4", Usage::Binary),
        ("PIC 9 COMPUTATIONAL-4", Usage::Binary),
        ("PIC 9 BINARY", Usage::Binary),
        ("PIC 9 COMP-5", Usage::NativeBinary),
        ("PIC 9 COMPUTATIONAL-5", Usage::NativeBinary),
        ("PIC 9 COMP-3", Usage::Packed),
        ("PIC 9 COMPUTATIONAL-3", Usage::Packed),
        ("PIC 9 PACKED-DECIMAL", Usage::Packed),
        ("PIC 9 COMP-6", Usage::PackedUnsigned),
        ("COMP-1", Usage::Float),
        ("COMPUTATIONAL-2", Usage::Double),
        ("PIC N NATIONAL", Usage::National),
        ("GROUP-USAGE IS NATIONAL", Usage::National),
        ("PIC G DISPLAY-1", Usage::Dbcs),
        ("PIC N DISPLAY-1", Usage::Dbcs),
        ("INDEX", Usage::Index),
        ("USAGE POINTER", Usage::Pointer),
        ("PROCEDURE-POINTER", Usage::ProcedurePointer),
        ("FUNCTION-POINTER", Usage::FunctionPointer),
    ] {
        let entry = entry(&format!("05 A {words}."));
        assert_eq!((words, entry.usage.map(|(usage, _)| usage)), (words, Some(usage)));
    }
}

#[test]
fn signs() {
    for (words, position, separate) in [
        ("SIGN IS LEADING SEPARATE CHARACTER", SignPosition::Leading, true),
        ("SIGN TRAILING", SignPosition::Trailing, false),
        ("TRAILING SEPARATE", SignPosition::Trailing, true),
        ("leading", SignPosition::Leading, false),
    ] {
        let entry = entry(&format!("05 A PIC S9 {words}."));
        assert_eq!((words, entry.sign.unwrap().0), (words, Sign { position, separate }));
    }
}

#[test]
fn how_often_items_occur() {
    let occurs = |words: &str| entry(&format!("05 A OCCURS {words} PIC X.")).occurs.unwrap().0;
    let fixed = |most| Occurs { least: most, most, depending: None };
    assert_eq!(occurs("5"), fixed(5));
    assert_eq!(occurs("5 TIMES"), fixed(5));
    assert_eq!(occurs("5 TO 5 TIMES INDEXED BY I J"), fixed(5));
    assert_eq!(occurs("9 ASCENDING KEY IS K L OF R DESCENDING M INDEXED I"), fixed(9));
    let depending = |qualifiers: &[&str], column| Depending {
        name: "N".to_owned(),
        qualifiers: qualifiers.iter().map(|&name| name.to_owned()).collect(),
        place: Place { text: 0, line: 2, column },
    };
    let expected = Occurs { least: 0, most: 5, depending: Some(depending(&[], 39)) };
    assert_eq!(occurs("0 TO 5 TIMES DEPENDING ON N ASCENDING KEY K INDEXED BY I"), expected);
    let expected = Occurs { least: 1, most: 79, depending: Some(depending(&["H", "R"], 26)) };
    assert_eq!(occurs("79 DEPENDING N OF H IN R"), expected);
}

#[test]
fn other_clauses_in_any_order() {
    let a =
        entry("05 A VALUE IS ZERO SYNC RIGHT GLOBAL REDEFINES B PICTURE IS 9(4) BLANK WHEN ZEROES EXTERNAL VOLATILE.");
    assert_eq!(a.redefines, Some(("B".to_owned(), Place { text: 0, line: 2, column: 48 })));
    assert!(a.synchronized && a.blank_when_zero && !a.justified);
    assert!(entry("05 A PIC X JUSTIFIED RIGHT VALUE ALL '-'.").justified);
    assert!(entry("05 A PIC X VALUE HIGH-VALUES JUST.").justified);
    entry("05 A COMP-2 VALUE -1.5E+3.");
}

#[test]
fn conditions() {
    let values = |words: &str| entry(&format!("88 A {words}.")).values;
    let text = |text: &str| ConditionValue::Text(text.to_owned());
    let number = |text: &str| ConditionValue::Number(text.to_owned());
    assert_eq!(values("VALUE 'A'"), [text("A")]);
    assert_eq!(values("VALUES ARE 'A', 'B' \"C\""), [text("A"), text("B"), text("C")]);
    let range = ConditionValue::Through(Box::new(number("-1")), Box::new(number("5.5")));
    assert_eq!(values("VALUE -1 THRU 5.5 7"), [range, number("7")]);
    assert_eq!(values("VALUE X'0aFF'"), [ConditionValue::Bytes(vec![10, 255])]);
    assert_eq!(values("VALUE ALL '*'"), [ConditionValue::All("*".to_owned())]);
    assert_eq!(
        values("VALUE LOW-VALUES ALL SPACES WHEN SET TO FALSE IS 'N'"),
        [ConditionValue::Figurative(Figurative::LowValue), ConditionValue::Figurative(Figurative::Space)]
    );
}

#[test]
fn renames() {
    let renames = |text: &str| entry(text).renames.map(|(first, last, _)| (first, last));
    assert_eq!(renames("66 A RENAMES B."), Some(("B".to_owned(), None)));
    assert_eq!(renames("66 A RENAMES B THRU C."), Some(("B".to_owned(), Some("C".to_owned()))));
}

#[test]
fn commented_out_fields_stay_comments() {
    let text = "       01  R.\n           05  A PIC X(3).\n      *    05  OLD PIC X(5).\n           05  B PIC X(3).\n";
    let names: Vec<_> = entries(text).into_iter().filter_map(|entry| entry.name).collect();
    assert_eq!(names, ["R", "A", "B"]);
}
