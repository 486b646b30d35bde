//! Files of the demo's folder.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};

/// The demo's input couldn't be written.
#[derive(Debug, thiserror::Error)]
#[error("could not write the demo's file {}: {source}; give a folder that can be written to and has a few megabytes left", path.display())]
pub struct GenerateError {
    path: PathBuf,
    source: io::Error,
}

/// Writes files under a folder and counts them.
pub struct Writer {
    directory: PathBuf,
    /// Files written.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

impl Writer {
    /// Into `directory`, which is made where it isn't there.
    pub fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), files: 0, bytes: 0 }
    }

    /// A file of these bytes.
    pub fn plain(&mut self, name: &str, bytes: &[u8]) -> Result<(), GenerateError> {
        let path = self.directory.join(name);
        let written =
            fs::create_dir_all(path.parent().unwrap_or(&self.directory)).and_then(|()| fs::write(&path, bytes));
        self.count(path, bytes.len(), written)
    }

    /// A file only its owner may read.
    pub fn secret(&mut self, name: &str, bytes: &[u8]) -> Result<(), GenerateError> {
        let path = self.directory.join(name);
        let written = fs::create_dir_all(&self.directory).and_then(|()| private(&path)?.write_all(bytes));
        self.count(path, bytes.len(), written)
    }

    /// A gzip file of these bytes, the same on every machine and day: no name and no time in its header.
    pub fn gzip(&mut self, name: &str, bytes: &[u8]) -> Result<(), GenerateError> {
        let mut encoder = GzBuilder::new().write(Vec::new(), Compression::default());
        let packed = encoder.write_all(bytes).and_then(|()| encoder.finish());
        match packed {
            Ok(packed) => self.plain(name, &packed),
            Err(source) => Err(GenerateError { path: self.directory.join(name), source }),
        }
    }

    fn count(&mut self, path: PathBuf, bytes: usize, written: io::Result<()>) -> Result<(), GenerateError> {
        written.map_err(|source| GenerateError { path, source })?;
        self.files += 1;
        self.bytes += bytes as u64;
        Ok(())
    }
}

#[cfg(unix)]
fn private(path: &Path) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn private(path: &Path) -> io::Result<fs::File> {
    fs::File::create(path)
}

/// Cents as `1234.56`.
pub fn dollars(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

/// Cents as `"1,234.56"`, quoted for CSV where it has a comma, as finance exports write it.
pub fn ledger_dollars(cents: i64) -> String {
    let plain = dollars(cents);
    let (whole, rest) = plain.split_at(plain.len() - 3);
    match whole.len() {
        4..=6 => format!("\"{},{}{rest}\"", &whole[..whole.len() - 3], &whole[whole.len() - 3..]),
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_to_the_cent() {
        assert_eq!([dollars(0), dollars(7), dollars(-1_250), dollars(123_456)], ["0.00", "0.07", "-12.50", "1234.56"]);
        assert_eq!([ledger_dollars(99_900), ledger_dollars(190_000)], ["999.00", "\"1,900.00\""]);
    }
}
