//! One column of a batch: the loop over its places.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BinaryArray, Date32Array, Decimal128Array, Float64Array, StringArray, builder::BooleanBufferBuilder,
};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::ArrowError;

use super::places::{NOWHERE, Places};
use super::plan::Plan;
use super::steps::{Cell, Decimal, Step, Target};
use super::{BatchError, RowFault};
use crate::decode::DateValue;
use crate::decode::{Fault, Number, Reason, Value};

/// What is found beside a column's values.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Rows in which the row decoder finds a fault too, by their places in the batch of those that were kept.
    pub bad_rows: Vec<usize>,
    /// Faults that only the column has: a date that is none, more digits than a decimal can have. Rows are as in
    /// `bad_rows`.
    pub faults: Vec<RowFault>,
}

/// A column being read.
struct Reader<'a> {
    plan: &'a Plan,
    step: &'a Step,
    bytes: &'a [u8],
    places: &'a Places,
    starts: &'a [usize],
    cell: Cell<'a>,
    text: String,
    /// Indexes of what has no value, in order.
    nulls: Vec<usize>,
    found: &'a mut Found,
}

/// The column of a step.
pub(super) fn column(
    plan: &Plan,
    step: &Step,
    bytes: &[u8],
    places: &Places,
    found: &mut Found,
) -> Result<ArrayRef, BatchError> {
    let item = &plan.layout.items[step.item];
    let cell = Cell { fields: &plan.fields, item, field: step.field, length: step.length };
    let starts = starts(plan, step, places);
    let reader =
        Reader { plan, step, bytes, places, starts: &starts, cell, text: String::new(), nulls: Vec::new(), found };
    Ok(reader.read()?)
}

/// Where a column starts. What its record hasn't got stands nowhere.
fn starts<'p>(plan: &Plan, step: &Step, places: &'p Places) -> Cow<'p, [usize]> {
    let starts = &places.starts[step.places];
    if !places.incomplete {
        return Cow::Borrowed(starts);
    }
    let there = |(index, start): (usize, &usize)| {
        let end = places.ends[places.row(plan, step.places, index)];
        if start + step.offset + step.length <= end { *start } else { NOWHERE }
    };
    Cow::Owned(starts.iter().enumerate().map(there).collect())
}

impl<'a> Reader<'a> {
    fn read(mut self) -> Result<ArrayRef, ArrowError> {
        match &self.step.target {
            Target::Decimal(decimal, kernel) => {
                let values = kernel.read(self.bytes, self.ends(), |index| self.decimal(index, *decimal));
                let nulls = self.validity();
                let array = Decimal128Array::try_new(values.into(), nulls)?;
                Ok(Arc::new(array.with_precision_and_scale(decimal.precision, decimal.scale)?))
            }
            Target::Date(date, kernel) => {
                // Zero where it is a date already, or none.
                let mut days = vec![0; self.starts.len()];
                let numbers = kernel.read(self.bytes, self.ends(), |index| {
                    days[index] = match self.scalar(index) {
                        Some(Scalar::Number(Number { digits, scale: 0 })) => self.day(index, date.of_number(digits)),
                        // Its picture has no point, but an option may have let one through.
                        Some(Scalar::Number(_)) => self.day(index, DateValue::Wrong),
                        Some(Scalar::Text) => {
                            let read = date.of_text(self.text.trim_matches(' '));
                            self.day_of_text(index, read)
                        }
                        _ => 0,
                    };
                    KNOWN
                });
                for (index, number) in numbers.into_iter().enumerate().filter(|(_, number)| *number != KNOWN) {
                    days[index] = self.day(index, date.of_number(number));
                }
                self.nulls.sort_unstable();
                Ok(Arc::new(Date32Array::try_new(days.into(), self.validity())?))
            }
            Target::Float => {
                let count = self.starts.len();
                let read = |index| match self.scalar(index) {
                    Some(Scalar::Floating(number)) => number,
                    _ => 0.0,
                };
                let values: Vec<f64> = (0..count).map(read).collect();
                Ok(Arc::new(Float64Array::try_new(values.into(), self.validity())?))
            }
            Target::Text(kernel) => {
                let (bytes, step) = (self.bytes, self.step);
                let raw = self.starts.iter().map(|start| raw(bytes, step, *start));
                let texts = kernel.read(raw, step.length, |index, texts| {
                    if let Some(Scalar::Text) = self.scalar(index) {
                        texts.extend_from_slice(self.cell.trimmed(&self.text).as_bytes());
                    }
                });
                let offsets = OffsetBuffer::new(ScalarBuffer::from(texts.offsets));
                Ok(Arc::new(StringArray::try_new(offsets, Buffer::from_vec(texts.bytes), self.validity())?))
            }
            Target::Bytes | Target::Raw => self.bytes(),
        }
    }

