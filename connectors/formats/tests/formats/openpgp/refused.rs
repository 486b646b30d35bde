//! What is refused, in the words that are said of it.

use campaignd_contract::Format;
use pgp::types::CompressionAlgorithm as Compression;

use super::messages::{
    CONTAINERS, Container, KEYS, armored, csv, demanding, inner, packet, received, recipient, sealed, sealed_to,
};
use super::{CALLS, transcript};

fn said(format: &dyn Format, stored: &[u8]) -> String {
    let said = transcript::read(format, stored);
    assert!(!said.contains('\n'), "rows were given out:\n{said}");
    said.replace(&format!("{}/", KEYS.folder().display()), "")
}

fn message() -> Vec<u8> {
    sealed(Container::V1, &inner(CALLS, Compression::ZIP, &[]))
}

#[test]
fn the_wrong_key_or_passphrase() {
    insta::assert_snapshot!(said(&csv("key = { file = \"stranger.key\" }"), &message()), @"could not decrypt calls: it is encrypted to the key ddec7c76f3877a2e; the private key is fc98cf17dd56989e, f09a959f85af28d2; have it encrypted to your key, or name the right one in [format.pgp]");
    insta::assert_snapshot!(said(&csv("key = { file = \"locked.key\" }"), &message()), @"could not decrypt calls: the private key ddec7c76f3877a2e is protected by a passphrase; say where it is: `passphrase` in [format.pgp]");
    insta::assert_snapshot!(said(&csv("key = { file = \"locked.key\" }\npassphrase = { file = \"wrong\" }"), &message()), @"could not decrypt calls: the passphrase doesn't open the private key ddec7c76f3877a2e; correct what `passphrase` in [format.pgp] names");
    insta::assert_snapshot!(said(&csv("key = { file = \"receiver.asc\" }"), &message()), @"could not read the private key of [format.pgp]: it is a public key; give `key` what `gpg --armor --export-secret-keys` writes");
    insta::assert_snapshot!(said(&csv("key = { file = \"passphrase\" }"), &message()), @"could not read the private key of [format.pgp]: it isn't an OpenPGP key; give `key` what `gpg --armor --export-secret-keys` writes");
    insta::assert_snapshot!(said(&csv("key = { file = \"missing.key\" }"), &message()), @"could not read the private key of [format.pgp]: could not read the secret in missing.key: No such file or directory (os error 2); see that the daemon's user may read it");
    insta::assert_snapshot!(said(&csv("key = { file = \"receiver.key\" }\npassphrase = { file = \"missing\" }"), &message()), @"could not read the private key's passphrase of [format.pgp]: could not read the secret in missing: No such file or directory (os error 2); see that the daemon's user may read it");
}

#[test]
fn what_is_no_encrypted_message() {
    insta::assert_snapshot!(said(&received(), CALLS), @"could not decrypt calls: it isn't an OpenPGP message: it starts neither with a packet nor with ASCII armor; if the file isn't encrypted, leave [format.pgp] out; otherwise have it sent again");
    insta::assert_snapshot!(said(&received(), b""), @"could not decrypt calls: it isn't an OpenPGP message: it is empty; if the file isn't encrypted, leave [format.pgp] out; otherwise have it sent again");
    insta::assert_snapshot!(said(&received(), b"\xff\xfei\0d\0\n\0"), @"could not decrypt calls: it isn't an OpenPGP message: its packets can't be understood; if the file isn't encrypted, leave [format.pgp] out; otherwise have it sent again");
    insta::assert_snapshot!(said(&received(), &inner(CALLS, Compression::Uncompressed, &[&KEYS.sender])), @"could not decrypt calls: it is an OpenPGP message that is signed, not encrypted; have it encrypted to your key, and signed inside of that if it is signed");
    insta::assert_snapshot!(said(&received(), include_bytes!("keys/sender.key")), @"could not decrypt calls: it isn't an OpenPGP message: it is a PGP PRIVATE KEY BLOCK; if the file isn't encrypted, leave [format.pgp] out; otherwise have it sent again");
    // One of before there were modification detection codes, and one for whoever knows a passphrase.
    let old = [recipient(&message()), &packet(9, &[1; 100])].concat();
    insta::assert_snapshot!(said(&received(), &old), @"could not decrypt calls: its packet has no integrity protection, so that nobody could say whether it was changed; have it encrypted with integrity protection, as gpg does unless it is told not to");
    let symmetric = [packet(3, &[4, 9, 0, 8]), packet(18, &[1; 60])].concat();
    insta::assert_snapshot!(said(&received(), &symmetric), @"could not decrypt calls: it is encrypted with a passphrase, not to a key; have it encrypted to your key");
}

