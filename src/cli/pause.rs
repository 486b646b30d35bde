//! `campaignd pause`: keep a pipeline from being started.

use std::path::Path;
use std::process::ExitCode;

use campaignd_contract::Warehouse;

use super::exit::{Exit, Failure, end};
use super::listing::moment;
use super::{opening, print};
use crate::load::lease;
use crate::load::pause::{Pause, pause};

/// Pause a pipeline: daemons start nothing of it until it is resumed.
///
/// A run that is under way ends normally. What becomes due meanwhile is skipped, with who paused it and why; what was due
/// before waits. Every daemon of the warehouse heeds it within 30 seconds, also after a restart. `campaignd once` and
/// `campaignd backfill` run a paused pipeline all the same: whoever calls them is there.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The pipeline.
    pub pipeline: String,
    /// Why, for those who come after.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub reason: String,
}

/// Pauses it and says so.
pub fn run(arguments: &Arguments, settings: &Path) -> ExitCode {
    end(opening::current_warehouse(settings).and_then(|(settings, mut warehouse)| {
        opening::known_pipelines(&settings, std::slice::from_ref(&arguments.pipeline))?;
        let said = paused(arguments, warehouse.as_mut(), settings.daemon.limits.lease_seconds, &person())?;
        print::line(&said)?;
        Ok(Exit::Done)
    }))
}

fn paused(
    arguments: &Arguments,
    warehouse: &mut dyn Warehouse,
    lease_seconds: u32,
    by: &str,
) -> Result<String, Failure> {
    let name = &arguments.pipeline;
    if let Some(before) = pause(warehouse, name, by, arguments.reason.trim())? {
        return Ok(format!("nothing changed: {name} is {}", told(&before)));
    }
    let mut said = format!("{name} is paused: nothing of it starts until `campaignd resume {name}`");
    match lease::holders(warehouse, lease_seconds)?.get(name) {
        Some(holder) if holder.lives => said.push_str(&format!("\nits run on {} ends normally", holder.owner)),
        _ => {}
    }
    said.push_str("\na daemon heeds it within 30 seconds; what becomes due meanwhile is skipped");
    Ok(said)
}

/// A pause in words: `paused by ada@ops1 since 2026-03-01 06:00:00 UTC: the vendor restates March`.
pub fn told(pause: &Pause) -> String {
    let reason = if pause.reason.is_empty() { String::new() } else { format!(": {}", pause.reason) };
    format!("paused by {} since {} UTC{reason}", pause.by, moment(pause.at))
}

/// Who calls: `user@host`. Behind sudo, the one who called it.
pub fn person() -> String {
    let mut named = ["SUDO_USER", "USER", "LOGNAME"].iter().filter_map(|name| std::env::var(name).ok());
    let user = named.find(|name| !name.is_empty());
    let user = user.unwrap_or_else(|| format!("uid {}", rustix::process::geteuid().as_raw()));
    format!("{user}@{}", rustix::system::uname().nodename().to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::resume;
    use crate::cli::tests::{Fixture, undated};

    #[test]
    fn a_pause_is_kept_and_ends_once() {
        let fixture = Fixture::new();
        let (_, mut warehouse) = fixture.migrated();
        let asked = |reason: &str| Arguments { pipeline: "inbound-calls".to_owned(), reason: reason.to_owned() };
        let mut said = vec![resume::resumed("inbound-calls", warehouse.as_mut()).unwrap()];
        for reason in ["the vendor restates March", "another reason"] {
            said.push(paused(&asked(reason), warehouse.as_mut(), 60, "ada@ops1").unwrap());
        }
        for _ in 0..2 {
            said.push(resume::resumed("inbound-calls", warehouse.as_mut()).unwrap());
        }
        insta::assert_snapshot!(undated(&said.join("\n---\n")));
    }
}
