//! What every warehouse promises.
//!
//! The suite assumes nothing of an engine beyond the contract: it creates its tables through the dialect, reads
//! decimals through [`Dialect::micros`](crate::Dialect::micros), accepts dates and timestamps as values or as text,
//! and asks nothing of another handle while a transaction is open, since on some engines it would wait.

mod dialect;
mod outcomes;
mod tables;
mod transactions;
mod values;

use crate::{Rows, Transaction, Value, Warehouse};
use tables::{MEASURES, RECORDS, WORDS};

/// Runs the suite. `make` opens one more handle to the same database, which is new and empty at the first call.
///
/// # Panics
///
/// With what was promised and what was seen, where the warehouse breaks a promise.
pub fn check(mut make: impl FnMut() -> Box<dyn Warehouse>) {
    let mut warehouse = make();
    create_tables(&mut *warehouse);

    values::round_trip(&mut *warehouse);
    values::text_is_kept_exactly(&mut *warehouse);
    values::decimals_are_exact_or_refused(&mut *warehouse);
    values::defaults_and_constants(&mut *warehouse);
    values::wrong_columns_are_refused(&mut *warehouse);
    values::required_columns_are_required(&mut *warehouse);
    values::parameters_are_values(&mut *warehouse);

    outcomes::facts(&mut *warehouse);
    outcomes::reference(&mut *warehouse);
    outcomes::same_key_twice_in_one_call(&mut *warehouse);
    outcomes::keys_differ_in_every_character(&mut *warehouse);
    outcomes::many_rows(&mut *warehouse);

    dialect::arithmetic(&mut *warehouse);
    dialect::sums(&mut *warehouse);
    dialect::time(&mut *warehouse);
    dialect::names_of_relations(&mut *warehouse);

    transactions::dropped_is_rolled_back(&mut *warehouse);
    transactions::a_failed_transaction_stays_failed(&mut *warehouse);
    transactions::committed_is_seen_by_others(&mut *warehouse, &mut *make());
    transactions::compare_and_set(&mut *warehouse, &mut *make());
    transactions::writers_take_turns(&mut *warehouse, [make(), make()]);
}

fn create_tables(warehouse: &mut dyn Warehouse) {
    let dialect = warehouse.dialect();
    let statements: Vec<String> =
        [&RECORDS, &WORDS, &MEASURES].into_iter().flat_map(|table| dialect.create_table(table)).collect();
    in_transaction(warehouse, |transaction| {
        for statement in &statements {
            transaction.execute(statement, &[]).unwrap_or_else(|error| panic!("{error}, in\n{statement}"));
        }
    });
}

/// Does `work` in a transaction and commits it.
fn in_transaction<T>(warehouse: &mut dyn Warehouse, work: impl FnOnce(&mut dyn Transaction) -> T) -> T {
    let mut transaction = warehouse.begin().expect("a transaction starts");
    let result = work(&mut *transaction);
    transaction.commit().expect("a transaction commits");
    result
}

fn query(warehouse: &mut dyn Warehouse, sql: &str, parameters: &[Value]) -> Rows {
    warehouse.query(sql, parameters).unwrap_or_else(|error| panic!("{error}, in\n{sql}"))
}

/// The one value that a query returns.
fn one(warehouse: &mut dyn Warehouse, sql: &str, parameters: &[Value]) -> Value {
    let mut answer = query(warehouse, sql, parameters);
    assert_eq!((answer.rows.len(), answer.columns.len()), (1, 1), "one row of one column was asked for by\n{sql}");
    answer.rows.remove(0).remove(0)
}

/// The whole number that a query returns.
fn number(warehouse: &mut dyn Warehouse, sql: &str, parameters: &[Value]) -> i64 {
    let value = one(warehouse, sql, parameters);
    value.as_integer().unwrap_or_else(|| panic!("{value:?} is not a whole number, from\n{sql}"))
}
