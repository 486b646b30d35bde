//! What one field holds.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Decimal128Type, Float64Type};
use arrow_array::{Array, ArrayRef};
use campaignd_copybook::code_page::CodePage;
use campaignd_copybook::decode::{Fault, Number, Reason};
use campaignd_copybook::layout::{Field, Item, ItemId};

use super::commonest::{Commonest, Distinct};

/// Bytes of the least and the largest text that are kept: a text may be as long as a record.
const KEPT: usize = 64;

/// What a field holds in the records seen so far, the entries of a table together.
#[derive(Debug)]
pub struct FieldProfile {
    /// The field.
    pub item: ItemId,
    /// Values there are.
    pub values: u64,
    /// Fields without a value.
    pub absent: u64,
    /// Fields whose bytes are no value.
    pub faulty: u64,
    /// The first of them: number and offset of the record, and what is wrong.
    pub first_fault: Option<(u64, u64, Fault)>,
    /// Numbers that are zero, and texts of zeros.
    pub zeros: u64,
    /// Blank texts, and numbers at fault because they are blank.
    pub blank: u64,
    /// As many nines as there is room for.
    pub nines: u64,
    /// `LOW-VALUES`: texts, and numbers at fault because of that.
    pub low_values: u64,
    /// `HIGH-VALUES`, likewise.
    pub high_values: u64,
    /// The least and the largest value.
    pub bounds: Bounds,
    commonest: Commonest,
    marks: Marks,
    /// Texts that mean that there is no value.
    none: Arc<[String]>,
}

/// The least and the largest value. Of texts, those that are blank, `LOW-VALUES` or `HIGH-VALUES` don't count.
#[derive(Debug)]
pub enum Bounds {
    /// There is no value yet.
    Nothing,
    /// Of numbers, with so many digits after the point.
    Numbers(i128, i128, i8),
    /// Of floating-point numbers.
    Floats(f64, f64),
    /// Of texts, by their bytes.
    Texts(Shortened, Shortened),
    /// Of bytes.
    Bytes(Shortened, Shortened),
}

/// The first bytes of a text.
#[derive(Debug, Default)]
pub struct Shortened {
    /// The bytes, a character's first ones among them.
    pub bytes: Vec<u8>,
    /// Whether there are more.
    pub more: bool,
}

/// What is looked out for in a field's values.
#[derive(Debug, Clone, Copy)]
struct Marks {
    /// The number of all nines, where there is one.
    nines: Option<i128>,
    /// Bytes of the field.
    length: usize,
    /// The character of the byte 0xFF.
    high: Option<char>,
}

impl FieldProfile {
    /// Nothing seen yet of that field, whose characters are those of the code page, and of which the texts `none` mean that
    /// there is no value.
    pub fn new(id: ItemId, item: &Item, page: CodePage, none: Arc<[String]>) -> Self {
        let nines = match item.field {
            Some(
                Field::Zoned { digits, scale, .. }
                | Field::Packed { digits, scale, .. }
                | Field::PackedUnsigned { digits, scale, .. }
                | Field::Binary { digits, scale, .. }
                | Field::LittleEndianBinary { digits, scale, .. },
            ) => nines(digits, scale),
            _ => None,
        };
        let mut high = String::new();
        let high = page.decode_into(&[0xFF], &mut high).ok().and_then(|()| high.chars().next());
        let length = usize::try_from(item.length).unwrap_or(usize::MAX);
        Self {
            item: id,
            values: 0,
            absent: 0,
            faulty: 0,
            first_fault: None,
            zeros: 0,
            blank: 0,
            nines: 0,
            low_values: 0,
            high_values: 0,
            bounds: Bounds::Nothing,
            commonest: Commonest::default(),
            marks: Marks { nines, length, high },
            none,
        }
    }

    /// Fields that were seen.
    pub fn seen(&self) -> u64 {
        self.values + self.absent + self.faulty
    }

    /// Counts a fault in a record.
    pub fn fault(&mut self, record: u64, offset: u64, fault: Fault) {
        self.faulty += 1;
        match fault.reason {
            Reason::Blank => self.blank += 1,
            Reason::LowValues => self.low_values += 1,
            Reason::HighValues => self.high_values += 1,
            _ => {}
        }
        self.first_fault.get_or_insert((record, offset, fault));
    }

