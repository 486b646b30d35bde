//! What is wrong with what a pipeline says of trailers and control files: where its figures stand.

use super::document::Document;
use super::tree::{Content, Given, Node};
use crate::suggest::{list, nearest};

/// Notes what is wrong with it.
pub fn check(document: &mut Document) {
    let no_trailer = document.fits_under("format") && document.tree.at(["format", "trailer"]).is_none();
    if let Some(ready) = document.tree.at(["source", "ready"]).cloned()
        && ready.text() == Some("trailer")
        && no_trailer
    {
        let message = "files are to be ready when their trailer is there, and [format] declares none";
        let help = "describe it in [format.trailer], or choose another way to tell: `campaignd sample file`";
        document.problem(&ready.given, message, help);
    }
    let Some(control) = document.tree.get("control").cloned() else { return };
    let known = Known {
        trailer: document.tree.at(["format", "trailer"]).map(trailer_columns),
        header: document.tree.at(["format", "header"]).is_some_and(|header| !header.entries().is_empty()),
        file: control.get("file").is_some(),
    };
    let references = references(&control);
    if references.is_empty() {
        let help = "add `rows = \"trailer.…\"` or `sums = { \"sum(…)\" = \"trailer.…\" }`, or remove [control]";
        document.problem(&control.given, "[control] checks nothing", help);
    }
    for (given, reference) in references {
        if let Some((message, help)) = known.problem(&reference) {
            document.problem(&given, message, help);
        }
    }
    for item in control.get("rows_include").map_or(&[][..], Node::items) {
        let problem = match item.text() {
            Some("header") if !known.header => Some("header"),
            Some("trailer") if known.trailer.is_none() => Some("trailer"),
            _ => None,
        };
        if let Some(record) = problem {
            let message = format!("the {record} is to be counted, and [format] declares none");
            document.problem(&item.given, message, format!("describe it in [format.{record}], or leave it out"));
        }
    }
    business_date(document, &control);
}

/// Where the figures are to stand.
fn references(control: &Node) -> Vec<(Given, String)> {
    let at = |path: &[&str]| control.at(path.iter().copied());
    let texts = [at(&["rows"]), at(&["business_date", "value"]), at(&["checksum", "value"])];
    let pairs = ["sums", "hash_totals", "equal"].into_iter().filter_map(|key| control.get(key)).flat_map(Node::entries);
    let values = texts.into_iter().flatten().chain(pairs.map(|entry| &entry.value));
    let mut references: Vec<(Given, String)> =
        values.filter_map(|node| Some((node.given.clone(), node.text()?.to_owned()))).collect();
    let keys = control.get("equal").map_or(&[][..], Node::entries);
    references.extend(keys.iter().map(|entry| (entry.key_given.clone(), entry.key.clone())));
    references
}

fn business_date(document: &mut Document, control: &Node) {
    let Some(date) = control.get("business_date") else { return };
    for key in ["format", "name_format"] {
        let Some(node) = date.get(key) else { continue };
        let day = jiff::civil::date(2026, 7, 31);
        let reads_back = |form: &str| {
            let written = jiff::fmt::strtime::format(form, day).ok()?;
            jiff::fmt::strtime::parse(form, written)
                .and_then(|parsed| parsed.to_date())
                .ok()
                .filter(|read| *read == day)
        };
        if node.text().is_some_and(|form| reads_back(form).is_none()) {
            let help = "write it as strptime does: `%Y%m%d`, `%y%j`";
            document.problem(&node.given, "it says no day, month and year of a date", help);
        }
    }
    let name_format = date.get("name_format");
    match (date.get("expected").and_then(Node::text), name_format) {
        (Some("name"), None) => {
            let help = "add `name_format = \"%Y-%m-%d\"` as it is written there";
            document.problem(&date.given, "the date is to be the one in the file's name", help);
        }
        (Some(other), Some(node)) if other != "name" => {
            let message = format!("the date in the name says nothing with `expected = \"{other}\"`");
            document.problem(&node.given, message, "leave it out, or set `expected = \"name\"`");
        }
        _ => {}
    }
}

/// What a pipeline has that figures may stand in.
struct Known {
    /// Names of the trailer's fields.
    trailer: Option<Vec<String>>,
    header: bool,
    file: bool,
}

impl Known {
    fn problem(&self, reference: &str) -> Option<(String, String)> {
        match reference.split_once('.') {
            Some(("trailer", name)) if !name.is_empty() => self.trailer_problem(reference, name),
            Some(("header", name)) if !name.is_empty() => (!self.header).then(|| {
                let message = format!("`{reference}` stands in a header, and [format] declares none");
                (message, "describe it in [format.header], or name a field of the trailer".to_owned())
            }),
            Some(("control", name)) if !name.is_empty() => (!self.file).then(|| {
                let help = "add `file = \"{stem}.ctl\"` to [control]".to_owned();
                (format!("`{reference}` stands in a control file, and [control] names none"), help)
            }),
            _ => {
                let help = "write `trailer.NAME` or `header.NAME` (a field of that record) or `control.NAME` (a value of the \
                            control file)";
                Some((format!("`{reference}` says nowhere where the figure stands"), help.to_owned()))
            }
        }
    }

    fn trailer_problem(&self, reference: &str, name: &str) -> Option<(String, String)> {
        let Some(columns) = &self.trailer else {
            let message = format!("`{reference}` stands in a trailer, and [format] declares none");
            return Some((message, "describe it in [format.trailer], or name a value of the control file".to_owned()));
        };
        if columns.is_empty() || columns.iter().any(|column| column == name) {
            return None;
        }
        let all = format!("it has {}", list(columns.iter().map(String::as_str), "and"));
        let help = match nearest(name, columns.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `trailer.{near}`? {all}"),
            None => all,
        };
        Some((format!("the trailer has no `{name}`"), help))
    }
}

/// Names of the fields of a trailer; empty where they can't be told.
fn trailer_columns(trailer: &Node) -> Vec<String> {
    let Some(columns) = trailer.get("columns") else { return Vec::new() };
    let named = |item: &Node| match &item.content {
        Content::String(name) => Some(name.clone()),
        _ => item.get("name").and_then(Node::text).map(str::to_owned),
    };
    columns.items().iter().filter_map(named).chain(columns.entries().iter().map(|entry| entry.key.clone())).collect()
}
