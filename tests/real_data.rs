//! Public data through pipelines that a data engineer would write, with the real binary, against published answers.
//!
//! The cases lie in `tests/real`; the data is looked for in the folder that `CAMPAIGND_TEST_DATA` names, or in
//! `../shared/data` beside the project. Where it isn't there a case says so and passes.

#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop where it stands")]

use std::fs;
use std::os::unix::fs::{OpenOptionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

/// Every case and the file of the data that says whether it is there.
const CASES: &[(&str, &str)] = &[
    ("ifood-comma", "ifood-campaigns/ml_project1_data.csv"),
    ("ifood-semicolon", "ifood-campaigns/marketing_campaign_semicolon.csv"),
    ("bank-additional", "bank-marketing/bank-additional-full.csv.gz"),
    ("bank-full", "bank-marketing/bank-full.csv.gz"),
    ("hillstrom", "hillstrom-email/hillstrom.csv.gz"),
    ("asterisk", "cdr-asterisk/Master.csv"),
    ("carddemo", "carddemo/EBCDIC/AWS.M2.CARDDEMO.EXPORT.DATA.PS"),
    ("dtar020", "dtar020/DTAR020.bin"),
    ("ads", "ad-and-crm-layouts/dbt_ad_reporting/google_ads_campaign_stats_data.csv"),
];

#[test]
fn ifood_with_commas_and_iso_dates() {
    run("ifood-comma");
}

#[test]
fn ifood_with_semicolons_and_european_dates() {
    run("ifood-semicolon");
}

#[test]
fn a_bank_calls_41_188_people() {
    run("bank-additional");
}

#[test]
fn a_bank_calls_45_211_people() {
    run("bank-full");
}

#[test]
fn hillstroms_trial_of_two_emails() {
    run("hillstrom");
}

#[test]
fn asterisks_own_call_records() {
    run("asterisk");
}

#[test]
fn ad_platforms_charge_in_units_and_in_millionths() {
    run("ads");
}

#[test]
fn five_kinds_of_records_of_a_card_company() {
    run("carddemo");
}

#[test]
fn a_stores_packed_numbers_some_of_them_damaged() {
    run("dtar020");
}

#[test]
fn every_folder_is_a_case() {
    let mut folders: Vec<String> = fs::read_dir(cases())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let mut listed: Vec<&str> = CASES.iter().map(|(name, _)| *name).collect();
    listed.sort_unstable();
    assert_eq!(folders, listed);
}

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real")
}

fn data() -> PathBuf {
    let named = std::env::var_os("CAMPAIGND_TEST_DATA").map(PathBuf::from);
    named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"))
}

/// Loads a case twice and compares the answers to its queries each time: the second run changes nothing.
fn run(name: &str) {
    let (_, probe) = CASES.iter().find(|(case, _)| *case == name).expect("a case of the table");
    let data = data();
    if !data.join(probe).is_file() {
        eprintln!(
            "skipped {name}: {} is not there; name the data's folder in CAMPAIGND_TEST_DATA",
            data.join(probe).display()
        );
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    install(&cases().join(name), &data, directory.path());
    for round in ["first", "second"] {
        once(directory.path(), name);
        let warehouse = Connection::open(directory.path().join("warehouse.db")).unwrap();
        for (query, sql, expected) in queries(&cases().join(name).join("expected")) {
            let actual = answer(&warehouse, &sql);
            assert!(
                actual == expected,
                "{name}: {query} after the {round} run\nexpected:\n{expected}\nfound:\n{actual}"
            );
        }
    }
}

/// An installation of the case in `directory`.
fn install(case: &Path, data: &Path, directory: &Path) {
    fs::create_dir(directory.join("pipelines")).unwrap();
    fs::copy(cases().join("campaignd.toml"), directory.join("campaignd.toml")).unwrap();
    fs::copy(cases().join("plan.toml"), directory.join("pipelines/plan.toml")).unwrap();
    fs::copy(case.join("plan.csv"), directory.join("plan.csv")).unwrap();
    for entry in fs::read_dir(case.join("pipelines")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), directory.join("pipelines").join(entry.file_name())).unwrap();
    }
    symlink(fs::canonicalize(data).unwrap(), directory.join("data")).unwrap();
    let key = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(directory.join("pseudonym.key"));
    std::io::Write::write_all(&mut key.unwrap(), &[b'7'; 48]).unwrap();
}

fn once(directory: &Path, name: &str) {
    let output = Command::new(env!("CARGO_BIN_EXE_campaignd"))
        .arg("--config")
        .arg(directory.join("campaignd.toml"))
        .arg("once")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{name}: campaignd once ended with {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Name, SQL and expected answer of each query of a case.
fn queries(folder: &Path) -> Vec<(String, String, String)> {
    let mut queries: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let expected = fs::read_to_string(path.with_extension("csv")).unwrap();
            (name, fs::read_to_string(&path).unwrap(), expected)
        })
        .collect();
    queries.sort();
    assert!(!queries.is_empty(), "{} holds no query", folder.display());
    queries
}

/// The answer to a query as CSV: NULL is empty, no text in these answers needs quotes.
fn answer(warehouse: &Connection, sql: &str) -> String {
    let mut statement = warehouse.prepare(sql).unwrap();
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut text = columns.join(",") + "\n";
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let fields: Vec<String> = (0..columns.len())
            .map(|index| match row.get_ref(index).unwrap() {
                ValueRef::Null => String::new(),
                ValueRef::Integer(number) => number.to_string(),
                ValueRef::Real(number) => number.to_string(),
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            })
            .collect();
        text += &(fields.join(",") + "\n");
    }
    text
}
