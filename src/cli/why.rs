//! `campaignd why`: why a pipeline ran or didn't, in sentences.

use std::path::Path;
use std::process::ExitCode;

use campaignd_contract::Warehouse;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::exit::{Exit, Failure, end};
use super::listing::{moment, printable};
use super::overview::{self, Overview};
use super::{opening, pause, print};
use crate::config::Settings;
use crate::load::occurrence::{self, Standing, State};
use crate::model::operations::ETL_FILE;
use crate::schedule::timetable::Timetable;

/// Say in sentences why a pipeline ran or didn't, how what it needs stands, and what to do next.
///
/// By the warehouse's ledger and the settings as they are now: switched on? paused? when is it due, what became of its
/// latest occurrences, which pipelines does it come after, which files wait, is its data late, who is at work on it?
/// Occurrences are named by the local time of the schedule's zone.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The pipeline.
    pub pipeline: String,
}

/// A daemon looks at the ledger at least every 30 seconds; nothing older waits for its turn to be seen.
const SEEN: SignedDuration = SignedDuration::from_secs(90);

/// Occurrences and files that are told of one by one.
const TOLD: u32 = 5;

/// Prints it.
pub fn run(arguments: &Arguments, settings: &Path) -> ExitCode {
    end(opening::current_warehouse(settings).and_then(|(settings, mut warehouse)| {
        opening::known_pipelines(&settings, std::slice::from_ref(&arguments.pipeline))?;
        let said = explained(&settings, warehouse.as_mut(), &arguments.pipeline, Timestamp::now())?;
        print::output(&said)?;
        Ok(Exit::Done)
    }))
}

/// All there is to say of a pipeline, in lines.
pub(super) fn explained(
    settings: &Settings,
    warehouse: &mut dyn Warehouse,
    name: &str,
    now: Timestamp,
) -> Result<String, Failure> {
    let overviews = overview::read(settings, warehouse, now)?;
    let Some(overview) = overviews.iter().find(|overview| overview.name() == name) else { return Ok(String::new()) };
    let timetable = overview::timetable(overview.pipeline)?;
    let history = occurrence::history(warehouse, name, now, TOLD)?;
    let mut explained = Explained { overview, now, said: Vec::new(), steps: Vec::new() };
    explained.schedule(timetable.as_ref());
    explained.pause();
    explained.holder();
    explained.open(&overviews);
    explained.history(&history);
    explained.unseen(timetable.as_ref(), &history);
    explained.after(&overviews);
    explained.files(&waiting_files(warehouse, name)?);
    explained.late();
    explained.last_run();
    Ok(explained.text())
}

/// A file that waits: its name, state and reason.
struct WaitingFile {
    name: String,
    state: String,
    reason: String,
}

fn waiting_files(warehouse: &mut dyn Warehouse, pipeline: &str) -> Result<Vec<WaitingFile>, Failure> {
    let table = warehouse.dialect().stored(&ETL_FILE);
    let rows = warehouse.query(
        &format!(
            "SELECT name, state, reason FROM {table} WHERE pipeline = ?1 AND state IN ('held', 'quarantined', 'loading') \
             ORDER BY first_seen_at DESC, name LIMIT {TOLD}"
        ),
        &[pipeline.into()],
    )?;
    let text = |value: &campaignd_contract::Value| value.as_text().unwrap_or_default().to_owned();
    Ok(rows
        .rows
        .iter()
        .map(|row| WaitingFile { name: text(&row[0]), state: text(&row[1]), reason: text(&row[2]) })
        .collect())
}

struct Explained<'o> {
    overview: &'o Overview<'o>,
    now: Timestamp,
    said: Vec<String>,
    /// What to do next, the most pressing first.
    steps: Vec<String>,
}

