//! Where fields stand, from copybooks small enough to be counted by hand.

use super::{layout, listed, places};

/// Each copybook, and the name, offset and length of all its items.
#[test]
fn offsets_and_lengths() {
    for (text, expected) in [
        // Groups in groups.
        (
            "01 R. 05 A. 10 B PIC X(3). 10 C. 15 D PIC 9(4). 15 E PIC X. 05 F PIC XX.",
            &["R 0 10", "A 0 8", "B 0 3", "C 3 5", "D 3 4", "E 7 1", "F 8 2"][..],
        ),
        // Tables in tables: the length is that of one entry.
        (
            "01 R. 05 T OCCURS 3. 10 A PIC X. 10 U OCCURS 4. 15 B PIC XX OCCURS 2. 05 Z PIC X.",
            &["R 0 52", "T 0 17", "A 0 1", "U 1 4", "B 1 2", "Z 51 1"],
        ),
        // A redefinition inside a redefined group: the next field stands at 8.
        (
            "01 R. 05 A. 10 A1 PIC X(8). 10 A2 REDEFINES A1 PIC 9(8). \
             05 B REDEFINES A. 10 B1 PIC X(4). 10 B2 PIC X(4). 05 C PIC X.",
            &["R 0 9", "A 0 8", "A1 0 8", "A2 0 8", "B 0 8", "B1 0 4", "B2 4 4", "C 8 1"],
        ),
        // Redefinitions of one field by another one and by a group, one of them named by the other's name.
        (
            "01 R. 05 A PIC X(4). 05 B REDEFINES A PIC 9(4). 05 C REDEFINES B. 10 D PIC XX. 05 E PIC X.",
            &["R 0 5", "A 0 4", "B 0 4", "C 0 2", "D 0 2", "E 4 1"],
        ),
        // What is longer than what it redefines pushes the next field away.
        ("01 R. 05 A PIC X(2). 05 B REDEFINES A PIC X(6). 05 C PIC X.", &["R 0 7", "A 0 2", "B 0 6", "C 6 1"]),
        // Several records, each from 0.
        ("01 A. 05 B PIC X(3). 01 C. 05 D PIC X(5).", &["A 0 3", "B 0 3", "C 0 5", "D 0 5"]),
        ("01 A. 05 B PIC X(3). 01 C REDEFINES A. 05 D PIC X(5).", &["A 0 3", "B 0 3", "C 0 5", "D 0 5"]),
        // A part of a record.
        ("05 A PIC X(3). 05 B. 10 C PIC X(2).", &["A 0 3", "B 3 2", "C 3 2"]),
        ("10 A PIC X. 05 B PIC X.", &["A 0 1", "B 1 1"]),
        // Level 77 is alone, and what follows is in no group of it.
        ("77 A PIC X(3). 01 B. 05 C PIC X.", &["A 0 3", "B 0 1", "C 0 1"]),
        ("77 A PIC X(3). 77 B PIC X.", &["A 0 3", "B 0 1"]),
        // Levels that rise by other than five, and a group in front of one with another level.
        ("01 R. 03 A. 07 B PIC X. 03 C. 04 D PIC XX.", &["R 0 3", "A 0 1", "B 0 1", "C 1 2", "D 1 2"]),
        // Level 88 takes no bytes.
        ("01 R. 05 A PIC X. 88 YES VALUE 'Y'. 88 NO VALUE 'N'. 05 B PIC X.", &["R 0 2", "A 0 1", "B 1 1"]),
        // Signs of their own take a byte, those in a digit none.
        (
            "01 R. 05 A PIC S9(3). 05 B PIC S9(3) SIGN LEADING. 05 C PIC S9(3) SIGN TRAILING SEPARATE. \
             05 D PIC 9(3) SIGN LEADING SEPARATE. 05 E PIC S9(3).99.",
            &["R 0 20", "A 0 3", "B 3 3", "C 6 4", "D 10 4", "E 14 6"],
        ),
        // A group's sign is for the numbers in it that have one.
        (
            "01 R SIGN TRAILING SEPARATE. 05 A PIC S9(3). 05 B PIC 9(3). 05 C PIC X(3). 05 D PIC S9(3) COMP-3.",
            &["R 0 12", "A 0 4", "B 4 3", "C 7 3", "D 10 2"],
        ),
        // A group's usage is its fields'.
        (
            "01 R COMP-3. 05 A PIC S9(5). 05 B. 10 C PIC S9(6)V99. 05 D PIC S9(4) COMP.",
            &["R 0 10", "A 0 3", "B 3 5", "C 3 5", "D 8 2"],
        ),
        // Binary numbers by digits: 2, 4, 8 bytes; what no compiler of IBM's takes, as few as hold it.
        (
            "01 R. 05 A PIC 9(4) COMP. 05 B PIC S9(5) COMP-4. 05 C PIC S9(9) BINARY. 05 D PIC 9(10) COMP-5. \
             05 E PIC S9(18) COMP. 05 F PIC 9(19) COMP. 05 G PIC S9(38) COMP.",
            &["R 0 51", "A 0 2", "B 2 4", "C 6 4", "D 10 8", "E 18 8", "F 26 9", "G 35 16"],
        ),
        // Packed numbers: two digits a byte, with a sign and without.
        (
            "01 R. 05 A PIC S9 COMP-3. 05 B PIC S9(2) COMP-3. 05 C PIC 9(38) PACKED-DECIMAL. 05 D PIC 9(3) COMP-6. \
             05 E PIC 9(38) COMP-6.",
            &["R 0 44", "A 0 1", "B 1 2", "C 3 20", "D 23 2", "E 25 19"],
        ),
        // P stands for digits that aren't stored.
        ("01 R. 05 A PIC 9(3)PP. 05 B PIC SPP9(4) COMP-3. 05 C PIC VPP9 COMP.", &["R 0 8", "A 0 3", "B 3 3", "C 6 2"]),
        // Floating point, pointers, national and double-byte text, bytes.
        (
            "01 R. 05 A COMP-1. 05 B COMP-2. 05 C POINTER. 05 D PROCEDURE-POINTER. 05 E INDEX. 05 F PIC N(3). \
             05 G PIC G(2) DISPLAY-1. 05 H COMP. 10 I PIC X(3).",
            &["R 0 41", "A 0 4", "B 4 8", "C 12 4", "D 16 8", "E 24 4", "F 28 6", "G 34 4", "H 38 3", "I 38 3"],
        ),
        // Numbers for people are as long as they are written.
        (
            "01 R. 05 A PIC ZZ,ZZ9.99-. 05 B PIC $$$9.99CR. 05 C PIC X(2)BX(2). 05 D PIC 99/99/9999.",
            &["R 0 34", "A 0 10", "B 10 9", "C 19 5", "D 24 10"],
        ),
    ] {
        assert_eq!(places(&layout(text)), expected, "{text}");
    }
}