#[test]
fn changed_or_cut() {
    let stored = sealed(Container::V1, &inner(CALLS, Compression::Uncompressed, &[]));
    let mut changed = stored.clone();
    let at = stored.len() - 40;
    changed[at] ^= 1;
    insta::assert_snapshot!(said(&received(), &changed), @"could not decrypt calls: its integrity check fails; none of it was loaded; the file was changed or damaged on its way: have it sent again");
    insta::assert_snapshot!(said(&received(), &stored[..at]), @"could not decrypt calls: the message stops in the middle; none of it was loaded; the file was cut on its way: have it sent again");
    insta::assert_snapshot!(said(&received(), &stored[..50]), @"could not decrypt calls: it isn't an OpenPGP message: it stops in the middle, or never was one; if the file isn't encrypted, leave [format.pgp] out; otherwise have it sent again");
    let stored = armored(&stored);
    insta::assert_snapshot!(said(&received(), &stored[..stored.len() - 60]), @"could not decrypt calls: the message stops in the middle; none of it was loaded; the file was cut on its way: have it sent again");
    for container in CONTAINERS {
        let mut changed = sealed(container, &inner(CALLS, Compression::Uncompressed, &[]));
        let at = changed.len() - 1;
        changed[at] ^= 1;
        let said = said(&received(), &changed);
        assert!(said.starts_with("could not decrypt calls: its integrity check fails; "), "{container:?}: {said}");
    }
}

#[test]
fn signatures() {
    let unsigned = message();
    insta::assert_snapshot!(said(&demanding(), &unsigned), @"could not accept calls: it isn't signed, and `signed_by` in [format.pgp] demands it; none of it was loaded; have it signed by the sender");
    let other = sealed(Container::V1, &inner(CALLS, Compression::ZIP, &[&KEYS.stranger]));
    insta::assert_snapshot!(said(&demanding(), &other), @"could not accept calls: it is signed by the key fc98cf17dd56989e, not by 1a07f7c3b28ee966; none of it was loaded; if that sender is the right one, add their public key to `signed_by` in [format.pgp]");
    // The sender's signature under another content: the receiver can make that, and whoever has what they signed.
    let signed = inner(CALLS, Compression::Uncompressed, &[&KEYS.sender]);
    let at = signed.windows(4).position(|four| four == b"1002").unwrap();
    let mut forged = signed.clone();
    forged[at] = b'9';
    insta::assert_snapshot!(said(&demanding(), &sealed(Container::V1, &forged)), @"could not accept calls: the signature of the key 1a07f7c3b28ee966 doesn't fit what is in it; none of it was loaded; the file was changed on its way: have it sent again");
    let signed_by = |files: &str| csv(&format!("key = {{ file = \"receiver.key\" }}\nsigned_by = [{files}]"));
    insta::assert_snapshot!(said(&signed_by("\"missing.asc\""), &unsigned), @"could not read the public key missing.asc: No such file or directory (os error 2); correct its name, or put the file there");
    insta::assert_snapshot!(said(&signed_by("\"sender.key\""), &unsigned), @"could not use the public key sender.key: it is a private key; give `signed_by` what `gpg --armor --export` writes");
    insta::assert_snapshot!(said(&signed_by("\"passphrase\""), &unsigned), @"could not use the public key passphrase: it isn't an OpenPGP key; give `signed_by` what `gpg --armor --export` writes");
}

