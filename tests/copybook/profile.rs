//! `campaignd copybook profile`: what it says of each field, and that it agrees with what `decode` prints.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Two kinds of records, one with a table.
const CALLS: &str = "       01  CALL-RECORD.
           05  REC-TYPE            PIC X.
           05  CALL-NO             PIC 9(4).
           05  SALE.
               10  SOLD            PIC X(8).
               10  AMOUNT          PIC S9(3)V99 COMP-3.
               10  DISPOSITION     PIC X(4).
               10  ITEMS           PIC 9.
               10  ITEM OCCURS 0 TO 3 DEPENDING ON ITEMS.
                   15  SKU         PIC X(3).
                   15  PRICE       PIC 9(3).
           05  COMPLAINT REDEFINES SALE.
               10  GRADE           PIC 9(2).
               10  ABOUT           PIC X(12).
";

const WHEN: [&str; 4] = ["--when", "SALE: REC-TYPE = 'S'", "--when", "COMPLAINT: REC-TYPE = 'C'"];

/// A sale in a variable record, in ASCII.
fn sale(number: u32, sold: &str, amount: [u8; 3], disposition: &str, items: &str) -> Vec<u8> {
    let count = items.len() / 6;
    let mut record = format!("S{number:04}{sold:<8}").into_bytes();
    record.extend(amount);
    record.extend(format!("{disposition:<4}{count}{items}").into_bytes());
    record
}

/// The records with their descriptor words.
fn variable(records: &[Vec<u8>]) -> Vec<u8> {
    let with_word = |record: &Vec<u8>| {
        let length = u16::try_from(record.len() + 4).unwrap().to_be_bytes();
        [&length[..], &[0, 0], record.as_slice()].concat()
    };
    records.iter().flat_map(with_word).collect()
}

fn calls() -> Vec<Vec<u8>> {
    let mut wrong_counter = sale(6, "20260105", [0x00, 0x10, 0x0C], "SALE", "");
    *wrong_counter.last_mut().unwrap() = b'7';
    vec![
        sale(1, "20260101", [0x12, 0x34, 0x5C], "SALE", "AAA100BBB200"),
        sale(2, "00000000", [0x12, 0x34, 0x5D], "SALE", ""),
        b"C000307rude       ".to_vec(),
        sale(4, "99999999", [0x00, 0x00, 0x0C], "", "CCC999"),
        sale(5, "20260104", [0x20, 0x20, 0x20], "\0\0\0\0", "DDDxxxEEE000AAA001"),
        wrong_counter,
        b"C0007  \xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF".to_vec(),
        b"X0008".to_vec(),
    ]
}

/// Standard output and error of a command in a folder with a copybook and data, and its exit code.
fn ran(command: &str, data: &[u8], arguments: &[&str]) -> (String, String, i32) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("CALLS.cpy"), CALLS).unwrap();
    std::fs::write(folder.path().join("calls.dat"), data).unwrap();
    let given = ["calls.dat", "--copybook", "CALLS.cpy", "--code-page", "latin1", "--framing", "variable"];
    run(folder.path(), command, &[&given, arguments].concat())
}

