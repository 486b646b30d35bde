//! Settings of the embedded warehouse.

use std::path::PathBuf;

use campaignd_contract::{ConnectorSettings, SettingsProblem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The embedded SQLite warehouse: one file, nothing to install.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SqliteSettings {
    /// The database file. A relative path starts at the folder of the settings file. It is created, readable by its
    /// owner only, when it isn't there; its folder must exist and be on a local disk.
    pub path: PathBuf,
    /// Memory for pages of the database, in MiB. A transaction may be larger: what doesn't fit goes to the disk.
    #[serde(default = "default_cache")]
    pub cache_mebibytes: u32,
    /// How long to wait for another process that is writing, in seconds.
    #[serde(default = "default_busy_timeout")]
    pub busy_timeout_seconds: u32,
}

fn default_cache() -> u32 {
    64
}

fn default_busy_timeout() -> u32 {
    30
}

/// Below this, every insert into an index of some size would read a page from the disk.
const LEAST_CACHE: u32 = 2;
/// SQLite takes the size in KiB as a signed 32-bit number.
const MOST_CACHE: u32 = 1 << 20;
/// Waiting longer than this is standing still.
const LONGEST_WAIT: u32 = 3600;

impl ConnectorSettings for SqliteSettings {
    const KIND: &'static str = "sqlite";
    const SAMPLE: &'static str = include_str!("../sample.toml");

    fn problems(&self) -> Vec<SettingsProblem> {
        let mut problems = Vec::new();
        let path = self.path.as_os_str().as_encoded_bytes();
        if path.is_empty() {
            problems.push(SettingsProblem::new("path", "the path is empty", "name a file, such as `campaignd.db`"));
        } else if path == b":memory:" || path.starts_with(b"file:") {
            problems.push(SettingsProblem::new(
                "path",
                format!("`{}` is not the path of a file", self.path.display()),
                "name a file: what is loaded must still be there after a restart",
            ));
        } else if path.ends_with(b"/") || self.path.file_name().is_none() {
            problems.push(SettingsProblem::new(
                "path",
                format!("`{}` names a folder", self.path.display()),
                "name a file in it, such as `campaignd.db`",
            ));
        }
        if !(LEAST_CACHE..=MOST_CACHE).contains(&self.cache_mebibytes) {
            problems.push(SettingsProblem::new(
                "cache_mebibytes",
                format!("{} MiB is outside {LEAST_CACHE} to {MOST_CACHE}", self.cache_mebibytes),
                format!("{} is enough for tables of some 10 million rows", default_cache()),
            ));
        }
        if self.busy_timeout_seconds > LONGEST_WAIT {
            problems.push(SettingsProblem::new(
                "busy_timeout_seconds",
                format!("{} seconds is longer than {LONGEST_WAIT}", self.busy_timeout_seconds),
                "a writer that takes an hour is stuck: wait for less",
            ));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_parses_and_has_no_problems() {
        let mut sample: toml::Table = toml::from_str(SqliteSettings::SAMPLE).unwrap();
        let mut table = sample.remove("warehouse").unwrap().as_table().unwrap().clone();
        assert!(sample.is_empty());
        assert_eq!(table.remove("kind").unwrap().as_str(), Some(SqliteSettings::KIND));
        let settings: SqliteSettings = table.try_into().unwrap();
        assert_eq!(settings.problems(), []);
        assert_eq!(
            settings,
            SqliteSettings { path: "campaignd.db".into(), cache_mebibytes: 64, busy_timeout_seconds: 30 }
        );
    }

    #[test]
    fn the_sample_shows_every_default_as_it_is() {
        let uncommented: String = SqliteSettings::SAMPLE
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(setting) if setting.contains(" = ") => format!("{setting}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let mut table = toml::from_str::<toml::Table>(&uncommented).unwrap()["warehouse"].as_table().unwrap().clone();
        table.remove("kind");
        assert_eq!(table.len(), 3, "a setting is missing in the sample");
        let shown: SqliteSettings = table.try_into().unwrap();
        let default: SqliteSettings = toml::from_str("path = 'campaignd.db'").unwrap();
        assert_eq!(shown, default);
    }

    #[test]
    fn each_mistake_is_named() {
        let problems = |text: &str| {
            let settings: SqliteSettings = toml::from_str(text).unwrap();
            settings.problems().into_iter().map(|p| format!("{}: {}", p.path.join("."), p.message)).collect::<Vec<_>>()
        };
        assert_eq!(problems("path = ''"), ["path: the path is empty"]);
        assert_eq!(problems("path = ':memory:'"), ["path: `:memory:` is not the path of a file"]);
        assert_eq!(problems("path = 'file:x.db'"), ["path: `file:x.db` is not the path of a file"]);
        assert_eq!(problems("path = 'data/'"), ["path: `data/` names a folder"]);
        assert_eq!(problems("path = '..'"), ["path: `..` names a folder"]);
        assert_eq!(
            problems("path = 'x'\ncache_mebibytes = 1\nbusy_timeout_seconds = 3601"),
            [
                "cache_mebibytes: 1 MiB is outside 2 to 1048576",
                "busy_timeout_seconds: 3601 seconds is longer than 3600"
            ]
        );
        assert!(toml::from_str::<SqliteSettings>("path = 'x'\ncache = 1").is_err());
    }
}
