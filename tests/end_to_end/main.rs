//! The program from outside: settings and files in a folder, the binary, and what stands in the warehouse afterwards.

#![expect(clippy::unwrap_used, reason = "a test that can't be set up fails")]
#![expect(clippy::naive_bytecount, reason = "small inputs")]
#![expect(clippy::case_sensitive_file_extension_comparisons, reason = "the demo's own names")]

mod canary;
mod daemon;
mod daemon_process;
mod disk_full;
mod failpoints;
mod files;
mod kill;
mod lineage;
mod mainframe;
mod night;
mod operators;
mod rejects;
mod scenario;
mod sftp;
mod site;
mod two_processes;
mod warehouse;
