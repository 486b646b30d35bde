//! Figures that every engine must get alike.

use super::tables::{MEASURES, RECORDS, WORDS, batch, dates, decimals, integers, timestamps};
use super::{in_transaction, number, query};
use crate::{ErrorClass, Value, Warehouse};

/// Two operands and a result; decimals are in millionths.
type Figure = (Option<i64>, Option<i64>, Option<i64>);

const PRODUCTS: &[Figure] = &[
    (Some(1_500_000), Some(2_500_000), Some(3_750_000)),
    (Some(-1_500_000), Some(2_500_000), Some(-3_750_000)),
    (Some(1), Some(500_000), Some(1)),
    (Some(1), Some(499_999), Some(0)),
    (Some(-1), Some(500_000), Some(-1)),
    (Some(-1), Some(499_999), Some(0)),
    (Some(3), Some(500_000), Some(2)),
    (Some(5), Some(-500_000), Some(-3)),
    (Some(-5), Some(-500_000), Some(3)),
    (Some(0), Some(-500_000), Some(0)),
    // The product of the millionths doesn't fit 64 bits, nor the 53 of a float.
    (Some(123_456_789_012_345_678), Some(7_000_001), Some(864_197_646_543_208_758)),
    (Some(9_223_372_036_854_775_807), Some(1_000_000), Some(i64::MAX)),
    (Some(9_223_372_036_854_775_807), Some(500_000), Some(4_611_686_018_427_387_904)),
    (None, Some(1), None),
    (Some(1), None, None),
];

const QUOTIENTS: &[Figure] = &[
    (Some(1_000_000), Some(3_000_000), Some(333_333)),
    (Some(2_000_000), Some(3_000_000), Some(666_667)),
    (Some(-2_000_000), Some(3_000_000), Some(-666_667)),
    (Some(2_000_000), Some(-3_000_000), Some(-666_667)),
    (Some(-2_000_000), Some(-3_000_000), Some(666_667)),
    // Exactly one half of a millionth, and just less.
    (Some(1), Some(2_000_000), Some(1)),
    (Some(-1), Some(2_000_000), Some(-1)),
    (Some(1), Some(2_000_001), Some(0)),
    (Some(3), Some(2_000_000), Some(2)),
    // iFood's campaign: revenue 3,674 less cost 6,720, over cost.
    (Some(-3_046_000_000), Some(6_720_000_000), Some(-453_274)),
    (Some(123_456_789_012_345_678), Some(7_000_001), Some(17_636_681_625_094_865)),
    (Some(9_223_372_036_854_775_807), Some(1_000_000), Some(i64::MAX)),
    (Some(1), Some(9_223_372_036_854_775_807), Some(0)),
    (Some(1), Some(0), None),
    (Some(0), Some(0), None),
    (Some(0), Some(-5), Some(0)),
    (None, Some(1), None),
    (Some(1), None, None),
];

fn write(warehouse: &mut dyn Warehouse, first_line: i64, a: &[Option<i64>], b: &[Option<i64>]) {
    let wide = |column: &[Option<i64>]| decimals(column.iter().map(|number| number.map(i128::from)));
    let lines = i64::try_from(a.len()).expect("a few lines");
    let rows = batch(vec![
        ("line", integers((0..lines).map(|line| first_line + line))),
        ("a", wide(a)),
        ("b", wide(b)),
        ("n", integers(a.iter().copied())),
        ("m", integers(b.iter().copied())),
    ]);
    in_transaction(warehouse, |transaction| {
        transaction.upsert(&MEASURES, &rows, &[], &mut Vec::new()).expect("figures are taken");
    });
}

fn figures(warehouse: &mut dyn Warehouse, expression: &str, first_line: i64) -> Vec<Option<i64>> {
    let dialect = warehouse.dialect();
    let sql = format!(
        "SELECT {} FROM {} WHERE line BETWEEN {first_line} AND {} ORDER BY line",
        dialect.micros(expression),
        dialect.stored(&MEASURES),
        first_line + 99
    );
    query(warehouse, &sql, &[]).rows.iter().map(|row| row[0].as_integer()).collect()
}

