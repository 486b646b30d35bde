//! Where events are written: the journal with its fields, text for a terminal or a file, or JSON lines.
//!
//! An event is one line, whatever a file's name or a server's answer holds: control characters are written as escapes.

use std::fmt::{self, Write as _};
use std::io::IsTerminal as _;
use std::os::linux::fs::MetadataExt as _;

use jiff::Timestamp;
use tracing::field::{Field, Visit};
use tracing::{Event as Traced, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

use super::event::{Event, Level, Listener};
use crate::settings::{LogFormat, LogLevel, Logs};

/// Writes events.
pub struct Log {
    dispatch: tracing::Dispatch,
}

impl Log {
    /// As the settings say.
    ///
    /// # Errors
    ///
    /// Where the journal is asked for and can't be reached.
    pub fn new(settings: &Logs) -> std::io::Result<Self> {
        let level = match settings.level {
            LogLevel::Debug => tracing::Level::DEBUG,
            LogLevel::Info => tracing::Level::INFO,
            LogLevel::Warn => tracing::Level::WARN,
            LogLevel::Error => tracing::Level::ERROR,
        };
        let format = match settings.format {
            LogFormat::Auto if stderr_is_the_journal() => LogFormat::Journald,
            LogFormat::Auto => LogFormat::Text,
            chosen => chosen,
        };
        let layer: Box<dyn Layer<Registry> + Send + Sync> = match format {
            LogFormat::Journald => tracing_journald::layer()?.with_field_prefix(None).boxed(),
            LogFormat::Json => {
                let json = tracing_subscriber::fmt::layer().json().flatten_event(true).with_target(false);
                json.with_writer(std::io::stderr).boxed()
            }
            LogFormat::Text | LogFormat::Auto => {
                let text = Text { colour: std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none() };
                tracing_subscriber::fmt::layer().event_format(text).with_writer(std::io::stderr).boxed()
            }
        };
        let filtered = layer.with_filter(tracing_subscriber::filter::LevelFilter::from_level(level));
        Ok(Self { dispatch: tracing::Dispatch::new(Registry::default().with(filtered)) })
    }

    #[cfg(test)]
    fn of_layer(layer: impl Layer<Registry> + Send + Sync) -> Self {
        Self { dispatch: tracing::Dispatch::new(Registry::default().with(layer)) }
    }
}

/// As systemd documents it: `$JOURNAL_STREAM` names the device and the inode of standard error.
fn stderr_is_the_journal() -> bool {
    let Some(stream) = std::env::var("JOURNAL_STREAM").ok() else { return false };
    let Ok(metadata) = std::fs::metadata("/proc/self/fd/2") else { return false };
    stream == format!("{}:{}", metadata.st_dev(), metadata.st_ino())
}

impl Listener for Log {
    fn hear(&self, event: &Event) {
        tracing::dispatcher::with_default(&self.dispatch, || write(event));
    }
}

fn write(event: &Event) {
    let (text, code) = (one_line(&event.text()), event.declared.code);
    let field = |name: &str| event.field(name).map(one_line);
    let (pipeline, run, unit_id) = (field("pipeline"), field("run"), field("unit"));
    let next = (!event.declared.next.is_empty()).then_some(event.declared.next);
    let (pipeline, run, unit_id) = (pipeline.as_deref(), run.as_deref(), unit_id.as_deref());
    macro_rules! at {
        ($level:expr) => {
            tracing::event!($level, event = code, pipeline, run, unit_id, next, "{text}")
        };
    }
    match event.declared.level {
        Level::Debug => at!(tracing::Level::DEBUG),
        Level::Info => at!(tracing::Level::INFO),
        Level::Warn => at!(tracing::Level::WARN),
        Level::Error => at!(tracing::Level::ERROR),
    }
}

/// The text on one line.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.trim_end().chars() {
        if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

/// `2026-03-01T06:00:00Z WARN  text → next step`.
struct Text {
    colour: bool,
}

impl<S, N> FormatEvent<S, N> for Text
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut to: Writer<'_>, event: &Traced<'_>) -> fmt::Result {
        let mut said = Said::default();
        event.record(&mut said);
        let level = *event.metadata().level();
        let colour = match level {
            tracing::Level::ERROR => "\u{1b}[31m",
            tracing::Level::WARN => "\u{1b}[33m",
            _ => "",
        };
        let (colour, plain) = if self.colour && !colour.is_empty() { (colour, "\u{1b}[0m") } else { ("", "") };
        write!(to, "{:.3} {colour}{level:<5}{plain} {}", Timestamp::now(), said.message)?;
        if !said.next.is_empty() {
            write!(to, " → {}", said.next)?;
        }
        writeln!(to)
    }
}

#[derive(Default)]
struct Said {
    message: String,
    next: String,
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "next" {
            value.clone_into(&mut self.next);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            // Text can always be written to.
            let _ = write!(self.message, "{value:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::ops::events;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Written {
        fn text(&self) -> String {
            let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
            let moment = regex::Regex::new(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z").unwrap();
            moment.replace_all(&text, "[moment]").into_owned()
        }
    }

    fn told(log: &Log) {
        log.hear(&events::READY.event().with("pipelines", 3).with("warehouse", "sqlite"));
        let nasty = "a.csv\n2026-01-01 INFO  all is well \u{1b}[2J\u{202e}";
        log.hear(&events::FILE_HELD.of("calls").with("unit", nasty).with("reason", "other content"));
    }

    #[test]
    fn text_is_a_line_an_event() {
        let written = Written::default();
        let to = written.clone();
        let layer = tracing_subscriber::fmt::layer().event_format(Text { colour: false });
        told(&Log::of_layer(layer.with_writer(move || to.clone())));
        insta::assert_snapshot!(written.text(), @r"
        [moment] INFO  ready: 3 scheduled, warehouse sqlite
        [moment] WARN  calls: a.csv\n2026-01-01 INFO  all is well \u{1b}[2J\u{202e} is held: other content → decide: `campaignd once PIPELINE --accept FILE` loads it
        ");
    }

    #[test]
    fn json_has_the_fields_by_name() {
        let written = Written::default();
        let to = written.clone();
        let layer = tracing_subscriber::fmt::layer().json().flatten_event(true).with_target(false);
        told(&Log::of_layer(layer.with_writer(move || to.clone())));
        let lines: Vec<serde_json::Value> =
            written.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0]["event"].as_str(), lines[0].get("pipeline")), (Some("ready"), None));
        assert_eq!((lines[1]["event"].as_str(), lines[1]["pipeline"].as_str()), (Some("file_held"), Some("calls")));
        assert_eq!(lines[1]["level"].as_str(), Some("WARN"));
    }
}
