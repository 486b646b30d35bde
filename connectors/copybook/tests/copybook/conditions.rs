//! Conditions on records: what they mean, and what is said where they mean nothing.

use campaignd_copybook::decode::Decoder;
use campaignd_copybook::layout::Layout;
use campaignd_copybook::routing::{Choices, Condition};

use super::{ebcdic, layout, options};

fn holds(layout: &Layout, page: &str, condition: &str, bytes: &[u8]) -> bool {
    let decoder = Decoder::new(layout.clone().into(), options(page));
    Condition::parse(condition, layout).unwrap().holds(bytes, &decoder)
}

const RECORD: &str = "01 R. 05 KIND PIC X(3). 88 IS-A VALUE 'A'. 88 IS-RANGE VALUE 'B' THRU 'D' 'X'. \
                      88 IS-HIGH VALUE HIGH-VALUES. 88 IS-LOW VALUE LOW-VALUES. 88 IS-BLANK VALUE SPACES. \
                      88 IS-ZERO VALUE ZEROS. 88 IS-STARS VALUE ALL '*'. 88 IS-HEX VALUE X'C1C240'. \
                      88 IS-QUOTED VALUE QUOTES. 88 BOTH-ENDS VALUE 'A' THRU '9'. \
                      05 SEQ PIC S9(3)V9. 88 NONE VALUE ZERO. 88 SOME VALUE 1 THRU 5.5 -3. \
                      05 G. 10 ID PIC 9. 05 H. 10 ID PIC X.";

#[test]
fn meanings() {
    let layout = layout(RECORD);
    for (condition, bytes, expected) in [
        ("KIND = 'A'", "A  0010", true),
        ("KIND = \"A  \"", "A  0010", true),
        ("KIND = 'a'", "A  0010", false),
        ("kind = 'A'", "A  0010", true),
        ("R.KIND = 'A'", "A  0010", true),
        ("KIND = ' A'", " A 0010", true),
        ("KIND = 'A'", " A 0010", false),
        ("KIND <> 'A'", "B  0010", true),
        ("KIND != 'A'", "A  0010", false),
        ("KIND in ('A', 'B')", "B  0010", true),
        ("KIND IN ('A' 'B')", "C  0010", false),
        ("KIND = 'it''s'", "A  0010", false),
        ("KIND = 'o''o'", "o'o0010", true),
        ("KIND = 12", "12 0010", true),
        ("KIND = 12", "012 010", false),
        // Numbers as numbers.
        ("SEQ = 1", "A  0010", true),
        ("SEQ = 1.00", "A  0010", true),
        ("SEQ = '1'", "A  0010", true),
        ("SEQ = -1", "A  001}", true),
        ("SEQ = +1", "A  001{", true),
        ("SEQ = 1.05", "A  0010", false),
        ("SEQ <> 1", "A  0020", true),
        ("SEQ in (1, 2)", "A  0020", true),
        ("SEQ = 'x'", "A  0010", false),
        // Level 88.
        ("IS-A", "A  0010", true),
        ("is-a and SEQ = 1", "A  0010", true),
        ("IS-A and SEQ = 2", "A  0010", false),
        ("KIND.IS-A", "A  0010", true),
        ("R.KIND.IS-A", "A  0010", true),
        ("IS-RANGE", "C  0010", true),
        ("IS-RANGE", "X  0010", true),
        ("IS-RANGE", "E  0010", false),
        ("IS-BLANK", "   0010", true),
        ("IS-ZERO", "0000010", true),
        ("IS-ZERO", "00 0010", false),
        ("IS-STARS", "***0010", true),
        ("IS-STARS", "** 0010", false),
        ("IS-QUOTED", "\"\"\"0010", true),
        ("NONE", "A  0000", true),
        ("NONE", "A  0001", false),
        ("SOME", "A  0055", true),
        ("SOME", "A  0056", false),
        ("SOME", "A  003}", true),
        // In EBCDIC digits come behind letters.
        ("BOTH-ENDS", "M  0010", true),
        ("BOTH-ENDS", "5  0010", true),
        ("BOTH-ENDS", "*  0010", false),
        ("IS-HEX", "AB 0010", true),
        // Groups.
        ("G.ID = 4", "A  00104x", true),
        ("H.ID = 'x'", "A  00104x", true),
        // What a record doesn't have, or has no value, equals nothing.
        ("G.ID = 4", "A  0010", false),
        ("G.ID <> 4", "A  0010", true),
        ("SEQ = 0", "A  ????", false),
        ("SEQ <> 0", "A  ????", true),
    ] {
        assert_eq!(holds(&layout, "cp037", condition, &ebcdic(bytes)), expected, "{condition}: {bytes}");
    }
    assert!(holds(&layout, "cp037", "IS-HIGH", &[0xFF; 7]));
    assert!(holds(&layout, "ascii", "IS-HIGH", &[0xFF; 7]));
    assert!(!holds(&layout, "cp037", "IS-HIGH", &[]));
    assert!(holds(&layout, "cp037", "IS-LOW", &[0; 7]));
    assert!(!holds(&layout, "cp037", "IS-LOW", &ebcdic("A  0010")));
    // In ASCII they come before.
    assert!(!holds(&layout, "ascii", "BOTH-ENDS", b"M  0010"));
}

