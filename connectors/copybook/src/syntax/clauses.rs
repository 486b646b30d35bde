//! One entry: its name, then its clauses in any order, each at most once.

use super::cursor::{Cursor, at, quoted};
use super::{Category, Entry, Picture, Sign, SignPosition, Usage, agreement, keywords, occurs, usage, values};
use crate::source::{Place, Problem, Token, TokenKind};

/// The longest name: COBOL's own limit is 30, but copybooks are written for other compilers too.
const LONGEST_NAME: usize = 60;

/// The entry that a level number and what stands between it and the period are.
pub(super) fn entry(level: u8, first: &Token, rest: &[Token]) -> Result<Entry, Problem> {
    let mut cursor = Cursor::new(rest);
    let mut entry = Entry {
        level,
        name: None,
        place: first.place,
        redefines: None,
        picture: None,
        usage: None,
        sign: None,
        occurs: None,
        synchronized: false,
        justified: false,
        blank_when_zero: false,
        renames: None,
        values: Vec::new(),
    };
    entry.name = entry_name(&mut cursor)?;
    match level {
        66 | 88 if entry.name.is_none() => {
            return Err(at(first, format!("a level {level} without a name"), "write its name after the level number"));
        }
        66 => renames(&mut cursor, &mut entry)?,
        88 => condition(&mut cursor, &mut entry)?,
        _ => clauses(&mut cursor, &mut entry)?,
    }
    agreement::check(&entry)?;
    Ok(entry)
}

fn entry_name(cursor: &mut Cursor<'_>) -> Result<Option<String>, Problem> {
    let Some(token) = cursor.peek() else { return Ok(None) };
    if token.is("FILLER") {
        cursor.next();
        return Ok(None);
    }
    if token.kind == TokenKind::Number {
        let message = format!("{} where a name is expected", quoted(token));
        return Err(at(token, message, "a name has a letter; or is the entry before without its period?"));
    }
    if token.kind != TokenKind::Word || keywords::stands_for_no_name(&token.text) {
        return Ok(None);
    }
    checked_name(token)?;
    cursor.next();
    Ok(Some(token.text.clone()))
}

/// Refuses what can't be a name (*Language Reference*, "User-defined words").
pub(super) fn checked_name(token: &Token) -> Result<(), Problem> {
    let name = &token.text;
    if name.contains(':') {
        let help = "it is in a text to be copied with `REPLACING`, as in `COPY name REPLACING ==:TAG:== BY ==WS==`";
        return Err(at(token, format!("{} holds a tag that nothing replaces", quoted(token)), help));
    }
    if let Some(wrong) = name.chars().find(|c| !c.is_alphanumeric() && !matches!(c, '-' | '_')) {
        let message = format!("{} can't be a name: it has a `{wrong}`", quoted(token));
        return Err(at(
            token,
            message,
            "names have letters, digits, hyphens and underscores; a blank follows each period",
        ));
    }
    if !name.chars().any(char::is_alphabetic) {
        return Err(at(token, format!("{} can't be a name: it has no letter", quoted(token)), "put a letter into it"));
    }
    if name.starts_with('-') || name.ends_with('-') {
        let message = format!("{} can't be a name: it has a hyphen at its end", quoted(token));
        return Err(at(token, message, "names begin and end with a letter or digit"));
    }
    if name.chars().count() > LONGEST_NAME {
        let message = format!("{} is longer than the {LONGEST_NAME} characters a name may have", quoted(token));
        return Err(at(token, message, "shorten it"));
    }
    Ok(())
}

fn renames(cursor: &mut Cursor<'_>, entry: &mut Entry) -> Result<(), Problem> {
    if cursor.take(&["RENAMES"]).is_none() {
        let message = format!("{} where a level 66 has RENAMES", cursor.quoted());
        return Err(cursor.problem(message, "write `66 name RENAMES first THRU last.`"));
    }
    let first = renamed(cursor, "RENAMES")?;
    let last = match cursor.take(&["THRU", "THROUGH"]) {
        Some(_) => Some(renamed(cursor, "THRU")?.text.clone()),
        None => None,
    };
    entry.renames = Some((first.text.clone(), last, first.place));
    match cursor.peek() {
        Some(token) => Err(unknown(token)),
        None => Ok(()),
    }
}

