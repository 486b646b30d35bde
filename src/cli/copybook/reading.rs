//! How a file is read, as commands are told: by options, and by a file with the settings of a format.

use std::io;
use std::path::{Path, PathBuf};

use campaignd_contract::{Error, FileBytes};
use campaignd_copybook::code_page::CodePage;
use campaignd_copybook::decode::{Decoder, Fault};
use campaignd_copybook::layout::Layout;
use campaignd_formats::{CopybookFile, CopybookFormat, CopybookFraming, CopybookRecords, CopybookSettings, ExtraBytes};

use super::Copies;
use crate::cli::exit::Failure;
use crate::config::{FormatFile, format_file};

/// How a file is read.
#[derive(Debug, clap::Args)]
pub struct Reading {
    /// The copybook that describes it. Left out only where the format file names it.
    #[arg(long, value_name = "FILE", required_unless_present = "format_file")]
    pub copybook: Option<PathBuf>,
    /// Its members.
    #[command(flatten)]
    pub copies: Copies,
    /// Settings of a copybook format, as `campaignd sample copybook` prints them: in a table [format], or at the file's
    /// top.
    #[arg(long, value_name = "FILE")]
    pub format_file: Option<PathBuf>,
    /// Which character a byte stands for: cp037 unless said, cp500, cp1140 …, ascii.
    #[arg(long, value_name = "NAME", value_parser = code_page)]
    pub code_page: Option<CodePage>,
    /// What tells where a record ends: fixed unless said.
    #[arg(long, value_enum)]
    pub framing: Option<Framed>,
    /// Bytes of a fixed record, where it is longer than the copybook says.
    #[arg(long, value_name = "BYTES")]
    pub record_length: Option<u32>,
    /// Which of several groups of the same bytes a record has: `--when "SALE-DETAIL: REC-TYPE = 'S'"`, for a level 01 or
    /// what redefines or is redefined. May be given several times.
    #[arg(long, value_name = "GROUP: CONDITION", value_parser = condition)]
    pub when: Vec<(String, String)>,
}

/// What tells where a record ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Framed {
    /// All records are equally long: F, FB
    Fixed,
    /// Besides, a block descriptor word before each block
    FixedBlocked,
    /// A record descriptor word before each: V
    Variable,
    /// Besides, a block descriptor word before each block: VB
    VariableBlocked,
    /// Records in segments, in blocks: VBS
    Spanned,
    /// Records in segments, the block descriptor words being left out: VS
    SpannedWithoutBlocks,
    /// Lines of text
    Lines,
    /// Nothing: each record is as long as its tables and its kind say
    Layout,
}

fn code_page(name: &str) -> Result<CodePage, String> {
    CodePage::named(name).ok_or_else(|| {
        let known: Vec<&str> = CodePage::names().collect();
        format!("there is no such code page; there are {}", known.join(", "))
    })
}

fn condition(text: &str) -> Result<(String, String), String> {
    let (name, condition) = text.split_once(':').ok_or("write the group, a colon, and the condition")?;
    Ok((name.trim().to_owned(), condition.trim().to_owned()))
}

/// A file to be read.
pub struct Opened {
    /// How its records are read.
    pub file: CopybookFile,
    /// Its records.
    pub records: CopybookRecords,
}

impl Reading {
    /// Opens a file to be read as is said.
    pub fn open(&self, path: &Path) -> Result<Opened, Failure> {
        let mut unsaid = CopybookSettings::new(PathBuf::new());
        // Where nobody says otherwise, text is what it is, and what the copybook doesn't describe is left out.
        unsaid.null_values.clear();
        unsaid.extra_bytes = ExtraBytes::Ignore;
        let said = self.in_format_file(FormatFile::without_file(unsaid))?;
        let FormatFile { settings, base, options } = self.over(said, path)?;
        if !options.is_empty() {
            let wrong = "the format file has [options], which are for --preset cobrix";
            return Err(Failure::Asked(Error::permanent("use", "--format-file", wrong)));
        }
        let format = CopybookFormat::new(settings, &base).map_err(Failure::Asked)?;
        let bytes = FileBytes::new(path, path.display().to_string()).map_err(Failure::Input)?;
        let file = format.with_copybook_of(&bytes).map_err(Failure::Input)?;
        let records = file.records(&bytes, None).map_err(Failure::Input)?;
        Ok(Opened { file, records })
    }

    /// What the format file says; `unsaid` where there is none.
    pub fn in_format_file(&self, unsaid: FormatFile) -> Result<FormatFile, Failure> {
        match &self.format_file {
            Some(file) => format_file(file).map_err(Failure::Settings),
            None => Ok(unsaid),
        }
    }

    /// What the format file says, and over it what the options say of `file`.
    pub fn over(&self, mut said: FormatFile, file: &Path) -> Result<FormatFile, Failure> {
        let settings = &mut said.settings;
        // What is named on the command line starts where the command does.
        let here = |path: &Path| {
            if said.base.as_os_str().is_empty() { Ok(path.to_owned()) } else { std::path::absolute(path) }
        };
        let failed = |e: io::Error| Failure::Input(Error::io("find", "the current folder", &e));
        if let Some(copybook) = &self.copybook {
            settings.copybook = here(copybook).map_err(failed)?;
        }
        if settings.copybook.as_os_str().is_empty() {
            let wrong = "no copybook is named";
            let error = Error::permanent("decode", file.display().to_string(), wrong);
            return Err(Failure::Asked(error.next("name it by --copybook, or as `copybook` in the format file")));
        }
        if let Some(copies) = &self.copies.copies {
            settings.copies = Some(here(copies).map_err(failed)?);
        }
        if let Some(page) = self.code_page {
            page.name().clone_into(&mut settings.code_page);
        }
        if let Some(framing) = self.framing {
            settings.framing = framing.into();
        }
        settings.record_length = self.record_length.or(settings.record_length);
        settings.when.extend(self.when.iter().cloned());
        Ok(said)
    }
}

impl From<Framed> for CopybookFraming {
    fn from(framed: Framed) -> Self {
        match framed {
            Framed::Fixed => Self::Fixed,
            Framed::FixedBlocked => Self::FixedBlocked,
            Framed::Variable => Self::Variable,
            Framed::VariableBlocked => Self::VariableBlocked,
            Framed::Spanned => Self::Spanned,
            Framed::SpannedWithoutBlocks => Self::SpannedWithoutBlocks,
            Framed::Lines => Self::Lines,
            Framed::Layout => Self::Layout,
        }
    }
}

/// Whether the record of that number, the first being 1, is a header or trailer of the file.
pub fn is_left_out(file: &CopybookFile, number: u64, bytes: &[u8], decoder: &Decoder) -> bool {
    number == 1 && file.header().is_some_and(|header| header.holds(bytes, decoder))
        || file.trailer().is_some_and(|trailer| trailer.holds(bytes, decoder))
}

/// A fault in a line.
pub fn told(layout: &Layout, record: u64, offset: u64, fault: &Fault) -> String {
    let item = &layout.items[fault.item];
    let picture = item.picture.as_ref().map(|picture| format!(" {}", picture.text)).unwrap_or_default();
    let raw: String = fault.raw.iter().take(40).map(|byte| format!("{byte:02X}")).collect();
    format!(
        "record {record} at byte {}: {}{picture}: {} [{raw}]",
        offset + fault.offset as u64,
        layout.path(fault.item),
        fault.reason
    )
}
