//! Settings that several formats share, and the checks on them.

use campaignd_contract::{Error, Result, SettingsProblem};
use globset::Glob;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// As its first bytes say; a file that starts like none of them isn't compressed.
    #[default]
    Auto,
    /// Not at all, whatever its first bytes look like.
    None,
    /// gzip, with any number of members.
    Gzip,
    /// Zstandard, with any number of frames.
    Zstd,
    /// bzip2, with any number of streams.
    Bzip2,
    /// One file inside a zip archive. An archive inside the archive isn't followed.
    Zip,
}

/// What may come out of a compressed file at most, and which file is meant in an archive. A file that goes beyond is
/// an error that names the setting; the rows before stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Archive {
    /// The file to read in a zip archive, as a pattern such as `"*.csv"`. Exactly one must match.
    pub entry: String,
    /// Bytes that may come out for each byte that goes in. Looked at once 16 MiB have come out, so that a small
    /// file of equal rows passes.
    pub max_ratio: u64,
    /// Bytes that may come out in all.
    pub max_bytes: u64,
    /// Files that may be in a zip archive.
    pub max_entries: usize,
}

impl Default for Archive {
    fn default() -> Self {
        Self { entry: "*".into(), max_ratio: 200, max_bytes: 64 << 30, max_entries: 1_000 }
    }
}

/// What happens to a row that has too little in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ragged {
    /// It is rejected.
    #[default]
    Reject,
    /// What is missing at its end is NULL. A row that has too much is rejected all the same.
    Pad,
}

/// Adds what is wrong with `[format.archive]`.
pub(crate) fn archive_problems(archive: &Archive, problems: &mut Vec<SettingsProblem>) {
    if let Err(error) = Glob::new(&archive.entry) {
        let help = "`*` stands for any text, `?` for one character: `entry = \"*.csv\"`";
        problems.push(SettingsProblem::new("archive.entry", format!("isn't a pattern: {}", error.kind()), help));
    }
    for (name, zero) in [
        ("archive.max_ratio", archive.max_ratio == 0),
        ("archive.max_bytes", archive.max_bytes == 0),
        ("archive.max_entries", archive.max_entries == 0),
    ] {
        if zero {
            problems.push(SettingsProblem::new(name, "is 0, so that nothing could be read", "give at least 1"));
        }
    }
}

/// Adds what is wrong with the encoding's label.
pub(crate) fn encoding_problems(label: &str, problems: &mut Vec<SettingsProblem>) {
    if encoding_rs::Encoding::for_label(label.as_bytes()).is_none() {
        let help = "use a label of the Encoding Standard, such as `utf-8`, `windows-1252`, `iso-8859-15`, `utf-16le` \
                    or `shift_jis`";
        problems.push(SettingsProblem::new("encoding", format!("`{label}` isn't the label of an encoding"), help));
    }
}

/// Adds the names that are empty or given twice.
pub(crate) fn name_problems<'a>(
    path: &str,
    names: impl Iterator<Item = &'a str> + Clone,
    problems: &mut Vec<SettingsProblem>,
) {
    for (index, name) in names.clone().enumerate() {
        if name.trim().is_empty() {
            let help = "every column needs a name, since the mapping speaks of columns by name";
            problems.push(SettingsProblem::new(path, format!("column {} has no name", index + 1), help));
        } else if names.clone().take(index).any(|before| before == name) {
            let help = "give each column a name of its own";
            problems.push(SettingsProblem::new(path, format!("column `{name}` is there twice"), help));
        }
    }
}

/// The first problem as an error: for whoever builds a format without having asked for its problems.
pub(crate) fn refuse(kind: &str, problems: &[SettingsProblem]) -> Result<()> {
    let Some(problem) = problems.first() else { return Ok(()) };
    let subject = format!("{} of the {kind} format", problem.path.join("."));
    Err(Error::permanent("use", subject, &problem.message).next(&problem.help))
}
