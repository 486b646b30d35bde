//! What a warehouse holds, to compare with what another one holds.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

/// Tables that tell which process worked when. Another run of the same work differs in them, and may.
const OF_PROCESSES: &[&str] = &["etl_run", "etl_lease", "sqlite_sequence"];

/// Columns that tell when, by which process, or with which random nonce something was written.
const OF_MOMENTS: &[&str] = &[
    "started_at",
    "ended_at",
    "committed_at",
    "updated_at",
    "heartbeat_at",
    "first_seen_at",
    "finished_at",
    "modified_at",
    "rejected_at",
    "applied_at",
    "refreshed_at",
    "changed_at",
    "epoch",
    "run_no",
    "raw_sealed",
];

/// Tables that tell in which order things happened.
const OF_ORDER: &[&str] = &["etl_occurrence", "etl_pipeline", "etl_expectation", "campaign_roi_change_micro"];

/// The rows of every table, as text, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents(BTreeMap<String, Vec<String>>);

impl Contents {
    /// Reads a warehouse, which must be sound.
    pub fn of(path: &Path) -> Self {
        let connection = open(path);
        let sound: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok", "{}", path.display());
        let mut tables = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").unwrap();
        let names: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let compared = names.into_iter().filter(|name| !OF_PROCESSES.contains(&name.as_str()));
        Self(compared.map(|name| (name.clone(), rows(&connection, &name))).collect())
    }

    /// Without the numbers of batches, runs and rows, which tell in which order they came: pipelines that run side by side
    /// may take turns in any order. And without the hashes of settings, since servers have other ports.
    pub fn regardless_of_order(self) -> Self {
        let kept = self.0.into_iter().filter(|(table, _)| !OF_ORDER.contains(&table.as_str()));
        let plain = |row: String| {
            let differs = |cell: &&str| match cell.split_once('=') {
                Some(("batch_id" | "config_hash", _)) => true,
                Some((name, _)) => name.ends_with("_no") && name != "output_no",
                None => false,
            };
            let cells = row.split(' ').filter(|cell| !differs(cell));
            cells.collect::<Vec<_>>().join(" ")
        };
        Self(
            kept.map(|(table, rows)| {
                let mut rows: Vec<String> = rows.into_iter().map(plain).collect();
                rows.sort_unstable();
                (table, rows)
            })
            .collect(),
        )
    }

    /// Without these tables.
    pub fn without(mut self, tables: &[&str]) -> Self {
        self.0.retain(|name, _| !tables.contains(&name.as_str()));
        self
    }

    /// How many rows a table has.
    #[track_caller]
    pub fn count(&self, table: &str) -> usize {
        self.0.get(table).unwrap_or_else(|| panic!("there is no table {table}")).len()
    }

    /// Fails and shows what differs, unless both hold the same.
    #[track_caller]
    pub fn assert_same(&self, expected: &Self, when: &str) {
        let names = |contents: &Self| contents.0.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(self), names(expected), "tables, {when}");
        for (table, rows) in &expected.0 {
            let found = &self.0[table];
            if found == rows {
                continue;
            }
            let only = |of: &Vec<String>, other: &Vec<String>| {
                let only: Vec<_> = of.iter().filter(|row| !other.contains(row)).take(3).cloned().collect();
                only.join("\n  ")
            };
            panic!(
                "{table} differs, {when}: {} rows instead of {}\nonly here:\n  {}\nmissing:\n  {}",
                found.len(),
                rows.len(),
                only(found, rows),
                only(rows, found)
            );
        }
    }
}

/// Opens a warehouse to look at it, by the same connection settings as any other program.
pub fn open(path: &Path) -> Connection {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap()
}

fn rows(connection: &Connection, table: &str) -> Vec<String> {
    let mut query = connection.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
    let names: Vec<String> = query.column_names().map(str::to_owned).collect();
    let kept: Vec<usize> = (0..names.len()).filter(|&at| !OF_MOMENTS.contains(&names[at].as_str())).collect();
    let mut rows: Vec<String> = query
        .query_map([], |row| {
            let cells = kept.iter().map(|&at| format!("{}={}", names[at], shown(row.get_ref(at).unwrap())));
            Ok(cells.collect::<Vec<_>>().join(" "))
        })
        .unwrap()
        .map(Result::unwrap)
        .collect();
    rows.sort_unstable();
    rows
}

fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => format!("{number:?}"),
        ValueRef::Text(text) => format!("{:?}", String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => format!("{bytes:02x?}"),
    }
}
