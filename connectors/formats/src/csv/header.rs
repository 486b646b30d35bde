//! The names of the columns, and which fields of a row they are.

use campaignd_contract::{Error, Result};

use super::dialect::{Dialect, Splitter};
use super::rows::gap;
use super::settings::CsvSettings;
use crate::lines;
use crate::reader::{Frame, Gap};
use crate::text::Charset;
use crate::window::Window;

/// What the header says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Header {
    /// The columns to read, in order.
    pub columns: Vec<String>,
    /// The field of a row that each of them is.
    pub picked: Vec<usize>,
    /// Names of all fields of a row.
    pub fields: Vec<String>,
}

/// Passes what stands before the first row; gives the header and its bytes as they stood there.
pub(super) fn read(
    window: &mut Window,
    settings: &CsvSettings,
    dialect: &Dialect,
    charset: Charset,
    row_bytes: usize,
) -> Result<(Header, Vec<u8>)> {
    lines::pass_byte_order_mark(window)?;
    for _ in 0..settings.skip_lines {
        if !lines::skip(window)? {
            break;
        }
    }
    if !settings.header {
        return Ok((of_row(&[], settings, dialect, charset, window.name())?, Vec::new()));
    }
    let next = "have the file sent again, or set `header = false` and name the `columns` in [format]";
    let mut in_comment = false;
    loop {
        window.keep_from_here();
        match gap(window, dialect.comment, &mut in_comment)? {
            Gap::More => {}
            Gap::Row => break,
            Gap::End => {
                let wrong = if window.offset() == 0 { "it is empty" } else { "nothing stands in it" };
                return Err(Error::permanent("find the header of", window.name(), wrong).next(next));
            }
        }
    }
    let Frame::Row { length, terminated, lines } = Splitter::new(*dialect).frame(window, row_bytes)? else {
        let wrong = format!("it is longer than the {row_bytes} bytes a row may have");
        return Err(Error::permanent("read the header of", window.name(), wrong).next(next));
    };
    let raw = window.rest()[..length].to_vec();
    window.advance(terminated, lines);
    Ok((of_row(&raw, settings, dialect, charset, window.name())?, raw))
}

/// The header in `raw`, a row without its terminator; not looked at where the settings say that there is none.
pub(super) fn of_row(
    raw: &[u8],
    settings: &CsvSettings,
    dialect: &Dialect,
    charset: Charset,
    name: &str,
) -> Result<Header> {
    if !settings.header {
        let columns = settings.columns.clone();
        return Ok(Header { picked: (0..columns.len()).collect(), fields: columns.clone(), columns });
    }
    let failed = |wrong: String, next: &str| Err(Error::permanent("read the header of", name, wrong).next(next));
    let mut splitter = Splitter::new(*dialect);
    let Ok(row) = splitter.split(raw) else {
        return failed("a quote in it has no end".into(), "correct `quote` in [format], or the file");
    };
    let mut fields = Vec::with_capacity(row.spans.len());
    for &(start, end) in row.spans {
        let Some(text) = charset.decode(&row.text[start..end]) else {
            let wrong = format!("`{}` isn't {}", crate::text::hex(&row.text[start..end]), charset.name());
            return failed(wrong, "correct `encoding` in [format]");
        };
        fields.push(if settings.trim { text.trim().to_owned() } else { text.into_owned() });
    }
    let named = |wanted: &str| fields.iter().filter(|field| *field == wanted).count();
    if settings.columns.is_empty() {
        let wrong = fields.iter().enumerate().find_map(|(index, field)| match named(field) {
            _ if field.trim().is_empty() => Some(format!("column {} has no name", index + 1)),
            1 => None,
            _ => Some(format!("`{field}` is there twice")),
        });
        if let Some(wrong) = wrong {
            let wrong = format!("{wrong}; it has {}", fields.join(", "));
            return failed(wrong, "name those to read in `columns` of [format], or correct the file");
        }
        return Ok(Header { columns: fields.clone(), picked: (0..fields.len()).collect(), fields });
    }
    if let Some(column) = settings.columns.iter().find(|column| named(column) != 1) {
        let often = if named(column) == 0 { "isn't there" } else { "is there twice" };
        let wrong = format!("column `{column}` {often}; it has {}", fields.join(", "));
        return failed(wrong, "correct `columns` in [format]");
    }
    let place = |column: &String| fields.iter().position(|field| field == column).unwrap_or(0);
    let picked = settings.columns.iter().map(place).collect();
    Ok(Header { columns: settings.columns.clone(), picked, fields })
}
