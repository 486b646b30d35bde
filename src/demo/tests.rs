use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use super::*;

fn contents(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, directory: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(directory, directory, &mut found);
    found
}

fn generated() -> (tempfile::TempDir, Demo, BTreeMap<String, Vec<u8>>) {
    let directory = tempfile::tempdir().unwrap();
    let demo = generate(directory.path(), SEED).unwrap();
    let found = contents(directory.path());
    (directory, demo, found)
}

fn unpacked(bytes: &[u8]) -> String {
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_one_does_not() {
    let (_kept, demo, first) = generated();
    let (_also_kept, _, second) = generated();
    assert_eq!(first, second);
    assert_eq!(demo.files, first.len());
    let other = tempfile::tempdir().unwrap();
    generate(other.path(), SEED + 1).unwrap();
    assert_ne!(first["input/calls/calls_2026-01.csv.gz"], contents(other.path())["input/calls/calls_2026-01.csv.gz"]);
}

#[test]
fn it_is_small() {
    let (_kept, demo, found) = generated();
    assert_eq!(demo.bytes, found.values().map(|bytes| bytes.len() as u64).sum::<u64>());
    assert!(demo.bytes < 2_000_000, "{} bytes", demo.bytes);
    assert!((3_800..4_200).contains(&demo.calls), "{} calls", demo.calls);
}

#[test]
fn every_planted_file_is_there() {
    let (directory, _, found) = generated();
    for planted in PLANTED {
        let file = planted.file.split(' ').next().unwrap();
        assert!(directory.path().join("input").join(file).exists(), "{file}");
        assert!(String::from_utf8_lossy(&found["README.md"]).contains(planted.wrong));
    }
}

#[test]
fn the_march_file_comes_twice_and_september_is_empty() {
    let (_kept, _, found) = generated();
    assert_eq!(found["input/calls/calls_2026-03.csv.gz"], found["input/calls/calls_2026-03_resent.csv.gz"]);
    assert!(found["input/calls/calls_2026-09.csv.gz"].is_empty());
}

#[test]
fn one_order_is_in_a_currency_without_a_rate() {
    let (_kept, _, found) = generated();
    let rates = String::from_utf8(found["input/plan/fx_rates.csv"].clone()).unwrap();
    let mut without = Vec::new();
    for (name, bytes) in found.iter().filter(|(name, _)| name.contains("orders_") && !name.contains(".ctl")) {
        for line in String::from_utf8(bytes.clone()).unwrap().lines() {
            let currency = line.split("\"currency\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
            if currency != "USD" && !rates.contains(&format!("\n{currency},USD,")) {
                without.push((name.clone(), currency));
            }
        }
    }
    assert_eq!(without, [("input/orders/orders_2026-07.jsonl".to_owned(), "MXN".to_owned())]);
}

#[test]
fn the_number_changes_hands_at_midnight() {
    let (_kept, _, found) = generated();
    let line = |file: &str, start: &str| {
        let text = unpacked(&found[file]);
        let line = text.lines().find(|line| line.contains(start)).map(str::to_owned);
        line.unwrap_or_else(|| panic!("no call at {start}"))
    };
    assert!(line("input/calls/calls_2026-06.csv.gz", "30/06/2026 23:50:00").contains(";TPA;8005550130;"));
    assert!(line("input/calls/calls_2026-07.csv.gz", "01/07/2026 00:05:00").contains(";ALB;8005550130;"));
}

#[test]
fn control_files_agree_with_their_orders() {
    let (_kept, demo, found) = generated();
    let mut orders = 0;
    for month in 1..=8 {
        let lines = String::from_utf8(found[&format!("input/orders/orders_2026-{month:02}.jsonl")].clone()).unwrap();
        let control = String::from_utf8(found[&format!("input/orders/orders_2026-{month:02}.ctl")].clone()).unwrap();
        let mut cents = 0;
        for line in lines.lines() {
            let order: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(order["customer"].is_object());
            let total = order["order"]["total"].to_string();
            // serde_json shortens 83.40 to 83.4: count cents from what the line says.
            let written = line.split("\"total\":").nth(1).unwrap().split(',').next().unwrap();
            assert!(written.starts_with(total.trim_end_matches('0').trim_end_matches('.')), "{written} {total}");
            cents += written.replace('.', "").parse::<i64>().unwrap();
        }
        orders += lines.lines().count();
        assert_eq!(control, format!("orders = {}\ntotal = {}\n", lines.lines().count(), files::dollars(cents)));
    }
    assert_eq!(demo.orders, orders);
}

#[test]
fn trailers_agree_with_their_lines_but_for_the_one_that_lies() {
    let (_kept, _, found) = generated();
    let mut lying = Vec::new();
    for (name, bytes) in found.iter().filter(|(name, _)| name.starts_with("input/invoices/")) {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let (mut count, mut sum) = (0, 0);
        for line in text.lines() {
            if line.starts_with('D') {
                assert_eq!(line.len(), 68, "{line}");
                count += 1;
                sum += line[54..65].parse::<i64>().unwrap();
            } else if line[1..7].parse::<i64>().unwrap() != count || line[7..20].parse::<i64>().unwrap() != sum {
                lying.push(name.as_str());
            }
        }
    }
    assert_eq!(lying, ["input/invoices/prairie_202608.txt"]);
}

#[cfg(unix)]
#[test]
fn the_key_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (directory, _, found) = generated();
    let mode = fs::metadata(directory.path().join("pseudonym.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(found["pseudonym.key"].len(), 65);
}
