//! Each kind of field, with bytes that are a value and bytes that aren't.

use campaignd_copybook::decode::{Absent, DisplayNumbers, Floating, Options, Signs, Trim};

use super::{decoded, ebcdic, layout, options, told};

/// The value of a record that is one field, or what is wrong with it.
fn value(entry: &str, options: Options, bytes: &[u8]) -> String {
    let layout = layout(&format!("01 R. 05 A {entry}."));
    let (line, faults) = decoded(&layout, options, bytes);
    match faults.as_slice() {
        [] => line.strip_prefix("{\"A\":").and_then(|line| line.strip_suffix('}')).unwrap().to_owned(),
        faults => faults.iter().map(|fault| fault.reason.to_string()).collect::<Vec<_>>().join("; "),
    }
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}

#[test]
fn ebcdic_numbers() {
    for (entry, bytes, expected) in [
        // One digit a byte; the sign in the last, the first, or a byte of its own.
        ("PIC 9(3)", "F0F0F7", "7"),
        ("PIC 9(3)V99", "F0F0F1F2F3", "1.23"),
        ("PIC S9(3)", "F1F2C3", "123"),
        ("PIC S9(3)", "F1F2D3", "-123"),
        ("PIC S9(3)", "F1F2F3", "123"),
        ("PIC S9(3) SIGN LEADING", "D1F2F3", "-123"),
        ("PIC S9(3) SIGN LEADING SEPARATE", "60F1F2F3", "-123"),
        ("PIC S9(3) SIGN TRAILING SEPARATE", "F1F2F34E", "123"),
        ("PIC 9(2)V99 SIGN LEADING SEPARATE", "60F1F2F3F4", "-12.34"),
        ("PIC S9(38)", &format!("{}D9", "F9".repeat(37)), &format!("-{}", "9".repeat(38))),
        // Zero has no sign.
        ("PIC S9V99", "F0F0D0", "0.00"),
        // Digits that aren't stored.
        ("PIC 9(2)PPP", "F1F2", "12000"),
        ("PIC SPPP9(2)", "F1D2", "-0.00012"),
        ("PIC VPP9(2)", "F1F2", "0.0012"),
        // Packed.
        ("PIC S9(5) COMP-3", "12345C", "12345"),
        ("PIC S9(5) COMP-3", "12345D", "-12345"),
        ("PIC S9(5) COMP-3", "12345F", "12345"),
        ("PIC S9(5) COMP-3", "12345B", "-12345"),
        ("PIC S9(5) COMP-3", "12345A", "12345"),
        ("PIC S9(3)V99 COMP-3", "00005D", "-0.05"),
        ("PIC 9(4) COMP-3", "01234F", "1234"),
        ("PIC S9(38) COMP-3", &format!("0{}D", "9".repeat(38)), &format!("-{}", "9".repeat(38))),
        ("PIC S99PP COMP-3", "012D", "-1200"),
        ("PIC 9(4) COMP-6", "1234", "1234"),
        ("PIC 9(3) COMP-6", "0123", "123"),
        ("PIC 9(4) COMP-6", "0000", "0"),
        // Binary, with a scale.
        ("PIC S9(4) COMP", "FFFF", "-1"),
        ("PIC 9(4) COMP", "270F", "9999"),
        ("PIC S9(7)V99 COMP", "00003039", "123.45"),
        ("PIC S9(9)V99 COMP", "FFFFFFFFFFFFCFC7", "-123.45"),
        ("PIC 9(4) COMP-5", "FFFF", "65535"),
        ("PIC S9(4) COMP-5", "8000", "-32768"),
        ("PIC S9(38) COMP", &"FF".repeat(16), "-1"),
        ("PIC S9PPP COMP", "0003", "3000"),
        // Floating point, base 16.
        ("COMP-1", "42640000", "100"),
        ("COMP-2", "C276A00000000000", "-118.625"),
        ("COMP-2", "0000000000000000", "0"),
        // Bytes that are nothing else.
        ("POINTER", "0001ABFF", "\"0001ABFF\""),
    ] {
        assert_eq!(value(entry, options("cp037"), &hex(bytes)), expected, "{entry} {bytes}");
    }
}

