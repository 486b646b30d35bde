//! Whether a crontab line is one: five fields, or six with seconds in front, or `@daily` and its like.
//!
//! Crontab semantics (cron(8), POSIX): Monday is 1, Sunday 0 or 7, names of months and days are allowed, and where
//! both day fields are restricted either of them suffices.

use std::ops::Range;

use super::suggest::{list, nearest};

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

const WORDS: &[&str] = &["@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"];

const EXAMPLE: &str = "five fields are: minute, hour, day of month, month, day of week; `30 6 * * 1-5` is 06:30 from \
                       Monday to Friday";

/// Everything that is wrong with `line`.
pub fn check(line: &str) -> Vec<CronProblem> {
    if line.trim_start().starts_with('@') {
        return word(line).into_iter().collect();
    }
    let fields = split(line, 0, char::is_whitespace);
    let declared = match fields.len() {
        5 => &FIELDS[1..],
        6 => &FIELDS[..],
        count => {
            let message = format!("a crontab line has five fields, or six with seconds, not {count}");
            return vec![CronProblem { span: 0..line.len(), message, help: EXAMPLE.to_owned() }];
        }
    };
    let mut problems = Vec::new();
    let mut values = Vec::new();
    for ((start, text), field) in fields.into_iter().zip(declared) {
        values.push(field.values(text, start, &mut problems));
    }
    if problems.is_empty() {
        problems.extend(never(line, &values[values.len() - 3..]));
    }
    problems
}

fn word(line: &str) -> Option<CronProblem> {
    let word = line.trim();
    if WORDS.contains(&word) {
        return None;
    }
    let help = match nearest(word, WORDS.iter().copied()) {
        _ if word == "@reboot" => "the daemon runs pipelines by the clock only: give a time".to_owned(),
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it knows {}", list(WORDS.iter().copied(), "and")),
    };
    Some(CronProblem { span: 0..line.len(), message: format!("`{word}` is not known in a crontab line"), help })
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
fn never(line: &str, dates: &[Vec<u32>]) -> Option<CronProblem> {
    const LONGEST: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let [days, months, weekdays] = dates else { return None };
    let any_weekday = weekdays.len() >= 7;
    let possible = months.iter().any(|&month| days.iter().any(|&day| day <= LONGEST[month as usize - 1]));
    (!possible && any_weekday).then(|| CronProblem {
        span: 0..line.len(),
        message: "this line never comes true: no such day is in these months".to_owned(),
        help: "look at the third and the fourth field, day and month".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::check;

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
