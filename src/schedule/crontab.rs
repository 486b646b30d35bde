//! A crontab line: five fields, or six with seconds in front, or `@daily` and its like.
//!
//! Crontab semantics (cron(8), POSIX): Monday is 1, Sunday 0 or 7, names of months and days are allowed, and where
//! both day fields are restricted either of them suffices. As in Vixie's cron a day field is restricted unless it starts
//! with `*`: `0 6 */2 * mon` are the Mondays of odd date, `0 6 1-31 * mon` is every day.
//!
//! A line is read into plain numbers here, since messages need the place of each mistake, and the crate `cron` searches
//! dates by them. Two of its rules aren't crontab's: its Sunday is 1, and both of its day fields must hold. So numbers of
//! days are moved by one, and a line of which either field suffices becomes two of its schedules. It is given times of
//! the clock on the wall as if they were UTC; what instants they are is the timetable's to say.

use std::ops::{Range, RangeInclusive};

use chrono::{Datelike as _, Timelike as _};
use jiff::civil::{Date, DateTime, Time, date};

use crate::suggest::{list, nearest};

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CronProblem {
    /// The bytes of the line at fault.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it; may be empty.
    pub help: String,
}

struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    /// Names for the numbers from `least` on.
    names: &'static [&'static str],
}

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const FIELDS: [Field; 6] = [
    Field { name: "second", least: 0, most: 59, names: &[] },
    Field { name: "minute", least: 0, most: 59, names: &[] },
    Field { name: "hour", least: 0, most: 23, names: &[] },
    Field { name: "day of month", least: 1, most: 31, names: &[] },
    Field { name: "month", least: 1, most: 12, names: MONTHS },
    Field { name: "day of week", least: 0, most: 7, names: DAYS },
];

/// Words for whole lines.
const WORDS: &[(&str, &str)] = &[
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

const EXAMPLE: &str = "five fields are: minute, hour, day of month, month, day of week; `30 6 * * 1-5` is 06:30 from \
                       Monday to Friday";

/// The years that `cron` knows.
const YEARS: RangeInclusive<i16> = 1970..=2100;

/// A crontab line that can be asked for dates and times.
#[derive(Debug, Clone)]
pub struct Crontab {
    /// One, or two where either day field suffices.
    schedules: Vec<cron::Schedule>,
    is_interval: bool,
    times: TimesOfDay,
}

/// The times of day, the same on every date: a bit for each number.
#[derive(Debug, Clone, Copy)]
struct TimesOfDay {
    hours: u64,
    minutes: u64,
    seconds: u64,
}

impl Crontab {
    /// Reads a line.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn parse(line: &str) -> Result<Self, Vec<CronProblem>> {
        let line_fields = if line.trim_start().starts_with('@') { word(line)? } else { line };
        let fields = read(line_fields)?;
        let [seconds, minutes, hours, days, months, weekdays] = &fields;
        let every = |field: &Values| field.numbers.len() == (field.most - field.least + 1) as usize;
        let schedule = |days: &str, weekdays: &str| {
            let [seconds, minutes, hours, months] = [seconds, minutes, hours, months].map(Values::listed);
            let translated = format!("{seconds} {minutes} {hours} {days} {months} {weekdays}");
            translated.parse::<cron::Schedule>().map_err(|error| {
                let message = format!("could not work out when `{line}` comes true: {error}");
                vec![CronProblem { span: 0..line.len(), message, help: "write it another way".to_owned() }]
            })
        };
        let either = !days.starts_with_star && !weekdays.starts_with_star;
        let schedules = if either {
            vec![schedule(&days.listed(), "*")?, schedule("*", &weekdays.numbered_from_one())?]
        } else {
            vec![schedule(&days.listed(), &weekdays.numbered_from_one())?]
        };
        let wildcard = |field: &Values| field.starts_with_star || every(field);
        Ok(Self {
            schedules,
            is_interval: wildcard(minutes) || wildcard(hours),
            times: TimesOfDay { hours: hours.bits(), minutes: minutes.bits(), seconds: seconds.bits() },
        })
    }

    /// Whether the line means "every so often" rather than times of day: whether minute or hour starts with `*` or lists
    /// every number there is. The seconds don't count.
    pub fn is_interval(&self) -> bool {
        self.is_interval
    }

    /// The first date and time after this one; none after the year 2100.
    pub fn next(&self, after: DateTime) -> Option<DateTime> {
        let after = to_chrono(after.max(date(*YEARS.start() - 1, 12, 31).at(23, 59, 59, 0)))?;
        self.schedules.iter().filter_map(|schedule| schedule.after(&after).next().and_then(from_chrono)).min()
    }

    /// The last date and time before this one; none before 1970.
    pub fn previous(&self, before: DateTime) -> Option<DateTime> {
        if before.year() < *YEARS.start() {
            return None;
        }
        let before = to_chrono(before.min(date(*YEARS.end() + 1, 1, 1).at(0, 0, 0, 0)))?;
        self.schedules.iter().filter_map(|schedule| schedule.after(&before).next_back().and_then(from_chrono)).max()
    }

    /// How many times of day the line has.
    pub fn times_a_day(&self) -> u64 {
        self.times.count()
    }

    /// How many of them are `time` or before it.
    pub fn times_until(&self, time: Time) -> u64 {
        self.times.until(time)
    }

    /// The first date, from this one on, on which the line comes true.
    pub fn next_date(&self, from: Date) -> Option<Date> {
        let yesterday = from.yesterday().ok()?;
        Some(self.next(yesterday.at(23, 59, 59, 0))?.date())
    }

    /// The last date, up to this one, on which the line comes true.
    pub fn last_date(&self, until: Date) -> Option<Date> {
        let tomorrow = until.tomorrow().ok()?;
        Some(self.previous(tomorrow.at(0, 0, 0, 0))?.date())
    }
}

