//! The mixed pages: their double-byte characters one by one, texts beside what another converter makes of them, and all
//! that can be wrong.

use std::collections::HashSet;
use std::fmt::Write;

use proptest::prelude::*;

use super::super::mixed::{SHIFT_IN, SHIFT_OUT};
use super::super::{CodePage, Undecodable, WIDE_BLANK};
use super::page;

fn mixed_pages() -> impl Iterator<Item = CodePage> {
    CodePage::all().filter(|page| page.is_mixed())
}

/// Every pair that stands for a character, and the character.
fn pairs(page: CodePage) -> impl Iterator<Item = ([u8; 2], char)> {
    (0..=u16::MAX).filter_map(move |pair| Some((pair.to_be_bytes(), page.char_of_pair(pair.to_be_bytes())?)))
}

fn decoded(page: CodePage, bytes: &[u8]) -> Result<String, Undecodable> {
    let mut out = String::new();
    page.decode_into(bytes, &mut out).map(|()| out)
}

/// Text as bytes with shifts; single bytes where a character has one.
fn encoded(page: CodePage, text: &str) -> Vec<u8> {
    let (mut bytes, mut shifted) = (Vec::new(), false);
    for character in text.chars() {
        let single = page.byte_of(character);
        if single.is_none() != shifted {
            bytes.push(if shifted { SHIFT_IN } else { SHIFT_OUT });
            shifted = !shifted;
        }
        match single {
            Some(byte) => bytes.push(byte),
            None => bytes.extend(page.pair_of(character).unwrap()),
        }
    }
    bytes.extend(shifted.then_some(SHIFT_IN));
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02X}").unwrap();
        hex
    })
}

/// Characters with the blank, those of the private use area, and those that have more pairs than one: as `iconv` and ICU
/// have them, pair by pair.
#[test]
fn sets_have_as_many_characters_as_their_sources() {
    let counts: Vec<_> = mixed_pages()
        .map(|page| {
            let all: Vec<char> = pairs(page).map(|(_, character)| character).collect();
            let private = all.iter().filter(|character| ('\u{E000}'..='\u{F8FF}').contains(*character)).count();
            let different: HashSet<&char> = all.iter().collect();
            (page.name(), all.len(), private, all.len() - different.len())
        })
        .collect();
    assert_eq!(
        counts,
        [
            ("cp930", 11_635, 4_370, 0),
            ("cp933", 10_757, 1_924, 0),
            ("cp935", 9_356, 1_882, 0),
            ("cp937", 20_264, 6_209, 189),
            ("cp939", 11_635, 4_370, 0),
            ("cp1364", 19_551, 1_924, 0),
            ("cp1388", 32_405, 1_921, 0),
        ]
    );
}

#[test]
fn every_pair_that_stands_for_a_character_comes_back_from_it() {
    for page in mixed_pages() {
        for (pair, character) in pairs(page) {
            let back = page.pair_of(character).unwrap();
            assert!(
                back == pair || (page.name() == "cp937" && back > pair && page.char_of_pair(back) == Some(character))
            );
            // So that texts have one order.
            assert_eq!(page.byte_of(character), None, "{page:?} {character:?}");
            let [lead, trail] = pair;
            assert_eq!(decoded(page, &[SHIFT_OUT, lead, trail, SHIFT_IN]), Ok(character.to_string()));
        }
        assert_eq!(page.char_of_pair([0x40, 0x40]), Some(WIDE_BLANK));
        assert_eq!((page.char_of(SHIFT_OUT), page.char_of(SHIFT_IN)), (None, None));
    }
    assert_eq!(page("cp037").char_of_pair([0x40, 0x40]), None);
    assert_eq!(page("cp037").pair_of(WIDE_BLANK), None);
}

