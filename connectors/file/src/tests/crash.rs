//! Processes of their own: killed at each failpoint, and run as another user.

use std::env;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use campaignd_contract::{Outcome, Released, Source};

use super::bed::{Bed, take};
use super::discover::prepare_unreadable;

const CHILD: &str = "CAMPAIGND_FILE_TEST_ROOT";

/// Runs the test called `name` again in a process of its own and returns `None` when that has passed; inside of it
/// returns the directory to work in. Where the tests run as root and `user` is given, the process is that user's.
pub(super) fn run_alone(name: &str, user: Option<u32>, with: &[(&str, &str)]) -> Option<PathBuf> {
    if let Some(root) = env::var_os(CHILD) {
        return Some(root.into());
    }
    let bed = Bed::new();
    prepare_unreadable(bed.root());
    let output = child(bed.root(), name, user, with).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    None
}

/// This test program, told to run one test. Another user may not reach the place it was built in, so it is copied.
fn child(root: &Path, name: &str, user: Option<u32>, with: &[(&str, &str)]) -> Command {
    let program = root.join("test-program");
    std::fs::copy(env::current_exe().unwrap(), &program).unwrap();
    let mut command = Command::new(&program);
    command.args(["--exact", name, "--nocapture"]).current_dir(root).env(CHILD, root).envs(with.iter().copied());
    command.env("INSTA_WORKSPACE_ROOT", root).env("INSTA_UPDATE", "no");
    if let Some(user) = user.filter(|_| rustix::process::geteuid().is_root()) {
        for path in [root.to_owned(), root.join("in"), root.join("in/open"), root.join("in/closed"), program] {
            std::os::unix::fs::chown(path, Some(user), Some(user)).unwrap();
        }
        std::fs::set_permissions(root, PermissionsExt::from_mode(0o755)).unwrap();
        command.uid(user).gid(user);
    }
    command
}

#[test]
fn a_process_killed_at_any_step_is_finished_by_the_next() {
    const NAME: &str = "tests::crash::a_process_killed_at_any_step_is_finished_by_the_next";
    let settings = "path = 'in/*.csv'\nready = 'marker'\nmarker = '{name}.done'\nafter = 'archive'\narchive = 'done'";
    if let Some(root) = env::var_os(CHILD) {
        let mut source = Bed::at(Path::new(&root)).source(settings);
        let (candidate, unit, _) = take(&mut source, "a.csv");
        source.release(&candidate, &unit, &Outcome::Finished).unwrap();
        panic!("the failpoint was not passed");
    }
    for failpoint in ["file-spooled", "file-spool-named", "file-archived"] {
        let bed = Bed::new();
        bed.put("a.csv", "abc");
        bed.put("a.csv.done", "");
        let (before, unit, _) = take(&mut bed.source(settings), "a.csv");
        std::fs::remove_dir_all(bed.root().join("spool")).unwrap();
        let armed = format!("{failpoint}:1");
        let killed = child(bed.root(), NAME, None, &[("CAMPAIGND_FAILPOINT", &armed)]).output().unwrap();
        assert_eq!(killed.status.signal(), Some(6), "{failpoint}: {}", String::from_utf8_lossy(&killed.stderr));

        let mut source = bed.source(settings);
        if failpoint == "file-archived" {
            assert_eq!(source.discover().unwrap(), [], "the origin was let go");
            let released = source.release(&before, &unit, &Outcome::Finished).unwrap();
            assert_eq!(released, Released::Kept, "so nothing is left to do");
        } else {
            assert_eq!(bed.spooled().len(), 1, "{failpoint}: the dead process left its copy");
            let (candidate, again, content) = take(&mut source, "a.csv");
            assert_eq!((&again, content.as_slice()), (&unit, &b"abc"[..]), "{failpoint}");
            assert!(matches!(source.release(&candidate, &unit, &Outcome::Finished).unwrap(), Released::Archived(_)));
        }
        assert_eq!((bed.names("in"), bed.spooled()), (vec![], vec![]), "{failpoint}");
        assert_eq!(bed.names("done"), ["a.csv", "a.csv.done"], "{failpoint}");
    }
}
