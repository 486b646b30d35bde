//! Killed at random moments and started again until it succeeds, a load ends with the warehouse of one that nobody
//! disturbed.
//!
//! The moments follow from a seed, which is printed; `KILL_SEED=… cargo test --test end_to_end kill` takes another.

use std::process::Command;
use std::time::{Duration, Instant};

use campaignd::demo::random::Random;

use crate::scenario::{calls_file, campaign};
use crate::site::{Site, files_under, ran, run_or_kill};
use crate::warehouse::Contents;

/// Kills of the demo, and of loads of a large file: 200 in all.
const DEMO_KILLS: usize = 50;
const CALL_KILLS: usize = 150;

/// Rows of the large file.
const CALLS: usize = 100_000;

#[test]
fn a_demo_killed_at_any_moment_ends_like_an_undisturbed_one() {
    kill(DEMO_KILLS, 9, Site::empty, |site| {
        let mut command = site.command(&["demo", "--directory"]);
        command.arg(site.path(""));
        command
    });
}

#[test]
fn a_load_of_many_calls_killed_at_any_moment_ends_like_an_undisturbed_one() {
    let calls = calls_file(0, CALLS);
    let make = || campaign(Site::new("batch_rows = 2500\ncommit_rows = 10000"), &[("calls_1.csv.gz", &calls)], 2);
    // ROI is one transaction, which would outlast most of these runs; the demo's are killed in it.
    let undisturbed = kill(CALL_KILLS, 5, make, |site| site.command(&["once", "--without-roi"]));
    assert!(undisturbed.count("etl_batch") > 10, "the file is loaded in several transactions");
    assert!(undisturbed.count("etl_reject_micro") * 100 > CALLS, "some of its rows are rejected");
}

/// Kills runs until there were so many kills, starting over with a new site whenever a run succeeds. A run is killed
/// within so many tenths of the time an undisturbed one takes. Returns what the latter loads.
fn kill(kills: usize, tenths: u32, make: impl Fn() -> Site, command: impl Fn(&Site) -> Command) -> Contents {
    let seed = std::env::var("KILL_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(2_026);
    println!("KILL_SEED={seed}");
    let mut random = Random::new(seed);

    let undisturbed = make();
    let begin = Instant::now();
    ran(&mut command(&undisturbed)).expect(0);
    let longest = begin.elapsed() * tenths / 10;
    let expected = (undisturbed.contents(), files(&undisturbed));

    let (mut killed, mut rounds) = (0, 0);
    while killed < kills {
        let site = make();
        let mut in_this_round = 0;
        loop {
            let patience = random.below(u64::try_from(longest.as_micros()).unwrap());
            // Enough is enough: the last round may end in peace.
            let patience = if killed < kills { Duration::from_micros(patience) } else { Duration::MAX };
            let Some(ran) = run_or_kill(&mut command(&site), patience) else {
                killed += 1;
                in_this_round += 1;
                continue;
            };
            ran.expect(0);
            break;
        }
        rounds += 1;
        let when = format!("after {in_this_round} kills in round {rounds} of seed {seed}");
        site.contents().assert_same(&expected.0, &when);
        assert_eq!(files(&site), expected.1, "{when}");
        assert_eq!(site.names("state/spool"), Vec::<String>::new(), "{when}: copies are left in the spool");
    }
    println!("{killed} kills in {rounds} rounds");
    expected.0
}

/// Where every file of the input is in the end.
fn files(site: &Site) -> Vec<String> {
    let all = files_under(&site.path(""));
    all.into_iter().filter(|name| name.starts_with("in/") || name.starts_with("archive/")).collect()
}
