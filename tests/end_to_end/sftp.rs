//! Pipelines over an SFTP server: loaded, archived on the server, killed in between, and warned off a wrong one.

use std::fs;

use crate::site::{Site, files_under};

/// The server that the connector's own tests use.
#[path = "../../connectors/sftp/src/tests/sshd.rs"]
#[allow(dead_code, reason = "these tests need less of it")]
pub mod sshd;

use sshd::{Sshd, fingerprint, keygen, user};

pub const REST: &str = r#"
[format]
kind = "csv"

[[output]]
record = "campaign_cost"
[output.fields]
source_system = "'ledger'"
source_key = "id"
cost_kind = "'media'"
period_start = "to_date(day)"
amount = "money(amount, 'plain')"
currency_code = "'USD'"

[control]
file = "{stem}.ctl"
rows = "control.rows"
"#;

/// The lines of `[source]` that log in, at that port.
pub fn login(server: &Sshd, port: u16) -> String {
    format!(
        "kind = \"sftp\"\nhost = \"127.0.0.1\"\nport = {port}\nuser = \"{}\"\n\
         private_key = {{ file = \"{}/client\" }}\nfingerprints = [\"{}\"]\n",
        user(),
        server.root().display(),
        server.fingerprint("ed25519"),
    )
}

/// A site with one pipeline that reads `in/*.csv` of the server, and archives it in `done`.
pub fn site(server: &Sshd) -> Site {
    let site = Site::new("batch_rows = 10\ncommit_rows = 10");
    let (login, root) = (login(server, server.port()), server.root().display());
    site.write(
        "pipelines/costs.toml",
        format!(
            "name = \"costs\"\n\n[source]\n{login}path = \"{root}/in/*.csv\"\nready = \"marker\"\n\
             marker = \"{{name}}.done\"\nafter = \"archive\"\narchive = \"{root}/done\"\n{REST}"
        ),
    );
    site
}

/// Sends a file of so many rows, its control file and its marker.
pub fn send(server: &Sshd, stem: &str, from: usize, to: usize) {
    let folder = server.root().join("in");
    fs::create_dir_all(&folder).unwrap();
    let lines: String = (from..to).map(|id| format!("L{id:04},2026-03-{:02},1.25\n", 1 + id % 28)).collect();
    fs::write(folder.join(format!("{stem}.csv")), format!("id,day,amount\n{lines}")).unwrap();
    fs::write(folder.join(format!("{stem}.ctl")), format!("rows={}\n", to - from)).unwrap();
    fs::write(folder.join(format!("{stem}.csv.done")), "").unwrap();
}

fn costs(site: &Site) -> i64 {
    site.number("SELECT count(*) FROM campaign_cost")
}

#[test]
fn files_are_loaded_once_and_archived_on_the_server() {
    let Some(server) = Sshd::start(&["ed25519"], "") else { return };
    let site = site(&server);
    for day in 0..5 {
        send(&server, &format!("day_{day}"), day * 30, day * 30 + 30);
    }
    site.run(&["check"]).expect(0);
    site.run(&["once"]).expect(0);
    assert_eq!(costs(&site), 150);
    assert_eq!(files_under(&server.root().join("in")), [""; 0], "nothing is left");
    let archived = files_under(&server.root().join("done"));
    assert_eq!(archived.len(), 15, "with markers and control files: {archived:?}");
    assert_eq!(site.names("state/spool"), [""; 0], "no copy is left");

    let said = site.run(&["once"]).expect(0);
    assert_eq!(costs(&site), 150, "{said}");
    send(&server, "day_0", 0, 30);
    site.run(&["once"]).expect(0);
    assert_eq!(costs(&site), 150, "the same content again is no input");
    assert_eq!(files_under(&server.root().join("in")), [""; 0], "and is archived too");
}

#[test]
fn a_run_that_was_killed_is_finished_by_the_next() {
    let Some(server) = Sshd::start(&["ed25519"], "") else { return };
    let site = site(&server);
    for (turn, failpoint) in
        ["file-spooled", "file-spool-named", "after-commit", "before-release", "file-archived"].iter().enumerate()
    {
        send(&server, &format!("turn_{turn}"), turn * 30, turn * 30 + 30);
        let mut command = site.command(&["once"]);
        let killed = crate::site::ran(command.env("CAMPAIGND_FAILPOINT", format!("{failpoint}:1")));
        assert_eq!(killed.signal, Some(6), "{failpoint}: {}", killed.said);
        site.run(&["once"]).expect(0);
        assert_eq!(costs(&site), 30 * (i64::try_from(turn).unwrap() + 1), "{failpoint}");
        assert_eq!(files_under(&server.root().join("in")), [""; 0], "{failpoint}");
        assert_eq!(site.names("state/spool"), [""; 0], "{failpoint}");
    }
}

#[test]
fn a_changed_host_key_stops_the_pipeline() {
    let Some(server) = Sshd::start(&["ed25519"], "") else { return };
    let site = site(&server);
    send(&server, "day", 0, 30);
    let other = server.root().join("other");
    keygen(&other, "ed25519", "");
    let pinned = fingerprint(&other.with_extension("pub"));
    site.replace("pipelines/costs.toml", &server.fingerprint("ed25519"), &pinned);
    let ran = site.run(&["once"]);
    assert_ne!(ran.code, Some(0), "{}", ran.said);
    for part in ["ITS HOST KEY HAS CHANGED", &pinned, &server.fingerprint("ed25519")] {
        assert!(ran.said.contains(part), "{part} is told: {}", ran.said);
    }
    assert_eq!(costs(&site), 0);
    assert_eq!(files_under(&server.root().join("in")).len(), 3, "nothing was touched");
}
