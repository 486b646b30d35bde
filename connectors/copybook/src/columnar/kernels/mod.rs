//! Loops over a column's places: what is written as a compiler writes it is read at once, everything else is left to the
//! code that reads one value.
//!
//! A kernel says "I don't know" where it isn't sure, never a wrong value: it takes digits that are digits, and signs that
//! the scalar code, asked for each possible sign when the plan is made, takes too. A kernel whose examples the scalar
//! code doesn't read as the kernel does is not used at all, so that an option which changes what clean bytes mean can't be
//! overlooked. (See [`Kernel::of`] and [`Characters::of`].)

mod binary;
mod packed;
mod text;
mod zoned;

pub(super) use text::Characters;

use self::binary::Binary;
use self::packed::Packed;
use self::zoned::Zoned;
use super::steps::Cell;
use crate::decode::Value;
use crate::layout::Field;

/// Bytes behind which a field's last eight are found, for examples.
const FRONT: usize = 40;

/// The kernel of a column of numbers.
#[derive(Debug, Clone)]
pub(super) enum Kernel {
    /// Two digits a byte.
    Packed(Packed),
    /// One digit a byte.
    Zoned(Zoned),
    /// A whole number.
    Binary(Binary),
    /// None: each value is read by itself.
    Scalar,
}

impl Kernel {
    /// The kernel of a field.
    pub fn of(cell: &Cell<'_>) -> Self {
        let kernel = match cell.field {
            Field::Packed { .. } | Field::PackedUnsigned { .. } => Packed::of(cell).map(Self::Packed),
            Field::Zoned { sign, .. } => Zoned::of(cell, sign).map(Self::Zoned),
            Field::Binary { digits, signed, native, .. } => Binary::of(cell, digits, signed, native).map(Self::Binary),
            _ => None,
        };
        kernel.filter(|kernel| kernel.agrees(cell)).unwrap_or(Self::Scalar)
    }

    /// All values of a column, the last byte of each being the one before its end. `scalar` reads those, by their index,
    /// that the kernel doesn't know.
    pub fn read(
        &self,
        bytes: &[u8],
        ends: impl Iterator<Item = usize>,
        scalar: impl FnMut(usize) -> i128,
    ) -> Vec<i128> {
        match self {
            Self::Packed(packed) => packed.read(bytes, ends, scalar),
            Self::Zoned(zoned) => zoned.read(bytes, ends, scalar),
            Self::Binary(binary) => each(ends, |end| binary.value(bytes, end), scalar),
            Self::Scalar => each(ends, |_| None, scalar),
        }
    }

    /// Whether some clean bytes are to the scalar code what they are to the kernel.
    fn agrees(&self, cell: &Cell<'_>) -> bool {
        let examples = match self {
            Self::Packed(packed) => packed.examples(),
            Self::Zoned(zoned) => zoned.examples(),
            Self::Binary(binary) => binary.examples(),
            Self::Scalar => return true,
        };
        let mut text = String::new();
        examples.iter().all(|example| {
            let mut bytes = vec![0; FRONT];
            bytes.extend(example);
            let mut unknown = false;
            let read = self.read(&bytes, std::iter::once(bytes.len()), |_| {
                unknown = true;
                0
            });
            let scalar = cell.read(example, &mut text);
            unknown
                || matches!(scalar, Ok(Value::Number(number))
                if read == [number.digits] && Some(number.scale) == cell.field.scale())
        })
    }
}

/// Values of all places: those that `clean` knows, else what `scalar` says.
fn each(
    ends: impl Iterator<Item = usize>,
    clean: impl Fn(usize) -> Option<i128>,
    mut scalar: impl FnMut(usize) -> i128,
) -> Vec<i128> {
    ends.enumerate().map(|(index, end)| clean(end).unwrap_or_else(|| scalar(index))).collect()
}

/// The eight bytes in front of `end`, the first being the most significant; `None` where there aren't so many. A field
/// that is shorter masks those in front of it: one load for all lengths.
#[inline]
fn word_before(bytes: &[u8], end: usize) -> Option<u64> {
    bytes.get(end.checked_sub(8)?..end).and_then(|word| word.first_chunk()).map(|word| u64::from_be_bytes(*word))
}

/// The lowest so many bytes, eight at most.
fn low_bytes(count: usize) -> u64 {
    if count >= 8 { u64::MAX } else { (1 << (8 * count)) - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code_page::CodePage;
    use crate::decode::{Fields, Options, Signs};

    /// Every kind of number has its kernel, which the scalar code agrees with, whatever the options.
    #[test]
    fn kernels_are_used() {
        for page in ["cp037", "cp1140", "cp930", "cp1388", "common", "ascii", "latin1"] {
            for signs in [Signs::Any, Signs::Preferred] {
                let page = CodePage::named(page).unwrap();
                for usage in ["", "COMP", "COMP-3", "COMP-5", "SIGN LEADING", "SIGN TRAILING SEPARATE"] {
                    for digits in [1, 9, 18, 38] {
                        let text = format!("01 R. 05 A PIC S9({digits}) {usage}.");
                        let layout = crate::Copybook::parse("TEST", &text, &()).unwrap().layout;
                        let fields = Fields::new(Options { signs, ..Options::z_os(page) });
                        let item = &layout.items[1];
                        let (field, length) = (item.field.unwrap(), crate::decode::length_of(item));
                        let kernel = Kernel::of(&Cell { fields: &fields, item, field, length });
                        let scalar = matches!(kernel, Kernel::Scalar);
                        assert_eq!(scalar, length == 16 && usage.starts_with("COMP"), "{text} {page:?} {signs:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn words() {
        assert_eq!(word_before(&[1, 2, 3, 4, 5, 6, 7, 8, 9], 9), Some(0x0203_0405_0607_0809));
        assert_eq!(word_before(&[1, 2, 3, 4, 5, 6, 7, 8, 9], 7), None);
        assert_eq!(word_before(&[1, 2, 3, 4, 5, 6, 7, 8, 9], 10), None);
        assert_eq!((low_bytes(0), low_bytes(3), low_bytes(8)), (0, 0xFF_FFFF, u64::MAX));
    }
}
