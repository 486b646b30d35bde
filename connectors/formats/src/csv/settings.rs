//! `[format]` with `kind = "csv"`.

use campaignd_contract::{ConnectorSettings, SettingsProblem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::openpgp::{PgpSettings, pgp_problems};
use crate::settings::{Archive, Compression, Ragged, archive_problems, encoding_problems, name_problems};

/// Delimited text: one row a line, or several where a quoted field has line ends in it. Lines end in LF, CR LF or
/// CR; empty lines are left out. A UTF-8 byte-order mark at the start is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CsvSettings {
    /// What stands between fields: one ASCII character, such as `","`, `";"`, `"|"` or `"\t"`.
    pub delimiter: String,
    /// What stands around a field that has delimiters, quotes or line ends in it: one ASCII character. `""`: nothing
    /// does, and a quote is a character like any other.
    pub quote: String,
    /// What stands before a quote inside a quoted field: one ASCII character, such as `"\\"`. Without it a quote is
    /// doubled.
    pub escape: Option<String>,
    /// Whether the first row holds the names of the columns.
    pub header: bool,
    /// The columns. Without a header: all of them, in order. With one: those to read, in this order; the header must
    /// name them. Empty: all that the header names.
    pub columns: Vec<String>,
    /// Lines before the header, or before the first row, that aren't part of the data.
    pub skip_lines: u64,
    /// Lines at the end that aren't part of the data, empty ones counted.
    pub skip_footer_lines: usize,
    /// Lines that start with it are left out: one ASCII character, such as `"#"`.
    pub comment: Option<String>,
    /// The text's encoding, by its label in the Encoding Standard: `utf-8`, `windows-1252` (also called
    /// `iso-8859-1`), `iso-8859-15`, `utf-16le`, `shift_jis` …. In UTF-8 and the encodings of one byte a character,
    /// offsets are those of the file; in the others they count bytes of the text as UTF-8.
    pub encoding: String,
    /// Texts that mean "no value". A field that equals one of them, quoted or not, is NULL.
    pub null_values: Vec<String>,
    /// Whether blanks and tabs at both ends of a field are left out.
    pub trim: bool,
    /// What happens to a row with fewer fields than there are columns. One with more is always rejected.
    pub ragged: Ragged,
    /// How the file is encrypted with OpenPGP, if it is. What comes out may be compressed again.
    pub pgp: Option<PgpSettings>,
    /// How the file is compressed.
    pub compression: Compression,
    /// Bounds on what comes out of a compressed file, and which file is meant in an archive.
    pub archive: Archive,
    /// The last record, where it holds totals rather than a row.
    pub trailer: Option<CsvTrailer>,
}

/// A last record that holds totals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CsvTrailer {
    /// The text it starts with, a quote left out. A record that starts so and isn't the last is rejected.
    pub starts_with: String,
    /// The names of its fields, for `[control]`: `rows = "trailer.record_count"`. Empty fields after them are left
    /// out.
    pub columns: Vec<String>,
}

impl Default for CsvSettings {
    fn default() -> Self {
        Self {
            delimiter: ",".into(),
            quote: "\"".into(),
            escape: None,
            header: true,
            columns: Vec::new(),
            skip_lines: 0,
            skip_footer_lines: 0,
            comment: None,
            encoding: "utf-8".into(),
            null_values: vec![String::new()],
            trim: false,
            ragged: Ragged::Reject,
            pgp: None,
            compression: Compression::Auto,
            archive: Archive::default(),
            trailer: None,
        }
    }
}

/// The byte of a text that is one ASCII character and can't be taken for a line end.
pub(super) fn byte(text: &str) -> Option<u8> {
    match text.as_bytes() {
        &[byte] if byte.is_ascii() && !matches!(byte, b'\n' | b'\r' | 0) => Some(byte),
        _ => None,
    }
}

fn texts(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

impl ConnectorSettings for CsvSettings {
    const KIND: &'static str = "csv";
    const SAMPLE: &'static str = include_str!("sample_csv.toml");

    fn problems(&self) -> Vec<SettingsProblem> {
        let mut problems = Vec::new();
        let quote = (!self.quote.is_empty()).then_some(self.quote.as_str());
        let given = [
            ("delimiter", Some(self.delimiter.as_str())),
            ("quote", quote),
            ("escape", self.escape.as_deref()),
            ("comment", self.comment.as_deref()),
        ];
        for (index, (name, text)) in given.iter().enumerate() {
            let Some(text) = text else { continue };
            if byte(text).is_none() {
                let help = "give one ASCII character that isn't a line end, such as `;` or `\\t`";
                problems.push(SettingsProblem::new(name, format!("`{}` can't be used", text.escape_debug()), help));
            } else if let Some((other, _)) = given[..index].iter().find(|(_, before)| before == &Some(*text)) {
                let help = "give each a character of its own; a quote that is doubled needs no `escape`";
                let message = format!("`{}` is the {other} already", text.escape_debug());
                problems.push(SettingsProblem::new(name, message, help));
            }
        }
        if self.escape.is_some() && quote.is_none() {
            let help = "an escape works inside quotes: give `quote`, or leave `escape` out";
            problems.push(SettingsProblem::new("escape", "there is no quote", help));
        }
        if !self.header && self.columns.is_empty() {
            let help = "name the columns in order: `columns = [\"call_id\", \"dnis\"]`";
            problems.push(SettingsProblem::new("header", "without a header the columns have no names", help));
        }
        name_problems("columns", &texts(&self.columns), &mut problems);
        encoding_problems(&self.encoding, &mut problems);
        archive_problems(&self.archive, &mut problems);
        pgp_problems(self.pgp.as_ref(), &mut problems);
        if let Some(trailer) = &self.trailer {
            if trailer.starts_with.is_empty() {
                let help = "give the text by which it is told from a row, such as `TRL`";
                problems.push(SettingsProblem::new("trailer.starts_with", "every record starts with nothing", help));
            }
            if trailer.columns.is_empty() {
                let help = "name them in order: `columns = [\"record_type\", \"record_count\"]`";
                problems.push(SettingsProblem::new("trailer.columns", "the fields of the trailer have no names", help));
            }
            name_problems("trailer.columns", &texts(&trailer.columns), &mut problems);
        }
        problems
    }
}
