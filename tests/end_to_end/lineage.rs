//! From a figure of the ROI table down to the bytes it came from, and the figures against the facts.

use std::collections::HashMap;
use std::fs;
use std::io::Read;

use flate2::read::MultiGzDecoder;
use rusqlite::Connection;

use crate::site::{Site, files_under};
use crate::warehouse;

/// One column of ROI by part over all months: part, responses, conversions, revenue and cost in millionths.
type Known = (&'static str, i64, i64, Option<i64>, Option<i64>);

/// What the demo's parts brought and cost.
const KNOWN: &[Known] = &[
    ("CF26-BND-OUT", 156, 45, Some(8_019_180_000), None),
    ("CF26-CID-OUT", 403, 87, Some(7_546_500_000), Some(6_040_560_000)),
    ("CF26-VM-IN", 431, 106, Some(8_556_840_000), Some(3_574_026_500)),
    ("SO26-BORDER", 17, 4, None, Some(549_689_211)),
    ("SO26-LOOKALIKE", 148, 18, Some(3_054_999_000), Some(5_200_016_349)),
];

#[test]
fn known_parts_have_known_figures() {
    let site = Site::demo();
    let database = warehouse::open(&site.database());
    for &(part, responses, conversions, revenue, cost) in KNOWN {
        let found: (i64, i64, Option<i64>, Option<i64>) = database
            .query_row(
                "SELECT responses, conversions, revenue, cost FROM campaign_roi_micro \
                 WHERE grain = 'campaign_part' AND grain_key = ?1 AND period = 'all'",
                [part],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
            )
            .unwrap();
        assert_eq!(found, (responses, conversions, revenue, cost), "{part}");
    }
}

#[test]
fn parts_add_up_to_the_total_and_the_total_to_the_facts() {
    let site = Site::demo();
    for (figure, facts) in [
        (
            "responses",
            "SELECT count(*) FROM campaign_response WHERE response_type NOT IN ('refusal', 'no_contact') AND is_test = 0",
        ),
        (
            "conversions",
            "SELECT count(*) FROM conversion c WHERE is_test = 0 AND NOT EXISTS (SELECT 1 FROM conversion_adjustment a \
             WHERE a.conversion_key = c.source_key AND a.adjustment_type = 'RETRACTION')",
        ),
        // All of it is in dollars, and allocated to the last millionth.
        ("cost", "SELECT sum(amount) FROM campaign_cost_micro WHERE currency_code = 'USD' AND is_test = 0"),
    ] {
        let of = |grain: &str, period: &str| {
            let sql = format!(
                "SELECT sum({figure}) FROM campaign_roi_micro WHERE grain = '{grain}' AND period {period} 'all'"
            );
            site.number(&sql)
        };
        let expected = site.number(facts);
        assert!(expected > 0);
        assert_eq!(of("total", "="), expected, "{figure} of the total");
        for grain in ["campaign_part", "campaign", "channel", "segment", "offer", "vendor"] {
            assert_eq!(of(grain, "="), expected, "{figure} by {grain}");
            assert_eq!(of(grain, "<>"), expected, "{figure} by {grain} and month");
        }
    }
    // Revenue of each part all of whose orders are in dollars: amounts, restated or retracted as the shop says.
    let differing = "
        WITH orders AS (
            SELECT m.campaign_part_id AS part, c.currency_code,
                CASE WHEN EXISTS (SELECT 1 FROM conversion_adjustment_micro a WHERE a.conversion_key = c.source_key
                        AND a.adjustment_type = 'RETRACTION') THEN 0
                    ELSE coalesce((SELECT a.new_amount FROM conversion_adjustment_micro a
                        WHERE a.conversion_key = c.source_key AND a.adjustment_type = 'RESTATEMENT'
                        ORDER BY a.adjusted_at DESC LIMIT 1), c.amount) END AS amount
            FROM conversion_micro c JOIN attribution_credit_micro m USING (conversion_no)),
        parts AS (
            SELECT part, sum(amount) AS revenue FROM orders GROUP BY part HAVING min(currency_code) = 'USD'
                AND max(currency_code) = 'USD')";
    let compared = format!(
        "{differing} SELECT count(*) FROM parts JOIN campaign_roi_micro r ON r.grain_key = part
        WHERE r.grain = 'campaign_part' AND r.period = 'all'"
    );
    assert!(site.number(&compared) >= 7, "{} parts are compared", site.number(&compared));
    assert_eq!(site.number(&format!("{compared} AND r.revenue IS NOT parts.revenue")), 0);
}

/// A fact by what identifies it in its source, and where it came from.
struct Origin {
    key: String,
    file: String,
    offset: usize,
    line: usize,
}

#[test]
fn every_cell_leads_down_to_the_bytes_it_counts() {
    let site = Site::demo();
    let database = warehouse::open(&site.database());
    let files = unpacked_input(&site);
    let mut looked_up = 0;

    let cells: Vec<(String, String, i64, i64)> = {
        let mut query = database
            .prepare(
                "SELECT grain_key, period, responses, conversions FROM campaign_roi \
                 WHERE grain = 'campaign_part' AND period <> 'all'",
            )
            .unwrap();
        query
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect()
    };
    assert!(cells.len() > 40);
    for (part, month, responses, conversions) in &cells {
        let counted = origins(
            &database,
            "response_match m JOIN campaign_response f USING (response_no)",
            "m.is_response = 1",
            part,
            month,
        );
        assert_eq!(i64::try_from(counted.len()).unwrap(), *responses, "responses of {part} in {month}");
        let credited = origins(
            &database,
            "attribution_credit m JOIN conversion f USING (conversion_no)",
            "m.conversions > 0",
            part,
            month,
        );
        assert_eq!(i64::try_from(credited.len()).unwrap(), *conversions, "conversions of {part} in {month}");
        for origin in counted.iter().chain(&credited) {
            assert_stands_there(origin, &files);
            looked_up += 1;
        }
    }
    assert!(looked_up > 3_000, "{looked_up} facts were looked up");
}

/// Facts of a cell. `tables` joins a result `m` with its fact `f`.
fn origins(database: &Connection, tables: &str, counts: &str, part: &str, month: &str) -> Vec<Origin> {
    let sql = format!(
        "SELECT f.source_key, e.name, f.source_offset, f.source_line FROM {tables} \
         JOIN etl_batch b ON b.batch_no = f.batch_no \
         JOIN etl_file e ON e.pipeline = b.pipeline AND e.unit_id = b.unit_id AND e.state = 'loaded' \
         WHERE coalesce(m.campaign_part_id, 'unallocated') = ?1 AND m.month = ?2 AND {counts}"
    );
    let mut query = database.prepare(&sql).unwrap();
    let rows = query.query_map([part, month], |row| {
        let place = |column| row.get::<_, i64>(column).map(|place| usize::try_from(place).unwrap());
        Ok(Origin { key: row.get(0)?, file: row.get(1)?, offset: place(2)?, line: place(3)? })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn assert_stands_there(origin: &Origin, files: &HashMap<String, Vec<u8>>) {
    let Origin { key, file, offset, line } = origin;
    let content = &files[file];
    let record = &content[*offset..];
    // Up to the end of the line, or of the JSON object that may have several.
    let end = if file.ends_with(".json") { end_of_object(record) } else { memchr_newline(record) };
    let record = String::from_utf8_lossy(&record[..end]);
    assert!(record.contains(key.as_str()), "{key} isn't at byte {offset} of {file}: {record}");
    let lines = content[..*offset].iter().filter(|&&byte| byte == b'\n').count();
    assert_eq!(lines + 1, *line, "line of {key} in {file}");
}

fn memchr_newline(bytes: &[u8]) -> usize {
    bytes.iter().position(|&byte| byte == b'\n').unwrap_or(bytes.len())
}

fn end_of_object(bytes: &[u8]) -> usize {
    assert_eq!(bytes.first(), Some(&b'{'));
    let mut depth = 0;
    for (index, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return index + 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    bytes.len()
}

/// The demo's input by file name, decompressed.
fn unpacked_input(site: &Site) -> HashMap<String, Vec<u8>> {
    let input = site.path("input");
    let read = |path: String| {
        let bytes = fs::read(input.join(&path)).unwrap();
        let mut content = Vec::new();
        if bytes.starts_with(&[0x1f, 0x8b]) {
            MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut content).unwrap();
        } else {
            content = bytes;
        }
        (path.rsplit('/').next().unwrap().to_owned(), content)
    };
    files_under(&input).into_iter().map(read).collect()
}
