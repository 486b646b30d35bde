//! `campaignd copybook decode`: the records of a file as JSON lines.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use campaignd_contract::{Error, FileBytes};
use campaignd_copybook::code_page::CodePage;
use campaignd_copybook::decode::{Decoder, Fault, JsonLine};
use campaignd_copybook::layout::Layout;
use campaignd_copybook::routing::Chosen;
use campaignd_formats::{CopybookFile, CopybookFormat, CopybookFraming, CopybookSettings, ExtraBytes};

use super::{Copies, cobrix};
use crate::cli::exit::{Exit, Failure};
use crate::cli::print;
use crate::config::{FormatFile, format_file};

/// Print the records of a file as JSON lines: names as in the copybook, groups nested, numbers with all their decimals.
///
/// How the file is read is said by the options below, or by a file with the settings of a copybook format as in a
/// pipeline's [format]; what is said by both is what the option says.
///
/// A record with a field that holds no value of its type is told on standard error instead: record number, byte offset,
/// field, picture, bytes, reason. With --preset cobrix such a field is null, and they are counted.
///
/// Exit codes: 0 all records could be read, 65 some couldn't.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The file. With --preset cobrix it may be a folder of files.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The copybook that describes it. Left out only where the format file names it.
    #[arg(long, value_name = "FILE", required_unless_present = "format_file")]
    pub copybook: Option<PathBuf>,
    /// Its members.
    #[command(flatten)]
    pub copies: Copies,
    /// Settings of a copybook format, as `campaignd sample copybook` prints them: in a table [format], or at the file's
    /// top. With --preset cobrix, a table [options] may hold Cobrix's options; so may a .json file, as an object or in
    /// one called `options`.
    #[arg(long, value_name = "FILE")]
    pub format_file: Option<PathBuf>,
    /// Print the rows that another program reads, shaped as it shapes them.
    #[arg(long, value_enum)]
    pub preset: Option<Preset>,
    /// An option of that program, by its own name: `--option record_format=V`. May be given several times.
    #[arg(long, value_name = "NAME=VALUE", value_parser = option, requires = "preset")]
    pub option: Vec<(String, String)>,
    /// Which character a byte stands for: cp037 unless said, cp500, cp1140 …, ascii.
    #[arg(long, value_name = "NAME", value_parser = code_page, conflicts_with = "preset")]
    pub code_page: Option<CodePage>,
    /// What tells where a record ends: fixed unless said.
    #[arg(long, value_enum, conflicts_with = "preset")]
    pub framing: Option<Framed>,
    /// Bytes of a fixed record, where it is longer than the copybook says.
    #[arg(long, value_name = "BYTES", conflicts_with = "preset")]
    pub record_length: Option<u32>,
    /// Which of several groups of the same bytes a record has: `--when "SALE-DETAIL: REC-TYPE = 'S'"`, for a level 01 or
    /// what redefines or is redefined. May be given several times.
    #[arg(long, value_name = "GROUP: CONDITION", value_parser = condition, conflicts_with = "preset")]
    pub when: Vec<(String, String)>,
    /// Records at most.
    #[arg(long, value_name = "COUNT")]
    pub take: Option<u64>,
}

/// Another program whose rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Preset {
    /// Cobrix, the data source of Spark: its defaults, its options, and rows as its toJSON writes them
    Cobrix,
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

fn option(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write the option's name, `=`, and its value")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

/// Prints the records.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let FormatFile { settings, base, options } = arguments.said()?;
    if arguments.preset == Some(Preset::Cobrix) {
        // What the command line says comes last, and so counts.
        let options: Vec<(String, String)> = options.into_iter().chain(arguments.option.clone()).collect();
        let (file, take) = (arguments.file.as_path(), arguments.take);
        return cobrix::run(cobrix::Wanted { file, settings, base: &base, options: &options, take });
    }
    if !options.is_empty() {
        let wrong = "the format file has [options], which are for --preset cobrix";
        return Err(Failure::Asked(Error::permanent("use", "--format-file", wrong)));
    }
    let format = CopybookFormat::new(settings, &base).map_err(Failure::Asked)?;
    let shown = arguments.file.display().to_string();
    let bytes = FileBytes::new(&arguments.file, &shown).map_err(Failure::Input)?;
    let file = format.with_copybook_of(&bytes).map_err(Failure::Input)?;
    let mut records = file.records(&bytes, None).map_err(Failure::Input)?;
    let mut printer = Printer::new(&file);
    while arguments.take.is_none_or(|most| printer.records < most) {
        let Some(found) = records.next().map_err(Failure::Input)? else { break };
        match printer.print(found.bytes, found.offset) {
            // A reader that closed the pipe has seen enough.
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => return Ok(Exit::Done),
            written => written.map_err(|e| Failure::Input(Error::io("write", "standard output", &e)))?,
        }
    }
    printer.end().map_err(|e| Failure::Input(Error::io("write", "standard output", &e)))
}

