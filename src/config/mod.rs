//! TOML to typed settings, with the place of every value.
//!
//! `campaignd.toml` (under the environment) and each pipeline file go the same way: text to a tree that knows places
//! ([`tree`]), the tree against the JSON schema of the settings structs (`shape`), then against what a schema can't
//! say (`lints`), and only a tree without mistakes becomes a struct. Whatever is wrong anywhere is said in one
//! [`Report`]; nothing stops at the first mistake.

mod control;
mod currency;
mod document;
mod format_file;
mod layer;
mod lints;
mod network;
mod records;
mod report;
mod schedule;
mod schema;
mod shape;
mod sql;
pub mod tree;

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::schedule::calendar::Calendar;
pub use crate::settings::*;
pub(crate) use crate::suggest::did_you_mean;
use document::Document;
pub use format_file::{FormatFile, format_file};
pub use report::{Place, Problem, Report, Severity};
use tree::{Given, Node};

/// Everything the daemon is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The file they were read from.
    pub file: PathBuf,
    /// Its folder, absolute: relative paths in `campaignd.toml` and in pipelines start here.
    pub base_directory: PathBuf,
    /// Its text.
    pub main_text: Arc<str>,
    /// The daemon's own settings.
    pub daemon: Daemon,
    /// The pipelines, in the order of their file names.
    pub pipelines: Vec<LoadedPipeline>,
    /// What is hardly meant, though it can be run.
    pub warnings: Report,
}

/// A pipeline and its file.
#[derive(Debug, Clone)]
pub struct LoadedPipeline {
    /// The file.
    pub file: PathBuf,
    /// Its text.
    pub text: Arc<str>,
    /// What it says.
    pub settings: Pipeline,
    /// The same with the place of every key and value.
    pub tree: Node,
    /// The days in the file of holidays that its schedule names.
    pub holidays: Option<Calendar>,
    /// SHA-256, in hex, of everything in it that changes what is loaded. Comments, the order of keys, the description
    /// and when it runs don't change it.
    pub hash: String,
}

impl LoadedPipeline {
    /// Settings without a file.
    #[cfg(test)]
    pub(crate) fn for_tests(settings: Pipeline) -> Self {
        let tree = Node { given: Given::Whole, content: tree::Content::Table(Vec::new()) };
        Self { file: PathBuf::new(), text: "".into(), holidays: None, hash: hash(&settings), settings, tree }
    }

    /// Makes the hash one of these bytes too: what a file holds that the settings name.
    pub fn add_to_hash(&mut self, bytes: &[u8]) {
        self.hash = hexadecimal(&Sha256::new().chain_update(&self.hash).chain_update(bytes).finalize());
    }

    /// A problem with the value the keys lead to, or with the file where there is none.
    pub fn problem(&self, path: &[&str], message: impl Into<String>, help: impl Into<String>) -> Problem {
        let place = match self.tree.at(path.iter().copied()).map(|node| &node.given) {
            Some(Given::At(span)) => {
                Place::Text { file: self.file.clone(), text: self.text.clone(), span: span.clone() }
            }
            _ => Place::File(self.file.clone()),
        };
        Problem::error(place, message, help)
    }
}

/// Reads `campaignd.toml` at `path` and its pipelines, the environment included, if there is no mistake in them.
///
/// # Errors
///
/// Everything that is wrong, warnings included.
pub fn load(path: &Path) -> Result<Settings, Report> {
    let (settings, report) = read(path, layer::variables());
    match settings {
        Some(settings) => Ok(Settings { warnings: report, ..settings }),
        None => Err(report),
    }
}

/// Everything that is wrong with `campaignd.toml` at `path`, the environment and all pipelines.
pub fn check(path: &Path) -> Report {
    read(path, layer::variables()).1
}

/// Like [`check`], with these environment variables in place of the process's own.
pub fn check_under(path: &Path, variables: impl IntoIterator<Item = (String, String)>) -> Report {
    read(path, variables.into_iter().collect()).1
}

/// JSON schema (draft 2020-12) of `campaignd.toml`, for editors.
pub fn daemon_schema() -> Value {
    schema::daemon()
}

/// JSON schema (draft 2020-12) of a pipeline file, for editors: with connectors, record kinds and their columns.
pub fn pipeline_schema() -> Value {
    schema::pipeline_with_records()
}

