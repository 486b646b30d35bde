//! A full disk stops a run cleanly, and the next one goes on where it stopped.
//!
//! The disk is a small `tmpfs`, which only root can mount; anybody else skips these tests, and they say so.

use std::process::Command;

use tempfile::TempDir;

use crate::scenario::{calls_file, campaign};
use crate::site::Site;

/// No space is left: `EX_CANTCREAT`.
const NO_SPACE: i32 = 73;

#[test]
fn a_warehouse_without_room_is_left_sound_and_filled_later() {
    let Some(disk) = Disk::mount("256k") else { return };
    let calls = calls_file(0, 12_000);
    let limits = "batch_rows = 500\ncommit_rows = 1000";
    let files: [(&str, &[u8]); 1] = [("calls_1.csv.gz", &calls)];
    let undisturbed = campaign(Site::new(limits), &files, 1);
    undisturbed.run(&["once"]).expect(0);

    let site = campaign(Site::at(&disk.path("warehouse.db"), "state", limits), &files, 1);
    let (mut stopped, mut kept) = (0, Vec::new());
    for size in ["256k", "1m", "3m", "4m", "6m", "8m", "256m"] {
        disk.resize(size);
        let ran = site.run(&["once"]);
        if ran.code == Some(0) {
            break;
        }
        stopped += 1;
        let said = ran.expect(NO_SPACE);
        assert!(said.contains("full"), "{size}: {said}");
        if let Ok(count) = crate::warehouse::open(disk.path("warehouse.db").as_ref()).query_row(
            "SELECT count(*) FROM etl_batch",
            [],
            |row| row.get::<_, i64>(0),
        ) {
            kept.push(count);
        }
    }
    assert!(stopped >= 3, "it stopped {stopped} times");
    assert!(kept.iter().any(|&batches| batches > 1), "some of it was committed before the disk was full: {kept:?}");
    let contents = crate::warehouse::Contents::of(disk.path("warehouse.db").as_ref());
    contents.assert_same(&undisturbed.contents(), "after the disk was full");
    assert_eq!(site.names("archive"), undisturbed.names("archive"));
}

#[test]
fn a_spool_without_room_stops_the_run_and_leaves_no_remains() {
    let Some(disk) = Disk::mount("100k") else { return };
    let calls = calls_file(0, 40_000);
    assert!(calls.len() > 200_000, "the file doesn't fit the disk");
    let files: [(&str, &[u8]); 1] = [("calls_1.csv.gz", &calls)];
    let undisturbed = campaign(Site::new(""), &files, 1);
    undisturbed.run(&["once"]).expect(0);

    let site = campaign(Site::at("warehouse.db", &disk.path("state"), ""), &files, 1);
    for _ in 0..2 {
        site.run(&["once"]).expect(NO_SPACE);
        assert_eq!(site.names("in").len(), 4, "nothing is archived that isn't loaded: {:?}", site.names("in"));
        assert_eq!(site.number("SELECT count(*) FROM campaign_response"), 0);
    }
    disk.resize("64m");
    site.run(&["once"]).expect(0);
    site.contents().assert_same(&undisturbed.contents(), "after the spool was full");
    assert_eq!(crate::site::files_under(disk.path("state/spool").as_ref()), Vec::<String>::new());
}

/// A small disk, unmounted when it is dropped.
pub struct Disk(TempDir);

impl Disk {
    pub fn mount(size: &str) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(directory.path())
            .output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self(directory)),
            _ => {
                println!("skipped: a tmpfs can't be mounted here; run it as root");
                None
            }
        }
    }

    pub fn resize(&self, size: &str) {
        let options = format!("remount,size={size}");
        let status = Command::new("mount").args(["-o", &options]).arg(self.0.path()).status().unwrap();
        assert!(status.success(), "{options}");
    }

    /// Leaves no room on it, until [`Self::make_room`].
    pub fn fill(&self) {
        let mut ballast = std::fs::File::create(self.0.path().join("ballast")).unwrap();
        while std::io::Write::write_all(&mut ballast, &[0; 4096]).is_ok() {}
    }

    /// Takes away what fills it.
    pub fn make_room(&self) {
        // It may not be there.
        let _ = std::fs::remove_file(self.0.path().join("ballast"));
    }

    pub fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily, since a failed test may leave files open.
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}
