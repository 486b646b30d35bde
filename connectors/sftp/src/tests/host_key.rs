//! Only the right server is talked to.

use std::fs;
use std::process::Command;

use campaignd_contract::{ErrorClass, Source};
use insta::assert_snapshot;

use super::bed::{Bed, take};
use super::sshd::{Sshd, fingerprint, keygen};

/// What a source says that doesn't trust the server, with fingerprints replaced.
fn refusal(bed: &Bed, settings: &str, known: &[(&str, &str)]) -> String {
    let error = bed.source(settings).discover().unwrap_err();
    assert_eq!(error.class(), ErrorClass::Permanent, "{error}");
    let mut words = bed.words(&error);
    for (name, fingerprint) in known {
        words = words.replace(fingerprint, name);
    }
    let log = fs::read_to_string(bed.root().join("log")).unwrap();
    assert!(!log.contains("publickey"), "no way to log in was tried: {log}");
    words
}

#[test]
fn unknown_and_changed_keys_are_refused() {
    let Some(bed) = Bed::new() else { return };
    bed.put("a", "abc");
    let shown = bed.server.fingerprint("ed25519");
    fs::write(bed.root().join("known_hosts"), bed.server.known_host("ed25519", 1)).unwrap();
    assert_snapshot!(refusal(&bed, "", &[("SHOWN", &shown)]), @"could not trust 127.0.0.1 port PORT: its host key is unknown: it shows SHOWN (ssh-ed25519), and ROOT/known_hosts has none for it; get the fingerprint from the server's owner, compare the two, and add the key");

    keygen(&bed.root().join("other"), "ed25519", "");
    let other = fs::read_to_string(bed.root().join("other.pub")).unwrap();
    let known = format!("[127.0.0.1]:{} {other}", bed.server.port());
    fs::write(bed.root().join("known_hosts"), &known).unwrap();
    let other = fingerprint(&bed.root().join("other.pub"));
    let names = [("SHOWN", shown.as_str()), ("PINNED", other.as_str())];
    assert_snapshot!(refusal(&bed, "", &names), @"could not trust 127.0.0.1 port PORT: ITS HOST KEY HAS CHANGED: it shows SHOWN (ssh-ed25519), ROOT/known_hosts has PINNED; this may be an attack by somebody who intercepts the connection, and no secret was sent to it; ask the server's owner by another way; only if the key was replaced on purpose, replace it there too");
    assert_snapshot!(refusal(&bed, &format!("fingerprints = ['{other}']"), &names), @"could not trust 127.0.0.1 port PORT: ITS HOST KEY HAS CHANGED: it shows SHOWN (ssh-ed25519), `fingerprints` has PINNED; this may be an attack by somebody who intercepts the connection, and no secret was sent to it; ask the server's owner by another way; only if the key was replaced on purpose, replace it there too");

    let revoked = format!(
        "{}@revoked {}",
        bed.server.known_host("ed25519", bed.server.port()),
        bed.server.known_host("ed25519", bed.server.port())
    );
    fs::write(bed.root().join("known_hosts"), revoked).unwrap();
    assert_snapshot!(refusal(&bed, "", &names), @"could not trust 127.0.0.1 port PORT: ITS HOST KEY IS REVOKED: it shows SHOWN (ssh-ed25519), which ROOT/known_hosts marks as one that nobody may use any more; this may be an attack, and no secret was sent to it; don't connect to it until its owner says what happened");

    fs::remove_file(bed.root().join("known_hosts")).unwrap();
    assert_snapshot!(refusal(&bed, "", &names), @"could not read the known hosts in ROOT/known_hosts: No such file or directory (os error 2); correct `known_hosts`; without it no server is trusted");
    assert_eq!(bed.spooled(), [""; 0]);
}

#[test]
fn a_key_of_another_type_than_is_pinned_counts_as_changed() {
    let Some(bed) = Bed::new() else { return };
    keygen(&bed.root().join("other"), "ecdsa", "");
    let other = fs::read_to_string(bed.root().join("other.pub")).unwrap();
    fs::write(bed.root().join("known_hosts"), format!("[127.0.0.1]:{} {other}", bed.server.port())).unwrap();
    let names = [("SHOWN", bed.server.fingerprint("ed25519")), ("PINNED", fingerprint(&bed.root().join("other.pub")))];
    let names = names.each_ref().map(|(name, fingerprint)| (*name, fingerprint.as_str()));
    assert_snapshot!(refusal(&bed, "", &names), @"could not trust 127.0.0.1 port PORT: ITS HOST KEY HAS CHANGED: it shows SHOWN (ssh-ed25519), ROOT/known_hosts has PINNED; this may be an attack by somebody who intercepts the connection, and no secret was sent to it; ask the server's owner by another way; only if the key was replaced on purpose, replace it there too");
}

#[test]
fn known_hosts_may_be_hashed() {
    let Some(bed) = Bed::new() else { return };
    bed.put("a", "abc");
    let path = bed.root().join("known_hosts");
    let hashed = Command::new("ssh-keygen").arg("-H").arg("-f").arg(&path).output().unwrap();
    assert!(hashed.status.success());
    assert!(fs::read_to_string(&path).unwrap().starts_with("|1|"));
    assert_eq!(take(&mut bed.source(""), "a").2, b"abc");
}

/// A server has keys of several types. Each of them may be the pinned one, and no other is asked for then.
#[test]
fn any_of_a_servers_keys_may_be_pinned() {
    let types = ["rsa", "ecdsa", "ed25519"];
    let Some(server) = Sshd::start(&types, "") else { return };
    let bed = Bed::over(server);
    bed.put("a", "abc");
    for key_type in types {
        fs::write(bed.root().join("known_hosts"), bed.server.known_host(key_type, bed.server.port())).unwrap();
        assert_eq!(take(&mut bed.source(""), "a").2, b"abc", "{key_type} in known_hosts");
        let pinned = format!("fingerprints = ['{}']", bed.server.fingerprint(key_type));
        assert_eq!(take(&mut bed.source(&pinned), "a").2, b"abc", "{key_type} by its fingerprint");
    }
    let both = ["ed25519", "rsa"].map(|key_type| bed.server.fingerprint(key_type));
    keygen(&bed.root().join("next"), "ed25519", "");
    let rotation = format!("fingerprints = ['{}', '{}']", fingerprint(&bed.root().join("next.pub")), both[1]);
    assert_eq!(take(&mut bed.source(&rotation), "a").2, b"abc", "before a rotation to a key that isn't there yet");
}

#[test]
fn a_server_with_old_algorithms_only_is_told_so() {
    let config = "KexAlgorithms diffie-hellman-group14-sha1\nMACs hmac-sha1\nCiphers aes128-cbc";
    let Some(server) = Sshd::start(&["ed25519"], config) else { return };
    let bed = Bed::over(server);
    assert_snapshot!(refusal(&bed, "", &[]), @"could not connect to 127.0.0.1 port PORT: it and we have no key exchange, cipher or type of host key in common; ask its owner for algorithms that aren't out of date: without SHA-1, CBC and DSA");
}
