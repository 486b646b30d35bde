//! What goes wrong with files, disks and processes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;

use crate::fixtures::{calls, create, open, process, told_folder, totals, write};
use campaignd_contract::{Error, ErrorClass, Warehouse};

/// The error of the first use, without the folder's name.
fn refused(folder: &Path) -> (ErrorClass, String) {
    let error: Error = open(folder).query("SELECT 1", &[]).unwrap_err();
    (error.class(), error.to_string().replace(folder.to_str().unwrap(), "…"))
}

#[test]
fn nothing_is_touched_before_the_first_use_and_the_file_is_private() {
    let folder = tempfile::tempdir().unwrap();
    let mut warehouse = open(folder.path());
    let path = folder.path().join("warehouse.db");
    assert!(!path.exists());
    create(&mut warehouse);
    for file in ["warehouse.db", "warehouse.db-wal", "warehouse.db-shm"] {
        let mode = fs::metadata(folder.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    drop(warehouse);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "closed, the database is one file");
}

#[test]
fn a_full_disk_stops_cleanly_and_goes_on_later() {
    let folder = tempfile::tempdir().unwrap();
    let mut warehouse = open(folder.path());
    create(&mut warehouse);
    let mut transaction = warehouse.begin().unwrap();
    write(&mut *transaction, &calls(0, 10)).unwrap();
    transaction.commit().unwrap();

    warehouse.query("PRAGMA max_page_count = 200", &[]).unwrap();
    let mut transaction = warehouse.begin().unwrap();
    let full = write(&mut *transaction, &calls(10, 10_000)).unwrap_err();
    assert_eq!(full.class(), ErrorClass::NoSpace, "{full}");
    assert!(full.to_string().contains("make room on the disk"), "{full}");
    assert_eq!(transaction.execute("DELETE FROM call_micro", &[]).unwrap_err().class(), ErrorClass::NoSpace);
    assert_eq!(transaction.commit().unwrap_err().class(), ErrorClass::NoSpace);
    assert_eq!(totals(&mut warehouse), (10, 45));

    warehouse.query("PRAGMA max_page_count = 1000000", &[]).unwrap();
    let mut transaction = warehouse.begin().unwrap();
    write(&mut *transaction, &calls(10, 10_000)).unwrap();
    transaction.commit().unwrap();
    assert_eq!(totals(&mut warehouse).0, 10_010);
    let sound = warehouse.query("PRAGMA integrity_check", &[]).unwrap();
    assert_eq!(sound.rows, [["ok".into()]]);
}

#[test]
fn a_process_that_dies_in_a_transaction_leaves_nothing_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut warehouse = open(folder.path());
    create(&mut warehouse);
    let mut transaction = warehouse.begin().unwrap();
    write(&mut *transaction, &calls(0, 10)).unwrap();
    transaction.commit().unwrap();
    // With the other handle open, and with the dead process having been the last.
    for open_meanwhile in [true, false] {
        if !open_meanwhile {
            warehouse = open(folder.path());
        }
        let status = process("failures::dies_in_a_transaction", folder.path()).status().unwrap();
        assert_eq!(status.signal(), Some(6), "it aborts");
        assert!(fs::metadata(folder.path().join("warehouse.db-wal")).unwrap().len() > 2 << 20, "it had spilled");
        assert_eq!(totals(&mut warehouse), (10, 45));
        let mut transaction = warehouse.begin().unwrap();
        write(&mut *transaction, &calls(0, 10)).unwrap();
        transaction.commit().unwrap();
        assert_eq!(totals(&mut warehouse), (10, 45));
    }
}

/// Not a test by itself: the process that dies in the one above.
#[test]
fn dies_in_a_transaction() {
    let Some(folder) = told_folder() else { return };
    let mut warehouse = open(&folder);
    let mut transaction = warehouse.begin().unwrap();
    write(&mut *transaction, &calls(10, 10_000)).unwrap();
    std::process::abort();
}

#[test]
fn a_file_that_can_only_be_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    create(&mut open(folder.path()));
    let path = folder.path().join("warehouse.db");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let mut child = process("failures::says_how_it_is_refused", folder.path());
    if fs::OpenOptions::new().write(true).open(&path).is_ok() {
        // The superuser may write any file: ask as somebody else.
        child.uid(65_534).gid(65_534);
    }
    let Ok(output) = child.output() else {
        println!("left out: this program can't be started by another user");
        return;
    };
    let said = String::from_utf8(output.stdout).unwrap().replace(folder.path().to_str().unwrap(), "…");
    assert!(
        said.contains(
            "Permanent: could not open the warehouse …/warehouse.db: it can only be read; let the daemon's user write \
             the file and its folder"
        ),
        "{said}"
    );
}

