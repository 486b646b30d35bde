//! What may stand in `[source]` with `kind = "file"`.

use std::path::{Path, PathBuf};

use campaignd_contract::{ConnectorSettings, SettingsProblem};
use globset::{GlobBuilder, GlobMatcher};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::name::Pattern;

/// Files in a directory of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileSettings {
    /// Which files: a directory, taken literally, and a pattern for the names in it: `/srv/in/calls_*.csv.gz`. In the
    /// pattern `*` is any text, `?` one character, `[0-9]` a class, `{a,b}` alternatives; upper and lower case differ.
    /// Names that start with a dot only match a pattern that does. Subdirectories are not searched. Relative paths
    /// start at the folder of the settings.
    pub path: String,
    /// Patterns of names that are no input although `path` matches them: control files, half-made files.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// How to tell that a file is complete. Required: every default would be wrong for somebody. `marker` where no
    /// markers are sent waits for ever, `trailer` needs a format that has one, and `unchanged` reads half a file from
    /// a sender that stalls. Only who knows the sender can choose; take the first that it supports.
    pub ready: Ready,
    /// Name of the marker file, for `ready = "marker"`: `{name}` is the file's name, `{stem}` the same without its
    /// last extension, as in `"{name}.done"`. It lies in the same directory; names of that form are no input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// Seconds without change after which a file counts as complete, for `ready = "unchanged"`; 10 where not given.
    /// Either its last change is that long ago, or two looks that far apart found the same size and time. With 0 a
    /// file is complete as soon as it is there: right where the sender renames finished files into place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unchanged_seconds: Option<u32>,
    /// What becomes of a file, and of its marker and control file, once all of it is in the warehouse.
    #[serde(default)]
    pub after: After,
    /// Directory for `after = "archive"`; made if it isn't there. Relative paths start at the folder of the settings.
    /// Nothing in it is overwritten: a name that is taken gets a part of the content's hash added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<PathBuf>,
    /// In which order files are read.
    #[serde(default)]
    pub order: Order,
    /// What to do with a name that was loaded before and now has other content. The source hands every content out;
    /// the daemon holds or loads it by this setting.
    #[serde(default)]
    pub revision: Revision,
}

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

/// What to do with a known name that has other content.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Revision {
    /// It is not loaded and waits for a person.
    #[default]
    Hold,
    /// It is loaded like any other file.
    Load,
}

/// Seconds a file has to be left alone where the settings don't say.
const UNCHANGED_SECONDS: u32 = 10;

impl FileSettings {
    /// Seconds a file has to be left alone.
    pub fn unchanged_seconds(&self) -> u32 {
        self.unchanged_seconds.unwrap_or(UNCHANGED_SECONDS)
    }

    /// Directory and name part of `path`.
    pub(crate) fn directory_and_name(&self) -> (&Path, &str) {
        match self.path.rsplit_once('/') {
            Some(("", name)) => (Path::new("/"), name),
            Some((directory, name)) => (Path::new(directory), name),
            None => (Path::new(""), &self.path),
        }
    }
}

/// A pattern for names, as used for `path` and `ignore`.
pub(crate) fn glob(pattern: &str) -> Result<GlobMatcher, globset::Error> {
    Ok(GlobBuilder::new(pattern).backslash_escape(true).build()?.compile_matcher())
}

impl ConnectorSettings for FileSettings {
    const KIND: &'static str = "file";
    const SAMPLE: &'static str = include_str!("../sample.toml");

    fn problems(&self) -> Vec<SettingsProblem> {
        let mut problems = Vec::new();
        self.check_path(&mut problems);
        for pattern in &self.ignore {
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
}

impl FileSettings {
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
        match (self.ready, &self.marker) {
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
        match (self.after, &self.archive) {
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
