//! Figures for Prometheus. Counters that events raise are declared with the events; the others are here. Seconds, bytes and
//! rows are base units, and counters end in `_total`, as Prometheus' conventions have it.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::event::{Event, Listener};
use super::events::EVENTS;

/// Names and values of labels.
type Labels = Vec<(String, String)>;

/// Bounds of a run's duration, in seconds: from a look at an empty folder to a night's load.
const DURATIONS: [f64; 10] = [0.01, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1_800.0, 7_200.0];

/// What a run did, in figures.
#[derive(Debug, Clone, Copy, Default)]
pub struct RunFigures {
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Rows read.
    pub rows_read: u64,
    /// Records loaded, rejected, left out by `when`, and there already.
    pub records: [u64; 4],
    /// Bytes that came in from the origin.
    pub bytes: u64,
}

/// The outcomes that `RunFigures::records` counts.
const OUTCOMES: [&str; 4] = ["accepted", "rejected", "filtered", "duplicate"];

/// All figures.
pub struct Metrics {
    registry: Mutex<Registry>,
    events: BTreeMap<&'static str, Family<Labels, Counter>>,
    records: Family<Labels, Counter>,
    rows_read: Family<Labels, Counter>,
    received: Family<Labels, Counter>,
    durations: Family<Labels, Histogram, fn() -> Histogram>,
    last_success: Family<Labels, Gauge>,
    lag: Family<Labels, Gauge>,
    late: Family<Labels, Gauge>,
    paused: Family<Labels, Gauge>,
    running: Family<Labels, Gauge>,
    waiting: Gauge,
    circuits: Family<Labels, Gauge>,
    resident: Gauge,
    descriptors: Gauge,
    threads: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        let mut events: BTreeMap<&'static str, Family<Labels, Counter>> = BTreeMap::new();
        for counted in EVENTS.iter().filter_map(|event| event.counted) {
            events.entry(counted.metric).or_insert_with(|| {
                let told: Vec<&str> = EVENTS
                    .iter()
                    .filter(|event| event.counted.is_some_and(|other| other.metric == counted.metric))
                    .map(|event| event.code)
                    .collect();
                let family = Family::default();
                let name = counted.metric.strip_suffix("_total").unwrap_or(counted.metric);
                registry.register(name, format!("Events {}", told.join(", ")), family.clone());
                family
            });
        }
        let duration: fn() -> Histogram = || Histogram::new(DURATIONS);
        let metrics = Self {
            events,
            records: Family::default(),
            rows_read: Family::default(),
            received: Family::default(),
            durations: Family::new_with_constructor(duration),
            last_success: Family::default(),
            lag: Family::default(),
            late: Family::default(),
            paused: Family::default(),
            running: Family::default(),
            waiting: Gauge::default(),
            circuits: Family::default(),
            resident: Gauge::default(),
            descriptors: Gauge::default(),
            threads: Gauge::default(),
            registry: Mutex::new(Registry::default()),
        };
        let build = Family::<Labels, Gauge>::default();
        build.get_or_create(&vec![("version".to_owned(), env!("CARGO_PKG_VERSION").to_owned())]).set(1);
        registry.register("campaignd_build_info", "Version of campaignd", build);
        registry.register("campaignd_records", "Records by what became of them", metrics.records.clone());
        registry.register("campaignd_rows_read", "Rows read of inputs", metrics.rows_read.clone());
        registry.register("campaignd_received_bytes", "Bytes that came in from origins", metrics.received.clone());
        registry.register("campaignd_run_duration_seconds", "How long runs take", metrics.durations.clone());
        let help = "When a run last ended well, in seconds since 1970";
        registry.register("campaignd_last_success_timestamp_seconds", help, metrics.last_success.clone());
        let help = "How long the oldest occurrence that is due has been waiting";
        registry.register("campaignd_schedule_lag_seconds", help, metrics.lag.clone());
        registry.register("campaignd_late", "1: data hasn't come by the time it was expected", metrics.late.clone());
        registry.register("campaignd_paused", "1: somebody has paused the pipeline", metrics.paused.clone());
        registry.register("campaignd_running", "1: a run is at work", metrics.running.clone());
        registry.register("campaignd_queue_depth", "Occurrences that are due and wait", metrics.waiting.clone());
        registry.register("campaignd_circuit_open", "1: the endpoint is left alone", metrics.circuits.clone());
        registry.register("process_resident_memory_bytes", "Memory in use", metrics.resident.clone());
        registry.register("process_open_fds", "Open file descriptors", metrics.descriptors.clone());
        registry.register("process_threads", "Threads", metrics.threads.clone());
        Self { registry: Mutex::new(registry), ..metrics }
    }
}

impl Metrics {
    /// A run ended.
    pub fn run(&self, pipeline: &str, figures: &RunFigures) {
        let of = of(pipeline);
        self.durations.get_or_create(&of).observe(figures.seconds);
        self.rows_read.get_or_create(&of).inc_by(figures.rows_read);
        self.received.get_or_create(&of).inc_by(figures.bytes);
        for (outcome, count) in OUTCOMES.iter().zip(figures.records) {
            let labels =
                vec![("pipeline".to_owned(), pipeline.to_owned()), ("outcome".to_owned(), (*outcome).to_owned())];
            self.records.get_or_create(&labels).inc_by(count);
        }
    }

