//! `[format]` with `kind = "copybook"`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use campaignd_contract::{ConnectorSettings, SettingsProblem};
use campaignd_copybook::code_page::CodePage;
use campaignd_copybook::decode::Date;
use jiff::civil;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::openpgp::{PgpSettings, pgp_problems};
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
    /// Bytes of a record with `framing = "fixed"` or `"fixed_blocked"`, where it is longer than the copybook says.
    #[serde(default)]
    pub record_length: Option<u32>,
    /// The words before variable records, where they are not as z/OS writes them.
    #[serde(default)]
    pub descriptor: CopybookDescriptor,
    /// The words before blocks, where they are not as those before records.
    #[serde(default)]
    pub block_descriptor: Option<CopybookDescriptor>,
    /// Bytes at the file's beginning that are left out.
    #[serde(default)]
    pub skip_start: u64,
    /// Bytes at the file's end that are left out.
    #[serde(default)]
    pub skip_end: u64,
    /// Bytes at the beginning of each record that are left out. The record's length counts them.
    #[serde(default)]
    pub record_skip_start: u32,
    /// Bytes at the end of each record that are left out. The record's length counts them.
    #[serde(default)]
    pub record_skip_end: u32,
    /// What happens to bytes behind the last whole record of fixed length.
    #[serde(default)]
    pub leftover: ExtraBytes,
    /// How much room tables take that depend on a counter.
    #[serde(default)]
    pub tables: CopybookTables,
    /// What a counter means that has no value, or one out of its table's bounds.
    #[serde(default)]
    pub wrong_counters: CopybookWrongCounters,
    /// How floating-point numbers are stored.
    #[serde(default)]
    pub floating: CopybookFloating,
    /// Which halves of a byte are signs of a number.
    #[serde(default)]
    pub signs: CopybookSigns,
    /// How numbers in characters are read.
    #[serde(default)]
    pub display_numbers: CopybookDisplayNumbers,
    /// Which numbers may be larger than their picture.
    #[serde(default)]
    pub beyond_picture: Vec<BeyondPicture>,
    /// What happens to a record that ends before its last fields.
    #[serde(default)]
    pub short_records: CopybookShortRecords,
    /// What is read of several groups of the same bytes where no condition tells.
    #[serde(default)]
    pub redefines: CopybookRedefines,
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
    /// Fields that are dates, and how they are written: `{ BILL-DATE = "YYYYMMDD", PAID-ON = "YYYYDDD" }`, with `YYYY`, `YY`,
    /// `CYY` (0 for 19, 1 for 20), `MM`, `DD`, `DDD` (the day of the year) and marks between them. Their columns hold
    /// `2026-07-31`; all zeros, all nines and blanks are no date; what is none is no value of its type.
    #[serde(default)]
    pub dates: BTreeMap<String, String>,
    /// Of years of two digits, those below it are from 2000 on, others from 1900 on.
    #[serde(default = "default_pivot_year")]
    #[schemars(range(max = 100))]
    pub pivot_year: u8,
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
    /// How the file is encrypted with OpenPGP, if it is. What comes out may be compressed again.
    #[serde(default)]
    pub pgp: Option<PgpSettings>,
    /// How the file is compressed. Records look like anything, so only what is said here is tried.
    #[serde(default = "not_compressed")]
    pub compression: Compression,
    /// Bounds on what comes out of a compressed file, and which file is meant in an archive.
    #[serde(default)]
    pub archive: Archive,
}

/// How much room tables take that depend on a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CopybookTables {
    /// That of the entries they have, as COBOL says.
    #[default]
    Counted,
    /// That of all entries they could have: what some programs write.
    Full,
}

/// What a counter means that has no value, or one out of its table's bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CopybookWrongCounters {
    /// Its record is rejected.
    #[default]
    Reject,
    /// That the table has all the entries it could have.
    Full,
}

/// How floating-point numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CopybookFloating {
    /// To base 16, as z/OS has them.
    #[default]
    Hexadecimal,
    /// IEEE 754, highest byte first.
    Ieee,
    /// To base 16, lowest byte first.
    HexadecimalLittleEndian,
    /// IEEE 754, lowest byte first.
    IeeeLittleEndian,
}

/// Which halves of a byte are signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CopybookSigns {
    /// `A`, `C`, `E` and `F` plus, `B` and `D` minus.
    #[default]
    Any,
    /// `C` and `F` plus, `D` minus: those that compilers write.
    Preferred,
}

/// How numbers in characters are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CopybookDisplayNumbers {
    /// As COBOL writes them: each byte is what the picture says.
    #[default]
    Exact,
    /// With blanks anywhere, a sign of their own anywhere, and a comma for a point.
    Lenient,
    /// Besides, any of their digits may hold a sign, also where the picture has none.
    LenientSigns,
}

