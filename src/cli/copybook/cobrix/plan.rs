//! All that is known before the first record is read: what the options mean for this copybook.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use campaignd_copybook::decode::{Decoder, Fault};
use campaignd_copybook::layout::{Field, ItemId, Layout};
use campaignd_formats::CopybookFile;

use super::expression::Expression;
use super::options::Preset;
use super::row::Json;
use super::segments::Segments;
use super::shape::{self, ByName, Shape};
use super::text::Characters;

/// All that is known before the first record is read.
pub struct Plan {
    pub preset: Preset,
    pub layout: Arc<Layout>,
    pub shape: Shape,
    pub segments: Option<Segments>,
    /// Conditions on items.
    pub rules: HashMap<ItemId, Expression>,
    /// Fields they are about.
    pub rule_fields: Vec<ItemId>,
    /// What each field's text is written in.
    pub characters: Vec<Characters>,
    pub file_characters: Characters,
}

impl Plan {
    /// What the options mean for a layout, or what they can't mean.
    pub fn new(layout: &Arc<Layout>, preset: Preset) -> Result<Self, String> {
        let by_name = ByName::new(layout);
        let shape = Shape::new(layout, &preset)?;
        let segments = Segments::new(layout, &preset, &shape, &by_name)?;
        let mut rules = HashMap::new();
        let mut rule_fields = Vec::new();
        for (name, text) in &preset.redefine_rules {
            let wrong = |wrong: String| format!("the rule for `{name}`: {wrong}");
            let rule = Expression::parse(text).map_err(wrong)?;
            let items = by_name.all(layout, name);
            let item = items.first().ok_or_else(|| wrong("it isn't in the copybook".into()))?;
            for field in rule.fields() {
                let fields = by_name.all(layout, field);
                let before = fields.iter().find(|field| **field < *item && layout.items[**field].field.is_some());
                rule_fields.push(*before.ok_or_else(|| wrong(format!("there is no field `{field}` before it")))?);
            }
            rules.insert(*item, rule);
        }
        let file_characters = Characters::of_file(&preset)?;
        let utf16 = Characters::Utf16 { little_endian: preset.utf16_little_endian };
        let is_national = |id: usize| layout.items[id].field == Some(Field::National);
        let mut characters: Vec<Characters> =
            (0..layout.items.len()).map(|id| if is_national(id) { utf16 } else { file_characters }).collect();
        for (page, fields) in &preset.field_code_pages {
            let page = Characters::named(page)?;
            for field in fields {
                let found = by_name.all(layout, field);
                if found.is_empty() {
                    return Err(format!("option `field_code_page`: there is no field `{field}` in the copybook"));
                }
                for id in found {
                    characters[id] = page;
                }
            }
        }
        Ok(Self {
            preset,
            layout: Arc::clone(layout),
            shape,
            segments,
            rules,
            rule_fields,
            characters,
            file_characters,
        })
    }

    /// A decoder that knows which words count entries of tables.
    pub fn decoder(&self, file: &CopybookFile) -> Result<Decoder, String> {
        let mut decoder = file.decoder();
        let by_name = ByName::new(&self.layout);
        for (table, words) in &self.preset.occurs_mappings {
            let tables = by_name.all(&self.layout, table);
            if tables.is_empty() {
                return Err(format!("option `occurs_mappings`: there is no `{table}` in the copybook"));
            }
            for table in tables {
                decoder.count_by_words(table, words.clone());
            }
        }
        Ok(decoder)
    }

    /// The record with zeros where header and trailer stand in the layout, if they do.
    pub fn padded(&self, record: &[u8]) -> Option<Vec<u8>> {
        let mut excluded: Vec<ItemId> = self.shape.excluded.clone();
        excluded.sort_unstable();
        excluded.dedup();
        if excluded.is_empty() {
            return None;
        }
        let mut padded = record.to_vec();
        for id in excluded {
            let item = &self.layout.items[id];
            let at = usize::try_from(item.offset).unwrap_or(usize::MAX).min(padded.len());
            let length = usize::try_from(item.total_length()).unwrap_or(0);
            padded.splice(at..at, std::iter::repeat_n(0, length));
        }
        Some(padded)
    }

    /// What comes before the fields of a record.
    pub fn generated(&self, file: usize, record: u64, length: usize, bytes: &[u8], path: &Path) -> Vec<(String, Json)> {
        let preset = &self.preset;
        let number = |name: &str, number: String| (name.to_owned(), Json::Number(number));
        let mut row = Vec::new();
        if preset.generate_record_id {
            row.push(number("File_Id", file.to_string()));
            row.push(number("Record_Id", record.to_string()));
            row.push(number("Record_Byte_Length", length.to_string()));
        }
        if preset.generate_record_bytes {
            row.push(("Record_Bytes".to_owned(), preset.bytes(bytes)));
        }
        if let Some(column) = &preset.file_name_column {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
            row.push((column.clone(), Json::Text(format!("file://{}", path.display()))));
        }
        row
    }

    /// The fields of a row: of each record, or each record as it is.
    pub fn collapsed(&self, object: Json) -> Vec<(String, Json)> {
        let records = object.members();
        if self.shape.collapsed {
            records.into_iter().flat_map(|(_, record)| record.members()).collect()
        } else {
            records
        }
    }

    /// The fields that could not be read, with their bytes.
    pub fn corrupt(&self, faults: &[Fault]) -> Option<(String, Json)> {
        let entry = |fault: &Fault| {
            let name = shape::written(&self.layout.items[fault.item].name);
            Json::Object(vec![
                ("field_name".to_owned(), Json::Text(name)),
                ("raw_value".to_owned(), self.preset.bytes(&fault.raw)),
            ])
        };
        let all = || Json::Array(faults.iter().map(entry).collect());
        self.preset.generate_corrupt_fields.then(|| ("_corrupt_fields".to_owned(), all()))
    }

    /// The object of a group inside the object of a record.
    pub fn inside<'j>(&self, object: &'j mut Json, group: ItemId) -> Option<&'j mut Json> {
        let mut path: Vec<&str> = std::iter::successors(Some(group), |id| self.layout.items[*id].parent)
            .filter(|id| *id != self.shape.root)
            .filter_map(|id| self.shape.names[id].as_deref())
            .collect();
        path.reverse();
        path.into_iter().try_fold(object, |object, name| match object {
            Json::Object(members) => members.iter_mut().find(|(known, _)| known == name).map(|(_, value)| value),
            _ => None,
        })
    }
}
