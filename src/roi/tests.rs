//! ROI against a plain computation in Rust, and the cases a person would ask about.

use std::collections::{BTreeMap, BTreeSet};

use campaignd_contract::{BuildContext, Supervision, Value, Warehouse};
use campaignd_sqlite::{SqliteSettings, SqliteWarehouse};
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::model::migration::migrate;
use crate::model::{self, results};

/// A warehouse to load by hand.
struct Bench {
    _folder: TempDir,
    warehouse: SqliteWarehouse,
    batch: i64,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let context = BuildContext {
            pipeline: String::new(),
            base_directory: folder.path().into(),
            spool_directory: folder.path().into(),
            supervision: Supervision::default(),
        };
        let settings = SqliteSettings { path: "warehouse.db".into(), cache_mebibytes: 8, busy_timeout_seconds: 30 };
        let mut warehouse = SqliteWarehouse::new(&settings, &context);
        migrate(&mut warehouse).unwrap();
        Self { _folder: folder, warehouse, batch: 0 }
    }

    /// Loads rows as one batch: replaces those of the same key, keeps their numbers.
    fn load(&mut self, table: &str, columns: &str, rows: &[String]) {
        self.batch += 1;
        let declared = model::table(table).unwrap();
        let stored = self.warehouse.dialect().stored(declared);
        let key = declared.key.join(", ");
        let updates: Vec<String> =
            columns.split(", ").chain(["batch_no"]).map(|c| format!("{c} = excluded.{c}")).collect();
        let mut transaction = self.warehouse.begin().unwrap();
        for row in rows {
            let sql = format!(
                "INSERT INTO {stored} ({columns}, batch_no) VALUES ({row}, {}) ON CONFLICT ({key}) DO UPDATE SET {}",
                self.batch,
                updates.join(", ")
            );
            transaction.execute(&sql, &[]).unwrap();
        }
        transaction
            .execute("INSERT INTO etl_dirty (table_name, batch_no) VALUES (?1, ?2)", &[table.into(), self.batch.into()])
            .unwrap();
        transaction.commit().unwrap();
    }

    fn refresh(&mut self) -> Refreshed {
        refresh(&mut self.warehouse, &settings::Roi::default()).unwrap()
    }

    fn rows(&mut self, sql: &str) -> Vec<Vec<Value>> {
        self.warehouse.query(sql, &[]).unwrap().rows
    }

    /// `campaign_roi` without its time.
    fn published(&mut self) -> Vec<Vec<Value>> {
        let columns: Vec<&str> =
            results::CAMPAIGN_ROI.columns.iter().map(|c| c.name).filter(|name| *name != "refreshed_at").collect();
        self.rows(&format!("SELECT {} FROM campaign_roi_micro ORDER BY grain, grain_key, period", columns.join(", ")))
    }

    /// One figure of `campaign_roi`.
    fn figure(&mut self, grain: &str, key: &str, period: &str, column: &str) -> Value {
        let sql = format!(
            "SELECT {column} FROM campaign_roi_micro WHERE grain = '{grain}' AND grain_key = '{key}' AND period = '{period}'"
        );
        let mut rows = self.rows(&sql);
        assert_eq!(rows.len(), 1, "{grain} {key} {period}");
        rows.remove(0).remove(0)
    }

    /// With campaigns, parts and codes.
    fn planned() -> Self {
        let mut bench = Self::new();
        bench.load("campaign", "campaign_id, name", &["'C1', 'Spring'".into(), "'C2', 'Summer'".into()]);
        bench.load(
            "campaign_part",
            "campaign_part_id, campaign_id, name, channel_id, segment_id, targeted_count, budgeted_cost, expected_revenue, expected_response_rate",
            &[
                "'P1', 'C1', 'Voice mail', 'phone', 'old', 1000, 500000000, 2000000000, 100000".into(),
                "'P2', 'C1', 'Caller id', 'phone', 'new', 500, NULL, NULL, NULL".into(),
                "'P3', 'C2', 'Newsletter', 'email', NULL, NULL, NULL, NULL, NULL".into(),
            ],
        );
        bench.load(
            "code_map",
            "code_type, code, valid_from, valid_to, campaign_part_id",
            &[
                "'dnis', 'D1', '2025-01-01 00:00:00', '2025-03-01 00:00:00', 'P1'".into(),
                "'dnis', 'D1', '2025-03-01 00:00:00', NULL, 'P3'".into(),
                "'dnis', 'D2', '2025-01-01 00:00:00', NULL, 'P2'".into(),
                "'dnis', 'D2', '2025-05-01 00:00:00', '2025-06-01 00:00:00', 'P1'".into(),
            ],
        );
        bench
    }
}

