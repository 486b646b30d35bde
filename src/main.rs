//! Parses arguments and hands over.

use std::process::ExitCode;

fn main() -> ExitCode {
    campaignd::cli::run()
}