fn wrong(layout: &Layout, condition: &str) -> String {
    Condition::parse(condition, layout).unwrap_err().to_string()
}

#[test]
fn mistakes() {
    let layout = layout(&format!(
        "{RECORD} 05 N PIC 9. 05 T OCCURS 0 TO 3 DEPENDING ON N. 10 U PIC X. 88 TWICE VALUE 'A'. 05 V PIC X. \
         88 TWICE VALUE 'B'. 05 ID PIC X."
    ));
    let conditions = [
        "",
        "=",
        "KIND",
        "KIND =",
        "KIND = A",
        "KIND = 'A",
        "KIND ~ 'A'",
        "KIND = 'A' 'B'",
        "KIND = 'A' and",
        "KIND in ()",
        "KIND in ('A'",
        "KIND in 'A'",
        "NOBODY = 'A'",
        "ID = 1",
        "G = 'A'",
        "U = 'A'",
        "V = 'A'",
        "TWICE",
        "U.TWICE",
        "KIND < 'B'",
        "'A' = KIND",
    ];
    let told: Vec<_> = conditions.iter().map(|condition| wrong(&layout, condition)).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    ``: it starts with no name of a field; write one, `=`, and a value in quotes
    `=`: it starts with no name of a field; write one, `=`, and a value in quotes
    `KIND`: there is no level 88 `KIND`; after a field, write `=` and a value in quotes
    `KIND =`: there is no level 88 `KIND`; after a field, write `=` and a value in quotes
    `KIND = A`: `A` is no value: write text in quotes, or a number
    `KIND = 'A`: a text in it has no end
    `KIND ~ 'A'`: `~` means nothing here; write a field, `=`, and a value in quotes
    `KIND = 'A' 'B'`: 'B' is one word too many
    `KIND = 'A' and`: it starts with no name of a field; write one, `=`, and a value in quotes
    `KIND in ()`: its list is empty: write values between `(` and `)`
    `KIND in ('A'`: its list has no end: write `)`
    `KIND in 'A'`: there is no level 88 `KIND`; after a field, write `=` and a value in quotes
    `NOBODY = 'A'`: there is no `NOBODY` in the copybook
    `ID = 1`: `ID` is one of several: write one of R.G.ID, R.H.ID, R.ID
    `G = 'A'`: `G` is a group: name a field in it
    `U = 'A'`: `U` doesn't stand at the same place in every record
    `V = 'A'`: `V` doesn't stand at the same place in every record
    `TWICE`: `TWICE` is a level 88 of several: write one of R.T.U, R.V before it
    `U.TWICE`: `U` doesn't stand at the same place in every record
    `KIND < 'B'`: `<` means nothing here; write a field, `=`, and a value in quotes
    `'A' = KIND`: it starts with no name of a field; write one, `=`, and a value in quotes
    ");
}