const RESPONSE: &str = "source_system, source_key, occurred_at, code_type, code, response_type, party_key";
const CONVERSION: &str =
    "source_system, source_key, converted_at, campaign_part_id, response_key, amount, currency_code";
const COST: &str =
    "source_system, source_key, campaign_part_id, campaign_id, period_start, period_end, amount, currency_code";

#[test]
fn a_number_that_changes_hands_belongs_to_who_had_it_then() {
    let mut bench = Bench::planned();
    bench.load(
        "campaign_response",
        RESPONSE,
        &[
            "'pbx', '1', '2025-02-28 23:59:59', 'dnis', 'D1', 'inquiry', 'k1:a'".into(),
            "'pbx', '2', '2025-03-01 00:00:00', 'dnis', 'D1', 'inquiry', 'k1:a'".into(),
            "'pbx', '3', '2024-12-31 23:59:59', 'dnis', 'D1', 'inquiry', 'k1:b'".into(),
            "'pbx', '4', '2025-05-15 12:00:00', 'dnis', 'D2', 'inquiry', 'k1:c'".into(),
            "'pbx', '5', '2025-02-01 12:00:00', 'dnis', 'D9', 'inquiry', NULL".into(),
            "'pbx', '6', '2025-02-01 12:00:00', NULL, NULL, 'no_contact', NULL".into(),
        ],
    );
    let refreshed = bench.refresh();
    assert!(refreshed.everything && refreshed.responses == 6 && refreshed.changes == 0, "{refreshed:?}");
    let matched: Vec<String> = bench
        .rows("SELECT campaign_part_id, month, match_method, COALESCE(reason, '') FROM response_match ORDER BY response_no")
        .iter()
        .map(|row| row.iter().map(|value| value.as_text().unwrap().to_owned()).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        matched,
        [
            "P1 2025-02 code ",
            "P3 2025-03 code ",
            "unallocated 2024-12 none outside_validity",
            "unallocated 2025-05 none ambiguous",
            "unallocated 2025-02 none unknown_code",
            "unallocated 2025-02 none no_code",
        ]
    );
    assert_eq!(bench.figure("total", "all", "all", "responses"), Value::Integer(5));
    assert_eq!(bench.figure("total", "all", "all", "contacted"), Value::Integer(5));
    // a once, b, c, and one of whom nothing is known.
    assert_eq!(bench.figure("total", "all", "all", "unique_responders"), Value::Integer(4));

    // The map is put right: D2 was P2's all along. Only its cells move, and it says why.
    bench.load(
        "code_map",
        "code_type, code, valid_from, valid_to, campaign_part_id",
        &["'dnis', 'D2', '2025-05-01 00:00:00', '2025-06-01 00:00:00', 'P2'".into()],
    );
    let refreshed = bench.refresh();
    assert!(!refreshed.everything && refreshed.responses == 1, "{refreshed:?}");
    assert_eq!(bench.figure("campaign_part", "P2", "2025-05", "responses"), Value::Integer(1));
    assert_eq!(bench.refresh(), Refreshed::default());
}

