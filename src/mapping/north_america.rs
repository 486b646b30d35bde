//! Telephone numbers of the North American Numbering Plan, fast: most call logs hold nothing else, and the library
//! takes several microseconds a number. The rules are the library's own, its patterns compiled once; what is written
//! in any unusual way is left to it. That both agree is tested.

use std::sync::LazyLock;

use phonenumber::metadata::{DATABASE, Descriptor, Metadata};
use regex::{Regex, RegexBuilder};

/// The ten digits of a number written in a usual way: `4155552671`, `1-415-555-2671`, `+1 (415) 555-2671`. A number
/// without a plus is only taken where it is meant in this plan.
pub(super) fn digits(text: &str, domestic: bool) -> Option<[u8; 10]> {
    let text = text.trim_ascii().as_bytes();
    let mut rest = match text {
        [b'+', b'1', rest @ ..] => rest,
        [b'1', rest @ ..] if domestic => rest,
        rest @ [b'2'..=b'9' | b'(', ..] if domestic => rest,
        _ => return None,
    };
    let prefixed = rest.len() < text.len();
    if prefixed && let [b' ' | b'-' | b'.', behind @ ..] = rest {
        rest = behind;
    }
    let mut digits = [0; 10];
    let parenthesis = matches!(rest, [b'(', ..]);
    if parenthesis {
        rest = &rest[1..];
    }
    let mut count = 0;
    for (index, byte) in rest.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                *digits.get_mut(count)? = *byte;
                count += 1;
            }
            b')' if parenthesis && index == 3 => {}
            b' ' if parenthesis && index == 4 && rest[3] == b')' => {}
            // One separator before the exchange and one before the line.
            b' ' | b'-' | b'.' if (count == 3 || count == 6) && rest[index - 1].is_ascii_digit() => {}
            _ => return None,
        }
    }
    let closed = !parenthesis || rest.get(3) == Some(&b')');
    (count == 10 && closed && rest.last().is_some_and(u8::is_ascii_digit) && digits[0] >= b'2').then_some(digits)
}

/// Whether a number of these ten digits can be dialled.
pub(super) fn is_valid(digits: [u8; 10]) -> bool {
    let Ok(number) = std::str::from_utf8(&digits) else { return false };
    RULES.iter().find_map(|rules| rules.decide(number)).unwrap_or(false)
}

static RULES: LazyLock<Vec<Rules>> = LazyLock::new(|| {
    let regions = DATABASE.region(&1).unwrap_or_default();
    regions.into_iter().filter_map(|region| DATABASE.by_id(region)).filter_map(Rules::of).collect()
});

/// The rules of one region of the plan.
struct Rules {
    /// What numbers it claims, valid or not; without it, those that are valid.
    claims: Option<Regex>,
    general: Regex,
    kinds: Regex,
}

impl Rules {
    fn of(region: &Metadata) -> Option<Self> {
        let all = region.descriptors();
        let kinds = [
            all.premium_rate(),
            all.toll_free(),
            all.shared_cost(),
            all.voip(),
            all.personal_number(),
            all.pager(),
            all.uan(),
            all.voicemail(),
            all.fixed_line(),
            all.mobile(),
        ];
        let ten = |descriptor: &&Descriptor| {
            descriptor.possible_length().is_empty() || descriptor.possible_length().contains(&10)
        };
        let kinds: Vec<_> =
            kinds.into_iter().flatten().filter(ten).map(|kind| kind.national_number().as_str().to_owned()).collect();
        let claims = region.leading_digits().map(|pattern| anchored(pattern.as_str()));
        Some(Self {
            claims: match claims {
                Some(pattern) => Some(pattern?),
                None => None,
            },
            general: anchored(all.general().national_number().as_str())?,
            kinds: anchored(&kinds.join("|"))?,
        })
    }

    /// Whether the number is valid, where this region is the one to say.
    fn decide(&self, number: &str) -> Option<bool> {
        let valid = || self.general.is_match(number) && self.kinds.is_match(number);
        match &self.claims {
            Some(claims) => claims.is_match(number).then(valid),
            None => valid().then_some(true),
        }
    }
}

fn anchored(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(&format!("^(?:{pattern})")).ignore_whitespace(true).unicode(false).build().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::contact;
    use super::*;

    fn by_library(text: &str) -> Option<String> {
        let region = if text.trim_ascii().starts_with('+') { None } else { contact::region("US") };
        let number = phonenumber::parse(region, text).ok().filter(phonenumber::is_valid)?;
        Some(number.format().mode(phonenumber::Mode::E164).to_string())
    }

    /// What is made of a text here, if it is taken at all: not every one is.
    fn here(text: &str) -> Result<Option<String>, ()> {
        let digits = digits(text, true).ok_or(())?;
        Ok(is_valid(digits).then(|| format!("+1{}", std::str::from_utf8(&digits).unwrap())))
    }

    #[test]
    fn every_region_and_area_code_as_the_library_has_it() {
        for area in 200..1000 {
            for rest in ["2345678", "5551234", "0123456", "1234567", "9761234", "7272345"] {
                let number = format!("{area}{rest}");
                assert_eq!(here(&number), Ok(by_library(&number)), "{number}");
            }
        }
        for region in DATABASE.region(&1).unwrap() {
            let all = DATABASE.by_id(region).unwrap().descriptors();
            for kind in [all.fixed_line(), all.mobile(), all.toll_free(), all.voip(), all.personal_number()]
                .into_iter()
                .flatten()
            {
                let Some(example) = kind.example().filter(|example| example.len() == 10) else { continue };
                assert_eq!(here(example), Ok(by_library(example)), "{region} {example}");
            }
        }
    }

    proptest! {
        #[test]
        fn as_the_library_reads_it(number in "[2-9][0-9]{9}", form in 0..9) {
            let (area, exchange, line) = (&number[..3], &number[3..6], &number[6..]);
            let text = match form {
                0 => number.clone(),
                1 => format!("1{number}"),
                2 => format!("+1{number}"),
                3 => format!("({area}) {exchange}-{line}"),
                4 => format!("+1 ({area}){exchange}-{line}"),
                5 => format!("1-{area}-{exchange}-{line}"),
                6 => format!("{area}.{exchange}.{line}"),
                7 => format!(" +1 {area} {exchange} {line} "),
                _ => format!("{area}{exchange} {line}"),
            };
            prop_assert_eq!(here(&text), Ok(by_library(&text)), "{}", text);
        }

        #[test]
        fn whatever_is_taken_is_read_as_the_library_reads_it(text in "[+(]?1?[ -]?[(]?[0-9]{1,4}[) .-]{0,2}[0-9]{2,4}[ .)-]?[0-9]{3,5}") {
            if let Ok(answer) = here(&text) {
                prop_assert_eq!(answer, by_library(&text), "{}", text);
            }
        }
    }
}
