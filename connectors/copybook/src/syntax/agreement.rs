//! Clauses of one entry that don't go together (*Language Reference*, the chapters of each clause).
//!
//! What depends on the groups an entry is in, such as an inherited `USAGE`, is for whoever lays the entries out.

use super::{Category, Entry, Usage};
use crate::source::{Place, Problem};

pub(super) fn check(entry: &Entry) -> Result<(), Problem> {
    if let (Some((_, place)), 1 | 77) = (&entry.occurs, entry.level) {
        let message = format!("OCCURS at level {:02}", entry.level);
        return problem(*place, 6, message, "put the item that occurs at level 02 or deeper, in a group at level 01");
    }
    if let Some((usage, place)) = &entry.usage {
        usage_and_picture(*usage, *place, entry)?;
    }
    let Some((picture, place)) = &entry.picture else {
        return Ok(());
    };
    let width = crate::source::saturated(picture.text.chars().count());
    let numeric = matches!(picture.category, Category::Numeric | Category::NumericEdited);
    if entry.justified && numeric {
        return problem(*place, width, "JUSTIFIED with the picture of a number", "JUSTIFIED is for text; take it out");
    }
    if entry.blank_when_zero && !numeric {
        return problem(*place, width, "BLANK WHEN ZERO with a picture that is no number", "take BLANK WHEN ZERO out");
    }
    if entry.blank_when_zero && picture.text.contains(['S', 's', '*']) {
        let message = "BLANK WHEN ZERO with a picture that has `S` or `*`";
        return problem(*place, width, message, "take one of the two out");
    }
    // Strictly SIGN needs `S` and no edited picture, but unsigned pictures with a separate sign are in use, and so is
    // `S9(3).99`; both are clear.
    let edited_with_s = picture.category == Category::NumericEdited && picture.text.contains(['S', 's']);
    if let Some((sign, _)) = &entry.sign
        && !(edited_with_s || picture.category == Category::Numeric && (picture.signed || sign.separate))
    {
        let message = "SIGN with a picture that has no `S`";
        return problem(*place, width, message, "begin the picture with `S`, or take SIGN out");
    }
    Ok(())
}

fn usage_and_picture(usage: Usage, usage_place: Place, entry: &Entry) -> Result<(), Problem> {
    let Some((picture, place)) = &entry.picture else { return Ok(()) };
    let width = crate::source::saturated(picture.text.chars().count());
    match usage {
        Usage::Float
        | Usage::Double
        | Usage::Index
        | Usage::Pointer
        | Usage::ProcedurePointer
        | Usage::FunctionPointer => {
            let message = "a picture with a usage that has none";
            problem(
                *place,
                width,
                message,
                "COMP-1, COMP-2, INDEX and pointers have a size of their own; take PICTURE out",
            )
        }
        // What `X` as COMP holds is bytes, and `X` as COMP-3U says how many bytes of digits there are.
        Usage::Binary | Usage::NativeBinary | Usage::PackedUnsigned if picture.category == Category::Alphanumeric => {
            Ok(())
        }
        Usage::Binary | Usage::NativeBinary | Usage::LittleEndianBinary | Usage::Packed | Usage::PackedUnsigned
            if picture.category != Category::Numeric =>
        {
            let help = "use `9`, `S`, `V` and `P` only, or take the usage out";
            problem(*place, width, "a binary or packed usage with a picture that is no plain number", help)
        }
        Usage::PackedUnsigned if picture.signed => {
            problem(*place, width, "COMP-6 with a signed picture", "COMP-6 has no sign; take `S` out, or write COMP-3")
        }
        Usage::Display if matches!(picture.category, Category::Dbcs | Category::National) => problem(
            usage_place,
            7,
            "DISPLAY with a picture of `G` or `N`",
            "write NATIONAL or DISPLAY-1, or `PIC X(…)`",
        ),
        Usage::National
            if !matches!(picture.category, Category::National | Category::Numeric | Category::NumericEdited) =>
        {
            problem(*place, width, "NATIONAL with a picture that isn't of `N` or a number", "write `PIC N(…)`")
        }
        Usage::Dbcs if picture.category != Category::Dbcs => {
            problem(usage_place, 1, "DISPLAY-1 with a picture without `G` or `N`", "write `PIC G(…)`, or DISPLAY")
        }
        _ => Ok(()),
    }
}

fn problem(place: Place, width: u32, message: impl Into<String>, help: &str) -> Result<(), Problem> {
    Err(Problem::new(place, width, message, help))
}
