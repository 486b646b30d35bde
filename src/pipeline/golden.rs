//! Golden cases of a pipeline: `NAME.tests/CASE/` beside its file `NAME.toml` holds `input.*`, an
//! `expected.RECORD.csv` for each record kind and `expected.rejects.csv`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use arrow_array::{Array as _, ArrayRef, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::DataType;
use campaignd_contract::{BatchLimits, FileBytes};

use super::PipelineError;
use super::assemble::Assembled;
use super::preview::{Preview, map_rows};

/// How a case went.
#[derive(Debug)]
pub struct CaseResult {
    /// Its folder's name.
    pub name: String,
    /// What differs, file by file; empty: it passed.
    pub differences: Vec<String>,
    /// Files written because they were to be updated.
    pub written: Vec<PathBuf>,
}

/// Runs every case. With `update`, what comes out is written as what is expected.
pub fn check_cases(assembled: &Assembled, update: bool) -> Result<Vec<CaseResult>, PipelineError> {
    let folder = assembled.pipeline.file.with_extension("tests");
    let mut cases: Vec<PathBuf> = match std::fs::read_dir(&folder) {
        Ok(entries) => {
            entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).filter(|path| path.is_dir()).collect()
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(&folder, &error)),
    };
    cases.sort();
    cases.iter().map(|case| run(assembled, case, update)).collect()
}

fn run(assembled: &Assembled, case: &Path, update: bool) -> Result<CaseResult, PipelineError> {
    let input = files(case)?.into_iter().find(|path| name_of(path).starts_with("input.")).ok_or_else(|| {
        PipelineError::Case { path: case.display().to_string(), wrong: "it has no input.* file".into() }
    })?;
    let bytes = FileBytes::new(&input, input.display().to_string())?;
    let reader = assembled.format.open(&bytes, None, BatchLimits::default())?;
    let preview = map_rows(assembled, reader, "golden:case:0", &name_of(&input), usize::MAX)?;
    let actual = actual(&preview)?;
    let mut result = CaseResult { name: name_of(case), differences: Vec::new(), written: Vec::new() };
    for (name, text) in &actual {
        let path = case.join(name);
        let expected = match std::fs::read_to_string(&path) {
            Ok(expected) => expected.replace("\r\n", "\n"),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(unreadable(&path, &error)),
        };
        if expected == *text {
            continue;
        }
        if update {
            std::fs::write(&path, text).map_err(|error| unreadable(&path, &error))?;
            result.written.push(path);
        } else {
            result.differences.push(difference(name, &expected, text));
        }
    }
    for path in files(case)? {
        let name = name_of(&path);
        if name.starts_with("expected.") && !actual.contains_key(&name) {
            result.differences.push(format!("{name}: no output of the pipeline writes this record kind"));
        }
    }
    Ok(result)
}

/// The expected files as they would have to be.
fn actual(preview: &Preview) -> Result<BTreeMap<String, String>, PipelineError> {
    let mut files = BTreeMap::new();
    for output in &preview.outputs {
        let text = files.entry(format!("expected.{}.csv", output.table.name)).or_insert_with(String::new);
        let mut writer = csv::Writer::from_writer(Vec::new());
        for (batch, _) in &output.batches {
            if text.is_empty() {
                let names: Vec<&str> = batch.schema_ref().fields().iter().map(|field| field.name().as_str()).collect();
                write(&mut writer, &names)?;
                text.push(' ');
            }
            for row in cells(batch)? {
                write(&mut writer, &row)?;
            }
        }
        let written = writer.into_inner().map_err(|error| case_error(&error.to_string()))?;
        let written = String::from_utf8_lossy(&written).into_owned();
        *text = format!("{}{written}", text.trim_start_matches(' '));
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    write(&mut writer, &["line", "field", "code", "text"])?;
    for reject in &preview.rejects {
        let line = reject.place.line.to_string();
        write(&mut writer, &[line.as_str(), &reject.field, &reject.code, &reject.text])?;
    }
    let rejects = writer.into_inner().map_err(|error| case_error(&error.to_string()))?;
    files.insert("expected.rejects.csv".into(), String::from_utf8_lossy(&rejects).into_owned());
    Ok(files)
}

/// The cells of a batch as text: dates and timestamps in their canonical form, NULL as nothing.
pub fn cells(batch: &RecordBatch) -> Result<Vec<Vec<String>>, PipelineError> {
    let options = FormatOptions::new()
        .with_null("")
        .with_timestamp_format(Some("%Y-%m-%d %H:%M:%S%.f"))
        .with_date_format(Some("%Y-%m-%d"));
    let columns: Vec<ArrayRef> = batch.columns().to_vec();
    let formatters = columns
        .iter()
        .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
        .collect::<Result<Vec<_>, _>>()?;
    let mut rows = Vec::with_capacity(batch.num_rows());
    for row in 0..batch.num_rows() {
        let mut cells = Vec::with_capacity(columns.len());
        for (column, formatter) in columns.iter().zip(&formatters) {
            let bytes = matches!(column.data_type(), DataType::Binary | DataType::LargeBinary);
            cells.push(if column.is_null(row) {
                String::new()
            } else if bytes {
                format!("0x{}", formatter.value(row))
            } else {
                formatter.value(row).to_string()
            });
        }
        rows.push(cells);
    }
    Ok(rows)
}

fn difference(name: &str, expected: &str, actual: &str) -> String {
    let mut lines = vec![format!("{name}:")];
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), actual.lines().collect());
    for line in &old {
        if !new.contains(line) {
            lines.push(format!("  - {line}"));
        }
    }
    for line in &new {
        if !old.contains(line) {
            lines.push(format!("  + {line}"));
        }
    }
    if lines.len() == 1 {
        lines.push("  the lines are the same, their order or their line ends differ".into());
    }
    lines.join("\n")
}

fn write<T: AsRef<[u8]>>(writer: &mut csv::Writer<Vec<u8>>, row: &[T]) -> Result<(), PipelineError> {
    writer.write_record(row).map_err(|error| case_error(&error.to_string()))
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, PipelineError> {
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    Ok(paths)
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn unreadable(path: &Path, error: &std::io::Error) -> PipelineError {
    PipelineError::Case { path: path.display().to_string(), wrong: error.to_string() }
}

fn case_error(wrong: &str) -> PipelineError {
    PipelineError::Case { path: "what came out".into(), wrong: wrong.to_owned() }
}
