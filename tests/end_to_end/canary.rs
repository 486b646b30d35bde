//! Secrets show up nowhere: not in a log, a page, a table, a state file, an argument or the environment of a process.
//!
//! Each credential has a canary in it, and everything that the daemon leaves behind is searched for it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;

use crate::daemon::scheduled;
use crate::daemon_process::DaemonProcess;
use crate::scenario::{calls_file, campaign};
use crate::sftp::{self, sshd};
use crate::site::{Site, files_under};

/// What none of them may show.
const PRIVACY: &str = "canary-privacy-0b7c1d6e5f4a39281706";
const PASSPHRASE: &str = "canary-passphrase-5d1e9a";
const PASSWORD: &str = "canary-password-77ab02";

/// Their files in the site's folder.
const SECRETS: [&str; 3] = ["privacy.key", "passphrase", "password"];

/// As they are, and as a program that shows bytes writes them.
fn forms(secret: &str) -> [Vec<u8>; 3] {
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let listed = secret.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ");
    [secret.as_bytes().to_vec(), hex.into_bytes(), listed.into_bytes()]
}

/// Fails if one of them is there.
#[track_caller]
fn assert_clean(place: &str, bytes: &[u8]) {
    for secret in [PRIVACY, PASSPHRASE, PASSWORD] {
        for form in forms(secret) {
            assert!(!contains(bytes, &form), "{place} holds {secret}");
        }
    }
}

fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

fn secret(site: &Site, name: &str, content: &str) {
    site.write(name, content);
    fs::set_permissions(site.path(name), fs::Permissions::from_mode(0o600)).unwrap();
}

/// What a process shows to others.
fn assert_process_is_clean(daemon: &DaemonProcess) {
    for name in ["cmdline", "environ"] {
        let shown = fs::read(format!("/proc/{}/{name}", daemon.id())).unwrap();
        assert!(name == "environ" || !shown.is_empty());
        assert_clean(name, &shown);
    }
}

fn page(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Everything in the site's folder but the secrets themselves.
fn remains(site: &Site) -> Vec<(String, Vec<u8>)> {
    let names = files_under(&site.path(""));
    let remains = names.into_iter().filter(|name| !SECRETS.contains(&name.as_str()) && !name.ends_with(".socket"));
    remains.map(|name| (name.clone(), fs::read(site.path(&name)).unwrap())).collect()
}

#[test]
fn secrets_show_up_nowhere() {
    let Some(server) = sshd::Sshd::start(&["ed25519"], "PasswordAuthentication yes") else { return };
    let site = scheduled(campaign(Site::new("lease_seconds = 3"), &[("calls_1.csv.gz", &calls_file(0, 2_000))], 2));
    for (name, content) in SECRETS.into_iter().zip([PRIVACY, PASSPHRASE, PASSWORD]) {
        secret(&site, name, content);
    }
    let client = server.root().join("locked");
    sshd::keygen(&client, "ed25519", PASSPHRASE);
    fs::copy(client.with_extension("pub"), server.root().join("authorized_keys")).unwrap();
    sftp::send(&server, "day", 0, 30);

    let costs = fs::read_to_string(sftp::site(&server).path("pipelines/costs.toml")).unwrap();
    let key = format!("private_key = {{ file = \"{}/client\" }}\n", server.root().display());
    assert!(costs.contains(&key));
    let schedule = "\n[schedule]\ncron = \"* * * * * *\"\n\n[retry]\nattempts = 1\n\n[source]";
    let costs = costs.replace("\n[source]", schedule);
    let locked =
        format!("private_key = {{ file = \"{}\" }}\npassphrase = {{ file = \"passphrase\" }}\n", client.display());
    site.write("pipelines/costs.toml", costs.replace(&key, &locked));
    // These are refused: the errors mustn't show them either.
    let refused = |name: &str, login: &str| {
        let pipeline = costs.replace("name = \"costs\"", &format!("name = \"{name}\"")).replace(&key, login);
        site.write(&format!("pipelines/{name}.toml"), pipeline);
    };
    refused("refused-password", "password = { file = \"password\" }\n");
    let wrong =
        format!("private_key = {{ file = \"{}\" }}\npassphrase = {{ file = \"password\" }}\n", client.display());
    refused("refused-passphrase", &wrong);

    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    site.replace("campaignd.toml", "listen = \"127.0.0.1:0\"", &format!("listen = \"{address}\""));
    let mut daemon = DaemonProcess::start(&site);
    daemon.hear("READY=1");
    daemon.until("all is loaded", |_| {
        site.number("SELECT count(*) FROM etl_file WHERE state = 'loaded'") == 5
            && site.number("SELECT count(*) FROM etl_occurrence WHERE state = 'failed'") >= 2
            && site.number("SELECT count(*) FROM campaign_roi") > 0
    });
    assert_process_is_clean(&daemon);
    for arguments in [&["check"][..], &["status"], &["runs"], &["files"], &["why", "refused-password"]] {
        let ran = site.run(arguments);
        assert!(!ran.said.is_empty(), "{arguments:?}");
        assert_clean(&arguments.join(" "), ran.said.as_bytes());
    }
    for path in ["/metrics", "/healthz", "/readyz", "/api/v1/status", "/api/v1/runs", "/api/v1/files"] {
        let page = page(&address, path);
        assert!(page.starts_with("HTTP/1.1 200"), "{path}: {page}");
        assert_clean(path, page.as_bytes());
    }
    // Killed, so that what it keeps on disk is searched as a thief would find it: the warehouse's log included.
    daemon.kill();
    let remains = remains(&site);
    for (name, content) in &remains {
        assert_clean(name, content);
    }
    // The search finds what is there.
    let holds = |text: &str, suffix: &str| {
        let found = |(name, bytes): &&(String, Vec<u8>)| name.contains(suffix) && contains(bytes, text.as_bytes());
        remains.iter().filter(found).count()
    };
    assert!(holds("refused-password", ".log") > 0 && holds("refused-password", "warehouse.db") > 0);
}
