//! `[format]` with `kind = "copybook"`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use campaignd_contract::{ConnectorSettings, SettingsProblem};
use campaignd_copybook::code_page::CodePage;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::settings::{Archive, Compression, archive_problems};

/// Records of a mainframe, described by a COBOL copybook.
///
/// Each field with a name is a column, called as in the copybook with small letters and `_` for `-`; where several have
/// the same name, the names of the groups around them stand in front. The entries of a table are columns numbered from
/// 1: `amount_1`, `amount_2`. Numbers are exact, with the decimals of their picture. A field that holds no value of its
/// type rejects its record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CopybookSettings {
    /// The copybook's file. A relative path starts at the folder of the settings file.
    pub copybook: PathBuf,
    /// Folder of the members it copies: `COPY ADDRESS` reads `ADDRESS`, or that name with `.cpy`, `.cbl` or `.cob`.
    #[serde(default)]
    pub copies: Option<PathBuf>,
    /// Which character a byte stands for: `cp037`, `cp500`, `cp1047`, `cp1140` …, or `ascii` where the transfer has
    /// translated the file already.
    #[serde(default = "default_code_page")]
    pub code_page: String,
    /// What tells where a record ends.
    #[serde(default)]
    pub framing: CopybookFraming,
    /// Bytes of a record with `framing = "fixed"`, where it is longer than the copybook says.
    #[serde(default)]
    pub record_length: Option<u32>,
    /// The words before variable records, where they are not as z/OS writes them.
    #[serde(default)]
    pub descriptor: CopybookDescriptor,
    /// Which blanks at the ends of text are left out.
    #[serde(default)]
    pub trim: CopybookTrim,
    /// Texts that mean "no value", compared after trimming.
    #[serde(default = "default_null_values")]
    pub null_values: Vec<String>,
    /// What means "no value" in a number. Without it, such a number rejects its record.
    #[serde(default)]
    pub null_numbers: Vec<NullNumber>,
    /// What happens to a record that is longer than the copybook says.
    #[serde(default)]
    pub extra_bytes: ExtraBytes,
    /// What happens where a field holds no value of its type, by the field's or a group's name; `"*"` is all others. Without
    /// it, the record is rejected.
    #[serde(default)]
    pub bad_values: BTreeMap<String, BadValue>,
    /// A record at the beginning that is no row and is left out.
    #[serde(default)]
    pub header: Option<CopybookRecord>,
    /// The last record, where it holds totals rather than a row. Its fields are for `[control]`, by their columns' names:
    /// `rows = "trailer.record_count"`. Such a record that isn't the last is rejected.
    #[serde(default)]
    pub trailer: Option<CopybookRecord>,
    /// Which of several groups of the same bytes a record has: the name of a level 01, or of a group that redefines or is
    /// redefined, and a condition such as `"REC-TYPE = 'C'"`, `"REC-TYPE in ('C', 'D')"` or the name of a level 88. One
    /// without a condition is read where none of the others is; what redefines without a condition never.
    #[serde(default)]
    pub when: BTreeMap<String, String>,
    /// Copybooks that some of the files have instead: the first that fits.
    #[serde(default)]
    pub versions: Vec<CopybookVersion>,
    /// How the day a file is of is written in its name, as strptime has it: `"%Y%m%d"`.
    #[serde(default)]
    pub date_in_name: Option<String>,
    /// How the file is compressed. Records look like anything, so only what is said here is tried.
    #[serde(default = "not_compressed")]
    pub compression: Compression,
    /// Bounds on what comes out of a compressed file, and which file is meant in an archive.
    #[serde(default)]
    pub archive: Archive,
}

/// What tells where a record ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CopybookFraming {
    /// All records are equally long: F and FB.
    #[default]
    Fixed,
    /// A record descriptor word before each record: V, and VB without its block descriptor words.
    Variable,
    /// Besides, a block descriptor word before each block: VB.
    VariableBlocked,
    /// Records in segments, in blocks: VBS. Offsets are those of the records put together, each behind four bytes.
    Spanned,
    /// Records in segments, the block descriptor words being left out: VS, and VBS as most transfers send it.
    SpannedWithoutBlocks,
    /// Lines of text, ended by LF or CR LF.
    Lines,
    /// Nothing: records follow one another, each as long as its tables and its kind say.
    Layout,
}

/// The words before variable records and blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CopybookDescriptor {
    /// Order of the bytes.
    pub byte_order: CopybookByteOrder,
    /// Whether the length counts the word's own four bytes, as z/OS writes it.
    pub counts_itself: bool,
}

/// Order of the bytes of a descriptor word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CopybookByteOrder {
    /// Highest first, as z/OS writes it.
    #[default]
    Big,
    /// Lowest first.
    Little,
}

/// Which ends of text are trimmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CopybookTrim {
    /// The right one: blanks fill up a field.
    #[default]
    Right,
    /// The left one.
    Left,
    /// Both.
    Both,
    /// None.
    None,
}

