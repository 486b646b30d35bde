//! Opens what most commands need: the settings and the warehouse they name.

use std::path::Path;

use campaignd_contract::{BuildContext, Error, Secret, Supervision, Warehouse};
use secrecy::ExposeSecret as _;

use super::exit::Failure;
use crate::config::{self, Settings};
use crate::connectors::{WAREHOUSES, find};
use crate::load::Seal;
use crate::model::migration::{ensure_current, migrate, version};

/// The settings, if there is no mistake in them. Warnings are left to `campaignd check`.
pub fn settings(path: &Path) -> Result<Settings, Failure> {
    config::load(path).map_err(Failure::Settings)
}

/// The settings and their warehouse, whose tables have the version that this program works with.
pub fn current_warehouse(path: &Path) -> Result<(Settings, Box<dyn Warehouse>), Failure> {
    let settings = settings(path)?;
    let mut warehouse = warehouse(&settings)?;
    ensure_current(warehouse.as_mut())?;
    Ok((settings, warehouse))
}

/// The same, but a new warehouse gets its tables. One of another version is left to `campaignd migrate`.
pub fn migrated_warehouse(path: &Path) -> Result<(Settings, Box<dyn Warehouse>), Failure> {
    let settings = settings(path)?;
    let mut warehouse = warehouse(&settings)?;
    migrate_if_new(warehouse.as_mut())?;
    Ok((settings, warehouse))
}

/// Creates the tables of a new warehouse, and refuses one of another version.
pub fn migrate_if_new(warehouse: &mut dyn Warehouse) -> Result<(), Failure> {
    if version(warehouse)? == 0 {
        migrate(warehouse)?;
    }
    Ok(ensure_current(warehouse)?)
}

/// The warehouse, whatever the version of its tables.
pub fn warehouse(settings: &Settings) -> Result<Box<dyn Warehouse>, Failure> {
    Ok(connect(settings)?)
}

/// The same, for those who connect again and again.
pub fn connect(settings: &Settings) -> Result<Box<dyn Warehouse>, Error> {
    let table = &settings.daemon.warehouse;
    let connector = find(WAREHOUSES, &table.kind).ok_or_else(|| {
        Error::permanent("connect to", "the warehouse", format!("there is no kind `{}`", table.kind))
            .next("`campaignd check` says more")
    })?;
    (connector.build)(&table.settings, &context(settings, ""))
}

/// What a connector is told besides its settings. `pipeline` is empty for the warehouse.
pub fn context(settings: &Settings, pipeline: &str) -> BuildContext {
    BuildContext {
        pipeline: pipeline.to_owned(),
        base_directory: settings.base_directory.clone(),
        spool_directory: settings.base_directory.join(&settings.daemon.state_directory).join("spool"),
        supervision: Supervision::default(),
    }
}

/// The key behind pseudonyms and sealed rows.
pub fn privacy_key(settings: &Settings) -> Result<Secret, Failure> {
    Ok(settings.daemon.privacy.key.read(&settings.base_directory)?)
}

/// What seals rejected rows.
pub fn seal(settings: &Settings) -> Result<Seal, Failure> {
    Ok(Seal::new(privacy_key(settings)?.expose_secret()))
}

/// Refuses names of pipelines that the settings don't have.
pub fn known_pipelines(settings: &Settings, names: &[String]) -> Result<(), Failure> {
    for name in names {
        if settings.pipelines.iter().any(|pipeline| pipeline.settings.name == *name) {
            continue;
        }
        let known: Vec<&str> = settings.pipelines.iter().map(|pipeline| pipeline.settings.name.as_str()).collect();
        return Err(Failure::Asked(
            Error::permanent("find", format!("the pipeline `{name}`"), "the settings have no such pipeline")
                .next(format!("there are {}", known.join(", "))),
        ));
    }
    Ok(())
}