#[test]
fn ascii_numbers() {
    for (entry, text, expected) in [
        ("PIC S9(3)", "12C", "123"),
        ("PIC S9(3)", "12L", "-123"),
        ("PIC S9(3)", "12{", "120"),
        ("PIC S9(3)", "12}", "-120"),
        ("PIC S9(3)", "12s", "-123"),
        ("PIC S9(3) SIGN LEADING", "J23", "-123"),
        ("PIC S9(3) SIGN LEADING SEPARATE", "-123", "-123"),
        ("PIC S9(3) SIGN TRAILING SEPARATE", "123+", "123"),
        ("PIC 9(3)", "12C", "byte 0x43 at 3 is no digit"),
        ("PIC S9(3)", "12*", "byte 0x2A at 3 is no digit with a sign"),
    ] {
        assert_eq!(value(entry, options("ascii"), text.as_bytes()), expected, "{entry} {text}");
    }
}

#[test]
fn numbers_for_people() {
    for (entry, text, expected) in [
        ("PIC ZZ,ZZ9.99-", " 1,234.50-", "-1234.50"),
        ("PIC ZZ,ZZ9.99-", "     0.50 ", "0.50"),
        ("PIC $$$,$$9.99CR", "    $12.00CR", "-12.00"),
        ("PIC $$$,$$9.99CR", "    $12.00  ", "12.00"),
        ("PIC $$$,$$9.99DB", "    $12.00DB", "-12.00"),
        ("PIC ***9.99", "***7.10", "7.10"),
        ("PIC +9(3)", "-012", "-12"),
        ("PIC -(4)9.9", "  -12.5", "-12.5"),
        ("PIC 9(4)V99-", "001234-", "-12.34"),
        ("PIC 99/99/9999", "31/12/2024", "31122024"),
        ("PIC 9(3)B9(3)", "123 456", "123456"),
        // The sign is part of a digit, or a byte of its own.
        ("PIC S9(3).99", "012.3D", "12.34"),
        ("PIC S9(3).99", "012.3M", "-12.34"),
        // Where no digit of the picture is always written, zero is blank, or asterisks.
        ("PIC Z(3).ZZ", "      ", "0.00"),
        ("PIC -(4)", "    ", "0"),
        ("PIC ***.**", "***.**", "0.00"),
        ("PIC Z(4)9 BLANK WHEN ZERO", "     ", "0"),
        ("PIC 9(5) BLANK WHEN ZERO", "     ", "0"),
        ("PIC 9(5) BLANK WHEN ZERO", "00012", "12"),
        // Otherwise a blank field is none.
        ("PIC Z(4)9", "     ", "it is blank"),
        ("PIC ZZ9.99", "ABC.DE", "`ABC.DE` is no number"),
        ("PIC ZZ9.99", "1 2345", "`1 2345` is no number"),
        ("PIC S9(3).99", "012.3*", "byte 0x5C at 6 is no digit with a sign"),
    ] {
        assert_eq!(value(entry, options("cp037"), &ebcdic(text)), expected, "{entry} {text}");
    }
    // As the group says; `C` is plus three, not the beginning of a credit.
    for (sign, text, expected) in [("LEADING", "C12.34", "312.34"), ("LEADING SEPARATE", "-312.34", "-312.34")] {
        let layout = layout(&format!("01 R SIGN {sign}. 05 A PIC S9(3).99."));
        let (line, faults) = decoded(&layout, options("cp037"), &ebcdic(text));
        assert_eq!((line, faults), (format!("{{\"A\":{expected}}}"), vec![]));
    }
}

