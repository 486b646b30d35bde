//! Ties facts to parts: by the part they name, by their code at the time, or by the response they came from.
//!
//! A part that a fact names itself comes first, and is never replaced by what a code says, even if it is unknown: an
//! unknown part is an error to be seen. What nobody claims goes to `unallocated`, or to `unallocated:CAMPAIGN` where
//! the campaign is known, so that nothing is lost from the totals.

use std::collections::BTreeSet;

use campaignd_contract::{Dialect, Error};

use super::calendar::{Day, day_number};
use super::convert;
use super::statement::Session;
use crate::model::facts::NOT_RESPONSES;

/// How a fact is tied to a part, as SQL.
pub(super) struct Tie {
    /// The joins it needs.
    pub joins: String,
    /// The part.
    pub part: String,
    /// How it was found.
    pub method: String,
    /// Why none was.
    pub reason: String,
}

impl Tie {
    /// For the fact `f` at an instant.
    pub fn at(f: &str, instant: &str) -> Self {
        Self::between(f, "s.span_from", instant, "s.span_to")
    }

    /// For the fact `f` on a day. On the day a code changes hands, it belongs to the part that has it in the end.
    fn on_day(dialect: &dyn Dialect, f: &str, day: &str) -> Self {
        Self::between(f, &dialect.date("s.span_from"), day, &dialect.date("s.span_to"))
    }

    fn between(f: &str, from: &str, instant: &str, to: &str) -> Self {
        Self {
            joins: format!(
                "LEFT JOIN {{campaign_part}} p ON p.campaign_part_id = {f}.campaign_part_id
                 LEFT JOIN {{code_span}} s ON s.code_type = {f}.code_type AND s.code = {f}.code
                     AND {from} <= {instant} AND {to} > {instant}
                 LEFT JOIN {{campaign}} c ON c.campaign_id = {f}.campaign_id"
            ),
            part: format!(
                "CASE WHEN p.campaign_part_id IS NOT NULL THEN p.campaign_part_id
                     WHEN {f}.campaign_part_id IS NULL AND s.campaign_part_id IS NOT NULL THEN s.campaign_part_id
                     WHEN c.campaign_id IS NOT NULL THEN CONCAT('unallocated:', c.campaign_id)
                     ELSE 'unallocated' END"
            ),
            method: format!(
                "CASE WHEN p.campaign_part_id IS NOT NULL THEN 'direct'
                     WHEN {f}.campaign_part_id IS NULL AND s.campaign_part_id IS NOT NULL THEN 'code'
                     ELSE 'none' END"
            ),
            reason: format!(
                "CASE WHEN p.campaign_part_id IS NOT NULL THEN NULL
                     WHEN {f}.campaign_part_id IS NOT NULL THEN 'unknown_part'
                     WHEN s.code IS NOT NULL THEN s.reason
                     WHEN {f}.code_type IS NOT NULL AND {f}.code IS NOT NULL THEN 'unknown_code'
                     WHEN c.campaign_id IS NOT NULL THEN 'campaign_only'
                     WHEN {f}.campaign_id IS NOT NULL THEN 'unknown_campaign'
                     ELSE 'no_code' END"
            ),
        }
    }
}

/// Which facts a statement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// All there are.
    All,
    /// Those noted in `roi_work_touched`.
    Touched,
}

impl Scope {
    /// The relation `f` of the facts in scope. The notes come first: they are few, and the facts are found by number.
    fn facts(self, table: &str, kind: &str, number: &str) -> (String, String) {
        match self {
            Self::All => (format!("{{{table}}} f"), "1 = 1".to_owned()),
            Self::Touched => (
                format!("{{roi_work_touched}} w CROSS JOIN {{{table}}} f"),
                format!("w.kind = '{kind}' AND f.{number} = w.number"),
            ),
        }
    }

    /// Deletes the results of the facts in scope.
    fn forget(self, session: &mut Session<'_>, results: &str, kind: &str, number: &str) -> Result<(), Error> {
        match self {
            Self::All => session.clear(results),
            Self::Touched => session
                .run(&format!(
                    "DELETE FROM {{{results}}}
                     WHERE {number} IN (SELECT number FROM {{roi_work_touched}} WHERE kind = '{kind}')"
                ))
                .map(drop),
        }
    }
}

