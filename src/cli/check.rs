//! `campaignd check`: everything that is wrong with the settings, in one go; and when pipelines are due.

use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;

use super::exit::{Exit, Failure, end};
use super::listing::{Cell, Column, Format, Listing, Tone};
use super::print;
use crate::config::{self, LoadedPipeline, Report};
use crate::schedule::clock::{Clock as _, SystemClock};
use crate::schedule::jitter;
use crate::schedule::timetable::{ClockChange, ScheduleError, Timetable};

/// Runs of a pipeline that are listed.
const NEXT: usize = 5;

/// Check campaignd.toml and every pipeline.
///
/// Says everything that is wrong in one go, each mistake with its file, line and column and what to do about it.
/// Reads no input and touches neither warehouse nor sources.
///
/// Exit codes: 0 nothing is wrong (there may be warnings), 78 the settings can't be used.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// List the next five runs of each pipeline too: in its own time zone, in UTC, and what clocks being changed does to
    /// them.
    #[arg(long)]
    pub schedule: bool,
}

/// Prints the problems to standard error and a summary to standard output.
pub fn run(arguments: &Arguments, settings: &Path) -> ExitCode {
    end(printed(arguments, settings))
}

fn printed(arguments: &Arguments, settings: &Path) -> Result<Exit, Failure> {
    let (report, pipelines) = match config::load(settings) {
        Ok(settings) => (settings.warnings, settings.pipelines),
        Err(report) => (report, Vec::new()),
    };
    print::error(&report.render(print::colour_on_stderr()));
    print::output(&format!("{}\n", summary(&report)))?;
    if report.errors() > 0 {
        return Ok(Exit::Settings);
    }
    if arguments.schedule {
        let listing = upcoming(&pipelines, SystemClock.now()).map_err(|error| Failure::Defect(error.to_string()))?;
        print::output("\n")?;
        listing.print(Format::Table)?;
    }
    Ok(Exit::Done)
}

/// The next runs of each pipeline.
fn upcoming(pipelines: &[LoadedPipeline], now: Timestamp) -> Result<Listing, ScheduleError> {
    let columns = ["pipeline", "local_time", "time_zone", "utc", "note"];
    let mut listing = Listing::new(columns.into_iter().map(Column::text).collect());
    for pipeline in pipelines {
        let name = &pipeline.settings.name;
        let Some(schedule) = &pipeline.settings.schedule else {
            listing.notes.push(format!("{name}: it has no [schedule] and runs only when asked to"));
            continue;
        };
        if !pipeline.settings.enabled {
            listing.notes.push(format!("{name}: `enabled = false` in its settings, it doesn't run"));
            continue;
        }
        if let Some(jitter) = schedule.jitter {
            let offset = jitter::offset(name, jitter.duration());
            listing.notes.push(format!("{name}: each run starts {:.1} s later (`jitter`)", offset.as_secs_f64()));
        }
        let timetable = Timetable::new(schedule, pipeline.holidays.clone())?;
        for occurrence in timetable.after(now).take(NEXT) {
            let nominal = occurrence.nominal;
            let note = timetable.clock_change(&occurrence).map(|change| match change {
                ClockChange::Skipped(shown) if shown.date() == nominal.date() => format!(
                    "{} doesn't exist on that day: runs at {}",
                    nominal.strftime("%H:%M"),
                    shown.strftime("%H:%M")
                ),
                ClockChange::Skipped(shown) => format!(
                    "{} doesn't exist on that day: runs on {}",
                    nominal.strftime("%H:%M"),
                    shown.strftime("%Y-%m-%d at %H:%M")
                ),
                ClockChange::OnlyFirst => {
                    format!("{} comes twice on that day: runs the first time", nominal.strftime("%H:%M"))
                }
                ClockChange::First => "comes twice on that day: this is the first time".to_owned(),
                ClockChange::Second => "comes twice on that day: this is the second time".to_owned(),
            });
            listing.rows.push(vec![
                name.as_str().into(),
                nominal.strftime("%a %Y-%m-%d %H:%M:%S").to_string().into(),
                schedule.timezone.as_str().into(),
                occurrence.due.strftime("%Y-%m-%d %H:%M:%S").to_string().into(),
                note.map_or(Cell::Null, |note| Cell::Toned(note, Tone::Notable)),
            ]);
        }
    }
    Ok(listing)
}

