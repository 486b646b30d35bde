//! Golden cases of settings: `tests/settings/CASE/{campaignd.toml, pipelines/*.toml, expected.txt}`.
//!
//! Each is checked as `campaignd check` does it, and the report must be `expected.txt` to the letter. Variables for a
//! case stand in its file `environment`, a line each. `UPDATE_EXPECTED=1 cargo test --test settings` writes what is
//! reported now; read the difference before you keep it.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use campaignd::cli::sample::{kinds, sample};
use campaignd::config;

const CASES: &str = "tests/settings";

#[test]
fn every_case_reports_what_is_expected() {
    let mut cases: Vec<PathBuf> = fs::read_dir(CASES).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let mut wrong = Vec::new();
    for case in &cases {
        let reported = report(case);
        let expected = case.join("expected.txt");
        if update {
            fs::write(&expected, &reported).unwrap();
        } else if fs::read_to_string(&expected).ok().as_ref() != Some(&reported) {
            wrong.push(format!("{}\n{reported}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases differ:\n\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn report(case: &Path) -> String {
    let variables = fs::read_to_string(case.join("environment")).unwrap_or_default();
    let variables: HashMap<String, String> = variables
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let report = config::check_under(&case.join("campaignd.toml"), variables);
    // Files that the settings name are told with their whole path.
    let whole = fs::canonicalize(case).expect("the case is a folder");
    report.render(false).replace(&format!("{}/", whole.display()), "").replace(&format!("{}/", case.display()), "")
}

/// What stands around the sample of a connector to make it a pipeline.
const REST: &str = r#"
[[output]]
record = "campaign_response"
[output.fields]
source_system = "'sample'"
source_key = "_row"
occurred_at = "to_timestamp('2026-01-01 10:00:00')"
"#;

#[test]
fn every_sample_passes_check() {
    let daemon = sample("campaignd").unwrap();
    let without_warehouse = daemon.replace(table(daemon, "[warehouse]"), "");
    for kind in kinds() {
        let text = sample(kind).unwrap();
        let plain = |kind: &str| sample(kind).unwrap();
        let name = "name = \"sample\"\n";
        let (daemon, pipeline) = match text.lines().find(|line| line.starts_with('[')) {
            _ if kind == "campaignd" => (text.to_owned(), plain("pipeline").to_owned()),
            _ if kind == "pipeline" => (daemon.to_owned(), text.to_owned()),
            Some("[source]") => (daemon.to_owned(), format!("{name}{text}{}{REST}", plain("csv"))),
            Some("[format]") => (daemon.to_owned(), format!("{name}{}{text}{REST}", plain("file"))),
            Some("[warehouse]") => (format!("{without_warehouse}\n{text}"), plain("pipeline").to_owned()),
            other => panic!("the sample of {kind} starts with {other:?}"),
        };
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("pipelines")).unwrap();
        fs::write(folder.path().join("campaignd.toml"), daemon).unwrap();
        fs::write(folder.path().join("pipelines/sample.toml"), pipeline).unwrap();
        // What the sample of a copybook format names.
        fs::create_dir(folder.path().join("copybooks")).unwrap();
        fs::write(folder.path().join("copybooks/CALLS.cpy"), "       01  CALL.  05 CALL-ID PIC X(10).\n").unwrap();
        let report = config::check_under(&folder.path().join("campaignd.toml"), HashMap::new());
        assert!(report.problems.is_empty(), "the sample of {kind}:\n{report}");
    }
}

/// The lines from the header to the next blank line.
fn table<'t>(text: &'t str, header: &str) -> &'t str {
    let start = text.find(&format!("\n{header}\n")).expect("the sample has the table") + 1;
    let length = text[start..].find("\n\n").expect("something follows the table");
    &text[start..start + length]
}

#[test]
fn a_comment_or_a_date_to_run_at_changes_no_hash_and_a_delimiter_does() {
    let hash = |change: fn(String) -> String| {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("pipelines")).unwrap();
        fs::copy(format!("{CASES}/right-minimal/campaignd.toml"), folder.path().join("campaignd.toml")).unwrap();
        let pipeline = fs::read_to_string(format!("{CASES}/right-minimal/pipelines/calls.toml")).unwrap();
        let changed = change(pipeline.clone());
        fs::write(folder.path().join("pipelines/calls.toml"), &changed).unwrap();
        let settings = config::load(&folder.path().join("campaignd.toml")).unwrap_or_else(|report| panic!("{report}"));
        (changed != pipeline, settings.pipelines[0].hash.clone())
    };
    let (_, plain) = hash(|text| text);
    assert_eq!(plain.len(), 64);
    let changed_only_to_the_eye: [fn(String) -> String; 6] = [
        |text| text.replace("[mapping]\n", "[retry]\nattempts = 2\n[mapping]\n"),
        |text| format!("# a comment\n{text}"),
        |text| text.replace("5 * * * *", "10 * * * *"),
        |text| text.replace("Call log", "Log of calls"),
        |text| text.replace("kind = \"csv\"\ndelimiter = \";\"", "delimiter = ';'\nkind = 'csv'"),
        |text| text.replace("[mapping]\n", "[mapping]\nskipped_hour = \"reject\"\n"),
    ];
    for change in changed_only_to_the_eye {
        assert_eq!(hash(change), (true, plain.clone()));
    }
    let changed_in_substance: [fn(String) -> String; 3] = [
        |text| text.replace("delimiter = \";\"", "delimiter = \",\""),
        |text| text.replace("<> 'TEST'", "<> 'TRIAL'"),
        |text| text.replace("inbound-calls", "calls"),
    ];
    for change in changed_in_substance {
        let (changed, other) = hash(change);
        assert!(changed && other != plain);
    }
}
