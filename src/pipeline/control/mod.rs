//! Control totals: what the sender says of a file, against what was counted, worked out or due.

mod business_date;
mod checksum;
mod control_file;

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use campaignd_contract::{ByteSource, ControlRecord};
use jiff::Timestamp;
use jiff::civil::Date;

pub use control_file::control_file;

use super::PipelineError;
use crate::config::{self, BusinessDate, Checksum, CountedRecord};
use crate::load::DeclaredTotal;
use crate::mapping::Sums;

/// Counts while a file is read, and compares at its end.
pub struct ControlTotals<'a> {
    control: &'a config::Control,
    sums: Sums,
    rows: u64,
    unreadable: Vec<String>,
    due: Option<Date>,
}

impl<'a> ControlTotals<'a> {
    /// Totals of `[control]` over a source with these columns, for a file that is read `now`.
    pub fn new(
        control: &'a config::Control,
        columns: &[String],
        mapping: &config::Mapping,
        file: &str,
        now: Timestamp,
    ) -> Result<Self, PipelineError> {
        let keys = control.sums.keys().chain(control.hash_totals.keys()).map(String::as_str);
        let sums = Sums::compile(keys, Some(columns), mapping)
            .map_err(|problems| PipelineError::Expressions { file: file.to_owned(), problems })?;
        let due = control.business_date.as_ref().map(|date| business_date::due(date, file, now)).transpose()?;
        Ok(Self { control, sums, rows: 0, unreadable: Vec::new(), due })
    }

    /// Counts a batch: `rows` were read, `records` of them decoded.
    pub fn add(&mut self, rows: u64, records: &RecordBatch) -> Result<(), PipelineError> {
        self.rows += rows;
        for refused in self.sums.add(records)? {
            if self.unreadable.len() < 3 {
                self.unreadable.push(format!("{} in {:?} ({})", refused.field, refused.text, refused.reason));
            }
        }
        Ok(())
    }

    /// Everything declared with what was counted, worked out or due.
    pub fn compare(&self, said: &Said<'_>) -> Vec<DeclaredTotal> {
        let mut totals = Vec::new();
        if let Some(reference) = &self.control.rows {
            let (rows, measure) = self.rows_as_counted(said);
            totals.push(compared(&measure, said.at(reference), &rows.to_string(), equal));
        }
        let counted: BTreeMap<&str, String> =
            self.sums.totals().into_iter().map(|(key, total)| (key, total.to_string())).collect();
        for (all, equal) in [(&self.control.sums, equal as Equal), (&self.control.hash_totals, equal_in_width)] {
            for (key, reference) in all {
                let actual = counted.get(key.as_str()).cloned().unwrap_or_default();
                totals.push(compared(key, said.at(reference), &actual, equal));
            }
        }
        if !self.unreadable.is_empty() {
            for total in totals.iter_mut().filter(|total| !total.agrees) {
                total.actual.push_str(&format!(", leaving out {}", self.unreadable.join(", ")));
            }
        }
        for (one, other) in &self.control.equal {
            totals.push(same(one, other, said));
        }
        if let (Some(setting), Some(due)) = (&self.control.business_date, self.due) {
            totals.push(dated(setting, due, said));
        }
        totals
    }

    /// The rows, with the records that the sender counts too, and what that is called.
    fn rows_as_counted(&self, said: &Said<'_>) -> (u64, String) {
        let (mut rows, mut measure) = (self.rows, "rows".to_owned());
        for record in &self.control.rows_include {
            let (there, name) = match record {
                CountedRecord::Header => (said.header.is_some(), "header"),
                CountedRecord::Trailer => (said.trailer.is_some(), "trailer"),
            };
            rows += u64::from(there);
            measure.push_str(&format!(" and {name}"));
        }
        (rows, measure)
    }
}

/// What the sender says of a file, in it and beside it.
pub struct Said<'a> {
    /// The header record.
    pub header: Option<&'a ControlRecord>,
    /// The trailer record.
    pub trailer: Option<&'a ControlRecord>,
    /// The control file.
    pub companion: &'a BTreeMap<String, String>,
}

impl Said<'_> {
    /// What stands at a reference such as `trailer.total`, or why nothing does.
    fn at(&self, reference: &str) -> Result<String, String> {
        let missing = |why: &str| format!("nothing ({reference} is missing{why})");
        let (place, name) = reference.split_once('.').ok_or_else(|| missing(""))?;
        let record = match place {
            "header" => self.header,
            "trailer" => self.trailer,
            _ => return self.companion.get(name).cloned().ok_or_else(|| missing("")),
        };
        let record = record.ok_or_else(|| missing(&format!(": there is no {place}")))?;
        let field = record.fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
        field
            .map(|(_, text)| text.trim().to_owned())
            .ok_or_else(|| missing(&record.unreadable.as_ref().map(|why| format!(": {why}")).unwrap_or_default()))
    }
}

