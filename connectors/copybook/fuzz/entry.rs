//! What a fuzz target does with any bytes. Shared with the ordinary tests.

use std::sync::LazyLock;

use campaignd_copybook::Copybook;
use campaignd_copybook::code_page::CodePage;
use campaignd_copybook::decode::{Decoder, DisplayNumbers, JsonLine, Length, Options, TableRoom, WrongCounters};
use campaignd_copybook::framing::{
    Endian, Framer, Framing, LengthAnswer, LengthField, LengthNumber, LineEnd, Rdw, RecordFormat, RecordLengths, Step,
    diagnose,
};
use campaignd_copybook::layout::{LONGEST_RECORD, Layout, changes, lines};

#[cfg(feature = "arrow")]
#[allow(clippy::duplicate_mod, reason = "the tests of columns are built with it too")]
#[path = "../tests/copybook/columnar/beside.rs"]
mod beside;

/// Any text as a copybook: it is laid out, or each error shows a line of it.
pub fn copybook_text(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match Copybook::parse("ANY", &text, &()) {
        Ok(Copybook { layout }) => {
            for record in &layout.records {
                assert!(layout.shortest(*record) <= layout.longest(*record));
                assert!(layout.longest(*record) <= LONGEST_RECORD);
            }
            for item in &layout.items {
                assert!(item.offset.saturating_add(item.total_length()) <= LONGEST_RECORD);
            }
            assert!(lines(&layout).len() <= layout.items.len() + layout.renames.len());
            assert_eq!(changes(&layout, &layout), []);
        }
        Err(errors) => {
            assert!(!errors.is_empty());
            let mut text_lines: Vec<&str> = text.strip_prefix('\u{feff}').unwrap_or(&text).split('\n').collect();
            for line in &mut text_lines {
                *line = line.strip_suffix('\r').unwrap_or(line);
            }
            for error in errors {
                let line = text_lines[usize::try_from(error.place.line).expect("32 bits") - 1];
                assert_eq!(error.line_text, line);
                let end = u64::from(error.place.column) - 1 + u64::from(error.width);
                assert!(error.width >= 1 && end <= line.chars().count() as u64 + 1, "{error}");
            }
        }
    }
}

/// The first byte chooses how records are cut off, the second how much of the file is in memory, the rest is the file.
pub fn framing(data: &[u8]) {
    let [choice, window, file @ ..] = data else { return };
    let number = |number| LengthField { offset: 1, length: 2, number, adjust: 3 };
    let swapped = Rdw { endian: Endian::Little, counts_itself: false, adjust: -1 };
    let formats = [
        RecordFormat::Fixed { length: 7 },
        RecordFormat::Variable(Rdw::Z_OS),
        RecordFormat::Variable(Rdw::COBRIX),
        RecordFormat::FixedBlocked { length: 3, bdw: Rdw { endian: Endian::LittleInEitherHalf, ..Rdw::Z_OS } },
        RecordFormat::Variable(swapped),
        RecordFormat::VariableBlocked { rdw: Rdw::Z_OS, bdw: Rdw::Z_OS },
        RecordFormat::Spanned { rdw: Rdw::Z_OS, bdw: Some(Rdw::Z_OS) },
        RecordFormat::Spanned { rdw: Rdw::Z_OS, bdw: None },
        RecordFormat::Lines { most: 40, end: LineEnd::Nel },
        RecordFormat::Lines { most: 40, end: LineEnd::Lf },
        RecordFormat::LengthField(number(LengthNumber::BinaryBig)),
        RecordFormat::LengthField(number(LengthNumber::Zoned)),
        RecordFormat::LengthField(number(LengthNumber::Packed)),
        RecordFormat::LengthField(number(LengthNumber::AsciiText)),
        RecordFormat::ByLayout,
    ];
    let records = formats[usize::from(*choice) % formats.len()];
    let skipped = u64::from(*choice / 64);
    let framing = Framing { skip_start: skipped, skip_end: skipped, longest: 4_000, ..Framing::new(records) };
    let framer = match records {
        RecordFormat::ByLayout => {
            let mut decoder = Decoder::new(LAYOUTS[1].clone().into(), options("ascii"));
            let length = move |bytes: &[u8]| match decoder.length(0, bytes, &mut |_| true) {
                Length::Is(length) => LengthAnswer::Is(length),
                Length::Needs(more) => LengthAnswer::Needs(more),
                Length::Unknown(fault) => LengthAnswer::Wrong(fault.reason.to_string()),
            };
            Framer::by_layout(framing, Box::new(length))
        }
        _ => Framer::new(framing),
    };
    let mut framer = framer.expect("these settings can be");
    let (mut from, mut until, mut seen) = (0, 0, 0);
    // Each step hands on a record or wants more bytes than there were.
    for _ in 0..4 * file.len() + 16 {
        let ended = until == file.len();
        match framer.next(&file[from..until], from as u64, ended) {
            Ok(Step::Record(record)) => {
                assert!(record.bytes.len() <= 4_000);
                seen += record.bytes.len();
                assert!(seen <= file.len());
            }
            Ok(Step::More { from: needed, until: wanted }) => {
                assert!(!ended || needed != from as u64, "it wants more than there is");
                from = file.len().min(usize::try_from(needed).expect("64 bits"));
                let wanted = usize::try_from(wanted).expect("64 bits").saturating_add(usize::from(*window));
                until = file.len().min(wanted.max(from));
            }
            Ok(Step::End) => {
                let lengths = RecordLengths { least: 1, most: 100 };
                diagnose(file, Some(file.len() as u64), &lengths);
                return;
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                return;
            }
        }
    }
    panic!("it never ends");
}

