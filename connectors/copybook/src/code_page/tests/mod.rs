//! Every page against itself, and the bytes that tell the pages apart against what the sources say.

mod mixed;

use proptest::prelude::*;

use super::mixed::SHIFT_OUT;
use super::{CodePage, Undecodable};

fn page(name: &str) -> CodePage {
    CodePage::named(name).unwrap()
}

/// Whether the page is one of IBM's.
fn is_numbered(page: CodePage) -> bool {
    page.name().starts_with("cp")
}

/// The bytes that a page leaves unassigned.
fn unassigned(page: CodePage) -> Vec<u8> {
    (0..=u8::MAX).filter(|byte| page.char_of(*byte).is_none()).collect()
}

#[test]
fn every_byte_that_stands_for_a_character_comes_back_from_it() {
    // Five Thai marks stand in 838 twice.
    let twice = [0xED, 0xEE, 0xEF, 0xFD, 0xFE];
    for page in CodePage::all().filter(|page| page.name() != "common") {
        for byte in 0..=u8::MAX {
            let Some(character) = page.char_of(byte) else { continue };
            let back = page.byte_of(character).unwrap();
            if page.name() == "cp838" && twice.contains(&byte) {
                assert!(back < byte && page.char_of(back) == Some(character));
            } else {
                assert_eq!(back, byte, "{page:?} {character:?}");
            }
        }
    }
}

#[test]
fn only_the_greek_hebrew_and_arabic_pages_and_the_mixed_ones_leave_bytes_unassigned() {
    let counts: Vec<(&str, usize)> =
        CodePage::all().map(|page| (page.name(), unassigned(page).len())).filter(|(_, count)| *count > 0).collect();
    assert_eq!(
        counts,
        [
            ("cp420", 9),
            ("cp424", 38),
            ("cp875", 6),
            ("cp930", 30),
            ("cp933", 41),
            ("cp935", 93),
            ("cp937", 95),
            ("cp939", 30),
            ("cp1364", 41),
            ("cp1388", 93),
            ("ascii", 128)
        ]
    );
    assert_eq!(unassigned(page("cp875")), [0xDC, 0xE1, 0xEC, 0xED, 0xFC, 0xFD]);
}

#[test]
fn bytes_that_tell_pages_apart() {
    let points = [
        ("cp037", 0x4A, '¢'),
        ("cp037", 0x5A, '!'),
        ("cp037", 0xAD, 'Ý'),
        ("cp037", 0xBA, '['),
        ("cp037", 0x5F, '¬'),
        ("cp037", 0x9F, '¤'),
        ("cp273", 0xA1, 'ß'),
        ("cp273", 0x59, '~'),
        ("cp273", 0xC0, 'ä'),
        ("cp277", 0x5B, 'Å'),
        ("cp278", 0x71, '\\'),
        ("cp278", 0xE0, 'É'),
        ("cp280", 0x5A, 'é'),
        ("cp284", 0x7B, 'Ñ'),
        ("cp285", 0x5B, '£'),
        ("cp285", 0xA1, '¯'),
        ("cp297", 0x7C, 'à'),
        ("cp424", 0x41, 'א'),
        ("cp500", 0x4A, '['),
        ("cp500", 0x5A, ']'),
        ("cp838", 0x42, 'ก'),
        ("cp870", 0xBA, 'Ł'),
        ("cp871", 0x4A, 'Þ'),
        ("cp871", 0xC0, 'þ'),
        ("cp875", 0x41, 'Α'),
        ("cp1025", 0xBA, 'Б'),
        ("cp1026", 0x5A, 'Ğ'),
        ("cp1026", 0x7F, 'Ü'),
        ("cp1047", 0xAD, '['),
        ("cp1047", 0xBD, ']'),
        ("cp1047", 0x5F, '^'),
        ("cp1047", 0xB0, '¬'),
        ("cp1140", 0x9F, '€'),
        ("cp1142", 0x5A, '€'),
        ("cp1148", 0x9F, '€'),
        ("latin1", 0xE9, 'é'),
    ];
    for (name, byte, character) in points {
        assert_eq!(page(name).char_of(byte), Some(character), "{name} 0x{byte:02X}");
        assert_eq!(page(name).byte_of(character), Some(byte), "{name} {character}");
    }
}

#[test]
fn a_page_with_the_euro_sign_differs_from_its_elder_by_that_sign_alone() {
    let elders = [37, 273, 277, 278, 280, 284, 285, 297, 500, 871];
    for (elder, younger) in elders.iter().zip(1140..) {
        let (elder, younger) = (page(&elder.to_string()), page(&format!("{younger}")));
        let differ: Vec<char> = (0..=u8::MAX)
            .filter(|byte| elder.char_of(*byte) != younger.char_of(*byte))
            .map(|byte| younger.char_of(byte).unwrap())
            .collect();
        assert_eq!(differ, ['€'], "{younger:?}");
    }
}

