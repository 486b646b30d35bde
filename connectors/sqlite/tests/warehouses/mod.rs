//! Warehouses for tests.

use std::path::Path;

use campaignd_contract::BuildContext;
use campaignd_sqlite::{SqliteSettings, SqliteWarehouse};

/// A warehouse in `warehouse.db` of that folder.
pub fn open(folder: &Path) -> SqliteWarehouse {
    open_waiting(folder, 30)
}

/// The same, waiting for another writer so many seconds.
pub fn open_waiting(folder: &Path, busy_timeout_seconds: u32) -> SqliteWarehouse {
    let context =
        BuildContext { pipeline: "test".into(), base_directory: folder.into(), spool_directory: folder.into() };
    let settings = SqliteSettings { path: "warehouse.db".into(), cache_mebibytes: 8, busy_timeout_seconds };
    SqliteWarehouse::new(&settings, &context)
}
