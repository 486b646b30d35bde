//! Files that GnuPG has encrypted are read as if nobody had.
//!
//! Skipped with a word where `gpg` isn't installed (Debian's package `gnupg`).

use std::fs;
use std::io::Write as _;
use std::path::Path;

use campaignd_contract::{BatchLimits, Format, MemoryBytes};
use campaignd_formats::{CopybookFormat, Csv, FixedWidth, Json};

use super::keyring::Gnupg;
use super::transcript;

const CALLS: &[u8] = b"call_id,dnis\n1001,18005550100\n1002,18005550199\n1003,\"two\nlines\"\n";

impl Gnupg {
    fn csv(&self, pgp: &str) -> Csv {
        Csv::new(toml::from_str(&format!("[pgp]\n{pgp}")).unwrap(), self.folder()).unwrap()
    }
}

fn plain() -> Csv {
    Csv::new(toml::from_str("").unwrap(), Path::new("")).unwrap()
}

/// Ways of packing that senders choose among.
const WAYS: [&[&str]; 6] = [
    &[],
    &["--armor"],
    &["--compress-algo", "none"],
    &["--compress-algo", "zip"],
    &["--compress-algo", "zlib", "--armor"],
    &["--compress-algo", "bzip2"],
];

#[test]
fn every_way_of_packing_gives_the_rows_of_the_plain_file() {
    let Some(gnupg) = Gnupg::new() else { return };
    gnupg.make_key("rsa", "rsa3072", "rsa3072", "");
    gnupg.make_key("curve", "ed25519", "cv25519", "open sesame");
    gnupg.make_key("sender", "ed25519", "cv25519", "");
    gnupg.write_secret("passphrase", b"open sesame\n");
    gnupg.write_secret("rsa.key.asc", &gnupg.gpg(&["--armor", "--export-secret-keys", "rsa"], b""));
    let expected = transcript::read(&plain(), CALLS);
    let stored = gnupg.gpg(&["--recipient", "rsa", "--encrypt"], CALLS);
    assert_eq!(transcript::read(&gnupg.csv("key = { file = \"rsa.key.asc\" }"), &stored), expected);
    let readers = [
        ("rsa", "key = { file = \"rsa.key\" }"),
        ("curve", "key = { file = \"curve.key\" }\npassphrase = { file = \"passphrase\" }"),
    ];
    for way in WAYS {
        for (to, pgp) in readers {
            let arguments = [way, &["--recipient", to, "--encrypt"]].concat();
            let stored = gnupg.gpg(&arguments, CALLS);
            assert_eq!(transcript::read(&gnupg.csv(pgp), &stored), expected, "{arguments:?}");
            let signed = gnupg.gpg(&[&["--local-user", "sender", "--sign"], &arguments[..]].concat(), CALLS);
            let demanding = format!("{pgp}\nsigned_by = [\"rsa.asc\", \"sender.asc\"]");
            assert_eq!(transcript::read(&gnupg.csv(&demanding), &signed), expected, "signed by {arguments:?}");
        }
    }
}

#[test]
fn less_usual_messages_and_keys() {
    let Some(gnupg) = Gnupg::new() else { return };
    gnupg.make_key("curve", "ed25519", "cv25519", "");
    gnupg.make_key("other", "ed25519", "cv25519", "");
    gnupg.make_key("sender", "rsa2048", "rsa2048", "");
    let expected = transcript::read(&plain(), CALLS);
    let key = "key = { file = \"curve.key\" }";
    let read = |arguments: &[&str], pgp: &str| {
        let stored = gnupg.gpg(arguments, CALLS);
        assert_eq!(transcript::read(&gnupg.csv(pgp), &stored), expected, "{arguments:?} {pgp}");
    };
    let to = ["--recipient", "curve", "--encrypt"];
    // Several recipients, hidden ones, and a passphrase besides.
    read(&["--recipient", "other", "--recipient", "curve", "--encrypt"], key);
    read(&[&["--throw-keyids"], &to[..]].concat(), key);
    read(&[&["--passphrase", "x", "--symmetric"], &to[..]].concat(), key);
    for cipher in ["AES128", "AES192", "CAMELLIA256", "TWOFISH", "CAST5", "3DES", "BLOWFISH"] {
        read(&[&["--cipher-algo", cipher], &to[..]].concat(), key);
    }
    // A signature of text, whose lines end as they like.
    let signed = [&["--textmode", "--local-user", "sender", "--sign"], &to[..]].concat();
    let stored = gnupg.gpg(&signed, CALLS);
    let demanding = gnupg.csv(&format!("{key}\nsigned_by = [\"sender.asc\"]"));
    assert_eq!(rows(&demanding, &stored), rows(&plain(), CALLS));
    // Two signers, one of whom is asked for.
    let signed = [&["-u", "other", "-u", "sender", "--sign"], &to[..]].concat();
    read(&signed, &format!("{key}\nsigned_by = [\"sender.asc\"]"));
    // The subkeys alone: the primary key stays with its owner.
    gnupg.write_secret("subkeys.key", &gnupg.gpg(&["--armor", "--export-secret-subkeys", "curve"], b""));
    read(&to, "key = { file = \"subkeys.key\" }");
    // A whole keyring.
    gnupg.write_secret("ring.key", &gnupg.gpg(&["--export-secret-keys"], b""));
    read(&to, "key = { file = \"ring.key\" }");
    // Compressed before it is encrypted.
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(CALLS).unwrap();
    let stored = gnupg.gpg(&to, &gzip.finish().unwrap());
    assert_eq!(transcript::read(&gnupg.csv(key), &stored), expected);
}

