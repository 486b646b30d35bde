//! SQL problems put in their place in the TOML, and the columns the SQL may use.

use std::ops::Range;
use std::path::Path;

use campaignd_contract::{BatchLimits, BuildContext, FileBytes, Supervision};

use super::LoadedPipeline;
use super::document::Document;
use super::tree::Given;
use crate::connectors::{FORMATS, find};
use crate::mapping::{self, row_columns};

/// Notes what is wrong with the expressions of a pipeline. What the lints have said of a value already isn't said
/// again in other words, nor what follows from it for the output it is in.
pub fn check(document: &mut Document, pipeline: &LoadedPipeline, base_directory: &Path) {
    let columns = columns_of(pipeline, base_directory).unwrap_or_else(|error| {
        let kind = document.tree.at(["format", "kind"]).or_else(|| document.tree.get("format"));
        let given = kind.map_or(Given::Whole, |kind| kind.given.clone());
        document.problem(&given, error.to_string(), "");
        None
    });
    let columns = columns.map(|mut columns| {
        columns.extend(row_columns(&pipeline.settings).into_iter().map(str::to_owned));
        columns
    });
    let said: Vec<Range<usize>> = document.problems.iter().filter_map(|problem| problem.place.span()).collect();
    let is_said = |region: Range<usize>| said.iter().any(|span| region.start <= span.start && span.end <= region.end);
    for problem in mapping::check(&pipeline.settings, columns.as_deref()) {
        let output = document.tree.at(["output", &problem.output.to_string()]);
        let entry = match (&problem.control, &problem.field) {
            (Some(total), _) => ["sums", "hash_totals"]
                .iter()
                .find_map(|table| document.tree.at(["control", table]).and_then(|totals| totals.entry(total))),
            (None, Some(field)) if field == "when" => output.and_then(|output| output.entry("when")),
            (None, Some(field)) => output.and_then(|output| output.get("fields")?.entry(field)),
            (None, None) => None,
        };
        let (given, is_known) = match (entry, output) {
            (Some(entry), _) if problem.control.is_some() => (&entry.key_given, false),
            (Some(entry), _) => (&entry.value.given, is_said(extent([&entry.key_given, &entry.value.given]))),
            (None, Some(output)) => {
                let zone = document.tree.get("mapping").map(|mapping| extent(mapping.all_given()));
                (&output.given, zone.is_some_and(&is_said) || is_said(extent(output.all_given())))
            }
            (None, None) => (&Given::Whole, false),
        };
        let record = output.and_then(|output| output.get("record")).filter(|_| problem.control.is_none());
        if is_known || record.is_some_and(|record| is_said(extent([&record.given]))) {
            continue;
        }
        let given = match problem.at.filter(|_| problem.control.is_none()) {
            Some((line, column)) => word_at(&document.text, given, line, column),
            None => given.clone(),
        };
        document.problem(&given, problem.message, problem.help);
    }
}

/// From the first byte of these to the last.
fn extent<'g>(given: impl IntoIterator<Item = &'g Given>) -> Range<usize> {
    let spans = given.into_iter().filter_map(|given| match given {
        Given::At(span) => Some(span.clone()),
        _ => None,
    });
    spans.reduce(|all, span| all.start.min(span.start)..all.end.max(span.end)).unwrap_or_default()
}

