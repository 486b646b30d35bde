//! What README.md and ARCHITECTURE.md say is so.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::process::Command;

use campaignd::cli::sample::sample;
use campaignd::config;
use campaignd::connectors::{FORMATS, SOURCES, WAREHOUSES};

const README: &str = include_str!("../README.md");
const ARCHITECTURE: &str = include_str!("../ARCHITECTURE.md");
const MANIFEST: &str = include_str!("../Cargo.toml");

#[test]
fn the_readme_lists_the_commands_that_there_are() {
    let help = Command::new(env!("CARGO_BIN_EXE_campaignd")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let commands: BTreeSet<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        // A long description goes on below, further in.
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .collect();
    assert!(!commands.is_empty(), "`campaignd --help` lists no commands:\n{help}");
    assert_eq!(first_column(README, "## Commands"), commands);
}

#[test]
fn every_dependency_has_its_reason() {
    let manifest: toml::Table = MANIFEST.parse().unwrap();
    let dependencies = manifest["workspace"]["dependencies"].as_table().unwrap();
    let dependencies: BTreeSet<&str> = dependencies.keys().map(String::as_str).collect();
    assert_eq!(first_column(ARCHITECTURE, "## Dependencies"), dependencies);
}

#[test]
fn every_connector_is_in_the_table() {
    let kinds: BTreeSet<&str> = SOURCES
        .iter()
        .map(|connector| connector.kind)
        .chain(FORMATS.iter().map(|connector| connector.kind))
        .chain(WAREHOUSES.iter().map(|connector| connector.kind))
        .collect();
    assert_eq!(first_column(ARCHITECTURE, "## Connectors"), kinds);
}

#[test]
fn the_pipeline_of_the_readme_passes_check() {
    let pipeline = README.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("pipelines")).unwrap();
    fs::write(folder.path().join("campaignd.toml"), sample("campaignd").unwrap()).unwrap();
    fs::write(folder.path().join("pipelines/inbound-calls.toml"), pipeline).unwrap();
    let report = config::check_under(&folder.path().join("campaignd.toml"), HashMap::new());
    assert!(report.problems.is_empty(), "{report}");
}

/// What stands in backquotes in the first column of the table below a heading.
fn first_column<'t>(text: &'t str, heading: &str) -> BTreeSet<&'t str> {
    text.lines()
        .skip_while(|line| *line != heading)
        .skip(1)
        .take_while(|line| !line.starts_with("## "))
        .filter_map(|line| line.strip_prefix('|')?.split('|').next())
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect()
}
