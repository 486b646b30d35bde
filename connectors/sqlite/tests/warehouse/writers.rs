//! Several handles and several processes on one file.

use std::io::{BufRead, BufReader, Read};

use crate::fixtures::{calls, create, open, open_waiting, process, told_folder, totals, write};
use campaignd_contract::{ErrorClass, Warehouse};

#[test]
fn readers_go_on_while_a_transaction_writes() {
    let folder = tempfile::tempdir().unwrap();
    let (mut writer, mut reader) = (open(folder.path()), open_waiting(folder.path(), 0));
    create(&mut writer);
    let mut transaction = writer.begin().unwrap();
    // 10,000 rows of 500 bytes and more: more than the cache of 2 MiB, so pages are in the log before the commit.
    write(&mut *transaction, &calls(0, 10_000)).unwrap();
    assert!(std::fs::metadata(folder.path().join("warehouse.db-wal")).unwrap().len() > 2 << 20);
    assert_eq!(totals(&mut reader), (0, 0));
    transaction.commit().unwrap();
    assert_eq!(totals(&mut reader), (10_000, 49_995_000));
}

#[test]
fn a_second_writer_is_told_to_try_again() {
    let folder = tempfile::tempdir().unwrap();
    let (mut first, mut second) = (open(folder.path()), open_waiting(folder.path(), 0));
    create(&mut first);
    let mut transaction = first.begin().unwrap();
    write(&mut *transaction, &calls(0, 1)).unwrap();
    let busy = second.begin().map(drop).unwrap_err();
    assert_eq!(busy.class(), ErrorClass::Transient, "{busy}");
    assert!(busy.to_string().contains("`busy_timeout_seconds`"), "{busy}");
    transaction.commit().unwrap();
    let mut transaction = second.begin().unwrap();
    write(&mut *transaction, &calls(1, 1)).unwrap();
    transaction.commit().unwrap();
    assert_eq!(totals(&mut first), (2, 1));
}

#[test]
fn handles_may_create_the_file_at_the_same_time() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for name in ["a", "b", "c", "d"] {
                let folder = folder.path();
                scope.spawn(move || {
                    let mut warehouse = open(folder);
                    let mut transaction = warehouse.begin().unwrap();
                    transaction.execute(&format!("CREATE TABLE {name} (x INTEGER) STRICT"), &[]).unwrap();
                    transaction.commit().unwrap();
                });
            }
        });
        let tables = open(folder.path()).query("SELECT count(*) FROM sqlite_schema", &[]).unwrap();
        assert_eq!(tables.rows[0][0].as_integer(), Some(4));
    }
}

#[test]
fn a_writer_of_another_process_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    create(&mut open(folder.path()));
    let mut child = process("writers::writes_until_its_input_ends", folder.path()).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(said.any(|line| line.contains("it writes")), "the other process didn't come to write");

    let busy = open_waiting(folder.path(), 0).begin().map(drop).unwrap_err();
    assert_eq!(busy.class(), ErrorClass::Transient, "{busy}");
    let mut patient = open(folder.path());
    assert_eq!(totals(&mut patient), (0, 0));
    drop(child.stdin.take());
    let transaction = patient.begin().unwrap();
    transaction.commit().unwrap();
    assert_eq!(totals(&mut patient), (3, 3));
    assert!(child.wait().unwrap().success());
}

/// Not a test by itself: the other process of the one above.
#[test]
fn writes_until_its_input_ends() {
    let Some(folder) = told_folder() else { return };
    let mut warehouse = open(&folder);
    let mut transaction = warehouse.begin().unwrap();
    write(&mut *transaction, &calls(0, 3)).unwrap();
    println!("it writes");
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    transaction.commit().unwrap();
}
