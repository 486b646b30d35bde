//! `campaignd once`: run pipelines now, once, and take what came into ROI.

use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use campaignd_contract::{ErrorClass, Supervision, Warehouse};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;

use super::exit::{Exit, Failure, end};
use super::{opening, print};
use crate::config::{LoadedPipeline, Settings};
use crate::load::Decisions;
use crate::pipeline::{self, FileOutcome, FileReport, PipelineError, Progress, Ran, Request, RunReport};
use crate::roi;

/// Run pipelines now, once: load what their sources have, then bring ROI up to date.
///
/// Files that were loaded before are left alone; a run that was cut short goes on after the last commit. Creates the
/// tables in a new warehouse. Without names, every enabled pipeline runs, each after those its `after` names.
///
/// Exit codes: 0 all is loaded (rejected rows included: see `campaignd rejects list`), 65 a file is held, quarantined or
/// refused, 75 something is busy, try again.
#[derive(Debug, Default, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct Arguments {
    /// Pipelines to run, by name.
    #[arg(value_name = "PIPELINE")]
    pub pipelines: Vec<String>,
    /// Try quarantined files again.
    #[arg(long)]
    pub retry: bool,
    /// Load this held file: its new content is a correction. May be given several times.
    #[arg(long, value_name = "FILE")]
    pub accept: Vec<String>,
    /// List also files that were loaded before.
    #[arg(long, short)]
    pub verbose: bool,
    /// Leave ROI as it is.
    #[arg(long)]
    pub without_roi: bool,
    /// Work all of ROI out again instead of what changed.
    #[arg(long, conflicts_with = "without_roi")]
    pub all_roi: bool,
}

/// Runs them and prints what became of each file.
pub fn run(arguments: &Arguments, settings: &Path) -> ExitCode {
    end(opening::migrated_warehouse(settings).and_then(|(settings, mut warehouse)| {
        let pipelines = chosen(&settings, &arguments.pipelines)?;
        let decisions = Decisions { retry: arguments.retry, accept: arguments.accept.clone() };
        let all_well = run_all(warehouse.as_mut(), &settings, &pipelines, &decisions, arguments.verbose)?;
        if !arguments.without_roi {
            bring_roi_up_to_date(warehouse.as_mut(), &settings, arguments.all_roi)?;
        }
        Ok(if all_well { Exit::Done } else { Exit::Refused })
    }))
}

/// Takes what came into ROI, or works all of it out again, and says so where something changed.
pub fn bring_roi_up_to_date(warehouse: &mut dyn Warehouse, settings: &Settings, all: bool) -> Result<(), Failure> {
    let roi = &settings.daemon.roi;
    let refreshed = if all { roi::refresh_all(warehouse, roi)? } else { roi::refresh(warehouse, roi)? };
    if refreshed.batches > 0 {
        print::line(&format!("ROI is up to date: {}", took_in(&refreshed)))?;
    }
    Ok(())
}

fn took_in(refreshed: &roi::Refreshed) -> String {
    format!(
        "{} taken in, {} and {} tied to parts",
        print::counted(refreshed.batches as u64, "change"),
        print::counted(refreshed.responses, "response"),
        print::counted(refreshed.conversions, "conversion"),
    )
}

/// The pipelines of these names, or all that are enabled, in the order they run.
pub fn chosen<'s>(settings: &'s Settings, names: &[String]) -> Result<Vec<&'s LoadedPipeline>, Failure> {
    opening::known_pipelines(settings, names)?;
    Ok(pipeline::in_order(&settings.pipelines, names))
}

/// Runs pipelines one after the other. A pipeline that fails doesn't stop the others, unless they would fail for the
/// same reason. Returns whether nothing waits for a person; the first failure is the error.
pub fn run_all(
    warehouse: &mut dyn Warehouse,
    settings: &Settings,
    pipelines: &[&LoadedPipeline],
    decisions: &Decisions,
    verbose: bool,
) -> Result<bool, Failure> {
    let mut all_well = true;
    let mut failed: Option<PipelineError> = None;
    for pipeline in pipelines {
        let bar = progress_bar(&pipeline.settings.name);
        let outcome =
            pipeline::assemble(settings, pipeline, None, &Supervision::default()).and_then(|mut assembled| {
                let request = Request { decisions, now: Timestamp::now(), occurrence: None };
                pipeline::run(warehouse, &mut assembled, &request, &mut |progress| show(&bar, progress))
            });
        bar.finish_and_clear();
        match outcome {
            Ok(Ran::Settled(_)) => {}
            Ok(Ran::Through(report)) => {
                all_well &= !report.needs_attention();
                print::line(&described(&report, verbose))?;
            }
            Err(error) => {
                print::error(&format!("error: {}: {error}\n", pipeline.settings.name));
                let for_all = matches!(error.class(), ErrorClass::NoSpace | ErrorClass::OutcomeUnknown);
                failed = failed.or(Some(error));
                if for_all {
                    break;
                }
            }
        }
    }
    match failed {
        Some(error) => Err(Failure::Said(error)),
        None => Ok(all_well),
    }
}

/// What shows on a terminal how far a run is; hidden elsewhere.
pub fn progress_bar(name: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner().with_prefix(name.to_owned());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}: {msg} {human_pos} rows, {per_sec}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// Shows it.
pub fn show(bar: &ProgressBar, progress: Progress<'_>) {
    match progress {
        Progress::Started { name } => {
            bar.set_message(name.to_owned());
            bar.set_position(0);
        }
        Progress::Rows(rows) => bar.set_position(rows),
        Progress::Ended => bar.set_message(""),
    }
}

/// A run in lines: one for the pipeline, one for each file that has something to say.
pub fn described(report: &RunReport, verbose: bool) -> String {
    let loaded = report.files.iter().filter(|file| matches!(file.outcome, FileOutcome::Loaded(_))).count();
    let mut head = match (report.files.len(), loaded) {
        (0, _) => format!("{}: no files", report.pipeline),
        (_, 0) => format!("{}: nothing new", report.pipeline),
        (_, loaded) => format!("{}: {}", report.pipeline, print::counted(loaded as u64, "file")),
    };
    if loaded > 0 {
        head.push_str(&format!(", {} rows read", report.rows_read()));
        let mut kinds: Vec<(&str, i128)> = Vec::new();
        for account in report.accounts() {
            match kinds.iter_mut().find(|(name, _)| *name == account.table.name) {
                Some((_, rows)) => *rows += account.rows.accepted,
                None => kinds.push((account.table.name, account.rows.accepted)),
            }
        }
        let kinds: Vec<String> = kinds.iter().map(|(name, rows)| format!("{rows} {name}")).collect();
        head.push_str(&format!(" → {}", kinds.join(", ")));
        for (what, count) in [
            ("rejected", report.total(|account| account.rows.rejected)),
            ("duplicate", report.total(|account| account.rows.duplicate)),
        ] {
            if count > 0 {
                head.push_str(&format!(", {count} {what}"));
            }
        }
    }
    let lines: Vec<String> = report.files.iter().filter_map(|file| line(file, verbose)).collect();
    std::iter::once(head)
        .chain(lines)
        .chain(report.notes.iter().map(|note| format!("  {note}")))
        .collect::<Vec<_>>()
        .join("\n")
}

fn line(file: &FileReport, verbose: bool) -> Option<String> {
    match &file.outcome {
        FileOutcome::Loaded(_) | FileOutcome::Done if !verbose => None,
        outcome => {
            let reason = outcome.reason();
            let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
            Some(format!("  {} {}{reason}", outcome.word(), file.name))
        }
    }
}
