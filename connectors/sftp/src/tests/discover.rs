//! What is found, in which order, and what is said of it.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;

use campaignd_contract::{ErrorClass, Outcome, Source};
use insta::assert_snapshot;

use super::bed::{Bed, candidate, claim, lose, names, readiness, take};

#[test]
fn a_thousand_files_are_found_in_order() {
    let Some(bed) = Bed::new() else { return };
    for at in (0..1000).rev() {
        bed.put(&format!("calls_{at:04}.csv"), at.to_string());
    }
    bed.put("orders_0001.csv", "");
    let mut source = bed.source("path = 'ROOT/in/calls_*.csv'");
    let found = source.discover().unwrap();
    let expected: Vec<_> = (0..1000).map(|at| format!("calls_{at:04}.csv")).collect();
    assert_eq!(found.iter().map(|found| found.name.clone()).collect::<Vec<_>>(), expected);
    for (at, found) in found.iter().enumerate().step_by(7) {
        assert_eq!(claim(&mut source, found).1, at.to_string().as_bytes(), "files that were passed over are no harm");
    }
}

#[test]
fn order_may_be_by_time() {
    let Some(bed) = Bed::new() else { return };
    for (name, age) in [("c", 30), ("a", 20), ("b", 20), ("d", 40)] {
        let at = std::time::SystemTime::now() - std::time::Duration::from_secs(age);
        fs::File::create(bed.input(name)).unwrap().set_modified(at).unwrap();
    }
    assert_eq!(names(&mut bed.source("order = 'modified'")), ["d", "c", "a", "b"]);
    assert_eq!(names(&mut bed.source("order = 'name'")), ["a", "b", "c", "d"]);
}

#[test]
fn odd_names_are_read() {
    let Some(bed) = Bed::new() else { return };
    let odd: [&[u8]; 7] =
        [b"-rf", b" a b ", b"line\nfeed", "\u{1F4DE} ünï".as_bytes(), b"caf\xe9.csv", b"a\\b", b"$(x);'\""];
    for name in odd {
        fs::write(bed.root().join("in").join(OsStr::from_bytes(name)), name).unwrap();
    }
    let mut source = bed.source("after = 'archive'\narchive = 'ROOT/done'");
    let found = source.discover().unwrap();
    assert_eq!(found.len(), odd.len());
    for found in &found {
        let (unit, content) = claim(&mut source, found);
        assert!(odd.contains(&content.as_slice()), "{:?}", found.name);
        source.release(found, &unit, &Outcome::Finished).unwrap();
        assert!(bed.root().join("done").join(OsStr::from_bytes(&content)).exists(), "{:?} keeps its bytes", found.name);
    }
    assert!(found.iter().any(|found| found.name == "caf\\xE9.csv"), "bytes that are no text are shown");
    assert_eq!(bed.names("in"), [""; 0]);
}

