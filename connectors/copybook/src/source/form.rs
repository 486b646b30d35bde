//! Reference form: what the columns of a line mean.

/// How a text uses its columns.
///
/// *Fixed* is IBM's reference format (*Language Reference*, "Reference format"): columns 1 to 6 hold sequence numbers
/// or change tags and are ignored whatever they hold, column 7 holds an indicator, 8 to 72 the entries, and from 73 on
/// the rest is ignored. A tab reaches to the next column after a multiple of 8.
///
/// *Free* has no columns. A line whose first character is `*` or `/` is a comment there too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// Decided from the text, by the first of these that holds:
    ///
    /// 1. a line `>>SOURCE FORMAT IS FREE` or `FIXED` says it;
    /// 2. fixed, if a line has six digits before a legal indicator, or eight digits in columns 73 to 80;
    /// 3. free, if a line other than a comment has something other than an indicator in column 7, or a word that begins
    ///    there with `D` and has nothing before it, or a level number in columns 1 to 6 and none at the start of columns
    ///    8 to 72;
    /// 4. fixed.
    ///
    /// A line that begins in column 1 with `*` is a comment if a blank, `*` or `>` follows or column 7 holds no
    /// indicator; one that would be an entry if its first six columns were ignored is an error, as nobody can tell
    /// which it is. A line that has no more than 72 characters, but reaches beyond column 72 because of its tabs, is
    /// read to its end.
    #[default]
    Auto,
    /// IBM's reference format.
    Fixed,
    /// No columns.
    Free,
    /// A line's first `before` characters are left out, and those behind the first `last`; a tab is one character. What
    /// begins with `*` or `/` then is a comment, and nothing goes on with the line before. Colons are left out of what
    /// isn't in quotes, so that `:TAG:-NAME`, a text to be copied, has names as it stands.
    Between {
        /// Characters left out.
        before: u32,
        /// The last character that is read.
        last: u32,
    },
}

/// A character of a line with the column it is in once tabs are expanded, and its place in the line as given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spread {
    pub(super) character: char,
    pub(super) column: usize,
    pub(super) given: u32,
}

/// The last column that holds entries.
pub(super) const LAST_COLUMN: usize = 72;

/// A line's characters in their columns: tabs as blanks, other control characters as one blank.
pub(super) fn columns(line: &str) -> Vec<Spread> {
    let mut columns = Vec::with_capacity(line.len());
    let mut column = 1;
    for (given, character) in (1_u32..).zip(line.chars()) {
        // Far beyond any column that matters a tab is one blank, so that tabs don't make a long line eight times longer.
        let width = if character == '\t' && column < 1000 { 8 - (column - 1) % 8 } else { 1 };
        let character = if character.is_control() { ' ' } else { character };
        columns.extend((column..column + width).map(|column| Spread { character, column, given }));
        column += width;
    }
    columns
}

/// Which of fixed and free a line `>>SOURCE FORMAT …` asks for.
pub(super) fn directive(code: &str) -> Option<Form> {
    let capitals = code.trim().strip_prefix(">>")?.to_ascii_uppercase();
    let mut words = capitals.trim_end_matches('.').split_whitespace().filter(|word| !matches!(*word, "FORMAT" | "IS"));
    if words.next() != Some("SOURCE") {
        return None;
    }
    match words.next() {
        Some("FREE") => Some(Form::Free),
        Some("FIXED") => Some(Form::Fixed),
        _ => None,
    }
}

/// Whether a character may stand in column 7.
pub(super) fn is_indicator(character: char) -> bool {
    matches!(character, ' ' | '*' | '/' | '-' | 'D' | 'd')
}

/// Decides as [`Form::Auto`] documents.
pub(super) fn detect(lines: &[String]) -> Form {
    let mut form = None;
    for line in lines {
        if let Some(form) = directive(line).or_else(|| directive(line.get(7..).unwrap_or_default())) {
            return form;
        }
        let columns = columns(line);
        if is_surely_fixed(&columns) {
            form = Some(Form::Fixed);
        } else if form.is_none() && is_surely_free(&columns) {
            form = Some(Form::Free);
        }
    }
    form.unwrap_or(Form::Fixed)
}

fn is_surely_fixed(columns: &[Spread]) -> bool {
    let digits = |from: usize, to: usize| {
        columns.get(from - 1..to).is_some_and(|part| part.iter().all(|column| column.character.is_ascii_digit()))
    };
    let indicator = columns.get(6).map_or(' ', |column| column.character);
    (digits(1, 6) && is_indicator(indicator)) || digits(73, 80)
}

fn is_surely_free(columns: &[Spread]) -> bool {
    let text = |part: &[Spread]| part.iter().map(|column| column.character).collect::<String>();
    let (sequence, rest) = columns.split_at(columns.len().min(6));
    let first = columns.iter().map(|column| column.character).find(|character| *character != ' ');
    if matches!(first, None | Some('*' | '/')) {
        return false;
    }
    if let Some(indicator) = rest.first()
        && !is_indicator(indicator.character)
    {
        return true;
    }
    let blank = sequence.iter().all(|column| column.character == ' ');
    if let [indicator, next, ..] = rest
        && blank
        && matches!(indicator.character, 'D' | 'd')
        && next.character.is_alphabetic()
    {
        return true;
    }
    let code = text(&rest.iter().skip(1).copied().take(LAST_COLUMN).collect::<Vec<_>>());
    starts_with_level(&(text(sequence) + " ")) && !starts_with_level(&(code + " "))
}

/// Whether a line's first word is one or two digits.
pub(super) fn starts_with_level(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    matches!(word.len(), 1 | 2) && word.bytes().all(|byte| byte.is_ascii_digit())
}
