//! JSON: values by path, what is rejected, where an array can't be read on.

use std::path::Path;

use campaignd_contract::BatchLimits;
use campaignd_formats::Json;

use super::transcript;

const COLUMNS: &str = "[columns]\nid = \"id\"\nnumber = \"to.number\"\nto = \"to\"\nsku = \"items[1].sku\"\n";

fn format(settings: &str) -> Json {
    Json::new(toml::from_str(&format!("{settings}\n{COLUMNS}")).unwrap(), Path::new("")).unwrap()
}

fn array(content: &str) -> String {
    transcript::read(&format("layout = \"array\""), content.as_bytes())
}

#[test]
fn values_are_text_as_written() {
    let content = concat!(
        r#"{"id": 123456789012345678901234567890.10, "to": {"number": "1\u20ac\n", "x" : [ 1, " a b " ]}}"#,
        "\n\n",
        r#"{"id": true, "to": null, "items": [{"sku": 1}, {"sku": 1.50E+2}]}"#,
        "\r\n",
        r#"  {"id": "", "to": [], "items": [{}, "x"], "id": false}  "#
    );
    insta::assert_snapshot!(transcript::read(&format(""), content.as_bytes()), @r#"
    id | number | sku | to
    0+94 line 1: "123456789012345678901234567890.10" | "1€\n" | NULL | "{\"number\":\"1\\u20ac\\n\",\"x\":[1,\" a b \"]}"
    96+65 line 3: "true" | NULL | "1.50E+2" | NULL
    165+55 line 4: "false" | NULL | NULL | "[]"
    "#);
}

#[test]
fn bad_lines_are_rejected() {
    let content =
        b"{\"id\": 1}\n{\"id\": 1,}\n[1]\n5\n{\"id\": 1} x\n{\"id\": \"\\ud800\"}\n{\"id\": \"\xff\"}\n{\"id\"";
    insta::assert_snapshot!(transcript::read(&format(""), content), @r#"
    id | number | sku | to
    0+9 line 1: "1" | NULL | NULL | NULL
    10+10 line 2: bad_json "{\"id\": 1,}": trailing comma at line 1 column 10
    21+3 line 3: bad_json "[1]": invalid type: sequence, expected an object at line 1 column 1
    25+1 line 4: bad_json "5": invalid type: integer `5`, expected an object at line 1 column 1
    27+11 line 5: bad_json "{\"id\": 1} x": trailing characters at line 1 column 11
    39+16 line 6: bad_json "{\"id\": \"\\ud800\"}": unexpected end of hex escape at line 1 column 8
    56+11 line 7: bad_encoding "7b226964223a2022ff227d": it isn't UTF-8
    68+5 line 8: bad_json "{\"id\"": EOF while parsing an object at line 1 column 5
    "#);
}

#[test]
fn items_of_an_array() {
    insta::assert_snapshot!(array("\u{feff}\n[ ]\n"), @"id | number | sku | to");
    insta::assert_snapshot!(array("[{\"id\": \"]}\"},\n 7, {\"id\": 1,, }\n, {\"to\":\n{}}]"), @r#"
    id | number | sku | to
    1+12 line 1: "]}" | NULL | NULL | NULL
    16+1 line 2: bad_json "7": invalid type: integer `7`, expected an object at line 1 column 1
    19+12 line 2: bad_json "{\"id\": 1,, }": key must be a string at line 1 column 10
    34+10 line 3: NULL | NULL | NULL | "{}"
    "#);
    let settings = "layout = \"array\"\narray_path = \"data[1].items\"";
    let content = r#"{"x": {"data": [1]}, "data": [{"items": 1}, {"y": "]", "items": [{"id": 1}], "z": [1]}], "q": 1}"#;
    insta::assert_snapshot!(transcript::read(&format(settings), content.as_bytes()), @r#"
    id | number | sku | to
    65+9 line 1: "1" | NULL | NULL | NULL
    "#);
}

#[test]
fn arrays_that_cannot_be_read_on() {
    let all: Vec<_> = [
        "",
        "{}",
        "[{\"id\": 1}",
        "[{\"id\": 1},\n{\"id\": ",
        "[{\"id\": 1} {\"id\": 2}]",
        "[{\"id\": 1}, {\"id\": [2}]",
        "[{\"id\": 1}, ]",
        "[{\"id\": 1}] x",
    ]
    .iter()
    .map(|content| format!("{content:?}\n{}", array(content).replace("id | number | sku | to\n", "")))
    .collect();
    insta::assert_snapshot!(all.join("\n"), @r#"
    ""
    could not read on in calls at byte 0, line 1: the file ends inside the document; nothing after it can be read: have the file sent again
    "{}"
    could not read on in calls at byte 0, line 1: there should be an array; correct `layout` or `array_path` in [format]
    "[{\"id\": 1}"
    1+9 line 1: "1" | NULL | NULL | NULL
    could not read on in calls at byte 10, line 1: the file ends inside the array; nothing after it can be read: have the file sent again
    "[{\"id\": 1},\n{\"id\": "
    1+9 line 1: "1" | NULL | NULL | NULL
    could not read on in calls at byte 12, line 2: the file ends inside the item; nothing after it can be read: have the file sent again
    "[{\"id\": 1} {\"id\": 2}]"
    1+9 line 1: "1" | NULL | NULL | NULL
    could not read on in calls at byte 11, line 1: there should be a comma or the array's end after an item; nothing after it can be read: have the file sent again
    "[{\"id\": 1}, {\"id\": [2}]"
    1+9 line 1: "1" | NULL | NULL | NULL
    could not read on in calls at byte 12, line 1: the brackets of the item don't fit, 9 bytes after its start; nothing after it can be read: have the file sent again
    "[{\"id\": 1}, ]"
    1+9 line 1: "1" | NULL | NULL | NULL
    could not read on in calls at byte 12, line 1: there should be an item; nothing after it can be read: have the file sent again
    "[{\"id\": 1}] x"
    1+9 line 1: "1" | NULL | NULL | NULL
    could not read on in calls at byte 12, line 1: something follows the end of the document; all of its rows were read; have the file sent again
    "#);
    let inside = |content: &str| {
        transcript::read(&format("layout = \"array\"\narray_path = \"data.items\""), content.as_bytes())
    };
    let all: Vec<_> = [
        "{\"dat\": 1}",
        "{\"data\": 1}",
        "{\"data\": {\"items\": {}}}",
        "{\"data\": {\"items\": [{\"id\": 1}]",
        "{\"data\" {",
    ]
    .iter()
    .map(|content| format!("{content:?}\n{}", inside(content).replace("id | number | sku | to\n", "")))
    .collect();
    insta::assert_snapshot!(all.join("\n"), @r#"
    "{\"dat\": 1}"
    could not read on in calls at byte 9, line 1: there is no `data` in the object; correct `array_path` in [format]
    "{\"data\": 1}"
    could not read on in calls at byte 9, line 1: there should be an object with `items` in it; correct `array_path` in [format]
    "{\"data\": {\"items\": {}}}"
    could not read on in calls at byte 19, line 1: there should be an array; correct `layout` or `array_path` in [format]
    "{\"data\": {\"items\": [{\"id\": 1}]"
    20+9 line 1: "1" | NULL | NULL | NULL
    could not read on in calls at byte 30, line 1: the file ends inside the document, after the array; nothing after it can be read: have the file sent again
    "{\"data\" {"
    could not read on in calls at byte 8, line 1: there should be a colon after a key; nothing after it can be read: have the file sent again
    "#);
}

#[test]
fn long_items_are_rejected_and_passed() {
    let limits = BatchLimits { rows: 10, bytes: 100, row_bytes: 20 };
    let content = format!("[{{\"id\": 1}}, {{\"id\": \"{}\"}}, {{\"id\": 3}}]", "x]".repeat(20));
    let read = transcript::read_within(&format("layout = \"array\""), content.as_bytes(), limits);
    insta::assert_snapshot!(read, @r#"
    id | number | sku | to
    1+9 line 1: "1" | NULL | NULL | NULL
    12+50 line 1: row_too_long "{\"id\": \"x]x]x]x]x]x]": it is 50 bytes long, from line 1 to line 1, more than the 20 a row may have; a quote or bracket that isn't closed makes rows run together
    64+9 line 1: "3" | NULL | NULL | NULL
    "#);
}
