//! The daemon from outside: ready, reloaded, stopped, killed, hung, and two of them on one warehouse.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::daemon_process::{DaemonProcess, Start};
use crate::scenario::{calls_file, campaign};
use crate::site::Site;

const EVERY_SECOND: &str = "cron = \"* * * * * *\"";

const LIMITS: &str = "batch_rows = 500\ncommit_rows = 500\nlease_seconds = 3\nstop_seconds = 10";

/// A site whose pipelines run every second.
pub fn scheduled(site: Site) -> Site {
    for pipeline in ["calls", "orders", "plan"] {
        schedule(&site, pipeline, EVERY_SECOND);
    }
    site
}

/// Gives a pipeline a schedule.
fn schedule(site: &Site, pipeline: &str, lines: &str) {
    let source = format!("\n[schedule]\n{lines}\n\n[source]");
    site.replace(&format!("pipelines/{pipeline}.toml"), "\n[source]", &source);
}

fn loaded_files(site: &Site) -> i64 {
    site.number("SELECT count(*) FROM etl_file WHERE state = 'loaded'")
}

#[test]
fn it_says_when_it_is_ready_runs_what_is_due_and_stops_in_order() {
    let site = scheduled(campaign(Site::new(LIMITS), &[("calls_1.csv.gz", &calls_file(0, 2_000))], 2));
    let mut daemon = DaemonProcess::ready(&site);
    daemon.until("all files are loaded", |_| loaded_files(&site) == 4);
    daemon.until("ROI is up to date", |_| {
        site.number("SELECT count(*) FROM campaign_roi_micro WHERE period = 'all' AND responses > 0") > 0
            && site.number("SELECT count(*) FROM etl_dirty") == 0
    });
    daemon.signal(Signal::TERM);
    daemon.hear("STOPPING=1");
    assert!(daemon.end().success());
    let told = daemon.log();
    assert!(told.contains("stopping: ") && told.ends_with("INFO  stopped\n"), "{told}");
    assert_eq!(site.number("SELECT count(*) FROM etl_occurrence WHERE state IN ('failed', 'missed')"), 0);
    assert_eq!(site.number("SELECT count(*) FROM etl_occurrence WHERE state = 'running'"), 0);
    assert_eq!(site.number("SELECT count(*) FROM etl_lease WHERE owner <> ''"), 0);
}

#[test]
fn a_second_one_in_the_same_state_directory_is_told_which_process_is_there() {
    let site = scheduled(campaign(Site::new(LIMITS), &[], 0));
    let first = DaemonProcess::ready(&site);
    let said = site.run(&["run"]).expect(75);
    assert!(said.contains(&format!("process {} runs there already", first.id())), "{said}");
}

#[test]
fn a_reload_names_what_changed_and_mistakes_keep_the_old_settings() {
    let site = scheduled(campaign(Site::new(LIMITS), &[], 0));
    let mut daemon = DaemonProcess::ready(&site);
    site.write("in/orders_9.csv", "order_id,placed_at,call_id,total\n");
    schedule_changed(&site, "orders", "cron = \"* * * * * *\"\ncatch_up = \"none\"");
    daemon.signal(Signal::HUP);
    daemon.logs("settings were read again: changed orders");
    daemon.hear("RELOADING=1");
    daemon.hear("READY=1");

    site.replace("pipelines/orders.toml", "catch_up = \"none\"", "catch_up = \"never\"");
    daemon.signal(Signal::HUP);
    daemon.logs("the settings were changed and have mistakes, so the old ones stay");
    daemon.logs("`catch_up` can't be `never`");
    let runs = || site.number("SELECT count(*) FROM etl_run WHERE pipeline = 'orders'");
    let before = runs();
    daemon.until("orders go on by the old settings", |_| runs() > before + 1);
    daemon.stop();
}

fn schedule_changed(site: &Site, pipeline: &str, lines: &str) {
    site.replace(&format!("pipelines/{pipeline}.toml"), EVERY_SECOND, lines);
}

