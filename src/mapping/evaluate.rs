//! Runs an expression over a batch: all rows at once, and where that fails, over smaller and smaller parts of it, until
//! each failing row stands alone with its reason. So SQL's laziness holds for every row (`case when … then cast(…)`
//! only casts where it must), and clean input pays nothing for it.

use arrow_array::{Array, ArrayRef, RecordBatch, new_null_array};
use arrow_schema::DataType;
use datafusion_common::DataFusionError;
use datafusion_expr::ColumnarValue;
use datafusion_physical_expr::PhysicalExpr;

use super::MappingError;
use super::refusal::Refusal;

/// Rows below which a failing part is run row by row: splitting further would run the clean half again and again.
const ROW_BY_ROW: usize = 16;

/// The values of an expression.
pub(super) struct Evaluated {
    /// One value a row, NULL for rows that failed.
    pub values: ArrayRef,
    /// The rows that failed, in order, and why.
    pub failures: Vec<(u32, Refusal)>,
}

/// Runs an expression whose values are of that type.
pub(super) fn evaluate(
    expression: &dyn PhysicalExpr,
    batch: &RecordBatch,
    data_type: &DataType,
) -> Result<Evaluated, MappingError> {
    let mut run = Run { expression, batch, data_type, pieces: Vec::new(), failures: Vec::new() };
    if batch.num_rows() == 0 {
        return Ok(Evaluated { values: new_null_array(data_type, 0), failures: run.failures });
    }
    run.part(0, batch.num_rows())?;
    let values = match run.pieces.as_slice() {
        [whole] => whole.clone(),
        pieces => {
            let pieces: Vec<&dyn Array> = pieces.iter().map(AsRef::as_ref).collect();
            arrow_select::concat::concat(&pieces)?
        }
    };
    Ok(Evaluated { values, failures: run.failures })
}

struct Run<'a> {
    expression: &'a dyn PhysicalExpr,
    batch: &'a RecordBatch,
    data_type: &'a DataType,
    pieces: Vec<ArrayRef>,
    failures: Vec<(u32, Refusal)>,
}

impl Run<'_> {
    fn part(&mut self, from: usize, rows: usize) -> Result<(), MappingError> {
        match self.try_part(from, rows) {
            Ok(values) => self.pieces.push(values),
            Err(error) if rows == 1 => {
                let row = u32::try_from(from).map_err(|_| MappingError::TooManyRows)?;
                self.failures.push((row, Refusal::of(&error)));
                self.pieces.push(new_null_array(self.data_type, 1));
            }
            Err(_) if rows <= ROW_BY_ROW => {
                for row in from..from + rows {
                    self.part(row, 1)?;
                }
            }
            Err(_) => {
                let half = rows / 2;
                self.part(from, half)?;
                self.part(from + half, rows - half)?;
            }
        }
        Ok(())
    }

    fn try_part(&self, from: usize, rows: usize) -> Result<ArrayRef, DataFusionError> {
        let value = if rows == self.batch.num_rows() {
            self.expression.evaluate(self.batch)?
        } else {
            self.expression.evaluate(&self.batch.slice(from, rows))?
        };
        match value {
            ColumnarValue::Array(values) if values.data_type() == self.data_type => Ok(values),
            value => {
                let values = value.into_array(rows)?;
                if values.data_type() == self.data_type {
                    Ok(values)
                } else {
                    let strict = arrow_cast::CastOptions { safe: false, ..arrow_cast::CastOptions::default() };
                    Ok(arrow_cast::cast_with_options(&values, self.data_type, &strict)?)
                }
            }
        }
    }
}
