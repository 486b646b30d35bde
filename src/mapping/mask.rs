//! Offending text without what identifies a person: a reject is read by people who may not know who called.

/// The shape of a text: every digit a 9, every letter an x; the rest and the length stay.
pub(super) fn shape(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            _ if c.is_numeric() => '9',
            _ if c.is_alphabetic() => 'x',
            _ => c,
        })
        .collect()
}

/// Digits a run has at least to be taken for a telephone or account number.
const IDENTIFYING_DIGITS: usize = 9;

/// A text with only the parts in their shape that could identify a person: what holds an @, and runs of nine digits
/// or more that may have separators of telephone numbers between them. Dates and times of day stay readable.
pub(super) fn identifying(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut hidden = vec![false; characters.len()];
    hide_addresses(&characters, &mut hidden);
    hide_numbers(&characters, &mut hidden);
    let mut masked = String::with_capacity(text.len());
    for (character, hidden) in characters.iter().zip(hidden) {
        match character {
            c if hidden && c.is_numeric() => masked.push('9'),
            c if hidden && c.is_alphabetic() => masked.push('x'),
            c => masked.push(*c),
        }
    }
    masked
}

fn hide_addresses(characters: &[char], hidden: &mut [bool]) {
    let ends = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\'' | '(' | ')' | ',' | ';' | '|');
    for at in (0..characters.len()).filter(|at| characters[*at] == '@') {
        let from = (0..at).rev().find(|i| ends(characters[*i])).map_or(0, |i| i + 1);
        let to = (at..characters.len()).find(|i| ends(characters[*i])).unwrap_or(characters.len());
        hidden[from..to].fill(true);
    }
}

fn hide_numbers(characters: &[char], hidden: &mut [bool]) {
    let mut at = 0;
    while at < characters.len() {
        if let Some(length) = moment(characters, at) {
            at += length;
            continue;
        }
        if !characters[at].is_numeric() {
            at += 1;
            continue;
        }
        let (end, digits) = run(characters, at);
        if digits >= IDENTIFYING_DIGITS {
            hidden[at..end].fill(true);
        }
        at = end;
    }
}

/// Where the run of digits that begins here ends, and how many digits it has. A date ends it.
fn run(characters: &[char], from: usize) -> (usize, usize) {
    let separator =
        |c: char| matches!(c, ' ' | '-' | '.' | '(' | ')' | '/' | '+' | '_' | '\u{a0}' | '\u{2010}'..='\u{2015}');
    let (mut end, mut digits, mut at) = (from, 0, from);
    while let Some(c) = characters.get(at) {
        if c.is_numeric() {
            if at > from && !characters[at - 1].is_numeric() && moment(characters, at).is_some() {
                break;
            }
            digits += 1;
            at += 1;
            end = at;
        } else if separator(*c) && at - end < 3 {
            at += 1;
        } else {
            break;
        }
    }
    (end, digits)
}

/// The length of the date or time of day that begins here, if one does: `2026-02-31`, `31/02/2026`, `10:11:12.123456`,
/// `20260231101100`. Dates that don't exist count: they are what gets rejected.
fn moment(characters: &[char], at: usize) -> Option<usize> {
    if at > 0 && (characters[at - 1].is_numeric() || characters[at - 1] == '+') {
        return None;
    }
    let length = ["yyyy-99-99", "99-99-yyyy", "yyyymmddhh9999", "99:99:99", "99:99", "9:99"]
        .iter()
        .find_map(|form| matches(&characters[at..], form))?;
    let mut end = at + length;
    if characters[at..end].contains(&':') && characters.get(end) == Some(&'.') {
        let fraction = characters[end + 1..].iter().take_while(|c| c.is_ascii_digit()).count();
        if (1..=9).contains(&fraction) {
            end += 1 + fraction;
        }
    }
    let bounded = !characters.get(end).is_some_and(|c| c.is_numeric());
    bounded.then_some(end - at)
}

