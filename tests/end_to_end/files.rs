//! What becomes of files that aren't simply there and good: sent again, corrected, growing, empty, cut, lying.

use std::fs;
use std::process::Command;

use crate::scenario::head;
use crate::site::{Site, gzip};

/// Some input was refused: `EX_DATAERR`.
const REFUSED: i32 = 65;

const READY: &str = "ready = \"unchanged\"\nunchanged_seconds = 0\n";

const CSV: &str = "[format]\nkind = \"csv\"\n";

/// One record for each line `id,day,amount`.
const OUTPUT: &str = r#"
[[output]]
record = "campaign_cost"
[output.fields]
source_system = "'ledger'"
source_key = "id"
cost_kind = "'media'"
period_start = "to_date(day)"
amount = "money(amount, 'plain')"
currency_code = "'USD'"
"#;

const HEADER: &str = "id,day,amount\n";

/// A trailer `T,rows,sum`.
const TRAILER: &str = "[format.trailer]\nstarts_with = \"T\"\ncolumns = [\"mark\", \"rows\", \"total\"]\n";

/// A site with one pipeline that reads `in/PATTERN`.
fn site(pattern: &str, source: &str, format: &str, control: &str) -> Site {
    let site = Site::new("batch_rows = 10\ncommit_rows = 10");
    site.write("pipelines/costs.toml", head("costs", pattern, source) + format + OUTPUT + control);
    site
}

fn plain() -> Site {
    site("*.csv*", READY, CSV, "")
}

/// Lines of the ids `from..to`, 1.25 each, without a header.
fn lines(from: usize, to: usize) -> String {
    (from..to).map(|id| format!("L{id:04},2026-03-{:02},1.25\n", 1 + id % 28)).collect()
}

fn costs(site: &Site) -> i64 {
    site.number("SELECT count(*) FROM campaign_cost")
}

fn state(site: &Site, name: &str) -> String {
    site.text(&format!("SELECT group_concat(state) FROM etl_file WHERE name = '{name}'"))
}

/// Why a file is held or quarantined.
fn reason(site: &Site, name: &str) -> String {
    site.text(&format!("SELECT reason FROM etl_file WHERE name = '{name}'"))
}

#[test]
fn the_same_content_under_another_name_is_skipped_and_said() {
    let site = plain();
    site.write("in/a.csv", HEADER.to_owned() + &lines(0, 25));
    site.run(&["once"]).expect(0);
    site.write("in/b.csv", HEADER.to_owned() + &lines(0, 25));
    let said = site.run(&["once"]).expect(0);
    assert!(said.contains("duplicate b.csv: same content as a.csv"), "{said}");
    assert_eq!(state(&site, "b.csv"), "duplicate");
    assert_eq!(site.text("SELECT duplicate_of FROM etl_file WHERE name = 'b.csv'"), "a.csv");
    assert_eq!(costs(&site), 25);
    assert_eq!(site.number("SELECT count(DISTINCT unit_id) FROM etl_batch"), 1);
}

#[test]
fn new_content_under_a_loaded_name_is_held_until_it_is_accepted() {
    let site = plain();
    site.write("in/a.csv", HEADER.to_owned() + &lines(0, 5));
    site.run(&["once"]).expect(0);
    let before = site.contents();
    site.write("in/a.csv", HEADER.to_owned() + &lines(0, 5).replace("1.25", "2.50") + &lines(5, 8));
    let said = site.run(&["once"]).expect(REFUSED);
    assert!(said.contains("held a.csv") && said.contains("--accept 'a.csv'"), "{said}");
    assert_eq!(site.contents().count("etl_batch"), before.count("etl_batch"));
    assert_eq!(site.number("SELECT sum(amount) FROM campaign_cost_micro"), 5 * 1_250_000);
    assert_eq!(site.number("SELECT count(*) FROM etl_file WHERE state = 'held'"), 1);
    assert!(site.names("in").contains(&"a.csv".to_owned()), "it stays where it is");
    // Another file's acceptance isn't its own.
    site.run(&["once", "--accept", "other.csv"]).expect(REFUSED);

    site.run(&["once", "--accept", "a.csv"]).expect(0);
    assert_eq!(costs(&site), 8);
    assert_eq!(site.number("SELECT sum(amount) FROM campaign_cost_micro"), 5 * 2_500_000 + 3 * 1_250_000);
    assert_eq!(site.number("SELECT count(*) FROM etl_file WHERE state = 'loaded'"), 2);
    let said = site.run(&["once"]).expect(0);
    assert!(said.contains("nothing new"), "{said}");
}

