//! Records to columns.

use std::fmt::Write as _;
use std::sync::Arc;

use campaignd_contract::{ControlRecord, Error, Result};
use campaignd_copybook::decode::{DateValue, Decoder, Fault as FieldFault, Reason, Value, Visitor};
use campaignd_copybook::framing::{Framer, FramingError};
use campaignd_copybook::layout::ItemId;
use campaignd_copybook::routing::Chosen;
use jiff::Span;
use jiff::civil::Date;

use super::columns::Named;
use super::loaded::Loaded;
use super::records::{Found, Next, Records};
use super::settings::{BadValue, ExtraBytes};
use crate::columns::Columns;
use crate::reader::{Fault, Frame, Gap, RowFormat};
use crate::text::hex;
use crate::window::Window;

/// Bytes of a record that are shown.
const SHOWN: usize = 200;

/// The records of a file.
pub(super) struct CopybookRows {
    loaded: Arc<Loaded>,
    named: Named,
    decoder: Decoder,
    records: Records,
    extra_bytes: ExtraBytes,
    /// Whether no record was found yet: only the first can be a header.
    first: bool,
    header: Option<ControlRecord>,
    chosen: Chosen,
    texts: Texts,
}

/// The values of a record, one text a column.
#[derive(Debug, Default)]
struct Texts {
    text: String,
    spans: Vec<Option<(usize, usize)>>,
    /// Entry of each table that is open, the outermost first; before the first entry there is none.
    entries: Vec<Option<usize>>,
    numbers: Vec<usize>,
    fault: Option<FieldFault>,
    more_faults: usize,
    /// Faults of fields that are left out where they have one.
    noted: Vec<FieldFault>,
    /// Whether the fault is one that the whole file fails by.
    fails_file: bool,
}

impl CopybookRows {
    /// The records that `framer` finds; `first` is whether it is at the file's start.
    pub fn new(loaded: Arc<Loaded>, named: Named, framer: Framer, extra_bytes: ExtraBytes, first: bool) -> Self {
        let decoder = loaded.decoder();
        Self {
            loaded,
            named,
            decoder,
            records: Records::new(framer),
            extra_bytes,
            first,
            header: None,
            chosen: Chosen::default(),
            texts: Texts::default(),
        }
    }

    /// The record at the window's next byte; `None` at the end.
    fn find(&mut self, window: &mut Window) -> Result<Option<Found>> {
        match self.records.find(window)? {
            Next::Record(found) => Ok(Some(found)),
            Next::End => Ok(None),
            Next::Wrong(wrong) => Err(failed(window.name(), &wrong)),
        }
    }

    /// Decodes a record into `texts`.
    fn read(&mut self, raw: &[u8]) -> Result<(), Fault> {
        let fault = |code, reason: String| Fault { code, field: None, text: hex(&raw[..raw.len().min(SHOWN)]), reason };
        let loaded = &*self.loaded;
        self.texts.clear(self.named.names.len());
        if !loaded.choices.choose(raw, &self.decoder, &mut self.chosen) {
            return Err(fault("unknown_record", "no condition of [format.when] holds for it".into()));
        }
        let mut visitor =
            Row { loaded, named: &self.named, wanted: &self.chosen.wanted, texts: &mut self.texts, record: raw, at: 0 };
        let end = self.decoder.decode(self.chosen.record, raw, &mut visitor);
        if let Some(wrong) = self.texts.fault.take() {
            return Err(self.described(&wrong, self.texts.more_faults));
        }
        if let Some(end) = end
            && end < raw.len()
            && self.extra_bytes == ExtraBytes::Reject
        {
            let reason = format!(
                "it has {} bytes, and the copybook describes {end}; is the copybook an older one? `extra_bytes = \"ignore\"` \
                 leaves them out",
                raw.len()
            );
            return Err(fault("record_too_long", reason));
        }
        Ok(())
    }

    /// Names and texts of the fields of the record that was read last.
    fn fields(&self) -> Vec<(String, String)> {
        let names = self.named.names.iter().enumerate();
        names.filter_map(|(column, name)| Some((name.clone(), self.texts.of(column)?.to_owned()))).collect()
    }

    fn is_header(&self, raw: &[u8]) -> bool {
        self.loaded.header.as_ref().is_some_and(|header| header.holds(raw, &self.decoder))
    }

