//! Money text to exact millionths: 1,234.50 and 1.234,50 and (1 234.50) and 12.00- and EUR 5, or a refusal. Text that
//! could be two amounts, such as 1,234 where the notation isn't given, is refused rather than guessed.

use super::refusal::{BAD_MONEY, OUT_OF_RANGE, Refusal};

/// Millionths in one.
pub(super) const MICROS: i64 = 1_000_000;

/// What the separators of a text mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Notation {
    /// Point before the fraction; comma, space or apostrophe between thousands.
    Us,
    /// Comma before the fraction; point, space or apostrophe between thousands.
    Eu,
    /// Point before the fraction, nothing between thousands, no currency, no parentheses.
    Plain,
    /// Whichever of the first two the text itself proves.
    Unstated,
}

impl Notation {
    /// The notation a pipeline names.
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "us" => Some(Self::Us),
            "eu" => Some(Self::Eu),
            "plain" => Some(Self::Plain),
            _ => None,
        }
    }
}

/// The amount in millionths.
pub(super) fn money(text: &str, notation: Notation) -> Result<i64, Refusal> {
    let refuse = |reason: &str| Refusal::new(BAD_MONEY, text, reason);
    let (negative, number) = if notation == Notation::Plain {
        let trimmed = text.trim_ascii();
        match trimmed.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
        }
    } else {
        undress(text).map_err(refuse)?
    };
    let parts = split(number, notation).map_err(refuse)?;
    let micros = amount(&parts).map_err(|wrong| match wrong {
        Wrong::TooFine => refuse("an amount has at most 6 decimal places"),
        Wrong::TooBig => Refusal::new(OUT_OF_RANGE, text, "an amount lies within ±9,223,372,036,854.775807"),
    })?;
    // The most negative number has no counterpart and is out of range on both sides.
    Ok(if negative { -micros } else { micros })
}

/// A whole number of hundredths or millionths, as millionths.
pub(super) fn whole(text: &str, unit_micros: i64, unit: &str) -> Result<i64, Refusal> {
    let trimmed = text.trim_ascii();
    let digits = trimmed.strip_prefix(['-', '+']).unwrap_or(trimmed);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::new(BAD_MONEY, text, format!("{unit} are a whole number")));
    }
    trimmed
        .parse::<i64>()
        .ok()
        .and_then(|number| number.checked_mul(unit_micros))
        .filter(|micros| *micros != i64::MIN)
        .ok_or_else(|| Refusal::new(OUT_OF_RANGE, text, "an amount lies within ±9,223,372,036,854.775807"))
}

/// Takes sign, parentheses and currency off a number, each at most once.
fn undress(text: &str) -> Result<(bool, &str), &'static str> {
    let mut rest = text.trim_matches(is_space);
    if rest.is_empty() {
        return Err("there is no amount in it");
    }
    let mut negative = false;
    let mut signed = false;
    let mut currency = false;
    loop {
        let before = rest.len();
        if let Some(inner) = rest.strip_prefix('(') {
            let inner = inner.strip_suffix(')').ok_or("a parenthesis has no counterpart")?;
            sign(&mut signed)?;
            negative = true;
            rest = inner;
        } else if let Some(inner) =
            rest.strip_prefix(['-', '\u{2212}']).or_else(|| rest.strip_suffix(['-', '\u{2212}']))
        {
            sign(&mut signed)?;
            negative = true;
            rest = inner;
        } else if let Some(inner) = rest.strip_prefix('+').or_else(|| rest.strip_suffix('+')) {
            sign(&mut signed)?;
            rest = inner;
        } else if let Some(inner) = mark(rest, "DB").or_else(|| mark(rest, "DR")) {
            sign(&mut signed)?;
            negative = true;
            rest = inner;
        } else if mark(rest, "CR").is_some() {
            return Err("CR is a credit in a bank's list and a minus in a COBOL picture: replace it by what it means");
        } else if let Some(inner) = without_currency(rest) {
            if currency {
                return Err("it names a currency twice");
            }
            currency = true;
            rest = inner;
        }
        rest = rest.trim_matches(is_space);
        if rest.len() == before {
            return Ok((negative, rest));
        }
    }
}

