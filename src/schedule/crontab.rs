//! A crontab line: five fields, or six with seconds in front, or `@daily` and its like, matched on wall-clock time.
//!
//! Crontab semantics (cron(8), POSIX): Monday is 1, Sunday 0 or 7, names of months and days are allowed, and where
//! both day fields are restricted either of them suffices.

use std::ops::Range;
use std::str::FromStr as _;

use chrono::Utc;
use cron::Schedule;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

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

/// Words for lines.
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

/// A line that can be matched.
#[derive(Debug, Clone)]
pub struct Crontab {
    /// One, or two of which either suffices.
    schedules: Vec<Schedule>,
    is_interval: bool,
}

impl Crontab {
    /// Reads a line; the error is everything that is wrong with it.
    pub fn parse(line: &str) -> Result<Self, Vec<CronProblem>> {
        let mut problems = Vec::new();
        let fields = fields(line, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let schedules = schedules(&fields);
        let schedules = schedules
            .map_err(|message| vec![CronProblem { span: 0..line.len(), message, help: EXAMPLE.to_owned() }])?;
        Ok(Self { schedules, is_interval: fields[..fields.len() - 3].iter().any(|field| field.starts_with_star) })
    }

    /// Whether its seconds, minutes or hours are a wildcard: then it means every so often rather than certain times.
    pub fn is_interval(&self) -> bool {
        self.is_interval
    }

    /// The wall-clock times that it names, from one on, in order, to the year 2100.
    pub fn from(&self, from: DateTime) -> impl Iterator<Item = DateTime> + '_ {
        // The crate looks for what comes after a time, and knows whole seconds.
        let whole = from.with().subsec_nanosecond(0).build().unwrap_or(from);
        let after = if whole == from { whole.checked_sub(1.second()).unwrap_or(whole) } else { whole };
        let mut streams: Vec<_> = match to_chrono(after) {
            Some(after) => self.schedules.iter().map(|schedule| schedule.after(&after).peekable()).collect(),
            None => Vec::new(),
        };
        std::iter::from_fn(move || {
            let next = streams.iter_mut().filter_map(|stream| stream.peek().copied()).min()?;
            for stream in &mut streams {
                stream.next_if_eq(&next);
            }
            from_chrono(next)
        })
    }
}

/// Wall-clock time as the crate wants it: as if it were UTC, where every time exists once.
fn to_chrono(time: DateTime) -> Option<chrono::DateTime<Utc>> {
    let since = time.to_zoned(TimeZone::UTC).ok()?.timestamp();
    chrono::DateTime::from_timestamp(since.as_second(), 0)
}

fn from_chrono(time: chrono::DateTime<Utc>) -> Option<DateTime> {
    Some(TimeZone::UTC.to_datetime(Timestamp::from_second(time.timestamp()).ok()?))
}

/// A field's numbers, rising.
struct Numbers {
    numbers: Vec<u32>,
    /// As cron(8) has it: then it restricts nothing.
    starts_with_star: bool,
}

/// The fields of a line with their numbers; noted is what is wrong.
fn fields(line: &str, problems: &mut Vec<CronProblem>) -> Vec<Numbers> {
    let known = WORDS.iter().find(|(word, _)| *word == line.trim());
    if let Some((_, stands_for)) = known {
        return fields(stands_for, problems);
    }
    if line.trim_start().starts_with('@') {
        problems.push(unknown_word(line));
        return Vec::new();
    }
    let fields = split(line, 0, char::is_whitespace);
    let declared = match fields.len() {
        5 => &FIELDS[1..],
        6 => &FIELDS[..],
        count => {
            let message = format!("a crontab line has five fields, or six with seconds, not {count}");
            problems.push(CronProblem { span: 0..line.len(), message, help: EXAMPLE.to_owned() });
            return Vec::new();
        }
    };
    let numbers: Vec<Numbers> = fields
        .into_iter()
        .zip(declared)
        .map(|((start, text), field)| Numbers {
            numbers: field.values(text, start, problems),
            starts_with_star: text.starts_with('*'),
        })
        .collect();
    if problems.is_empty() {
        problems.extend(never(line, &numbers[numbers.len() - 3..]));
    }
    numbers
}

