//! Columns every source has besides its own.

use crate::settings;

/// Columns every source has besides its own, for keys of rows that have none: the content's SHA-256 in hex, the row's
/// ordinal from 0, and its line from 1. They are made only for pipelines that name them.
pub const ROW_COLUMNS: [&str; 3] = ["_file", "_row", "_line"];

/// Those of them that a pipeline's expressions name.
pub fn row_columns(pipeline: &settings::Pipeline) -> Vec<&'static str> {
    let names = |sql: &String, column: &str| sql.contains(column);
    ROW_COLUMNS
        .into_iter()
        .filter(|column| {
            pipeline
                .output
                .iter()
                .any(|output| output.fields.values().chain(output.when.as_ref()).any(|sql| names(sql, column)))
        })
        .collect()
}
