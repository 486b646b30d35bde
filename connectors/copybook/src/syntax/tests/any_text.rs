//! Whatever the text, reading it ends, and what it says is about a place in it.

use proptest::prelude::*;

use super::super::{Options, Picture, parse};
use crate::source::Form;

/// Pieces of copybooks, so that texts get past the first word.
const PIECES: &[&str] = &[
    "01",
    "05",
    "66",
    "77",
    "88",
    "50",
    " ",
    "  ",
    "\n",
    "\n       ",
    "\n      *",
    "\n      -",
    "\r\n",
    "\t",
    ".",
    ". ",
    ",",
    "A",
    "REC-NAME",
    "FILLER",
    "PIC",
    "PIC X(3)",
    "pic s9(7)v99",
    "X(",
    "9)",
    "Z(5)9.99-",
    "$$,$$9.99",
    "X(999999999)",
    "COMP-3",
    "USAGE IS",
    "OCCURS 3 TIMES",
    "OCCURS 0 TO 5",
    "DEPENDING ON",
    "REDEFINES",
    "RENAMES",
    "THRU",
    "VALUE",
    "'abc'",
    "'",
    "\"",
    "X'C1'",
    "ALL",
    "SPACES",
    "COPY",
    "COPY A",
    "REPLACING",
    "==",
    "==:T:==",
    "BY",
    ":T:-NAME",
    "LEADING",
    "TRAILING",
    "REPLACE",
    ":",
    "(",
    ")",
    "*>",
    "*",
    ">>SOURCE FREE",
    "SIGN",
    "SEPARATE",
    "é",
    "\u{feff}",
    "\u{1a}",
];

fn check(text: &str) {
    let library = |name: &str| (name == "A").then(|| text.to_owned());
    for form in [Form::Auto, Form::Fixed, Form::Free] {
        let Err(errors) = parse("test", text, &Options { form, library: &library }) else { continue };
        assert!(!errors.is_empty());
        for error in errors {
            let text = text.strip_prefix('\u{feff}').unwrap_or(text);
            let line = text.split('\n').nth(error.place.line as usize - 1).expect("a line of the text");
            let line = line.strip_suffix('\r').unwrap_or(line);
            assert_eq!(error.line_text, line);
            let (column, characters) = (error.place.column as usize, line.chars().count());
            assert!((1..=characters + 1).contains(&column), "{error}");
            assert!(error.width >= 1 && column + error.width as usize <= characters.max(column) + 1, "{error}");
            assert!(!error.message.is_empty() && !error.help.is_empty());
        }
    }
}

proptest! {
    #[test]
    fn any_characters(text in "\\PC{0,200}") {
        check(&text);
    }

    #[test]
    fn any_pieces(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60), blanks in any::<bool>()) {
        check(&pieces.join(if blanks { " " } else { "" }));
    }

    #[test]
    fn any_picture(text in "[SVPXANGZBECRDB9$*+,./()0-9-]{0,12}") {
        match Picture::parse(&text, None) {
            Ok(picture) => {
                prop_assert!(picture.size <= Picture::MOST_POSITIONS);
                prop_assert!(picture.digits <= Picture::MOST_DIGITS);
                prop_assert!(picture.scale.unsigned_abs() <= Picture::MOST_DIGITS);
                prop_assert!(picture.edited.is_empty() || picture.edited.len() == picture.size as usize);
            }
            Err(wrong) => prop_assert!(wrong.offset as usize <= text.len()),
        }
    }
}

/// Reads a large text of one repeated piece. What takes quadratic time takes so long that the test's runner gives up.
fn read_many(piece: &str) {
    let text = piece.repeat(500_000 / piece.len());
    let library = |name: &str| (name == "A").then(|| text.clone());
    for form in [Form::Fixed, Form::Free] {
        let _ = parse("test", &text, &Options { form, library: &library });
    }
}

#[test]
fn large_texts_take_no_more_than_their_share() {
    for piece in [
        "A",
        "(",
        ":",
        "'",
        "\t",
        "==",
        " == ",
        ".",
        "\n",
        "\n      -A",
        "\n      -'A",
        " 05 A PIC X.",
        "\n       05 A PIC X(1000)B.",
        " 05 A PIC Z(240).",
        " COPY A.",
        " COPY A",
        "\n       COPY A.",
        " COPY A REPLACING A BY B C.",
        " COMPUTED",
        " 88 A VALUE 1",
        " REPLACING",
        " PIC ",
        " 05 A. \u{1a}",
        "OF ",
        " 05 A RENAMES.",
        " 9(",
        ",",
        "*>",
    ] {
        read_many(piece);
    }
}

#[test]
fn replacing_costs_no_more_than_its_share() {
    let operands: String = (0..250).map(|_| " ==A== BY ==B B B B==".to_owned()).collect();
    let text = format!("01 R. COPY MEMBER REPLACING {} {operands}.", "==A A A A C== BY ==B==");
    let member = "A ".repeat(500_000);
    let library = |name: &str| (name == "MEMBER").then(|| member.clone());
    let errors = parse("test", &text, &Options { form: Form::Free, library: &library }).unwrap_err();
    assert!(errors.iter().any(|error| error.message.contains("more than 2097152 characters")), "{}", errors[0]);
}

#[test]
fn copies_that_copy_twice_end() {
    let library = |name: &str| {
        let level: u32 = name.strip_prefix('L')?.parse().ok()?;
        Some(if level < 16 { format!("COPY L{0}. COPY L{0}.", level + 1) } else { String::new() })
    };
    let errors = parse("test", "COPY L1.", &Options { form: Form::Free, library: &library }).unwrap_err();
    assert!(!errors.is_empty());
}
