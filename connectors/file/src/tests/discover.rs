//! What is found, in which order, and what is said of it.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixListener;
use std::path::Path;

use campaignd_contract::{Readiness, Source};
use insta::assert_snapshot;
use rustix::fs::{CWD, FileType, Mode};

use super::bed::{Bed, candidate, lose, take};
use super::crash::run_alone;
use crate::FileSource;

fn names(source: &mut FileSource) -> Vec<String> {
    source.discover().unwrap().into_iter().map(|candidate| candidate.name).collect()
}

fn readiness(source: &mut FileSource, name: &str) -> String {
    match candidate(source, name).readiness {
        Readiness::Ready => "ready".to_owned(),
        Readiness::IfTrailer => "ready if it has its trailer".to_owned(),
        Readiness::Waiting(why) => format!("waiting: {why}"),
        Readiness::Refused(why) => format!("refused: {why}"),
    }
}

#[test]
fn a_thousand_files_are_found_in_order() {
    let bed = Bed::new();
    for at in (0..1000).rev() {
        bed.put(&format!("calls_{at:04}.csv"), at.to_string());
    }
    bed.put("orders_0001.csv", "");
    let found = names(&mut bed.source("path = 'in/calls_*.csv'"));
    let expected: Vec<_> = (0..1000).map(|at| format!("calls_{at:04}.csv")).collect();
    assert_eq!(found, expected);
}

#[test]
fn order_may_be_by_time() {
    let bed = Bed::new();
    for (name, age) in [("c", 30), ("a", 20), ("b", 20), ("d", 40)] {
        bed.put(name, "");
        bed.age(name, age);
    }
    assert_eq!(names(&mut bed.source("order = 'modified'")), ["d", "c", "a", "b"]);
    assert_eq!(names(&mut bed.source("order = 'name'")), ["a", "b", "c", "d"]);
}

#[test]
fn odd_names_are_read() {
    let bed = Bed::new();
    let odd: [&[u8]; 7] =
        [b"-rf", b" a b ", b"line\nfeed", "\u{1F4DE} ünï".as_bytes(), b"caf\xe9.csv", b"a\\b", b"$(x);'\""];
    for name in odd {
        fs::write(bed.root().join("in").join(OsStr::from_bytes(name)), name).unwrap();
    }
    let mut source = bed.source("after = 'archive'\narchive = 'done'");
    let found = source.discover().unwrap();
    assert_eq!(found.len(), odd.len());
    for name in found.iter().map(|candidate| candidate.name.as_str()) {
        let (candidate, unit, content) = take(&mut source, name);
        assert!(odd.contains(&content.as_slice()), "{name:?}");
        source.release(&candidate, &unit, &campaignd_contract::Outcome::Finished).unwrap();
        assert!(bed.root().join("done").join(OsStr::from_bytes(&content)).exists(), "{name:?} keeps its bytes");
    }
    assert!(found.iter().any(|candidate| candidate.name == "caf\\xE9.csv"), "bytes that are no text are shown");
    assert_eq!(bed.names("in"), [""; 0]);
}

#[test]
fn a_name_that_looks_escaped_is_refused() {
    let bed = Bed::new();
    bed.put("caf\\xE9.csv", "");
    assert_snapshot!(
        readiness(&mut bed.source(""), "caf\\xE9.csv"),
        @r"refused: its name contains `\x` and two digits, which stands for a raw byte here; rename it"
    );
}

