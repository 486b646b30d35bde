//! Aborted at each durable step, a load ends with the warehouse and the archive of one that nobody disturbed.

use std::collections::BTreeMap;
use std::fs;

use campaignd_contract::failpoint::FAILPOINTS;

use crate::scenario::{calls_file, campaign};
use crate::site::{Site, ran};

/// At which passes of a step the process is aborted.
const PASSES: [u32; 3] = [1, 2, 6];

/// The signal of `abort`.
const ABORTED: i32 = 6;

#[test]
fn aborted_at_each_step_it_ends_like_an_undisturbed_load() {
    let (first, second) = (calls_file(0, 900), calls_file(900, 1_300));
    let make = || {
        let calls: [(&str, &[u8]); 2] = [("calls_1.csv.gz", &first), ("calls_2.csv.gz", &second)];
        campaign(Site::new("batch_rows = 100\ncommit_rows = 200"), &calls, 2)
    };
    let undisturbed = make();
    undisturbed.run(&["once"]).expect(0);
    let expected = (undisturbed.contents(), input(&undisturbed));
    assert!(expected.0.count("etl_reject_micro") > 20);

    for name in FAILPOINTS {
        for pass in PASSES {
            let site = make();
            let when = format!("aborted at pass {pass} of {name}");
            let aborted = ran(site.command(&["once"]).env("CAMPAIGND_FAILPOINT", format!("{name}:{pass}")));
            if pass == 1 {
                assert_eq!(aborted.signal, Some(ABORTED), "{name} was not passed: {}", aborted.said);
            }
            if aborted.signal == Some(ABORTED) {
                site.run(&["once"]).expect(0);
            } else {
                // The step isn't passed that often.
                assert_eq!(aborted.code, Some(0), "{when}: {}", aborted.said);
            }
            site.contents().assert_same(&expected.0, &when);
            assert_eq!(input(&site), expected.1, "{when}");
            assert_eq!(site.names("state/spool"), Vec::<String>::new(), "{when}: copies are left in the spool");
        }
    }
}

#[test]
fn a_replay_aborted_around_its_commit_ends_like_an_undisturbed_one() {
    let calls = calls_file(0, 900);
    let make = || {
        let site = campaign(Site::new("batch_rows = 100\ncommit_rows = 200"), &[("calls_1.csv.gz", &calls)], 0);
        site.run(&["once"]).expect(0);
        site.replace("pipelines/calls.toml", "when 'INFO'", "when 'XFER' then 'callback' when 'INFO'");
        site
    };
    let undisturbed = make();
    undisturbed.run(&["rejects", "replay"]).expect(0);
    let expected = undisturbed.contents();

    for name in ["before-commit", "after-commit"] {
        let site = make();
        let aborted = ran(site.command(&["rejects", "replay"]).env("CAMPAIGND_FAILPOINT", format!("{name}:1")));
        assert_eq!(aborted.signal, Some(ABORTED), "{name} was not passed: {}", aborted.said);
        let replayed = "SELECT count(*) FROM etl_reject WHERE state = 'replayed'";
        assert_eq!(site.number(replayed) > 0, name == "after-commit", "{name}");
        if name == "before-commit" {
            site.run(&["rejects", "replay"]).expect(0);
            site.contents().assert_same(&expected, name);
        } else {
            // What was loaded isn't loaded again; rows that fail again may count one more attempt in the ledger.
            let loaded = (site.number(replayed), site.number("SELECT count(*) FROM campaign_response"));
            site.run(&["rejects", "replay"]).expect(0);
            let later = (site.number(replayed), site.number("SELECT count(*) FROM campaign_response"));
            assert_eq!(loaded, later);
            assert_eq!(later.1, i64::try_from(expected.count("campaign_response")).unwrap());
        }
    }
}

/// Every file of input and archive, with its bytes.
fn input(site: &Site) -> BTreeMap<String, Vec<u8>> {
    let read = |directory: &str| {
        let names = site.names(directory).into_iter();
        names
            .map(|name| format!("{directory}/{name}"))
            .map(|name| (name.clone(), fs::read(site.path(&name)).unwrap()))
            .collect::<Vec<_>>()
    };
    read("in").into_iter().chain(read("archive")).collect()
}
