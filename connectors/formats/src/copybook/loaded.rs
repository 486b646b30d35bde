//! A copybook as it is read for a file: its layout, its columns, and which groups a record has.

use std::path::Path;
use std::sync::Arc;

use campaignd_contract::{Error, Result};
use campaignd_copybook::code_page::CodePage;
use campaignd_copybook::decode::{
    Absent, Decoder, DisplayNumbers, Floating, Options, Signs, TableRoom, Trim, WrongCounters,
};
use campaignd_copybook::layout::Layout;
use campaignd_copybook::routing::{Choices, Condition};
use campaignd_copybook::source::Library;
use campaignd_copybook::{Copybook, Dialect};

use super::columns::Named;
use super::settings::{
    BeyondPicture, CopybookDisplayNumbers, CopybookFloating, CopybookRecord, CopybookRedefines, CopybookSettings,
    CopybookShortRecords, CopybookSigns, CopybookTables, CopybookTrim, CopybookWrongCounters, NullNumber,
};

/// What is needed to read records.
#[derive(Debug)]
pub(super) struct Loaded {
    /// The copybook's file, for messages.
    name: String,
    pub layout: Arc<Layout>,
    pub options: Options,
    pub choices: Choices,
    pub header: Option<Condition>,
    pub trailer: Option<Condition>,
    /// Bytes of the longest record.
    pub longest: u32,
}

/// The folder of members.
struct Folder<'a>(Option<&'a Path>);

impl Library for Folder<'_> {
    fn text(&self, name: &str) -> Option<String> {
        let folder = self.0?;
        // A name is that of a file in the folder, never a way out of it.
        if name.contains(['/', '\\']) || name.starts_with('.') {
            return None;
        }
        let spellings = [name.to_owned(), name.to_ascii_uppercase(), name.to_ascii_lowercase()];
        let names = spellings
            .iter()
            .flat_map(|name| ["", ".cpy", ".CPY", ".cbl", ".CBL", ".cob", ".COB"].map(|end| format!("{name}{end}")));
        names.map(|name| folder.join(name)).find_map(|path| std::fs::read(path).ok()).map(as_text)
    }
}

/// A copybook's bytes as text. Where they are no UTF-8, each byte is taken for a character: only comments and literals hold
/// any beyond ASCII.
fn as_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|wrong| wrong.into_bytes().into_iter().map(char::from).collect())
}

/// Reads a copybook's file, and the members it copies from a folder.
pub fn read_copybook(path: &Path, copies: Option<&Path>) -> Result<Copybook> {
    read_as(path, copies, &Dialect::default())
}

fn read_as(path: &Path, copies: Option<&Path>, dialect: &Dialect) -> Result<Copybook> {
    let shown = path.display().to_string();
    let bytes = std::fs::read(path)
        .map_err(|e| Error::io("read the copybook", &shown, &e).next("correct its name, or put the file there"))?;
    Copybook::parse_as(&shown, &as_text(bytes), &Folder(copies), dialect).map_err(|problems| {
        let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Error::permanent("understand the copybook", &shown, format!("\n{}", all.join("\n\n")))
    })
}

impl Loaded {
    /// Reads the copybook that the settings name, from `base`.
    pub fn new(settings: &CopybookSettings, base: &Path, dialect: &Dialect) -> Result<Self> {
        let path = base.join(&settings.copybook);
        let shown = path.display().to_string();
        let copies = settings.copies.as_ref().map(|folder| base.join(folder));
        let copybook = read_as(&path, copies.as_deref(), dialect)?;
        let layout = Arc::new(copybook.layout);
        let wrong = |what: String| Error::permanent("use the copybook", &shown, what).next("correct [format]");
        let code_page = CodePage::named(&settings.code_page)
            .ok_or_else(|| wrong(format!("there is no code page `{}`", settings.code_page)))?;
        let when = settings.when.iter().map(|(name, text)| (name.as_str(), text.as_str()));
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
            name: shown.clone(),
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

    pub fn decoder(&self) -> Decoder {
        Decoder::new(Arc::clone(&self.layout), self.options)
    }
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