    /// A run ended well.
    pub fn succeeded(&self, pipeline: &str, at: Timestamp) {
        self.last_success.get_or_create(&of(pipeline)).set(at.as_second());
    }

    /// How a pipeline stands.
    pub fn stands(&self, pipeline: &str, is_running: bool, waiting_since: Option<Timestamp>, now: Timestamp) {
        let lag = waiting_since.map_or(0, |since| now.duration_since(since).as_secs().max(0));
        self.lag.get_or_create(&of(pipeline)).set(lag);
        self.running.get_or_create(&of(pipeline)).set(i64::from(is_running));
    }

    /// What the ledger says of a pipeline.
    pub fn known(&self, pipeline: &str, is_late: bool, is_paused: bool) {
        self.late.get_or_create(&of(pipeline)).set(i64::from(is_late));
        self.paused.get_or_create(&of(pipeline)).set(i64::from(is_paused));
    }

    /// A pipeline isn't in the settings any more.
    pub fn forget(&self, pipeline: &str) {
        let of = of(pipeline);
        for gauge in [&self.lag, &self.running, &self.late, &self.paused, &self.last_success] {
            gauge.remove(&of);
        }
    }

    /// How many occurrences wait.
    pub fn waiting(&self, count: usize) {
        self.waiting.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Whether an endpoint is left alone.
    pub fn circuit(&self, endpoint: &str, is_open: bool) {
        self.circuits.get_or_create(&vec![("endpoint".to_owned(), endpoint.to_owned())]).set(i64::from(is_open));
    }

    /// All of them in the text format of `OpenMetrics`.
    pub fn text(&self) -> String {
        self.look_at_process();
        let mut text = String::new();
        // Text can always be written to.
        let _ = encode(&mut text, &self.registry.lock().unwrap_or_else(PoisonError::into_inner));
        text
    }

    fn look_at_process(&self) {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let figure = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().find_map(|word| word.parse::<i64>().ok())
        };
        self.resident.set(figure("VmRSS:").unwrap_or(0) * 1_024);
        self.threads.set(figure("Threads:").unwrap_or(0));
        let descriptors = fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
        self.descriptors.set(i64::try_from(descriptors).unwrap_or(0));
    }
}

impl Listener for Metrics {
    fn hear(&self, event: &Event) {
        let Some(counted) = event.declared.counted else { return };
        let Some(family) = self.events.get(counted.metric) else { return };
        let labels =
            counted.labels.iter().map(|name| ((*name).to_owned(), event.field(name).unwrap_or_default().to_owned()));
        family.get_or_create(&labels.collect()).inc();
    }
}

fn of(pipeline: &str) -> Labels {
    vec![("pipeline".to_owned(), pipeline.to_owned())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::events;

    #[test]
    fn names_follow_the_conventions_and_everything_has_a_help_text() {
        for event in EVENTS {
            if let Some(counted) = event.counted {
                assert!(counted.metric.starts_with("campaignd_") && counted.metric.ends_with("_total"), "{counted:?}");
            }
        }
        let text = Metrics::default().text();
        let types = text.lines().filter(|line| line.starts_with("# TYPE ")).count();
        let helps = text.lines().filter(|line| line.starts_with("# HELP ") && line.ends_with('.')).count();
        assert_eq!(types, helps, "{text}");
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn runs_and_events_are_counted() {
        let metrics = Metrics::default();
        let figures = RunFigures { seconds: 0.2, rows_read: 10, records: [7, 2, 1, 0], bytes: 512 };
        metrics.run("calls", &figures);
        metrics.hear(&events::RUN_FAILED.of("calls").with("outcome", "failed"));
        metrics.hear(&events::STOPPED.event());
        metrics.stands(
            "calls",
            false,
            Some("2026-03-01T06:00:00Z".parse().unwrap()),
            "2026-03-01T06:00:30Z".parse().unwrap(),
        );
        metrics.known("calls", true, false);
        let text = metrics.text();
        for line in [
            "campaignd_records_total{pipeline=\"calls\",outcome=\"rejected\"} 2",
            "campaignd_rows_read_total{pipeline=\"calls\"} 10",
            "campaignd_received_bytes_total{pipeline=\"calls\"} 512",
            "campaignd_runs_total{pipeline=\"calls\",outcome=\"failed\"} 1",
            "campaignd_run_duration_seconds_bucket{le=\"0.5\",pipeline=\"calls\"} 1",
            "campaignd_schedule_lag_seconds{pipeline=\"calls\"} 30",
            "campaignd_late{pipeline=\"calls\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} isn't in\n{text}");
        }
        metrics.forget("calls");
        assert!(!metrics.text().contains("campaignd_late{"));
    }
}
