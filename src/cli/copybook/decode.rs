//! `campaignd copybook decode`: the records of a file as JSON lines.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use campaignd_contract::Error;
use campaignd_copybook::code_page::CodePage;
use campaignd_copybook::decode::{Decoder, Fault, JsonLine, Options};
use campaignd_copybook::framing::{Framer, Framing, LineEnd, RecordFormat, Step};
use campaignd_copybook::layout::Layout;
use campaignd_copybook::routing::{Choices, Chosen};

use super::{Copies, laid_out};
use crate::cli::exit::{Exit, Failure};
use crate::cli::print;

/// Print the records of a file as JSON lines: names as in the copybook, groups nested, numbers with all their decimals.
///
/// A record with a field that holds no value of its type is told on standard error instead: record number, byte offset,
/// field, picture, bytes, reason.
///
/// Exit codes: 0 all records could be read, 65 some couldn't.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The file.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The copybook that describes it.
    #[arg(long, value_name = "FILE")]
    pub copybook: PathBuf,
    /// Its members.
    #[command(flatten)]
    pub copies: Copies,
    /// Which character a byte stands for: cp037, cp500, cp1140 …, ascii.
    #[arg(long, value_name = "NAME", default_value = "cp037", value_parser = code_page)]
    pub code_page: CodePage,
    /// What tells where a record ends.
    #[arg(long, value_enum, default_value_t = Framed::Fixed)]
    pub framing: Framed,
    /// Bytes of a fixed record, where it is longer than the copybook says.
    #[arg(long, value_name = "BYTES")]
    pub record_length: Option<u32>,
    /// Which of several groups of the same bytes a record has: `--when "SALE-DETAIL: REC-TYPE = 'S'"`, for a level 01 or
    /// what redefines or is redefined. May be given several times.
    #[arg(long, value_name = "GROUP: CONDITION", value_parser = condition)]
    pub when: Vec<(String, String)>,
    /// Records at most.
    #[arg(long, value_name = "COUNT")]
    pub take: Option<u64>,
}

/// What tells where a record ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Framed {
    /// All records are equally long: F, FB
    Fixed,
    /// A record descriptor word before each: V
    Variable,
    /// Besides, a block descriptor word before each block: VB
    VariableBlocked,
    /// Records in segments: VBS
    Spanned,
    /// Lines of text
    Lines,
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

/// Bytes read at once.
const CHUNK: usize = 1 << 20;

/// Prints the records.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let layout = Arc::new(laid_out(&arguments.copybook, &arguments.copies)?);
    let shown = arguments.file.display().to_string();
    let failed = |doing: &'static str, e: &io::Error| Failure::Input(Error::io(doing, &shown, e));
    let mut file = File::open(&arguments.file).map_err(|e| failed("open", &e))?;
    let mut framer = arguments.framer(&layout)?;
    let mut printer = Printer::new(&layout, arguments)?;
    // Bytes read, how many of them were passed, and where in the file the next one stands.
    let (mut window, mut passed, mut offset, mut ended) = (Vec::new(), 0, 0_u64, false);
    while arguments.take.is_none_or(|most| printer.records < most) {
        let step = framer
            .next(&window[passed..], offset, ended)
            .map_err(|wrong| Failure::Input(Error::permanent("find the records of", &shown, wrong.to_string())))?;
        match step {
            Step::End => break,
            Step::Record(found) => {
                match printer.print(found.bytes, found.offset) {
                    // A reader that closed the pipe has seen enough.
                    Err(e) if e.kind() == io::ErrorKind::BrokenPipe => return Ok(Exit::Done),
                    written => written.map_err(|e| Failure::Input(Error::io("write", "standard output", &e)))?,
                }
                let next = found.next.offset;
                passed = passed.saturating_add(usize::try_from(next - offset).unwrap_or(usize::MAX)).min(window.len());
                offset = next;
            }
            Step::More { .. } => {
                window.drain(..passed);
                passed = 0;
                let start = window.len();
                window.resize(start + CHUNK, 0);
                let read = file.read(&mut window[start..]).map_err(|e| failed("read", &e))?;
                window.truncate(start + read);
                ended = read == 0;
            }
        }
    }
    printer.end().map_err(|e| Failure::Input(Error::io("write", "standard output", &e)))
}

/// Prints one record after the other.
struct Printer<'l> {
    layout: &'l Layout,
    choices: Choices,
    chosen: Chosen,
    decoder: Decoder,
    json: JsonLine<'l>,
    out: BufWriter<io::StdoutLock<'static>>,
    records: u64,
    rejected: u64,
}

impl<'l> Printer<'l> {
    fn new(layout: &'l Arc<Layout>, arguments: &Arguments) -> Result<Self, Failure> {
        let when = arguments.when.iter().map(|(name, condition)| (name.as_str(), condition.as_str()));
        let choices =
            Choices::parse(layout, when).map_err(|wrong| Failure::Asked(Error::permanent("use", "--when", wrong)))?;
        Ok(Self {
            layout,
            choices,
            chosen: Chosen::default(),
            decoder: Decoder::new(Arc::clone(layout), Options::z_os(arguments.code_page)),
            json: JsonLine::new(layout),
            out: BufWriter::with_capacity(CHUNK, io::stdout().lock()),
            records: 0,
            rejected: 0,
        })
    }

    /// Prints a record that stands at that offset, or says what is wrong with it.
    fn print(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.records += 1;
        let number = self.records;
        if !self.choices.choose(bytes, &self.decoder, &mut self.chosen) {
            self.rejected += 1;
            print::error(&format!("record {number} at byte {offset}: no condition holds for it\n"));
            return Ok(());
        }
        self.json.start(&self.chosen.wanted);
        self.decoder.decode(self.chosen.record, bytes, &mut self.json);
        if self.json.faults.is_empty() {
            return writeln!(self.out, "{}", self.json.line());
        }
        self.rejected += 1;
        for fault in &self.json.faults {
            print::error(&told(self.layout, number, offset, fault));
        }
        Ok(())
    }

    fn end(mut self) -> io::Result<Exit> {
        match self.out.flush() {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => {}
            flushed => flushed?,
        }
        print::error(&format!("{} records, {} rejected\n", self.records, self.rejected));
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

impl Arguments {
    fn framer(&self, layout: &Layout) -> Result<Framer, Failure> {
        let longest = layout.records.iter().map(|record| layout.longest(*record)).max().unwrap_or_default();
        let framing = match self.framing {
            Framed::Fixed => Framing::z_os_fixed(self.record_length.unwrap_or(longest)),
            Framed::Variable => Framing::z_os_variable(),
            Framed::VariableBlocked => Framing::z_os_variable_blocked(),
            Framed::Spanned => Framing::z_os_spanned(),
            Framed::Lines => Framing::new(RecordFormat::Lines { most: longest.max(1 << 16), end: LineEnd::Lf }),
        };
        Framer::new(framing).map_err(|wrong| Failure::Asked(Error::permanent("use", "this framing", wrong.to_string())))
    }
}
