//! Compressed files: what is read, bounds, cuts, damage.

use std::io::Write as _;
use std::path::Path;

use campaignd_contract::{BatchLimits, Completeness, Format as _, MemoryBytes};
use campaignd_formats::Csv;

use super::transcript;

const ROWS: &[u8] = b"a,b\n1,2\n3,4\n";

fn format(settings: &str) -> Csv {
    Csv::new(toml::from_str(settings).unwrap(), Path::new("")).unwrap()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        let method = zip::CompressionMethod::Deflated;
        archive.start_file(*name, zip::write::SimpleFileOptions::default().compression_method(method)).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn exactly_one_file_of_an_archive_is_read() {
    let stored = zip(&[("out/calls.csv", ROWS), ("readme.txt", b"hello")]);
    insta::assert_snapshot!(transcript::read(&format("[archive]\nentry = \"*.csv\""), &stored), @r#"
    a | b
    4+3 line 2: "1" | "2"
    8+3 line 3: "3" | "4"
    "#);
    insta::assert_snapshot!(transcript::read(&format(""), &stored), @"could not choose a file in the archive calls: 2 of its files match `*`; it has out/calls.csv, readme.txt; give `entry` in [format.archive] a pattern that exactly one matches");
    insta::assert_snapshot!(transcript::read(&format("[archive]\nentry = \"*.tsv\""), &stored), @"could not choose a file in the archive calls: 0 of its files match `*.tsv`; it has out/calls.csv, readme.txt; give `entry` in [format.archive] a pattern that exactly one matches");
    insta::assert_snapshot!(transcript::read(&format("[archive]\nmax_entries = 1"), &stored), @"could not open the archive calls: there are 2 files in it, more than 1; if the file is what it should be, raise `max_entries` in [format.archive]");
    insta::assert_snapshot!(transcript::read(&format(""), &stored[..stored.len() - 30]), @"could not open the archive calls: invalid Zip archive: Could not find EOCD; the file was cut or damaged on its way: have it sent again");
}

#[test]
fn an_archive_without_its_end_is_incomplete() {
    let stored = zip(&[("calls.csv", b"a\n1\nTRL\n")]);
    let trailer = format("[trailer]\nstarts_with = \"TRL\"\ncolumns = [\"t\"]");
    let complete = |stored: &[u8]| trailer.completeness(&MemoryBytes::new("calls", stored.to_vec())).unwrap();
    assert_eq!(complete(&stored), Completeness::Complete);
    let cut = "the archive has no directory at its end";
    assert_eq!(complete(&stored[..stored.len() - 30]), Completeness::Incomplete(cut.into()));
}

#[test]
fn bounds_are_named() {
    let stored = gzip(ROWS);
    insta::assert_snapshot!(transcript::read(&format("[archive]\nmax_bytes = 7"), &stored), @"could not decompress calls: more than 7 bytes come out of it; if the file is what it should be, raise `max_bytes` in [format.archive]");
    let row = [&[b'1'; 999][..], b"\n"].concat();
    let bomb = zstd::encode_all(&[&b"a\n"[..], &row.repeat(17 << 10)].concat()[..], 1).unwrap();
    let mut reader = format("").open(&MemoryBytes::new("calls", bomb), None, BatchLimits::default()).unwrap();
    let error = loop {
        match reader.next_batch() {
            Ok(batch) => assert!(batch.is_some(), "the bound was passed"),
            Err(error) => break error.to_string(),
        }
    };
    let error = error.replace(|character: char| character.is_ascii_digit(), "9");
    insta::assert_snapshot!(error, @"could not decompress calls: 99999999 bytes come out of 99999, more than 999 for one; if the file is what it should be, raise `max_ratio` in [format.archive]");
}

#[test]
fn cut_streams_give_their_rows_and_then_say_where_they_end() {
    let rows: Vec<u8> = std::iter::once("a,b\n".to_owned())
        .chain((0..2_000u32).map(|row| format!("{row},{}\n", row.wrapping_mul(2_654_435_761))))
        .collect::<String>()
        .into_bytes();
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip2.write_all(&rows).unwrap();
    for (kind, stored, some) in [
        ("gzip", gzip(&rows), true),
        ("zstd", zstd::encode_all(&rows[..], 1).unwrap(), false),
        ("bzip2", bzip2.finish().unwrap(), false),
    ] {
        let cut = transcript::read(&format(""), &stored[..stored.len() / 2]);
        let (read, error) = cut.rsplit_once('\n').unwrap_or(("", &cut));
        assert!(error.contains(&format!("the {kind} stream stops in the middle, after byte ")), "{kind}: {error}");
        assert_eq!(read.lines().count() > 100, some, "{kind}: {read}");
        let bytes = MemoryBytes::new("calls", stored[..stored.len() / 2].to_vec());
        let settings = "[trailer]\nstarts_with = \"TRL\"\ncolumns = [\"t\"]";
        let completeness = format(settings).completeness(&bytes).unwrap();
        assert!(matches!(&completeness, Completeness::Incomplete(why) if why.contains("stops in the middle")));
    }
}

#[test]
fn damage_is_said() {
    let mut stored = gzip(ROWS);
    let at = stored.len() - 6;
    stored[at] ^= 1;
    insta::assert_snapshot!(transcript::read(&format(""), &stored), @r#"
    a | b
    4+3 line 2: "1" | "2"
    8+3 line 3: "3" | "4"
    could not decompress calls: the gzip stream is damaged after byte 12 of its content: corrupt gzip stream does not have a matching checksum; the file was cut or damaged on its way: have it sent again
    "#);
    insta::assert_snapshot!(transcript::read(&format("compression = \"gzip\""), ROWS), @"could not decompress calls: the gzip stream is damaged after byte 0 of its content: invalid gzip header; the file was cut or damaged on its way: have it sent again");
}
