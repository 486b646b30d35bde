//! What every format promises, checked on any content:
//!
//! - the same rows, rejects, trailer and error whatever the batch limits, and however small the pieces the content
//!   comes in;
//! - never an empty batch, never one beyond its limits;
//! - ordinals without gaps, places in order, the raw bytes of a row at its place;
//! - reading on from the end of any batch gives exactly the rest;
//! - a row's raw bytes and the layout give the row again, with its first place;
//! - a content that was cut gives the rows before the cut;
//! - no content makes it panic.

use std::io::{self, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use crate::{
    Batch, BatchLimits, ByteSource, ControlRecord, Format, MemoryBytes, Place, Position, ReadSeek, ReplayRecord,
    Result, Undecodable,
};

/// A format in one of its dialects, and a content in it. A hundred rows say all that a thousand would.
pub struct Case<'a> {
    /// What to call it when a promise isn't kept.
    pub name: &'a str,
    /// The format.
    pub format: &'a dyn Format,
    /// The bytes as stored.
    pub content: &'a [u8],
    /// Whether offsets are those of the stored bytes: they are neither compressed nor turned into another encoding.
    pub plain: bool,
    /// Lines at the end that are left out: where a content was cut, so many rows before the cut may be missing.
    pub footer_lines: usize,
}

/// Holds a format to all its promises.
///
/// # Panics
///
/// With the promise that wasn't kept.
pub fn check(case: &Case<'_>) {
    let name = case.name;
    let whole = check_content(case.format, case.content, name, case.plain);
    assert!(whole.error.is_none(), "{name}: the content can't be read: {}", whole.error.unwrap_or_default());
    assert!(!whole.entries.is_empty(), "{name}: there are no rows in the content");
    if case.plain {
        for entry in whole.entries.iter().filter(|entry| !entry.raw.is_empty()) {
            let start = usize::try_from(entry.place.offset).unwrap_or(usize::MAX);
            let stored = case.content.get(start..start + entry.place.length as usize);
            assert_eq!(stored, Some(&entry.raw[..]), "{name}: raw bytes and place of {:?} don't agree", entry.place);
        }
    }
    check_cuts(case, &whole);
    check_mutations(case);
}

/// Holds a format to what it promises of any content, also one it can't read. Gives what was read.
///
/// How far a damaged compressed file can be read depends on the pieces it comes in; with `exact` it may not.
///
/// # Panics
///
/// With the promise that wasn't kept.
pub fn check_content(format: &dyn Format, content: &[u8], name: &str, exact: bool) -> Read {
    check_some(format, content, name, exact, &LIMITS, usize::MAX)
}

/// Rows and bytes of a batch.
const LIMITS: [(usize, usize); 5] = [(1, 1 << 20), (2, 1 << 20), (7, 1 << 20), (100, 1), (100, 64)];

/// The same with some limits and so many restarts.
fn check_some(
    format: &dyn Format,
    content: &[u8],
    name: &str,
    exact: bool,
    chosen: &[(usize, usize)],
    restarts: usize,
) -> Read {
    let bytes = MemoryBytes::new("content", content.to_vec());
    let limits = |rows, bytes| BatchLimits { rows, bytes, row_bytes: 1 << 16 };
    let whole = read(format, &bytes, None, limits(100_000, 1 << 26), name);
    check_places(&whole, name);
    let mut ends = Vec::new();
    for &(rows, size) in chosen {
        let some = read(format, &bytes, None, limits(rows, size), name);
        assert_same(&whole, &some, 0, exact, &format!("{name}: with batches of {rows} rows and {size} bytes"));
        ends.extend(some.ends);
    }
    let slow = read(format, &Dribble(content.to_vec()), None, limits(7, 1 << 20), name);
    assert_same(&whole, &slow, 0, exact, &format!("{name}: with one byte at a time"));
    for (position, before) in ends.iter().take(restarts) {
        let rest = read(format, &bytes, Some(position), limits(7, 1 << 20), name);
        assert_same(&whole, &rest, *before, exact, &format!("{name}: reading on from {position}"));
    }
    if whole.schema.is_some() {
        check_replay(format, &whole, limits(5, 1 << 20), name);
    }
    whole
}

/// What one reading gave.
#[derive(Debug, Default)]
pub struct Read {
    /// Rows and rejects, in order.
    pub entries: Vec<Entry>,
    /// The trailer.
    pub trailer: Option<ControlRecord>,
    /// The error it ended with.
    pub error: Option<String>,
    layout: Vec<u8>,
    schema: Option<SchemaRef>,
    /// Each batch's end and the entries up to there.
    ends: Vec<(Position, usize)>,
}

