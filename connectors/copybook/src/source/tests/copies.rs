//! COPY and what REPLACING makes of a text.

use std::collections::BTreeMap;

use super::super::{Form, read};

/// The tokens of a text that copies `MEMBER`, separated by blanks.
fn words(text: &str, member: &str) -> String {
    let library = BTreeMap::from([("MEMBER".to_owned(), member.to_owned())]);
    let (_, tokens) = read("test", text, Form::Free, &library).unwrap_or_else(|errors| panic!("{}", errors[0]));
    tokens.iter().map(|token| token.text.clone()).collect::<Vec<_>>().join(" ")
}

#[test]
fn texts_are_copied() {
    assert_eq!(words("01 R. COPY MEMBER.", "05 A PIC X."), "01 R . 05 A PIC X .");
    assert_eq!(words("01 R. copy member of lib suppress.", "05 A PIC X."), "01 R . 05 A PIC X .");
    assert_eq!(words("01 R. COPY 'MEMBER'.", "05 A PIC X."), "01 R . 05 A PIC X .");
}

#[test]
fn a_library_is_asked_for_its_own_text_first() {
    let library = BTreeMap::from([
        ("MEMBER".to_owned(), "05 A PIC X.".to_owned()),
        ("LIB/MEMBER".to_owned(), "05 B PIC X.".to_owned()),
    ]);
    let (_, tokens) = read("test", "COPY member OF lib. COPY member OF other.", Form::Free, &library).unwrap();
    assert_eq!((tokens[1].text.as_str(), tokens[6].text.as_str()), ("B", "A"));
}

#[test]
fn replacing_changes_words() {
    for (replacing, member, expected) in [
        ("==:TAG:== BY ==WS==", "01 :TAG:-REC. 05 :TAG:-A-:TAG: PIC X.", "01 WS-REC . 05 WS-A-WS PIC X ."),
        ("==:tag:== by ==WS==", "01 :TAG:-REC.", "01 WS-REC ."),
        ("==:TAG:== BY ====", "01 :TAG:REC. 05 A.", "01 REC . 05 A ."),
        ("==:TAG:== BY ====", "01 REC:TAG:.", "01 REC ."),
        ("==()== BY ==WS==", "01 ()-REC. 05 A PIC X(3).", "01 WS-REC . 05 A PIC X(3) ."),
        ("==(TAG)== BY ==WS==", "01 (TAG)-REC.", "01 WS-REC ."),
        ("==:N:== BY ==12==", "05 A PIC X(:N:). 05 B OCCURS :N: TIMES.", "05 A PIC X(12) . 05 B OCCURS 12 TIMES ."),
        ("LEADING ==OLD== BY ==NEW==", "01 OLD-A. 01 A-OLD.", "01 NEW-A . 01 A-OLD ."),
        ("TRAILING ==OLD== BY ==NEW==", "01 OLD-A. 01 A-OLD.", "01 OLD-A . 01 A-NEW ."),
        ("LEADING ==OLD-== BY ====", "01 OLD-A.", "01 A ."),
        ("A BY B", "01 A. 05 A-A PIC A.", "01 B . 05 A-A PIC B ."),
        ("A BY B, C BY A", "01 A. 01 C.", "01 B . 01 A ."),
        ("'a' BY 'b'", "01 A VALUE 'a'. 01 B VALUE 'A'.", "01 A VALUE b . 01 B VALUE A ."),
        ("==05  A\n PIC X== BY ==10 B PIC 9==", "05 A PIC\nX.", "10 B PIC 9 ."),
        ("==A.== BY ==B.==", "01 A. 05 C.", "01 B . 05 C ."),
        ("COMP-3 BY COMP", "05 A PIC S9(3) COMP-3.", "05 A PIC S9(3) COMP ."),
        ("==X(3)== BY ==X(5)==", "05 A PIC X(3). 05 B PIC X(3)B.", "05 A PIC X(5) . 05 B PIC X(5)B ."),
    ] {
        let text = format!("COPY MEMBER REPLACING {replacing}.");
        assert_eq!((replacing, words(&text, member).as_str()), (replacing, expected));
    }
}

#[test]
fn copied_texts_copy_in_turn() {
    let library = BTreeMap::from([
        ("OUTER".to_owned(), "01 :T:-R. COPY INNER.".to_owned()),
        ("INNER".to_owned(), "05 :T:-A PIC X.".to_owned()),
    ]);
    let text = "COPY OUTER REPLACING ==:T:== BY ==W==.\nCOPY INNER REPLACING ==:T:== BY ==V==.";
    let (texts, tokens) = read("test", text, Form::Free, &library).unwrap();
    let words: Vec<_> = tokens.iter().map(|token| token.text.as_str()).collect();
    assert_eq!(words.join(" "), "01 W-R . 05 W-A PIC X . 05 V-A PIC X .");
    let names: Vec<_> = tokens.iter().map(|token| texts.name(token.place)).collect();
    assert_eq!((names[0], names[3], names[8]), ("OUTER", "INNER", "INNER"));
}