#[test]
fn a_file_that_changed_a_moment_ago_waits() {
    let site = site("*.csv", "ready = \"unchanged\"\nunchanged_seconds = 3600\n", CSV, "");
    site.write("in/a.csv", HEADER.to_owned() + &lines(0, 3));
    let said = site.run(&["once"]).expect(0);
    assert!(said.contains("waiting a.csv"), "{said}");
    assert_eq!((costs(&site), site.number("SELECT count(*) FROM etl_file")), (0, 0));
    // Still growing.
    site.append("in/a.csv", &lines(3, 6));
    site.run(&["once"]).expect(0);
    assert_eq!(costs(&site), 0);
    site.age("in/a.csv");
    site.run(&["once"]).expect(0);
    assert_eq!(costs(&site), 6);
}

#[test]
fn an_empty_file_is_said_to_be_empty() {
    let site = plain();
    site.write("in/a.csv", "");
    let said = site.run(&["once"]).expect(0);
    assert!(said.contains("empty a.csv: has no bytes"), "{said}");
    assert_eq!(state(&site, "a.csv"), "empty");
    assert_eq!(site.number("SELECT count(*) FROM etl_batch"), 0);
}

#[test]
fn a_compressed_file_that_was_cut_is_quarantined_at_the_byte() {
    let site = plain();
    let whole_text = HEADER.to_owned() + &lines(0, 2_000);
    let whole = gzip(whole_text.as_bytes());
    site.write("in/a.csv.gz", &whole[..whole.len() / 2]);
    site.write("in/b.csv", HEADER.to_owned() + &lines(5_000, 5_003));
    let said = site.run(&["once"]).expect(REFUSED);
    assert!(said.contains("quarantined a.csv.gz"), "{said}");
    let at = said.split("after byte ").nth(1).and_then(|rest| rest.split(' ').next()?.parse::<usize>().ok());
    assert!(at.is_some_and(|at| (1..whole_text.len()).contains(&at)), "it says at which byte: {said}");
    assert_eq!(state(&site, "a.csv.gz"), "quarantined");
    assert_eq!(state(&site, "b.csv"), "loaded", "the other files go on");
    assert!(site.names("in").contains(&"a.csv.gz".to_owned()));

    // The whole file comes under the same name: what was loaded of the half isn't doubled.
    site.write("in/a.csv.gz", &whole);
    site.run(&["once", "--accept", "a.csv.gz"]).expect(0);
    assert_eq!(costs(&site), 2_003);
}

#[test]
fn what_is_no_file_is_refused_and_blocks_nobody() {
    let site = plain();
    fs::create_dir(site.path("in/folder.csv")).unwrap();
    let fifo = Command::new("mkfifo").arg(site.path("in/pipe.csv")).status().unwrap();
    assert!(fifo.success());
    site.write("elsewhere", HEADER.to_owned() + &lines(0, 3));
    std::os::unix::fs::symlink(site.path("elsewhere"), site.path("in/link.csv")).unwrap();
    site.write("in/z.csv", HEADER.to_owned() + &lines(0, 3));
    let said = site.run(&["once"]).expect(REFUSED);
    for what in
        ["refused folder.csv", "a directory", "refused pipe.csv", "a FIFO", "refused link.csv", "a symbolic link"]
    {
        assert!(said.contains(what), "{what}: {said}");
    }
    assert_eq!(costs(&site), 3);
}