fn renamed<'a>(cursor: &mut Cursor<'a>, after: &str) -> Result<&'a Token, Problem> {
    let name = occurs::name(cursor, after)?;
    if cursor.is(&["OF", "IN"]) {
        let help = "give the item a name of its own in this record, and leave the qualifier out";
        return Err(cursor.problem("qualified names in RENAMES aren't supported", help));
    }
    Ok(name)
}

fn condition(cursor: &mut Cursor<'_>, entry: &mut Entry) -> Result<(), Problem> {
    if cursor.take(&["VALUE", "VALUES"]).is_none() {
        let message = format!("{} where a level 88 has VALUE", cursor.quoted());
        return Err(cursor.problem(message, "write `88 name VALUE 'A' 'B'.` or `88 name VALUES 1 THRU 5.`"));
    }
    entry.values = values::conditions(cursor)?;
    match cursor.peek() {
        Some(token) => Err(unknown(token)),
        None => Ok(()),
    }
}

fn clauses(cursor: &mut Cursor<'_>, entry: &mut Entry) -> Result<(), Problem> {
    let mut seen: Vec<&'static str> = Vec::new();
    while let Some(token) = cursor.next() {
        let clause = clause(token, cursor, entry)?;
        if seen.contains(&clause) {
            let message = format!("a second {clause} clause in one entry");
            return Err(at(token, message, "take one of them out; or is the period between two entries missing?"));
        }
        seen.push(clause);
    }
    // What `N` is, is known only once all clauses are.
    if let (Some((picture, _)), Some((Usage::Dbcs, _))) = (&mut entry.picture, &entry.usage)
        && picture.category == Category::National
    {
        picture.category = Category::Dbcs;
    }
    Ok(())
}

