//! `campaignd copybook decode --preset cobrix`: the rows that Cobrix, the data source of Spark, reads in a file.
//!
//! Whoever changes from Cobrix wants to see that nothing changes. So its options are taken by its own names, and what it
//! reads as null is null here; what is told besides is how many fields had no value, which it doesn't tell.
//!
//! The options become the settings of a copybook format, as a pipeline has them, and the shape of rows:
//! `options` → `settings` and `plan` → the format's records → `segments` → `row`, which `rows` prints.

mod expression;
mod lengths;
mod options;
mod plan;
mod row;
mod rows;
mod segments;
mod settings;
mod shape;
mod text;
mod words;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use campaignd_contract::Error;
use campaignd_formats::{CopybookFile, CopybookFormat, CopybookSettings};
use serde_json::Value;

use self::options::Preset;
use self::plan::Plan;
use self::rows::{Printer, Stop};
use crate::cli::exit::{Exit, Failure};

/// What is wanted.
pub struct Wanted<'w> {
    /// The file, or a folder of them.
    pub file: &'w Path,
    /// Which copybook describes it, how it is compressed; nothing else.
    pub settings: CopybookSettings,
    /// The folder relative paths start at.
    pub base: &'w Path,
    /// The peer's options.
    pub options: &'w [(String, String)],
    /// Rows at most.
    pub take: Option<u64>,
}

/// The options in a JSON file: an object of them, or one that has such an object called `options`.
pub fn options_in_json(file: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let shown = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|e| Failure::Input(Error::io("read", &shown, &e)))?;
    let wrong = |wrong: String| Failure::Asked(Error::permanent("understand the options in", &shown, wrong));
    let mut whole: Value = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let options = if whole.get("options").is_some() { whole["options"].take() } else { whole };
    let Value::Object(options) = options else { return Err(wrong("they are no object".into())) };
    let text = |(name, value): (String, Value)| match value {
        Value::String(text) => Ok((name, text)),
        Value::Bool(_) | Value::Number(_) => Ok((name, value.to_string())),
        _ => Err(wrong(format!("`{name}` is neither text nor a number, nor true or false"))),
    };
    options.into_iter().map(text).collect()
}

fn asked(wrong: impl Into<String>) -> Failure {
    Failure::Asked(Error::permanent("use", "the preset cobrix", wrong.into()))
}

/// Prints the rows.
pub fn run(wanted: Wanted<'_>) -> Result<Exit, Failure> {
    let options = wanted.options.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let preset = Preset::new(options).map_err(asked)?;
    let file = opened(&preset, wanted.settings.clone(), wanted.base)?;
    let plan = Plan::new(file.layout(), preset).map_err(asked)?;
    // The length of a record is known only once the copybook is.
    let settings = plan.preset.settings(wanted.settings, Some(&plan)).map_err(asked)?;
    let file = CopybookFormat::new(settings, wanted.base)
        .and_then(|format| format.with_copybook(&plan.preset.dialect()))
        .map_err(Failure::Asked)?;
    let mut printer = Printer::new(&plan, wanted.take.unwrap_or(u64::MAX));
    for (number, path) in files(wanted.file).map_err(Failure::Input)?.iter().enumerate() {
        match printer.file(&file, path, number) {
            Ok(()) => {}
            // A reader that closed the pipe has seen enough.
            Err(Stop::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Exit::Done),
            Err(Stop::Output(error)) => return Err(Failure::Output(error)),
            Err(Stop::Failed(failure)) => return Err(failure),
        }
    }
    printer.end()
}

fn opened(preset: &Preset, settings: CopybookSettings, base: &Path) -> Result<CopybookFile, Failure> {
    let settings = preset.settings(settings, None).map_err(asked)?;
    let format = CopybookFormat::new(settings, base).map_err(Failure::Asked)?;
    format.with_copybook(&preset.dialect()).map_err(Failure::Input)
}

/// The file, or those of a folder and the folders in it, by name; hidden ones left out, as Spark leaves them out.
fn files(path: &Path) -> Result<Vec<PathBuf>, Error> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let failed = |e: &io::Error| Error::io("list", path.display().to_string(), e);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).map_err(|e| failed(&e))? {
        let entry = entry.map_err(|e| failed(&e))?;
        if !entry.file_name().to_string_lossy().starts_with(['.', '_']) {
            found.push(entry.path());
        }
    }
    found.sort();
    let mut all = Vec::new();
    for path in found {
        // A link that leads back into the folder would never end.
        if path.is_dir() && path.is_symlink() {
            continue;
        }
        all.extend(if path.is_dir() { files(&path)? } else { vec![path] });
    }
    Ok(all)
}
