//! A table with everything a column can be, a call log to fill it from, and what the tests do with both.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use campaignd_contract::{Column, ColumnType, Group, Input, InputKind, Table};

use super::super::{MappedOutput, Mapping, Problem, Pseudonymiser, check_for};
use crate::settings;

const fn column(name: &'static str, kind: ColumnType, required: bool) -> Column {
    Column { name, kind, required, default: None, meaning: "", unit: "", term: "", lineage: false }
}

pub static RESPONSE: Table = Table {
    name: "response",
    group: Group::Facts,
    meaning: "",
    term: "",
    key: &["source_key"],
    columns: &[
        column("response_no", ColumnType::Identity, true),
        column("source_key", ColumnType::Text(20), true),
        column("occurred_at", ColumnType::Timestamp, true),
        column("code", ColumnType::Text(12), false),
        column("response_type", ColumnType::Choice(&["order", "inquiry", "refusal"]), true),
        column("party_key", ColumnType::Text(64), false),
        column("seconds", ColumnType::Integer, false),
        Column { unit: "currency_code", ..column("amount", ColumnType::Decimal, false) },
        column("currency_code", ColumnType::Text(3), false),
        column("day", ColumnType::Date, false),
        column("is_test", ColumnType::Boolean, false),
        Column { lineage: true, ..column("batch_no", ColumnType::Integer, true) },
    ],
    inputs: &[
        Input { name: "party_id", kind: InputKind::Identifier, column: "party_key", meaning: "" },
        Input { name: "party_phone", kind: InputKind::Phone, column: "party_key", meaning: "" },
        Input { name: "party_email", kind: InputKind::Email, column: "party_key", meaning: "" },
    ],
    indexes: &[],
};

pub fn table(name: &str) -> Option<&'static Table> {
    (name == RESPONSE.name).then_some(&RESPONSE)
}

/// The columns of the call log.
pub const COLUMNS: [&str; 10] =
    ["call_id", "start_time", "dnis", "ani", "disposition", "duration", "amount", "email", "customer", "Agent Name"];

pub fn columns() -> Vec<String> {
    COLUMNS.map(str::to_owned).to_vec()
}

/// Rows of the call log: `a|b|…`, an empty field being NULL, missing ones too.
pub fn batch(rows: &[&str]) -> RecordBatch {
    let arrays = (0..COLUMNS.len()).map(|index| {
        let values = rows.iter().map(|row| row.split('|').nth(index).filter(|text| !text.is_empty()));
        Arc::new(values.collect::<StringArray>()) as ArrayRef
    });
    RecordBatch::try_from_iter_with_nullable(COLUMNS.into_iter().zip(arrays).map(|(name, array)| (name, array, true)))
        .unwrap()
}

/// A pipeline with outputs given as TOML.
pub fn pipeline(rest: &str) -> settings::Pipeline {
    let head = "name = 'calls'\nsource = { kind = 'file' }\nformat = { kind = 'csv' }\n";
    toml::from_str(&format!("{head}{rest}")).unwrap()
}

/// A pipeline with one output whose required fields are given.
pub fn one(fields: &str) -> settings::Pipeline {
    let given = |name: &str| fields.lines().any(|line| line.starts_with(&format!("{name} ")));
    let mut all = String::new();
    for (name, value) in [
        ("source_key", "'\"k\"'"),
        ("occurred_at", "'''timestamp '2026-03-01 10:00:00''''"),
        ("response_type", "\"'order'\""),
    ] {
        let value = if name == "source_key" { "\"'k'\"" } else { value };
        if !given(name) {
            writeln!(all, "{name} = {value}").unwrap();
        }
    }
    let (before, fields): (Vec<_>, Vec<_>) =
        fields.lines().partition(|line| line.starts_with('[') || line.starts_with("when "));
    let (mapping, when): (Vec<_>, Vec<_>) = before.into_iter().partition(|line| line.starts_with('['));
    let mapping = mapping.join("\n").replace("[mapping]", "[mapping]\n").replace(';', "\n");
    pipeline(&format!(
        "{mapping}\n[[output]]\nrecord = 'response'\n{}\n[output.fields]\n{all}{}",
        when.join("\n"),
        fields.join("\n")
    ))
}

pub fn pseudonyms() -> Pseudonymiser {
    Pseudonymiser::new("k1", &[7; 32]).unwrap()
}

pub fn compiled(pipeline: &settings::Pipeline) -> Mapping {
    Mapping::compile_for(pipeline, &columns(), &pseudonyms(), table)
        .unwrap_or_else(|problems| panic!("{}", shown(&problems)))
}

/// What one output makes of rows.
pub fn mapped(pipeline: &settings::Pipeline, rows: &[&str]) -> MappedOutput {
    compiled(pipeline).apply(&batch(rows)).unwrap().swap_remove(0)
}

/// What is wrong with a pipeline over the call log.
pub fn problems(pipeline: &settings::Pipeline) -> String {
    shown(&check_for(pipeline, Some(&columns()), table))
}

pub fn shown(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Records, rejects and the rest as lines.
pub fn lines(output: &MappedOutput) -> String {
    let mut text = String::new();
    let options = FormatOptions::default().with_null("∅");
    let formatters: Vec<_> = output
        .records
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column.as_ref(), &options).unwrap())
        .collect();
    for (index, row) in output.rows.iter().enumerate() {
        let values: Vec<_> = formatters.iter().map(|formatter| formatter.value(index).to_string()).collect();
        writeln!(text, "{row}: {}", values.join(" | ")).unwrap();
    }
    for rejected in &output.rejected {
        writeln!(
            text,
            "{} {} {} '{}': {}",
            rejected.row, rejected.code, rejected.field, rejected.text, rejected.reason
        )
        .unwrap();
    }
    if !output.filtered.is_empty() {
        writeln!(text, "filtered {:?}", output.filtered).unwrap();
    }
    if let Some(money) = &output.money {
        writeln!(text, "money {money:?}").unwrap();
    }
    text
}
