//! Where the texts that `COPY` names come from.

use std::collections::BTreeMap;

/// Texts by name. `()` knows none; a closure and a map are libraries too.
pub trait Library {
    /// The text of a member, if there is one of that name. Names are asked for as they are written and, where there is
    /// none, in capitals. `COPY name OF library` asks for `library/name` first, then for the name alone.
    fn text(&self, name: &str) -> Option<String>;
}

impl Library for () {
    fn text(&self, _name: &str) -> Option<String> {
        None
    }
}

impl Library for BTreeMap<String, String> {
    fn text(&self, name: &str) -> Option<String> {
        self.get(name).cloned()
    }
}

impl<F: Fn(&str) -> Option<String>> Library for F {
    fn text(&self, name: &str) -> Option<String> {
        self(name)
    }
}
