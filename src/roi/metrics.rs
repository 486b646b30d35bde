//! The metrics, declared as data: id, version, formula in words and as SQL, and when they are undefined.
//!
//! A metric's SQL sees the sums of a row and the metrics of the levels before its own. Undefined is NULL with a
//! reason, never 0.

use campaignd_contract::Dialect;

/// A metric.
pub struct Metric {
    /// Its id, and its column in `campaign_roi`.
    pub id: &'static str,
    /// Its version: another formula under the same id is a new one.
    pub version: u32,
    /// Its formula, in words.
    pub formula: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// When it is undefined: a condition and the reason, the first that holds.
    undefined: &'static [(&'static str, &'static str)],
    /// Its formula over sums and earlier metrics.
    sql: Sql,
    /// 1: over sums alone; 2, 3: over metrics of lower levels too.
    level: u8,
}

/// A formula as SQL.
enum Sql {
    /// The same on every engine.
    Plain(&'static str),
    /// One figure divided by another of its kind.
    Quotient(&'static str, &'static str),
    /// A decimal divided by a count.
    PerCount(&'static str, &'static str),
    /// A count divided by a count.
    ShareOfCount(&'static str, &'static str),
    /// `cost ÷ margin × unique_responders ÷ targeted`.
    BreakEven,
}

const NO_RATE: (&str, &str) = ("unpriced_conversions > 0", "'no_fx_rate'");
const REVENUE: (&str, &str) = ("revenue IS NULL", "revenue_reason");
const MARGIN: (&str, &str) = ("margin IS NULL", "margin_reason");
const COST: (&str, &str) = ("cost IS NULL", "cost_reason");
const ZERO_COST: (&str, &str) = ("cost = 0", "'zero_cost'");
const BY_MONTH: (&str, &str) = ("period <> 'all'", "'plan_has_no_months'");
const TARGETED: (&str, &str) = ("targeted IS NULL", "targeted_reason");
const NOBODY: (&str, &str) = ("targeted = 0", "'zero_denominator'");

/// All metrics, in the order of their columns.
pub static METRICS: &[Metric] = &[
    Metric {
        id: "targeted",
        version: 1,
        formula: "members of the treatment arm, or the number declared where there are none",
        unit: "people",
        undefined: &[BY_MONTH, ("targeted_sum IS NULL", "'targeted_unknown'")],
        sql: Sql::Plain("targeted_sum"),
        level: 1,
    },
    Metric {
        id: "revenue_gross",
        version: 1,
        formula: "amounts of the conversions credited, in the month of the conversion",
        unit: "money",
        undefined: &[NO_RATE],
        sql: Sql::Plain("revenue_gross_sum"),
        level: 1,
    },
    Metric {
        id: "revenue_adjustments",
        version: 1,
        formula: "what retractions and restatements changed these amounts by, in the month of the conversion",
        unit: "money",
        undefined: &[NO_RATE],
        sql: Sql::Plain("revenue_adjustments_sum"),
        level: 1,
    },
    Metric {
        id: "revenue",
        version: 1,
        formula: "revenue_gross + revenue_adjustments",
        unit: "money",
        undefined: &[NO_RATE],
        sql: Sql::Plain("revenue_gross_sum + revenue_adjustments_sum"),
        level: 1,
    },
    Metric {
        id: "margin",
        version: 1,
        formula: "revenue × margin rate of the conversion, else of the offer, else of the settings",
        unit: "money",
        undefined: &[NO_RATE],
        sql: Sql::Plain("margin_sum"),
        level: 1,
    },
    Metric {
        id: "cost",
        version: 1,
        formula: "actual costs, spread evenly over their days",
        unit: "money",
        undefined: &[("cost_rows = 0", "'cost_unknown'"), ("unpriced_costs > 0", "'no_fx_rate'")],
        sql: Sql::Plain("cost_sum"),
        level: 1,
    },
    Metric {
        id: "contribution",
        version: 1,
        formula: "margin - cost",
        unit: "money",
        undefined: &[MARGIN, COST],
        sql: Sql::Plain("margin - cost"),
        level: 2,
    },
    Metric {
        id: "roas",
        version: 1,
        formula: "revenue ÷ cost",
        unit: "ratio",
        undefined: &[REVENUE, COST, ZERO_COST],
        sql: Sql::Quotient("revenue", "cost"),
        level: 2,
    },
    Metric {
        id: "roi_net",
        version: 1,
        formula: "(revenue - cost) ÷ cost",
        unit: "ratio",
        undefined: &[REVENUE, COST, ZERO_COST],
        sql: Sql::Quotient("revenue - cost", "cost"),
        level: 2,
    },
    Metric {
        id: "roi_margin",
        version: 1,
        formula: "contribution ÷ cost",
        unit: "ratio",
        undefined: &[MARGIN, COST, ZERO_COST],
        sql: Sql::Quotient("margin - cost", "cost"),
        level: 2,
    },
    Metric {
        id: "response_rate",
        version: 1,
        formula: "unique_responders ÷ targeted",
        unit: "share",
        undefined: &[TARGETED, NOBODY],
        sql: Sql::ShareOfCount("unique_responders", "targeted"),
        level: 2,
    },
    Metric {
        id: "conversion_rate_of_responses",
        version: 1,
        formula: "conversions ÷ responses",
        unit: "share",
        undefined: &[("responses = 0", "'zero_denominator'")],
        sql: Sql::ShareOfCount("conversions", "responses"),
        level: 2,
    },
    Metric {
        id: "cost_per_response",
        version: 1,
        formula: "cost ÷ responses",
        unit: "money",
        undefined: &[COST, ("responses = 0", "'zero_denominator'")],
        sql: Sql::PerCount("cost", "responses"),
        level: 2,
    },
    Metric {
        id: "cost_per_acquisition",
        version: 1,
        formula: "cost ÷ conversions",
        unit: "money",
        undefined: &[COST, ("conversions = 0", "'zero_denominator'")],
        sql: Sql::PerCount("cost", "conversions"),
        level: 2,
    },
    Metric {
        id: "expected_revenue",
        version: 1,
        formula: "expected revenue of the plan",
        unit: "money",
        undefined: &[BY_MONTH, ("expected_revenue_sum IS NULL", "'no_plan'")],
        sql: Sql::Plain("expected_revenue_sum"),
        level: 1,
    },
    Metric {
        id: "expected_responses",
        version: 1,
        formula: "targeted × expected response rate of the plan",
        unit: "responses",
        undefined: &[BY_MONTH, ("expected_responses_sum IS NULL", "'no_plan'")],
        sql: Sql::Plain("expected_responses_sum"),
        level: 1,
    },
    Metric {
        id: "budgeted_cost",
        version: 1,
        formula: "budgeted cost of the plan",
        unit: "money",
        undefined: &[BY_MONTH, ("budgeted_cost_sum IS NULL", "'no_plan'")],
        sql: Sql::Plain("budgeted_cost_sum"),
        level: 1,
    },
    Metric {
        id: "revenue_vs_expected",
        version: 1,
        formula: "revenue - expected_revenue",
        unit: "money",
        undefined: &[("expected_revenue IS NULL", "expected_revenue_reason"), REVENUE],
        sql: Sql::Plain("revenue - expected_revenue"),
        level: 2,
    },
    Metric {
        id: "cost_vs_budget",
        version: 1,
        formula: "cost - budgeted_cost",
        unit: "money",
        undefined: &[("budgeted_cost IS NULL", "budgeted_cost_reason"), COST],
        sql: Sql::Plain("cost - budgeted_cost"),
        level: 2,
    },
    Metric {
        id: "break_even_response_rate",
        version: 1,
        formula: "(cost ÷ targeted) ÷ (margin ÷ unique_responders): the response rate at which margin equals cost",
        unit: "share",
        undefined: &[
            TARGETED,
            NOBODY,
            COST,
            MARGIN,
            ("unique_responders = 0", "'zero_denominator'"),
            ("margin <= 0", "'no_margin'"),
        ],
        sql: Sql::BreakEven,
        level: 2,
    },
    Metric {
        id: "pays_for_itself",
        version: 1,
        formula: "yes where contribution >= 0, no where it is below, undecided where it is undefined, or where it is \
                  positive but the cost of some parts is unknown",
        unit: "yes, no, undecided",
        undefined: &[],
        sql: Sql::Plain(
            "CASE WHEN contribution IS NULL THEN 'undecided' WHEN contribution < 0 THEN 'no'
                 WHEN cost_known = 'partly' THEN 'undecided' ELSE 'yes' END",
        ),
        level: 3,
    },
];

/// Levels there are.
const LEVELS: u8 = 3;

impl Metric {
    fn value(&self, dialect: &dyn Dialect) -> String {
        let formula = match self.sql {
            Sql::Plain(sql) => sql.to_owned(),
            Sql::Quotient(a, b) => dialect.quotient(a, b),
            Sql::PerCount(a, count) => dialect.quotient(a, &dialect.decimal_of(count)),
            Sql::ShareOfCount(a, b) => dialect.quotient(&dialect.decimal_of(a), &dialect.decimal_of(b)),
            Sql::BreakEven => {
                let for_each = format!("{} * unique_responders", dialect.quotient("cost", "margin"));
                dialect.quotient(&for_each, &dialect.decimal_of("targeted"))
            }
        };
        self.cases("NULL", &formula)
    }