/// Ties responses to parts.
pub(super) fn match_responses(session: &mut Session<'_>, scope: Scope) -> Result<u64, Error> {
    scope.forget(session, "response_match", "response", "response_no")?;
    let tie = Tie::at("f", "f.occurred_at");
    let (facts, condition) = scope.facts("campaign_response", "response", "response_no");
    let not_responses = NOT_RESPONSES.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ");
    let counts = format!("COALESCE(f.is_test, 0) = 0 AND f.response_type NOT IN ({not_responses})");
    let matched = session.run(&format!(
        "INSERT INTO {{response_match}} (response_no, campaign_part_id, month, match_method, reason,
             is_response, is_contact, is_anonymous, party_hash)
         SELECT f.response_no,
             CASE WHEN f.is_test = 1 THEN NULL ELSE {part} END,
             {month},
             CASE WHEN f.is_test = 1 THEN 'none' ELSE {method} END,
             CASE WHEN f.is_test = 1 THEN 'test' ELSE {reason} END,
             CASE WHEN {counts} THEN 1 ELSE 0 END,
             CASE WHEN f.is_test = 1 THEN 0
                 ELSE COALESCE(f.is_contact, d.customer_contact, CASE WHEN f.response_type = 'no_contact' THEN 0 ELSE 1 END) END,
             CASE WHEN f.party_key IS NULL AND {counts} THEN 1 ELSE 0 END,
             CASE WHEN {counts} THEN {hash} END
         FROM {facts}
         {joins}
         LEFT JOIN {{disposition_map}} d ON d.source_system = f.source_system AND d.disposition = f.disposition
         WHERE {condition}",
        part = tie.part,
        month = session.dialect.month("f.occurred_at"),
        method = tie.method,
        reason = tie.reason,
        hash = session.dialect.hash("f.party_key"),
        joins = tie.joins,
    ))?;
    list_responders(session, scope)?;
    Ok(matched)
}

/// Lists responses by customer. In order, because a tree that grows at its end is made in half the time.
fn list_responders(session: &mut Session<'_>, scope: Scope) -> Result<(), Error> {
    let (from, condition) = match scope {
        Scope::All => {
            session.clear("roi_responder")?;
            ("{response_match} m", "1 = 1")
        }
        Scope::Touched => {
            session.run(
                "DELETE FROM {roi_responder}
                 WHERE party_hash IN (SELECT number FROM {roi_work_touched} WHERE kind = 'party')
                     AND response_no IN (SELECT number FROM {roi_work_touched} WHERE kind = 'response')",
            )?;
            ("{roi_work_touched} w CROSS JOIN {response_match} m", "w.kind = 'response' AND m.response_no = w.number")
        }
    };
    session.run(&format!(
        "INSERT INTO {{roi_responder}} (party_hash, month, campaign_part_id, response_no)
         SELECT m.party_hash, m.month, m.campaign_part_id, m.response_no FROM {from}
         WHERE {condition} AND m.party_hash IS NOT NULL
         ORDER BY m.party_hash, m.month, m.campaign_part_id, m.response_no"
    ))?;
    Ok(())
}

