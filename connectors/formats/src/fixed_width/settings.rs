//! `[format]` with `kind = "fixed_width"`.

use campaignd_contract::{ConnectorSettings, SettingsProblem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::columns::Trim;
use crate::openpgp::{PgpSettings, pgp_problems};
use crate::settings::{Archive, Compression, Ragged, archive_problems, encoding_problems, name_problems};

/// Text whose columns stand at fixed places: one row a line, or rows of one length without line ends. Lines end in
/// LF, CR LF or CR; empty lines are left out.
///
/// Places count characters; in an encoding of one byte a character that is the same as bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FixedWidthSettings {
    /// The columns to read. What stands between and after them is left out.
    pub columns: Vec<FixedWidthColumn>,
    /// Bytes of a row, where rows follow one another without line ends.
    pub record_length: Option<usize>,
    /// Which blanks and tabs at the ends of a value are left out.
    pub trim: FixedWidthTrim,
    /// Texts that mean "no value", compared after trimming.
    pub null_values: Vec<String>,
    /// Lines before the first row that aren't part of the data.
    pub skip_lines: u64,
    /// Lines at the end that aren't part of the data, empty ones counted.
    pub skip_footer_lines: usize,
    /// The text's encoding, by its label in the Encoding Standard: `utf-8`, `windows-1252`, `utf-16le` …. In UTF-8
    /// and the encodings of one byte a character, offsets are those of the file; in the others they count bytes of
    /// the text as UTF-8.
    pub encoding: String,
    /// What happens to a row that ends before its last column does.
    pub ragged: Ragged,
    /// How the file is encrypted with OpenPGP, if it is. What comes out may be compressed again.
    pub pgp: Option<PgpSettings>,
    /// How the file is compressed.
    pub compression: Compression,
    /// Bounds on what comes out of a compressed file, and which file is meant in an archive.
    pub archive: Archive,
    /// The last record, where it holds totals rather than a row.
    pub trailer: Option<FixedWidthTrailer>,
}

/// A column at a fixed place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FixedWidthColumn {
    /// Its name.
    pub name: String,
    /// Its first character, the first of the row being 1.
    pub start: usize,
    /// Its characters.
    pub length: usize,
}

/// A last record that holds totals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FixedWidthTrailer {
    /// The text it starts with. A record that starts so and isn't the last is rejected.
    pub starts_with: String,
    /// Its fields, for `[control]`: `rows = "trailer.record_count"`. Blanks around them are left out.
    pub columns: Vec<FixedWidthColumn>,
}

/// Which ends of a value are trimmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FixedWidthTrim {
    /// Both.
    #[default]
    Both,
    /// The left one.
    Left,
    /// The right one.
    Right,
    /// None.
    None,
}

impl FixedWidthTrim {
    /// The rule for values.
    pub(super) fn rule(self) -> Trim {
        match self {
            Self::Both => Trim::Both,
            Self::Left => Trim::Left,
            Self::Right => Trim::Right,
            Self::None => Trim::None,
        }
    }
}

impl Default for FixedWidthSettings {
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            record_length: None,
            trim: FixedWidthTrim::default(),
            null_values: vec![String::new()],
            skip_lines: 0,
            skip_footer_lines: 0,
            encoding: "utf-8".into(),
            ragged: Ragged::Reject,
            pgp: None,
            compression: Compression::Auto,
            archive: Archive::default(),
            trailer: None,
        }
    }
}

impl ConnectorSettings for FixedWidthSettings {
    const KIND: &'static str = "fixed_width";
    const SAMPLE: &'static str = include_str!("sample_fixed_width.toml");

    fn problems(&self) -> Vec<SettingsProblem> {
        let mut problems = Vec::new();
        self.column_problems("columns", &self.columns, &mut problems);
        if let Some(trailer) = &self.trailer {
            if trailer.starts_with.is_empty() {
                let help = "give the text by which it is told from a row, such as `TRL`";
                problems.push(SettingsProblem::new("trailer.starts_with", "every record starts with nothing", help));
            }
            self.column_problems("trailer.columns", &trailer.columns, &mut problems);
        }
        if self.record_length == Some(0) {
            problems.push(SettingsProblem::new("record_length", "is 0", "give the bytes of a row"));
        }
        for (name, lines) in [("skip_lines", self.skip_lines), ("skip_footer_lines", self.skip_footer_lines as u64)] {
            if lines > 0 && self.record_length.is_some() {
                let help = "leave it out, or leave `record_length` out";
                problems.push(SettingsProblem::new(name, "with `record_length` there are no lines to skip", help));
            }
        }
        encoding_problems(&self.encoding, &mut problems);
        archive_problems(&self.archive, &mut problems);
        pgp_problems(self.pgp.as_ref(), &mut problems);
        problems
    }
}

impl FixedWidthSettings {
    fn column_problems(&self, path: &str, columns: &[FixedWidthColumn], problems: &mut Vec<SettingsProblem>) {
        if columns.is_empty() {
            let help = "say where they stand: `columns = [{ name = \"call_id\", start = 1, length = 10 }]`";
            problems.push(SettingsProblem::new(path, "there are no columns", help));
        }
        name_problems(path, &columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), problems);
        for column in columns {
            let name = &column.name;
            if column.start == 0 {
                let message = format!("column `{name}` starts at 0");
                problems.push(SettingsProblem::new(path, message, "the first character of a row is 1"));
            }
            if column.length == 0 {
                let message = format!("column `{name}` has no length");
                problems.push(SettingsProblem::new(path, message, "give at least 1"));
            }
            let Some(end) = column.start.max(1).checked_add(column.length) else {
                problems.push(SettingsProblem::new(path, format!("column `{name}` ends nowhere"), "correct `length`"));
                continue;
            };
            if let Some(record) = self.record_length.filter(|&record| end - 1 > record) {
                let message = format!("column `{name}` ends at {}, a row at {record}", end - 1);
                problems.push(SettingsProblem::new(path, message, "correct it or `record_length`"));
            }
        }
    }
}