/// What may mean "no value" in a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NullNumber {
    /// Nothing but blanks.
    Blanks,
    /// Nothing but bytes of zero, `LOW-VALUES`.
    LowValues,
    /// Nothing but bytes of ones, `HIGH-VALUES`.
    HighValues,
}

/// What happens to a record that is longer than the copybook says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExtraBytes {
    /// It is rejected: perhaps the copybook is an older one.
    #[default]
    Reject,
    /// They are left out.
    Ignore,
}

/// A copybook that some of the files have. Columns that only it has are columns of all files, without values in the
/// others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CopybookVersion {
    /// The copybook's file.
    pub copybook: PathBuf,
    /// The first day of the files that have it, `"2025-04-01"`: see `date_in_name`.
    #[serde(default)]
    pub from: Option<String>,
    /// The last day.
    #[serde(default)]
    pub until: Option<String>,
    /// Condition on the first record of the files that have it, as in `[format.when]`: `"LAYOUT-VERSION = '01'"`.
    #[serde(default)]
    pub first_record: Option<String>,
    /// Bytes of a record with `framing = "fixed"`, where it is longer than this copybook says.
    #[serde(default)]
    pub record_length: Option<u32>,
}

impl CopybookVersion {
    /// The first and the last day of the files that have it; an error says of which key what is wrong.
    pub(super) fn days(&self) -> Result<[Option<Date>; 2], (&'static str, String)> {
        let day = |key, text: &Option<String>| {
            text.as_deref().map(|text| text.parse().map_err(|_| (key, format!("`{text}` is no day")))).transpose()
        };
        Ok([day("from", &self.from)?, day("until", &self.until)?])
    }
}

/// What happens where a field holds no value of its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BadValue {
    /// Its record is rejected.
    #[default]
    Reject,
    /// It has no value, and the record is read. That is noted beside the rejects.
    Null,
    /// The file is quarantined.
    Fail,
}

/// A record that is no row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CopybookRecord {
    /// What it is told by: a condition as in `[format.when]`.
    pub when: String,
}

impl Default for CopybookDescriptor {
    fn default() -> Self {
        Self { byte_order: CopybookByteOrder::Big, counts_itself: true }
    }
}

fn default_code_page() -> String {
    "cp037".into()
}

fn default_null_values() -> Vec<String> {
    vec![String::new()]
}

fn not_compressed() -> Compression {
    Compression::None
}

impl ConnectorSettings for CopybookSettings {
    const KIND: &'static str = "copybook";
    const SAMPLE: &'static str = include_str!("sample_copybook.toml");

    fn problems(&self) -> Vec<SettingsProblem> {
        let mut problems = Vec::new();
        if self.copybook.as_os_str().is_empty() {
            problems.push(SettingsProblem::new(
                "copybook",
                "there is no file",
                "name it, such as `copybooks/CALLS.cpy`",
            ));
        }
        if CodePage::named(&self.code_page).is_none() {
            let known: Vec<&str> = CodePage::names().collect();
            problems.push(SettingsProblem::new(
                "code_page",
                format!("`{}` isn't a code page", self.code_page),
                format!("there are {}", known.join(", ")),
            ));
        }
        let fixed = self.framing == CopybookFraming::Fixed;
        match self.record_length {
            Some(0) => problems.push(SettingsProblem::new("record_length", "is 0", "give the bytes of a record")),
            Some(_) if !fixed => {
                let help = "leave it out, or set `framing = \"fixed\"`";
                problems.push(SettingsProblem::new("record_length", "only fixed records have one length", help));
            }
            _ => {}
        }
        let described = matches!(
            self.framing,
            CopybookFraming::Variable
                | CopybookFraming::VariableBlocked
                | CopybookFraming::Spanned
                | CopybookFraming::SpannedWithoutBlocks
        );
        if !described && self.descriptor != CopybookDescriptor::default() {
            let help = "leave it out, or set `framing = \"variable\"`";
            problems.push(SettingsProblem::new("descriptor", "only variable records have descriptor words", help));
        }
        self.version_problems(&mut problems);
        archive_problems(&self.archive, &mut problems);
        problems
    }
}

impl CopybookSettings {
    fn version_problems(&self, problems: &mut Vec<SettingsProblem>) {
        for (number, version) in self.versions.iter().enumerate() {
            let mut wrong = |key: &str, message: String, help: &str| {
                problems.push(SettingsProblem::new(&format!("versions.{number}.{key}"), message, help));
            };
            match version.days() {
                Err((key, message)) => wrong(key, message, "write it as 2025-04-01"),
                Ok([Some(from), Some(until)]) if from > until => {
                    wrong("until", format!("{until} is before {from}"), "give the last day of the files that have it");
                }
                Ok([None, None]) if version.first_record.is_none() => {
                    let help = "say which by `from`, `until` or `first_record`";
                    wrong("", "no file would have another copybook".into(), help);
                }
                Ok([None, None]) => {}
                Ok(_) if self.date_in_name.is_none() => {
                    let help = "say how it is written in the name: `date_in_name = \"%Y%m%d\"`";
                    wrong("", "nobody knows the day a file is of".into(), help);
                }
                Ok(_) => {}
            }
        }
    }
}
