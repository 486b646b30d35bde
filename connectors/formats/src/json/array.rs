//! The items of an array somewhere in a document, found in a stream.

use campaignd_contract::{Error, Result};

use super::blanks::{Next, pass_blanks};
use super::path::Step;
use super::scanner::{Scan, Scanner};
use crate::line_ends;
use crate::reader::{Frame, Gap};
use crate::window::Window;

/// Bytes of a key at most.
const KEY: usize = 64 << 10;

/// An array being read. Once the brackets of an item don't fit, or a comma is missing between two, nobody can say
/// where the next one starts: that is an error, after the items before were given out.
#[derive(Debug)]
pub(super) struct Array {
    path: Vec<Step>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// After its opening bracket.
    Start,
    /// At the item that starts at this offset, until it was passed.
    Item(u64),
    /// After an item.
    AfterItem,
    /// After a comma.
    AfterComma,
    /// After its closing bracket.
    Closed,
    /// After the document.
    Finished,
}

fn broken(window: &Window, wrong: &str) -> Error {
    let place = format!("{} at byte {}, line {}", window.name(), window.offset(), window.lines() + 1);
    Error::permanent("read on in", place, wrong).next("nothing after it can be read: have the file sent again")
}

fn cut(window: &Window, inside: &str) -> Error {
    broken(window, &format!("the file ends inside {inside}"))
}

/// The next byte that isn't blank; it isn't passed.
fn next(window: &mut Window, inside: &str) -> Result<u8> {
    loop {
        window.keep_from_here();
        match pass_blanks(window)? {
            None => {}
            Some(Next::Byte(byte)) => return Ok(byte),
            Some(Next::End) => return Err(cut(window, inside)),
        }
    }
}

impl Array {
    /// Goes to the start of the array at `path`, from the start of the document.
    pub fn enter(window: &mut Window, path: Vec<Step>) -> Result<Self> {
        for step in &path {
            match step {
                Step::Key(key) => enter_object(window, key)?,
                Step::Item(item) => enter_item(window, *item)?,
            }
        }
        if next(window, "the document")? != b'[' {
            return Err(broken(window, "there should be an array").next("correct `layout` or `array_path` in [format]"));
        }
        window.pass(1);
        Ok(Self { path, state: State::Start })
    }

    /// Goes on after an item.
    pub fn after_item(path: Vec<Step>) -> Self {
        Self { path, state: State::AfterItem }
    }

    /// See [`crate::reader::RowFormat::gap`].
    pub fn gap(&mut self, window: &mut Window) -> Result<Gap> {
        loop {
            match self.state {
                State::Closed | State::Finished => return Ok(Gap::End),
                State::Item(at) if at == window.offset() => return Ok(Gap::Row),
                State::Item(_) => self.state = State::AfterItem,
                State::Start | State::AfterItem | State::AfterComma => {
                    let byte = match pass_blanks(window)? {
                        None => return Ok(Gap::More),
                        Some(Next::End) => return Err(cut(window, "the array")),
                        Some(Next::Byte(byte)) => byte,
                    };
                    self.state = match (self.state, byte) {
                        (State::Start | State::AfterItem, b']') => State::Closed,
                        (State::AfterItem, b',') => State::AfterComma,
                        (State::AfterItem, _) => {
                            return Err(broken(window, "there should be a comma or the array's end after an item"));
                        }
                        (_, b',' | b']' | b'}' | b':') => return Err(broken(window, "there should be an item")),
                        _ => State::Item(window.offset()),
                    };
                    if !matches!(self.state, State::Item(_)) {
                        window.pass(1);
                    }
                }
            }
        }
    }

    /// See [`crate::reader::RowFormat::frame`].
    pub fn frame(window: &mut Window, row_bytes: usize) -> Result<Frame> {
        let (mut scanner, mut looked_at) = (Scanner::default(), 0);
        loop {
            match scanner.scan(&window.rest()[looked_at..]) {
                Scan::End(at) => {
                    let length = looked_at + at;
                    if length > row_bytes {
                        return Ok(Frame::TooLong);
                    }
                    let lines = line_ends::count(&window.rest()[..length]);
                    return Ok(Frame::Row { length, terminated: length, lines });
                }
                Scan::Broken(at) => return Err(unfit(window, looked_at + at)),
                Scan::More => looked_at = window.rest().len(),
            }
            if looked_at > row_bytes {
                return Ok(Frame::TooLong);
            }
            if !window.fill()? {
                return Err(cut(window, "the item"));
            }
        }
    }