#[test]
fn figures_of_a_part_and_why_some_are_missing() {
    let mut bench = Bench::planned();
    bench.load(
        "campaign_response",
        RESPONSE,
        &["'pbx', '1', '2025-01-10 10:00:00', 'dnis', 'D1', 'order', 'k1:a'".into()],
    );
    bench.load("conversion", CONVERSION, &["'erp', 'o1', '2025-01-11 10:00:00', 'P1', NULL, 300000000, 'USD'".into()]);
    bench.load(
        "campaign_cost",
        COST,
        &[
            "'erp', 'k1', 'P1', NULL, '2025-01-31', '2025-02-02', 100000000, 'USD'".into(),
            "'erp', 'k2', NULL, 'C2', '2025-01-01', NULL, 50000000, 'USD'".into(),
        ],
    );
    bench.refresh();
    let mut figure = |column: &str| bench.figure("campaign_part", "P1", "all", column).as_integer();
    assert_eq!(figure("cost"), Some(100_000_000));
    assert_eq!(figure("contribution"), Some(200_000_000));
    assert_eq!(figure("roas"), Some(3_000_000));
    assert_eq!(figure("roi_net"), Some(2_000_000));
    assert_eq!(figure("response_rate"), Some(1_000));
    assert_eq!(figure("cost_per_response"), Some(100_000_000));
    assert_eq!(figure("expected_responses"), Some(100_000_000));
    assert_eq!(figure("revenue_vs_expected"), Some(-1_700_000_000));
    assert_eq!(figure("cost_vs_budget"), Some(-400_000_000));
    assert_eq!(figure("break_even_response_rate"), Some(333));
    assert_eq!(bench.figure("campaign_part", "P1", "all", "pays_for_itself"), "yes".into());
    assert_eq!(bench.figure("campaign_part", "P1", "2025-01", "cost"), Value::Integer(33_333_333));
    assert_eq!(bench.figure("campaign_part", "P1", "2025-02", "cost"), Value::Integer(66_666_667));
    assert_eq!(bench.figure("campaign_part", "P2", "all", "pays_for_itself"), "undecided".into());
    assert_eq!(
        bench.figure("campaign_part", "P2", "all", "null_reasons"),
        "cost=cost_unknown contribution=cost_unknown roas=cost_unknown roi_net=cost_unknown roi_margin=cost_unknown \
         conversion_rate_of_responses=zero_denominator cost_per_response=cost_unknown cost_per_acquisition=cost_unknown \
         expected_revenue=no_plan expected_responses=no_plan budgeted_cost=no_plan revenue_vs_expected=no_plan \
         cost_vs_budget=no_plan break_even_response_rate=cost_unknown"
            .into()
    );
    assert_eq!(bench.figure("campaign_part", "unallocated:C2", "all", "cost"), Value::Integer(50_000_000));
    assert_eq!(bench.figure("campaign", "C2", "all", "cost"), Value::Integer(50_000_000));
    assert_eq!(bench.figure("total", "all", "all", "cost"), Value::Integer(150_000_000));
}

#[test]
fn an_adjustment_restates_the_month_of_its_conversion_and_says_so() {
    let mut bench = Bench::planned();
    let order = |key: &str, amount: i64| format!("'erp', '{key}', '2025-01-11 10:00:00', 'P1', NULL, {amount}, 'USD'");
    bench.load("conversion", CONVERSION, &[order("o1", 300_000_000), order("o2", 100_000_000)]);
    bench.refresh();
    bench.load(
        "conversion_adjustment",
        "source_system, source_key, conversion_key, adjustment_type, adjusted_at, new_amount",
        &[
            "'erp', 'a1', 'o1', 'RESTATEMENT', '2025-04-01 00:00:00', 250000000".into(),
            "'erp', 'a2', 'o1', 'RESTATEMENT', '2025-03-01 00:00:00', 1".into(),
            "'erp', 'a3', 'o2', 'RETRACTION', '2025-04-01 00:00:00', NULL".into(),
        ],
    );
    let refreshed = bench.refresh();
    assert!(!refreshed.everything && refreshed.conversions == 2, "{refreshed:?}");
    assert_eq!(bench.figure("campaign_part", "P1", "2025-01", "revenue_gross"), Value::Integer(400_000_000));
    assert_eq!(bench.figure("campaign_part", "P1", "2025-01", "revenue_adjustments"), Value::Integer(-150_000_000));
    assert_eq!(bench.figure("campaign_part", "P1", "2025-01", "revenue"), Value::Integer(250_000_000));
    assert_eq!(bench.figure("campaign_part", "P1", "2025-01", "conversions"), Value::Integer(1));
    let changes = bench.rows(
        "SELECT metric, old_value, new_value, cause FROM campaign_roi_change_micro
         WHERE grain = 'campaign_part' AND grain_key = 'P1' AND period = 'all'",
    );
    assert_eq!(
        changes,
        [[Value::from("revenue"), Value::Integer(400_000_000), Value::Integer(250_000_000), Value::from("adjustment")]]
    );
}