/// Reads the clause a word begins, and says which it is.
fn clause(token: &Token, cursor: &mut Cursor<'_>, entry: &mut Entry) -> Result<&'static str, Problem> {
    if token.kind != TokenKind::Word {
        return Err(unknown(token));
    }
    let place = token.place;
    Ok(match token.text.to_ascii_uppercase().as_str() {
        "PIC" | "PICTURE" => {
            if entry.picture.is_none() {
                entry.picture = Some(picture(cursor)?);
            }
            "PICTURE"
        }
        "USAGE" => {
            entry.usage = Some((usage::after_usage(cursor)?, place));
            "USAGE"
        }
        "GROUP-USAGE" => {
            cursor.take(&["IS"]);
            if cursor.take(&["NATIONAL"]).is_none() {
                let message = format!("{} after GROUP-USAGE", cursor.quoted());
                return Err(cursor.problem(message, "only `GROUP-USAGE NATIONAL` is supported"));
            }
            entry.usage = Some((Usage::National, place));
            "USAGE"
        }
        "SIGN" => {
            cursor.take(&["IS"]);
            let Some(position) = cursor.take(&["LEADING", "TRAILING"]) else {
                let message = format!("{} after SIGN", cursor.quoted());
                return Err(cursor.problem(message, "write `SIGN LEADING`, `SIGN TRAILING`, perhaps with `SEPARATE`"));
            };
            entry.sign = Some((sign(position, cursor), place));
            "SIGN"
        }
        "LEADING" | "TRAILING" => {
            entry.sign = Some((sign(token, cursor), place));
            "SIGN"
        }
        "OCCURS" => {
            entry.occurs = Some((occurs::occurs(cursor)?, place));
            "OCCURS"
        }
        "REDEFINES" => {
            let name = occurs::name(cursor, "REDEFINES")?;
            entry.redefines = Some((name.text.clone(), name.place));
            "REDEFINES"
        }
        "SYNC" | "SYNCHRONIZED" => {
            cursor.take(&["LEFT", "RIGHT"]);
            entry.synchronized = true;
            "SYNCHRONIZED"
        }
        "JUST" | "JUSTIFIED" => {
            cursor.take(&["RIGHT"]);
            entry.justified = true;
            "JUSTIFIED"
        }
        "BLANK" => {
            cursor.take(&["WHEN"]);
            if cursor.take(&["ZERO", "ZEROS", "ZEROES"]).is_none() {
                let message = format!("{} after BLANK", cursor.quoted());
                return Err(cursor.problem(message, "write `BLANK WHEN ZERO`"));
            }
            entry.blank_when_zero = true;
            "BLANK WHEN ZERO"
        }
        "VALUE" | "VALUES" => {
            values::initial(cursor)?;
            "VALUE"
        }
        "EXTERNAL" => {
            if cursor.take(&["AS"]).is_some() && cursor.next().is_none_or(|name| !is_literal(name)) {
                return Err(cursor.problem("EXTERNAL AS without a literal", "write the name between quotation marks"));
            }
            "EXTERNAL"
        }
        "GLOBAL" => "GLOBAL",
        "VOLATILE" => "VOLATILE",
        "RENAMES" => return Err(at(token, "RENAMES in an entry of another level", "RENAMES is for level 66")),
        "DATE" => {
            let help = "take the clause out; the field is what its picture says";
            return Err(at(token, "DATE FORMAT isn't supported", help));
        }
        "DYNAMIC" | "ANY" | "BYTE-LENGTH" | "TYPE" | "TYPEDEF" | "CONSTANT" | "SAME" | "LIKE" => {
            let message = format!("{} clauses aren't supported", quoted(token));
            return Err(at(token, message, "describe the field with PICTURE, USAGE and OCCURS instead"));
        }
        _ => match usage::usage(token)? {
            Some(usage) => {
                entry.usage = Some((usage, place));
                "USAGE"
            }
            None => return Err(unknown(token)),
        },
    })
}

fn is_literal(token: &Token) -> bool {
    matches!(token.kind, TokenKind::Literal(_))
}

fn sign(position: &Token, cursor: &mut Cursor<'_>) -> Sign {
    let position = if position.is("LEADING") { SignPosition::Leading } else { SignPosition::Trailing };
    let separate = cursor.take(&["SEPARATE"]).is_some();
    if separate {
        cursor.take(&["CHARACTER"]);
    }
    Sign { position, separate }
}

fn picture(cursor: &mut Cursor<'_>) -> Result<(Picture, Place), Problem> {
    cursor.take(&["IS"]);
    let Some(token) = cursor.peek().filter(|token| token.kind == TokenKind::Picture) else {
        let message = format!("{} where PICTURE has its symbols", cursor.quoted());
        return Err(cursor.problem(message, "write them after one blank, as in `PIC X(8)` or `PIC S9(7)V99`"));
    };
    cursor.next();
    let picture = Picture::parse(&token.text, None).map_err(|wrong| {
        let on_one_line = u32::try_from(token.text.chars().count()) == Ok(token.width);
        let (offset, width) = if on_one_line { (wrong.offset, wrong.width) } else { (0, token.width) };
        let place = Place { column: token.place.column.saturating_add(offset), ..token.place };
        Problem::new(place, width, wrong.message, wrong.help)
    })?;
    Ok((picture, token.place))
}

/// A token that begins no clause.
fn unknown(token: &Token) -> Problem {
    match token.kind {
        TokenKind::Word if token.text.contains(':') => {
            checked_name(token).err().unwrap_or_else(|| plain_unknown(token))
        }
        TokenKind::Number if matches!(super::read::level(token), Ok(Some(_))) => {
            let message = format!("{} here: the entry before it has no period", quoted(token));
            at(token, message, "end each entry with a period; in fixed form the columns from 73 on don't count")
        }
        TokenKind::Open | TokenKind::Close => at(
            token,
            format!("{} outside a picture", quoted(token)),
            "a picture has no blanks: write `X(8)`, not `X (8)`",
        ),
        TokenKind::Literal(_) => {
            at(token, format!("{} where a clause is expected", quoted(token)), "a literal follows VALUE, and only one")
        }
        _ => plain_unknown(token),
    }
}

fn plain_unknown(token: &Token) -> Problem {
    if let Some(meant) = keywords::meant(&token.text).filter(|_| token.kind == TokenKind::Word) {
        let message = format!("unknown clause {}, did you mean `{meant}`?", quoted(token));
        return at(token, message, format!("write `{meant}`"));
    }
    let help = "clauses are PICTURE, USAGE, OCCURS, REDEFINES, SIGN, VALUE and a few others; a name has no blanks";
    at(token, format!("unknown clause {}", quoted(token)), help)
}
