//! The one table of connectors: kind -> constructor. Adding one is a folder in `connectors/` and a row here.

use campaignd_contract::{BuildContext, ConnectorSettings, Error, Format, Result, SettingsProblem, Source, Warehouse};
use campaignd_file::{FileSettings, FileSource};
use campaignd_formats::{
    CopybookFormat, CopybookSettings, Csv, CsvSettings, FixedWidth, FixedWidthSettings, Json, JsonSettings,
};
use campaignd_sftp::{SftpSettings, SftpSource};
use campaignd_sqlite::{SqliteSettings, SqliteWarehouse};
use schemars::{Schema, schema_for};
use serde_json::{Map, Value};

/// A row of the table: everything the daemon knows of a connector.
pub struct Connector<Built: ?Sized + 'static> {
    /// The `kind` in TOML.
    pub kind: &'static str,
    /// Commented example.
    pub sample: &'static str,
    /// Schema of its settings.
    pub schema: fn() -> Schema,
    /// What is wrong with settings that fit the schema.
    pub problems: fn(&Map<String, Value>) -> Vec<SettingsProblem>,
    /// Makes it. Touches neither files nor the network.
    pub build: fn(&Map<String, Value>, &BuildContext) -> Result<Box<Built>>,
}

/// Ways in.
pub static SOURCES: &[Connector<dyn Source>] = &[
    Connector {
        kind: FileSettings::KIND,
        sample: FileSettings::SAMPLE,
        schema: || schema_for!(FileSettings),
        problems: problems::<FileSettings>,
        build: |settings, context| Ok(Box::new(FileSource::new(&parse(settings)?, context)?)),
    },
    Connector {
        kind: SftpSettings::KIND,
        sample: SftpSettings::SAMPLE,
        schema: || schema_for!(SftpSettings),
        problems: problems::<SftpSettings>,
        build: |settings, context| Ok(Box::new(SftpSource::new(&parse(settings)?, context)?)),
    },
];

/// How bytes become rows.
pub static FORMATS: &[Connector<dyn Format>] = &[
    Connector {
        kind: CsvSettings::KIND,
        sample: CsvSettings::SAMPLE,
        schema: || schema_for!(CsvSettings),
        problems: problems::<CsvSettings>,
        build: |settings, context| Ok(Box::new(Csv::new(parse(settings)?, &context.base_directory)?)),
    },
    Connector {
        kind: FixedWidthSettings::KIND,
        sample: FixedWidthSettings::SAMPLE,
        schema: || schema_for!(FixedWidthSettings),
        problems: problems::<FixedWidthSettings>,
        build: |settings, context| Ok(Box::new(FixedWidth::new(parse(settings)?, &context.base_directory)?)),
    },
    Connector {
        kind: JsonSettings::KIND,
        sample: JsonSettings::SAMPLE,
        schema: || schema_for!(JsonSettings),
        problems: problems::<JsonSettings>,
        build: |settings, context| Ok(Box::new(Json::new(parse(settings)?, &context.base_directory)?)),
    },
    Connector {
        kind: CopybookSettings::KIND,
        sample: CopybookSettings::SAMPLE,
        schema: || schema_for!(CopybookSettings),
        problems: problems::<CopybookSettings>,
        build: |settings, context| Ok(Box::new(CopybookFormat::new(parse(settings)?, &context.base_directory)?)),
    },
];

/// Where records go.
pub static WAREHOUSES: &[Connector<dyn Warehouse>] = &[Connector {
    kind: SqliteSettings::KIND,
    sample: SqliteSettings::SAMPLE,
    schema: || schema_for!(SqliteSettings),
    problems: problems::<SqliteSettings>,
    build: |settings, context| Ok(Box::new(SqliteWarehouse::new(&parse(settings)?, context))),
}];

/// The row of that kind.
pub fn find<Built: ?Sized>(table: &'static [Connector<Built>], kind: &str) -> Option<&'static Connector<Built>> {
    table.iter().find(|connector| connector.kind == kind)
}

/// Settings as the connector's type.
pub fn parse<S: ConnectorSettings>(settings: &Map<String, Value>) -> Result<S> {
    serde_json::from_value(Value::Object(settings.clone()))
        .map_err(|e| Error::permanent("read the settings of", S::KIND, e.to_string()).next("run `campaignd check`"))
}

/// What is wrong with settings that fit the schema.
pub fn problems<S: ConnectorSettings>(settings: &Map<String, Value>) -> Vec<SettingsProblem> {
    match parse::<S>(settings) {
        Ok(parsed) => parsed.problems(),
        Err(error) => vec![SettingsProblem::new("", error.wrong(), "")],
    }
}