/// The columns the pipeline's expressions may use, where they can be known without its source: those that the format
/// declares, or those of the first golden case (`NAME.tests/CASE/input.*` beside the pipeline's file `NAME.toml`).
/// An error is that of a file which the format's settings name, such as a copybook.
fn columns_of(
    pipeline: &LoadedPipeline,
    base_directory: &Path,
) -> Result<Option<Vec<String>>, campaignd_contract::Error> {
    let table = &pipeline.settings.format;
    let context = BuildContext {
        pipeline: pipeline.settings.name.clone(),
        base_directory: base_directory.to_owned(),
        spool_directory: std::env::temp_dir(),
        supervision: Supervision::default(),
    };
    // What else is wrong with its settings was said when they were read.
    let Some(format) = find(FORMATS, &table.kind).and_then(|row| (row.build)(&table.settings, &context).ok()) else {
        return Ok(None);
    };
    let of_first_case = || {
        let input = first_input(&pipeline.file.with_extension("tests"))?;
        let bytes = FileBytes::new(&input, input.display().to_string()).ok()?;
        let reader = format.open(&bytes, None, BatchLimits::default()).ok()?;
        Some(reader.schema().fields().iter().map(|field| field.name().clone()).collect())
    };
    Ok(format.declared_columns()?.or_else(of_first_case))
}

/// The first `input.*` of the cases in a folder of golden cases, by name.
fn first_input(cases: &Path) -> Option<std::path::PathBuf> {
    let sorted = |folder: &Path| {
        let mut paths: Vec<_> = std::fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        Some(paths)
    };
    sorted(cases)?
        .iter()
        .filter_map(|case| sorted(case))
        .flatten()
        .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("input.")))
}

/// The word at a line and column (both from 1) of the SQL in a TOML string.
fn word_at(text: &str, given: &Given, line: usize, column: usize) -> Given {
    let Given::At(span) = given else { return given.clone() };
    let whole = super::inside(text, given, 0..1);
    let Given::At(body) = &whole else { return whole };
    if body == span {
        return whole;
    }
    let body = &text[body.start..span.end];
    let Some(line_start) = line
        .checked_sub(1)
        .and_then(|lines| std::iter::once(0).chain(body.match_indices('\n').map(|(at, _)| at + 1)).nth(lines))
    else {
        return given.clone();
    };
    let rest = body[line_start..].lines().next().unwrap_or_default();
    let Some((at, first)) = rest.char_indices().nth(column.saturating_sub(1)) else { return given.clone() };
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let length = match first {
        '"' => rest[at + 1..].find('"').map_or(1, |closing| closing + 2),
        _ if is_word(first) => rest[at..].find(|c| !is_word(c)).unwrap_or(rest.len() - at),
        _ => first.len_utf8(),
    };
    super::inside(text, given, line_start + at..line_start + at + length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree;

    #[test]
    fn points_at_the_word_inside_a_plain_string() {
        let text = "a = \"x + dinis\"\nb = '''\nx +\n  dinis * 2'''\nc = \"'\\\"' || dinis\"\nd = 'x; y'\ne = '1 + \"Call Id\"'\n";
        let (tree, errors) = tree::parse(text);
        assert_eq!(errors, []);
        let word = |key: &str, line, column| match word_at(text, &tree.get(key).unwrap().given, line, column) {
            Given::At(span) => &text[span],
            other => panic!("{other:?}"),
        };
        assert_eq!(word("a", 1, 5), "dinis");
        assert_eq!(word("b", 2, 3), "dinis");
        assert_eq!(word("d", 1, 2), ";");
        assert_eq!(word("e", 1, 5), "\"Call Id\"");
        // Escapes shift columns, and a place outside the text is none: then the whole string is shown.
        assert_eq!(word("c", 1, 8), "\"'\\\"' || dinis\"");
        assert_eq!(word("a", 9, 1), "\"x + dinis\"");
        assert_eq!(word("a", 1, 99), "\"x + dinis\"");
    }

    #[test]
    fn finds_the_input_of_the_first_golden_case() {
        let folder = tempfile::tempdir().unwrap();
        for case in ["b", "a"] {
            std::fs::create_dir_all(folder.path().join("calls.tests").join(case)).unwrap();
            std::fs::write(folder.path().join("calls.tests").join(case).join("input.csv"), "x\n").unwrap();
        }
        let found = first_input(&folder.path().join("calls.tests")).unwrap();
        assert!(found.ends_with("calls.tests/a/input.csv"));
        assert_eq!(first_input(&folder.path().join("orders.tests")), None);
    }
}
