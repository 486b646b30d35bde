//! Tabulated ROI: facts tied to campaign parts, summed up by part and month, and published in `campaign_roi`.
//!
//! All of it is SQL that runs in the warehouse. A load notes in `etl_dirty` which tables a batch changed; a refresh
//! looks at those batches only, works out again the cells they touch or touched before, and publishes. In the same
//! transaction it clears the notes it has seen; a batch that is committed meanwhile stays noted.
//!
//! Which month a row belongs to: a response when it occurred, a conversion when it happened, its adjustments with it,
//! a cost day by day. Plans have no months: what was targeted, expected and budgeted is there for `all` only.
//!
//! Customers are told apart by 63 bits worked out of their pseudonym. Two of a million are taken for one with a
//! probability of one in twenty million; counting the pseudonyms themselves would take three times as long.

mod calendar;
mod convert;
mod grains;
mod matching;
pub mod metrics;
mod parts;
mod publish;
pub mod report;
mod statement;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use campaignd_contract::{Error, Value, Warehouse, failpoint::failpoint};

use crate::settings;
use matching::Scope;
use publish::Cause;
use statement::Session;

/// Why ROI couldn't be worked out. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RoiError {
    /// The margin rate of the settings isn't a decimal.
    #[error("`roi.margin_rate` is `{0}`: give a share of at most six digits after the point, such as \"0.4\"")]
    MarginRate(String),
    /// The warehouse said no.
    #[error(transparent)]
    Warehouse(#[from] Error),
}

/// What a refresh did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Refreshed {
    /// Notes of the load it took in.
    pub batches: usize,
    /// Responses it tied to parts.
    pub responses: u64,
    /// Conversions it credited.
    pub conversions: u64,
    /// Shares of costs it allocated.
    pub cost_shares: u64,
    /// Published figures that changed; each is a row of `campaign_roi_change`.
    pub changes: u64,
    /// Whether it looked at everything.
    pub everything: bool,
}

/// Takes in what the loads noted since the last refresh.
///
/// A new part, a part that moved, a changed disposition, another currency or margin rate in the settings concern every
/// fact, and so does the first refresh: then it is as if [`refresh_all`] had been called.
pub fn refresh(warehouse: &mut dyn Warehouse, settings: &settings::Roi) -> Result<Refreshed, RoiError> {
    work(warehouse, settings, false)
}

/// Works out everything from the facts. The tables are the same afterwards as after [`refresh`].
pub fn refresh_all(warehouse: &mut dyn Warehouse, settings: &settings::Roi) -> Result<Refreshed, RoiError> {
    work(warehouse, settings, true)
}

fn work(warehouse: &mut dyn Warehouse, settings: &settings::Roi, all: bool) -> Result<Refreshed, RoiError> {
    let margin_rate =
        micros(&settings.margin_rate).ok_or_else(|| RoiError::MarginRate(settings.margin_rate.clone()))?;
    let dialect = warehouse.dialect();
    let mut transaction = warehouse.begin()?;
    failpoint("roi-begun");
    let mut session = Session::new(transaction.as_mut(), dialect, &settings.currency, margin_rate);
    let dirty = session.query("SELECT table_name, batch_no FROM {etl_dirty} ORDER BY table_name, batch_no")?;
    let currency = session.currency.clone();
    let other_settings = session.any(&format!("SELECT 1 FROM {{campaign_roi}} WHERE currency_code <> {currency}"))?
        || parts::margin_rate_changed(&mut session)?;
    if dirty.rows.is_empty() && !all && !other_settings {
        return Ok(Refreshed::default());
    }
    let tables: BTreeSet<&str> = dirty.rows.iter().filter_map(|row| row[0].as_text()).collect();
    let mut refreshed = Refreshed { batches: dirty.rows.len(), ..Refreshed::default() };

    let first = !session.any("SELECT 1 FROM {campaign_roi}")?;
    let changed = |names: &[&str]| all || first || other_settings || names.iter().any(|name| tables.contains(name));
    if changed(&["code_map", "campaign_part"]) {
        parts::rebuild_codes(&mut session)?;
    }
    let parts_moved = changed(&["campaign", "campaign_part", "offer", "campaign_member", "code_map", "fx_rate"])
        && parts::rebuild_parts(&mut session)?;
    if all || first || other_settings || parts_moved || tables.contains("disposition_map") {
        let cause = match () {
            () if first => Cause::NewFacts,
            () if all => Cause::Recomputed,
            () => Cause::ReferenceChanged,
        };
        take_in(&mut session, Scope::All, cause, &mut refreshed)?;
    } else {
        take_in_by_cause(&mut session, &tables, &mut refreshed)?;
    }
    session.clear("roi_work_code")?;
    for row in &dirty.rows {
        session.run_with("DELETE FROM {etl_dirty} WHERE table_name = ?1 AND batch_no = ?2", row)?;
    }
    failpoint("roi-written");
    transaction.commit()?;
    failpoint("roi-committed");
    Ok(refreshed)
}

