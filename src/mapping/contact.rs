//! Telephone numbers to E.164 and e-mail addresses to one spelling, so that one person is one pseudonym.

use std::cell::RefCell;
use std::collections::HashMap;

use phonenumber::Mode;
use phonenumber::country::Id as Country;
use phonenumber::metadata::DATABASE;

use super::north_america;
use super::refusal::{BAD_EMAIL, BAD_PHONE, Refusal};

/// Calls `use_it` with a telephone number as E.164, `+14155552671`. Without a country code it is meant in `region`.
pub(super) fn phone<T>(text: &str, region: Option<Country>, use_it: impl FnOnce(&str) -> T) -> Result<T, Refusal> {
    let domestic = matches!(region, Some(Country::US | Country::CA));
    if let Some(digits) = north_america::digits(text, domestic)
        && north_america::is_valid(digits)
    {
        let mut e164 = [b'+', b'1', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        e164[2..].copy_from_slice(&digits);
        if let Ok(e164) = std::str::from_utf8(&e164) {
            return Ok(use_it(e164));
        }
    }
    ANSWERS.with_borrow_mut(|answers| {
        if answers.len() >= REMEMBERED {
            answers.clear();
        }
        let answer = answers.entry((region, text.to_owned())).or_insert_with(|| e164(text, region));
        answer.as_deref().map(use_it).map_err(Clone::clone)
    })
}

/// Answers remembered by a thread at most, so that memory stays bounded: the same callers come again, and the rules of
/// a country are many.
const REMEMBERED: usize = 65_536;

type Answers = HashMap<(Option<Country>, String), Result<String, Refusal>>;

thread_local! {
    static ANSWERS: RefCell<Answers> = RefCell::new(HashMap::new());
}

fn e164(text: &str, region: Option<Country>) -> Result<String, Refusal> {
    let trimmed = text.trim_ascii();
    if !trimmed.bytes().any(|b| b.is_ascii_digit()) {
        return Err(Refusal::new(BAD_PHONE, text, "there is no telephone number in it"));
    }
    if trimmed.starts_with('+') {
        return international(trimmed).ok_or_else(|| not_dialled(text));
    }
    let Some(region) = region else {
        let reason =
            "it has no country code, and neither phone(…, 'US') nor `phone_region` in [mapping] says which is meant";
        return Err(Refusal::new(BAD_PHONE, text, reason));
    };
    if let Some(number) = dialled_abroad(trimmed, region).and_then(|number| international(&number)) {
        return Ok(number);
    }
    let number = phonenumber::parse(Some(region), trimmed).ok().filter(phonenumber::is_valid);
    number.map(|number| number.format().mode(Mode::E164).to_string()).ok_or_else(|| not_dialled(text))
}

fn not_dialled(text: &str) -> Refusal {
    Refusal::new(BAD_PHONE, text, "it isn't a telephone number that can be dialled")
}

/// A number with its country code. No region may be given with it: the library would strip the region's trunk prefix
/// from another country's number.
fn international(text: &str) -> Option<String> {
    let number = phonenumber::parse(None, text).ok().filter(phonenumber::is_valid)?;
    Some(number.format().mode(Mode::E164).to_string())
}

/// A number that begins with what is dialled in the region to reach another country, `011` or `00`, with a plus
/// instead.
fn dialled_abroad(text: &str, region: Country) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let prefix = DATABASE.by_id(region.as_ref())?.international_prefix()?.find(&digits)?;
    (prefix.start() == 0).then(|| format!("+{}", &digits[prefix.end()..]))
}

/// The region of that ISO 3166-1 alpha-2 code.
pub(super) fn region(code: &str) -> Option<Country> {
    code.parse().ok()
}

