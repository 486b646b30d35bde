//! What operators do from the command line: pause, resume, retry, backfill, and see what waits.

use crate::scenario::{calls_file, campaign};
use crate::site::{Site, ran};

const REFUSED: i32 = 65;
const TRY_AGAIN: i32 = 75;

const DAYS: [&str; 4] = ["--from", "2026-03-02", "--to", "2026-03-05"];

/// A site whose pipelines are due every morning.
fn site(orders: usize) -> Site {
    let site = campaign(
        Site::new("batch_rows = 500\ncommit_rows = 500"),
        &[("calls_1.csv.gz", &calls_file(0, 1_000))],
        orders,
    );
    for pipeline in ["calls", "orders"] {
        site.replace(
            &format!("pipelines/{pipeline}.toml"),
            "\n[format]\n",
            "\n[schedule]\ncron = \"0 6 * * *\"\ntimezone = \"America/New_York\"\n\n[format]\n",
        );
    }
    site.run(&["migrate"]).expect(0);
    site
}

fn backfill(site: &Site, pipeline: &str, more: &[&str], code: i32) -> String {
    site.run(&[&["backfill", pipeline], &DAYS[..], more].concat()).expect(code)
}

fn in_state(site: &Site, state: &str) -> i64 {
    site.number(&format!("SELECT count(*) FROM etl_occurrence WHERE state = '{state}'"))
}

fn runs(site: &Site) -> i64 {
    site.number("SELECT count(*) FROM etl_run")
}

#[test]
fn a_backfill_runs_each_day_once_and_goes_on_where_it_was_killed() {
    let undisturbed = site(0);
    undisturbed.run(&["once", "calls"]).expect(0);

    let site = site(0);
    let mut killed = site.command(&[&["backfill", "calls"], &DAYS[..]].concat());
    let killed = ran(killed.env("CAMPAIGND_FAILPOINT", "before-run-finished:1"));
    assert_ne!(killed.code, Some(0), "{}", killed.said);
    assert_eq!((in_state(&site, "running"), in_state(&site, "due")), (1, 2));
    // Also with --again: what is left comes first.
    let said = backfill(&site, "calls", &["--again"], 0);
    assert!(said.contains("3 to be run (0 new, 0 again)"), "{said}");
    assert_eq!((in_state(&site, "succeeded"), runs(&site)), (3, 4));
    let said = backfill(&site, "calls", &[], 0);
    assert!(said.contains("0 to be run") && said.contains("3 done before"), "{said}");
    assert_eq!(runs(&site), 4);
    backfill(&site, "calls", &["--again"], 0);
    assert_eq!((in_state(&site, "succeeded"), runs(&site)), (3, 7));
    let windows = "SELECT count(*) FROM etl_occurrence a JOIN etl_occurrence b ON a.window_to = b.window_from";
    assert_eq!(site.number(windows), 2, "each day's window starts where the one before ends");
    for table in ["campaign_response", "campaign_cost", "etl_reject", "etl_batch"] {
        let rows = format!("SELECT count(*) FROM {table}");
        assert_eq!(site.number(&rows), undisturbed.number(&rows), "{table}");
    }
}

#[test]
fn a_backfill_leaves_a_pipeline_alone_that_another_process_is_at_work_on() {
    let site = site(0);
    let held = "INSERT INTO etl_lease (pipeline, epoch, owner, heartbeat_at) VALUES ('calls', 7, 'elsewhere:1', ";
    let now = "strftime('%Y-%m-%d %H:%M:%f', 'now'))";
    crate::warehouse::open(&site.database()).execute(&format!("{held}{now}"), []).unwrap();
    let said = backfill(&site, "calls", &[], TRY_AGAIN);
    assert!(said.contains("elsewhere:1 is at work on it"), "{said}");
    assert_eq!(site.number("SELECT count(*) FROM etl_occurrence"), 0);
    let said = backfill(&site, "calls", &["--detach"], 0);
    assert!(said.contains("a daemon starts within 30 seconds"), "{said}");
    assert_eq!((in_state(&site, "due"), runs(&site)), (3, 0));
}

#[test]
fn what_waits_is_listed_and_loaded_by_a_retry_once_it_is_put_right() {
    let site = site(1);
    let right = std::fs::read_to_string(site.path("in/orders_0.ctl")).unwrap();
    site.replace("in/orders_0.ctl", "orders = 20", "orders = 21");
    let day = ["--from", "2026-03-02", "--to", "2026-03-03"];
    let day_of_orders = [&["backfill", "orders"], &day[..]].concat();
    site.run(&day_of_orders).expect(REFUSED);
    assert_eq!(in_state(&site, "partly"), 1);
    let waiting = ["files", "orders", "--waiting", "--format", "csv"];
    let said = site.run(&waiting).expect(0);
    assert!(said.contains("quarantined") && said.contains("orders_0.csv"), "{said}");

    site.write("in/orders_0.ctl", right);
    let said = site.run(&["retry", "orders"]).expect(0);
    assert!(said.contains("2026-03-02T06:00:00") && said.contains("`campaignd once orders --retry`"), "{said}");
    let due = "SELECT count(*) FROM etl_occurrence WHERE state = 'due' AND attempts = 0 AND retry_files = 1";
    assert_eq!(site.number(due), 1);
    site.run(&day_of_orders).expect(0);
    assert_eq!(in_state(&site, "succeeded"), 1);
    assert_eq!(site.number("SELECT count(*) FROM conversion"), 20);
    let said = site.run(&waiting).expect(0);
    assert!(!said.contains("orders_0.csv"), "{said}");
    let said = site.run(&["retry", "orders"]).expect(0);
    assert!(said.contains("no occurrence failed"), "{said}");
}

#[test]
fn a_pause_is_in_the_ledger_until_it_is_resumed() {
    let site = site(0);
    let mut pause = site.command(&["pause", "calls", "--reason", "the vendor restates March"]);
    ran(pause.env_remove("SUDO_USER").env("USER", "ada")).expect(0);
    let by = site.text("SELECT paused_by || ': ' || pause_reason FROM etl_pipeline WHERE paused_at IS NOT NULL");
    assert!(by.starts_with("ada@") && by.ends_with(": the vendor restates March"), "{by}");
    let said = site.run(&["why", "calls"]).expect(0);
    assert!(said.contains("`campaignd resume calls` lets it go on"), "{said}");
    site.run(&["resume", "calls"]).expect(0);
    let said = site.run(&["resume", "calls"]).expect(0);
    assert!(said.contains("nothing changed"), "{said}");
    assert_eq!(site.number("SELECT count(*) FROM etl_pipeline WHERE paused_at IS NOT NULL"), 0);
    site.run(&["pause", "nothing"]).expect(64);
}
