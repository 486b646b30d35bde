//! CSV: what is read, what is rejected, what is refused.

use std::path::Path;

use campaignd_contract::{BatchLimits, Completeness, Format as _, MemoryBytes};
use campaignd_formats::Csv;

use super::transcript;

fn format(settings: &str) -> Csv {
    Csv::new(toml::from_str(settings).unwrap(), Path::new("")).unwrap()
}

fn read(settings: &str, content: &[u8]) -> String {
    transcript::read(&format(settings), content)
}

#[test]
fn places_and_values() {
    insta::assert_snapshot!(read("", b"a,b\r\n1,\"x,\"\"y\"\"\r\nz\"\r\n\r\n2,\r\n3,last"), @r#"
    a | b
    5+14 line 2: "1" | "x,\"y\"\r\nz"
    23+2 line 5: "2" | NULL
    27+6 line 6: "3" | "last"
    "#);
}

#[test]
fn rejects_and_goes_on() {
    insta::assert_snapshot!(read("", b"a,b\n1\n2,3,4\n5,\xff\n6,7\n\"8,9\n10,11\n"), @r#"
    a | b
    4+1 line 2: ragged_row "1": it has 1 instead of 2 fields
    6+5 line 3: ragged_row "2,3,4": it has 3 instead of 2 fields
    12+3 line 4: bad_encoding b "ff": it isn't UTF-8
    16+3 line 5: "6" | "7"
    20+11 line 6: unterminated_quote "\"8,9\n10,11\n": a quoted field has no end: the file ends inside it
    "#);
}

#[test]
fn preamble_footer_comment_trailer() {
    let settings = "skip_lines = 1\nskip_footer_lines = 1\ncomment = \"#\"\n[trailer]\nstarts_with = \"TRL\"\ncolumns = [\"t\", \"n\"]";
    insta::assert_snapshot!(read(settings, b"\xef\xbb\xbfreport\n#c\na,b\n1,2\n#c\nTRL,9\n3,4\n\nTRL,2\n\ntotal\n"), @r#"
    a | b
    17+3 line 4: "1" | "2"
    24+5 line 6: trailer_not_last "TRL,9": it starts like the trailer, but rows come after it
    30+3 line 7: "3" | "4"
    trailer on line 9: [("t", "TRL"), ("n", "2")]
    "#);
    let bytes = MemoryBytes::new("x", &b"report\na,b\nTRL,2\n\ntotal"[..]);
    assert_eq!(format(settings).completeness(&bytes).unwrap(), Completeness::Complete);
}

#[test]
fn long_rows_are_rejected_and_skipped() {
    let limits = BatchLimits { rows: 10, bytes: 100, row_bytes: 10 };
    let content = b"a,b\n1,2\n123456,7890\n3,4\n\"12345\n6789\",x\r\n5,6\n";
    insta::assert_snapshot!(transcript::read_within(&format(""), content, limits), @r#"
    a | b
    4+3 line 2: "1" | "2"
    8+11 line 3: row_too_long "123456,789": it is 11 bytes long, from line 3 to line 3, more than the 10 a row may have; a quote or bracket that isn't closed makes rows run together
    20+3 line 4: "3" | "4"
    24+14 line 5: row_too_long "\"12345\n678": it is 14 bytes long, from line 5 to line 6, more than the 10 a row may have; a quote or bracket that isn't closed makes rows run together
    40+3 line 7: "5" | "6"
    "#);
}

#[test]
fn headers_that_name_no_column_or_one_twice_are_refused() {
    insta::assert_snapshot!(read("", b"a,,b\n1,2,3\n"), @"could not read the header of calls: column 2 has no name; it has a, , b; name those to read in `columns` of [format], or correct the file");
    insta::assert_snapshot!(read("", b"a,b,a\n"), @"could not read the header of calls: `a` is there twice; it has a, b, a; name those to read in `columns` of [format], or correct the file");
    insta::assert_snapshot!(read("", b""), @"could not find the header of calls: it is empty; have the file sent again, or set `header = false` and name the `columns` in [format]");
    insta::assert_snapshot!(read("", b"\n\n"), @"could not find the header of calls: nothing stands in it; have the file sent again, or set `header = false` and name the `columns` in [format]");
    insta::assert_snapshot!(read("", b"\"a,b\n1,2\n"), @"could not read the header of calls: a quote in it has no end; correct `quote` in [format], or the file");
    insta::assert_snapshot!(read("", b"a,\xff\n"), @"could not read the header of calls: `ff` isn't UTF-8; correct `encoding` in [format]");
    insta::assert_snapshot!(read("", b"\xff\xfea\0,\0"), @r#"could not read calls: it starts with the byte-order mark of UTF-16; set `encoding = "utf-16le"` in [format]"#);
}

#[test]
fn columns_choose_from_the_header() {
    insta::assert_snapshot!(read("columns = [\"c\", \"a\"]", b"a,b,b,c\n1,2,3,4\n"), @r#"
    c | a
    8+7 line 2: "4" | "1"
    "#);
    insta::assert_snapshot!(read("columns = [\"dinis\"]", b"call_id,dnis\n"), @"could not read the header of calls: column `dinis` isn't there; it has call_id, dnis; correct `columns` in [format]");
}

#[test]
fn encodings() {
    insta::assert_snapshot!(read("encoding = \"windows-1252\"", b"a,b\ncaf\xe9,\x80\n"), @r#"
    a | b
    4+6 line 2: "café" | "€"
    "#);
    let wide: Vec<u8> = "\u{feff}a,b\r\n1,\u{20ac}\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    insta::assert_snapshot!(read("encoding = \"utf-16le\"", &wide), @r#"
    a | b
    5+5 line 2: "1" | "€"
    "#);
    let broken: Vec<u8> = b"a\n".iter().flat_map(|&byte| [byte, 0]).chain([0x00, 0xD8, b'x', 0]).collect();
    insta::assert_snapshot!(read("encoding = \"utf-16le\"", &broken), @r#"
    a
    2+2 line 2: bad_encoding a "ff78": it isn't UTF-16LE
    "#);
    insta::assert_snapshot!(read("encoding = \"iso-8859-7\"", b"a,b\n1,\xe1\n2,\xd2\n"), @r#"
    a | b
    4+3 line 2: "1" | "α"
    8+3 line 3: bad_encoding b "d2": it isn't ISO-8859-7
    "#);
}

#[test]
fn text_that_is_only_valid_across_two_fields_is_rejected() {
    insta::assert_snapshot!(read("", b"a,b\n\"\xc3\",\"\xa9\"\n"), @r#"
    a | b
    4+7 line 2: bad_encoding a "c3": it isn't UTF-8
    "#);
}

#[test]
fn padded_rows_trimmed_values_and_nulls() {
    let settings = "ragged = \"pad\"\ntrim = true\nnull_values = [\"\", \"N/A\"]";
    insta::assert_snapshot!(read(settings, b"a, b ,c\n1\n N/A ,\t2 ,\n1,2,3,4\n"), @r#"
    a | b | c
    8+1 line 2: "1" | NULL | NULL
    10+10 line 3: NULL | "2" | NULL
    21+7 line 4: ragged_row "1,2,3,4": it has 4 instead of 3 fields
    "#);
    insta::assert_snapshot!(read("null_values = []", b"a,b\n,\"\"\n"), @r#"
    a | b
    4+3 line 2: "" | ""
    "#);
}

#[test]
fn old_line_ends_and_a_byte_order_mark_inside() {
    insta::assert_snapshot!(read("", b"a,b\r1,2\r\r\xef\xbb\xbf\"3\",4\r"), @r#"
    a | b
    4+3 line 2: "1" | "2"
    9+8 line 4: "\u{feff}\"3\"" | "4"
    "#);
}

#[test]
fn trailers_that_are_not_whole() {
    let settings = "header = false\ncolumns = [\"a\"]\n[trailer]\nstarts_with = \"TRL\"\ncolumns = [\"t\", \"n\"]";
    insta::assert_snapshot!(read(settings, b"1\n\"TRL\";2"), @r#"
    a
    0+1 line 1: "1"
    could not read the trailer of calls on line 2: it has 1 instead of the 2 fields that `trailer.columns` names; correct [format.trailer], or have the file sent again
    "#);
    for (content, wrong) in [
        (&b"1\nTRL,2\n"[..], None),
        (b"1\n\"TRL\",2\n\n", None),
        (b"1\nTRL\n", Some("it has 1 instead of the 2 fields that `trailer.columns` names")),
        (b"1\nTRL,2\n3", Some("its last record isn't the trailer")),
        (b"", Some("there are no records in it")),
    ] {
        let expected = wrong.map_or(Completeness::Complete, |wrong| Completeness::Incomplete(wrong.into()));
        let bytes = MemoryBytes::new("calls", content.to_vec());
        assert_eq!(format(settings).completeness(&bytes).unwrap(), expected);
        let compressed = MemoryBytes::new("calls", zstd::encode_all(content, 1).unwrap());
        assert_eq!(format(settings).completeness(&compressed).unwrap(), expected);
    }
    let error = format("").completeness(&MemoryBytes::new("calls", vec![])).unwrap_err().to_string();
    insta::assert_snapshot!(error, @"could not look for the trailer of calls: the csv format was told of none; add [format.trailer], or choose another `ready` in [source]");
}

#[test]
fn footer_lines_that_are_too_long_are_an_error_after_the_rows() {
    let limits = BatchLimits { rows: 10, bytes: 100, row_bytes: 10 };
    let content = format!("a\n1\n{}", "x".repeat(40));
    insta::assert_snapshot!(transcript::read_within(&format("skip_footer_lines = 1"), content.as_bytes(), limits), @r#"
    a
    2+1 line 2: "1"
    could not leave out the footer of calls: its footer lines are longer than 10 bytes; correct `skip_footer_lines` in [format]
    "#);
}

#[test]
fn quotes_in_odd_places_are_taken_as_they_stand() {
    insta::assert_snapshot!(read("", b"a,b\n5\" screen,\"c\"d\n\"\",\"\"\"\"\n"), @r#"
    a | b
    4+14 line 2: "5\" screen" | "cd"
    19+7 line 3: NULL | "\""
    "#);
}
