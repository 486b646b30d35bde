//! The content of a unit as a stream of bytes: decrypted if it was encrypted, inflated if it was compressed, UTF-8 if its
//! encoding isn't ASCII-compatible byte by byte.

use std::io::{self, BufReader, Cursor, ErrorKind, Read, SeekFrom};

use campaignd_contract::{ByteSource, Error, ReadSeek, Result};
use encoding_rs::Encoding;
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use zip::CompressionMethod;

use crate::bounds::{Bounded, Counted};
use crate::openpgp::{Pgp, Plaintext, Seekable, Session};
use crate::settings::{Archive, Compression};
use crate::zip_entry;

const BUFFER: usize = 64 << 10;

/// Bytes at the start that tell a compression.
const HEAD: usize = 10;

/// How stored bytes become content.
#[derive(Debug, Clone)]
pub(crate) struct Decoding {
    /// What decrypts them first, if they are encrypted.
    pub pgp: Option<Pgp>,
    /// As set.
    pub compression: Compression,
    /// Bounds and entry.
    pub archive: Archive,
    /// The encoding to turn into UTF-8, where rows can't be found in its bytes.
    pub transcode: Option<&'static Encoding>,
}

/// The content of a unit, to be read as often as needed. If the unit is encrypted, all of it was decrypted and found
/// intact before this exists; see [`openpgp`](crate::openpgp).
pub(crate) struct Content<'a> {
    bytes: &'a dyn ByteSource,
    how: &'a Decoding,
    session: Option<Session>,
}

impl<'a> Content<'a> {
    /// The content of `bytes`.
    pub fn of(bytes: &'a dyn ByteSource, how: &'a Decoding) -> Result<Self> {
        Self::unlocked(bytes, how).map_err(|e| contract_error(e, bytes.name()))
    }

    fn unlocked(bytes: &'a dyn ByteSource, how: &'a Decoding) -> io::Result<Self> {
        let session = how.pgp.as_ref().map(|pgp| pgp.unlock(bytes, &how.archive)).transpose()?;
        Ok(Self { bytes, how, session })
    }

    /// What to call it in messages.
    pub fn name(&self) -> &str {
        self.bytes.name()
    }

    /// Opens it at byte `at`. Stored bytes are sought, others read and left out up to there.
    pub fn open(&self, at: u64) -> Result<Box<dyn Read + Send>> {
        let (stored, name) = (self.bytes.open()?, self.name());
        let Some(session) = &self.session else { return open_stored(stored, self.bytes, self.how, at) };
        match open_plaintext(session.open(stored, name, &self.how.archive)?, name, self.how, at)? {
            Plain::Stream(content) => Ok(content),
            Plain::Archive => {
                let plaintext = Seekable::new(session.clone(), self.bytes.open()?, name, &self.how.archive)?;
                decoded(inflate_entry(Box::new(plaintext), name, &self.how.archive)?, name, self.how, at)
            }
        }
    }
}

fn open_stored(
    mut stored: Box<dyn ReadSeek>,
    bytes: &dyn ByteSource,
    how: &Decoding,
    at: u64,
) -> Result<Box<dyn Read + Send>> {
    let name = bytes.name();
    let compression = match how.compression {
        Compression::Auto => detected(&mut stored, name)?,
        given => given,
    };
    if compression == Compression::None && how.transcode.is_none() {
        if at > bytes.length() {
            return Err(behind_end(name, at));
        }
        stored.seek(SeekFrom::Start(at)).map_err(|e| Error::io("read", name, &e))?;
        return Ok(stored);
    }
    let inflated = if compression == Compression::Zip {
        inflate_entry(stored, name, &how.archive)?
    } else {
        inflate(stored, compression, name, &how.archive)?
    };
    decoded(inflated, name, how, at)
}

/// What was encrypted.
enum Plain {
    /// The content as a stream.
    Stream(Box<dyn Read + Send>),
    /// An archive: one must be able to go back in it.
    Archive,
}

fn open_plaintext(mut plaintext: Plaintext, name: &str, how: &Decoding, at: u64) -> Result<Plain> {
    let mut head = Vec::with_capacity(HEAD);
    plaintext.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(|e| contract_error(e, name))?;
    let compression = match how.compression {
        Compression::Auto => of_head(&head),
        given => given,
    };
    if compression == Compression::Zip {
        return Ok(Plain::Archive);
    }
    let plaintext = Cursor::new(head).chain(plaintext);
    decoded(inflate(plaintext, compression, name, &how.archive)?, name, how, at).map(Plain::Stream)
}

