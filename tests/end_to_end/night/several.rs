//! Several daemons, each with a state directory of its own, on one warehouse: the one at work is killed or stopped, the
//! others take its work over, and when it wakes up it is fenced. Nothing is lost and nothing doubled.

use std::time::{Duration, Instant};

use campaignd::demo::random::Random;
use rustix::process::Signal;

use crate::daemon::scheduled;
use crate::daemon_process::{DaemonProcess, Start, pause};
use crate::scenario::{calls_file, campaign};
use crate::site::Site;

const LIMITS: &str = "batch_rows = 50\ncommit_rows = 250\nlease_seconds = 3";

/// These tell where one transaction ended and the next began, which each daemon settles for itself. Were their transactions
/// the same, the ledger alone would keep a second writer from writing one of them again.
const OF_TRANSACTIONS: &[&str] = &["etl_batch", "etl_control"];

/// Files that come, one a round.
const ROUNDS: usize = 5;
/// Rows of each: enough transactions to be met in the middle.
const CALLS: usize = 9_000;

/// Only a failure waits for it.
const PATIENCE: Duration = Duration::from_mins(1);

#[test]
fn two_daemons_take_over_from_each_other() {
    take_over(2, "", PATIENCE);
}

#[test]
fn three_daemons_take_over_from_each_other() {
    take_over(3, "", PATIENCE);
}

/// What this is for: a writer without its fence leaves another warehouse.
#[test]
fn several_daemons_find_a_writer_without_a_fence() {
    let ended = std::panic::catch_unwind(|| take_over(2, "unfenced-writer", Duration::from_secs(20)));
    assert!(ended.is_err(), "a writer without a fence was not found");
}

/// Fails unless it ends well, at most so long after the last file has come.
fn take_over(daemons: usize, planted: &'static str, patience: Duration) {
    let undisturbed = site();
    for round in 0..ROUNDS {
        arrive(&undisturbed, round);
    }
    let mut daemon = DaemonProcess::ready(&undisturbed);
    daemon.until("the undisturbed daemon is done", |_| is_done(&undisturbed));
    daemon.stop();

    let mut team = Team::start(site(), daemons, planted);
    let mut random = Random::new(2_026);
    for round in 0..ROUNDS {
        arrive(&team.site, round);
        // As long as one is left, and in a mixed order.
        for turn in 0..daemons - 1 {
            let Some(at_work) = team.met_at_work(round) else { break };
            pause(Duration::from_millis(random.below(20)));
            if (round + turn) % 3 == 1 {
                team.kill(at_work);
            } else {
                team.stop(at_work, round);
            }
        }
        team.wake_up();
    }
    team.until("all is loaded", patience, is_done);
    for daemon in &mut team.daemons {
        daemon.stop();
    }
    let (killed, overtaken, fenced) = (team.killed, team.overtaken, team.fenced());
    println!("{daemons} daemons: {killed} killed, {overtaken} overtaken in their sleep, {fenced} fenced");
    assert!(killed > 0 && overtaken > 0, "nobody was met at work");
    let contents = |site: &Site| site.contents().regardless_of_order().without(OF_TRANSACTIONS);
    contents(&team.site).assert_same(&contents(&undisturbed), &format!("with {daemons} daemons"));
    assert_eq!(team.site.names("archive"), undisturbed.names("archive"));
    assert!(fenced >= overtaken, "some of those that were overtaken didn't notice");
    assert_eq!(team.site.number("SELECT count(*) FROM etl_lease WHERE owner <> ''"), 0);
}

fn site() -> Site {
    scheduled(campaign(Site::new(LIMITS), &[], 1))
}

fn arrive(site: &Site, round: usize) {
    let name = format!("calls_{round}.csv.gz");
    site.write(&format!("in/.{name}.part"), calls_file(round * CALLS, (round + 1) * CALLS));
    std::fs::rename(site.path(&format!("in/.{name}.part")), site.path(&format!("in/{name}"))).unwrap();
}

/// Calls of each round, orders and plan.
fn is_done(site: &Site) -> bool {
    let loaded = site.number("SELECT count(*) FROM etl_file WHERE state = 'loaded'");
    loaded == i64::try_from(ROUNDS + 2).unwrap()
        && site.number("SELECT count(*) FROM etl_dirty") == 0
        && site.number("SELECT count(*) FROM campaign_roi") > 0
}

/// Daemons on one warehouse.
struct Team {
    site: Site,
    daemons: Vec<DaemonProcess>,
    /// A bug.
    planted: &'static str,
    /// Those that are stopped.
    asleep: Vec<usize>,
    killed: usize,
    /// Those that were stopped at work which another one took over.
    overtaken: usize,
}

