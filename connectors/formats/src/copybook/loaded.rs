//! A copybook as it is read for a file: its layout, its columns, and which groups a record has.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use campaignd_contract::{Error, Result};
use campaignd_copybook::code_page::CodePage;
use campaignd_copybook::decode::{
    Absent, Date, Decoder, DisplayNumbers, Fault, Floating, Options, Reason, Signs, TableRoom, Trim, WrongCounters,
};
use campaignd_copybook::layout::{ItemId, Layout};
use campaignd_copybook::routing::{Choices, Condition};
use campaignd_copybook::source::Library;
use campaignd_copybook::{Copybook, Dialect};

use super::columns::Named;
use super::settings::{
    BadValue, BeyondPicture, CopybookDisplayNumbers, CopybookFloating, CopybookRecord, CopybookRedefines,
    CopybookSettings, CopybookShortRecords, CopybookSigns, CopybookTables, CopybookTrim, CopybookWrongCounters,
    NullNumber,
};

/// What is needed to read records.
#[derive(Debug)]
pub(super) struct Loaded {
    /// The copybook's name, as in the settings.
    pub name: String,
    /// Its text, and that of the members it copies.
    pub text: Vec<u8>,
    /// Bytes of a fixed record, where the settings say them.
    pub record_length: Option<u32>,
    /// What happens where an item holds no value of its type.
    pub bad_values: Vec<BadValue>,
    /// Items that are dates.
    pub dates: BTreeMap<ItemId, Date>,
    pub layout: Arc<Layout>,
    pub options: Options,
    pub choices: Choices,
    pub header: Option<Condition>,
    pub trailer: Option<Condition>,
    /// Bytes of the longest record.
    pub longest: u32,
}

/// The folder of members, and what was read from it.
struct Folder<'a> {
    path: Option<&'a Path>,
    read: RefCell<Vec<u8>>,
}

impl Library for Folder<'_> {
    fn text(&self, name: &str) -> Option<String> {
        let folder = self.path?;
        // A name is that of a file in the folder, never a way out of it.
        if name.contains(['/', '\\']) || name.starts_with('.') {
            return None;
        }
        let spellings = [name.to_owned(), name.to_ascii_uppercase(), name.to_ascii_lowercase()];
        let names = spellings
            .iter()
            .flat_map(|name| ["", ".cpy", ".CPY", ".cbl", ".CBL", ".cob", ".COB"].map(|end| format!("{name}{end}")));
        let bytes = names.map(|name| folder.join(name)).find_map(|path| std::fs::read(path).ok())?;
        self.read.borrow_mut().extend_from_slice(&bytes);
        Some(as_text(bytes))
    }
}

/// A copybook's bytes as text. Where they are no UTF-8, each byte is taken for a character: only comments and literals hold
/// any beyond ASCII.
fn as_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|wrong| wrong.into_bytes().into_iter().map(char::from).collect())
}

/// Reads a copybook's file, and the members it copies from a folder.
pub fn read_copybook(path: &Path, copies: Option<&Path>) -> Result<Copybook> {
    read_as(path, copies, &Dialect::default()).map(|(copybook, _)| copybook)
}

/// The same, written in a dialect, with the bytes of all that was read.
fn read_as(path: &Path, copies: Option<&Path>, dialect: &Dialect) -> Result<(Copybook, Vec<u8>)> {
    let shown = path.display().to_string();
    let bytes = std::fs::read(path)
        .map_err(|e| Error::io("read the copybook", &shown, &e).next("correct its name, or put the file there"))?;
    let folder = Folder { path: copies, read: RefCell::new(bytes.clone()) };
    let copybook = Copybook::parse_as(&shown, &as_text(bytes), &folder, dialect).map_err(|problems| {
        let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Error::permanent("understand the copybook", &shown, format!("\n{}", all.join("\n\n")))
    })?;
    Ok((copybook, folder.read.into_inner()))
}

impl Loaded {
    /// Reads the copybook that the settings name, from `base`.
    pub fn new(settings: &CopybookSettings, base: &Path, dialect: &Dialect) -> Result<Self> {
        let path = base.join(&settings.copybook);
        let shown = path.display().to_string();
        let copies = settings.copies.as_ref().map(|folder| base.join(folder));
        let (copybook, text) = read_as(&path, copies.as_deref(), dialect)?;
        let layout = Arc::new(copybook.layout);
        let wrong = |what: String| Error::permanent("use the copybook", &shown, what).next("correct [format]");
        let code_page = CodePage::named(&settings.code_page)
            .ok_or_else(|| wrong(format!("there is no code page `{}`", settings.code_page)))?;
        // What only another version has is said of that one: see `Versions`.
        let elsewhere = |name: &str| !settings.versions.is_empty() && layout.find_path(name).is_err();
        let when = settings
            .when
            .iter()
            .filter(|(name, _)| !elsewhere(name))
            .map(|(name, text)| (name.as_str(), text.as_str()));
        let mut choices = Choices::parse(&layout, when).map_err(wrong)?;
        if settings.redefines == CopybookRedefines::All {
            choices = choices.with_all_redefines(&layout);
        }
        let condition = |record: &Option<CopybookRecord>| {
            record
                .as_ref()
                .map(|record| Condition::parse(&record.when, &layout))
                .transpose()
                .map_err(|error| wrong(error.to_string()))
        };
        let longest = layout.records.iter().map(|record| layout.longest(*record)).max().unwrap_or(0);
        Ok(Self {
            name: settings.copybook.display().to_string(),
            text,
            record_length: settings.record_length,
            bad_values: bad_values(settings, &layout).map_err(wrong)?,
            dates: dates(settings, &layout).map_err(wrong)?,
            options: options(settings, code_page),
            header: condition(&settings.header)?,
            trailer: condition(&settings.trailer)?,
            choices,
            longest,
            layout,
        })
    }

