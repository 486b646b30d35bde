//! Pictures and what they say.

use super::super::{Category, Picture, Usage};

#[test]
fn every_kind() {
    use Category::{Alphabetic, Alphanumeric, AlphanumericEdited, National, Numeric, NumericEdited};
    for (text, category, size, digits, scale, signed) in [
        ("X", Alphanumeric, 1, 0, 0, false),
        ("x(10)", Alphanumeric, 10, 0, 0, false),
        ("XXX(3)X", Alphanumeric, 6, 0, 0, false),
        ("X(1048576)", Alphanumeric, 1_048_576, 0, 0, false),
        ("A(5)", Alphabetic, 5, 0, 0, false),
        ("A9", Alphanumeric, 2, 0, 0, false),
        ("99X", Alphanumeric, 3, 0, 0, false),
        ("AX", Alphanumeric, 2, 0, 0, false),
        ("XXBXX", AlphanumericEdited, 5, 0, 0, false),
        ("AB", AlphanumericEdited, 2, 0, 0, false),
        ("X(4)/0X", AlphanumericEdited, 7, 0, 0, false),
        ("N(4)", National, 4, 0, 0, false),
        ("g(4)", Category::Dbcs, 4, 0, 0, false),
        ("9", Numeric, 1, 1, 0, false),
        ("9(3)V9(2)", Numeric, 5, 5, 2, false),
        ("9(3)v9(2)", Numeric, 5, 5, 2, false),
        ("S9(4)", Numeric, 4, 4, 0, true),
        ("s9(7)V99", Numeric, 9, 9, 2, true),
        ("9(0008)", Numeric, 8, 8, 0, false),
        ("9V", Numeric, 1, 1, 0, false),
        ("V99", Numeric, 2, 2, 2, false),
        ("SV99", Numeric, 2, 2, 2, true),
        ("SVPP9(5)", Numeric, 5, 5, 7, true),
        ("PP9(3)", Numeric, 3, 3, 5, false),
        ("PPP99", Numeric, 2, 2, 5, false),
        ("P(3)99", Numeric, 2, 2, 5, false),
        ("99PPP", Numeric, 2, 2, -3, false),
        ("9(3)PPV", Numeric, 3, 3, -2, false),
        ("S9(38)", Numeric, 38, 38, 0, true),
        ("9(8).9(2)", NumericEdited, 11, 10, 2, false),
        ("$$,$$9.99", NumericEdited, 9, 6, 2, false),
        ("$ZZ,ZZ9.99", NumericEdited, 10, 7, 2, false),
        ("+++9", NumericEdited, 4, 3, 0, true),
        ("+9(3)", NumericEdited, 4, 3, 0, true),
        ("9(3)-", NumericEdited, 4, 3, 0, true),
        ("Z(5)9.99-", NumericEdited, 10, 8, 2, true),
        ("ZZ9CR", NumericEdited, 5, 3, 0, true),
        ("zz9db", NumericEdited, 5, 3, 0, true),
        ("**9", NumericEdited, 3, 3, 0, false),
        ("***.**", NumericEdited, 6, 5, 2, false),
        ("-ZZZ,ZZZ,ZZZ.ZZ", NumericEdited, 15, 11, 2, true),
        ("+ZZZ,ZZZ,ZZZ.ZZ", NumericEdited, 15, 11, 2, true),
        ("--9.99", NumericEdited, 6, 4, 2, true),
        ("---.--", NumericEdited, 6, 4, 2, true),
        ("99/99/9999", NumericEdited, 10, 8, 0, false),
        ("9(3)B9(3)", NumericEdited, 7, 6, 0, false),
        ("Z9V99", NumericEdited, 4, 4, 2, false),
        ("+$9.99", NumericEdited, 6, 3, 2, true),
        ("$++9", NumericEdited, 4, 2, 0, true),
        ("990", NumericEdited, 3, 2, 0, false),
        ("S9(3).99", NumericEdited, 6, 5, 2, true),
        ("Z", NumericEdited, 1, 1, 0, false),
    ] {
        let picture = Picture::parse(text, None).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"));
        let found = (picture.category, picture.size, picture.digits, picture.scale, picture.signed);
        assert_eq!((text, found), (text, (category, size, digits, scale, signed)));
        assert_eq!(picture.text, text);
        let edited = matches!(category, AlphanumericEdited | NumericEdited);
        assert_eq!(picture.edited.len(), if edited { size as usize } else { 0 }, "{text}");
    }
}

