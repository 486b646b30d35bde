//! What becomes of the origin.

use std::fs;
use std::time::{Duration, SystemTime};

use campaignd_contract::{Outcome, Released, Source};
use insta::assert_snapshot;

use super::bed::{Bed, candidate, claim, take};
use crate::SftpSource;

const ARCHIVE: &str = "after = 'archive'\narchive = 'ROOT/archive/done'";

fn finish(source: &mut SftpSource, name: &str) -> Released {
    let (candidate, unit, _) = take(source, name);
    source.release(&candidate, &unit, &Outcome::Finished).unwrap()
}

#[test]
fn archived_names_are_never_overwritten() {
    let Some(bed) = Bed::new() else { return };
    let mut source = bed.source(ARCHIVE);
    for content in ["abc", "abc", "other", "other", "third"] {
        bed.put("a.csv", content);
        let Released::Archived(to) = finish(&mut source, "a.csv") else { panic!("it is archived") };
        assert_eq!(fs::read_to_string(to.strip_prefix("127.0.0.1:").unwrap()).unwrap(), content);
        assert_eq!(bed.names("in"), [""; 0]);
    }
    assert_eq!(bed.names("archive/done"), ["a.csv", "a.csv.b1e99324505b", "a.csv.d9298a10d1b0"]);
    assert_eq!(bed.spooled(), [""; 0]);
}

#[test]
fn companions_go_along() {
    let Some(bed) = Bed::new() else { return };
    for (after, left) in [(ARCHIVE, vec!["a.csv", "a.csv.done", "a.ctl"]), ("after = 'delete'", vec![])] {
        let settings = "path = 'ROOT/in/*.csv'\nready = 'marker'\nmarker = '{name}.done'";
        let mut source = bed.source(&format!("{settings}\n{after}"));
        for name in ["a.csv", "a.csv.done", "a.ctl"] {
            bed.put(name, name);
        }
        let (candidate, unit, _) = take(&mut source, "a.csv");
        source.companion(&candidate, "{stem}.ctl").unwrap();
        source.release(&candidate, &unit, &Outcome::Finished).unwrap();
        assert_eq!(bed.names("in"), [""; 0], "{after}");
        assert_eq!(bed.names("archive/done"), left, "{after}");
        let _ = fs::remove_dir_all(bed.root().join("archive"));
    }
}

#[test]
fn release_goes_on_after_a_crash_at_any_step() {
    let Some(bed) = Bed::new() else { return };
    let settings = format!("path = 'ROOT/in/*.csv'\nready = 'marker'\nmarker = '{{name}}.done'\n{ARCHIVE}");
    let steps: [&[&str]; 3] = [&[], &["a.csv.done"], &["a.csv.done", "a.csv"]];
    for moved in steps {
        for name in ["a.csv", "a.csv.done"] {
            bed.put(name, name);
        }
        let (candidate, unit, _) = take(&mut bed.source(&settings), "a.csv");
        fs::create_dir_all(bed.root().join("archive/done")).unwrap();
        for name in moved {
            fs::rename(bed.input(name), bed.root().join("archive/done").join(name)).unwrap();
        }
        // Another process, which never claimed it.
        let mut restarted = bed.source(&settings);
        for _ in 0..2 {
            restarted.release(&candidate, &unit, &Outcome::Finished).unwrap();
            assert_eq!(bed.names("in"), [""; 0], "{moved:?}");
            assert_eq!(bed.names("archive/done"), ["a.csv", "a.csv.done"], "{moved:?}");
        }
        fs::remove_dir_all(bed.root().join("archive")).unwrap();
    }
}

/// A server that died between the two halves of its rename, a link and its removal, leaves both names.
#[test]
fn a_rename_that_was_half_done_is_finished() {
    let Some(bed) = Bed::new() else { return };
    let path = bed.put("a.csv", "abc");
    let mut source = bed.source(ARCHIVE);
    let (candidate, unit, _) = take(&mut source, "a.csv");
    fs::create_dir_all(bed.root().join("archive/done")).unwrap();
    fs::hard_link(path, bed.root().join("archive/done/a.csv")).unwrap();
    source.release(&candidate, &unit, &Outcome::Finished).unwrap();
    assert_eq!((bed.names("in"), bed.names("archive/done")), (vec![], vec!["a.csv".to_owned()]));
}

