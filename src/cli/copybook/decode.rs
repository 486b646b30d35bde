//! `campaignd copybook decode`: the records of a file as JSON lines.

use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;

use campaignd_contract::Error;
use campaignd_copybook::decode::{Decoder, JsonLine};
use campaignd_copybook::routing::Chosen;
use campaignd_formats::{CopybookFile, CopybookSettings, ExtraBytes};

use super::cobrix;
use super::reading::{Opened, Reading, is_left_out, told};
use crate::cli::exit::{Exit, Failure};
use crate::cli::print;
use crate::config::FormatFile;

/// Print the records of a file as JSON lines: names as in the copybook, groups nested, numbers with all their decimals,
/// dates as they are written.
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
    /// How it is read.
    #[command(flatten)]
    pub reading: Reading,
    /// Print the rows that another program reads, shaped as it shapes them. The format file may hold that program's
    /// options then: in a table [options], or, if it is a .json file, as an object or in one called `options`.
    #[arg(
        long,
        value_enum,
        conflicts_with_all = ["code_page", "framing", "record_length", "when"]
    )]
    pub preset: Option<Preset>,
    /// An option of that program, by its own name: `--option record_format=V`. May be given several times.
    #[arg(long, value_name = "NAME=VALUE", value_parser = option, requires = "preset")]
    pub option: Vec<(String, String)>,
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

fn option(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write the option's name, `=`, and its value")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

/// Prints the records.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    if arguments.preset == Some(Preset::Cobrix) {
        let FormatFile { settings, base, options } = arguments.said_to_cobrix()?;
        // What the command line says comes last, and so counts.
        let options: Vec<(String, String)> = options.into_iter().chain(arguments.option.clone()).collect();
        let (file, take) = (arguments.file.as_path(), arguments.take);
        return cobrix::run(cobrix::Wanted { file, settings, base: &base, options: &options, take });
    }
    let Opened { file, mut records } = arguments.reading.open(&arguments.file)?;
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
    /// What the format file and the options say together, where they are Cobrix's.
    fn said_to_cobrix(&self) -> Result<FormatFile, Failure> {
        let unsaid = FormatFile::without_file(CopybookSettings::new(PathBuf::new()));
        let said = match &self.reading.format_file {
            Some(file) if file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) => {
                FormatFile { options: cobrix::options_in_json(file)?, ..unsaid }
            }
            _ => self.reading.in_format_file(unsaid)?,
        };
        self.reading.over(said, &self.file)
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
        if is_left_out(self.file, number, bytes, &self.decoder) {
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
            print::error(&format!("{}\n", told(self.file.layout(), number, offset, fault)));
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
        print::error(&format!("{}, {} rejected{left_out}\n", print::counted(self.records, "record"), self.rejected));
        Ok(if self.rejected == 0 { Exit::Done } else { Exit::Refused })
    }
}
