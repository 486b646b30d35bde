//! Telephone numbers to E.164 and e-mail addresses to one spelling, so that one person is one pseudonym.

use std::cell::RefCell;
use std::collections::HashMap;

use phonenumber::Mode;
use phonenumber::country::Id as Country;

use super::refusal::{BAD_EMAIL, BAD_PHONE, Refusal};

/// A telephone number as E.164, `+14155552671`. Without a country code it is meant in `region`.
pub(super) fn phone(text: &str, region: Option<Country>) -> Result<String, Refusal> {
    let trimmed = text.trim_ascii();
    if !trimmed.bytes().any(|b| b.is_ascii_digit()) {
        return Err(Refusal::new(BAD_PHONE, text, "there is no telephone number in it"));
    }
    // With a country code in front, the region must not count: the library would strip the region's trunk prefix
    // from another country's number.
    let region = if trimmed.starts_with('+') { None } else { region };
    if region.is_none() && !trimmed.starts_with('+') {
        let reason =
            "it has no country code, and neither phone(…, 'US') nor `phone_region` in [mapping] says which is meant";
        return Err(Refusal::new(BAD_PHONE, text, reason));
    }
    let number = phonenumber::parse(region, trimmed)
        .map_err(|_| Refusal::new(BAD_PHONE, text, "it isn't a telephone number"))?;
    if !number.is_valid() {
        return Err(Refusal::new(BAD_PHONE, text, "no telephone number of its country is numbered so"));
    }
    Ok(number.format().mode(Mode::E164).to_string())
}

/// Answers remembered by a thread at most, so that memory stays bounded.
const REMEMBERED: usize = 65_536;

type Answers = HashMap<(Option<Country>, String), Result<String, Refusal>>;

thread_local! {
    static ANSWERS: RefCell<Answers> = RefCell::new(HashMap::new());
}

/// Like [`phone`], remembering what it answered: the same callers come again, and the rules of a country are many.
pub(super) fn phone_remembered<T>(
    text: &str,
    region: Option<Country>,
    use_it: impl FnOnce(&str) -> T,
) -> Result<T, Refusal> {
    ANSWERS.with_borrow_mut(|answers| {
        if answers.len() >= REMEMBERED {
            answers.clear();
        }
        let answer = answers.entry((region, text.to_owned())).or_insert_with(|| phone(text, region));
        answer.as_deref().map(use_it).map_err(Clone::clone)
    })
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