/// A row or a reject.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its place.
    pub place: Place,
    /// Its bytes.
    pub raw: Vec<u8>,
    /// Its values; `None` for a reject.
    pub row: Option<RecordBatch>,
    /// Why it is a reject.
    pub reject: Option<Undecodable>,
}

fn read(format: &dyn Format, bytes: &dyn ByteSource, from: Option<&Position>, limits: BatchLimits, name: &str) -> Read {
    let mut read = Read::default();
    let mut reader = match format.open(bytes, from, limits) {
        Ok(reader) => reader,
        Err(error) => {
            read.error = Some(error.to_string());
            return read;
        }
    };
    read.layout = reader.layout();
    read.schema = Some(reader.schema());
    loop {
        match reader.next_batch() {
            Ok(Some(batch)) => {
                assert_eq!(batch.records.schema(), reader.schema(), "{name}: a batch has another schema");
                assert_within(&batch, limits, name);
                read.entries.extend(entries(&batch));
                read.ends.push((batch.end, read.entries.len()));
            }
            Ok(None) => {
                assert!(matches!(reader.next_batch(), Ok(None)), "{name}: something came after the end");
                read.trailer = reader.trailer().cloned();
                return read;
            }
            Err(error) => {
                read.error = Some(error.to_string());
                return read;
            }
        }
    }
}

fn assert_within(batch: &Batch, limits: BatchLimits, name: &str) {
    let rows = batch.rows_read();
    assert!(rows > 0, "{name}: a batch is empty");
    assert!(rows <= limits.rows, "{name}: a batch has {rows} rows, {} are allowed", limits.rows);
    assert_eq!(batch.records.num_rows(), batch.places.len(), "{name}: rows and places of a batch don't agree");
    let places = batch.places.iter().chain(batch.undecodable.iter().map(|reject| &reject.place));
    let end = places.map(|place| place.offset + u64::from(place.length)).max().unwrap_or(0) - batch.raw_offset;
    if rows > 1 {
        assert!(end <= limits.bytes as u64, "{name}: the rows of a batch span {end} bytes of {}", limits.bytes);
    }
    let most = limits.bytes.max(limits.row_bytes) + 8;
    assert!(batch.raw.len() <= most, "{name}: a batch has {} raw bytes, {most} at most are needed", batch.raw.len());
}

fn entries(batch: &Batch) -> Vec<Entry> {
    let rows = batch.places.iter().enumerate().map(|(index, place)| Entry {
        place: *place,
        raw: batch.raw_row(place).to_vec(),
        row: Some(batch.records.slice(index, 1)),
        reject: None,
    });
    let rejects = batch.undecodable.iter().map(|reject| Entry {
        place: reject.place,
        raw: batch.raw_row(&reject.place).to_vec(),
        row: None,
        reject: Some(reject.clone()),
    });
    let mut entries: Vec<_> = rows.chain(rejects).collect();
    entries.sort_by_key(|entry| entry.place.ordinal);
    entries
}

fn check_places(whole: &Read, name: &str) {
    let (mut end, mut line) = (0, 1);
    for (ordinal, entry) in whole.entries.iter().enumerate() {
        let place = entry.place;
        assert_eq!(place.ordinal, ordinal as u64, "{name}: ordinals have a gap at {place:?}");
        assert!(place.offset >= end, "{name}: {place:?} starts before byte {end}, the end of the row before");
        assert!(place.line >= line, "{name}: {place:?} stands before line {line}, that of the row before");
        if entry.row.is_some() {
            assert_eq!(entry.raw.len(), place.length as usize, "{name}: the bytes of {place:?} aren't in its batch");
        }
        end = place.offset + u64::from(place.length);
        line = place.line;
    }
}

fn assert_same(whole: &Read, other: &Read, skipped: usize, exact: bool, name: &str) {
    let expected = whole.entries.get(skipped..).unwrap_or_default();
    for (expected, found) in expected.iter().zip(&other.entries) {
        assert_eq!(expected, found, "{name}: a row differs");
    }
    if !exact && whole.error.is_some() && other.error.is_some() {
        return;
    }
    assert_eq!(expected.len(), other.entries.len(), "{name}: the number of rows differs");
    assert_eq!(whole.trailer, other.trailer, "{name}: the trailer differs");
    assert_eq!(whole.error, other.error, "{name}: the error differs");
    assert_eq!(whole.layout, other.layout, "{name}: the layout differs");
    assert_eq!(whole.schema, other.schema, "{name}: the schema differs");
}