/// Whether the text begins with a form: 9 is a digit, yyyy a year from 1900 to 2099, mmddhh a plausible month, day and
/// hour, - a separator of dates, : itself.
fn matches(characters: &[char], form: &str) -> Option<usize> {
    let text = characters.get(..form.len())?;
    let number = |from: usize, length: usize| {
        text[from..from + length].iter().try_fold(0, |number, c| Some(number * 10 + c.to_digit(10)?))
    };
    let fits = form.chars().zip(text).all(|(wanted, c)| match wanted {
        '-' => matches!(c, '-' | '/' | '.'),
        ':' => *c == ':',
        _ => c.is_ascii_digit(),
    });
    let year = form.find("yyyy").is_none_or(|from| number(from, 4).is_some_and(|year| (1900..2100).contains(&year)));
    let moment = form.find("mmddhh").is_none_or(|from| {
        number(from, 2).is_some_and(|month| (1..=12).contains(&month))
            && number(from + 2, 2).is_some_and(|day| (1..=31).contains(&day))
            && number(from + 4, 2).is_some_and(|hour| hour < 24)
    });
    (fits && year && moment).then_some(form.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn people_are_hidden_and_dates_are_not() {
        let texts = [
            "2026-02-31 10:11",
            "31/02/2026 10:11:12",
            "2026-02-31T10:11:12.123456789",
            "20260231101100",
            "10:11 5551234567",
            "5551234567",
            "(555) 123-4567",
            "+1 555 123 4567",
            "call 555-123-4567 on 2026-03-01",
            "2026-03-01 5551234567",
            "jane.doe@example.com",
            "Jane <jane.doe@example.com>, again",
            "1,234,567.89",
            "12345678",
            "4111 1111 1111 1111",
            "49/30/1234 5678",
            "a@b",
            "2026030110111234",
            "Ünal@exämple.de",
        ];
        let lines: Vec<_> = texts.iter().map(|text| format!("{text} -> {}", identifying(text))).collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        2026-02-31 10:11 -> 2026-02-31 10:11
        31/02/2026 10:11:12 -> 31/02/2026 10:11:12
        2026-02-31T10:11:12.123456789 -> 2026-02-31T10:11:12.123456789
        20260231101100 -> 20260231101100
        10:11 5551234567 -> 10:11 9999999999
        5551234567 -> 9999999999
        (555) 123-4567 -> (999) 999-9999
        +1 555 123 4567 -> +9 999 999 9999
        call 555-123-4567 on 2026-03-01 -> call 999-999-9999 on 2026-03-01
        2026-03-01 5551234567 -> 2026-03-01 9999999999
        jane.doe@example.com -> xxxx.xxx@xxxxxxx.xxx
        Jane <jane.doe@example.com>, again -> Jane <xxxx.xxx@xxxxxxx.xxx>, again
        1,234,567.89 -> 1,234,567.89
        12345678 -> 12345678
        4111 1111 1111 1111 -> 9999 9999 9999 9999
        49/30/1234 5678 -> 99/99/9999 9999
        a@b -> x@x
        2026030110111234 -> 9999999999999999
        Ünal@exämple.de -> xxxx@xxxxxxx.xx
        ");
        insta::assert_snapshot!(shape("+1 (555) Ünal x9 ٣"), @"+9 (999) xxxx x9 9");
    }

    proptest! {
        #[test]
        fn a_number_of_nine_digits_is_hidden_wherever_it_stands(
            before in "[a-z ,:]{0,5}", number in "[1-9][0-9]{8,12}", gap in "[ .-]?", after in "[a-z ,:]{0,5}",
        ) {
            let spaced = format!("{}{gap}{}", &number[..4], &number[4..]);
            let masked = identifying(&format!("{before}{spaced}{after}"));
            prop_assert!(!masked.contains(&spaced), "{masked}");
        }

        #[test]
        fn lengths_stay(text in "\\PC*") {
            prop_assert_eq!(identifying(&text).chars().count(), text.chars().count());
            prop_assert_eq!(shape(&text).chars().count(), text.chars().count());
        }
    }
}
