//! From lines to one run of characters: comments left out, continued words and literals put together.

use super::form::{self, Form, LAST_COLUMN, Spread};
use super::{Place, Problem, Problems};

/// A character and where it stands. Lines end in `'\n'`, continued ones don't.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    pub(super) character: char,
    pub(super) place: Place,
}

/// The characters of a text that mean something.
pub(super) fn spots(text: u16, lines: &[String], form: Form, problems: &mut Problems) -> Vec<Spot> {
    let mut reader = Reader {
        text,
        form: if form == Form::Auto { form::detect(lines) } else { form },
        guessed: form == Form::Auto,
        spots: Vec::new(),
        open: None,
        last_column: 0,
        problems,
    };
    for (number, line) in (1_u32..).zip(lines) {
        reader.line(number, line);
    }
    reader.spots
}

struct Reader<'a> {
    text: u16,
    form: Form,
    guessed: bool,
    spots: Vec<Spot>,
    /// The quotation mark of a literal that is open where the last line ended.
    open: Option<char>,
    /// The column the last line ended in.
    last_column: usize,
    problems: &'a mut Problems,
}

impl Reader<'_> {
    fn line(&mut self, number: u32, line: &str) {
        let columns = form::columns(line);
        let at = |column: &Spread| Place { text: self.text, line: number, column: column.given };
        let Some(first) = columns.iter().find(|column| column.character != ' ') else { return };
        if self.guessed && is_comment_from_column_1(&columns) {
            if self.form == Form::Fixed && is_entry_after_asterisk(&columns) {
                let message = "this line begins with `*` in column 1, but holds an entry from column 8 on";
                let help = "for a comment put the `*` into column 7; for an entry say that the text is in fixed form";
                self.problems.push(Problem::new(at(first), 1, message, help));
            }
            return;
        }
        let comment = |first: Option<&Spread>| match first.map(|column| column.character) {
            Some('*' | '/') => '*',
            _ => ' ',
        };
        let (code, indicator) = if self.form == Form::Free {
            (columns.as_slice(), comment(Some(first)))
        } else if let Form::Between { before, last } = self.form {
            let start = columns.partition_point(|column| column.given <= before);
            let end = columns.partition_point(|column| column.given <= last);
            let code = columns.get(start..end).unwrap_or_default();
            (code, comment(code.iter().find(|column| column.character != ' ')))
        } else {
            let end = if self.guessed && is_widened_by_tabs(line) { columns.len() } else { LAST_COLUMN };
            let code = columns.get(7..columns.len().min(end)).unwrap_or_default();
            (code, columns.get(6).map_or(' ', |column| column.character))
        };
        match indicator {
            '*' | '/' | 'D' | 'd' => {}
            ' ' => self.code(number, code),
            '-' => self.continuation(number, code),
            other => {
                let place = columns.get(6).map_or(at(first), at);
                let message = format!("column 7 holds `{other}`, which is no indicator");
                let help = "leave column 7 blank and begin entries in column 8, or say that the text is in free form";
                self.problems.push(Problem::new(place, 1, message, help));
            }
        }
    }

    fn code(&mut self, number: u32, code: &[Spread]) {
        let words: String = code.iter().map(|column| column.character).collect();
        let words = words.trim();
        if words.is_empty() || is_listing_directive(words) {
            return;
        }
        if words.starts_with(">>") {
            return self.directive(number, code, words);
        }
        if let Some(last) = self.spots.last() {
            let place = last.place;
            self.spots.push(Spot { character: '\n', place });
        }
        self.open = None;
        self.take(number, code);
    }

    fn directive(&mut self, number: u32, code: &[Spread], words: &str) {
        if let Some(form) = form::directive(words) {
            self.form = form;
        } else if !words.starts_with(">>*") {
            let column = code.iter().find(|column| column.character != ' ').map_or(1, |column| column.given);
            let place = Place { text: self.text, line: number, column };
            let message = "a compiler directive that isn't known here";
            let help = "only `>>SOURCE FORMAT IS FREE` and `FIXED` are; leave the line out";
            self.problems.push(Problem::new(place, super::saturated(words.chars().count()), message, help));
        }
    }

    /// A line with `-` in column 7 (*Language Reference*, "Continuation lines"): a word goes on with the first
    /// character that isn't blank; a literal reaches to column 72 and goes on after a quotation mark.
    fn continuation(&mut self, number: u32, code: &[Spread]) {
        let Some(begin) = code.iter().position(|column| column.character != ' ') else { return };
        let first = code[begin];
        let place = Place { text: self.text, line: number, column: first.given };
        let Some(last) = self.spots.last().copied() else {
            let message = "column 7 says that this line goes on with the one before, but there is none";
            return self.problems.push(Problem::new(place, 1, message, "leave column 7 blank"));
        };
        let mut begin = begin;
        if let Some(quote) = self.open {
            if first.character == quote {
                begin += 1;
                let missing = LAST_COLUMN.saturating_sub(self.last_column);
                self.spots.extend(std::iter::repeat_n(Spot { character: ' ', place: last.place }, missing));
            } else {
                let message = "this line goes on with a literal, but doesn't begin with its quotation mark";
                let help =
                    format!("put {quote} before what the literal goes on with, or end the literal a line earlier");
                self.problems.push(Problem::new(place, 1, message, help));
            }
        } else if self.last_column == LAST_COLUMN
            && matches!(last.character, '\'' | '"')
            && first.character == last.character
        {
            // A quotation mark in column 72 that is one of a doubled pair: the line that goes on begins with two.
            begin += 1;
        } else {
            while self.spots.last().is_some_and(|spot| spot.character == ' ') {
                self.spots.pop();
            }
        }
        self.take(number, &code[begin..]);
    }

    /// Takes characters up to the end of the line or a `*>`.
    fn take(&mut self, number: u32, code: &[Spread]) {
        let mut before = ' ';
        for (index, column) in code.iter().enumerate() {
            let character = column.character;
            match self.open {
                Some(quote) if quote == character => self.open = None,
                None if matches!(character, '\'' | '"') => self.open = Some(character),
                None if character == '*'
                    && before == ' '
                    && code.get(index + 1).is_some_and(|next| next.character == '>') =>
                {
                    break;
                }
                None if character == ':' && matches!(self.form, Form::Between { .. }) => continue,
                _ => {}
            }
            before = character;
            self.last_column = column.column;
            self.spots.push(Spot { character, place: Place { text: self.text, line: number, column: column.given } });
        }
    }
}