/// An e-mail address in one spelling: no blanks around it, all of it in lower case. Mail systems may tell the case of
/// what stands before the @, none in use does, and people type both. Names outside ASCII are kept as they are.
pub(super) fn email(text: &str, spelled: &mut String) -> Result<(), Refusal> {
    let refuse = |reason: &str| Err(Refusal::new(BAD_EMAIL, text, reason));
    let trimmed = text.trim();
    let Some((local, domain)) = trimmed.rsplit_once('@') else { return refuse("it has no @") };
    if local.is_empty() || local.len() > 64 {
        return refuse("what stands before its @ is empty or longer than 64 bytes");
    }
    if local.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '@' | ',' | ';' | '<' | '>' | '"')) {
        return refuse("what stands before its @ has characters that no address has");
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return refuse("what stands before its @ has a point where none may be");
    }
    if !domain.contains('.') || domain.len() > 253 {
        return refuse("what follows its @ is no domain");
    }
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|c| c.is_alphanumeric() || c == '-' || (!c.is_ascii() && !c.is_whitespace() && !c.is_control()))
    };
    if !domain.split('.').all(label) {
        return refuse("what follows its @ is no domain");
    }
    spelled.clear();
    spelled.extend(trimmed.chars().flat_map(char::to_lowercase));
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str, country: &str) -> String {
        phone(text, region(country), str::to_owned)
            .unwrap_or_else(|refusal| format!("{}: {}", refusal.code, refusal.reason))
    }

    #[test]
    fn phones() {
        let cases = [
            ("(415) 555-2671", "US"),
            ("+1 415 555 2671", ""),
            ("415 555 2671", ""),
            // A German mobile number begins with the trunk prefix of the United States.
            ("+49 1511 2345678", "US"),
            ("011 49 1511 2345678", "US"),
            ("01511 2345678", "DE"),
            ("0049 1511 2345678", "DE"),
            ("030 901820", "DE"),
            ("020 7946 0018", "GB"),
            ("+44 (0)20 7946 0018", "US"),
            ("06 6982", "IT"),
            ("123", "US"),
            ("555-0100", "US"),
            ("anonymous", "US"),
            ("1-800-FLOWERS", "US"),
            ("+999 123456789", "US"),
            ("4155552671 x12", "US"),
            ("", "US"),
        ];
        let lines: Vec<_> =
            cases.iter().map(|(text, country)| format!("{text} [{country}] -> {}", read(text, country))).collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        (415) 555-2671 [US] -> +14155552671
        +1 415 555 2671 [] -> +14155552671
        415 555 2671 [] -> bad_phone: it has no country code, and neither phone(…, 'US') nor `phone_region` in [mapping] says which is meant
        +49 1511 2345678 [US] -> +4915112345678
        011 49 1511 2345678 [US] -> +4915112345678
        01511 2345678 [DE] -> +4915112345678
        0049 1511 2345678 [DE] -> +4915112345678
        030 901820 [DE] -> +4930901820
        020 7946 0018 [GB] -> +442079460018
        +44 (0)20 7946 0018 [US] -> +442079460018
        06 6982 [IT] -> +39066982
        123 [US] -> bad_phone: it isn't a telephone number that can be dialled
        555-0100 [US] -> bad_phone: it isn't a telephone number that can be dialled
        anonymous [US] -> bad_phone: there is no telephone number in it
        1-800-FLOWERS [US] -> +18003569377
        +999 123456789 [US] -> bad_phone: it isn't a telephone number that can be dialled
        4155552671 x12 [US] -> +14155552671
         [US] -> bad_phone: there is no telephone number in it
        ");
    }

    #[test]
    fn emails() {
        let texts = [
            " Jane.Doe@Example.COM ",
            "ünal@exämple.de",
            "a+b@c.co",
            "a@b",
            "a b@c.de",
            "@c.de",
            "a@",
            "a@@c.de",
            "a@-c.de",
            ".a@c.de",
            "a..b@c.de",
            "Jane <a@c.de>",
            "a@c.de, b@c.de",
            "no address",
            "",
        ];
        let mut spelled = String::new();
        let lines: Vec<_> = texts
            .iter()
            .map(|text| match email(text, &mut spelled) {
                Ok(()) => format!("{text} -> {spelled}"),
                Err(refusal) => format!("{text} -> {}: {}", refusal.code, refusal.reason),
            })
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @"
         Jane.Doe@Example.COM  -> jane.doe@example.com
        ünal@exämple.de -> ünal@exämple.de
        a+b@c.co -> a+b@c.co
        a@b -> bad_email: what follows its @ is no domain
        a b@c.de -> bad_email: what stands before its @ has characters that no address has
        @c.de -> bad_email: what stands before its @ is empty or longer than 64 bytes
        a@ -> bad_email: what follows its @ is no domain
        a@@c.de -> bad_email: what stands before its @ has characters that no address has
        a@-c.de -> bad_email: what follows its @ is no domain
        .a@c.de -> bad_email: what stands before its @ has a point where none may be
        a..b@c.de -> bad_email: what stands before its @ has a point where none may be
        Jane <a@c.de> -> bad_email: what stands before its @ has characters that no address has
        a@c.de, b@c.de -> bad_email: what stands before its @ has characters that no address has
        no address -> bad_email: it has no @
         -> bad_email: it has no @
        ");
    }

    proptest! {
        #[test]
        fn any_text_is_an_answer(text in "\\PC*", digits in "[+0-9 ()x/.-]{0,20}") {
            for country in ["US", "DE", ""] {
                let _ = phone(&text, region(country), str::len);
                let _ = phone(&digits, region(country), str::len);
            }
            let _ = email(&text, &mut String::new());
        }
    }
}