#[test]
fn told_to_stop_it_commits_the_batch_in_hand_and_goes_on_from_there() {
    let calls = calls_file(0, 60_000);
    let undisturbed = campaign(Site::new(LIMITS), &[("calls_1.csv.gz", &calls)], 0);
    undisturbed.run(&["once"]).expect(0);

    let site = scheduled(campaign(Site::new(LIMITS), &[("calls_1.csv.gz", &calls)], 0));
    let mut daemon = DaemonProcess::ready(&site);
    daemon.until("something of the file is committed", |_| site.number("SELECT count(*) FROM etl_batch") > 2);
    let asked = Instant::now();
    daemon.stop();
    println!("stopped {:?} after it was asked to", asked.elapsed());
    let loading = "SELECT count(*) FROM etl_file WHERE state = 'loading' AND pipeline = 'calls'";
    assert_eq!(site.number(loading), 1, "it had time to finish");
    assert!(!daemon.log().contains("stopped while"), "{}", daemon.log());
    let open = "SELECT count(*) FROM etl_occurrence WHERE pipeline = 'calls' AND state = 'due'";
    assert_eq!(site.number(open), 1);

    let mut daemon = DaemonProcess::ready(&site);
    daemon.until("the rest is loaded", |_| loaded_files(&site) == 2);
    daemon.stop();
    for table in ["campaign_response", "campaign_cost_micro", "etl_reject_micro"] {
        assert_eq!(site.contents().count(table), undisturbed.contents().count(table), "{table}");
    }
}

#[test]
fn killed_it_takes_its_own_run_up_again_at_once() {
    let site = scheduled(campaign(Site::new(LIMITS), &[("calls_1.csv.gz", &calls_file(0, 60_000))], 0));
    let mut daemon = DaemonProcess::ready(&site);
    let batches = || site.number("SELECT count(*) FROM etl_batch WHERE pipeline = 'calls'");
    daemon.until("something of the file is committed", |_| batches() > 2);
    daemon.kill();
    assert_eq!(site.number("SELECT count(*) FROM etl_occurrence WHERE state = 'running' AND pipeline = 'calls'"), 1);
    let (before, since) = (batches(), Instant::now());
    let mut daemon = DaemonProcess::start(&site);
    daemon.until("it commits again", |_| batches() > before);
    println!("first commit {:?} after the start", since.elapsed());
    daemon.until("the rest is loaded", |_| loaded_files(&site) == 2);
    daemon.stop();
    assert_eq!(site.number("SELECT count(*) FROM etl_occurrence WHERE state = 'running'"), 0);
}

#[test]
fn the_watchdog_starves_when_a_run_hangs() {
    let limits = format!("{LIMITS}\nsilence_seconds = 1");
    let site = scheduled(campaign(Site::new(&limits), &[("calls_1.csv.gz", &calls_file(0, 2_000))], 0));
    let variables = [("CAMPAIGND_FAILPOINT", "records-upserted:1:hang"), ("WATCHDOG_USEC", "2000000")];
    let mut daemon = DaemonProcess::start_with(&site, &Start { variables: &variables, ..Start::default() });
    daemon.hear("WATCHDOG=1");
    daemon.hear("runs give no sign of life");
    // It was fed four times in two seconds; then it isn't fed any more. Other runs may come and go meanwhile.
    let (started, mut fed) = (Instant::now(), Instant::now());
    while fed.elapsed() < Duration::from_secs(3) {
        if daemon.told(Duration::from_millis(200)).is_some_and(|told| told.contains("WATCHDOG=1")) {
            fed = Instant::now();
        }
        assert!(started.elapsed() < Duration::from_mins(1), "it is still fed; it logged:\n{}", daemon.log());
    }
    assert!(daemon.log().contains("gives no sign of life"), "{}", daemon.log());
    daemon.kill();
    // systemd starts it anew, and it goes on.
    let mut daemon = DaemonProcess::ready(&site);
    daemon.until("the file is loaded", |_| loaded_files(&site) == 2);
    daemon.stop();
}

#[test]
fn a_daemon_that_was_paused_is_overtaken_and_fenced() {
    overtaken("");
}

/// What this is for: without the fence, it ends otherwise.
#[test]
fn a_writer_without_a_fence_is_found() {
    let ended = std::panic::catch_unwind(|| overtaken("unfenced-writer"));
    assert!(ended.is_err(), "a writer without a fence was not found");
}

