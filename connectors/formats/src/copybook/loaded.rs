//! A copybook as it is read for a file: its layout, its columns, and which groups a record has.

use std::path::Path;
use std::sync::Arc;

use campaignd_contract::{Error, Result};
use campaignd_copybook::Copybook;
use campaignd_copybook::code_page::CodePage;
use campaignd_copybook::decode::{Absent, Decoder, Options, Trim};
use campaignd_copybook::layout::Layout;
use campaignd_copybook::routing::{Choices, Condition};
use campaignd_copybook::source::Library;

use super::columns::Named;
use super::settings::{CopybookRecord, CopybookSettings, CopybookTrim, NullNumber};

/// What is needed to read records.
#[derive(Debug)]
pub(super) struct Loaded {
    pub layout: Arc<Layout>,
    pub options: Options,
    pub columns: Named,
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
    let shown = path.display().to_string();
    let bytes = std::fs::read(path)
        .map_err(|e| Error::io("read the copybook", &shown, &e).next("correct its name, or put the file there"))?;
    Copybook::parse(&shown, &as_text(bytes), &Folder(copies)).map_err(|problems| {
        let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Error::permanent("understand the copybook", &shown, format!("\n{}", all.join("\n\n")))
    })
}

impl Loaded {
    /// Reads the copybook that the settings name, from `base`.
    pub fn new(settings: &CopybookSettings, base: &Path) -> Result<Self> {
        let path = base.join(&settings.copybook);
        let shown = path.display().to_string();
        let copies = settings.copies.as_ref().map(|folder| base.join(folder));
        let copybook = read_copybook(&path, copies.as_deref())?;
        let layout = Arc::new(copybook.layout);
        let wrong = |what: String| Error::permanent("use the copybook", &shown, what).next("correct [format]");
        let code_page = CodePage::named(&settings.code_page)
            .ok_or_else(|| wrong(format!("there is no code page `{}`", settings.code_page)))?;
        let when = settings.when.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let choices = Choices::parse(&layout, when).map_err(wrong)?;
        let condition = |record: &Option<CopybookRecord>| {
            record
                .as_ref()
                .map(|record| Condition::parse(&record.when, &layout))
                .transpose()
                .map_err(|error| wrong(error.to_string()))
        };
        let columns = Named::new(&layout, &choices.ever_read(&layout)).map_err(wrong)?;
        let longest = layout.records.iter().map(|record| layout.longest(*record)).max().unwrap_or(0);
        Ok(Self {
            options: options(settings, code_page),
            columns,
            header: condition(&settings.header)?,
            trailer: condition(&settings.trailer)?,
            choices,
            longest,
            layout,
        })
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
        ..Options::z_os(code_page)
    }
}
