//! What is wrong with when a pipeline runs: its line, its durations, its business days.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::document::Document;
use super::lints::text;
use super::report::{Place, Problem};
use super::tree::{Given, Node};
use crate::schedule::calendar::Calendar;
use crate::schedule::crontab::Crontab;
use crate::schedule::expectation::time_of_day;
use crate::schedule::timetable::Timetable;
use crate::settings::{Schedule, Span};

const DURATIONS: [[&str; 2]; 7] = [
    ["schedule", "catch_up_max_age"],
    ["schedule", "jitter"],
    ["schedule", "soft_timeout"],
    ["schedule", "hard_timeout"],
    ["retry", "first_pause"],
    ["retry", "longest_pause"],
    ["retry", "give_up_after"],
];

/// Notes what is wrong with `[schedule]` and `[retry]`, the file of holidays apart.
pub fn check(document: &mut Document) {
    crontab(document);
    for path in DURATIONS {
        text(document, &path, |duration| {
            let error = duration.parse::<Span>().err()?;
            let help = "write it as `90s`, `5m`, `1h 30m` or `7d`; for none at all leave the key out";
            Some((error.to_string(), help.to_owned()))
        });
    }
    text(document, &["schedule", "expect_by"], |time| {
        let message = format!("`{time}` is not a time of day");
        time_of_day(time).is_none().then(|| (message, "write hours and minutes: `06:30`".to_owned()))
    });
    not_longer(document, ["schedule", "soft_timeout"], ["schedule", "hard_timeout"]);
    not_longer(document, ["retry", "first_pause"], ["retry", "longest_pause"]);
    without_effect(document);
}

fn crontab(document: &mut Document) {
    let Some(node) = document.tree.at(["schedule", "cron"]).cloned() else { return };
    let Some(line) = node.text() else { return };
    for problem in Crontab::parse(line).err().unwrap_or_default() {
        let given = super::inside(&document.text, &node.given, problem.span);
        document.problem(&given, problem.message, problem.help);
    }
}

/// The one must not be longer than the other.
fn not_longer(document: &mut Document, shorter: [&str; 2], longer: [&str; 2]) {
    let span = |path: [&str; 2]| document.tree.at(path).and_then(Node::text)?.parse::<Span>().ok();
    if let (Some(short), Some(long)) = (span(shorter), span(longer))
        && short > long
        && let Some(node) = document.tree.at(longer)
    {
        let given = node.given.clone();
        let message = format!("`{}` is {long}, and `{}` is {short}", longer[1], shorter[1]);
        document.problem(&given, message, format!("`{}` must not be the shorter of the two", longer[1]));
    }
}

/// Warns of settings that only mean something beside others.
fn without_effect(document: &mut Document) {
    if !document.fits_under("schedule") {
        return;
    }
    let is = |key: &str| document.tree.at(["schedule", key]).and_then(Node::text);
    let catches_up_all = is("catch_up") == Some("all");
    let has_holidays = is("days") == Some("weekdays") || is("holidays").is_some();
    let beside = [
        ("catch_up_at_most", catches_up_all, "with `catch_up = \"all\"`"),
        ("on_holiday", has_holidays, "with `days = \"weekdays\"` or a file of `holidays`"),
    ];
    for (key, has_effect, where_it_has) in beside {
        if let Some(node) = document.tree.at(["schedule", key]).filter(|_| !has_effect) {
            let message = format!("`{key}` changes nothing here");
            let help = format!("it does {where_it_has}");
            let problem = Problem::warning(document.place(&node.given), message, help);
            document.problems.push(problem);
        }
    }
}

/// The file of holidays, and whether the line comes true on any business day.
pub fn holidays(document: &mut Document, schedule: &Schedule, base_directory: &Path) -> Option<Calendar> {
    let calendar = match &schedule.holidays {
        Some(file) => Some(read(document, &base_directory.join(file))?),
        None => None,
    };
    let timetable = Timetable::new(schedule, calendar.clone()).ok()?;
    if timetable.after(Timestamp::UNIX_EPOCH).next().is_none() {
        let given = document.tree.at(["schedule", "cron"]).map_or(Given::Whole, |node| node.given.clone());
        let help = "look at `days`, `holidays` and `on_holiday`: `on_holiday = \"next\"` moves runs instead";
        document.problem(&given, "this line never comes true on a business day", help);
    }
    calendar
}

fn read(document: &mut Document, file: &Path) -> Option<Calendar> {
    let given = document.tree.at(["schedule", "holidays"]).map_or(Given::Whole, |node| node.given.clone());
    let shown = file.display();
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            let message = format!("could not read the file of holidays `{shown}`: {error}");
            let help = "its path starts at the folder of campaignd.toml";
            document.problem(&given, message, help);
            return None;
        }
    };
    match Calendar::parse(&text) {
        Ok(calendar) => Some(calendar),
        Err(problems) => {
            let whole: Arc<str> = text.into();
            for problem in problems {
                let place = Place::Text { file: file.to_owned(), text: whole.clone(), span: problem.span };
                let problem = Problem::error(place, problem.message, problem.help);
                let named = document.place(&given);
                document.problems.push(problem.related(named, "named here"));
            }
            None
        }
    }
}
