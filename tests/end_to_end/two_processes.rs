//! Two processes on one warehouse: one of them loads, the other is refused or finds the work done.

use std::process::{Child, Command};
use std::sync::mpsc::channel;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::daemon_process::stop;
use crate::scenario::{calls_file, campaign};
use crate::site::{Site, start};

/// Try again later: `EX_TEMPFAIL`.
const TRY_AGAIN: i32 = 75;

const LIMITS: &str = "batch_rows = 500\ncommit_rows = 500";

/// Taking the lease back, by hand: as if nobody had heard of its holder for a day.
const FORGET_HOLDER: &str = "UPDATE etl_lease SET heartbeat_at = '2020-01-01 00:00:00' WHERE pipeline = 'calls'";

fn site(calls: &[u8]) -> Site {
    campaign(Site::new(LIMITS), &[("calls_1.csv.gz", calls)], 0)
}

fn load_calls(site: &Site) -> Command {
    site.command(&["once", "calls"])
}

#[test]
fn the_second_is_refused_while_the_first_holds_the_lease() {
    let calls = calls_file(0, 20_000);
    let undisturbed = site(&calls);
    undisturbed.run(&["once", "calls"]).expect(0);

    let site = site(&calls);
    site.run(&["migrate"]).expect(0);
    let mut first = Stopped::after_first_commit(&site);
    let said = site.run(&["once", "calls"]).expect(TRY_AGAIN);
    assert!(said.contains("could not"), "{said}");
    first.go_on();
    let (code, said) = first.end();
    assert_eq!(code, Some(0), "{said}");
    site.contents().assert_same(&undisturbed.contents(), "with a second process in between");
}

#[test]
fn one_that_was_paused_and_overtaken_writes_nothing_more() {
    let calls = calls_file(0, 20_000);
    let undisturbed = site(&calls);
    undisturbed.run(&["once", "calls"]).expect(0);

    let site = site(&calls);
    site.run(&["migrate"]).expect(0);
    let mut first = Stopped::after_first_commit(&site);
    // It may have been stopped inside a transaction; then it has to end that one first.
    while !forget_holder(&site) {
        first.go_on();
        assert!(first.stop_again(), "it never paused outside a transaction: {}", first.end().1);
    }
    site.run(&["once", "calls"]).expect(0);
    first.go_on();
    let (code, said) = first.end();
    assert_eq!(code, Some(TRY_AGAIN), "{said}");
    assert!(said.contains("another process took it over"), "{said}");
    site.contents().assert_same(&undisturbed.contents(), "after one was overtaken");
    assert_eq!(site.names("archive"), undisturbed.names("archive"));
}

#[test]
fn however_two_meet_nothing_is_doubled() {
    let calls = calls_file(0, 6_000);
    let undisturbed = site(&calls);
    undisturbed.run(&["once"]).expect(0);
    for round in 0..4 {
        let site = site(&calls);
        let codes: Vec<Option<i32>> = std::thread::scope(|scope| {
            let both = [(); 2].map(|()| scope.spawn(|| site.run(&["once"])));
            both.map(|one| one.join().unwrap()).iter().map(|ran| ran.code).collect()
        });
        assert!(codes.iter().all(|code| matches!(code, Some(0 | TRY_AGAIN))), "{codes:?}");
        site.run(&["once"]).expect(0);
        for table in ["campaign_response", "campaign_cost_micro", "etl_reject_micro", "etl_file", "code_map"] {
            let (found, expected) = (site.contents().count(table), undisturbed.contents().count(table));
            assert_eq!(found, expected, "{table} in round {round}");
        }
        let roi = "SELECT group_concat(grain_key || ' ' || responses || ' ' || coalesce(cost, 0), '; ') FROM \
                   (SELECT * FROM campaign_roi WHERE period = 'all' ORDER BY grain, grain_key)";
        assert_eq!(site.text(roi), undisturbed.text(roi), "round {round}");
    }
}

/// A process that loads calls, stopped.
struct Stopped {
    child: Child,
    reader: Option<std::thread::JoinHandle<String>>,
}

impl Stopped {
    /// Starts one and stops it when something of it is committed and something isn't.
    fn after_first_commit(site: &Site) -> Self {
        let (child, reading) = start(&mut load_calls(site));
        let mut process = Self { child, reader: Some(std::thread::spawn(reading)) };
        while site.number("SELECT count(*) FROM etl_batch") == 0 {
            assert!(process.child.try_wait().unwrap().is_none(), "it ended before it had committed anything");
        }
        stop(&process.child);
        let state = "SELECT count(*) FROM etl_file WHERE state = 'loading'";
        assert_eq!(site.number(state), 1, "it was stopped too late");
        process
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    fn go_on(&mut self) {
        self.signal(Signal::CONT);
    }

    /// Lets it run for a moment; false if it ended.
    fn stop_again(&mut self) -> bool {
        let (_nobody, moment) = channel::<()>();
        let _ = moment.recv_timeout(Duration::from_micros(300));
        if self.child.try_wait().unwrap().is_some() {
            return false;
        }
        stop(&self.child);
        true
    }

    fn end(&mut self) -> (Option<i32>, String) {
        let code = self.child.wait().unwrap().code();
        let said = self.reader.take().map(|reader| reader.join().unwrap()).unwrap_or_default();
        (code, said)
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        // A stopped process outlives a failed test otherwise.
        let _ = self.child.kill();
    }
}

/// False: somebody is writing.
fn forget_holder(site: &Site) -> bool {
    let connection = crate::warehouse::open(&site.database());
    connection.busy_timeout(Duration::ZERO).unwrap();
    match connection.execute(FORGET_HOLDER, []) {
        Ok(changed) => changed == 1,
        Err(error) => {
            assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::DatabaseBusy), "{error}");
            false
        }
    }
}
