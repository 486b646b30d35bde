//! Columns and rows of the same bytes are the same, whatever the bytes.

use campaignd_copybook::code_page::CodePage;
use campaignd_copybook::decode::Options;
use campaignd_copybook::layout::{Field, Layout};
use campaignd_copybook::syntax::SignPosition;
use proptest::prelude::*;

use super::super::any_bytes::{any_options, bytes, layouts};
use super::super::layout;
use super::super::written::{Plan, Writer, node, random};
use super::check;

/// Fields of each kind and many lengths.
fn every_kind() -> Layout {
    let mut text = String::from("01 R.\n");
    let mut name = 0;
    let mut entry = |clauses: String| {
        name += 1;
        text += &format!("05 F{name} {clauses}.\n");
    };
    for digits in [1, 2, 3, 7, 8, 9, 10, 15, 16, 17, 18, 19, 23, 24, 25, 31, 32, 33, 37, 38] {
        for usage in ["COMP-3", "COMP-6", "COMP", "COMP-5"] {
            entry(format!("PIC 9({digits}) {usage}"));
        }
        for usage in ["COMP-3", "COMP", "COMP-5"] {
            entry(format!("PIC S9({digits}) {usage}"));
        }
        entry(format!("PIC 9({digits})"));
        for sign in ["LEADING", "TRAILING", "LEADING SEPARATE", "TRAILING SEPARATE"] {
            entry(format!("PIC S9({digits}) SIGN {sign}"));
        }
        entry(format!("PIC X({digits})"));
    }
    for clauses in [
        "PIC 9(3)V99",
        "PIC S9(3)PP COMP-3",
        "PIC VPP9(2)",
        "PIC S9PPP COMP",
        "PIC 9(5) BLANK WHEN ZERO",
        "COMP-1",
        "COMP-2",
        "PIC N(4)",
        "PIC ZZ,ZZ9.99CR",
        "PIC S9(3).99",
        "POINTER",
        "PIC A(30)",
        "PIC X(20) JUST",
        "PIC G(8) DISPLAY-1",
    ] {
        entry(clauses.into());
    }
    layout(&text)
}

/// A random number below `bound`.
fn below(random: &mut dyn FnMut(u64) -> u64, bound: usize) -> usize {
    usize::try_from(random(u64::try_from(bound).unwrap())).unwrap()
}

/// Double-byte letters, blanks among them.
fn double_bytes(raw: &mut [u8], random: &mut dyn FnMut(u64) -> u64) {
    for pair in raw.as_chunks_mut::<2>().0 {
        *pair = [[0x40, 0x40], [0x42, 0xC1], [0x42, 0xC2]][below(random, 3)];
    }
}

/// A record with clean bytes in every field.
fn clean(layout: &Layout, options: Options, random: &mut dyn FnMut(u64) -> u64) -> Vec<u8> {
    let mut record = vec![0; layout.longest(0) as usize];
    let page = options.code_page;
    let blank = page.blank();
    let zone = if blank == 0x40 { 0xF0 } else { 0x30 };
    let small = |random: &mut dyn FnMut(u64) -> u64, bound| u8::try_from(random(bound)).unwrap();
    for item in layout.items.iter().filter(|item| item.field.is_some()) {
        let raw = &mut record[item.offset as usize..(item.offset + item.length) as usize];
        let last = raw.len() - 1;
        match item.field.unwrap() {
            Field::Text => {
                let used = below(random, raw.len() + 1);
                raw.fill(blank);
                for byte in &mut raw[..used] {
                    // Mostly ASCII, blanks and a little else among it.
                    *byte = match random(40) {
                        0 => small(random, 256),
                        1..=5 => blank,
                        _ => page.byte_of(char::from(b'A' + small(random, 26))).unwrap(),
                    };
                }
                if page.is_mixed() && raw.len() > 3 && random(3) == 0 {
                    let from = below(random, raw.len() - 3);
                    let until = from + 2 + 2 * below(random, (raw.len() - from) / 2);
                    raw[from] = 0x0E;
                    double_bytes(&mut raw[from + 1..until - 1], random);
                    raw[until - 1] = 0x0F;
                }
            }
            Field::Dbcs => double_bytes(raw, random),
            Field::Zoned { sign, .. } => {
                for byte in raw.iter_mut() {
                    *byte = zone | small(random, 10);
                }
                let minus = random(2) == 1;
                if let Some(sign) = sign {
                    let at = if sign.position == SignPosition::Leading { 0 } else { last };
                    raw[at] = match (sign.separate, zone) {
                        (true, _) => page.byte_of(if minus { '-' } else { '+' }).unwrap(),
                        (_, 0xF0) => [0xC0, 0xD0, 0xF0, 0xA0][below(random, 4)] | raw[at] & 0xF,
                        _ if minus => b"}JKLMNOPQR"[usize::from(raw[at] & 0xF)],
                        _ => b"{ABCDEFGHI"[usize::from(raw[at] & 0xF)],
                    };
                }
            }
            Field::Packed { digits, signed, .. } => {
                for byte in raw.iter_mut() {
                    *byte = small(random, 10) << 4 | small(random, 10);
                }
                let sign = if signed { b"\x0C\x0D\x0F\x0B"[below(random, 4)] } else { 0xF };
                raw[last] = raw[last] & 0xF0 | sign;
                if digits % 2 == 0 {
                    raw[0] &= 0xF;
                }
            }
            Field::PackedUnsigned { digits, .. } => {
                for byte in raw.iter_mut() {
                    *byte = small(random, 10) << 4 | small(random, 10);
                }
                if digits % 2 == 1 {
                    raw[0] &= 0xF;
                }
            }
            Field::Binary { .. } => {
                if random(2) == 1 {
                    raw[last] = small(random, 10);
                } else {
                    for byte in raw.iter_mut() {
                        *byte = small(random, 256);
                    }
                }
            }
            Field::Edited { .. } => {
                raw.fill(blank);
                for (byte, c) in raw.iter_mut().zip(" 1,234.50CR".chars()) {
                    *byte = page.byte_of(c).unwrap();
                }
            }
            _ => {
                for byte in raw.iter_mut() {
                    *byte = small(random, 120);
                }
            }
        }
    }
    record
}