    /// See [`crate::reader::RowFormat::skip_row`].
    pub fn skip_row(window: &mut Window) -> Result<u64> {
        let start = window.offset();
        pass_value(window, Scanner::default(), "the item")?;
        Ok(window.offset() - start)
    }

    /// See [`crate::reader::RowFormat::finish`].
    pub fn finish(&mut self, window: &mut Window) -> Result<()> {
        if self.state != State::Closed {
            return Ok(());
        }
        let due: Vec<_> = self.path.iter().map(|step| if matches!(step, Step::Key(_)) { b'}' } else { b']' }).collect();
        if !due.is_empty() {
            pass_value(window, Scanner::inside(due), "the document, after the array")?;
        }
        loop {
            window.keep_from_here();
            match pass_blanks(window)? {
                None => {}
                Some(Next::End) => break,
                Some(Next::Byte(_)) => {
                    let wrong = "something follows the end of the document";
                    return Err(broken(window, wrong).next("all of its rows were read; have the file sent again"));
                }
            }
        }
        self.state = State::Finished;
        Ok(())
    }
}

fn unfit(window: &Window, at: usize) -> Error {
    broken(window, &format!("the brackets of the item don't fit, {at} bytes after its start"))
}

fn enter_object(window: &mut Window, key: &str) -> Result<()> {
    let correct = "correct `array_path` in [format]";
    if next(window, "the document")? != b'{' {
        return Err(broken(window, &format!("there should be an object with `{key}` in it")).next(correct));
    }
    let mut first = true;
    loop {
        window.pass(1);
        match next(window, "an object")? {
            b'"' => {}
            b'}' if first => return Err(broken(window, &format!("there is no `{key}` in the object")).next(correct)),
            _ => return Err(broken(window, "there should be a key")),
        }
        first = false;
        let found = key_text(window)?;
        if next(window, "an object")? != b':' {
            return Err(broken(window, "there should be a colon after a key"));
        }
        window.pass(1);
        next(window, "an object")?;
        if found == key {
            return Ok(());
        }
        pass_value(window, Scanner::default(), "an object")?;
        match next(window, "an object")? {
            b',' => {}
            b'}' => return Err(broken(window, &format!("there is no `{key}` in the object")).next(correct)),
            _ => return Err(broken(window, "there should be a comma after a value")),
        }
    }
}

fn enter_item(window: &mut Window, item: usize) -> Result<()> {
    let correct = "correct `array_path` in [format]";
    if next(window, "the document")? != b'[' {
        return Err(broken(window, "there should be an array").next(correct));
    }
    window.pass(1);
    for passed in 0..=item {
        if next(window, "an array")? == b']' {
            return Err(broken(window, &format!("the array has {passed} items, `[{item}]` isn't there")).next(correct));
        }
        if passed < item {
            pass_value(window, Scanner::default(), "an array")?;
            match next(window, "an array")? {
                b',' => window.pass(1),
                b']' => {}
                _ => return Err(broken(window, "there should be a comma after an item")),
            }
        }
    }
    Ok(())
}

/// Passes a key and gives its text.
fn key_text(window: &mut Window) -> Result<String> {
    let (mut scanner, mut looked_at) = (Scanner::default(), 0);
    let length = loop {
        match scanner.scan(&window.rest()[looked_at..]) {
            Scan::End(at) => break looked_at + at,
            Scan::More if looked_at <= KEY => looked_at = window.rest().len(),
            Scan::More | Scan::Broken(_) => return Err(broken(window, "a key has no end")),
        }
        if !window.fill()? {
            return Err(cut(window, "a key"));
        }
    };
    let key = serde_json::from_slice(&window.rest()[..length])
        .map_err(|e| broken(window, &format!("a key isn't JSON text: {e}")))?;
    window.pass(length);
    Ok(key)
}

/// Passes a value, however long.
fn pass_value(window: &mut Window, mut scanner: Scanner, inside: &str) -> Result<()> {
    loop {
        match scanner.scan(window.rest()) {
            Scan::End(at) => {
                window.pass(at);
                return Ok(());
            }
            Scan::Broken(at) => {
                window.pass(at);
                return Err(broken(window, &format!("the brackets of {inside} don't fit")));
            }
            Scan::More => window.pass(window.rest().len()),
        }
        window.keep_from_here();
        if !window.fill()? {
            return Err(cut(window, inside));
        }
    }
}
