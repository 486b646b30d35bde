//! Runs SQL in the warehouse. A statement names tables as `{table}`, the relation to calculate with.

use campaignd_contract::{Dialect, Error, Rows, Transaction, Value};

use crate::model;

/// A transaction, and how to speak to it.
pub(super) struct Session<'a> {
    transaction: &'a mut dyn Transaction,
    /// How its SQL differs.
    pub dialect: &'static dyn Dialect,
    /// ISO 4217 code of the currency ROI is kept in.
    pub currency: String,
    /// Share of revenue that is margin where nothing else says, as a stored decimal.
    pub margin_rate: String,
}

impl<'a> Session<'a> {
    /// `margin_rate` is in millionths.
    pub fn new(
        transaction: &'a mut dyn Transaction,
        dialect: &'static dyn Dialect,
        currency: &str,
        margin_rate: i64,
    ) -> Self {
        let million = dialect.decimal_of("1000000");
        let margin_rate = dialect.quotient(&dialect.decimal_of(&margin_rate.to_string()), &million);
        Self { transaction, dialect, currency: quoted(currency), margin_rate }
    }

    /// Runs a statement and returns how many rows it changed.
    pub fn run(&mut self, sql: &str) -> Result<u64, Error> {
        let sql = with_tables(self.dialect, sql);
        self.transaction.execute(&sql, &[])
    }

    /// Runs a statement with parameters.
    pub fn run_with(&mut self, sql: &str, parameters: &[Value]) -> Result<u64, Error> {
        let sql = with_tables(self.dialect, sql);
        self.transaction.execute(&sql, parameters)
    }

    /// Runs a query.
    pub fn query(&mut self, sql: &str) -> Result<Rows, Error> {
        let sql = with_tables(self.dialect, sql);
        self.transaction.query(&sql, &[])
    }

    /// Whether a query returns a row.
    pub fn any(&mut self, sql: &str) -> Result<bool, Error> {
        let found = self.query(&format!("SELECT CASE WHEN EXISTS ({sql}) THEN 1 ELSE 0 END AS found"))?;
        Ok(found.rows.first().and_then(|row| row.first()?.as_integer()) == Some(1))
    }

    /// Empties a table.
    pub fn clear(&mut self, table: &str) -> Result<(), Error> {
        self.run(&format!("DELETE FROM {{{table}}}"))?;
        Ok(())
    }
}

/// Puts the stored relations where `{table}` stands.
pub(super) fn with_tables(dialect: &dyn Dialect, sql: &str) -> String {
    let mut filled = String::with_capacity(sql.len() + 64);
    let mut rest = sql;
    while let Some(start) = rest.find('{') {
        filled.push_str(&rest[..start]);
        let length = rest[start..].find('}').expect("a brace that opens a table's name is closed");
        let name = &rest[start + 1..start + length];
        let table = model::table(name).unwrap_or_else(|| unreachable!("no table is called {name}"));
        filled.push_str(&dialect.stored(table));
        rest = &rest[start + length + 1..];
    }
    filled.push_str(rest);
    filled
}

/// Text as a literal.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
