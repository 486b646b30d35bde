//! `campaignd check`: everything that is wrong with the settings, in one go.

use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;

use super::exit::{Exit, Failure, end};
use super::listing::{Cell, Column, Format, Listing, Tone, moment};
use super::{opening, overview, print};
use crate::config::{self, Report, Settings};
use crate::schedule::timetable::{ClockChange, Occurrence, Timetable};

/// Check campaignd.toml and every pipeline.
///
/// Says everything that is wrong in one go, each mistake with its file, line and column and what to do about it.
/// Reads no input and touches neither warehouse nor sources.
///
/// Exit codes: 0 nothing is wrong (there may be warnings), 78 the settings can't be used.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// List also the next five times at which each pipeline is due, and those that a change of the clock moves.
    #[arg(long)]
    pub schedule: bool,
}

/// Times of each pipeline that are listed.
const TIMES: usize = 5;

/// Prints the problems to standard error and a summary to standard output.
pub fn run(arguments: &Arguments, settings: &Path) -> ExitCode {
    end(printed(arguments, settings))
}

fn printed(arguments: &Arguments, settings: &Path) -> Result<Exit, Failure> {
    let report = config::check(settings);
    print::error(&report.render(print::colour_on_stderr()));
    print::output(&format!("{}\n", summary(&report)))?;
    if report.errors() > 0 {
        return Ok(Exit::Settings);
    }
    if arguments.schedule {
        print::line("")?;
        times(&opening::settings(settings)?, Timestamp::now())?.print(Format::Table)?;
    }
    Ok(Exit::Done)
}

/// The next times of each pipeline, without its jitter.
fn times(settings: &Settings, now: Timestamp) -> Result<Listing, Failure> {
    let columns = ["pipeline", "local_time", "zone", "utc", "clock_change"];
    let mut listing = Listing::new(columns.into_iter().map(Column::text).collect());
    for pipeline in &settings.pipelines {
        let name = pipeline.settings.name.as_str();
        let (Some(schedule), Some(timetable)) = (&pipeline.settings.schedule, overview::timetable(pipeline)?) else {
            listing.notes.push(format!("{name}: no [schedule], so no daemon runs it"));
            continue;
        };
        if !pipeline.settings.enabled {
            listing.notes.push(format!("{name}: `enabled = false`, so no daemon runs it"));
        }
        for occurrence in timetable.after(now).take(TIMES) {
            listing.rows.push(vec![
                name.into(),
                timetable.local(occurrence.due).strftime("%a %Y-%m-%d %H:%M:%S").to_string().into(),
                schedule.timezone.as_str().into(),
                moment(occurrence.due).into(),
                clock_change(&timetable, &occurrence),
            ]);
        }
    }
    Ok(listing)
}

fn clock_change(timetable: &Timetable, occurrence: &Occurrence) -> Cell {
    let notable = |what: String| Cell::Toned(what, Tone::Notable);
    match timetable.clock_change(occurrence) {
        None => Cell::Null,
        Some(ClockChange::Skipped(_)) => {
            notable(format!("moved: there is no {} that day", occurrence.nominal.strftime("%H:%M:%S")))
        }
        Some(ClockChange::OnlyFirst) => notable("the first of two equal times, and only then".to_owned()),
        Some(ClockChange::First) => notable("first of two equal times".to_owned()),
        Some(ClockChange::Second) => notable("second of two equal times".to_owned()),
    }
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
    use crate::cli::tests::Fixture;

    #[test]
    fn times_around_a_change_of_the_clock_are_flagged() {
        let (mut settings, _) = Fixture::new().migrated();
        let mut fixed = settings.pipelines[0].clone();
        "nightly".clone_into(&mut fixed.settings.name);
        if let Some(schedule) = &mut fixed.settings.schedule {
            "30 2 * * *".clone_into(&mut schedule.cron);
        }
        let mut alone = fixed.clone();
        "by-hand".clone_into(&mut alone.settings.name);
        alone.settings.schedule = None;
        settings.pipelines.extend([fixed, alone]);
        let mut said = Vec::new();
        for now in ["2026-03-07T00:00:00Z", "2026-11-01T04:00:00Z"] {
            let listing = times(&settings, now.parse().unwrap()).unwrap();
            said.push(listing.render(Format::Table, Screen::Plain).unwrap());
        }
        insta::assert_snapshot!(said.join("\n"));
    }
}
