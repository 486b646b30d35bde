//! Line ends: LF, CR LF or CR.

use memchr::{memchr_iter, memchr2};

/// How many line ends there are. The two of a CR LF are one.
pub(crate) fn count(bytes: &[u8]) -> u64 {
    let feeds = memchr_iter(b'\n', bytes).count();
    let lone_returns = memchr_iter(b'\r', bytes).filter(|&at| bytes.get(at + 1) != Some(&b'\n')).count();
    (feeds + lone_returns) as u64
}

/// Where the first line ends: the length of its text.
pub(crate) fn end(bytes: &[u8]) -> Option<usize> {
    memchr2(b'\n', b'\r', bytes)
}
