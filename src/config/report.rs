//! Everything that is wrong with the settings, in one go, each mistake with its place.
//!
//! A report reads the same every time: files in the order they are read, places in the order they stand.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The daemon doesn't start with it.
    Error,
    /// It starts, but this is hardly what was meant.
    Warning,
}

/// Where a problem is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the text of a file, at these bytes.
    Text {
        /// The file.
        file: PathBuf,
        /// Its whole text, secrets blotted out.
        text: Arc<str>,
        /// The bytes at fault.
        span: Range<usize>,
    },
    /// A file or folder as a whole.
    File(PathBuf),
    /// A value that came from this environment variable.
    Variable(String),
}

impl Place {
    /// The bytes at fault, inside a text.
    pub fn span(&self) -> Option<Range<usize>> {
        match self {
            Self::Text { span, .. } => Some(span.clone()),
            _ => None,
        }
    }

    /// Line and column, both from 1, columns counted in characters; none outside a text.
    pub fn line_and_column(&self) -> Option<(usize, usize)> {
        let Self::Text { text, span, .. } = self else { return None };
        let before = text.get(..span.start)?;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Some((before.matches('\n').count() + 1, before[line_start..].chars().count() + 1))
    }
}

/// A mistake in the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it is.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What to do about it; may be empty.
    pub help: String,
    /// How bad it is.
    pub severity: Severity,
    /// Another place that has to do with it, and what it is.
    pub related: Option<(Place, String)>,
}

impl Problem {
    /// An error.
    pub fn error(place: Place, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { place, message: message.into(), help: help.into(), severity: Severity::Error, related: None }
    }

    /// A warning.
    pub fn warning(place: Place, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(place, message, help) }
    }

    /// Names another place that has to do with it.
    #[must_use]
    pub fn related(mut self, place: Place, what: impl Into<String>) -> Self {
        self.related = Some((place, what.into()));
        self
    }

    fn render(&self, renderer: &Renderer) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = Group::with_title(level.primary_title(self.message.as_str()));
        group = group.element(excerpt(&self.place, AnnotationKind::Primary, None));
        if let Some((place, what)) = &self.related {
            group = group.element(excerpt(place, AnnotationKind::Context, Some(what)));
        }
        if !self.help.is_empty() {
            group = group.element(Level::HELP.message(self.help.as_str()));
        }
        renderer.render(&[group])
    }
}

fn excerpt<'a>(place: &'a Place, kind: AnnotationKind, label: Option<&'a String>) -> Element<'a> {
    match place {
        Place::Text { file, text, span } => {
            let annotation = kind.span(span.clone()).label(label.map(String::as_str));
            Snippet::source(text.as_ref()).path(file.to_string_lossy()).annotation(annotation).into()
        }
        Place::File(file) => Origin::path(file.to_string_lossy()).into(),
        Place::Variable(name) => Origin::path(format!("environment variable {name}")).into(),
    }
}

/// All problems found, in the order of the files and of their places in them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The problems.
    pub problems: Vec<Problem>,
    /// How many files were looked at.
    pub files: usize,
}

impl Report {
    /// How many errors there are.
    pub fn errors(&self) -> usize {
        self.problems.iter().filter(|problem| problem.severity == Severity::Error).count()
    }

    /// How many warnings there are.
    pub fn warnings(&self) -> usize {
        self.problems.len() - self.errors()
    }

    /// The text for people: each problem with its place, the line, a caret under the whole value and what to do;
    /// with ANSI colours if wanted. Ends with a line feed unless it is empty.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let texts: Vec<String> = self.problems.iter().map(|problem| problem.render(&renderer)).collect();
        if texts.is_empty() { String::new() } else { texts.join("\n\n") + "\n" }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Report {}