#[test]
fn edited_symbols_are_written_out() {
    assert_eq!(Picture::parse("z(3)9V9cr", None).unwrap().edited, b"ZZZ99CR");
    assert_eq!(Picture::parse("X(2)B(2)X", None).unwrap().edited, b"XXBBX");
}

#[test]
fn n_is_what_the_usage_says() {
    assert_eq!(Picture::parse("N", Some(Usage::National)).unwrap().category, Category::National);
    assert_eq!(Picture::parse("N", Some(Usage::Dbcs)).unwrap().category, Category::Dbcs);
}

#[test]
fn wrong_pictures() {
    for (text, offset, message) in [
        ("", 0, "an empty picture"),
        ("X(", 1, "`(` without `)`"),
        ("X()", 1, "`()` isn't a number"),
        ("X(0)", 1, "`X` repeated 0 times"),
        ("X(LEN)", 1, "`(LEN)` isn't a number"),
        ("X(999999999)", 0, "more than the 1048576 character positions an item may have"),
        ("X(99999999999999999999)", 0, "more than the 1048576 character positions an item may have"),
        ("(3)", 0, "`(` is no symbol of a picture"),
        ("9(3)(4)", 4, "`(` is no symbol of a picture"),
        ("Q", 0, "`Q` is no symbol of a picture"),
        ("99C", 2, "`C` is no symbol of a picture"),
        ("95", 1, "`5` is no symbol of a picture"),
        ("9(39)", 0, "39 digits, but a number has at most 38"),
        ("9(30)P(9)", 0, "39 digits, but a number has at most 38"),
        ("Z(39)", 0, "39 digits, but a number has at most 38"),
        ("9S", 1, "`S` isn't the first symbol"),
        ("SS9", 0, "more than one `S`"),
        ("9V9V9", 3, "more than one `V`"),
        ("9VV9", 1, "more than one `V`"),
        ("S", 0, "a number without a `9`"),
        ("PP", 0, "a number without a `9`"),
        ("9P9", 1, "`P` is between digits, at both ends, or on the wrong side of `V`"),
        ("P9P", 0, "`P` is between digits, at both ends, or on the wrong side of `V`"),
        ("PV9", 0, "`P` is between digits, at both ends, or on the wrong side of `V`"),
        ("X(3)V", 4, "`V` in the picture of a text"),
        ("XZ", 1, "`Z` in the picture of a text"),
        ("NX", 1, "`X` beside `N` or `G`"),
        ("SZ9.99", 0, "`S` in an edited picture"),
        ("ZPP", 1, "`P` in an edited picture isn't supported"),
        ("Z*9", 1, "`Z` and `*` both in place of leading zeros"),
        ("$$++9", 2, "`$` and `+` both in place of leading zeros"),
        ("9Z", 1, "`Z` after a `9`"),
        ("+99+", 3, "`+` after a `9`"),
        ("Z.Z9", 3, "`9` after a suppressed digit behind the decimal point"),
        ("9.9.9", 3, "a second decimal point"),
        ("9.", 1, "`.` at the end of a picture"),
        ("9+9", 1, "a single `+` between other symbols"),
        ("9CR9", 1, "`CR` isn't the last symbol"),
        ("+9CR", 2, "`+` and `CR` in one picture"),
        ("9$", 1, "a single `$` after other symbols"),
        ("$", 0, "a number without a digit"),
        ("+9(3)V9(5)E+99", 10, "floating point written as characters, `E`, isn't supported"),
        ("U(4)", 0, "UTF-8, `U`, isn't supported"),
    ] {
        let wrong = Picture::parse(text, None).unwrap_err();
        assert_eq!((text, wrong.offset, wrong.message.as_str()), (text, offset, message));
        assert!(!wrong.help.is_empty() && wrong.width > 0, "{text}");
    }
}
