//! What facts are tied to: the parts with their place in every grain and their plan, and the codes that name them.

use campaignd_contract::{Error, Rows};

use super::convert;
use super::matching::Tie;
use super::statement::Session;

/// Works out `roi_part` again. Returns whether a part is new, gone or elsewhere: then every fact has to be looked at.
pub(super) fn rebuild_parts(session: &mut Session<'_>) -> Result<bool, Error> {
    let before = places(session)?;
    session.clear("roi_part")?;
    let dialect = session.dialect;
    let targeted = "COALESCE(m.members, p.targeted_count)";
    let tie = Tie::at("f", "f.member_since");
    let members = format!(
        "SELECT {part} AS campaign_part_id, COUNT(*) AS members
         FROM {{campaign_member}} f {joins}
         WHERE COALESCE(f.is_test, 0) = 0 AND f.arm = 'treatment'
         GROUP BY {part}",
        part = tie.part,
        joins = tie.joins,
    );
    let plan_date = "COALESCE(p.scheduled_start, c.start_date)";
    let expected_revenue = convert::amount(session, "p.expected_revenue", "p.currency_code", "rate");
    let budgeted_cost = convert::amount(session, "p.budgeted_cost", "p.currency_code", "rate");
    let rate = convert::rate_join(session, "rate", "COALESCE(p.currency_code, 'none')", plan_date);
    let expected_responses = dialect.product(&dialect.decimal_of(targeted), "p.expected_response_rate");
    let place = |column: &str| format!("COALESCE(p.{column}, 'unallocated')");
    session.run(&format!(
        "INSERT INTO {{roi_part}} (campaign_part_id, campaign_id, channel_id, segment_id, offer_id, vendor_id, margin_rate,
             targeted, expected_responses, expected_revenue, budgeted_cost)
         SELECT p.campaign_part_id, {campaign}, {channel}, {segment}, {offer}, {vendor}, o.margin_rate,
             {targeted}, {expected_responses}, {expected_revenue}, {budgeted_cost}
         FROM {{campaign_part}} p
         LEFT JOIN {{campaign}} c ON c.campaign_id = p.campaign_id
         LEFT JOIN {{offer}} o ON o.offer_id = p.offer_id
         {rate}
         LEFT JOIN ({members}) m ON m.campaign_part_id = p.campaign_part_id",
        campaign = place("campaign_id"),
        channel = place("channel_id"),
        segment = place("segment_id"),
        offer = place("offer_id"),
        vendor = place("vendor_id"),
    ))?;
    // What the plan gives a campaign as a whole and its parts don't add up to: with it they do.
    let expected_revenue = convert::amount(session, "c.expected_revenue", "c.currency_code", "rate");
    let budgeted_cost = convert::amount(session, "c.budgeted_cost", "c.currency_code", "rate");
    let rate = convert::rate_join(session, "rate", "COALESCE(c.currency_code, 'none')", "c.start_date");
    let rest = |declared: &str, planned: &str| format!("NULLIF(({declared}) - COALESCE(planned.{planned}, 0), 0)");
    let expected_responses = dialect.product(&dialect.decimal_of("c.targeted_count"), "c.expected_response_rate");
    session.run(&format!(
        "INSERT INTO {{roi_part}} (campaign_part_id, campaign_id, channel_id, segment_id, offer_id, vendor_id,
             targeted, expected_responses, expected_revenue, budgeted_cost)
         SELECT CONCAT('unallocated:', c.campaign_id), c.campaign_id, 'unallocated', 'unallocated', 'unallocated', 'unallocated',
             COALESCE(m.members, {targeted}), {expected_responses}, {expected_revenue}, {budgeted_cost}
         FROM {{campaign}} c
         {rate}
         LEFT JOIN (SELECT campaign_id, SUM(targeted) AS targeted, SUM(expected_responses) AS expected_responses,
                SUM(expected_revenue) AS expected_revenue, SUM(budgeted_cost) AS budgeted_cost
             FROM {{roi_part}} GROUP BY campaign_id) planned ON planned.campaign_id = c.campaign_id
         LEFT JOIN ({members}) m ON m.campaign_part_id = CONCAT('unallocated:', c.campaign_id)",
        targeted = rest("c.targeted_count", "targeted"),
        expected_responses = rest(&expected_responses, "expected_responses"),
        expected_revenue = rest(&expected_revenue, "expected_revenue"),
        budgeted_cost = rest(&budgeted_cost, "budgeted_cost"),
    ))?;
    // Its margin rate is the settings', by which everything that has none of its own was worked out.
    session.run(&format!(
        "INSERT INTO {{roi_part}} (campaign_part_id, campaign_id, channel_id, segment_id, offer_id, vendor_id, margin_rate, targeted)
         SELECT 'unallocated', 'unallocated', 'unallocated', 'unallocated', 'unallocated', 'unallocated', {margin_rate}, SUM(m.members)
         FROM ({members}) m WHERE m.campaign_part_id = 'unallocated'",
        margin_rate = session.margin_rate,
    ))?;
    Ok(places(session)? != before)
}

