//! Control files: what a sender says of a file in another file beside it.

use std::collections::BTreeMap;

/// The values of the control file of the file called `name`. Its lines are `name = value` or `name: value`; empty lines and
/// lines that start with `#` say nothing. A line of `sha256sum` and its like (`HASH  NAME`, `SHA256 (NAME) = HASH`) for this
/// file is `checksum`, and a file of nothing but one value has it as `value`. The error names the line that is none of them.
pub fn control_file(bytes: &[u8], name: &str) -> Result<BTreeMap<String, String>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "the control file isn't text".to_owned())?;
    let lines: Vec<(usize, &str)> = text
        .trim_start_matches('\u{feff}')
        .lines()
        .enumerate()
        .map(|(number, line)| (number + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .collect();
    if let [(_, value)] = lines[..]
        && !value.contains(['=', ':'])
        && value.split_whitespace().count() == 1
    {
        let value = value.trim_matches('"').to_owned();
        let checksum = is_checksum(&value).then(|| ("checksum".to_owned(), value.clone()));
        return Ok(checksum.into_iter().chain([("value".to_owned(), value)]).collect());
    }
    let mut values = BTreeMap::new();
    for (number, line) in lines {
        if let Some((checksum, of)) = checksum_line(line) {
            // Several files may be listed, by names with or without a path.
            if of.rsplit('/').next() == Some(name) {
                values.insert("checksum".to_owned(), checksum.to_owned());
            }
            continue;
        }
        let (key, value) = line
            .split_once(['=', ':'])
            .ok_or_else(|| format!("line {number} of the control file is not `name = value`"))?;
        values.insert(key.trim().to_owned(), value.trim().trim_matches('"').to_owned());
    }
    Ok(values)
}

/// The checksum in a line of `sha256sum`, plain or in BSD's form, and the file it is of.
fn checksum_line(line: &str) -> Option<(&str, &str)> {
    if let Some((hash, name)) = line.split_once(char::is_whitespace)
        && is_checksum(hash)
    {
        // A star stands before the name where the file was read as binary.
        let name = name.trim_start();
        return Some((hash, name.strip_prefix('*').unwrap_or(name)));
    }
    let (before, hash) = line.rsplit_once(") = ")?;
    let (_, name) = before.split_once(" (")?;
    is_checksum(hash).then_some((hash, name))
}

/// Whether it looks like the result of MD5, SHA-1, SHA-256 or SHA-512.
fn is_checksum(text: &str) -> bool {
    matches!(text.len(), 32 | 40 | 64 | 128) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MD5: &str = "d41d8cd98f00b204e9800998ecf8427e";

    #[test]
    fn control_files_in_both_notations() {
        let values = control_file(b"# orders\r\norders = 59\r\ntotal: \"4817.46\"\r\n", "a.csv").unwrap();
        assert_eq!(values["orders"], "59");
        assert_eq!(values["total"], "4817.46");
        let wrong = control_file(b"a=1\nnonsense\n", "a.csv").unwrap_err();
        assert_eq!(wrong, "line 2 of the control file is not `name = value`");
    }

    #[test]
    fn one_value_alone() {
        assert_eq!(control_file(b"\n  300\r\n", "a.csv").unwrap()["value"], "300");
        let alone = control_file(MD5.as_bytes(), "a.csv").unwrap();
        assert_eq!((alone["value"].as_str(), alone["checksum"].as_str()), (MD5, MD5));
        assert!(control_file(b"two words", "a.csv").is_err());
    }

    #[test]
    fn lines_of_checksum_programs() {
        let plain = format!("{MD5}  other.csv\n{}  out/a.csv\n", MD5.replace('d', "0"));
        assert_eq!(control_file(plain.as_bytes(), "a.csv").unwrap()["checksum"], MD5.replace('d', "0"));
        assert_eq!(control_file(format!("{MD5} *a.csv").as_bytes(), "a.csv").unwrap()["checksum"], MD5);
        assert_eq!(control_file(format!("MD5 (a.csv) = {MD5}").as_bytes(), "a.csv").unwrap()["checksum"], MD5);
        assert!(!control_file(format!("{MD5}  b.csv\n").as_bytes(), "a.csv").unwrap().contains_key("checksum"));
    }
}
