//! What the command line says of itself.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use campaignd_contract::{Candidate, Place, Readiness, Unit, Warehouse};
use clap::CommandFactory as _;
use jiff::{Timestamp, ToSpan as _};

use super::*;
use crate::config::Settings;
use crate::load::file::{Mark, mark_alone};
use crate::load::occurrence::{Key, Occurrence, Origin as OccurrenceOrigin};
use crate::load::reject::{self, Origin, sealed_place};
use crate::load::{Claimed, Lease, Reject, Stage, run as etl_run};
use crate::model::migration::migrate;
use crate::model::operations::{ETL_BATCH, ETL_CONTROL, ETL_DIRTY};

/// Settings with a pipeline, in a folder of their own.
pub(super) struct Fixture {
    folder: tempfile::TempDir,
}

impl Fixture {
    pub(super) fn new() -> Self {
        let fixture = Self { folder: tempfile::tempdir().unwrap() };
        let write = |name: &str, text: &str| std::fs::write(fixture.folder.path().join(name), text).unwrap();
        let settings = "state_directory = 'state'\n[warehouse]\nkind = 'sqlite'\npath = 'warehouse.db'\n\
                        [privacy]\nkey_id = 'k1'\nkey = { file = 'privacy.key' }\n";
        write("campaignd.toml", settings);
        fixture.write_key("a key of at least thirty-two bytes, surely");
        std::fs::create_dir(fixture.folder.path().join("pipelines")).unwrap();
        write("pipelines/calls.toml", sample::sample("pipeline").unwrap());
        fixture
    }

    pub(super) fn change_key(&self) {
        self.write_key("another key of at least thirty-two bytes");
    }

