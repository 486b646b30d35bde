//! An encrypted file is never in memory as a whole. A test of its own, since it measures the process.
//!
//! `cargo test --release -p campaignd-formats --test openpgp_memory -- --nocapture` shows how fast it is.

#![expect(clippy::unwrap_used, reason = "a failed unwrap in a test is a failed test")]

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use campaignd_contract::{BatchLimits, FileBytes, Format as _};
use campaignd_formats::Csv;
use pgp::composed::{Deserializable as _, MessageBuilder, SignedSecretKey};
use pgp::crypto::aead::{AeadAlgorithm, ChunkSize};
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::sym::SymmetricKeyAlgorithm::AES256;
use pgp::types::{CompressionAlgorithm, Password};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

/// Bytes of the content.
const CONTENT: u64 = 200 << 20;

/// Bytes that the process may have in use at any time: batches, windows, a block of 4 MiB and its buffer, the test itself.
const ALLOWED: u64 = 96 << 20;

const ROW: &[u8] = b"1001,18005550100,2026-01-01T10:00:00,said no and hung up\n";

/// Rows without end.
struct Rows(usize);

impl Read for Rows {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        for byte in &mut *buffer {
            *byte = ROW[self.0 % ROW.len()];
            self.0 += 1;
        }
        Ok(buffer.len())
    }
}

/// A number of bytes from the process's status.
fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

#[test]
fn memory_stays_small_however_long_a_message_is() {
    let folder = tempfile::tempdir().unwrap();
    let key = |text: &str| SignedSecretKey::from_string(text).unwrap().0;
    let text = include_str!("formats/openpgp/keys/receiver.key");
    let (receiver, sender) = (key(text), key(include_str!("formats/openpgp/keys/sender.key")));
    fs::write(folder.path().join("key"), text).unwrap();
    fs::set_permissions(folder.path().join("key"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(
        folder.path().join("sender"),
        sender.to_public_key().to_armored_string(pgp::composed::ArmorOptions::default()).unwrap(),
    )
    .unwrap();
    let to = receiver.to_public_key().public_subkeys[0].clone();
    let random = || StdRng::seed_from_u64(7);
    let rows = || Rows(0).take(CONTENT / ROW.len() as u64 * ROW.len() as u64);

    let v1 = folder.path().join("v1");
    let mut message = MessageBuilder::from_reader("", rows()).seipd_v1(random(), AES256);
    message.encrypt_to_key(random(), &to).unwrap();
    message.sign(&sender.primary_key, Password::empty(), HashAlgorithm::Sha256);
    message.to_file(random(), &v1).unwrap();

    let compressed = folder.path().join("compressed");
    let mut message = MessageBuilder::from_reader("", rows()).seipd_v1(random(), AES256);
    message.encrypt_to_key(random(), &to).unwrap();
    message.compression(CompressionAlgorithm::ZLIB);
    message.to_file(random(), &compressed).unwrap();

    let v2 = folder.path().join("v2");
    let mut message =
        MessageBuilder::from_reader("", rows()).seipd_v2(random(), AES256, AeadAlgorithm::Ocb, ChunkSize::C4MiB);
    message.encrypt_to_key(random(), &to).unwrap();
    message.to_file(random(), &v2).unwrap();

    let unsigned = "key = { file = \"key\" }";
    for (path, pgp) in [
        (&v1, format!("{unsigned}\nsigned_by = [\"sender\"]")),
        (&v1, unsigned.to_owned()),
        (&compressed, unsigned.to_owned()),
        (&v2, unsigned.to_owned()),
    ] {
        read(path, &pgp, folder.path());
    }
}

fn read(path: &Path, pgp: &str, folder: &Path) {
    let settings =
        format!("header = false\ncolumns = [\"a\", \"b\", \"c\", \"d\"]\n[pgp]\n{pgp}\n[archive]\nmax_ratio = 1000");
    let format = Csv::new(toml::from_str(&settings).unwrap(), folder).unwrap();
    let name = path.file_name().unwrap().to_string_lossy();
    let bytes = FileBytes::new(path, &*name).unwrap();
    // The highest mark so far is that of writing the message: set it to what is in use now.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let started = Instant::now();
    let mut reader = format.open(&bytes, None, BatchLimits::default()).unwrap();
    let verified = started.elapsed();
    let mut rows = 0;
    while let Some(batch) = reader.next_batch().unwrap() {
        rows += batch.places.len() as u64;
    }
    let taken = status("VmHWM");
    let rate = |time: Duration| u128::from(CONTENT) / time.as_micros().max(1);
    println!(
        "{name} ({pgp:?}): verified at {} MB/s, all of it with its rows at {} MB/s, {} MiB of memory",
        rate(verified),
        rate(started.elapsed()),
        taken >> 20
    );
    assert_eq!(rows, CONTENT / ROW.len() as u64);
    assert!(taken < ALLOWED, "{name} took {taken} bytes");
}
