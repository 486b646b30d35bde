//! What each option of `--preset cobrix` does to rows, as Cobrix's documentation has it.

use std::process::Command;

use campaignd_copybook::code_page::CodePage;

/// The rows of a file, one a line.
fn rows(entries: &str, data: &[u8], options: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let copybook: String =
        entries.split(". ").map(|entry| format!("       {}.\n", entry.trim_end_matches('.'))).collect();
    std::fs::write(folder.path().join("c.cob"), copybook).unwrap();
    std::fs::write(folder.path().join("d.dat"), data).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_campaignd"))
        .args(["copybook", "decode", "d.dat", "--copybook", "c.cob", "--preset", "cobrix"])
        .args(options.iter().flat_map(|option| ["--option", option]))
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    if output.status.success() { text(&output.stdout) } else { text(&output.stderr) }
}

fn ebcdic(text: &str) -> Vec<u8> {
    let page = CodePage::named("cp037").unwrap();
    text.chars().map(|c| page.byte_of(c).unwrap()).collect()
}

const LENGTHS: &str = "01 R. 05 LEN PIC 9(2). 05 T PIC X(6).";
const TABLE: &str = "01 R. 05 K PIC 9. 05 T OCCURS 0 TO 3 DEPENDING ON K PIC X(2). 05 Z PIC X.";
const FILLERS: &str =
    "01 R. 05 FILLER PIC X. 05 FILLER. 10 A PIC X. 10 FILLER. 15 B PIC X. 05 FILLER. 10 FILLER PIC X. 05 C PIC X.";
const KINDS: &str = "01 R. 05 REC-TYPE PIC X. 05 COMPANY. 10 N PIC X(3). 05 PERSON REDEFINES COMPANY. 10 F PIC X(3).";

