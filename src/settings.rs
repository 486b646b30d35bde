//! The settings as types: what may stand in `campaignd.toml` and in a pipeline file. Doc comments are the user's
//! documentation; the JSON schema made from them is what TOML is checked against.

mod schedule;
mod span;

use std::collections::BTreeMap;
use std::path::PathBuf;

use campaignd_contract::SecretReference;
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

pub use schedule::{CatchUp, Days, OnHoliday, Overlap, Retry, Schedule};
pub use span::{Span, SpanError};

/// `campaignd.toml`: the daemon.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Daemon {
    /// Where spooled files and the lock are kept. Can be lost: progress lives in the warehouse. Relative paths
    /// start at the folder of this file.
    #[serde(default = "default_state_directory")]
    pub state_directory: PathBuf,
    /// The folder that holds the pipelines, one TOML file each.
    #[serde(default = "default_pipelines")]
    pub pipelines: PathBuf,
    /// Where the records go.
    pub warehouse: ConnectorTable,
    /// How phone numbers, e-mail addresses and customer numbers are made into pseudonyms.
    pub privacy: Privacy,
    /// Bounds on memory and transactions.
    #[serde(default)]
    pub limits: Limits,
    /// How ROI is worked out.
    #[serde(default)]
    pub roi: Roi,
    /// What the daemon writes of what happens.
    #[serde(default)]
    pub logs: Logs,
    /// What it shows over HTTP.
    #[serde(default)]
    pub http: Http,
}

fn default_state_directory() -> PathBuf {
    "/var/lib/campaignd".into()
}

fn default_pipelines() -> PathBuf {
    "pipelines".into()
}

/// A table whose `kind` names a connector; the other keys are that connector's settings.
#[derive(Debug, Clone, JsonSchema)]
pub struct ConnectorTable {
    /// Which connector.
    pub kind: String,
    /// The connector's own settings, checked against its own schema.
    #[schemars(skip)]
    pub settings: Map<String, Value>,
}

impl<'de> Deserialize<'de> for ConnectorTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut settings = Map::deserialize(deserializer)?;
        match settings.shift_remove("kind") {
            Some(Value::String(kind)) => Ok(Self { kind, settings }),
            Some(other) => Err(D::Error::custom(format!("`kind` must be text, not {other}"))),
            None => Err(D::Error::missing_field("kind")),
        }
    }
}

impl Serialize for ConnectorTable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut table = serializer.serialize_map(Some(self.settings.len() + 1))?;
        table.serialize_entry("kind", &self.kind)?;
        for (key, value) in &self.settings {
            table.serialize_entry(key, value)?;
        }
        table.end()
    }
}

/// The key behind every pseudonym.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Privacy {
    /// Short name of the key, stored in front of every pseudonym so that keys can be changed: `k1`.
    pub key_id: String,
    /// Where the key is kept: at least 32 bytes.
    pub key: SecretReference,
}

/// Bounds on memory and transactions.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Rows in a batch at most.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub batch_rows: usize,
    /// Rows in a transaction at most, where the pipeline has no `[control]`.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub commit_rows: usize,
    /// Bytes of one row at most.
    #[schemars(range(min = 1_024, max = 67_108_864))]
    pub row_bytes: usize,
    /// Pipelines that the daemon runs at once, at most. Each holds a few batches in memory.
    #[schemars(range(min = 1, max = 64))]
    pub runs_at_once: usize,
    /// Pipelines that it runs at once over the same endpoint, a server for one, at most.
    #[schemars(range(min = 1, max = 64))]
    pub runs_per_endpoint: usize,
    /// Seconds after which a daemon that gives no sign of life loses its pipelines to another one of the same warehouse.
    #[schemars(range(min = 3, max = 3_600))]
    pub lease_seconds: u32,
    /// Seconds that a graceful stop may take, until the daemon ends without waiting for runs any longer.
    #[schemars(range(min = 1, max = 3_600))]
    pub stop_seconds: u32,
    /// Seconds without a sign of life after which a run counts as hanging: then the watchdog is no longer told that all
    /// is well, and systemd starts the daemon anew.
    #[schemars(range(min = 1, max = 86_400))]
    pub silence_seconds: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            batch_rows: 8_192,
            commit_rows: 100_000,
            row_bytes: 1 << 20,
            runs_at_once: 4,
            runs_per_endpoint: 2,
            lease_seconds: 60,
            stop_seconds: 10,
            silence_seconds: 900,
        }
    }
}

