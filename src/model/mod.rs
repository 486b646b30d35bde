//! The record kinds, each declared once: the declaration drives the tables, the checks, the documentation and the
//! settings' schema.
//!
//! Four groups: what exists (`reference`), what happened (`facts`), what was worked out (`results`) and how the
//! records got here (`operations`). A pipeline may write reference and facts.

mod column;
pub mod facts;
pub mod migration;
pub mod operations;
pub mod reference;
pub mod results;

use campaignd_contract::{Column, ColumnType, Group, Table};

/// All tables, in the order they are created and listed.
pub static TABLES: &[&Table] = &[
    &reference::SOURCE_SYSTEM,
    &reference::CHANNEL,
    &reference::CAMPAIGN,
    &reference::CAMPAIGN_PART,
    &reference::SEGMENT,
    &reference::OFFER,
    &reference::VENDOR,
    &reference::CODE_MAP,
    &reference::DISPOSITION_MAP,
    &reference::FX_RATE,
    &reference::ATTRIBUTION_MODEL,
    &facts::CAMPAIGN_MEMBER,
    &facts::CAMPAIGN_RESPONSE,
    &facts::CAMPAIGN_COST,
    &facts::CONVERSION,
    &facts::CONVERSION_ADJUSTMENT,
    &facts::AD_PERFORMANCE_DAILY,
    &results::RESPONSE_MATCH,
    &results::ATTRIBUTION_CREDIT,
    &results::COST_ALLOCATION,
    &results::CAMPAIGN_ROI,
    &results::CAMPAIGN_ROI_CHANGE,
    &results::ROI_PART,
    &results::ROI_CELL,
    &results::ROI_RESPONDER,
    &results::ROI_REPEAT,
    &results::CODE_SPAN,
    &results::CALENDAR,
    &results::ROI_WORK_TOUCHED,
    &results::ROI_WORK_CELL,
    &results::ROI_WORK_CODE,
    &results::ROI_WORK_PAIR,
    &results::ROI_WORK_REPEAT,
    &results::ROI_WORK_ROI,
    &operations::ETL_RUN,
    &operations::ETL_BATCH,
    &operations::ETL_CHECKPOINT,
    &operations::ETL_LEASE,
    &operations::ETL_FILE,
    &operations::ETL_INBOX,
    &operations::ETL_REJECT,
    &operations::ETL_CONTROL,
    &operations::ETL_DIRTY,
    &operations::ETL_OCCURRENCE,
    &operations::ETL_PIPELINE,
    &operations::ETL_EXPECTATION,
    &operations::ETL_MIGRATION,
];

/// The table of that name.
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().copied().find(|table| table.name == name)
}

/// Whether a pipeline may write to it: it is one of the record kinds.
pub fn is_record_kind(table: &Table) -> bool {
    matches!(table.group, Group::Reference | Group::Facts)
}

/// The tables that a pipeline may write to.
pub fn record_kinds() -> impl Iterator<Item = &'static Table> {
    TABLES.iter().copied().filter(|table| is_record_kind(table))
}

/// Whether a pipeline may give this column of a record kind.
pub fn may_be_given(column: &Column) -> bool {
    !column.lineage && column.kind != ColumnType::Identity
}

/// The columns of a record kind that have to be given: required, without a default, and not made from an input.
pub fn must_be_given(table: &Table) -> impl Iterator<Item = &Column> {
    table.columns.iter().filter(|column| {
        column.required
            && column.default.is_none()
            && may_be_given(column)
            && !table.inputs.iter().any(|input| input.column == column.name)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use campaignd_contract::ColumnType;

    use super::*;

    #[test]
    fn names_are_unique_and_fit_every_engine() {
        let mut tables = HashSet::new();
        let mut indexes = HashSet::new();
        for table in TABLES {
            assert!(tables.insert(table.name), "two tables {}", table.name);
            let mut columns = HashSet::new();
            for column in table.columns {
                assert!(columns.insert(column.name), "two columns {}.{}", table.name, column.name);
                assert!(column.name.len() <= 63, "{}.{} is too long for PostgreSQL", table.name, column.name);
            }
            for index in table.indexes {
                assert!(indexes.insert(index.name), "two indexes {}", index.name);
                assert!(index.columns.iter().all(|name| table.column(name).is_some()), "index {}", index.name);
            }
        }
    }

    #[test]
    fn everything_is_documented() {
        let sentence = |text: &str| {
            text.len() >= 3 && text.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit() || c.is_lowercase())
        };
        for table in TABLES {
            assert!(sentence(table.meaning) && !table.term.is_empty(), "{} is not documented", table.name);
            for column in table.columns {
                assert!(sentence(column.meaning), "{}.{} is not documented", table.name, column.name);
                assert!(!column.meaning.ends_with('.'), "{}.{} ends with a full stop", table.name, column.name);
            }
        }
    }

    #[test]
    fn keys_exist_and_are_never_null() {
        for table in TABLES {
            assert!(!table.key.is_empty(), "{} has no key", table.name);
            for name in table.key {
                let column = table.column(name).unwrap_or_else(|| panic!("{} has no key column {name}", table.name));
                assert!(column.required, "{}.{name} is a key and may be NULL", table.name);
            }
        }
    }

    #[test]
    fn a_default_is_a_value_of_its_column() {
        for column in TABLES.iter().flat_map(|table| table.columns) {
            let Some(value) = column.default else { continue };
            match column.kind {
                ColumnType::Choice(words) => assert!(words.contains(&value), "{}", column.name),
                ColumnType::Integer => assert!(value.parse::<i64>().is_ok(), "{}", column.name),
                ColumnType::Boolean => assert!(value == "true" || value == "false", "{}", column.name),
                kind => panic!("{} of {kind:?} has a default", column.name),
            }
        }
    }

    #[test]
    fn a_record_kind_says_where_its_rows_came_from() {
        for table in record_kinds() {
            for name in ["batch_no", "source_offset", "source_line"] {
                assert!(table.column(name).is_some_and(|column| column.lineage), "{}.{name}", table.name);
            }
            for input in table.inputs {
                assert!(table.column(input.column).is_some(), "{}.{}", table.name, input.name);
                assert!(table.column(input.name).is_none(), "{}.{} would be stored", table.name, input.name);
            }
        }
    }

    #[test]
    fn a_fact_has_a_number_a_key_and_an_index_on_its_batch() {
        for table in TABLES.iter().filter(|table| table.group == Group::Facts) {
            assert!(table.identity().is_some(), "{}", table.name);
            assert_eq!(table.key, ["source_system", "source_key"], "{}", table.name);
            assert!(table.indexes.iter().any(|index| index.columns == ["batch_no"]), "{}", table.name);
        }
    }
}
