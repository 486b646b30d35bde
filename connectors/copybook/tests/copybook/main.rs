//! Copybooks as text, through to what a record's bytes mean.

#![expect(clippy::unwrap_used, reason = "a failed unwrap in a test is a failed test")]

mod any_bytes;
mod changes;
mod cobrix;
#[cfg(feature = "arrow")]
mod columnar;
mod conditions;
mod fields;
mod fuzz_corpus;
mod gnucobol;
mod layouts;
mod lost_records;
mod messages;
mod real_files;
mod records;
mod slack;
mod written;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use campaignd_copybook::Copybook;
use campaignd_copybook::code_page::CodePage;
use campaignd_copybook::decode::{Decoder, Fault, JsonLine, Options};
use campaignd_copybook::layout::{Layout, lines};

/// The layout of a copybook that is right.
fn layout(text: &str) -> Layout {
    match Copybook::parse("TEST", text, &()) {
        Ok(copybook) => copybook.layout,
        Err(errors) => panic!("{text}\n{}", shown(&errors)),
    }
}

/// What is said about a copybook that is wrong.
fn message(text: &str) -> String {
    shown(&Copybook::parse("TEST", text, &()).unwrap_err())
}

fn shown(errors: &[campaignd_copybook::source::CopybookError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n")
}

/// Name, offset and length of every item: `A 0 8`.
fn places(layout: &Layout) -> Vec<String> {
    let items = layout.items.iter().filter(|item| !item.name.is_empty());
    items.map(|item| format!("{} {} {}", item.name, item.offset, item.length)).collect()
}

/// A layout as a table.
fn listed(layout: &Layout) -> String {
    let mut shown = String::new();
    for line in lines(layout) {
        let fixed = if line.fixed { "" } else { " ~" };
        let occurs = if line.occurs.is_empty() { String::new() } else { format!(" [{}]", line.occurs) };
        shown += &format!(
            "{:02} {}{} {}+{}{fixed}{occurs} {}\n",
            line.level,
            "  ".repeat(line.depth),
            line.name,
            line.offset,
            line.length,
            line.holds
        );
    }
    shown
}

fn options(page: &str) -> Options {
    Options::z_os(CodePage::named(page).unwrap())
}

/// The first record of a layout as JSON, and what is wrong with it.
fn decoded(layout: &Layout, options: Options, bytes: &[u8]) -> (String, Vec<Fault>) {
    let mut decoder = Decoder::new(Arc::new(layout.clone()), options);
    let mut json = JsonLine::new(layout);
    json.start(&[]);
    decoder.decode(layout.records[0], bytes, &mut json);
    (json.line().to_owned(), json.faults)
}

/// A fault as a person reads it.
fn told(layout: &Layout, fault: &Fault) -> String {
    let raw: Vec<String> = fault.raw.iter().map(|byte| format!("{byte:02X}")).collect();
    let Fault { item, offset, reason, .. } = fault;
    format!("{} at {offset} [{}] {}: {reason}", layout.path(*item), raw.join(" "), reason.code())
}

/// Text in EBCDIC.
fn ebcdic(text: &str) -> Vec<u8> {
    let page = CodePage::named("cp037").unwrap();
    text.chars().map(|c| page.byte_of(c).unwrap()).collect()
}

/// The file or folder in the folder of real data, if there is one.
fn data(name: &str) -> Option<PathBuf> {
    let beside_repository = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let path = std::env::var_os("CAMPAIGND_TEST_DATA").map_or_else(beside_repository, PathBuf::from).join(name);
    let there = path.exists();
    if !there {
        eprintln!("skipped: {} isn't there", path.display());
    }
    there.then_some(path)
}

fn all_absent() -> campaignd_copybook::decode::Absent {
    campaignd_copybook::decode::Absent { blanks: true, low_values: true, high_values: true }
}
