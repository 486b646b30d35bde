//! Versions of the tables: which one a warehouse has, and how it gets to the newest.
//!
//! Forward only. A new warehouse is made from the declarations at once; an older one takes each step it lacks, each in
//! a transaction of its own that holds the right to write, so that of two daemons one migrates and the other finds it
//! done. A warehouse newer than this program is refused and not touched.

use campaignd_contract::{Dialect, Error, Transaction, Value, Warehouse};

use super::{TABLES, operations, reference};

/// A change of the tables. Its statements are never edited once released: a mistake is put right by a further step.
struct Step {
    version: i64,
    name: &'static str,
    statements: fn(&dyn Dialect) -> Vec<String>,
}

/// All steps, oldest first. The last one leads to what the declarations say; a test compares the two.
static STEPS: &[Step] = &[Step { version: 1, name: "create all tables", statements: everything }];

/// The version this program works with.
pub const LATEST: i64 = 1;

/// Why a warehouse can't be used or migrated.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// A newer program has migrated it.
    #[error(
        "the warehouse has version {found} and this campaignd ({app_version}) knows versions up to {LATEST}: nothing was \
         changed; install the campaignd that migrated it, or a later one"
    )]
    Newer {
        /// The warehouse's version.
        found: i64,
        /// This program's own version.
        app_version: &'static str,
    },
    /// It has to be migrated first.
    #[error("the warehouse has version {found} and this campaignd needs version {LATEST}: run `campaignd migrate`")]
    Older {
        /// The warehouse's version; 0 where it is empty.
        found: i64,
    },
    /// The warehouse said no.
    #[error(transparent)]
    Warehouse(#[from] Error),
}

/// What a migration did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// Version found; 0 where it was empty.
    pub from: i64,
    /// Version now.
    pub to: i64,
}

/// The version a warehouse has; 0 where it is empty.
pub fn version(warehouse: &mut dyn Warehouse) -> Result<i64, Error> {
    let newest =
        format!("SELECT MAX(version) AS version FROM {}", warehouse.dialect().stored(&operations::ETL_MIGRATION));
    match warehouse.query(&newest, &[]) {
        Ok(found) => Ok(found.rows.first().and_then(|row| row.first()?.as_integer()).unwrap_or(0)),
        // A missing table is an error on every engine, and a different one on each: where the simplest query works,
        // that is what it was.
        Err(_) => warehouse.query("SELECT 1", &[]).map(|_| 0),
    }
}

/// Refuses a warehouse that this program can't work with.
pub fn ensure_current(warehouse: &mut dyn Warehouse) -> Result<(), MigrationError> {
    match version(warehouse)? {
        LATEST => Ok(()),
        found if found > LATEST => Err(newer(found)),
        found => Err(MigrationError::Older { found }),
    }
}

/// Brings a warehouse to the newest version. Doing it again changes nothing.
pub fn migrate(warehouse: &mut dyn Warehouse) -> Result<Migrated, MigrationError> {
    let from = version(warehouse)?;
    if from > LATEST {
        return Err(newer(from));
    }
    let dialect = warehouse.dialect();
    if from == 0 {
        match create(warehouse, dialect) {
            Ok(()) => return Ok(Migrated { from, to: LATEST }),
            // Somebody else may have been quicker.
            Err(error) if version(warehouse)? == 0 => return Err(error.into()),
            Err(_) => {}
        }
    }
    for step in STEPS {
        let mut transaction = warehouse.begin()?;
        let newest = format!("SELECT MAX(version) AS version FROM {}", dialect.stored(&operations::ETL_MIGRATION));
        let found = transaction.query(&newest, &[])?;
        if found.rows.first().and_then(|row| row.first()?.as_integer()).unwrap_or(0) >= step.version {
            continue;
        }
        for statement in (step.statements)(dialect) {
            transaction.execute(&statement, &[])?;
        }
        record(transaction.as_mut(), dialect, step.version, step.name)?;
        transaction.commit()?;
    }
    Ok(Migrated { from, to: LATEST })
}

fn newer(found: i64) -> MigrationError {
    MigrationError::Newer { found, app_version: env!("CARGO_PKG_VERSION") }
}

/// Makes all tables of an empty warehouse.
fn create(warehouse: &mut dyn Warehouse, dialect: &dyn Dialect) -> Result<(), Error> {
    let mut transaction = warehouse.begin()?;
    for statement in everything(dialect) {
        transaction.execute(&statement, &[])?;
    }
    record(transaction.as_mut(), dialect, LATEST, "create all tables")?;
    transaction.commit()
}