fn sign(signed: &mut bool) -> Result<(), &'static str> {
    if std::mem::replace(signed, true) { Err("it has more than one sign") } else { Ok(()) }
}

/// The text before a mark of two letters that isn't the end of a currency code.
fn mark<'a>(text: &'a str, letters: &str) -> Option<&'a str> {
    text.strip_suffix(letters).filter(|before| !before.ends_with(|c: char| c.is_ascii_uppercase()))
}

fn is_space(c: char) -> bool {
    c.is_ascii_whitespace() || c == '\u{a0}' || c == '\u{202f}'
}

fn is_symbol(c: char) -> bool {
    matches!(c, '$' | '¢' | '£' | '¤' | '¥' | '\u{20a0}'..='\u{20cf}')
}

/// The text without a currency in front or behind: a symbol, a symbol with letters (US$, R$), or an ISO 4217 code.
fn without_currency(text: &str) -> Option<&str> {
    let letters = text.len() - text.trim_start_matches(|c: char| c.is_ascii_uppercase()).len();
    if letters <= 2
        && let Some(inner) = text[letters..].strip_prefix(is_symbol)
    {
        return Some(inner);
    }
    if letters == 3 {
        return Some(&text[3..]);
    }
    if let Some(inner) = text.strip_suffix(is_symbol) {
        let bare = inner.trim_end_matches(|c: char| c.is_ascii_uppercase());
        return (inner.len() - bare.len() <= 2).then_some(bare);
    }
    let inner = text.trim_end_matches(|c: char| c.is_ascii_uppercase());
    (text.len() - inner.len() == 3).then_some(inner)
}

/// Digits before the decimal separator, with separators that are known to be in their places, and after it.
struct Parts<'a> {
    whole: &'a str,
    fraction: &'a str,
}

fn split(number: &str, notation: Notation) -> Result<Parts<'_>, &'static str> {
    let decimal = match notation {
        Notation::Us | Notation::Plain => Some('.'),
        Notation::Eu => Some(','),
        Notation::Unstated => decimal_separator(number)?,
    };
    let (whole, fraction) = match decimal.and_then(|separator| number.split_once(separator)) {
        Some((_, "")) => return Err("there is no digit after its decimal separator"),
        Some((whole, fraction)) => (whole, fraction),
        None => (number, ""),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err("there is no amount in it");
    }
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err("what follows its decimal separator isn't all digits");
    }
    if !whole.bytes().all(|b| b.is_ascii_digit()) {
        if notation == Notation::Plain {
            return Err("a plain amount is digits with at most one point");
        }
        check_groups(whole, decimal)?;
    }
    Ok(Parts { whole, fraction })
}

/// The decimal separator that a text proves by itself, if it has one.
fn decimal_separator(number: &str) -> Result<Option<char>, &'static str> {
    let points = number.bytes().filter(|b| *b == b'.').count();
    let commas = number.bytes().filter(|b| *b == b',').count();
    let (separator, count) = match (points, commas) {
        (0, 0) => return Ok(None),
        (_, 0) => ('.', points),
        (0, _) => (',', commas),
        _ => return Ok(number.chars().rev().find(|c| matches!(c, '.' | ','))),
    };
    if count > 1 {
        return Ok(Some(if separator == '.' { ',' } else { '.' }));
    }
    let (before, after) = number.split_once(separator).unwrap_or((number, ""));
    let could_be_thousands = after.len() == 3
        && (1..=3).contains(&before.len())
        && !before.starts_with('0')
        && before.bytes().all(|b| b.is_ascii_digit());
    if could_be_thousands {
        return Err("its separator may stand before thousands or before a fraction: say which by 'us' or 'eu'");
    }
    Ok(Some(separator))
}