#[test]
fn a_file_without_permission_is_refused() {
    if rustix::process::geteuid().is_root() {
        println!("skipped: root may read everything");
        return;
    }
    let site = plain();
    site.write("in/a.csv", HEADER.to_owned() + &lines(0, 3));
    fs::set_permissions(site.path("in/a.csv"), std::os::unix::fs::PermissionsExt::from_mode(0o000)).unwrap();
    let said = site.run(&["once"]).expect(REFUSED);
    assert!(said.contains("refused a.csv"), "{said}");
}

#[test]
fn a_file_waits_for_its_marker() {
    let source = "ready = \"marker\"\nmarker = \"{name}.done\"\nafter = \"archive\"\narchive = \"archive\"\n";
    let site = site("*.csv", source, CSV, "");
    site.write("in/a.csv", HEADER.to_owned() + &lines(0, 3));
    let said = site.run(&["once"]).expect(0);
    assert!(said.contains("waiting a.csv") && said.contains("a.csv.done"), "{said}");
    assert_eq!(costs(&site), 0);
    site.write("in/a.csv.done", "");
    site.run(&["once"]).expect(0);
    assert_eq!(costs(&site), 3);
    assert_eq!(site.names("archive"), ["a.csv", "a.csv.done"]);
    assert_eq!(site.names("in"), Vec::<String>::new());
}

#[test]
fn a_file_waits_for_its_trailer() {
    let site = site(
        "*.csv",
        "ready = \"trailer\"\n",
        &(CSV.to_owned() + TRAILER),
        "[control]\nrows = \"trailer.rows\"\nsums = { \"sum(money(amount, 'plain'))\" = \"trailer.total\" }\n",
    );
    site.write("in/a.csv", HEADER.to_owned() + &lines(0, 30));
    let said = site.run(&["once"]).expect(0);
    assert!(said.contains("waiting a.csv"), "{said}");
    assert_eq!(costs(&site), 0);
    site.append("in/a.csv", "T,30,37.50\n");
    site.run(&["once"]).expect(0);
    assert_eq!(costs(&site), 30);
    let declared = "SELECT group_concat(measure || ' ' || expected_text || ' ' || actual_text || ' ' || verdict, '; ') \
                    FROM (SELECT * FROM etl_control WHERE output_no = -1 ORDER BY measure)";
    assert_eq!(
        site.text(declared),
        "declared:rows 30 30 agrees; declared:sum(money(amount, 'plain')) 37.50 37.5 agrees"
    );
}

