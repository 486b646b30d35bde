//! Forms, comments, continuation, and the places of tokens.

use super::super::{Form, Place, TokenKind, read};

/// The tokens of a text, separated by blanks.
fn words(text: &str, form: Form) -> String {
    let (_, tokens) = read("test", text, form, &()).unwrap_or_else(|errors| panic!("{}", errors[0]));
    tokens.iter().map(|token| token.text.clone()).collect::<Vec<_>>().join(" ")
}

#[test]
fn fixed_form_ignores_the_margins_and_comments() {
    let text = "\
000100* A COMMENT 05 OLD PIC X.                                         00000001
000200/ ANOTHER
TAG001 01  REC.                                                         00000003
000400D    05  DEBUGGED PIC X.
          05  A PIC X. *> A REMARK
       EJECT
       SKIP1.
       TITLE 'A LIST'.
      *    05  B PIC X.
           05  C PIC X.";
    assert_eq!(words(text, Form::Auto), "01 REC . 05 A PIC X . 05 C PIC X .");
    assert_eq!(words(text, Form::Fixed), "01 REC . 05 A PIC X . 05 C PIC X .");
}

#[test]
fn free_form_has_no_columns() {
    let text = "*> A COMMENT\n01 REC.\n  05 A PIC X. *> A REMARK\n      * 05 B PIC X.\n05 C PIC X.";
    assert_eq!(words(text, Form::Auto), "01 REC . 05 A PIC X . 05 C PIC X .");
    let long = format!("01 REC.{}05 A PIC X.", " ".repeat(80));
    assert_eq!(words(&long, Form::Auto), "01 REC . 05 A PIC X .");
}

#[test]
fn the_form_is_told_from_the_text() {
    for (text, expected) in [
        ("01 A.", "01 A ."),
        ("\u{feff}01 A.\r\n05 B PIC X.\r\n", "01 A . 05 B PIC X ."),
        ("    05 B PIC X.", "05 B PIC X ."),
        ("      01 A.", "01 A ."),
        ("       01 A.", "01 A ."),
        ("01     05 A.", "05 A ."),
        ("000100 01 A.\n000200*01 B.", "01 A ."),
        ("000100D01 A.\n000200 01 B.", "01 B ."),
        ("       >>SOURCE FORMAT IS FREE\n01 A.", "01 A ."),
        (">>source free\n01 A.", "01 A ."),
        ("***********\n       01 A.", "01 A ."),
        ("***\n       01 A.", "01 A ."),
        ("* A COMMENT ABOUT IT\n       01 A.", "01 A ."),
        ("*COMMENT\n       01 A.", "01 A ."),
        ("*> A COMMENT\n       01 A.", "01 A ."),
        ("       01 A.\n\u{1a}", "01 A ."),
        ("       01 A\n      DISPLAY.", "01 A DISPLAY ."),
        ("       01 A.\n      D01 B.", "01 A ."),
        ("\t01 A.", "01 A ."),
        ("\t\t\t05 A\t\t\t\t\t\t\tPIC X(8).", "05 A PIC X(8) ."),
        ("", ""),
    ] {
        assert_eq!((text, words(text, Form::Auto).as_str()), (text, expected));
    }
}

#[test]
fn words_and_literals_are_continued() {
    let word = "       01 LONG-\n      *    A COMMENT\n      -    NAME.";
    assert_eq!(words(word, Form::Fixed), "01 LONG-NAME .");
    let to_72 = |begin: &str| format!("       {begin:<65}");
    let literal = format!("{}\n      -    'C'.", to_72("01 A PIC X VALUE 'AB"));
    let (_, tokens) = read("test", &literal, Form::Fixed, &()).unwrap();
    assert_eq!(tokens[5].text, format!("AB{}C", " ".repeat(72 - 27)));
    let short = "       01 A PIC X VALUE 'AB\n      -    'C'.";
    let (_, tokens) = read("test", short, Form::Fixed, &()).unwrap();
    assert_eq!(tokens[5].text, format!("AB{}C", " ".repeat(72 - 27)));
    let quote_in_72 = format!("       01 A PIC X VALUE '{}'\n      -    ''B'.", "A".repeat(46));
    let (_, tokens) = read("test", &quote_in_72, Form::Fixed, &()).unwrap();
    assert_eq!(tokens[5].text, format!("{}'B", "A".repeat(46)));
}

#[test]
fn tokens_know_their_place() {
    let text = "       01 A.\n\t   05 B, PIC  Z,ZZ9.99.";
    let (_, tokens) = read("test", text, Form::Auto, &()).unwrap();
    let places: Vec<_> = tokens.iter().map(|t| (t.text.as_str(), t.place.line, t.place.column, t.width)).collect();
    assert_eq!(
        places,
        [
            ("01", 1, 8, 2),
            ("A", 1, 11, 1),
            (".", 1, 12, 1),
            ("05", 2, 5, 2),
            ("B", 2, 8, 1),
            ("PIC", 2, 11, 3),
            ("Z,ZZ9.99", 2, 16, 8),
            (".", 2, 24, 1)
        ]
    );
    assert_eq!(tokens[6].kind, TokenKind::Picture);
    assert_eq!(tokens[0].place, Place { text: 0, line: 1, column: 8 });
}

#[test]
fn literals() {
    let (_, tokens) = read("test", r#"'it''s' "a ""b""" X'C1' n'x' 'a "b" c' -1.5 .5"#, Form::Free, &()).unwrap();
    let texts: Vec<_> = tokens.iter().map(|token| token.text.as_str()).collect();
    assert_eq!(texts, ["it's", "a \"b\"", "C1", "x", "a \"b\" c", "-1.5", ".5"]);
    assert_eq!(tokens.iter().filter(|token| token.kind == TokenKind::Number).count(), 2);
}

/// Characters left out at both ends, whatever they are; a tab is one of them.
#[test]
fn between_two_characters() {
    let form = Form::Between { before: 6, last: 30 };
    let text = "000100 01 R.                  TAIL01\n000200*05 OLD PIC X.\n\t\t\t\t\t\t05 A PIC X(3).\n000300    * 05 B PIC X.\n";
    let entries = crate::syntax::parse("T", text, &crate::syntax::Options { form, library: &() }).unwrap();
    let tagged = "000100 01 :TAG:-R.\n000200 05 A PIC X VALUE ':'.\n";
    let tagged = crate::syntax::parse("T", tagged, &crate::syntax::Options { form, library: &() }).unwrap();
    assert_eq!(tagged[0].name.as_deref(), Some("TAG-R"));
    let names: Vec<_> = entries.iter().map(|entry| entry.name.clone().unwrap()).collect();
    assert_eq!(names, ["R", "A"]);
}