/// Credits conversions to parts, net of adjustments.
pub(super) fn credit_conversions(session: &mut Session<'_>, scope: Scope) -> Result<u64, Error> {
    scope.forget(session, "attribution_credit", "conversion", "conversion_no")?;
    let dialect = session.dialect;
    let tie = Tie::at("f", "f.converted_at");
    let (facts, condition) = scope.facts("conversion", "conversion", "conversion_no");
    // The response a conversion came from says where it belongs only if neither a part nor a code does.
    let by_response = "f.campaign_part_id IS NULL AND s.campaign_part_id IS NULL AND f.response_key IS NOT NULL";
    let net = "CASE WHEN a.adjustment_type = 'RETRACTION' THEN 0 WHEN a.adjustment_type = 'RESTATEMENT' THEN a.new_amount ELSE f.amount END";
    let currency = "COALESCE(f.currency_code, 'none')";
    let rate = convert::rate_join(session, "rate", currency, &dialect.date("f.converted_at"));
    let money = |amount: &str| convert::amount(session, amount, currency, "rate");
    let margin_rate = format!("COALESCE(q.own_margin_rate, part.margin_rate, {})", session.margin_rate);
    let sql = format!(
        "INSERT INTO {{attribution_credit}} (conversion_no, model_id, model_version, campaign_part_id, month, match_method,
             reason, response_no, weight, conversions, currency_code, gross_amount, adjustment_amount, credited_amount,
             revenue_gross, revenue_adjustments, revenue, margin, money_reason)
         SELECT q.conversion_no, 'direct', 1, q.campaign_part_id, q.month, q.match_method, q.reason, q.response_no, {one},
             q.conversions, q.currency_code, q.gross_amount, q.net_amount - q.gross_amount, q.net_amount,
             CASE WHEN q.money_reason IS NULL THEN q.revenue_gross END,
             CASE WHEN q.money_reason IS NULL THEN q.revenue - q.revenue_gross END,
             CASE WHEN q.money_reason IS NULL THEN q.revenue END,
             CASE WHEN q.money_reason IS NULL THEN {margin} END,
             q.money_reason
         FROM (
             SELECT f.conversion_no,
                 CASE WHEN {by_response} AND m.campaign_part_id IS NOT NULL THEN m.campaign_part_id ELSE {part} END AS campaign_part_id,
                 {month} AS month,
                 CASE WHEN {by_response} AND m.match_method <> 'none' THEN 'response' ELSE {method} END AS match_method,
                 CASE WHEN {by_response} AND r.response_no IS NULL THEN 'unknown_response'
                     WHEN {by_response} THEN m.reason ELSE {reason} END AS reason,
                 CASE WHEN {by_response} THEN r.response_no END AS response_no,
                 CASE WHEN a.adjustment_type = 'RETRACTION' THEN 0 ELSE 1 END AS conversions,
                 f.currency_code, COALESCE(f.amount, 0) AS gross_amount, COALESCE({net}, 0) AS net_amount,
                 {gross_base} AS revenue_gross, {net_base} AS revenue,
                 f.margin_rate AS own_margin_rate,
                 CASE WHEN f.amount IS NULL AND a.new_amount IS NULL THEN NULL
                     WHEN a.adjustment_type = 'RESTATEMENT' AND COALESCE(a.currency_code, {currency}) <> {currency} THEN 'mixed_currency'
                     WHEN {currency} <> {base} AND rate.rate IS NULL THEN 'no_fx_rate' END AS money_reason
             FROM {facts}
             {joins}
             LEFT JOIN {{campaign_response}} r ON r.source_system = COALESCE(f.response_source_system, f.source_system)
                 AND r.source_key = f.response_key
             LEFT JOIN {{response_match}} m ON m.response_no = r.response_no
             LEFT JOIN {{conversion_adjustment}} a ON a.adjustment_no = {latest}
             {rate}
             WHERE {condition} AND COALESCE(f.is_test, 0) = 0) q
         LEFT JOIN {{roi_part}} part ON part.campaign_part_id = q.campaign_part_id",
        one = dialect.decimal_of("1"),
        margin = dialect.product("q.revenue", &margin_rate),
        part = tie.part,
        month = dialect.month("f.converted_at"),
        method = tie.method,
        reason = tie.reason,
        joins = tie.joins,
        base = session.currency,
        gross_base = money("COALESCE(f.amount, 0)"),
        net_base = money(&format!("COALESCE({net}, 0)")),
        // The latest: no other of the same conversion is later, or as late with a higher number.
        latest = "(SELECT MAX(x.adjustment_no) FROM {conversion_adjustment} x
                 WHERE x.conversion_key = f.source_key AND COALESCE(x.conversion_source_system, x.source_system) = f.source_system
                     AND NOT EXISTS (SELECT 1 FROM {conversion_adjustment} y
                         WHERE y.conversion_key = x.conversion_key
                             AND COALESCE(y.conversion_source_system, y.source_system) = f.source_system
                             AND y.adjusted_at > x.adjusted_at))",
    );
    session.run(&sql)
}

/// Days after which the rest of a cost's period is taken for a mistake: ten years.
const LONGEST_PERIOD: i64 = 3660;

