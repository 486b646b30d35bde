//! `campaignd man-pages`: the help texts as manual pages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use campaignd_contract::Error;
use clap::CommandFactory as _;

use super::exit::{Exit, Failure, end};
use super::{Cli, print};

/// Write a manual page for each command into a directory, which is made where it isn't there.
///
/// `campaignd man-pages /usr/local/share/man/man1`, then `man campaignd` and `man campaignd-once`. Pages of the same names
/// are replaced.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The directory.
    pub directory: PathBuf,
}

/// Writes them.
pub fn run(arguments: &Arguments) -> ExitCode {
    end(written(&arguments.directory).and_then(|()| {
        print::line(&format!("manual pages are in {}: `man campaignd` is the first", arguments.directory.display()))?;
        Ok(Exit::Done)
    }))
}

fn written(directory: &Path) -> Result<(), Failure> {
    fs::create_dir_all(directory)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), directory))
        .map_err(|error| Failure::Input(Error::io("write manual pages to", directory.display().to_string(), &error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_its_page() {
        let folder = tempfile::tempdir().unwrap();
        written(&folder.path().join("man1")).unwrap();
        for command in Cli::command().get_subcommands() {
            let page = folder.path().join(format!("man1/campaignd-{}.1", command.get_name()));
            assert!(fs::read_to_string(&page).unwrap().contains("NAME"), "{}", page.display());
        }
        assert!(folder.path().join("man1/campaignd-rejects-list.1").exists());
        fs::write(folder.path().join("file"), "").unwrap();
        assert!(written(&folder.path().join("file")).is_err());
    }
}
