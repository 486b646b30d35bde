//! `campaignd roi`: does each part of each campaign pay for itself?

use std::path::Path;
use std::process::ExitCode;

use campaignd_contract::{Error, Warehouse};

use super::exit::{Exit, Failure, end};
use super::listing::{Cell, Column, Format, FormatArgument, Listing, Tone};
use super::opening;
use crate::roi::metrics::METRICS;
use crate::roi::report::{self, By, COUNTS, DECIMALS, Row, Selection};
use crate::roi::unallocated;

/// Show what each campaign part brought and cost, and whether it pays for itself.
///
/// The figures are those of the last run; nothing is worked out again. A dash stands for a figure that is undefined,
/// and the reason is given below the table. CSV and JSON give every figure in full, with its reason in `null_reasons`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What a row is about.
    #[arg(long, value_enum, default_value_t = RowsBy::Part)]
    pub by: RowsBy,
    /// Only the parts or months of this campaign, by its `campaign_id`.
    #[arg(long, value_name = "CAMPAIGN")]
    pub campaign: Option<String>,
    /// A month, as YYYY-MM, or `all`.
    #[arg(long, value_name = "PERIOD", default_value = "all", value_parser = period)]
    pub period: String,
    /// All figures, not only those that fit a terminal.
    #[arg(long)]
    pub all_figures: bool,
    /// Say what a metric is instead, or all of them: `--explain roi_net`, `--explain all`.
    #[arg(long, value_name = "METRIC", conflicts_with_all = ["by", "campaign", "period", "all_figures"])]
    pub explain: Option<String>,
    /// How to print it.
    #[command(flatten)]
    pub format: FormatArgument,
}

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum RowsBy {
    /// Campaign parts.
    Part,
    /// Campaigns.
    Campaign,
    /// Channels.
    Channel,
    /// Segments.
    Segment,
    /// Offers.
    Offer,
    /// Vendors.
    Vendor,
    /// Months.
    Month,
    /// All of it in one row.
    Total,
}

impl From<RowsBy> for By {
    fn from(by: RowsBy) -> Self {
        match by {
            RowsBy::Part => Self::Part,
            RowsBy::Campaign => Self::Campaign,
            RowsBy::Channel => Self::Channel,
            RowsBy::Segment => Self::Segment,
            RowsBy::Offer => Self::Offer,
            RowsBy::Vendor => Self::Vendor,
            RowsBy::Month => Self::Month,
            RowsBy::Total => Self::Total,
        }
    }
}

fn period(text: &str) -> Result<String, String> {
    let month = |text: &str| format!("{text}-01").parse::<jiff::civil::Date>().is_ok() && text.len() == 7;
    if text == "all" || month(text) { Ok(text.to_owned()) } else { Err("give a month as YYYY-MM, or `all`".to_owned()) }
}

/// Prints the rows asked for.
pub fn run(arguments: &Arguments, settings: &Path) -> ExitCode {
    end(printed(arguments, settings))
}

fn printed(arguments: &Arguments, settings: &Path) -> Result<Exit, Failure> {
    let format = arguments.format.format;
    let listing = if let Some(metric) = &arguments.explain {
        explain(metric)?
    } else {
        let (_, mut warehouse) = opening::current_warehouse(settings)?;
        table(arguments, warehouse.as_mut(), format == Format::Table)?
    };
    listing.print(format)?;
    Ok(Exit::Done)
}

/// What stands for a figure that is undefined.
const UNDEFINED: &str = "–";