#[test]
fn newlines_are_two_characters_in_every_page_of_ibm() {
    for page in CodePage::all().filter(|page| is_numbered(*page)) {
        assert_eq!(page.char_of(0x15), Some('\u{85}'), "{page:?}");
        assert_eq!(page.char_of(0x25), Some('\n'), "{page:?}");
        assert_eq!(page.char_of(page.blank()), Some(' '), "{page:?}");
    }
}

#[test]
fn common_is_what_all_pages_agree_on_and_the_variant_characters_of_the_usa() {
    // The small letters of 930 stand where others have accents, as its katakana stand where others have small letters.
    let is_compared = |page: CodePage| is_numbered(page) && page.name() != "cp930";
    let common = page("common");
    let (mut agreed, mut variant) = (String::new(), String::new());
    for byte in 0..=u8::MAX {
        let character = common.char_of(byte).unwrap();
        if character == ' ' {
            continue;
        }
        assert_eq!(page("cp037").char_of(byte), Some(character));
        let everywhere =
            CodePage::all().filter(|page| is_compared(*page)).all(|page| page.char_of(byte) == Some(character));
        if everywhere { &mut agreed } else { &mut variant }.push(character);
    }
    insta::assert_snapshot!(
        agreed,
        @".<(+&*);-/,%_>?:'=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    );
    insta::assert_snapshot!(variant, @r##"|!$`#@"~^[]{}\"##);
    assert_eq!(common.byte_of(' '), Some(0x40));
    assert_eq!(agreed.len() + variant.len(), (b'!'..=b'~').count());
}

#[test]
fn names_are_taken_as_people_write_them() {
    for name in ["cp037", "CP037", "ibm037", "IBM-037", "037", "37", "cp37", "cp-037", "CCSID37", "ccsid-37"] {
        assert_eq!(page(name).name(), "cp037", "{name}");
    }
    for (name, meant) in [
        ("ibm-1047", "cp1047"),
        ("cp1140", "cp1140"),
        ("ASCII", "ascii"),
        ("us-ascii", "ascii"),
        ("latin1", "latin1"),
        ("ISO-8859-1", "latin1"),
        ("Common", "common"),
    ] {
        assert_eq!(page(name).name(), meant);
    }
    for name in ["", "cp", "-37", "+37", "cp+37", "cp--37", "38", "cp65573", "99999999", "ebcdic", "utf-8", "cp037 "] {
        assert_eq!(CodePage::named(name), None, "{name}");
    }
    for (page, name) in CodePage::all().zip(CodePage::names()) {
        assert_eq!((page.name(), CodePage::named(name)), (name, Some(page)));
        assert!(!page.region().is_empty());
    }
}

#[test]
fn a_byte_that_stands_for_nothing_is_told_by_its_index() {
    let mut out = String::from("before ");
    let mut bytes = vec![0xC1; 100];
    bytes[70] = 0xE1;
    bytes[90] = 0xE1;
    assert_eq!(page("cp875").decode_into(&bytes, &mut out), Err(Undecodable::Byte { at: 70 }));
    assert_eq!(out, format!("before {}", "A".repeat(70)));
}

#[test]
fn the_tables_say_that_they_are_generated() {
    assert!(include_str!("../tables.rs").starts_with("// generated by tables/generate: do not edit\n"));
    assert!(include_str!("../../../tables/generate").contains("\"// generated by tables/generate: do not edit\""));
}

proptest! {
    #[test]
    fn a_field_is_its_bytes_one_by_one(
        index in 0..CodePage::all().count(),
        bytes in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..300),
            proptest::collection::vec(prop_oneof![20 => 0xC1_u8..=0xC9, 1 => any::<u8>()], 0..300),
        ],
    ) {
        let page = CodePage::all().nth(index).unwrap();
        // What shifts do is tested with them.
        let bytes: Vec<u8> = bytes.into_iter().filter(|byte| !page.is_mixed() || *byte != SHIFT_OUT).collect();
        let mut expected = String::from("é");
        let bad = bytes.iter().position(|byte| page.char_of(*byte).is_none());
        expected.extend(bytes[..bad.unwrap_or(bytes.len())].iter().map(|byte| page.char_of(*byte).unwrap()));
        let mut out = String::from("é");
        prop_assert_eq!(page.decode_into(&bytes, &mut out), bad.map_or(Ok(()), |at| Err(Undecodable::Byte { at })));
        prop_assert_eq!(out, expected);
    }
}
