//! The real unit, as the package installs it, under a real systemd: from the first start to the purge.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::container::Container;
use crate::package::Packages;
use crate::root::Root;
use crate::{or_skip, said};

/// Waiting for a watchdog and for restarts as they are shipped would take minutes.
const QUICK: &str = "[Service]\nWatchdogSec=3s\nRestartSec=100ms\n";

/// Looks every second. The caller's address makes the daemon use the key that systemd hands it.
const PIPELINE: &str = r#"
name = "calls"
[schedule]
cron = "* * * * * *"
[source]
kind = "file"
path = "/srv/campaigns/calls_*.csv"
ready = "marker"
marker = "{name}.done"
after = "archive"
archive = "/srv/campaigns/done"
[format]
kind = "csv"
delimiter = ";"
[mapping]
timezone = "America/New_York"
[[output]]
record = "campaign_response"
[output.fields]
source_system = "'acd'"
source_key = "call_id"
occurred_at = "to_timestamp(start_time, '%d/%m/%Y %H:%M:%S')"
code_type = "'dnis'"
code = "dnis"
party_email = "caller"
response_type = "'inquiry'"
"#;

#[test]
fn the_service_starts_hangs_dies_reloads_stops_and_is_upgraded() {
    let root = or_skip!(Root::new());
    let packages = or_skip!(Packages::new());
    let (first, second) = (packages.put("0.1.0-1", &root), packages.put("0.1.0-2", &root));
    root.must(&["dpkg", "--install", &first]);
    root.write("/etc/systemd/system/campaignd.service.d/quick.conf", QUICK);
    let mut container = or_skip!(Container::boot(root));

    not_started_before_it_is_configured(&container);
    configure(&container);
    container.must(&["systemctl", "enable", "--now", "campaignd"]);
    container.follow_journal();
    container.wait_for("Started campaignd.service");
    assert_eq!(container.property("ActiveState"), "active");
    assert_ne!(container.property("StatusText"), "");
    loads(&container, "calls_1.csv", "A1");
    confined(&container);
    talks_to_private_networks_only(&container);

    // Stopped, it gives no sign of life; systemd ends it and starts another, which goes on.
    let hung = container.property("MainPID");
    container.must(&["kill", "-STOP", &hung]);
    container.wait_for("Watchdog timeout (limit 3s)!");
    container.wait_for("Failed with result 'watchdog'");
    container.wait_for("Started campaignd.service");
    assert_ne!(container.property("MainPID"), hung);
    loads(&container, "calls_2.csv", "A2");

    container.must(&["systemctl", "kill", "--kill-whom=main", "--signal=KILL", "campaignd"]);
    container.wait_for("Failed with result 'signal'");
    container.wait_for("Started campaignd.service");
    assert_eq!(container.property("NRestarts"), "2");
    loads(&container, "calls_3.csv", "A3");

    reloads(&container);
    upgraded(&container, &second);
    stops(&container);
    commands_beside_it(&container);
    goes(&container);
}

fn not_started_before_it_is_configured(container: &Container) {
    assert_eq!(container.property("ActiveState"), "inactive");
    assert_eq!(said(&container.run(&["systemctl", "is-enabled", "campaignd"])).trim(), "disabled");
    // Where somebody starts it all the same, it says what is missing, once.
    assert!(!container.run(&["systemctl", "start", "campaignd"]).status.success());
    let journal = container.must(&["journalctl", "--unit", "campaignd", "--output", "cat"]);
    assert!(journal.contains("the folder of pipelines `/etc/campaignd/pipelines` holds no .toml file"), "{journal}");
    let state = ["ActiveState", "ExecMainStatus", "NRestarts"].map(|name| container.property(name));
    assert_eq!(state, ["failed", "78", "0"]);
}

/// As the README says: a pipeline, and the drop-in for the directory that it archives in.
fn configure(container: &Container) {
    container.root().write("/etc/campaignd/pipelines/calls.toml", PIPELINE);
    let example = "/usr/share/doc/campaignd/examples/campaignd.service.d/inboxes.conf";
    container.must(&["cp", example, "/etc/systemd/system/campaignd.service.d/"]);
    container.must(&["install", "-d", "-o", "campaignd", "/srv/campaigns"]);
    container.must(&["systemctl", "daemon-reload"]);
}

