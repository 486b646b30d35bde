//! What stands between JSON values.

use campaignd_contract::Result;

use crate::window::Window;

/// Blanks passed in one go.
const BLANKS: usize = 64 << 10;

/// What stands after blanks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// This byte.
    Byte(u8),
    /// Nothing.
    End,
}

/// Passes blanks and line ends; what stands there then, `None` if that isn't known yet.
pub(super) fn pass_blanks(window: &mut Window) -> Result<Option<Next>> {
    if window.rest().is_empty() && !window.fill()? {
        return Ok(Some(Next::End));
    }
    let rest = window.rest();
    let blank = |byte: &&u8| matches!(**byte, b' ' | b'\t' | b'\n' | b'\r');
    let count = rest.iter().take(BLANKS).take_while(blank).count();
    let next = rest.get(count).copied();
    window.pass(count);
    Ok(if count == BLANKS { None } else { next.map(Next::Byte) })
}
