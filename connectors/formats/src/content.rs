//! The content of a unit as a stream of bytes: inflated if it was compressed, UTF-8 if its encoding isn't
//! ASCII-compatible byte by byte.

use std::io::{BufReader, Read, SeekFrom};

use campaignd_contract::{ByteSource, Error, ReadSeek, Result};
use encoding_rs::Encoding;
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use zip::CompressionMethod;

use crate::bounds::{Bounded, Counted};
use crate::settings::{Archive, Compression};
use crate::zip_entry;

const BUFFER: usize = 64 << 10;

/// How stored bytes become content.
#[derive(Debug, Clone)]
pub(crate) struct Decoding {
    /// As set.
    pub compression: Compression,
    /// Bounds and entry.
    pub archive: Archive,
    /// The encoding to turn into UTF-8, where rows can't be found in its bytes.
    pub transcode: Option<&'static Encoding>,
}

/// Opens the content at byte `at`. Stored bytes are sought, others read and left out up to there.
pub(crate) fn open(bytes: &dyn ByteSource, how: &Decoding, at: u64) -> Result<Box<dyn Read + Send>> {
    let mut stored = bytes.open()?;
    let compression = match how.compression {
        Compression::Auto => detected(&mut stored, bytes.name())?,
        given => given,
    };
    let failed = |e: std::io::Error| Error::io("read", bytes.name(), &e);
    if compression == Compression::None && how.transcode.is_none() {
        if at > bytes.length() {
            return Err(behind_end(bytes.name(), at));
        }
        stored.seek(SeekFrom::Start(at)).map_err(failed)?;
        return Ok(stored);
    }
    let inflated = inflate(stored, compression, bytes.name(), &how.archive)?;
    let mut content: Box<dyn Read + Send> = match how.transcode {
        Some(encoding) => Box::new(crate::transcode::Transcoded::new(inflated, encoding)),
        None => inflated,
    };
    let passed = std::io::copy(&mut content.by_ref().take(at), &mut std::io::sink())
        .map_err(|e| contract_error(e, bytes.name()))?;
    if passed < at {
        return Err(behind_end(bytes.name(), at));
    }
    Ok(content)
}

/// The end of a content.
pub(crate) enum Tail {
    /// Its last bytes, and whether that is all of it.
    Read(Vec<u8>, bool),
    /// It is compressed and stops in the middle: what is wrong.
    Cut(String),
}

/// The last bytes of the content, at most `most`.
pub(crate) fn tail(bytes: &dyn ByteSource, how: &Decoding, most: u64) -> Result<Tail> {
    let mut stored = bytes.open()?;
    let compression = match how.compression {
        Compression::Auto => detected(&mut stored, bytes.name())?,
        given => given,
    };
    if compression == Compression::Zip && !zip_entry::has_directory(stored) {
        return Ok(Tail::Cut("the archive has no directory at its end".into()));
    }
    let from = if compression == Compression::None && how.transcode.is_none() {
        bytes.length().saturating_sub(most)
    } else {
        0
    };
    let mut content = open(bytes, how, from)?;
    let keep = usize::try_from(most).unwrap_or(usize::MAX);
    let (mut last, mut whole, mut piece) = (Vec::new(), from == 0, vec![0; BUFFER]);
    loop {
        match content.read(&mut piece) {
            Ok(0) => return Ok(Tail::Read(last, whole)),
            Ok(read) => last.extend_from_slice(&piece[..read]),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
                return Ok(Tail::Cut(contract_error(e, bytes.name()).wrong().to_owned()));
            }
            Err(e) => return Err(contract_error(e, bytes.name())),
        }
        if last.len() > keep {
            last.drain(..last.len() - keep);
            whole = false;
        }
    }
}

/// The contract's error that a reader of this crate put into an I/O error, or one made from it.
pub(crate) fn contract_error(error: std::io::Error, name: &str) -> Error {
    match error.downcast::<Error>() {
        Ok(inner) => inner,
        Err(error) => Error::io("read", name, &error),
    }
}

/// The error of a content that ends before the place where reading was to go on.
pub(crate) fn behind_end(name: &str, at: u64) -> Error {
    Error::permanent("go on reading", name, format!("it ends before byte {at}, up to which it was read"))
        .next("its content isn't what it was: load it as a new file")
}

/// What the first bytes say; the stream is at its start again afterwards.
fn detected(stored: &mut Box<dyn ReadSeek>, name: &str) -> Result<Compression> {
    let failed = |e: std::io::Error| Error::io("read", name, &e);
    stored.seek(SeekFrom::Start(0)).map_err(failed)?;
    let mut head = Vec::with_capacity(10);
    stored.by_ref().take(10).read_to_end(&mut head).map_err(failed)?;
    stored.seek(SeekFrom::Start(0)).map_err(failed)?;
    Ok(match head[..] {
        [0x1F, 0x8B, 8, ..] => Compression::Gzip,
        [0x28, 0xB5, 0x2F, 0xFD, ..] => Compression::Zstd,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Compression::Zip,
        // The magic of a block or of an empty stream must follow: `BZh9` alone could start a line of text.
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59]
        | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90] => Compression::Bzip2,
        _ => Compression::None,
    })
}

fn inflate(
    stored: Box<dyn ReadSeek>,
    compression: Compression,
    name: &str,
    archive: &Archive,
) -> Result<Box<dyn Read + Send>> {
    if compression == Compression::Zip {
        let entry = zip_entry::find(stored, name, archive)?;
        let (counted, taken) = Counted::new(entry.stored);
        let inner: Box<dyn Read + Send> = match entry.method {
            CompressionMethod::Stored => Box::new(counted),
            CompressionMethod::Deflated => Box::new(DeflateDecoder::new(BufReader::with_capacity(BUFFER, counted))),
            CompressionMethod::Bzip2 => Box::new(bzip2::read::MultiBzDecoder::new(counted)),
            CompressionMethod::Zstd => Box::new(zstd_decoder(counted, name)?),
            other => {
                return Err(Error::permanent("decompress", name, format!("its method {other} isn't supported"))
                    .next("have it made with deflate, bzip2 or zstd"));
            }
        };
        let checked = zip_entry::Checked::new(inner, entry.promise);
        return Ok(Box::new(Bounded::new(checked, name, "zip", taken, archive)));
    }
    let (counted, taken) = Counted::new(BufReader::with_capacity(BUFFER, stored));
    Ok(match compression {
        Compression::Gzip => Box::new(Bounded::new(MultiGzDecoder::new(counted), name, "gzip", taken, archive)),
        Compression::Zstd => Box::new(Bounded::new(zstd_decoder(counted, name)?, name, "zstd", taken, archive)),
        Compression::Bzip2 => {
            Box::new(Bounded::new(bzip2::read::MultiBzDecoder::new(counted), name, "bzip2", taken, archive))
        }
        Compression::None | Compression::Auto | Compression::Zip => Box::new(counted),
    })
}

fn zstd_decoder<R: Read>(reader: R, name: &str) -> Result<zstd::Decoder<'static, BufReader<R>>> {
    zstd::Decoder::new(reader).map_err(|e| Error::io("decompress", name, &e))
}
