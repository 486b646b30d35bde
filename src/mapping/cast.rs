//! Text to numbers, booleans, dates and times, strictly: nothing is rounded, cut or guessed.

use datafusion_common::arrow::datatypes::{DataType, TimeUnit};

use super::refusal::{BAD_CAST, OUT_OF_RANGE, Refusal};

/// What a type is called in messages, as it is written in SQL.
pub(super) fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text".into(),
        DataType::Int8 => "tinyint".into(),
        DataType::Int16 => "smallint".into(),
        DataType::Int32 => "int".into(),
        DataType::Int64 => "bigint".into(),
        DataType::UInt8 => "tinyint unsigned".into(),
        DataType::UInt16 => "smallint unsigned".into(),
        DataType::UInt32 => "int unsigned".into(),
        DataType::UInt64 => "bigint unsigned".into(),
        DataType::Float32 => "real".into(),
        DataType::Float64 => "double".into(),
        DataType::Decimal128(precision, scale) => format!("decimal({precision},{scale})"),
        DataType::Boolean => "boolean".into(),
        DataType::Date32 | DataType::Date64 => "date".into(),
        DataType::Timestamp(_, _) => "timestamp".into(),
        DataType::Interval(_) | DataType::Duration(_) => "interval".into(),
        DataType::Time32(_) | DataType::Time64(_) => "time".into(),
        DataType::Binary => "bytes".into(),
        DataType::Null => "null".into(),
        other => other.to_string().to_lowercase(),
    }
}

/// Whether our casts read text as that type.
pub(super) fn is_readable(data_type: &DataType) -> bool {
    match data_type {
        DataType::Decimal128(_, scale) => *scale >= 0,
        DataType::Timestamp(TimeUnit::Nanosecond | TimeUnit::Microsecond, zone) => zone.is_none(),
        other => {
            other.is_integer()
                || matches!(other, DataType::Float64 | DataType::Float32 | DataType::Boolean | DataType::Date32)
        }
    }
}

/// Text as a whole number.
pub(super) fn integer<N: std::str::FromStr>(text: &str, data_type: &DataType) -> Result<N, Refusal> {
    let trimmed = text.trim_ascii();
    let digits = trimmed.strip_prefix(['-', '+']).unwrap_or(trimmed);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::new(BAD_CAST, text, "it isn't a whole number"));
    }
    trimmed
        .parse()
        .map_err(|_| Refusal::new(OUT_OF_RANGE, text, format!("it is beyond what {} holds", type_name(data_type))))
}

/// Text as a decimal of that precision and scale, in units of its last place. Digits that would be rounded away refuse
/// the text; zeros at its end don't.
pub(super) fn decimal(text: &str, precision: u8, scale: i8) -> Result<i128, Refusal> {
    let trimmed = text.trim_ascii();
    let (negative, number) = match trimmed.as_bytes() {
        [b'-', ..] => (true, &trimmed[1..]),
        [b'+', ..] => (false, &trimmed[1..]),
        _ => (false, trimmed),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = whole.len() + fraction.len();
    if digits == 0 || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(Refusal::new(
            BAD_CAST,
            text,
            "it isn't a number; money with separators or a currency is read by money()",
        ));
    }
    let scale = usize::try_from(scale).unwrap_or(0);
    let (kept, cut) = fraction.split_at(fraction.len().min(scale));
    if cut.bytes().any(|b| b != b'0') {
        return Err(Refusal::new(BAD_CAST, text, format!("it has more than {scale} decimal places")));
    }
    let beyond = || {
        let name = type_name(&DataType::Decimal128(precision, i8::try_from(scale).unwrap_or(0)));
        Refusal::new(OUT_OF_RANGE, text, format!("it is beyond what {name} holds"))
    };
    let mut units: i128 = 0;
    let zeros = std::iter::repeat_n(b'0', scale - kept.len());
    for digit in whole.bytes().chain(kept.bytes()).chain(zeros) {
        units = units.checked_mul(10).and_then(|u| u.checked_add(i128::from(digit - b'0'))).ok_or_else(beyond)?;
    }
    if units >= 10_i128.pow(u32::from(precision.min(38))) {
        return Err(beyond());
    }
    Ok(if negative { -units } else { units })
}

/// Text as a floating-point number.
pub(super) fn float(text: &str) -> Result<f64, Refusal> {
    let trimmed = text.trim_ascii();
    let number = trimmed.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'));
    trimmed
        .parse::<f64>()
        .ok()
        .filter(|value| number && value.is_finite())
        .ok_or_else(|| Refusal::new(BAD_CAST, text, "it isn't a number"))
}

/// Text as yes or no.
pub(super) fn boolean(text: &str) -> Result<bool, Refusal> {
    const YES: [&str; 5] = ["true", "t", "yes", "y", "1"];
    const NO: [&str; 5] = ["false", "f", "no", "n", "0"];
    let trimmed = text.trim_ascii();
    let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(trimmed));
    match (is(&YES), is(&NO)) {
        (true, _) => Ok(true),
        (_, true) => Ok(false),
        _ => Err(Refusal::new(BAD_CAST, text, "it is neither true, t, yes, y, 1 nor false, f, no, n, 0")),
    }
}