    fn described(&self, wrong: &FieldFault, more_faults: usize) -> Fault {
        let item = &self.loaded.layout.items[wrong.item];
        let picture = item.picture.as_ref().map(|picture| format!(", picture {}", picture.text)).unwrap_or_default();
        let mut reason = format!(
            "{}; {}{picture}, at byte {} of the record",
            wrong.reason,
            self.loaded.layout.path(wrong.item),
            wrong.offset + 1
        );
        match more_faults {
            0 => {}
            1 => reason.push_str(" (1 more field is wrong)"),
            more => {
                // Writing to a String can't fail.
                let _ = write!(reason, " ({more} more fields are wrong)");
            }
        }
        Fault { code: wrong.reason.code(), field: Some(item.name.clone()), text: hex(&wrong.raw), reason }
    }
}

/// The error of a file whose records can't be found.
pub(super) fn failed(name: &str, wrong: &FramingError) -> Error {
    Error::permanent("find the records of", name, wrong.to_string())
}

impl RowFormat for CopybookRows {
    fn gap(&mut self, window: &mut Window) -> Result<Gap> {
        let Some(found) = self.find(window)? else { return Ok(Gap::End) };
        let first = std::mem::take(&mut self.first);
        let raw = &window.rest()[..found.length];
        if !(first && self.is_header(raw)) {
            return Ok(Gap::Row);
        }
        let mut header = ControlRecord { line: window.lines() + 1, ..ControlRecord::default() };
        // A field of it that can't be read is missed by whoever asks for it, and the others are there.
        header.unreadable = self.read(raw).err().map(|fault| fault.reason);
        header.fields = self.fields();
        self.header = Some(header);
        found.pass(window);
        Ok(Gap::More)
    }

    fn frame(&mut self, window: &mut Window, row_bytes: usize) -> Result<Frame> {
        Ok(match self.find(window)? {
            Some(Found { length, whole, .. }) if length <= row_bytes => {
                Frame::Row { length, terminated: whole, lines: 1 }
            }
            _ => Frame::TooLong,
        })
    }

    fn skip_row(&mut self, window: &mut Window) -> Result<u64> {
        let Some(found) = self.find(window)? else { return Ok(0) };
        found.pass(window);
        Ok(found.length as u64)
    }

    fn decode(&mut self, raw: &[u8], columns: &mut Columns) -> Result<(), Fault> {
        if self.is_header(raw) {
            let reason = "it is a header, and other records come before it".into();
            return Err(Fault { code: "header_not_first", field: None, text: self.shown(raw), reason });
        }
        self.read(raw)?;
        columns.push(|column| self.texts.of(self.named.own[column]?));
        Ok(())
    }

    fn note(&mut self) -> Option<Fault> {
        let (first, more) = self.texts.noted.split_first()?;
        let mut fault = self.described(first, more.len());
        fault.reason.push_str("; the record is read without it");
        Some(fault)
    }

    fn fails_file(&self) -> bool {
        self.texts.fails_file
    }

    fn is_trailer(&self, raw: &[u8]) -> bool {
        self.loaded.trailer.as_ref().is_some_and(|trailer| trailer.holds(raw, &self.decoder))
    }

    fn header(&self) -> Option<&ControlRecord> {
        self.header.as_ref()
    }

    fn trailer(&mut self, raw: &[u8]) -> Result<Vec<(String, String)>, String> {
        self.read(raw).map_err(|fault| fault.reason)?;
        Ok(self.fields())
    }

    fn shown(&self, raw: &[u8]) -> String {
        hex(&raw[..raw.len().min(SHOWN)])
    }
}

impl Texts {
    fn clear(&mut self, columns: usize) {
        self.text.clear();
        self.spans.clear();
        self.spans.resize(columns, None);
        self.entries.clear();
        self.fault = None;
        self.more_faults = 0;
        self.noted.clear();
        self.fails_file = false;
    }

    fn of(&self, column: usize) -> Option<&str> {
        let (start, end) = (*self.spans.get(column)?)?;
        self.text.get(start..end)
    }
}