/// The hexadecimal digits are what `iconv -f UTF-8 -t IBM930` and so on write.
#[test]
fn texts_are_what_another_converter_writes() {
    for (name, text, bytes) in [
        ("cp930", "日本語テスト", "0E4562456648E74394438E43950F"),
        ("cp930", "A日本語テスト1", "C10E4562456648E74394438E43950FF1"),
        ("cp930", "株式会社ABC ｶﾅ", "0E4856468F45BD46630FC1C2C3408696"),
        ("cp939", "A日本語テスト1", "C10E4562456648E74394438E43950FF1"),
        ("cp939", "株式会社ABC ｶﾅ", "0E4856468F45BD46630FC1C2C340668C"),
        ("cp935", "No.1中文 end", "D5964BF10E5BCF57C30F40859584"),
        ("cp1388", "No.1中文 end", "D5964BF10E5BCF57C30F40859584"),
        ("cp1388", "人民币€元", "0E54CA5292497245EB5AA90F"),
        ("cp1388", "藏文ཀ", "0E49D757C36D810F"),
        ("cp1388", "㐀丂", "0ECF4181410F"),
        ("cp933", "Seoul 서울 2", "E28596A493400EACE1B6890F40F2"),
        ("cp1364", "한국어", "0ED0658A82B4E10F"),
        ("cp1364", "똠방각하", "0E99B1A4778862D0610F"),
        ("cp937", "x臺灣銀行y", "A70E5F7768A35FCF4E880FA8"),
    ] {
        let raw = encoded(page(name), text);
        assert_eq!(hex(&raw), bytes, "{name} {text}");
        assert_eq!(decoded(page(name), &raw).as_deref(), Ok(text), "{name}");
    }
}

/// Where sources differ, and where pages that look alike do.
#[test]
fn pairs_that_tell_sources_and_pages_apart() {
    for (name, pair, character) in [
        ("cp939", 0x4260, '\u{2212}'),
        ("cp939", 0x426A, '\u{A6}'),
        ("cp930", 0x43A1, '\u{301C}'),
        ("cp930", 0x444A, '\u{2014}'),
        ("cp930", 0x447C, '\u{2016}'),
        ("cp930", 0x6941, '\u{E000}'),
        ("cp930", 0x7FFE, '\u{F111}'),
        ("cp935", 0x4345, '\u{30FB}'),
        ("cp1388", 0x4345, '\u{B7}'),
    ] {
        assert_eq!(page(name).char_of_pair(u16::to_be_bytes(pair)), Some(character), "{name} 0x{pair:04X}");
    }
    // The small letters of 930 stand elsewhere.
    assert_eq!((page("cp930").byte_of('a'), page("cp939").byte_of('a')), (Some(0x62), Some(0x81)));
    assert_eq!((page("cp930").char_of(0x81), page("cp930").byte_of('A')), (Some('ｱ'), Some(0xC1)));
}

#[test]
fn what_can_be_wrong_is_told_with_its_place() {
    let page = page("cp930");
    for (bytes, expected) in [
        (&[0xC1, 0x0E, 0x0F, 0xC2][..], Ok("AB")),
        (&[0x0E, 0x45, 0x62, 0x0F, 0x0E, 0x45, 0x66, 0x0F], Ok("日本")),
        (&[0xC1, 0x0E, 0x45, 0x62], Err(Undecodable::NoShiftIn { at: 1 })),
        (&[0xC1, 0xC1, 0x0E], Err(Undecodable::NoShiftIn { at: 2 })),
        (&[0xC1, 0x0E, 0x45, 0x62, 0x45, 0x0F, 0xC1], Err(Undecodable::HalfPair { at: 4 })),
        (&[0x0E, 0x45, 0x62, 0x41, 0x41, 0xFE, 0xFE, 0x0F], Err(Undecodable::Pair { at: 5 })),
        (&[0x0E, 0x40, 0x41, 0x0F], Err(Undecodable::Pair { at: 1 })),
        (&[0x0E, 0x45, 0x62, 0x0E, 0x45, 0x62, 0x0F], Err(Undecodable::Pair { at: 3 })),
        (&[0x0E, 0x45, 0x62, 0x0F, 0xC1, 0x0F], Err(Undecodable::Byte { at: 5 })),
        (&[0xC1, 0x0F], Err(Undecodable::Byte { at: 1 })),
    ] {
        assert_eq!(decoded(page, bytes).as_deref().map_err(|wrong| *wrong), expected, "{bytes:02X?}");
    }
    let mut out = String::from("+");
    assert_eq!(page.decode_pairs_into(&[0x45, 0x62, 0x40, 0x40], &mut out), Ok(()));
    assert_eq!(out, "+日\u{3000}");
    assert_eq!(page.decode_pairs_into(&[0x45, 0x62, 0x40], &mut out), Err(Undecodable::HalfPair { at: 2 }));
    assert_eq!(page.decode_pairs_into(&[0x0E, 0x45, 0x62, 0x0F], &mut out), Err(Undecodable::Pair { at: 0 }));
    assert_eq!(super::page("cp037").decode_pairs_into(&[], &mut out), Err(Undecodable::NoDoubleBytes));
}