/// The rows asked for. `for_people`: rounded, with dashes and notes; otherwise every figure in full, and empty where it
/// is undefined, with `null_reasons` in a column of its own.
pub fn table(arguments: &Arguments, warehouse: &mut dyn Warehouse, for_people: bool) -> Result<Listing, Failure> {
    if arguments.campaign.is_some() && !matches!(arguments.by, RowsBy::Part | RowsBy::Month) {
        return Err(Failure::Asked(
            Error::permanent("show", "the ROI of one campaign", "its figures are kept by part and by month")
                .next("leave out --campaign, or use --by part or --by month"),
        ));
    }
    let selection =
        Selection { by: arguments.by.into(), campaign: arguments.campaign.clone(), period: arguments.period.clone() };
    let rows = report::read(warehouse, &selection)?;
    let what = match arguments.by {
        RowsBy::Part => "campaign part",
        RowsBy::Campaign => "campaign",
        RowsBy::Channel => "channel",
        RowsBy::Segment => "segment",
        RowsBy::Offer => "offer",
        RowsBy::Vendor => "vendor",
        RowsBy::Month => "month",
        RowsBy::Total => "total",
    };
    if !for_people {
        return Ok(in_full(&rows));
    }
    let figures: Vec<&'static str> = if arguments.all_figures {
        COUNTS.iter().chain(DECIMALS).copied().collect()
    } else {
        vec!["responses", "conversions", "revenue", "cost", "contribution", "roi_net"]
    };
    let currency = rows.first().map(|row| row.currency_code.clone()).unwrap_or_default();
    let mut columns = vec![Column::text(what)];
    columns.extend(figures.iter().map(|figure| Column::number(heading(figure, &currency))));
    columns.push(Column::text("pays for itself"));
    let cells = rows
        .iter()
        .map(|row| {
            let mut cells = vec![Cell::from(row.name.as_str())];
            cells
                .extend(figures.iter().map(|figure| Cell::from(row.figures[figure].map(|value| shown(figure, value)))));
            cells.push(verdict(&row.pays_for_itself));
            cells
        })
        .collect();
    let mut notes = reasons(&rows, &figures);
    if let Some(partly) = partly_known(&rows) {
        notes.push(partly);
    }
    for (kind, reason, facts) in unallocated(warehouse)? {
        notes.push(match reason.as_str() {
            "test" => format!("test {kind}, which count for nothing: {facts}"),
            _ => format!("{kind} that no part claims: {facts}, {}", meaning(&reason)),
        });
    }
    Ok(Listing { columns, rows: cells, notes })
}

fn verdict(pays_for_itself: &str) -> Cell {
    match pays_for_itself {
        "yes" => Cell::Toned("yes".to_owned(), Tone::Good),
        "no" => Cell::Toned("no".to_owned(), Tone::Bad),
        other => other.into(),
    }
}

fn explain(metric: &str) -> Result<Listing, Failure> {
    let rows: Vec<Vec<Cell>> = METRICS
        .iter()
        .filter(|declared| metric == "all" || declared.id == metric)
        .map(|declared| {
            vec![declared.id.into(), u64::from(declared.version).into(), declared.unit.into(), declared.formula.into()]
        })
        .collect();
    if rows.is_empty() {
        let known: Vec<&str> = METRICS.iter().map(|declared| declared.id).collect();
        return Err(Failure::Asked(
            Error::permanent("explain", format!("`{metric}`"), "there is no such metric")
                .next(format!("there are {}", known.join(", "))),
        ));
    }
    let columns =
        vec![Column::text("metric"), Column::number("version"), Column::text("unit"), Column::text("formula")];
    Ok(Listing { columns, rows, notes: Vec::new() })
}

/// Every figure, exactly.
fn in_full(rows: &[Row]) -> Listing {
    let mut columns: Vec<Column> = ["key", "name", "currency_code"].map(Column::text).to_vec();
    columns.extend(COUNTS.iter().chain(DECIMALS).map(|&figure| Column::number(figure)));
    columns.extend(["cost_known", "pays_for_itself", "null_reasons"].map(Column::text));
    let rows = rows
        .iter()
        .map(|row| {
            let mut cells: Vec<Cell> =
                vec![row.key.as_str().into(), row.name.as_str().into(), row.currency_code.as_str().into()];
            cells.extend(COUNTS.iter().map(|figure| Cell::from(row.figures[figure])));
            cells.extend(DECIMALS.iter().map(|figure| row.figures[figure].map_or(Cell::Null, Cell::decimal)));
            let reasons: Vec<String> =
                row.reasons.iter().map(|(figure, reason)| format!("{figure}={reason}")).collect();
            cells.extend([
                row.cost_known.as_str().into(),
                row.pays_for_itself.as_str().into(),
                reasons.join(" ").into(),
            ]);
            cells
        })
        .collect();
    Listing { columns, rows, notes: Vec::new() }
}

fn is_share(figure: &str) -> bool {
    figure.starts_with("roi_") || figure.contains("_rate")
}

fn is_money(figure: &str) -> bool {
    DECIMALS.contains(&figure) && !is_share(figure) && figure != "roas" && figure != "expected_responses"
}

fn heading(figure: &str, currency: &str) -> String {
    let name = figure.replace('_', " ");
    if is_money(figure) && !currency.is_empty() {
        format!("{name} {currency}")
    } else if is_share(figure) {
        format!("{name} %")
    } else {
        name
    }
}

/// A figure for people.
fn shown(figure: &str, value: i64) -> String {
    if COUNTS.contains(&figure) {
        grouped(&value.to_string())
    } else if is_share(figure) {
        // Shares are printed in percent: a hundred times as many millionths.
        grouped(&decimal(value.saturating_mul(100), 1))
    } else {
        grouped(&decimal(value, 2))
    }
}

