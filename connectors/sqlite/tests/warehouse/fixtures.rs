//! Warehouses for tests, a table, and this program started once more as another process.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use arrow_array::{ArrayRef, Decimal128Array, RecordBatch, StringArray};
use campaignd_contract::{
    BuildContext, Column, ColumnType, Group, Index, Supervision, Table, Transaction, Value, Warehouse,
};
use campaignd_sqlite::{SqliteSettings, SqliteWarehouse};

/// A warehouse in `warehouse.db` of that folder, with the smallest cache, so that larger transactions spill.
pub fn open(folder: &Path) -> SqliteWarehouse {
    open_waiting(folder, 30)
}

/// The same, waiting for another writer so many seconds.
pub fn open_waiting(folder: &Path, busy_timeout_seconds: u32) -> SqliteWarehouse {
    let context = BuildContext {
        pipeline: "test".into(),
        base_directory: folder.into(),
        spool_directory: folder.into(),
        supervision: Supervision::default(),
    };
    let settings = SqliteSettings { path: "warehouse.db".into(), cache_mebibytes: 2, busy_timeout_seconds };
    SqliteWarehouse::new(&settings, &context)
}

const fn column(name: &'static str, kind: ColumnType, required: bool, lineage: bool) -> Column {
    Column { name, kind, required, default: None, meaning: "", unit: "", term: "", lineage }
}

/// A small table of facts.
pub static CALLS: Table = Table {
    name: "call",
    group: Group::Facts,
    meaning: "",
    term: "",
    key: &["source_key"],
    columns: &[
        column("call_no", ColumnType::Identity, true, false),
        column("source_key", ColumnType::Text(40), true, false),
        column("remark", ColumnType::Text(2000), false, false),
        column("amount", ColumnType::Decimal, false, false),
        column("batch_no", ColumnType::Integer, true, true),
    ],
    inputs: &[],
    indexes: &[Index { name: "call_batch", columns: &["batch_no"], unique: false }],
};

/// Creates the table.
pub fn create(warehouse: &mut SqliteWarehouse) {
    let statements = warehouse.dialect().create_table(&CALLS);
    let mut transaction = warehouse.begin().unwrap();
    for statement in statements {
        transaction.execute(&statement, &[]).unwrap();
    }
    transaction.commit().unwrap();
}

/// So many calls from number `from`, each with 500 bytes of remark.
pub fn calls(from: usize, count: usize) -> RecordBatch {
    let keys = (from..from + count).map(|number| format!("call-{number}"));
    let amounts = (from..from + count).map(|number| i128::try_from(number).unwrap() * 1_000_000);
    RecordBatch::try_from_iter([
        ("source_key", Arc::new(StringArray::from_iter_values(keys)) as ArrayRef),
        ("remark", Arc::new(StringArray::from_iter_values((0..count).map(|_| "x".repeat(500)))) as ArrayRef),
        (
            "amount",
            Arc::new(Decimal128Array::from_iter_values(amounts).with_precision_and_scale(19, 6).unwrap()) as ArrayRef,
        ),
    ])
    .unwrap()
}

/// Writes calls of batch 1.
pub fn write(transaction: &mut dyn Transaction, rows: &RecordBatch) -> campaignd_contract::Result<()> {
    transaction.upsert(&CALLS, rows, &[("batch_no", Value::Integer(1))], &mut Vec::new())
}

/// How many calls there are, and what they amount to in whole units.
pub fn totals(warehouse: &mut SqliteWarehouse) -> (i64, i64) {
    let sql = "SELECT count(*), coalesce(sum(amount), 0) / 1000000 FROM call_micro";
    let row = warehouse.query(sql, &[]).unwrap().rows.remove(0);
    (row[0].as_integer().unwrap(), row[1].as_integer().unwrap())
}

/// The test of that name in a process of its own, told the folder to work in.
pub fn process(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture"])
        .env("CAMPAIGND_TEST_FOLDER", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// The folder to work in, where this is such a process.
pub fn told_folder() -> Option<std::path::PathBuf> {
    std::env::var_os("CAMPAIGND_TEST_FOLDER").map(Into::into)
}
