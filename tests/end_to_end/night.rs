//! A night: the daemon is killed 200 times at random moments while files of every kind arrive, its SFTP server is restarted,
//! the line to it cut, reset, slowed down and silenced, and its disk is full for a while. In the morning, untouched, the
//! warehouse holds what that of an undisturbed run holds.
//!
//! The moments follow from a seed, which is printed; `NIGHT_SEED=… NIGHT_KILLS=… cargo test --test end_to_end night` takes
//! others.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use campaignd::demo::random::Random;
use campaignd_contract::failpoint::FAILPOINTS;

use crate::daemon_process::{DaemonProcess, Start, pause};
use crate::disk_full::Disk;
use crate::mainframe::{self, BILLS, Bills};
use crate::scenario::{calls_file, campaign};
use crate::sftp::sshd::Sshd;
use crate::sftp::{self};
use crate::site::{Site, files_under};
use crate::warehouse::Contents;

#[path = "../../connectors/sftp/src/tests/proxy.rs"]
#[allow(dead_code, reason = "the connector's own tests need more of it")]
mod proxy;

use proxy::{Fate, Proxy};

/// Kills of a night.
const KILLS: u64 = 200;
/// The longest a daemon lives, in microseconds: longer than it takes to load a file, so that some are killed idle.
const LIFE: u64 = 500_000;
/// A daemon that meets no trouble is done with the rest in that time.
const MORNING: Duration = Duration::from_mins(3);

const LIMITS: &str = "batch_rows = 250\ncommit_rows = 500\nlease_seconds = 3";

const SCHEDULE: &str = "\n[schedule]\ncron = \"* * * * * *\"\n\n[retry]\nattempts = 100\nfirst_pause = \"1s\"\n\
                        longest_pause = \"2s\"\n\n[source]";

const LEADS: &str = r#"name = "leads"

[source]
kind = "file"
path = "in/leads_*.jsonl"
ready = "marker"
marker = "{name}.done"
after = "delete"

[format]
kind = "json"
[format.columns]
id = "id"
at = "at"
email = "email"

[[output]]
record = "campaign_response"
[output.fields]
source_system = "'crm'"
source_key = "id"
occurred_at = "to_timestamp(at)"
response_type = "'form'"
party_email = "email"
"#;

/// How many files of each kind come in a night.
const FILES: usize = 12;

/// Pipelines of every kind, without a file. The server's port is the proxy's.
fn world(server: &Sshd, port: u16, state: &str) -> Site {
    let site = campaign(Site::at("warehouse.db", state, LIMITS), &[], 0);
    let costs = std::fs::read_to_string(sftp::site(server).path("pipelines/costs.toml")).unwrap();
    let costs = costs.replace(&format!("port = {}", server.port()), &format!("port = {port}\ntimeout_seconds = 2"));
    site.write("pipelines/costs.toml", costs);
    site.write("BILLS.cpy", mainframe::COPYBOOK);
    site.write("pipelines/bills.toml", mainframe::PIPELINE.replace("FORMAT", "") + mainframe::CONTROL);
    site.write("pipelines/leads.toml", LEADS);
    for pipeline in ["bills", "calls", "costs", "leads", "orders", "plan"] {
        site.replace(&format!("pipelines/{pipeline}.toml"), "\n[source]", SCHEDULE);
    }
    site
}

/// The files of that number arrive, as good senders send them: under another name first, or with a marker.
fn arrive(site: &Site, server: &Sshd, number: usize) {
    let calls = calls_file(number * 1_500, number * 1_500 + 1_500);
    place(site, &format!("calls_{number:02}.csv.gz"), &calls);
    let day = format!("202607{:02}", 1 + number);
    // Some trailers lie: those files are quarantined.
    let trailer_file_id = if number % 5 == 4 { "BILL0002" } else { "BILL0001" };
    let day: &'static str = day.leak();
    let bills = Bills { from: number * 400, lines: 400, run_date: day, trailer_file_id, ..BILLS };
    place(site, &format!("BILLS.{day}"), &bills.bytes());
    let leads: String = (0..800)
        .map(|lead| {
            let id = number * 800 + lead;
            let at = if lead % 97 == 3 { "yesterday" } else { "2026-04-01T10:00:00Z" };
            format!("{{\"id\":\"L{id}\",\"at\":\"{at}\",\"email\":\"lead{id}@example.com\"}}\n")
        })
        .collect();
    site.write(&format!("in/leads_{number:02}.jsonl"), leads);
    site.write(&format!("in/leads_{number:02}.jsonl.done"), "");
    sftp::send(server, &format!("day_{number:02}"), number * 700, number * 700 + 700);
    let order = format!("order_id,placed_at,call_id,total\nN{number},2026-03-05T10:00:00Z,C0000003,19.95\n");
    site.write(&format!("in/orders_{number:02}.ctl"), "orders = 1\ntotal = 19.95\n");
    place(site, &format!("orders_{number:02}.csv"), order.as_bytes());
    if number % 4 == 3 {
        // The same content again, under another name.
        place(site, &format!("calls_{number:02}_again.csv.gz"), &calls);
    }
}

