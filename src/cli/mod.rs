//! The command line: one file a command, and what all of them share: how settings and warehouse are opened
//! ([`opening`]), how tables are printed ([`listing`]) and what exit codes mean ([`exit`]).

pub mod backfill;
pub mod check;
pub mod completions;
pub mod copybook;
pub mod demo;
pub mod events;
pub mod exit;
pub mod files;
pub mod listing;
pub mod man_pages;
pub mod migrate;
pub mod once;
pub mod opening;
mod overview;
pub mod pause;
pub mod preview;
pub mod print;
pub mod rejects;
pub mod replay;
pub mod resume;
pub mod retry;
pub mod roi;
pub mod run;
pub mod runs;
pub mod sample;
pub mod schema;
pub mod settings_schema;
mod since;
pub mod status;
pub mod test;
pub mod why;

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use exit::Exit;

/// Pulls campaign results out of scattered systems and keeps tabulated ROI in the warehouse.
///
/// Each pipeline is a TOML file: where its input comes from, how its bytes become rows, and which records each row
/// becomes. campaignd loads them, each row once, and keeps for every part of every campaign what it brought, what it
/// cost and whether it pays for itself. A row that can't be loaded is kept as a reject, with the reason.
#[derive(Debug, Parser)]
#[command(name = "campaignd", version, after_long_help = AFTER_HELP, max_term_width = 100)]
#[command(subcommand_required = true, arg_required_else_help = true, disable_help_subcommand = true)]
pub struct Cli {
    /// The settings.
    #[arg(
        long,
        global = true,
        display_order = 900,
        value_name = "FILE",
        env = "CAMPAIGND_CONFIG",
        hide_env_values = true,
        default_value = "/etc/campaignd/campaignd.toml"
    )]
    pub config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
First steps:
  campaignd demo                see what it does, with made-up campaigns
  campaignd sample campaignd    settings to start from; `sample pipeline` prints a pipeline
  campaignd check               say everything that is wrong with yours
  campaignd preview PIPELINE    see what its rows become; nothing is loaded
  campaignd migrate             create the warehouse's tables
  campaignd once                load what there is
  campaignd run                 load it again whenever it is due
  campaignd roi                 see what pays for itself

Exit codes:
   0  done
  64  the command line is wrong
  65  input was refused: files are held or quarantined, or can't be read
  69  the warehouse can't be used
  70  a defect of campaignd: nothing wrong was written
  73  no space is left; go on when there is some
  74  reading or writing failed
  75  try again later: something was busy, out of reach, or held by another process
  78  the settings are wrong";

/// The commands, in the order in which one meets them.
#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Arguments),
    Sample(sample::Arguments),
    Check(check::Arguments),
    Preview(preview::Arguments),
    Test(test::Arguments),
    Migrate(migrate::Arguments),
    Once(once::Arguments),
    Run(run::Arguments),
    Status(status::Arguments),
    Why(why::Arguments),
    Runs(runs::Arguments),
    Files(files::Arguments),
    Pause(pause::Arguments),
    Resume(resume::Arguments),
    Retry(retry::Arguments),
    Backfill(backfill::Arguments),
    Rejects(rejects::Arguments),
    Roi(roi::Arguments),
    Schema(schema::Arguments),
    Copybook(copybook::Arguments),
    SettingsSchema(settings_schema::Arguments),
    Events(events::Arguments),
    Completions(completions::Arguments),
    ManPages(man_pages::Arguments),
}

/// Does what the process's arguments say.
pub fn run() -> ExitCode {
    run_with(std::env::args_os())
}

/// Does what `arguments` say, the program's name first.
pub fn run_with(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> ExitCode {
    let Cli { config, command } = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(said) => {
            // Nobody is left to tell when even that can't be printed.
            let _ = said.print();
            return if said.use_stderr() { Exit::Usage } else { Exit::Done }.into();
        }
    };
    match command {
        Command::Demo(arguments) => demo::run(&arguments, &config),
        Command::Sample(arguments) => sample::run(&arguments, &config),
        Command::Check(arguments) => check::run(&arguments, &config),
        Command::Preview(arguments) => preview::run(&arguments, &config),
        Command::Test(arguments) => test::run(&arguments, &config),
        Command::Migrate(arguments) => migrate::run(&arguments, &config),
        Command::Once(arguments) => once::run(&arguments, &config),
        Command::Run(arguments) => run::run(&arguments, &config),
        Command::Status(arguments) => status::run(&arguments, &config),
        Command::Why(arguments) => why::run(&arguments, &config),
        Command::Runs(arguments) => runs::run(&arguments, &config),
        Command::Files(arguments) => files::run(&arguments, &config),
        Command::Pause(arguments) => pause::run(&arguments, &config),
        Command::Resume(arguments) => resume::run(&arguments, &config),
        Command::Retry(arguments) => retry::run(&arguments, &config),
        Command::Backfill(arguments) => backfill::run(&arguments, &config),
        Command::Rejects(arguments) => rejects::run(&arguments, &config),
        Command::Roi(arguments) => roi::run(&arguments, &config),
        Command::Schema(arguments) => schema::run(&arguments, &config),
        Command::Copybook(arguments) => copybook::run(&arguments, &config),
        Command::SettingsSchema(arguments) => settings_schema::run(&arguments, &config),
        Command::Events(arguments) => events::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::ManPages(arguments) => man_pages::run(&arguments),
    }
}
