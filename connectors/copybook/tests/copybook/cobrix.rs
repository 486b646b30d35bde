//! Cases of Cobrix's own test suite read as z/OS writes, nothing lenient: what it reads is the same. Skipped, saying so,
//! where they aren't there. The command line's tests read them all as the peer does.

use campaignd_copybook::code_page::CodePage;
use campaignd_copybook::decode::{Decoder, Fault, Floating, JsonLine, Length, Options, Trim, Value, Visitor};
use campaignd_copybook::layout::{ItemId, Layout};
use campaignd_copybook::routing::{Choices, Chosen};

use super::data;

/// The copybook and the bytes of a case, and the rows that are expected.
fn case(name: &str, file: &str) -> Option<(Layout, Vec<u8>, Vec<String>)> {
    let folder = data(&format!("cobrix/{name}"))?;
    let read = |path: &str| std::fs::read(folder.join(path)).unwrap();
    let layout = super::layout(&String::from_utf8(read("copybook.cob")).unwrap());
    let expected = String::from_utf8(read("expected.txt")).unwrap();
    let rows = expected.split('\n').filter(|row| !row.is_empty()).map(str::to_owned).collect();
    Some((layout, read(&format!("data/{file}")), rows))
}

fn cobrix(page: &str) -> Options {
    Options { trim: Trim::None, ..Options::z_os(CodePage::named(page).unwrap()) }
}

/// Nested tables, no marks between records: each says by its counters how long it is.
#[test]
fn records_as_long_as_their_counters_say() {
    let Some((layout, bytes, expected)) = case("test21_var_occurs", "data.dat") else { return };
    let mut decoder = Decoder::new(layout.clone().into(), cobrix("ascii"));
    let mut json = JsonLine::new(&layout);
    let (mut at, mut rows) = (0, Vec::new());
    while at < bytes.len() {
        let Length::Is(length) = decoder.length(0, &bytes[at..], &mut |_| true) else { panic!("{at}") };
        for until in 0..length {
            assert!(matches!(decoder.length(0, &bytes[at..at + until], &mut |_| true), Length::Needs(n) if n > until));
        }
        json.start(&[]);
        assert_eq!(decoder.decode(0, &bytes[at..at + length], &mut json), Some(length));
        // The peer writes names with underscores, and the record's around it all.
        rows.push(format!("{{\"RECORD\":{}}}", json.line().replace('-', "_")));
        at += length;
    }
    assert_eq!(rows, expected);
}

/// The peer writes decimals as binary floating point where they have few digits, and zero for what is absent: values are
/// compared as numbers, and what it reads as zero may be at fault here.
#[test]
fn types() {
    let Some((layout, bytes, expected)) = case("test6_types", "INTEGR.TYPES.NOV28.DATA.dat") else { return };
    let options = Options { floating: Floating::Ieee, trim: Trim::Both, ..cobrix("common") };
    let mut decoder = Decoder::new(layout.clone().into(), options);
    let choices = Choices::parse(&layout, []).unwrap();
    let mut chosen = Chosen::default();
    assert_eq!((layout.longest(0), bytes.len() / 1_493, expected.len()), (1_493, 100, 100));
    let (mut equal, mut at_fault) = (0, Vec::new());
    let mut rows: Vec<_> = bytes
        .chunks(1_493)
        .map(|record| {
            assert!(choices.choose(record, &decoder, &mut chosen));
            let mut seen = Values { layout: &layout, values: Vec::new() };
            assert_eq!(decoder.decode(chosen.record, record, &mut seen), Some(record.len()));
            seen.values
        })
        .collect();
    rows.sort_by_key(|row| row[0].1.clone().unwrap().parse::<u32>().unwrap());
    for (row, expected) in rows.iter().zip(&expected) {
        for (name, value) in row {
            let wanted = member(expected, name);
            match value {
                Ok(value) if same(value, &wanted) => equal += 1,
                Ok(value) => panic!("{name}: {value}, expected {wanted}: {expected}"),
                Err(reason) => at_fault.push(format!("{name}: {reason}, expected {wanted}")),
            }
        }
    }
    at_fault.sort_unstable();
    at_fault.dedup();
    assert_eq!((equal, at_fault), (19_500, vec![]));
}

/// Names and values, or what is wrong with them.
struct Values<'l> {
    layout: &'l Layout,
    values: Vec<(String, Result<String, String>)>,
}

impl Visitor for Values<'_> {
    fn value(&mut self, item: ItemId, value: Value<'_>) {
        let value = match value {
            Value::Absent => "0".to_owned(),
            Value::Text(text) => format!("\"{text}\""),
            Value::Number(number) => number.to_string(),
            Value::Floating(number) => number.to_string(),
            Value::Bytes(bytes) => panic!("{bytes:?}"),
        };
        self.values.push((self.layout.items[item].name.replace('-', "_"), Ok(value)));
    }
    fn fault(&mut self, fault: Fault) {
        self.values.push((self.layout.items[fault.item].name.replace('-', "_"), Err(fault.reason.to_string())));
    }
}

/// The member of a flat JSON object whose texts hold no quotes.
fn member(row: &str, name: &str) -> String {
    let Some((_, behind)) = row.split_once(&format!("\"{name}\":")) else { return "nothing".into() };
    if let Some(text) = behind.strip_prefix('"') {
        return format!("\"{}\"", text.split('"').next().unwrap_or_default());
    }
    behind.split([',', '}']).next().unwrap_or_default().to_owned()
}

/// Whether two texts are one number, or one text. Decimals are compared digit by digit but for zeros at the end.
fn same(found: &str, wanted: &str) -> bool {
    if found == wanted {
        return true;
    }
    let plain = |number: &str| {
        if number.contains('.') {
            number.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            number.to_owned()
        }
    };
    if plain(found) == plain(wanted) {
        return true;
    }
    // Exponents and single precision only.
    let numbers = (found.parse::<f64>(), wanted.parse::<f64>());
    matches!(numbers, (Ok(found), Ok(wanted)) if wanted.to_string() == found.to_string() || (found - wanted).abs() <= wanted.abs() * 1e-7)
}
