//! Any bytes as records of all kinds of layouts: never a panic, never more told than a full record has.

use campaignd_copybook::decode::{
    Absent, Decoder, DisplayNumbers, Fault, Floating, JsonLine, Length, Options, Signs, TableRoom, Trim, Value,
    Visitor, WrongCounters,
};
use campaignd_copybook::layout::{ItemId, Layout};
use proptest::prelude::*;

use super::{all_absent, layout, options};

/// Counts what is told.
#[derive(Default)]
struct Counted {
    told: usize,
    open: usize,
    lost: bool,
}

impl Visitor for Counted {
    fn group_starts(&mut self, _item: ItemId) {
        self.open += 1;
    }
    fn group_ends(&mut self, _item: ItemId) {
        self.open -= 1;
    }
    fn table_starts(&mut self, _item: ItemId, _entries: u32) {
        self.open += 1;
    }
    fn table_ends(&mut self, _item: ItemId) {
        self.open -= 1;
    }
    fn value(&mut self, _item: ItemId, _value: Value<'_>) {
        assert!(!self.lost);
        self.told += 1;
    }
    fn fault(&mut self, fault: Fault) {
        assert!(!self.lost);
        assert!(fault.raw.len() <= 64);
        self.told += 1;
    }
    fn lost(&mut self, _fault: Fault) {
        assert!(!self.lost);
        self.lost = true;
    }
}

pub(super) fn layouts() -> Vec<Layout> {
    [
        "01 R. 05 A PIC S9(5) COMP-3. 05 B PIC 9(38) COMP. 05 C PIC S9(38) COMP-5. 05 D PIC X(4). 05 E PIC N(3). \
         05 F COMP-1. 05 G COMP-2. 05 H PIC S9(38). 05 I PIC ZZ,ZZ9.99CR. 05 J PIC S9(3).99. 05 K PIC 9(5) COMP-6.",
        "01 R. 05 A PIC X(12). 05 B PIC G(3) DISPLAY-1. 05 C PIC X(9) JUST. 05 D PIC X OCCURS 3. 05 E PIC N(2).",
        "01 R. 05 K PIC 9. 05 G OCCURS 0 TO 9 DEPENDING ON K. 10 N PIC 9(4) COMP. 10 F OCCURS 0 TO 9 DEPENDING ON N. \
         15 M PIC S9 COMP-3. 15 X PIC XX OCCURS 1 TO 3 DEPENDING ON M. 05 Z PIC S9(3) SIGN LEADING SEPARATE.",
        "01 R. 05 T PIC X. 05 A. 10 N PIC 9. 10 L PIC X OCCURS 0 TO 5 DEPENDING ON N. 05 B REDEFINES A. 10 M PIC 9. \
         10 O PIC XX OCCURS 0 TO 5 DEPENDING ON M. 05 C REDEFINES A PIC X(9). 05 U PIC X OCCURS 0 TO 5 DEPENDING ON M.",
        "01 R. 05 A PIC X. 05 T OCCURS 3. 10 B COMP PIC S9(9) SYNC. 10 FILLER PIC X. 05 FILLER. 10 FILLER PIC XX.",
    ]
    .map(layout)
    .into()
}

pub(super) fn any_options() -> impl Strategy<Value = Options> {
    let pages = prop::sample::select(vec!["cp037", "ascii", "latin1", "cp1047", "common", "cp939", "cp1388"]);
    let flags = (any::<[bool; 6]>(), any::<[bool; 4]>());
    (pages, flags).prop_map(
        |(page, ([absent, ieee, short_records, beyond, preferred, trim], [lenient, full, wrong, packed]))| Options {
            display: if lenient { DisplayNumbers::Lenient { overpunched: beyond } } else { DisplayNumbers::Exact },
            tables: if full { TableRoom::Full } else { TableRoom::AsCounted },
            wrong_counters: if wrong { WrongCounters::Full } else { WrongCounters::Fault },
            packed_beyond_picture: packed,
            absent: if absent { all_absent() } else { Absent::default() },
            floating: if ieee { Floating::Ieee } else { Floating::Hexadecimal },
            short_records,
            binary_beyond_picture: beyond,
            signs: if preferred { Signs::Preferred } else { Signs::Any },
            trim: if trim { Trim::Both } else { Trim::None },
            ..options(page)
        },
    )
}