impl Team {
    fn start(site: Site, daemons: usize, planted: &'static str) -> Self {
        let settings = std::fs::read_to_string(site.path("campaignd.toml")).unwrap();
        for number in 0..daemons {
            let own = settings.replace("state_directory = \"state\"", &format!("state_directory = \"state_{number}\""));
            let own = own.replace("commit_rows = 250", &format!("commit_rows = {}", 200 + 50 * number));
            site.write(&own_settings(number), own);
        }
        let daemons = (0..daemons).map(|number| start(&site, number, planted)).collect();
        let mut team = Self { site, daemons, planted, asleep: Vec::new(), killed: 0, overtaken: 0 };
        for daemon in &mut team.daemons {
            daemon.hear("READY=1");
        }
        team
    }

    /// The one that is in the middle of the file of that round; `None`: it was too quick.
    fn met_at_work(&mut self, round: usize) -> Option<usize> {
        let since = Instant::now();
        loop {
            assert!(since.elapsed() < PATIENCE, "nobody loads the file of round {round}");
            match self.site.text(&state_of(round)).as_str() {
                "loaded" => return None,
                "loading" if self.has_committed() => {
                    let owner = self.owner();
                    let is_owner = |daemon: &DaemonProcess| owner.ends_with(&format!(":{}", daemon.id()));
                    let found = self.daemons.iter().position(is_owner);
                    if let Some(found) = found.filter(|found| !self.asleep.contains(found)) {
                        return Some(found);
                    }
                }
                _ => {}
            }
            pause(Duration::from_millis(1));
        }
    }

    /// Whether the run that holds the lease has committed something, and so goes on to do so when it wakes up.
    fn has_committed(&self) -> bool {
        let by_holder =
            "SELECT count(*) FROM etl_batch JOIN etl_lease USING (pipeline, epoch) WHERE pipeline = 'calls'";
        self.site.number(by_holder) > 0
    }

    fn owner(&self) -> String {
        self.site.text("SELECT coalesce(max(owner), '') FROM etl_lease WHERE pipeline = 'calls'")
    }

    /// Kills one, and starts it again; the lease needn't run out, since its process is gone.
    fn kill(&mut self, number: usize) {
        self.daemons.remove(number).kill();
        self.daemons.insert(number, start(&self.site, number, self.planted));
        self.killed += 1;
    }

    /// Stops one, and waits until another has taken over.
    fn stop(&mut self, number: usize, round: usize) {
        let (owner, state) = (self.owner(), state_of(round));
        self.daemons[number].stop_between_transactions(&self.site);
        self.asleep.push(number);
        if self.owner() != owner || self.site.text(&state) != "loading" {
            // It had time to finish.
            return;
        }
        let since = Instant::now();
        while self.owner() == owner {
            assert!(since.elapsed() < PATIENCE, "nobody took over from {owner}:\n{}", self.logs());
            pause(Duration::from_millis(5));
        }
        self.overtaken += 1;
    }

    /// Those that sleep go on.
    fn wake_up(&mut self) {
        for number in self.asleep.drain(..) {
            self.daemons[number].signal(Signal::CONT);
        }
    }

    /// What all of them have logged last.
    fn logs(&self) -> String {
        let end = |daemon: &DaemonProcess| {
            let log = daemon.log();
            let lines: Vec<&str> = log.lines().collect();
            format!("process {}:\n{}\n", daemon.id(), lines[lines.len().saturating_sub(12)..].join("\n"))
        };
        self.daemons.iter().map(end).collect()
    }

    /// How often one of them, also of those that were killed, had to find that it was overtaken.
    fn fenced(&self) -> usize {
        let logs = self.site.names("").into_iter().filter(|name| name.starts_with("daemon_") && name.ends_with(".log"));
        logs.map(|log| {
            let log = std::fs::read_to_string(self.site.path(&log)).unwrap();
            log.matches("calls was taken over by another process").count()
        })
        .sum()
    }

    fn until(&self, what: &str, patience: Duration, is_so: impl Fn(&Site) -> bool) {
        let since = Instant::now();
        while !is_so(&self.site) {
            assert!(since.elapsed() < patience, "not within {patience:?}: {what}; {}", self.logs());
            pause(Duration::from_millis(20));
        }
    }
}

fn start(site: &Site, number: usize, planted: &str) -> DaemonProcess {
    let (settings, variables) = (own_settings(number), [("CAMPAIGND_PLANTED", planted)]);
    DaemonProcess::start_with(site, &Start { settings: Some(&settings), variables: &variables })
}

fn own_settings(number: usize) -> String {
    format!("daemon-{number}.toml")
}

fn state_of(round: usize) -> String {
    format!("SELECT coalesce(max(state), '') FROM etl_file WHERE name = 'calls_{round}.csv.gz'")
}