/// One cause after the other, each published by itself: so the changes recorded say what each of them did.
fn take_in_by_cause(
    session: &mut Session<'_>,
    tables: &BTreeSet<&str>,
    refreshed: &mut Refreshed,
) -> Result<(), Error> {
    let any = |names: &[&str]| names.iter().any(|name| tables.contains(name));
    if any(&["code_map"]) {
        for (kind, table, number) in FACTS {
            touch(
                session,
                kind,
                &format!(
                    "SELECT f.{number} AS number FROM {{{table}}} f
                     JOIN {{roi_work_code}} w ON w.code_type = f.code_type AND w.code = f.code"
                ),
            )?;
        }
        take_in(session, Scope::Touched, Cause::CodeMapChanged, refreshed)?;
    }
    if any(&["fx_rate"]) {
        touch(session, "conversion", "SELECT conversion_no AS number FROM {conversion}")?;
        touch(session, "cost", "SELECT cost_no AS number FROM {campaign_cost}")?;
        take_in(session, Scope::Touched, Cause::ReferenceChanged, refreshed)?;
    }
    if any(&["conversion_adjustment"]) {
        touch(
            session,
            "conversion",
            "SELECT c.conversion_no AS number FROM {conversion_adjustment} a
             JOIN {conversion} c ON c.source_system = COALESCE(a.conversion_source_system, a.source_system)
                 AND c.source_key = a.conversion_key
             WHERE a.batch_no IN (SELECT batch_no FROM {etl_dirty} WHERE table_name = 'conversion_adjustment')",
        )?;
        take_in(session, Scope::Touched, Cause::Adjustment, refreshed)?;
    }
    for (kind, table, number) in FACTS {
        if any(&[table]) {
            touch(
                session,
                kind,
                &format!(
                    "SELECT {number} AS number FROM {{{table}}}
                     WHERE batch_no IN (SELECT batch_no FROM {{etl_dirty}} WHERE table_name = '{table}')"
                ),
            )?;
        }
    }
    let cause = if any(&FACTS.map(|(_, table, _)| table)) { Cause::NewFacts } else { Cause::ReferenceChanged };
    take_in(session, Scope::Touched, cause, refreshed)
}

/// Facts that are tied to parts: kind, table, number.
const FACTS: [(&str, &str, &str); 3] = [
    ("response", "campaign_response", "response_no"),
    ("conversion", "conversion", "conversion_no"),
    ("cost", "campaign_cost", "cost_no"),
];

/// Notes facts or customers to look at: `select` returns their `number`.
fn touch(session: &mut Session<'_>, kind: &str, select: &str) -> Result<(), Error> {
    session.run(&format!(
        "INSERT INTO {{roi_work_touched}} (kind, number)
         SELECT DISTINCT '{kind}', q.number FROM ({select}) q
         WHERE q.number IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM {{roi_work_touched}} t WHERE t.kind = '{kind}' AND t.number = q.number)"
    ))?;
    Ok(())
}

