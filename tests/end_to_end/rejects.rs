//! Every row is accounted for, rejected ones are loaded once when they fit, and nobody's number or address is kept.

use std::collections::HashSet;
use std::fs;
use std::io::Read;

use flate2::read::MultiGzDecoder;
use regex::bytes::Regex;

use crate::scenario::{calls_file, campaign};
use crate::site::Site;

#[test]
fn every_row_and_cent_of_the_demo_is_accounted_for() {
    let site = Site::demo();
    let unbalanced = "SELECT count(*) FROM etl_control WHERE output_no >= 0 AND read_total <> \
                      accepted_total + rejected_total + filtered_total + duplicate_total";
    assert_eq!(site.number(unbalanced), 0);
    let rows = "SELECT count(*) FROM etl_control WHERE measure = 'rows' AND output_no >= 0";
    assert!(site.number(rows) > 40);
    assert!(site.number(&rows.replace("rows", "money")) > 20);

    // The accounts against the ledger, the rejects and the tables, each counted by itself.
    let wrong_read = "SELECT count(*) FROM etl_control c JOIN etl_batch b USING (batch_no) \
                      WHERE c.measure = 'rows' AND c.output_no >= 0 AND c.read_total <> b.rows_read";
    assert_eq!(site.number(wrong_read), 0);
    let wrong_rejected = "SELECT count(*) FROM etl_control c WHERE c.measure = 'rows' AND c.output_no >= 0 \
                          AND c.rejected_total <> (SELECT count(*) FROM etl_reject r WHERE r.batch_no = c.batch_no \
                                                   AND r.output_no IN (c.output_no, -1))";
    assert_eq!(site.number(wrong_rejected), 0);
    assert_eq!(site.number("SELECT count(*) FROM etl_reject"), 8);
    for (kind, table) in [
        ("campaign_response", "campaign_response"),
        ("campaign_cost", "campaign_cost_micro"),
        ("conversion", "conversion_micro"),
        ("conversion_adjustment", "conversion_adjustment_micro"),
        ("campaign_member", "campaign_member"),
        ("ad_performance_daily", "ad_performance_daily_micro"),
    ] {
        let accepted =
            format!("SELECT sum(accepted_total) FROM etl_control WHERE measure = 'rows' AND record_kind = '{kind}'");
        assert_eq!(site.number(&accepted), site.number(&format!("SELECT count(*) FROM {table}")), "{kind}");
    }
    for (kind, sum) in [
        ("campaign_cost", "SELECT sum(amount) FROM campaign_cost_micro"),
        ("conversion", "SELECT sum(amount) FROM conversion_micro"),
        ("conversion_adjustment", "SELECT sum(new_amount) FROM conversion_adjustment_micro"),
    ] {
        let accepted =
            format!("SELECT sum(accepted_total) FROM etl_control WHERE measure = 'money' AND record_kind = '{kind}'");
        assert_eq!(site.number(&accepted), site.number(sum), "{kind}");
    }

    // And against the files: lines of each call log, its header left out.
    for month in 1..=8 {
        let name = format!("calls_2026-{month:02}.csv.gz");
        let lines = unpacked(&fs::read(site.path(&format!("input/calls/{name}"))).unwrap());
        let lines = lines.iter().filter(|&&byte| byte == b'\n').count() - 1;
        let read = format!("SELECT rows_read FROM etl_file WHERE name = '{name}'");
        assert_eq!(site.number(&read), i64::try_from(lines).unwrap(), "{name}");
    }
}

#[test]
fn rejects_that_fit_by_now_are_loaded_once_with_their_first_place() {
    let calls = calls_file(0, 2_000);
    let site = campaign(Site::new("batch_rows = 300\ncommit_rows = 500"), &[("calls_1.csv.gz", &calls)], 0);
    site.run(&["once"]).expect(0);
    let rejected = "SELECT count(*) FROM etl_reject WHERE state = 'open' AND text = 'XFER'";
    let unknown = site.number(rejected);
    assert!(unknown > 20, "{unknown} calls have an unknown disposition");
    let others = site.number("SELECT count(*) FROM etl_reject") - unknown;
    assert!(others > 20);
    let costs = "SELECT group_concat(cost_no || ' ' || source_key || ' ' || batch_no, '; ') FROM \
                 (SELECT * FROM campaign_cost ORDER BY cost_no)";
    let (costs_before, responses_before) = (site.text(costs), site.number("SELECT count(*) FROM campaign_response"));
    let first_batches = site.number("SELECT max(batch_no) FROM etl_batch");

    site.replace("pipelines/calls.toml", "when 'INFO'", "when 'XFER' then 'callback' when 'INFO'");
    let said = site.run(&["rejects", "replay", "calls"]).expect(0);
    assert!(said.contains(&format!("{unknown} loaded, {others} rejected again")), "{said}");
    assert_eq!(site.number("SELECT count(*) FROM campaign_response"), responses_before + unknown);
    assert_eq!(site.text(costs), costs_before, "a call rejected as a response only was loaded as a cost before");
    assert_eq!(site.number("SELECT count(*) FROM etl_reject WHERE state = 'replayed'"), unknown);
    let placed = "SELECT count(*) FROM campaign_response f JOIN etl_reject r \
                  ON r.source_offset = f.source_offset AND r.source_line = f.source_line \
                  AND r.replayed_batch_no = f.batch_no JOIN etl_batch b ON b.batch_no = f.batch_no \
                  AND b.unit_id = r.unit_id WHERE f.disposition = 'XFER'";
    assert_eq!(site.number(placed), unknown, "each has the place of its reject");
    // The place is true: the call stands there in the file.
    let content = unpacked(&calls);
    let database = crate::warehouse::open(&site.database());
    let mut query = database
        .prepare(&format!("SELECT source_key, source_offset FROM campaign_response WHERE batch_no > {first_batches}"))
        .unwrap();
    let mut rows = query.query([]).unwrap();
    let mut looked_up = 0;
    while let Some(row) = rows.next().unwrap() {
        let (key, offset): (String, i64) = (row.get(0).unwrap(), row.get(1).unwrap());
        let offset = usize::try_from(offset).unwrap();
        assert!(content[offset..].starts_with(key.as_bytes()), "{key} at {offset}");
        looked_up += 1;
    }
    assert_eq!(looked_up, unknown);
    drop(rows);
    // ROI has taken them in.
    let in_roi = "SELECT count(*) FROM response_match WHERE response_no IN \
                  (SELECT response_no FROM campaign_response WHERE disposition = 'XFER')";
    assert_eq!(site.number(in_roi), unknown);
    assert_eq!(site.number("SELECT count(*) FROM etl_dirty"), 0);

    let facts = |site: &Site| {
        ["campaign_response", "campaign_cost_micro", "etl_reject_micro"].map(|table| site.contents().count(table))
    };
    let (facts_before, responses) = (facts(&site), site.text(&costs.replace("cost", "response")));
    site.run(&["rejects", "replay", "calls"]).expect(0);
    assert_eq!(facts(&site), facts_before);
    assert_eq!(site.text(&costs.replace("cost", "response")), responses);
    assert_eq!(site.number("SELECT count(*) FROM etl_reject WHERE state = 'replayed'"), unknown);
    site.run(&["once"]).expect(0);
    assert_eq!(facts(&site), facts_before);
}

