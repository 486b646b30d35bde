//! Tables as data: one declaration drives DDL, checks, documentation and the settings' schema.

/// What a column holds. Each engine decides how it stores it; the public names and values are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// Text of at most so many characters.
    Text(u16),
    /// One of these words, as text.
    Choice(&'static [&'static str]),
    /// A whole number of 64 bits.
    Integer,
    /// `decimal(19,6)`: money, rates and ratios. Engines without exact decimals keep whole millionths.
    Decimal,
    /// A calendar date.
    Date,
    /// An instant, in UTC, to the microsecond.
    Timestamp,
    /// Yes or no.
    Boolean,
    /// Bytes.
    Bytes,
    /// A number the warehouse assigns, rising with each row: the table's surrogate key.
    Identity,
}

/// Which of the four groups a table belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// What exists: campaigns, parts, codes.
    Reference,
    /// What happened.
    Facts,
    /// What was worked out from both.
    Results,
    /// How it got here.
    Operations,
}

impl Group {
    /// The word used for it in listings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Facts => "facts",
            Self::Results => "results",
            Self::Operations => "operations",
        }
    }
}

/// Where a term comes from: the system, standard or model whose word it is.
pub type Term = &'static str;

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name, the same on every engine.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnType,
    /// Whether it may not be NULL.
    pub required: bool,
    /// The value where none is given, as text that the type accepts.
    pub default: Option<&'static str>,
    /// What it means, in a sentence.
    pub meaning: &'static str,
    /// Its unit: `seconds`, `currency_code`, `share` …; empty where there is none.
    pub unit: &'static str,
    /// Source of the term.
    pub term: Term,
    /// Whether it says where the row came from rather than what it says: left out when two versions of a row are
    /// compared.
    pub lineage: bool,
}

impl Column {
    /// A column that may be NULL, without default, unit or term of its own.
    pub const fn new(name: &'static str, kind: ColumnType, meaning: &'static str) -> Self {
        Self { name, kind, required: false, default: None, meaning, unit: "", term: "", lineage: false }
    }

    /// The same, but never NULL.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// The same, with a value where none is given: text that the type accepts, `false` or `true` for a boolean.
    #[must_use]
    pub const fn default(self, value: &'static str) -> Self {
        Self { default: Some(value), ..self }
    }

    /// The same, with its unit.
    #[must_use]
    pub const fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    /// The same, with the source of its name.
    #[must_use]
    pub const fn term(self, term: Term) -> Self {
        Self { term, ..self }
    }

    /// The same, marked as saying where the row came from.
    #[must_use]
    pub const fn lineage(self) -> Self {
        Self { lineage: true, ..self }
    }
}

/// A value that a pipeline may give instead of a column, and that never reaches the warehouse as it is.
#[derive(Debug, Clone, Copy)]
pub struct Input {
    /// Its name in `[output.fields]`.
    pub name: &'static str,
    /// How it is normalised before it is hashed.
    pub kind: InputKind,
    /// The column that receives the keyed pseudonym.
    pub column: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// Kinds of identifying values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputKind {
    /// A telephone number, normalised to E.164.
    Phone,
    /// An e-mail address.
    Email,
    /// A customer or account number, trimmed.
    Identifier,
}

/// An index besides the key.
#[derive(Debug, Clone, Copy)]
pub struct Index {
    /// Its name, unique in the warehouse.
    pub name: &'static str,
    /// Its columns, in order.
    pub columns: &'static [&'static str],
    /// Whether no two rows may agree in them.
    pub unique: bool,
}

/// A table.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Its name, the same on every engine.
    pub name: &'static str,
    /// Its group.
    pub group: Group,
    /// What a row is, in a sentence.
    pub meaning: &'static str,
    /// Source of the term.
    pub term: Term,
    /// The columns that identify a row: what "the same record again" means.
    pub key: &'static [&'static str],
    /// All columns, in order.
    pub columns: &'static [Column],
    /// What a pipeline may give besides.
    pub inputs: &'static [Input],
    /// Indexes besides the key.
    pub indexes: &'static [Index],
}

impl Table {
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The surrogate key, where the table has one.
    pub fn identity(&self) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.kind == ColumnType::Identity)
    }

    /// Whether any column is a decimal.
    pub fn has_decimals(&self) -> bool {
        self.columns.iter().any(|column| column.kind == ColumnType::Decimal)
    }
}