/// Some of a record's fields are filled with a special byte, some bytes are changed, and its end may be cut off or be
/// followed by something.
fn spoil(layout: &Layout, record: &mut Vec<u8>, random: &mut dyn FnMut(u64) -> u64) {
    for _ in 0..random(3) {
        let item = &layout.items[below(random, layout.items.len())];
        if let Some(raw) = record.get_mut(item.offset as usize..(item.offset + item.length) as usize)
            && item.field.is_some()
        {
            raw.fill([0x00, 0xFF, 0x40, 0x20][below(random, 4)]);
        }
    }
    for _ in 0..random(3) {
        let at = below(random, record.len());
        if let Some(byte) = record.get_mut(at) {
            *byte = u8::try_from(random(256)).unwrap();
        }
    }
    match random(8) {
        0 => record.truncate(below(random, record.len() + 1)),
        1 => record.extend([0xF0, 0x30, 0x40]),
        _ => {}
    }
}

proptest! {
    #[test]
    fn any_bytes(
        records in prop::collection::vec(bytes(), 0..5),
        options in any_options(),
        wanted in prop::collection::vec(any::<bool>(), 40),
    ) {
        for layout in layouts() {
            for wanted in [&[][..], &wanted[..]] {
                check(&layout, layout.records[0], wanted, options, &records);
            }
        }
    }

    #[test]
    fn clean_and_spoiled_records_of_every_kind(seed: u64, options in any_options()) {
        let layout = every_kind();
        let mut random = random(seed | 1);
        for spoiled in [false, true] {
            let mut records: Vec<Vec<u8>> = (0..4).map(|_| clean(&layout, options, &mut random)).collect();
            if spoiled {
                for record in &mut records {
spoil(&layout, record, &mut random);
}
            }
            check(&layout, 0, &[], options, &records);
        }
    }

    #[test]
    fn what_was_written_is_read(
        nodes in prop::collection::vec(node(), 1..5),
        seed: u64,
        short_records: bool,
        wanted in prop::collection::vec(any::<bool>(), 60),
    ) {
        let mut numbers = random(seed | 1);
        let mut writer = Writer::new(&mut numbers);
        let plans: Vec<Plan> = nodes.iter().map(|node| writer.entry(2, "", node)).collect();
        let layout = layout(&writer.copybook);
        let mut records = vec![];
        for _ in 0..6 {
            writer.record.clear();
            for plan in &plans {
writer.write(plan);
}
            records.push(writer.record.clone());
        }
        let options = Options { short_records, ..Options::z_os(CodePage::named("latin1").unwrap()) };
        for wanted in [&[][..], &wanted[..]] {
            check(&layout, layout.records[0], wanted, options, &records);
        }
        let mut numbers = random(seed | 1);
        for record in &mut records {
spoil(&layout, record, &mut numbers);
}
        for wanted in [&[][..], &wanted[..]] {
            check(&layout, layout.records[0], wanted, options, &records);
        }
    }
}