fn overtaken(planted: &str) {
    let calls = calls_file(0, 20_000);
    let undisturbed = campaign(Site::new(LIMITS), &[("calls_1.csv.gz", &calls)], 0);
    undisturbed.run(&["once"]).expect(0);

    let site = scheduled(campaign(Site::new(LIMITS), &[("calls_1.csv.gz", &calls)], 0));
    let other = std::fs::read_to_string(site.path("campaignd.toml")).unwrap();
    site.write("other.toml", other.replace("state_directory = \"state\"", "state_directory = \"other-state\""));
    let variables = [("CAMPAIGND_PLANTED", planted)];
    let mut first = DaemonProcess::start_with(&site, &Start { variables: &variables, ..Start::default() });
    first.hear("READY=1");
    let loading = "SELECT count(*) FROM etl_file WHERE state = 'loading'";
    first.until("something of the file is committed", |_| site.number(loading) == 1);
    first.stop_between_transactions(&site);
    assert_eq!(site.number(loading), 1, "it was stopped too late");
    let mut second = DaemonProcess::start_with(&site, &Start { settings: Some("other.toml"), ..Start::default() });
    second.until("the other one has taken over and finished", |_| loaded_files(&site) == 2);
    let batches = || site.number("SELECT count(*) FROM etl_batch WHERE pipeline = 'calls'");
    first.signal(Signal::CONT);
    // By what it does next it tells whether it was fenced.
    first.until("the one that was paused has noticed", |first| {
        let log = first.log();
        log.contains("of calls failed") || log.contains("of calls: ") || log.contains("calls was taken over")
    });
    assert!(first.log().contains("calls was taken over by another process"), "{}", first.log());
    first.stop();
    second.stop();
    for table in ["campaign_response", "campaign_cost_micro", "etl_reject_micro"] {
        assert_eq!(site.contents().count(table), undisturbed.contents().count(table), "{table}");
    }
    assert_eq!(batches(), undisturbed.number("SELECT count(*) FROM etl_batch WHERE pipeline = 'calls'"));
}

#[test]
fn a_warehouse_that_is_out_of_reach_is_waited_for() {
    let site = scheduled(campaign(Site::new(LIMITS), &[], 0));
    site.run(&["migrate"]).expect(0);
    let holder = crate::warehouse::open(&site.database());
    // Whoever keeps a file in another journal keeps it from all others.
    holder.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE held (x)").unwrap();
    holder.execute_batch("COMMIT; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE").unwrap();
    let mut daemon = DaemonProcess::start(&site);
    daemon.logs("the warehouse can't be used");
    holder.execute_batch("DROP TABLE held; COMMIT").unwrap();
    drop(holder);
    daemon.hear("READY=1");
    daemon.stop();
}

#[test]
fn what_was_backfilled_does_not_hide_what_was_missed_before_it() {
    let site = campaign(Site::new(LIMITS), &[], 0);
    schedule(&site, "plan", "cron = \"0 0 1 1 *\"\ncatch_up = \"none\"");
    site.run(&["migrate"]).expect(0);
    let connection = crate::warehouse::open(&site.database());
    let row = "INSERT INTO etl_pipeline (pipeline, scheduled_since) VALUES ('plan', '2020-06-01 00:00:00')";
    connection.execute(row, []).unwrap();
    site.run(&["backfill", "plan", "--from", "2024-01-01", "--to", "2024-01-02", "--detach"]).expect(0);
    let mut daemon = DaemonProcess::ready(&site);
    let missed = "SELECT group_concat(substr(nominal_local, 1, 4), ' ') FROM \
                  (SELECT nominal_local FROM etl_occurrence WHERE state = 'missed' ORDER BY due_at)";
    daemon.until("those before it are seen", |_| {
        site.text(&format!("SELECT coalesce(({missed}), '')")).starts_with("2021 2022 2023")
    });
    let state = "SELECT state FROM etl_occurrence WHERE nominal_local LIKE '2024%'";
    daemon.until("what was asked for is run", |_| site.text(state) == "succeeded");
    daemon.stop();
}

#[test]
fn a_schedule_that_is_late_says_so_and_clears_itself() {
    let site = campaign(Site::new(LIMITS), &[], 0);
    let soon = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC);
    let by = soon.saturating_add(jiff::ToSpan::minutes(1)).strftime("%H:%M").to_string();
    schedule(&site, "orders", &format!("{EVERY_SECOND}\nexpect_by = \"{by}\""));
    let mut daemon = DaemonProcess::ready(&site);
    daemon.until("it is late", |_| site.number("SELECT count(*) FROM etl_expectation WHERE state = 'late'") == 1);
    daemon.logs("orders is late: nothing has come by");
    let orders = "order_id,placed_at,call_id,total\nS1,2026-03-05T10:00:00Z,C1,19.95\n";
    site.write("in/orders_1.csv", orders);
    site.write("in/orders_1.ctl", "orders = 1\ntotal = 19.95\n");
    daemon.logs("orders was late; its data has come");
    assert_eq!(site.text("SELECT state FROM etl_expectation"), "met_late");
    daemon.stop();
}
