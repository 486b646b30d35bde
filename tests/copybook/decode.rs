//! `campaignd copybook decode`: what it prints, what it says, and how it ends.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

const ORDERS: &str = "       01  ORDER-RECORD.
           05  REC-TYPE            PIC X.
           05  ORDER-DATA.
               10  ORDER-ID        PIC X(4).
               10  AMOUNT          PIC S9(3)V99.
           05  TOTALS REDEFINES ORDER-DATA.
               10  ORDER-COUNT     PIC 9(9).
";

const DATA: &[u8] = b"H20260301 D000112345D00021234NT000000002\n";

/// Standard output and error of a command in a folder with a copybook, data and these files, and its exit code.
fn decode(files: &[(&str, &str)], arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &[u8]| std::fs::write(folder.path().join(name), content).unwrap();
    write("ORDERS.cpy", ORDERS.as_bytes());
    write("orders.dat", DATA);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(DATA).unwrap();
    write("orders.dat.gz", &packed.finish().unwrap());
    for (name, content) in files {
        write(name, content.as_bytes());
    }
    run(folder.path(), arguments)
}

fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_campaignd"))
        .args(["copybook", "decode"])
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    format!("{}{}exit {}", text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

const FORMAT: &str = "copybook = \"ORDERS.cpy\"\ncode_page = \"ascii\"\nframing = \"fixed\"\n\
    header = { when = \"REC-TYPE = 'H'\" }\ntrailer = { when = \"REC-TYPE = 'T'\" }\n";

#[test]
fn a_format_file_says_how() {
    let data = DATA.len();
    assert_eq!(data, 41);
    let in_table = format!("[format]\nkind = \"copybook\"\nskip_end = 1\n{FORMAT}");
    insta::assert_snapshot!(decode(&[("f.toml", &in_table)], &["orders.dat", "--format-file", "f.toml"]), @r#"
    {"REC-TYPE":"D","ORDER-DATA":{"ORDER-ID":"0001","AMOUNT":123.45}}
    {"REC-TYPE":"D","ORDER-DATA":{"ORDER-ID":"0002","AMOUNT":-123.45}}
    4 records, 0 rejected, 2 left out as header or trailer
    exit 0
    "#);
    let packed = format!("compression = \"gzip\"\nskip_end = 1\n{FORMAT}");
    insta::assert_snapshot!(decode(&[("f.toml", &packed)], &["orders.dat.gz", "--format-file", "f.toml", "--take", "2"]), @r#"
    {"REC-TYPE":"D","ORDER-DATA":{"ORDER-ID":"0001","AMOUNT":123.45}}
    2 records, 0 rejected, 1 left out as header or trailer
    exit 0
    "#);
    // What the command line says counts.
    let other = format!("skip_end = 1\n{}", FORMAT.replace("ORDERS.cpy", "OTHER.cpy"));
    let arguments =
        ["orders.dat", "--format-file", "f.toml", "--copybook", "ORDERS.cpy", "--when", "TOTALS: REC-TYPE = 'D'"];
    insta::assert_snapshot!(decode(&[("f.toml", &other)], &arguments), @r#"
    {"REC-TYPE":"D","TOTALS":{"ORDER-COUNT":112345}}
    record 3 at byte 21: ORDER-RECORD.TOTALS.ORDER-COUNT 9(9): byte 0x4E at 9 is no digit [30303032313233344E]
    4 records, 1 rejected, 2 left out as header or trailer
    exit 65
    "#);
}

#[test]
fn without_a_format_file() {
    let arguments = ["orders.dat", "--copybook", "ORDERS.cpy", "--code-page", "ascii", "--record-length", "20"];
    insta::assert_snapshot!(decode(&[], &arguments), @r#"
    {"REC-TYPE":"D","ORDER-DATA":{"ORDER-ID":"0002","AMOUNT":-123.45}}
    record 1 at byte 5: ORDER-RECORD.ORDER-DATA.AMOUNT S9(3)V99: byte 0x20 at 5 is no digit with a sign [3033303120]
    error: could not find the records of orders.dat: 1 byte is left behind the last whole record: 41 bytes are no multiple of the record length 20
     --> record 3, offset 0x28 (40)
      | 0A
      = expected: 20 bytes, or the file's end
      = help: these are line ends or an end mark added by a transfer: set "skip_end" to 1
    exit 65
    "#);
}

#[test]
fn mistakes_of_the_format_file_have_a_place() {
    let wrong = |text: &str, arguments: &[&str]| {
        decode(&[("f.toml", text)], &[&["orders.dat", "--format-file", "f.toml"], arguments].concat())
    };
    insta::assert_snapshot!(wrong("copybook = \"ORDERS.cpy\"\nframin = \"lines\"\ncode_page = \"cp1\"\n", &[]), @r#"
    error: unknown key `framin`
     --> f.toml:2:1
      |
    2 | framin = "lines"
      | ^^^^^^
      |
      = help: did you mean `framing`?
    exit 78
    "#);
    insta::assert_snapshot!(wrong("code_page = \"cp500\"\n", &[]), @r#"
    error: could not decode orders.dat: no copybook is named; name it by --copybook, or as `copybook` in the format file
    exit 64
    "#);
    insta::assert_snapshot!(wrong("copybook = \"ORDERS.cpy\"\n[options]\nrecord_format = \"V\"\n", &[]), @r#"
    error: could not use --format-file: the format file has [options], which are for --preset cobrix
    exit 64
    "#);
    insta::assert_snapshot!(wrong("copybook = \"ORDERS.cpy\"\nframing = \"lines\"\n", &["--preset", "cobrix"]), @r#"
    error: could not use the preset cobrix: the format file may say `copybook`, `copies`, `pgp`, `compression` and `archive`; the rest are options of Cobrix: write them in [options]
    exit 64
    "#);
}

#[test]
fn options_of_the_preset() {
    let said = |options: &[&str]| {
        let arguments = ["orders.dat", "--copybook", "ORDERS.cpy", "--preset", "cobrix"];
        let options: Vec<&str> = options.iter().flat_map(|option| ["--option", option]).collect();
        decode(&[], &[&arguments, options.as_slice()].concat())
    };
    let plain = ["encoding=ascii", "file_end_offset=1", "file_start_offset=10", "pedantic=true"];
    insta::assert_snapshot!(said(&plain), @r#"
    {"REC_TYPE":"D","ORDER_DATA":{"ORDER_ID":"0001","AMOUNT":123.45},"TOTALS":{"ORDER_COUNT":112345}}
    {"REC_TYPE":"D","ORDER_DATA":{"ORDER_ID":"0002","AMOUNT":-123.45},"TOTALS":{}}
    {"REC_TYPE":"T","ORDER_DATA":{"ORDER_ID":"0000","AMOUNT":0.02},"TOTALS":{"ORDER_COUNT":2}}
    note: option `pedantic` changes no row: unknown options are always an error here
    record 1: ORDER-RECORD.TOTALS.ORDER-COUNT is null: byte 0x4E at 9 is no digit [30303032313233344E]
    3 rows, 1 fields without a value
    exit 0
    "#);
    insta::assert_snapshot!(said(&["record_fromat=V"]), @r#"
    error: could not use the preset cobrix: there is no option `record_fromat`; did you mean `record_format`?
    exit 64
    "#);
    insta::assert_snapshot!(said(&["record_extractor=com.example.Extractor"]), @r#"
    error: could not use the preset cobrix: option `record_extractor` isn't taken: it names Java code
    exit 64
    "#);
    insta::assert_snapshot!(said(&["segment_field=NO-FIELD"]), @r#"
    error: could not use the preset cobrix: option `segment_field`: there is no field `NO-FIELD` in the copybook
    exit 64
    "#);
    let in_file =
        "copybook = \"ORDERS.cpy\"\n[options]\nencoding = \"ascii\"\nfile_end_offset = 1\nrecord_start_offset = 0\n";
    let arguments = ["orders.dat", "--format-file", "f.toml", "--preset", "cobrix", "--take", "1"];
    insta::assert_snapshot!(decode(&[("f.toml", in_file)], &arguments), @r#"
    {"REC_TYPE":"H","ORDER_DATA":{"ORDER_ID":"2026","AMOUNT":3.01},"TOTALS":{"ORDER_COUNT":20260301}}
    1 rows, 0 fields without a value
    exit 0
    "#);
}