#[test]
fn a_conversion_follows_its_response_even_if_that_comes_later() {
    let mut bench = Bench::planned();
    bench.load("conversion", CONVERSION, &["'pbx', 'o1', '2025-01-11 10:00:00', NULL, '7', 300000000, 'USD'".into()]);
    bench.refresh();
    let credit = "SELECT campaign_part_id, match_method, COALESCE(reason, '') FROM attribution_credit";
    assert_eq!(bench.rows(credit), [["unallocated", "none", "unknown_response"].map(Value::from)]);
    bench.load(
        "campaign_response",
        RESPONSE,
        &["'pbx', '7', '2025-01-10 10:00:00', 'dnis', 'D2', 'order', 'k1:a'".into()],
    );
    bench.refresh();
    assert_eq!(bench.rows(credit), [["P2", "response", ""].map(Value::from)]);
}

#[test]
fn an_amount_without_a_rate_leaves_the_counts() {
    let mut bench = Bench::planned();
    bench.load("conversion", CONVERSION, &["'erp', 'o1', '2025-01-11 10:00:00', 'P1', NULL, 300000000, 'EUR'".into()]);
    bench.refresh();
    assert_eq!(bench.figure("total", "all", "all", "conversions"), Value::Integer(1));
    assert_eq!(bench.figure("total", "all", "all", "revenue"), Value::Null);
    let reasons = bench.figure("campaign_part", "P1", "2025-01", "null_reasons");
    assert!(reasons.as_text().unwrap().contains(" revenue=no_fx_rate "), "{reasons:?}");
    bench.load(
        "fx_rate",
        "from_currency, to_currency, rate_date, rate, rate_units",
        &["'EUR', 'USD', '2025-01-01', 1100000, 1".into(), "'EUR', 'USD', '2025-01-12', 2000000, 1".into()],
    );
    bench.refresh();
    assert_eq!(bench.figure("campaign_part", "P1", "2025-01", "revenue"), Value::Integer(330_000_000));
    assert_eq!(
        bench.rows("SELECT cause FROM campaign_roi_change WHERE grain = 'total' AND period = 'all'"),
        [["reference_changed"].map(Value::from)]
    );
}

#[test]
fn a_long_cost_between_two_known_days_loses_no_day() {
    let mut bench = Bench::planned();
    let cost =
        |key: &str, from: &str, to: &str| format!("'erp', '{key}', 'P1', NULL, '{from}', '{to}', 90000000, 'USD'");
    bench.load(
        "campaign_cost",
        COST,
        &[cost("k1", "2025-01-01", "2025-01-01"), cost("k2", "2025-03-31", "2025-03-31")],
    );
    bench.refresh();
    bench.load("campaign_cost", COST, &[cost("k3", "2025-01-01", "2025-03-31")]);
    bench.refresh();
    assert_eq!(bench.figure("campaign_part", "P1", "all", "cost"), Value::Integer(270_000_000));
    assert_eq!(bench.figure("campaign_part", "P1", "2025-02", "cost"), Value::Integer(28_000_000));
}

#[test]
fn notes_of_a_load_that_commits_later_stay() {
    let mut bench = Bench::planned();
    bench.refresh();
    bench.load("conversion", CONVERSION, &["'erp', 'o1', '2025-01-11 10:00:00', 'P1', NULL, 1000000, 'USD'".into()]);
    assert_eq!(bench.rows("SELECT table_name FROM etl_dirty").len(), 1);
    bench.refresh();
    assert!(bench.rows("SELECT table_name FROM etl_dirty").is_empty());
}