#[test]
fn changed_origins_are_left_and_said() {
    let Some(bed) = Bed::new() else { return };
    bed.put("a", "abc");
    let mut source = bed.source("after = 'delete'");
    let (candidate, unit, _) = take(&mut source, "a");
    // The same size and, as far as SFTP can tell, most likely the same time.
    bed.put("a", "abd");
    let mut said = || match source.release(&candidate, &unit, &Outcome::Finished).unwrap() {
        Released::Left(why) => why,
        other => panic!("{other:?}"),
    };
    assert_snapshot!(said(), @"a has other content than what was loaded; it stays where it is");
    fs::remove_file(bed.input("a")).unwrap();
    std::os::unix::fs::symlink("b", bed.input("a")).unwrap();
    assert_snapshot!(said(), @"it was replaced by a symbolic link; it stays where it is");
    assert_eq!(bed.names("in"), ["a"]);
}

/// A state that was seen for longer than SFTP's clock needs to tell it from a later one isn't read again.
#[test]
fn a_state_seen_for_long_enough_proves_the_content() {
    let Some(bed) = Bed::new() else { return };
    for (seconds, reads_again) in [(0, true), (2, true), (3, false)] {
        let path = bed.put("a", "abc");
        let modified = SystemTime::now() - Duration::from_hours(1);
        let age = |path| fs::File::options().write(true).open(path).unwrap().set_modified(modified).unwrap();
        age(&path);
        let mut source = bed.source("after = 'delete'");
        let found = candidate(&mut source, "a");
        bed.advance(seconds);
        let (unit, _) = claim(&mut source, &found);
        // Nobody can do this but by setting the time back on purpose: it shows whether the content was read.
        fs::write(&path, "abd").unwrap();
        age(&path);
        let released = source.release(&found, &unit, &Outcome::Finished).unwrap();
        assert_eq!(matches!(released, Released::Left(_)), reads_again, "after {seconds} s: {released:?}");
    }
}

#[test]
fn an_archive_that_cannot_be_made_keeps_the_file() {
    let Some(bed) = Bed::new() else { return };
    bed.put("a", "abc");
    fs::write(bed.root().join("archive"), "a file").unwrap();
    let mut source = bed.source(ARCHIVE);
    let (candidate, unit, _) = take(&mut source, "a");
    let error = source.release(&candidate, &unit, &Outcome::Finished).unwrap_err();
    assert_snapshot!(bed.words(&error), @"could not make the archive directory 127.0.0.1:ROOT/archive: the server says: something that is no directory has its name; have a directory made there that the user may write to, or correct `archive`");
    assert_eq!(bed.names("in"), ["a"]);
    fs::remove_file(bed.root().join("archive")).unwrap();
    source.release(&candidate, &unit, &Outcome::Finished).unwrap();
    assert_eq!((bed.names("in").len(), bed.names("archive/done").len()), (0, 1), "it works once that is put right");
}

/// Only root can log in as somebody who may not write.
#[test]
fn an_origin_that_cannot_be_moved_is_an_error_with_a_next_step() {
    let Some(bed) = Bed::new() else { return };
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can log in as somebody else");
        return;
    }
    bed.put("a", "abc");
    let mut source = bed.source("user = 'nobody'\nafter = 'delete'");
    let (candidate, unit, _) = take(&mut source, "a");
    let error = source.release(&candidate, &unit, &Outcome::Finished).unwrap_err();
    assert_snapshot!(bed.words(&error), @"could not remove 127.0.0.1:ROOT/in/a: permission denied; have the server's owner give the user the right to write to both directories, then run again; it is not loaded twice");
    let error = bed.source(&format!("user = 'nobody'\n{ARCHIVE}"));
    let mut source = error;
    let error = source.release(&candidate, &unit, &Outcome::Finished).unwrap_err();
    assert_snapshot!(bed.words(&error), @"could not make the archive directory 127.0.0.1:ROOT/archive: permission denied; have a directory made there that the user may write to, or correct `archive`");
    assert_eq!(bed.names("in"), ["a"]);
}

#[test]
fn units_of_other_sources_are_refused() {
    let Some(bed) = Bed::new() else { return };
    bed.put("a", "abc");
    let mut source = bed.source("");
    let (candidate, mut unit, _) = take(&mut source, "a");
    unit.id = "sha256:../../x:3".to_owned();
    assert!(source.release(&candidate, &unit, &Outcome::Finished).is_err());
}
