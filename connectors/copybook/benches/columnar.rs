//! Bytes a second of decoding into columns, beside copying and translating the same bytes in the same run.
//!
//! `cargo bench -p campaignd-copybook --features arrow --bench columnar`. The records are those of the bench `decode`: a
//! customer of 200 bytes and 23 fields, and an order with a table of 0 to 20 entries. Every digit, sign and character is
//! checked, and faults are kept with their bytes. Where the `copybook` command of the crate copybook-cli is on the path, it
//! decodes the same file of customers, its time being that of its process, start and output included.
//!
//! A word behind `--` measures only what has the word in its name: `-- packed`.

mod records;

use std::hint::black_box;
use std::ops::Range;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use campaignd_copybook::Copybook;
use campaignd_copybook::code_page::CodePage;
use campaignd_copybook::columnar::{BatchDecoder, Date, Decoded, OnFault, Plan, Settings};
use campaignd_copybook::decode::{Absent, Decoder, Fault, Options, Value, Visitor};
use campaignd_copybook::layout::Layout;

use records::{CUSTOMER, ORDER, customer, order};

const RECORDS: usize = 100_000;

/// Records of a batch.
const BATCH: usize = 2_000;

fn main() {
    let page = CodePage::named("cp037").expect("it is a page");
    let customers = File::of((0..RECORDS).map(customer));
    let orders = File::of((0..RECORDS).map(order));
    println!("{:56} {:>9}", format!("over {RECORDS} records, in batches of {BATCH}"), "MB/s");
    let bytes = &customers.bytes;
    let copied = fastest(bytes.len(), || drop(black_box(bytes.clone())));
    let mut to = vec![0; BATCH * 200];
    let in_cache = fastest(bytes.len(), || {
        for batch in bytes.chunks_exact(to.len()) {
            to.copy_from_slice(batch);
            black_box(&to);
        }
    });
    let table: Vec<u8> = (0..=255)
        .map(|byte| page.char_of(byte).and_then(|c| u8::try_from(u32::from(c)).ok()).unwrap_or(b'?'))
        .collect();
    let translated = fastest(bytes.len(), || {
        drop(black_box(bytes.iter().map(|byte| table[usize::from(*byte)]).collect::<Vec<u8>>()));
    });
    let only = std::env::args().skip(1).find(|word| !word.starts_with('-')).unwrap_or_default();
    let report = |what: &str, measure: &dyn Fn() -> f64| {
        if !what.contains(&only) {
            return;
        }
        let rate = measure();
        println!("{what:56} {rate:9.1}   {:6.4} of copying, {:6.4} of translating", rate / copied, rate / translated);
    };
    report("copying", &|| copied);
    report("copying batch by batch to the same place", &|| in_cache);
    report("translating each byte", &|| translated);

    let plain = Options::z_os(page);
    let absent = Options { absent: Absent { blanks: true, low_values: true, high_values: true }, ..plain };
    let null = Settings { on_fault: OnFault::Null, ..Settings::default() };
    report("F: row decoder", &|| row_by_row(CUSTOMER, plain, &customers));
    report("F: columns", &|| columnar(CUSTOMER, plain, &Settings::default(), &customers, 0));
    report("F: columns, blanks, low and high values are null", &|| columnar(CUSTOMER, absent, &null, &customers, 0));
    for batch in [200, 1_000, 8_000, RECORDS] {
        let measure = || batches(CUSTOMER, plain, &Settings::default(), &customers, batch, 0);
        report(&format!("F: columns, {batch} a batch"), &measure);
    }
    let (layout, mut dates) = (layout(CUSTOMER), Settings::default());
    let opened = layout.find("OPENED", &[]).expect("it is a field");
    dates.dates.insert(opened, Date::parse("YYYYMMDD", None).expect("it is a pattern"));
    report("F: columns, OPENED as a date", &|| columnar(CUSTOMER, plain, &dates, &customers, 0));
    // Every tenth record has a balance that is blank, every hundredth one that is no number.
    let spoiled = |number: usize| {
        let mut record = customer(number);
        if number.is_multiple_of(10) {
            record[109..115].fill(0x40);
        }
        if number.is_multiple_of(100) {
            record[115] = 0xAA;
        }
        record
    };
    let spoiled = File::of((0..RECORDS).map(spoiled));
    let faults = RECORDS / 100;
    report("F: a tenth with a null, 1 % at fault and rejected", &|| {
        columnar(CUSTOMER, absent, &Settings::default(), &spoiled, faults)
    });
    report("F: a tenth with a null, 1 % at fault and null", &|| columnar(CUSTOMER, absent, &null, &spoiled, faults));
    let accented = File::of((0..RECORDS).map(|number| {
        let mut record = customer(number);
        record[11] = 0xDC;
        record
    }));
    report("F: columns, a name that isn't ASCII", &|| columnar(CUSTOMER, plain, &Settings::default(), &accented, 0));
    report("V: row decoder", &|| row_by_row(ORDER, plain, &orders));
    report("V: columns, OCCURS DEPENDING ON", &|| columnar(ORDER, plain, &Settings::default(), &orders, 0));
    report("V: columns, blanks, low and high values are null", &|| columnar(ORDER, absent, &null, &orders, 0));
    for (kind, fields) in kinds() {
        report(&format!("F: {kind} only"), &|| columnar(&fields, plain, &Settings::default(), &customers, 0));
    }
    report("F: copybook-cli, the process, to JSON lines", &|| peer(&customers).unwrap_or(0.0));
}

