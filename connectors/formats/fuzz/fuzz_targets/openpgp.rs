//! See `entry.rs`.
#![no_main]

#[path = "../entry.rs"]
#[expect(dead_code, reason = "each target uses one entry")]
mod entry;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entry::openpgp(data));
