//! From discovery to release.

use std::fs;

use campaignd_contract::{Outcome, Released, Source};

use super::bed::{Bed, take};

#[test]
fn a_file_is_taken_and_archived() {
    let bed = Bed::new();
    bed.put("a.csv", "abc");
    let mut source = bed.source("after = 'archive'\narchive = 'done'");
    let (candidate, unit, content) = take(&mut source, "a.csv");
    assert_eq!(content, b"abc");
    assert_eq!(unit.id, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad:3");
    let done = bed.root().join("done/a.csv");
    let released = source.release(&candidate, &unit, &Outcome::Finished).unwrap();
    assert_eq!(released, Released::Archived(done.display().to_string()));
    assert_eq!(fs::read(done).unwrap(), b"abc");
    assert_eq!((bed.names("in"), bed.spooled()), (vec![], vec![]));
}
