//! The one file that is meant in a zip archive, as a stream.

use std::io::{self, Read, Seek, SeekFrom};

use campaignd_contract::{Error, ReadSeek, Result};
use flate2::Crc;
use globset::Glob;
use zip::{CompressionMethod, ZipArchive};

use crate::settings::Archive;

/// Where the entry's bytes are and what they must give.
pub(crate) struct Entry {
    /// The stored bytes, and nothing after them.
    pub stored: io::Take<Box<dyn ReadSeek>>,
    /// How they are compressed.
    pub method: CompressionMethod,
    /// What must come out.
    pub promise: Promise,
}

/// Size and checksum as the archive's directory gives them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Promise {
    size: u64,
    crc: u32,
}

/// Finds the entry that matches `archive.entry` in the archive `stream`, called `name` in messages.
pub(crate) fn find(stream: Box<dyn ReadSeek>, name: &str, archive: &Archive) -> Result<Entry> {
    let broken = |error: &dyn std::fmt::Display| {
        Error::permanent("open the archive", name, error.to_string())
            .next("the file was cut or damaged on its way: have it sent again")
    };
    let mut zip = ZipArchive::new(stream).map_err(|e| broken(&e))?;
    if zip.len() > archive.max_entries {
        let wrong = format!("there are {} files in it, more than {}", zip.len(), archive.max_entries);
        return Err(Error::permanent("open the archive", name, wrong)
            .next("if the file is what it should be, raise `max_entries` in [format.archive]"));
    }
    let pattern = Glob::new(&archive.entry).map_err(|e| broken(e.kind()))?.compile_matcher();
    let (mut matching, mut names) = (Vec::new(), Vec::new());
    for index in 0..zip.len() {
        let entry = zip.by_index_data(index).map_err(|e| broken(&e))?;
        if entry.is_dir() {
            continue;
        }
        let entry_name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        if pattern.is_match(&entry_name) {
            matching.push(index);
        }
        names.push(entry_name);
    }
    let [index] = matching[..] else {
        let wrong = format!("{} of its files match `{}`; it has {}", matching.len(), archive.entry, listed(&names));
        return Err(Error::permanent("choose a file in the archive", name, wrong)
            .next("give `entry` in [format.archive] a pattern that exactly one matches"));
    };
    let entry = zip.by_index_raw(index).map_err(|e| broken(&e))?;
    if entry.encrypted() {
        return Err(Error::permanent("read the archive", name, format!("`{}` in it is encrypted", names_of(&entry)))
            .next("have it sent without a password inside a channel that encrypts"));
    }
    let start = entry.data_start().ok_or_else(|| broken(&"the place of the file in it is unknown"))?;
    let (method, length) = (entry.compression(), entry.compressed_size());
    let promise = Promise { size: entry.size(), crc: entry.crc32() };
    drop(entry);
    let mut stream = zip.into_inner();
    stream.seek(SeekFrom::Start(start)).map_err(|e| Error::io("read", name, &e))?;
    Ok(Entry { stored: stream.take(length), method, promise })
}

fn names_of<R: Read>(entry: &zip::read::ZipFile<'_, R>) -> String {
    String::from_utf8_lossy(entry.name_raw()).into_owned()
}

fn listed(names: &[String]) -> String {
    match names {
        [] => "no files".into(),
        names if names.len() > 20 => format!("{} and {} more", names[..20].join(", "), names.len() - 20),
        names => names.join(", "),
    }
}

/// Checks at the end of a stream that it gave what the archive's directory promised.
pub(crate) struct Checked<R> {
    inner: R,
    promise: Promise,
    given: u64,
    crc: Crc,
}

impl<R: Read> Checked<R> {
    /// Reads `inner`, which must keep `promise`.
    pub fn new(inner: R, promise: Promise) -> Self {
        Self { inner, promise, given: 0, crc: Crc::new() }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.given += read as u64;
        self.crc.update(&buffer[..read]);
        if read == 0 && !buffer.is_empty() {
            if self.given < self.promise.size {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if self.given > self.promise.size || self.crc.sum() != self.promise.crc {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "its checksum doesn't agree"));
            }
        }
        Ok(read)
    }
}
