//! Pictures of numbers that are edited for people (*Language Reference*, "Editing rules").

use super::picture::{Picture, PictureError, digits_fit, whole_picture};
use super::picture_symbols::Run;

/// Checks the symbols, and counts digits.
///
/// `S9(3).99`, which no manual has, is in copybooks all the same: digits with a point among them, the sign part of one
/// of the digits. It is taken as signed.
pub(super) fn numeric(runs: &[Run], picture: &mut Picture) -> Result<(), PictureError> {
    refuse_plain_symbols(runs)?;
    let leading = leading_symbol(runs)?;
    let sign = sign(runs)?;
    let mut counts = Counts::default();
    for (index, run) in runs.iter().enumerate() {
        let (is_first, is_last) = (index == 0, index + 1 == runs.len());
        match run.symbol {
            b'9' => counts.digit(run)?,
            symbol if Some(symbol) == leading => counts.leading(run)?,
            b'.' | b'V' => counts.point(run, is_last)?,
            b'+' | b'-' if !is_first && !is_last => {
                let message = format!("a single `{}` between other symbols", run.name());
                return Err(run.wrong(message, "write it first or last, or several of it in place of digits"));
            }
            b'C' | b'D' if !is_last || run.count > 1 => {
                return Err(run.wrong(format!("`{}` isn't the last symbol", run.name()), "write it once, at the end"));
            }
            b'$' if !(is_first
                || (index == 1 && runs.first().is_some_and(|run| matches!(run.symbol, b'+' | b'-')))) =>
            {
                return Err(run.wrong("a single `$` after other symbols", "write it first, or right after a sign"));
            }
            // Set in wherever they stand.
            _ => {}
        }
    }
    // The first of several floating symbols is never a digit.
    let floats = u32::from(leading.is_some_and(|symbol| matches!(symbol, b'$' | b'+' | b'-')));
    let digits = (counts.whole + counts.fraction).saturating_sub(floats);
    if digits == 0 {
        let (message, help) = ("a number without a digit", "write `9` or `Z` for each digit");
        return Err(runs.first().map_or_else(|| whole_picture(message, help), |run| run.wrong(message, help)));
    }
    digits_fit(i64::from(digits), runs)?;
    picture.digits = digits;
    picture.scale = i32::try_from(counts.fraction.min(digits)).unwrap_or_default();
    picture.signed = sign;
    Ok(())
}

#[derive(Default)]
struct Counts {
    whole: u32,
    fraction: u32,
    after_point: bool,
    seen_digit: bool,
    leading_after_point: bool,
}

impl Counts {
    fn add(&mut self, run: &Run) {
        if self.after_point {
            self.fraction += run.count;
        } else {
            self.whole += run.count;
        }
    }

    fn digit(&mut self, run: &Run) -> Result<(), PictureError> {
        if self.leading_after_point {
            let help = "after the decimal point either all digits are `9` or none is";
            return Err(run.wrong("`9` after a suppressed digit behind the decimal point", help));
        }
        self.seen_digit = true;
        self.add(run);
        Ok(())
    }

    /// `Z`, `*` or a floating symbol.
    fn leading(&mut self, run: &Run) -> Result<(), PictureError> {
        if self.seen_digit {
            let message = format!("`{}` after a `9`", run.name());
            return Err(
                run.wrong(message, "digits that may be blank come first; a sign or `$` of its own is written once")
            );
        }
        self.leading_after_point |= self.after_point;
        self.add(run);
        Ok(())
    }

    fn point(&mut self, run: &Run, is_last: bool) -> Result<(), PictureError> {
        if self.after_point || run.count > 1 {
            return Err(run.wrong("a second decimal point", "a number has one `.` or `V`"));
        }
        if is_last && run.symbol == b'.' {
            return Err(run.wrong("`.` at the end of a picture", "write digits after it, or leave it out"));
        }
        self.after_point = true;
        Ok(())
    }
}

fn refuse_plain_symbols(runs: &[Run]) -> Result<(), PictureError> {
    let has_explicit_point_only = runs.iter().all(|run| matches!(run.symbol, b'S' | b'9' | b'.'));
    for (index, run) in runs.iter().enumerate() {
        match run.symbol {
            b'S' if !has_explicit_point_only || index > 0 || run.count > 1 => {
                let help = "the sign of an edited number is `+`, `-`, `CR` or `DB`";
                return Err(run.wrong("`S` in an edited picture", help));
            }
            b'P' => {
                return Err(
                    run.wrong("`P` in an edited picture isn't supported", "leave it out, and scale the number later")
                );
            }
            _ => {}
        }
    }
    Ok(())
}

/// The symbol that stands in place of leading zeros: `Z`, `*`, or `$`, `+` or `-` if there are several of it.
fn leading_symbol(runs: &[Run]) -> Result<Option<u8>, PictureError> {
    let mut leading: Option<u8> = None;
    for run in runs {
        let total: u32 = runs.iter().filter(|other| other.symbol == run.symbol).map(|run| run.count).sum();
        let is_leading = match run.symbol {
            b'Z' | b'*' => true,
            b'$' | b'+' | b'-' => total > 1,
            _ => false,
        };
        match leading {
            Some(other) if is_leading && other != run.symbol => {
                let message = format!("`{}` and `{}` both in place of leading zeros", char::from(other), run.name());
                return Err(run.wrong(message, "use one of them"));
            }
            _ if is_leading => leading = Some(run.symbol),
            _ => {}
        }
    }
    Ok(leading)
}

/// Whether there is a sign.
fn sign(runs: &[Run]) -> Result<bool, PictureError> {
    let mut signs = runs.iter().filter(|run| matches!(run.symbol, b'+' | b'-' | b'C' | b'D' | b'S'));
    let Some(first) = signs.next() else { return Ok(false) };
    match signs.find(|run| run.symbol != first.symbol) {
        Some(other) => {
            let message = format!("`{}` and `{}` in one picture", first.name(), other.name());
            Err(other.wrong(message, "a number has one kind of sign"))
        }
        None => Ok(true),
    }
}