#[test]
fn where_records_end() {
    let text = "01 R. 05 A PIC X(4).";
    for (data, options, expected) in [
        // Either half of a little-endian word may hold the length.
        (&b"\x00\x00\x02\x00\xC1\xC2\x01\x00\x00\x00\xC3"[..], &["record_format=V"][..], r#"{"A":"AB"} {"A":"C"}"#),
        (b"\x00\x02\x00\x00\xC1\xC2", &["record_format=V", "is_rdw_big_endian=true"], r#"{"A":"AB"}"#),
        (
            b"\x00\x06\x00\x00\xC1\xC2",
            &["is_record_sequence=true", "is_rdw_big_endian=true", "is_rdw_part_of_record_length=true"],
            r#"{"A":"AB"}"#,
        ),
        (
            b"\x00\x07\x00\x00\xC1\xC2",
            &["record_format=V", "is_rdw_big_endian=true", "rdw_adjustment=-5"],
            r#"{"A":"AB"}"#,
        ),
        (
            b"\x00\x0A\x00\x00\x00\x02\x00\x00\xC1\xC2",
            &["record_format=VB", "is_bdw_big_endian=true", "is_rdw_big_endian=true", "bdw_adjustment=-4"],
            r#"{"A":"AB"}"#,
        ),
        (b"\x00\x00\x08\x00\xC1\xC2\xC3\xC4\xC5\xC6\xC7\xC8", &["record_format=FB"], r#"{"A":"ABCD"} {"A":"EFGH"}"#),
        (b"\xC1\xC2\xC3\xC4\xC5\xC6\xC7\xC8", &["record_format=FB", "block_length=8"], r#"{"A":"ABCD"} {"A":"EFGH"}"#),
        (b"\xC1\xC2\xC3\xC4\xC5\xC6", &["record_length=3"], r#"{"A":"ABC"} {"A":"DEF"}"#),
        (b"\xC1\xC2\xC3\xC4\xC5", &["debug_ignore_file_size=true"], r#"{"A":"ABCD"}"#),
        (b"abcd\r\n\nabcdef\nx", &["record_format=D"], r#"{"A":"abcd"} {"A":"abcd"} {"A":"x"}"#),
        (b"ab\nabcd\n", &["is_text=true", "minimum_record_length=3"], r#"{"A":"abcd"}"#),
        (b"ab\nabcd\n", &["is_text=true", "maximum_record_length=3"], r#"{"A":"ab"}"#),
        (b"\x01\xC1\xC2\xC3\xC4\x02", &["record_start_offset=1", "record_end_offset=1"], r#"{"A":"ABCD"}"#),
        (b"\x01\x02\xC1\xC2\xC3\xC4\x02", &["file_start_offset=2", "file_end_offset=1"], r#"{"A":"ABCD"}"#),
    ] {
        assert_eq!(rows(text, data, options).replace('\n', " "), expected, "{options:?}");
    }
}

#[test]
fn lengths_of_their_own() {
    let data = ebcdic("05abc04de");
    let expected = "{\"LEN\":5,\"T\":\"abc\"}\n{\"LEN\":4,\"T\":\"de\"}";
    assert_eq!(rows(LENGTHS, &data, &["record_length_field=LEN"]), expected);
    let (shorter, expected) = (ebcdic("03abc02de"), expected.replace(":5", ":3").replace(":4", ":2"));
    assert_eq!(rows(LENGTHS, &shorter, &["record_length_field=LEN + 2"]), expected);
    assert_eq!(rows(LENGTHS, &shorter, &["record_length_field=LEN", "rdw_adjustment=2"]), expected);
    let map = ["record_length_field=REC-TYPE", "record_length_map={\"C\": 4, \"_\": 2}"];
    assert_eq!(
        rows(KINDS, &ebcdic("CabcXa"), &map),
        "{\"REC_TYPE\":\"C\",\"COMPANY\":{\"N\":\"abc\"},\"PERSON\":{\"F\":\"abc\"}}\n\
         {\"REC_TYPE\":\"X\",\"COMPANY\":{\"N\":\"a\"},\"PERSON\":{\"F\":\"a\"}}"
    );
}

#[test]
fn tables() {
    let two = "{\"K\":1,\"T\":[\"aa\"],\"Z\":\"z\"}\n{\"K\":2,\"T\":[\"bb\",\"cc\"],\"Z\":\"y\"}";
    assert_eq!(rows(TABLE, &ebcdic("1aa....z2bbcc..y"), &[]), two);
    assert_eq!(rows(TABLE, &ebcdic("1aaz2bbccy"), &["variable_size_occurs=shift_record"]), two);
    assert_eq!(rows(TABLE, &ebcdic("1aaz....2bbccy.."), &["variable_size_occurs=pad_record"]), two);
    // A counter that says nothing sensible means all entries.
    assert_eq!(rows(TABLE, &ebcdic("9aabbccz"), &[]), r#"{"K":9,"T":["aa","bb","cc"],"Z":"z"}"#);
    let words = "01 R. 05 K PIC X(2). 05 T OCCURS 0 TO 2 DEPENDING ON K PIC X.";
    assert_eq!(
        rows(words, &ebcdic("AAxyBBxyCCxy"), &["occurs_mappings={\"T\": {\"AA\": 0, \"BB\": 1}}"]),
        "{\"K\":\"AA\",\"T\":[]}\n{\"K\":\"BB\",\"T\":[\"x\"]}\n{\"K\":\"CC\",\"T\":[\"x\",\"y\"]}"
    );
}

#[test]
fn shapes() {
    let data = ebcdic("1abxc");
    for (options, expected) in [
        (&[][..], r#"{"FILLER_2":{"A":"a","FILLER_1":{"B":"b"}},"C":"c"}"#),
        (&["drop_group_fillers=true"], r#"{"C":"c"}"#),
        (
            &["drop_value_fillers=false"],
            r#"{"FILLER_P1":"1","FILLER_2":{"A":"a","FILLER_1":{"B":"b"}},"FILLER_3":{"FILLER_P2":"x"},"C":"c"}"#,
        ),
        (
            &["filler_naming_policy=previous_field_name", "drop_group_fillers=true", "drop_value_fillers=false"],
            r#"{"FILLER_AFTER_R":"1","C":"c"}"#,
        ),
        (&["schema_retention_policy=keep_original", "drop_group_fillers=true"], r#"{"R":{"C":"c"}}"#),
        (&["drop_group_fillers=true", "debug=hex"], r#"{"C":"c","C_debug":"83"}"#),
        (&["drop_group_fillers=true", "debug=binary"], r#"{"C":"c","C_debug":"gw=="}"#),
        (
            &["drop_group_fillers=true", "generate_record_id=true", "generate_record_bytes=true", "binary_as_hex=true"],
            r#"{"File_Id":0,"Record_Id":0,"Record_Byte_Length":5,"Record_Bytes":"F18182A783","C":"c"}"#,
        ),
    ] {
        assert_eq!(rows(FILLERS, &data, options), expected, "{options:?}");
    }
    let whole = rows(KINDS, &ebcdic("Cabc"), &["non_terminals=COMPANY"]);
    assert_eq!(whole, r#"{"REC_TYPE":"C","COMPANY":{"N":"abc"},"COMPANY_NT":"abc","PERSON":{"F":"abc"}}"#);
    // What has neither a picture nor anything in it has no place in rows.
    assert_eq!(rows("01 R. 05 A. 05 B PIC X.", &ebcdic("b"), &[]), r#"{"B":"b"}"#);
    let three = "01 H. 05 X PIC X(3). 01 R. 05 A PIC X(2). 01 T. 05 Y PIC X.";
    assert_eq!(rows(three, &ebcdic("hhhabt"), &[]), r#"{"X":"hhh","A":"ab","Y":"t"}"#);
    let options = ["record_header_name=H", "record_trailer_name=T"];
    assert_eq!(rows(three, &ebcdic("hhhabcdt"), &options), "{\"A\":\"ab\"}\n{\"A\":\"cd\"}");
}

#[test]
fn redefinitions_and_segments() {
    let data = ebcdic("CabcPdefPghiCjkl");
    let ruled = ["redefine_rule:1=COMPANY => REC_TYPE = 'C'", "redefine_rule:2=PERSON => in(REC_TYPE, 'P', 'E')"];
    let company = |name: &str| format!("{{\"REC_TYPE\":\"C\",\"COMPANY\":{{\"N\":\"{name}\"}}}}");
    let person = |name: &str| format!("{{\"REC_TYPE\":\"P\",\"PERSON\":{{\"F\":\"{name}\"}}}}");
    let all = [company("abc"), person("def"), person("ghi"), company("jkl")].join("\n");
    assert_eq!(rows(KINDS, &data, &ruled), all);
    let mapped =
        ["segment_field=REC-TYPE", "redefine-segment-id-map:0=COMPANY => C", "redefine_segment_id_map:1=PERSON => P"];
    assert_eq!(rows(KINDS, &data, &mapped), all);
    assert_eq!(
        rows(KINDS, &data, &[&mapped[..], &["segment_filter=X,P"]].concat()),
        [person("def"), person("ghi")].join("\n")
    );
    let nested = [&mapped[..], &["segment-children:1=COMPANY => PERSON"]].concat();
    assert_eq!(
        rows(KINDS, &data, &nested),
        "{\"REC_TYPE\":\"C\",\"COMPANY\":{\"N\":\"abc\",\"PERSON\":[{\"F\":\"def\"},{\"F\":\"ghi\"}]}}\n\
         {\"REC_TYPE\":\"C\",\"COMPANY\":{\"N\":\"jkl\",\"PERSON\":[]}}"
    );
    // Behind a table at its full size, every field has its place.
    let behind = "01 R. 05 K PIC 9. 05 T OCCURS 0 TO 2 DEPENDING ON K PIC X. 05 S PIC X.";
    assert_eq!(
        rows(behind, &ebcdic("1a.A2bcB"), &["segment_field=S", "segment_filter=B"]),
        r#"{"K":2,"T":["b","c"],"S":"B"}"#
    );
    let numbered = [
        "segment_field=REC-TYPE",
        "segment_id_level0=C",
        "segment_id_level1=_",
        "segment_id_prefix=A",
        "segment_filter=P",
    ];
    assert!(rows(KINDS, &data, &numbered).ends_with(
        r#"{"Seg_Id0":"A_0_0","Seg_Id1":"A_0_0_L1_2","REC_TYPE":"P","COMPANY":{"N":"ghi"},"PERSON":{"F":"ghi"}}"#
    ));
}

#[test]
fn values() {
    let number = "01 R. 05 A PIC 9(4).";
    let signed = "01 R. 05 A PIC S9(3)V9.";
    for (entries, data, options, expected) in [
        (number, ebcdic("0012"), &[][..], r#"{"A":12}"#),
        (number, ebcdic(" 12 "), &[], r#"{"A":12}"#),
        (number, ebcdic("    "), &[], "{}"),
        (number, ebcdic("1.5 "), &[], "{}"),
        (number, ebcdic("001C"), &[], "{}"),
        (number, ebcdic("001C"), &["strict_sign_overpunching=false"], r#"{"A":13}"#),
        (number, ebcdic("0012"), &["display_pic_always_string=true"], r#"{"A":"0012"}"#),
        (signed, ebcdic("    "), &[], "{}"),
        (signed, ebcdic("    "), &["improved_null_detection=false"], r#"{"A":0.0}"#),
        (signed, ebcdic("001}"), &[], r#"{"A":-1.0}"#),
        ("01 R. 05 A PIC 9(2).9(2).", ebcdic("12.5 "), &[], r#"{"A":12.50}"#),
        ("01 R. 05 A PIC 9(4) COMP.", vec![0xFF, 0xFE], &[], r#"{"A":65534}"#),
        ("01 R. 05 A PIC 9(4) COMP.", vec![0xFF, 0xFE], &["strict_integral_precision=true"], "{}"),
        ("01 R. 05 A PIC 9(8) COMP.", vec![0xFF; 4], &[], "{}"),
        ("01 R. 05 A PIC S9(4) COMP-9.", vec![0xFE, 0xFF], &[], r#"{"A":-2}"#),
        ("01 R. 05 A PIC 9(4) COMP-3.", vec![0x01, 0x23, 0x4D], &[], r#"{"A":-1234}"#),
        ("01 R. 05 A PIC 9(4) COMP-3.", vec![0; 3], &[], "{}"),
        ("01 R. 05 A PIC X(2) COMP-3U.", vec![0x12, 0x34], &[], r#"{"A":1234}"#),
        ("01 R. 05 A PIC X(2) COMP.", vec![0x01, 0xFF], &[], r#"{"A":"Af8="}"#),
        ("01 R. 05 A PIC X(2) COMP.", vec![0x01, 0xFF], &["binary_as_hex=true"], r#"{"A":"01FF"}"#),
        ("01 R. 05 A COMP-1.", vec![0x42, 0x64, 0, 0], &[], r#"{"A":100.0}"#),
        (
            "01 R. 05 A COMP-1.",
            vec![0, 0, 0x80, 0x3F],
            &["floating_point_format=IEEE754_little_endian"],
            r#"{"A":1.0}"#,
        ),
        ("01 R. 05 A PIC N.", vec![0x41, 0], &["is_utf16_big_endian=false"], r#"{"A":"A"}"#),
        ("01 R. 05 A PIC X(3).", ebcdic(" a "), &[], r#"{"A":"a"}"#),
        ("01 R. 05 A PIC X(3).", ebcdic(" a "), &["string_trimming_policy=right"], r#"{"A":" a"}"#),
        ("01 R. 05 A PIC X(3).", vec![0; 3], &[], "{}"),
        ("01 R. 05 A PIC X(2).", vec![0x4A, 0xC1], &["ebcdic_code_page=cp037"], r#"{"A":"¢A"}"#),
        ("01 R. 05 A PIC X(2).", vec![0xDC, b'a'], &["encoding=ascii", "ascii_charset=ISO-8859-1"], r#"{"A":"Üa"}"#),
        ("01 R. 05 A PIC X. 05 B PIC X.", vec![0xC1, b'b'], &["field_code_page:us-ascii=B"], r#"{"A":"A","B":"b"}"#),
        (
            number,
            ebcdic("00AB"),
            &["generate_corrupt_fields=true", "binary_as_hex=true"],
            r#"{"_corrupt_fields":[{"field_name":"A","raw_value":"F0F0C1C2"}]}"#,
        ),
    ] {
        assert_eq!(rows(entries, &data, options), expected, "{entries} {options:?}");
    }
}

#[test]
fn lines_of_the_copybook() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("c.cob"), "01 R.\n*old\n  05 A PIC X.  tail\n").unwrap();
    std::fs::write(folder.path().join("d.dat"), b"a").unwrap();
    let said = |options: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_campaignd"))
            .args([
                "copybook",
                "decode",
                "d.dat",
                "--copybook",
                "c.cob",
                "--preset",
                "cobrix",
                "--option",
                "encoding=ascii",
            ])
            .args(options.iter().flat_map(|option| ["--option", option]))
            .current_dir(folder.path())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(said(&["comments_lbound=0", "comments_ubound=13"]), "{\"A\":\"a\"}\n");
    assert_eq!(said(&["truncate_comments=false"]), "");
}
