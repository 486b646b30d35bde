//! Text of one byte a character, a table's look-up a byte; most of it is ASCII.

use crate::columnar::steps::Cell;
use crate::decode::Value;

/// How text is read.
#[derive(Debug, Clone)]
pub(in crate::columnar) struct Characters {
    /// Each byte's character where it is ASCII, else [`NOT_ASCII`].
    ascii: Box<[u8; 256]>,
    /// Each byte's character in UTF-8, and its bytes there; none where it isn't known.
    utf8: Box<[([u8; 3], u8); 256]>,
    blank: u8,
    /// Whether blanks in front, and those behind, are left out.
    trims: (bool, bool),
    /// Whether it knows blanks; it cuts them off before it looks at what is left.
    knows_blanks: bool,
}

/// The bytes and ends of a column's texts.
#[derive(Debug)]
pub(in crate::columnar) struct Texts {
    pub bytes: Vec<u8>,
    /// Where each text starts; one more than there are.
    pub offsets: Vec<i32>,
}

/// No ASCII character has this bit.
const NOT_ASCII: u8 = 0x80;

/// Characters of an example at most.
const EXAMPLE: usize = 64;

impl Characters {
    /// The kernel of a field; it knows no byte where the field is no text of one byte a character.
    pub fn of(cell: &Cell<'_>) -> Self {
        let blank = cell.fields.options.code_page.blank();
        let left = cell.trimmed(" x ");
        let trims = (!left.starts_with(' '), !left.ends_with(' '));
        let mut kernel = Self {
            ascii: Box::new([NOT_ASCII; 256]),
            utf8: Box::new([([0; 3], 0); 256]),
            blank,
            trims,
            knows_blanks: false,
        };
        if cell.field != crate::layout::Field::Text {
            return kernel;
        }
        let (mut text, length) = (String::new(), cell.length.min(EXAMPLE));
        // All of them the same, so that text which the scalar code takes for no text for that is none here either.
        for byte in (0..=u8::MAX).filter(|byte| !matches!(byte, 0x00 | 0xFF)) {
            if let Ok(Value::Text(read)) = cell.read(&vec![byte; length], &mut text)
                && let Some(first) = read.chars().next()
                && first.len_utf8() <= 3
                && read.chars().count() == length
                && read.chars().all(|character| character == first)
            {
                let mut encoded = [0; 3];
                let bytes = u8::try_from(first.encode_utf8(&mut encoded).len()).unwrap_or(0);
                kernel.utf8[usize::from(byte)] = (encoded, bytes);
                if bytes == 1 {
                    kernel.ascii[usize::from(byte)] = encoded[0];
                }
            }
        }
        kernel.knows_blanks = kernel.ascii[usize::from(blank)] == b' ';
        kernel
    }

    /// All texts of a column; `scalar` appends those, by their index, that the kernel doesn't know.
    pub fn read<'b>(
        &self,
        raw: impl ExactSizeIterator<Item = Option<&'b [u8]>>,
        length: usize,
        mut scalar: impl FnMut(usize, &mut Vec<u8>),
    ) -> Texts {
        let mut texts =
            Texts { bytes: Vec::with_capacity(raw.len() * length), offsets: Vec::with_capacity(raw.len() + 1) };
        texts.offsets.push(0);
        for (index, raw) in raw.enumerate() {
            if !raw.is_some_and(|raw| self.knows_blanks && self.append(raw, &mut texts.bytes)) {
                scalar(index, &mut texts.bytes);
            }
            // A batch's bytes are fewer than its offsets can say.
            texts.offsets.push(i32::try_from(texts.bytes.len()).unwrap_or(i32::MAX));
        }
        texts
    }

    /// Appends a text, or nothing where a byte isn't known.
    #[inline]
    fn append(&self, raw: &[u8], bytes: &mut Vec<u8>) -> bool {
        let (in_front, behind) = self.trims;
        let kept = if behind { without_blanks_behind(raw, self.blank) } else { raw };
        let start = bytes.len();
        // Looked at on the way: what was just written byte by byte can't be read back in larger pieces without a stall.
        let mut seen = 0;
        bytes.extend(kept.iter().map(|byte| {
            let character = self.ascii[usize::from(*byte)];
            seen |= character;
            character
        }));
        if seen >= NOT_ASCII {
            bytes.truncate(start);
            for byte in kept {
                let (character, length) = self.utf8[usize::from(*byte)];
                if length == 0 {
                    bytes.truncate(start);
                    return false;
                }
                bytes.extend_from_slice(&character[..usize::from(length)]);
            }
        }
        if behind {
            // Other bytes may be blanks too.
            while bytes.len() > start && bytes.last() == Some(&b' ') {
                bytes.pop();
            }
        }
        if in_front {
            let blanks = bytes[start..].iter().take_while(|character| **character == b' ').count();
            bytes.drain(start..start + blanks);
        }
        true
    }
}

/// Most fields are filled up with blanks to a good part of their length: eight bytes at a time.
#[inline]
fn without_blanks_behind(raw: &[u8], blank: u8) -> &[u8] {
    let blanks = u64::from_ne_bytes([blank; 8]);
    let mut rest = raw;
    while let Some((front, last)) = rest.split_last_chunk::<8>() {
        let other = u64::from_be_bytes(*last) ^ blanks;
        if other != 0 {
            // Zero bits behind the last that differs are bytes that are blank.
            let kept = 8 - usize::try_from(other.trailing_zeros() / 8).unwrap_or_default();
            return raw.get(..front.len() + kept).unwrap_or(raw);
        }
        rest = front;
    }
    while let Some((last, front)) = rest.split_last() {
        if *last != blank {
            break;
        }
        rest = front;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn blanks_behind(raw in prop::collection::vec(prop::sample::select(vec![0x40_u8, 0x40, 0x40, 0x41, 0xC0]), 0..40)) {
            let end = raw.iter().rposition(|byte| *byte != 0x40).map_or(0, |at| at + 1);
            prop_assert_eq!(without_blanks_behind(&raw, 0x40), &raw[..end]);
        }
    }
}