/// How ROI is worked out.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Roi {
    /// ISO 4217 code of the currency ROI is kept in. Amounts in others are converted at the rate of their date.
    pub currency: String,
    /// Share of revenue that is margin where neither offer nor conversion says, as a decimal: `"1"`.
    pub margin_rate: String,
}

impl Default for Roi {
    fn default() -> Self {
        Self { currency: "USD".into(), margin_rate: "1".into() }
    }
}

/// What the daemon shows over HTTP: `/healthz`, `/readyz`, `/metrics` and JSON under `/api/v1`. It can only be read.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Whether it listens.
    pub enabled: bool,
    /// Address and port. An address that isn't the loopback lets the network read how campaigns do.
    pub listen: String,
}

impl Default for Http {
    fn default() -> Self {
        Self { enabled: true, listen: "127.0.0.1:9464".into() }
    }
}

/// What the daemon writes of what happens.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Logs {
    /// As what.
    pub format: LogFormat,
    /// From which level on.
    pub level: LogLevel,
}

/// As what events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// `journald` where standard error goes to the journal, else `text`.
    #[default]
    Auto,
    /// Lines of text on standard error.
    Text,
    /// Lines of JSON on standard error.
    Json,
    /// The journal, with the fields EVENT, PIPELINE, RUN, `UNIT_ID` and NEXT.
    Journald,
}

/// How much an event matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// Of interest while looking for something.
    Debug,
    /// All is well.
    #[default]
    Info,
    /// Somebody should look at it in working hours.
    Warn,
    /// Somebody should look at it now.
    Error,
}

/// A pipeline file.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pipeline {
    /// Name of the pipeline, unique: lower-case letters, digits and hyphens.
    pub name: String,
    /// What it brings in, for people.
    #[serde(default)]
    pub description: String,
    /// Whether it runs.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Pipelines that must have run before this one.
    #[serde(default)]
    pub after: Vec<String>,
    /// When it runs.
    pub schedule: Option<Schedule>,
    /// How a run that failed in a way that may pass is tried again.
    #[serde(default)]
    pub retry: Retry,
    /// Where its input comes from.
    pub source: ConnectorTable,
    /// How the input's bytes become rows.
    pub format: ConnectorTable,
    /// How text becomes dates, numbers and parties.
    #[serde(default)]
    pub mapping: Mapping,
    /// What each row becomes. One row may feed several outputs.
    #[schemars(length(min = 1))]
    pub output: Vec<Output>,
    /// What must agree before anything of a file is visible.
    pub control: Option<Control>,
    /// How many bad rows are too many.
    #[serde(default)]
    pub rejects: Rejects,
    /// That files are generations, which come one after the other.
    pub generations: Option<Generations>,
}

fn yes() -> bool {
    true
}

fn utc() -> String {
    "UTC".into()
}

/// How text becomes dates, numbers and parties.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// IANA time zone of local times in the input.
    pub timezone: String,
    /// Which instant a local time means that exists twice, when clocks go back.
    pub repeated_hour: RepeatedHour,
    /// What a local time means that doesn't exist, when clocks go forward.
    pub skipped_hour: SkippedHour,
    /// Country (ISO 3166-1 alpha-2) of phone numbers without a country code: `US`. Without it they are rejected.
    pub phone_region: Option<String>,
}

impl Default for Mapping {
    fn default() -> Self {
        Self {
            timezone: utc(),
            repeated_hour: RepeatedHour::Earlier,
            skipped_hour: SkippedHour::Reject,
            phone_region: None,
        }
    }
}

/// Which of two instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RepeatedHour {
    /// The first one, in summer time.
    Earlier,
    /// The second one, in standard time.
    Later,
    /// Neither: the row is rejected.
    Reject,
}

/// What a local time that doesn't exist means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SkippedHour {
    /// As many minutes after the gap as it lies inside it.
    Later,
    /// Nothing: the row is rejected.
    Reject,
}