/// Ties actual costs to parts and spreads them over months by days.
pub(super) fn allocate_costs(session: &mut Session<'_>, scope: Scope) -> Result<u64, Error> {
    scope.forget(session, "cost_allocation", "cost", "cost_no")?;
    if scope == Scope::All || session.any("SELECT 1 FROM {roi_work_touched} WHERE kind = 'cost'")? {
        extend_calendar(session)?;
    }
    let dialect = session.dialect;
    let tie = Tie::on_day(dialect, "f", "f.period_start");
    let (facts, condition) = scope.facts("campaign_cost", "cost", "cost_no");
    let rate = convert::rate_join(session, "rate", "f.currency_code", "f.period_start");
    let base = convert::amount(session, "f.amount", "f.currency_code", "rate");
    // The share of a month: what has accrued at its end less what had at its beginning, so that all shares add up.
    let days = "(q.last_no - q.first_no + 1)";
    let at_end = "(CASE WHEN q.last_no + 1 < q.month_end_no THEN q.last_no + 1 ELSE q.month_end_no END - q.first_no)";
    let at_start = "(CASE WHEN q.first_no > q.month_first_no THEN q.first_no ELSE q.month_first_no END - q.first_no)";
    let share =
        |amount: &str| format!("{} - {}", dialect.share(amount, at_end, days), dialect.share(amount, at_start, days));
    let sql = format!(
        "INSERT INTO {{cost_allocation}} (cost_no, month, campaign_part_id, match_method, reason, currency_code, amount, cost, money_reason)
         SELECT q.cost_no, q.month, q.campaign_part_id, q.match_method, q.reason, q.currency_code, {amount}, {cost},
             CASE WHEN q.base IS NULL THEN 'no_fx_rate' END
         FROM (
             SELECT DISTINCT f.cost_no, f.amount, {base} AS base, f.currency_code, day.month, day.month_first_no, day.month_end_no,
                 first_day.day_no AS first_no, COALESCE(last_day.day_no, first_day.day_no) AS last_no,
                 {part} AS campaign_part_id, {method} AS match_method, {reason} AS reason
             FROM {facts}
             {joins}
             {rate}
             JOIN {{calendar}} first_day ON first_day.date_day = f.period_start
             LEFT JOIN {{calendar}} last_day ON last_day.date_day = f.period_end AND f.period_end >= f.period_start
                 AND last_day.day_no - first_day.day_no <= {LONGEST_PERIOD}
             JOIN {{calendar}} day ON day.date_day >= f.period_start
                 AND day.date_day <= CASE WHEN last_day.day_no IS NULL THEN f.period_start ELSE f.period_end END
             WHERE {condition} AND f.cost_status = 'actual' AND COALESCE(f.is_test, 0) = 0) q",
        amount = share("q.amount"),
        cost = share("q.base"),
        part = tie.part,
        method = tie.method,
        reason = tie.reason,
        joins = tie.joins,
    );
    session.run(&sql)
}

/// Adds the days of new costs to the calendar. A period that ends before it starts, or more than ten years later, is
/// taken for its first day.
fn extend_calendar(session: &mut Session<'_>) -> Result<(), Error> {
    let known: BTreeSet<i64> =
        session.query("SELECT day_no FROM {calendar}")?.rows.iter().filter_map(|row| row[0].as_integer()).collect();
    let periods = session
        .query("SELECT DISTINCT period_start, COALESCE(period_end, period_start) AS period_end FROM {campaign_cost}")?;
    let mut days = BTreeSet::new();
    for row in &periods.rows {
        let (Some(first), Some(last)) = (day_number(&row[0]), day_number(&row[1])) else { continue };
        let last = if last >= first && last - first <= LONGEST_PERIOD { last } else { first };
        days.extend((first..=last).filter(|day| !known.contains(day)));
    }
    for day in days {
        let Some(day) = Day::new(day) else { continue };
        session.run_with(
            "INSERT INTO {calendar} (date_day, day_no, month, month_first_no, month_end_no)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            &[day.date, day.number.into(), day.month.into(), day.month_first.into(), day.month_end.into()],
        )?;
    }
    Ok(())
}
