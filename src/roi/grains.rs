//! The grains ROI is kept in, and how people are counted once in each.
//!
//! A cell is a part in a month. Most people appear in one cell only, so the people of a wider grain are the people of
//! its cells, less those whom an earlier cell of the same grain has already. These repeats are what is kept in
//! `roi_repeat`: for each cell, how many people had been seen before in which grains, one bit each.

use campaignd_contract::Error;

use super::matching::Scope;
use super::statement::Session;

/// What a row of `campaign_roi` may be about.
pub(super) struct Grain {
    /// Its name: `campaign_roi.grain`.
    pub name: &'static str,
    /// Its column of `roi_part`, or a literal.
    key: &'static str,
}

/// All grains, in the order of their bits.
pub(super) const GRAINS: &[Grain] = &[
    Grain { name: "total", key: "'all'" },
    Grain { name: "campaign_part", key: "campaign_part_id" },
    Grain { name: "campaign", key: "campaign_id" },
    Grain { name: "channel", key: "channel_id" },
    Grain { name: "segment", key: "segment_id" },
    Grain { name: "offer", key: "offer_id" },
    Grain { name: "vendor", key: "vendor_id" },
];

impl Grain {
    /// Its key, `part` being a row of `roi_part`.
    pub fn key_of(&self, part: &str) -> String {
        if self.key.starts_with('\'') { self.key.to_owned() } else { format!("{part}.{}", self.key) }
    }
}

/// The bit of a grain by month or over all months.
pub(super) fn bit(grain: usize, by_month: bool) -> i64 {
    1 << (grain * 2 + usize::from(by_month))
}

/// Notes in `roi_work_repeat` how many people of the cells were seen before, as things stand: of all people, or of
/// those noted in `roi_work_touched`.
fn note_repeats(session: &mut Session<'_>, scope: Scope, phase: &str) -> Result<(), Error> {
    session.clear("roi_work_pair")?;
    session.run(match scope {
        // Most people appear in one cell only: leaving them out here spares most of the work below.
        Scope::All => {
            "INSERT INTO {roi_work_pair} (party_hash, month, campaign_part_id)
             SELECT m.party_hash, m.month, m.campaign_part_id
             FROM (SELECT party_hash FROM {roi_responder} GROUP BY party_hash
                   HAVING MIN(campaign_part_id) <> MAX(campaign_part_id) OR MIN(month) <> MAX(month)) several
             CROSS JOIN {roi_responder} m
             WHERE m.party_hash = several.party_hash
             GROUP BY m.party_hash, m.month, m.campaign_part_id"
        }
        Scope::Touched => {
            "INSERT INTO {roi_work_pair} (party_hash, month, campaign_part_id)
             SELECT DISTINCT m.party_hash, m.month, m.campaign_part_id
             FROM {roi_work_touched} w CROSS JOIN {roi_responder} m
             WHERE w.kind = 'party' AND m.party_hash = w.number"
        }
    })?;
    let mut bits = Vec::new();
    for (number, grain) in GRAINS.iter().enumerate() {
        let same = format!("{} = {}", grain.key_of("b"), grain.key_of("a"));
        bits.push(format!("MAX(CASE WHEN {same} THEN {} ELSE 0 END)", bit(number, false)));
        bits.push(format!(
            "MAX(CASE WHEN {same} AND later.month = earlier.month THEN {} ELSE 0 END)",
            bit(number, true)
        ));
    }
    session.run(&format!(
        "INSERT INTO {{roi_work_repeat}} (phase, campaign_part_id, month, grains, parties)
         SELECT '{phase}', q.campaign_part_id, q.month, q.grains, COUNT(*)
         FROM (SELECT later.party_hash, later.campaign_part_id, later.month, {grains} AS grains
               FROM {{roi_work_pair}} later
               CROSS JOIN {{roi_work_pair}} earlier
               CROSS JOIN {{roi_part}} a
               CROSS JOIN {{roi_part}} b
               WHERE earlier.party_hash = later.party_hash
                   AND (earlier.month < later.month
                       OR (earlier.month = later.month AND earlier.campaign_part_id < later.campaign_part_id))
                   AND a.campaign_part_id = later.campaign_part_id AND b.campaign_part_id = earlier.campaign_part_id
               GROUP BY later.party_hash, later.month, later.campaign_part_id) q
         GROUP BY q.campaign_part_id, q.month, q.grains",
        grains = bits.join(" + "),
    ))?;
    session.clear("roi_work_pair")
}

/// Before matches change: what the people concerned add to the repeats.
pub(super) fn before_matching(session: &mut Session<'_>, scope: Scope) -> Result<(), Error> {
    match scope {
        Scope::All => session.clear("roi_repeat"),
        Scope::Touched => note_repeats(session, scope, "before"),
    }
}

