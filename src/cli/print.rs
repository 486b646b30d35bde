//! Printing. A reader that closed the pipe has seen enough: that is no error, and never a panic.

use std::io::{self, IsTerminal as _, Write as _};

/// Writes to standard output.
///
/// # Errors
///
/// Where it can't be written, a closed pipe excepted.
pub fn output(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Writes a line, or several, to standard output.
///
/// # Errors
///
/// Where it can't be written, a closed pipe excepted.
pub fn line(text: &str) -> io::Result<()> {
    output(&format!("{text}\n"))
}

/// Writes to standard error. Where that can't be, nobody is left to tell.
pub fn error(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// So many of something: `1 file`, `2 files`.
pub fn counted(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// Whether standard output takes colours: a terminal, and `NO_COLOR` isn't set.
pub fn colour_on_stdout() -> bool {
    io::stdout().is_terminal() && wanted()
}

/// Whether standard error takes colours.
pub fn colour_on_stderr() -> bool {
    io::stderr().is_terminal() && wanted()
}

fn wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
