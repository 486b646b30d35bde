//! Reads `campaign_roi` for people: rows with names, and why figures are missing.

use std::collections::BTreeMap;

use campaignd_contract::{Error, Value, Warehouse};

use super::statement::with_tables;

/// What rows are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A row a campaign part.
    Part,
    /// A row a campaign.
    Campaign,
    /// A row a channel.
    Channel,
    /// A row a segment.
    Segment,
    /// A row an offer.
    Offer,
    /// A row a vendor.
    Vendor,
    /// A row a month.
    Month,
    /// One row.
    Total,
}

/// Which rows to read.
#[derive(Debug, Clone)]
pub struct Selection {
    /// What rows are about.
    pub by: By,
    /// Only this campaign's parts or months: a `campaign_id`.
    pub campaign: Option<String>,
    /// `YYYY-MM` or `all`. Months are listed for all periods alike.
    pub period: String,
}

/// A row of `campaign_roi`. Money and ratios are in whole millionths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its key: a `campaign_part_id`, `campaign_id` …, or the month.
    pub key: String,
    /// Its name; its key where it has none.
    pub name: String,
    /// Currency of its money.
    pub currency_code: String,
    /// Figures by the name of their column; NULL where undefined.
    pub figures: BTreeMap<&'static str, Option<i64>>,
    /// Whether its cost is known: `yes`, `partly`, `no`.
    pub cost_known: String,
    /// `yes`, `no`, `undecided`.
    pub pays_for_itself: String,
    /// Why figures are undefined: column and reason.
    pub reasons: Vec<(String, String)>,
}

/// Columns that are read as figures: the counts, then those in millionths.
pub const COUNTS: &[&str] = &["targeted", "contacted", "responses", "unique_responders", "conversions"];
/// Figures in millionths of a currency or of one.
pub const DECIMALS: &[&str] = &[
    "revenue_gross",
    "revenue_adjustments",
    "revenue",
    "margin",
    "cost",
    "contribution",
    "roas",
    "roi_net",
    "roi_margin",
    "response_rate",
    "conversion_rate_of_responses",
    "cost_per_response",
    "cost_per_acquisition",
    "expected_revenue",
    "expected_responses",
    "budgeted_cost",
    "revenue_vs_expected",
    "cost_vs_budget",
    "break_even_response_rate",
];

/// Reads rows, those that earn most first; months in order.
pub fn read(warehouse: &mut dyn Warehouse, selection: &Selection) -> Result<Vec<Row>, Error> {
    let dialect = warehouse.dialect();
    let (grain, names) = match selection.by {
        By::Part => ("campaign_part", Some(("campaign_part", "campaign_part_id"))),
        By::Campaign => ("campaign", Some(("campaign", "campaign_id"))),
        By::Channel => ("channel", Some(("channel", "channel_id"))),
        By::Segment => ("segment", Some(("segment", "segment_id"))),
        By::Offer => ("offer", Some(("offer", "offer_id"))),
        By::Vendor => ("vendor", Some(("vendor", "vendor_id"))),
        By::Month if selection.campaign.is_some() => ("campaign", None),
        By::Month | By::Total => ("total", None),
    };
    let (name, join) = match names {
        Some((table, id)) => ("n.name", format!("LEFT JOIN {{{table}}} n ON n.{id} = r.grain_key")),
        None => ("NULL", String::new()),
    };
    let mut conditions = vec![format!("r.grain = '{grain}'")];
    let mut parameters: Vec<Value> = Vec::new();
    if selection.by == By::Month {
        conditions.push("r.period <> 'all'".to_owned());
    } else {
        parameters.push(selection.period.as_str().into());
        conditions.push(format!("r.period = ?{}", parameters.len()));
    }
    if let Some(campaign) = &selection.campaign {
        parameters.push(campaign.as_str().into());
        conditions.push(match selection.by {
            By::Part => format!("p.campaign_id = ?{}", parameters.len()),
            _ => format!("r.grain_key = ?{}", parameters.len()),
        });
    }
    let key = if selection.by == By::Month { "r.period" } else { "r.grain_key" };
    let figures: Vec<String> = COUNTS
        .iter()
        .map(|column| format!("r.{column}"))
        .chain(DECIMALS.iter().map(|column| format!("{} AS {column}", dialect.micros(&format!("r.{column}")))))
        .collect();
    let sql = format!(
        "SELECT {key} AS row_key, {name} AS name, c.name AS campaign_name, r.currency_code, r.cost_known, r.pays_for_itself,
             r.null_reasons, {figures}
         FROM {{campaign_roi}} r
         LEFT JOIN {{roi_part}} p ON p.campaign_part_id = r.grain_key
         LEFT JOIN {{campaign}} c ON c.campaign_id = p.campaign_id
         {join}
         WHERE {conditions}
         ORDER BY {order}",
        figures = figures.join(", "),
        conditions = conditions.join(" AND "),
        order = if selection.by == By::Month {
            "r.period"
        } else {
            "CASE WHEN r.grain_key LIKE 'unallocated%' THEN 1 ELSE 0 END, \
             CASE WHEN r.contribution IS NULL THEN 1 ELSE 0 END, r.contribution DESC, r.grain_key"
        },
    );
    let rows = warehouse.query(&with_tables(dialect, &sql), &parameters)?.rows;
    Ok(rows.iter().map(|row| named(row)).collect())
}

fn named(row: &[Value]) -> Row {
    let text = |index: usize| row[index].as_text().unwrap_or_default().to_owned();
    let key = text(0);
    let name = match (key.as_str(), row[1].as_text()) {
        (_, Some(name)) => name.to_owned(),
        ("unallocated", None) => "(unallocated)".to_owned(),
        ("all", None) => "(all)".to_owned(),
        (key, None) => match key.strip_prefix("unallocated:") {
            Some(campaign) => format!("(unallocated, {})", row[2].as_text().unwrap_or(campaign)),
            None => key.to_owned(),
        },
    };
    let figures =
        COUNTS.iter().chain(DECIMALS).zip(&row[7..]).map(|(column, value)| (*column, value.as_integer())).collect();
    let reasons = row[6].as_text().unwrap_or_default();
    Row {
        key,
        name,
        currency_code: text(3),
        figures,
        cost_known: text(4),
        pays_for_itself: text(5),
        reasons: reasons
            .split_whitespace()
            .filter_map(|pair| pair.split_once('='))
            .map(|(column, reason)| (column.to_owned(), reason.to_owned()))
            .collect(),
    }
}
