//! What becomes of the origin.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use campaignd_contract::{Outcome, Released, Source};
use insta::assert_snapshot;

use super::bed::{Bed, take};
use crate::FileSource;
use crate::release::copy_to;
use campaignd_spool::Content;

const ABC: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad:3";
const ARCHIVE: &str = "after = 'archive'\narchive = 'done'";

fn finish(source: &mut FileSource, name: &str) -> Released {
    let (candidate, unit, _) = take(source, name);
    source.release(&candidate, &unit, &Outcome::Finished).unwrap()
}

#[test]
fn archived_names_are_never_overwritten() {
    let bed = Bed::new();
    let mut source = bed.source(ARCHIVE);
    for content in ["abc", "abc", "other", "other", "third"] {
        bed.put("a.csv", content);
        let Released::Archived(to) = finish(&mut source, "a.csv") else { panic!("it is archived") };
        assert_eq!(fs::read_to_string(to).unwrap(), content);
        assert_eq!(bed.names("in"), [""; 0]);
    }
    assert_eq!(bed.names("done"), ["a.csv", "a.csv.b1e99324505b", "a.csv.d9298a10d1b0"]);
    assert_eq!(bed.spooled(), [""; 0]);
}

#[test]
fn a_directory_of_that_name_in_the_archive_is_left_alone() {
    let bed = Bed::new();
    bed.put("a", "abc");
    fs::create_dir_all(bed.root().join("done/a")).unwrap();
    finish(&mut bed.source(ARCHIVE), "a");
    assert_eq!(bed.names("done"), ["a", "a.ba7816bf8f01"]);
}

#[test]
fn companions_go_along() {
    let bed = Bed::new();
    for (after, left) in [(ARCHIVE, vec!["a.csv", "a.csv.done", "a.ctl"]), ("after = 'delete'", vec![])] {
        let mut source = bed.source(&format!("path = 'in/*.csv'\nready = 'marker'\nmarker = '{{name}}.done'\n{after}"));
        for name in ["a.csv", "a.csv.done", "a.ctl"] {
            bed.put(name, name);
        }
        let (candidate, unit, _) = take(&mut source, "a.csv");
        source.companion(&candidate, "{stem}.ctl").unwrap();
        source.release(&candidate, &unit, &Outcome::Finished).unwrap();
        assert_eq!(bed.names("in"), [""; 0], "{after}");
        assert_eq!(bed.names("done"), left, "{after}");
        let _ = fs::remove_dir_all(bed.root().join("done"));
    }
}

#[test]
fn a_shared_marker_stays_for_the_other_file() {
    let bed = Bed::new();
    for name in ["a.csv", "a.txt", "a.ok"] {
        bed.put(name, name);
    }
    let mut source = bed.source("ready = 'marker'\nmarker = '{stem}.ok'\nafter = 'delete'");
    assert_eq!(finish(&mut source, "a.csv"), Released::Deleted);
    assert_eq!(bed.names("in"), ["a.ok", "a.txt"]);
    assert_eq!(finish(&mut source, "a.txt"), Released::Deleted);
    assert_eq!(bed.names("in"), [""; 0]);
}

#[test]
fn changed_origins_are_left_and_said() {
    let bed = Bed::new();
    bed.put("a", "abc");
    let mut source = bed.source("after = 'delete'");
    let (candidate, unit, _) = take(&mut source, "a");
    bed.put("a", "abd");
    let mut said = || match source.release(&candidate, &unit, &Outcome::Finished).unwrap() {
        Released::Left(why) => why,
        other => panic!("{other:?}"),
    };
    assert_snapshot!(said(), @"a has other content than what was loaded; it stays where it is");
    fs::remove_file(bed.input("a")).unwrap();
    std::os::unix::fs::symlink("b", bed.input("a")).unwrap();
    assert_snapshot!(said(), @"it was replaced by a symbolic link; it stays where it is");
    bed.put("b", "abc");
    said();
    assert_eq!(bed.names("in"), ["a", "b"]);
}

