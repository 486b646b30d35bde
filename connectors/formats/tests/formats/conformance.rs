//! Every format in several dialects and compressions keeps what the contract promises.

use std::io::Write as _;
use std::path::Path;

use campaignd_contract::Format;
use campaignd_contract::conformance::format::{Case, check};
use campaignd_formats::{Csv, FixedWidth, Json};

const CALLS: &str = "call_id,dnis,ani,note\n\
    1001,18005550100,12125550001,\n\
    1002,18005550100,12125550002,\"said \"\"no\"\", hung up\"\n\
    1003,18005550199,12125550003,\"two\r\nlines\"\n\
    \n\
    1004,18005550100,12125550004,caf\u{e9} \u{65e5}\n\
    short,row\n\
    1005,18005550100,,last";

fn csv(settings: &str) -> Csv {
    Csv::new(toml::from_str(settings).unwrap(), Path::new("")).unwrap()
}

fn fixed_width(settings: &str) -> FixedWidth {
    FixedWidth::new(toml::from_str(settings).unwrap(), Path::new("")).unwrap()
}

fn json(settings: &str) -> Json {
    Json::new(toml::from_str(settings).unwrap(), Path::new("")).unwrap()
}

fn plain(name: &str, format: &dyn Format, content: &[u8], footer_lines: usize) {
    check(&Case { name, format, content, plain: true, footer_lines });
}

fn decoded(name: &str, format: &dyn Format, content: &[u8]) {
    check(&Case { name, format, content, plain: false, footer_lines: 0 });
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut stored = Vec::new();
    for member in content.chunks(content.len() / 2 + 1) {
        let mut encoder = flate2::write::GzEncoder::new(&mut stored, flate2::Compression::fast());
        encoder.write_all(member).unwrap();
        encoder.finish().unwrap();
    }
    stored
}

fn bzip2(content: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zip(content: &[u8], method: zip::CompressionMethod) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    archive.start_file("readme.txt", options).unwrap();
    archive.write_all(b"not this one").unwrap();
    archive.start_file("calls.data", options).unwrap();
    archive.write_all(content).unwrap();
    archive.finish().unwrap().into_inner()
}

#[test]
fn csv_plain() {
    plain("csv", &csv(""), CALLS.as_bytes(), 0);
}

#[test]
fn csv_crlf_with_mark_preamble_comment_footer_and_trailer() {
    let settings = "delimiter = \";\"\nskip_lines = 1\nskip_footer_lines = 2\ncomment = \"#\"\ntrim = true\n\
        ragged = \"pad\"\nnull_values = [\"\", \"NULL\"]\n[trailer]\nstarts_with = \"TRL\"\n\
        columns = [\"record_type\", \"record_count\"]";
    let content = "\u{feff}Report of May\r\n# made by the switch\r\ncall_id;note\r\n1; NULL \r\n#2;x\r\nTRL;9\r\n3\r\n\
        \"4\";\"a\r\n#b\"\r\nTRL;4;\r\n\r\nprinted\r\n\r\n";
    plain("csv with everything around it", &csv(settings), content.as_bytes(), 2);
}

#[test]
fn csv_without_header_and_with_escape() {
    let settings = "delimiter = \"|\"\nquote = \"'\"\nescape = \"\\\\\"\nheader = false\ncolumns = [\"a\", \"b\"]";
    plain("csv with escapes", &csv(settings), b"1|'it\\'s'\r2|'a\\\\'\r3|\"\r'4|x'|y\r\xff|5", 0);
}

#[test]
fn csv_without_quotes() {
    plain("csv without quotes", &csv("quote = \"\"\ncolumns = [\"b\"]"), b"a,b\n\"1,2\n3,4\"\n,", 0);
}

#[test]
fn csv_in_other_encodings() {
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(CALLS);
    plain("csv in windows-1252", &csv("encoding = \"windows-1252\""), &latin, 0);
    let (japanese, _, _) = encoding_rs::SHIFT_JIS.encode(CALLS);
    decoded("csv in shift_jis", &csv("encoding = \"shift_jis\""), &japanese);
    let wide: Vec<u8> = format!("\u{feff}{CALLS}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    decoded("csv in utf-16", &csv("encoding = \"utf-16le\""), &wide);
}

