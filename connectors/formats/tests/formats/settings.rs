//! Samples and wrong settings.

use std::path::Path;

use campaignd_contract::ConnectorSettings;
use campaignd_formats::{CopybookSettings, Csv, CsvSettings, FixedWidthSettings, JsonSettings};

fn sample<S: ConnectorSettings>() -> S {
    let sample: toml::Table = toml::from_str(S::SAMPLE).unwrap();
    let mut table = sample["format"].as_table().unwrap().clone();
    assert_eq!(table.remove("kind").unwrap().as_str(), Some(S::KIND));
    let settings: S = table.try_into().unwrap();
    assert_eq!(settings.problems(), []);
    settings
}

fn problems<S: ConnectorSettings>(settings: &str) -> String {
    let settings: S = toml::from_str(settings).unwrap();
    let line = |problem: &campaignd_contract::SettingsProblem| {
        format!("{}: {}; {}", problem.path.join("."), problem.message, problem.help)
    };
    settings.problems().iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn samples_say_what_is_the_default() {
    assert_eq!(sample::<CsvSettings>(), CsvSettings::default());
    let fixed_width = sample::<FixedWidthSettings>();
    assert_eq!(FixedWidthSettings { columns: Vec::new(), ..fixed_width }, FixedWidthSettings::default());
    let json = sample::<JsonSettings>();
    assert_eq!(JsonSettings { columns: JsonSettings::default().columns, ..json }, JsonSettings::default());
    let copybook = sample::<CopybookSettings>();
    assert_eq!(copybook, CopybookSettings::new("copybooks/CALLS.cpy".into()));
}

#[test]
fn wrong_copybook_settings() {
    insta::assert_snapshot!(problems::<CopybookSettings>("copybook = \"\"\ncode_page = \"cp1\"\nframing = \"lines\"\nleftover = \"ignore\"\nrecord_length = 5\ndescriptor = { adjust = 1 }\nblock_descriptor = {}"), @r#"
    copybook: there is no file; name it, such as `copybooks/CALLS.cpy`
    code_page: `cp1` isn't a code page; there are common, cp037, cp273, cp277, cp278, cp280, cp284, cp285, cp297, cp420, cp424, cp500, cp838, cp870, cp871, cp875, cp930, cp933, cp935, cp937, cp939, cp1025, cp1026, cp1047, cp1140, cp1141, cp1142, cp1143, cp1144, cp1145, cp1146, cp1147, cp1148, cp1149, cp1364, cp1388, ascii, latin1
    record_length: only fixed records have one length; leave it out, or set `framing = "fixed"`
    block_descriptor: only blocks have block descriptor words; leave it out, or set `framing = "variable_blocked"`
    leftover: only fixed records have one length; leave it out, or set `framing = "fixed"`
    descriptor: only variable records have descriptor words; leave it out, or set `framing = "variable"`
    "#);
}

#[test]
fn wrong_csv_settings() {
    insta::assert_snapshot!(problems::<CsvSettings>("delimiter = \";;\"\nquote = \"\"\nescape = \"\\\\\"\ncomment = \"\\n\"\nheader = false\nencoding = \"utf8000\""), @r#"
    delimiter: `;;` can't be used; give one ASCII character that isn't a line end, such as `;` or `\t`
    comment: `\n` can't be used; give one ASCII character that isn't a line end, such as `;` or `\t`
    escape: there is no quote; an escape works inside quotes: give `quote`, or leave `escape` out
    header: without a header the columns have no names; name the columns in order: `columns = ["call_id", "dnis"]`
    encoding: `utf8000` isn't the label of an encoding; use a label of the Encoding Standard, such as `utf-8`, `windows-1252`, `iso-8859-15`, `utf-16le` or `shift_jis`
    "#);
    insta::assert_snapshot!(problems::<CsvSettings>("delimiter = \"\\t\"\ncomment = \"\\t\"\ncolumns = [\"a\", \"\", \"a\"]\n[archive]\nentry = \"[\"\nmax_ratio = 0\n[trailer]\nstarts_with = \"\"\ncolumns = []"), @r#"
    comment: `\t` is the delimiter already; give each a character of its own; a quote that is doubled needs no `escape`
    columns: column 2 has no name; every column needs a name, since the mapping speaks of columns by name
    columns: column `a` is there twice; give each column a name of its own
    archive.entry: isn't a pattern: unclosed character class; missing ']'; `*` stands for any text, `?` for one character: `entry = "*.csv"`
    archive.max_ratio: is 0, so that nothing could be read; give at least 1
    trailer.starts_with: every record starts with nothing; give the text by which it is told from a row, such as `TRL`
    trailer.columns: the fields of the trailer have no names; name them in order: `columns = ["record_type", "record_count"]`
    "#);
    let error = Csv::new(toml::from_str("delimiter = \"\"").unwrap(), Path::new("")).unwrap_err().to_string();
    insta::assert_snapshot!(error, @r#"could not use delimiter of the csv format: `` can't be used; give one ASCII character that isn't a line end, such as `;` or `\t`"#);
}

#[test]
fn wrong_fixed_width_settings() {
    insta::assert_snapshot!(problems::<FixedWidthSettings>("record_length = 10\nskip_lines = 1\ncolumns = [{ name = \"a\", start = 0, length = 0 }, { name = \"b\", start = 9, length = 3 }]"), @r#"
    columns: column `a` starts at 0; the first character of a row is 1
    columns: column `a` has no length; give at least 1
    columns: column `b` ends at 11, a row at 10; correct it or `record_length`
    skip_lines: with `record_length` there are no lines to skip; leave it out, or leave `record_length` out
    "#);
    insta::assert_snapshot!(problems::<FixedWidthSettings>(""), @r#"columns: there are no columns; say where they stand: `columns = [{ name = "call_id", start = 1, length = 10 }]`"#);
}

#[test]
fn wrong_json_settings() {
    insta::assert_snapshot!(problems::<JsonSettings>("array_path = \"a[\"\n[columns]\na = \"b..c\""), @r#"
    columns.a: `b..c` isn't a path: a key is missing; keys with dots between them, `[0]` for the first item: `items[0].sku`
    array_path: with one row a line there is no array; set `layout = "array"`, or leave `array_path` out
    array_path: `a[` isn't a path: there should be a dot or `[n]` before `[`; keys with dots between them, `[0]` for the first item: `items[0].sku`
    "#);
    insta::assert_snapshot!(problems::<JsonSettings>(""), @r#"columns: there are no columns; say where each stands: `columns = { call_id = "id", dnis = "to.number" }`"#);
}