/// After matches changed: brings `roi_repeat` up to date.
pub(super) fn after_matching(session: &mut Session<'_>, scope: Scope) -> Result<(), Error> {
    note_repeats(session, scope, "after")?;
    session.run(
        "INSERT INTO {roi_work_repeat} (phase, campaign_part_id, month, grains, parties)
         SELECT 'current', r.campaign_part_id, r.month, r.grains, r.parties FROM {roi_repeat} r
         WHERE EXISTS (SELECT 1 FROM {roi_work_repeat} w WHERE w.phase IN ('before', 'after')
             AND w.campaign_part_id = r.campaign_part_id AND w.month = r.month AND w.grains = r.grains)",
    )?;
    session.run(
        "DELETE FROM {roi_repeat} WHERE EXISTS (SELECT 1 FROM {roi_work_repeat} w WHERE w.phase = 'current'
             AND w.campaign_part_id = {roi_repeat}.campaign_part_id AND w.month = {roi_repeat}.month
             AND w.grains = {roi_repeat}.grains)",
    )?;
    session.run(
        "INSERT INTO {roi_repeat} (campaign_part_id, month, grains, parties)
         SELECT campaign_part_id, month, grains, SUM(CASE WHEN phase = 'before' THEN -parties ELSE parties END)
         FROM {roi_work_repeat} GROUP BY campaign_part_id, month, grains
         HAVING SUM(CASE WHEN phase = 'before' THEN -parties ELSE parties END) <> 0",
    )?;
    session.clear("roi_work_repeat")
}

/// Sums up cells: all of them, or those noted in `roi_work_cell`.
pub(super) fn sum_cells(session: &mut Session<'_>, scope: Scope) -> Result<(), Error> {
    match scope {
        Scope::All => session.clear("roi_cell")?,
        Scope::Touched => {
            session.run(
                "DELETE FROM {roi_cell} WHERE EXISTS (SELECT 1 FROM {roi_work_cell} w
                     WHERE w.campaign_part_id = {roi_cell}.campaign_part_id AND w.month = {roi_cell}.month)",
            )?;
        }
    }
    let from = |results: &str| match scope {
        Scope::All => format!("{{{results}}} m WHERE m.campaign_part_id IS NOT NULL"),
        Scope::Touched => format!(
            "{{roi_work_cell}} w CROSS JOIN {{{results}}} m
             WHERE m.campaign_part_id = w.campaign_part_id AND m.month = w.month"
        ),
    };
    let zero = session.dialect.decimal_of("0");
    let sum = |column: &str| format!("COALESCE(SUM(m.{column}), {zero})");
    session.run(&format!(
        "INSERT INTO {{roi_cell}} (campaign_part_id, month, responses, contacted, known_responders, anonymous_responders,
             conversions, revenue_gross, revenue_adjustments, margin, unpriced_conversions, cost, cost_rows, unpriced_costs)
         SELECT q.campaign_part_id, q.month, SUM(q.responses), SUM(q.contacted), SUM(q.known), SUM(q.anonymous),
             SUM(q.conversions), SUM(q.gross), SUM(q.adjustments), SUM(q.margin), SUM(q.unpriced_conversions),
             SUM(q.cost), SUM(q.cost_rows), SUM(q.unpriced_costs)
         FROM (
             SELECT m.campaign_part_id, m.month, SUM(m.is_response) AS responses, SUM(m.is_contact) AS contacted,
                 COUNT(DISTINCT m.party_hash) AS known, SUM(m.is_anonymous) AS anonymous,
                 0 AS conversions, {zero} AS gross, {zero} AS adjustments, {zero} AS margin, 0 AS unpriced_conversions,
                 {zero} AS cost, 0 AS cost_rows, 0 AS unpriced_costs
             FROM {responses} GROUP BY m.campaign_part_id, m.month
             UNION ALL
             SELECT m.campaign_part_id, m.month, 0, 0, 0, 0, SUM(m.conversions), {gross}, {adjustments}, {margin},
                 SUM(CASE WHEN m.money_reason IS NULL THEN 0 ELSE 1 END), {zero}, 0, 0
             FROM {credits} GROUP BY m.campaign_part_id, m.month
             UNION ALL
             SELECT m.campaign_part_id, m.month, 0, 0, 0, 0, 0, {zero}, {zero}, {zero}, 0, {cost}, COUNT(*),
                 SUM(CASE WHEN m.money_reason IS NULL THEN 0 ELSE 1 END)
             FROM {costs} GROUP BY m.campaign_part_id, m.month) q
         GROUP BY q.campaign_part_id, q.month",
        responses = from("response_match"),
        credits = from("attribution_credit"),
        costs = from("cost_allocation"),
        gross = sum("revenue_gross"),
        adjustments = sum("revenue_adjustments"),
        margin = sum("margin"),
        cost = sum("cost"),
    ))?;
    Ok(())
}