fn read(path: &Path, variables: HashMap<String, String>) -> (Option<Settings>, Report) {
    let mut main = Document::read(path, &schema::daemon(), variables);
    lints::daemon(&mut main);
    let base = path.parent().unwrap_or(Path::new(""));
    let base_directory = std::path::absolute(if base.as_os_str().is_empty() { Path::new(".") } else { base })
        .unwrap_or_else(|_| base.to_owned());
    let daemon: Option<Daemon> = typed(&mut main);

    let schema = schema::pipeline();
    let mut documents: Vec<Document> =
        pipeline_files(&mut main, base).iter().map(|file| Document::read(file, &schema, HashMap::new())).collect();
    documents.iter_mut().for_each(lints::pipeline);
    network::check(&mut documents);
    let pipelines: Vec<Option<LoadedPipeline>> =
        documents.iter_mut().map(|document| loaded(document, &base_directory)).collect();

    let (files, main_text) = (1 + documents.len(), main.text.clone());
    let problems = std::iter::once(main).chain(documents).flat_map(Document::into_problems).collect();
    let report = Report { problems, files };
    if report.errors() > 0 {
        return (None, report);
    }
    let pipelines: Option<Vec<LoadedPipeline>> = pipelines.into_iter().collect();
    let settings = daemon.zip(pipelines).map(|(daemon, pipelines)| Settings {
        file: path.to_owned(),
        main_text,
        base_directory,
        daemon,
        pipelines,
        warnings: Report::default(),
    });
    (settings, report)
}

/// The pipeline files, by name. Where there are none, that is a mistake of `campaignd.toml`.
fn pipeline_files(main: &mut Document, base: &Path) -> Vec<PathBuf> {
    if main.tree.entries().is_empty() && main.problems.iter().any(|problem| matches!(problem.place, Place::File(_))) {
        return Vec::new();
    }
    let node = main.tree.get("pipelines").cloned();
    let given = node.as_ref().map_or(Given::Whole, |node| node.given.clone());
    let folder = base.join(node.as_ref().and_then(Node::text).unwrap_or("pipelines"));
    let shown = folder.display();
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) => {
            let help = "make the folder, or name the one that holds the pipelines: `pipelines = \"…\"`";
            main.problem(&given, format!("could not read the folder of pipelines `{shown}`: {error}"), help);
            return Vec::new();
        }
    };
    let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut files: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "toml") && !path.is_dir()).collect();
    files.sort();
    if files.is_empty() {
        let help = "`campaignd sample pipeline` prints one to start from";
        main.problem(&given, format!("the folder of pipelines `{shown}` holds no .toml file"), help);
    }
    files
}

/// The struct of a tree that fits its schema.
fn typed<T: serde::de::DeserializeOwned>(document: &mut Document) -> Option<T> {
    if !document.fits() {
        return None;
    }
    match serde_json::from_value(document.tree.to_json()) {
        Ok(settings) => Some(settings),
        Err(error) => {
            document.problem(&Given::Whole, format!("could not understand the settings: {error}"), "");
            None
        }
    }
}

fn loaded(document: &mut Document, base_directory: &Path) -> Option<LoadedPipeline> {
    let settings: Pipeline = typed(document)?;
    let schedule = settings.schedule.as_ref();
    let pipeline = LoadedPipeline {
        file: document.file.clone(),
        holidays: schedule.and_then(|schedule| schedule::holidays(document, schedule, base_directory)),
        text: document.text.clone(),
        hash: hash(&settings),
        settings,
        tree: document.tree.clone(),
    };
    sql::check(document, &pipeline, base_directory);
    Some(pipeline)
}

/// The pipeline's hash: of its settings, defaults filled in, keys sorted, without what changes no row.
fn hash(pipeline: &Pipeline) -> String {
    let settings = Pipeline {
        description: String::new(),
        enabled: true,
        after: Vec::new(),
        schedule: None,
        retry: Retry::default(),
        ..pipeline.clone()
    };
    let mut value = serde_json::to_value(settings).unwrap_or_default();
    value.sort_all_objects();
    hexadecimal(&Sha256::digest(value.to_string()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |hex, byte| hex + &format!("{byte:02x}"))
}

/// The place of some bytes of a text in the TOML string that holds it, where the string is written plainly enough
/// to tell; else the whole string.
fn inside(text: &str, given: &Given, bytes: Range<usize>) -> Given {
    let Given::At(span) = given else { return given.clone() };
    let Some(string) = text.get(span.clone()) else { return given.clone() };
    let quotes = string.chars().take_while(|c| *c == string.chars().next().unwrap_or(' ')).count();
    let quotes = if quotes >= 6 || quotes == 2 { return given.clone() } else { quotes.min(3) };
    let body = string.get(quotes..string.len().saturating_sub(quotes)).unwrap_or_default();
    let leading = if quotes == 3 { body.len() - body.trim_start_matches(['\r', '\n']).len() } else { 0 };
    if !string.starts_with(['"', '\'']) || body.contains('\\') || leading > 2 || bytes.is_empty() {
        return given.clone();
    }
    let start = span.start + quotes + leading;
    if start + bytes.end > span.end - quotes {
        return given.clone();
    }
    Given::At(start + bytes.start..start + bytes.end)
}