#[test]
fn csv_compressed() {
    decoded("csv in gzip", &csv(""), &gzip(CALLS.as_bytes()));
    decoded("csv in zstd", &csv(""), &zstd::encode_all(CALLS.as_bytes(), 1).unwrap());
    decoded("csv in bzip2", &csv(""), &bzip2(CALLS.as_bytes()));
}

#[test]
fn csv_in_an_archive() {
    let settings = "[archive]\nentry = \"*.data\"";
    decoded("csv in zip", &csv(settings), &zip(CALLS.as_bytes(), zip::CompressionMethod::Deflated));
    decoded("csv stored in zip", &csv(settings), &zip(CALLS.as_bytes(), zip::CompressionMethod::Stored));
}

const LINES: &str = "HDR\n1001 18005550100  31\n1002 18005550199   0\n\n1003 1800\n1004 caf\u{e9}        5x\nTRL0004\n";
const COLUMNS: &str =
    "columns = [{ name = \"seconds\", start = 18, length = 3 }, { name = \"id\", start = 1, length = 4 }]\n";
const TRAILER: &str =
    "[trailer]\nstarts_with = \"TRL\"\ncolumns = [{ name = \"record_count\", start = 4, length = 4 }]\n";

#[test]
fn fixed_width_lines() {
    let settings = format!("skip_lines = 1\n{COLUMNS}{TRAILER}");
    plain("fixed width", &fixed_width(&settings), LINES.as_bytes(), 0);
    let settings = format!("skip_lines = 1\nskip_footer_lines = 1\nragged = \"pad\"\ntrim = \"none\"\n{COLUMNS}");
    plain("fixed width with a footer", &fixed_width(&settings), LINES.replace('\n', "\r\n").as_bytes(), 1);
    let settings = format!("encoding = \"iso-8859-15\"\n{COLUMNS}");
    plain("fixed width in iso-8859-15", &fixed_width(&settings), b"1001 caf\xe9        31\n1002 18005550199   0\n", 0);
    let settings = format!("skip_lines = 1\n{COLUMNS}{TRAILER}");
    decoded("fixed width in zstd", &fixed_width(&settings), &zstd::encode_all(LINES.as_bytes(), 1).unwrap());
}

#[test]
fn fixed_width_records_without_line_ends() {
    let settings = "record_length = 6\ncolumns = [{ name = \"id\", start = 1, length = 3 }]\n".to_owned() + TRAILER;
    let settings = settings.replace("start = 4, length = 4", "start = 4, length = 3");
    plain("fixed width records", &fixed_width(&settings), b"001abc002d\xffXTRL009003\n\r0TRL003", 0);
}

const PATHS: &str =
    "[columns]\nid = \"id\"\ndnis = \"to.number\"\nto = \"to\"\nsku = \"items[1].sku\"\nmap = '\"a.b\"[0]'\n";
const DOCUMENTS: [&str; 6] = [
    r#"{"id": 1, "to": {"number": "1800", "x": [1, {"y": "}"}]}, "items": [{"sku": "a"}, {"sku": "b\"\n"}]}"#,
    r#"{"id": 123456789012345678901234567890.10, "to": null, "a.b": [ {"c" : 1} ]}"#,
    r#"{"id": true, "to": "caf\u00e9", "items": [], "id": false}"#,
    r#"{"id": 1,, "to": 2}"#,
    r#"{"id": "\ud800"}"#,
    r#"  "a text" "#,
];

#[test]
fn json_lines() {
    let content = DOCUMENTS.join("\n") + "\r\n\r\n  {\"id\": [1, 2]}";
    plain("json lines", &json(PATHS), content.as_bytes(), 0);
    decoded("json lines in gzip", &json(PATHS), &gzip(content.as_bytes()));
}

#[test]
fn json_arrays() {
    let items = DOCUMENTS.join(" ,\n");
    let array = format!("layout = \"array\"\n{PATHS}");
    plain("a json array", &json(&array), format!("\u{feff} [ {items}, 5, [{{}}]\n]\n").as_bytes(), 0);
    let inside = format!("layout = \"array\"\narray_path = 'data[1].\"the items\"'\n{PATHS}");
    let content = format!(
        "{{\"x\": {{\"data\": []}}, \"data\": [[1, \"]\"], {{\"the items\": [{items}], \"y\": {{}} }}, 3], \"z\": \"]\"}}"
    );
    plain("a json array inside a document", &json(&inside), content.as_bytes(), 0);
    decoded("a json array in bzip2", &json(&inside), &bzip2(content.as_bytes()));
}
