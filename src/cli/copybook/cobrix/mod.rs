//! `campaignd copybook decode --preset cobrix`: the rows that Cobrix, the data source of Spark, reads in a file.
//!
//! Whoever changes from Cobrix wants to see that nothing changes. So its options are taken by its own names, and what it
//! reads as null is null here; what is told besides is how many fields had no value, which it doesn't tell.
//!
//! The options become the settings of a copybook format, as a pipeline has them, and the shape of rows:
//! `options` → `settings` → the format's records → `segments` → `row`.

mod expression;
mod lengths;
mod options;
mod row;
mod segments;
mod settings;
mod shape;
mod text;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use campaignd_contract::{Error, FileBytes};
use campaignd_copybook::decode::{Decoder, Fault};
use campaignd_copybook::layout::{Field, ItemId, Layout};
use campaignd_formats::{CopybookFile, CopybookFormat, CopybookSettings};
use serde_json::Value;

use self::expression::Expression;
use self::options::Preset;
use self::row::{Json, Row};
use self::segments::Segments;
use self::shape::{ByName, Shape};
use self::text::Characters;
use crate::cli::exit::{Exit, Failure};
use crate::cli::print;

/// All that is known before the first record is read.
pub struct Plan {
    preset: Preset,
    layout: Arc<Layout>,
    shape: Shape,
    segments: Option<Segments>,
    /// Conditions on items.
    rules: HashMap<ItemId, Expression>,
    /// Fields they are about.
    rule_fields: Vec<ItemId>,
    /// What each field's text is written in.
    characters: Vec<Characters>,
    file_characters: Characters,
}

/// What is wanted.
pub struct Wanted<'w> {
    /// The file, or a folder of them.
    pub file: &'w Path,
    /// Which copybook describes it, how it is compressed; nothing else.
    pub settings: CopybookSettings,
    /// The folder relative paths start at.
    pub base: &'w Path,
    /// The peer's options.
    pub options: &'w [(String, String)],
    /// Rows at most.
    pub take: Option<u64>,
}

/// The options in a JSON file: an object of them, or one that has such an object called `options`.
pub fn options_in_json(file: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let shown = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|e| Failure::Input(Error::io("read", &shown, &e)))?;
    let wrong = |wrong: String| Failure::Asked(Error::permanent("understand the options in", &shown, wrong));
    let mut whole: Value = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let options = if whole.get("options").is_some() { whole["options"].take() } else { whole };
    let Value::Object(options) = options else { return Err(wrong("they are no object".into())) };
    let text = |(name, value): (String, Value)| match value {
        Value::String(text) => Ok((name, text)),
        Value::Bool(_) | Value::Number(_) => Ok((name, value.to_string())),
        _ => Err(wrong(format!("`{name}` is neither text nor a number, nor true or false"))),
    };
    options.into_iter().map(text).collect()
}

fn asked(wrong: impl Into<String>) -> Failure {
    Failure::Asked(Error::permanent("use", "the preset cobrix", wrong.into()))
}

/// Prints the rows.
pub fn run(wanted: Wanted<'_>) -> Result<Exit, Failure> {
    let options = wanted.options.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let preset = Preset::new(options).map_err(asked)?;
    let file = opened(&preset, wanted.settings.clone(), wanted.base)?;
    let plan = Plan::new(file.layout(), preset).map_err(asked)?;
    // The length of a record is known only once the copybook is.
    let settings = plan.preset.settings(wanted.settings, Some(&plan)).map_err(asked)?;
    let file = CopybookFormat::new(settings, wanted.base)
        .and_then(|format| format.with_copybook(&plan.preset.dialect()))
        .map_err(Failure::Asked)?;
    let mut printer = Printer {
        plan: &plan,
        out: BufWriter::with_capacity(1 << 20, io::stdout().lock()),
        line: String::new(),
        take: wanted.take.unwrap_or(u64::MAX),
        rows: 0,
        faults: Vec::new(),
        without_value: 0,
    };
    for (number, path) in files(wanted.file).map_err(Failure::Input)?.iter().enumerate() {
        match printer.file(&file, path, number) {
            Ok(()) => {}
            // A reader that closed the pipe has seen enough.
            Err(Stop::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Exit::Done),
            Err(Stop::Output(error)) => return Err(Failure::Output(error)),
            Err(Stop::Failed(failure)) => return Err(failure),
        }
    }
    printer.end()
}

fn opened(preset: &Preset, settings: CopybookSettings, base: &Path) -> Result<CopybookFile, Failure> {
    let settings = preset.settings(settings, None).map_err(asked)?;
    let format = CopybookFormat::new(settings, base).map_err(Failure::Asked)?;
    format.with_copybook(&preset.dialect()).map_err(Failure::Input)
}

