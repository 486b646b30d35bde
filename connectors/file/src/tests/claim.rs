//! What a claim takes, and what it leaves behind when it can't.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use campaignd_contract::{Claim, Companion, ErrorClass, Outcome, Payload, Source};
use insta::assert_snapshot;

use super::bed::{Bed, candidate, lose, take};
use crate::FileSource;

/// Three chunks, so that there is a moment in the middle of the copy.
fn three_chunks() -> Vec<u8> {
    (0..3_u32 << 20).map(|at| (at % 253) as u8).collect()
}

/// Claims `in/a` while `change` happens after the first chunk, and says how it was lost.
fn lose_while(change: impl Fn(&Path) + Send + 'static) -> String {
    let bed = Bed::new();
    let path = bed.put("a", three_chunks());
    let mut source = bed.source("");
    let candidate = candidate(&mut source, "a");
    let mut done = false;
    source.on_chunk = Box::new(move |_| {
        if !std::mem::replace(&mut done, true) {
            change(&path);
        }
    });
    let why = lose(&mut source, &candidate);
    assert_eq!(bed.spooled(), [""; 0], "nothing is left in the spool");
    why
}

#[test]
fn changes_during_the_copy_lose_the_file() {
    assert_snapshot!(lose_while(|path| append(path, b"more")), @"it grew from 3145728 to 3145732 bytes");
    assert_snapshot!(lose_while(|path| truncate(path, 1 << 20)), @"it shrank from 3145728 to 1048576 bytes");
    assert_snapshot!(lose_while(|path| truncate(path, 5)), @"it shrank from 3145728 to 5 bytes");
    assert_snapshot!(lose_while(|path| fs::rename(path, path.with_extension("moved")).unwrap()), @"it was removed or renamed");
    assert_snapshot!(lose_while(|path| fs::remove_file(path).unwrap()), @"it was removed or renamed");
    assert_snapshot!(lose_while(replace), @"it was replaced by another file");
    assert_snapshot!(lose_while(overwrite_and_set_time_back), @"it was written to, renamed or touched");
    assert_snapshot!(lose_while(|path| { fs::remove_file(path).unwrap(); fs::create_dir(path).unwrap(); }), @"it was removed or renamed");
}

fn append(path: &Path, more: &[u8]) {
    File::options().append(true).open(path).unwrap().write_all(more).unwrap();
}

fn truncate(path: &Path, to: u64) {
    File::options().write(true).open(path).unwrap().set_len(to).unwrap();
}

fn replace(path: &Path) {
    let new = path.with_extension("new");
    fs::write(&new, three_chunks()).unwrap();
    fs::rename(new, path).unwrap();
}

/// Same size, same time of change: only the time of the status change tells.
fn overwrite_and_set_time_back(path: &Path) {
    let mut file = File::options().write(true).open(path).unwrap();
    let before = file.metadata().unwrap().modified().unwrap();
    file.seek(SeekFrom::End(-4)).unwrap();
    file.write_all(b"XXXX").unwrap();
    file.set_modified(before).unwrap();
}