    fn write_key(&self, key: &str) {
        let path = self.folder.path().join("privacy.key");
        std::fs::write(&path, key).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn settings_file(&self) -> PathBuf {
        self.folder.path().join("campaignd.toml")
    }

    /// With the tables.
    pub(super) fn migrated(&self) -> (Settings, Box<dyn Warehouse>) {
        let settings = opening::settings(&self.settings_file()).unwrap();
        migrate(opening::warehouse(&settings).unwrap().as_mut()).unwrap();
        opening::current_warehouse(&self.settings_file()).unwrap()
    }

    /// The occurrence of six o'clock on a day of March 2026.
    pub(super) fn occurrence(day: u8) -> Occurrence {
        let nominal_local = format!("2026-03-{day:02}T06:00:00");
        let due_at: Timestamp = format!("{nominal_local}Z").parse().unwrap();
        Occurrence {
            key: Key { pipeline: "inbound-calls".to_owned(), nominal_local, fold: 0 },
            due_at,
            window_from: due_at - 24.hours(),
            window_to: due_at,
            origin: OccurrenceOrigin::Schedule,
        }
    }

    /// With a run: ten rows read, eight loaded, two rejected, and a second file held.
    pub(super) fn loaded(&self) -> (Settings, Box<dyn Warehouse>) {
        let (settings, mut warehouse) = self.migrated();
        let pipeline = "inbound-calls";
        let lease = match Lease::claim(warehouse.as_mut(), pipeline, 60).unwrap() {
            Claimed::Mine(lease) => lease,
            Claimed::Held(by) => panic!("{by}"),
        };
        let run_no = etl_run::start(warehouse.as_mut(), pipeline, "hash", &lease).unwrap();
        for (unit_id, mark) in [
            ("sha256:aa:100", Mark { state: "loaded", rows_read: 10, ..Mark::default() }),
            ("sha256:bb:100", Mark { state: "held", reason: Some("other content than before"), ..Mark::default() }),
        ] {
            let unit = Unit { id: unit_id.to_owned(), name: "march.csv".to_owned() };
            let candidate =
                Candidate { name: unit.name.clone(), bytes: Some(100), modified: None, readiness: Readiness::Ready };
            mark_alone(warehouse.as_mut(), pipeline, &candidate, &unit, &mark).unwrap();
        }
        let dialect = warehouse.dialect();
        let seal = opening::seal(&settings).unwrap();
        let reject = |ordinal: u64, stage: Stage, raw: &[u8]| {
            let place = Place { ordinal, offset: ordinal * 20, length: 18, line: ordinal + 2 };
            Reject {
                place,
                stage,
                record_kind: (stage != Stage::Decode).then_some("campaign_response"),
                code: if stage == Stage::Decode { "bad_encoding" } else { "bad_date" }.to_owned(),
                field: Some("occurred_at".to_owned()),
                text: "2025-02-30".to_owned(),
                reason: "there is no such day".to_owned(),
                value_at_risk: Some(12_500_000),
                currency: None,
                raw_sealed: seal.seal(raw, &sealed_place("sha256:aa:100", &place)),
            }
        };
        let rejects = [reject(2, Stage::Map(0), b"7,2025-02-30,12.50"), reject(5, Stage::Decode, &[0xff, 0xfe, b'A'])];
        let mut transaction = warehouse.begin().unwrap();
        let batches = format!(
            "INSERT INTO {} (batch_no, batch_id, run_no, pipeline, unit_id, position_from, position_to, rows_read, \
             rows_undecodable, epoch, app_version, config_hash, committed_at) VALUES (?1, ?2, {run_no}, '{pipeline}', \
             'sha256:aa:100', ?3, 'end', 10, 1, 1, '0', 'hash', {})",
            dialect.stored(&ETL_BATCH),
            dialect.now()
        );
        // The second one is a replay, whose rows were counted before.
        transaction.execute(&batches, &[1.into(), "one".into(), "start".into()]).unwrap();
        transaction.execute(&batches, &[2.into(), "two".into(), "replay".into()]).unwrap();
        let controls = format!(
            "INSERT INTO {} (batch_no, output_no, measure, read_total, accepted_total) \
             VALUES (1, 0, 'rows', 10, 8), (1, 0, 'money', 10, 99)",
            dialect.stored(&ETL_CONTROL)
        );
        transaction.execute(&controls, &[]).unwrap();
        let dirty = format!(
            "INSERT INTO {} (table_name, batch_no) VALUES ('campaign_response', 1), ('conversion', 1)",
            dialect.stored(&ETL_DIRTY)
        );
        transaction.execute(&dirty, &[]).unwrap();
        let origin = Origin { batch_no: 1, pipeline, unit_id: "sha256:aa:100" };
        reject::write(transaction.as_mut(), dialect, origin, &rejects, reject::Fate::Rejected).unwrap();
        transaction.commit().unwrap();
        etl_run::finish(warehouse.as_mut(), run_no, &lease, ("partly", "1 file is held"), None).unwrap();
        (settings, warehouse)
    }
}

/// The text with every moment written alike.
pub(super) fn undated(text: &str) -> String {
    let moment = regex::Regex::new(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?").unwrap();
    moment.replace_all(text, "[moment]").replace("\r\n", "\n")
}

#[test]
fn an_empty_warehouse_says_what_to_do() {
    let fixture = Fixture::new();
    let failure = opening::current_warehouse(&fixture.settings_file()).err().unwrap();
    assert_eq!(failure.exit(), Exit::Unavailable);
    insta::assert_snapshot!(
        failure.message(false),
        @"error: the warehouse has version 0 and this campaignd needs version 1: run `campaignd migrate`"
    );
    let (settings, _) = fixture.migrated();
    let unknown = opening::known_pipelines(&settings, &["inbound-calls".to_owned(), "calls".to_owned()]).unwrap_err();
    insta::assert_snapshot!(
        unknown,
        @"could not find the pipeline `calls`: the settings have no such pipeline; there are inbound-calls"
    );
    let missing = opening::settings(Path::new("/nowhere/campaignd.toml")).unwrap_err();
    assert!(missing.message(false).starts_with("error: "), "{}", missing.message(false));
}

/// The long help of a command, as wide as a terminal of 100 characters shows it; of the whole without a name.
fn help(path: &[&str]) -> String {
    let mut command = Cli::command().term_width(100);
    command.build();
    let mut command = &mut command;
    for name in path {
        command = command.find_subcommand_mut(name).unwrap();
    }
    command.render_long_help().to_string()
}

#[test]
fn the_declaration_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn help_texts() {
    insta::assert_snapshot!("help", help(&[]));
    let commands: [&[&str]; 27] = [
        &["backfill"],
        &["check"],
        &["completions"],
        &["copybook", "decode"],
        &["copybook", "profile"],
        &["demo"],
        &["events"],
        &["files"],
        &["man-pages"],
        &["migrate"],
        &["once"],
        &["pause"],
        &["preview"],
        &["rejects"],
        &["rejects", "list"],
        &["rejects", "replay"],
        &["rejects", "show"],
        &["resume"],
        &["retry"],
        &["roi"],
        &["runs"],
        &["sample"],
        &["schema"],
        &["settings-schema"],
        &["status"],
        &["test"],
        &["why"],
    ];
    for path in commands {
        insta::assert_snapshot!(format!("help-{}", path.join("-")), help(path));
    }
}

#[test]
fn every_command_says_what_it_does() {
    for command in Cli::command().get_subcommands() {
        assert!(command.get_about().is_some(), "{} says nothing", command.get_name());
        assert!(command.get_arguments().all(|argument| argument.get_help().is_some()), "{}", command.get_name());
    }
}

#[test]
fn what_ends_how() {
    let exit = |arguments: &[&str]| format!("{:?}", run_with([&["campaignd"], arguments].concat()));
    let code = |exit: Exit| format!("{:?}", ExitCode::from(exit));
    assert_eq!(exit(&["--version"]), code(Exit::Done));
    assert_eq!(exit(&["roi", "--help"]), code(Exit::Done));
    assert_eq!(exit(&["rio"]), code(Exit::Usage));
    assert_eq!(exit(&["roi", "--period", "2025"]), code(Exit::Usage));
    assert_eq!(exit(&["schema", "campain"]), code(Exit::Usage));
    assert_eq!(exit(&["rejects", "list", "--limit", "0"]), code(Exit::Usage));
    assert_eq!(exit(&["status", "--config", "/nowhere/campaignd.toml"]), code(Exit::Settings));
}
