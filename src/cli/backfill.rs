//! `campaignd backfill`: run what a schedule would have run between two dates.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use campaignd_contract::{Error, ErrorClass, Supervision, Warehouse};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

use super::exit::{Exit, Failure, end};
use super::{once, opening, overview, pause, print};
use crate::config::{LoadedPipeline, Settings};
use crate::load::occurrence::{self, Key, Occurrence, Origin, Settled, Standing, State};
use crate::load::{Decisions, lease};
use crate::pipeline::{self, PipelineError, Ran, Request, RunReport};
use crate::schedule::timetable::Timetable;

/// Run the occurrences of a pipeline's schedule between two dates that weren't run or failed.
///
/// Dates are those of the schedule's time zone; what isn't due yet is left to the schedule. Each occurrence is run as of its
/// own time, the oldest first. A run that is called again goes on with what isn't done. What was loaded before isn't
/// loaded twice.
///
/// Exit codes: 0 all is done, 65 a file is held, quarantined or refused, 75 another process is at work on the pipeline.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The pipeline.
    pub pipeline: String,
    /// The first day: `2026-03-01`.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub from: Date,
    /// The day after the last one.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub to: Date,
    /// Run also those that were run before and went well, or left a file waiting.
    #[arg(long)]
    pub again: bool,
    /// Leave the runs to a daemon.
    #[arg(long)]
    pub detach: bool,
}

/// Occurrences that can be asked for at once. They are written in one transaction, for which others wait.
const AT_MOST: usize = 10_000;

fn date(text: &str) -> Result<Date, String> {
    Date::strptime("%Y-%m-%d", text).map_err(|_| "write a date as `2026-03-01`".to_owned())
}

/// Asks for them and, unless a daemon is to do it, runs them.
pub fn run(arguments: &Arguments, settings: &Path) -> ExitCode {
    end(opening::current_warehouse(settings).and_then(|(settings, mut warehouse)| {
        opening::known_pipelines(&settings, std::slice::from_ref(&arguments.pipeline))?;
        let found = settings.pipelines.iter().find(|pipeline| pipeline.settings.name == arguments.pipeline);
        let Some(pipeline) = found else { return Ok(Exit::Usage) };
        let wanted = wanted(arguments, pipeline, Timestamp::now())?;
        if !arguments.detach {
            free(warehouse.as_mut(), &settings, &arguments.pipeline)?;
        }
        print::line(&ask(arguments, warehouse.as_mut(), &wanted, &pause::person())?)?;
        if arguments.detach {
            print::line(&left_to_a_daemon(arguments, warehouse.as_mut(), pipeline)?)?;
            return Ok(Exit::Done);
        }
        let all_well = run_all(warehouse.as_mut(), &settings, pipeline, &wanted)?;
        once::bring_roi_up_to_date(warehouse.as_mut(), &settings, false)?;
        Ok(if all_well { Exit::Done } else { Exit::Refused })
    }))
}

/// The occurrences of the schedule between the dates that were due by now, in order.
fn wanted(arguments: &Arguments, pipeline: &LoadedPipeline, now: Timestamp) -> Result<Vec<Occurrence>, Failure> {
    let name = &arguments.pipeline;
    let refused = |wrong: String, next: &str| Failure::Asked(Error::permanent("backfill", name, wrong).next(next));
    if arguments.from >= arguments.to {
        let wrong = format!("there is no day from {} to {}, which isn't included", arguments.from, arguments.to);
        return Err(refused(wrong, "`--to` is the day after the last one"));
    }
    let Some(timetable) = overview::timetable(pipeline)? else {
        let next = "give it a [schedule], or call `campaignd once`";
        return Err(refused("it has no [schedule], so nothing was ever due".to_owned(), next));
    };
    let mut wanted = Vec::new();
    for occurrence in between(&timetable, arguments.from, arguments.to).take_while(|occurrence| occurrence.due <= now) {
        if wanted.len() == AT_MOST {
            let wrong = format!("it was due more than {AT_MOST} times between these dates");
            return Err(refused(wrong, "name dates closer to each other, one stretch after the other"));
        }
        let window = timetable.window(&occurrence);
        wanted.push(Occurrence {
            key: Key { pipeline: name.clone(), nominal_local: occurrence.nominal_text(), fold: occurrence.fold },
            due_at: occurrence.due,
            window_from: window.from,
            window_to: window.to,
            origin: Origin::Backfill,
        });
    }
    Ok(wanted)
}

/// Those whose local time lies on one of these days. The clock may move the instant to another day.
fn between(
    timetable: &Timetable,
    from: Date,
    to: Date,
) -> impl Iterator<Item = crate::schedule::timetable::Occurrence> + '_ {
    let start_of = |day: Date| {
        let start = timetable.zone().to_ambiguous_timestamp(day.at(0, 0, 0, 0)).compatible();
        start.unwrap_or(if day == from { Timestamp::MIN } else { Timestamp::MAX })
    };
    let after = start_of(from.saturating_sub(2.days()));
    let until = start_of(to.saturating_add(2.days()));
    timetable
        .between(after, until)
        .filter(move |occurrence| occurrence.nominal.date() >= from && occurrence.nominal.date() < to)
}

