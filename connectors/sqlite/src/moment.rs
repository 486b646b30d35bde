//! Dates and timestamps as text: `YYYY-MM-DD`, `YYYY-MM-DD HH:MM:SS` and, where there is a fraction, six digits of
//! it. Text of this form sorts as time does. Years 1 to 9999.

/// Days since 1970-01-01 of 0001-01-01.
const FIRST_DAY: i64 = -719_162;
/// Days since 1970-01-01 of 9999-12-31.
const LAST_DAY: i64 = 2_932_896;
const DAYS_IN_400_YEARS: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const DAYS_BEFORE_1970: i64 = 719_468;
const MICROS_IN_A_SECOND: i64 = 1_000_000;
const MICROS_IN_A_DAY: i64 = 86_400 * MICROS_IN_A_SECOND;

/// A moment as text. Keeps the date it wrote last, since rows that follow each other mostly share it.
#[derive(Debug)]
pub(crate) struct MomentText {
    text: [u8; 26],
    /// The day whose date stands in `text`.
    day: Option<i64>,
}

impl MomentText {
    pub(crate) fn new() -> Self {
        Self { text: *b"0000-00-00 00:00:00.000000", day: None }
    }

    /// The date so many days after 1970-01-01; `None` outside years 1 to 9999.
    pub(crate) fn date(&mut self, day: i64) -> Option<&str> {
        self.write_date(day)?;
        Some(self.first(10))
    }

    /// The instant so many microseconds after 1970-01-01 00:00:00; `None` outside years 1 to 9999.
    pub(crate) fn timestamp(&mut self, micros: i64) -> Option<&str> {
        self.write_date(micros.div_euclid(MICROS_IN_A_DAY))?;
        let in_day = micros.rem_euclid(MICROS_IN_A_DAY);
        let (seconds, fraction) = (in_day / MICROS_IN_A_SECOND, in_day % MICROS_IN_A_SECOND);
        two_digits(&mut self.text, 11, seconds / 3600);
        two_digits(&mut self.text, 14, seconds / 60 % 60);
        two_digits(&mut self.text, 17, seconds % 60);
        if fraction == 0 {
            return Some(self.first(19));
        }
        two_digits(&mut self.text, 20, fraction / 10_000);
        two_digits(&mut self.text, 22, fraction / 100 % 100);
        two_digits(&mut self.text, 24, fraction % 100);
        Some(self.first(26))
    }

    fn write_date(&mut self, day: i64) -> Option<()> {
        if self.day == Some(day) {
            return Some(());
        }
        if !(FIRST_DAY..=LAST_DAY).contains(&day) {
            return None;
        }
        // Years are counted from March, so that the leap day is the last of its year.
        let shifted = day + DAYS_BEFORE_1970;
        let (era, in_era) = (shifted.div_euclid(DAYS_IN_400_YEARS), shifted.rem_euclid(DAYS_IN_400_YEARS));
        let year_of_era = (in_era - in_era / 1_460 + in_era / 36_524 - in_era / 146_096) / 365;
        let in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * in_year + 2) / 153;
        let day_of_month = in_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        two_digits(&mut self.text, 0, year / 100);
        two_digits(&mut self.text, 2, year % 100);
        two_digits(&mut self.text, 5, month);
        two_digits(&mut self.text, 8, day_of_month);
        self.day = Some(day);
        Some(())
    }

    fn first(&self, length: usize) -> &str {
        std::str::from_utf8(&self.text[..length]).expect("digits and separators are ASCII")
    }
}

/// Writes `number`, which is between 0 and 99, at `at`.
fn two_digits(text: &mut [u8; 26], at: usize, number: i64) {
    let digit = |digit: i64| b'0' + u8::try_from(digit).expect("a digit is below 10");
    text[at] = digit(number / 10);
    text[at + 1] = digit(number % 10);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_moments() {
        let mut moment = MomentText::new();
        for (micros, text) in [
            (0, "1970-01-01 00:00:00"),
            (-1, "1969-12-31 23:59:59.999999"),
            (1_000_000, "1970-01-01 00:00:01"),
            (951_782_400_000_000, "2000-02-29 00:00:00"),
            (1_709_251_199_500_000, "2024-02-29 23:59:59.500000"),
            (-62_135_596_800_000_000, "0001-01-01 00:00:00"),
            (253_402_300_799_999_999, "9999-12-31 23:59:59.999999"),
        ] {
            assert_eq!(moment.timestamp(micros), Some(text));
        }
        for outside in [-62_135_596_800_000_001, 253_402_300_800_000_000, i64::MIN, i64::MAX] {
            assert_eq!(moment.timestamp(outside), None, "{outside}");
        }
        assert_eq!(moment.date(-1), Some("1969-12-31"));
        assert_eq!(moment.date(LAST_DAY + 1), None);
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut moment = MomentText::new();
        let (mut year, mut month, mut day) = (1, 1, 1);
        for number in FIRST_DAY..=LAST_DAY {
            assert_eq!(moment.date(number), Some(format!("{year:04}-{month:02}-{day:02}").as_str()));
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let days = match month {
                2 => 28 + u8::from(leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            day += 1;
            if day > days {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
    }

    proptest! {
        #[test]
        fn text_sorts_as_time_does(a in -62_135_596_800_000_000..253_402_300_799_999_999_i64, step in 0..5_000_000_i64) {
            let b = a.saturating_add(step).min(253_402_300_799_999_999);
            let (mut first, mut second) = (MomentText::new(), MomentText::new());
            prop_assert_eq!(first.timestamp(a).cmp(&second.timestamp(b)), a.cmp(&b));
        }
    }
}
