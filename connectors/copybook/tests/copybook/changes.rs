//! What another version of a copybook changes.

use super::layout;
use campaignd_copybook::layout::changes;

fn changed(before: &str, after: &str) -> String {
    let changes = changes(&layout(before), &layout(after));
    let line = |change: &campaignd_copybook::layout::Change| {
        format!("{} {}: {} -> {}", change.kind.word(), change.path, change.before, change.after)
    };
    changes.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn nothing() {
    assert_eq!(changed("01 R. 05 A PIC X. 05 FILLER PIC X.", "01 r. 05 a PIC X(1). 05 FILLER PIC X."), "");
}

#[test]
fn kinds() {
    insta::assert_snapshot!(changed(
        "01 R. 05 A PIC X(3). 05 B PIC 9(5). 05 C PIC S9(5) COMP-3. 05 D PIC X(9). 05 E PIC X OCCURS 3. 05 F PIC X.",
        "01 R. 05 A PIC X(5). 05 B PIC 9(5). 05 C PIC S9(3)V99 COMP-3. 05 D PIC X(8). 05 E PIC X OCCURS 4. 05 G PIC X."
    ), @r"
    widened R: group, 24 bytes at 0 -> group, 26 bytes at 0
    widened R.A: text, 3 bytes at 0 -> text, 5 bytes at 0
    moved R.B: zoned decimal(5,0) unsigned, 5 bytes at 3 -> zoned decimal(5,0) unsigned, 5 bytes at 5
    retyped R.C: packed decimal(5,0) signed, 3 bytes at 8 -> packed decimal(5,2) signed, 3 bytes at 10
    narrowed R.D: text, 9 bytes at 11 -> text, 8 bytes at 13
    retyped R.E: text, 1 bytes at 20, 3 times -> text, 1 bytes at 21, 4 times
    added R.G:  -> text, 1 bytes at 25
    removed R.F: text, 1 bytes at 23 ->
    ");
}

#[test]
fn counters_and_groups() {
    insta::assert_snapshot!(changed(
        "01 R. 05 N PIC 9. 05 M PIC 9. 05 T OCCURS 0 TO 5 DEPENDING ON N. 10 A PIC X. 05 Z PIC X.",
        "01 R. 05 N PIC 9. 05 M PIC 9. 05 T OCCURS 0 TO 5 DEPENDING ON M. 10 A PIC XX. 05 Z. 10 Y PIC X."
    ), @r"
    widened R: group, 8 bytes at 0 -> group, 13 bytes at 0
    widened R.T: group, 1 bytes at 2, 0 to 5 times by N -> group, 2 bytes at 2, 0 to 5 times by M
    widened R.T.A: text, 1 bytes at 2 -> text, 2 bytes at 2
    retyped R.Z: text, 1 bytes at 7 -> group, 1 bytes at 12
    added R.Z.Y:  -> text, 1 bytes at 12
    ");
}

/// Those without a name are known by their place.
#[test]
fn fillers() {
    insta::assert_snapshot!(changed(
        "01 R. 05 FILLER PIC X(3). 05 A PIC X. 05 FILLER PIC X(4).",
        "01 R. 05 FILLER PIC X(3). 05 A PIC X. 05 FILLER PIC X(2). 05 B PIC X(2)."
    ), @r"
    narrowed R.FILLER#2: text, 4 bytes at 4 -> text, 2 bytes at 4
    added R.B:  -> text, 2 bytes at 6
    ");
}
