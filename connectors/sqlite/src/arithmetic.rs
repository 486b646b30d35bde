//! Calculation with millionths that SQL can't do exactly in 64 bits: functions that this daemon's connections know.
//! They can't be used in views, which have to work in any SQLite shell.
//!
//! Every one rounds half away from zero, gives NULL for NULL and fails, naming the figures, when the result doesn't
//! fit 64 bits. SQLite's own `*` would go on in floating point instead.

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Type, ValueRef};

/// Millionths in one.
pub(crate) const MILLION: i128 = 1_000_000;

/// A calculation on two whole numbers; `Ok(None)` is NULL.
type Calculation = fn(i128, i128) -> Option<i128>;

/// The functions: name, what it is called in an error, and the calculation.
const FUNCTIONS: &[(&str, &str, Calculation)] = &[
    ("micro_product", "×", |a, b| Some(rounded_quotient(a * b, MILLION))),
    ("micro_quotient", "÷", |a, b| (b != 0).then(|| rounded_quotient(a * MILLION, b))),
    ("micro_scale", "×", |a, b| Some(a * b)),
];

/// Makes the functions known to a connection.
pub(crate) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    for &(name, sign, calculation) in FUNCTIONS {
        connection.create_scalar_function(name, 2, flags, move |context: &Context<'_>| {
            let (Some(a), Some(b)) = (whole(context, name, 0)?, whole(context, name, 1)?) else { return Ok(None) };
            let Some(result) = calculation(a.into(), b.into()) else { return Ok(None) };
            i64::try_from(result)
                .map(Some)
                .map_err(|_| failure(format!("{name}: {a} {sign} {b} millionths doesn't fit a decimal of 64 bits")))
        })?;
    }
    connection.create_scalar_function("micro_share", 3, flags, |context| {
        let name = "micro_share";
        let (Some(amount), Some(parts), Some(of)) =
            (whole(context, name, 0)?, whole(context, name, 1)?, whole(context, name, 2)?)
        else {
            return Ok(None);
        };
        if of <= 0 || !(0..=of).contains(&parts) {
            return Err(failure(format!("{name}: {parts} parts of {of} is no share")));
        }
        let share = rounded_quotient(i128::from(amount) * i128::from(parts), of.into());
        Ok(Some(i64::try_from(share).expect("a share is not larger than the amount")))
    })?;
    connection.create_scalar_function("text_hash", 1, flags, |context| match context.get_raw(0) {
        ValueRef::Text(text) => Ok(Some(hash(text))),
        ValueRef::Null => Ok(None),
        other => Err(failure(format!("text_hash: the argument is {}, not text", other.data_type()))),
    })
}

/// FNV-1a, its bits mixed once more because it leaves the high ones of similar texts alike; the sign bit is left out.
fn hash(text: &[u8]) -> i64 {
    let mut hash = text
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    (hash >> 1).cast_signed()
}

/// `a ÷ b`, half away from zero. `b` is not 0; neither is near the limits of 128 bits.
fn rounded_quotient(a: i128, b: i128) -> i128 {
    let (quotient, remainder) = (a / b, a % b);
    if remainder.abs() * 2 >= b.abs() { quotient + a.signum() * b.signum() } else { quotient }
}

fn whole(context: &Context<'_>, name: &str, index: usize) -> rusqlite::Result<Option<i64>> {
    match context.get_raw(index) {
        ValueRef::Null => Ok(None),
        ValueRef::Integer(number) => Ok(Some(number)),
        other => Err(failure(format!(
            "{name}: argument {} is {}, not a whole number of millionths",
            index + 1,
            match other.data_type() {
                Type::Real => "a floating-point number",
                Type::Text => "text",
                _ => "bytes",
            }
        ))),
    }
}

fn failure(message: String) -> rusqlite::Error {
    rusqlite::Error::UserFunctionError(message.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn calculate(sql: &str) -> Result<Option<i64>, String> {
        let connection = Connection::open_in_memory().unwrap();
        register(&connection).unwrap();
        connection.query_row(&format!("SELECT {sql}"), [], |row| row.get(0)).map_err(|error| error.to_string())
    }

    #[test]
    fn figures() {
        assert_eq!(calculate("micro_product(1500000, 2500000)"), Ok(Some(3_750_000)));
        assert_eq!(calculate("micro_product(1, 500000)"), Ok(Some(1)));
        assert_eq!(calculate("micro_product(-1, 500000)"), Ok(Some(-1)));
        assert_eq!(calculate("micro_product(1, 499999)"), Ok(Some(0)));
        assert_eq!(calculate("micro_product(9223372036854775807, 1000000)"), Ok(Some(i64::MAX)));
        assert_eq!(calculate("micro_product(NULL, 1)"), Ok(None));
        assert_eq!(calculate("micro_quotient(2, 3)"), Ok(Some(666_667)));
        assert_eq!(calculate("micro_quotient(-2, 3)"), Ok(Some(-666_667)));
        assert_eq!(calculate("micro_quotient(1, -2000000)"), Ok(Some(-1)));
        assert_eq!(calculate("micro_quotient(1, 0)"), Ok(None));
        assert_eq!(calculate("micro_quotient(1, NULL)"), Ok(None));
    }

    #[test]
    fn shares_of_an_amount_add_up_to_it() {
        assert_eq!(calculate("micro_share(100, 1, 3)"), Ok(Some(33)));
        assert_eq!(calculate("micro_share(-100, 2, 3)"), Ok(Some(-67)));
        assert_eq!(calculate("micro_share(9223372036854775807, 3660, 3660)"), Ok(Some(i64::MAX)));
        assert_eq!(calculate("micro_share(NULL, 1, 3)"), Ok(None));
        assert_eq!(calculate("micro_share(100, 4, 3)"), Err("micro_share: 4 parts of 3 is no share".into()));
    }

    #[test]
    fn hashes_stay_the_same_and_are_never_negative() {
        assert_eq!(calculate("text_hash('k1:a')"), Ok(Some(hash(b"k1:a"))));
        assert_eq!(calculate("text_hash(NULL)"), Ok(None));
        assert!((0..10_000).all(|number: u32| hash(number.to_string().as_bytes()) >= 0));
        let distinct: std::collections::HashSet<i64> =
            (0..10_000).map(|number: u32| hash(number.to_string().as_bytes())).collect();
        assert_eq!(distinct.len(), 10_000);
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        assert_eq!(
            calculate("micro_product(9223372036854775807, 1000001)"),
            Err("micro_product: 9223372036854775807 × 1000001 millionths doesn't fit a decimal of 64 bits".into())
        );
        assert!(calculate("micro_quotient(9223372036854775807, 1)").is_err());
        assert!(calculate("micro_scale(9223372036855, 1000000)").is_err());
        assert!(calculate("micro_product(9223372036854775807 + 1, 1)").is_err());
        assert_eq!(
            calculate("micro_product('1', 1)"),
            Err("micro_product: argument 1 is text, not a whole number of millionths".into())
        );
    }

    proptest! {
        #[test]
        fn a_quotient_is_never_off_by_more_than_half(a in any::<i64>(), b in any::<i64>().prop_filter("not 0", |b| *b != 0)) {
            let (a, b) = (i128::from(a) * MILLION, i128::from(b));
            let quotient = rounded_quotient(a, b);
            prop_assert!((quotient * b - a).abs() * 2 <= b.abs());
            prop_assert_eq!(rounded_quotient(-a, b), -quotient);
        }
    }
}