#[test]
fn a_touched_origin_with_the_same_content_is_released() {
    let bed = Bed::new();
    bed.put("a", "abc");
    let mut source = bed.source("after = 'delete'");
    let (candidate, unit, _) = take(&mut source, "a");
    bed.age("a", 100);
    assert_eq!(source.release(&candidate, &unit, &Outcome::Finished).unwrap(), Released::Deleted);
}

/// `/dev/shm` is a filesystem of its own nearly everywhere; where it isn't, the test says so.
#[test]
fn archives_on_another_filesystem_get_a_copy() {
    let shm = Path::new("/dev/shm");
    let bed = Bed::new();
    let device = |path: &Path| fs::metadata(path).map(|metadata| metadata.dev()).ok();
    if device(shm).is_none() || device(shm) == device(bed.root()) {
        eprintln!("skipped: /dev/shm is not another filesystem");
        return;
    }
    let archive = tempfile::tempdir_in(shm).unwrap();
    let settings = format!("after = 'archive'\narchive = '{}'", archive.path().display());
    let mut source = bed.source(&settings);
    for content in ["abc", "abc", "other"] {
        bed.put("a.csv", content);
        let modified = fs::metadata(bed.input("a.csv")).unwrap().modified().unwrap();
        let Released::Archived(to) = finish(&mut source, "a.csv") else { panic!("it is archived") };
        assert_eq!(fs::read_to_string(&to).unwrap(), content);
        if content == "other" {
            assert_eq!(fs::metadata(&to).unwrap().modified().unwrap(), modified, "it keeps its time");
        }
        assert_eq!(bed.names("in"), [""; 0]);
    }
    let mut names: Vec<_> = fs::read_dir(archive.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["a.csv", "a.csv.d9298a10d1b0"], "no part is left");
}

#[test]
fn an_archive_that_cannot_be_made_keeps_the_file() {
    let bed = Bed::new();
    bed.put("a", "abc");
    fs::write(bed.root().join("done"), "a file").unwrap();
    let mut source = bed.source(ARCHIVE);
    let (candidate, unit, _) = take(&mut source, "a");
    let error = source.release(&candidate, &unit, &Outcome::Finished).unwrap_err().to_string();
    assert_snapshot!(error.replace(&bed.root().display().to_string(), "ROOT"), @"could not make the archive directory ROOT/done: File exists (os error 17); make it a directory that the user that runs this may write to, or correct `archive`");
    assert_eq!(bed.names("in"), ["a"]);
    fs::remove_file(bed.root().join("done")).unwrap();
    source.release(&candidate, &unit, &Outcome::Finished).unwrap();
    assert_eq!((bed.names("in").len(), bed.names("done").len()), (0, 1), "it works once that is put right");
}

#[test]
fn units_of_other_sources_are_refused() {
    let bed = Bed::new();
    bed.put("a", "abc");
    let mut source = bed.source("");
    let (candidate, mut unit, _) = take(&mut source, "a");
    unit.id = "sha256:../../x:3".to_owned();
    assert_snapshot!(source.release(&candidate, &unit, &Outcome::Finished).unwrap_err(), @"could not release a: `sha256:../../x:3` is no unit of a file; a unit is released by the source that it was taken from");
}

#[test]
fn a_copy_to_another_filesystem_is_checked() {
    let bed = Bed::new();
    let path = bed.put("a", "abd");
    let archive = bed.root().join("done");
    fs::create_dir(&archive).unwrap();
    let loaded = Content::from_unit_id(ABC).unwrap();
    let copied = copy_to(&path, &archive.join("a"), &archive, &loaded).err().unwrap().to_string();
    assert_snapshot!(copied.replace(&bed.root().display().to_string(), "ROOT"), @"could not archive ROOT/in/a: it changed at that moment; run again");
    assert_eq!((bed.names("in"), bed.names("done")), (vec!["a".to_owned()], vec![]));
}