/// Whether the settings' margin rate is another than the one the parts were worked out with.
pub(super) fn margin_rate_changed(session: &mut Session<'_>) -> Result<bool, Error> {
    session.any(&format!(
        "SELECT 1 FROM {{roi_part}} WHERE campaign_part_id = 'unallocated' AND margin_rate <> {}",
        session.margin_rate
    ))
}

/// Where each part is, and its margin.
fn places(session: &mut Session<'_>) -> Result<Rows, Error> {
    let margin = session.dialect.micros("margin_rate");
    session.query(&format!(
        "SELECT campaign_part_id, campaign_id, channel_id, segment_id, offer_id, vendor_id, {margin} AS margin_rate
         FROM {{roi_part}} ORDER BY campaign_part_id"
    ))
}

/// The beginning and the end of time, as the code map has them.
const BEGINNING: &str = "'0001-01-01 00:00:00'";
const END: &str = "'9999-12-31 23:59:59'";

/// Works out `code_span` again and notes in `roi_work_code` which codes mean something else than before.
pub(super) fn rebuild_codes(session: &mut Session<'_>) -> Result<(), Error> {
    // Every beginning and end cuts a code's time; between two cuts it is claimed by none, one or several parts.
    let spans = format!(
        "point AS (
             SELECT code_type, code, {BEGINNING} AS cut FROM {{code_map}}
             UNION SELECT code_type, code, valid_from FROM {{code_map}}
             UNION SELECT code_type, code, valid_to FROM {{code_map}} WHERE valid_to IS NOT NULL),
         span AS (
             SELECT code_type, code, cut AS span_from,
                 COALESCE(LEAD(cut) OVER (PARTITION BY code_type, code ORDER BY cut), {END}) AS span_to
             FROM point),
         claim AS (
             SELECT s.code_type, s.code, s.span_from, s.span_to,
                 COUNT(DISTINCT m.campaign_part_id) AS parts, MIN(m.campaign_part_id) AS campaign_part_id
             FROM span s
             LEFT JOIN {{code_map}} m ON m.code_type = s.code_type AND m.code = s.code
                 AND m.valid_from <= s.span_from AND (m.valid_to IS NULL OR m.valid_to > s.span_from)
             GROUP BY s.code_type, s.code, s.span_from, s.span_to),
         fresh AS (
             SELECT c.code_type, c.code, c.span_from, c.span_to,
                 CASE WHEN c.parts = 1 THEN p.campaign_part_id END AS campaign_part_id,
                 CASE WHEN c.parts = 0 THEN 'outside_validity' WHEN c.parts > 1 THEN 'ambiguous'
                     WHEN p.campaign_part_id IS NULL THEN 'unknown_part' END AS reason
             FROM claim c
             LEFT JOIN {{campaign_part}} p ON p.campaign_part_id = c.campaign_part_id)"
    );
    session.clear("roi_work_code")?;
    session.run(&format!(
        "WITH {spans}
         INSERT INTO {{roi_work_code}} (code_type, code)
         SELECT f.code_type, f.code FROM fresh f
         WHERE NOT EXISTS (SELECT 1 FROM {{code_span}} s
             WHERE s.code_type = f.code_type AND s.code = f.code AND s.span_from = f.span_from AND s.span_to = f.span_to
                 AND COALESCE(s.campaign_part_id, '') = COALESCE(f.campaign_part_id, '')
                 AND COALESCE(s.reason, '') = COALESCE(f.reason, ''))
         UNION
         SELECT s.code_type, s.code FROM {{code_span}} s
         WHERE NOT EXISTS (SELECT 1 FROM fresh f
             WHERE f.code_type = s.code_type AND f.code = s.code AND f.span_from = s.span_from)"
    ))?;
    session.run(
        "DELETE FROM {code_span} WHERE EXISTS (SELECT 1 FROM {roi_work_code} w
             WHERE w.code_type = {code_span}.code_type AND w.code = {code_span}.code)",
    )?;
    session.run(&format!(
        "WITH {spans}
         INSERT INTO {{code_span}} (code_type, code, span_from, span_to, campaign_part_id, reason)
         SELECT f.code_type, f.code, f.span_from, f.span_to, f.campaign_part_id, f.reason FROM fresh f
         WHERE EXISTS (SELECT 1 FROM {{roi_work_code}} w WHERE w.code_type = f.code_type AND w.code = f.code)"
    ))?;
    Ok(())
}
