//! Public data that nobody here made is read to the last row. Skipped, saying so, where it isn't there.

use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray as _;
use campaignd_contract::{BatchLimits, FileBytes, Format as _};
use campaignd_formats::Csv;

/// The file or folder in the folder of real data, if there is one.
fn data(name: &str) -> Option<PathBuf> {
    let beside_repository = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let path = std::env::var_os("CAMPAIGND_TEST_DATA").map_or_else(beside_repository, PathBuf::from).join(name);
    let there = path.exists();
    if !there {
        eprintln!("skipped: {} isn't there", path.display());
    }
    there.then_some(path)
}

/// Columns, rows and, of some columns, the values.
struct Content {
    columns: usize,
    rows: usize,
    values: Vec<Vec<String>>,
}

/// Reads a file that has no rejects.
fn read(path: &Path, settings: &str, columns: &[&str]) -> Content {
    let format = Csv::new(toml::from_str(settings).unwrap(), Path::new("")).unwrap();
    let bytes = FileBytes::new(path, path.display().to_string()).unwrap();
    let mut reader = format.open(&bytes, None, BatchLimits::default()).unwrap();
    let schema = reader.schema();
    let indexes: Vec<_> = columns.iter().map(|column| schema.index_of(column).unwrap()).collect();
    let mut content = Content { columns: schema.fields().len(), rows: 0, values: vec![Vec::new(); columns.len()] };
    while let Some(batch) = reader.next_batch().unwrap() {
        assert_eq!(batch.undecodable, [], "{}", path.display());
        content.rows += batch.places.len();
        for (values, &index) in content.values.iter_mut().zip(&indexes) {
            let column = batch.records.column(index).as_string::<i32>();
            values.extend(column.iter().map(|value| value.unwrap_or_default().to_owned()));
        }
    }
    content
}

fn sum(values: &[String]) -> i64 {
    values.iter().map(|value| value.parse::<i64>().unwrap()).sum()
}

#[test]
fn bank_marketing() {
    if let Some(path) = data("bank-marketing/bank-additional-full.csv.gz") {
        let content = read(&path, "delimiter = \";\"", &["campaign", "duration", "y"]);
        assert_eq!((content.rows, content.columns), (41_188, 21));
        assert_eq!((sum(&content.values[0]), sum(&content.values[1])), (105_754, 10_638_243));
        assert_eq!(content.values[2].iter().filter(|y| *y == "yes").count(), 4_640);
    }
    if let Some(path) = data("bank-marketing/bank-full.csv.gz") {
        let content = read(&path, "delimiter = \";\"", &["y"]);
        assert_eq!((content.rows, content.columns), (45_211, 17));
        assert_eq!(content.values[0].iter().filter(|y| *y == "yes").count(), 5_289);
    }
}

#[test]
fn hillstrom() {
    let Some(path) = data("hillstrom-email/hillstrom.csv.gz") else { return };
    let content = read(&path, "", &["segment", "visit", "spend"]);
    assert_eq!((content.rows, content.columns), (64_000, 12));
    assert_eq!(content.values[0].iter().filter(|segment| *segment == "Womens E-Mail").count(), 21_387);
    assert_eq!(sum(&content.values[1]), 3_894 + 3_238 + 2_262);
}

#[test]
fn ifood_in_both_dialects() {
    for (name, settings) in [("ml_project1_data.csv", ""), ("marketing_campaign_semicolon.csv", "delimiter = \";\"")] {
        let Some(path) = data(&format!("ifood-campaigns/{name}")) else { continue };
        let content = read(&path, settings, &["AcceptedCmp1", "AcceptedCmp4", "Response"]);
        assert_eq!(content.rows, 2_240, "{name}");
        let sums: Vec<_> = content.values.iter().map(|values| sum(values)).collect();
        assert_eq!(sums, [144, 167, 334], "{name}");
    }
}

#[test]
fn asterisk_call_log_without_header() {
    let Some(path) = data("cdr-asterisk/Master.csv") else { return };
    let names: Vec<_> = (1..=19).map(|number| format!("\"c{number}\"")).collect();
    let settings = format!("header = false\ncolumns = [{}]", names.join(", "));
    let content = read(&path, &settings, &["c12", "c13", "c14"]);
    assert_eq!((content.rows, content.columns), (14, 19));
    assert_eq!((sum(&content.values[0]), sum(&content.values[1])), (187, 78));
    assert_eq!(content.values[2].iter().filter(|disposition| *disposition == "ANSWERED").count(), 11);
}

#[test]
fn layouts_of_ad_platforms_and_crm() {
    let Some(folder) = data("ad-and-crm-layouts") else { return };
    let mut files = 0;
    for package in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for path in std::fs::read_dir(package).unwrap().map(|entry| entry.unwrap().path()) {
            if path.extension().is_some_and(|extension| extension == "csv") {
                assert!(read(&path, "", &[]).columns > 0, "{}", path.display());
                files += 1;
            }
        }
    }
    assert!(files > 100, "{files} files");
}