/// Products and quotients are exact and round half away from zero.
pub fn arithmetic(warehouse: &mut dyn Warehouse) {
    let dialect = warehouse.dialect();
    for (first_line, cases, expression, what) in
        [(100, PRODUCTS, dialect.product("a", "b"), "×"), (200, QUOTIENTS, dialect.quotient("a", "b"), "÷")]
    {
        let a: Vec<_> = cases.iter().map(|case| case.0).collect();
        let b: Vec<_> = cases.iter().map(|case| case.1).collect();
        write(warehouse, first_line, &a, &b);
        let seen = figures(warehouse, &expression, first_line);
        assert_eq!(seen.len(), cases.len());
        for ((a, b, expected), seen) in cases.iter().zip(seen) {
            assert_eq!(seen, *expected, "{a:?} {what} {b:?}, in millionths");
        }
    }

    // Counts divide like decimals: 2 ÷ 3 is 0.666667.
    write(warehouse, 300, &[Some(2), Some(-1), Some(7), Some(1)], &[Some(3), Some(8), Some(0), None]);
    assert_eq!(figures(warehouse, &dialect.quotient("n", "m"), 300), [Some(666_667), Some(-125_000), None, None]);
    assert_eq!(
        figures(warehouse, &dialect.decimal_of("n"), 300),
        [Some(2_000_000), Some(-1_000_000), Some(7_000_000), Some(1_000_000)]
    );

    // What is calculated can be calculated with: (a ÷ b) × a − n.
    write(warehouse, 400, &[Some(3_000_000), None], &[Some(2_000_000), Some(1)]);
    let nested = dialect.product(&dialect.quotient("a", "b"), "a");
    assert_eq!(figures(warehouse, &format!("({nested} - {})", dialect.decimal_of("2")), 400), [Some(2_500_000), None]);

    // Too large is an error, never another figure.
    write(warehouse, 500, &[Some(i64::MAX)], &[Some(3_000_000_000_000)]);
    let sql = format!(
        "SELECT {} FROM {} WHERE line = 500",
        dialect.micros(&dialect.product("a", "b")),
        dialect.stored(&MEASURES)
    );
    let refused = warehouse.query(&sql, &[]);
    assert_eq!(refused.expect_err("a product that fits no decimal").class(), ErrorClass::Permanent);
}

/// Sums are exact, of nothing NULL, and too large an error.
pub fn sums(warehouse: &mut dyn Warehouse) {
    let dialect = warehouse.dialect();
    let large = 9_007_199_254_740_993;
    write(
        warehouse,
        600,
        &[Some(large), Some(-1), None, Some(1), Some(1)],
        &[Some(i64::MAX), Some(1), None, None, None],
    );
    let sum = |column: &str, lines: &str| {
        format!("SELECT {} FROM {} WHERE {lines}", dialect.micros(&format!("sum({column})")), dialect.stored(&MEASURES))
    };
    assert_eq!(number(warehouse, &sum("a", "line BETWEEN 600 AND 699"), &[]), large + 1);
    assert_eq!(query(warehouse, &sum("a", "line = -1"), &[]).rows, [[Value::Null]]);
    let refused = warehouse.query(&sum("b", "line BETWEEN 600 AND 699"), &[]);
    assert_eq!(refused.expect_err("a sum beyond 64 bits of millionths").class(), ErrorClass::Permanent);
}

