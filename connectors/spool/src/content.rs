//! What a file is: the hash of its content and its length.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Write};

use campaignd_contract::Error;
use sha2::{Digest, Sha256};

/// Bytes moved at a time: large enough that system calls don't count, small enough to stay in the cache.
const CHUNK: usize = 1 << 20;

/// What a content is: its hash and its length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    sha256: String,
    /// Its length.
    pub bytes: u64,
}

impl Content {
    /// The identity of a unit: `sha256:<64 hex digits>:<bytes>`.
    pub fn unit_id(&self) -> String {
        format!("sha256:{}:{}", self.sha256, self.bytes)
    }

    /// Reads a unit's identity back; `None` where it is none of a file.
    pub fn from_unit_id(id: &str) -> Option<Self> {
        let (sha256, bytes) = id.strip_prefix("sha256:")?.split_once(':')?;
        let hex = sha256.len() == 64 && sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        hex.then_some(())?;
        Some(Self { sha256: sha256.to_owned(), bytes: bytes.parse().ok()? })
    }

    /// The first digits of the hash.
    pub fn short(&self) -> &str {
        &self.sha256[..12]
    }

    /// The hash in full.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }
}

/// Finds out what a content is, piece by piece.
#[derive(Clone, Default)]
pub struct Hasher {
    sha256: Sha256,
    bytes: u64,
}

impl Hasher {
    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.sha256.update(piece);
        self.bytes += piece.len() as u64;
    }

    /// Bytes taken so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What all the pieces are.
    pub fn finish(self) -> Content {
        Content { sha256: hexadecimal(&self.sha256.finalize()), bytes: self.bytes }
    }
}

/// Called after each chunk with the bytes moved so far. Its error ends the work.
pub type Watch<'a> = &'a mut dyn FnMut(u64) -> Result<(), Error>;

/// A watch for work that nothing ends.
pub fn unwatched(_: u64) -> Result<(), Error> {
    Ok(())
}

/// Reads `from` to its end, writes it to `to` where given, and says what it is.
pub fn hash(from: &File, to: Option<&mut dyn Write>, watch: Watch) -> Result<Content, Stopped> {
    let mut hasher = Hasher::default();
    hash_into(&mut hasher, from, to, watch)?;
    Ok(hasher.finish())
}

/// The same, on from what the hasher has taken already.
pub(crate) fn hash_into(
    hasher: &mut Hasher,
    mut from: &File,
    mut to: Option<&mut dyn Write>,
    watch: Watch,
) -> Result<(), Stopped> {
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Stopped::Reading(error)),
        };
        let chunk = &buffer[..read];
        hasher.update(chunk);
        if let Some(to) = &mut to {
            to.write_all(chunk).map_err(Stopped::Writing)?;
        }
        watch(hasher.bytes()).map_err(Stopped::Asked)?;
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Why reading or writing ended early.
#[derive(Debug)]
pub enum Stopped {
    /// The file that is read.
    Reading(io::Error),
    /// The copy.
    Writing(io::Error),
    /// Neither: whoever watches over it wants it to end.
    Asked(Error),
}

impl Stopped {
    /// What the system said, whichever side.
    pub fn into_error(self) -> io::Error {
        match self {
            Self::Reading(error) | Self::Writing(error) => error,
            Self::Asked(error) => io::Error::new(io::ErrorKind::Interrupted, error.to_string()),
        }
    }
}
