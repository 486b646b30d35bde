//! Records that end too early, and counters that say nothing: what is told, and what is left of the record.

use campaignd_copybook::decode::{Decoder, Length, Options};
use campaignd_copybook::layout::Layout;

use super::{decoded, layout, options, told};

fn shown(layout: &Layout, options: Options, bytes: &[u8]) -> String {
    let (line, faults) = decoded(layout, options, bytes);
    let mut told: Vec<_> = faults.iter().map(|fault| told(layout, fault)).collect();
    told.insert(0, line);
    told.join("\n")
}

const NESTED: &str = "01 R. 05 K PIC 9. 05 G OCCURS 0 TO 3 DEPENDING ON K. 10 N PIC 9. 10 F PIC X OCCURS 1 TO 3 \
                      DEPENDING ON N. 05 Z PIC X.";

#[test]
fn counters() {
    let layout = layout(NESTED);
    let ascii = options("ascii");
    assert_eq!(shown(&layout, ascii, b"22ab1cz"), r#"{"K":2,"G":[{"N":2,"F":["a","b"]},{"N":1,"F":["c"]}],"Z":"z"}"#);
    // Out of bounds, above and below; the bytes are those of the entry it is in.
    insta::assert_snapshot!(shown(&layout, ascii, b"9"), @r#"
    {"K":9}
    R.K at 0 [39] bad_counter: it says 9 entries of `G`, which has 0 to 3
    "#);
    insta::assert_snapshot!(shown(&layout, ascii, b"21a4bcdez"), @r#"
    {"K":2,"G":[{"N":1,"F":["a"]},{"N":4}]}
    R.G.N at 3 [34] bad_counter: it says 4 entries of `F`, which has 1 to 3
    "#);
    insta::assert_snapshot!(shown(&layout, ascii, b"21a0z"), @r#"
    {"K":2,"G":[{"N":1,"F":["a"]},{"N":0}]}
    R.G.N at 3 [30] bad_counter: it says 0 entries of `F`, which has 1 to 3
    "#);
    // No number at all.
    insta::assert_snapshot!(shown(&layout, ascii, b"2?abz"), @r#"
    {"K":2,"G":[{"N":null}]}
    R.G.N at 1 [3F] bad_zoned: byte 0x3F at 1 is no digit
    R.G.N at 1 [3F] bad_counter: it counts the entries of `F` and has no value
    "#);
    let absent = Options { absent: super::all_absent(), ..ascii };
    insta::assert_snapshot!(shown(&layout, absent, b"21a bz"), @r#"
    {"K":2,"G":[{"N":1,"F":["a"]},{"N":null}]}
    R.G.N at 3 [20] bad_counter: it counts the entries of `F` and has no value
    "#);
}

#[test]
fn records_that_end_too_early() {
    let layout = layout(NESTED);
    let ascii = options("ascii");
    insta::assert_snapshot!(shown(&layout, ascii, b""), @r#"
    {"K":null}
    R.K at 0 [] record_too_short: the record ends 1 bytes before the field does
    R.G at 1 [] record_too_short: the record ends 1 bytes before the field does
    "#);
    insta::assert_snapshot!(shown(&layout, ascii, b"2"), @r#"
    {"K":2,"G":[{"N":null}]}
    R.G.N at 1 [] record_too_short: the record ends 1 bytes before the field does
    R.G.F at 2 [] record_too_short: the record ends 1 bytes before the field does
    "#);
    insta::assert_snapshot!(shown(&layout, ascii, b"23a"), @r#"
    {"K":2,"G":[{"N":3,"F":["a",null]}]}
    R.G.F at 3 [] record_too_short: the record ends 1 bytes before the field does
    R.G.F at 4 [] record_too_short: the record ends 1 bytes before the field does
    "#);
    insta::assert_snapshot!(shown(&layout, ascii, b"11a"), @r#"
    {"K":1,"G":[{"N":1,"F":["a"]}],"Z":null}
    R.Z at 3 [] record_too_short: the record ends 1 bytes before the field does
    "#);
    let plain = super::layout("01 R. 05 A PIC X(3). 05 B PIC 9(4) COMP-3. 05 T OCCURS 3. 10 C PIC XX. 10 D PIC XX.");
    insta::assert_snapshot!(shown(&plain, ascii, b"abc\x01"), @r#"
    {"A":"abc","B":null,"T":[]}
    R.B at 3 [01] record_too_short: the record ends 2 bytes before the field does
    R.T at 6 [] record_too_short: the record ends 2 bytes before the field does
    "#);
    insta::assert_snapshot!(shown(&plain, ascii, b"abc\x01\x23\x4Cxxyyx"), @r#"
    {"A":"abc","B":1234,"T":[{"C":"xx","D":"yy"},{"C":null,"D":null}]}
    R.T.C at 10 [78] record_too_short: the record ends 1 bytes before the field does
    R.T.D at 12 [] record_too_short: the record ends 3 bytes before the field does
    R.T at 14 [] record_too_short: the record ends 3 bytes before the field does
    "#);
}

/// What isn't there is absent, and tables whose counter isn't there are empty.
#[test]
fn records_that_may_end_early() {
    let short = Options { short_records: true, ..options("ascii") };
    let plain = layout("01 R. 05 A PIC X(3). 05 B PIC 9(2). 05 T OCCURS 2. 10 C PIC XX. 10 D PIC X.");
    let nested = layout(NESTED);
    for (layout, bytes, expected) in [
        (&plain, &b"abc"[..], r#"{"A":"abc","B":null,"T":[{"C":null,"D":null},{"C":null,"D":null}]}"#),
        (&plain, b"abc12xxy", r#"{"A":"abc","B":12,"T":[{"C":"xx","D":"y"},{"C":null,"D":null}]}"#),
        // The field that the end cuts through is absent too.
        (&plain, b"abc1", r#"{"A":"abc","B":null,"T":[{"C":null,"D":null},{"C":null,"D":null}]}"#),
        (&nested, b"", r#"{"K":null,"G":[],"Z":null}"#),
        // What the entry before counted doesn't count here.
        (&nested, b"23abc", r#"{"K":2,"G":[{"N":3,"F":["a","b","c"]},{"N":null,"F":[]}],"Z":null}"#),
    ] {
        assert_eq!(shown(layout, short, bytes), expected);
    }
}

#[test]
fn lengths() {
    let layout = layout(NESTED);
    for short_records in [false, true] {
        let mut decoder = Decoder::new(layout.clone().into(), Options { short_records, ..options("ascii") });
        let mut length = |bytes: &[u8]| decoder.length(0, bytes, &mut |_| true);
        assert_eq!(length(b""), Length::Needs(2));
        assert_eq!(length(b"0z"), Length::Is(2));
        assert_eq!(length(b"0zzz"), Length::Is(2));
        assert_eq!(length(b"11az"), Length::Is(4));
        assert_eq!(length(b"21a2bcz"), Length::Is(7));
        for until in 0..7 {
            assert!(matches!(length(&b"21a2bcz"[..until]), Length::Needs(more) if more > until), "{until}");
        }
        let Length::Unknown(fault) = length(b"2?az") else { panic!() };
        assert_eq!(told(&layout, &fault), "R.G.N at 1 [3F] bad_counter: it counts the entries of `F` and has no value");
        assert!(matches!(length(b"7az"), Length::Unknown(_)));
    }
}