#[test]
fn what_is_no_file_is_refused_and_never_opened() {
    let Some(bed) = Bed::new() else { return };
    fs::create_dir(bed.input("directory")).unwrap();
    let _socket = UnixListener::bind(bed.input("socket")).unwrap();
    bed.put("target", "secret");
    bed.put("caf\\xE9.csv", "");
    std::os::unix::fs::symlink("target", bed.input("link")).unwrap();
    std::os::unix::fs::symlink("nowhere", bed.input("dangling")).unwrap();
    let mut source = bed.source("");
    let said: Vec<_> =
        names(&mut source).iter().map(|name| format!("{name} {}", readiness(&mut source, name))).collect();
    assert_snapshot!(said.join("\n"), @r#"
    caf\xE9.csv refused: its name contains `\x` and two digits, which stands for a raw byte here; rename it
    dangling refused: is a symbolic link; have the file itself put there
    directory refused: is a directory; move it away, or add its name to `ignore`
    link refused: is a symbolic link; have the file itself put there
    socket refused: is a socket; move it away, or add its name to `ignore`
    target ready
    "#);
    for name in ["directory", "socket", "link", "dangling"] {
        let candidate = candidate(&mut source, name);
        assert!(lose(&mut source, &candidate).starts_with("is a "), "claiming one by force takes nothing: {name}");
    }
    assert_eq!(bed.spooled(), [""; 0]);
}

#[test]
fn markers_are_in_the_listing() {
    let Some(bed) = Bed::new() else { return };
    for name in ["a.csv", "b.csv", "b.csv.done", "c.csv"] {
        bed.put(name, name);
    }
    fs::create_dir(bed.input("c.csv.done")).unwrap();
    let mut source = bed.source("ready = 'marker'\nmarker = '{name}.done'");
    assert_eq!(names(&mut source), ["a.csv", "b.csv", "c.csv"]);
    assert_snapshot!(readiness(&mut source, "a.csv"), @"waiting: its marker a.csv.done is not there");
    assert_eq!(readiness(&mut source, "b.csv"), "ready");
    assert_snapshot!(readiness(&mut source, "c.csv"), @"waiting: its marker c.csv.done is not there");
    let found = candidate(&mut source, "b.csv");
    fs::remove_file(bed.input("b.csv.done")).unwrap();
    assert_snapshot!(lose(&mut source, &found), @"its marker b.csv.done is not there");
}

#[test]
fn an_unchanged_file_is_ready_when_it_is_old_enough() {
    let Some(bed) = Bed::new() else { return };
    bed.put("a", "abc");
    let mut source = bed.source("unchanged_seconds = 7200");
    assert!(readiness(&mut source, "a").starts_with("waiting: changed 3"), "{}", readiness(&mut source, "a"));
    let young = candidate(&mut source, "a");
    assert!(lose(&mut source, &young).starts_with("changed 3"), "a young file is not taken by force");
    bed.advance(7200);
    assert_eq!(readiness(&mut source, "a"), "ready");
}

#[test]
fn a_missing_directory_is_an_error_with_a_next_step() {
    let Some(bed) = Bed::new() else { return };
    let error = |path: &str| bed.words(&bed.source(&format!("path = 'ROOT/{path}'")).discover().unwrap_err());
    assert_snapshot!(error("inn/*"), @"could not list 127.0.0.1:ROOT/inn: there is no such file or directory; have the directory made, or correct `path` in `[source]`");
    bed.put("file", "");
    assert_snapshot!(error("in/file/*"), @"could not list 127.0.0.1:ROOT/in/file: there is no such file or directory; have the directory made, or correct `path` in `[source]`");
    assert_eq!(bed.source("path = 'ROOT/in/nothing_*'").discover().unwrap(), []);
}

/// Logs in as a user who may not read everything. Only root can have a server that does.
#[test]
fn what_the_user_may_not_read_is_refused() {
    let Some(bed) = Bed::new() else { return };
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can log in as somebody else");
        return;
    }
    for (name, mode) in [("closed_1", 0o600), ("closed_2", 0o600), ("open_1", 0o644), ("open_2", 0o644)] {
        let path = bed.put(name, name);
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let mut source = bed.source("user = 'nobody'");
    let said: Vec<_> =
        names(&mut source).iter().map(|name| format!("{name} {}", readiness(&mut source, name))).collect();
    assert_snapshot!(said.join("\n"), @r#"
    closed_1 refused: can't be read: permission denied; have the server's owner give the user the right to read it
    closed_2 refused: can't be read: permission denied; have the server's owner give the user the right to read it
    open_1 ready
    open_2 ready
    "#);
    assert_eq!(take(&mut source, "open_2").2, b"open_2");

    let found = candidate(&mut source, "open_1");
    fs::set_permissions(bed.input("open_1"), fs::Permissions::from_mode(0o600)).unwrap();
    assert_snapshot!(lose(&mut source, &found), @"can't be read: permission denied; have the server's owner give the user the right to read it");

    fs::set_permissions(bed.root().join("in"), fs::Permissions::from_mode(0o700)).unwrap();
    let error = source.discover().unwrap_err();
    assert_eq!(error.class(), ErrorClass::Permanent);
    assert_snapshot!(bed.words(&error), @"could not list 127.0.0.1:ROOT/in: permission denied; have the server's owner give the user the right to read the directory");
}
