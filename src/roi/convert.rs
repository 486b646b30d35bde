//! Amounts in the currency that ROI is kept in, at the rate of their date.

use super::statement::Session;

/// Joins the rate that holds on `date` as `alias`. No row where the currency is ROI's own or no rate is known.
pub(super) fn rate_join(session: &Session<'_>, alias: &str, currency: &str, date: &str) -> String {
    format!(
        "LEFT JOIN (SELECT from_currency, rate_date, rate, rate_units,
                 LEAD(rate_date) OVER (PARTITION BY from_currency ORDER BY rate_date) AS next_date
             FROM {{fx_rate}} WHERE to_currency = {base}) {alias}
             ON {alias}.from_currency = {currency} AND {alias}.rate_date <= {date}
                 AND ({alias}.next_date IS NULL OR {alias}.next_date > {date})",
        base = session.currency,
    )
}

/// `amount` in ROI's currency; NULL where no rate is known. A currency of NULL is taken for ROI's own: plans have it so.
pub(super) fn amount(session: &Session<'_>, amount: &str, currency: &str, alias: &str) -> String {
    let dialect = session.dialect;
    let converted = dialect.quotient(
        &dialect.product(amount, &format!("{alias}.rate")),
        &dialect.decimal_of(&format!("COALESCE({alias}.rate_units, 1)")),
    );
    format!(
        "CASE WHEN COALESCE({currency}, {base}) = {base} THEN {amount} ELSE {converted} END",
        base = session.currency
    )
}
