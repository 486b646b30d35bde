//! Records with alternatives of the same bytes, with fields without a name, and with counters where few look for them.

use campaignd_copybook::decode::{Decoder, JsonLine, Length, Options, TableRoom, WrongCounters};
use campaignd_copybook::layout::{Arrangement, Layout, Records};
use campaignd_copybook::routing::{Choices, Chosen};
use campaignd_copybook::{Copybook, Dialect};

use super::{decoded, layout, options};

/// A record as JSON where these conditions choose what is read; `none` where no level 01 is chosen.
fn chosen(layout: &Layout, conditions: &[(&str, &str)], bytes: &[u8]) -> String {
    let mut decoder = Decoder::new(layout.clone().into(), options("ascii"));
    let choices = Choices::parse(layout, conditions.iter().copied()).unwrap();
    let mut chosen = Chosen::default();
    if !choices.choose(bytes, &decoder, &mut chosen) {
        return "none".into();
    }
    let mut json = JsonLine::new(layout);
    json.start(&chosen.wanted);
    let end = decoder.decode(chosen.record, bytes, &mut json);
    let faults: Vec<_> = json.faults.iter().map(|fault| super::told(layout, fault)).collect();
    let mut shown = json.line().to_owned();
    if !faults.is_empty() {
        shown += &format!(" {}", faults.join("; "));
    } else if end != Some(bytes.len()) {
        shown += &format!(" ends at {end:?}");
    }
    // What is never read is nothing that a record has.
    let ever = choices.ever_read(layout);
    assert!(
        (0..layout.items.len()).all(|id| !chosen.wanted[id]
            || layout.items[id].parent.is_none()
            || ever[id]
            || !read(layout, &chosen, id))
    );
    shown
}

/// Whether an item and all it is in are read.
fn read(layout: &Layout, chosen: &Chosen, id: usize) -> bool {
    std::iter::successors(Some(id), |id| layout.items[*id].parent)
        .all(|id| layout.items[id].parent.map_or(id == chosen.record, |_| chosen.wanted[id]))
}

