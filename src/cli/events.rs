//! `campaignd events`: what the daemon can say. The operator's reference.

use std::process::ExitCode;

use super::exit::{Exit, Failure, end};
use super::listing::{Cell, Column, Format, FormatArgument, Listing, Screen, Tone};
use crate::ops::event::{Declared, Level};
use crate::ops::events::EVENTS;

/// List what the daemon can say: code, level, text, metric, whether it is an alert, and what to do about it.
///
/// `{name}` in a text stands for the particular of that name. `metric` is the counter that the event raises, with its
/// labels. An alert is what somebody should be told of who does not read the log.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// How to print it.
    #[command(flatten)]
    pub format: FormatArgument,
}

/// Prints them.
pub fn run(arguments: &Arguments) -> ExitCode {
    end(listed(EVENTS).print(arguments.format.format).map(|()| Exit::Done).map_err(Failure::from))
}

/// The same as JSON, for the daemon's page.
pub fn json() -> Result<String, Failure> {
    Ok(listed(EVENTS).render(Format::Json, Screen::Plain)?)
}

fn listed(events: &[&Declared]) -> Listing {
    let mut listing =
        Listing::new(["code", "level", "text", "metric", "alert", "next_step"].into_iter().map(Column::text).collect());
    listing.rows = events
        .iter()
        .map(|event| {
            vec![
                event.code.into(),
                level(event.level),
                event.text.into(),
                metric(event).into(),
                if event.alert { "yes" } else { "no" }.into(),
                (!event.next.is_empty()).then_some(event.next).into(),
            ]
        })
        .collect();
    listing
}

fn level(level: Level) -> Cell {
    match level {
        Level::Debug => "debug".into(),
        Level::Info => "info".into(),
        Level::Warn => Cell::Toned("warn".to_owned(), Tone::Notable),
        Level::Error => Cell::Toned("error".to_owned(), Tone::Bad),
    }
}

/// As Prometheus writes it: `campaignd_late_total{pipeline}`.
fn metric(event: &Declared) -> Option<String> {
    let counted = event.counted?;
    let labels = counted.labels.join(",");
    Some(if labels.is_empty() { counted.metric.to_owned() } else { format!("{}{{{labels}}}", counted.metric) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::listing::{Format, Screen};
    use crate::ops::events;

    #[test]
    fn each_event_is_listed_with_what_to_do() {
        let listing = listed(&[&events::READY, &events::LATE, &events::WAREHOUSE_UNREACHABLE]);
        insta::assert_snapshot!(listing.render(Format::Csv, Screen::Plain).unwrap().replace("\r\n", "\n"));
        assert_eq!(listed(EVENTS).rows.len(), EVENTS.len());
    }
}
