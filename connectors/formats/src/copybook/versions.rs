//! The copybooks of a format: one for most files, others for some. All files have the columns of all of them, so that
//! expressions fit whichever a file has.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use campaignd_contract::{Error, Result, date_in_name};
use campaignd_copybook::Dialect;
use campaignd_copybook::routing::Condition;
use jiff::civil::Date;

use super::columns::Named;
use super::loaded::Loaded;
use super::settings::{CopybookSettings, CopybookVersion};

/// The copybooks of a format.
#[derive(Debug)]
pub(super) struct Versions {
    usual: Book,
    others: Vec<Version>,
    date_in_name: Option<String>,
    /// The columns of every file.
    pub names: Vec<String>,
}

/// A copybook, and the columns its fields make.
#[derive(Debug)]
pub(super) struct Book {
    pub loaded: Arc<Loaded>,
    pub named: Named,
}

/// Gives the first record of a file, framed as one of a copybook.
type FirstRecord<'f> = dyn Fn(&Arc<Loaded>) -> Result<Option<Vec<u8>>> + 'f;

/// A copybook that some files have.
#[derive(Debug)]
struct Version {
    book: Book,
    from: Option<Date>,
    until: Option<Date>,
    first_record: Option<Condition>,
}

impl Versions {
    /// Reads the copybooks that the settings name, from `base`, written in that dialect.
    pub fn new(settings: &CopybookSettings, base: &Path, dialect: &Dialect) -> Result<Self> {
        let usual = Loaded::new(settings, base, dialect)?;
        let mut others = Vec::new();
        for version in &settings.versions {
            others.push(Version::new(version, Loaded::new(&of_version(settings, version), base, dialect)?)?);
        }
        let mut versions = Self {
            usual: Book { named: usual.columns()?, loaded: Arc::new(usual) },
            others,
            date_in_name: settings.date_in_name.clone(),
            names: Vec::new(),
        };
        versions.check_names(settings)?;
        versions.name_columns();
        Ok(versions)
    }

    fn books(&self) -> impl Iterator<Item = &Book> {
        std::iter::once(&self.usual).chain(self.others.iter().map(|version| &version.book))
    }

    /// Refuses settings about what is in none of the copybooks.
    fn check_names(&self, settings: &CopybookSettings) -> Result<()> {
        let bad_values = settings.bad_values.keys().filter(|name| *name != "*");
        for name in settings.when.keys().chain(settings.dates.keys()).chain(bad_values) {
            if self.others.is_empty() || self.books().any(|book| book.loaded.layout.find_path(name).is_ok()) {
                continue;
            }
            let wrong = format!("neither it nor another version has a `{name}`");
            return Err(Error::permanent("use the copybook", &self.usual.loaded.name, wrong).next("correct [format]"));
        }
        Ok(())
    }

    /// Gives every copybook the columns of all of them.
    fn name_columns(&mut self) {
        let mut names: Vec<String> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for name in self.books().flat_map(|book| &book.named.names) {
            places.entry(name.clone()).or_insert_with(|| {
                names.push(name.clone());
                names.len() - 1
            });
        }
        let others = self.others.iter_mut().map(|version| &mut version.book);
        for Book { named, .. } in std::iter::once(&mut self.usual).chain(others) {
            named.own = vec![None; names.len()];
            for (column, name) in named.names.iter().enumerate() {
                named.own[places[name]] = Some(column);
            }
        }
        self.names = names;
    }

    /// The copybook that the file called `name` has.
    pub fn of(&self, name: &str, first_record: &FirstRecord<'_>) -> Result<&Book> {
        for version in &self.others {
            if version.fits_day(self.date_in_name.as_deref(), name)?
                && version.fits_record(|| first_record(&version.book.loaded))?
            {
                return Ok(&version.book);
            }
        }
        Ok(&self.usual)
    }

    /// The copybook of that name; the usual one where there is none any more.
    pub fn named(&self, copybook: &[u8]) -> &Book {
        self.books().find(|book| book.loaded.name.as_bytes() == copybook).unwrap_or(&self.usual)
    }

    /// The texts of all of them.
    pub fn texts(&self) -> Vec<u8> {
        self.books().flat_map(|book| book.loaded.text.iter().copied()).collect()
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
        let book = Book { named: loaded.columns()?, loaded: Arc::new(loaded) };
        Ok(Self { book, from, until, first_record })
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
        Ok(record.is_some_and(|record| condition.holds(&record, &self.book.loaded.decoder())))
    }
}

/// The settings with another copybook.
fn of_version(settings: &CopybookSettings, version: &CopybookVersion) -> CopybookSettings {
    CopybookSettings { copybook: version.copybook.clone(), record_length: version.record_length, ..settings.clone() }
}
