//! Rows a second of the mapping and of its parts, over a call log of a million rows in batches of 8,192.
//!
//! `cargo bench -p campaignd --bench mapping`

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use campaignd::mapping::{Mapping, Pseudonymiser};
use campaignd::settings;

const ROWS: u64 = 1_000_000;
const BATCH: u64 = 8_192;
const COLUMNS: [&str; 12] = [
    "call_id",
    "start_time",
    "end_time",
    "dnis",
    "ani",
    "disposition",
    "duration",
    "wait",
    "agent",
    "skill",
    "amount",
    "note",
];

fn main() {
    let batches: Vec<_> = (0..ROWS).step_by(8_192).map(|from| batch(from, (from + BATCH).min(ROWS))).collect();
    let head =
        [("source_system", "'tampa'"), ("source_key", "call_id"), ("occurred_at", "timestamp '2026-03-01 10:00:00'")];
    let parts: &[(&str, &[(&str, &str)])] = &[
        ("constants", &[]),
        ("timestamp by pattern", &[("occurred_at", "to_timestamp(start_time, '%d/%m/%Y %H:%M:%S')")]),
        ("phone to pseudonym", &[("party_phone", "ani")]),
        ("case", &[("response_type", CASE)]),
        ("integer", &[("talk_seconds", "duration")]),
        ("text", &[("code", "dnis")]),
        (
            "the whole call log",
            &[
                ("occurred_at", "to_timestamp(start_time, '%d/%m/%Y %H:%M:%S')"),
                ("code_type", "'dnis'"),
                ("code", "dnis"),
                ("response_type", CASE),
                ("party_phone", "ani"),
                ("disposition", "disposition"),
                ("talk_seconds", "duration"),
                ("wait_seconds", "wait"),
                ("agent_id", "agent"),
                ("queue", "skill"),
            ],
        ),
    ];
    for (name, fields) in parts {
        let mut text = PIPELINE.to_owned();
        let rest = head.iter().filter(|(field, _)| !fields.iter().any(|(given, _)| given == field));
        for (field, expression) in fields.iter().chain(rest) {
            // Writing to a String can't fail.
            let _ = writeln!(text, "{field} = \"{expression}\"");
        }
        measure(name, &text, &batches);
    }
    measure("money", MONEY, &batches);
}

const MONEY: &str = r#"
name = "sales"
source = { kind = "file" }
format = { kind = "csv" }
[[output]]
record = "conversion"
[output.fields]
source_system = "'tampa'"
source_key = "call_id"
converted_at = "timestamp '2026-03-01 10:00:00'"
conversion_type = "'order'"
amount = "money(amount)"
currency_code = "'USD'"
"#;

const CASE: &str = "case disposition when 'SALE' then 'order' when 'REFUSED' then 'refusal' else 'inquiry' end";

const PIPELINE: &str = r#"
name = "calls"
source = { kind = "file" }
format = { kind = "csv" }
[mapping]
timezone = "America/New_York"
phone_region = "US"
[[output]]
record = "campaign_response"
when = "disposition <> 'TEST'"
[output.fields]
"#;

fn measure(name: &str, pipeline: &str, batches: &[RecordBatch]) {
    let pipeline: settings::Pipeline = toml::from_str(pipeline).expect("the pipeline above is well formed");
    let pseudonyms = Pseudonymiser::new("k1", &[7; 32]).expect("the key is long enough");
    let mapping = match Mapping::compile(&pipeline, &COLUMNS.map(str::to_owned), &pseudonyms) {
        Ok(mapping) => mapping,
        Err(problems) => {
            for problem in problems {
                eprintln!("{name}: {problem}");
            }
            return;
        }
    };
    let start = Instant::now();
    let (mut accepted, mut rejected) = (0, 0);
    for batch in batches {
        for output in mapping.apply(batch).expect("the batch has the pipeline's columns") {
            accepted += output.records.num_rows();
            rejected += output.rejected.len();
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{name:24} {:>12.0} rows/s {seconds:>8.3} s {accepted:>9} accepted {rejected:>6} rejected",
        1_000_000.0 / seconds
    );
}

/// Rows of the call log: every telephone number another one, times in order over a year.
fn batch(from: u64, to: u64) -> RecordBatch {
    const AREAS: [u64; 8] = [212, 415, 305, 702, 813, 617, 404, 206];
    let column = |value: &dyn Fn(u64) -> String| -> ArrayRef {
        Arc::new((from..to).map(|row| Some(value(row))).collect::<StringArray>())
    };
    let time = |row: u64, more: u64| {
        let second = row * 31 + more;
        let (day, second) = (second / 86_400, second % 86_400);
        let (month, day) = (day / 28 % 12 + 1, day % 28 + 1);
        format!("{day:02}/{month:02}/2026 {:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60)
    };
    let arrays = [
        column(&|row| format!("call-{row:09}")),
        column(&|row| time(row, 0)),
        column(&|row| time(row, row % 600)),
        column(&|row| format!("800555{:04}", row % 40)),
        column(&|row| {
            let area = AREAS[usize::try_from(row % 8).unwrap_or(0)];
            format!("{area}-{:03}-{:04}", 200 + row / 8 % 799, row / 8 / 799 % 10_000)
        }),
        column(&|row| ["SALE", "NONE", "REFUSED", "TEST"][usize::try_from(row % 4).unwrap_or(0)].to_owned()),
        column(&|row| (row % 600).to_string()),
        column(&|row| (row % 40).to_string()),
        column(&|row| format!("agent{}", row % 200)),
        column(&|row| format!("skill{}", row % 9)),
        column(&|row| format!("${},{:03}.{:02}", 1 + row % 9, row % 1_000, row % 100)),
        column(&|row| format!("note number {row}")),
    ];
    RecordBatch::try_from_iter_with_nullable(COLUMNS.into_iter().zip(arrays).map(|(name, array)| (name, array, true)))
        .expect("all columns have the same length")
}
