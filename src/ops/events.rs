//! All events, in the order in which one meets them. `campaignd events` prints this list: it is the operator's reference.

use super::event::{Declared, Level};

const RUNS: &str = "campaignd_runs_total";

macro_rules! events {
    ($($(#[$documentation:meta])* $name:ident = $declared:expr;)*) => {
        $($(#[$documentation])* pub static $name: Declared = $declared;)*

        /// Every event.
        pub static EVENTS: &[&Declared] = &[$(&$name),*];
    };
}

events! {
    /// The daemon starts.
    STARTING = Declared::new("starting", Level::Info, "campaignd {version} starts, process {pid}, settings {settings}");
    /// It is ready.
    READY = Declared::new("ready", Level::Info, "ready: {pipelines} scheduled, warehouse {warehouse}");
    /// It can't reach the warehouse yet.
    WAREHOUSE_UNREACHABLE = Declared::new("warehouse_unreachable", Level::Error, "the warehouse can't be used: {reason}; trying again")
        .next("see that the warehouse is up, that its disk has room and that the daemon's user may use it")
        .counted("campaignd_warehouse_errors_total", &[])
        .alert();
    /// It can again.
    WAREHOUSE_BACK = Declared::new("warehouse_back", Level::Info, "the warehouse can be used again");
    /// Settings were read again.
    RELOADED = Declared::new("reloaded", Level::Info, "settings were read again: {changes}")
        .counted("campaignd_reloads_total", &["outcome"]);
    /// New settings have mistakes.
    RELOAD_REFUSED = Declared::new("reload_refused", Level::Error, "the settings were changed and have mistakes, so the old ones stay: {reason}")
        .next("run `campaignd check`, correct what it says, then reload again")
        .counted("campaignd_reloads_total", &["outcome"]);
    /// It was told to stop.
    STOPPING = Declared::new("stopping", Level::Info, "stopping: {running} finish the batch in hand, at most {seconds} s");
    /// It ends although runs haven't.
    STOPPED_EARLY = Declared::new("stopped_early", Level::Warn, "stopped while {running} were still at work")
        .next("nothing is lost: they go on after their last commit; a system that doesn't answer is the usual reason");
    /// It ends.
    STOPPED = Declared::new("stopped", Level::Info, "stopped");
    /// The clock was set.
    CLOCK_JUMPED = Declared::new("clock_jumped", Level::Warn, "the clock was set by {by}: schedules are counted from the new time")
        .next("see to the time service; what should have run in between is not caught up with: `campaignd backfill` does it");

    /// A run starts.
    RUN_STARTED = Declared::new("run_started", Level::Info, "{pipeline} runs for {occurrence}");
    /// A run went well.
    RUN_SUCCEEDED = Declared::new("run_succeeded", Level::Info, "run {run} of {pipeline}: {files} files loaded, {rows} rows read, {rejected} rejected, {seconds} s")
        .counted(RUNS, &["pipeline", "outcome"]);
    /// A run left files that wait for a person.
    RUN_PARTLY = Declared::new("run_partly", Level::Warn, "run {run} of {pipeline}: {reason}")
        .next("`campaignd files PIPELINE` lists what waits and why; `campaignd once PIPELINE --accept FILE` or `--retry` decides")
        .counted(RUNS, &["pipeline", "outcome"]);
    /// A file was quarantined.
    FILE_QUARANTINED = Declared::new("file_quarantined", Level::Error, "{pipeline}: {unit} is quarantined: {reason}")
        .next("ask the sender for a right one, or correct the pipeline and run `campaignd retry PIPELINE`")
        .counted("campaignd_files_quarantined_total", &["pipeline"])
        .alert();
    /// A file is held.
    FILE_HELD = Declared::new("file_held", Level::Warn, "{pipeline}: {unit} is held: {reason}")
        .next("decide: `campaignd once PIPELINE --accept FILE` loads it")
        .counted("campaignd_files_held_total", &["pipeline"]);
    /// A file has more rejects than allowed.
    REJECTS_OVER_BUDGET = Declared::new("rejects_over_budget", Level::Error, "{pipeline}: {unit} has too many rejected rows: {reason}")
        .next("look at them with `campaignd rejects list`; correct the pipeline or ask the sender, then `campaignd retry PIPELINE`")
        .counted("campaignd_reject_budgets_exceeded_total", &["pipeline"])
        .alert();
    /// A run failed and is tried again.
    RUN_RETRIED = Declared::new("run_retried", Level::Warn, "{pipeline} failed for {occurrence}: {reason}; tried again at {retry_at}")
        .next("nothing yet: it may pass by itself")
        .counted("campaignd_run_retries_total", &["pipeline"]);
    /// A run failed.
    RUN_FAILED = Declared::new("run_failed", Level::Error, "{pipeline} failed for {occurrence}: {reason}")
        .next("`campaignd why PIPELINE` tells more; after the cause is gone, `campaignd retry PIPELINE`")
        .counted(RUNS, &["pipeline", "outcome"])
        .alert();
    /// A run was asked to stop and did.
    RUN_STOPPED = Declared::new("run_stopped", Level::Info, "{pipeline} stopped for {occurrence}: {reason}")
        .counted(RUNS, &["pipeline", "outcome"]);
    /// Another daemon took a run over.
    RUN_FENCED = Declared::new("run_fenced", Level::Error, "{pipeline} was taken over by another process: {reason}")
        .next("if this machine was paused, all is well; if two daemons should not share the warehouse, stop one")
        .counted(RUNS, &["pipeline", "outcome"])
        .alert();
    /// A run couldn't begin: the ledger tells why, once for all runs.
    NOT_BEGUN = Declared::new("not_begun", Level::Debug, "{pipeline} couldn't begin its run for {occurrence}: {reason}; tried again in a moment");
    /// Another process runs the pipeline.
    RUNS_ELSEWHERE = Declared::new("runs_elsewhere", Level::Debug, "{pipeline} is run by another process: {reason}");
    /// A run takes longer than its soft timeout.
    SOFT_TIMEOUT = Declared::new("soft_timeout", Level::Warn, "{pipeline} runs longer than {timeout}: it is asked to stop after the batch in hand")
        .next("the next run goes on after the last commit; if it is always slow, raise `soft_timeout`");
    /// A run takes longer than its hard timeout.
    HARD_TIMEOUT = Declared::new("hard_timeout", Level::Error, "{pipeline} runs longer than {timeout} and doesn't stop: it is given up and can't write any more")
        .next("see whether its endpoint answers; the daemon goes on with the other pipelines")
        .alert();
    /// A run gives no sign of life.
    RUN_SILENT = Declared::new("run_silent", Level::Error, "{pipeline} gives no sign of life for {seconds} s: the watchdog isn't fed until it does")
        .next("systemd starts the daemon anew; see whether the endpoint or the disk hangs")
        .alert();
    /// An occurrence is skipped.
    SKIPPED = Declared::new("skipped", Level::Info, "{pipeline} is not run for {occurrence}: {reason}")
        .counted("campaignd_occurrences_skipped_total", &["pipeline"]);
    /// Occurrences were missed.
    MISSED = Declared::new("missed", Level::Warn, "{pipeline} was not run {count} times while no daemon was there, the last time for {occurrence}: {reason}")
        .next("`campaignd backfill PIPELINE --from … --to …` runs them if they are needed")
        .counted("campaignd_occurrences_missed_total", &["pipeline"]);
    /// An occurrence is caught up with.
    CAUGHT_UP = Declared::new("caught_up", Level::Info, "{pipeline} catches up with {occurrence}");
    /// Data has not come by the time it was expected.
    LATE = Declared::new("late", Level::Error, "{pipeline} is late: nothing has come by {expected_by}")
        .next("ask the sender; it clears itself when data comes")
        .counted("campaignd_late_total", &["pipeline"])
        .alert();
    /// It has come.
    LATE_CLEARED = Declared::new("late_cleared", Level::Info, "{pipeline} was late; its data has come, {late_by} after {expected_by}");
    /// An endpoint fails again and again.
    CIRCUIT_OPENED = Declared::new("circuit_opened", Level::Error, "{endpoint} failed {failures} times in a row: left alone until {until}")
        .next("see whether it is up and reachable; its pipelines go on by themselves when it is")
        .counted("campaignd_circuits_opened_total", &["endpoint"]);
    /// It answers again.
    CIRCUIT_CLOSED = Declared::new("circuit_closed", Level::Info, "{endpoint} answers again");
    /// ROI was brought up to date.
    ROI_REFRESHED = Declared::new("roi_refreshed", Level::Info, "ROI is up to date: {changes} figures changed, {seconds} s");
    /// It couldn't be.
    ROI_FAILED = Declared::new("roi_failed", Level::Error, "ROI couldn't be brought up to date: {reason}; tried again later")
        .next("the records are loaded, the figures are the old ones; `campaignd roi` says since when")
        .counted("campaignd_roi_failures_total", &[])
        .alert();
    /// A pipeline was paused or resumed.
    PAUSED = Declared::new("paused", Level::Info, "{pipeline} is paused by {by}: {reason}");
    /// It goes on.
    RESUMED = Declared::new("resumed", Level::Info, "{pipeline} goes on");
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_has_its_own_code_and_says_what_to_do_where_somebody_must() {
        let codes: BTreeSet<&str> = EVENTS.iter().map(|event| event.code).collect();
        assert_eq!(codes.len(), EVENTS.len());
        for event in EVENTS {
            assert_eq!(event.level >= Level::Warn, !event.next.is_empty(), "{}", event.code);
            assert!(!event.alert || event.level == Level::Error, "{}", event.code);
        }
    }
}