#[test]
fn mistakes_of_choices() {
    let layout = layout(
        "01 R. 05 K PIC X. 05 A PIC X. 05 B REDEFINES A PIC 9. 01 S. 05 C PIC X. 05 D REDEFINES C PIC 9. 05 E. 10 F PIC X. \
         10 D REDEFINES F PIC 9.",
    );
    let told: Vec<_> = [
        &[("X", "K = 'A'")][..],
        &[("K", "K = 'A'")],
        &[("D", "K = 'A'")],
        &[("B", "K is 'A'")],
        &[("B", "K = 'A'"), ("R.B", "K = 'B'")],
    ]
    .iter()
    .map(|conditions| Choices::parse(&layout, conditions.iter().copied()).unwrap_err())
    .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    a condition is on `X`, which isn't in the copybook
    a condition is on `K`, which is read in any case: only a level 01, and what redefines or is redefined, can be chosen
    a condition is on `D`, which is one of several: write one of S.D, S.E.D
    `K is 'A'`: there is no level 88 `K`; after a field, write `=` and a value in quotes
    there are two conditions on `R.B`: join them with `and`
    ");
}

/// Double-byte text is compared as other text is, and in the order of its bytes.
#[test]
fn double_byte_text() {
    let layout = layout(
        "01 R. 05 CITY PIC X(8). 88 IS-TOKYO VALUE '東京'. 88 IS-HERE VALUE '一' THRU '九'. 88 IS-BLANK VALUE SPACES. \
         05 NAME PIC G(2) DISPLAY-1. 88 IS-NAME VALUE G'山'. 88 NAMELESS VALUE SPACES. 88 ALL-SAME VALUE ALL '山'.",
    );
    let tokyo = [0x0E, 0x45, 0x57, 0x45, 0x75, 0x0F, 0x40, 0x40];
    let tokyo_wide = [0x0E, 0x45, 0x57, 0x45, 0x75, 0x40, 0x40, 0x0F];
    let blank = [0x0E, 0x40, 0x40, 0x0F, 0x40, 0x40, 0x40, 0x40];
    let two = [0x0E, 0x45, 0x42, 0x0F, 0x40, 0x40, 0x40, 0x40];
    let (mountain, mountains, nothing) = ([0x45, 0x65, 0x40, 0x40], [0x45, 0x65, 0x45, 0x65], [0x40; 4]);
    for (condition, city, name, expected) in [
        ("IS-TOKYO", tokyo, nothing, true),
        ("IS-TOKYO", tokyo_wide, nothing, true),
        ("CITY = '東京'", tokyo, nothing, true),
        ("CITY = '東京　'", tokyo, nothing, true),
        ("CITY <> '東京'", two, nothing, true),
        ("CITY in ('京', '東京')", tokyo_wide, nothing, true),
        ("IS-BLANK", blank, nothing, true),
        ("IS-BLANK", [0x40; 8], nothing, true),
        ("IS-BLANK", two, nothing, false),
        // The order of bytes: 一, 二 and 九 are 4541, 4542 and 4549, in Unicode 4E00, 4E8C and 4E5D.
        ("IS-HERE", two, nothing, true),
        ("IS-HERE", tokyo, nothing, false),
        ("IS-NAME", two, mountain, true),
        ("IS-NAME", two, mountains, false),
        ("NAMELESS", two, nothing, true),
        ("NAMELESS", two, mountain, false),
        ("NAME = '山'", two, mountain, true),
        ("ALL-SAME", two, mountains, true),
    ] {
        let bytes = [&city[..], &name[..]].concat();
        assert_eq!(holds(&layout, "cp939", condition, &bytes), expected, "{condition} {bytes:02X?}");
    }
}
