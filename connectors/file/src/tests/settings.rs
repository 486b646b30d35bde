//! The sample, and each way settings can be wrong.

use campaignd_contract::ConnectorSettings;
use insta::assert_snapshot;

use crate::{After, FileSettings, Order, Ready, Revision};

fn parse(text: &str) -> Result<FileSettings, toml::de::Error> {
    toml::from_str(text)
}

/// One line a problem: path, message, help.
fn problems(text: &str) -> String {
    let found = parse(text).unwrap().problems();
    let lines = found.iter().map(|p| format!("{}: {}; {}", p.path.join("."), p.message, p.help));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn sample_parses_and_has_no_problems() {
    let mut sample: toml::Table = toml::from_str(FileSettings::SAMPLE).unwrap();
    let mut source = sample.remove("source").unwrap();
    assert!(sample.is_empty());
    assert_eq!(source.as_table_mut().unwrap().remove("kind").unwrap().as_str(), Some(FileSettings::KIND));
    let settings: FileSettings = source.try_into().unwrap();
    assert_eq!(settings.problems(), []);
    assert_eq!(settings.after, After::Archive);

    for key in settings_keys() {
        assert!(FileSettings::SAMPLE.contains(&format!("{key} =")), "the sample doesn't show `{key}`");
    }
}

fn settings_keys() -> Vec<String> {
    let schema = schemars::schema_for!(FileSettings);
    schema.get("properties").unwrap().as_object().unwrap().keys().cloned().collect()
}

#[test]
fn defaults_change_nothing_at_the_origin() {
    let settings = parse("path = 'in/*.csv'\nready = 'unchanged'").unwrap();
    assert_eq!(settings.problems(), []);
    assert_eq!(
        (settings.after, settings.order, settings.revision, settings.unchanged_seconds()),
        (After::Keep, Order::Name, Revision::Hold, 10)
    );
}

#[test]
fn readiness_has_to_be_chosen() {
    let error = parse("path = 'in/*.csv'").unwrap_err();
    assert_snapshot!(error.message(), @"missing field `ready`");
    assert!(parse("path = 'in/*.csv'\nready = 'trailer'").is_ok_and(|s| s.ready == Ready::Trailer));
}

#[test]
fn unknown_keys_are_refused() {
    assert!(parse("path = 'in/*'\nready = 'trailer'\nafterwards = 'keep'").is_err());
}

#[test]
fn each_mistake_is_named() {
    assert_snapshot!(problems("path = 'in/'\nready = 'trailer'"), @"path: `in/` names no files; add a pattern for the names, such as `in/*.csv`");
    assert_snapshot!(problems("path = 'in/a[.csv'\nready = 'trailer'"), @"path: `a[.csv` is not a pattern of file names: unclosed character class; missing ']'; `*` is any text, `?` one character, `[0-9]` a class, `{a,b}` alternatives");
    assert_snapshot!(problems("path = '/in/*/calls.csv'\nready = 'trailer'"), @"path: only the name part may be a pattern, the directory is taken literally; write one pipeline for each directory");
    assert_snapshot!(problems("path = 'in/*'\nready = 'trailer'\nignore = ['{a', 'b/c']"), @r#"
    ignore: `{a` is not a pattern of file names: unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?); `*` is any text, `?` one character, `[0-9]` a class, `{a,b}` alternatives
    ignore: `b/c` contains a `/`, which no name does; give the name part only
    "#);
    assert_snapshot!(problems("path = 'in/*'\nready = 'marker'"), @r#"ready: `ready = "marker"` needs the name of the marker; add `marker = "{name}.done"`"#);
    assert_snapshot!(problems("path = 'in/*'\nready = 'marker'\nmarker = 'done'"), @"marker: `done` contains neither {name} nor {stem}, so it would belong to every file; write it like `{name}.done` or `{stem}.ok`");
    assert_snapshot!(problems("path = 'in/*'\nready = 'marker'\nmarker = '../{name}.done'"), @"marker: `../{name}.done` leads to another directory; write it like `{name}.done` or `{stem}.ok`");
    assert_snapshot!(problems("path = 'in/*'\nready = 'marker'\nmarker = '{name}'"), @"marker: `{name}` has nothing to tell it from the file's own name; write it like `{name}.done` or `{stem}.ok`");
    assert_snapshot!(problems("path = 'in/*.csv'\nready = 'marker'\nmarker = '{stem}.csv'"), @"marker: `{stem}.csv` is the name of the file itself; write it like `{name}.done` or `{stem}.ok`");
    assert_snapshot!(problems("path = 'in/*'\nready = 'trailer'\nmarker = '{name}.done'"), @r#"marker: a marker is only looked for with `ready = "marker"`; remove `marker`, or set `ready = "marker"`"#);
    assert_snapshot!(problems("path = 'in/*'\nready = 'trailer'\nunchanged_seconds = 3"), @r#"unchanged_seconds: only used with `ready = "unchanged"`; remove `unchanged_seconds`, or set `ready = "unchanged"`"#);
    assert_snapshot!(problems("path = 'in/*'\nready = 'trailer'\nafter = 'archive'"), @r#"after: `after = "archive"` needs the directory to move files to; add `archive = "/path/of/the/archive"`"#);
    assert_snapshot!(problems("path = 'in/*'\nready = 'trailer'\nafter = 'archive'\narchive = 'in/'"), @"archive: is the directory that files are read from; name another one, a folder inside it for example");
    assert_snapshot!(problems("path = 'in/*'\nready = 'trailer'\narchive = 'done'"), @r#"archive: only used with `after = "archive"`; remove `archive`, or set `after = "archive"`"#);
}
