//! `campaignd retry`: try again what didn't end well.

use std::path::Path;
use std::process::ExitCode;

use campaignd_contract::Warehouse;
use jiff::Timestamp;

use super::exit::{Exit, Failure, end};
use super::listing::moment;
use super::overview::{self, Overview};
use super::{opening, pause, print};
use crate::config::Settings;
use crate::load::occurrence::{self, Standing};

/// Try the latest occurrence of a pipeline again that failed, left files waiting, was skipped or was missed.
///
/// It is due again, as if it hadn't been tried, and its run tries quarantined files again. A daemon starts it within 30
/// seconds; where none runs, `campaignd once PIPELINE --retry` does the same by hand.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The pipeline.
    pub pipeline: String,
}

/// Asks for it, and says what happens next.
pub fn run(arguments: &Arguments, settings: &Path) -> ExitCode {
    end(opening::current_warehouse(settings).and_then(|(settings, mut warehouse)| {
        opening::known_pipelines(&settings, std::slice::from_ref(&arguments.pipeline))?;
        let said = retried(&settings, warehouse.as_mut(), &arguments.pipeline, &pause::person())?;
        print::line(&said)?;
        Ok(Exit::Done)
    }))
}

fn retried(settings: &Settings, warehouse: &mut dyn Warehouse, name: &str, by: &str) -> Result<String, Failure> {
    let undone = occurrence::latest_undone(warehouse, name)?;
    let reopened = match &undone {
        Some(standing) => occurrence::retry(warehouse, standing, &format!("tried again by {by}"))?,
        None => false,
    };
    let overviews = overview::read(settings, warehouse, Timestamp::now())?;
    let Some(overview) = overviews.iter().find(|overview| overview.name() == name) else { return Ok(String::new()) };
    let mut lines = Vec::new();
    match &undone {
        Some(standing) if reopened => {
            lines.push(format!("{name}: {} is due again, its quarantined files included", told(standing)));
            if let Some(later) = overview
                .latest
                .as_ref()
                .filter(|latest| !latest.state.is_open() && latest.occurrence.due_at > standing.occurrence.due_at)
            {
                lines.push(format!("  a later one, {}, {}", later.occurrence.key.nominal_local, later.state.word()));
            }
            lines.push(format!("  {}", next_step(overview)));
        }
        Some(standing) => {
            lines.push(format!("{name}: {} was settled by somebody else meanwhile; nothing changed", told(standing)));
        }
        None => {
            lines.push(format!("{name}: no occurrence failed, left files waiting, was skipped or was missed"));
            if let Some(open) = overview.open.first() {
                let at = open.retry_at.map_or(String::new(), |at| format!(", tried again at {} UTC", moment(at)));
                lines.push(format!("  {} is {}{at}", open.occurrence.key.nominal_local, open.state.word()));
            }
            let quarantined = overview.files("quarantined");
            if quarantined > 0 {
                let files = if quarantined == 1 { "file is" } else { "files are" };
                lines.push(format!("  {quarantined} {files} quarantined: `campaignd once {name} --retry` tries again"));
            }
        }
    }
    Ok(lines.join("\n"))
}

/// `2026-03-01T06:00:00 (failed: the disk is full)`.
fn told(standing: &Standing) -> String {
    let reason = if standing.reason.is_empty() { String::new() } else { format!(": {}", standing.reason) };
    format!("{} ({}{reason})", standing.occurrence.key.nominal_local, standing.state.word())
}

/// Who runs it, and when.
fn next_step(overview: &Overview<'_>) -> String {
    let name = overview.name();
    let by_hand = format!("`campaignd once {name} --retry`");
    if !overview.pipeline.settings.enabled {
        return format!("no daemon runs it, since its settings say `enabled = false`: set that, or call {by_hand}");
    }
    if overview.pipeline.settings.schedule.is_none() {
        return format!("no daemon runs it, since it has no [schedule]: call {by_hand}");
    }
    match &overview.pause {
        Some(pause) => format!("but it is {}: `campaignd resume {name}`, then a daemon starts it", pause::told(pause)),
        None => format!("a daemon starts it within 30 seconds; where none runs, call {by_hand}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::tests::{Fixture, undated};
    use crate::load::occurrence::{Occurrence, State};
    use crate::load::pause as pauses;

    fn stand(warehouse: &mut dyn Warehouse, day: u8, state: State, reason: &str) -> Occurrence {
        let occurrence = Fixture::occurrence(day);
        occurrence::note(warehouse, &[(occurrence.clone(), state, reason.to_owned())]).unwrap();
        occurrence
    }

    #[test]
    fn the_latest_that_did_not_end_well_is_due_again() {
        let fixture = Fixture::new();
        let (settings, mut warehouse) = fixture.loaded();
        let warehouse = warehouse.as_mut();
        let mut said = vec![retried(&settings, warehouse, "inbound-calls", "ada@ops1").unwrap()];
        stand(warehouse, 1, State::Missed, "catch_up = \"none\"");
        let failed = stand(warehouse, 2, State::Failed, "the disk is full");
        stand(warehouse, 3, State::Succeeded, "");
        said.push(retried(&settings, warehouse, "inbound-calls", "ada@ops1").unwrap());
        let standing = occurrence::find(warehouse, &failed.key).unwrap().unwrap();
        assert_eq!((standing.state, standing.attempts, standing.retry_files), (State::Due, 0, true));
        assert_eq!(standing.occurrence, failed, "its origin stays");
        assert_eq!(standing.reason, "tried again by ada@ops1");
        pauses::pause(warehouse, "inbound-calls", "bob@ops2", "").unwrap();
        said.push(retried(&settings, warehouse, "inbound-calls", "ada@ops1").unwrap());
        said.push(retried(&settings, warehouse, "inbound-calls", "ada@ops1").unwrap());
        insta::assert_snapshot!(undated(&said.join("\n")));
    }
}