#[test]
fn bytes_that_are_no_number() {
    for (entry, bytes, expected) in [
        ("PIC 9(3)", "F0C1F2", "byte 0xC1 at 2 is no digit"),
        ("PIC 9(3)", "F1F2D3", "byte 0xD3 at 3 is no digit"),
        ("PIC 9(3)", "404040", "it is blank"),
        ("PIC 9(3)", "40F1F2", "byte 0x40 at 1 is no digit"),
        ("PIC 9(3)", "000000", "all its bytes are 0x00 (LOW-VALUES)"),
        ("PIC S9(3)", "FFFFFF", "all its bytes are 0xFF (HIGH-VALUES)"),
        ("PIC S9(3)", "F1F240", "byte 0x40 at 3 is no digit with a sign"),
        ("PIC S9(3) SIGN LEADING SEPARATE", "F0F1F2F3", "byte 0xF0 at 1 is neither + nor -"),
        ("PIC S9(5) COMP-3", "123456", "sign nibble 0x6 in a packed number"),
        ("PIC S9(5) COMP-3", "1A345C", "digit nibble 0xA in byte 1 of a packed number"),
        ("PIC S9(5) COMP-3", "000000", "all its bytes are 0x00 (LOW-VALUES)"),
        ("PIC S9(5) COMP-3", "404040", "it is blank"),
        ("PIC 9(5) COMP-3", "12345D", "it is negative, and its picture has no S"),
        ("PIC 9(5) COMP-3", "00000D", "0"),
        ("PIC S9(4) COMP-3", "12345C", "it has more than the 4 digits of its picture"),
        ("PIC 9(3) COMP-6", "1234", "it has more than the 3 digits of its picture"),
        ("PIC 9(3) COMP-6", "012C", "digit nibble 0xC in byte 2 of a packed number"),
        ("PIC 9(4) COMP", "2710", "it has more than the 4 digits of its picture"),
        ("PIC S9(38) COMP", &format!("80{}", "00".repeat(15)), "it has more than the 38 digits of its picture"),
        ("PIC 9(38) COMP", &"FF".repeat(16), "it has more than the 38 digits of its picture"),
        (
            "PIC 9(38) COMP-5",
            &format!("4B3B4CA85A86C47A098A2240{}", "00".repeat(4)),
            "it has more than the 38 digits of its picture",
        ),
        ("PIC N(2)", "0041D800", "the two bytes at 3 are no UTF-16"),
        (
            "PIC G(2) DISPLAY-1",
            "42C142C2",
            "cp037 has no double-byte characters: name the mixed code page of the file, such as cp939",
        ),
    ] {
        assert_eq!(value(entry, options("cp037"), &hex(bytes)), expected, "{entry} {bytes}");
    }
    assert_eq!(value("PIC X(3)", options("ascii"), b"a\xFFb"), "byte 0xFF at 2 stands for nothing in ascii");
    let ieee = Options { floating: Floating::Ieee, ..options("cp037") };
    assert_eq!(value("COMP-1", ieee, &hex("7FC00000")), "`NaN or infinite` is no number");
    assert_eq!(value("COMP-2", ieee, &hex("405DA00000000000")), "118.5");
}

/// What options let through.
#[test]
fn options_of_numbers() {
    let preferred = Options { signs: Signs::Preferred, ..options("cp037") };
    assert_eq!(value("PIC S9(3) COMP-3", preferred, &hex("123E")), "sign nibble 0xE in a packed number");
    assert_eq!(value("PIC S9(3)", preferred, &hex("F1F2B3")), "byte 0xB3 at 3 is no digit with a sign");
    let beyond = Options { binary_beyond_picture: true, ..options("cp037") };
    assert_eq!(value("PIC 9(4) COMP", beyond, &hex("2710")), "10000");
    let all = Absent { blanks: true, low_values: true, high_values: true };
    let absent = Options { absent: all, ..options("cp037") };
    for (entry, bytes, expected) in [
        ("PIC 9(3)", "404040", "null"),
        ("PIC S9(3)", "000000", "null"),
        ("PIC S9(3) SIGN LEADING SEPARATE", "FFFFFFFF", "null"),
        ("PIC S9(5) COMP-3", "404040", "null"),
        ("PIC S9(5) COMP-3", "000000", "null"),
        ("PIC S9(5) COMP-3", "FFFFFF", "null"),
        ("PIC Z(3)9", "40404040", "null"),
        ("PIC Z(3)9", "00000000", "null"),
        ("PIC 9(3) BLANK WHEN ZERO", "404040", "0"),
        // What is a number is one.
        ("PIC 9(4) COMP-6", "0000", "0"),
        ("PIC S9(4) COMP", "0000", "0"),
        ("PIC S9(4) COMP", "FFFF", "-1"),
        // Half of it is no sign of anything.
        ("PIC 9(3)", "40F040", "byte 0x40 at 1 is no digit"),
    ] {
        assert_eq!(value(entry, absent, &hex(bytes)), expected, "{entry} {bytes}");
    }
}

