//! What loading into the warehouse costs, against inserts that promise nothing.
//!
//! `cargo bench -p campaignd-sqlite [-- ROWS [ROUNDS]]` loads the same generated call log (22 columns, 1,000,000 rows,
//! a commit every 100,000) in the same process, round by round:
//!
//! - *bare*: `rusqlite`'s prepared INSERT into a table without key, checks or index;
//! - *keyed*: the same INSERT into the warehouse's own table, so with the cost of its key, index and types;
//! - *upsert*: the warehouse, from Arrow columns, with an outcome for each row;
//! - *again*: the same rows once more, which changes nothing.
//!
//! Only the writing is timed; making the rows is not. Printed are medians, and ratios to *bare*: the ratios are what can be
//! compared between machines. Keys come rising, as a telephone exchange gives them, and in no order, as UUIDs do.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use campaignd_contract::{
    BuildContext, Column, ColumnType, Group, Index, RowOutcome, Supervision, Table, Value, Warehouse as _,
};
use campaignd_sqlite::{SqliteSettings, SqliteWarehouse};
use rusqlite::types::Value as Stored;

const BATCH_ROWS: usize = 8192;
const COMMIT_ROWS: usize = 100_000;

const fn column(name: &'static str, kind: ColumnType, required: bool, lineage: bool) -> Column {
    Column { name, kind, required, default: None, meaning: "", unit: "", term: "", lineage }
}

static CALLS: Table = Table {
    name: "call_response",
    group: Group::Facts,
    meaning: "",
    term: "",
    key: &["source_system", "source_key"],
    columns: &[
        column("response_no", ColumnType::Identity, true, false),
        column("source_system", ColumnType::Text(40), true, false),
        column("source_key", ColumnType::Text(80), true, false),
        column("occurred_at", ColumnType::Timestamp, true, false),
        column("booked_on", ColumnType::Date, false, false),
        column("channel_code", ColumnType::Text(40), false, false),
        column("response_type", ColumnType::Choice(&["inquiry", "order", "complaint", "opt_out"]), true, false),
        column("code_type", ColumnType::Choice(&["dnis", "promo", "utm"]), false, false),
        column("code", ColumnType::Text(60), false, false),
        column("part_code", ColumnType::Text(60), false, false),
        column("party_key", ColumnType::Text(80), false, false),
        column("disposition", ColumnType::Text(40), false, false),
        column("agent", ColumnType::Text(40), false, false),
        column("queue", ColumnType::Text(40), false, false),
        column("duration_seconds", ColumnType::Integer, false, false),
        column("billed_seconds", ColumnType::Integer, false, false),
        column("amount", ColumnType::Decimal, false, false),
        column("currency", ColumnType::Text(3), false, false),
        column("is_test", ColumnType::Boolean, true, false),
        column("batch_no", ColumnType::Integer, true, true),
        column("source_offset", ColumnType::Integer, false, true),
        column("source_line", ColumnType::Integer, false, true),
    ],
    inputs: &[],
    indexes: &[Index { name: "call_response_batch", columns: &["batch_no"], unique: false }],
};

/// The columns of a batch; the others are constants.
const VARYING: &[&str] = &[
    "source_key",
    "occurred_at",
    "booked_on",
    "response_type",
    "code_type",
    "code",
    "party_key",
    "disposition",
    "agent",
    "queue",
    "duration_seconds",
    "billed_seconds",
    "amount",
    "currency",
    "is_test",
    "source_offset",
    "source_line",
];

fn constants(commit: usize) -> Vec<(&'static str, Value)> {
    vec![
        ("source_system", "tampa".into()),
        ("channel_code", "voice_mail".into()),
        ("part_code", Value::Null),
        ("batch_no", Value::Integer(i64::try_from(commit).expect("few commits"))),
    ]
}

