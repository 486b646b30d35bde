//! What is wrong between pipelines: names given twice, pipelines that wait for none or for each other.

use std::collections::HashMap;

use super::document::Document;
use super::report::Problem;
use super::tree::Node;
use crate::suggest::{list, nearest};

/// Notes it in the documents.
pub fn check(documents: &mut [Document]) {
    let names: Vec<Option<String>> = documents.iter().map(|document| name(document).map(str::to_owned)).collect();
    let mut first: HashMap<&str, usize> = HashMap::new();
    for (position, name) in names.iter().enumerate() {
        let Some(name) = name else { continue };
        match first.get(name.as_str()) {
            Some(&earlier) => named_twice(documents, earlier, position, name),
            None => {
                first.insert(name, position);
            }
        }
    }
    let known: Vec<(String, &str)> =
        documents.iter().map(stem).zip(&names).filter_map(|(stem, name)| Some((stem, name.as_deref()?))).collect();
    for document in documents.iter_mut() {
        unknown_predecessors(document, &known);
    }
    cycles(documents, &first);
}

fn name(document: &Document) -> Option<&str> {
    document.tree.get("name").and_then(Node::text)
}

/// The name of its file, without `.toml`.
fn stem(document: &Document) -> String {
    document.file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn after(document: &Document) -> impl Iterator<Item = (&Node, &str)> {
    let items = document.tree.get("after").map_or(&[][..], Node::items);
    items.iter().filter_map(|item| item.text().map(|name| (item, name)))
}

fn named_twice(documents: &mut [Document], earlier: usize, later: usize, name: &str) {
    let place =
        |position: usize| documents[position].tree.get("name").map(|node| documents[position].place(&node.given));
    let (Some(one), Some(other)) = (place(earlier), place(later)) else { return };
    let message = format!("two pipelines are called `{name}`");
    let problem = Problem::error(other, message, "give each a name of its own: runs and checkpoints are kept by it");
    documents[later].problems.push(problem.related(one, "the other one"));
}

/// `known` holds file stem and name of every pipeline.
fn unknown_predecessors(document: &mut Document, known: &[(String, &str)]) {
    let own = name(document);
    let others: Vec<&str> = known.iter().map(|(_, name)| *name).filter(|name| own != Some(*name)).collect();
    let mut problems = Vec::new();
    for (item, name) in after(document) {
        if own == Some(name) || others.contains(&name) {
            continue;
        }
        let help = match (known.iter().find(|(stem, _)| stem == name), nearest(name, others.iter().copied())) {
            (Some((_, called)), _) => format!("the pipeline in {name}.toml is called `{called}`"),
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) if others.is_empty() => "there is no other pipeline".to_owned(),
            (None, None) => format!("the others are {}", list(others.iter().copied(), "and")),
        };
        problems.push(Problem::error(document.place(&item.given), format!("no pipeline is called `{name}`"), help));
    }
    document.problems.extend(problems);
}

/// Each circle once, at the pipeline of it that comes first.
fn cycles(documents: &mut [Document], first: &HashMap<&str, usize>) {
    let mut found = Vec::new();
    for start in 0..documents.len() {
        let mut trail = vec![start];
        if let Some(circle) = circle(documents, first, start, &mut trail, &mut vec![false; documents.len()]) {
            found.push((start, circle));
        }
    }
    for (start, circle) in found {
        let Some((item, _)) = after(&documents[start]).find(|(_, name)| first.get(name) == circle.get(1)) else {
            continue;
        };
        let names: Vec<&str> = circle.iter().filter_map(|&position| name(&documents[position])).collect();
        let message = match names.len() {
            2 => format!("`{}` would run after itself", names[0]),
            _ => format!("these pipelines wait for each other: {}", names.join(" after ")),
        };
        let place = documents[start].place(&item.given);
        documents[start].problems.push(Problem::error(place, message, "remove one `after` of the circle"));
    }
}

/// The way from `start` back to it over pipelines that come no earlier, if there is one.
fn circle(
    documents: &[Document],
    first: &HashMap<&str, usize>,
    start: usize,
    trail: &mut Vec<usize>,
    seen: &mut Vec<bool>,
) -> Option<Vec<usize>> {
    let last = *trail.last()?;
    for (_, name) in after(&documents[last]) {
        let Some(&next) = first.get(name) else { continue };
        if next == start {
            trail.push(start);
            return Some(trail.clone());
        }
        if next > start && !std::mem::replace(&mut seen[next], true) {
            trail.push(next);
            if let Some(circle) = circle(documents, first, start, trail, seen) {
                return Some(circle);
            }
            trail.pop();
        }
    }
    None
}