/// Numbers that may be larger than their picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BeyondPicture {
    /// `COMP`: compilers that are told `TRUNC(BIN)` or `TRUNC(OPT)` write such numbers.
    Binary,
    /// `COMP-3`: a digit more, where there is room, and a sign where the picture has none.
    Packed,
}

/// What happens to a record that ends before its last fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CopybookShortRecords {
    /// It is rejected.
    #[default]
    Reject,
    /// The fields it doesn't have are NULL.
    Null,
}

/// What is read of several groups of the same bytes where no condition tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CopybookRedefines {
    /// The first.
    #[default]
    First,
    /// All of them, each in its own way.
    All,
}

/// What tells where a record ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CopybookFraming {
    /// All records are equally long: F and FB.
    #[default]
    Fixed,
    /// Besides, a block descriptor word stands before each block.
    FixedBlocked,
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
    /// What is added to the length before it is believed.
    pub adjust: i32,
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
    /// All four bytes turned round: the length is the last two, lowest first.
    Swapped,
    /// Lowest first, in the first two bytes or, where the first is zero, in the last two.
    LittleInEitherHalf,
}

/// Which ends of text are trimmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CopybookTrim {
    /// The right one, or the left one of a field that is `JUSTIFIED`: blanks fill up a field.
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
    pub(super) fn days(&self) -> Result<[Option<civil::Date>; 2], (&'static str, String)> {
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
        Self { byte_order: CopybookByteOrder::Big, counts_itself: true, adjust: 0 }
    }
}

fn default_code_page() -> String {
    "cp037".into()
}

fn default_pivot_year() -> u8 {
    70
}

fn default_null_values() -> Vec<String> {
    vec![String::new()]
}

fn not_compressed() -> Compression {
    Compression::None
}

impl CopybookSettings {
    /// The settings of a file that `copybook` describes, where nothing else is said.
    pub fn new(copybook: PathBuf) -> Self {
        Self {
            copybook,
            copies: None,
            code_page: default_code_page(),
            framing: CopybookFraming::default(),
            record_length: None,
            descriptor: CopybookDescriptor::default(),
            block_descriptor: None,
            skip_start: 0,
            skip_end: 0,
            record_skip_start: 0,
            record_skip_end: 0,
            leftover: ExtraBytes::default(),
            tables: CopybookTables::default(),
            wrong_counters: CopybookWrongCounters::default(),
            floating: CopybookFloating::default(),
            signs: CopybookSigns::default(),
            display_numbers: CopybookDisplayNumbers::default(),
            beyond_picture: Vec::new(),
            short_records: CopybookShortRecords::default(),
            redefines: CopybookRedefines::default(),
            trim: CopybookTrim::default(),
            null_values: default_null_values(),
            null_numbers: Vec::new(),
            extra_bytes: ExtraBytes::default(),
            header: None,
            trailer: None,
            when: BTreeMap::new(),
            dates: BTreeMap::new(),
            pivot_year: default_pivot_year(),
            bad_values: BTreeMap::new(),
            versions: Vec::new(),
            date_in_name: None,
            pgp: None,
            compression: not_compressed(),
            archive: Archive::default(),
        }
    }
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
        let fixed = matches!(self.framing, CopybookFraming::Fixed | CopybookFraming::FixedBlocked);
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
        let in_blocks = matches!(
            self.framing,
            CopybookFraming::FixedBlocked | CopybookFraming::VariableBlocked | CopybookFraming::Spanned
        );
        if !in_blocks && self.block_descriptor.is_some() {
            let help = "leave it out, or set `framing = \"variable_blocked\"`";
            problems.push(SettingsProblem::new("block_descriptor", "only blocks have block descriptor words", help));
        }
        if self.leftover == ExtraBytes::Ignore && self.framing != CopybookFraming::Fixed {
            let help = "leave it out, or set `framing = \"fixed\"`";
            problems.push(SettingsProblem::new("leftover", "only fixed records have one length", help));
        }
        if !described && self.descriptor != CopybookDescriptor::default() {
            let help = "leave it out, or set `framing = \"variable\"`";
            problems.push(SettingsProblem::new("descriptor", "only variable records have descriptor words", help));
        }
        for (name, pattern) in &self.dates {
            if let Err(wrong) = Date::parse(pattern, Some(self.pivot_year)) {
                let help = "write it as YYYYMMDD, DD.MM.YYYY, YYYYDDD, CYYMMDD or YYMMDD";
                problems.push(SettingsProblem::new(&format!("dates.{name}"), wrong.to_string(), help));
            }
        }
        self.version_problems(&mut problems);
        archive_problems(&self.archive, &mut problems);
        pgp_problems(self.pgp.as_ref(), &mut problems);
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
