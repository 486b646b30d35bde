//! Values of the contract as SQLite's, and back.

use campaignd_contract::{Rows, Value};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Statement, ToSql};

use crate::moment::MomentText;
use crate::row_statement::{Cell, constant_cell};

/// Why a statement couldn't be run or its answer not be read.
pub(crate) enum StatementError {
    /// SQLite refused.
    Sqlite(rusqlite::Error),
    /// A parameter or a value of the answer isn't one of the contract's.
    Value(String),
}

impl From<rusqlite::Error> for StatementError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Binds `?1`, `?2` … to the parameters.
pub(crate) fn bind(statement: &mut Statement<'_>, parameters: &[Value]) -> Result<(), StatementError> {
    let wanted = statement.parameter_count();
    if wanted != parameters.len() {
        return Err(StatementError::Value(format!("it has {wanted} parameters, {} are given", parameters.len())));
    }
    let mut moment = MomentText::new();
    for (index, parameter) in parameters.iter().enumerate() {
        let cell = constant_cell(parameter, &mut moment)
            .map_err(|wrong| StatementError::Value(format!("parameter ?{}: {wrong}", index + 1)))?;
        statement.raw_bind_parameter(index + 1, cell)?;
    }
    Ok(())
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Cell::Null => ValueRef::Null,
            Cell::Integer(number) => ValueRef::Integer(number),
            Cell::Text(text) => ValueRef::Text(text.as_bytes()),
            Cell::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// All rows of a statement whose parameters are bound.
pub(crate) fn rows(statement: &mut Statement<'_>) -> Result<Rows, StatementError> {
    let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    let mut rows = Vec::new();
    let mut answer = statement.raw_query();
    while let Some(row) = answer.next()? {
        let values = columns.iter().enumerate().map(|(index, name)| value(row.get_ref(index)?, name));
        rows.push(values.collect::<Result<_, _>>()?);
    }
    Ok(Rows { columns, rows })
}

fn value(stored: ValueRef<'_>, column: &str) -> Result<Value, StatementError> {
    Ok(match stored {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Text(text) => Value::Text(
            std::str::from_utf8(text)
                .map_err(|_| StatementError::Value(format!("the text in column `{column}` is not UTF-8")))?
                .to_owned(),
        ),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        ValueRef::Real(number) => {
            return Err(StatementError::Value(format!(
                "column `{column}` of the answer holds the floating-point number {number}: read decimals from the \
                 stored relation, as whole millionths"
            )));
        }
    })
}
