//! Fixed width: what is read and what is rejected.

use std::path::Path;

use campaignd_contract::{Completeness, Format as _, MemoryBytes};
use campaignd_formats::FixedWidth;

use super::transcript;

const COLUMNS: &str =
    "columns = [{ name = \"name\", start = 4, length = 5 }, { name = \"id\", start = 1, length = 3 }]\n";
const TRAILER: &str =
    "[trailer]\nstarts_with = \"TRL\"\ncolumns = [{ name = \"record_count\", start = 4, length = 4 }]";

fn format(settings: &str) -> FixedWidth {
    FixedWidth::new(toml::from_str(&format!("{COLUMNS}{settings}")).unwrap(), Path::new("")).unwrap()
}

#[test]
fn places_count_characters() {
    insta::assert_snapshot!(transcript::read(&format(""), "001caf\u{e9} filler\r\n\r\n002     \n003ab\n".as_bytes()), @r#"
    name | id
    0+15 line 1: "café" | "001"
    19+8 line 3: NULL | "002"
    28+5 line 4: short_row "003ab": it has 5 characters, its last column ends at 8
    "#);
    insta::assert_snapshot!(transcript::read(&format("encoding = \"latin1\"\ntrim = \"left\""), b"001caf\xe9 \n\xe9  \xe9 \xe9 \xe9\n"), @r#"
    name | id
    0+8 line 1: "café " | "001"
    9+8 line 2: "é é é" | "é  "
    "#);
    insta::assert_snapshot!(transcript::read(&format("ragged = \"pad\"\nnull_values = [\"ab\"]"), b"003ab\n0\n\xff\n"), @r#"
    name | id
    0+5 line 1: NULL | "003"
    6+1 line 2: NULL | "0"
    8+1 line 3: bad_encoding "ff": it isn't UTF-8
    "#);
}

#[test]
fn records_without_line_ends() {
    let settings = format!("record_length = 8\n{TRAILER}");
    insta::assert_snapshot!(transcript::read(&format(&settings), b"001abcdeTRL0009 002\nxyz TRL0002 "), @r#"
    name | id
    0+8 line 1: "abcde" | "001"
    8+8 line 2: trailer_not_last "TRL0009 ": it starts like the trailer, but rows come after it
    16+8 line 3: "\nxyz" | "002"
    trailer on line 4: [("record_count", "0002")]
    "#);
    insta::assert_snapshot!(transcript::read(&format(&settings), b"001abcde002"), @r#"
    name | id
    0+8 line 1: "abcde" | "001"
    8+3 line 2: short_row "002": the file ends inside it: it has 3 of 8 bytes
    "#);
    let complete =
        |content: &[u8]| format(&settings).completeness(&MemoryBytes::new("calls", content.to_vec())).unwrap();
    assert_eq!(complete(b"001abcdeTRL0002 "), Completeness::Complete);
    assert_eq!(complete(b"001abcdeTRL"), Completeness::Incomplete("its last record isn't the trailer".into()));
    assert_eq!(complete(b"TRL"), Completeness::Incomplete("it has fewer than 8 bytes".into()));
}

#[test]
fn trailer_of_lines() {
    insta::assert_snapshot!(transcript::read(&format(TRAILER), b"001abcde\nTRL0009\n002fghij\nTRL 2\n"), @r#"
    name | id
    0+8 line 1: "abcde" | "001"
    9+7 line 2: trailer_not_last "TRL0009": it starts like the trailer, but rows come after it
    17+8 line 3: "fghij" | "002"
    trailer on line 4: [("record_count", "2")]
    "#);
    let complete = |content: &[u8]| format(TRAILER).completeness(&MemoryBytes::new("calls", content.to_vec())).unwrap();
    assert_eq!(complete(b"001abcde\nTRL 2\n\n"), Completeness::Complete);
    let cut = "it has 3 characters, its field `record_count` starts at 4";
    assert_eq!(complete(b"001abcde\nTRL"), Completeness::Incomplete(cut.into()));
}