#[test]
fn alternatives() {
    let layout = layout(
        "01 R. 05 TYPE-OF PIC X. 88 IS-CARD VALUE 'C' 'D'. 05 A PIC X(4). 05 B REDEFINES A PIC 9(4). \
         05 C REDEFINES A. 10 C1 PIC XX. 10 C2 PIC XX. 05 Z PIC X.",
    );
    // Without conditions the original is read.
    assert_eq!(chosen(&layout, &[], b"N1234z"), r#"{"TYPE-OF":"N","A":"1234","Z":"z"}"#);
    let conditions = [("B", "TYPE-OF = 'N'"), ("C", "IS-CARD")];
    assert_eq!(chosen(&layout, &conditions, b"N1234z"), r#"{"TYPE-OF":"N","B":1234,"Z":"z"}"#);
    assert_eq!(chosen(&layout, &conditions, b"D1234z"), r#"{"TYPE-OF":"D","C":{"C1":"12","C2":"34"},"Z":"z"}"#);
    assert_eq!(chosen(&layout, &conditions, b"X1234z"), r#"{"TYPE-OF":"X","A":"1234","Z":"z"}"#);
    // A condition of its own for the original.
    assert_eq!(chosen(&layout, &[("A", "TYPE-OF = 'A'")], b"X1234z"), r#"{"TYPE-OF":"X","Z":"z"}"#);
    assert_eq!(
        chosen(&layout, &[("R.C", "IS-CARD"), ("A", "IS-CARD")], b"C1234z"),
        r#"{"TYPE-OF":"C","A":"1234","C":{"C1":"12","C2":"34"},"Z":"z"}"#
    );
}

#[test]
fn records() {
    let layout = layout("01 HEADER. 05 KIND PIC X. 05 DAY-OF PIC 99. 01 DETAIL. 05 FILLER PIC X. 05 AMOUNT PIC 9(3).");
    let conditions = [("HEADER", "KIND = 'H'")];
    assert_eq!(chosen(&layout, &conditions, b"H07"), r#"{"KIND":"H","DAY-OF":7}"#);
    assert_eq!(chosen(&layout, &conditions, b"D123"), r#"{"AMOUNT":123}"#);
    let both = [("HEADER", "KIND = 'H'"), ("DETAIL", "KIND = 'D'")];
    assert_eq!(chosen(&layout, &both, b"X123"), "none");
    assert_eq!(chosen(&layout, &both, b""), "none");
}

/// An alternative that isn't read may be longer; what comes behind stands behind the longest all the same.
#[test]
fn longer_alternatives() {
    let layout = layout("01 R. 05 K PIC X. 05 A PIC XX. 05 B REDEFINES A PIC X(4). 05 Z PIC X.");
    assert_eq!(chosen(&layout, &[("B", "K = 'B'")], b"Aaa##z"), r#"{"K":"A","A":"aa","Z":"z"}"#);
    assert_eq!(chosen(&layout, &[("B", "K = 'B'")], b"Bbbbbz"), r#"{"K":"B","B":"bbbb","Z":"z"}"#);
}

/// The counters of an alternative that isn't chosen are bytes of another one: they neither lose the record nor make it
/// longer.
#[test]
fn tables_in_alternatives() {
    let layout = layout(
        "01 R. 05 K PIC X. 05 A PIC X(4). 05 B REDEFINES A. 10 N PIC 9. 10 T PIC X OCCURS 0 TO 9 DEPENDING ON N. \
         05 Z PIC X.",
    );
    let conditions = [("B", "K = 'B'")];
    assert_eq!(chosen(&layout, &conditions, b"A????z"), r#"{"K":"A","A":"????","Z":"z"}"#);
    assert_eq!(chosen(&layout, &conditions, b"A9999z"), r#"{"K":"A","A":"9999","Z":"z"}"#);
    assert_eq!(chosen(&layout, &conditions, b"B5abcdez"), r#"{"K":"B","B":{"N":5,"T":["a","b","c","d","e"]},"Z":"z"}"#);
    assert_eq!(chosen(&layout, &conditions, b"B1a##z"), r#"{"K":"B","B":{"N":1,"T":["a"]},"Z":"z"}"#);
    let mut decoder = Decoder::new(layout.clone().into(), options("ascii"));
    let mut only_a = |id: usize| layout.items[id].redefines.is_none();
    assert_eq!(decoder.length(0, b"A9999z", &mut only_a), Length::Is(6));
}

/// A counter in an alternative that isn't read counts nevertheless.
#[test]
fn counters_in_alternatives() {
    let layout = layout(
        "01 R. 05 A PIC XX. 05 B REDEFINES A. 10 FILLER PIC X. 10 N PIC 9. 05 T PIC X OCCURS 0 TO 9 DEPENDING ON N.",
    );
    assert_eq!(chosen(&layout, &[], b"x2ab"), r#"{"A":"x2","T":["a","b"]}"#);
}

#[test]
fn fillers() {
    let plain = layout("01 R. 05 FILLER PIC X(2). 05 A PIC X. 05 FILLER. 10 FILLER PIC X. 05 B PIC X.");
    assert_eq!(decoded(&plain, options("ascii"), b"##a#b").0, r#"{"A":"a","B":"b"}"#);
    // A group without a name is shown for what is in it, each by a key of its own.
    let groups = layout("01 R. 05 FILLER. 10 A PIC X. 10 FILLER PIC X. 05 PIC X. 05 FILLER OCCURS 2. 10 B PIC X.");
    assert_eq!(
        decoded(&groups, options("ascii"), b"a##bc").0,
        r#"{"FILLER":{"A":"a"},"FILLER-2":[{"B":"b"},{"B":"c"}]}"#
    );
    // What is left out takes its bytes, however many its counter says.
    let table = layout("01 R. 05 N PIC 9. 05 FILLER PIC XX OCCURS 0 TO 5 DEPENDING ON N. 05 A PIC X.");
    assert_eq!(decoded(&table, options("ascii"), b"2####a").0, r#"{"N":2,"A":"a"}"#);
    let table = layout("01 R. 05 N PIC 9. 05 FILLER OCCURS 0 TO 5 DEPENDING ON N. 10 PIC X. 05 A PIC X.");
    assert_eq!(decoded(&table, options("ascii"), b"2##a").0, r#"{"N":2,"A":"a"}"#);
}

#[test]
fn tables_in_tables() {
    let layout = layout("01 R. 05 T OCCURS 2. 10 A PIC 9 OCCURS 2. 10 U OCCURS 2. 15 B PIC X. 05 V. 10 W PIC XX.");
    let (line, faults) = decoded(&layout, options("ascii"), b"12ab34cdww");
    assert_eq!(
        line,
        r#"{"T":[{"A":[1,2],"U":[{"B":"a"},{"B":"b"}]},{"A":[3,4],"U":[{"B":"c"},{"B":"d"}]}],"V":{"W":"ww"}}"#
    );
    assert_eq!(faults, []);
}

/// A record that is a field.
#[test]
fn a_field_alone() {
    assert_eq!(decoded(&layout("01 A PIC 9(3)."), options("ascii"), b"007").0, "7");
    assert_eq!(decoded(&layout("77 A PIC X(3)."), options("ascii"), b"abc").0, "\"abc\"");
    assert_eq!(decoded(&layout("05 A PIC X(3)."), options("ascii"), b"abc").0, r#"{"A":"abc"}"#);
}

/// Tables that are stored with room for all their entries, and counters that say nothing sensible.
#[test]
fn tables_at_their_full_size() {
    let layout = layout(
        "01 R. 05 N PIC 9. 05 T OCCURS 0 TO 3 DEPENDING ON N. 10 A PIC X. 10 B PIC X. 05 Z PIC X. \
         05 U PIC X OCCURS 0 TO 3 DEPENDING ON N.",
    );
    let full = Options { tables: TableRoom::Full, ..options("ascii") };
    assert_eq!(decoded(&layout, full, b"1ab....zu..").0, r#"{"N":1,"T":[{"A":"a","B":"b"}],"Z":"z","U":["u"]}"#);
    assert_eq!(decoded(&layout, full, b"9ab....zu..").1.len(), 1);
    let lenient = Options { wrong_counters: WrongCounters::Full, ..full };
    for counter in [b'9', b'x'] {
        let mut record = *b"?abcdefzuvw";
        record[0] = counter;
        assert!(decoded(&layout, lenient, &record).0.ends_with(r#""B":"f"}],"Z":"z","U":["u","v","w"]}"#));
    }
    let mut decoder = Decoder::new(layout.clone().into(), full);
    assert_eq!(decoder.length(0, b"1ab", &mut |_| true), Length::Needs(11));
    assert_eq!(decoder.length(0, b"1ab....zu....", &mut |_| true), Length::Is(11));
}

/// Text that counts the entries of a table, by what each word means.
#[test]
fn words_that_count() {
    let dialect =
        Dialect { arrangement: Arrangement { text_counters: true, ..Arrangement::default() }, ..Dialect::default() };
    let text = "01 R. 05 K PIC X(2). 05 T PIC X OCCURS 0 TO 3 DEPENDING ON K. 05 Z PIC X.";
    let layout = Copybook::parse_as("TEST", text, &(), &dialect).unwrap().layout;
    let mut decoder = Decoder::new(layout.clone().into(), options("ascii"));
    let table = layout.find("T", &[]).unwrap();
    decoder.count_by_words(table, [("ON".to_owned(), 2), ("NO".to_owned(), 0)].into());
    let mut json = JsonLine::new(&layout);
    for (record, expected) in
        [(&b"ONabz"[..], r#"{"K":"ON","T":["a","b"],"Z":"z"}"#), (b"NOz", r#"{"K":"NO","T":[],"Z":"z"}"#)]
    {
        json.start(&[]);
        assert_eq!(decoder.decode(0, record, &mut json), Some(record.len()));
        assert_eq!(json.line(), expected);
    }
    json.start(&[]);
    assert_eq!(decoder.decode(0, b"XXz", &mut json), None);
}

/// A copybook laid out in another way than a compiler's.
fn arranged(arrangement: Arrangement, text: &str) -> Option<Layout> {
    let dialect = Dialect { arrangement, ..Dialect::default() };
    Copybook::parse_as("TEST", text, &(), &dialect).ok().map(|copybook| copybook.layout)
}

/// Several records of level 01 that are one, and a copybook that begins at a deeper level.
#[test]
fn records_one_behind_the_other() {
    let arrangement = Arrangement { records: Records::OneBehindTheOther, ..Arrangement::default() };
    let text = "01 A. 05 X PIC X. 01 B REDEFINES A. 05 Y PIC XX. 01 C. 05 Z PIC X. 77 W PIC X.";
    let layout = arranged(arrangement, text).unwrap();
    assert_eq!(layout.records, [0]);
    assert_eq!(super::places(&layout), ["A 0 1", "X 0 1", "B 0 2", "Y 0 2", "C 2 1", "Z 2 1", "W 3 1"]);
    assert_eq!(layout.path(layout.find("Z", &[]).unwrap()), "C.Z");
    let layout = arranged(arrangement, "05 A PIC X. 05 B. 10 C PIC X.").unwrap();
    assert_eq!(super::places(&layout), ["A 0 1", "B 1 1", "C 1 1"]);
    assert_eq!(arranged(arrangement, ""), None);
}

#[test]
fn what_cobol_forbids() {
    let arrangement = Arrangement { redefined_tables: true, ..Arrangement::default() };
    let text = "01 R. 05 A PIC X OCCURS 3. 05 B REDEFINES A PIC X(2). 05 C PIC X.";
    assert_eq!(super::places(&arranged(arrangement, text).unwrap()), ["R 0 4", "A 0 1", "B 0 2", "C 3 1"]);
    assert_eq!(arranged(Arrangement::default(), text), None);
    let arrangement = Arrangement { empty_groups: true, ..Arrangement::default() };
    let text = "01 R. 05 A. 05 B PIC X. 05 C COMP-3.";
    assert_eq!(super::places(&arranged(arrangement, text).unwrap()), ["R 0 1", "A 0 0", "B 0 1", "C 1 0"]);
    assert_eq!(arranged(Arrangement::default(), text), None);
}