/// Gives it a file and waits until it is in the warehouse.
#[track_caller]
fn loads(container: &Container, file: &str, call: &str) {
    puts(container, file, call);
    container.wait_for("of calls: 1 files loaded, 1 rows read");
    assert!(container.root().has(&format!("/srv/campaigns/done/{file}")), "{file} isn't archived");
}

/// Puts a file with one call into its inbox, then the marker that says it is complete.
fn puts(container: &Container, file: &str, call: &str) {
    let root = container.root();
    root.write(
        &format!("/srv/campaigns/{file}"),
        format!("call_id;start_time;dnis;caller\n{call};01/03/2026 10:00:00;8005550100;{call}@example.com\n"),
    );
    root.write(&format!("/srv/campaigns/{file}.done"), "");
}

/// What the process that runs may and may not do.
fn confined(container: &Container) {
    let pid = container.property("MainPID");
    let status = container.must(&["cat", &format!("/proc/{pid}/status")]);
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.unwrap_or_else(|| panic!("{status}")).split_whitespace().next().unwrap().to_owned()
    };
    let user = container.must(&["id", "--user", "campaignd"]);
    assert_eq!(field("Uid"), user.trim());
    assert_eq!((field("NoNewPrivs"), field("Seccomp")), ("1".into(), "2".into()));
    assert_eq!((field("CapEff"), field("CapBnd")), ("0000000000000000".into(), "0000000000000000".into()));

    // Its view of the files: not even root could write there.
    let touch = |path: &str| container.run(&["nsenter", "--mount", "--target", &pid, "touch", path]);
    for path in ["/etc/campaignd/new", "/usr/bin/new", "/srv/new", "/var/lib/new"] {
        let refused = said(&touch(path));
        assert!(refused.contains("Read-only file system"), "{path}: {refused}");
    }
    for path in ["/var/lib/campaignd/new", "/srv/campaigns/new", "/tmp/new"] {
        let output = touch(path);
        assert!(output.status.success(), "{path}: {}", said(&output));
    }
    assert!(!container.root().has("/tmp/new"), "its /tmp is everybody's");
    container.must(&["rm", "/var/lib/campaignd/new", "/srv/campaigns/new"]);

    // The key is there for it and nowhere else: the row it loaded has a pseudonym made with it.
    let key = container.must(&["cat", "/etc/campaignd/pseudonym.key"]);
    let copy = "/run/credentials/campaignd.service/pseudonym";
    assert_eq!(container.must(&["nsenter", "--mount", "--target", &pid, "cat", copy]), key);
    let stranger = container.run(&["setpriv", "--reuid=nobody", "--clear-groups", "cat", copy]);
    assert!(!stranger.status.success(), "anybody can read {copy}");
    let environment = container.must(&["cat", &format!("/proc/{pid}/environ")]);
    assert!(environment.contains("CREDENTIALS_DIRECTORY=/run/credentials/campaignd.service"), "{environment}");
    assert!(environment.contains("HOME=/var/lib/campaignd"), "{environment}");
    assert!(!environment.contains(key.trim()), "the key is in the environment");
}

/// A packet that may not leave is refused to whoever sends it from among the daemon's processes.
fn talks_to_private_networks_only(container: &Container) {
    // systemd says so at the first unit that wants it.
    if container.must(&["journalctl", "--no-pager"]).contains("does not support BPF/cgroup firewalling") {
        return eprintln!("skipped: this kernel can't filter the packets of a service");
    }
    let group = format!("/sys/fs/cgroup{}/cgroup.procs", container.property("ControlGroup"));
    container.must(&["ip", "link", "set", "lo", "up"]);
    let send = |address: &str| {
        container.must(&["ip", "address", "replace", &format!("{address}/32"), "dev", "lo"]);
        container.root().write("/root/send", format!("echo $$ >{group} && echo packet >/dev/udp/{address}/9"));
        container.run(&["systemd-run", "--quiet", "--pipe", "--wait", "bash", "/root/send"])
    };
    for address in ["10.9.8.7", "192.168.7.6"] {
        let output = send(address);
        assert!(output.status.success(), "{address}: {}", said(&output));
    }
    let refused = said(&send("192.0.2.17"));
    assert!(refused.contains("Operation not permitted"), "{refused}");
    // As the example of a drop-in says; a running daemon gets it too.
    let example = "/usr/share/doc/campaignd/examples/campaignd.service.d/network.conf";
    container.must(&["cp", example, "/etc/systemd/system/campaignd.service.d/"]);
    container.must(&["systemctl", "daemon-reload"]);
    container.must(&["systemctl", "restart", "campaignd"]);
    container.wait_for("Started campaignd.service");
    let output = send("192.0.2.17");
    assert!(output.status.success(), "{}", said(&output));
}