impl TimesOfDay {
    fn count(self) -> u64 {
        let Self { hours, minutes, seconds } = self;
        ones(hours) * ones(minutes) * ones(seconds)
    }

    fn until(self, time: Time) -> u64 {
        let Self { hours, minutes, seconds } = self;
        let below = |bits: u64, number: i8| ones(bits & ((1 << number) - 1));
        let has = |bits: u64, number: i8| bits >> number & 1;
        let (hour, minute, second) = (time.hour(), time.minute(), time.second());
        let this_minute = below(seconds, second) + has(seconds, second);
        let this_hour = below(minutes, minute) * ones(seconds) + has(minutes, minute) * this_minute;
        below(hours, hour) * ones(minutes) * ones(seconds) + has(hours, hour) * this_hour
    }
}

fn ones(bits: u64) -> u64 {
    u64::from(bits.count_ones())
}

fn to_chrono(time: DateTime) -> Option<chrono::DateTime<chrono::Utc>> {
    let part = |number: i8| u32::from(number.unsigned_abs());
    let day = chrono::NaiveDate::from_ymd_opt(time.year().into(), part(time.month()), part(time.day()))?;
    let nanosecond = time.subsec_nanosecond().unsigned_abs();
    let time = day.and_hms_nano_opt(part(time.hour()), part(time.minute()), part(time.second()), nanosecond)?;
    Some(time.and_utc())
}

fn from_chrono(time: chrono::DateTime<chrono::Utc>) -> Option<DateTime> {
    let part = |number: u32| i8::try_from(number).ok();
    let day = Date::new(i16::try_from(time.year()).ok()?, part(time.month())?, part(time.day())?).ok()?;
    Some(day.at(part(time.hour())?, part(time.minute())?, part(time.second())?, 0))
}

/// What a field says.
struct Values {
    /// Rising.
    numbers: Vec<u32>,
    starts_with_star: bool,
    least: u32,
    most: u32,
}

impl Values {
    fn listed(&self) -> String {
        joined(self.numbers.iter().copied())
    }

