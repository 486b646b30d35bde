//! What the values of the peer's options are written like.

/// That a value is none of those there are.
pub fn one_of(value: &str, words: &str) -> String {
    format!("`{value}` is none of {words}")
}

/// `true` or `false`.
pub fn yes(value: &str) -> Result<bool, String> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(one_of(value, "true, false")),
    }
}

/// A number, if it has room where it is meant.
pub fn number<N: std::str::FromStr>(value: &str) -> Result<N, String> {
    value.parse().map_err(|_| format!("`{value}` is no number that can be meant here"))
}

/// JSON of some shape.
pub fn json<T: serde::de::DeserializeOwned>(value: &str) -> Result<T, String> {
    serde_json::from_str(value).map_err(|wrong| format!("it isn't the JSON that is expected: {wrong}"))
}

/// Words between commas, empty ones left out.
pub fn list(value: &str) -> Vec<String> {
    value.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

/// `GROUP => A,B`.
pub fn arrow(value: &str) -> Result<(String, Vec<String>), String> {
    let (group, words) = value.split_once("=>").ok_or("write a group, `=>`, and a list with commas")?;
    Ok((group.trim().to_owned(), list(words)))
}
