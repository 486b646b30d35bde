//! Days and months.

use campaignd_contract::Value;
use jiff::civil::{Date, date};

/// A day and its month.
pub(super) struct Day {
    /// The day, as the warehouse takes it.
    pub date: Value,
    /// Days since 1970-01-01.
    pub number: i64,
    /// `YYYY-MM`.
    pub month: String,
    /// Number of the month's first day.
    pub month_first: i64,
    /// Number of the day after the month's last.
    pub month_end: i64,
}

const EPOCH: Date = date(1970, 1, 1);

fn number(day: Date) -> i64 {
    EPOCH.duration_until(day).as_hours() / 24
}

impl Day {
    /// `None` outside the years jiff knows, -9999 to 9999.
    pub fn new(number_of_day: i64) -> Option<Self> {
        let days = i32::try_from(number_of_day).ok()?;
        let day = EPOCH.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
        Some(Self {
            date: Value::Date(days),
            number: number_of_day,
            month: format!("{:04}-{:02}", day.year(), day.month()),
            month_first: number(day.first_of_month()),
            month_end: number(day.last_of_month()) + 1,
        })
    }
}

/// Days since 1970-01-01 of a date from the warehouse.
pub(super) fn day_number(value: &Value) -> Option<i64> {
    match value {
        Value::Date(days) => Some(i64::from(*days)),
        Value::Text(text) => text.parse::<Date>().ok().map(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_know_their_month() {
        let day = Day::new(day_number(&Value::from("2024-02-29")).unwrap()).unwrap();
        assert_eq!((day.number, day.month.as_str()), (19782, "2024-02"));
        assert_eq!(day.month_end - day.month_first, 29);
        assert_eq!(day_number(&Value::Date(-1)), Some(-1));
        assert_eq!(Day::new(-1).unwrap().month, "1969-12");
        assert_eq!(day_number(&Value::from("no day")), None);
    }
}