/// Bytes that are often digits, so that counters count, and some that are double-byte characters and shifts.
pub(super) fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        3 => b'0'..=b'9',
        3 => 0xF0..=0xF9_u8,
        2 => Just(0_u8),
        2 => Just(0x40_u8),
        2 => Just(0x42_u8),
        2 => 0x0E..=0x0F_u8,
        1 => Just(0xFF_u8),
        2 => any::<u8>(),
    ];
    prop::collection::vec(byte, 0..200)
}

proptest! {
    #[test]
    fn any_record(bytes in bytes(), options in any_options(), wanted in prop::collection::vec(any::<bool>(), 40)) {
        for layout in layouts() {
            let record = layout.records[0];
            let mut decoder = Decoder::new(layout.clone().into(), options);
            let mut counted = Counted::default();
            let end = decoder.decode(record, &bytes, &mut counted);
            prop_assert_eq!(end.is_none(), counted.lost);
            prop_assert!(end.is_none_or(|end| end <= layout.longest(record) as usize));
            prop_assert!(counted.lost || counted.open == 0);
            prop_assert!(counted.told <= layout.items.len() + 2 * layout.longest(record) as usize);
            let mut json = JsonLine::new(&layout);
            for wanted in [&[][..], &wanted[..]] {
                json.start(wanted);
                decoder.decode(record, &bytes, &mut json);
                prop_assert!(json.line().len() <= 200 + 100 * layout.longest(record) as usize);
                prop_assert_eq!(json.line().matches(['{', '[']).count() > 0, true);
            }
            match decoder.length(record, &bytes, &mut |_| true) {
                Length::Is(length) => {
                    prop_assert!(length <= bytes.len());
                    // Neither a byte less nor what comes behind changes it.
                    prop_assert_eq!(decoder.length(record, &bytes[..length], &mut |_| true), Length::Is(length));
                    if let Some(shorter) = length.checked_sub(1) {
                        prop_assert!(matches!(decoder.length(record, &bytes[..shorter], &mut |_| true),
                            Length::Needs(more) if more > shorter));
                    }
                }
                Length::Needs(more) => prop_assert!(more > bytes.len() && more <= layout.longest(record) as usize),
                Length::Unknown(_) => {}
            }
        }
    }
}

/// Values by their items, and faults as nothing.
#[derive(Debug, Default, PartialEq)]
struct Read(Vec<(usize, Option<String>)>);

impl Visitor for Read {
    fn value(&mut self, item: ItemId, value: Value<'_>) {
        self.0.push((item, Some(format!("{value:?}"))));
    }
    fn fault(&mut self, fault: Fault) {
        self.0.push((fault.item, None));
    }
}

proptest! {
    /// What is a value to COBOL is the same value to whoever is lenient.
    #[test]
    fn what_is_clean_stays_what_it_is(bytes in bytes(), page in prop::sample::select(vec!["cp037", "ascii"])) {
        let layout = layout(
            "01 R. 05 A PIC 9(3). 05 B PIC S9(3)V99. 05 C PIC S9(2) SIGN LEADING SEPARATE. 05 D PIC 9(2).9. 05 E PIC ZZ9.9-. \
             05 F PIC S9(4) COMP-3. 05 G PIC 9(3) COMP-3. 05 H PIC 9(3) COMP-6. 05 I PIC S9(4) COMP. 05 J PIC X(3).",
        );
        let exact = Options { signs: Signs::Preferred, ..options(page) };
        let lenient = Options {
            display: DisplayNumbers::Lenient { overpunched: false },
            packed_beyond_picture: true,
            binary_beyond_picture: true,
            wrong_counters: WrongCounters::Full,
            ..exact
        };
        let read = |options| {
            let mut read = Read::default();
            Decoder::new(layout.clone().into(), options).decode(0, &bytes, &mut read);
            read
        };
        for ((item, exact), (_, lenient)) in read(exact).0.into_iter().zip(read(lenient).0) {
            prop_assert!(exact.is_none() || exact == lenient, "{item}: {exact:?} {lenient:?}");
        }
    }
}