/// Rows `from..to` of the call log, the same every time.
fn calls(from: usize, to: usize, rising: bool) -> RecordBatch {
    let numbers = || (from..to).map(|n| i64::try_from(n).expect("few rows"));
    let mixed = || numbers().map(|n| (n.wrapping_mul(-7_046_029_254_386_353_131) ^ 0x5bd1) & i64::MAX);
    let text = |make: &dyn Fn(i64, i64) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(numbers().zip(mixed()).map(|(n, m)| make(n, m))))
    };
    let second = |n: i64| 1_709_251_200 + n / 3;
    let arrays: Vec<ArrayRef> = vec![
        text(&|n, m| if rising { format!("{}.{n}", second(n)) } else { format!("{m:016x}.{n}") }),
        Arc::new(TimestampMicrosecondArray::from_iter_values(numbers().map(|n| second(n) * 1_000_000))),
        Arc::new(Date32Array::from_iter_values(
            numbers().map(|n| i32::try_from(second(n) / 86_400).expect("in this century")),
        )),
        text(&|_, m| ["inquiry", "inquiry", "order", "complaint"][usize::try_from(m % 4).expect("0 to 3")].into()),
        text(&|_, _| "dnis".into()),
        text(&|_, m| format!("1800555{:04}", m % 97)),
        text(&|_, m| format!("k1:{:016x}{:016x}", m, m.rotate_left(17))),
        text(&|_, m| ["ANSWERED", "BUSY", "NO ANSWER"][usize::try_from(m % 3).expect("0 to 2")].into()),
        text(&|_, m| format!("agent-{:03}", m % 250)),
        text(&|_, m| format!("queue-{}", m % 7)),
        Arc::new(mixed().map(|m| (m % 5 != 0).then_some(m % 900)).collect::<Int64Array>()),
        Arc::new(mixed().map(|m| (m % 5 != 0).then_some(m % 850)).collect::<Int64Array>()),
        Arc::new(
            mixed()
                .map(|m| (m % 4 == 2).then_some(i128::from(m % 90_000) * 10_000))
                .collect::<Decimal128Array>()
                .with_precision_and_scale(19, 6)
                .expect("decimal(19,6)"),
        ),
        text(&|_, _| "USD".into()),
        Arc::new(mixed().map(|m| Some(m % 1000 == 0)).collect::<BooleanArray>()),
        Arc::new(Int64Array::from_iter_values(numbers().map(|n| n * 115))),
        Arc::new(Int64Array::from_iter_values(numbers().map(|n| n + 2))),
    ];
    RecordBatch::try_from_iter(VARYING.iter().copied().zip(arrays)).expect("columns of one length")
}

/// The batches of each commit, made before the clock starts.
fn commits(rows: usize, rising: bool) -> impl Iterator<Item = (usize, Vec<RecordBatch>)> {
    (0..rows).step_by(COMMIT_ROWS).enumerate().map(move |(commit, from)| {
        let to = (from + COMMIT_ROWS).min(rows);
        let batches = (from..to).step_by(BATCH_ROWS).map(|at| calls(at, (at + BATCH_ROWS).min(to), rising));
        (commit + 1, batches.collect())
    })
}

fn open(folder: &Path) -> SqliteWarehouse {
    let context = BuildContext {
        pipeline: "bench".into(),
        base_directory: folder.into(),
        spool_directory: folder.into(),
        supervision: Supervision::default(),
    };
    let settings = SqliteSettings { path: "bench.db".into(), cache_mebibytes: 64, busy_timeout_seconds: 5 };
    SqliteWarehouse::new(&settings, &context)
}

fn create(warehouse: &mut SqliteWarehouse) {
    let statements = warehouse.dialect().create_table(&CALLS);
    let mut transaction = warehouse.begin().expect("begin");
    for statement in statements {
        transaction.execute(&statement, &[]).expect("create");
    }
    transaction.commit().expect("commit");
}

/// Time spent: on the clock, and of that on a processor.
#[derive(Clone, Copy, Default)]
struct Spent {
    clock: Duration,
    processor: Duration,
}

impl Spent {
    /// Runs `work` and adds what it took.
    fn add(&mut self, work: impl FnOnce()) {
        let (start, before) = (Instant::now(), processor_time());
        work();
        self.clock += start.elapsed();
        self.processor += processor_time().saturating_sub(before);
    }
}

/// What this thread has spent on a processor; 0 where the system doesn't say.
fn processor_time() -> Duration {
    let nanoseconds = std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split(' ').next().and_then(|first| first.parse().ok()));
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

/// The warehouse's own path: seconds for the first load and for the same rows again.
fn upsert(folder: &Path, rows: usize, rising: bool) -> (Spent, Spent) {
    let mut warehouse = open(folder);
    create(&mut warehouse);
    let mut load = |expected: RowOutcome| {
        let mut spent = Spent::default();
        for (commit, batches) in commits(rows, rising) {
            let mut outcomes = Vec::new();
            spent.add(|| {
                let mut transaction = warehouse.begin().expect("begin");
                for batch in &batches {
                    transaction.upsert(&CALLS, batch, &constants(commit), &mut outcomes).expect("upsert");
                }
                transaction.commit().expect("commit");
            });
            assert!(outcomes.iter().all(|outcome| *outcome == expected));
        }
        spent
    };
    (load(RowOutcome::Inserted), load(RowOutcome::Unchanged))
}