/// Notes the cells that the touched facts are in, as things stand.
fn touch_cells(session: &mut Session<'_>) -> Result<(), Error> {
    for (kind, results, number) in [
        ("response", "response_match", "response_no"),
        ("conversion", "attribution_credit", "conversion_no"),
        ("cost", "cost_allocation", "cost_no"),
    ] {
        session.run(&format!(
            "INSERT INTO {{roi_work_cell}} (campaign_part_id, month)
             SELECT DISTINCT m.campaign_part_id, m.month
             FROM {{roi_work_touched}} w CROSS JOIN {{{results}}} m
             WHERE w.kind = '{kind}' AND m.{number} = w.number AND m.campaign_part_id IS NOT NULL
                 AND NOT EXISTS (SELECT 1 FROM {{roi_work_cell}} c
                     WHERE c.campaign_part_id = m.campaign_part_id AND c.month = m.month)"
        ))?;
    }
    Ok(())
}

/// Ties the facts in scope to parts, sums up their cells and publishes.
fn take_in(session: &mut Session<'_>, scope: Scope, cause: Cause, refreshed: &mut Refreshed) -> Result<(), Error> {
    if scope == Scope::All {
        refreshed.everything = true;
    } else {
        // What a conversion that names a response belongs to follows from what the response does.
        touch(
            session,
            "conversion",
            "SELECT m.conversion_no AS number FROM {roi_work_touched} w CROSS JOIN {attribution_credit} m
             WHERE w.kind = 'response' AND m.response_no = w.number",
        )?;
        touch(
            session,
            "conversion",
            "SELECT conversion_no AS number FROM {attribution_credit} WHERE reason = 'unknown_response'
                 AND EXISTS (SELECT 1 FROM {roi_work_touched} WHERE kind = 'response')",
        )?;
        let hash = session.dialect.hash("f.party_key");
        touch(
            session,
            "party",
            &format!(
                "SELECT m.party_hash AS number FROM {{roi_work_touched}} w CROSS JOIN {{response_match}} m
                 WHERE w.kind = 'response' AND m.response_no = w.number
                 UNION
                 SELECT {hash} FROM {{roi_work_touched}} w CROSS JOIN {{campaign_response}} f
                 WHERE w.kind = 'response' AND f.response_no = w.number"
            ),
        )?;
        touch_cells(session)?;
    }
    grains::before_matching(session, scope)?;
    refreshed.responses += matching::match_responses(session, scope)?;
    grains::after_matching(session, scope)?;
    refreshed.conversions += matching::credit_conversions(session, scope)?;
    refreshed.cost_shares += matching::allocate_costs(session, scope)?;
    failpoint("roi-matched");
    if scope == Scope::Touched {
        touch_cells(session)?;
    }
    grains::sum_cells(session, scope)?;
    refreshed.changes += publish::publish(session, cause)?;
    session.clear("roi_work_touched")?;
    session.clear("roi_work_cell")
}

/// Decimal text of at most six digits after the point, as millionths.
fn micros(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 6 || fraction.len() > 6 || !digits(whole) || !digits(fraction) {
        return None;
    }
    format!("{whole}{fraction:0<6}").parse().ok()
}

/// Facts that no part claims, and test records, which count for nothing: kind, reason, how many.
pub fn unallocated(warehouse: &mut dyn Warehouse) -> Result<Vec<(String, String, i64)>, Error> {
    let sql = "SELECT 'responses' AS kind, reason, COUNT(*) AS facts FROM {response_match} WHERE match_method = 'none' GROUP BY reason
         UNION ALL
         SELECT 'conversions', reason, COUNT(*) FROM {attribution_credit} WHERE match_method = 'none' GROUP BY reason
         UNION ALL
         SELECT 'costs', reason, COUNT(DISTINCT cost_no) FROM {cost_allocation} WHERE match_method = 'none' GROUP BY reason
         ORDER BY 1 DESC, 3 DESC, 2";
    let rows = warehouse.query(&statement::with_tables(warehouse.dialect(), sql), &[])?.rows;
    let text = |value: &Value| value.as_text().unwrap_or_default().to_owned();
    Ok(rows.iter().map(|row| (text(&row[0]), text(&row[1]), row[2].as_integer().unwrap_or(0))).collect())
}