/// Puts the values of a record into its texts.
struct Row<'r> {
    loaded: &'r Loaded,
    named: &'r Named,
    wanted: &'r [bool],
    texts: &'r mut Texts,
    record: &'r [u8],
    /// Where the item stands that is told of.
    at: usize,
}

impl Row<'_> {
    /// The next entry of the table that an item is.
    fn entry(&mut self, item: ItemId) {
        if self.loaded.layout.items[item].table.is_some()
            && let Some(entry) = self.texts.entries.last_mut()
        {
            *entry = Some(entry.map_or(0, |entry| entry + 1));
        }
    }
}

impl Row<'_> {
    /// The day that a field says, if it says one. What is no date is a fault.
    fn day(&mut self, item: ItemId, value: Value<'_>) -> Option<Date> {
        let date = &self.loaded.dates[&item];
        let text = match date.of(value) {
            DateValue::Day(day) => return date_of(day),
            DateValue::None => return None,
            DateValue::Wrong => match value {
                Value::Text(text) if text.trim_matches(' ').is_empty() => return None,
                Value::Text(text) => text.to_owned(),
                Value::Number(number) => number.to_string(),
                Value::Absent | Value::Floating(_) | Value::Bytes(_) => String::new(),
            },
        };
        let length = usize::try_from(self.loaded.layout.items[item].length).unwrap_or(usize::MAX);
        let raw = self.record.get(self.at..).unwrap_or_default();
        let raw = raw[..raw.len().min(length)].to_vec();
        let reason = Reason::NotADate { text: text.chars().take(60).collect(), pattern: date.pattern().to_owned() };
        self.refuse_or_note(FieldFault { item, offset: self.at, raw, reason });
        None
    }

    fn refuse_or_note(&mut self, fault: FieldFault) {
        if self.loaded.leaves_out(&fault) {
            self.texts.noted.push(fault);
        } else {
            self.texts.refuse(fault, self.loaded);
        }
    }
}

/// A day as days since 1970-01-01; `None` beyond the calendar, which no date of nine digits is.
fn date_of(day: i32) -> Option<Date> {
    Date::constant(1970, 1, 1).checked_add(Span::new().days(day)).ok()
}

impl Visitor for Row<'_> {
    fn stands_at(&mut self, _item: ItemId, offset: usize) {
        self.at = offset;
    }

    fn wants(&mut self, item: ItemId) -> bool {
        self.wanted[item]
    }

    fn group_starts(&mut self, item: ItemId) {
        self.entry(item);
    }

    fn table_starts(&mut self, _item: ItemId, _entries: u32) {
        self.texts.entries.push(None);
    }

    fn table_ends(&mut self, _item: ItemId) {
        self.texts.entries.pop();
    }

    fn value(&mut self, item: ItemId, value: Value<'_>) {
        self.entry(item);
        let Some(place) = &self.named.places[item] else { return };
        self.texts.numbers.clear();
        self.texts.numbers.extend(self.texts.entries.iter().map(|entry| entry.unwrap_or(0)));
        let start = self.texts.text.len();
        // Writing to a String can't fail.
        let _ = match value {
            _ if self.loaded.dates.contains_key(&item) => {
                let Some(day) = self.day(item, value) else { return };
                write!(self.texts.text, "{day}")
            }
            Value::Absent => return,
            Value::Text(text) => {
                self.texts.text.push_str(text);
                Ok(())
            }
            Value::Number(number) => write!(self.texts.text, "{number}"),
            Value::Floating(number) => write!(self.texts.text, "{number}"),
            Value::Bytes(bytes) => {
                self.texts.text.push_str(&hex(bytes));
                Ok(())
            }
        };
        let column = place.column(&self.texts.numbers);
        self.texts.spans[column] = Some((start, self.texts.text.len()));
    }

    fn fault(&mut self, fault: FieldFault) {
        self.entry(fault.item);
        self.refuse_or_note(fault);
    }

    fn lost(&mut self, fault: FieldFault) {
        self.texts.refuse(fault, self.loaded);
    }
}

impl Texts {
    fn refuse(&mut self, fault: FieldFault, loaded: &Loaded) {
        self.fails_file |= loaded.bad_values[fault.item] == BadValue::Fail;
        if self.fault.is_none() {
            self.fault = Some(fault);
        } else {
            self.more_faults += 1;
        }
    }
}