/// Turned into UTF-8 where that is needed, from byte `at` on.
fn decoded(inflated: Box<dyn Read + Send>, name: &str, how: &Decoding, at: u64) -> Result<Box<dyn Read + Send>> {
    let mut content: Box<dyn Read + Send> = match how.transcode {
        Some(encoding) => Box::new(crate::transcode::Transcoded::new(inflated, encoding)),
        None => inflated,
    };
    let passed = io::copy(&mut content.by_ref().take(at), &mut io::sink()).map_err(|e| contract_error(e, name))?;
    if passed < at {
        return Err(behind_end(name, at));
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

/// The last bytes of the content, at most `most`. An encrypted one is read once: it says at its end whether it is intact.
pub(crate) fn tail(bytes: &dyn ByteSource, how: &Decoding, most: u64) -> Result<Tail> {
    let name = bytes.name();
    let (mut content, from) = match &how.pgp {
        None => match stored_tail(bytes, how, most)? {
            Some(opened) => opened,
            None => return Ok(Tail::Cut("the archive has no directory at its end".into())),
        },
        Some(pgp) => match pgp.unverified(bytes, &how.archive) {
            Ok(plaintext) => match open_plaintext(plaintext, name, how, 0)? {
                Plain::Stream(content) => (content, 0),
                // Only the whole of it has a directory.
                Plain::Archive => match Content::unlocked(bytes, how) {
                    Ok(content) => (content.open(0)?, 0),
                    Err(e) => return cut(e, name),
                },
            },
            Err(e) => return cut(e, name),
        },
    };
    let keep = usize::try_from(most).unwrap_or(usize::MAX);
    let (mut last, mut whole, mut piece) = (Vec::new(), from == 0, vec![0; BUFFER]);
    loop {
        match content.read(&mut piece) {
            Ok(0) => return Ok(Tail::Read(last, whole)),
            Ok(read) => last.extend_from_slice(&piece[..read]),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return cut(e, name),
        }
        if last.len() > keep {
            last.drain(..last.len() - keep);
            whole = false;
        }
    }
}

/// The content of an unencrypted unit from where its tail starts, and that place; `None` if it is an archive that
/// stops in the middle.
fn stored_tail(bytes: &dyn ByteSource, how: &Decoding, most: u64) -> Result<Option<(Box<dyn Read + Send>, u64)>> {
    let mut stored = bytes.open()?;
    let compression = match how.compression {
        Compression::Auto => detected(&mut stored, bytes.name())?,
        given => given,
    };
    if compression == Compression::Zip && !zip_entry::has_directory(stored) {
        return Ok(None);
    }
    let from = if compression == Compression::None && how.transcode.is_none() {
        bytes.length().saturating_sub(most)
    } else {
        0
    };
    Ok(Some((open_stored(bytes.open()?, bytes, how, from)?, from)))
}

/// What the error says if the content stops in the middle; another is one.
fn cut(error: io::Error, name: &str) -> Result<Tail> {
    let stops = error.kind() == ErrorKind::UnexpectedEof;
    let error = contract_error(error, name);
    if stops { Ok(Tail::Cut(error.wrong().to_owned())) } else { Err(error) }
}

/// The contract's error that a reader of this crate put into an I/O error, or one made from it.
pub(crate) fn contract_error(error: io::Error, name: &str) -> Error {
    match error.downcast::<Error>() {
        Ok(inner) => inner,
        Err(error) => Error::io("read", name, &error),
    }
}

/// Whether a reader of this crate put the contract's error into an I/O error.
pub(crate) fn is_contract_error(error: &io::Error) -> bool {
    error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()).is_some()
}

/// The error of a content that ends before the place where reading was to go on.
pub(crate) fn behind_end(name: &str, at: u64) -> Error {
    Error::permanent("go on reading", name, format!("it ends before byte {at}, up to which it was read"))
        .next("its content isn't what it was: load it as a new file")
}

/// What the first bytes say; the stream is at its start again afterwards.
fn detected(stored: &mut Box<dyn ReadSeek>, name: &str) -> Result<Compression> {
    let failed = |e: io::Error| Error::io("read", name, &e);
    stored.seek(SeekFrom::Start(0)).map_err(failed)?;
    let mut head = Vec::with_capacity(HEAD);
    stored.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(failed)?;
    stored.seek(SeekFrom::Start(0)).map_err(failed)?;
    Ok(of_head(&head))
}

fn of_head(head: &[u8]) -> Compression {
    match head {
        [0x1F, 0x8B, 8, ..] => Compression::Gzip,
        [0x28, 0xB5, 0x2F, 0xFD, ..] => Compression::Zstd,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Compression::Zip,
        // The magic of a block or of an empty stream must follow: `BZh9` alone could start a line of text.
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59]
        | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90] => Compression::Bzip2,
        _ => Compression::None,
    }
}

fn inflate(
    stored: impl Read + Send + 'static,
    compression: Compression,
    name: &str,
    archive: &Archive,
) -> Result<Box<dyn Read + Send>> {
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

fn inflate_entry(stored: Box<dyn ReadSeek>, name: &str, archive: &Archive) -> Result<Box<dyn Read + Send>> {
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
    Ok(Box::new(Bounded::new(checked, name, "zip", taken, archive)))
}

fn zstd_decoder<R: Read>(reader: R, name: &str) -> Result<zstd::Decoder<'static, BufReader<R>>> {
    zstd::Decoder::new(reader).map_err(|e| Error::io("decompress", name, &e))
}