/// Months and dates of instants, and the present.
pub fn time(warehouse: &mut dyn Warehouse) {
    let dialect = warehouse.dialect();
    let stored = dialect.stored(&MEASURES);
    let rows = batch(vec![
        ("line", integers([700, 701, 702, 703])),
        ("at", timestamps([Some(1_709_251_199_500_000), Some(-1), Some(253_402_300_799_999_999), None])),
        ("on_day", dates([Some(19_782), Some(-1), Some(2_932_896), None])),
    ]);
    in_transaction(warehouse, |transaction| {
        transaction.upsert(&MEASURES, &rows, &[], &mut Vec::new()).expect("times are taken");
    });
    for column in ["at", "on_day"] {
        let sql =
            format!("SELECT {} FROM {stored} WHERE line BETWEEN 700 AND 703 ORDER BY line", dialect.month(column));
        let months: Vec<Option<String>> =
            query(warehouse, &sql, &[]).rows.iter().map(|row| row[0].as_text().map(str::to_owned)).collect();
        let months: Vec<Option<&str>> = months.iter().map(Option::as_deref).collect();
        assert_eq!(months, [Some("2024-02"), Some("1969-12"), Some("9999-12"), None], "months of `{column}`");
    }
    let same_day =
        format!("SELECT count(*) FROM {stored} WHERE line BETWEEN 700 AND 703 AND {} = on_day", dialect.date("at"));
    assert_eq!(number(warehouse, &same_day, &[]), 3, "the date of an instant is a stored date");
    let null = format!("SELECT count(*) FROM {stored} WHERE line = 703 AND {} IS NULL", dialect.date("at"));
    assert_eq!(number(warehouse, &null, &[]), 1, "the date of NULL is NULL");

    let order = format!("SELECT line FROM {stored} WHERE line BETWEEN 700 AND 702 ORDER BY at");
    let lines: Vec<Option<i64>> = query(warehouse, &order, &[]).rows.iter().map(|row| row[0].as_integer()).collect();
    assert_eq!(lines, [Some(701), Some(700), Some(702)], "instants sort as time does");
    let past = format!("SELECT count(*) FROM {stored} WHERE line BETWEEN 700 AND 703 AND at < ?1 AND at >= ?2");
    let bounds = [Value::Timestamp(1_709_251_199_500_001), Value::Timestamp(-1)];
    assert_eq!(number(warehouse, &past, &bounds), 2, "instants compare with parameters");

    let now = dialect.now();
    in_transaction(warehouse, |transaction| {
        let sql = format!("INSERT INTO {stored} (line, at) SELECT 704, {now} FROM {stored} WHERE line = 700");
        transaction.execute(&sql, &[]).expect("the present is a stored timestamp");
    });
    let between = format!("SELECT count(*) FROM {stored} WHERE line = 704 AND at > ?1 AND at < ?2");
    let bounds = [Value::Timestamp(1_709_251_199_500_000), Value::Timestamp(253_402_300_799_999_999)];
    assert_eq!(number(warehouse, &between, &bounds), 1, "the present lies between a past and a far instant");
}

/// Whatever the stored relation is called, each table can be read under its own name.
pub fn names_of_relations(warehouse: &mut dyn Warehouse) {
    for table in [&RECORDS, &WORDS, &MEASURES] {
        let stored = warehouse.dialect().stored(table);
        let count = |relation: &str| format!("SELECT count(*) FROM {relation}");
        let shown = number(warehouse, &count(table.name), &[]);
        assert_eq!(shown, number(warehouse, &count(&stored), &[]), "rows of `{}`", table.name);
        let undecimal: Vec<&str> =
            table.columns.iter().filter(|c| c.kind != crate::ColumnType::Decimal).map(|c| c.name).collect();
        let all = query(warehouse, &format!("SELECT * FROM {} WHERE 1 = 0", table.name), &[]);
        let declared: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        assert_eq!(all.columns, declared, "the columns of `{}` are those declared, in order", table.name);
        let some = format!("SELECT {} FROM {} WHERE 1 = 0", undecimal.join(", "), stored);
        assert!(query(warehouse, &some, &[]).rows.is_empty());
    }
}
