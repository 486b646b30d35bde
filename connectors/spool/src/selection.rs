//! Which names are input, when they are ready, and in which order they are read.

use std::cmp::Ordering;
use std::ffi::{OsStr, OsString};
use std::time::{Duration, SystemTime};

use campaignd_contract::Readiness;
use globset::GlobMatcher;

use crate::name::{self, Pattern};
use crate::settings::Order;

/// What is said of a file that isn't there any more.
pub const GONE: &str = "it was removed or renamed";

/// What tells one state of a file from another. Two equal stamps mean that, as far as its system can tell, nobody
/// wrote to it in between.
pub trait Stamp: Copy + PartialEq {
    /// When its content last changed.
    fn modified(&self) -> SystemTime;
}

/// A state of a file and when it was first seen.
#[derive(Debug, Clone, Copy)]
pub struct Look<S> {
    /// The state.
    pub stamp: S,
    /// When it was first seen.
    pub since: SystemTime,
}

impl<S: Stamp> Look<S> {
    /// A look at a file that is in this state now, `before` being the one before it.
    pub fn again(before: Option<Self>, stamp: S, now: SystemTime) -> Self {
        match before {
            Some(look) if look.stamp == stamp => look,
            _ => Self { stamp, since: now },
        }
    }
}

/// When a file is complete.
#[derive(Debug)]
pub enum Rule {
    /// A marker of this name is there.
    Marker(Pattern),
    /// The format finds its trailer.
    Trailer,
    /// Nothing changed for so long.
    Unchanged(Duration),
}

/// Which names are input, and when they are ready.
#[derive(Debug)]
pub struct Selection {
    pub(crate) matches: GlobMatcher,
    pub(crate) matches_hidden: bool,
    pub(crate) ignore: Vec<GlobMatcher>,
    pub(crate) rule: Rule,
    pub(crate) order: Order,
}

impl Selection {
    /// Whether a name is input: it matches, and is neither hidden, ignored nor a marker.
    pub fn is_input(&self, name: &OsStr) -> bool {
        let hidden = name.as_encoded_bytes().starts_with(b".");
        self.matches.is_match(name)
            && (!hidden || self.matches_hidden)
            && !self.ignore.iter().any(|pattern| pattern.is_match(name))
            && !self.marker().is_some_and(|marker| marker.fits(name))
    }

    /// The pattern of the markers' names, where there are markers.
    pub fn marker(&self) -> Option<&Pattern> {
        match &self.rule {
            Rule::Marker(marker) => Some(marker),
            Rule::Trailer | Rule::Unchanged(_) => None,
        }
    }

    /// The order in which files are read: by their time of change, where the settings say so, and by name.
    pub fn order<T: Ord>(&self, a: &(T, &OsStr), b: &(T, &OsStr)) -> Ordering {
        match self.order {
            Order::Name => a.1.cmp(b.1),
            Order::Modified => a.cmp(b),
        }
    }

    /// Whether a regular file may be read now. `marker_is_there` is asked for the name of its marker; an error says why
    /// nobody knows.
    pub fn readiness<S: Stamp>(
        &self,
        name: &OsStr,
        look: &Look<S>,
        now: SystemTime,
        marker_is_there: impl FnOnce(&OsString) -> Result<bool, String>,
    ) -> Readiness {
        let marker = match &self.rule {
            Rule::Trailer => return Readiness::IfTrailer,
            Rule::Unchanged(least) => return settled(*least, look, now),
            Rule::Marker(marker) => match marker.of(name) {
                Ok(marker) => marker,
                Err(why) => return Readiness::Refused(format!("it can have no marker: {why}; correct `marker`")),
            },
        };
        match marker_is_there(&marker) {
            Ok(true) => Readiness::Ready,
            Ok(false) => Readiness::Waiting(format!("its marker {} is not there", name::text_of(&marker))),
            Err(error) => {
                Readiness::Waiting(format!("its marker {} can't be looked at: {error}", name::text_of(&marker)))
            }
        }
    }
}

/// Whether a file has been left alone for long enough: by its own time, or because two looks found it the same. The
/// second counts where the sender's clock runs ahead of ours.
fn settled<S: Stamp>(least: Duration, look: &Look<S>, now: SystemTime) -> Readiness {
    let seconds = least.as_secs();
    let watched = now.duration_since(look.since).unwrap_or_default();
    match now.duration_since(look.stamp.modified()) {
        Ok(age) if age.max(watched) >= least => Readiness::Ready,
        Err(_) if watched >= least => Readiness::Ready,
        Ok(age) => Readiness::Waiting(format!("changed {} s ago; is read once it is {seconds} s old", age.as_secs())),
        Err(ahead) => Readiness::Waiting(format!(
            "its time of change is {} s ahead of the clock; is read once two looks {seconds} s apart find it the same",
            ahead.duration().as_secs()
        )),
    }
}
