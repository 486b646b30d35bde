//! Encrypted files: what is read, what is refused, and that nothing is given out before the verdict.

mod integrity;
mod messages;
mod refused;

use std::io::Write as _;
use std::path::Path;

use campaignd_contract::conformance::format::{Case, check};
use campaignd_formats::Csv;
use pgp::types::CompressionAlgorithm as Compression;

use super::transcript;
use messages::{CONTAINERS, Container, KEYS, armored, csv, demanding, inner, received, sealed};

const CALLS: &[u8] = b"call_id,dnis\n1001,18005550100\n1002,18005550199\n1003,\"two\nlines\"\nshort\n";

/// What the content says where nobody has encrypted it.
fn plain(content: &[u8]) -> String {
    transcript::read(&Csv::new(toml::from_str("").unwrap(), Path::new("")).unwrap(), content)
}

#[test]
fn every_container_gives_the_rows_of_the_plain_file() {
    for container in CONTAINERS {
        for compression in [Compression::Uncompressed, Compression::ZIP, Compression::ZLIB, Compression::BZip2] {
            let unsigned = sealed(container, &inner(CALLS, compression, &[]));
            assert_eq!(transcript::read(&received(), &unsigned), plain(CALLS), "{container:?} {compression:?}");
            let signed = sealed(container, &inner(CALLS, compression, &[&KEYS.sender]));
            assert_eq!(
                transcript::read(&demanding(), &armored(&signed)),
                plain(CALLS),
                "{container:?} {compression:?}"
            );
        }
    }
}

#[test]
fn a_passphrase_opens_the_key_and_one_of_two_signers_is_enough() {
    let stored = sealed(Container::V1, &inner(CALLS, Compression::ZIP, &[&KEYS.stranger, &KEYS.sender]));
    let settings =
        "key = { file = \"locked.key\" }\npassphrase = { file = \"passphrase\" }\nsigned_by = [\"sender.asc\"]";
    assert_eq!(transcript::read(&csv(settings), &stored), plain(CALLS));
}

#[test]
fn the_file_of_an_archive_inside_is_read() {
    let long: String = (0..120_000).map(|row| format!("{row},{}\n", row * 7919 % 10_007)).collect();
    for content in [CALLS, format!("call_id,dnis\n{long}").as_bytes()] {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, content) in [("readme.txt", &b"not this one"[..]), ("calls.csv", content), ("more.txt", b"nor this")]
        {
            let method = zip::CompressionMethod::Stored;
            let options = zip::write::SimpleFileOptions::default().compression_method(method);
            archive.start_file(name, options).unwrap();
            archive.write_all(content).unwrap();
        }
        let archive = archive.finish().unwrap().into_inner();
        let stored = sealed(Container::V1, &inner(&archive, Compression::ZIP, &[]));
        let settings = "key = { file = \"receiver.key\" }\n[archive]\nentry = \"*.csv\"";
        assert!(transcript::read(&csv(settings), &stored) == plain(content), "{} bytes", content.len());
    }
}

#[test]
fn an_empty_file_stays_empty() {
    let stored = sealed(Container::V1, &inner(b"", Compression::Uncompressed, &[]));
    assert_eq!(transcript::read(&received(), &stored), plain(b""));
}

#[test]
fn promises_of_the_contract() {
    let settings = "key = { file = \"receiver.key\" }\n[archive]\nmax_bytes = 65536";
    let format = csv(settings);
    let stored = sealed(Container::V1, &inner(CALLS, Compression::ZIP, &[]));
    check(&Case { name: "csv in OpenPGP", format: &format, content: &stored, plain: false, footer_lines: 0 });
}