    /// Days of the week as `cron` has them, Sunday being 1.
    fn numbered_from_one(&self) -> String {
        let mut numbers: Vec<u32> = self.numbers.iter().map(|day| day % 7 + 1).collect();
        numbers.sort_unstable();
        numbers.dedup();
        joined(numbers)
    }

    fn bits(&self) -> u64 {
        self.numbers.iter().fold(0, |bits, number| bits | 1 << number)
    }
}

fn joined(numbers: impl IntoIterator<Item = u32>) -> String {
    let numbers: Vec<String> = numbers.into_iter().map(|number| number.to_string()).collect();
    numbers.join(",")
}

/// The six fields of a line, or everything that is wrong with it.
fn read(line: &str) -> Result<[Values; 6], Vec<CronProblem>> {
    let fields = split(line, char::is_whitespace);
    let declared = match fields.len() {
        5 => &FIELDS[1..],
        6 => &FIELDS[..],
        count => {
            let message = format!("a crontab line has five fields, or six with seconds, not {count}");
            return Err(vec![CronProblem { span: 0..line.len(), message, help: EXAMPLE.to_owned() }]);
        }
    };
    let mut problems = Vec::new();
    let mut values = Vec::new();
    if declared.len() < FIELDS.len() {
        values.push(FIELDS[0].values("0", 0, &mut problems));
    }
    for ((start, text), field) in fields.into_iter().zip(declared) {
        values.push(field.values(text, start, &mut problems));
    }
    if problems.is_empty() {
        problems.extend(never(line, &values));
    }
    values.try_into().ok().filter(|_| problems.is_empty()).ok_or(problems)
}

/// The line a word stands for.
fn word(line: &str) -> Result<&'static str, Vec<CronProblem>> {
    let word = line.trim();
    if let Some((_, fields)) = WORDS.iter().find(|(known, _)| *known == word) {
        return Ok(fields);
    }
    let words = || WORDS.iter().map(|(word, _)| *word);
    let help = match nearest(word, words()) {
        _ if word == "@reboot" => "the daemon runs pipelines by the clock only: give a time".to_owned(),
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it knows {}", list(words(), "and")),
    };
    let message = format!("`{word}` is not known in a crontab line");
    Err(vec![CronProblem { span: 0..line.len(), message, help }])
}

/// The pieces of `text` with their places.
fn split(text: &str, separator: fn(char) -> bool) -> Vec<(usize, &str)> {
    text.split(separator)
        .filter(|piece| !piece.is_empty())
        .map(|piece| (piece.as_ptr() as usize - text.as_ptr() as usize, piece))
        .collect()
}

impl Field {
    /// The numbers that `text` stands for.
    fn values(&self, text: &str, start: usize, problems: &mut Vec<CronProblem>) -> Values {
        let starts_with_star = text.starts_with('*');
        let mut values = Values { numbers: Vec::new(), starts_with_star, least: self.least, most: self.most };
        if text.split(',').any(str::is_empty) {
            let message = format!("the {} has a comma too many", self.name);
            problems.push(CronProblem { span: start..start + text.len(), message, help: String::new() });
            return values;
        }
        let mut place = start;
        for part in text.split(',') {
            match self.part(part) {
                Ok(numbers) => values.numbers.extend(numbers),
                Err((message, help)) => problems.push(CronProblem { span: place..place + part.len(), message, help }),
            }
            place += part.len() + 1;
        }
        values.numbers.sort_unstable();
        values.numbers.dedup();
        values
    }

