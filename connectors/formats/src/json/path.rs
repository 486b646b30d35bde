//! Paths to values, and the tree that all paths of a row make together.

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Into an object.
    Key(String),
    /// Into an array, counted from 0.
    Item(usize),
}

/// Reads a path such as `a.b[0]."c.d"`, or says what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut rest = text;
    loop {
        let key_due = if steps.is_empty() {
            !rest.starts_with('[')
        } else if let Some(after) = rest.strip_prefix('.') {
            rest = after;
            true
        } else {
            false
        };
        if key_due {
            let (key, after) = if rest.starts_with('"') { quoted_key(rest)? } else { bare_key(rest)? };
            steps.push(Step::Key(key));
            rest = after;
        } else if rest.is_empty() {
            return Ok(steps);
        } else if let Some((item, after)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            let item = item.parse().map_err(|_| format!("`[{item}]` should hold a number counted from 0"))?;
            steps.push(Step::Item(item));
            rest = after;
        } else {
            return Err(format!("there should be a dot or `[n]` before `{rest}`"));
        }
    }
}

fn bare_key(text: &str) -> Result<(String, &str), String> {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    match &text[..end] {
        "" => Err("a key is missing".into()),
        key => Ok((key.to_owned(), &text[end..])),
    }
}

fn quoted_key(text: &str) -> Result<(String, &str), String> {
    let mut key = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Ok((key, &text[at + 1..])),
            '\\' => match characters.next() {
                Some((_, escaped @ ('"' | '\\'))) => key.push(escaped),
                _ => return Err("after a backslash there should be a quote or another backslash".into()),
            },
            other => key.push(other),
        }
    }
    Err("a quoted key has no end".into())
}

/// What is wanted of a value: its text for some columns, or something inside it.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    /// Columns that are this value.
    pub columns: Vec<usize>,
    /// Wanted values of an object.
    pub keys: Vec<(String, Node)>,
    /// Wanted items of an array.
    pub items: Vec<(usize, Node)>,
}

impl Node {
    /// The tree of these paths; a path's place in the list is its column.
    pub fn tree(paths: &[Vec<Step>]) -> Self {
        let mut root = Self::default();
        for (column, path) in paths.iter().enumerate() {
            let mut node = &mut root;
            for step in path {
                node = match step {
                    Step::Key(key) => child(&mut node.keys, key),
                    Step::Item(item) => child(&mut node.items, item),
                };
            }
            node.columns.push(column);
        }
        root
    }

    /// Whether something inside the value is wanted.
    pub fn has_inner(&self) -> bool {
        !self.keys.is_empty() || !self.items.is_empty()
    }
}

fn child<'a, K: PartialEq + Clone>(children: &'a mut Vec<(K, Node)>, key: &K) -> &'a mut Node {
    let index = children.iter().position(|(known, _)| known == key).unwrap_or_else(|| {
        children.push((key.clone(), Node::default()));
        children.len() - 1
    });
    &mut children[index].1
}

#[cfg(test)]
mod tests {
    use super::{Step, parse};

    #[test]
    fn paths() {
        let key = |text: &str| Step::Key(text.into());
        assert_eq!(parse("id").unwrap(), [key("id")]);
        assert_eq!(parse("to.number").unwrap(), [key("to"), key("number")]);
        assert_eq!(parse("items[0].sku").unwrap(), [key("items"), Step::Item(0), key("sku")]);
        assert_eq!(parse("[1][2]").unwrap(), [Step::Item(1), Step::Item(2)]);
        assert_eq!(parse(r#"a."b.c\"[".d"#).unwrap(), [key("a"), key("b.c\"["), key("d")]);
        for (wrong, why) in [
            ("", "a key is missing"),
            ("a.", "a key is missing"),
            ("a..b", "a key is missing"),
            ("a[x]", "`[x]` should hold a number counted from 0"),
            ("a[0", "there should be a dot or `[n]` before `[0`"),
            ("a[0]b", "there should be a dot or `[n]` before `b`"),
            ("\"a", "a quoted key has no end"),
        ] {
            assert_eq!(parse(wrong).unwrap_err(), why, "{wrong}");
        }
    }
}