impl Arguments {
    /// What the format file and the options say together.
    fn said(&self) -> Result<FormatFile, Failure> {
        let mut said = match &self.format_file {
            Some(file) if file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) => {
                FormatFile { options: cobrix::options_in_json(file)?, ..self.nothing_said() }
            }
            Some(file) => format_file(file).map_err(Failure::Settings)?,
            None => self.nothing_said(),
        };
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
            let error = Error::permanent("decode", self.file.display().to_string(), wrong);
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

    /// The settings where no format file says any: text is what it is, and what the copybook doesn't describe is left out.
    fn nothing_said(&self) -> FormatFile {
        let mut settings = CopybookSettings::new(PathBuf::new());
        if self.preset.is_none() {
            settings.null_values.clear();
            settings.extra_bytes = ExtraBytes::Ignore;
        }
        FormatFile { settings, base: PathBuf::new(), options: BTreeMap::new() }
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

/// Prints one record after the other.
struct Printer<'f> {
    file: &'f CopybookFile,
    chosen: Chosen,
    decoder: Decoder,
    json: JsonLine<'f>,
    out: BufWriter<io::StdoutLock<'static>>,
    records: u64,
    rejected: u64,
    /// Headers and trailers.
    left_out: u64,
}

impl<'f> Printer<'f> {
    fn new(file: &'f CopybookFile) -> Self {
        // An empty text is a text to whoever didn't say that it means nothing.
        let nulls = file.settings().null_values.clone();
        Self {
            file,
            chosen: Chosen::default(),
            decoder: file.decoder(),
            json: JsonLine::new(file.layout()).with_nulls(nulls),
            out: BufWriter::with_capacity(1 << 20, io::stdout().lock()),
            records: 0,
            rejected: 0,
            left_out: 0,
        }
    }

    /// Prints a record that stands at that offset, or says what is wrong with it.
    fn print(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.records += 1;
        let number = self.records;
        let is_header = number == 1 && self.file.header().is_some_and(|header| header.holds(bytes, &self.decoder));
        if is_header || self.file.trailer().is_some_and(|trailer| trailer.holds(bytes, &self.decoder)) {
            self.left_out += 1;
            return Ok(());
        }
        if !self.file.choices().choose(bytes, &self.decoder, &mut self.chosen) {
            self.rejected += 1;
            print::error(&format!("record {number} at byte {offset}: no condition holds for it\n"));
            return Ok(());
        }
        self.json.start(&self.chosen.wanted);
        let end = self.decoder.decode(self.chosen.record, bytes, &mut self.json);
        if let Some(end) = end.filter(|end| *end < bytes.len())
            && self.file.settings().extra_bytes == ExtraBytes::Reject
            && self.json.faults.is_empty()
        {
            self.rejected += 1;
            let length = bytes.len();
            print::error(&format!(
                "record {number} at byte {offset}: {length} bytes, but the copybook describes {end}\n"
            ));
            return Ok(());
        }
        for fault in &self.json.faults {
            print::error(&told(self.file.layout(), number, offset, fault));
        }
        if self.json.faults.iter().all(|fault| self.file.leaves_out(fault)) {
            return writeln!(self.out, "{}", self.json.line());
        }
        self.rejected += 1;
        Ok(())
    }

    fn end(mut self) -> io::Result<Exit> {
        match self.out.flush() {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => {}
            flushed => flushed?,
        }
        let left_out = match self.left_out {
            0 => String::new(),
            left_out => format!(", {left_out} left out as header or trailer"),
        };
        print::error(&format!("{} records, {} rejected{left_out}\n", self.records, self.rejected));
        Ok(if self.rejected == 0 { Exit::Done } else { Exit::Refused })
    }
}

/// A fault in a line.
fn told(layout: &Layout, record: u64, offset: u64, fault: &Fault) -> String {
    let item = &layout.items[fault.item];
    let picture = item.picture.as_ref().map(|picture| format!(" {}", picture.text)).unwrap_or_default();
    let raw: String = fault.raw.iter().take(40).map(|byte| format!("{byte:02X}")).collect();
    format!(
        "record {record} at byte {}: {}{picture}: {} [{raw}]\n",
        offset + fault.offset as u64,
        layout.path(fault.item),
        fault.reason
    )
}