#[test]
fn what_is_no_file_is_refused_and_never_opened() {
    let bed = Bed::new();
    fs::create_dir(bed.input("directory")).unwrap();
    rustix::fs::mknodat(CWD, bed.input("fifo"), FileType::Fifo, Mode::RUSR, 0).unwrap();
    let _socket = UnixListener::bind(bed.input("socket")).unwrap();
    bed.put("target", "secret");
    std::os::unix::fs::symlink("target", bed.input("link")).unwrap();
    std::os::unix::fs::symlink("nowhere", bed.input("dangling")).unwrap();
    let mut source = bed.source("");
    let said: Vec<_> =
        names(&mut source).iter().map(|name| format!("{name} {}", readiness(&mut source, name))).collect();
    assert_snapshot!(said.join("\n"), @r#"
    dangling refused: is a symbolic link; put the file itself here
    directory refused: is a directory; move it away, or add its name to `ignore`
    fifo refused: is a FIFO; move it away, or add its name to `ignore`
    link refused: is a symbolic link; put the file itself here
    socket refused: is a socket; move it away, or add its name to `ignore`
    target ready
    "#);
    for name in ["directory", "fifo", "socket", "link", "dangling"] {
        let candidate = candidate(&mut source, name);
        assert!(lose(&mut source, &candidate).starts_with("is a "), "claiming one by force takes nothing: {name}");
    }
    assert_eq!(bed.spooled(), [""; 0]);
}

#[test]
fn a_file_swapped_for_a_fifo_blocks_nobody() {
    let bed = Bed::new();
    let path = bed.put("a", "abc");
    fs::remove_file(&path).unwrap();
    rustix::fs::mknodat(CWD, &path, FileType::Fifo, Mode::RUSR, 0).unwrap();
    let opened = crate::origin::open(&path);
    assert!(matches!(opened, Err(crate::origin::Unopened::NotAFile("a FIFO"))), "{opened:?}");
}

/// Root may read everything, so this runs as another user where the tests run as root.
#[test]
fn unreadable_files_are_refused() {
    if let Some(root) = run_alone("tests::discover::unreadable_files_are_refused", Some(65534), &[]) {
        let bed = Bed::at(&root);
        let mut source = bed.source("");
        assert_snapshot!(readiness(&mut source, "closed"), @"refused: can't be read: Permission denied (os error 13); give the user that runs this the right to read it");
        assert_eq!(readiness(&mut source, "open"), "ready");
        fs::set_permissions(bed.root().join("in"), std::os::unix::fs::PermissionsExt::from_mode(0o000)).unwrap();
        let error = source.discover().unwrap_err().to_string().replace(&root.display().to_string(), "ROOT");
        fs::set_permissions(bed.root().join("in"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        assert_snapshot!(error, @"could not list ROOT/in: Permission denied (os error 13); give the user that runs this the right to read the directory");
    }
}

/// What the run as another user finds.
pub(super) fn prepare_unreadable(root: &Path) {
    fs::write(root.join("in/open"), "abc").unwrap();
    fs::write(root.join("in/closed"), "abc").unwrap();
    fs::set_permissions(root.join("in/closed"), std::os::unix::fs::PermissionsExt::from_mode(0o000)).unwrap();
}

#[test]
fn hidden_ignored_and_marker_names_are_no_input() {
    let bed = Bed::new();
    for name in ["a.csv", "a.csv.done", "b.csv.done", ".a.csv.swp", "a.ctl", "half.tmp"] {
        bed.put(name, "");
    }
    let settings = "ready = 'marker'\nmarker = '{name}.done'\nignore = ['*.ctl', '*.tmp']";
    assert_eq!(names(&mut bed.source(settings)), ["a.csv"]);
    assert_eq!(names(&mut bed.source("path = 'in/.*'")), [".a.csv.swp"]);
}

#[test]
fn empty_files_are_ready() {
    let bed = Bed::new();
    bed.put("empty", "");
    let found = candidate(&mut bed.source(""), "empty");
    assert_eq!((found.bytes, found.readiness), (Some(0), Readiness::Ready));
}

#[test]
fn a_marker_is_waited_for() {
    let bed = Bed::new();
    bed.put("a.csv", "abc");
    let mut source = bed.source("path = 'in/*.csv'\nready = 'marker'\nmarker = '{stem}.ok'");
    assert_snapshot!(readiness(&mut source, "a.csv"), @"waiting: its marker a.ok is not there");
    let waiting = candidate(&mut source, "a.csv");
    assert_snapshot!(lose(&mut source, &waiting), @"its marker a.ok is not there");
    fs::create_dir(bed.input("a.ok")).unwrap();
    assert_snapshot!(readiness(&mut source, "a.csv"), @"waiting: its marker a.ok is not there");
    fs::remove_dir(bed.input("a.ok")).unwrap();
    bed.put("a.ok", "");
    assert_eq!(readiness(&mut source, "a.csv"), "ready");
}

#[test]
fn an_unchanged_file_is_ready_when_it_is_old_enough() {
    let bed = Bed::new();
    bed.put("a", "abc");
    let mut source = bed.source("unchanged_seconds = 10");
    bed.age("a", 3);
    assert_snapshot!(readiness(&mut source, "a"), @"waiting: changed 3 s ago; is read once it is 10 s old");
    bed.advance(6);
    assert_snapshot!(readiness(&mut source, "a"), @"waiting: changed 9 s ago; is read once it is 10 s old");
    bed.advance(1);
    assert_eq!(readiness(&mut source, "a"), "ready");
    bed.age("a", 0);
    assert_snapshot!(readiness(&mut source, "a"), @"waiting: changed 0 s ago; is read once it is 10 s old");
    assert_eq!(readiness(&mut bed.source("unchanged_seconds = 0"), "a"), "ready");
}

#[test]
fn two_looks_settle_a_file_from_the_future() {
    let bed = Bed::new();
    bed.put("a", "abc");
    bed.age("a", -60);
    let mut source = bed.source("unchanged_seconds = 10");
    assert_snapshot!(readiness(&mut source, "a"), @"waiting: its time of change is 60 s ahead of the clock; is read once two looks 10 s apart find it the same");
    bed.advance(9);
    assert!(readiness(&mut source, "a").starts_with("waiting"));
    bed.put("a", "abcd");
    bed.age("a", -60);
    bed.advance(2);
    assert!(readiness(&mut source, "a").starts_with("waiting"), "it changed between the looks");
    bed.advance(10);
    assert_eq!(readiness(&mut source, "a"), "ready");
}

#[test]
fn a_trailer_is_for_the_format_to_find() {
    let bed = Bed::new();
    bed.put("a", "abc");
    assert_eq!(readiness(&mut bed.source("ready = 'trailer'"), "a"), "ready if it has its trailer");
}

#[test]
fn a_missing_directory_is_an_error_with_a_next_step() {
    let bed = Bed::new();
    let error = |path: &str| {
        let error = bed.source(path).discover().unwrap_err().to_string();
        error.replace(&bed.root().display().to_string(), "ROOT")
    };
    assert_snapshot!(error("path = 'inn/*'"), @"could not list ROOT/inn: No such file or directory (os error 2); make the directory, or correct `path` in `[source]`");
    bed.put("file", "");
    assert_snapshot!(error("path = 'in/file/*'"), @"could not list ROOT/in/file: Not a directory (os error 20); correct `path` in `[source]`: its directory part names a file");
    assert_eq!(bed.source("path = 'in/nothing_*'").discover().unwrap(), []);
}