#[test]
fn the_sets_say_that_they_are_generated() {
    let generator = include_str!("../../../tables/generate_double_bytes");
    let header = "// generated by tables/generate_double_bytes: do not edit";
    assert!(generator.contains(&format!("HEADER = \"{header}\"")));
    for set in [
        include_str!("../double_bytes/ccsid_300.rs"),
        include_str!("../double_bytes/ccsid_834.rs"),
        include_str!("../double_bytes/ccsid_835.rs"),
        include_str!("../double_bytes/ccsid_837.rs"),
        include_str!("../double_bytes/ccsid_4930.rs"),
        include_str!("../double_bytes/ccsid_4933.rs"),
    ] {
        assert!(set.starts_with(header));
    }
}

/// The same as the code under test, a byte at a time.
fn byte_by_byte(page: CodePage, bytes: &[u8]) -> Option<String> {
    let (mut text, mut shifted, mut lead) = (String::new(), false, None);
    for byte in bytes.iter().copied() {
        match (shifted, lead.take(), byte) {
            (false, _, SHIFT_OUT) => shifted = true,
            (false, _, byte) => text.push(page.char_of(byte)?),
            (true, None, SHIFT_IN) => shifted = false,
            (true, None, byte) => lead = Some(byte),
            (true, Some(lead), byte) => text.push(page.char_of_pair([lead, byte])?),
        }
    }
    (!shifted).then_some(text)
}

proptest! {
    #[test]
    fn any_bytes_are_text_or_wrong_somewhere_in_them(
        index in 0..mixed_pages().count(),
        bytes in proptest::collection::vec(
            prop_oneof![
                4 => 0x41_u8..=0x7F,
                2 => Just(0xC1_u8),
                2 => Just(SHIFT_OUT),
                2 => Just(SHIFT_IN),
                1 => any::<u8>(),
            ],
            0..80,
        ),
    ) {
        let page = mixed_pages().nth(index).unwrap();
        let found = decoded(page, &bytes);
        prop_assert_eq!(found.clone().ok(), byte_by_byte(page, &bytes));
        if let Err(wrong) = found {
            let (at, expected) = match wrong {
                Undecodable::Byte { at } => (at, page.char_of(bytes[at]).is_none()),
                Undecodable::Pair { at } => (at, page.char_of_pair([bytes[at], bytes[at + 1]]).is_none()),
                Undecodable::HalfPair { at } => (at, bytes[at + 1] == SHIFT_IN),
                Undecodable::NoShiftIn { at } => (at, bytes[at] == SHIFT_OUT && !bytes[at..].contains(&SHIFT_IN)),
                Undecodable::NoDoubleBytes => (0, false),
            };
            prop_assert!(expected && at < bytes.len());
        }
        let mut out = String::new();
        let _ = page.decode_pairs_into(&bytes, &mut out);
        prop_assert!(out.len() <= 3 * bytes.len() / 2);
    }

    #[test]
    fn texts_come_back_from_their_bytes(
        index in 0..mixed_pages().count(),
        characters in proptest::collection::vec((any::<bool>(), any::<proptest::sample::Index>()), 0..40),
    ) {
        let page = mixed_pages().nth(index).unwrap();
        let double: Vec<char> = pairs(page).map(|(_, character)| character).collect();
        let single: Vec<char> = (0..=u8::MAX).filter_map(|byte| page.char_of(byte)).collect();
        let text: String =
            characters.iter().map(|(wide, place)| if *wide { *place.get(&double) } else { *place.get(&single) }).collect();
        prop_assert_eq!(decoded(page, &encoded(page, &text)), Ok(text));
    }
}
