//! Control totals: what the sender says a file holds, against what was counted.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use campaignd_contract::Trailer;

use super::PipelineError;
use crate::config;
use crate::load::DeclaredTotal;
use crate::mapping::Sums;

/// Counts while a file is read, and compares at its end.
pub struct ControlTotals<'a> {
    control: &'a config::Control,
    sums: Sums,
    rows: u64,
    unreadable: Vec<String>,
}

impl<'a> ControlTotals<'a> {
    /// Totals of `[control]` over a source with these columns.
    pub fn new(
        control: &'a config::Control,
        columns: &[String],
        mapping: &config::Mapping,
        file: &str,
    ) -> Result<Self, PipelineError> {
        let keys = control.sums.keys().chain(control.hash_totals.keys()).map(String::as_str);
        let sums = Sums::compile(keys, Some(columns), mapping)
            .map_err(|problems| PipelineError::Expressions { file: file.to_owned(), problems })?;
        Ok(Self { control, sums, rows: 0, unreadable: Vec::new() })
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

    /// Every declared total with what was counted.
    pub fn compare(&self, trailer: Option<&Trailer>, companion: &BTreeMap<String, String>) -> Vec<DeclaredTotal> {
        let declared = |reference: &str| -> Option<String> {
            let (place, name) = reference.split_once('.')?;
            match place {
                "trailer" => {
                    trailer?.fields.iter().find(|(field, _)| field == name).map(|(_, text)| text.trim().to_owned())
                }
                _ => companion.get(name).cloned(),
            }
        };
        let mut totals = Vec::new();
        if let Some(reference) = &self.control.rows {
            totals.push(compared("rows", reference, declared(reference), &self.rows.to_string(), equal));
        }
        let counted: BTreeMap<&str, String> =
            self.sums.totals().into_iter().map(|(key, total)| (key, total.to_string())).collect();
        for (key, reference) in &self.control.sums {
            let actual = counted.get(key.as_str()).cloned().unwrap_or_default();
            totals.push(compared(key, reference, declared(reference), &actual, equal));
        }
        for (key, reference) in &self.control.hash_totals {
            let actual = counted.get(key.as_str()).cloned().unwrap_or_default();
            totals.push(compared(key, reference, declared(reference), &actual, equal_in_width));
        }
        if !self.unreadable.is_empty() {
            for total in totals.iter_mut().filter(|total| !total.agrees) {
                total.actual.push_str(&format!(", leaving out {}", self.unreadable.join(", ")));
            }
        }
        totals
    }
}

fn compared(
    measure: &str,
    reference: &str,
    expected: Option<String>,
    actual: &str,
    equal: fn(&str, &str) -> bool,
) -> DeclaredTotal {
    let agrees = expected.as_deref().is_some_and(|expected| equal(expected, actual));
    DeclaredTotal {
        measure: measure.to_owned(),
        expected: expected.unwrap_or_else(|| format!("nothing ({reference} is missing)")),
        actual: actual.to_owned(),
        agrees,
    }
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

/// The values of a control file: one `name = value` or `name: value` a line; empty lines and lines that start with `#`
/// say nothing. The error names the line that is neither.
pub fn control_file(bytes: &[u8]) -> Result<BTreeMap<String, String>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "the control file isn't text".to_owned())?;
    let mut values = BTreeMap::new();
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = line
            .split_once(['=', ':'])
            .ok_or_else(|| format!("line {} of the control file is not `name = value`", number + 1))?;
        values.insert(name.trim().to_owned(), value.trim().trim_matches('"').to_owned());
    }
    Ok(values)
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

    #[test]
    fn control_files_in_both_notations() {
        let values = control_file(b"# orders\r\norders = 59\r\ntotal: \"4817.46\"\r\n").unwrap();
        assert_eq!(values["orders"], "59");
        assert_eq!(values["total"], "4817.46");
        assert_eq!(control_file(b"a=1\nnonsense").unwrap_err(), "line 2 of the control file is not `name = value`");
    }
}
