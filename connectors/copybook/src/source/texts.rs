//! The texts that were read, kept so that an error can show its line.

use super::{CopybookError, Place};

/// A copybook's text and those it copies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Texts {
    texts: Vec<Text>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Text {
    name: String,
    lines: Vec<String>,
}

impl Texts {
    /// An error about what stands at a place. The carets are kept within the line.
    pub fn error(
        &self,
        place: Place,
        width: u32,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> CopybookError {
        let text = self.texts.get(usize::from(place.text));
        let line = usize::try_from(place.line).unwrap_or(usize::MAX).saturating_sub(1);
        let line_text = text.and_then(|text| text.lines.get(line)).cloned().unwrap_or_default();
        let characters = saturated(line_text.chars().count());
        let column = place.column.clamp(1, characters + 1);
        CopybookError {
            name: text.map(|text| text.name.clone()).unwrap_or_default(),
            place: Place { column, ..place },
            line_text,
            width: width.min((characters + 1).saturating_sub(column)).max(1),
            message: message.into(),
            help: help.into(),
        }
    }

    /// The name of the text a place is in.
    pub fn name(&self, place: Place) -> &str {
        self.texts.get(usize::from(place.text)).map_or("", |text| &text.name)
    }

    /// Keeps a text and says its number, which is the one it already has if it was kept before; `None` if there are too
    /// many.
    pub(super) fn keep(&mut self, name: &str, text: &str) -> Option<u16> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines = || text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        // A library may have two texts of one name.
        let known = self.texts.iter().position(|known| known.name == name && lines().eq(known.lines.iter()));
        let number = known.unwrap_or(self.texts.len());
        if known.is_none() {
            self.texts.push(Text { name: name.to_owned(), lines: lines().map(str::to_owned).collect() });
        }
        u16::try_from(number).ok()
    }

    /// The lines of a text.
    pub(super) fn lines(&self, number: u16) -> &[String] {
        self.texts.get(usize::from(number)).map_or(&[], |text| &text.lines)
    }

    pub(crate) fn errors(&self, problems: Problems) -> Vec<CopybookError> {
        let mut found = problems.found;
        found.sort_by_key(|problem| problem.place);
        found.into_iter().map(|found| self.error(found.place, found.width, found.message, found.help)).collect()
    }
}

/// Something wrong, before it is shown with its line.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) place: Place,
    pub(crate) width: u32,
    pub(crate) message: String,
    pub(crate) help: String,
}

impl Problem {
    pub(crate) fn new(place: Place, width: u32, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { place, width, message: message.into(), help: help.into() }
    }
}

/// What is wrong so far: the first so many, because each shows its line and a line may be as long as the text.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    found: Vec<Problem>,
}

impl Problems {
    const MOST: usize = 50;

    pub(crate) fn push(&mut self, problem: Problem) {
        if self.found.len() < Self::MOST {
            self.found.push(problem);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The texts and lines something is wrong in.
    pub(crate) fn lines(&self) -> Vec<(u16, u32)> {
        self.found.iter().map(|problem| (problem.place.text, problem.place.line)).collect()
    }
}

/// A number of things as 32 bits, the most there are where it is more.
pub(crate) fn saturated(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