    fn bytes(mut self) -> Result<ArrayRef, ArrowError> {
        let count = self.starts.len();
        let (mut values, mut offsets) = (Vec::with_capacity(count * self.step.length), Vec::with_capacity(count + 1));
        offsets.push(0);
        for index in 0..count {
            match raw(self.bytes, self.step, self.starts[index]) {
                Some(raw) => values.extend_from_slice(raw),
                // The bytes of a field that isn't there; the field's own column says what that means.
                None if matches!(self.step.target, Target::Raw) => self.nulls.push(index),
                None => drop(self.scalar(index)),
            }
            offsets.push(i32::try_from(values.len()).unwrap_or(i32::MAX));
        }
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        Ok(Arc::new(BinaryArray::try_new(offsets, Buffer::from_vec(values), self.validity())?))
    }

    /// Where the fields end.
    fn ends(&self) -> impl ExactSizeIterator<Item = usize> + use<'a> {
        let length = self.step.offset + self.step.length;
        self.starts.iter().map(move |start| start + length)
    }

    /// What the row decoder reads; text is put into `text`. `None` where there is no value, which has been noted then.
    fn scalar(&mut self, index: usize) -> Option<Scalar> {
        let Some(raw) = raw(self.bytes, self.step, self.starts[index]) else {
            if !self.plan.fields.options.short_records {
                self.bad(index);
            }
            self.nulls.push(index);
            return None;
        };
        let read = match self.cell.read(raw, &mut self.text) {
            Ok(Value::Number(number)) => Ok(Some(Scalar::Number(number))),
            Ok(Value::Floating(number)) => Ok(Some(Scalar::Floating(number))),
            Ok(Value::Text(_)) => Ok(Some(Scalar::Text)),
            Ok(Value::Absent | Value::Bytes(_)) => Ok(None),
            Err(_) => Err(()),
        };
        match read {
            Ok(Some(value)) => return Some(value),
            Ok(None) => {}
            Err(()) => self.bad(index),
        }
        self.nulls.push(index);
        None
    }

    /// The number of a decimal column.
    fn decimal(&mut self, index: usize, decimal: Decimal) -> i128 {
        let Some(Scalar::Number(number)) = self.scalar(index) else { return 0 };
        decimal.digits(number).unwrap_or_else(|| {
            let Decimal { precision, scale } = decimal;
            self.fault(index, Reason::BeyondColumn { precision, scale });
            0
        })
    }

    /// The day of a date column.
    fn day(&mut self, index: usize, read: DateValue) -> i32 {
        match read {
            DateValue::Day(day) => return day,
            DateValue::None => self.nulls.push(index),
            DateValue::Wrong => {
                self.not_a_date(index);
            }
        }
        0
    }

    /// The same, where text may be blank: options that say so of numbers mean dates too.
    fn day_of_text(&mut self, index: usize, read: DateValue) -> i32 {
        let special = raw(self.bytes, self.step, self.starts[index]).and_then(|raw| self.plan.fields.special(raw));
        if let (DateValue::Wrong, Some((_, true))) = (read, special) {
            self.nulls.push(index);
            return 0;
        }
        self.day(index, read)
    }

    #[cold]
    fn not_a_date(&mut self, index: usize) {
        let Target::Date(date, _) = &self.step.target else { return };
        let raw = raw(self.bytes, self.step, self.starts[index]).unwrap_or_default();
        let text = match self.cell.read(raw, &mut self.text) {
            Ok(Value::Number(number)) => number.to_string(),
            Ok(Value::Text(text)) => text.to_owned(),
            _ => String::new(),
        };
        let text = text.chars().take(60).collect();
        self.fault(index, Reason::NotADate { text, pattern: date.pattern().to_owned() });
    }

    fn bad(&mut self, index: usize) {
        self.found.bad_rows.push(self.places.row(self.plan, self.step.places, index));
    }

    #[cold]
    fn fault(&mut self, index: usize, reason: Reason) {
        self.nulls.push(index);
        let row = self.places.row(self.plan, self.step.places, index);
        let start = self.starts[index];
        let raw = raw(self.bytes, self.step, start).unwrap_or_default().to_vec();
        let offset = start + self.step.offset - self.places.row_starts()[row];
        self.found.faults.push(RowFault { row, fault: Fault { item: self.step.item, offset, raw, reason } });
    }

    /// Which values there are; `None` where all are.
    fn validity(&self) -> Option<NullBuffer> {
        if self.nulls.is_empty() {
            return None;
        }
        let count = self.starts.len();
        let mut valid = BooleanBufferBuilder::new(count);
        valid.append_n(count, true);
        for index in &self.nulls {
            valid.set_bit(*index, false);
        }
        Some(NullBuffer::new(valid.finish()))
    }
}

/// What the row decoder read; text stands elsewhere.
enum Scalar {
    Number(Number),
    Floating(f64),
    Text,
}

/// No number has so many digits.
const KNOWN: i128 = i128::MAX;

fn raw<'b>(bytes: &'b [u8], step: &Step, start: usize) -> Option<&'b [u8]> {
    let at = start + step.offset;
    bytes.get(at..at + step.length)
}