    fn part(&self, part: &str) -> Result<Vec<u32>, (String, String)> {
        let name = self.name;
        if part == "?" || part.contains(['#', 'L', 'W']) && self.number(part).is_none() {
            let help = "`?`, `L`, `W` and `#` are Quartz's; crontab has numbers, names, `*`, `-`, `,` and `/`";
            return Err((format!("`{part}` is not a {name} of a crontab line"), help.to_owned()));
        }
        let (range, step) = match part.split_once('/') {
            None => (part, 1),
            Some((range, step)) => match step.parse::<u32>() {
                Ok(step) if step > 0 => (range, step),
                _ => {
                    let help = "a step is a number from 1: `*/15`".to_owned();
                    return Err((format!("the {name} `{part}` has no step after the stroke"), help));
                }
            },
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (self.least, self.most),
            Some((first, last)) => (self.known(first)?, self.known(last)?),
            None if step > 1 => (self.known(range)?, self.most),
            None => (self.known(range)?, self.known(range)?),
        };
        if first > last {
            let help = format!("split it: `{first}-{most},{least}-{last}`", most = self.most, least = self.least);
            return Err((format!("the {name} `{part}` ends before it starts"), help));
        }
        Ok((first..=last).step_by(step as usize).collect())
    }

    fn known(&self, text: &str) -> Result<u32, (String, String)> {
        let range = format!("{} to {}", self.least, self.most);
        match self.number(text) {
            Some(number) if (self.least..=self.most).contains(&number) => Ok(number),
            Some(number) => Err((format!("the {} can't be {number}", self.name), format!("it goes from {range}"))),
            None => {
                let help = match nearest(text, self.names.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if self.names.is_empty() => format!("it is a number from {range}"),
                    None => {
                        format!("it is a number from {range} or one of {}", list(self.names.iter().copied(), "and"))
                    }
                };
                Err((format!("`{text}` is not a {}", self.name), help))
            }
        }
    }

    fn number(&self, text: &str) -> Option<u32> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().ok().or(Some(u32::MAX));
        }
        let position = self.names.iter().position(|name| name.eq_ignore_ascii_case(text))?;
        u32::try_from(position).ok().map(|position| position + self.least)
    }
}