    /// NULL where the metric is defined.
    fn reason(&self) -> String {
        if self.undefined.is_empty() { "NULL".to_owned() } else { self.cases("", "NULL") }
    }

    /// `otherwise`, or where a rule holds, `undefined`, or its reason where that is empty.
    fn cases(&self, undefined: &str, otherwise: &str) -> String {
        if self.undefined.is_empty() {
            return otherwise.to_owned();
        }
        let cases: Vec<String> = self
            .undefined
            .iter()
            .map(|(condition, reason)| {
                format!("WHEN {condition} THEN {}", if undefined.is_empty() { reason } else { undefined })
            })
            .collect();
        format!("CASE {} ELSE {otherwise} END", cases.join(" "))
    }
}

/// Wraps a query of sums in one that has all metrics besides, and `null_reasons`.
pub(super) fn over(dialect: &dyn Dialect, sums: &str) -> String {
    let mut query = sums.to_owned();
    for level in 1..=LEVELS {
        let columns: Vec<String> = METRICS
            .iter()
            .filter(|metric| metric.level == level)
            .map(|metric| {
                format!("{} AS {id}, {} AS {id}_reason", metric.value(dialect), metric.reason(), id = metric.id)
            })
            .collect();
        query = format!("SELECT level_{level}.*, {} FROM ({query}) level_{level}", columns.join(",\n "));
    }
    let reasons: Vec<String> = METRICS
        .iter()
        .filter(|metric| !metric.undefined.is_empty())
        .map(|metric| {
            format!("CASE WHEN {id}_reason IS NULL THEN '' ELSE CONCAT(' {id}=', {id}_reason) END", id = metric.id)
        })
        .collect();
    format!("SELECT metric.*, LTRIM(CONCAT({})) AS null_reasons FROM ({query}) metric", reasons.join(",\n "))
}

/// The metric of that id.
pub fn metric(id: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::results::CAMPAIGN_ROI;

    #[test]
    fn every_metric_has_a_column_and_a_formula() {
        for metric in METRICS {
            assert!(CAMPAIGN_ROI.column(metric.id).is_some(), "{}", metric.id);
            assert!(!metric.formula.is_empty() && metric.version > 0, "{}", metric.id);
            let required = CAMPAIGN_ROI.column(metric.id).unwrap().required;
            assert_eq!(
                required,
                metric.undefined.is_empty(),
                "{} can be undefined and its column can't, or the other way",
                metric.id
            );
        }
    }
}