fn reloads(container: &Container) {
    let pid = container.property("MainPID");
    let file = "/etc/campaignd/pipelines/calls.toml";
    container.root().write(file, PIPELINE.replace("\"csv\"", "\"cvs\""));
    let refused = said(&container.run(&["systemctl", "reload", "campaignd"]));
    assert!(refused.contains("Job for campaignd.service failed"), "{refused}");
    container.wait_for("`cvs`");
    assert_eq!(container.property("ActiveState"), "active");
    container.root().write(file, PIPELINE.replace("'inquiry'", "'order'"));
    container.must(&["systemctl", "reload", "campaignd"]);
    container.wait_for("settings were read again: changed calls");
    assert_eq!(container.property("MainPID"), pid);
}

fn upgraded(container: &Container, package: &str) {
    let (pid, invocation) = (container.property("MainPID"), container.property("InvocationID"));
    container.must(&["dpkg", "--install", package]);
    container.wait_for("Started campaignd.service");
    assert_ne!((container.property("MainPID"), container.property("InvocationID")), (pid, invocation));
    assert_eq!(container.property("ActiveState"), "active");
    loads(container, "calls_4.csv", "A4");
}

fn stops(container: &Container) {
    container.must(&["systemctl", "stop", "campaignd"]);
    let state = ["ActiveState", "Result", "ExecMainCode", "ExecMainStatus"].map(|name| container.property(name));
    assert_eq!(state, ["inactive", "success", "1", "0"]);
    let calls = "SELECT group_concat(source_key || ' ' || response_type || ' ' || (party_key LIKE 'k1:%'), ', ') \
                 FROM (SELECT * FROM campaign_response ORDER BY source_key)";
    assert_eq!(asked(container, calls), "A1 inquiry 1, A2 inquiry 1, A3 inquiry 1, A4 order 1");
}

/// As the README says: those that make pseudonyms are handed the key as the daemon is.
fn commands_beside_it(container: &Container) {
    let as_daemon = ["setpriv", "--reuid=campaignd", "--regid=campaignd", "--clear-groups", "campaignd"];
    let status = container.must(&[&as_daemon[..], &["status"]].concat());
    assert!(status.contains("calls"), "{status}");
    puts(container, "calls_5.csv", "A5");
    let key = "LoadCredential=pseudonym:/etc/campaignd/pseudonym.key";
    let handed = ["systemd-run", "--quiet", "--pipe", "--wait", "--uid=campaignd", "-p", key, "campaignd"];
    let preview = container.must(&[&handed[..], &["preview", "calls"]].concat());
    assert!(preview.contains("A5") && preview.contains("k1:"), "{preview}");
}

fn goes(container: &Container) {
    container.must(&["systemctl", "start", "campaignd"]);
    container.must(&["dpkg", "--purge", "campaignd"]);
    assert_eq!(container.property("ActiveState"), "inactive");
    let wanted = container.run(&["ls", "/etc/systemd/system/multi-user.target.wants/campaignd.service"]);
    assert!(!wanted.status.success(), "the unit is still enabled");
    let kept = container.must(&["ls", "/var/lib/campaignd"]);
    // Its log stays beside it where the daemon had no time to fold it in.
    assert!(kept.lines().all(|name| name.starts_with("warehouse.db")) && kept.contains("warehouse.db\n"), "{kept}");
}

/// One value from the warehouse, read from a copy: opened in its place it would get files that aren't the daemon's.
fn asked(container: &Container, sql: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let there = container.root().path("/var/lib/campaignd");
    let mut copy = Command::new("cp");
    crate::must(copy.arg("--recursive").arg(there.join(".")).arg(folder.path()));
    let files = fs::read_dir(folder.path()).unwrap().count();
    assert!(files > 0, "nothing in {}", there.display());
    let connection = rusqlite::Connection::open(Path::new(folder.path()).join("warehouse.db")).unwrap();
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}