/// Millionths as a decimal of so many digits after the point, half away from zero.
fn decimal(micros: i64, digits: u32) -> String {
    let unit = 10_u64.pow(6 - digits);
    let rounded = (micros.unsigned_abs() + unit / 2) / unit;
    let sign = if micros < 0 && rounded > 0 { "-" } else { "" };
    let one = 10_u64.pow(digits);
    format!("{sign}{}.{:0width$}", rounded / one, rounded % one, width = digits as usize)
}

/// Thousands set apart by commas.
fn grouped(number: &str) -> String {
    let (whole, fraction) = number.split_once('.').map_or((number, None), |(whole, fraction)| (whole, Some(fraction)));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut grouped = String::from(sign);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if let Some(fraction) = fraction {
        grouped.push('.');
        grouped.push_str(fraction);
    }
    grouped
}

/// One line a reason: which rows lack figures for it.
fn reasons(rows: &[Row], figures: &[&str]) -> Vec<String> {
    let mut by_reason: Vec<(String, Vec<&str>)> = Vec::new();
    for row in rows {
        for (figure, reason) in &row.reasons {
            if !figures.contains(&figure.as_str()) {
                continue;
            }
            let position = by_reason.iter().position(|(known, _)| known == reason).unwrap_or_else(|| {
                by_reason.push((reason.clone(), Vec::new()));
                by_reason.len() - 1
            });
            if by_reason[position].1.last() != Some(&row.name.as_str()) {
                by_reason[position].1.push(&row.name);
            }
        }
    }
    by_reason.iter().map(|(reason, names)| format!("{UNDEFINED} {}: {}", meaning(reason), names.join(", "))).collect()
}

fn partly_known(rows: &[Row]) -> Option<String> {
    let names: Vec<&str> = rows.iter().filter(|row| row.cost_known == "partly").map(|row| row.name.as_str()).collect();
    (!names.is_empty())
        .then(|| format!("the cost of some parts is unknown, so that true cost is higher: {}", names.join(", ")))
}

/// A reason in words.
fn meaning(reason: &str) -> &str {
    match reason {
        "cost_unknown" => "its cost is unknown",
        "zero_cost" => "it cost nothing",
        "no_fx_rate" => "an amount has no exchange rate of its date",
        "zero_denominator" => "there is nothing to divide by",
        "targeted_unknown" => "nobody knows how many were targeted",
        "plan_has_no_months" => "plans have no months",
        "no_plan" => "the plan says nothing",
        "no_margin" => "it has no margin to break even with",
        "no_code" => "they name neither part nor code",
        "unknown_code" => "their code is not in code_map",
        "outside_validity" => "their code belonged to no part then",
        "ambiguous" => "their code belonged to several parts then",
        "unknown_part" => "their part is not in campaign_part",
        "campaign_only" => "they name a campaign and no part",
        "unknown_campaign" => "their campaign is not in campaign",
        "unknown_response" => "the response they came from is not in campaign_response",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_for_people() {
        assert_eq!(shown("revenue", 1_234_567_895_000), "1,234,567.90");
        assert_eq!(shown("contribution", -999_999_995_000), "-1,000,000.00");
        assert_eq!(shown("roi_net", -453_274), "-45.3");
        assert_eq!(shown("responses", 1_000), "1,000");
        assert_eq!(decimal(-4, 2), "0.00");
        assert_eq!(decimal(i64::MIN, 6), "-9223372036854.775808");
        assert_eq!(heading("roi_net", "USD"), "roi net %");
        assert_eq!(heading("cost_per_response", "USD"), "cost per response USD");
    }

    #[test]
    fn a_period_is_a_month_or_all() {
        assert!(period("2025-12").is_ok() && period("all").is_ok());
        assert_eq!(period("2025-13"), Err("give a month as YYYY-MM, or `all`".to_owned()));
        assert!(period("2025-1").is_err());
    }

    #[test]
    fn metrics_explain_themselves() {
        let explained = explain("roi_net").unwrap();
        let row: Vec<Cell> = vec!["roi_net".into(), 1_u64.into(), "ratio".into(), "(revenue - cost) ÷ cost".into()];
        assert_eq!(explained.rows, [row]);
        assert_eq!(explain("all").unwrap().rows.len(), METRICS.len());
        let wrong = explain("roi").unwrap_err().to_string();
        assert!(wrong.starts_with("could not explain `roi`: there is no such metric; there are targeted, "), "{wrong}");
    }
}