/// All tables as declared, and the rows that come with the program.
fn everything(dialect: &dyn Dialect) -> Vec<String> {
    let mut statements: Vec<String> = TABLES.iter().flat_map(|table| dialect.create_table(table)).collect();
    statements.push(format!(
        "INSERT INTO {} (model_id, model_version, name, family, weights, booking_basis, batch_no) \
         VALUES ('direct', 1, 'Direct: the part that the code or the source names', 'direct', '1', 'conversion', 0)",
        dialect.stored(&reference::ATTRIBUTION_MODEL)
    ));
    statements
}

fn record(transaction: &mut dyn Transaction, dialect: &dyn Dialect, version: i64, name: &str) -> Result<(), Error> {
    let insert = format!(
        "INSERT INTO {} (version, name, applied_at, app_version) VALUES (?1, ?2, {}, ?3)",
        dialect.stored(&operations::ETL_MIGRATION),
        dialect.now()
    );
    transaction.execute(&insert, &[version.into(), name.into(), Value::from(env!("CARGO_PKG_VERSION"))])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use campaignd_contract::{BuildContext, Supervision};
    use campaignd_sqlite::{SqliteDialect, SqliteSettings, SqliteWarehouse};

    use super::*;

    fn open(folder: &std::path::Path) -> SqliteWarehouse {
        let context = BuildContext {
            pipeline: String::new(),
            base_directory: folder.into(),
            spool_directory: folder.into(),
            supervision: Supervision::default(),
        };
        let settings = SqliteSettings { path: "warehouse.db".into(), cache_mebibytes: 8, busy_timeout_seconds: 30 };
        SqliteWarehouse::new(&settings, &context)
    }

    #[test]
    fn a_changed_declaration_needs_a_new_version() {
        let declared = everything(&SqliteDialect).join(";\n\n") + ";\n";
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/model/version_1.sql");
        if std::env::var_os("CAMPAIGND_WRITE_DDL").is_some() {
            std::fs::write(path, &declared).unwrap();
        }
        assert_eq!(STEPS.last().unwrap().version, LATEST);
        assert!(
            std::fs::read_to_string(path).unwrap() == declared,
            "the declarations and {path} differ: add a step to STEPS, raise LATEST, name the file after it and write it \
             with CAMPAIGND_WRITE_DDL=1"
        );
    }

    #[test]
    fn steps_are_numbered_without_gaps() {
        let versions: Vec<i64> = STEPS.iter().map(|step| step.version).collect();
        assert_eq!(versions, (1..=LATEST).collect::<Vec<_>>());
    }

    #[test]
    fn migrating_twice_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut warehouse = open(folder.path());
        assert!(matches!(ensure_current(&mut warehouse), Err(MigrationError::Older { found: 0 })));
        assert_eq!(migrate(&mut warehouse).unwrap(), Migrated { from: 0, to: LATEST });
        ensure_current(&mut warehouse).unwrap();
        let before = warehouse.query("SELECT * FROM etl_migration", &[]).unwrap();
        assert_eq!(migrate(&mut warehouse).unwrap(), Migrated { from: LATEST, to: LATEST });
        assert_eq!(warehouse.query("SELECT * FROM etl_migration", &[]).unwrap(), before);
        let seeds = warehouse.query("SELECT model_id, model_version FROM attribution_model", &[]).unwrap();
        assert_eq!(seeds.rows, [[Value::from("direct"), Value::Integer(1)]]);
        for table in TABLES {
            warehouse.query(&format!("SELECT * FROM {}", table.name), &[]).unwrap();
        }
    }

    #[test]
    fn two_migrators_don_t_meet() {
        let folder = tempfile::tempdir().unwrap();
        let migrators: Vec<_> = (0..4)
            .map(|_| {
                let path = folder.path().to_owned();
                std::thread::spawn(move || migrate(&mut open(&path)).unwrap().to)
            })
            .collect();
        assert!(migrators.into_iter().all(|migrator| migrator.join().unwrap() == LATEST));
        let rows = open(folder.path()).query("SELECT version FROM etl_migration", &[]).unwrap().rows;
        assert_eq!(rows, [[Value::Integer(LATEST)]]);
    }

    #[test]
    fn a_newer_warehouse_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut warehouse = open(folder.path());
        migrate(&mut warehouse).unwrap();
        let mut transaction = warehouse.begin().unwrap();
        record(transaction.as_mut(), &SqliteDialect, 7, "from the future").unwrap();
        transaction.commit().unwrap();
        let message = migrate(&mut warehouse).unwrap_err().to_string();
        assert!(message.starts_with("the warehouse has version 7 and this campaignd"), "{message}");
        assert!(message.contains("knows versions up to 1: nothing was changed"), "{message}");
        assert_eq!(ensure_current(&mut warehouse).unwrap_err().to_string(), message);
    }
}
