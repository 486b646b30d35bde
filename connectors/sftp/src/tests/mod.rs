//! Tests against a private OpenSSH server. Where there is none they pass with a word.

mod bed;
mod claim;
mod conformance;
mod discover;
mod host_key;
mod login;
mod network;
mod proxy;
mod release;
mod settings;
mod sshd;