/// Plain inserts with `rusqlite`, into the warehouse's table or into one without key, checks and index.
fn inserts(folder: &Path, rows: usize, rising: bool, keyed: bool) -> Spent {
    let mut warehouse = open(folder);
    create(&mut warehouse);
    let connection = rusqlite::Connection::open(folder.join("bench.db")).expect("open");
    let log_pages = LOG_BYTES / PAGE_BYTES;
    connection
        .execute_batch(&format!(
            "PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = {log_pages};"
        ))
        .expect("pragmas");
    let names: Vec<&str> = VARYING.iter().copied().chain(constants(0).iter().map(|(name, _)| *name)).collect();
    connection.execute_batch(&format!("CREATE TABLE bare ({})", names.join(", "))).expect("create");
    let relation = if keyed { "call_response_micro" } else { "bare" };
    let marks = vec!["?"; names.len()].join(", ");
    let sql = format!("INSERT INTO {relation} ({}) VALUES ({marks})", names.join(", "));
    let mut spent = Spent::default();
    for (commit, batches) in commits(rows, rising) {
        let values: Vec<Vec<Stored>> = batches.iter().flat_map(|batch| stored(batch, commit)).collect();
        spent.add(|| {
            connection.execute_batch("BEGIN IMMEDIATE").expect("begin");
            let mut statement = connection.prepare_cached(&sql).expect("prepare");
            for row in &values {
                statement.execute(rusqlite::params_from_iter(row)).expect("insert");
            }
            connection.execute_batch("COMMIT").expect("commit");
        });
    }
    spent
}

const PAGE_BYTES: u32 = 8192;
const LOG_BYTES: u32 = 64 << 20;

/// The values the warehouse would store, ready to bind.
fn stored(batch: &RecordBatch, commit: usize) -> Vec<Vec<Stored>> {
    use arrow_array::Array;
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Decimal128Type, Int64Type};
    use arrow_schema::DataType;

    let cell = |array: &ArrayRef, row: usize| -> Stored {
        if array.is_null(row) {
            return Stored::Null;
        }
        match array.data_type() {
            DataType::Utf8 => Stored::Text(array.as_string::<i32>().value(row).to_owned()),
            DataType::Int64 => Stored::Integer(array.as_primitive::<Int64Type>().value(row)),
            DataType::Decimal128(..) => Stored::Integer(
                i64::try_from(array.as_primitive::<Decimal128Type>().value(row)).expect("small amounts"),
            ),
            DataType::Boolean => Stored::Integer(array.as_boolean().value(row).into()),
            DataType::Date32 => Stored::Text("2024-03-01".into()),
            _ => Stored::Text("2024-03-01 12:34:56".into()),
        }
    };
    let constants = constants(commit).into_iter().map(|(_, value)| match value {
        Value::Text(text) => Stored::Text(text),
        Value::Integer(number) => Stored::Integer(number),
        _ => Stored::Null,
    });
    let constants: Vec<Stored> = constants.collect();
    (0..batch.num_rows())
        .map(|row| batch.columns().iter().map(|array| cell(array, row)).chain(constants.iter().cloned()).collect())
        .collect()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<usize>().ok());
    let rows = numbers.next().unwrap_or(1_000_000);
    let rounds = numbers.next().unwrap_or(5);
    println!("{rows} rows, median of {rounds} rounds");
    for rising in [true, false] {
        let (mut bare, mut keyed, mut first, mut again) = (vec![], vec![], vec![], vec![]);
        for _ in 0..rounds {
            let folder = || tempfile::tempdir().expect("a folder for the database");
            bare.push(inserts(folder().path(), rows, rising, false));
            keyed.push(inserts(folder().path(), rows, rising, true));
            let (once, twice) = upsert(folder().path(), rows, rising);
            first.push(once);
            again.push(twice);
        }
        println!("\nkeys {}", if rising { "rising" } else { "in no order" });
        let seconds =
            |times: &[Spent], of: fn(&Spent) -> Duration| median(times.iter().map(of).collect()).as_secs_f64();
        let one = (seconds(&bare, |spent| spent.clock), seconds(&bare, |spent| spent.processor));
        println!("           clock   × bare   processor   × bare      rows/s");
        for (name, times) in [("bare", bare), ("keyed", keyed), ("upsert", first), ("again", again)] {
            let (clock, processor) = (seconds(&times, |spent| spent.clock), seconds(&times, |spent| spent.processor));
            println!(
                "{name:>8} {clock:5.2} s    {:5.2}     {processor:5.2} s    {:5.2}   {:9.0}",
                clock / one.0,
                processor / one.1,
                f64::from(u32::try_from(rows).expect("a bench of so many rows would never end")) / clock
            );
        }
    }
}