impl Explained<'_> {
    fn say(&mut self, sentence: impl Into<String>) {
        self.said.push(sentence.into());
    }

    fn step(&mut self, step: impl Into<String>) {
        let step = step.into();
        if !self.steps.contains(&step) {
            self.steps.push(step);
        }
    }

    /// Whether daemons run it at all.
    fn is_scheduled(&self) -> bool {
        let settings = &self.overview.pipeline.settings;
        settings.enabled && settings.schedule.is_some()
    }

    fn schedule(&mut self, timetable: Option<&Timetable>) {
        let overview = self.overview;
        let (name, pipeline) = (overview.name(), overview.pipeline);
        let file = pipeline.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !pipeline.settings.enabled {
            self.say(format!("It is switched off: {file} says `enabled = false`, so no daemon runs it."));
            self.step(format!("set `enabled = true` in {file} and reload the daemon, or call `campaignd once {name}`"));
            return;
        }
        let (Some(schedule), Some(timetable)) = (&pipeline.settings.schedule, timetable) else {
            self.say("It has no [schedule], so no daemon runs it: it runs when somebody calls it.");
            self.step(format!("call `campaignd once {name}`, or give it a [schedule]"));
            return;
        };
        let next = overview.next_due.map_or("never again".to_owned(), |due| {
            format!("next {}, in {}", both(due, timetable.zone()), length(due.duration_since(self.now)))
        });
        self.say(format!("It is due by `{}` in {}: {next}.", schedule.cron, schedule.timezone));
    }

    fn pause(&mut self) {
        let Some(pause) = &self.overview.pause else { return };
        self.say(format!("It is {}. What becomes due meanwhile is skipped.", pause::told(pause)));
        self.step(format!("`campaignd resume {}` lets it go on", self.overview.name()));
    }

    fn holder(&mut self) {
        let Some(holder) = &self.overview.holder else { return };
        let (owner, age) = (&holder.owner, length(SignedDuration::from_secs(holder.age_seconds)));
        if holder.lives {
            let started = self.overview.run.as_ref().and_then(|run| run.started);
            let since = started.map_or(String::new(), |started| format!(" since {} UTC", moment(started)));
            self.say(format!("{owner} is at work on it{since}; its last sign of life is {age} old."));
        } else {
            self.say(format!(
                "{owner} was at work on it and is lost: its last sign of life is {age} old. What it had committed stays, \
                 and the next run goes on there."
            ));
        }
    }

    fn open(&mut self, all: &[Overview<'_>]) {
        let overview = self.overview;
        let name = overview.name();
        let is_running = overview.holder.as_ref().is_some_and(|holder| holder.lives);
        for standing in overview.open.iter().take(TOLD as usize) {
            let of = &standing.occurrence.key.nominal_local;
            if standing.state == State::Running {
                if !is_running {
                    self.say(format!("{of} was being run and is to be run again: its process is gone."));
                    self.step(format!(
                        "a daemon goes on with it by itself; where none runs, `campaignd once {name}` does"
                    ));
                }
                continue;
            }
            let because = if standing.reason.is_empty() { String::new() } else { format!(" ({})", standing.reason) };
            let waits = self.waits_for(standing, is_running, all);
            self.say(format!("{of} is to be run{because}: {waits}."));
        }
        let more = overview.open.len().saturating_sub(TOLD as usize);
        if more > 0 {
            self.say(format!("{} more are to be run.", print::counted(more as u64, "occurrence")));
        }
    }

    /// What stands between an occurrence and its run.
    fn waits_for(&mut self, standing: &Standing, is_running: bool, all: &[Overview<'_>]) -> String {
        let name = self.overview.name().to_owned();
        let due_at = standing.occurrence.due_at;
        let ready_at = standing.retry_at.unwrap_or(due_at);
        if !self.is_scheduled() {
            return "no daemon runs this pipeline".to_owned();
        }
        if self.overview.pause.is_some() {
            return "it waits until the pipeline is resumed".to_owned();
        }
        if ready_at > self.now {
            let tries = if standing.retry_at.is_some() {
                format!("after {}, it is tried again", print::counted(standing.attempts.into(), "attempt"))
            } else {
                "it is due".to_owned()
            };
            return format!("{tries} at {} UTC, in {}", moment(ready_at), length(ready_at.duration_since(self.now)));
        }
        if is_running {
            return "it waits for the run before it".to_owned();
        }
        let after = &self.overview.pipeline.settings.after;
        let waits_for_other = standing.occurrence.origin != occurrence::Origin::Backfill;
        let other = all.iter().filter(|other| waits_for_other && after.iter().any(|name| name == other.name()));
        let busy = other.filter(|other| other.open.iter().any(|open| open.occurrence.due_at <= due_at));
        if let Some(other) = busy.map(Overview::name).next() {
            return format!("it waits for `{other}`, which it comes after");
        }
        if ready_at.saturating_add(SEEN).is_ok_and(|seen| seen < self.now) {
            self.step(format!(
                "see that the daemon runs (`campaignd run`) and what it says; or call `campaignd once {name}`"
            ));
            return format!(
                "it has waited for {}, so no daemon runs, or all its places are taken, or its endpoint is left alone",
                length(self.now.duration_since(ready_at))
            );
        }
        "a daemon starts it within 30 seconds".to_owned()
    }

    fn history(&mut self, history: &[Standing]) {
        let settled: Vec<&Standing> = history.iter().filter(|standing| !standing.state.is_open()).collect();
        if settled.is_empty() {
            if self.is_scheduled() && self.overview.open.is_empty() {
                self.say("No occurrence of it is known yet.");
            }
            return;
        }
        self.say("Its latest occurrences:");
        for standing in &settled {
            self.say(format!("  {}", told(standing)));
        }
        let name = self.overview.name().to_owned();
        match settled[0].state {
            State::Failed => self.step(format!("once the reason is gone, `campaignd retry {name}` runs it again")),
            State::Partly => self.step(format!("see what waits with `campaignd files {name} --waiting`")),
            State::Missed | State::Skipped => {
                self.step(format!(
                    "`campaignd retry {name}` brings the latest, `campaignd backfill {name}` all of them"
                ));
            }
            State::Due | State::Running | State::Succeeded => {}
        }
    }

    /// Was it due and nobody wrote so?
    fn unseen(&mut self, timetable: Option<&Timetable>, history: &[Standing]) {
        let (Some(timetable), true) = (timetable, self.is_scheduled()) else { return };
        let Ok(seen) = self.now.checked_sub(SEEN) else { return };
        let Some(last) = timetable.last_before(seen) else { return };
        if history.first().is_some_and(|latest| latest.occurrence.due_at < last.due) {
            self.say(format!(
                "It was due since, at {}, and no daemon has noted that: none runs, or none with these settings.",
                both(last.due, timetable.zone())
            ));
            self.step(
                "start the daemon (`campaignd run`); what it does about missed times is `catch_up` in [schedule]",
            );
        }
    }

    fn after(&mut self, all: &[Overview<'_>]) {
        for other in &self.overview.pipeline.settings.after {
            let Some(other) = all.iter().find(|overview| overview.name() == other) else { continue };
            let named = other.name();
            let settings = &other.pipeline.settings;
            let stands = if !settings.enabled || settings.schedule.is_none() {
                "which no daemon runs, so it isn't waited for".to_owned()
            } else if let Some(open) = other.open.first() {
                format!("whose {} is {}", open.occurrence.key.nominal_local, open.state.word())
            } else {
                match &other.latest {
                    None => "which hasn't been due yet".to_owned(),
                    Some(latest) => {
                        if latest.state == State::Failed {
                            self.step(format!("`campaignd why {named}`: until it has run, this one is skipped"));
                        }
                        format!("whose {} {}", latest.occurrence.key.nominal_local, became(latest.state))
                    }
                }
            };
            self.say(format!("It comes after `{named}`, {stands}."));
        }
    }

    fn files(&mut self, files: &[WaitingFile]) {
        let name = self.overview.name().to_owned();
        let count: i64 = ["held", "quarantined", "loading"].iter().map(|state| self.overview.files(state)).sum();
        if files.is_empty() {
            return;
        }
        let count = u64::try_from(count).unwrap_or(0);
        self.say(format!(
            "{} of it {} not loaded:",
            print::counted(count, "file"),
            if count == 1 { "is" } else { "are" }
        ));
        for file in files {
            let why = match (file.state.as_str(), file.reason.is_empty()) {
                ("loading", true) => ": half loaded, the next run goes on".to_owned(),
                (_, true) => String::new(),
                (_, false) => format!(": {}", file.reason),
            };
            self.say(format!("  {} {}{why}", file.name, file.state));
            match file.state.as_str() {
                "held" => {
                    self.step(format!(
                        "`campaignd once {name} --accept FILE` loads a held file, if it is a correction"
                    ));
                }
                "quarantined" => self.step(format!(
                    "once the reason is gone, `campaignd retry {name}` or `campaignd once {name} --retry` tries \
                     quarantined files again"
                )),
                _ => {}
            }
        }
        let more = count.saturating_sub(files.len() as u64);
        if more > 0 {
            self.say(format!("  and {more} more: `campaignd files {name} --waiting`"));
        }
    }

    fn late(&mut self) {
        let days = &self.overview.late;
        let Some(first) = days.first() else { return };
        let by = first.by.map_or_else(|| first.day.clone(), |by| format!("{} UTC", moment(by)));
        let since = print::counted(days.len() as u64 - 1, "day");
        let more = if days.len() > 1 { format!(", and that of {since} after it") } else { String::new() };
        self.say(format!("It is late: its data was expected by {by} and hasn't come{more}."));
        self.step("ask the sender, if no file is there; the state clears itself when data comes");
    }

    fn last_run(&mut self) {
        let Some(run) = &self.overview.run else { return };
        let started = run.started.map_or(String::new(), |started| format!(", of {} UTC,", moment(started)));
        let message = if run.message.is_empty() { String::new() } else { format!(": {}", run.message) };
        let became = match run.status.as_str() {
            "running" => return,
            "lost" => "was lost".to_owned(),
            "partly" => "left files waiting".to_owned(),
            "stopped" => "was stopped".to_owned(),
            other => other.to_owned(),
        };
        self.say(format!("Its last run, number {}{started} {became}{message}.", run.number));
    }

    fn text(self) -> String {
        let mut lines = vec![format!("{}:", self.overview.name())];
        lines.extend(self.said);
        if self.steps.is_empty() {
            lines.push("Nothing is to be done.".to_owned());
        } else {
            lines.push("What to do next:".to_owned());
            lines.extend(self.steps.into_iter().map(|step| format!("  {step}")));
        }
        // Reasons hold whatever a source or a file said.
        lines.iter().map(|line| printable(line) + "\n").collect()
    }
}

fn told(standing: &Standing) -> String {
    let mut said = format!("{} {}", standing.occurrence.key.nominal_local, became(standing.state));
    if standing.attempts > 1 {
        said.push_str(&format!(" after {} runs", standing.attempts));
    }
    if let Some(number) = standing.run_no {
        said.push_str(&format!(" (run {number})"));
    }
    if !standing.reason.is_empty() {
        said.push_str(&format!(": {}", standing.reason));
    }
    said
}

fn became(state: State) -> &'static str {
    match state {
        State::Due => "is due",
        State::Running => "is running",
        State::Succeeded => "succeeded",
        State::Partly => "left files waiting",
        State::Failed => "failed",
        State::Skipped => "was skipped",
        State::Missed => "was missed",
    }
}

/// An instant in the schedule's zone, and in UTC where that is another time.
fn both(instant: Timestamp, zone: &TimeZone) -> String {
    let local = zone.to_datetime(instant).strftime("%Y-%m-%d %H:%M:%S").to_string();
    let utc = moment(instant);
    if local == utc { format!("{utc} UTC") } else { format!("{local} ({utc} UTC)") }
}

/// A length of time, to the second: `3m 20s`.
fn length(length: SignedDuration) -> String {
    format!("{:#}", SignedDuration::from_secs(length.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::tests::{Fixture, undated};
    use crate::load::occurrence::{Occurrence, Origin};
    use crate::load::pause as pauses;
    use crate::load::{Claimed, Lease};
    use crate::model::operations::ETL_EXPECTATION;

    const NAME: &str = "inbound-calls";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn note(warehouse: &mut dyn Warehouse, occurrence: &Occurrence, state: State, reason: &str) {
        occurrence::note(warehouse, &[(occurrence.clone(), state, reason.to_owned())]).unwrap();
    }

    #[test]
    fn a_pipeline_that_is_new_and_one_that_no_daemon_has_looked_at() {
        let fixture = Fixture::new();
        let (settings, mut warehouse) = fixture.migrated();
        let now = at("2026-03-03T06:00:30Z");
        insta::assert_snapshot!(explained(&settings, warehouse.as_mut(), NAME, now).unwrap());
        note(warehouse.as_mut(), &Fixture::occurrence(2), State::Succeeded, "");
        insta::assert_snapshot!(explained(&settings, warehouse.as_mut(), NAME, now).unwrap());
    }

    #[test]
    fn one_that_failed_and_is_paused_and_late() {
        let fixture = Fixture::new();
        let (settings, mut warehouse) = fixture.migrated();
        let warehouse = warehouse.as_mut();
        note(warehouse, &Fixture::occurrence(1), State::Succeeded, "");
        note(warehouse, &Fixture::occurrence(2), State::Failed, "could not connect to mft.example.com: refused");
        note(warehouse, &Fixture::occurrence(3), State::Due, "");
        pauses::pause(warehouse, NAME, "ada@ops1", "the vendor restates March").unwrap();
        let expectations = warehouse.dialect().stored(&ETL_EXPECTATION);
        let mut transaction = warehouse.begin().unwrap();
        let late = format!(
            "INSERT INTO {expectations} (pipeline, day, expected_by, state) VALUES \
             ('{NAME}', '2026-03-02', '2026-03-02 06:30:00', 'late'), ('{NAME}', '2026-03-01', '2026-03-01 06:30:00', 'met')"
        );
        transaction.execute(&late, &[]).unwrap();
        transaction.commit().unwrap();
        let said = explained(&settings, warehouse, NAME, at("2026-03-03T06:00:30Z")).unwrap();
        // When it was paused is the machine's time.
        let since = regex::Regex::new(r"ada@ops1 since [^:]+:\d\d:\d\d").unwrap();
        insta::assert_snapshot!(since.replace(&said, "ada@ops1 since [moment]"));
    }

    #[test]
    fn what_waits_says_for_what() {
        let fixture = Fixture::new();
        let (mut settings, mut warehouse) = fixture.migrated();
        let warehouse = warehouse.as_mut();
        note(warehouse, &Fixture::occurrence(3), State::Due, "");
        let mut said = vec![explained(&settings, warehouse, NAME, at("2026-03-03T06:00:30Z")).unwrap()];
        said.push(explained(&settings, warehouse, NAME, at("2026-03-03T06:04:00Z")).unwrap());
        // Another pipeline, which this one comes after, is at work on the same morning.
        let mut plan = settings.pipelines[0].clone();
        "plan".clone_into(&mut plan.settings.name);
        settings.pipelines.push(plan);
        settings.pipelines[0].settings.after = vec!["plan".to_owned()];
        let mut first = Fixture::occurrence(3);
        "plan".clone_into(&mut first.key.pipeline);
        note(warehouse, &first, State::Due, "");
        said.push(explained(&settings, warehouse, NAME, at("2026-03-03T06:04:00Z")).unwrap());
        note(warehouse, &first, State::Failed, "no such file");
        said.push(explained(&settings, warehouse, NAME, at("2026-03-03T06:00:30Z")).unwrap());
        // Somebody asked for one in person: it waits for no other pipeline.
        let asked = Occurrence { origin: Origin::Backfill, ..Fixture::occurrence(1) };
        note(warehouse, &asked, State::Due, "asked for by ada@ops1");
        said.push(explained(&settings, warehouse, NAME, at("2026-03-01T06:00:30Z")).unwrap());
        insta::assert_snapshot!(said.join("\n"));
    }

    #[test]
    fn files_that_wait_and_a_process_at_work() {
        let fixture = Fixture::new();
        let (settings, mut warehouse) = fixture.loaded();
        let Claimed::Mine(_lease) = Lease::claim(warehouse.as_mut(), NAME, 60).unwrap() else { panic!() };
        let said = explained(&settings, warehouse.as_mut(), NAME, Timestamp::now()).unwrap();
        let varying = regex::Regex::new(r"in \d+[hms]( \d+[hms])*|life is (\d+[hms])+").unwrap();
        let process = format!("{}:{}", rustix::system::uname().nodename().to_string_lossy(), std::process::id());
        let said = varying.replace_all(&undated(&said), "[time]").replace(&process, "[process]");
        insta::assert_snapshot!(said);
    }

    #[test]
    fn one_that_no_daemon_runs() {
        let fixture = Fixture::new();
        let (mut settings, mut warehouse) = fixture.migrated();
        settings.pipelines[0].settings.schedule = None;
        let now = at("2026-03-03T06:00:30Z");
        let mut said = vec![explained(&settings, warehouse.as_mut(), NAME, now).unwrap()];
        settings.pipelines[0].settings.enabled = false;
        said.push(explained(&settings, warehouse.as_mut(), NAME, now).unwrap());
        insta::assert_snapshot!(said.join("\n"));
    }
}