/// The file, or those of a folder and the folders in it, by name; hidden ones left out, as Spark leaves them out.
fn files(path: &Path) -> Result<Vec<PathBuf>, Error> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let failed = |e: &io::Error| Error::io("list", path.display().to_string(), e);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).map_err(|e| failed(&e))? {
        let entry = entry.map_err(|e| failed(&e))?;
        if !entry.file_name().to_string_lossy().starts_with(['.', '_']) {
            found.push(entry.path());
        }
    }
    found.sort();
    let mut all = Vec::new();
    for path in found {
        // A link that leads back into the folder would never end.
        if path.is_dir() && path.is_symlink() {
            continue;
        }
        all.extend(if path.is_dir() { files(&path)? } else { vec![path] });
    }
    Ok(all)
}

impl Plan {
    fn new(layout: &Arc<Layout>, preset: Preset) -> Result<Self, String> {
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
    fn decoder(&self, file: &CopybookFile) -> Result<Decoder, String> {
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
    fn padded(&self, record: &[u8]) -> Option<Vec<u8>> {
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
}

enum Stop {
    Output(io::Error),
    Failed(Failure),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// A record that waits for its children.
struct Waiting {
    segment: String,
    bytes: Vec<u8>,
}

/// Prints one row after the other.
struct Printer<'p> {
    plan: &'p Plan,
    out: BufWriter<io::StdoutLock<'static>>,
    line: String,
    take: u64,
    rows: u64,
    /// The first fields without a value.
    faults: Vec<(u64, Fault)>,
    without_value: u64,
}

/// Fields without a value that are told one by one.
const TOLD: usize = 5;

impl Printer<'_> {
    fn file(&mut self, file: &CopybookFile, path: &Path, number: usize) -> Result<(), Stop> {
        let plan = self.plan;
        let shown = path.display().to_string();
        let input = |error: Error| Stop::Failed(Failure::Input(error));
        let bytes = FileBytes::new(path, &shown).map_err(input)?;
        let mut decoder = plan.decoder(file).map_err(|wrong| Stop::Failed(asked(wrong)))?;
        let decoder_of_lengths = plan.decoder(file).map_err(|wrong| Stop::Failed(asked(wrong)))?;
        let lengths =
            lengths::of(&plan.layout, &plan.preset, decoder_of_lengths).map_err(|wrong| Stop::Failed(asked(wrong)))?;
        let mut records = file.records(&bytes, lengths).map_err(input)?;
        let mut ids = plan.segments.as_ref().map(|segments| segments.ids(number));
        let mut waiting: Vec<Waiting> = Vec::new();
        let mut count = 0_u64;
        while self.rows < self.take {
            let Some(found) = records.next().map_err(input)? else { break };
            let whole = found.bytes;
            if !(plan.preset.minimum_record_length..=plan.preset.maximum_record_length).contains(&whole.len()) {
                continue;
            }
            let start = usize::try_from(plan.preset.record_start_offset).unwrap_or(usize::MAX);
            let record = whole.get(start..).unwrap_or_default();
            let padded = plan.padded(record);
            let record = padded.as_deref().unwrap_or(record);
            let id = count;
            count += 1;
            let segment = self.segment(record, &decoder);
            let hierarchical = plan.segments.as_ref().is_some_and(Segments::is_hierarchical);
            if hierarchical {
                let is_root = plan.segments.as_ref().is_some_and(|segments| segments.is_root(&segment));
                if is_root && !waiting.is_empty() {
                    let generated =
                        plan.generated(number, id, waiting.iter().map(|one| one.bytes.len()).sum(), &[], path);
                    self.hierarchy(&std::mem::take(&mut waiting), generated, &mut decoder)?;
                }
                if is_root || !waiting.is_empty() {
                    waiting.push(Waiting { segment, bytes: record.to_vec() });
                }
                continue;
            }
            let given = match &mut ids {
                Some(ids) => ids.next(&segment, id),
                None => Some(Vec::new()),
            };
            let Some(given) = given else { continue };
            if plan.segments.as_ref().is_some_and(|segments| !segments.wants(&segment)) {
                continue;
            }
            let mut row = plan.generated(number, id, whole.len(), whole, path);
            row.extend(
                given
                    .into_iter()
                    .enumerate()
                    .map(|(level, id)| (format!("Seg_Id{level}"), id.map_or(Json::Null, Json::Text))),
            );
            let (object, faults) = self.object(record, &segment, &mut decoder);
            row.extend(plan.collapsed(object));
            row.extend(plan.corrupt(&faults));
            self.note(id, faults);
            self.print(row)?;
        }
        if !waiting.is_empty() && self.rows < self.take {
            let generated = plan.generated(number, count, waiting.iter().map(|one| one.bytes.len()).sum(), &[], path);
            self.hierarchy(&waiting, generated, &mut decoder)?;
        }
        Ok(())
    }

    /// The segment id of a record.
    fn segment(&self, record: &[u8], decoder: &Decoder) -> String {
        let Some(segments) = &self.plan.segments else { return String::new() };
        let characters = self.plan.characters[segments.field];
        let plan = self.plan;
        match lengths::field_value(segments.field, record, decoder, &plan.layout, characters, &plan.preset) {
            expression::Scalar::Text(text) => text.trim().to_owned(),
            expression::Scalar::Number(number) => number.to_string(),
            _ => String::new(),
        }
    }

    /// A record as an object of all its records, and what could not be read in it.
    fn object(&self, record: &[u8], segment: &str, decoder: &mut Decoder) -> (Json, Vec<Fault>) {
        let plan = self.plan;
        let mut active = vec![true; plan.layout.items.len()];
        if let Some(segments) = &plan.segments {
            segments.activate(segment, &mut active);
        }
        let mut row = Row::new(plan, record, &active);
        decoder.decode(plan.shape.root, record, &mut row);
        (row.whole, row.faults)
    }

    /// Prints a row of a root and the records under it.
    fn hierarchy(
        &mut self,
        records: &[Waiting],
        mut row: Vec<(String, Json)>,
        decoder: &mut Decoder,
    ) -> Result<(), Stop> {
        let Some(root) = records.first() else { return Ok(()) };
        let (mut object, faults) = self.object(&root.bytes, &root.segment, decoder);
        self.note(self.rows, faults);
        if let Some(segments) = &self.plan.segments
            && let Some(group) = segments.group(&root.segment)
        {
            let children = self.children(group, records, 1, &[root.segment.as_str()], decoder);
            if let Some(Json::Object(members)) = self.plan.inside(&mut object, group) {
                members.extend(children);
            }
        }
        row.extend(self.plan.collapsed(object));
        self.print(row)
    }

    /// The children of the record before `from`, whose group this is, as arrays by name.
    fn children(
        &mut self,
        group: ItemId,
        records: &[Waiting],
        from: usize,
        parents: &[&str],
        decoder: &mut Decoder,
    ) -> Vec<(String, Json)> {
        let plan = self.plan;
        let Some(segments) = &plan.segments else { return Vec::new() };
        let mut arrays = Vec::new();
        for child in segments.children(group) {
            let mut entries = Vec::new();
            for (index, record) in records.iter().enumerate().skip(from) {
                if segments.group(&record.segment) == Some(*child) {
                    let (mut object, faults) = self.object(&record.bytes, &record.segment, decoder);
                    self.note(self.rows, faults);
                    let mut entry = plan.inside(&mut object, *child).cloned().unwrap_or(Json::Null);
                    let parents: Vec<&str> = parents.iter().copied().chain([record.segment.as_str()]).collect();
                    // Groups that are their own ancestors would never end.
                    if parents.len() <= plan.preset.segment_groups.len() {
                        let inner = self.children(*child, records, index + 1, &parents, decoder);
                        if let Json::Object(members) = &mut entry {
                            members.extend(inner);
                        }
                    }
                    entries.push(entry);
                } else if parents.contains(&record.segment.as_str()) {
                    break;
                }
            }
            arrays.push((plan.shape.names[*child].clone().unwrap_or_default(), Json::Array(entries)));
        }
        arrays
    }

    fn note(&mut self, record: u64, faults: Vec<Fault>) {
        self.without_value += u64::try_from(faults.len()).unwrap_or(u64::MAX);
        let room = TOLD.saturating_sub(self.faults.len());
        self.faults.extend(faults.into_iter().take(room).map(|fault| (record, fault)));
    }

    fn print(&mut self, row: Vec<(String, Json)>) -> Result<(), Stop> {
        self.rows += 1;
        self.line.clear();
        Json::Object(row).write(&mut self.line);
        self.line.push('\n');
        Ok(self.out.write_all(self.line.as_bytes())?)
    }

    fn end(mut self) -> Result<Exit, Failure> {
        match self.out.flush() {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            flushed => flushed?,
        }
        for note in &self.plan.preset.notes {
            print::error(&format!("note: {note}\n"));
        }
        let layout = &self.plan.layout;
        for (record, fault) in &self.faults {
            print::error(&format!(
                "record {record}: {} is null: {} [{}]\n",
                layout.path(fault.item),
                fault.reason,
                row::hex(fault.raw.get(..40).unwrap_or(&fault.raw))
            ));
        }
        let more = self.without_value.saturating_sub(u64::try_from(self.faults.len()).unwrap_or(0));
        if more > 0 {
            print::error(&format!("and {more} more\n"));
        }
        print::error(&format!("{} rows, {} fields without a value\n", self.rows, self.without_value));
        Ok(Exit::Done)
    }
}

impl Plan {
    /// What comes before the fields of a record.
    fn generated(&self, file: usize, record: u64, length: usize, bytes: &[u8], path: &Path) -> Vec<(String, Json)> {
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
    fn collapsed(&self, object: Json) -> Vec<(String, Json)> {
        let records = object.members();
        if self.shape.collapsed {
            records.into_iter().flat_map(|(_, record)| record.members()).collect()
        } else {
            records
        }
    }

    /// The fields that could not be read, with their bytes.
    fn corrupt(&self, faults: &[Fault]) -> Option<(String, Json)> {
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
    fn inside<'j>(&self, object: &'j mut Json, group: ItemId) -> Option<&'j mut Json> {
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
