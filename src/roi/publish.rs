//! Adds cells up to `campaign_roi`, and says what moved.

use campaignd_contract::{ColumnType, Error};

use super::grains::{GRAINS, bit};
use super::metrics;
use super::statement::Session;
use crate::model::results::CAMPAIGN_ROI;

/// Figures whose changes are recorded.
const RECORDED: &[&str] = &["revenue", "cost", "contribution"];

/// What a refresh reacts to: `campaign_roi_change.cause`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    NewFacts,
    Adjustment,
    CodeMapChanged,
    ReferenceChanged,
    Recomputed,
}

impl Cause {
    fn name(self) -> &'static str {
        match self {
            Self::NewFacts => "new_facts",
            Self::Adjustment => "adjustment",
            Self::CodeMapChanged => "code_map_changed",
            Self::ReferenceChanged => "reference_changed",
            Self::Recomputed => "recomputed",
        }
    }
}

/// Works out `campaign_roi` from the cells. Returns how many recorded figures changed.
pub(super) fn publish(session: &mut Session<'_>, cause: Cause) -> Result<u64, Error> {
    session.clear("roi_work_roi")?;
    let columns: Vec<&str> = CAMPAIGN_ROI.columns.iter().map(|column| column.name).collect();
    let columns = columns.join(", ");
    let now = session.dialect.now();
    let currency = session.currency.clone();
    let named = columns
        .replace("currency_code", &format!("{currency} AS currency_code"))
        .replace("model_id", "'direct' AS model_id")
        .replace("model_version", "1 AS model_version")
        .replace("refreshed_at", &format!("{now} AS refreshed_at"));
    let rows = metrics::over(session.dialect, &sums(session));
    session.run(&format!(
        "WITH {CONTRIBUTIONS} INSERT INTO {{roi_work_roi}} ({columns}) SELECT {named} FROM ({rows}) r"
    ))?;
    let changes = record_changes(session, cause)?;
    session.run(&format!(
        "DELETE FROM {{campaign_roi}} WHERE NOT EXISTS (SELECT 1 FROM {{roi_work_roi}} n WHERE {same_key} AND {same_values})",
        same_key = key_of("n", "{campaign_roi}"),
        same_values = CAMPAIGN_ROI
            .columns
            .iter()
            .filter(|column| !CAMPAIGN_ROI.key.contains(&column.name) && column.name != "refreshed_at")
            .map(|column| equal(&format!("n.{}", column.name), &format!("{{campaign_roi}}.{}", column.name)))
            .collect::<Vec<_>>()
            .join(" AND "),
    ))?;
    session.run(&format!(
        "INSERT INTO {{campaign_roi}} ({columns}) SELECT {columns} FROM {{roi_work_roi}} n
         WHERE NOT EXISTS (SELECT 1 FROM {{campaign_roi}} o WHERE {})",
        key_of("n", "o"),
    ))?;
    session.clear("roi_work_roi")?;
    Ok(changes)
}

fn key_of(a: &str, b: &str) -> String {
    CAMPAIGN_ROI.key.iter().map(|key| format!("{a}.{key} = {b}.{key}")).collect::<Vec<_>>().join(" AND ")
}

fn equal(a: &str, b: &str) -> String {
    // Never unknown, so that NOT means what it says.
    format!("CASE WHEN {a} = {b} OR ({a} IS NULL AND {b} IS NULL) THEN 1 ELSE 0 END = 1")
}

/// Notes which figures that were published before are different now.
fn record_changes(session: &mut Session<'_>, cause: Cause) -> Result<u64, Error> {
    let mut changes = 0;
    for metric in RECORDED {
        debug_assert!(CAMPAIGN_ROI.column(metric).is_some_and(|column| column.kind == ColumnType::Decimal));
        changes += session.run(&format!(
            "INSERT INTO {{campaign_roi_change}} (changed_at, grain, grain_key, period, metric, currency_code, old_value, new_value, cause)
             SELECT {now}, o.grain, o.grain_key, o.period, '{metric}', o.currency_code, o.{metric}, n.{metric}, '{cause}'
             FROM {{campaign_roi}} o
             LEFT JOIN {{roi_work_roi}} n ON {key}
             WHERE NOT {same}",
            now = session.dialect.now(),
            cause = cause.name(),
            key = key_of("n", "o"),
            same = equal(&format!("o.{metric}"), &format!("n.{metric}")),
        ))?;
    }
    Ok(changes)
}

