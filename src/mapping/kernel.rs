//! Our functions as `DataFusion` calls them: a column of text in, a column of values out, or the refusal of one value.

use std::fmt::Write as _;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType, UInt64Type,
};
use arrow_array::{Array, ArrayRef, BooleanArray, PrimitiveArray, StringArray};
use arrow_cast::CastOptions;
use arrow_schema::{DataType, TimeUnit};
use datafusion_common::{DataFusionError, Result, ScalarValue};
use datafusion_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use phonenumber::country::Id as Country;

use super::cast;
use super::contact;
use super::datetime::{self, Pattern, Reading};
use super::money::{self, MICROS, Notation};
use super::refusal::{OUT_OF_RANGE, Refusal};
use super::zone::{Offsets, SECOND, Zone};

/// Money, rates and ratios everywhere.
pub(super) const MONEY: DataType = DataType::Decimal128(19, 6);
/// Instants everywhere, in UTC.
pub(super) const INSTANT: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

/// How a column of text is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kernel {
    /// To an instant, by a pattern or as ISO 8601.
    Timestamp(Option<Pattern>, Zone),
    /// To a date, by a pattern or as ISO 8601.
    Date(Option<Pattern>),
    /// To an instant, from a number of units of so many microseconds.
    Epoch(i64),
    /// To money.
    Money(Notation),
    /// To money, from whole numbers of so many millionths, called so.
    Whole(i64, &'static str),
    /// To E.164.
    Phone(Option<Country>),
    /// To one spelling of an address.
    Email,
    /// To a type of SQL.
    Cast(DataType, Zone),
}

impl Hash for Kernel {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Self::Timestamp(pattern, zone) => (pattern, zone.name()).hash(state),
            Self::Date(pattern) => pattern.hash(state),
            Self::Epoch(micros) => micros.hash(state),
            Self::Money(notation) => notation.hash(state),
            Self::Whole(micros, name) => (micros, name).hash(state),
            Self::Cast(data_type, zone) => (data_type, zone.name()).hash(state),
            Self::Phone(_) | Self::Email => {}
        }
    }
}

impl Kernel {
    /// The type it reads to.
    pub fn data_type(&self) -> DataType {
        match self {
            Self::Timestamp(..) | Self::Epoch(_) => INSTANT,
            Self::Date(_) => DataType::Date32,
            Self::Money(_) | Self::Whole(..) => MONEY,
            Self::Phone(_) | Self::Email => DataType::Utf8,
            Self::Cast(data_type, _) => data_type.clone(),
        }
    }

    /// Reads a column; where lenient, what can't be read is NULL.
    pub fn read_as(&self, texts: &StringArray, lenient: bool) -> Result<ArrayRef, Refusal> {
        let read = self.read(texts);
        if !lenient || read.is_ok() {
            return read;
        }
        let readable: StringArray = (0..texts.len())
            .map(|index| {
                (texts.is_valid(index) && self.read(&texts.slice(index, 1)).is_ok()).then(|| texts.value(index))
            })
            .collect();
        self.read(&readable)
    }

    /// Reads a column; the first text it can't read fails it.
    pub fn read(&self, texts: &StringArray) -> Result<ArrayRef, Refusal> {
        match self {
            Self::Timestamp(pattern, zone) => {
                let mut offsets = Offsets::new(zone);
                each::<TimestampMicrosecondType>(texts, |text| instant(text, pattern.as_ref(), &mut offsets))
            }
            Self::Date(pattern) => each::<Date32Type>(texts, |text| date(text, pattern.as_ref())),
            Self::Epoch(micros) => each::<TimestampMicrosecondType>(texts, |text| datetime::read_epoch(text, *micros)),
            Self::Money(notation) => each_money(texts, |text| money::money(text, *notation)),
            Self::Whole(micros, name) => each_money(texts, |text| money::whole(text, *micros, name)),
            Self::Phone(region) => each_text(texts, |text, spelled| {
                contact::phone(text, *region, |e164| {
                    spelled.clear();
                    spelled.push_str(e164);
                })
            }),
            Self::Email => each_text(texts, contact::email),
            Self::Cast(data_type, zone) => cast_text(texts, data_type, zone),
        }
    }
}

fn instant(text: &str, pattern: Option<&Pattern>, offsets: &mut Offsets<'_>) -> Result<i64, Refusal> {
    let reading = match pattern {
        Some(pattern) => pattern.read(text)?,
        None => datetime::read_iso(text)?,
    };
    reading.to_utc(text, offsets)
}

fn date(text: &str, pattern: Option<&Pattern>) -> Result<i32, Refusal> {
    let days = match pattern {
        Some(pattern) => match pattern.read(text)? {
            Reading::Local(micros) | Reading::Instant(micros) => micros.div_euclid(86_400 * SECOND),
        },
        None => datetime::read_iso_date(text)?,
    };
    i32::try_from(days).map_err(|_| Refusal::new(OUT_OF_RANGE, text, "it is beyond what date holds"))
}

