//! `campaignd demo`: from nothing to an ROI table.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use campaignd_contract::Error;

use super::exit::{Exit, Failure, end};
use super::listing::{Format, FormatArgument};
use super::once::{chosen, run_all};
use super::{opening, print, roi as roi_command};
use crate::demo;
use crate::load::Decisions;
use crate::roi;

/// Make up a company, load its campaigns, and show which part pays for itself.
///
/// Writes the input of a made-up telephone carrier and the pipelines that read it into a folder, runs them, and prints
/// the ROI table. Some of the input is bad on purpose. The folder is yours to play with afterwards.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The folder. An earlier demo in it is replaced; anything else in it is left alone.
    #[arg(long, value_name = "FOLDER", default_value = "campaignd-demo")]
    pub directory: PathBuf,
}

/// Runs it.
pub fn run(arguments: &Arguments, _settings: &Path) -> ExitCode {
    end(play(&arguments.directory))
}

fn play(directory: &Path) -> Result<Exit, Failure> {
    let made = demo::generate(directory, demo::SEED)
        .map_err(|error| Failure::Input(Error::permanent("write", "the demo", error.to_string())))?;
    let settings_file = directory.join("campaignd.toml");
    print::line(&format!(
        "Northway Telephone, a made-up carrier, in {}: {} files of input\n",
        directory.display(),
        made.files
    ))?;
    let (settings, mut warehouse) = opening::migrated_warehouse(&settings_file)?;
    run_all(warehouse.as_mut(), &settings, &chosen(&settings, &[])?, &Decisions::default(), false)?;
    roi::refresh(warehouse.as_mut(), &settings.daemon.roi)?;
    print::line("")?;
    let by_part = roi_command::Arguments {
        by: roi_command::RowsBy::Part,
        campaign: None,
        period: "all".into(),
        all_figures: false,
        explain: None,
        format: FormatArgument::default(),
    };
    roi_command::table(&by_part, warehouse.as_mut(), true)?.print(Format::Table)?;
    let config = settings_file.display();
    print::line(&format!(
        "\nLook further:\n  \
         campaignd --config {config} roi --by month        the same, month by month\n  \
         campaignd --config {config} files                 what became of each file\n  \
         campaignd --config {config} rejects list          rows that were refused, and why\n  \
         campaignd --config {config} preview calls         what a pipeline makes of its input\n  \
         {}   the pipelines; change one and run `campaignd --config {config} check`",
        directory.join("pipelines").display()
    ))?;
    Ok(Exit::Done)
}
