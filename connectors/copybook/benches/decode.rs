//! Bytes a second of decoding, beside copying and translating the same bytes in the same run.
//!
//! `cargo bench -p campaignd-copybook --bench decode`. A customer record of 200 bytes and 23 fields (109 bytes of text, 67
//! packed, 18 zoned, 6 binary), fixed and with a table of any length; every digit, sign and character is checked.

mod records;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use campaignd_copybook::Copybook;
use campaignd_copybook::code_page::CodePage;
use campaignd_copybook::decode::{Decoder, Fault, JsonLine, Options, Value, Visitor};
use campaignd_copybook::layout::ItemId;

use records::{CUSTOMER, ORDER, customer, order};

const RECORDS: usize = 100_000;

fn main() {
    let customers: Vec<Vec<u8>> = (0..RECORDS).map(customer).collect();
    let orders: Vec<Vec<u8>> = (0..RECORDS).map(order).collect();
    let bytes = customers.concat();
    println!("{:44} {:>9}", "over 100,000 records", "MB/s");
    let copied = fastest(bytes.len(), || drop(black_box(bytes.clone())));
    report("copying", copied, copied);
    let page = CodePage::named("cp037").expect("it is a page");
    let table: Vec<u8> = (0..=255)
        .map(|byte| page.char_of(byte).and_then(|c| u8::try_from(u32::from(c)).ok()).unwrap_or(b'?'))
        .collect();
    let translated = fastest(bytes.len(), || {
        drop(black_box(bytes.iter().map(|byte| table[usize::from(*byte)]).collect::<Vec<u8>>()));
    });
    report("translating each byte", translated, copied);
    for (name, copybook, records) in
        [("fixed records, 23 fields", CUSTOMER, &customers), ("OCCURS DEPENDING ON, 0 to 20 entries", ORDER, &orders)]
    {
        let length = records.iter().map(Vec::len).sum();
        let layout = Arc::new(Copybook::parse("bench", copybook, &()).expect("it is right").layout);
        let mut decoder = Decoder::new(Arc::clone(&layout), Options::z_os(page));
        let mut counter = Counter::default();
        let walked = fastest(length, || {
            for record in records {
                decoder.decode(layout.records[0], record, &mut counter);
            }
        });
        assert!(counter.values > 0 && counter.faults == 0, "{} faults", counter.faults);
        report(&format!("{name}: decoded"), walked, copied);
        let mut json = JsonLine::new(&layout);
        let wanted = vec![true; layout.items.len()];
        let written = fastest(length, || {
            for record in records {
                json.start(&wanted);
                decoder.decode(layout.records[0], record, &mut json);
                black_box(json.line());
            }
        });
        report(&format!("{name}: as JSON lines"), written, copied);
    }
}

/// Counts what it is told.
#[derive(Default)]
struct Counter {
    values: u64,
    faults: u64,
}

impl Visitor for Counter {
    fn value(&mut self, _item: ItemId, value: Value<'_>) {
        black_box(value);
        self.values += 1;
    }

    fn fault(&mut self, _fault: Fault) {
        self.faults += 1;
    }
}

/// Megabytes a second of the fastest of some runs.
fn fastest(bytes: usize, mut work: impl FnMut()) -> f64 {
    let mut best = Duration::MAX;
    for _ in 0..7 {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed());
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let megabytes = bytes as f64 / 1e6;
    megabytes / best.as_secs_f64()
}

fn report(what: &str, rate: f64, copied: f64) {
    println!("{what:44} {rate:9.0}   {:6.4} of copying", rate / copied);
}