#[test]
fn another_margin_rate_in_the_settings_restates_what_has_none_of_its_own() {
    let mut bench = Bench::planned();
    bench.load("conversion", CONVERSION, &["'erp', 'o1', '2025-01-11 10:00:00', 'P1', NULL, 1000000, 'USD'".into()]);
    bench.refresh();
    assert_eq!(bench.figure("campaign_part", "P1", "all", "margin"), Value::Integer(1_000_000));
    let with = |margin_rate: &str| settings::Roi { margin_rate: margin_rate.into(), ..settings::Roi::default() };
    assert!(refresh(&mut bench.warehouse, &with("0.4")).unwrap().everything);
    assert_eq!(bench.figure("campaign_part", "P1", "all", "margin"), Value::Integer(400_000));
    assert_eq!(refresh(&mut bench.warehouse, &with("0.4")).unwrap(), Refreshed::default());
    assert_eq!(
        refresh(&mut bench.warehouse, &with("40 %")).unwrap_err().to_string(),
        "`roi.margin_rate` is `40 %`: give a share of at most six digits after the point, such as \"0.4\""
    );
}

/// A fact of any kind, small enough to be computed by hand.
#[derive(Debug, Clone)]
struct Fact {
    kind: u8,
    key: u8,
    day: u16,
    part: u8,
    code: u8,
    party: u8,
    amount: i64,
    length: u16,
    word: u8,
}

fn fact() -> impl Strategy<Value = Fact> {
    (0..5_u8, 0..12_u8, 0..200_u16, 0..6_u8, 0..4_u8, 0..5_u8, -5_000_000..900_000_000_i64, 0..70_u16, 0..8_u8)
        .prop_map(|(kind, key, day, part, code, party, amount, length, word)| Fact {
            kind,
            key,
            day,
            part,
            code,
            party,
            amount,
            length,
            word,
        })
}

fn day_text(day: u16) -> String {
    jiff::civil::date(2024, 12, 1).checked_add(jiff::Span::new().days(i32::from(day))).unwrap().to_string()
}

fn text(value: Option<String>) -> String {
    value.map_or("NULL".into(), |value| format!("'{value}'"))
}

impl Fact {
    fn part(&self) -> Option<String> {
        (1..=4).contains(&self.part).then(|| format!("P{}", self.part))
    }
    fn code(&self) -> Option<String> {
        (self.code > 0).then(|| format!("D{}", self.code))
    }
    fn party(&self) -> Option<String> {
        (self.party > 0).then(|| format!("k1:{}", self.party))
    }
    fn is_response(&self) -> bool {
        self.word > 1
    }
    fn load(&self, bench: &mut Bench) {
        let (key, day) = (self.key, day_text(self.day));
        let (part, code) = (text(self.part()), text(self.code()));
        let code_type = if self.code > 0 { "'dnis'" } else { "NULL" };
        match self.kind {
            0 | 1 => bench.load(
                "campaign_response",
                "source_system, source_key, occurred_at, campaign_part_id, code_type, code, response_type, party_key, is_test",
                &[format!(
                    "'s', '{}', '{day} 12:00:00', {part}, {code_type}, {code}, '{}', {}, {}",
                    key + 12 * self.kind,
                    if self.word == 0 { "no_contact" } else { "inquiry" },
                    text(self.party()),
                    i32::from(self.word == 1)
                )],
            ),
            2 => bench.load(
                "conversion",
                "source_system, source_key, converted_at, campaign_part_id, code_type, code, response_key, amount, currency_code",
                &[format!("'s', '{key}', '{day} 12:00:00', {part}, {code_type}, {code}, '{}', {}, 'USD'", self.word, self.amount)],
            ),
            3 => bench.load(
                "conversion_adjustment",
                "source_system, source_key, conversion_key, adjustment_type, adjusted_at, new_amount",
                &[if self.word == 0 {
                    format!("'s', '{key}', '{}', 'RETRACTION', '{day} 00:00:00', NULL", key % 6)
                } else {
                    format!("'s', '{key}', '{}', 'RESTATEMENT', '{day} 00:00:00', {}", key % 6, self.amount)
                }],
            ),
            _ => bench.load(
                "campaign_cost",
                "source_system, source_key, campaign_part_id, code_type, code, campaign_id, period_start, period_end, amount, currency_code",
                &[format!(
                    "'s', '{key}', {part}, {code_type}, {code}, '{}', '{day}', '{}', {}, 'USD'",
                    if self.word < 4 { "C1" } else { "C9" },
                    day_text(self.day + self.length),
                    self.amount
                )],
            ),
        }
    }
}