#[test]
fn nothing_of_a_file_whose_trailer_lies_is_visible() {
    for (trailer, declared, counted) in [("T,31,37.50\n", "31", "30"), ("T,30,37.51\n", "37.51", "37.5")] {
        let site = site(
            "*.csv",
            "ready = \"trailer\"\n",
            &(CSV.to_owned() + TRAILER),
            "[control]\nrows = \"trailer.rows\"\nsums = { \"sum(money(amount, 'plain'))\" = \"trailer.total\" }\n",
        );
        site.write("in/a.csv", HEADER.to_owned() + &lines(0, 30) + trailer);
        let said = site.run(&["once"]).expect(REFUSED);
        assert!(said.contains("quarantined a.csv"), "{said}");
        for figure in [format!("declared {declared}"), format!("counted {counted}")] {
            assert!(said.contains(&figure), "{figure}: {said}");
            assert!(reason(&site, "a.csv").contains(&figure), "{}", reason(&site, "a.csv"));
        }
        assert_eq!(state(&site, "a.csv"), "quarantined");
        for table in ["campaign_cost", "etl_batch", "etl_checkpoint", "etl_control", "etl_reject", "etl_dirty"] {
            assert_eq!(site.number(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
        }

        let said = site.run(&["once"]).expect(REFUSED);
        assert!(said.contains("as before") && said.contains("--retry"), "{said}");
        let said = site.run(&["once", "--retry"]).expect(REFUSED);
        assert!(!said.contains("as before"), "it was tried again: {said}");
        // The sender's totals are known to be wrong: without them it loads.
        let pipeline = fs::read_to_string(site.path("pipelines/costs.toml")).unwrap();
        site.write("pipelines/costs.toml", pipeline.split("[control]").next().unwrap());
        site.run(&["once", "--retry"]).expect(0);
        assert_eq!(costs(&site), 30);
        assert_eq!(state(&site, "a.csv"), "loaded");
    }
}

#[test]
fn a_control_file_must_be_there_and_agree() {
    let control = "[control]\nfile = \"{stem}.ctl\"\nrows = \"control.rows\"\n\
                   sums = { \"sum(money(amount, 'plain'))\" = \"control.total\" }\n\
                   hash_totals = { \"sum(cast(substr(id, 2) as bigint))\" = \"control.hash\" }\n";
    let ready = "ready = \"unchanged\"\nunchanged_seconds = 0\nafter = \"archive\"\narchive = \"archive\"\n";
    let site = site("*.csv", ready, CSV, control);
    // Ids 9000 to 9019: their sum is 180190, of which the sender's field holds the last four digits.
    site.write("in/a.csv", HEADER.to_owned() + &lines(9_000, 9_020));
    let said = site.run(&["once"]).expect(0);
    assert!(said.contains("waiting a.csv: its control file a.ctl is not there yet"), "{said}");
    assert_eq!(site.number("SELECT count(*) FROM etl_file"), 0);

    for (ctl, wrong) in [
        ("rows = 19\ntotal = 25.00\nhash = 0190\n", "rows: declared 19, counted 20"),
        ("rows = 20\ntotal = 25.01\nhash = 0190\n", "declared 25.01, counted 25"),
        ("rows = 20\ntotal = 25.00\nhash = 0191\n", "declared 0191, counted 180190"),
        ("rows = 20\nhash = 0190\n", "control.total is missing"),
    ] {
        site.write("in/a.ctl", ctl);
        let said = site.run(&["once", "--retry"]).expect(REFUSED);
        assert!(said.contains("quarantined a.csv") && said.contains(wrong), "{wrong}: {said}");
        assert_eq!(costs(&site), 0);
    }
    site.write("in/a.ctl", "# of 1 March\nrows: 20\ntotal: 25.00\nhash: 0190\n");
    site.run(&["once", "--retry"]).expect(0);
    assert_eq!(costs(&site), 20);
    assert_eq!(site.number("SELECT count(*) FROM etl_control WHERE output_no = -1 AND verdict = 'agrees'"), 3);
    assert_eq!(site.names("archive"), ["a.csv", "a.ctl"]);
}

#[test]
fn another_run_over_the_same_files_touches_nothing() {
    let site = plain();
    site.write("in/a.csv", HEADER.to_owned() + &lines(0, 25) + "L9999,2026-02-30,1.00\n");
    site.write("in/b.csv.gz", gzip((HEADER.to_owned() + &lines(30, 45)).as_bytes()));
    site.run(&["once"]).expect(0);
    let before = site.contents();
    assert_eq!((before.count("campaign_cost_micro"), before.count("etl_reject_micro")), (40, 1));
    let said = site.run(&["once"]).expect(0);
    assert!(said.contains("costs: nothing new"), "{said}");
    site.contents().assert_same(&before, "after another run");
    assert_eq!(site.number("SELECT count(*) FROM etl_run"), 2);

    let demo = Site::demo();
    let before = demo.contents();
    demo.run(&["once"]).expect(REFUSED);
    demo.contents().assert_same(&before, "after another run of the demo");
}