    /// Counts the values of a batch's column, in which so many have none because of a fault.
    pub fn column(&mut self, column: &ArrayRef, faulty: u64) {
        let nulls = column.null_count();
        self.values += (column.len() - nulls) as u64;
        self.absent += (nulls as u64).saturating_sub(faulty);
        if let Some(numbers) = column.as_primitive_opt::<Decimal128Type>() {
            let scale = numbers.scale();
            if nulls == 0 {
                self.numbers(numbers.values().iter().copied(), scale);
            } else {
                self.numbers(numbers.iter().flatten(), scale);
            }
        } else if let Some(floats) = column.as_primitive_opt::<Float64Type>() {
            floats.iter().flatten().for_each(|number| self.float(number));
        } else if let Some(texts) = column.as_string_opt::<i32>() {
            let none = Arc::clone(&self.none);
            for text in texts.iter().flatten() {
                if none.iter().any(|none| none == text) {
                    self.values -= 1;
                    self.absent += 1;
                } else {
                    self.text(text);
                }
            }
        } else if let Some(bytes) = column.as_binary_opt::<i32>() {
            bytes.iter().flatten().for_each(|bytes| self.bytes(bytes));
        }
    }

    fn numbers(&mut self, numbers: impl Iterator<Item = i128>, scale: i8) {
        let (mut least, mut most) = match self.bounds {
            Bounds::Numbers(least, most, _) => (least, most),
            _ => (i128::MAX, i128::MIN),
        };
        let nines = self.marks.nines.unwrap_or(i128::MAX);
        let mut any = false;
        for number in numbers {
            any = true;
            least = least.min(number);
            most = most.max(number);
            self.zeros += u64::from(number == 0);
            self.nines += u64::from(number == nines);
            self.commonest.number(number);
        }
        if any {
            self.bounds = Bounds::Numbers(least, most, scale);
        }
    }

    fn float(&mut self, number: f64) {
        self.zeros += u64::from(number == 0.0);
        self.bounds = match self.bounds {
            Bounds::Floats(least, most) => Bounds::Floats(least.min(number), most.max(number)),
            _ => Bounds::Floats(number, number),
        };
    }

    fn text(&mut self, text: &str) {
        let bytes = text.as_bytes();
        self.commonest.text(bytes);
        let all = |wanted: u8| bytes.iter().all(|byte| *byte == wanted);
        match bytes.first() {
            None => return self.blank += 1,
            Some(b' ') if all(b' ') => return self.blank += 1,
            Some(0) if all(0) => return self.low_values += 1,
            Some(b'0') if all(b'0') => self.zeros += 1,
            // One nine is a nine.
            Some(b'9') if bytes.len() == self.marks.length && bytes.len() > 1 && all(b'9') => self.nines += 1,
            // What isn't ASCII.
            Some(0x80..) if self.marks.high.is_some_and(|high| text.chars().all(|c| c == high)) => {
                return self.high_values += 1;
            }
            _ => {}
        }
        match &mut self.bounds {
            Bounds::Texts(least, most) => widened(least, most, bytes),
            bounds => *bounds = Bounds::Texts(Shortened::of(bytes), Shortened::of(bytes)),
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.low_values += u64::from(bytes.iter().all(|byte| *byte == 0x00));
        self.high_values += u64::from(bytes.iter().all(|byte| *byte == 0xFF));
        match &mut self.bounds {
            Bounds::Bytes(least, most) => widened(least, most, bytes),
            bounds => *bounds = Bounds::Bytes(Shortened::of(bytes), Shortened::of(bytes)),
        }
    }

    /// How many values there are.
    pub fn distinct(&self) -> Distinct {
        match self.bounds {
            // These aren't counted.
            Bounds::Floats(..) | Bounds::Bytes(..) => Distinct::Unknown,
            _ => self.commonest.distinct(),
        }
    }

    /// The commonest values as they are written, each with its count.
    pub fn commonest(&self) -> Vec<(String, u64)> {
        match self.bounds {
            Bounds::Numbers(_, _, scale) => {
                let number = |digits| Number { digits, scale: i32::from(scale) }.to_string();
                self.commonest.numbers().into_iter().map(|(digits, count)| (number(digits), count)).collect()
            }
            _ => self.commonest.texts(),
        }
    }
}

impl Shortened {
    fn of(bytes: &[u8]) -> Self {
        Self { bytes: first(bytes).to_vec(), more: bytes.len() > KEPT }
    }
}

/// As much of a text as is kept. The least of the first bytes are the first bytes of the least.
fn first(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(KEPT)]
}

fn widened(least: &mut Shortened, most: &mut Shortened, bytes: &[u8]) {
    if first(bytes) < least.bytes.as_slice() {
        *least = Shortened::of(bytes);
    }
    if first(bytes) > most.bytes.as_slice() {
        *most = Shortened::of(bytes);
    }
}

/// The number of that many nines, as a column holds it; a single nine is a nine.
fn nines(digits: u32, scale: i32) -> Option<i128> {
    let zeros = u32::try_from(-scale).unwrap_or(0);
    let all = 10_i128.checked_pow(digits)? - 1;
    (digits > 1).then_some(all.checked_mul(10_i128.checked_pow(zeros)?)?)
}