#[test]
fn no_phone_number_or_address_of_the_demo_is_in_the_warehouse() {
    let site = Site::demo();
    let (mut phones, mut addresses) = (HashSet::new(), HashSet::new());
    for name in site.names("input") {
        let content = unpacked(&fs::read(site.path(&format!("input/{name}"))).unwrap());
        addresses.extend(addresses_in(&content));
        // The columns that hold a person's number; service numbers, which are codes, stand in others.
        let text = String::from_utf8_lossy(&content).into_owned();
        let column = match name.split('/').next() {
            Some("calls") => text.lines().filter_map(|line| line.split(';').nth(4)).collect::<Vec<_>>(),
            Some("targets") => text.lines().filter_map(|line| line.split(',').nth(2)).collect(),
            Some("orders") => {
                text.split("\"phone\":").skip(1).filter_map(|rest| rest.split(['"', ',']).nth(1)).collect()
            }
            _ => Vec::new(),
        };
        phones.extend(column.into_iter().flat_map(|field| numbers_in(field.as_bytes())));
    }
    assert!(phones.len() > 2_000 && addresses.len() > 2_000, "{} phones, {} addresses", phones.len(), addresses.len());

    let mut searched = 0;
    for name in ["campaignd.db", "campaignd.db-wal", "campaignd.db-shm"] {
        let Ok(bytes) = fs::read(site.path(name)) else { continue };
        searched += bytes.len();
        let found: Vec<_> = numbers_in(&bytes).filter(|number| phones.contains(number)).take(3).collect();
        assert!(found.is_empty(), "{name} holds {found:?}");
        let found: Vec<_> = addresses_in(&bytes).filter(|address| addresses.contains(address)).take(3).collect();
        assert!(found.is_empty(), "{name} holds {found:?}");
        assert!(!bytes.windows(10).any(|window| window.eq_ignore_ascii_case(b"@example.o")), "{name}");
    }
    assert!(searched > 1_000_000);
    // Spooled copies hold them, so none may be left.
    assert_eq!(site.names("state/spool"), Vec::<String>::new());
}

/// Every ten digits in a row, whatever blanks, dots, dashes and brackets stand between them: a North American number in
/// any notation.
fn numbers_in(bytes: &[u8]) -> impl Iterator<Item = u64> {
    (0..bytes.len()).filter(|&start| bytes[start].is_ascii_digit()).filter_map(|start| {
        let (mut number, mut digits, mut between) = (0, 0, 0);
        for &byte in &bytes[start..] {
            match byte {
                b'0'..=b'9' => {
                    number = number * 10 + u64::from(byte - b'0');
                    digits += 1;
                    between = 0;
                    if digits == 10 {
                        return Some(number);
                    }
                }
                b' ' | b'-' | b'.' | b'(' | b')' | b'/' if between < 2 => between += 1,
                _ => return None,
            }
        }
        None
    })
}

fn addresses_in(bytes: &[u8]) -> impl Iterator<Item = String> {
    let address = Regex::new(r"(?-u)[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}").unwrap();
    let found: Vec<String> =
        address.find_iter(bytes).map(|found| String::from_utf8_lossy(found.as_bytes()).to_lowercase()).collect();
    found.into_iter()
}

#[test]
fn the_search_finds_numbers_in_any_notation() {
    for text in ["5085550100", "+15085550100", "(508) 555-0100", "508.555.0100", "1-508-555-0100", "x508 5550100y"] {
        assert!(numbers_in(text.as_bytes()).any(|number| number == 5_085_550_100), "{text}");
    }
    assert_eq!(addresses_in(b"\x00Ada.Castillo@Example.net\xff").collect::<Vec<_>>(), ["ada.castillo@example.net"]);
}

fn unpacked(content: &[u8]) -> Vec<u8> {
    if !content.starts_with(&[0x1f, 0x8b]) {
        return content.to_vec();
    }
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(content).read_to_end(&mut unpacked).unwrap();
    unpacked
}
