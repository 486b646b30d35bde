//! Errors as people read them.

use super::super::{Options, parse};
use super::{message, shown};
use crate::source::Form;

use insta::assert_snapshot;

/// What is said about an entry in free form.
fn free(text: &str) -> String {
    shown(&parse("test", text, &Options { form: Form::Free, library: &() }).unwrap_err())
}

/// What is said about the entry `01 COPY MEMBER…` and a member.
fn copying(text: &str, member: &str) -> String {
    let library = |name: &str| (name == "MEMBER").then(|| member.to_owned());
    shown(&parse("test", text, &Options { form: Form::Free, library: &library }).unwrap_err())
}

#[test]
fn misspelt_clauses() {
    assert_snapshot!(free("05 A PIC 9(4) COMPUTED."), @r#"
    unknown clause `COMPUTED`, did you mean `COMPUTATIONAL`?
     --> test:1:15
      |
    1 | 05 A PIC 9(4) COMPUTED.
      |               ^^^^^^^^
      = help: write `COMPUTATIONAL`
    "#);
    assert_snapshot!(free("05 A PICTUR X(3)."), @r#"
    unknown clause `PICTUR`, did you mean `PICTURE`?
     --> test:1:6
      |
    1 | 05 A PICTUR X(3).
      |      ^^^^^^
      = help: write `PICTURE`
    "#);
    assert_snapshot!(free("05 A PIC X(3) WHATEVER."), @r#"
    unknown clause `WHATEVER`
     --> test:1:15
      |
    1 | 05 A PIC X(3) WHATEVER.
      |               ^^^^^^^^
      = help: clauses are PICTURE, USAGE, OCCURS, REDEFINES, SIGN, VALUE and a few others; a name has no blanks
    "#);
}

#[test]
fn usages() {
    assert_snapshot!(free("05 A PIC 9(4) COMP-X."), @r#"
    usage `COMP-X` isn't supported
     --> test:1:15
      |
    1 | 05 A PIC 9(4) COMP-X.
      |               ^^^^^^
      = help: it is Micro Focus's; if the field has as many bytes as COMP-5 of its picture, write COMP-5
    "#);
    assert_snapshot!(free("05 A PIC 9(4) USAGE IS PACKED."), @r#"
    `PACKED` after USAGE
     --> test:1:24
      |
    1 | 05 A PIC 9(4) USAGE IS PACKED.
      |                        ^^^^^^
      = help: did you mean `PACKED-DECIMAL`?
    "#);
    assert_snapshot!(free("05 A PIC X(4) COMP-3."), @r#"
    a binary or packed usage with a picture that is no plain number
     --> test:1:10
      |
    1 | 05 A PIC X(4) COMP-3.
      |          ^^^^
      = help: use `9`, `S`, `V` and `P` only, or take the usage out
    "#);
    assert_snapshot!(free("05 A PIC 9 COMP-1."), @r#"
    a picture with a usage that has none
     --> test:1:10
      |
    1 | 05 A PIC 9 COMP-1.
      |          ^
      = help: COMP-1, COMP-2, INDEX and pointers have a size of their own; take PICTURE out
    "#);
}

#[test]
fn pictures() {
    assert_snapshot!(free("05 A PIC X(8."), @r#"
    `(` without `)`
     --> test:1:11
      |
    1 | 05 A PIC X(8.
      |           ^
      = help: close it, as in X(8); a picture has no blanks
    "#);
    assert_snapshot!(free("05 A PIC X (8)."), @r#"
    `(` outside a picture
     --> test:1:12
      |
    1 | 05 A PIC X (8).
      |            ^
      = help: a picture has no blanks: write `X(8)`, not `X (8)`
    "#);
    assert_snapshot!(free("05 A PIC."), @r#"
    nothing where PICTURE has its symbols
     --> test:1:9
      |
    1 | 05 A PIC.
      |         ^
      = help: write them after one blank, as in `PIC X(8)` or `PIC S9(7)V99`
    "#);
    assert_snapshot!(free("05 A PIC S9(39)."), @r#"
    39 digits, but a number has at most 38
     --> test:1:11
      |
    1 | 05 A PIC S9(39).
      |           ^^^^^
      = help: read the field as text: write `X` instead of `9`, without `S` and `V`
    "#);
    assert_snapshot!(free("05 A PIC +9V9E+99."), @r#"
    floating point written as characters, `E`, isn't supported
     --> test:1:14
      |
    1 | 05 A PIC +9V9E+99.
      |              ^
      = help: read the field as text: write X(…) as wide
    "#);
    assert_snapshot!(free("05 A PIC X(:LEN:)."), @r#"
    `(:LEN:)` isn't a number
     --> test:1:11
      |
    1 | 05 A PIC X(:LEN:).
      |           ^^^^^^^
      = help: COPY … REPLACING puts something in place of a tag, as in `COPY name REPLACING ==:TAG:== BY ==8==`
    "#);
}

#[test]
fn periods() {
    assert_snapshot!(free("05 A PIC X\n05 B PIC X."), @r#"
    `05` here: the entry before it has no period
     --> test:2:1
      |
    2 | 05 B PIC X.
      | ^^
      = help: end each entry with a period; in fixed form the columns from 73 on don't count
    "#);
    assert_snapshot!(free("05 A PIC X"), @r#"
    the last entry doesn't end with a period
     --> test:1:10
      |
    1 | 05 A PIC X
      |          ^
      = help: end it with a period; in fixed form the columns from 73 on don't count
    "#);
    assert_snapshot!(free("05 A.05 B PIC X."), @r#"
    `A.05` can't be a name: it has a `.`
     --> test:1:4
      |
    1 | 05 A.05 B PIC X.
      |    ^^^^
      = help: names have letters, digits, hyphens and underscores; a blank follows each period
    "#);
}

#[test]
fn levels_and_names() {
    assert_snapshot!(free("50 A PIC X."), @r#"
    `50` is no level number
     --> test:1:1
      |
    1 | 50 A PIC X.
      | ^^
      = help: levels are 01 to 49, 66, 77 and 88
    "#);
    assert_snapshot!(free("05 123 PIC X."), @r#"
    `123` where a name is expected
     --> test:1:4
      |
    1 | 05 123 PIC X.
      |    ^^^
      = help: a name has a letter; or is the entry before without its period?
    "#);
    assert_snapshot!(free("PIC X."), @r#"
    `PIC` where a level number is expected
     --> test:1:1
      |
    1 | PIC X.
      | ^^^
      = help: each entry begins with a level number and ends with a period; comments have `*` in column 7
    "#);
    assert_snapshot!(free("05 :TAG:-A PIC X."), @r#"
    `:TAG:-A` holds a tag that nothing replaces
     --> test:1:4
      |
    1 | 05 :TAG:-A PIC X.
      |    ^^^^^^^
      = help: it is in a text to be copied with `REPLACING`, as in `COPY name REPLACING ==:TAG:== BY ==WS==`
    "#);
    assert_snapshot!(free("05 A$B PIC X."), @r#"
    `A$B` can't be a name: it has a `$`
     --> test:1:4
      |
    1 | 05 A$B PIC X.
      |    ^^^
      = help: names have letters, digits, hyphens and underscores; a blank follows each period
    "#);
    assert_snapshot!(free("05 ABC- PIC X."), @r#"
    `ABC-` can't be a name: it has a hyphen at its end
     --> test:1:4
      |
    1 | 05 ABC- PIC X.
      |    ^^^^
      = help: names begin and end with a letter or digit
    "#);
    assert_snapshot!(free("++INCLUDE A."), @r#"
    `++INCLUDE` where a level number is expected
     --> test:1:1
      |
    1 | ++INCLUDE A.
      | ^^^^^^^^^
      = help: write `COPY name.` instead
    "#);
    assert_snapshot!(free("PROCEDURE DIVISION."), @r#"
    `PROCEDURE` where a level number is expected
     --> test:1:1
      |
    1 | PROCEDURE DIVISION.
      | ^^^^^^^^^
      = help: this looks like a program; give its data description entries only
    "#);
}

#[test]
fn occurs() {
    assert_snapshot!(free("05 A OCCURS 0 TO UNBOUNDED DEPENDING ON N PIC X."), @r#"
    tables without a limit aren't supported
     --> test:1:18
      |
    1 | 05 A OCCURS 0 TO UNBOUNDED DEPENDING ON N PIC X.
      |                  ^^^^^^^^^
      = help: say how often it occurs at most, as in `OCCURS 0 TO 99`
    "#);
    assert_snapshot!(free("05 A OCCURS 1 TO 5 PIC X."), @r#"
    OCCURS … TO … without DEPENDING ON
     --> test:1:18
      |
    1 | 05 A OCCURS 1 TO 5 PIC X.
      |                  ^
      = help: add `DEPENDING ON` and the field with the count
    "#);
    assert_snapshot!(free("05 A OCCURS 5 TO 1 DEPENDING ON N PIC X."), @r#"
    OCCURS 5 TO 1: the least is more than the most
     --> test:1:18
      |
    1 | 05 A OCCURS 5 TO 1 DEPENDING ON N PIC X.
      |                  ^
      = help: exchange the two
    "#);
    assert_snapshot!(free("05 A OCCURS MANY PIC X."), @r#"
    `MANY` after OCCURS where a number is expected
     --> test:1:13
      |
    1 | 05 A OCCURS MANY PIC X.
      |             ^^^^
      = help: write `OCCURS 5 TIMES`, or `OCCURS 0 TO 5 TIMES DEPENDING ON name`
    "#);
    assert_snapshot!(free("01 A OCCURS 5 PIC X."), @r#"
    OCCURS at level 01
     --> test:1:6
      |
    1 | 01 A OCCURS 5 PIC X.
      |      ^^^^^^
      = help: put the item that occurs at level 02 or deeper, in a group at level 01
    "#);
    assert_snapshot!(free("05 A OCCURS 5 DEPENDING ON."), @r#"
    nothing after DEPENDING ON where a name is expected
     --> test:1:27
      |
    1 | 05 A OCCURS 5 DEPENDING ON.
      |                           ^
      = help: write the name of an item after DEPENDING ON
    "#);
}

#[test]
fn words_after_a_list_are_no_names() {
    assert_snapshot!(free("05 A OCCURS 5 INDEXED BY I COMPUTED."), @r#"
    unknown clause `COMPUTED`, did you mean `COMPUTATIONAL`?
     --> test:1:28
      |
    1 | 05 A OCCURS 5 INDEXED BY I COMPUTED.
      |                            ^^^^^^^^
      = help: write `COMPUTATIONAL`
    "#);
    assert_snapshot!(free("05 A OCCURS 5 INDEXED BY I COMP-X PIC 9."), @r#"
    usage `COMP-X` isn't supported
     --> test:1:28
      |
    1 | 05 A OCCURS 5 INDEXED BY I COMP-X PIC 9.
      |                            ^^^^^^
      = help: it is Micro Focus's; if the field has as many bytes as COMP-5 of its picture, write COMP-5
    "#);
    assert_snapshot!(free("05 A PIC X. 88 B VALUE 'X' 05 C PIC X."), @r#"
    `C` where a value is expected
     --> test:1:31
      |
    1 | 05 A PIC X. 88 B VALUE 'X' 05 C PIC X.
      |                               ^
      = help: write a literal, a number or a figurative constant; or is a period missing before it?
    "#);
}

#[test]
fn clauses_that_disagree() {
    assert_snapshot!(free("05 A PIC X PIC X."), @r#"
    a second PICTURE clause in one entry
     --> test:1:12
      |
    1 | 05 A PIC X PIC X.
      |            ^^^
      = help: take one of them out; or is the period between two entries missing?
    "#);
    assert_snapshot!(free("05 A PIC 9 JUST."), @r#"
    JUSTIFIED with the picture of a number
     --> test:1:10
      |
    1 | 05 A PIC 9 JUST.
      |          ^
      = help: JUSTIFIED is for text; take it out
    "#);
    assert_snapshot!(free("05 A PIC X BLANK WHEN ZERO."), @r#"
    BLANK WHEN ZERO with a picture that is no number
     --> test:1:10
      |
    1 | 05 A PIC X BLANK WHEN ZERO.
      |          ^
      = help: take BLANK WHEN ZERO out
    "#);
    assert_snapshot!(free("05 A PIC 9 SIGN LEADING."), @r#"
    SIGN with a picture that has no `S`
     --> test:1:10
      |
    1 | 05 A PIC 9 SIGN LEADING.
      |          ^
      = help: begin the picture with `S`, or take SIGN out
    "#);
    assert_snapshot!(free("05 A PIC X DATE FORMAT YYYY."), @r#"
    DATE FORMAT isn't supported
     --> test:1:12
      |
    1 | 05 A PIC X DATE FORMAT YYYY.
      |            ^^^^
      = help: take the clause out; the field is what its picture says
    "#);
}

#[test]
fn conditions_and_renames() {
    assert_snapshot!(free("88 A."), @r#"
    nothing where a level 88 has VALUE
     --> test:1:5
      |
    1 | 88 A.
      |     ^
      = help: write `88 name VALUE 'A' 'B'.` or `88 name VALUES 1 THRU 5.`
    "#);
    assert_snapshot!(free("88 A VALUE X'C'."), @r#"
    the literal 'C' isn't hexadecimal
     --> test:1:12
      |
    1 | 88 A VALUE X'C'.
      |            ^^^^
      = help: write two of 0 to 9 and A to F for each byte
    "#);
    assert_snapshot!(free("88 A VALUE 1 THRU."), @r#"
    a value is missing
     --> test:1:18
      |
    1 | 88 A VALUE 1 THRU.
      |                  ^
      = help: write a literal, a number or a figurative constant such as SPACES
    "#);
    assert_snapshot!(free("66 A RENAMES B OF C."), @r#"
    qualified names in RENAMES aren't supported
     --> test:1:16
      |
    1 | 66 A RENAMES B OF C.
      |                ^^
      = help: give the item a name of its own in this record, and leave the qualifier out
    "#);
}

#[test]
fn lines() {
    assert_snapshot!(message("       01 A.\n      X    05 B PIC X.\n000100 05 C PIC X."), @r#"
    column 7 holds `X`, which is no indicator
     --> test:2:7
      |
    2 |       X    05 B PIC X.
      |       ^
      = help: leave column 7 blank and begin entries in column 8, or say that the text is in free form
    "#);
    assert_snapshot!(message("       01 A PIC X VALUE 'AB.\n       05 B PIC X."), @r#"
    a literal begins here, but ' doesn't end it on this line
     --> test:1:25
      |
    1 |        01 A PIC X VALUE 'AB.
      |                         ^
      = help: end it with '; in fixed form the columns from 73 on don't count
    "#);
    assert_snapshot!(message("       01 A PIC X VALUE 'AB\n      -    C'."), @r#"
    this line goes on with a literal, but doesn't begin with its quotation mark
     --> test:2:12
      |
    2 |       -    C'.
      |            ^
      = help: put ' before what the literal goes on with, or end the literal a line earlier
    "#);
    assert_snapshot!(message("*      05 OLD PIC X.\n       05 B PIC X."), @r#"
    this line begins with `*` in column 1, but holds an entry from column 8 on
     --> test:1:1
      |
    1 | *      05 OLD PIC X.
      | ^
      = help: for a comment put the `*` into column 7; for an entry say that the text is in fixed form
    "#);
    assert_snapshot!(message("      -    01 A."), @r#"
    column 7 says that this line goes on with the one before, but there is none
     --> test:1:12
      |
    1 |       -    01 A.
      |            ^
      = help: leave column 7 blank
    "#);
    assert_snapshot!(message("       >>IF A\n       01 A."), @r#"
    a compiler directive that isn't known here
     --> test:1:8
      |
    1 |        >>IF A
      |        ^^^^^^
      = help: only `>>SOURCE FORMAT IS FREE` and `FIXED` are; leave the line out
    "#);
}

#[test]
fn copies() {
    assert_snapshot!(free("01 A. COPY OTHER."), @r#"
    COPY asks for `OTHER`, which isn't known
     --> test:1:12
      |
    1 | 01 A. COPY OTHER.
      |            ^^^^^
      = help: give the text of this name beside the copybook, or write its entries here
    "#);
    assert_snapshot!(free("REPLACE ==A== BY ==B==. 01 A."), @r#"
    REPLACE statements aren't supported
     --> test:1:1
      |
    1 | REPLACE ==A== BY ==B==. 01 A.
      | ^^^^^^^
      = help: use COPY … REPLACING, or replace the words in the text
    "#);
    assert_snapshot!(copying("01 R. COPY MEMBER.", "05 A PIC X.\n05 B PIC Q."), @r#"
    `Q` is no symbol of a picture
     --> MEMBER:2:10
      |
    2 | 05 B PIC Q.
      |          ^
      = help: symbols are A B G N P S V X Z 9 0 / , . + - * $ CR DB; a blank ends the picture
    "#);
    assert_snapshot!(copying("01 R. COPY MEMBER.", "COPY MEMBER."), @r#"
    `MEMBER` copies itself: TEST → MEMBER → MEMBER
     --> MEMBER:1:6
      |
    1 | COPY MEMBER.
      |      ^^^^^^
      = help: take this COPY out
    "#);
    assert_snapshot!(copying("01 R. COPY MEMBER\n05 A PIC X.", ""), @r#"
    `05` isn't part of a COPY; is its period missing?
     --> test:2:1
      |
    2 | 05 A PIC X.
      | ^^
      = help: write `COPY name.` or `COPY name REPLACING ==this== BY ==that==.`
    "#);
    assert_snapshot!(copying("COPY MEMBER REPLACING ==A== ==B==.", ""), @r#"
    REPLACING needs what to replace, BY, and what to put there
     --> test:1:29
      |
    1 | COPY MEMBER REPLACING ==A== ==B==.
      |                             ^^
      = help: write `COPY name.` or `COPY name REPLACING ==this== BY ==that==.`
    "#);
    assert_snapshot!(copying("COPY MEMBER REPLACING LEADING ==A B== BY ==C==.", ""), @r#"
    LEADING and TRAILING replace part of a word, by one word or by nothing
     --> test:1:31
      |
    1 | COPY MEMBER REPLACING LEADING ==A B== BY ==C==.
      |                               ^^
      = help: write `COPY name.` or `COPY name REPLACING ==this== BY ==that==.`
    "#);
    assert_snapshot!(copying("COPY MEMBER REPLACING ==A BY B.", ""), @r#"
    pseudo-text begins here, but no `==` ends it
     --> test:1:23
      |
    1 | COPY MEMBER REPLACING ==A BY B.
      |                       ^^
      = help: end it with `==`

    REPLACING needs what to replace, BY, and what to put there
     --> test:1:23
      |
    1 | COPY MEMBER REPLACING ==A BY B.
      |                       ^^
      = help: write `COPY name.` or `COPY name REPLACING ==this== BY ==that==.`
    "#);
}

#[test]
fn all_mistakes_at_once() {
    assert_snapshot!(free("01 A.\n   05 B PIC Q.\n   05 C COMQ-3.\n   05 D PIC X.\n   05 E OCCURS."), @r#"
    `Q` is no symbol of a picture
     --> test:2:13
      |
    2 |    05 B PIC Q.
      |             ^
      = help: symbols are A B G N P S V X Z 9 0 / , . + - * $ CR DB; a blank ends the picture

    unknown clause `COMQ-3`, did you mean `COMP-3`?
     --> test:3:9
      |
    3 |    05 C COMQ-3.
      |         ^^^^^^
      = help: write `COMP-3`

    nothing after OCCURS where a number is expected
     --> test:5:15
      |
    5 |    05 E OCCURS.
      |               ^
      = help: write `OCCURS 5 TIMES`, or `OCCURS 0 TO 5 TIMES DEPENDING ON name`
    "#);
}