#[test]
fn more_than_one_message() {
    let stored = message();
    insta::assert_snapshot!(said(&received(), &[&stored[..], &stored].concat()), @"could not decrypt calls: more than one message is in it, or a packet that doesn't belong there (PublicKeyEncryptedSessionKey); none of it was loaded; the file was changed or damaged on its way: have it sent again");
    insta::assert_snapshot!(said(&received(), &[&armored(&stored)[..], b"--\nThe sender"].concat()), @"could not decrypt calls: something follows the end of its armor; none of it was loaded; the file was changed or damaged on its way: have it sent again");
    insta::assert_snapshot!(said(&received(), &[armored(&stored), armored(&stored)].concat()), @"could not decrypt calls: something follows the end of its armor; none of it was loaded; the file was changed or damaged on its way: have it sent again");
    let literal = inner(CALLS, Compression::Uncompressed, &[]);
    insta::assert_snapshot!(said(&received(), &sealed(Container::V1, &[&literal[..], &literal].concat())), @"could not decrypt calls: what comes out of it isn't a message as OpenPGP has it; none of it was loaded; the file was changed or damaged on its way: have it sent again");
    insta::assert_snapshot!(said(&received(), &sealed(Container::V1, &message())), @"could not decrypt calls: it is encrypted twice; have it made as `gpg --encrypt` does, with or without `--sign`");
    let compressed = inner(CALLS, Compression::ZIP, &[]);
    insta::assert_snapshot!(said(&received(), &sealed(Container::V1, &packet(8, &[&[0][..], &compressed].concat()))), @"could not decrypt calls: it is compressed twice; have it made as `gpg --encrypt` does, with or without `--sign`");
}

#[test]
fn more_than_there_may_be() {
    let bounded = csv("key = { file = \"receiver.key\" }\n[archive]\nmax_bytes = 30");
    insta::assert_snapshot!(said(&bounded, &message()), @"could not decompress calls: more than 30 bytes come out of it; if the file is what it should be, raise `max_bytes` in [format.archive]");
    let row = [&[b'1'; 999][..], b"\n"].concat();
    let bomb = inner(&[&b"a\n"[..], &row.repeat(20 << 10)].concat(), Compression::ZLIB, &[]);
    let error = said(&received(), &sealed(Container::V1, &bomb)).replace(|c: char| c.is_ascii_digit(), "9");
    insta::assert_snapshot!(error, @"could not decompress calls: 99999999 bytes come out of 99999, more than 999 for one; if the file is what it should be, raise `max_ratio` in [format.archive]");
    // A packet that is no data and would be kept in memory, before the data and behind it.
    let long = packet(21, &vec![0; 17 << 20]);
    let literal = inner(CALLS, Compression::Uncompressed, &[]);
    insta::assert_snapshot!(said(&received(), &sealed(Container::V1, &[&literal[..], &long].concat())), @"could not decrypt calls: there are more than 2097152 bytes of packets in it that hold no data; none of it was loaded; the file was changed or damaged on its way: have it sent again");
    insta::assert_snapshot!(said(&received(), &sealed(Container::Gnupg, &[&long[..], &literal].concat())), @"could not decrypt calls: there are more than 2097152 bytes of packets in it that hold no data; none of it was loaded; the file was changed or damaged on its way: have it sent again");
    insta::assert_snapshot!(said(&received(), &[&long[..], &message()].concat()), @"could not decrypt calls: there are more than 2097152 bytes of packets in it that hold no data; none of it was loaded; the file was changed or damaged on its way: have it sent again");
    let signatures = packet(4, &[3, 0, 8, 22, 1, 2, 3, 4, 5, 6, 7, 8, 1]).repeat(17);
    insta::assert_snapshot!(said(&received(), &sealed(Container::V1, &[&signatures[..], &literal].concat())), @"could not decrypt calls: it has 17 signatures, more than 16; have it made as `gpg --encrypt` does, with or without `--sign`");
    let recipients = recipient(&sealed_to(&KEYS.stranger, Container::V1, b"")).repeat(1_001);
    insta::assert_snapshot!(said(&received(), &[&recipients[..], &message()].concat()), @"could not decrypt calls: it is encrypted to 1002 keys, more than 1000; have it encrypted to yours alone");
}
