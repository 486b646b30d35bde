//! What people are told of entries that are each well written and don't fit together.

use super::message;

#[test]
fn pictures_and_groups() {
    insta::assert_snapshot!(message("      *  nothing but a comment\n"), @r"
    there is no field in it
     --> TEST:1:1
      |
    1 |       *  nothing but a comment
      | ^
      = help: give the right file
    ");
    insta::assert_snapshot!(message("       01  R.\n           05  A PIC X(3).\n               10  B PIC X.\n"), @r"
    `A` has a picture, so nothing can be in it
     --> TEST:3:16
      |
    3 |                10  B PIC X.
      |                ^^
      = help: give this entry level 5, or take the picture away
    ");
    insta::assert_snapshot!(message("       01  R.\n           05  A.\n           05  B PIC X.\n"), @r"
    `A`: it has neither a picture nor anything in it
     --> TEST:2:12
      |
    2 |            05  A.
      |            ^^
    ");
    insta::assert_snapshot!(message("       88  YES VALUE 'Y'.\n       01  R PIC X.\n"), @r"
    level 88 names values of the field before it, and there is none
     --> TEST:1:8
      |
    1 |        88  YES VALUE 'Y'.
      |        ^^
    ");
    insta::assert_snapshot!(message("       01  R COMP-3.\n           05  A PIC X.\n"), @r"
    `A`: a packed number needs a picture of digits, such as S9(7)V99
     --> TEST:2:12
      |
    2 |            05  A PIC X.
      |            ^^
    ");
    insta::assert_snapshot!(message("       01  R COMP.\n           05  A PIC A(3).\n"), @r"
    `A`: a binary number needs a picture of digits, such as S9(7)V99
     --> TEST:2:12
      |
    2 |            05  A PIC A(3).
      |            ^^
    ");
    insta::assert_snapshot!(message("       01  R COMP-6.\n           05  A PIC S9(3).\n"), @r"
    `A`: COMP-6 has no sign: write the picture without S
     --> TEST:2:12
      |
    2 |            05  A PIC S9(3).
      |            ^^
    ");
    insta::assert_snapshot!(message("       01  R COMP-1.\n           05  A PIC 9(3).\n"), @r"
    `A`: its usage says all, so it has no picture
     --> TEST:2:12
      |
    2 |            05  A PIC 9(3).
      |            ^^
    ");
    insta::assert_snapshot!(message("       01  R.\n           05  A PIC 9(3) NATIONAL.\n"), @r"
    `A`: of national data only characters, picture N, are read
     --> TEST:2:12
      |
    2 |            05  A PIC 9(3) NATIONAL.
      |            ^^
    ");
    insta::assert_snapshot!(message("       01  R NATIONAL.\n           05  A.\n"), @r"
    `A`: NATIONAL needs a picture
     --> TEST:2:12
      |
    2 |            05  A.
      |            ^^
    ");
    insta::assert_snapshot!(message("       01  R COMP-3.\n           05  A PIC S9(3) SIGN LEADING.\n"), @r"
    SIGN is for a number in DISPLAY whose picture has an S
     --> TEST:2:28
      |
    2 |            05  A PIC S9(3) SIGN LEADING.
      |                            ^^^^
      = help: take it away
    ");
}

#[test]
fn redefinitions() {
    insta::assert_snapshot!(message("       01  R.\n           05  A PIC X.\n           05  B REDEFINES NONE PIC X.\n"), @r"
    there is no `NONE` directly before it to redefine
     --> TEST:3:28
      |
    3 |            05  B REDEFINES NONE PIC X.
      |                            ^^^^
      = help: an entry redefines the one before it at the same level; only other redefinitions of that may stand between
    ");
    insta::assert_snapshot!(message(
        "       01  R.\n           05  A PIC X.\n           05  B PIC X.\n           05  C REDEFINES A PIC X.\n"
    ), @r"
    there is no `A` directly before it to redefine
     --> TEST:4:28
      |
    4 |            05  C REDEFINES A PIC X.
      |                            ^
      = help: an entry redefines the one before it at the same level; only other redefinitions of that may stand between
    ");
    insta::assert_snapshot!(message("       01  R.\n           05  A PIC X OCCURS 3.\n           05  B REDEFINES A PIC X(3).\n"), @r"
    `A` is a table, and a table can't be redefined
     --> TEST:3:28
      |
    3 |            05  B REDEFINES A PIC X(3).
      |                            ^
      = help: redefine a group around it
    ");
    // The same name in another group isn't meant.
    insta::assert_snapshot!(message("01 R. 05 A PIC X. 05 G.\n10 B PIC X.\n10 C REDEFINES A PIC X.\n"), @r"
    there is no `A` directly before it to redefine
     --> TEST:3:16
      |
    3 | 10 C REDEFINES A PIC X.
      |                ^
      = help: an entry redefines the one before it at the same level; only other redefinitions of that may stand between
    ");
}

#[test]
fn counters() {
    let table = "OCCURS 0 TO 9 TIMES DEPENDING ON";
    insta::assert_snapshot!(message(&format!("01 R.\n   05 T {table} N PIC X.\n")), @r"
    there is no field `N`
     --> TEST:2:42
      |
    2 |    05 T OCCURS 0 TO 9 TIMES DEPENDING ON N PIC X.
      |                                          ^
      = help: DEPENDING ON names a whole number in front of the table, in the same record
    ");
    insta::assert_snapshot!(message(&format!("01 R.\n   05 T {table} N PIC X.\n   05 N PIC 9.\n")), @r"
    `N` comes after the table it counts
     --> TEST:2:42
      |
    2 |    05 T OCCURS 0 TO 9 TIMES DEPENDING ON N PIC X.
      |                                          ^
      = help: DEPENDING ON names a whole number in front of the table, in the same record
    ");
    insta::assert_snapshot!(message(&format!("01 R.\n   05 N PIC X.\n   05 T {table} N PIC X.\n")), @r"
    `N` is no whole number
     --> TEST:3:42
      |
    3 |    05 T OCCURS 0 TO 9 TIMES DEPENDING ON N PIC X.
      |                                          ^
      = help: DEPENDING ON names a whole number in front of the table, in the same record
    ");
    insta::assert_snapshot!(message(&format!("01 R.\n   05 N PIC 9V9.\n   05 T {table} N PIC X.\n")), @r"
    `N` is no whole number
     --> TEST:3:42
      |
    3 |    05 T OCCURS 0 TO 9 TIMES DEPENDING ON N PIC X.
      |                                          ^
      = help: DEPENDING ON names a whole number in front of the table, in the same record
    ");
    insta::assert_snapshot!(message(&format!("01 Q.\n   05 N PIC 9.\n01 R.\n   05 T {table} N PIC X.\n")), @r"
    `N` is in another record
     --> TEST:4:42
      |
    4 |    05 T OCCURS 0 TO 9 TIMES DEPENDING ON N PIC X.
      |                                          ^
      = help: DEPENDING ON names a whole number in front of the table, in the same record
    ");
    insta::assert_snapshot!(message(&format!(
        "01 R.\n   05 A.\n      10 N PIC 9.\n   05 B.\n      10 N PIC 9.\n   05 T {table} N PIC X.\n"
    )), @r"
    `N` is one of several: R.A.N, R.B.N
     --> TEST:6:42
      |
    6 |    05 T OCCURS 0 TO 9 TIMES DEPENDING ON N PIC X.
      |                                          ^
      = help: DEPENDING ON names a whole number in front of the table, in the same record
    ");
    insta::assert_snapshot!(message(&format!("01 R.\n   05 N PIC 9.\n   05 T {table} N OF A PIC X.\n")), @r"
    there is no field `N OF A`
     --> TEST:3:42
      |
    3 |    05 T OCCURS 0 TO 9 TIMES DEPENDING ON N OF A PIC X.
      |                                          ^
      = help: DEPENDING ON names a whole number in front of the table, in the same record
    ");
}

#[test]
fn renames() {
    insta::assert_snapshot!(message("66 X RENAMES A.\n01 R. 05 A PIC X.\n"), @r"
    there is no record before it
     --> TEST:1:14
      |
    1 | 66 X RENAMES A.
      |              ^
      = help: level 66 names fields or groups of the record before it
    ");
    insta::assert_snapshot!(message("01 R. 05 A PIC X.\n66 X RENAMES B.\n"), @r"
    there is no `B` in the record before it
     --> TEST:2:14
      |
    2 | 66 X RENAMES B.
      |              ^
      = help: level 66 names fields or groups of the record before it
    ");
    insta::assert_snapshot!(message("01 R. 05 A PIC X. 05 B PIC X.\n66 X RENAMES B THRU A.\n"), @r"
    `A` comes before `B`
     --> TEST:2:14
      |
    2 | 66 X RENAMES B THRU A.
      |              ^
      = help: level 66 names fields or groups of the record before it
    ");
    insta::assert_snapshot!(message("01 R. 05 G. 10 A PIC X. 05 H. 10 A PIC X.\n66 X RENAMES A.\n"), @r"
    there are several `A` in the record before it
     --> TEST:2:14
      |
    2 | 66 X RENAMES A.
      |              ^
      = help: level 66 names fields or groups of the record before it
    ");
    // What is in another record isn't meant.
    insta::assert_snapshot!(message("01 Q. 05 A PIC X.\n01 R. 05 B PIC X.\n66 X RENAMES A.\n"), @r"
    there is no `A` in the record before it
     --> TEST:3:14
      |
    3 | 66 X RENAMES A.
      |              ^
      = help: level 66 names fields or groups of the record before it
    ");
}

#[test]
fn too_long() {
    insta::assert_snapshot!(message("01 R.\n   05 G OCCURS 4000.\n      10 T PIC X(5000) OCCURS 1000.\n"), @r"
    `G` has more than 16777216 bytes
     --> TEST:2:4
      |
    2 |    05 G OCCURS 4000.
      |    ^^
      = help: is a number of occurrences or a length mistaken?
    ");
    insta::assert_snapshot!(message("05 A PIC X(1048576) OCCURS 16.\n05 B PIC X.\n"), @r"
    the record has more than 16777216 bytes
     --> TEST:1:1
      |
    1 | 05 A PIC X(1048576) OCCURS 16.
      | ^^
      = help: is a number of occurrences or a length mistaken?
    ");
    // Products that no number holds.
    let nested: String = (2..40).map(|level| format!("{level:02} G{level} OCCURS 999999999.\n")).collect();
    insta::assert_snapshot!(message(&format!("01 R.\n{nested} 45 F PIC X(9999).\n")), @r"
    `G39` has more than 16777216 bytes
      --> TEST:39:1
       |
    39 | 39 G39 OCCURS 999999999.
       | ^^
       = help: is a number of occurrences or a length mistaken?
    ");
    let redefined = "01 R.\n05 A PIC X.\n05 B REDEFINES A.\n10 T PIC X(999999) OCCURS 999999999.\n05 C PIC X.\n";
    insta::assert_snapshot!(message(redefined), @r"
    `T` has more than 16777216 bytes
     --> TEST:4:1
      |
    4 | 10 T PIC X(999999) OCCURS 999999999.
      | ^^
      = help: is a number of occurrences or a length mistaken?
    ");
}

/// All that is wrong is told at once, in the order of the lines, but no more than anyone reads.
#[test]
fn several() {
    insta::assert_snapshot!(message(
        "01 R.\n05 A.\n05 T PIC X OCCURS 0 TO 9 TIMES DEPENDING ON N.\n05 B REDEFINES C PIC X.\n66 X RENAMES Y.\n"
    ), @r"
    `A`: it has neither a picture nor anything in it
     --> TEST:2:1
      |
    2 | 05 A.
      | ^^

    there is no field `N`
     --> TEST:3:45
      |
    3 | 05 T PIC X OCCURS 0 TO 9 TIMES DEPENDING ON N.
      |                                             ^
      = help: DEPENDING ON names a whole number in front of the table, in the same record

    there is no `C` directly before it to redefine
     --> TEST:4:16
      |
    4 | 05 B REDEFINES C PIC X.
      |                ^
      = help: an entry redefines the one before it at the same level; only other redefinitions of that may stand between

    there is no `Y` in the record before it
     --> TEST:5:14
      |
    5 | 66 X RENAMES Y.
      |              ^
      = help: level 66 names fields or groups of the record before it
    ");
    // The first field of a group that doesn't begin the record.
    assert!(message("01 R. 05 A PIC X. 05 G. 10 B. 05 C PIC X.").starts_with("`B`: it has neither a picture"));
    let many: String = (0..1_000).map(|number| format!("05 A{number}. ")).collect();
    assert_eq!(message(&format!("01 R. {many}")).matches("neither a picture").count(), 50);
}
