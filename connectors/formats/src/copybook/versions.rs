//! The copybooks of a format: one for most files, others for some. All files have the columns of all of them, so that
//! expressions fit whichever a file has.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use campaignd_contract::{ByteSource, Error, Result, date_in_name};
use campaignd_copybook::routing::Condition;
use jiff::civil::Date;

use super::loaded::Loaded;
use super::settings::{CopybookSettings, CopybookVersion};

/// The copybooks of a format.
#[derive(Debug)]
pub(super) struct Versions {
    usual: Arc<Loaded>,
    others: Vec<Version>,
    date_in_name: Option<String>,
    /// The columns of every file.
    pub names: Vec<String>,
}

/// Gives the first record of a file, framed as one of a copybook.
type FirstRecord<'f> = dyn Fn(&Arc<Loaded>) -> Result<Option<Vec<u8>>> + 'f;

/// A copybook that some files have.
#[derive(Debug)]
struct Version {
    loaded: Arc<Loaded>,
    from: Option<Date>,
    until: Option<Date>,
    first_record: Option<Condition>,
}

impl Versions {
    /// Reads the copybooks that the settings name, from `base`.
    pub fn new(settings: &CopybookSettings, base: &Path) -> Result<Self> {
        let mut usual = Loaded::new(settings, base)?;
        let mut others = Vec::new();
        for version in &settings.versions {
            others.push((version, Loaded::new(&of_version(settings, version), base)?));
        }
        for name in settings.when.keys().chain(settings.bad_values.keys().filter(|name| *name != "*")) {
            let known = |loaded: &Loaded| loaded.layout.find_path(name).is_ok();
            if !known(&usual) && !others.iter().any(|(_, loaded)| known(loaded)) {
                let wrong = format!("neither it nor another version has a `{name}`");
                return Err(Error::permanent("use the copybook", &usual.name, wrong).next("correct [format]"));
            }
        }
        let mut names = usual.columns.names.clone();
        for name in others.iter().flat_map(|(_, loaded)| &loaded.columns.names) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        let places: HashMap<&String, usize> = names.iter().enumerate().map(|(place, name)| (name, place)).collect();
        for loaded in others.iter_mut().map(|(_, loaded)| loaded).chain([&mut usual]) {
            loaded.own = vec![None; names.len()];
            for (column, name) in loaded.columns.names.iter().enumerate() {
                loaded.own[places[name]] = Some(column);
            }
        }
        let others =
            others.into_iter().map(|(version, loaded)| Version::new(version, loaded)).collect::<Result<_>>()?;
        Ok(Self { usual: Arc::new(usual), others, date_in_name: settings.date_in_name.clone(), names })
    }

    /// The copybook that `bytes` have. `first_record` gives their first record, framed as one of a copybook.
    pub fn of(&self, bytes: &dyn ByteSource, first_record: &FirstRecord<'_>) -> Result<Arc<Loaded>> {
        for version in &self.others {
            if version.fits_day(self.date_in_name.as_deref(), bytes.name())?
                && version.fits_record(|| first_record(&version.loaded))?
            {
                return Ok(Arc::clone(&version.loaded));
            }
        }
        Ok(Arc::clone(&self.usual))
    }

    /// The copybook of that name; the usual one where there is none any more.
    pub fn named(&self, copybook: &[u8]) -> Arc<Loaded> {
        let all = self.others.iter().map(|version| &version.loaded);
        let found = all.clone().find(|loaded| loaded.name.as_bytes() == copybook);
        Arc::clone(found.unwrap_or(&self.usual))
    }

    /// The texts of all of them.
    pub fn texts(&self) -> Vec<u8> {
        let all = self.others.iter().map(|version| &version.loaded).chain([&self.usual]);
        all.flat_map(|loaded| loaded.text.iter().copied()).collect()
    }
}

impl Version {
    fn new(settings: &CopybookVersion, loaded: Loaded) -> Result<Self> {
        let wrong = |wrong: String| {
            Error::permanent("use the copybook", &loaded.name, wrong).next("correct [[format.versions]]")
        };
        let [from, until] = settings.days().map_err(|(key, message)| wrong(format!("{key}: {message}")))?;
        let condition = settings.first_record.as_ref();
        let first_record = condition
            .map(|text| Condition::parse(text, &loaded.layout))
            .transpose()
            .map_err(|error| wrong(error.to_string()))?;
        Ok(Self { loaded: Arc::new(loaded), from, until, first_record })
    }

    /// Whether the file called `name` is of one of the days.
    fn fits_day(&self, format: Option<&str>, name: &str) -> Result<bool> {
        if (self.from, self.until) == (None, None) {
            return Ok(true);
        }
        let day = date_in_name(format.unwrap_or_default(), name).map_err(|wrong| {
            Error::permanent("choose the copybook of", name, format!("its name should say the day it is of: {wrong}"))
                .next("correct `date_in_name` in [format], or rename the file")
        })?;
        Ok(self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until))
    }

    fn fits_record(&self, first_record: impl FnOnce() -> Result<Option<Vec<u8>>>) -> Result<bool> {
        let Some(condition) = &self.first_record else { return Ok(true) };
        let record = first_record()?;
        Ok(record.is_some_and(|record| condition.holds(&record, &self.loaded.decoder())))
    }
}

/// The settings with another copybook.
fn of_version(settings: &CopybookSettings, version: &CopybookVersion) -> CopybookSettings {
    CopybookSettings { copybook: version.copybook.clone(), record_length: version.record_length, ..settings.clone() }
}
