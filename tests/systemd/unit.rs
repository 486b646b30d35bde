//! The unit, its drop-ins and the files beside it, as systemd's own tools read them.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

use campaignd::cli::exit::Exit;
use campaignd::cli::sample::sample;
use campaignd::config;
use campaignd::settings::Limits;
use tempfile::TempDir;

use crate::{must, needs, needs_root, or_skip, said};

const UNIT: &str = include_str!("../../systemd/campaignd.service");
const DROP_INS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/systemd/campaignd.service.d");
const SYSUSERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/systemd/sysusers.d/campaignd.conf");
const TMPFILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/systemd/tmpfiles.d/campaignd.conf");
const SETTINGS: &str = include_str!("../../config/campaignd.toml");

/// The exposure that the unit may have at most, of 10. A daemon that talks to a network can't get below 0.9.
const EXPOSURE: f64 = 1.0;

/// A folder with the unit, over the program under test, and the drop-ins of these names.
fn folder(drop_ins: &[String]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let unit = UNIT.replace("/usr/bin/campaignd", env!("CARGO_BIN_EXE_campaignd"));
    fs::write(folder.path().join("campaignd.service"), unit).unwrap();
    let directory = folder.path().join("campaignd.service.d");
    fs::create_dir(&directory).unwrap();
    for name in drop_ins {
        fs::copy(Path::new(DROP_INS).join(name), directory.join(name)).unwrap();
    }
    folder
}

/// Names of all drop-ins that are shipped.
fn drop_ins() -> Vec<String> {
    let entries = fs::read_dir(DROP_INS).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert!(!names.is_empty());
    names
}

/// The value of a setting that the unit has once.
#[track_caller]
fn value(key: &str) -> &'static str {
    let values: Vec<&str> =
        UNIT.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('=')).map(str::trim).collect();
    assert_eq!(values.len(), 1, "{key} stands {} times in the unit", values.len());
    values[0]
}

fn exposure(folder: &Path) -> f64 {
    let mut command = Command::new("systemd-analyze");
    command.args(["security", "--no-pager", "--offline=true"]).arg(folder.join("campaignd.service"));
    let told = must(&mut command);
    let overall = told.lines().find_map(|line| line.split_once("Overall exposure level for campaignd.service: "));
    let number = overall.and_then(|(_, rest)| rest.split_whitespace().next()).unwrap_or_else(|| panic!("{told}"));
    number.parse().unwrap()
}

#[test]
fn systemd_understands_every_line() {
    or_skip!(needs(&["systemd-analyze"]));
    let folder = folder(&drop_ins());
    let mut command = Command::new("systemd-analyze");
    command.args(["verify", "--man=no"]).arg(folder.path().join("campaignd.service"));
    let output = command.output().unwrap();
    // Of other units of this machine it may say what it likes.
    let told = said(&output);
    let ours: Vec<&str> = told.lines().filter(|line| line.contains("campaignd")).collect();
    assert!(output.status.success() && ours.is_empty(), "{told}");
}

#[test]
fn it_is_exposed_to_little() {
    or_skip!(needs(&["systemd-analyze"]));
    let measured = exposure(folder(&[]).path());
    assert!(measured <= EXPOSURE, "the exposure is {measured}");
    for name in drop_ins() {
        let measured = exposure(folder(std::slice::from_ref(&name)).path());
        assert!(measured <= EXPOSURE, "with {name} the exposure is {measured}");
    }
}

#[test]
fn it_fits_the_program() {
    assert_eq!(value("RestartPreventExitStatus"), format!("{} {} 243", Exit::Usage as u8, Exit::Settings as u8));
    let seconds = |key| value(key).strip_suffix('s').and_then(|number| number.parse::<u32>().ok()).unwrap();
    // Committing what is in hand takes a while on a slow disk.
    assert!(seconds("TimeoutStopSec") >= 2 * Limits::default().stop_seconds);
    assert!(seconds("WatchdogSec") < Limits::default().silence_seconds);
    let credential = value("LoadCredential").split_once(':').unwrap().0;
    assert!(SETTINGS.contains(&format!("\nkey    = {{ credential = \"{credential}\" }}")), "{SETTINGS}");
}

#[test]
fn a_crash_loop_ends() {
    let restart: u32 = value("RestartSec").strip_suffix('s').unwrap().parse().unwrap();
    let (burst, interval) = (value("StartLimitBurst").parse::<u32>().unwrap(), value("StartLimitIntervalSec"));
    assert_eq!(interval, "1h");
    // All these starts fall into the interval, and RabbitMQ drops a message at its twentieth delivery.
    assert!(burst * restart < 3600 && burst < 20);
}

#[test]
fn the_settings_that_are_shipped_pass_check() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("pipelines")).unwrap();
    fs::write(folder.path().join("campaignd.toml"), SETTINGS).unwrap();
    fs::write(folder.path().join("pipelines/inbound-calls.toml"), sample("pipeline").unwrap()).unwrap();
    let report = config::check_under(&folder.path().join("campaignd.toml"), HashMap::new());
    assert!(report.problems.is_empty(), "{report}");
}

#[test]
fn user_and_directories_are_made() {
    or_skip!(needs_root());
    or_skip!(needs(&["systemd-sysusers", "systemd-tmpfiles"]));
    let root = tempfile::tempdir().unwrap();
    let at = |program: &str| {
        let mut command = Command::new(program);
        command.arg(format!("--root={}", root.path().display()));
        command
    };
    fs::create_dir_all(root.path().join("etc/campaignd")).unwrap();
    let key = root.path().join("etc/campaignd/pseudonym.key");
    fs::write(&key, "a key that was copied carelessly").unwrap();
    must(at("systemd-sysusers").arg(SYSUSERS));
    must(at("systemd-tmpfiles").args(["--create", TMPFILES]));
    let users = fs::read_to_string(root.path().join("etc/passwd")).unwrap();
    let user = users.lines().find(|line| line.starts_with("campaignd:")).unwrap();
    let fields: Vec<&str> = user.split(':').collect();
    assert_eq!(fields[4..], ["campaignd daemon", "/var/lib/campaignd", "/usr/sbin/nologin"]);
    let metadata = fs::metadata(root.path().join("var/lib/campaignd")).unwrap();
    assert_eq!((metadata.uid().to_string(), metadata.mode() & 0o777), (fields[2].to_owned(), 0o700));
    assert_eq!(fs::metadata(&key).unwrap().mode() & 0o777, 0o600);
    assert!(root.path().join("etc/campaignd/pipelines").is_dir());
}
