//! Rows into a table: the hot path.
//!
//! A row is first inserted, doing nothing where its key is there: that is one step for what nearly every row is, a new
//! one. Only where nothing was inserted a second statement updates the row with that key if any column that isn't
//! lineage differs. The two statements take the same parameters.

use arrow_array::RecordBatch;
use campaignd_contract::{Column, ColumnType, Error, Result, RowOutcome, Table, Value};
use rusqlite::Connection;

use crate::columns::{ColumnCells, constant_fits};
use crate::dialect::stored_name;
use crate::error;
use crate::row_statement::{RowError, RowStatement};

const DOING: &str = "write to";

/// Writes `rows` into `table` and pushes one outcome a row. After an error, some of the rows may have been written:
/// the transaction must not be committed.
pub(crate) fn upsert(
    connection: &Connection,
    table: &'static Table,
    rows: &RecordBatch,
    constants: &[(&str, Value)],
    outcomes: &mut Vec<RowOutcome>,
) -> Result<()> {
    let plan = Plan::new(table, rows, constants)?;
    let mut cells = plan.cells(rows)?;
    let values: Vec<&Value> = constants.iter().map(|(_, value)| value).collect();
    let prepare = |sql: &str| {
        RowStatement::new(connection, sql, cells_count(rows), &values)
            .map_err(|wrong| error::classified(connection, DOING, &plan.subject, &wrong))
    };
    let mut insert = prepare(&plan.insert_sql())?;
    let mut update = None;
    outcomes.reserve(rows.num_rows());
    for row in 0..rows.num_rows() {
        let failed = |wrong| plan.row_error(connection, rows, row, wrong);
        if insert.run(&mut cells, row).map_err(failed)? > 0 {
            outcomes.push(RowOutcome::Inserted);
            continue;
        }
        let update = match (&mut update, plan.update_sql()) {
            (Some(update), _) => update,
            (update @ None, Some(sql)) => update.insert(prepare(&sql)?),
            (None, None) => {
                outcomes.push(RowOutcome::Unchanged);
                continue;
            }
        };
        let changed = update.run(&mut cells, row).map_err(failed)?;
        outcomes.push(if changed > 0 { RowOutcome::Updated } else { RowOutcome::Unchanged });
    }
    Ok(())
}

fn cells_count(rows: &RecordBatch) -> usize {
    rows.num_columns()
}

/// The columns given, in the order of the parameters: those of the batch, then the constants.
struct Plan {
    table: &'static Table,
    subject: String,
    columns: Vec<&'static Column>,
}

impl Plan {
    fn new(table: &'static Table, rows: &RecordBatch, constants: &[(&str, Value)]) -> Result<Self> {
        let subject = format!("table `{}`", table.name);
        let wrong = |what: String| Error::permanent(DOING, &subject, what);
        let schema = rows.schema_ref();
        let names = schema.fields().iter().map(|field| field.name().as_str());
        let mut columns: Vec<&'static Column> = Vec::new();
        for name in names.chain(constants.iter().map(|(name, _)| *name)) {
            let column = table.column(name).ok_or_else(|| wrong(format!("it has no column `{name}`")))?;
            if column.kind == ColumnType::Identity {
                return Err(wrong(format!("column `{name}` is numbered by the warehouse and can't be given")));
            }
            if columns.iter().any(|given| given.name == name) {
                return Err(wrong(format!("column `{name}` is given twice")));
            }
            columns.push(column);
        }
        for key in table.key {
            if !columns.iter().any(|given| given.name == *key) {
                return Err(wrong(format!("column `{key}` of its key is not given")));
            }
        }
        for ((name, constant), column) in constants.iter().zip(&columns[rows.num_columns()..]) {
            if !constant_fits(column.kind, constant) {
                return Err(wrong(format!("column `{name}` is {:?} and can't hold {constant:?}", column.kind)));
            }
        }
        Ok(Self { table, subject, columns })
    }

    fn cells<'a>(&self, rows: &'a RecordBatch) -> Result<Vec<ColumnCells<'a>>> {
        self.columns
            .iter()
            .zip(rows.columns())
            .map(|(column, array)| {
                ColumnCells::new(column, array).ok_or_else(|| {
                    let wrong =
                        format!("column `{}` is {:?} and can't hold {}", column.name, column.kind, array.data_type());
                    Error::permanent(DOING, &self.subject, wrong)
                })
            })
            .collect()
    }

    fn insert_sql(&self) -> String {
        format!(
            "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO NOTHING",
            stored_name(self.table),
            self.listed(", ", |_, column| Some(column.name.to_owned())),
            self.listed(", ", |parameter, _| Some(format!("?{parameter}"))),
            self.table.key.join(", "),
        )
    }

    /// `None` where there is nothing to compare: the key says it all.
    fn update_sql(&self) -> Option<String> {
        let differs = self.listed(" OR ", |parameter, column| {
            (!self.is_key(column) && !column.lineage).then(|| format!("{} IS NOT ?{parameter}", column.name))
        });
        if differs.is_empty() {
            return None;
        }
        let assignments = self.listed(", ", |parameter, column| {
            (!self.is_key(column)).then(|| format!("{} = ?{parameter}", column.name))
        });
        let key = self.listed(" AND ", |parameter, column| {
            self.is_key(column).then(|| format!("{} = ?{parameter}", column.name))
        });
        Some(format!("UPDATE {} SET {assignments} WHERE {key} AND ({differs})", stored_name(self.table)))
    }

    fn is_key(&self, column: &Column) -> bool {
        self.table.key.contains(&column.name)
    }

    /// What `piece` makes of each parameter number and column, joined.
    fn listed(&self, separator: &str, piece: impl Fn(usize, &Column) -> Option<String>) -> String {
        let pieces = self.columns.iter().enumerate().filter_map(|(index, column)| piece(index + 1, column));
        pieces.collect::<Vec<_>>().join(separator)
    }

    fn row_error(&self, connection: &Connection, rows: &RecordBatch, row: usize, wrong: RowError) -> Error {
        let subject = format!("row {} of {} for {}", row + 1, rows.num_rows(), self.subject);
        match wrong {
            RowError::Value(index, wrong) => {
                Error::permanent(DOING, subject, format!("column `{}`: {wrong}", self.columns[index].name))
            }
            RowError::Sqlite(wrong) => error::classified(connection, DOING, &subject, &wrong),
        }
    }
}
