//! The program from outside: settings and files in a folder, the binary, and what stands in the warehouse afterwards.

mod disk_full;
mod failpoints;
mod files;
mod kill;
mod lineage;
mod rejects;
mod scenario;
mod site;
mod two_processes;
mod warehouse;
