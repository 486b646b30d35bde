//! `campaignd copybook decode --preset cobrix` prints the rows that Cobrix reads: cases of its own test suite, with its own
//! options, compared value by value. Skipped, saying so, where they aren't there.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use serde_json::value::RawValue;

/// The folders of the cases.
fn cases() -> Vec<PathBuf> {
    let beside_repository = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let data = std::env::var_os("CAMPAIGND_TEST_DATA").map_or_else(beside_repository, PathBuf::from).join("cobrix");
    let Ok(entries) = std::fs::read_dir(&data) else {
        eprintln!("skipped: {} isn't there", data.display());
        return Vec::new();
    };
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

#[test]
fn rows_are_those_of_the_peer() {
    let folders = cases();
    let wrong: Vec<String> = folders.iter().filter_map(|folder| compared(folder).err()).collect();
    assert_eq!(wrong, [""; 0]);
}

type Row = BTreeMap<String, Box<RawValue>>;

fn compared(folder: &Path) -> Result<(), String> {
    let name = folder.file_name().unwrap().to_string_lossy().into_owned();
    let text = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
    let case: Value = serde_json::from_str(&text("options.json")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_campaignd"))
        .args(["copybook", "decode", "--preset", "cobrix", "--copybook"])
        .arg(folder.join("copybook.cob"))
        .arg("--format-file")
        .arg(folder.join("options.json"))
        .arg(folder.join("data"))
        .output()
        .unwrap();
    if !output.status.success() {
        return Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr)));
    }
    // Values hold characters that others take for line ends.
    let rows = |text: &str| -> Vec<Row> {
        text.split('\n').filter(|line| !line.is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let mut found = rows(std::str::from_utf8(&output.stdout).unwrap());
    let expected = text("expected.txt");
    let expected: Vec<Row> =
        if case["_expected_format"] == "jsonl" { rows(&expected) } else { serde_json::from_str(&expected).unwrap() };
    if let Some(columns) = case["_order_by"].as_array() {
        let columns: Vec<&str> = columns.iter().filter_map(Value::as_str).collect();
        found.sort_by(|left, right| ordered(left, right, &columns));
    }
    found.truncate(case["_take"].as_u64().map_or(usize::MAX, |most| usize::try_from(most).unwrap()));
    let post = case["_post"].as_str().unwrap_or_default();
    if let Some(column) = post.strip_prefix("drop column ") {
        for row in &mut found {
            row.remove(column);
        }
    } else if post.starts_with("na.fill(0)") {
        let schema: Value = serde_json::from_str(&text("expected_schema.json")).unwrap();
        for field in schema["fields"].as_array().unwrap().iter().filter(|field| field["type"] != "string") {
            let zero = || RawValue::from_string("0".into()).unwrap();
            for row in &mut found {
                row.entry(field["name"].as_str().unwrap().to_owned()).or_insert_with(zero);
            }
        }
    }
    if found.len() != expected.len() {
        return Err(format!("{name}: {} rows, expected {}", found.len(), expected.len()));
    }
    for (index, (found, expected)) in found.iter().zip(&expected).enumerate() {
        same_members(found, expected).map_err(|wrong| format!("{name}: row {index}: {wrong}"))?;
    }
    Ok(())
}

/// By the columns, what has no value first.
fn ordered(left: &Row, right: &Row, columns: &[&str]) -> Ordering {
    let value = |row: &Row, column: &str| {
        row.get(column).map(|raw| match raw.get().parse::<f64>() {
            Ok(number) => (number, String::new()),
            Err(_) => (0.0, raw.get().to_owned()),
        })
    };
    let compared = |column: &&str| value(left, column).partial_cmp(&value(right, column)).unwrap_or(Ordering::Equal);
    columns.iter().map(compared).find(|ordering| ordering.is_ne()).unwrap_or(Ordering::Equal)
}

fn same_members(found: &Row, expected: &Row) -> Result<(), String> {
    for name in found.keys().chain(expected.keys()) {
        let shown = |row: &Row| row.get(name).map_or("nothing".to_owned(), |value| value.get().to_owned());
        let equal = match (found.get(name), expected.get(name)) {
            (Some(found), Some(expected)) => same(found.get(), expected.get())?,
            _ => false,
        };
        if !equal {
            return Err(format!("{name}: {}, expected {}", shown(found), shown(expected)));
        }
    }
    Ok(())
}

/// Whether two texts of JSON say the same, numbers digit by digit.
fn same(found: &str, expected: &str) -> Result<bool, String> {
    if let (Ok(found), Ok(expected)) = (serde_json::from_str::<Row>(found), serde_json::from_str::<Row>(expected)) {
        return same_members(&found, &expected).map(|()| true);
    }
    let array = |text: &str| serde_json::from_str::<Vec<Box<RawValue>>>(text);
    if let (Ok(found), Ok(expected)) = (array(found), array(expected)) {
        let pairs = found.iter().zip(&expected).map(|(found, expected)| same(found.get(), expected.get()));
        let equal: Vec<bool> = pairs.collect::<Result<_, String>>()?;
        return Ok(found.len() == expected.len() && equal.iter().all(|equal| *equal));
    }
    let text = |text: &str| serde_json::from_str::<String>(text);
    Ok(match (text(found), text(expected)) {
        (Ok(found), Ok(expected)) => found == expected,
        (Err(_), Err(_)) => digits(found) == digits(expected),
        _ => false,
    })
}

/// A number's sign, its digits without zeros at the ends, and where its point is.
fn digits(number: &str) -> (bool, String, i64) {
    let (number, negative) = number.strip_prefix('-').map_or((number, false), |number| (number, true));
    let (number, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let all = format!("{whole}{fraction}");
    let kept = all.trim_end_matches('0');
    let exponent = exponent.trim_start_matches('+').parse::<i64>().unwrap();
    let places = i64::try_from(fraction.len()).unwrap() - i64::try_from(all.len() - kept.len()).unwrap() - exponent;
    let kept = kept.trim_start_matches('0').to_owned();
    if kept.is_empty() { (false, kept, 0) } else { (negative, kept, places) }
}

#[test]
fn numbers_are_compared_digit_by_digit() {
    for (left, right, equal) in [
        ("1.50", "1.5", true),
        ("0.00", "0", true),
        ("1.0E10", "10000000000", true),
        ("1E-7", "0.0000001", true),
        ("-1", "1", false),
        ("12345678901234567890123456789.1", "12345678901234567890123456789.2", false),
    ] {
        assert_eq!(digits(left) == digits(right), equal, "{left} {right}");
    }
}
