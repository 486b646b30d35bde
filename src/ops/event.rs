//! What an event is: something that happened, declared once with its text, its level, its metric and the next step for
//! whoever has to do something about it. Whoever wants to hear of events is a [`Listener`].

use std::sync::Arc;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Of interest while looking for something.
    Debug,
    /// All is well.
    Info,
    /// Somebody should look at it in working hours.
    Warn,
    /// Somebody should look at it now.
    Error,
}

/// What an event does to a metric. Labels and values are fields of the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Name of the counter in Prometheus' form.
    pub metric: &'static str,
    /// Fields that are its labels.
    pub labels: &'static [&'static str],
}

/// A declaration: one for everything that can happen.
#[derive(Debug, PartialEq, Eq)]
pub struct Declared {
    /// Stable code, for machines.
    pub code: &'static str,
    /// How much it matters.
    pub level: Level,
    /// What is said of it; `{name}` stands for the field of that name.
    pub text: &'static str,
    /// What to do about it; empty where nothing is to be done.
    pub next: &'static str,
    /// The counter that it raises by one.
    pub counted: Option<Counted>,
    /// Whether it is an alert: somebody should be told of it who doesn't read the log.
    pub alert: bool,
}

impl Declared {
    pub(super) const fn new(code: &'static str, level: Level, text: &'static str) -> Self {
        Self { code, level, text, next: "", counted: None, alert: false }
    }

    pub(super) const fn next(self, next: &'static str) -> Self {
        Self { next, ..self }
    }

    pub(super) const fn counted(self, metric: &'static str, labels: &'static [&'static str]) -> Self {
        Self { counted: Some(Counted { metric, labels }), ..self }
    }

    pub(super) const fn alert(self) -> Self {
        Self { alert: true, ..self }
    }

    /// It happened.
    pub fn event(&'static self) -> Event {
        Event { declared: self, fields: Vec::new() }
    }

    /// It happened to a pipeline.
    pub fn of(&'static self, pipeline: &str) -> Event {
        self.event().with("pipeline", pipeline)
    }
}

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Event {
    /// What.
    pub declared: &'static Declared,
    /// Its particulars, in the order they were given: `pipeline`, `run` and `unit` by these names wherever there are such.
    pub fields: Vec<(&'static str, String)>,
}

impl Event {
    /// Adds a particular.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "numbers and texts are given as they are")]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.fields.push((name, value.to_string()));
        self
    }

    /// A particular.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// The declared text with the particulars in it.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.declared.text.len() + 32);
        let mut rest = self.declared.text;
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                rest = after;
                break;
            };
            let value = self.field(name);
            // Whoever tells of an event gives what its text needs; builds that are tested insist on it.
            debug_assert!(value.is_some(), "{} was told without its {name}", self.declared.code);
            text.push_str(value.unwrap_or("?"));
            rest = after;
        }
        text + rest
    }
}

/// Whoever hears of events. Called by any thread, and must not keep it waiting.
pub trait Listener: Send + Sync {
    /// Something happened.
    fn hear(&self, event: &Event);
}

/// Passes events on to all listeners. Clones are the same.
#[derive(Clone, Default)]
pub struct Announcer {
    listeners: Arc<Vec<Arc<dyn Listener>>>,
}

impl Announcer {
    /// One that passes events on to these.
    pub fn new(listeners: Vec<Arc<dyn Listener>>) -> Self {
        Self { listeners: Arc::new(listeners) }
    }

    /// Tells everybody.
    pub fn tell(&self, event: &Event) {
        for listener in self.listeners.iter() {
            listener.hear(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::events;

    #[test]
    fn texts_are_filled_with_particulars() {
        let event = events::RUN_FAILED.of("orders").with("occurrence", "2026-03-01T06:00:00");
        let event = event.with("reason", "no route to {host}");
        assert_eq!(event.text(), "orders failed for 2026-03-01T06:00:00: no route to {host}");
    }
}
