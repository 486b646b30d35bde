//! The checksum of a file as it was sent.

use std::fmt::Write as _;
use std::io::Read as _;

use campaignd_contract::{ByteSource, Error, Result};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use crate::config::ChecksumAlgorithm;

/// Bytes read at once.
const CHUNK: usize = 1 << 20;

/// The checksum in small hexadecimal digits.
pub fn of(algorithm: ChecksumAlgorithm, bytes: &dyn ByteSource) -> Result<String> {
    match algorithm {
        ChecksumAlgorithm::Md5 => digest::<Md5>(bytes),
        ChecksumAlgorithm::Sha1 => digest::<Sha1>(bytes),
        ChecksumAlgorithm::Sha256 => digest::<Sha256>(bytes),
        ChecksumAlgorithm::Sha512 => digest::<Sha512>(bytes),
    }
}

fn digest<D: Digest>(bytes: &dyn ByteSource) -> Result<String> {
    let mut stream = bytes.open()?;
    let (mut hash, mut chunk) = (D::new(), vec![0; CHUNK]);
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => hash.update(&chunk[..read]),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(Error::io("work out the checksum of", bytes.name(), &e)),
        }
    }
    Ok(hash.finalize().iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String can't fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}

#[cfg(test)]
mod tests {
    use campaignd_contract::MemoryBytes;

    use super::*;

    /// "abc", from RFC 1321 and FIPS 180-4.
    #[test]
    fn checksums_of_the_standards() {
        let abc = MemoryBytes::new("abc", b"abc".to_vec());
        for (algorithm, start) in [
            (ChecksumAlgorithm::Md5, "900150983cd24fb0d6963f7d28e17f72"),
            (ChecksumAlgorithm::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (ChecksumAlgorithm::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (ChecksumAlgorithm::Sha512, "ddaf35a193617abacc417349ae204131"),
        ] {
            assert!(of(algorithm, &abc).unwrap().starts_with(start), "{algorithm:?}");
        }
    }
}
