//! What is stored of a file so that single rows of it can be read again: a line that says what the rows' bytes are,
//! then the header as it stood in the file.

use campaignd_contract::{Error, Result};

const BYTES: &[u8] = b"rows/1 bytes\n";
const DECODED: &[u8] = b"rows/1 utf-8\n";

/// The layout of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout<'a> {
    /// Whether the rows' bytes were turned into UTF-8 before they were stored.
    pub decoded: bool,
    /// The header row's bytes; empty where there is none.
    pub header: &'a [u8],
}

impl<'a> Layout<'a> {
    /// The form that is stored.
    pub fn encode(&self) -> Vec<u8> {
        [if self.decoded { DECODED } else { BYTES }, self.header].concat()
    }

    /// Reads the stored form.
    pub fn decode(stored: &'a [u8]) -> Result<Self> {
        if let Some(header) = stored.strip_prefix(BYTES) {
            Ok(Self { decoded: false, header })
        } else if let Some(header) = stored.strip_prefix(DECODED) {
            Ok(Self { decoded: true, header })
        } else {
            Err(Error::permanent("read", "the stored layout of a file", "it isn't one that this version wrote")
                .next("load the file again instead of replaying its rejects"))
        }
    }
}
