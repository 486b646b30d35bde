//! `campaignd completions`: what a shell completes.

use std::process::ExitCode;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::exit::{Exit, Failure, end};
use super::{Cli, print};

/// Print a shell's completions of commands and options.
///
/// For bash: `campaignd completions bash > /etc/bash_completion.d/campaignd`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The shell.
    pub shell: Shell,
}

/// Prints them.
pub fn run(arguments: &Arguments) -> ExitCode {
    let mut script = Vec::with_capacity(64 * 1_024);
    clap_complete::generate(arguments.shell, &mut Cli::command(), "campaignd", &mut script);
    end(print::output(&String::from_utf8_lossy(&script)).map(|()| Exit::Done).map_err(Failure::from))
}