#[test]
fn changes_between_look_and_claim_lose_the_file() {
    let lose_after = |change: fn(&Path)| {
        let bed = Bed::new();
        let path = bed.put("a", "abc");
        let mut source = bed.source("");
        let before = candidate(&mut source, "a");
        change(&path);
        format!("{}\n{}", lose(&mut source, &before), lose(&mut bed.source(""), &before))
    };
    // The second line is what a source says that didn't look itself.
    assert_snapshot!(lose_after(|path| fs::remove_file(path).unwrap()), @r#"
    it was removed or renamed
    it was removed or renamed
    "#);
    assert_snapshot!(lose_after(|path| append(path, b"d")), @r#"
    it grew from 3 to 4 bytes
    it was written to or replaced
    "#);
}

#[test]
fn a_young_file_is_not_taken_by_force() {
    let bed = Bed::new();
    bed.put("a", "abc");
    bed.age("a", 3);
    let mut source = bed.source("");
    let young = candidate(&mut source, "a");
    assert_snapshot!(lose(&mut source, &young), @"changed 3 s ago; is read once it is 10 s old");
}

fn full(path: &Path) -> std::io::Result<File> {
    File::create_new(path)?;
    File::options().read(true).write(true).open("/dev/full")
}

fn no_room_for_names(_: &Path) -> std::io::Result<File> {
    Err(std::io::ErrorKind::StorageFull.into())
}

/// The part is `/dev/full`, where every write fails with ENOSPC, as on a full disk.
#[test]
fn a_full_disk_stops_cleanly_and_works_later() {
    let bed = Bed::new();
    bed.put("a", "abc");
    let mut source = bed.source("");
    for create in [full, no_room_for_names] {
        let found = candidate(&mut source, "a");
        let usual = source.spool_mut().create_parts_by(create);
        let Err(error) = source.claim(&found) else { panic!("there was no room") };
        assert_eq!(error.class(), ErrorClass::NoSpace, "{error}");
        assert_eq!(bed.spooled(), [""; 0], "the part is gone");
        source.spool_mut().create_parts_by(usual);
    }
    source.spool_mut().create_parts_by(full);
    let found = candidate(&mut source, "a");
    let Err(error) = source.claim(&found) else { panic!("there was no room") };
    assert_snapshot!(error.to_string().replace(&bed.root().display().to_string(), "ROOT"), @"could not spool a: No space left on device (os error 28); make room in ROOT/spool/calls, then run again");
    assert_eq!(take(&mut bed.source(""), "a").2, b"abc");
}

#[test]
fn what_is_in_the_spool_is_not_written_twice() {
    let bed = Bed::new();
    bed.put("a", "abc");
    let (_, unit, _) = take(&mut bed.source(""), "a");
    let [copy] = bed.spooled().try_into().unwrap();
    assert_eq!(format!("sha256:{}", copy.replace('-', ":")), unit.id);
    let inode = || fs::metadata(bed.root().join("spool/calls").join(&copy)).unwrap().ino();
    let first = inode();
    let mut source = bed.source("");
    source.spool_mut().create_parts_by(no_room_for_names);
    assert_eq!(take(&mut source, "a").1, unit, "no part is made");
    assert_eq!(inode(), first);

    bed.put("b", "xyz");
    assert_eq!(take(&mut bed.source(""), "b").2, b"xyz", "other content of the same length is copied");

    fs::write(bed.root().join("spool/calls").join(&copy), "ab").unwrap();
    assert_eq!(take(&mut bed.source(""), "a").2, b"abc", "a copy of the wrong length is made anew");
}

#[test]
fn parts_of_dead_processes_are_removed() {
    let bed = Bed::new();
    bed.put("a", "abc");
    let spool = bed.root().join("spool/calls");
    fs::create_dir_all(&spool).unwrap();
    fs::write(spool.join("dead.part"), "half").unwrap();
    let living = File::create_new(spool.join("living.part")).unwrap();
    living.lock().unwrap();
    for (name, days) in [("old-4", 10), ("new-4", 1)] {
        let file = File::create_new(spool.join(name)).unwrap();
        file.set_modified(bed.now() - Duration::from_hours(24 * days)).unwrap();
    }
    fs::create_dir(spool.join("directory.part")).unwrap();
    let mut source = bed.source("");
    let (candidate, unit, _) = take(&mut source, "a");
    source.release(&candidate, &unit, &Outcome::Finished).unwrap();
    assert_eq!(bed.spooled(), ["directory.part", "living.part", "new-4"]);
}

#[test]
fn a_payload_outlives_its_spool_copy() {
    let bed = Bed::new();
    bed.put("a", "0123456789");
    let mut source = bed.source("");
    let found = candidate(&mut source, "a");
    let Claim::Taken { payload: Payload::Bytes(bytes), .. } = source.claim(&found).unwrap() else { panic!("lost") };
    fs::remove_dir_all(bed.root().join("spool")).unwrap();
    let mut stream = bytes.open().unwrap();
    let mut read = |from: SeekFrom| {
        let at = stream.seek(from).unwrap();
        let mut two = [0; 2];
        stream.read_exact(&mut two).unwrap();
        (at, two)
    };
    assert_eq!(read(SeekFrom::Start(4)), (4, *b"45"));
    assert_eq!(read(SeekFrom::Current(1)), (7, *b"78"));
    assert_eq!(read(SeekFrom::End(-3)), (7, *b"78"));
    assert!(stream.seek(SeekFrom::Current(-100)).is_err());
}

#[test]
fn control_files_are_small_regular_files_next_to_it() {
    let bed = Bed::new();
    bed.put("a.csv", "abc");
    let mut source = bed.source("path = 'in/*.csv'");
    let found = candidate(&mut source, "a.csv");
    let ask = |source: &mut FileSource, pattern: &str| match source.companion(&found, pattern) {
        Ok(Companion::Found(bytes)) => format!("found {} bytes", bytes.len()),
        Ok(Companion::Missing(name)) => format!("missing {name}"),
        Err(error) => error.to_string().replace(&bed.root().display().to_string(), "ROOT"),
    };
    bed.put("a.ctl", vec![b'x'; 64 * 1024]);
    assert_snapshot!(ask(&mut source, "{stem}.ctl"), @"found 65536 bytes");
    append(&bed.input("a.ctl"), b"x");
    assert_snapshot!(ask(&mut source, "{stem}.ctl"), @"could not read the control file ROOT/in/a.ctl: it has 65537 bytes, a control file has 65536 at most; correct the name of the control file in `[control]`");
    fs::create_dir(bed.input("a.dir")).unwrap();
    assert_snapshot!(ask(&mut source, "{stem}.dir"), @"could not read the control file ROOT/in/a.dir: is a directory; put the file itself there");
    std::os::unix::fs::symlink("/etc/passwd", bed.input("a.link")).unwrap();
    assert_snapshot!(ask(&mut source, "{stem}.link"), @"could not read the control file ROOT/in/a.link: is a symbolic link; put the file itself there");
    assert_snapshot!(ask(&mut source, "../{stem}.ctl"), @"could not find the control file of a.csv: `../{stem}.ctl` leads to another directory; write its name like `{stem}.ctl`");
    assert_snapshot!(ask(&mut source, "{stem}.csv"), @"could not find the control file of a.csv: it is the name of the file itself; write its name like `{stem}.ctl`");
    assert_snapshot!(ask(&mut source, "{name}.ctl"), @"missing a.csv.ctl");
}
