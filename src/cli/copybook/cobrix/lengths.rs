//! How long records without marks are: as their tables or an expression over their fields say.

use std::sync::Arc;

use campaignd_copybook::decode::{Decoder, Length, Value};
use campaignd_copybook::framing::{LengthAnswer, LengthOf};
use campaignd_copybook::layout::{ItemId, Layout};

use super::expression::{Expression, Scalar};
use super::options::{Preset, Tables};
use super::shape::ByName;
use super::text::Characters;

/// Tells the lengths of records, where no mark and no fixed length does.
pub fn of(layout: &Arc<Layout>, preset: &Preset, decoder: Decoder) -> Result<Option<LengthOf>, String> {
    if let Some(text) = &preset.record_length_field {
        let wrong = |wrong: String| format!("option `record_length_field`: {wrong}");
        return by_expression(text, layout, preset, decoder).map(Some).map_err(wrong);
    }
    let by_tables = preset.tables == Tables::ShiftRecord && preset.record_format == super::options::RecordFormat::Fixed;
    Ok(by_tables.then(|| by_tables_of(layout, preset, decoder)))
}

fn bytes(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// As many bytes as the tables of a record take.
fn by_tables_of(layout: &Arc<Layout>, preset: &Preset, mut decoder: Decoder) -> LengthOf {
    let root = layout.records.first().copied().unwrap_or_default();
    let (before, behind) = (bytes(preset.record_start_offset), bytes(preset.record_end_offset));
    Box::new(move |known: &[u8]| {
        let Some(record) = known.get(before..) else { return LengthAnswer::Needs(before.saturating_add(1)) };
        match decoder.length(root, record, &mut |_| true) {
            Length::Is(length) => LengthAnswer::Is(length.saturating_add(before).saturating_add(behind)),
            Length::Needs(more) => LengthAnswer::Needs(more.saturating_add(before)),
            Length::Unknown(fault) => LengthAnswer::Wrong(fault.reason.to_string()),
        }
    })
}

/// As many bytes as a field says, an expression over several, or a map of a field's values.
fn by_expression(text: &str, layout: &Arc<Layout>, preset: &Preset, decoder: Decoder) -> Result<LengthOf, String> {
    let by_name = ByName::new(layout);
    // A name with hyphens is a field before it is a subtraction.
    let alone = by_name.field(layout, text.trim(), preset).ok();
    let expression = match alone {
        Some(_) => Expression::Field(text.trim().to_owned()),
        None => Expression::parse(&hyphens_written(text, layout))?,
    };
    let mut fields: Vec<(String, ItemId)> = Vec::new();
    for name in expression.fields() {
        fields.push((name.to_owned(), by_name.field(layout, name, preset)?));
    }
    let characters = Characters::of_file(preset)?;
    let ends = fields.iter().map(|(_, id)| layout.items[*id].offset.saturating_add(layout.items[*id].length));
    let needed = bytes(ends.max().unwrap_or(0));
    let (before, behind) = (bytes(preset.record_start_offset), bytes(preset.record_end_offset));
    let (preset, layout) = (preset.clone(), Arc::clone(layout));
    let adjustment = if alone.is_some() { i128::from(preset.rdw.adjustment) } else { 0 };
    Ok(Box::new(move |known: &[u8]| {
        let Some(record) = known.get(before..).filter(|record| record.len() >= needed) else {
            return LengthAnswer::Needs(before.saturating_add(needed).max(known.len().saturating_add(1)));
        };
        let value = |name: &str| {
            let id = fields.iter().find(|(known, _)| known == name).map(|(_, id)| *id);
            id.map_or(Scalar::Null, |id| field_value(id, record, &decoder, &layout, characters, &preset))
        };
        let length = expression.value(&value).and_then(|value| mapped(&value, &preset));
        match length.map(|length| usize::try_from(length.saturating_add(adjustment))) {
            Ok(Ok(length)) => LengthAnswer::Is(length.max(needed).saturating_add(before).saturating_add(behind)),
            Ok(Err(_)) => LengthAnswer::Wrong("its length is below zero".into()),
            Err(wrong) => LengthAnswer::Wrong(format!("`record_length_field`: {wrong}")),
        }
    }))
}

/// The length that a value means.
fn mapped(value: &Scalar, preset: &Preset) -> Result<i128, String> {
    if preset.record_length_map.is_empty() {
        return value.number().ok_or_else(|| "the record's length is no number".to_owned());
    }
    let word = match value {
        Scalar::Text(text) => text.trim().to_owned(),
        Scalar::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let found = preset.record_length_map.get(&word).or_else(|| preset.record_length_map.get("_"));
    found.map(|length| i128::from(*length)).ok_or_else(|| format!("`record_length_map` has no `{word}`"))
}

/// A field's value, as rows have it.
pub fn field_value(
    id: ItemId,
    record: &[u8],
    decoder: &Decoder,
    layout: &Layout,
    characters: Characters,
    preset: &Preset,
) -> Scalar {
    let item = &layout.items[id];
    if item.field.is_some_and(|field| field.scale().is_none()) {
        let rest = record.get(bytes(item.offset)..).unwrap_or_default();
        let raw = rest.get(..bytes(item.length)).unwrap_or(rest);
        return characters.text(raw, preset).map_or(Scalar::Null, Scalar::Text);
    }
    let number = |value: Value<'_>| match value {
        Value::Number(number) if number.scale <= 0 => number.to_string().parse().map_or(Scalar::Null, Scalar::Number),
        Value::Number(number) => Scalar::Text(number.to_string()),
        _ => Scalar::Null,
    };
    decoder.field_at_its_place(id, record, number).unwrap_or(Scalar::Null)
}

/// The text with `_` for `-` in the names of the copybook's fields.
fn hyphens_written(text: &str, layout: &Layout) -> String {
    let mut names: Vec<&str> =
        layout.items.iter().map(|item| item.name.as_str()).filter(|name| name.contains('-')).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.iter().fold(text.to_owned(), |text, name| text.replace(name, &name.replace('-', "_")))
}
