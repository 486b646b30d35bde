//! What the settings of all sources of files have in common.
//!
//! Each source has a settings struct of its own, whose doc comments are its users' documentation. Here is what the
//! common fields may hold, what can be wrong with them, and what becomes of them.

use std::path::Path;
use std::time::Duration;

use campaignd_contract::{Error, Result, SettingsProblem};
use globset::{GlobBuilder, GlobMatcher};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::name::Pattern;
use crate::release::Destination;
use crate::selection::{Rule, Selection};

/// How to tell that a file is complete, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ready {
    /// A second file, written by the sender when it is done, is there.
    Marker,
    /// The content ends with the trailer that its format declares.
    Trailer,
    /// It has not changed for a while.
    Unchanged,
}

/// What becomes of a file that was loaded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum After {
    /// It stays. It is hashed again in every run, and is not loaded again.
    #[default]
    Keep,
    /// It is moved to `archive`.
    Archive,
    /// It is removed.
    Delete,
}

/// In which order files are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// By name, byte by byte.
    #[default]
    Name,
    /// By time of last change, then by name.
    Modified,
}

/// Seconds a file has to be left alone where the settings don't say.
const UNCHANGED_SECONDS: u32 = 10;

/// A pattern for names, as used for `path` and `ignore`.
pub fn glob(pattern: &str) -> Result<GlobMatcher, globset::Error> {
    Ok(GlobBuilder::new(pattern).backslash_escape(true).build()?.compile_matcher())
}

/// The common fields, borrowed from the settings of one source.
#[derive(Debug, Clone, Copy)]
pub struct Choice<'s> {
    /// A directory, taken literally, and a pattern for the names in it.
    pub path: &'s str,
    /// Patterns of names that are no input.
    pub ignore: &'s [String],
    /// How to tell that a file is complete.
    pub ready: Ready,
    /// Name of the marker.
    pub marker: Option<&'s str>,
    /// Seconds a file has to be left alone.
    pub unchanged_seconds: Option<u32>,
    /// What becomes of a loaded file.
    pub after: After,
    /// Where it goes.
    pub archive: Option<&'s Path>,
    /// In which order files are read.
    pub order: Order,
}

impl<'s> Choice<'s> {
    /// Directory and name part of `path`.
    pub fn directory_and_name(&self) -> (&'s Path, &'s str) {
        match self.path.rsplit_once('/') {
            Some(("", name)) => (Path::new("/"), name),
            Some((directory, name)) => (Path::new(directory), name),
            None => (Path::new(""), self.path),
        }
    }

    /// Seconds a file has to be left alone.
    pub fn unchanged_seconds(&self) -> u32 {
        self.unchanged_seconds.unwrap_or(UNCHANGED_SECONDS)
    }

    /// Which names are input, and when they are ready. An error names what [`problems`](Self::problems) finds fault
    /// with.
    pub fn selection(&self, pipeline: &str) -> Result<Selection> {
        let parse =
            |pattern: &str| glob(pattern).map_err(|error| unfit(pipeline, format!("`{pattern}`: {}", error.kind())));
        let (_, pattern) = self.directory_and_name();
        Ok(Selection {
            matches: parse(pattern)?,
            matches_hidden: pattern.starts_with('.'),
            ignore: self.ignore.iter().map(|pattern| parse(pattern)).collect::<Result<_>>()?,
            rule: match (self.ready, self.marker) {
                (Ready::Marker, Some(marker)) => {
                    Rule::Marker(Pattern::parse(marker).map_err(|wrong| unfit(pipeline, wrong))?)
                }
                (Ready::Marker, None) => return Err(unfit(pipeline, "`marker` is missing".to_owned())),
                (Ready::Trailer, _) => Rule::Trailer,
                (Ready::Unchanged, _) => Rule::Unchanged(Duration::from_secs(self.unchanged_seconds().into())),
            },
            order: self.order,
        })
    }

    /// Where loaded files go; relative paths start at `base`.
    pub fn destination(&self, pipeline: &str, base: &Path) -> Result<Destination> {
        match (self.after, self.archive) {
            (After::Keep, _) => Ok(Destination::Keep),
            (After::Delete, _) => Ok(Destination::Delete),
            (After::Archive, Some(archive)) => Ok(Destination::Archive(base.join(archive))),
            (After::Archive, None) => Err(unfit(pipeline, "`archive` is missing".to_owned())),
        }
    }