/// What each part contributes: its cells, its repeats, its plan.
const CONTRIBUTIONS: &str = "
     activity AS (
         SELECT campaign_part_id, SUM(cost_rows) AS cost_rows, SUM(responses + conversions) AS records
         FROM {roi_cell} GROUP BY campaign_part_id),
     contribution AS (
         SELECT x.campaign_part_id, x.month, NULL AS targeted, NULL AS expected_responses, NULL AS expected_revenue,
             NULL AS budgeted_cost, x.contacted, x.responses, x.known_responders + x.anonymous_responders AS responders,
             0 AS grains, 0 AS repeats, x.conversions, x.revenue_gross, x.revenue_adjustments, x.margin,
             x.unpriced_conversions, x.cost, x.cost_rows, x.unpriced_costs, 0 AS own_cost_missing, 0 AS cost_missing
         FROM {roi_cell} x
         UNION ALL
         SELECT r.campaign_part_id, r.month, NULL, NULL, NULL, NULL, 0, 0, 0, r.grains, r.parties,
             0, NULL, NULL, NULL, 0, NULL, 0, 0, 0, 0
         FROM {roi_repeat} r
         UNION ALL
         SELECT p.campaign_part_id, NULL, p.targeted, p.expected_responses, p.expected_revenue, p.budgeted_cost,
             0, 0, 0, 0, 0, 0, NULL, NULL, NULL, 0, NULL, 0, 0,
             CASE WHEN own.records > 0 AND own.cost_rows = 0 AND p.campaign_id <> 'unallocated' THEN 1 ELSE 0 END,
             CASE WHEN own.records > 0 AND own.cost_rows = 0 AND p.campaign_id <> 'unallocated'
                 AND COALESCE(whole.cost_rows, 0) = 0 THEN 1 ELSE 0 END
         FROM {roi_part} p
         LEFT JOIN activity own ON own.campaign_part_id = p.campaign_part_id
         LEFT JOIN activity whole ON whole.campaign_part_id = CONCAT('unallocated:', p.campaign_id)
         WHERE own.campaign_part_id IS NOT NULL OR p.campaign_part_id NOT LIKE 'unallocated%'
             OR COALESCE(p.targeted, p.expected_responses, p.expected_revenue, p.budgeted_cost) IS NOT NULL),
     placed AS (
         SELECT k.*, 1 AS whole, p.campaign_id, p.channel_id, p.segment_id, p.offer_id, p.vendor_id
         FROM contribution k JOIN {roi_part} p ON p.campaign_part_id = k.campaign_part_id)
";

/// The sums of every grain, key and period.
fn sums(session: &Session<'_>) -> String {
    let mut selects = Vec::new();
    for (number, grain) in GRAINS.iter().enumerate() {
        for by_month in [false, true] {
            let (period, condition) = if by_month { ("c.month", "c.month IS NOT NULL") } else { ("'all'", "1 = 1") };
            // A part in a month is a cell: nobody is counted twice there.
            let bit = bit(number, by_month);
            // A campaign's cost covers its parts where the campaign itself is looked at, or all of them.
            let missing = if matches!(grain.name, "total" | "campaign") { "cost_missing" } else { "own_cost_missing" };
            selects.push(format!(
                "SELECT '{name}' AS grain, {key} AS grain_key, {period} AS period,
                     SUM(c.targeted) AS targeted_sum, SUM(c.expected_responses) AS expected_responses_sum,
                     SUM(c.expected_revenue) AS expected_revenue_sum, SUM(c.budgeted_cost) AS budgeted_cost_sum,
                     COALESCE(SUM(c.contacted), 0) AS contacted, COALESCE(SUM(c.responses), 0) AS responses,
                     COALESCE(SUM(c.responders), 0) - COALESCE(SUM(CASE WHEN (c.grains / {bit}) % 2 = 1 THEN c.repeats ELSE 0 END), 0) AS unique_responders,
                     COALESCE(SUM(c.conversions), 0) AS conversions, COALESCE(SUM(c.revenue_gross), {zero}) AS revenue_gross_sum,
                     COALESCE(SUM(c.revenue_adjustments), {zero}) AS revenue_adjustments_sum, COALESCE(SUM(c.margin), {zero}) AS margin_sum,
                     COALESCE(SUM(c.unpriced_conversions), 0) AS unpriced_conversions, COALESCE(SUM(c.cost), {zero}) AS cost_sum,
                     COALESCE(SUM(c.cost_rows), 0) AS cost_rows, COALESCE(SUM(c.unpriced_costs), 0) AS unpriced_costs,
                     CASE WHEN COALESCE(SUM(c.cost_rows), 0) = 0 THEN 'no'
                         WHEN COALESCE(SUM(c.{missing}), 0) > 0 THEN 'partly' ELSE 'yes' END AS cost_known
                 FROM placed c WHERE {condition} GROUP BY {group}",
                name = grain.name,
                key = grain.key_of("c"),
                zero = session.dialect.decimal_of("0"),
                group = if grain.name == "total" { period_group(by_month).to_owned() } else { format!("{}{}", grain.key_of("c"), period_and(by_month)) },
            ));
        }
    }
    selects.join("\nUNION ALL\n")
}

fn period_group(by_month: bool) -> &'static str {
    // One row over all months, none where there is nothing: `HAVING` alone would not do the latter on every engine.
    if by_month { "c.month" } else { "c.whole" }
}

fn period_and(by_month: bool) -> &'static str {
    if by_month { ", c.month" } else { "" }
}
