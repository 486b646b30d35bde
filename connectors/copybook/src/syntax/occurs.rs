//! OCCURS: how often an item occurs.

use super::cursor::Cursor;
use super::{Depending, Occurs};
use crate::source::{Problem, Token};

/// What follows `OCCURS`.
pub(super) fn occurs(cursor: &mut Cursor<'_>) -> Result<Occurs, Problem> {
    let how_often = "write `OCCURS 5 TIMES`, or `OCCURS 0 TO 5 TIMES DEPENDING ON name`";
    if cursor.is(&["UNBOUNDED", "DYNAMIC"]) {
        return Err(unbounded(cursor));
    }
    let first = at_count(cursor, "OCCURS", how_often)?;
    let second = if cursor.take(&["TO"]).is_some() {
        if cursor.is(&["UNBOUNDED"]) {
            return Err(unbounded(cursor));
        }
        Some(at_count(cursor, "TO", how_often)?)
    } else {
        None
    };
    cursor.take(&["TIMES"]);
    let mut depending = None;
    loop {
        if cursor.is(&["DEPENDING"]) {
            if depending.is_some() {
                return Err(cursor.problem("a second DEPENDING ON", "an item depends on one counter; take one out"));
            }
            cursor.next();
            cursor.take(&["ON"]);
            depending = Some(depending_on(cursor)?);
        } else if cursor.take(&["ASCENDING", "DESCENDING"]).is_some() {
            cursor.take(&["KEY"]);
            cursor.take(&["IS", "ARE"]);
            names(cursor, "KEY")?;
        } else if cursor.take(&["INDEXED"]).is_some() {
            cursor.take(&["BY"]);
            names(cursor, "INDEXED BY")?;
        } else {
            break;
        }
    }
    let ((least, _), (most, most_place)) = match second {
        Some(second) => (first.clone(), second),
        // *Language Reference*, "OCCURS DEPENDING ON clause": without TO the least is 1.
        None if depending.is_some() => ((1, first.1.clone()), first.clone()),
        None => (first.clone(), first.clone()),
    };
    let wrong = |message: String, help: &str| Err(Problem { message, help: help.to_owned(), ..most_place.clone() });
    if most == 0 {
        return wrong(
            "an item that occurs 0 times at most".to_owned(),
            "leave the item out, or say how often it occurs",
        );
    }
    if least > most {
        return wrong(format!("OCCURS {least} TO {most}: the least is more than the most"), "exchange the two");
    }
    if second_is_without_depending(least, most, depending.as_ref()) {
        return wrong(
            "OCCURS … TO … without DEPENDING ON".to_owned(),
            "add `DEPENDING ON` and the field with the count",
        );
    }
    Ok(Occurs { least, most, depending })
}

fn second_is_without_depending(least: u32, most: u32, depending: Option<&Depending>) -> bool {
    least != most && depending.is_none()
}

fn unbounded(cursor: &Cursor<'_>) -> Problem {
    cursor.problem("tables without a limit aren't supported", "say how often it occurs at most, as in `OCCURS 0 TO 99`")
}

/// A number, and where it is.
fn at_count(cursor: &mut Cursor<'_>, after: &str, help: &str) -> Result<(u32, Problem), Problem> {
    let place = cursor.problem("", "");
    match cursor.take_count() {
        Some(count) => Ok((count?, place)),
        None => Err(cursor.problem(format!("{} after {after} where a number is expected", cursor.quoted()), help)),
    }
}

fn depending_on(cursor: &mut Cursor<'_>) -> Result<Depending, Problem> {
    let name = name(cursor, "DEPENDING ON")?;
    let mut qualifiers = Vec::new();
    while cursor.take(&["OF", "IN"]).is_some() {
        qualifiers.push(self::name(cursor, "OF")?.text.clone());
    }
    Ok(Depending { name: name.text.clone(), qualifiers, place: name.place })
}

/// A name.
pub(super) fn name<'a>(cursor: &mut Cursor<'a>, after: &str) -> Result<&'a Token, Problem> {
    let Some(name) = cursor.take_name() else {
        let message = format!("{} after {after} where a name is expected", cursor.quoted());
        return Err(cursor.problem(message, format!("write the name of an item after {after}")));
    };
    super::clauses::checked_name(name)?;
    Ok(name)
}

/// Names that say nothing about the data, qualified or not, at least one.
fn names(cursor: &mut Cursor<'_>, after: &str) -> Result<(), Problem> {
    name(cursor, after)?;
    while cursor.take_name().is_some() {}
    Ok(())
}
