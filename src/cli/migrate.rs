//! `campaignd migrate`: brings the warehouse to the version this program works with.

use std::path::Path;
use std::process::ExitCode;

use campaignd_contract::Warehouse;

use super::exit::{Exit, Failure, end};
use super::{opening, print};
use crate::model::migration::{LATEST, Migrated, MigrationError, migrate};

/// Create the warehouse's tables, or bring them up to date.
///
/// That is the version this campaignd works with. Forward only; doing it again changes nothing. A warehouse that a newer campaignd has migrated is refused and not
/// touched.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Migrates the warehouse of the settings.
pub fn run(arguments: &Arguments, settings: &Path) -> ExitCode {
    end(printed(arguments, settings))
}

fn printed(arguments: &Arguments, settings: &Path) -> Result<Exit, Failure> {
    let settings = opening::settings(settings)?;
    let said = migrated(arguments, opening::warehouse(&settings)?.as_mut())?;
    print::output(&format!("{said}\n"))?;
    Ok(Exit::Done)
}

/// Migrates, and says what was done.
pub fn migrated(_arguments: &Arguments, warehouse: &mut dyn Warehouse) -> Result<String, MigrationError> {
    Ok(match migrate(warehouse)? {
        Migrated { from: 0, .. } => format!("the tables were created, version {LATEST}"),
        Migrated { from, to } if from == to => format!("the tables have version {to} already: nothing to do"),
        Migrated { from, to } => format!("the tables were brought from version {from} to {to}"),
    })
}

#[cfg(test)]
mod tests {
    use campaignd_contract::{BuildContext, Supervision};
    use campaignd_sqlite::{SqliteSettings, SqliteWarehouse};

    use super::*;

    #[test]
    fn it_says_what_was_done() {
        let folder = tempfile::tempdir().unwrap();
        let context = BuildContext {
            pipeline: String::new(),
            base_directory: folder.path().into(),
            spool_directory: folder.path().into(),
            supervision: Supervision::default(),
        };
        let settings = SqliteSettings { path: "warehouse.db".into(), cache_mebibytes: 8, busy_timeout_seconds: 30 };
        let mut warehouse = SqliteWarehouse::new(&settings, &context);
        let mut done = || migrated(&Arguments {}, &mut warehouse).unwrap();
        assert_eq!(done(), "the tables were created, version 1");
        assert_eq!(done(), "the tables have version 1 already: nothing to do");
    }
}