/// Records one behind another.
struct File {
    bytes: Vec<u8>,
    places: Vec<Range<usize>>,
}

impl File {
    fn of(records: impl Iterator<Item = Vec<u8>>) -> Self {
        let mut file = Self { bytes: vec![], places: vec![] };
        for record in records {
            file.places.push(file.bytes.len()..file.bytes.len() + record.len());
            file.bytes.extend(record);
        }
        file
    }
}

fn layout(copybook: &str) -> Arc<Layout> {
    Arc::new(Copybook::parse("bench", copybook, &()).expect("it is right").layout)
}

fn columnar(copybook: &str, options: Options, settings: &Settings, file: &File, faults: usize) -> f64 {
    batches(copybook, options, settings, file, BATCH, faults)
}

/// The rate of decoding a file into columns, in batches of so many records.
fn batches(copybook: &str, options: Options, settings: &Settings, file: &File, batch: usize, faults: usize) -> f64 {
    let layout = layout(copybook);
    let record = layout.records[0];
    let plan = Plan::new(layout, record, &[], options, settings.clone()).expect("there is a plan");
    let mut decoder = BatchDecoder::new(Arc::new(plan));
    fastest(file.bytes.len(), || {
        let (mut rows, mut found) = (0, 0);
        for places in file.places.chunks(batch) {
            let Decoded { columns, rejected, faults, .. } =
                decoder.decode(&file.bytes, places).expect("it can be decoded");
            rows += columns.num_rows() + rejected.len();
            found += faults.len();
            black_box(columns);
        }
        assert_eq!((rows, found), (file.places.len(), faults));
    })
}

/// The rate of the row decoder.
fn row_by_row(copybook: &str, options: Options, file: &File) -> f64 {
    let layout = layout(copybook);
    let mut decoder = Decoder::new(Arc::clone(&layout), options);
    fastest(file.bytes.len(), || {
        for place in &file.places {
            decoder.decode(layout.records[0], &file.bytes[place.clone()], &mut Nobody);
        }
    })
}

struct Nobody;

impl Visitor for Nobody {
    fn value(&mut self, _item: campaignd_copybook::layout::ItemId, value: Value<'_>) {
        black_box(value);
    }
    fn fault(&mut self, fault: Fault) {
        panic!("{fault:?}");
    }
}

/// The customer's copybook with all fields but those of one kind hidden: their names taken away.
fn kinds() -> Vec<(&'static str, String)> {
    type Wanted = fn(&str) -> bool;
    let kinds: [(&str, Wanted); 4] = [
        ("text", |line| line.contains("PIC X")),
        ("packed", |line| line.contains("COMP-3")),
        ("binary", |line| line.contains(" COMP.")),
        ("zoned", |line| !["PIC X", "COMP-3", " COMP."].iter().any(|other| line.contains(other))),
    ];
    let only = |wanted: Wanted| {
        CUSTOMER
            .lines()
            .map(|line| match line.split_whitespace().nth(1) {
                Some(name) if line.contains(" PIC") && !wanted(line) => line.replace(name, "FILLER") + "\n",
                _ => format!("{line}\n"),
            })
            .collect()
    };
    kinds.map(|(kind, wanted)| (kind, only(wanted))).into()
}

/// The rate of the peer's process on the same file, which it reads and writes.
fn peer(file: &File) -> Option<f64> {
    let Ok(_) = Command::new("copybook").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status() else {
        println!("copybook-cli: skipped, it isn't on the path");
        return None;
    };
    let folder = tempfile::tempdir().ok()?;
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("customer.cpy"), CUSTOMER).ok()?;
    // A tenth of the file: it takes its time.
    let bytes = &file.bytes[..file.bytes.len() / 10];
    std::fs::write(path("customer.bin"), bytes).ok()?;
    let mut command = Command::new("copybook");
    command.args(["decode", "--format", "fixed", "--codepage", "cp037", "--output"]).arg(path("out.jsonl"));
    command.args([path("customer.cpy"), path("customer.bin")]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let start = Instant::now();
        if !command.status().ok()?.success() {
            println!("copybook-cli: it fails on the file");
            return None;
        }
        best = best.min(start.elapsed());
    }
    Some(rate(bytes.len(), best))
}

/// Megabytes a second of the fastest of some runs.
fn fastest(bytes: usize, mut work: impl FnMut()) -> f64 {
    let mut best = Duration::MAX;
    for _ in 0..9 {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed());
    }
    rate(bytes, best)
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn rate(bytes: usize, time: Duration) -> f64 {
    bytes as f64 / 1e6 / time.as_secs_f64()
}