#[test]
fn text() {
    for (trim, expected) in
        [(Trim::None, "\"  a b  \""), (Trim::Right, "\"  a b\""), (Trim::Left, "\"a b  \""), (Trim::Both, "\"a b\"")]
    {
        let options = Options { trim, ..options("cp037") };
        assert_eq!(value("PIC X(7)", options, &ebcdic("  a b  ")), expected);
    }
    assert_eq!(value("PIC X(3)", options("cp037"), &hex("404040")), "\"\"");
    assert_eq!(value("PIC X(3)", options("cp1140"), &hex("9F4040")), "\"€\"");
    assert_eq!(value("PIC N(4)", options("cp037"), &hex("20AC0041D83DDE00")), "\"€A😀\"");
    // What JSON can't have as it is.
    assert_eq!(value("PIC X(6)", options("ascii"), b"\"\\\n\x00\x1F/"), r#""\"\\\u000a\u0000\u001f/""#);
    assert_eq!(value("PIC X(2)", options("latin1"), b"\x85\x7F"), "\"\u{85}\u{7F}\"");
}

/// What fills a field up stands in front where it is justified.
#[test]
fn justified_text_is_filled_up_at_its_start() {
    let options = options("cp037");
    assert_eq!(value("PIC X(6) JUSTIFIED RIGHT", options, &ebcdic("  ab  ")), "\"ab  \"");
    let options = Options { trim: Trim::None, ..options };
    assert_eq!(value("PIC X(6) JUST", options, &ebcdic("  ab  ")), "\"  ab  \"");
}

#[test]
fn usages_that_no_compiler_knows() {
    for (entry, bytes, expected) in [
        ("PIC X(3) COMP", "01FF00", "\"01FF00\""),
        ("PIC X(2) BINARY", "4040", "\"4040\""),
        ("PIC 9(2) COMP-9", "FF", "255"),
        ("PIC S9(4) COMP-9", "0201", "258"),
        ("PIC S9(4) COMP-9", "FEFF", "-2"),
        ("PIC S9(5)V99 COMP-9", "39300000", "123.45"),
        ("PIC X(2) COMP-3U", "1234", "1234"),
        ("PIC 9(2)V99 COMP-3U", "1234", "12.34"),
        ("PIC S9(3).99 SIGN LEADING SEPARATE", "60F1F2F34BF4F5", "-123.45"),
        ("PIC S9(3).99 SIGN LEADING", "D1F2F34BF4F5", "-123.45"),
    ] {
        assert_eq!(value(entry, options("cp037"), &hex(bytes)), expected, "{entry} {bytes}");
    }
}

/// Numbers of characters as other programs write them; what is clean stays what it is.
#[test]
fn lenient_numbers() {
    let lenient = |overpunched| Options {
        display: DisplayNumbers::Lenient { overpunched },
        absent: Absent { blanks: true, low_values: true, high_values: false },
        ..options("cp037")
    };
    for (entry, bytes, expected) in [
        ("PIC 9(5)V99", "40F1F2F3F4F540", "123.45"),
        ("PIC S9(4)V99", "60F1F2F3F4F5", "-123.45"),
        ("PIC 9(3).99", "4040F14BF540", "1.5"),
        ("PIC 9(4)", "40004000", "null"),
        ("PIC 9(4)", "F0F060F1", "it is negative, and its picture has no S"),
        ("PIC 9(4)", "F0F0F0C1", "byte 0xC1 at 4 is no digit"),
        ("PIC 9(2)V99", "F04BF0F1", "`1 with 2 digits behind a point` is no number"),
        ("PIC ZZ9.99CR", "4040F14BF5F0C3D9", "-1.50"),
    ] {
        assert_eq!(value(entry, lenient(false), &hex(bytes)), expected, "{entry} {bytes}");
    }
    assert_eq!(value("PIC 9(4)", lenient(true), &hex("F0F0F0C1")), "1");
}

/// Faults as a person reads them: the field, where, its bytes, the kind, the reason.
#[test]
fn faults_of_a_record() {
    let layout = layout(
        "01 CUSTOMER. 05 ID PIC 9(3). 05 NAME PIC X(2). 05 MONEY. 10 BALANCE PIC S9(3)V99 COMP-3 OCCURS 2. \
         10 LIMIT PIC 9(4) COMP. 05 TAX PIC ZZ9. 05 SEX PIC S9 SIGN LEADING SEPARATE. 05 LAST-ONE PIC 9(5).",
    );
    let bytes = hex("F1C1F3 C1C2 12345C 12A45C FFFF C1F2F3 F0F1 F1F2");
    let (line, faults) = decoded(&layout, options("cp037"), &bytes);
    let told: Vec<_> = faults.iter().map(|fault| told(&layout, fault)).collect();
    insta::assert_snapshot!(format!("{line}\n{}", told.join("\n")), @r#"
    {"ID":null,"NAME":"AB","MONEY":{"BALANCE":[123.45,null],"LIMIT":null},"TAX":null,"SEX":null,"LAST-ONE":null}
    CUSTOMER.ID at 0 [F1 C1 F3] bad_zoned: byte 0xC1 at 2 is no digit
    CUSTOMER.MONEY.BALANCE at 8 [12 A4 5C] bad_packed: digit nibble 0xA in byte 2 of a packed number
    CUSTOMER.MONEY.LIMIT at 11 [FF FF] beyond_picture: it has more than the 4 digits of its picture
    CUSTOMER.TAX at 13 [C1 F2 F3] bad_number: `A23` is no number
    CUSTOMER.SEX at 16 [F0 F1] bad_zoned: byte 0xF0 at 1 is neither + nor -
    CUSTOMER.LAST-ONE at 18 [F1 F2] record_too_short: the record ends 3 bytes before the field does
    "#);
}

/// Double-byte characters, among others and alone. The bytes are what `iconv -t IBM930` and so on write.
#[test]
fn double_byte_characters() {
    for (page, entry, bytes, expected) in [
        // The shifts take a byte each and are no characters; either kind of blanks fills up the field.
        ("cp930", "PIC X(16)", "C10E4562456648E74394438E43950FF1", r#""A日本語テスト1""#),
        ("cp939", "PIC X(12)", "0E4562456640400F4040C140", r#""日本　  A""#),
        ("cp939", "PIC X(12)", "0E4562456640400F40404040", r#""日本""#),
        ("cp939", "PIC X(12) JUST", "40400E404045620F40C1C2C3", r#""日 ABC""#),
        ("cp939", "PIC X(8)", "0E404040400F4040", r#""""#),
        ("cp939", "PIC X(4)", "0E0F8182", r#""ab""#),
        ("cp930", "PIC A(4)", "62638181", r#""abｱｱ""#),
        ("cp935", "PIC X(8)", "0E5BCF57C30F40F1", r#""中文 1""#),
        ("cp937", "PIC X(6)", "0E5F7768A30F", r#""臺灣""#),
        ("cp1388", "PIC X(10)", "0E54CA5292497245EB0F", r#""人民币€""#),
        ("cp933", "PIC X(8)", "0ED0658A82B4E10F", r#""한국어""#),
        ("cp1364", "PIC X(10)", "0E99B1A4778862D0610F", r#""똠방각하""#),
        // Characters that users define.
        ("cp930", "PIC X(4)", "0E69410F", "\"\u{E000}\""),
        // Without shifts.
        ("cp930", "PIC G(5) DISPLAY-1", "45624566404048E74040", r#""日本　語""#),
        ("cp1388", "PIC G(3) DISPLAY-1", "5BCF57C34040", r#""中文""#),
        ("cp1364", "PIC N(2) DISPLAY-1", "D0658A82", r#""한국""#),
        ("cp939", "PIC G(2) DISPLAY-1", "40404040", r#""""#),
        // The rest of the file is as in any other page; UTF-16 is filled up with its own blanks.
        ("cp930", "PIC S9(3)", "F1F2D3", "-123"),
        ("cp1388", "PIC ZZ9.99-", "4040F14BF5F060", "-1.50"),
        ("cp939", "PIC N(3)", "65E530000020", r#""日　""#),
        // What is none.
        ("cp930", "PIC X(5)", "C10E456240", "the shift out (0x0E) at 2 has no shift in (0x0F) behind it"),
        ("cp930", "PIC X(5)", "0E4562450F", "the double-byte character at 4 has only one byte, 0x45"),
        ("cp930", "PIC X(6)", "0E4562FEFE0F", "the two bytes 0xFEFE at 4 stand for nothing in cp930"),
        ("cp935", "PIC X(4)", "0E84410F", "the two bytes 0x8441 at 2 stand for nothing in cp935"),
        ("cp939", "PIC X(3)", "C10FC1", "byte 0x0F at 2 stands for nothing in cp939"),
        ("cp930", "PIC G(3) DISPLAY-1", "456200004040", "the two bytes 0x0000 at 3 stand for nothing in cp930"),
        ("cp930", "PIC G(2) DISPLAY-1", "0E45620F", "the two bytes 0x0E45 at 1 stand for nothing in cp930"),
    ] {
        assert_eq!(value(entry, options(page), &hex(bytes)), expected, "{page} {entry} {bytes}");
    }
    let kept = Options { trim: Trim::None, ..options("cp939") };
    assert_eq!(value("PIC X(6)", kept, &hex("0E45620F4040")), r#""日  ""#);
    assert_eq!(value("PIC G(2) DISPLAY-1", kept, &hex("45624040")), r#""日　""#);
    let layout = layout("01 R. 05 A PIC X. 05 B PIC X(5).");
    let (_, faults) = decoded(&layout, options("cp939"), &hex("C1C10E456240"));
    assert_eq!(
        told(&layout, &faults[0]),
        "R.B at 1 [C1 0E 45 62 40] bad_encoding: the shift out (0x0E) at 2 has no shift in (0x0F) behind it"
    );
}