#[test]
fn whose_signature_counts() {
    let Some(gnupg) = Gnupg::new() else { return };
    gnupg.make_key("us", "ed25519", "cv25519", "");
    let old = ["--faked-system-time", "20200101T000000", "--passphrase", ""];
    gnupg.gpg(&[&old[..], &["--quick-generate-key", "sender", "ed25519", "sign,cert", "never"]].concat(), b"");
    let fingerprint = gnupg.fingerprint("sender");
    gnupg.export("sender", "sender.asc");
    let signed = || gnupg.gpg(&["--local-user", "sender", "--sign", "--recipient", "us", "--encrypt"], CALLS);
    let by_primary = signed();
    gnupg.gpg(&["--passphrase", "", "--quick-add-key", &fingerprint, "ed25519", "sign", "never"], b"");
    let by_subkey = signed();
    gnupg.export("sender", "subkey.asc");
    let read = |stored: &[u8], signer: &str| {
        let demanding = gnupg.csv(&format!("key = {{ file = \"us.key\" }}\nsigned_by = [\"{signer}\"]"));
        transcript::read(&demanding, stored)
    };
    let expected = transcript::read(&plain(), CALLS);
    assert_eq!(read(&by_primary, "sender.asc"), expected);
    assert_eq!(read(&by_primary, "subkey.asc"), expected);
    assert_eq!(read(&by_subkey, "subkey.asc"), expected);
    let said = read(&by_subkey, "sender.asc");
    assert!(said.contains("it is signed by the key "), "{said}");
    // The sender says afterwards that the key was good for two years, and then that it isn't at all.
    let later = ["--faked-system-time", "20210101T000000", "--passphrase", ""];
    gnupg.gpg(&[&later[..], &["--quick-set-expire", &fingerprint, "1y"]].concat(), b"");
    gnupg.export("sender", "expired.asc");
    for stored in [&by_primary, &by_subkey] {
        let said = read(stored, "expired.asc");
        assert!(said.contains(" was made when the key had expired; none of it was loaded; "), "{said}");
    }
    let revocation = gnupg.folder().join(format!("openpgp-revocs.d/{fingerprint}.rev"));
    let revocation = fs::read_to_string(revocation).unwrap().replace(":-----BEGIN", "-----BEGIN");
    gnupg.gpg(&["--import"], revocation.as_bytes());
    gnupg.export("sender", "revoked.asc");
    let said = read(&by_primary, "revoked.asc");
    assert!(said.contains(" is revoked; have the sender export the key they sign with now"), "{said}");
}

fn rows(format: &dyn Format, stored: &[u8]) -> usize {
    let mut reader = format.open(&MemoryBytes::new("calls", stored), None, BatchLimits::default()).unwrap();
    std::iter::from_fn(|| reader.next_batch().unwrap()).map(|batch| batch.places.len()).sum()
}

#[test]
fn every_format_reads_an_encrypted_file() {
    let Some(gnupg) = Gnupg::new() else { return };
    gnupg.make_key("curve", "ed25519", "cv25519", "");
    fs::write(gnupg.folder().join("R.cpy"), "       01 R. 05 ID PIC X(4). 05 N PIC S9(3) COMP-3.\n").unwrap();
    let pgp = "[pgp]\nkey = { file = \"curve.key\" }";
    let columns = "columns = [{ name = \"id\", start = 1, length = 4 }]";
    let folder = gnupg.folder();
    let fixed_width =
        |pgp: &str| FixedWidth::new(toml::from_str(&format!("{columns}\n{pgp}")).unwrap(), folder).unwrap();
    let json =
        |pgp: &str| Json::new(toml::from_str(&format!("columns = {{ id = \"id\" }}\n{pgp}")).unwrap(), folder).unwrap();
    let copybook = |pgp: &str| {
        CopybookFormat::new(toml::from_str(&format!("copybook = \"R.cpy\"\n{pgp}")).unwrap(), folder).unwrap()
    };
    let same = |plain: &dyn Format, encrypted: &dyn Format, content: &[u8]| {
        let stored = gnupg.gpg(&["--recipient", "curve", "--encrypt"], content);
        let expected = transcript::read(plain, content);
        assert!(expected.lines().count() == 3, "{expected}");
        assert_eq!(transcript::read(encrypted, &stored), expected);
    };
    same(&fixed_width(""), &fixed_width(pgp), b"1001 a\n1002 b\n");
    same(&json(""), &json(pgp), b"{\"id\": 1}\n{\"id\": 2}\n");
    same(&copybook(""), &copybook(pgp), b"\xf1\xf0\xf0\xf1\x12\x3c\xf1\xf0\xf0\xf2\x45\x6d");
}
