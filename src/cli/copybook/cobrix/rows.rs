//! A file's records as rows: one after the other, or those of a hierarchy together.

use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use campaignd_contract::{Error, FileBytes};
use campaignd_copybook::decode::{Decoder, Fault};
use campaignd_copybook::layout::ItemId;
use campaignd_formats::CopybookFile;

use super::expression::Scalar;
use super::plan::Plan;
use super::row::{Json, Row, hex};
use super::segments::Segments;
use super::{asked, lengths};
use crate::cli::exit::{Exit, Failure};
use crate::cli::print;

/// Why it goes no further.
pub enum Stop {
    /// Rows can't be written.
    Output(io::Error),
    /// Anything else.
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
pub struct Printer<'p> {
    plan: &'p Plan,
    out: BufWriter<io::StdoutLock<'static>>,
    line: String,
    take: u64,
    rows: u64,
    /// The first fields without a value.
    faults: Vec<(u64, Fault)>,
    without_value: u64,
    /// Records that aren't wanted, or come before the first root.
    passed_over: u64,
    /// What was wrong with a rule, the first time one couldn't be asked.
    wrong_rule: Option<String>,
}

/// Fields without a value that are told one by one.
const TOLD: usize = 5;

/// Bytes of a root and the records under it, which are kept until the next root.
const MOST_WAITING: usize = 256 << 20;

impl<'p> Printer<'p> {
    /// Prints at most so many rows.
    pub fn new(plan: &'p Plan, take: u64) -> Self {
        Self {
            plan,
            out: BufWriter::with_capacity(1 << 20, io::stdout().lock()),
            line: String::new(),
            take,
            rows: 0,
            faults: Vec::new(),
            without_value: 0,
            passed_over: 0,
            wrong_rule: None,
        }
    }

    /// Prints the rows of a file, the one of that number.
    pub fn file(&mut self, file: &CopybookFile, path: &Path, number: usize) -> Result<(), Stop> {
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
        // Bytes that wait, and records so far.
        let mut kept = 0_usize;
        let mut count = 0_u64;
        while self.rows < self.take {
            let Some(found) = records.next().map_err(input)? else { break };
            let whole = found.bytes;
            if !(plan.preset.minimum_record_length..=plan.preset.maximum_record_length).contains(&whole.len()) {
                self.passed_over += 1;
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
                    let generated = plan.generated(number, id, std::mem::take(&mut kept), &[], path);
                    self.hierarchy(&std::mem::take(&mut waiting), generated, &mut decoder)?;
                }
                if kept.saturating_add(record.len()) > MOST_WAITING {
                    let wrong = format!("the records under one root have more than {MOST_WAITING} bytes");
                    return Err(input(Error::permanent("put together", &shown, wrong)));
                }
                if is_root || !waiting.is_empty() {
                    kept += record.len();
                    waiting.push(Waiting { segment, bytes: record.to_vec() });
                } else {
                    self.passed_over += 1;
                }
                continue;
            }
            let given = match &mut ids {
                Some(ids) => ids.next(&segment, id),
                None => Some(Vec::new()),
            };
            let is_wanted = plan.segments.as_ref().is_none_or(|segments| segments.wants(&segment));
            let Some(given) = given.filter(|_| is_wanted) else {
                self.passed_over += 1;
                continue;
            };
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
            let generated = plan.generated(number, count, kept, &[], path);
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
            Scalar::Text(text) => text.trim().to_owned(),
            Scalar::Number(number) => number.to_string(),
            _ => String::new(),
        }
    }

    /// A record as an object of all its records, and what could not be read in it.
    fn object(&mut self, record: &[u8], segment: &str, decoder: &mut Decoder) -> (Json, Vec<Fault>) {
        let plan = self.plan;
        let mut active = vec![true; plan.layout.items.len()];
        if let Some(segments) = &plan.segments {
            segments.activate(segment, &mut active);
        }
        let mut row = Row::new(plan, record, &active);
        decoder.decode(plan.shape.root, record, &mut row);
        if self.wrong_rule.is_none() {
            self.wrong_rule = row.wrong_rule;
        }
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

    /// Says what there is to say at the end.
    pub fn end(mut self) -> Result<Exit, Failure> {
        match self.out.flush() {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            flushed => flushed?,
        }
        if let Some(wrong) = &self.wrong_rule {
            print::error(&format!(
                "a `redefine_rule` can't be asked of some records, and doesn't hold for them: {wrong}\n"
            ));
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
                hex(fault.raw.get(..40).unwrap_or(&fault.raw))
            ));
        }
        let more = self.without_value.saturating_sub(u64::try_from(self.faults.len()).unwrap_or(0));
        if more > 0 {
            print::error(&format!("and {more} more\n"));
        }
        let passed_over = match self.passed_over {
            0 => String::new(),
            passed_over => format!(", {passed_over} records passed over"),
        };
        print::error(&format!("{} rows, {} fields without a value{passed_over}\n", self.rows, self.without_value));
        Ok(Exit::Done)
    }
}