    /// The columns its fields make.
    pub fn columns(&self) -> Result<Named> {
        Named::new(&self.layout, &self.choices.ever_read(&self.layout))
            .map_err(|wrong| Error::permanent("use the copybook", &self.name, wrong).next("correct [format]"))
    }

    /// Whether a field with that fault is left out, and its record read without it. What isn't there, or stands nobody knows
    /// where, is no bad value: the record is.
    pub fn leaves_out(&self, fault: &Fault) -> bool {
        let of_record = matches!(
            fault.reason,
            Reason::Truncated { .. } | Reason::CounterOutOfRange { .. } | Reason::CounterAbsent { .. }
        );
        !of_record && self.bad_values[fault.item] == BadValue::Null
    }

    pub fn decoder(&self) -> Decoder {
        Decoder::new(Arc::clone(&self.layout), self.options)
    }
}

/// What the settings say of each item: what they say of it, of the nearest group around it, or of all.
fn bad_values(settings: &CopybookSettings, layout: &Layout) -> std::result::Result<Vec<BadValue>, String> {
    let mut said: Vec<Option<BadValue>> = vec![None; layout.items.len()];
    for (name, policy) in settings.bad_values.iter().filter(|(name, _)| *name != "*") {
        match layout.find_path(name) {
            Ok(id) => said[id] = Some(*policy),
            Err(wrong) if settings.versions.is_empty() => return Err(format!("[format.bad_values]: {wrong}")),
            Err(_) => {}
        }
    }
    let all = settings.bad_values.get("*").copied().unwrap_or_default();
    let around = |id| std::iter::successors(Some(id), |id: &ItemId| layout.items[*id].parent);
    Ok((0..layout.items.len()).map(|id| around(id).find_map(|id| said[id]).unwrap_or(all)).collect())
}

/// The fields that are dates.
fn dates(settings: &CopybookSettings, layout: &Layout) -> std::result::Result<BTreeMap<ItemId, Date>, String> {
    let mut dates = BTreeMap::new();
    for (name, pattern) in &settings.dates {
        let date = Date::parse(pattern, Some(settings.pivot_year)).map_err(|wrong| wrong.to_string())?;
        match layout.find_path(name) {
            Ok(id) if layout.items[id].field.is_some() => {
                dates.insert(id, date);
            }
            Ok(_) => return Err(format!("[format.dates]: `{name}` is a group")),
            Err(wrong) if settings.versions.is_empty() => return Err(format!("[format.dates]: {wrong}")),
            Err(_) => {}
        }
    }
    Ok(dates)
}

fn options(settings: &CopybookSettings, code_page: CodePage) -> Options {
    let null = |kind| settings.null_numbers.contains(&kind);
    Options {
        trim: match settings.trim {
            CopybookTrim::Right => Trim::Right,
            CopybookTrim::Left => Trim::Left,
            CopybookTrim::Both => Trim::Both,
            CopybookTrim::None => Trim::None,
        },
        absent: Absent {
            blanks: null(NullNumber::Blanks),
            low_values: null(NullNumber::LowValues),
            high_values: null(NullNumber::HighValues),
        },
        signs: match settings.signs {
            CopybookSigns::Any => Signs::Any,
            CopybookSigns::Preferred => Signs::Preferred,
        },
        floating: match settings.floating {
            CopybookFloating::Hexadecimal => Floating::Hexadecimal,
            CopybookFloating::Ieee => Floating::Ieee,
            CopybookFloating::HexadecimalLittleEndian => Floating::HexadecimalLittleEndian,
            CopybookFloating::IeeeLittleEndian => Floating::IeeeLittleEndian,
        },
        display: match settings.display_numbers {
            CopybookDisplayNumbers::Exact => DisplayNumbers::Exact,
            CopybookDisplayNumbers::Lenient => DisplayNumbers::Lenient { overpunched: false },
            CopybookDisplayNumbers::LenientSigns => DisplayNumbers::Lenient { overpunched: true },
        },
        tables: match settings.tables {
            CopybookTables::Counted => TableRoom::AsCounted,
            CopybookTables::Full => TableRoom::Full,
        },
        wrong_counters: match settings.wrong_counters {
            CopybookWrongCounters::Reject => WrongCounters::Fault,
            CopybookWrongCounters::Full => WrongCounters::Full,
        },
        binary_beyond_picture: settings.beyond_picture.contains(&BeyondPicture::Binary),
        packed_beyond_picture: settings.beyond_picture.contains(&BeyondPicture::Packed),
        short_records: settings.short_records == CopybookShortRecords::Null,
        ..Options::z_os(code_page)
    }
}