/// A date that no year has, such as 30 February.
fn never(line: &str, fields: &[Values]) -> Option<CronProblem> {
    const LONGEST: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let [.., days, months, weekdays] = fields else { return None };
    let weekday_suffices = !days.starts_with_star && !weekdays.starts_with_star;
    let has_day = |month: u32| days.numbers.iter().any(|&day| day <= LONGEST[month as usize - 1]);
    let possible = months.numbers.iter().any(|&month| has_day(month));
    (!possible && !weekday_suffices).then(|| CronProblem {
        span: 0..line.len(),
        message: "this line never comes true: no such day is in these months".to_owned(),
        help: "look at the third and the fourth field, day and month".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str) -> Vec<CronProblem> {
        Crontab::parse(line).err().unwrap_or_default()
    }

    #[test]
    fn takes_what_crontab_takes() {
        for line in [
            "* * * * *",
            "5 * * * *",
            "*/15 0-6,22,23 * * mon-fri",
            "0 0 29 2 *",
            "0 0 31 2 mon",
            "30 6 1,15 JAN-JUN/2 7",
            "0 30 6 * * *",
            "  10/5  4 * *  0 ",
            "@daily",
            "@hourly",
        ] {
            assert_eq!(check(line), [], "{line}");
        }
    }

    /// The next dates and times after 1 January 2026, a Thursday.
    fn next(line: &str, count: usize) -> String {
        let crontab = Crontab::parse(line).unwrap();
        let start = date(2026, 1, 1).at(0, 0, 0, 0);
        let times = std::iter::successors(crontab.next(start), |&time| crontab.next(time)).take(count);
        times.map(|time| time.strftime("%a %d %b %H:%M:%S").to_string()).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn either_day_field_suffices_unless_one_starts_with_a_star() {
        insta::assert_snapshot!(next("0 6 13 * fri", 4), @"Fri 02 Jan 06:00:00, Fri 09 Jan 06:00:00, Tue 13 Jan 06:00:00, Fri 16 Jan 06:00:00");
        insta::assert_snapshot!(next("0 6 */2 * mon", 4), @"Mon 05 Jan 06:00:00, Mon 19 Jan 06:00:00, Mon 09 Feb 06:00:00, Mon 23 Feb 06:00:00");
        insta::assert_snapshot!(next("0 6 1-31/2 * mon", 4), @"Thu 01 Jan 06:00:00, Sat 03 Jan 06:00:00, Mon 05 Jan 06:00:00, Wed 07 Jan 06:00:00");
        insta::assert_snapshot!(next("0 6 * * 0,7", 2), @"Sun 04 Jan 06:00:00, Sun 11 Jan 06:00:00");
        insta::assert_snapshot!(next("0 6 30 2 0-7", 2), @"Sun 01 Feb 06:00:00, Mon 02 Feb 06:00:00");
        insta::assert_snapshot!(next("15 0 6 * * 1-5/2", 4), @"Fri 02 Jan 06:00:15, Mon 05 Jan 06:00:15, Wed 07 Jan 06:00:15, Fri 09 Jan 06:00:15");
        insta::assert_snapshot!(next("@weekly", 2), @"Sun 04 Jan 00:00:00, Sun 11 Jan 00:00:00");
    }

    #[test]
    fn an_interval_has_a_wildcard_for_minute_or_hour() {
        for (line, is_interval) in [
            ("* * * * *", true),
            ("5 * * * *", true),
            ("5 */2 * * *", true),
            ("*/15 2 * * *", true),
            ("5 0-23 * * *", true),
            ("0-59 2 * * *", true),
            ("@hourly", true),
            ("5 0-22 * * *", false),
            ("0,30 2,3 * * *", false),
            ("* 30 2 * * *", false),
            ("@daily", false),
        ] {
            assert_eq!(Crontab::parse(line).unwrap().is_interval(), is_interval, "{line}");
        }
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        let said = |line: &str| {
            let lines: Vec<String> = check(line)
                .into_iter()
                .map(|problem| format!("{}: {} ({})", &line[problem.span], problem.message, problem.help))
                .collect();
            lines.join("\n")
        };
        insta::assert_snapshot!(said("60 24 0 13 8"), @r"
        60: the minute can't be 60 (it goes from 0 to 59)
        24: the hour can't be 24 (it goes from 0 to 23)
        0: the day of month can't be 0 (it goes from 1 to 31)
        13: the month can't be 13 (it goes from 1 to 12)
        8: the day of week can't be 8 (it goes from 0 to 7)
        ");
        let lines = [
            "0 22-6 * * *",
            "0 6 L * ?",
            "*/0 6 * * *",
            "0 6 * * tues",
            "0 0 30 2 *",
            "0 0 30 2 */2",
            "@dayly",
            "6:30",
            "1,, * * * *",
        ];
        insta::assert_snapshot!(lines.map(said).join("\n"), @r"
        22-6: the hour `22-6` ends before it starts (split it: `22-23,0-6`)
        L: `L` is not a day of month of a crontab line (`?`, `L`, `W` and `#` are Quartz's; crontab has numbers, names, `*`, `-`, `,` and `/`)
        ?: `?` is not a day of week of a crontab line (`?`, `L`, `W` and `#` are Quartz's; crontab has numbers, names, `*`, `-`, `,` and `/`)
        */0: the minute `*/0` has no step after the stroke (a step is a number from 1: `*/15`)
        tues: `tues` is not a day of week (did you mean `tue`?)
        0 0 30 2 *: this line never comes true: no such day is in these months (look at the third and the fourth field, day and month)
        0 0 30 2 */2: this line never comes true: no such day is in these months (look at the third and the fourth field, day and month)
        @dayly: `@dayly` is not known in a crontab line (did you mean `@daily`?)
        6:30: a crontab line has five fields, or six with seconds, not 1 (five fields are: minute, hour, day of month, month, day of week; `30 6 * * 1-5` is 06:30 from Monday to Friday)
        1,,: the minute has a comma too many ()
        ");
    }

    proptest::proptest! {
        #[test]
        fn never_panics_and_points_into_the_line(line in "\\PC{0,20}|[0-9*/,@a-z ?-]{0,24}") {
            for problem in check(&line) {
                proptest::prop_assert!(line.get(problem.span).is_some());
            }
        }
    }
}