fn place(site: &Site, name: &str, content: &[u8]) {
    site.write(&format!("in/.{name}.part"), content);
    std::fs::rename(site.path(&format!("in/.{name}.part")), site.path(&format!("in/{name}"))).unwrap();
}

/// Nothing is left to be done: every file has found its end, and ROI has taken in what they brought.
fn is_morning(site: &Site, files: i64) -> bool {
    site.number(
        "SELECT count(*) FROM etl_file WHERE state IN ('loaded', 'duplicate', 'quarantined') AND finished_at IS NOT NULL",
    ) == files
        && site.number("SELECT count(*) FROM etl_dirty") == 0
        && site.number("SELECT count(*) FROM campaign_roi") > 0
}

/// Files of a whole night: plan, calls, bills, leads, costs and orders, and some calls twice.
fn files() -> i64 {
    i64::try_from(1 + 5 * FILES + FILES / 4).unwrap()
}

/// What an undisturbed daemon makes of the same files.
fn undisturbed() -> Option<Contents> {
    let server = Sshd::start(&["ed25519"], "")?;
    let site = world(&server, server.port(), "state");
    for number in 0..FILES {
        arrive(&site, &server, number);
    }
    let mut daemon = DaemonProcess::ready(&site);
    daemon.until("the undisturbed daemon is done", |_| is_morning(&site, files()));
    daemon.stop();
    Some(site.contents().regardless_of_order())
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
    let (kills, morning) = (40, Duration::from_secs(20));
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
    let Some(expected) = undisturbed() else { return false };
    let Some(server) = Sshd::start(&["ed25519"], "") else { return false };
    let mut random = Random::new(night.seed);
    let fate = Arc::new(Mutex::new(Fate::Whole));
    let line = Arc::clone(&fate);
    let proxy = Proxy::start(server.port(), move |_| *line.lock().unwrap());
    let disk = Disk::mount("16m");
    let state = disk.as_ref().map_or_else(|| "state".to_owned(), |disk| disk.path("state"));
    let site = world(&server, proxy.port(), &state);
    let start = |failpoint: &str| {
        let variables = [("CAMPAIGND_PLANTED", night.planted), ("CAMPAIGND_FAILPOINT", failpoint)];
        DaemonProcess::start_with(&site, &Start { variables: &variables, ..Start::default() })
    };

    let (began, kills) = (Instant::now(), night.kills);
    let mut arrived = 0;
    for kill in 0..kills {
        while arrived < FILES && u64::try_from(arrived).unwrap() * kills <= kill * u64::try_from(FILES).unwrap() {
            arrive(&site, &server, arrived);
            arrived += 1;
        }
        *fate.lock().unwrap() = match random.below(10) {
            0 => Fate::Cut(random.below(60_000)),
            1 => Fate::Silent(random.below(60_000)),
            2 => Fate::Reset(random.below(60_000)),
            3 => Fate::Slow(Duration::from_millis(random.below(20))),
            _ => Fate::Whole,
        };
        if let Some(disk) = &disk {
            if kill % 10 == 7 {
                disk.fill();
            } else {
                disk.make_room();
            }
        }
        // Some die by themselves right after a durable step, which a kill hits once in a blue moon.
        let step = FAILPOINTS[usize::try_from(random.below(FAILPOINTS.len() as u64)).unwrap()];
        let count = 1 + random.below(4);
        let daemon = start(&if kill % 3 == 1 { format!("{step}:{count}") } else { String::new() });
        pause(Duration::from_micros(random.below(LIFE)));
        if kill % 7 == 3 {
            server.end_sessions();
            pause(Duration::from_micros(random.below(LIFE / 4)));
        }
        daemon.kill();
    }
    let cut_short = site.number("SELECT count(*) FROM etl_run WHERE status = 'running'");
    println!("{kills} kills took {:?} and cut {cut_short} runs short", began.elapsed());

    // Nobody does anything but that the line is whole again.
    *fate.lock().unwrap() = Fate::Whole;
    if let Some(disk) = &disk {
        disk.make_room();
    }
    let (mut daemon, since) = (start(""), Instant::now());
    daemon.until("all is caught up with", |_| {
        assert!(since.elapsed() < night.morning, "it hasn't recovered by itself");
        is_morning(&site, files())
    });
    println!("recovered {:?} after the last start", since.elapsed());
    daemon.stop();
    site.contents().regardless_of_order().assert_same(&expected, "after a night");
    let remains = files_under(&std::path::Path::new(&state).join("spool"));
    assert!(remains.iter().all(|name| name.starts_with("bills/")), "copies are left over: {remains:?}");
    assert_eq!(site.number("SELECT count(*) FROM etl_occurrence WHERE state = 'running'"), 0);
    assert!(cut_short * 10 > i64::try_from(kills).unwrap(), "the kills hit nothing");
    true
}
