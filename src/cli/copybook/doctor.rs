//! `campaignd copybook doctor`: which framing a file seems to have.

use std::fs::File;
use std::io::Read as _;
use std::ops::Range;
use std::path::PathBuf;

use campaignd_contract::Error;
use campaignd_copybook::framing::{
    Characters, Damage, Framer, Hypothesis, RecordFormat, RecordLengths, Step, diagnose, hexdump,
};
use campaignd_copybook::layout::Layout;

use super::{Copies, laid_out};
use crate::cli::exit::{Exit, Failure};
use crate::cli::listing::{Cell, Column, FormatArgument, Listing};
use crate::cli::print;

/// Look at the first kilobytes of a file and say how its records seem to be marked off, the likeliest first, and what a
/// transfer has done to it; then show its first bytes beside the copybook.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The file.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The copybook that should describe it.
    #[arg(long, value_name = "FILE")]
    pub copybook: PathBuf,
    /// Its members.
    #[command(flatten)]
    pub copies: Copies,
    /// How to print the verdict; the bytes are shown beside a table only.
    #[command(flatten)]
    pub format: FormatArgument,
}

/// Bytes that are looked at.
const SAMPLE: u64 = 64 << 10;
/// Bytes that are shown at most.
const SHOWN: usize = 512;

/// Prints the verdict.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let layout = laid_out(&arguments.copybook, &arguments.copies)?;
    let shown = arguments.file.display().to_string();
    let failed = |doing: &'static str, e: &std::io::Error| Failure::Input(Error::io(doing, &shown, e));
    let file = File::open(&arguments.file).map_err(|e| failed("open", &e))?;
    let length = file.metadata().map_err(|e| failed("look at", &e))?.len();
    let mut sample = Vec::new();
    file.take(SAMPLE).read_to_end(&mut sample).map_err(|e| failed("read", &e))?;
    let lengths = RecordLengths {
        least: layout.records.iter().map(|record| layout.shortest(*record)).min().unwrap_or_default(),
        most: layout.records.iter().map(|record| layout.longest(*record)).max().unwrap_or_default(),
    };
    let verdict = diagnose(&sample, Some(length), &lengths);
    let rows = verdict
        .iter()
        .map(|hypothesis| {
            vec![
                Cell::Number(hypothesis.score.to_string()),
                described(hypothesis).into(),
                Cell::Number(hypothesis.records.to_string()),
                hypothesis.reasons.join("; ").into(),
            ]
        })
        .collect();
    let columns = vec![
        Column::number("score"),
        Column::text("records"),
        Column::number("whole_records"),
        Column::text("because"),
    ];
    let mut notes = Vec::new();
    if verdict.is_empty() {
        notes.push(format!("nothing fits: {shown} is no file that this copybook describes"));
    }
    Listing { columns, rows, notes }.print(arguments.format.format)?;
    if arguments.format.format == crate::cli::listing::Format::Table
        && let Some(best) = verdict.first()
    {
        print::line(&format!("\n{}", first_record(&layout, best, &sample)))?;
    }
    Ok(Exit::Done)
}

fn described(hypothesis: &Hypothesis) -> String {
    let framing = match hypothesis.framing.records {
        RecordFormat::Fixed { length } => format!("fixed, {length} bytes"),
        RecordFormat::FixedBlocked { length, bdw } => format!("fixed_blocked, {length} bytes{}", descriptor(bdw)),
        RecordFormat::Variable(rdw) => format!("variable{}", descriptor(rdw)),
        RecordFormat::VariableBlocked { rdw, .. } => format!("variable_blocked{}", descriptor(rdw)),
        RecordFormat::Spanned { bdw: Some(_), .. } => "spanned, in blocks".into(),
        RecordFormat::Spanned { bdw: None, .. } => "spanned".into(),
        RecordFormat::Lines { .. } => "lines".into(),
        RecordFormat::LengthField(_) => "by a length of their own".into(),
        RecordFormat::ByLayout => "layout: without marks".into(),
    };
    let damage = match hypothesis.damage {
        None => "",
        Some(Damage::CarriageReturns) => ", damaged: line ends were changed",
        Some(Damage::ConvertedToAscii) => ", damaged: converted to ASCII",
    };
    let text = match hypothesis.text {
        Characters::Ascii => ", ASCII",
        Characters::Ebcdic => ", EBCDIC",
        Characters::Unclear => "",
    };
    format!("{framing}{text}{damage}")
}

fn descriptor(rdw: campaignd_copybook::framing::Rdw) -> String {
    use campaignd_copybook::framing::{Endian, Rdw};
    if rdw == Rdw::Z_OS {
        return String::new();
    }
    let order = match rdw.endian {
        Endian::Big => "big endian",
        Endian::Little | Endian::LittleInEitherHalf => "little endian",
        Endian::Swapped => "all four bytes turned round",
    };
    format!(" ({order}, {})", if rdw.counts_itself { "counting itself" } else { "not counting itself" })
}

/// The bytes of the first record with the fields beside them.
fn first_record(layout: &Layout, best: &Hypothesis, sample: &[u8]) -> String {
    let framer = if best.framing.records == RecordFormat::ByLayout { None } else { Framer::new(best.framing).ok() };
    let start = framer
        .and_then(|mut framer| match framer.next(sample, 0, false) {
            Ok(Step::Record(record)) => usize::try_from(record.offset).ok(),
            _ => None,
        })
        .unwrap_or(0);
    let shown = &sample[..sample.len().min(SHOWN)];
    let notes: Vec<(Range<usize>, String)> = layout
        .items
        .iter()
        .filter(|item| item.field.is_some() && item.fixed && item.redefines.is_none())
        .filter_map(|item| {
            let from = start.checked_add(usize::try_from(item.offset).ok()?)?;
            let to = from.checked_add(usize::try_from(item.length).ok()?)?;
            (to <= shown.len()).then(|| (from..to, item.name.clone()))
        })
        .collect();
    hexdump(shown, 0, &notes)
}
