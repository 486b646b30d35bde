//! What is wrong with what a pipeline says of trailers and control files: where its figures stand.

use super::document::Document;
use super::suggest::{list, nearest};
use super::tree::{Content, Node};

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
    let trailer = document.tree.at(["format", "trailer"]).map(trailer_columns);
    let has_file = control.get("file").is_some();
    let totals = ["sums", "hash_totals"].into_iter().filter_map(|key| control.get(key));
    let references: Vec<&Node> =
        control.get("rows").into_iter().chain(totals.flat_map(Node::entries).map(|entry| &entry.value)).collect();
    if references.is_empty() {
        let help = "add `rows = \"trailer.…\"` or `sums = { \"sum(…)\" = \"trailer.…\" }`, or remove [control]";
        document.problem(&control.given, "[control] checks nothing", help);
    }
    for node in references {
        let Some(reference) = node.text() else { continue };
        if let Some((message, help)) = problem(reference, trailer.as_deref(), has_file) {
            document.problem(&node.given, message, help);
        }
    }
}

fn problem(reference: &str, trailer: Option<&[String]>, has_file: bool) -> Option<(String, String)> {
    match reference.split_once('.') {
        Some(("trailer", name)) if !name.is_empty() => match trailer {
            None => {
                let message = format!("`{reference}` stands in a trailer, and [format] declares none");
                Some((message, "describe it in [format.trailer], or name a value of the control file".to_owned()))
            }
            Some(columns) if columns.is_empty() || columns.iter().any(|column| column == name) => None,
            Some(columns) => {
                let all = format!("it has {}", list(columns.iter().map(String::as_str), "and"));
                let help = match nearest(name, columns.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `trailer.{near}`? {all}"),
                    None => all,
                };
                Some((format!("the trailer has no `{name}`"), help))
            }
        },
        Some(("control", name)) if !name.is_empty() => (!has_file).then(|| {
            let help = "add `file = \"{stem}.ctl\"` to [control]".to_owned();
            (format!("`{reference}` stands in a control file, and [control] names none"), help)
        }),
        _ => {
            let help = "write `trailer.NAME` (a field of the trailer) or `control.NAME` (a value of the control file)";
            Some((format!("`{reference}` says nowhere where the figure stands"), help.to_owned()))
        }
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