    /// What is wrong with the common fields.
    pub fn problems(&self) -> Vec<SettingsProblem> {
        let mut problems = Vec::new();
        self.check_path(&mut problems);
        for pattern in self.ignore {
            if let Err(error) = glob(pattern) {
                problems.push(SettingsProblem::new(
                    "ignore",
                    format!("`{pattern}` is not a pattern of file names: {}", error.kind()),
                    "`*` is any text, `?` one character, `[0-9]` a class, `{a,b}` alternatives",
                ));
            } else if pattern.contains('/') {
                problems.push(SettingsProblem::new(
                    "ignore",
                    format!("`{pattern}` contains a `/`, which no name does"),
                    "give the name part only",
                ));
            }
        }
        self.check_readiness(&mut problems);
        self.check_archive(&mut problems);
        problems
    }

    fn check_path(&self, problems: &mut Vec<SettingsProblem>) {
        let (directory, name) = self.directory_and_name();
        if self.path.contains('\0') {
            problems.push(SettingsProblem::new("path", "a path can't contain a zero byte", "remove it"));
        }
        if matches!(name, "" | "." | "..") {
            problems.push(SettingsProblem::new(
                "path",
                format!("`{}` names no files", self.path),
                format!("add a pattern for the names, such as `{}/*.csv`", self.path.trim_end_matches('/')),
            ));
        } else if let Err(error) = glob(name) {
            problems.push(SettingsProblem::new(
                "path",
                format!("`{name}` is not a pattern of file names: {}", error.kind()),
                "`*` is any text, `?` one character, `[0-9]` a class, `{a,b}` alternatives",
            ));
        }
        if directory.to_string_lossy().contains(['*', '?']) {
            problems.push(SettingsProblem::new(
                "path",
                "only the name part may be a pattern, the directory is taken literally",
                "write one pipeline for each directory",
            ));
        }
    }

    fn check_readiness(&self, problems: &mut Vec<SettingsProblem>) {
        match (self.ready, self.marker) {
            (Ready::Marker, None) => problems.push(SettingsProblem::new(
                "ready",
                "`ready = \"marker\"` needs the name of the marker",
                "add `marker = \"{name}.done\"`",
            )),
            (Ready::Marker, Some(marker)) => {
                if let Err(wrong) = Pattern::parse(marker) {
                    problems.push(SettingsProblem::new("marker", wrong, "write it like `{name}.done` or `{stem}.ok`"));
                } else if marker.strip_prefix("{stem}").is_some_and(|suffix| self.path.ends_with(suffix)) {
                    problems.push(SettingsProblem::new(
                        "marker",
                        format!("`{marker}` is the name of the file itself"),
                        "write it like `{name}.done` or `{stem}.ok`",
                    ));
                }
            }
            (_, Some(_)) => problems.push(SettingsProblem::new(
                "marker",
                "a marker is only looked for with `ready = \"marker\"`",
                "remove `marker`, or set `ready = \"marker\"`",
            )),
            (_, None) => {}
        }
        if self.unchanged_seconds.is_some() && self.ready != Ready::Unchanged {
            problems.push(SettingsProblem::new(
                "unchanged_seconds",
                "only used with `ready = \"unchanged\"`",
                "remove `unchanged_seconds`, or set `ready = \"unchanged\"`",
            ));
        }
    }

    fn check_archive(&self, problems: &mut Vec<SettingsProblem>) {
        match (self.after, self.archive) {
            (After::Archive, None) => problems.push(SettingsProblem::new(
                "after",
                "`after = \"archive\"` needs the directory to move files to",
                "add `archive = \"/path/of/the/archive\"`",
            )),
            (After::Archive, Some(archive)) => {
                let (directory, _) = self.directory_and_name();
                if archive.as_os_str().is_empty() {
                    problems.push(SettingsProblem::new("archive", "is empty", "name a directory"));
                } else if archive.components().eq(directory.components()) {
                    problems.push(SettingsProblem::new(
                        "archive",
                        "is the directory that files are read from",
                        "name another one, a folder inside it for example",
                    ));
                }
            }
            (_, Some(_)) => problems.push(SettingsProblem::new(
                "archive",
                "only used with `after = \"archive\"`",
                "remove `archive`, or set `after = \"archive\"`",
            )),
            (_, None) => {}
        }
    }
}

/// A first problem that settings still have when the source is to be made of them.
fn unfit(pipeline: &str, wrong: String) -> Error {
    Error::permanent("set up the files of", pipeline, wrong).next("run `campaignd check`")
}

/// Refuses settings with problems, when a source is to be made of them for a pipeline.
pub fn refuse(pipeline: &str, problems: Vec<SettingsProblem>) -> Result<()> {
    match problems.into_iter().next() {
        Some(problem) => Err(unfit(pipeline, format!("`{}`: {}", problem.path.join("."), problem.message))),
        None => Ok(()),
    }
}
