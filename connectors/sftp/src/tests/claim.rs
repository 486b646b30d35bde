//! What a claim takes, and what it leaves behind when it can't.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use campaignd_contract::{Companion, ErrorClass, Outcome, Source};
use insta::assert_snapshot;

use super::bed::{Bed, candidate, claim, content, fail, lose, take};
use crate::SftpSource;

/// Claims `in/a` while `change` happens in the middle of the transfer, and says how it was lost.
fn lose_while(change: impl Fn(&Path) + Send + Sync + 'static) -> Option<String> {
    let bed = Bed::new()?;
    let path = bed.put("a", content(20 << 20));
    // As of yesterday: what is written later carries another time.
    let yesterday = SystemTime::now() - Duration::from_hours(24);
    File::options().write(true).open(&path).unwrap().set_modified(yesterday).unwrap();
    let mut source = bed.source("");
    let candidate = candidate(&mut source, "a");
    let done = AtomicBool::new(false);
    source.set_on_chunk(Arc::new(move |_| {
        if !done.swap(true, Ordering::SeqCst) {
            change(&path);
        }
    }));
    let why = lose(&mut source, &candidate);
    drop(source);
    assert_eq!(bed.spooled(), [""; 0], "nothing is left in the spool");
    Some(why)
}

#[test]
fn changes_during_the_transfer_lose_the_file() {
    let append = |path: &Path| File::options().append(true).open(path).unwrap().write_all(b"more").unwrap();
    let Some(grown) = lose_while(append) else { return };
    assert_snapshot!(grown, @"it grew from 20971520 to 20971524 bytes");
    let truncate = |path: &Path| File::options().write(true).open(path).unwrap().set_len(5).unwrap();
    assert_snapshot!(lose_while(truncate).unwrap(), @"it shrank from 20971520 to 5 bytes");
    assert_snapshot!(lose_while(|path| fs::remove_file(path).unwrap()).unwrap(), @"it was removed or renamed");
    let replace = |path: &Path| {
        let new = path.with_extension("new");
        fs::write(&new, content(20 << 20)).unwrap();
        fs::rename(new, path).unwrap();
    };
    assert_snapshot!(lose_while(replace).unwrap(), @"it was written to or replaced");
    let overwrite = |path: &Path| File::options().write(true).open(path).unwrap().write_all(b"XXXX").unwrap();
    assert_snapshot!(lose_while(overwrite).unwrap(), @"it was written to or replaced");
}

#[test]
fn changes_after_a_file_was_fetched_ahead_lose_it() {
    let Some(bed) = Bed::new() else { return };
    for name in ["a", "b", "c"] {
        bed.put(name, name);
    }
    let mut source = bed.source("connections = 2");
    let found = source.discover().unwrap();
    let (fetched, arrived) = std::sync::mpsc::channel();
    source.set_on_chunk(Arc::new(move |_| fetched.send(()).unwrap()));
    assert_eq!(claim(&mut source, &found[0]).1, b"a");
    for _ in ["a", "b", "c"] {
        arrived.recv().unwrap();
    }
    // All three are here, or as good as. The claims still look at the origin.
    bed.put("b", "longer");
    fs::remove_file(bed.input("c")).unwrap();
    assert_snapshot!(lose(&mut source, &found[1]), @"it grew from 1 to 6 bytes");
    assert_snapshot!(lose(&mut source, &found[2]), @"it was removed or renamed");
    assert_eq!(take(&mut source, "b").2, b"longer", "the next round takes it as it is");
}

#[test]
fn files_fetched_ahead_and_not_claimed_leave_nothing() {
    let Some(bed) = Bed::new() else { return };
    for at in 0..30 {
        bed.put(&format!("{at:02}"), at.to_string());
    }
    let mut source = bed.source("");
    let (found, unit, _) = take(&mut source, "00");
    source.release(&found, &unit, &Outcome::Finished).unwrap();
    drop(source);
    assert_eq!(bed.spooled(), [""; 0]);
}

fn full(path: &Path) -> std::io::Result<File> {
    File::create_new(path)?;
    File::options().read(true).write(true).open("/dev/full")
}

/// The part is `/dev/full`, where every write fails with ENOSPC, as on a full disk.
#[test]
fn a_full_disk_stops_cleanly_and_works_later() {
    let Some(bed) = Bed::new() else { return };
    bed.put("a", content(5 << 20));
    let mut source = bed.source("");
    source.spool_mut().create_parts_by(full);
    let found = candidate(&mut source, "a");
    let error = fail(&mut source, &found);
    assert_eq!(error.class(), ErrorClass::NoSpace, "{error}");
    assert_snapshot!(bed.words(&error), @"could not spool a: No space left on device (os error 28); make room in ROOT/spool/calls, then run again");
    drop(source);
    assert_eq!(bed.spooled(), [""; 0], "the part is gone");
    assert!(take(&mut bed.source(""), "a").2 == content(5 << 20));
}

#[test]
fn control_files_are_small_regular_files_next_to_it() {
    let Some(bed) = Bed::new() else { return };
    bed.put("a.csv", "abc");
    let mut source = bed.source("path = 'ROOT/in/*.csv'");
    let found = candidate(&mut source, "a.csv");
    let ask = |source: &mut SftpSource, pattern: &str| match source.companion(&found, pattern) {
        Ok(Companion::Found(bytes)) => format!("found {} bytes", bytes.len()),
        Ok(Companion::Missing(name)) => format!("missing {name}"),
        Err(error) => bed.words(&error),
    };
    bed.put("a.ctl", vec![b'x'; 64 * 1024]);
    assert_snapshot!(ask(&mut source, "{stem}.ctl"), @"found 65536 bytes");
    bed.put("a.ctl", vec![b'x'; 64 * 1024 + 1]);
    assert_snapshot!(ask(&mut source, "{stem}.ctl"), @"could not read the control file 127.0.0.1:ROOT/in/a.ctl: it has 65537 bytes, a control file has 65536 at most; correct the name of the control file in `[control]`");
    fs::create_dir(bed.input("a.dir")).unwrap();
    assert_snapshot!(ask(&mut source, "{stem}.dir"), @"could not read the control file 127.0.0.1:ROOT/in/a.dir: is a directory; have the file itself put there");
    std::os::unix::fs::symlink("/etc/passwd", bed.input("a.link")).unwrap();
    assert_snapshot!(ask(&mut source, "{stem}.link"), @"could not read the control file 127.0.0.1:ROOT/in/a.link: is a symbolic link; have the file itself put there");
    assert_snapshot!(ask(&mut source, "../{stem}.ctl"), @"could not find the control file of a.csv: `../{stem}.ctl` leads to another directory; write its name like `{stem}.ctl`");
    assert_snapshot!(ask(&mut source, "{name}.ctl"), @"missing a.csv.ctl");
}