/// Fails while another process is at work on the pipeline.
fn free(warehouse: &mut dyn Warehouse, settings: &Settings, name: &str) -> Result<(), Failure> {
    let holders = lease::holders(warehouse, settings.daemon.limits.lease_seconds)?;
    match holders.get(name) {
        Some(holder) if holder.lives && holder.owner != lease::owner() => {
            let wrong = format!("{} is at work on it; nothing was changed", holder.owner);
            let error = Error::new(ErrorClass::Transient, "backfill", name, wrong);
            let next = "call it again when that has finished; with `--detach` a daemon does it in its turn";
            Err(Failure::Pipeline(PipelineError::Elsewhere(error.next(next))))
        }
        _ => Ok(()),
    }
}

/// Writes that they are to be run, and says what was written.
fn ask(
    arguments: &Arguments,
    warehouse: &mut dyn Warehouse,
    wanted: &[Occurrence],
    by: &str,
) -> Result<String, Failure> {
    let (name, from, to) = (&arguments.pipeline, arguments.from, arguments.to);
    if wanted.is_empty() {
        return Ok(format!("{name}: its schedule named no time from {from} to {to}, {to} not included, that is over"));
    }
    let left_over = open(warehouse, wanted)?;
    let left_over = left_over.iter().filter(|standing| standing.occurrence.origin == Origin::Backfill).count() as u64;
    let mut reopened = vec![State::Missed, State::Skipped, State::Failed];
    // What is left of an earlier call is done first. Else a call that was interrupted would never come to its end.
    if arguments.again && left_over == 0 {
        reopened.extend([State::Succeeded, State::Partly]);
    }
    let asked = occurrence::ask(warehouse, wanted, &reopened, &format!("asked for by {by}"))?;
    let to_run = open(warehouse, wanted)?.len() as u64;
    let mut said = format!(
        "{name}: {} from {from} to {to}, {to} not included: {to_run} to be run ({} new, {} again)",
        print::counted(wanted.len() as u64, "occurrence"),
        asked.added,
        asked.reopened,
    );
    let done = wanted.len() as u64 - to_run;
    if arguments.again && left_over > 0 {
        said.push_str(&format!(
            "\n  goes on with {left_over} that an earlier call left; those that are done aren't run again this time"
        ));
    } else if done > 0 {
        said.push_str(&format!("\n  {done} done before and left alone; `--again` runs them too"));
    }
    Ok(said)
}

/// Those of them that are still to be run, the oldest first.
fn open(warehouse: &mut dyn Warehouse, wanted: &[Occurrence]) -> Result<Vec<Standing>, Error> {
    let keys: BTreeSet<&Key> = wanted.iter().map(|occurrence| &occurrence.key).collect();
    let open = occurrence::open(warehouse)?;
    Ok(open.into_iter().filter(|standing| keys.contains(&standing.occurrence.key)).collect())
}

fn left_to_a_daemon(
    arguments: &Arguments,
    warehouse: &mut dyn Warehouse,
    pipeline: &LoadedPipeline,
) -> Result<String, Failure> {
    let name = &arguments.pipeline;
    if !pipeline.settings.enabled {
        return Ok(format!("no daemon runs {name}, since its settings say `enabled = false`: set that first"));
    }
    Ok(match crate::load::pause::pauses(warehouse)?.get(name) {
        Some(found) => format!("it is {}: `campaignd resume {name}`, then a daemon runs them", pause::told(found)),
        None => format!("a daemon starts within 30 seconds; `campaignd why {name}` says how far it is"),
    })
}

/// Runs those that are still to be run, up to the first failure. Returns whether nothing waits for a person.
fn run_all(
    warehouse: &mut dyn Warehouse,
    settings: &Settings,
    pipeline: &LoadedPipeline,
    wanted: &[Occurrence],
) -> Result<bool, Failure> {
    let mut all_well = true;
    let to_run = open(warehouse, wanted)?;
    for (done, standing) in to_run.iter().enumerate() {
        let nominal = &standing.occurrence.key.nominal_local;
        match run_one(warehouse, settings, pipeline, &standing.occurrence) {
            Ok(Ran::Through(report)) => {
                all_well &= !report.needs_attention();
                print::line(&format!("{nominal} {}", once::described(&report, false)))?;
            }
            Ok(Ran::Settled(state)) => print::line(&format!("{nominal} {} by another process", state.word()))?,
            Err(error) => {
                let left = to_run.len() - done;
                print::error(&format!(
                    "{nominal}: {left} of {} not done: call the same again to go on, or leave the rest to a daemon\n",
                    to_run.len()
                ));
                return Err(Failure::Pipeline(error));
            }
        }
    }
    Ok(all_well)
}

