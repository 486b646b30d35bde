//! Writes a call log of any size, the same on every machine, with the plan it belongs to beside it.
//!
//! `call_log ROWS PATH [--seed N] [--codes N] [--first N] [--mainframe]`: a year of calls to `--codes` numbers (100, so that there
//! are 1,200 cells of part and month) by some 600,000 people, twelve columns, about 115 bytes a row. `--first` is the
//! number of the first call, so that a second file can bring further ones. `--mainframe` writes the same calls as EBCDIC
//! records of 108 bytes, described by `mainframe/CALLS.cpy`. Beside PATH stand `parts.csv` and `code_map.csv`.

use std::error::Error;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use campaignd::demo::random::Random;
use campaignd_copybook::code_page::CodePage;
use jiff::ToSpan as _;
use jiff::civil::date;

const USAGE: &str = "usage: call_log ROWS PATH [--seed N] [--codes N] [--first N] [--mainframe]";
const DAYS: u64 = 365;
const DISPOSITIONS: &[&str] = &["INFO", "INFO", "INFO", "NOINT", "NOINT", "CALLBACK", "ABAND", "WRONG", "SALE", "DNC"];
const CENTRES: &[&str] = &["ALB", "TPA", "OMA"];
const QUEUES: &[&str] = &["voice_mail", "caller_id", "forwarding", "bundle"];
/// Area codes, each with the 10,000 numbers 555-0000 to 555-9999, which nobody has.
const AREAS: &[&str] = &[
    "201", "203", "207", "212", "215", "216", "219", "231", "234", "240", "248", "260", "267", "269", "301", "302",
    "304", "315", "330", "339", "347", "351", "401", "410", "412", "413", "419", "434", "440", "443", "475", "484",
    "502", "508", "513", "516", "517", "518", "540", "551", "567", "570", "571", "585", "586", "603", "607", "609",
    "610", "614", "616", "617", "631", "646", "703", "704", "716", "717", "718", "724",
];

struct Arguments {
    rows: u64,
    path: PathBuf,
    seed: u64,
    codes: u64,
    first: u64,
    mainframe: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = arguments()?;
    let folder = arguments.path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    plan(folder)?;
    calls(&arguments)
}

fn arguments() -> Result<Arguments, Box<dyn Error>> {
    let mut given = std::env::args().skip(1);
    let rows = given.next().ok_or(USAGE)?.replace('_', "").parse()?;
    let path = given.next().ok_or(USAGE)?.into();
    let mut arguments = Arguments { rows, path, seed: 1, codes: 100, first: 1, mainframe: false };
    while let Some(option) = given.next() {
        if option == "--mainframe" {
            arguments.mainframe = true;
            continue;
        }
        let number = given.next().ok_or(USAGE)?.parse()?;
        match option.as_str() {
            "--seed" => arguments.seed = number,
            "--codes" => arguments.codes = number,
            "--first" => arguments.first = number,
            _ => return Err(USAGE.into()),
        }
    }
    Ok(arguments)
}

/// One campaign, a part for each of the 100 numbers.
fn plan(folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut parts = BufWriter::new(File::create(folder.join("parts.csv"))?);
    let mut codes = BufWriter::new(File::create(folder.join("code_map.csv"))?);
    writeln!(parts, "part,campaign,name,channel,targeted")?;
    writeln!(codes, "code_type,code,part,first_day")?;
    for number in 0..100 {
        writeln!(parts, "BENCH-{number:02},BENCH,Number {number:02},phone,20000")?;
        writeln!(codes, "dnis,80055500{number:02},BENCH-{number:02},2026-01-01")?;
    }
    Ok(())
}

fn calls(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let mut random = Random::new(arguments.seed);
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&arguments.path)?);
    if !arguments.mainframe {
        out.write_all(b"call_id;start_time;centre;queue;dnis;ani;disposition;agent;wait_seconds;talk_seconds;wrap_seconds;recording\n")?;
    }
    let ebcdic = ebcdic();
    let (mut today, mut day_text, mut day_path, mut text) = (u64::MAX, String::new(), String::new(), String::new());
    for row in 0..arguments.rows {
        // In the order of time, in opening hours.
        let day = row * DAYS / arguments.rows;
        if day != today {
            let date = date(2026, 1, 1) + i64::try_from(day)?.days();
            (day_text, day_path) = (date.strftime("%d/%m/%Y").to_string(), date.strftime("%Y/%m/%d").to_string());
            today = day;
        }
        let second = 8 * 3_600 + (row * DAYS % arguments.rows) * 13 * 3_600 / arguments.rows;
        let bits = random.word();
        let pick = |shift: u32, bound: u64| (bits >> shift) % bound;
        let choose =
            |shift: u32, words: &[&'static str]| words[usize::try_from(pick(shift, words.len() as u64)).unwrap_or(0)];
        let person = random.below(600_000);
        let area = AREAS[usize::try_from(person / 10_000)?];
        let call = arguments.first + row;
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        let (centre, queue, code) = (choose(0, CENTRES), choose(4, QUEUES), pick(8, arguments.codes));
        let (disposition, agent) = (choose(20, DISPOSITIONS), pick(26, 240));
        let (wait, talk, wrap) = (pick(32, 90), pick(40, 700), pick(52, 60));
        let last = person % 10_000;
        if arguments.mainframe {
            text.clear();
            write!(
                text,
                "C{call:011}{day_text} {hour:02}:{minute:02}:{second:02}{centre}{queue:<10}80055500{code:02}\
                 {area}555{last:04}{disposition:<8}A{agent:03}{day_path}/{call:011}"
            )?;
            out.write_all(&text.bytes().map(|byte| ebcdic[usize::from(byte)]).collect::<Vec<u8>>())?;
            out.write_all(&packed(wait))?;
            out.write_all(&packed(talk))?;
            out.write_all(&u32::try_from(wrap)?.to_be_bytes())?;
            continue;
        }
        writeln!(
            out,
            "C{call:011};{day_text} {hour:02}:{minute:02}:{second:02};{centre};{queue};80055500{code:02};\
             {area}-555-{last:04};{disposition};A{agent:03};{wait};{talk};{wrap};{day_path}/{call:011}"
        )?;
    }
    out.flush()?;
    Ok(())
}

/// What stands for each ASCII character.
fn ebcdic() -> [u8; 128] {
    let page = CodePage::named("cp037").expect("it is a page");
    std::array::from_fn(|byte| {
        let character = char::from(u8::try_from(byte).expect("it is below 128"));
        page.byte_of(character).expect("EBCDIC has all of ASCII")
    })
}

/// A packed number of five digits.
fn packed(number: u64) -> [u8; 3] {
    let digit = |power: u32| u8::try_from(number / 10_u64.pow(power) % 10).expect("a digit is below ten");
    [digit(4) << 4 | digit(3), digit(2) << 4 | digit(1), digit(0) << 4 | 0xC]
}
