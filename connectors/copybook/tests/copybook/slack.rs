//! `SYNCHRONIZED`: bytes that only align others (*Enterprise COBOL for z/OS Language Reference*, SYNCHRONIZED clause, slack
//! bytes).

use super::{decoded, layout, options, places};

#[test]
fn slack_bytes() {
    for (text, expected) in [
        // Halfword, fullword, doubleword.
        (
            "01 R. 05 A PIC X. 05 B PIC S9(4) COMP SYNC. 05 C PIC X. 05 D PIC S9(9) COMP SYNC. 05 E PIC X. 05 F COMP-2 SYNC.",
            &["R 0 24", "A 0 1", "B 2 2", "C 4 1", "D 8 4", "E 12 1", "F 16 8"][..],
        ),
        // Eighteen digits stand at a fullword as nine do; text and packed numbers anywhere.
        (
            "01 R. 05 A PIC X. 05 B PIC S9(18) COMP SYNC. 05 C PIC X SYNC. 05 D PIC S9(3) COMP-3 SYNC. 05 E COMP-1 SYNC.",
            &["R 0 20", "A 0 1", "B 4 8", "C 12 1", "D 13 2", "E 16 4"],
        ),
        // In a group behind another field of it.
        (
            "01 FIELD-A. 05 FIELD-B PIC X(5). 05 FIELD-C. 10 FIELD-D PIC XX. 10 FIELD-E COMP PIC S9(6) SYNC.",
            &["FIELD-A 0 12", "FIELD-B 0 5", "FIELD-C 5 7", "FIELD-D 5 2", "FIELD-E 8 4"],
        ),
        // In front of a group that begins with it, and in front of the groups around that.
        (
            "01 FIELD-L. 05 FIELD-M PIC X. 05 FIELD-O. 10 FIELD-P. 15 FIELD-Q COMP PIC S9(9) SYNC. 10 FIELD-R PIC X.",
            &["FIELD-L 0 9", "FIELD-M 0 1", "FIELD-O 4 5", "FIELD-P 4 4", "FIELD-Q 4 4", "FIELD-R 8 1"],
        ),
        // Between the entries of a table, so that each is aligned as the first.
        (
            "01 R. 05 A PIC X. 05 T OCCURS 3. 10 B COMP PIC S9(9) SYNC. 10 C PIC X. 05 Z PIC X.",
            &["R 0 29", "A 0 1", "T 4 8", "B 4 4", "C 8 1", "Z 28 1"],
        ),
        // An entry that begins somewhere is as far from the boundary each time.
        (
            "01 R. 05 A PIC X. 05 T OCCURS 3. 10 C PIC X. 10 B COMP PIC S9(9) SYNC. 05 Z PIC X.",
            &["R 0 26", "A 0 1", "T 1 8", "C 1 1", "B 4 4", "Z 25 1"],
        ),
        // Tables in tables.
        (
            "01 R. 05 T OCCURS 2. 10 A PIC X. 10 U OCCURS 2. 15 B PIC S9(4) COMP SYNC. 15 C PIC X.",
            &["R 0 20", "T 0 10", "A 0 1", "U 2 4", "B 2 2", "C 4 1"],
        ),
        // What redefines begins where what it redefines does.
        (
            "01 R. 05 A PIC X. 05 B PIC X(8). 05 C REDEFINES B. 10 D PIC S9(9) COMP SYNC. 10 E PIC S9(4) COMP SYNC. 05 F PIC X.",
            &["R 0 10", "A 0 1", "B 1 8", "C 1 7", "D 1 4", "E 6 2", "F 9 1"],
        ),
        // At level 01 it is every field's.
        ("01 R SYNC. 05 A PIC X. 05 B PIC S9(9) COMP. 05 C PIC X(2).", &["R 0 10", "A 0 1", "B 4 4", "C 8 2"]),
    ] {
        assert_eq!(places(&layout(text)), expected, "{text}");
    }
}

/// Bytes that align are passed in every entry, and fields are found where the layout says.
#[test]
fn records_with_slack_bytes() {
    let layout = layout("01 R. 05 A PIC X. 05 T OCCURS 2. 10 B PIC S9(9) COMP SYNC. 10 C PIC X. 05 Z PIC X.");
    let bytes = b"a###\0\0\0\x01b###\0\0\0\x02c###z";
    let (line, faults) = decoded(&layout, options("ascii"), bytes);
    assert_eq!((line.as_str(), faults), (r#"{"A":"a","T":[{"B":1,"C":"b"},{"B":2,"C":"c"}],"Z":"z"}"#, vec![]));
}

/// Behind a table that is shorter than it could be, slack bytes are as many as when it is full.
#[test]
fn slack_bytes_behind_a_table_that_varies() {
    let layout = layout(
        "01 R. 05 N PIC 9. 05 T PIC X OCCURS 0 TO 4 DEPENDING ON N. 05 G OCCURS 2. 10 B PIC S9(4) COMP SYNC. 10 C PIC X.",
    );
    let (line, faults) = decoded(&layout, options("ascii"), b"1a#\0\x01b#\0\x02c#");
    assert_eq!((line.as_str(), faults), (r#"{"N":1,"T":["a"],"G":[{"B":1,"C":"b"},{"B":2,"C":"c"}]}"#, vec![]));
}
