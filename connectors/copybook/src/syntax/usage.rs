//! USAGE: how a value is stored.

use super::cursor::{Cursor, at, quoted};
use super::{Usage, keywords};
use crate::source::{Problem, Token};

/// The usage a word stands for, however it is spelt; `None` if it is no usage.
pub(super) fn usage(token: &Token) -> Result<Option<Usage>, Problem> {
    let capitals = token.text.to_ascii_uppercase();
    let short = capitals.replace("COMPUTATIONAL", "COMP");
    Ok(Some(match short.as_str() {
        "DISPLAY" => Usage::Display,
        // IBM has no COMP-0; where it is written it is what COMP is.
        "COMP" | "COMP-0" | "COMP-4" | "BINARY" => Usage::Binary,
        "COMP-5" => Usage::NativeBinary,
        "COMP-3" | "PACKED-DECIMAL" => Usage::Packed,
        // Some readers of mainframe files call it COMP-3U, which no compiler knows.
        "COMP-6" | "COMP-3U" => Usage::PackedUnsigned,
        // No compiler knows it either: it is written where a file's binary numbers are those of another machine.
        "COMP-9" => Usage::LittleEndianBinary,
        "COMP-1" => Usage::Float,
        "COMP-2" => Usage::Double,
        "NATIONAL" => Usage::National,
        "DISPLAY-1" => Usage::Dbcs,
        "INDEX" => Usage::Index,
        "POINTER" | "POINTER-32" => Usage::Pointer,
        "PROCEDURE-POINTER" => Usage::ProcedurePointer,
        "FUNCTION-POINTER" => Usage::FunctionPointer,
        "COMP-X" | "COMP-N" => {
            let help = "it is Micro Focus's; if the field has as many bytes as COMP-5 of its picture, write COMP-5";
            return Err(at(token, format!("usage {} isn't supported", quoted(token)), help));
        }
        "UTF-8" | "OBJECT" => {
            let help = "describe the field's bytes with PIC X instead";
            return Err(at(token, format!("usage {} isn't supported", quoted(token)), help));
        }
        _ => return Ok(None),
    }))
}

/// What follows `USAGE`.
pub(super) fn after_usage(cursor: &mut Cursor<'_>) -> Result<Usage, Problem> {
    cursor.take(&["IS"]);
    let found = cursor.peek().map(usage).transpose()?.flatten();
    let Some(usage) = found else {
        let message = format!("{} after USAGE", cursor.quoted());
        let meant = cursor.peek().and_then(|token| keywords::meant(&token.text));
        let help = meant.map_or_else(
            || "usages are DISPLAY, COMP to COMP-6, BINARY, PACKED-DECIMAL, NATIONAL, INDEX, POINTER".to_owned(),
            |meant| format!("did you mean `{meant}`?"),
        );
        return Err(cursor.problem(message, help));
    };
    cursor.next();
    Ok(usage)
}