fn check_replay(format: &dyn Format, whole: &Read, limits: BatchLimits, name: &str) {
    let kept: Vec<_> = whole.entries.iter().filter(|entry| entry.row.is_some()).collect();
    let records: Vec<_> =
        kept.iter().map(|entry| ReplayRecord { raw: entry.raw.clone(), place: entry.place }).collect();
    let backwards: Vec<_> = records.iter().rev().cloned().collect();
    for (records, backwards) in [(records, false), (backwards, true)] {
        let replayed = replay(format, &whole.layout, &records, limits, name)
            .unwrap_or_else(|error| panic!("{name}: rows can't be replayed: {error}"));
        assert_eq!(replayed.len(), kept.len(), "{name}: the number of replayed rows differs");
        for (index, found) in replayed.iter().enumerate() {
            let expected = kept[if backwards { kept.len() - 1 - index } else { index }];
            assert_eq!(expected, found, "{name}: a replayed row differs");
        }
    }
}

fn replay(
    format: &dyn Format,
    layout: &[u8],
    records: &[ReplayRecord],
    limits: BatchLimits,
    name: &str,
) -> Result<Vec<Entry>> {
    let mut reader = format.replay(layout, records, limits)?;
    let mut replayed = Vec::new();
    while let Some(batch) = reader.next_batch()? {
        assert_within(&batch, limits, name);
        let mut entries = entries(&batch);
        // In the order they were given, which needn't be that of the file.
        entries.sort_by_key(|entry| records.iter().position(|record| record.place == entry.place));
        replayed.extend(entries);
    }
    Ok(replayed)
}

/// Cuts the content at every byte. Only what was cut may be read as something else.
fn check_cuts(case: &Case<'_>, whole: &Read) {
    for cut in 0..case.content.len() {
        let name = &format!("{}: cut at byte {cut}", case.name);
        let bytes = MemoryBytes::new("content", case.content[..cut].to_vec());
        let part = guarded(name, || read(case.format, &bytes, None, BatchLimits::default(), name));
        check_places(&part, name);
        let sure = part.entries.len().saturating_sub(1);
        for (expected, found) in whole.entries.iter().zip(&part.entries[..sure]) {
            assert_eq!(expected, found, "{name}: a row before the cut differs");
        }
        let before_cut = |entry: &&Entry| entry.place.offset + u64::from(entry.place.length) + 2 < cut as u64;
        let due = if case.plain { whole.entries.iter().filter(before_cut).count() } else { 0 };
        let due = due.saturating_sub(case.footer_lines);
        let found = part.entries.len();
        assert!(found >= due, "{name}: {found} of {due} rows before the cut were given out");
    }
}

/// Changes bytes of the content at random, the same ones in every run.
fn check_mutations(case: &Case<'_>) {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for round in 0..2_000 {
        let content = mutated(case.content, &mut random);
        let name = &format!("{}: mutation {round}, {}", case.name, content.escape_ascii());
        let limits = &LIMITS[round % LIMITS.len()..][..1];
        guarded(name, || check_some(case.format, &content, case.name, case.plain, limits, 1));
    }
}

fn guarded<T>(name: &str, work: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        eprintln!("in {name}");
        resume_unwind(panic)
    })
}

/// `content` with a few bytes changed, left out or repeated. Half of the new bytes are ones that mean something.
fn mutated(content: &[u8], random: &mut Random) -> Vec<u8> {
    const MEANINGFUL: &[u8] = b"\",;|\n\r\t {}[]:\\#'\0\x1F\x8B\xFF\xEF\xC3";
    let mut bytes = content.to_vec();
    for _ in 0..=random.below(6) {
        let at = random.below(bytes.len().max(1));
        let new = if random.below(2) == 0 {
            MEANINGFUL[random.below(MEANINGFUL.len())]
        } else {
            u8::try_from(random.below(256)).unwrap_or(0)
        };
        match random.below(4) {
            0 if at < bytes.len() => bytes[at] = new,
            1 if at < bytes.len() => {
                let end = (at + 1 + random.below(20)).min(bytes.len());
                bytes.drain(at..end);
            }
            2 if at < bytes.len() => {
                let end = (at + 1 + random.below(20)).min(bytes.len());
                bytes.extend_from_within(at..end);
            }
            _ => bytes.insert(at, new),
        }
    }
    bytes
}

/// Numbers that look random (xorshift64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap_or(0)
    }
}

/// A content that comes one byte at a time.
struct Dribble(Vec<u8>);

impl ByteSource for Dribble {
    fn open(&self) -> Result<Box<dyn ReadSeek>> {
        Ok(Box::new(OneByte { bytes: io::Cursor::new(self.0.clone()) }))
    }

    fn length(&self) -> u64 {
        self.0.len() as u64
    }

    fn name(&self) -> &'static str {
        "content"
    }
}

struct OneByte {
    bytes: io::Cursor<Vec<u8>>,
}

impl io::Read for OneByte {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(1);
        self.bytes.read(&mut buffer[..most])
    }
}

impl Seek for OneByte {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}
