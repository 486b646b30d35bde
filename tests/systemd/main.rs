//! What a host with systemd gets: the unit and the files beside it, the Debian package, and the real unit under a systemd of
//! its own in a container. A test says why and passes where it can't be run: without root, or without its tools.

#![expect(clippy::unwrap_used, reason = "a test that can't be set up fails")]

mod container;
mod package;
mod root;
mod service;
mod unit;

use std::process::{Command, Output};

/// Returns from a test that can't be run here, and says why.
macro_rules! or_skip {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(why) => return eprintln!("skipped: {why}"),
        }
    };
}
pub(crate) use or_skip;

/// Root is needed to mount and to install.
fn needs_root() -> Result<(), String> {
    if rustix::process::geteuid().is_root() { Ok(()) } else { Err("this test needs root".into()) }
}

/// Programs that must be there.
fn needs(programs: &[&str]) -> Result<(), String> {
    for program in programs {
        if Command::new(program).arg("--version").output().is_err() {
            return Err(format!("{program} is missing"));
        }
    }
    Ok(())
}

/// What a command said, standard output first.
fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Runs a command that must go well, and returns what it said.
#[track_caller]
fn must(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?} ended with {}:\n{}", output.status, said(&output));
    said(&output)
}