/// Not a test by itself: asked as a user without rights by the one above.
#[test]
fn says_how_it_is_refused() {
    let Some(folder) = told_folder() else { return };
    let error = open(&folder).query("SELECT 1", &[]).unwrap_err();
    println!("{:?}: {error}", error.class());
}

#[test]
fn other_files_are_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("warehouse.db");
    let text = "date,amount\n".repeat(1000);
    fs::write(&path, &text).unwrap();
    assert_eq!(
        refused(folder.path()),
        (
            ErrorClass::Permanent,
            "could not open the warehouse …/warehouse.db: file is not a database; give `path` the name of a SQLite \
             file, or one that doesn't exist yet"
                .into()
        )
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), text);

    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(
        refused(folder.path()).1,
        "could not open the warehouse …/warehouse.db: it is a folder; give `path` the name of a file"
    );
    assert_eq!(
        refused(&folder.path().join("nowhere")).1,
        "could not create the warehouse …/warehouse.db: No such file or directory (os error 2); create its folder"
    );
}

#[test]
fn a_handle_works_once_its_file_can_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("warehouse.db");
    fs::write(
        &path,
        "no database at all, and long enough to be read as the head of one: 100 bytes at the least, so on",
    )
    .unwrap();
    let mut warehouse = open(folder.path());
    assert!(warehouse.begin().is_err());
    fs::remove_file(&path).unwrap();
    create(&mut warehouse);
    assert_eq!(totals(&mut warehouse), (0, 0));
}

#[test]
fn a_damaged_file_is_said_to_be_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let mut warehouse = open(folder.path());
    create(&mut warehouse);
    let mut transaction = warehouse.begin().unwrap();
    write(&mut *transaction, &calls(0, 1000)).unwrap();
    transaction.commit().unwrap();
    drop(warehouse);
    let path = folder.path().join("warehouse.db");
    let mut content = fs::read(&path).unwrap();
    content[8192..].fill(0xa5);
    fs::write(&path, content).unwrap();
    let error = open(folder.path()).query("SELECT sum(amount) FROM call_micro", &[]).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Permanent);
    assert!(error.to_string().contains("restore a backup"), "{error}");
}

#[test]
fn files_with_other_page_sizes_and_journals_are_taken_over() {
    for page_bytes in [512, 4096, 65_536] {
        let folder = tempfile::tempdir().unwrap();
        let connection = rusqlite::Connection::open(folder.path().join("warehouse.db")).unwrap();
        connection
            .execute_batch(&format!(
                "PRAGMA page_size = {page_bytes}; PRAGMA journal_mode = DELETE; CREATE TABLE old (x);"
            ))
            .unwrap();
        drop(connection);
        let mut warehouse = open(folder.path());
        create(&mut warehouse);
        let mut transaction = warehouse.begin().unwrap();
        write(&mut *transaction, &calls(0, 2000)).unwrap();
        transaction.commit().unwrap();
        assert_eq!(totals(&mut warehouse).0, 2000);
        let pragma = |warehouse: &mut dyn Warehouse, name: &str| {
            warehouse.begin().unwrap().query(&format!("PRAGMA {name}"), &[]).unwrap().rows[0][0].clone()
        };
        assert_eq!(pragma(&mut warehouse, "page_size").as_integer(), Some(page_bytes));
        assert_eq!(pragma(&mut warehouse, "journal_mode").as_text(), Some("wal"));
        assert_eq!(pragma(&mut warehouse, "synchronous").as_integer(), Some(2), "FULL");
    }
}

#[test]
fn a_file_of_a_newer_format_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    create(&mut open(folder.path()));
    let path = folder.path().join("warehouse.db");
    let mut content = fs::read(&path).unwrap();
    // The lowest versions of the file format that may write and read it.
    (content[18], content[19]) = (3, 3);
    fs::write(&path, content).unwrap();
    let (class, said) = refused(folder.path());
    assert_eq!(class, ErrorClass::Permanent, "{said}");
}
