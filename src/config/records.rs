//! What is wrong with `[[output]]`: record kinds, their columns and their keys.

use campaignd_contract::{Column, ColumnType, Group, Table};

use super::document::Document;
use super::report::Problem;
use super::tree::{Entry, Node};
use crate::model::{self, is_record_kind, may_be_given, must_be_given, record_kinds};
use crate::suggest::{did_you_mean, list, nearest};

/// Notes what is wrong with the outputs.
pub fn check(document: &mut Document) {
    let Some(outputs) = document.tree.get("output").cloned() else { return };
    for output in outputs.items() {
        let Some(record) = output.get("record") else { continue };
        let Some(name) = record.text() else { continue };
        match model::table(name).filter(|table| is_record_kind(table)) {
            Some(table) => fields(document, output, table),
            None => unknown_record(document, record, name),
        }
    }
    same_records(document, outputs.items());
}

fn unknown_record(document: &mut Document, record: &Node, name: &str) {
    let kinds: Vec<&str> = record_kinds().map(|table| table.name).collect();
    let message = match model::table(name) {
        Some(table) if table.group == Group::Results => format!("no pipeline writes `{name}`: campaignd works it out"),
        Some(_) => format!("no pipeline writes `{name}`: campaignd keeps it itself"),
        None => format!("unknown record kind `{name}`"),
    };
    document.problem(&record.given, message, did_you_mean(name, &kinds));
}

fn fields(document: &mut Document, output: &Node, table: &'static Table) {
    let Some(fields) = output.get("fields") else { return };
    let meant: Vec<&str> = fields.entries().iter().filter_map(|entry| field(document, entry, fields, table)).collect();
    for column in must_be_given(table) {
        if fields.get(column.name).is_none() && !meant.contains(&column.name) {
            let message = format!("`{}` needs `{}`", table.name, column.name);
            let help = format!("add `{} = \"…\"` to [output.fields]: {}", column.name, first_lower(column.meaning));
            document.problem(&fields.given, message, help);
        }
    }
    constant_key(document, fields, table);
}

/// Returns the column that was meant, if an unknown one was given and it can be told.
fn field(document: &mut Document, entry: &Entry, fields: &Node, table: &'static Table) -> Option<&'static str> {
    let name = entry.key.as_str();
    if table.inputs.iter().any(|input| input.name == name) {
        return None;
    }
    match table.column(name) {
        Some(column) if column.lineage => {
            let message = format!("`{name}` says where a row came from: campaignd writes it itself");
            document.problem(&entry.key_given, message, "remove this line");
            None
        }
        Some(column) if column.kind == ColumnType::Identity => {
            let message = format!("`{name}` is a number that the warehouse assigns");
            document.problem(&entry.key_given, message, "remove this line; the record's own key is `source_key`");
            None
        }
        Some(column) => {
            word(document, entry, column);
            None
        }
        None => unknown_column(document, entry, fields, table),
    }
}

fn unknown_column(
    document: &mut Document,
    entry: &Entry,
    fields: &Node,
    table: &'static Table,
) -> Option<&'static str> {
    let name = entry.key.as_str();
    let columns = table.columns.iter().filter(|column| may_be_given(column)).map(|column| column.name);
    let inputs = table.inputs.iter().map(|input| input.name);
    let free: Vec<&'static str> = columns.chain(inputs).filter(|column| fields.get(column).is_none()).collect();
    let near = nearest(name, free.iter().copied());
    let elsewhere = record_kinds().find(|other| other.column(name).is_some_and(may_be_given));
    let help = match (near, elsewhere) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, Some(other)) => format!("it is a column of `{}`; `campaignd schema` lists them all", other.name),
        (None, None) => format!("what it can have besides: {}", list(free, "and")),
    };
    document.problem(&entry.key_given, format!("`{}` has no column `{name}`", table.name), help);
    near
}

/// A text constant that isn't one of the words its column takes.
fn word(document: &mut Document, entry: &Entry, column: &Column) {
    let (ColumnType::Choice(words), Some(text)) = (column.kind, entry.value.text().and_then(text_constant)) else {
        return;
    };
    if !words.contains(&text) {
        let message = format!("`{}` can't be `{text}`", column.name);
        document.problem(&entry.value.given, message, did_you_mean(text, words));
    }
}

/// Every row of a fact with the same key: each would replace the one before.
fn constant_key(document: &mut Document, fields: &Node, table: &Table) {
    if table.group != Group::Facts || !table.key.contains(&"source_key") {
        return;
    }
    if let Some(value) = fields.get("source_key")
        && value.text().is_some_and(is_constant)
    {
        let message = "every row would have the same `source_key`, and each would replace the one before";
        let help = "give the column that is the record's own key in its source system";
        document.problem(&value.given, message, help);
    }
}

/// Two outputs that write the same record of the same row under the same key.
fn same_records(document: &mut Document, outputs: &[Node]) {
    let told = |output: &Node| {
        let text =
            |key: &str| output.get("fields").and_then(|fields| fields.get(key)).and_then(Node::text).map(squeeze);
        let when = output.get("when").and_then(Node::text).map(squeeze);
        let table = model::table(output.get("record")?.text()?)?;
        let key: Vec<Option<String>> = table.key.iter().map(|column| text(column)).collect();
        key.iter().any(Option::is_some).then_some((table.name, when, key))
    };
    for (position, output) in outputs.iter().enumerate() {
        let Some((record, when, key)) = told(output) else { continue };
        let earlier = outputs[..position].iter().find(|earlier| {
            told(earlier).is_some_and(|(other, condition, other_key)| {
                let apart = condition.is_some() && when.is_some() && condition != when;
                other == record && other_key == key && !apart
            })
        });
        if let Some(earlier) = earlier {
            let message = format!("two outputs write the same `{record}`: the second would replace the first");
            let help = "make their keys differ (`source_key = \"call_id || '/cost'\"`), or give both a `when`";
            let problem = Problem::error(document.place(&output.given), message, help)
                .related(document.place(&earlier.given), "the first");
            document.problems.push(problem);
        }
    }
}

fn squeeze(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text of an SQL expression that is one text constant.
fn text_constant(sql: &str) -> Option<&str> {
    let inner = sql.trim().strip_prefix('\'')?.strip_suffix('\'')?;
    (!inner.contains('\'')).then_some(inner)
}

fn is_constant(sql: &str) -> bool {
    text_constant(sql).is_some() || sql.trim().parse::<i64>().is_ok()
}

fn first_lower(meaning: &str) -> String {
    let mut characters = meaning.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}
