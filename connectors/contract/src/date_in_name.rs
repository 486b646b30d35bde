//! The day that a file's name says.

use jiff::civil::Date;
use jiff::fmt::strtime::BrokenDownTime;

/// The one date that stands in `name` in that form, as strptime has it; an error says why there is none.
///
/// Digits are no date where they are part of a longer number.
pub fn date_in_name(format: &str, name: &str) -> Result<Date, String> {
    let digit = |at: usize| name.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let in_number = |at: usize| at > 0 && digit(at - 1) && digit(at);
    let mut found: Option<Date> = None;
    for start in name.char_indices().map(|(at, _)| at).filter(|at| !in_number(*at)) {
        let Ok((parsed, length)) = BrokenDownTime::parse_prefix(format, &name[start..]) else { continue };
        let Ok(date) = parsed.to_date() else { continue };
        match found {
            _ if in_number(start + length) => {}
            Some(other) if other != date => return Err(format!("it has two: {other} and {date}")),
            _ => found = Some(date),
        }
    }
    found.ok_or_else(|| format!("it has none in the form {format}"))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::date_in_name;

    #[test]
    fn dates_in_names() {
        assert_eq!(date_in_name("%Y%m%d", "BILLING.20260412.G0001V00"), Ok(date(2026, 4, 12)));
        assert_eq!(date_in_name("%Y-%m-%d", "calls_2026-04-12T0930.csv"), Ok(date(2026, 4, 12)));
        assert_eq!(date_in_name("%y%j", "P.D26102.T010203"), Ok(date(2026, 4, 12)));
        assert_eq!(date_in_name("%Y%m%d", "a_20260412_20260412.csv"), Ok(date(2026, 4, 12)));
        assert!(date_in_name("%Y%m%d", "a_20260412_20260413.csv").unwrap_err().contains("two"));
        assert!(date_in_name("%Y%m%d", "a_120260412.csv").unwrap_err().contains("none"), "part of a longer number");
        assert!(date_in_name("%Y%m%d", "a_202604129.csv").unwrap_err().contains("none"), "part of a longer number");
        assert!(date_in_name("%Y%m%d", "ügyfél.csv").unwrap_err().contains("none"));
    }

    proptest::proptest! {
        #[test]
        fn any_name_in_any_form_is_looked_through(format in "[%YmdyjHB .-]{0,8}", name in "\\PC{0,16}") {
            let _ = date_in_name(&format, &name);
        }
    }
}
