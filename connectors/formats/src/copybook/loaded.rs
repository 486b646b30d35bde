//! A copybook as it is read for a file: its layout, its columns, and which groups a record has.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

use campaignd_contract::{Error, Result};
use campaignd_copybook::Copybook;
use campaignd_copybook::code_page::CodePage;
use campaignd_copybook::decode::{Absent, Decoder, Options, Trim};
use campaignd_copybook::layout::{ItemId, Layout};
use campaignd_copybook::routing::{Choices, Condition};
use campaignd_copybook::source::Library;

use super::columns::Named;
use super::settings::{BadValue, CopybookRecord, CopybookSettings, CopybookTrim, NullNumber};

/// What is needed to read records.
#[derive(Debug)]
pub(super) struct Loaded {
    /// The copybook's name, as in the settings.
    pub name: String,
    /// Its text, and that of the members it copies.
    pub text: Vec<u8>,
    /// Bytes of a fixed record.
    pub record_length: u32,
    /// Which of its own columns each column of the file is.
    pub own: Vec<Option<usize>>,
    pub layout: Arc<Layout>,
    pub options: Options,
    pub columns: Named,
    pub choices: Choices,
    pub header: Option<Condition>,
    pub trailer: Option<Condition>,
    /// What happens where an item holds no value of its type.
    pub bad_values: Vec<BadValue>,
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
    read_with_text(path, copies).map(|(copybook, _)| copybook)
}

/// The same, with the bytes of all that was read.
fn read_with_text(path: &Path, copies: Option<&Path>) -> Result<(Copybook, Vec<u8>)> {
    let shown = path.display().to_string();
    let bytes = std::fs::read(path)
        .map_err(|e| Error::io("read the copybook", &shown, &e).next("correct its name, or put the file there"))?;
    let folder = Folder { path: copies, read: RefCell::new(bytes.clone()) };
    let copybook = Copybook::parse(&shown, &as_text(bytes), &folder).map_err(|problems| {
        let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Error::permanent("understand the copybook", &shown, format!("\n{}", all.join("\n\n")))
    })?;
    Ok((copybook, folder.read.into_inner()))
}

impl Loaded {
    /// Reads the copybook that the settings name, from `base`.
    pub fn new(settings: &CopybookSettings, base: &Path) -> Result<Self> {
        let path = base.join(&settings.copybook);
        let shown = path.display().to_string();
        let copies = settings.copies.as_ref().map(|folder| base.join(folder));
        let (copybook, text) = read_with_text(&path, copies.as_deref())?;
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
            name: settings.copybook.display().to_string(),
            text,
            record_length: settings.record_length.unwrap_or(longest),
            own: (0..columns.names.len()).map(Some).collect(),
            options: options(settings, code_page),
            columns,
            header: condition(&settings.header)?,
            trailer: condition(&settings.trailer)?,
            bad_values: bad_values(settings, &layout).map_err(wrong)?,
            choices,
            longest,
            layout,
        })
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
