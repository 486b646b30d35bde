//! What somebody probably meant.

/// The candidate that `given` is most likely a slip of, if any comes near enough.
pub fn nearest<'c>(given: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let given = fold(given);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let folded = fold(candidate);
            let distance = strsim::damerau_levenshtein(&given, &folded);
            let longer = given.chars().count().max(folded.chars().count());
            let begins =
                given.len() >= 3 && folded.len() >= 3 && (folded.starts_with(&given) || given.starts_with(&folded));
            let near = distance <= (longer / 3).max(1) && distance < longer;
            (near || begins).then_some((!near, distance, candidate))
        })
        .min_by_key(|(begins, distance, _)| (*begins, *distance))
        .map(|(_, _, candidate)| candidate)
}

fn fold(name: &str) -> String {
    name.chars().map(|c| if c == '-' || c == ' ' { '_' } else { c.to_ascii_lowercase() }).collect()
}

/// "`a`, `b` and `c`".
pub fn list<'w>(words: impl IntoIterator<Item = &'w str>, last: &str) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

/// A list that says more than a suggestion.
const SHORT: usize = 6;

/// What to say to somebody who gave none of `words`.
pub fn did_you_mean(given: &str, words: &[&str]) -> String {
    let all = match words {
        [only] => format!("it is `{only}`"),
        _ => format!("it is one of {}", list(words.iter().copied(), "and")),
    };
    match nearest(given, words.iter().copied()) {
        Some(near) if words.len() == 1 || words.len() > SHORT => format!("did you mean `{near}`?"),
        Some(near) => format!("did you mean `{near}`? {all}"),
        None => all,
    }
}

#[cfg(test)]
mod tests {
    use super::{list, nearest};

    #[test]
    fn finds_slips_and_nothing_else() {
        let keys = ["schedule", "source", "format", "mapping", "output", "name", "after"];
        assert_eq!(nearest("schedul", keys), Some("schedule"));
        assert_eq!(nearest("shcedule", keys), Some("schedule"));
        assert_eq!(nearest("Format", keys), Some("format"));
        assert_eq!(nearest("outputs", keys), Some("output"));
        assert_eq!(nearest("colour", keys), None);
        assert_eq!(nearest("x", keys), None);
        assert_eq!(nearest("batch", ["batch_rows", "row_bytes"]), Some("batch_rows"));
    }

    #[test]
    fn lists_words() {
        assert_eq!(list(["a"], "or"), "`a`");
        assert_eq!(list(["a", "b", "c"], "or"), "`a`, `b` or `c`");
    }
}
