//! Short words for declaring columns, and the columns that many tables share.

use campaignd_contract::{Column, ColumnType, Index, Input, InputKind};

/// Length of an identifier that a source system gave.
const IDENTIFIER: u16 = 100;

pub(super) const fn text(name: &'static str, length: u16, meaning: &'static str) -> Column {
    Column::new(name, ColumnType::Text(length), meaning)
}

/// An identifier that a source system gave.
pub(super) const fn identifier(name: &'static str, meaning: &'static str) -> Column {
    text(name, IDENTIFIER, meaning)
}

pub(super) const fn choice(name: &'static str, words: &'static [&'static str], meaning: &'static str) -> Column {
    Column::new(name, ColumnType::Choice(words), meaning)
}

pub(super) const fn integer(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, ColumnType::Integer, meaning)
}

pub(super) const fn decimal(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, ColumnType::Decimal, meaning)
}

/// A decimal whose unit is the currency of the row.
pub(super) const fn money(name: &'static str, meaning: &'static str) -> Column {
    decimal(name, meaning).unit("currency_code")
}

pub(super) const fn date(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, ColumnType::Date, meaning)
}

pub(super) const fn timestamp(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, ColumnType::Timestamp, meaning).unit("UTC")
}

pub(super) const fn boolean(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, ColumnType::Boolean, meaning)
}

pub(super) const fn bytes(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, ColumnType::Bytes, meaning)
}

pub(super) const fn identity(name: &'static str, meaning: &'static str) -> Column {
    Column::new(name, ColumnType::Identity, meaning).required()
}

pub(super) const fn index(name: &'static str, columns: &'static [&'static str]) -> Index {
    Index { name, columns, unique: false }
}

/// An index no two rows of which agree.
pub(super) const fn unique_index(name: &'static str, columns: &'static [&'static str]) -> Index {
    Index { name, columns, unique: true }
}

/// Where a row came from: the batch that brought it.
pub(super) const BATCH_NO: Column = integer(
    "batch_no",
    "The batch that brought this version of the row: etl_batch.batch_no; 0 for rows shipped with campaignd",
)
.required()
.lineage();

/// Where a row came from: the byte.
pub(super) const SOURCE_OFFSET: Column =
    integer("source_offset", "Bytes from the start of the unit's (decompressed) content to the row")
        .unit("bytes")
        .lineage();

/// Where a row came from: the line.
pub(super) const SOURCE_LINE: Column =
    integer("source_line", "Line of the unit on which the row starts, the first being 1").unit("lines").lineage();

pub(super) const SOURCE_SYSTEM: Column =
    identifier("source_system", "The system the record came from: source_system.source_system").required();

pub(super) const SOURCE_KEY: Column =
    text("source_key", 200, "The record's own key in its source system; the same key again is the same record")
        .required();

pub(super) const CAMPAIGN_ID: Column =
    identifier("campaign_id", "The campaign: campaign.campaign_id").term("Salesforce Campaign.Id");

pub(super) const CAMPAIGN_PART_ID: Column = identifier(
    "campaign_part_id",
    "The campaign part, where the source names it: campaign_part.campaign_part_id; takes precedence over the code",
);

pub(super) const CODE_TYPE: Column = text(
    "code_type",
    32,
    "What kind of code ties the record to a campaign part: dnis, vdn, did, queue, promo_code, source_code, list_id, utm_campaign …",
);

pub(super) const CODE: Column =
    identifier("code", "The code itself, as the code map has it: the number dialled, the promotion code …");

pub(super) const CURRENCY_CODE: Column =
    text("currency_code", 3, "Currency of the amounts in this row").unit("ISO 4217").term("Salesforce CurrencyIsoCode");

pub(super) const PARTY_KEY: Column = text(
    "party_key",
    100,
    "The customer, as a keyed pseudonym (key id and HMAC-SHA-256); the same person has the same pseudonym in every table",
);

pub(super) const NAME: Column = text("name", 200, "Name, for people");

/// The identifying values that become [`PARTY_KEY`] and are then forgotten.
pub(super) const PARTY_INPUTS: &[Input] = &[
    Input {
        name: "party_phone",
        kind: InputKind::Phone,
        column: "party_key",
        meaning: "The customer's telephone number; stored only as the pseudonym party_key",
    },
    Input {
        name: "party_email",
        kind: InputKind::Email,
        column: "party_key",
        meaning: "The customer's e-mail address; stored only as the pseudonym party_key",
    },
    Input {
        name: "party_id",
        kind: InputKind::Identifier,
        column: "party_key",
        meaning: "The customer's number or account; stored only as the pseudonym party_key",
    },
];
