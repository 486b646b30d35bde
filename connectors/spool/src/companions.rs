//! The files that belong to another: its marker and its control files.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};

use campaignd_contract::{Candidate, Error, Result};

use crate::name::Pattern;

/// Bytes of a control file at most.
pub const COMPANION_BYTES: u64 = 64 * 1024;

/// Whether a file of that length can be a control file; an error, for the control file called `subject`, says why not.
pub fn may_be_companion(subject: &str, bytes: u64) -> Result<()> {
    if bytes <= COMPANION_BYTES {
        return Ok(());
    }
    let wrong = format!("it has {bytes} bytes, a control file has {COMPANION_BYTES} at most");
    Err(Error::permanent("read the control file", subject, wrong)
        .next("correct the name of the control file in `[control]`"))
}

/// How the files are called that go where the files go that they belong to.
#[derive(Debug)]
pub struct Companions {
    marker: Option<Pattern>,
    asked_for: BTreeSet<String>,
}

impl Companions {
    /// Those of a source whose markers are called like that, where it has markers.
    pub fn new(marker: Option<Pattern>) -> Self {
        Self { marker, asked_for: BTreeSet::new() }
    }

    /// The name of the control file of `candidate`, called `name`. From now on it goes where the file goes.
    pub fn ask(&mut self, candidate: &Candidate, name: &OsStr, pattern: &str) -> Result<OsString> {
        let unsafe_name = |why: String| {
            Error::permanent("find the control file of", candidate.name.as_str(), why)
                .next("write its name like `{stem}.ctl`")
        };
        let companion = Pattern::parse(pattern).map_err(unsafe_name)?;
        let companion = companion.of(name).map_err(|why| unsafe_name(why.to_owned()))?;
        self.asked_for.insert(pattern.to_owned());
        Ok(companion)
    }

    /// Names of the marker and control files of a file, those left out that another file shares: `a.ctl` belongs to
    /// both `a.csv` and `a.txt`. `names` lists the files that are input; it is only asked where it matters.
    pub fn of(&self, name: &OsStr, names: impl FnOnce() -> Result<Vec<OsString>>) -> Result<Vec<OsString>> {
        let asked_for = self.asked_for.iter().filter_map(|pattern| Pattern::parse(pattern).ok());
        let patterns: Vec<_> = self.marker.clone().into_iter().chain(asked_for).collect();
        let names = if patterns.iter().any(Pattern::may_be_shared) { names()? } else { Vec::new() };
        let is_shared = |pattern: &Pattern, companion: &OsStr| {
            names.iter().any(|other| other != name && pattern.of(other).is_ok_and(|of| of == companion))
        };
        let mut companions: Vec<OsString> = Vec::new();
        for pattern in &patterns {
            if let Ok(companion) = pattern.of(name)
                && !is_shared(pattern, &companion)
                && !companions.contains(&companion)
            {
                companions.push(companion);
            }
        }
        Ok(companions)
    }
}
