//! The totals of `[control]`: sums over all rows of a file, exact however many there are.

use std::fmt;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int64Type};
use arrow_schema::DataType;
use datafusion_sql::sqlparser::ast::{Expr, FunctionArg, FunctionArgExpr, FunctionArguments};

use super::evaluate::evaluate;
use super::mask;
use super::output::{RejectedRow, kept, row_text};
use super::parse::syntax;
use super::plan::{Locality, Planned, Planner};
use super::problem::{Mistake, Problem};
use super::types::{article, written};
use super::{MappingError, arrange, locality};
use crate::settings;

/// Totals that add up over the batches of a file.
#[derive(Debug)]
pub struct Sums {
    columns: Vec<String>,
    totals: Vec<Running>,
}

#[derive(Debug)]
struct Running {
    key: String,
    what: What,
    units: i128,
}

#[derive(Debug)]
enum What {
    /// `count(*)`.
    Rows,
    /// `count(…)`: rows for which it has a value.
    Values(Planned),
    /// `sum(…)`.
    Sum(Planned, DataType),
}

/// A total: `units` divided by ten to the power of `scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// Units of its last decimal place.
    pub units: i128,
    /// Decimal places.
    pub scale: u8,
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", self.units.unsigned_abs(), width = usize::from(self.scale) + 1);
        let (whole, fraction) = digits.split_at(digits.len() - usize::from(self.scale));
        let fraction = fraction.trim_end_matches('0');
        if fraction.is_empty() { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{fraction}") }
    }
}

impl Sums {
    /// Compiles the keys of `[control] sums` and `hash_totals`: `sum(…)` of whole numbers or decimals, or `count(*)`.
    /// Without the source's columns, only what can be said without them is checked.
    pub fn compile<'a>(
        keys: impl IntoIterator<Item = &'a str>,
        columns: Option<&[String]>,
        mapping: &settings::Mapping,
    ) -> Result<Self, Vec<Problem>> {
        // A bad zone or region is reported once, with the outputs.
        let locality = locality(mapping).unwrap_or_else(|_| Locality::utc());
        let mut problems = Vec::new();
        let mut totals = Vec::new();
        let planner = Planner::new(columns, locality).map_err(|mistake| vec![mistake.of_control("")])?;
        for key in keys {
            match compile_total(key, &planner) {
                Ok(what) => totals.push(Running { key: key.to_owned(), what, units: 0 }),
                Err(mistakes) => problems.extend(mistakes.into_iter().map(|mistake| mistake.of_control(key))),
            }
        }
        let columns = columns.unwrap_or_default().to_vec();
        if problems.is_empty() { Ok(Self { columns, totals }) } else { Err(problems) }
    }

    /// Adds the rows of a batch. A value that can't be worked out counts as nothing and is told, its key as the field.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<Vec<RejectedRow>, MappingError> {
        let batch = arrange(batch, &self.columns)?;
        let mut problems = Vec::new();
        for running in &mut self.totals {
            let (planned, data_type) = match &running.what {
                What::Rows => {
                    running.units += batch.num_rows() as i128;
                    continue;
                }
                What::Values(planned) => (planned, None),
                What::Sum(planned, data_type) => (planned, Some(data_type)),
            };
            let boolean = DataType::Boolean;
            let evaluated = evaluate(planned.physical.as_ref(), &batch, data_type.unwrap_or(&boolean))?;
            let sum = match data_type {
                None => Some(evaluated.values.as_boolean().true_count() as i128),
                Some(DataType::Int64) => {
                    Some(evaluated.values.as_primitive::<Int64Type>().iter().flatten().map(i128::from).sum())
                }
                Some(_) => {
                    let mut decimals = evaluated.values.as_primitive::<Decimal128Type>().iter().flatten();
                    decimals.try_fold(0_i128, i128::checked_add)
                }
            };
            running.units = sum
                .and_then(|sum| running.units.checked_add(sum))
                .ok_or_else(|| MappingError::TotalTooBig { key: running.key.clone() })?;
            for (row, refusal) in evaluated.failures {
                let text = if refusal.text.is_empty() { row_text(&batch, &planned.columns, row) } else { refusal.text };
                let text = kept(&mask::identifying(&text));
                problems.push(RejectedRow {
                    row,
                    field: running.key.clone(),
                    code: refusal.code,
                    text,
                    reason: refusal.reason,
                });
            }
        }
        Ok(problems)
    }

    /// The totals so far, by their keys.
    pub fn totals(&self) -> Vec<(&str, Total)> {
        let total = |running: &Running| {
            let scale = match &running.what {
                What::Sum(_, DataType::Decimal128(_, scale)) => u8::try_from(*scale).unwrap_or(0),
                _ => 0,
            };
            Total { units: running.units, scale }
        };
        self.totals.iter().map(|running| (running.key.as_str(), total(running))).collect()
    }
}

fn compile_total(key: &str, planner: &Planner) -> Result<What, Vec<Mistake>> {
    const HELP: &str = "write sum(money(amount)), sum(cast(account as bigint)) or count(*)";
    let tree = syntax(key).map_err(|mistake| vec![mistake])?;
    let not_a_total = || vec![Mistake::new("a total of [control] is one sum or count over the source's columns", HELP)];
    let Expr::Function(function) = &tree else { return Err(not_a_total()) };
    let FunctionArguments::List(list) = &function.args else { return Err(not_a_total()) };
    let plain = function.over.is_none()
        && function.filter.is_none()
        && list.duplicate_treatment.is_none()
        && list.clauses.is_empty();
    let ([FunctionArg::Unnamed(argument)], true) = (list.args.as_slice(), plain) else { return Err(not_a_total()) };
    match (function.name.to_string().to_lowercase().as_str(), argument) {
        ("count", FunctionArgExpr::Wildcard) => Ok(What::Rows),
        ("count", FunctionArgExpr::Expr(inner)) => {
            Ok(What::Values(planner.plan(&format!("({inner}) is not null"), None)?))
        }
        ("sum", FunctionArgExpr::Expr(inner)) => {
            let inner = inner.to_string();
            let summed = planner.plan(&inner, None)?;
            let data_type = match &summed.data_type {
                found @ DataType::Decimal128(..) => found.clone(),
                other if other.is_integer() && *other != DataType::UInt64 => DataType::Int64,
                other => {
                    let written = written(&summed.logical);
                    let help = format!("write sum(money({written})) or sum(cast({written} as bigint))");
                    return Err(vec![Mistake::new(
                        format!("a sum adds numbers up exactly, and this is {}", article(other)),
                        help,
                    )]);
                }
            };
            Ok(What::Sum(planner.plan(&inner, Some(&data_type))?, data_type))
        }
        _ => Err(not_a_total()),
    }
}