/// What a row becomes.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// The record kind: a table of the groups reference or facts.
    pub record: String,
    /// SQL condition over the source's columns; rows for which it isn't true are filtered and counted.
    pub when: Option<String>,
    /// Column = SQL expression over the source's columns.
    pub fields: BTreeMap<String, String>,
}

/// What must agree before anything of a file is visible. Each total names where the figure it must equal stands:
/// `trailer.NAME` or `header.NAME` (a field of the format's trailer or header) or `control.NAME` (a value of the control
/// file).
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Name of the control file beside each file, `{name}` and `{stem}` being the file's name with and without its
    /// last extension: `"{stem}.ctl"`. It holds one `name = value` or `name: value` a line; a file with nothing but one
    /// value has it as `control.value`, and a line of `sha256sum` or its like is `control.checksum`.
    pub file: Option<String>,
    /// Where the number of rows stands.
    pub rows: Option<String>,
    /// Records besides the rows that the sender counts too.
    #[serde(default)]
    pub rows_include: Vec<CountedRecord>,
    /// SQL sums over the source's columns, each with the place of the figure it must equal:
    /// `{ "sum(money(amount))" = "trailer.amount_total" }`.
    #[serde(default)]
    pub sums: BTreeMap<String, String>,
    /// Like `sums`, compared in the digits that the given figure has: an overflow at the sender is cut the same way.
    #[serde(default)]
    pub hash_totals: BTreeMap<String, String>,
    /// Values that must be the same: `{ "trailer.file_id" = "header.file_id" }`.
    #[serde(default)]
    pub equal: BTreeMap<String, String>,
    /// The day the file is of, which must be the one that is due.
    pub business_date: Option<BusinessDate>,
    /// The checksum of the file as it was sent.
    pub checksum: Option<Checksum>,
}

/// A record that is no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CountedRecord {
    /// The header.
    Header,
    /// The trailer.
    Trailer,
}

/// The day a file is of.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BusinessDate {
    /// Where it stands: `header.RUN_DATE`.
    pub value: String,
    /// How it is written, as strptime has it.
    #[serde(default = "plain_date")]
    pub format: String,
    /// Which day is due.
    pub expected: ExpectedDate,
    /// How the date is written in the file's name, as strptime has it, with `expected = "name"`: `"%Y-%m-%d"`.
    pub name_format: Option<String>,
    /// IANA time zone in which a day begins and ends.
    #[serde(default = "utc")]
    pub timezone: String,
}

fn plain_date() -> String {
    "%Y%m%d".into()
}

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExpectedDate {
    /// The one in the file's name.
    Name,
    /// The one on which the pipeline runs.
    Today,
    /// The one before.
    Yesterday,
    /// The last one from Monday to Friday before it.
    LastWeekday,
}

/// A checksum of a file as it was sent: compressed, if it is.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Checksum {
    /// How it is worked out.
    pub algorithm: ChecksumAlgorithm,
    /// Where it stands, in hexadecimal digits: `control.checksum`.
    pub value: String,
}

/// How a checksum is worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChecksumAlgorithm {
    /// MD5: shows damage, not forgery.
    Md5,
    /// SHA-1: shows damage, not forgery.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

/// How many bad rows are too many: a file with more is quarantined and nothing more of it is loaded.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rejects {
    /// Rejected rows of one file at most.
    pub at_most: Option<u64>,
    /// Rejected rows of one file at most, as a share of those read: `"0.5%"`. Looked at before each commit.
    pub at_most_share: Option<String>,
}

/// Files of generations, named `NAME.GnnnnVnn` as those of a generation data group are: they are read in their order, from
/// the one after the last that was loaded, and `G0001` comes after `G9999`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Generations {
    /// What happens to a generation whose predecessor hasn't come.
    #[serde(default)]
    pub gap: Gap,
}

/// What happens to a generation whose predecessor hasn't come, or that is older than what was loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// It waits, and all that come after it; `campaignd once PIPELINE --accept NAME` lets it in.
    #[default]
    Hold,
    /// It is loaded, and the run says what is missing.
    Load,
}