fn cast_text(texts: &StringArray, data_type: &DataType, zone: &Zone) -> Result<ArrayRef, Refusal> {
    let read = match data_type {
        DataType::Int64 => return each::<Int64Type>(texts, |text| cast::integer(text, data_type)),
        DataType::UInt64 => return each::<UInt64Type>(texts, |text| cast::integer(text, data_type)),
        DataType::Decimal128(precision, scale) => {
            let read = collect::<Decimal128Type>(texts, |text| cast::decimal(text, *precision, *scale))?;
            return Ok(Arc::new(read.with_data_type(data_type.clone())));
        }
        DataType::Boolean => {
            let read: Result<BooleanArray, _> = texts.iter().map(|text| text.map(cast::boolean).transpose()).collect();
            return Ok(Arc::new(read?));
        }
        DataType::Date32 => return each::<Date32Type>(texts, |text| date(text, None)),
        DataType::Timestamp(..) => {
            let mut offsets = Offsets::new(zone);
            each::<TimestampMicrosecondType>(texts, |text| instant(text, None, &mut offsets))?
        }
        DataType::Float64 | DataType::Float32 => each::<Float64Type>(texts, cast::float)?,
        // The narrow integers, each text checked against its own bounds.
        _ => each::<Int64Type>(texts, |text| narrow(text, data_type))?,
    };
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    arrow_cast::cast_with_options(&read, data_type, &strict).map_err(|_| {
        Refusal::new(OUT_OF_RANGE, "", format!("a value is beyond what {} holds", cast::type_name(data_type)))
    })
}

fn narrow(text: &str, data_type: &DataType) -> Result<i64, Refusal> {
    match data_type {
        DataType::Int8 => cast::integer::<i8>(text, data_type).map(i64::from),
        DataType::Int16 => cast::integer::<i16>(text, data_type).map(i64::from),
        DataType::Int32 => cast::integer::<i32>(text, data_type).map(i64::from),
        DataType::UInt8 => cast::integer::<u8>(text, data_type).map(i64::from),
        DataType::UInt16 => cast::integer::<u16>(text, data_type).map(i64::from),
        _ => cast::integer::<u32>(text, data_type).map(i64::from),
    }
}

fn collect<T: ArrowPrimitiveType>(
    texts: &StringArray,
    mut read: impl FnMut(&str) -> Result<T::Native, Refusal>,
) -> Result<PrimitiveArray<T>, Refusal> {
    let mut values = Vec::with_capacity(texts.len());
    for index in 0..texts.len() {
        values.push(if texts.is_null(index) { T::Native::default() } else { read(texts.value(index))? });
    }
    Ok(PrimitiveArray::new(values.into(), texts.nulls().cloned()))
}

fn each<T: ArrowPrimitiveType>(
    texts: &StringArray,
    read: impl FnMut(&str) -> Result<T::Native, Refusal>,
) -> Result<ArrayRef, Refusal> {
    Ok(Arc::new(collect::<T>(texts, read)?))
}

fn each_money(texts: &StringArray, read: impl Fn(&str) -> Result<i64, Refusal>) -> Result<ArrayRef, Refusal> {
    let read = collect::<Decimal128Type>(texts, |text| read(text).map(i128::from))?;
    Ok(Arc::new(read.with_data_type(MONEY)))
}

fn each_text(
    texts: &StringArray,
    mut read: impl FnMut(&str, &mut String) -> Result<(), Refusal>,
) -> Result<ArrayRef, Refusal> {
    let mut values = StringBuilder::with_capacity(texts.len(), texts.values().len());
    let mut spelled = String::new();
    for text in texts {
        match text {
            None => values.append_null(),
            Some(text) => {
                read(text, &mut spelled)?;
                values.append_value(&spelled);
            }
        }
    }
    Ok(Arc::new(values.finish()))
}

/// A kernel as a scalar function of one argument.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Reader {
    name: &'static str,
    kernel: Kernel,
    lenient: bool,
    signature: Signature,
}

impl Reader {
    /// The function of that name. A lenient one gives NULL for what it can't read.
    pub fn new(name: &'static str, kernel: Kernel, lenient: bool) -> Self {
        Self { name, kernel, lenient, signature: Signature::any(1, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Reader {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(self.kernel.data_type())
    }

    fn invoke_with_args(&self, mut arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some(argument) = arguments.args.pop() else {
            return Err(DataFusionError::Internal(format!("{} was called without an argument", self.name)));
        };
        match argument {
            ColumnarValue::Array(array) => {
                Ok(ColumnarValue::Array(self.kernel.read_as(&texts(&array)?, self.lenient)?))
            }
            ColumnarValue::Scalar(value) => {
                let read = self.kernel.read_as(&texts(&value.to_array()?)?, self.lenient)?;
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&read, 0)?))
            }
        }
    }
}

/// A column as `Utf8`: some stock functions answer with views.
fn texts(array: &ArrayRef) -> Result<StringArray> {
    if let Some(texts) = array.as_any().downcast_ref::<StringArray>() {
        return Ok(texts.clone());
    }
    let cast = arrow_cast::cast(array, &DataType::Utf8)?;
    cast.as_any()
        .downcast_ref::<StringArray>()
        .cloned()
        .ok_or_else(|| DataFusionError::Internal("a cast to text gave no text".into()))
}

/// Micros as text with a point, for messages: `231.33`.
pub(super) fn decimal_text(micros: i128) -> String {
    let unit = i128::from(MICROS);
    let sign = if micros < 0 { "-" } else { "" };
    let mut text = format!("{sign}{}", (micros / unit).unsigned_abs());
    let fraction = (micros % unit).unsigned_abs();
    if fraction != 0 {
        // Writing to a String can't fail.
        let _ = write!(text, ".{fraction:06}");
        text.truncate(text.trim_end_matches('0').len());
    }
    text
}