/// What the facts come to, computed one by one.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Sums {
    responses: i64,
    anonymous: i64,
    parties: BTreeSet<String>,
    conversions: i64,
    revenue: i64,
    cost: i64,
    cost_rows: i64,
}

fn code_part(code: Option<&str>, day: &str) -> Option<&'static str> {
    match code {
        Some("D1") if ("2025-01-01".."2025-03-01").contains(&day) => Some("P1"),
        Some("D1") if day >= "2025-03-01" => Some("P3"),
        Some("D2") if ("2025-05-01".."2025-06-01").contains(&day) => None,
        Some("D2") if day >= "2025-01-01" => Some("P2"),
        _ => None,
    }
}

fn part_of(fact: &Fact, day: &str) -> Option<String> {
    match fact.part() {
        Some(part) => (part != "P4").then_some(part),
        None => code_part(fact.code().as_deref(), day).map(str::to_owned),
    }
}

type Key = (String, String, String);

fn add(sums: &mut BTreeMap<Key, Sums>, part: &str, month: &str, apply: impl Fn(&mut Sums)) {
    let (campaign, channel, segment) = match part {
        "P1" => ("C1", "phone", "old"),
        "P2" => ("C1", "phone", "new"),
        "P3" => ("C2", "email", "unallocated"),
        "unallocated:C1" => ("C1", "unallocated", "unallocated"),
        _ => ("unallocated", "unallocated", "unallocated"),
    };
    for (grain, key) in [
        ("total", "all"),
        ("campaign_part", part),
        ("campaign", campaign),
        ("channel", channel),
        ("segment", segment),
        ("offer", "unallocated"),
        ("vendor", "unallocated"),
    ] {
        for period in [month, "all"] {
            apply(sums.entry((grain.into(), key.into(), period.into())).or_default());
        }
    }
}

/// The last version of each fact.
fn latest(facts: &[Fact], kind: impl Fn(&Fact) -> bool) -> BTreeMap<u8, Fact> {
    facts
        .iter()
        .filter(|fact| kind(fact))
        .map(|fact| (fact.key + if fact.kind == 1 { 12 } else { 0 }, fact.clone()))
        .collect()
}