fn run(folder: &Path, command: &str, arguments: &[&str]) -> (String, String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_campaignd"))
        .args(["copybook", command])
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

fn said((out, error, code): (String, String, i32)) -> String {
    format!("{out}{error}exit {code}")
}

#[test]
fn kinds_tables_and_faults() {
    insta::assert_snapshot!(said(ran("profile", &variable(&calls()), &WHEN)));
}

#[test]
fn one_kind_without_faults() {
    let arguments = ["--take", "2", "--when", "SALE: REC-TYPE = 'S'"];
    insta::assert_snapshot!(said(ran("profile", &variable(&calls()), &arguments)));
}

#[test]
fn all_that_is_known_in_csv() {
    insta::assert_snapshot!(said(ran("profile", &variable(&calls()), &[&WHEN[..], &["--format", "csv"]].concat())));
}

#[test]
fn a_record_that_is_too_long_or_too_short() {
    let mut records = calls();
    records.truncate(2);
    records[0].extend(b"more");
    records[1].truncate(14);
    let (out, error, code) = ran("profile", &variable(&records), &["--when", "SALE: REC-TYPE = 'S'"]);
    assert_eq!((error.as_str(), code), ("", 65));
    let (_, notes) = out.split_once("\n\n").unwrap();
    insta::assert_snapshot!(notes);
}

/// The profile's rows in JSON by kind and field.
fn rows(text: &str) -> BTreeMap<(String, String), Value> {
    let rows: Vec<Value> = serde_json::from_str(text).unwrap();
    let text = |row: &Value, column: &str| row[column].as_str().unwrap().to_owned();
    rows.into_iter().map(|row| ((text(&row, "kind"), text(&row, "field")), row)).collect()
}

/// What is counted of a field: seen, null, at fault, least, most.
type Counted = (u64, u64, u64, Option<String>, Option<String>);

/// The same counts from the lines of `decode`, one record at a time. Records at fault aren't among them.
fn counted(lines: &str) -> BTreeMap<(String, String), Counted> {
    fn fields(path: &str, value: &Value, found: &mut Vec<(String, Value)>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| {
                fields(&if path.is_empty() { name.clone() } else { format!("{path}.{name}") }, value, found);
            }),
            Value::Array(entries) => entries.iter().for_each(|entry| fields(path, entry, found)),
            value => found.push((path.to_owned(), value.clone())),
        }
    }
    let mut counted: BTreeMap<(String, String), Counted> = BTreeMap::new();
    for line in lines.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let kind = if record.get("SALE").is_some() { "SALE" } else { "COMPLAINT" };
        let mut found = Vec::new();
        fields("", &record, &mut found);
        for (path, value) in found {
            let counts = counted.entry((kind.to_owned(), path)).or_default();
            counts.0 += 1;
            counts.1 += u64::from(value.is_null());
            let text = match &value {
                Value::String(text) if text.trim_matches(['\0', ' ']).is_empty() => continue,
                Value::Null => continue,
                Value::String(text) => text.clone(),
                number => number.to_string(),
            };
            let least = counts.3.get_or_insert_with(|| text.clone());
            if before(&value, &text, least) {
                least.clone_from(&text);
            }
            let most = counts.4.get_or_insert_with(|| text.clone());
            if !before(&value, &text, most) {
                *most = text;
            }
        }
    }
    counted
}

fn before(value: &Value, left: &str, right: &str) -> bool {
    if value.is_string() { left < right } else { left.parse::<f64>().unwrap() < right.parse::<f64>().unwrap() }
}

/// Thousands of records, over the bounds of batches: what `decode` prints, counted, is what the profile says.
#[test]
fn counts_are_those_of_the_row_decoder() {
    let mut records = Vec::new();
    for number in 0..5_000_u32 {
        let [low, middle, high] =
            [number % 10, number / 7 % 10, number / 91 % 10].map(|digit| u8::try_from(digit).unwrap());
        if number % 3 == 0 {
            records.push(format!("C{number:04}{low}{middle}about {high}     ").into_bytes());
            continue;
        }
        let mut items = String::new();
        for item in 0..number % 4 {
            write!(items, "I{item}{high}{middle}{low}{item}").unwrap();
        }
        let sold = if number % 50 == 0 { String::new() } else { format!("2026{:04}", number % 400) };
        let sign = if number % 2 == 0 { 0x0C } else { 0x0D };
        records.push(sale(
            number,
            &sold,
            [middle, high << 4, low << 4 | sign],
            ["SALE", "NONE", ""][usize::try_from(number / 5 % 3).unwrap()],
            &items,
        ));
    }
    let data = variable(&records);
    let (lines, said, code) = ran("decode", &data, &WHEN);
    assert_eq!((said.as_str(), code), ("5000 records, 0 rejected\n", 0));
    let (json, _, code) = ran("profile", &data, &[&WHEN[..], &["--format", "json"]].concat());
    assert_eq!(code, 0);
    let profile: BTreeMap<_, Counted> = rows(&json)
        .into_iter()
        .map(|(field, row)| {
            let count = |column: &str| row[column].as_u64().unwrap();
            let value = |column: &str| match &row[column] {
                Value::Null => None,
                Value::String(text) => Some(text.clone()),
                number => Some(number.to_string()),
            };
            (field, (count("seen"), count("null"), count("faulty"), value("least"), value("most")))
        })
        .collect();
    assert_eq!(profile, counted(&lines));
    assert_eq!(profile.len(), 12);
}