/// Whether a figure that was declared is the one that was counted.
type Equal = fn(&str, &str) -> bool;

fn compared(measure: &str, declared: Result<String, String>, actual: &str, equal: Equal) -> DeclaredTotal {
    let agrees = declared.as_deref().is_ok_and(|declared| equal(declared, actual));
    DeclaredTotal {
        measure: measure.to_owned(),
        expected: declared.unwrap_or_else(|missing| missing),
        origin: "counted",
        actual: actual.to_owned(),
        agrees,
    }
}

/// Two places that must say the same: the same number, or the same text.
fn same(one: &str, other: &str, said: &Said<'_>) -> DeclaredTotal {
    let (first, second) = (said.at(one), said.at(other));
    let agrees = matches!((&first, &second), (Ok(first), Ok(second)) if first == second || equal(first, second));
    DeclaredTotal {
        measure: format!("{one} = {other}"),
        expected: first.unwrap_or_else(|missing| missing),
        origin: "in the other place",
        actual: second.unwrap_or_else(|missing| missing),
        agrees,
    }
}

/// The day the file says it is of, against the one that is due.
fn dated(setting: &BusinessDate, due: Date, said: &Said<'_>) -> DeclaredTotal {
    let declared = said.at(&setting.value);
    let read = declared.as_deref().ok().map(|text| business_date::read(&setting.format, text));
    DeclaredTotal {
        measure: "business date".to_owned(),
        expected: match (&read, declared) {
            (Some(Ok(day)), _) => day.to_string(),
            (Some(Err(wrong)), Ok(text)) => format!("{text}, which is no date ({wrong})"),
            (_, declared) => declared.unwrap_or_else(|missing| missing),
        },
        origin: "due",
        actual: due.to_string(),
        agrees: read == Some(Ok(due)),
    }
}

/// The checksum that was declared, against the one of the file.
pub fn checksum(
    declared: &Checksum,
    companion: &BTreeMap<String, String>,
    bytes: &dyn ByteSource,
) -> Result<DeclaredTotal, PipelineError> {
    let said = Said { header: None, trailer: None, companion };
    let actual = checksum::of(declared.algorithm, bytes)?;
    let total = compared("checksum", said.at(&declared.value), &actual, |declared, actual| {
        declared.eq_ignore_ascii_case(actual)
    });
    Ok(DeclaredTotal { origin: "worked out", ..total })
}

/// Whether two decimal numbers are the same number: `0000123.40` is `123.4`.
fn equal(expected: &str, actual: &str) -> bool {
    matches!((Plain::of(expected), Plain::of(actual)), (Some(expected), Some(actual)) if expected == actual)
}

/// Whether they agree in the digits that were declared: the sender's field was too narrow for the rest.
fn equal_in_width(expected: &str, actual: &str) -> bool {
    let width = expected.chars().filter(char::is_ascii_digit).count();
    let digits = |text: &str| -> Option<String> {
        let plain: String = text.chars().filter(|c| !matches!(c, '+' | '-' | '.')).collect();
        plain.chars().all(|c| c.is_ascii_digit()).then_some(plain)
    };
    match (digits(expected), digits(actual)) {
        (Some(expected), Some(actual)) if width > 0 => {
            let cut = &actual[actual.len().saturating_sub(width)..];
            cut.trim_start_matches('0') == expected.trim_start_matches('0')
        }
        _ => false,
    }
}

/// A decimal number without what may be written or left out.
#[derive(PartialEq, Eq)]
struct Plain<'t> {
    negative: bool,
    whole: &'t str,
    fraction: &'t str,
}

impl<'t> Plain<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let text = text.trim();
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !digits(whole) || !digits(fraction) {
            return None;
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        Some(Self { negative: negative && !(whole.is_empty() && fraction.is_empty()), whole, fraction })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_as_numbers() {
        for (expected, actual) in [("0000123", "123"), ("123.40", "123.4"), ("-0", "0"), ("+7", "7"), (".5", "0.5")] {
            assert!(equal(expected, actual), "{expected} {actual}");
        }
        for (expected, actual) in [("124", "123"), ("", ""), ("1e3", "1000"), ("-7", "7"), ("12.34", "12.3")] {
            assert!(!equal(expected, actual), "{expected} {actual}");
        }
    }

    #[test]
    fn hash_totals_are_compared_in_the_declared_width() {
        assert!(equal_in_width("3456", "123456"));
        assert!(equal_in_width("0012", "990012"));
        assert!(equal_in_width("000012", "12"));
        assert!(!equal_in_width("3457", "123456"));
        assert!(!equal_in_width("", "1"));
    }
}
