//! A night: the daemon is killed 200 times at random moments while files of every kind arrive, its SFTP server is restarted,
//! the line to it cut, reset, slowed down, silenced and refused, and its disk is full for a while. In the morning,
//! untouched, the warehouse holds what that of an undisturbed run holds.
//!
//! The moments follow from a seed, which is printed; `NIGHT_SEED=… NIGHT_KILLS=… cargo test --test end_to_end night` takes
//! others.

mod arrivals;
mod line;
mod several;
mod world;

use std::time::{Duration, Instant};

use campaignd::demo::random::Random;
use campaignd_contract::failpoint::FAILPOINTS;

use crate::daemon_process::{DaemonProcess, Start, pause};
use crate::disk_full::Disk;
use crate::sftp::sshd::Sshd;
use crate::site::{Site, files_under};
use crate::warehouse::Contents;

use arrivals::{Arrivals, FILES};
use line::Line;
use world::world;

#[path = "../../../connectors/formats/tests/formats/keyring.rs"]
#[allow(dead_code, reason = "the formats' own tests need more of it")]
mod keyring;

#[path = "../../../connectors/sftp/src/tests/proxy.rs"]
#[allow(dead_code, reason = "the connector's own tests need more of it")]
mod proxy;

/// Kills of a night.
const KILLS: u64 = 200;
/// The longest a daemon lives, at least: longer than it takes to load a file, so that some are killed idle.
const LIFE: Duration = Duration::from_millis(500);
/// In times of what it takes to be ready, where the machine is slow; and at most, so that the night ends.
const LIFE_OF_READY: u32 = 4;
const LONGEST_LIFE: Duration = Duration::from_secs(1);
/// A daemon that meets no trouble is done with the rest in that time.
const MORNING: Duration = Duration::from_mins(3);

/// Steps between which the warehouse and the source don't agree yet: here a death does most harm.
const AROUND_COMMIT: &[&str] =
    &["records-upserted", "checkpoint-moved", "before-commit", "after-commit", "before-release", "file-archived"];

/// What became of the files of each pipeline.
const FATES: &str = "SELECT group_concat(pipeline || ' ' || state || ' ' || files, '\n') FROM \
                     (SELECT pipeline, state, count(*) AS files FROM etl_file GROUP BY pipeline, state ORDER BY 1, 2)";

/// Nothing is left to be done: every file has found its end, and ROI has taken in what they brought.
fn is_morning(site: &Site) -> bool {
    let files = |states: &str| {
        let finished = "finished_at IS NOT NULL";
        site.number(&format!("SELECT count(*) FROM etl_file WHERE state IN ({states}) AND {finished}"))
    };
    files("'loaded', 'duplicate', 'quarantined'") == Arrivals::finished()
        && files("'held'") == Arrivals::HELD
        && site.number("SELECT count(*) FROM etl_dirty") == 0
        && site.number("SELECT count(*) FROM campaign_roi") > 0
}

/// What an undisturbed daemon makes of the files.
struct Undisturbed {
    contents: Contents,
    /// How long it took to be ready.
    ready: Duration,
}