fn plainly(facts: &[Fact]) -> BTreeMap<Key, Sums> {
    let mut sums = BTreeMap::new();
    let responses = latest(facts, |fact| fact.kind < 2);
    for fact in responses.values().filter(|fact| fact.word != 1) {
        let day = day_text(fact.day);
        let part = part_of(fact, &day).unwrap_or_else(|| "unallocated".into());
        add(&mut sums, &part, &day[..7], |sum| {
            if fact.is_response() {
                sum.responses += 1;
                match fact.party() {
                    Some(party) => drop(sum.parties.insert(party)),
                    None => sum.anonymous += 1,
                }
            }
        });
    }
    let adjustments = latest(facts, |fact| fact.kind == 3);
    // The number of an adjustment is the order in which its key came first.
    let order: Vec<u8> = {
        let mut seen = Vec::new();
        for fact in facts.iter().filter(|fact| fact.kind == 3) {
            if !seen.contains(&fact.key) {
                seen.push(fact.key);
            }
        }
        seen
    };
    for (key, fact) in latest(facts, |fact| fact.kind == 2) {
        let day = day_text(fact.day);
        let by_response = || {
            let response = responses.get(&fact.word).filter(|_| fact.part().is_none())?;
            (response.word != 1).then(|| part_of(response, &day_text(response.day)))?
        };
        let part = part_of(&fact, &day).or_else(by_response).unwrap_or_else(|| "unallocated".into());
        let adjustment = adjustments
            .values()
            .filter(|adjustment| adjustment.key % 6 == key)
            .max_by_key(|adjustment| (adjustment.day, order.iter().position(|seen| *seen == adjustment.key)));
        let (count, amount) = match adjustment {
            None => (1, fact.amount),
            Some(adjustment) if adjustment.word == 0 => (0, 0),
            Some(adjustment) => (1, adjustment.amount),
        };
        add(&mut sums, &part, &day[..7], |sum| {
            sum.conversions += count;
            sum.revenue += amount;
        });
    }
    for fact in latest(facts, |fact| fact.kind == 4).values() {
        let first = day_text(fact.day);
        let unallocated = if fact.word < 4 { "unallocated:C1" } else { "unallocated" };
        let part = part_of(fact, &first).unwrap_or_else(|| unallocated.into());
        let days = i128::from(fact.length) + 1;
        let accrued = |day: i128| {
            let amount = i128::from(fact.amount) * day;
            let (quotient, rest) = (amount / days, amount % days);
            i64::try_from(if rest.abs() * 2 >= days { quotient + amount.signum() } else { quotient }).unwrap()
        };
        let mut months: BTreeMap<String, i64> = BTreeMap::new();
        for day in 0..=fact.length {
            *months.entry(day_text(fact.day + day)[..7].to_owned()).or_default() +=
                accrued(i128::from(day) + 1) - accrued(day.into());
        }
        for (month, cost) in months {
            add(&mut sums, &part, &month, |sum| {
                sum.cost += cost;
                sum.cost_rows += 1;
            });
        }
    }
    sums
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// However facts come in, change and are taken in bit by bit: the figures are those of a plain computation, and a
    /// recomputation of everything finds nothing to change.
    #[test]
    fn bit_by_bit_is_as_good_as_all_at_once(facts in prop::collection::vec(fact(), 1..60), every in 1..8_usize) {
        let mut bench = Bench::planned();
        for (number, fact) in facts.iter().enumerate() {
            fact.load(&mut bench);
            if number % every == 0 {
                bench.refresh();
            }
        }
        bench.refresh();
        let published = bench.published();
        let repeats = "SELECT * FROM roi_repeat ORDER BY 1, 2, 3";
        let cells = "SELECT * FROM roi_cell_micro ORDER BY 1, 2";
        let (repeats_before, cells_before) = (bench.rows(repeats), bench.rows(cells));
        let refreshed = refresh_all(&mut bench.warehouse, &settings::Roi::default()).unwrap();
        prop_assert!(refreshed.everything && refreshed.changes == 0, "{:?}", refreshed);
        prop_assert_eq!(bench.rows(repeats), repeats_before);
        prop_assert_eq!(bench.rows(cells), cells_before);
        prop_assert_eq!(bench.published(), published);

        let expected = plainly(&facts);
        let found = bench.rows(
            "SELECT grain, grain_key, period, responses, unique_responders, conversions, revenue, cost, cost_known FROM campaign_roi_micro",
        );
        let mut seen = 0;
        for row in &found {
            let key = (row[0].as_text().unwrap().to_owned(), row[1].as_text().unwrap().to_owned(), row[2].as_text().unwrap().to_owned());
            let sums = expected.get(&key).cloned().unwrap_or_default();
            seen += usize::from(expected.contains_key(&key));
            prop_assert_eq!(row[3].as_integer(), Some(sums.responses), "responses of {:?}", key);
            prop_assert_eq!(row[4].as_integer(), Some(sums.anonymous + i64::try_from(sums.parties.len()).unwrap()), "people of {:?}", key);
            prop_assert_eq!(row[5].as_integer(), Some(sums.conversions), "conversions of {:?}", key);
            prop_assert_eq!(row[6].as_integer(), Some(sums.revenue), "revenue of {:?}", key);
            prop_assert_eq!(row[7].as_integer(), (sums.cost_rows > 0).then_some(sums.cost), "cost of {:?}", key);
        }
        prop_assert_eq!(seen, expected.len());
    }
}
