//! The sample, and each way settings can be wrong.

use campaignd_contract::{ConnectorSettings, Revision};
use insta::assert_snapshot;

use crate::{After, Order, SftpSettings};

const LEAST: &str = "host = 'h'\nuser = 'u'\nagent = true\nknown_hosts = 'k'\npath = 'in/*'\nready = 'trailer'";

/// One line a problem: path, message, help. A key that is given replaces that of the least settings.
fn problems(text: &str) -> String {
    let mut table: toml::Table = toml::from_str(LEAST).unwrap();
    for (key, value) in toml::from_str::<toml::Table>(text).unwrap() {
        if value.as_str() == Some("-") { drop(table.remove(&key)) } else { drop(table.insert(key, value)) }
    }
    let settings: SftpSettings = table.try_into().unwrap();
    let found = settings.problems();
    let lines = found.iter().map(|p| format!("{}: {}; {}", p.path.join("."), p.message, p.help));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn sample_parses_and_has_no_problems() {
    let mut sample: toml::Table = toml::from_str(SftpSettings::SAMPLE).unwrap();
    let mut source = sample.remove("source").unwrap();
    assert!(sample.is_empty());
    assert_eq!(source.as_table_mut().unwrap().remove("kind").unwrap().as_str(), Some(SftpSettings::KIND));
    let settings: SftpSettings = source.try_into().unwrap();
    assert_eq!(settings.problems(), []);
    let schema = schemars::schema_for!(SftpSettings);
    for key in schema.get("properties").unwrap().as_object().unwrap().keys() {
        assert!(SftpSettings::SAMPLE.contains(&format!("{key} =")), "the sample doesn't show `{key}`");
    }
}

#[test]
fn defaults_change_nothing_at_the_origin() {
    let settings: SftpSettings = toml::from_str(LEAST).unwrap();
    assert_eq!(settings.problems(), []);
    assert_eq!((settings.after, settings.order, settings.revision), (After::Keep, Order::Name, Revision::Hold));
    assert_eq!((settings.port, settings.connections, settings.timeout_seconds), (22, 3, 30));
}

#[test]
fn no_setting_switches_the_check_of_host_keys_off() {
    for key in ["insecure", "strict_host_key_checking", "accept_any_host_key"] {
        assert!(toml::from_str::<SftpSettings>(&format!("{LEAST}\n{key} = true")).is_err(), "{key}");
    }
}

#[test]
fn each_mistake_is_named() {
    assert_snapshot!(problems("host = ''\nuser = 'a b'"), @r#"
    host: "" is no name: it is empty or contains blanks; write the host alone
    user: "a b" is no name: it is empty or contains blanks; write the user alone
    "#);
    assert_snapshot!(problems("host = 'sftp://u@h/in'"), @"host: `sftp://u@h/in` is more than a name or an address; give user, port and path by their own settings");
    assert_snapshot!(problems("port = 0\nconnections = 0\ntimeout_seconds = 0"), @r#"
    port: 0 is no port; leave it out for 22
    connections: 0 is not between 1 and 16; leave it out for 3
    timeout_seconds: 0 is not between 1 and 3600; a server that says nothing has to be given up at some time
    "#);
    assert_snapshot!(problems("agent = false"), @": there is no way to log in; give exactly one of password, private_key and agent");
    assert_snapshot!(problems("password = { env = 'P' }"), @": there is more than one way to log in; give exactly one of password, private_key and agent");
    assert_snapshot!(problems("passphrase = { env = 'P' }"), @"passphrase: only used with `private_key`; remove `passphrase`, or give `private_key`");
    assert_snapshot!(problems("agent = false\npassword = { env = 'P', file = 'p' }"), @"password: a secret is kept in exactly one place; give one of credential, file and env");
    assert_snapshot!(problems("known_hosts = '-'"), @r#": nothing says which host key to trust; give `known_hosts = "…"`, or `fingerprints = ["SHA256:…"]` as the server's owner tells you"#);
    assert_snapshot!(problems("fingerprints = ['SHA256:uNiVztksCsDhcc0u9e8BrWXPT5xGkEZ6pPcVZcv4zSM']"), @"fingerprints: `known_hosts` says already which host key to trust; remove one of the two");
    assert_snapshot!(problems("known_hosts = '-'\nfingerprints = ['MD5:16:27:ac']"), @"fingerprints: `MD5:16:27:ac` is not a SHA-256 fingerprint; write it as `ssh-keygen -lf` prints it: SHA256: and 43 characters");
    assert_snapshot!(problems("path = 'in/'\nready = 'marker'"), @r#"
    path: `in/` names no files; add a pattern for the names, such as `in/*.csv`
    ready: `ready = "marker"` needs the name of the marker; add `marker = "{name}.done"`
    "#);
    assert_snapshot!(problems("after = 'archive'"), @r#"after: `after = "archive"` needs the directory to move files to; add `archive = "/path/of/the/archive"`"#);
}