fn undisturbed(arrivals: &Arrivals) -> Option<Undisturbed> {
    let server = Sshd::start(&["ed25519"], "")?;
    let site = world(&server, server.port(), "state", arrivals.keyring.as_ref());
    for number in 0..FILES {
        arrivals.come(number, &site, &server);
    }
    let started = Instant::now();
    let mut daemon = DaemonProcess::ready(&site);
    let ready = started.elapsed();
    daemon.until("the file that will be revised is loaded", |_| arrivals.is_to_be_revised(&site));
    arrivals.revise(&site, &server);
    daemon.until("the undisturbed daemon is done", |_| is_morning(&site));
    println!("the undisturbed daemon took {:?}, and {ready:?} to be ready", started.elapsed());
    daemon.stop();
    insta::assert_snapshot!(site.text(FATES), @r"
    bills loaded 10
    bills quarantined 2
    calls duplicate 3
    calls loaded 12
    costs loaded 12
    leads loaded 12
    orders loaded 12
    plan loaded 1
    sales loaded 12
    usage loaded 12
    visits held 1
    visits loaded 12
    ");
    Some(Undisturbed { contents: site.contents().regardless_of_order(), ready })
}

#[test]
fn a_night_ends_like_an_undisturbed_one() {
    let variable = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (seed, kills) = (variable("NIGHT_SEED").unwrap_or(2_026), variable("NIGHT_KILLS").unwrap_or(KILLS));
    println!("NIGHT_SEED={seed} NIGHT_KILLS={kills}");
    night(&Night { seed, kills, ..Night::default() });
}

/// What such a night is for: bugs that are planted make it end otherwise.
#[test]
fn a_night_finds_a_checkpoint_that_is_written_after_the_commit() {
    assert_found("checkpoint-after-commit");
}

#[test]
fn a_night_finds_a_file_that_is_let_go_before_the_commit() {
    assert_found("release-before-commit");
}

fn assert_found(planted: &'static str) {
    let (kills, morning) = (50, Duration::from_secs(30));
    let ended = std::panic::catch_unwind(|| night(&Night { kills, morning, planted, ..Night::default() }));
    assert!(matches!(ended, Err(_) | Ok(false)), "{planted} was not found");
}

/// How a night goes.
struct Night {
    seed: u64,
    kills: u64,
    /// The longest that recovery may take.
    morning: Duration,
    /// A bug.
    planted: &'static str,
}

impl Default for Night {
    fn default() -> Self {
        Self { seed: 2_026, kills: KILLS, morning: MORNING, planted: "" }
    }
}

/// Fails unless it ends well. False: there is no SFTP server here.
fn night(night: &Night) -> bool {
    let arrivals = Arrivals::new();
    let Some(undisturbed) = undisturbed(&arrivals) else { return false };
    let Some(server) = Sshd::start(&["ed25519"], "") else { return false };
    let mut random = Random::new(night.seed);
    let mut line = Line::to(server.port());
    let disk = Disk::mount("16m");
    let state = disk.as_ref().map_or_else(|| "state".to_owned(), |disk| disk.path("state"));
    let site = world(&server, line.port(), &state, arrivals.keyring.as_ref());
    let start = |failpoint: &str| {
        let variables = [("CAMPAIGND_PLANTED", night.planted), ("CAMPAIGND_FAILPOINT", failpoint)];
        DaemonProcess::start_with(&site, &Start { variables: &variables, ..Start::default() })
    };
    let longest_life = (undisturbed.ready * LIFE_OF_READY).clamp(LIFE, LONGEST_LIFE);
    let micros = u64::try_from(longest_life.as_micros()).unwrap();

    let (began, kills) = (Instant::now(), night.kills);
    let (mut arrived, mut is_revised, mut died) = (0, false, 0);
    for kill in 0..kills {
        // The last ones come just before the last kill, so that something is left to be done.
        while arrived < FILES && arrived as u64 * (kills - 1) <= kill * (FILES as u64 - 1) {
            arrivals.come(arrived, &site, &server);
            arrived += 1;
        }
        if !is_revised && kill >= kills / 2 && arrivals.is_to_be_revised(&site) {
            arrivals.revise(&site, &server);
            is_revised = true;
        }
        line.suffer(&mut random);
        if let Some(disk) = &disk {
            if kill % 10 == 7 {
                disk.fill();
            } else {
                disk.make_room();
            }
        }
        // Some die by themselves right after a durable step, which a kill hits once in a blue moon.
        let steps = if random.chance(500) { FAILPOINTS } else { AROUND_COMMIT };
        let step = random.pick(steps);
        let failpoint = if kill % 2 == 1 { format!("{step}:{}", 1 + random.below(3)) } else { String::new() };
        let mut daemon = start(&failpoint);
        pause(Duration::from_micros(random.below(micros)));
        if kill % 7 == 3 {
            server.end_sessions();
            pause(Duration::from_micros(random.below(micros / 4)));
        }
        if !failpoint.is_empty() && daemon.ends_within(longest_life) {
            died += 1;
        }
        daemon.kill();
    }
    let cut_short = site.number("SELECT count(*) FROM etl_run WHERE status = 'running'");
    println!("{kills} kills took {:?}, {died} of them after a step, and cut {cut_short} runs short", began.elapsed());

    // Nobody does anything but that the line is whole again.
    line.mend();
    if let Some(disk) = &disk {
        disk.make_room();
    }
    let (mut daemon, since) = (start(""), Instant::now());
    daemon.hear("READY=1");
    let in_time = || assert!(since.elapsed() < night.morning, "it hasn't recovered by itself");
    if !is_revised {
        daemon.until("the file that will be revised is loaded", |_| {
            in_time();
            arrivals.is_to_be_revised(&site)
        });
        arrivals.revise(&site, &server);
    }
    daemon.until("all is caught up with", |_| {
        in_time();
        is_morning(&site)
    });
    println!("recovered {:?} after the last start", since.elapsed());
    daemon.stop();
    site.contents().regardless_of_order().assert_same(&undisturbed.contents, "after a night");
    let remains = files_under(&std::path::Path::new(&state).join("spool"));
    let is_kept = |name: &String| name.starts_with("bills/") || name.starts_with("visits/");
    assert!(remains.iter().all(is_kept), "copies are left over: {remains:?}");
    assert_eq!(site.number("SELECT count(*) FROM etl_occurrence WHERE state = 'running'"), 0);
    assert!(cut_short * 10 > i64::try_from(kills).unwrap(), "the kills hit nothing");
    true
}
