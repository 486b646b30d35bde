//! The Debian package: installed, upgraded, removed and purged in a root directory to throw away.

use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::root::Root;
use crate::{must, needs, or_skip};

const KEY: &str = "/etc/campaignd/pseudonym.key";
const WAREHOUSE: &str = "/var/lib/campaignd/warehouse.db";

/// Makes packages of the program under test.
pub struct Packages {
    directory: TempDir,
}

impl Packages {
    /// Else says what is missing.
    pub fn new() -> Result<Self, String> {
        needs(&["cargo-deb", "dpkg-shlibdeps", "strip", "gzip"])?;
        let directory = tempfile::tempdir().unwrap();
        // It takes the release build only; this is what it finds in its place.
        std::fs::create_dir(directory.path().join("release")).unwrap();
        symlink(env!("CARGO_BIN_EXE_campaignd"), directory.path().join("release/campaignd")).unwrap();
        Ok(Self { directory })
    }

    /// The package of that version.
    #[track_caller]
    pub fn make(&self, version: &str) -> PathBuf {
        let package = self.directory.path().join(format!("campaignd_{version}.deb"));
        let mut command = Command::new("cargo");
        command.args(["deb", "--locked", "--offline", "--no-build", "--strip", "--fast"]);
        // cargo-deb's own gzip takes minutes over a program of this size.
        command.args(["--compress-system", "--compress-type", "gz", "--deb-version", version, "--output"]);
        command.arg(&package).env("CARGO_TARGET_DIR", self.directory.path());
        must(command.current_dir(env!("CARGO_MANIFEST_DIR")));
        package
    }

    /// The same, put into a root directory; returns its path there.
    #[track_caller]
    pub fn put(&self, version: &str, root: &Root) -> String {
        let there = format!("/root/campaignd_{version}.deb");
        root.write(&there, std::fs::read(self.make(version)).unwrap());
        there
    }
}

#[test]
fn the_package_installs_upgrades_and_leaves_what_is_not_its_own() {
    let root = or_skip!(Root::new());
    let packages = or_skip!(Packages::new());

    let first = packages.put("0.1.0-1", &root);
    let installed = root.must(&["dpkg", "--install", &first]);
    assert!(installed.contains(&format!("made {KEY}")), "{installed}");
    let key = root.read(KEY);
    let metadata = std::fs::metadata(root.path(KEY)).unwrap();
    assert_eq!((metadata.uid(), metadata.gid(), metadata.mode() & 0o777), (0, 0, 0o600));
    // 32 bytes in base64, and a line feed.
    assert_eq!((key.len(), key.trim_end().len()), (45, 44), "the key is {} bytes", key.len());
    assert_eq!(std::fs::read_dir(root.path("/etc/campaignd")).unwrap().count(), 3, "settings, pipelines, key");
    assert!(std::fs::read_dir(root.path("/etc/campaignd/pipelines")).unwrap().next().is_none());
    let user = root.must(&["getent", "passwd", "campaignd"]);
    assert!(user.contains(":/var/lib/campaignd:/usr/sbin/nologin"), "{user}");
    // Nobody has configured it: it isn't started at the next boot either.
    let wanted = "/etc/systemd/system/multi-user.target.wants/campaignd.service";
    assert!(!root.has(wanted));
    assert!(root.must(&["campaignd", "--version"]).starts_with("campaignd "));
    // All it lacks is a pipeline.
    let check = root.run(&["campaignd", "check"]);
    assert_eq!(check.status.code(), Some(78), "{}", crate::said(&check));
    root.write("/etc/campaignd/pipelines/calls.toml", campaignd::cli::sample::sample("pipeline").unwrap());
    root.must(&["campaignd", "check"]);
    let licence = root.read("/usr/share/doc/campaignd/copyright");
    assert!(licence.contains("Apache License"), "{licence}");

    let settings = root.read("/etc/campaignd/campaignd.toml").replace("USD", "EUR");
    root.write("/etc/campaignd/campaignd.toml", &settings);
    root.must(&["ln", "-s", "/usr/lib/systemd/system/campaignd.service", wanted]);
    root.write(WAREHOUSE, "somebody's work");
    root.write("/var/lib/campaignd/spool/calls/1", "a copy");
    let second = packages.put("0.1.0-2", &root);
    root.must(&["dpkg", "--install", &second]);
    assert!(root.must(&["dpkg-query", "--show", "campaignd"]).contains("0.1.0-2"));
    assert_eq!((root.read("/etc/campaignd/campaignd.toml"), root.read(KEY)), (settings.clone(), key.clone()));

    root.must(&["dpkg", "--remove", "campaignd"]);
    assert!(!root.has("/usr/bin/campaignd") && !root.has("/usr/lib/systemd/system/campaignd.service"));
    assert_eq!((root.read("/etc/campaignd/campaignd.toml"), root.read(KEY)), (settings, key.clone()));
    assert!(root.has(WAREHOUSE) && root.has("/var/lib/campaignd/spool/calls/1"));

    root.must(&["dpkg", "--install", &second]);
    assert_eq!(root.read(KEY), key);
    let purged = root.must(&["dpkg", "--purge", "campaignd"]);
    assert!(purged.contains("kept in /etc/campaignd") && purged.contains("pipelines pseudonym.key"), "{purged}");
    assert!(purged.contains("kept in /var/lib/campaignd") && purged.contains("warehouse.db"), "{purged}");
    assert!(!root.has("/etc/campaignd/campaignd.toml") && !root.has("/var/lib/campaignd/spool"));
    assert_eq!((root.read(KEY), root.read(WAREHOUSE)), (key.clone(), "somebody's work".to_owned()));
    assert!(root.has("/etc/campaignd/pipelines/calls.toml"));
    assert!(!root.has(wanted) && !root.has("/var/lib/dpkg/info/campaignd.list"));

    // What was kept is taken up again.
    root.must(&["dpkg", "--install", &first]);
    assert_eq!(root.read(KEY), key);
}