fn run_one(
    warehouse: &mut dyn Warehouse,
    settings: &Settings,
    pipeline: &LoadedPipeline,
    occurrence: &Occurrence,
) -> Result<Ran, PipelineError> {
    let mut assembled = pipeline::assemble(settings, pipeline, None, &Supervision::default())?;
    let decisions = Decisions::default();
    let request = Request {
        decisions: &decisions,
        now: Timestamp::now(),
        occurrence: Some((occurrence, &|outcome, _| settled(outcome))),
    };
    let bar = once::progress_bar(&pipeline.settings.name);
    let ran = pipeline::run(warehouse, &mut assembled, &request, &mut |progress| once::show(&bar, progress));
    bar.finish_and_clear();
    ran
}

/// Nothing is tried again by itself: whoever called sees the failure, and calls again.
fn settled(outcome: Result<&RunReport, &PipelineError>) -> Settled {
    let (state, reason) = match outcome {
        Ok(report) if report.needs_attention() => (State::Partly, report.attention()),
        Ok(_) => (State::Succeeded, String::new()),
        Err(error) => (State::Failed, error.to_string()),
    };
    Settled { state, reason, retry_at: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::tests::Fixture;

    fn asked(from: &str, to: &str) -> Arguments {
        Arguments {
            pipeline: "inbound-calls".to_owned(),
            from: date(from).unwrap(),
            to: date(to).unwrap(),
            again: false,
            detach: false,
        }
    }

    fn wanted_by(fixture: &(Settings, Box<dyn Warehouse>), arguments: &Arguments, now: &str) -> Vec<Occurrence> {
        wanted(arguments, &fixture.0.pipelines[0], now.parse().unwrap()).unwrap()
    }

    /// Hourly at five past, in New York, where the hour from two is missing on 8 March 2026 and doubled on 1 November.
    #[test]
    fn days_are_those_of_the_schedule_s_zone() {
        let opened = Fixture::new().migrated();
        let of = |from: &str, to: &str, now: &str| wanted_by(&opened, &asked(from, to), now);
        let spring = of("2026-03-08", "2026-03-09", "2026-12-01T00:00:00Z");
        assert_eq!(spring.len(), 23);
        assert_eq!(spring[0].key.nominal_local, "2026-03-08T00:05:00");
        assert_eq!(spring[0].due_at, "2026-03-08T05:05:00Z".parse().unwrap());
        assert_eq!(spring[22].key.nominal_local, "2026-03-08T23:05:00");
        let autumn = of("2026-11-01", "2026-11-02", "2026-12-01T00:00:00Z");
        assert_eq!((autumn.len(), autumn.iter().filter(|occurrence| occurrence.key.fold == 1).count()), (25, 1));
        // What isn't due yet is left to the schedule.
        assert_eq!(of("2026-03-08", "2026-03-09", "2026-03-08T05:05:00Z").len(), 1);
        let backwards = asked("2026-03-09", "2026-03-09");
        let refused = wanted(&backwards, &opened.0.pipelines[0], Timestamp::now()).unwrap_err();
        assert_eq!(refused.exit(), Exit::Usage);
        let too_many = asked("2020-01-01", "2026-01-01");
        assert_eq!(wanted(&too_many, &opened.0.pipelines[0], Timestamp::now()).unwrap_err().exit(), Exit::Usage);
        assert!(date("2026-03-01T05:00:00").is_err() && date("1 March").is_err());
    }

    #[test]
    fn what_is_done_stays_unless_it_is_wanted_again() {
        let mut opened = Fixture::new().migrated();
        let mut arguments = asked("2026-03-10", "2026-03-11");
        let wanted = wanted_by(&opened, &arguments, "2026-03-10T10:00:00Z");
        let warehouse = opened.1.as_mut();
        let stand = |warehouse: &mut dyn Warehouse, number: usize, state: State| {
            occurrence::note(warehouse, &[(wanted[number].clone(), state, "because".to_owned())]).unwrap();
        };
        for (number, state) in [State::Succeeded, State::Partly, State::Failed, State::Missed].into_iter().enumerate() {
            stand(warehouse, number, state);
        }
        let mut said = vec![ask(&arguments, warehouse, &wanted, "ada@ops1").unwrap()];
        assert_eq!(wanted.len(), 6, "from midnight to five");
        let reopened = occurrence::find(warehouse, &wanted[2].key).unwrap().unwrap();
        assert_eq!((reopened.state, reopened.occurrence.origin), (State::Due, Origin::Backfill));
        assert_eq!(reopened.reason, "asked for by ada@ops1");
        // Half of it is still to be run, so what is done isn't begun anew.
        arguments.again = true;
        said.push(ask(&arguments, warehouse, &wanted, "ada@ops1").unwrap());
        for number in 2..6 {
            stand(warehouse, number, State::Skipped);
        }
        said.push(ask(&arguments, warehouse, &wanted, "ada@ops1").unwrap());
        said.push(ask(&arguments, warehouse, &[], "ada@ops1").unwrap());
        insta::assert_snapshot!(said.join("\n"));
    }

    #[test]
    fn a_failure_is_written_and_nothing_is_tried_again_by_itself() {
        let error = PipelineError::Source(Error::new(ErrorClass::Transient, "read", "march.csv", "it is gone"));
        let failed = settled(Err(&error));
        assert_eq!((failed.state, failed.retry_at), (State::Failed, None));
        assert_eq!(settled(Ok(&RunReport::default())).state, State::Succeeded);
    }
}