/// The line as the crate `cron` has it: Sunday is 1 there, and both day fields must fit. Where both are restricted,
/// crontab wants either to fit: that is two lines.
fn schedules(fields: &[Numbers]) -> Result<Vec<Schedule>, String> {
    let [times @ .., days, months, weekdays] = fields else { return Err("it has no fields".to_owned()) };
    let list = |numbers: &[u32]| numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    let mut times: Vec<String> = times.iter().map(|field| list(&field.numbers)).collect();
    if times.len() == 2 {
        times.insert(0, "0".to_owned());
    }
    let mut of_crate: Vec<u32> = weekdays.numbers.iter().map(|day| day % 7 + 1).collect();
    of_crate.sort_unstable();
    of_crate.dedup();
    let (days_list, weekdays_list) = (list(&days.numbers), list(&of_crate));
    let either = !days.starts_with_star && !weekdays.starts_with_star;
    let pairs = if either {
        vec![(days_list.as_str(), "*"), ("*", weekdays_list.as_str())]
    } else {
        vec![(days_list.as_str(), weekdays_list.as_str())]
    };
    let months = list(&months.numbers);
    pairs
        .into_iter()
        .map(|(days, weekdays)| {
            let line = format!("{} {days} {months} {weekdays}", times.join(" "));
            Schedule::from_str(&line).map_err(|error| error.to_string())
        })
        .collect()
}

fn unknown_word(line: &str) -> CronProblem {
    let (word, words) = (line.trim(), WORDS.iter().map(|(word, _)| *word));
    let help = match nearest(word, words.clone()) {
        _ if word == "@reboot" => "the daemon runs pipelines by the clock only: give a time".to_owned(),
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it knows {}", list(words, "and")),
    };
    CronProblem { span: 0..line.len(), message: format!("`{word}` is not known in a crontab line"), help }
}

/// The pieces of `text` with their places, `base` being the place of `text` itself.
fn split(text: &str, base: usize, separator: fn(char) -> bool) -> Vec<(usize, &str)> {
    text.split(separator)
        .filter(|piece| !piece.is_empty())
        .map(|piece| (base + piece.as_ptr() as usize - text.as_ptr() as usize, piece))
        .collect()
}

impl Field {
    /// The numbers that `text` stands for, rising.
    fn values(&self, text: &str, start: usize, problems: &mut Vec<CronProblem>) -> Vec<u32> {
        let mut values = Vec::new();
        if text.split(',').any(str::is_empty) {
            let message = format!("the {} has a comma too many", self.name);
            problems.push(CronProblem { span: start..start + text.len(), message, help: String::new() });
            return values;
        }
        let mut place = start;
        for part in text.split(',') {
            match self.part(part) {
                Ok(numbers) => values.extend(numbers),
                Err((message, help)) => problems.push(CronProblem { span: place..place + part.len(), message, help }),
            }
            place += part.len() + 1;
        }
        values.sort_unstable();
        values.dedup();
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
fn never(line: &str, dates: &[Numbers]) -> Option<CronProblem> {
    const LONGEST: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let [days, months, weekdays] = dates else { return None };
    let any_weekday = weekdays.starts_with_star || weekdays.numbers.len() >= 7;
    let possible =
        months.numbers.iter().any(|&month| days.numbers.iter().any(|&day| day <= LONGEST[month as usize - 1]));
    (!possible && any_weekday).then(|| CronProblem {
        span: 0..line.len(),
        message: "this line never comes true: no such day is in these months".to_owned(),
        help: "look at the third and the fourth field, day and month".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::{CronProblem, Crontab};

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
        let lines =
            ["0 22-6 * * *", "0 6 L * ?", "*/0 6 * * *", "0 6 * * tues", "0 0 30 2 *", "@dayly", "6:30", "1,, * * * *"];
        insta::assert_snapshot!(lines.map(said).join("\n"), @r"
        22-6: the hour `22-6` ends before it starts (split it: `22-23,0-6`)
        L: `L` is not a day of month of a crontab line (`?`, `L`, `W` and `#` are Quartz's; crontab has numbers, names, `*`, `-`, `,` and `/`)
        ?: `?` is not a day of week of a crontab line (`?`, `L`, `W` and `#` are Quartz's; crontab has numbers, names, `*`, `-`, `,` and `/`)
        */0: the minute `*/0` has no step after the stroke (a step is a number from 1: `*/15`)
        tues: `tues` is not a day of week (did you mean `tue`?)
        0 0 30 2 *: this line never comes true: no such day is in these months (look at the third and the fourth field, day and month)
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
