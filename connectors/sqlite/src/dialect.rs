//! SQLite's SQL.
//!
//! Text is TEXT, compared byte by byte. Whole numbers, decimals (in millionths) and booleans (0, 1) are INTEGER, bytes
//! BLOB. Dates and timestamps are TEXT: `YYYY-MM-DD` and `YYYY-MM-DD HH:MM:SS[.ffffff]`, which sorts as time does and
//! which SQLite's own date functions read.

use campaignd_contract::{Column, ColumnType, Dialect, Table};

/// SQLite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqliteDialect;

/// Text longer than this makes a row too long to be kept inside the key's tree.
const LONG_TEXT: u16 = 1000;

impl Dialect for SqliteDialect {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    /// # Panics
    ///
    /// Where the default of a column isn't a value of its type: a mistake in the declaration of the table.
    fn create_table(&self, table: &'static Table) -> Vec<String> {
        let stored = stored_name(table);
        let mut definitions: Vec<String> = table.columns.iter().map(|column| definition(table, column)).collect();
        let key = table.key.join(", ");
        let options = if table.identity().is_some() {
            definitions.push(format!("UNIQUE ({key})"));
            "STRICT"
        } else {
            definitions.push(format!("PRIMARY KEY ({key})"));
            if rows_are_short(table) { "STRICT, WITHOUT ROWID" } else { "STRICT" }
        };
        let mut statements = vec![format!("CREATE TABLE {stored} (\n  {}\n) {options}", definitions.join(",\n  "))];
        for index in table.indexes {
            let unique = if index.unique { "UNIQUE " } else { "" };
            let columns = index.columns.join(", ");
            statements.push(format!("CREATE {unique}INDEX {} ON {stored} ({columns})", index.name));
        }
        if table.has_decimals() {
            let columns: Vec<String> = table.columns.iter().map(shown).collect();
            statements.push(format!(
                "CREATE VIEW {} AS SELECT\n  {}\nFROM {stored}",
                table.name,
                columns.join(",\n  ")
            ));
        }
        statements
    }

    fn stored(&self, table: &'static Table) -> String {
        stored_name(table)
    }

    fn micros(&self, stored: &str) -> String {
        stored.to_owned()
    }

    fn decimal_of(&self, integer: &str) -> String {
        format!("micro_scale({integer}, 1000000)")
    }

    fn product(&self, a: &str, b: &str) -> String {
        format!("micro_product({a}, {b})")
    }

    fn quotient(&self, a: &str, b: &str) -> String {
        format!("micro_quotient({a}, {b})")
    }

    fn share(&self, decimal: &str, parts: &str, of: &str) -> String {
        format!("micro_share({decimal}, {parts}, {of})")
    }

    fn hash(&self, text: &str) -> String {
        format!("text_hash({text})")
    }

    fn month(&self, stored: &str) -> String {
        format!("substr({stored}, 1, 7)")
    }

    fn date(&self, stored: &str) -> String {
        format!("substr({stored}, 1, 10)")
    }

    fn now(&self) -> &'static str {
        // Milliseconds are what SQLite's clock has. A fraction of 0 isn't written, as everywhere else.
        "replace(strftime('%Y-%m-%d %H:%M:%f000', 'now'), '.000000', '')"
    }

    fn seconds_since(&self, stored: &str) -> String {
        format!("CAST(unixepoch('now', 'subsec') - unixepoch({stored}, 'subsec') AS INTEGER)")
    }
}

/// The relation that holds the rows of `table`.
pub(crate) fn stored_name(table: &Table) -> String {
    if table.has_decimals() { format!("{}_micro", table.name) } else { table.name.to_owned() }
}

fn definition(table: &Table, column: &Column) -> String {
    let name = column.name;
    if column.kind == ColumnType::Identity {
        return format!("{name} INTEGER PRIMARY KEY");
    }
    let mut definition = format!("{name} {}", storage(column.kind));
    if column.required || table.key.contains(&name) {
        definition.push_str(" NOT NULL");
    }
    if let Some(default) = column.default {
        let literal = literal(column.kind, default)
            .unwrap_or_else(|| panic!("{}.{name}: the default `{default}` is not {:?}", table.name, column.kind));
        definition.push_str(" DEFAULT ");
        definition.push_str(&literal);
    }
    definition.push_str(&check(column));
    definition
}

fn storage(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Text(_) | ColumnType::Choice(_) | ColumnType::Date | ColumnType::Timestamp => "TEXT",
        ColumnType::Integer | ColumnType::Decimal | ColumnType::Boolean | ColumnType::Identity => "INTEGER",
        ColumnType::Bytes => "BLOB",
    }
}

/// The words of a choice and the two values of a boolean are checked by the table, since other tools may write it
/// too: that costs an insert one twentieth. Not by `IN`: of more than two values SQLite makes a temporary tree, for each
/// row anew, which took an insert twice as long. Lengths of texts are left to the daemon, which checks every value before:
/// counting the characters of a dozen texts takes an insert a quarter longer.
fn check(column: &Column) -> String {
    let equals = |value: &str| format!("{} = {value}", column.name);
    match column.kind {
        ColumnType::Choice(words) => {
            let words: Vec<String> = words.iter().map(|word| equals(&quoted(word))).collect();
            format!(" CHECK ({})", words.join(" OR "))
        }
        ColumnType::Boolean => format!(" CHECK ({} IN (0, 1))", column.name),
        _ => String::new(),
    }
}

/// The text of a default as a literal of the column's type; `None` where it isn't one.
fn literal(kind: ColumnType, text: &str) -> Option<String> {
    match kind {
        ColumnType::Text(_) | ColumnType::Date | ColumnType::Timestamp => Some(quoted(text)),
        ColumnType::Choice(words) => words.contains(&text).then(|| quoted(text)),
        ColumnType::Integer => text.parse::<i64>().ok().map(|number| number.to_string()),
        ColumnType::Decimal => micros_of(text).map(|micros| micros.to_string()),
        ColumnType::Boolean => match text {
            "0" | "false" => Some("0".to_owned()),
            "1" | "true" => Some("1".to_owned()),
            _ => None,
        },
        ColumnType::Bytes | ColumnType::Identity => None,
    }
}

/// Decimal text, such as `-1.5`, as millionths.
fn micros_of(text: &str) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > 6 || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    format!("{sign}{whole}{fraction:0<6}").parse().ok()
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Whether rows are short enough for the key's own tree to hold them, which saves a second tree.
fn rows_are_short(table: &Table) -> bool {
    !table.columns.iter().any(|column| match column.kind {
        ColumnType::Text(length) => length > LONG_TEXT,
        ColumnType::Bytes => true,
        _ => false,
    })
}

/// A column as the view shows it.
fn shown(column: &Column) -> String {
    match column.kind {
        ColumnType::Decimal => format!("{0} / 1000000.0 AS {0}", column.name),
        _ => column.name.to_owned(),
    }
}