static LAYOUTS: LazyLock<Vec<Layout>> = LazyLock::new(|| {
    [
        "01 R. 05 A PIC S9(5) COMP-3. 05 B PIC 9(38) COMP. 05 C PIC S9(38) COMP-5. 05 D PIC X(4). 05 E PIC N(3). \
         05 F COMP-1. 05 G COMP-2. 05 H PIC S9(38). 05 I PIC ZZ,ZZ9.99CR. 05 J PIC S9(3).99. 05 K PIC 9(5) COMP-6. \
         05 L PIC X(12). 05 M PIC G(3) DISPLAY-1.",
        "01 R. 05 K PIC 9. 05 G OCCURS 0 TO 9 DEPENDING ON K. 10 N PIC 9. 10 F PIC X OCCURS 0 TO 9 DEPENDING ON N.",
        "01 R. 05 T PIC X. 05 A. 10 N PIC 9. 10 L PIC X OCCURS 0 TO 5 DEPENDING ON N. 05 B REDEFINES A. 10 M PIC 9. \
         10 O PIC XX OCCURS 0 TO 5 DEPENDING ON M. 05 C REDEFINES A PIC X(9). 05 U PIC X OCCURS 0 TO 5 DEPENDING ON M.",
        "01 R. 05 A PIC X. 05 T OCCURS 3. 10 B COMP PIC S9(9) SYNC. 10 FILLER PIC X. 05 FILLER. 10 Z PIC S9 SIGN LEADING \
         SEPARATE.",
    ]
    .map(|text| Copybook::parse("FIXED", text, &()).expect("it is a copybook").layout)
    .into()
});

fn options(page: &str) -> Options {
    Options::z_os(CodePage::named(page).expect("there is such a page"))
}

/// The first byte chooses a layout and a code page, its upper bits what is let through, the second which alternatives are
/// read and, where it is a shift, a mixed code page, the rest is a record.
pub fn decode(data: &[u8]) {
    let [choice, alternatives, record @ ..] = data else { return };
    let layout = &LAYOUTS[usize::from(*choice) % LAYOUTS.len()];
    let is_set = |bit: u8| choice >> bit & 1 == 1;
    let mut options = options(match (alternatives, is_set(2)) {
        (0x0E, _) => "cp930",
        (0x0F, _) => "cp1388",
        (_, true) => "ascii",
        (_, false) => "cp037",
    });
    options.short_records = is_set(3);
    options.absent.blanks = is_set(4);
    options.absent.low_values = is_set(5);
    options.binary_beyond_picture = is_set(6);
    if is_set(7) {
        options.display = DisplayNumbers::Lenient { overpunched: is_set(6) };
        options.tables = if is_set(5) { TableRoom::Full } else { TableRoom::AsCounted };
        options.wrong_counters = WrongCounters::Full;
        options.packed_beyond_picture = true;
    }
    let wanted: Vec<bool> = (0..layout.items.len()).map(|id| alternatives >> (id % 8) & 1 == 1).collect();
    let mut decoder = Decoder::new(layout.clone().into(), options);
    let longest = layout.longest(0) as usize;
    let mut json = JsonLine::new(layout);
    for wanted in [&[][..], &wanted] {
        json.start(wanted);
        let end = decoder.decode(0, record, &mut json);
        assert!(end.is_none_or(|end| end <= longest));
        assert!(end.is_some() || !json.faults.is_empty());
        assert!(json.faults.len() <= 2 * longest + 2);
        assert_eq!(json.line().ends_with('}'), json.line().starts_with('{'));
        for fault in &json.faults {
            assert!(!fault.reason.to_string().is_empty() && fault.raw.len() <= longest);
        }
    }
    // Columns say the same.
    #[cfg(feature = "arrow")]
    for wanted in [&[][..], &wanted] {
        beside::check(layout, 0, wanted, options, &[record.to_vec(), record[record.len() / 2..].to_vec()]);
    }
    match decoder.length(0, record, &mut |_| true) {
        Length::Is(length) => assert!(length <= record.len()),
        Length::Needs(more) => assert!(more > record.len() && more <= longest),
        Length::Unknown(fault) => assert!(!fault.reason.to_string().is_empty()),
    }
}