#[test]
fn tables_that_depend_on_a_counter() {
    // At the end, in the middle, and with the counter in the entry.
    insta::assert_snapshot!(listed(&layout(
        "01 R. 05 N PIC 99. 05 A PIC X. 05 T OCCURS 0 TO 9 DEPENDING ON N. 10 B PIC XX. 05 C PIC X."
    )), @r"
    01 R 0+22 group
    05   N 0+2 zoned decimal(2,0) unsigned
    05   A 2+1 text
    05   T 3+2 [0 to 9 by N] group
    10     B 3+2 text
    05   C 21+1 ~ text
    ");
    insta::assert_snapshot!(listed(&layout(
        "01 R. 05 K PIC 9. 05 G OCCURS 1 TO 2 DEPENDING ON K. 10 N PIC 9. 10 F OCCURS 0 TO 3 TIMES DEPENDING ON N OF G \
         PIC X. 10 E PIC X. 05 Z PIC X."
    )), @r"
    01 R 0+12 group
    05   K 0+1 zoned decimal(1,0) unsigned
    05   G 1+5 [1 to 2 by K] group
    10     N 1+1 zoned decimal(1,0) unsigned
    10     F 2+1 [0 to 3 by N] text
    10     E 5+1 ~ text
    05   Z 11+1 ~ text
    ");
}

/// What is in a table whose entries vary has a fixed place as little as what comes behind it; alternatives of the same
/// bytes begin together.
#[test]
fn what_stands_at_one_place() {
    let layout = layout(
        "01 R. 05 N PIC 9. 05 A PIC X(4). 05 B REDEFINES A. 10 T PIC X OCCURS 0 TO 4 DEPENDING ON N. 10 U PIC X. \
         05 C REDEFINES A PIC 9(4). 05 D PIC X.",
    );
    let fixed: Vec<_> = layout.items.iter().map(|item| (item.name.as_str(), item.fixed)).collect();
    let expected =
        [("R", true), ("N", true), ("A", true), ("B", true), ("T", true), ("U", false), ("C", true), ("D", false)];
    assert_eq!(fixed, expected);
}

#[test]
fn shortest_and_longest() {
    for (text, shortest, longest) in [
        ("01 R. 05 A PIC X(3).", 3, 3),
        ("01 R. 05 N PIC 9. 05 T PIC XX OCCURS 1 TO 5 DEPENDING ON N.", 3, 11),
        (
            "01 R. 05 N PIC 9. 05 G OCCURS 0 TO 2 DEPENDING ON N. 10 M PIC 9. 10 T PIC X OCCURS 0 TO 3 DEPENDING ON M.",
            1,
            9,
        ),
        ("01 R. 05 N PIC 9. 05 G OCCURS 2. 10 T PIC X OCCURS 0 TO 3 DEPENDING ON N. 05 Z PIC X.", 2, 8),
        // The longest of the alternatives, though one of them may be shorter.
        (
            "01 R. 05 N PIC 9. 05 A PIC XX. 05 B REDEFINES A. 10 T PIC X OCCURS 0 TO 9 DEPENDING ON N. 05 Z PIC X.",
            4,
            11,
        ),
    ] {
        let layout = layout(text);
        let record = layout.records[0];
        assert_eq!((layout.shortest(record), layout.longest(record)), (shortest, longest), "{text}");
    }
}

#[test]
fn a_listing() {
    insta::assert_snapshot!(listed(&layout(
        "       01  CUSTOMER.
           05  CUST-ID                PIC 9(10).
           05  CUST-NAME              PIC X(30) JUST RIGHT.
           05  CUST-BALANCE           PIC S9(7)V99 COMP-3.
           05  CUST-RATE              PIC SV9(4) COMP.
           05  CUST-COUNT             PIC S9(4) COMP-5.
           05  CUST-LIMIT             PIC S9(5) SIGN LEADING SEPARATE.
           05  CUST-SCORE             PIC 9(4) COMP-6.
           05  CUST-SHOWN             PIC Z(4)9.99-.
           05  CUST-PHONES            OCCURS 2 TIMES.
               10  CUST-PHONE         PIC X(15).
           05  CUST-DATE              PIC X(8).
           05  CUST-DATE-PARTS        REDEFINES CUST-DATE.
               10  CUST-YEAR          PIC 9(4).
               10  CUST-MONTH         PIC 99.
               10  CUST-DAY           PIC 99.
           05  CUST-FLOAT             COMP-1.
           05  CUST-DOUBLE            COMP-2.
           05  CUST-NOTE              PIC N(5).
           05  CUST-KANJI             PIC G(5) DISPLAY-1.
           05  CUST-POINTER           POINTER.
           05  FILLER                 PIC X.
       66  CUST-KEY  RENAMES CUST-ID.
       66  CUST-DAYS RENAMES CUST-MONTH THRU CUST-DAY.
       66  CUST-ALL  RENAMES CUST-ID THROUGH CUST-DATE-PARTS.
"
    )), @r"
    01 CUSTOMER 0+141 group
    05   CUST-ID 0+10 zoned decimal(10,0) unsigned
    05   CUST-NAME 10+30 text
    05   CUST-BALANCE 40+5 packed decimal(9,2) signed
    05   CUST-RATE 45+2 binary decimal(4,4) signed
    05   CUST-COUNT 47+2 native binary decimal(4,0) signed
    05   CUST-LIMIT 49+6 zoned, sign in front, decimal(5,0) signed
    05   CUST-SCORE 55+2 packed without sign decimal(4,0) unsigned
    05   CUST-SHOWN 57+9 edited number, 2 after the point
    05   CUST-PHONES 66+15 [2] group
    10     CUST-PHONE 66+15 text
    05   CUST-DATE 96+8 text
    05   CUST-DATE-PARTS 96+8 group, redefines CUST-DATE
    10     CUST-YEAR 96+4 zoned decimal(4,0) unsigned
    10     CUST-MONTH 100+2 zoned decimal(2,0) unsigned
    10     CUST-DAY 102+2 zoned decimal(2,0) unsigned
    05   CUST-FLOAT 104+4 float, 4 bytes
    05   CUST-DOUBLE 108+8 float, 8 bytes
    05   CUST-NOTE 116+10 text, UTF-16
    05   CUST-KANJI 126+10 text, double-byte
    05   CUST-POINTER 136+4 bytes
    05   FILLER 140+1 text
    66 CUST-KEY 0+10 renames CUST-ID
    66 CUST-DAYS 100+4 renames CUST-MONTH to CUST-DAY
    66 CUST-ALL 0+104 renames CUST-ID to CUST-DATE-PARTS
    ");
}

/// Each number of levels is nested to the last, and more can't be written.
#[test]
fn groups_as_deep_as_there_are_levels() {
    let groups: String = (1..49).map(|level| format!("{level:02} G{level}.\n")).collect();
    let layout = layout(&format!("{groups}49 F PIC X."));
    assert_eq!(layout.path(48).matches('.').count(), 48);
}

/// What takes quadratic time takes so long here that the test's runner gives up.
#[test]
fn ten_thousand_entries() {
    let mut fields = String::from("01 R. 05 A PIC X.\n");
    for number in 0..10_000 {
        fields += &format!("05 B{number} REDEFINES A PIC X.\n");
    }
    let redefining = layout(&fields);
    assert_eq!(redefining.longest(0), 1);
    let mut tables = String::from("01 R.\n");
    for number in 0..5_000 {
        tables +=
            &format!("05 N{number} PIC 9. 05 T{number} PIC X OCCURS 0 TO 1 DEPENDING ON N{number}. 05 FILLER PIC X.\n");
    }
    let counted = layout(&tables);
    assert_eq!(counted.longest(0), 15_000);
    assert_eq!(campaignd_copybook::layout::changes(&counted, &counted), []);
    let conditions = (0..100).map(|number| (format!("B{number}"), "A = 'x'".to_owned())).collect::<Vec<_>>();
    let conditions = conditions.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    campaignd_copybook::routing::Choices::parse(&redefining, conditions).unwrap();
    let (line, faults) = super::decoded(&counted, super::options("ascii"), "0-".repeat(5_000).as_bytes());
    assert_eq!((line.len() > 50_000, faults), (true, vec![]));
}