/// Faults are those that `decode` tells, field by field.
#[test]
fn faults_are_those_of_the_row_decoder() {
    let (_, told, _) = ran("decode", &variable(&calls()), &WHEN);
    let (json, ..) = ran("profile", &variable(&calls()), &[&WHEN[..], &["--format", "json"]].concat());
    let firsts: Vec<String> =
        rows(&json).values().filter_map(|row| row["first_fault"].as_str().map(str::to_owned)).collect();
    assert!(firsts.len() > 3, "{firsts:?}");
    for first in &firsts {
        assert!(told.lines().any(|line| line == first), "{first}\n{told}");
    }
    let faulty: u64 = rows(&json).values().map(|row| row["faulty"].as_u64().unwrap()).sum();
    assert_eq!(faulty, told.lines().filter(|line| line.contains("CALL-RECORD.")).count() as u64);
}

fn test_data(file: &str) -> Option<PathBuf> {
    let beside_repository = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let path = std::env::var_os("CAMPAIGND_TEST_DATA").map_or_else(beside_repository, PathBuf::from).join(file);
    if !path.exists() {
        eprintln!("skipped: {} isn't there", path.display());
    }
    path.exists().then_some(path)
}

#[test]
fn a_stores_packed_numbers_some_of_them_damaged() {
    let Some(file) = test_data("dtar020/DTAR020_small_error.bin") else { return };
    let folder = file.parent().unwrap();
    let arguments = ["DTAR020_small_error.bin", "--copybook", "DTAR020.cbl"];
    insta::assert_snapshot!(said(run(folder, "profile", &arguments)));
}

#[test]
fn a_card_companys_accounts() {
    let Some(file) = test_data("carddemo/EBCDIC/AWS.M2.CARDDEMO.EXPORT.DATA.PS") else { return };
    let folder = file.parent().unwrap();
    let mut arguments = vec!["AWS.M2.CARDDEMO.EXPORT.DATA.PS", "--copybook", "../cpy/CVEXPORT.cpy"];
    let kinds = ["CUSTOMER", "ACCOUNT", "TRANSACTION", "CARD-XREF", "CARD"].into_iter().zip(["C", "A", "T", "X", "D"]);
    let when: Vec<String> =
        kinds.map(|(kind, mark)| format!("EXPORT-{kind}-DATA: EXPORT-REC-TYPE = '{mark}'")).collect();
    arguments.extend(when.iter().flat_map(|when| ["--when", when]));
    let (out, error, code) = run(folder, "profile", &arguments);
    let accounts: Vec<&str> =
        out.lines().filter(|line| !line.starts_with("EXPORT-") || line.starts_with("EXPORT-ACCOUNT")).collect();
    insta::assert_snapshot!(said((accounts.join("\n"), error, code)));
}

#[test]
fn texts_that_mean_nothing_have_no_value() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| std::fs::write(folder.path().join(name), content).unwrap();
    write("NOTES.cpy", "       01  NOTE.  05 KIND PIC X(3).\n");
    write("notes.dat", "N/AABCN/AABD");
    write("notes.toml", "copybook = \"NOTES.cpy\"\ncode_page = \"ascii\"\nnull_values = [\"N/A\"]\n");
    let (out, error, code) =
        run(folder.path(), "profile", &["notes.dat", "--format-file", "notes.toml", "--format", "csv"]);
    assert_eq!(code, 0, "{error}");
    let rows: Vec<Vec<&str>> = out.lines().map(|line| line.split(',').collect()).collect();
    let of = |name: &str| rows[1][rows[0].iter().position(|column| *column == name).unwrap()];
    assert_eq!((of("seen"), of("null"), of("least"), of("most")), ("4", "2", "ABC", "ABD"));
}