fn check_groups(whole: &str, decimal: Option<char>) -> Result<(), &'static str> {
    let Some(separator) = whole.chars().find(|c| !c.is_ascii_digit()) else { return Ok(()) };
    if !(matches!(separator, '.' | ',' | '\'' | '\u{2019}') || is_space(separator)) || Some(separator) == decimal {
        return Err("it has characters that don't belong to an amount");
    }
    for (index, group) in whole.split(separator).enumerate() {
        if !group.bytes().all(|b| b.is_ascii_digit()) {
            return Err("it has characters that don't belong to an amount, or two kinds of separators");
        }
        if if index == 0 { !(1..=3).contains(&group.len()) } else { group.len() != 3 } {
            return Err("its separators don't stand between thousands");
        }
    }
    Ok(())
}

enum Wrong {
    TooFine,
    TooBig,
}

fn amount(parts: &Parts<'_>) -> Result<i64, Wrong> {
    let mut units: i64 = 0;
    for digit in parts.whole.bytes().filter(u8::is_ascii_digit) {
        units = units.checked_mul(10).and_then(|u| u.checked_add(i64::from(digit - b'0'))).ok_or(Wrong::TooBig)?;
    }
    let (kept, cut) = parts.fraction.split_at(parts.fraction.len().min(6));
    if cut.bytes().any(|b| b != b'0') {
        return Err(Wrong::TooFine);
    }
    let mut fraction: i64 = 0;
    for index in 0..6 {
        fraction = fraction * 10 + kept.as_bytes().get(index).map_or(0, |digit| i64::from(digit - b'0'));
    }
    units.checked_mul(MICROS).and_then(|micros| micros.checked_add(fraction)).ok_or(Wrong::TooBig)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str, notation: Notation) -> String {
        match money(text, notation) {
            Ok(micros) => micros.to_string(),
            Err(refusal) => format!("{}: {}", refusal.code, refusal.reason),
        }
    }

    #[test]
    fn what_people_write() {
        let texts = [
            "1,234.50",
            "1.234,50",
            "1 234,50",
            "1'234.50",
            "1\u{a0}234,50",
            "1,234,567",
            "1.234.567",
            "12",
            "-12.5",
            "12.5-",
            "(12.50)",
            "($12.50)",
            "$ -12.50",
            "-$12.50",
            "USD 12.50",
            "12.50 EUR",
            "€5",
            "US$ 5",
            "5 R$",
            "12.50DB",
            "0.125",
            ".5",
            "+5",
            "\u{2212}5",
            "9223372036854.775807",
        ];
        let lines: Vec<_> = texts.iter().map(|text| format!("{text} -> {}", read(text, Notation::Unstated))).collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        1,234.50 -> 1234500000
        1.234,50 -> 1234500000
        1 234,50 -> 1234500000
        1'234.50 -> 1234500000
        1 234,50 -> 1234500000
        1,234,567 -> 1234567000000
        1.234.567 -> 1234567000000
        12 -> 12000000
        -12.5 -> -12500000
        12.5- -> -12500000
        (12.50) -> -12500000
        ($12.50) -> -12500000
        $ -12.50 -> -12500000
        -$12.50 -> -12500000
        USD 12.50 -> 12500000
        12.50 EUR -> 12500000
        €5 -> 5000000
        US$ 5 -> 5000000
        5 R$ -> 5000000
        12.50DB -> -12500000
        0.125 -> 125000
        .5 -> 500000
        +5 -> 5000000
        −5 -> -5000000
        9223372036854.775807 -> 9223372036854775807
        ");
    }

    #[test]
    fn what_is_refused() {
        let texts = [
            "",
            " ",
            "abc",
            "1,234",
            "1.234",
            "12,34.50",
            "1,23,456.00",
            "1,234 567.00",
            "--5",
            "(-5)",
            "(5",
            "5)",
            "$5 EUR",
            "12.50CR",
            "1.5.",
            "5.",
            ".",
            "-",
            "EUR",
            "1.2345678",
            "9223372036854.775808",
            "1e3",
            "٣",
            "0x10",
            "1_000",
        ];
        let lines: Vec<_> = texts.iter().map(|text| format!("{text} -> {}", read(text, Notation::Unstated))).collect();
        insta::assert_snapshot!(lines.join("\n"), @"
         -> bad_money: there is no amount in it
          -> bad_money: there is no amount in it
        abc -> bad_money: it has characters that don't belong to an amount
        1,234 -> bad_money: its separator may stand before thousands or before a fraction: say which by 'us' or 'eu'
        1.234 -> bad_money: its separator may stand before thousands or before a fraction: say which by 'us' or 'eu'
        12,34.50 -> bad_money: its separators don't stand between thousands
        1,23,456.00 -> bad_money: its separators don't stand between thousands
        1,234 567.00 -> bad_money: it has characters that don't belong to an amount, or two kinds of separators
        --5 -> bad_money: it has more than one sign
        (-5) -> bad_money: it has more than one sign
        (5 -> bad_money: a parenthesis has no counterpart
        5) -> bad_money: it has characters that don't belong to an amount
        $5 EUR -> bad_money: it names a currency twice
        12.50CR -> bad_money: CR is a credit in a bank's list and a minus in a COBOL picture: replace it by what it means
        1.5. -> bad_money: its separators don't stand between thousands
        5. -> bad_money: there is no digit after its decimal separator
        . -> bad_money: there is no digit after its decimal separator
        - -> bad_money: there is no amount in it
        EUR -> bad_money: there is no amount in it
        1.2345678 -> bad_money: an amount has at most 6 decimal places
        9223372036854.775808 -> out_of_range: an amount lies within ±9,223,372,036,854.775807
        1e3 -> bad_money: it has characters that don't belong to an amount
        ٣ -> bad_money: it has characters that don't belong to an amount
        0x10 -> bad_money: it has characters that don't belong to an amount
        1_000 -> bad_money: it has characters that don't belong to an amount
        ");
    }

    #[test]
    fn a_stated_notation_decides() {
        let cases = [
            ("1,234", Notation::Us),
            ("1,234", Notation::Eu),
            ("1.234", Notation::Us),
            ("1.234", Notation::Eu),
            ("1,234.5", Notation::Eu),
            ("1,234.5", Notation::Plain),
            ("$5", Notation::Plain),
            ("1234.5", Notation::Plain),
            ("-0.000001", Notation::Plain),
        ];
        let lines: Vec<_> = cases.iter().map(|(text, n)| format!("{text} {n:?} -> {}", read(text, *n))).collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        1,234 Us -> 1234000000
        1,234 Eu -> 1234000
        1.234 Us -> 1234000
        1.234 Eu -> 1234000000
        1,234.5 Eu -> bad_money: what follows its decimal separator isn't all digits
        1,234.5 Plain -> bad_money: a plain amount is digits with at most one point
        $5 Plain -> bad_money: a plain amount is digits with at most one point
        1234.5 Plain -> 1234500000
        -0.000001 Plain -> -1
        ");
    }

    fn written(micros: i64, thousands: char, decimal: char) -> String {
        let digits = (micros.unsigned_abs() / 1_000_000).to_string();
        let mut whole = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                whole.push(thousands);
            }
            whole.push(digit);
        }
        let sign = if micros < 0 { "-" } else { "" };
        format!("{sign}{whole}{decimal}{:06}", micros.unsigned_abs() % 1_000_000)
    }

    proptest! {
        #[test]
        fn both_notations_come_back(micros in -i64::MAX..=i64::MAX) {
            for (thousands, decimal, notation) in [
                (',', '.', Notation::Us), (' ', '.', Notation::Us), ('\'', '.', Notation::Us),
                ('.', ',', Notation::Eu), ('\u{a0}', ',', Notation::Eu), ('\'', ',', Notation::Eu),
            ] {
                prop_assert_eq!(money(&written(micros, thousands, decimal), notation), Ok(micros));
            }
            prop_assert_eq!(money(&written(micros, ',', '.'), Notation::Unstated), Ok(micros));
            prop_assert_eq!(money(&written(micros, '.', ','), Notation::Unstated), Ok(micros));
        }

        #[test]
        fn any_text_is_an_answer(text in "\\PC*", tight in "[-+()$€ .,'0-9A-Z]{0,12}") {
            for notation in [Notation::Us, Notation::Eu, Notation::Plain, Notation::Unstated] {
                let _ = money(&text, notation);
                let _ = money(&tight, notation);
            }
            let _ = whole(&text, 10_000, "cents");
        }
    }
}
