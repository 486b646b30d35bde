//! `campaignd run`: the daemon.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use campaignd_contract::Error;

use super::exit::{Exit, Failure, end};
use super::{events as events_command, files, opening, runs, status};
use crate::config;
use crate::config::Settings;
use crate::daemon::{self, Daemon, How};
use crate::ops::{Announcer, Health, Listener, Log, Metrics, Page, Shown, events, http};
use crate::schedule::clock::{Clock, SystemClock};

/// Run every pipeline when it is due, until told to stop: the daemon.
///
/// Pipelines with a `[schedule]` run by it, each occurrence once, also if the daemon was killed in between or several
/// daemons share the warehouse. SIGHUP reads the settings again and keeps the old ones if the new ones have mistakes;
/// SIGTERM and SIGINT finish the batch in hand (at most `limits.stop_seconds`), a second one ends at once. Creates the
/// tables in a new warehouse. Under systemd it says when it is ready, what it does, and that it gets on.
///
/// Exit codes: 0 stopped, 69 the warehouse can't be used, 75 another daemon runs in the state directory, 78 the settings
/// are wrong.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Runs it.
pub fn run(_arguments: &Arguments, settings: &Path) -> ExitCode {
    end(serve(settings))
}

fn serve(path: &Path) -> Result<Exit, Failure> {
    let settings = Arc::new(opening::settings(path)?);
    let log = Log::new(&settings.daemon.logs).map_err(|error| {
        Error::io("log to", "the journal", &error).next("set `format` in [logs] to `text` where there is no journald")
    })?;
    let (metrics, health) = (Arc::new(Metrics::default()), Arc::new(Health::default()));
    let announcer = Announcer::new(vec![Arc::new(log), Arc::clone(&metrics) as Arc<dyn Listener>]);
    let state_directory = settings.base_directory.join(&settings.daemon.state_directory);
    let _instance = daemon::take(&state_directory)?;
    let starting = events::STARTING.event().with("version", env!("CARGO_PKG_VERSION"));
    announcer.tell(&starting.with("pid", std::process::id()).with("settings", path.display()));
    first_contact(&settings, &announcer)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    show(&settings, &health, &metrics, &clock, path)?;
    let (opened, from) = (Arc::clone(&settings), path.to_owned());
    let how = Daemon {
        open: Arc::new(move || opening::connect(&opened)),
        load: Arc::new(move || config::load(&from)),
        clock,
        announcer,
        metrics,
        health,
        settings,
    }
    .run()?;
    match how {
        How::InOrder => Ok(Exit::Done),
        // Threads that are still at work go with the process; what they hadn't committed is rolled back.
        How::Early => std::process::exit(0),
    }
}

/// Pause between two tries to reach the warehouse, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Reaches the warehouse, and creates the tables of a new one. Waits for one that is out of reach: after a power cut
/// machines come up in any order. What no waiting mends, such as tables of another version, ends the daemon.
fn first_contact(settings: &Settings, announcer: &Announcer) -> Result<(), Failure> {
    let mut pause = FIRST_PAUSE;
    loop {
        let reached = opening::warehouse(settings).and_then(|mut first| opening::migrate_if_new(first.as_mut()));
        match reached {
            Err(failure) if matches!(failure.exit(), Exit::TryAgain | Exit::NoSpace) => {
                if pause == FIRST_PAUSE {
                    announcer.tell(&events::WAREHOUSE_UNREACHABLE.event().with("reason", &failure));
                }
                std::thread::sleep(pause);
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            settled => return settled,
        }
    }
}

/// The pages, if the settings want them. Each page of JSON is what the command of that name prints.
fn show(
    settings: &Settings,
    health: &Arc<Health>,
    metrics: &Arc<Metrics>,
    clock: &Arc<dyn Clock>,
    path: &Path,
) -> Result<(), Failure> {
    if !settings.daemon.http.enabled {
        return Ok(());
    }
    let listen = settings.daemon.http.listen.parse().map_err(|_| {
        let wrong = "it is not an address with a port";
        Error::permanent("listen on", &settings.daemon.http.listen, wrong).next("`campaignd check` says more")
    })?;
    let page = |made: fn(&Path, Option<&str>) -> Result<String, Failure>| -> Page {
        let from = path.to_owned();
        Arc::new(move |query| {
            made(&from, query.get("pipeline").map(String::as_str)).map_err(|failure| failure.to_string())
        })
    };
    let pages = vec![
        ("/api/v1/status", page(|from, _| status::json(from))),
        ("/api/v1/runs", page(runs::json)),
        ("/api/v1/files", page(files::json)),
        ("/api/v1/events", page(|_, _| events_command::json())),
    ];
    let (health, metrics, clock) = (Arc::clone(health), Arc::clone(metrics), Arc::clone(clock));
    http::serve(listen, Shown { health, metrics, clock, pages })?;
    Ok(())
}