fn summary(report: &Report) -> String {
    let files = print::counted(report.files as u64, "file");
    match (report.errors(), report.warnings()) {
        (0, 0) => format!("{files} checked, nothing is wrong"),
        (errors, 0) => format!("{files} checked, {}", print::counted(errors as u64, "error")),
        (0, warnings) => format!("{files} checked, {}", print::counted(warnings as u64, "warning")),
        (errors, warnings) => format!(
            "{files} checked, {} and {}",
            print::counted(errors as u64, "error"),
            print::counted(warnings as u64, "warning")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::listing::Screen;
    use crate::cli::sample::sample;

    /// What is listed for pipelines of these schedules.
    fn listed(schedules: &[(&str, &str)], now: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        std::fs::create_dir(folder.path().join("pipelines")).unwrap();
        write("campaignd.toml", sample("campaignd").unwrap());
        write("holidays.txt", "2026-03-27\n");
        let pipeline = sample("pipeline").unwrap();
        let (before, rest) = pipeline.split_once("\n[schedule]\n").unwrap();
        let (_, after) = rest.split_once("\n[source]\n").unwrap();
        for (name, schedule) in schedules {
            let text =
                format!("{before}\n{schedule}\n[source]\n{after}").replace("\"inbound-calls\"", &format!("\"{name}\""));
            write(&format!("pipelines/{name}.toml"), &text);
        }
        let settings = config::load(&folder.path().join("campaignd.toml")).unwrap();
        let listing = upcoming(&settings.pipelines, now.parse().unwrap()).unwrap();
        listing.render(Format::Table, Screen::Plain).unwrap()
    }

    #[test]
    fn the_next_runs_say_what_becomes_of_them_when_clocks_are_changed() {
        let spring = listed(
            &[
                ("nightly", "[schedule]\ncron = '30 2 * * *'\ntimezone = 'Europe/Berlin'\njitter = '5m'"),
                ("often", "[schedule]\ncron = '*/30 * * * *'\ntimezone = 'Europe/Berlin'"),
                ("weekly", "[schedule]\ncron = '0 6 * * fri'\nholidays = 'holidays.txt'\non_holiday = 'next'"),
                ("when-asked", ""),
            ],
            "2026-03-27T23:00:00Z",
        );
        insta::assert_snapshot!(spring, @r"
        pipeline  local_time               time_zone      utc                  note
        nightly   Sat 2026-03-28 02:30:00  Europe/Berlin  2026-03-28 01:30:00  –
        nightly   Sun 2026-03-29 02:30:00  Europe/Berlin  2026-03-29 01:00:00  02:30 doesn't exist on that day: runs at 03:00
        nightly   Mon 2026-03-30 02:30:00  Europe/Berlin  2026-03-30 00:30:00  –
        nightly   Tue 2026-03-31 02:30:00  Europe/Berlin  2026-03-31 00:30:00  –
        nightly   Wed 2026-04-01 02:30:00  Europe/Berlin  2026-04-01 00:30:00  –
        often     Sat 2026-03-28 00:30:00  Europe/Berlin  2026-03-27 23:30:00  –
        often     Sat 2026-03-28 01:00:00  Europe/Berlin  2026-03-28 00:00:00  –
        often     Sat 2026-03-28 01:30:00  Europe/Berlin  2026-03-28 00:30:00  –
        often     Sat 2026-03-28 02:00:00  Europe/Berlin  2026-03-28 01:00:00  –
        often     Sat 2026-03-28 02:30:00  Europe/Berlin  2026-03-28 01:30:00  –
        weekly    Sat 2026-03-28 06:00:00  UTC            2026-03-28 06:00:00  –
        weekly    Fri 2026-04-03 06:00:00  UTC            2026-04-03 06:00:00  –
        weekly    Fri 2026-04-10 06:00:00  UTC            2026-04-10 06:00:00  –
        weekly    Fri 2026-04-17 06:00:00  UTC            2026-04-17 06:00:00  –
        weekly    Fri 2026-04-24 06:00:00  UTC            2026-04-24 06:00:00  –

        nightly: each run starts 49.5 s later (`jitter`)
        when-asked: it has no [schedule] and runs only when asked to
        ");
        let autumn = listed(
            &[
                ("late", "[schedule]\ncron = '30 23 * * *'\ntimezone = 'America/Scoresbysund'"),
                ("nightly", "[schedule]\ncron = '30 2 * * *'\ntimezone = 'Europe/Berlin'"),
                ("often", "[schedule]\ncron = '*/30 * * * *'\ntimezone = 'Europe/Berlin'"),
            ],
            "2026-10-24T23:40:00Z",
        );
        insta::assert_snapshot!(autumn, @r"
        pipeline  local_time               time_zone             utc                  note
        late      Sat 2026-10-24 23:30:00  America/Scoresbysund  2026-10-25 00:30:00  23:30 comes twice on that day: runs the first time
        late      Sun 2026-10-25 23:30:00  America/Scoresbysund  2026-10-26 01:30:00  –
        late      Mon 2026-10-26 23:30:00  America/Scoresbysund  2026-10-27 01:30:00  –
        late      Tue 2026-10-27 23:30:00  America/Scoresbysund  2026-10-28 01:30:00  –
        late      Wed 2026-10-28 23:30:00  America/Scoresbysund  2026-10-29 01:30:00  –
        nightly   Sun 2026-10-25 02:30:00  Europe/Berlin         2026-10-25 00:30:00  02:30 comes twice on that day: runs the first time
        nightly   Mon 2026-10-26 02:30:00  Europe/Berlin         2026-10-26 01:30:00  –
        nightly   Tue 2026-10-27 02:30:00  Europe/Berlin         2026-10-27 01:30:00  –
        nightly   Wed 2026-10-28 02:30:00  Europe/Berlin         2026-10-28 01:30:00  –
        nightly   Thu 2026-10-29 02:30:00  Europe/Berlin         2026-10-29 01:30:00  –
        often     Sun 2026-10-25 02:00:00  Europe/Berlin         2026-10-25 00:00:00  comes twice on that day: this is the first time
        often     Sun 2026-10-25 02:30:00  Europe/Berlin         2026-10-25 00:30:00  comes twice on that day: this is the first time
        often     Sun 2026-10-25 02:00:00  Europe/Berlin         2026-10-25 01:00:00  comes twice on that day: this is the second time
        often     Sun 2026-10-25 02:30:00  Europe/Berlin         2026-10-25 01:30:00  comes twice on that day: this is the second time
        often     Sun 2026-10-25 03:00:00  Europe/Berlin         2026-10-25 02:00:00  –
        ");
        let midnight = "[schedule]\ncron = '30 23 * * *'\ntimezone = 'America/Scoresbysund'";
        insta::assert_snapshot!(listed(&[("late", midnight)], "2026-03-28T12:00:00Z"), @r"
        pipeline  local_time               time_zone             utc                  note
        late      Sat 2026-03-28 23:30:00  America/Scoresbysund  2026-03-29 01:00:00  23:30 doesn't exist on that day: runs on 2026-03-29 at 00:00
        late      Sun 2026-03-29 23:30:00  America/Scoresbysund  2026-03-30 00:30:00  –
        late      Mon 2026-03-30 23:30:00  America/Scoresbysund  2026-03-31 00:30:00  –
        late      Tue 2026-03-31 23:30:00  America/Scoresbysund  2026-04-01 00:30:00  –
        late      Wed 2026-04-01 23:30:00  America/Scoresbysund  2026-04-02 00:30:00  –
        ");
    }
}