/// Whether only tabs can make a line reach beyond column 72: whoever wrote it had narrower ones.
fn is_widened_by_tabs(line: &str) -> bool {
    line.contains('\t') && line.chars().take(LAST_COLUMN + 1).count() <= LAST_COLUMN
}

/// Whether a line begins with `*` in column 1 as comments do in the wild, rather than as a change tag would.
fn is_comment_from_column_1(columns: &[Spread]) -> bool {
    let character = |index: usize| columns.get(index).map_or(' ', |column| column.character);
    character(0) == '*' && (matches!(character(1), ' ' | '*' | '>') || !form::is_indicator(character(6)))
}

/// Whether ignoring the first six columns makes a comment an entry.
fn is_entry_after_asterisk(columns: &[Spread]) -> bool {
    let blank = columns.get(6).is_some_and(|column| column.character == ' ');
    let code: String = columns.iter().skip(7).map(|column| column.character).collect();
    blank && form::starts_with_level(&code)
}

/// `EJECT`, `SKIP1` to `SKIP3` and `TITLE`, which shape a compiler's listing.
fn is_listing_directive(words: &str) -> bool {
    let capitals = words.to_ascii_uppercase();
    let word = capitals.trim_end_matches('.').trim_end();
    matches!(word, "EJECT" | "SKIP1" | "SKIP2" | "SKIP3")
        || word.strip_prefix("TITLE").is_some_and(|rest| rest.trim_start().starts_with(['\'', '"']))
}
