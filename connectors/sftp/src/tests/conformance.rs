//! The suite that every source passes, in each way of telling that a file is complete.

use std::fs;
use std::io::Write;
use std::path::Path;

use campaignd_contract::Source;
use campaignd_contract::conformance::source::{Origin, SourceHarness, check};

use super::bed::Bed;

struct Files {
    bed: Bed,
    settings: &'static str,
    cleared: &'static str,
}

impl Files {
    /// As the sender does when it is done.
    fn complete(&self, name: &str) {
        let is_input = Path::new(name).extension().is_some_and(|extension| extension == "csv");
        if self.settings.contains("marker") && is_input {
            self.bed.put(&format!("{name}.done"), "");
        }
    }
}

impl SourceHarness for Files {
    fn put(&mut self, name: &str, content: &[u8]) {
        self.bed.put(name, content);
        self.complete(name);
    }

    fn append(&mut self, name: &str, more: &[u8]) {
        fs::File::options().append(true).open(self.bed.input(name)).unwrap().write_all(more).unwrap();
        self.complete(name);
    }

    fn remove(&mut self, name: &str) {
        fs::remove_file(self.bed.input(name)).unwrap();
    }

    fn rename(&mut self, from: &str, to: &str) {
        fs::rename(self.bed.input(from), self.bed.input(to)).unwrap();
        self.complete(to);
    }

    fn content(&mut self, name: &str) -> Option<Vec<u8>> {
        fs::read(self.bed.input(name)).ok()
    }

    fn source(&mut self, origin: Origin) -> Box<dyn Source> {
        let after = match origin {
            Origin::Kept => "",
            Origin::Cleared => self.cleared,
        };
        Box::new(self.bed.source(&format!("path = 'ROOT/in/*.csv'\n{}\n{after}", self.settings)))
    }

    fn left_behind(&mut self) -> Vec<String> {
        self.bed.spooled()
    }
}

fn conforms(settings: &'static str, cleared: &'static str) {
    if Bed::new().is_some() {
        check(|| Files { bed: Bed::new().unwrap(), settings, cleared });
    }
}

#[test]
fn with_markers_and_an_archive() {
    conforms("ready = 'marker'\nmarker = '{name}.done'", "after = 'archive'\narchive = 'ROOT/in/done'");
}

#[test]
fn with_trailers_and_deletion() {
    conforms("ready = 'trailer'", "after = 'delete'");
}

#[test]
fn with_one_connection() {
    conforms("connections = 1", "after = 'delete'");
}
