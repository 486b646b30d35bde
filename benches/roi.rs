//! What a refresh costs after a load that touches 1 % of the cells, against working out everything.
//!
//! `cargo bench --bench roi`, or with another number of responses: `cargo bench --bench roi -- 100000`. The figures to
//! look at are the ratios: both sides are measured in one run.

use std::time::{Duration, Instant};

use campaignd::model::migration::migrate;
use campaignd::roi::{Refreshed, refresh, refresh_all};
use campaignd::settings;
use campaignd_contract::{BuildContext, Supervision, Warehouse};
use campaignd_sqlite::{SqliteSettings, SqliteWarehouse};

/// Parts and months: 1,200 cells.
const PARTS: u64 = 100;
const MONTHS: u64 = 12;

fn main() {
    let responses = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    let folder = tempfile::tempdir().expect("a folder for the warehouse");
    let context = BuildContext {
        pipeline: String::new(),
        base_directory: folder.path().into(),
        spool_directory: folder.path().into(),
        supervision: Supervision::default(),
    };
    let settings = SqliteSettings { path: "warehouse.db".into(), cache_mebibytes: 64, busy_timeout_seconds: 30 };
    let mut warehouse = SqliteWarehouse::new(&settings, &context);
    migrate(&mut warehouse).expect("an empty warehouse");
    plan(&mut warehouse);

    load(&mut warehouse, 1, 0, responses, |number| (number % PARTS, number * MONTHS / responses));
    let first = timed("first refresh", &mut warehouse, refresh);
    let all = timed("everything again", &mut warehouse, refresh_all);
    // Twelve cells of 1,200: one part, all months.
    load(&mut warehouse, 2, responses, responses / 100, |number| (7, number % MONTHS));
    let part = timed("1 % more, in 1 % of the cells", &mut warehouse, refresh);
    // The usual case: what came in today, a few rows for every part.
    load(&mut warehouse, 3, responses * 2, responses / 1000, |number| (number % PARTS, MONTHS - 1));
    let today = timed("0.1 % more, in this month's cells", &mut warehouse, refresh);
    let nothing = timed("nothing new", &mut warehouse, refresh);
    println!(
        "against everything: first {:.2}, 1 % of the cells {:.3}, this month's {:.3}, nothing new {:.4}",
        ratio(first, all),
        ratio(part, all),
        ratio(today, all),
        ratio(nothing, all)
    );
}

type Refresh = fn(&mut dyn Warehouse, &settings::Roi) -> Result<Refreshed, campaignd::roi::RoiError>;

fn timed(what: &str, warehouse: &mut SqliteWarehouse, refresh: Refresh) -> Duration {
    let start = Instant::now();
    let refreshed = refresh(warehouse, &settings::Roi::default()).expect("a refresh");
    let taken = start.elapsed();
    println!("{what:35} {:8.3} s  {} responses", taken.as_secs_f64(), refreshed.responses);
    taken
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}

fn run(warehouse: &mut SqliteWarehouse, statements: &[String]) {
    let mut transaction = warehouse.begin().expect("a transaction");
    for statement in statements {
        transaction.execute(statement, &[]).expect(statement);
    }
    transaction.commit().expect("a commit");
}

fn plan(warehouse: &mut SqliteWarehouse) {
    let numbers = format!("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {PARTS})");
    run(
        warehouse,
        &[
            format!(
                "{numbers} INSERT INTO campaign_micro (campaign_id, batch_no) SELECT 'C' || i, 1 FROM n WHERE i < 10"
            ),
            format!(
                "{numbers} INSERT INTO campaign_part_micro (campaign_part_id, campaign_id, channel_id, batch_no)
                 SELECT 'PART-' || i, 'C' || (i / 10), 'channel-' || (i % 4), 1 FROM n"
            ),
            format!(
                "{numbers} INSERT INTO code_map (code_type, code, valid_from, campaign_part_id, batch_no)
                 SELECT 'dnis', '+1800555' || (1000 + i), '2024-01-01 00:00:00', 'PART-' || i, 1 FROM n"
            ),
        ],
    );
}

/// Loads `count` responses. One customer in ten calls again, some of them for another part.
fn load(warehouse: &mut SqliteWarehouse, batch: u64, from: u64, count: u64, cell: impl Fn(u64) -> (u64, u64)) {
    // Part and month are figured out here, in rows of a table of values, so that the statement stays the same.
    let mut statements = Vec::new();
    for start in (0..count).step_by(500) {
        let rows: Vec<String> = (start..count.min(start + 500))
            .map(|number| {
                let (part, month) = cell(number);
                let serial = from + number;
                // A fixed mixture, so that runs are alike: 64 bits spread like a pseudonym.
                let customer = (if serial % 10 == 9 { serial / 2 } else { serial }).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                format!(
                    "('pbx','CALL-{serial:09}','2025-{:02}-{:02} 10:{:02}:00','dnis','+1800555{}','inquiry','k1:{customer:016x}{customer:016x}00000000000',{batch})",
                    month % MONTHS + 1, serial % 28 + 1, serial % 60, 1000 + part,
                )
            })
            .collect();
        statements.push(format!(
            "INSERT INTO campaign_response (source_system, source_key, occurred_at, code_type, code, response_type, party_key, batch_no) VALUES {}",
            rows.join(",")
        ));
    }
    statements.push(format!("INSERT INTO etl_dirty (table_name, batch_no) VALUES ('campaign_response', {batch})"));
    run(warehouse, &statements);
}
