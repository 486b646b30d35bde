//! A record as a row: the values as Spark has them, in the shape that is wanted.

use std::collections::HashMap;
use std::fmt::Write as _;

use campaignd_copybook::decode::{Fault, Number, Reason, Value, Visitor};
use campaignd_copybook::layout::{Field, Item, ItemId, Layout};

use super::expression::Scalar;
use super::options::{Debug, Preset};
use super::plan::Plan;

/// JSON, with numbers as they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// Nothing.
    Null,
    /// A number.
    Number(String),
    /// Text.
    Text(String),
    /// Members, in their order.
    Object(Vec<(String, Json)>),
    /// Entries.
    Array(Vec<Json>),
}

impl Json {
    /// Writes it as Spark does: what is null is left out of objects.
    pub fn write(&self, line: &mut String) {
        match self {
            Self::Null => line.push_str("null"),
            Self::Number(number) => line.push_str(number),
            Self::Text(text) => line.push_str(&serde_json::Value::from(text.as_str()).to_string()),
            Self::Object(members) => {
                line.push('{');
                let mut begun = false;
                for (name, value) in members.iter().filter(|(_, value)| *value != Self::Null) {
                    if std::mem::replace(&mut begun, true) {
                        line.push(',');
                    }
                    let _ = write!(line, "{}:", serde_json::Value::from(name.as_str()));
                    value.write(line);
                }
                line.push('}');
            }
            Self::Array(items) => {
                line.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        line.push(',');
                    }
                    item.write(line);
                }
                line.push(']');
            }
        }
    }

    /// The members of an object.
    pub fn members(self) -> Vec<(String, Json)> {
        match self {
            Self::Object(members) => members,
            _ => Vec::new(),
        }
    }
}

/// Puts a row together.
pub struct Row<'r> {
    plan: &'r Plan,
    record: &'r [u8],
    /// Which items are read, as far as segments tell.
    active: &'r [bool],
    /// Objects and arrays that are open, and what each is of.
    open: Vec<(ItemId, Json)>,
    /// Where the item stands that is told about.
    offset: usize,
    /// Values of fields that rules ask for.
    seen: HashMap<String, Scalar>,
    /// The whole, once it is closed.
    pub whole: Json,
    /// What could not be read.
    pub faults: Vec<Fault>,
    /// What is wrong with a rule.
    pub wrong_rule: Option<String>,
    /// Where groups begin whose text is wanted, the innermost last.
    begun: Vec<usize>,
}

impl<'r> Row<'r> {
    /// A row of these bytes.
    pub fn new(plan: &'r Plan, record: &'r [u8], active: &'r [bool]) -> Self {
        Self {
            plan,
            record,
            active,
            open: Vec::new(),
            offset: 0,
            seen: HashMap::new(),
            whole: Json::Null,
            faults: Vec::new(),
            wrong_rule: None,
            begun: Vec::new(),
        }
    }

    fn layout(&self) -> &'r Layout {
        &self.plan.layout
    }

    /// Puts a value where it belongs: into the array of its table, or into its group by name.
    fn put(&mut self, item: ItemId, value: Json) {
        let name = self.plan.shape.names[item].clone().unwrap_or_default();
        self.put_named(name, value);
    }

    fn put_named(&mut self, name: String, value: Json) {
        match self.open.last_mut() {
            Some((_, Json::Array(items))) => items.push(value),
            Some((_, Json::Object(members))) => members.push((name, value)),
            _ => self.whole = value,
        }
    }

    /// The bytes of an item that stands here, as far as the record has them.
    fn raw(&self, at: usize, length: u32) -> Option<&'r [u8]> {
        let rest = self.record.get(at..)?;
        Some(rest.get(..usize::try_from(length).ok()?).unwrap_or(rest))
    }

    /// A field, `read` being what the decoder says of it.
    fn field(&mut self, id: ItemId, read: Result<Value<'_>, Fault>) {
        let item = &self.layout().items[id];
        let Some(field) = item.field else { return };
        let at = self.offset;
        let raw = self.raw(at, item.length);
        let whole = raw.filter(|raw| u32::try_from(raw.len()).is_ok_and(|length| length == item.length));
        let value = match field {
            Field::Text | Field::National | Field::Dbcs => {
                let text = raw.and_then(|raw| self.plan.characters[id].text(raw, &self.plan.preset));
                text.map_or(Json::Null, Json::Text)
            }
            Field::Bytes => whole.map_or(Json::Null, |raw| self.plan.preset.bytes(raw)),
            Field::Zoned { .. } | Field::Edited { .. } if self.plan.preset.display_as_text => match read {
                Ok(Value::Number(number)) => {
                    whole.map_or(Json::Null, |raw| Json::Text(self.plan.preset.display_text(raw, number, field)))
                }
                _ => Json::Null,
            },
            _ => match read {
                Ok(Value::Number(number)) => as_spark(number, item, field, &self.plan.preset),
                Ok(Value::Floating(number)) => Json::Number(floating(number, field)),
                Ok(_) => Json::Null,
                Err(fault) => self.without_value(fault, field),
            },
        };
        if self.plan.rule_fields.contains(&id) {
            let name = super::shape::written(&item.name);
            self.seen.insert(name, scalar(&value));
        }
        self.put(id, value);
        self.debug(id, raw);
    }

    /// A field that can't be read: null, but for a blank number that is zero to the peer.
    fn without_value(&mut self, fault: Fault, field: Field) -> Json {
        let implied_point = matches!(field, Field::Zoned { scale, .. } if scale > 0);
        if fault.reason == Reason::Blank && implied_point && !self.plan.preset.improved_null_detection {
            let scale = field.scale().unwrap_or(0);
            return Json::Number(Number { digits: 0, scale }.to_string());
        }
        let nothing = fault.raw.iter().all(|byte| *byte == 0) || fault.reason == Reason::Blank;
        if !nothing && !matches!(fault.reason, Reason::Truncated { .. }) {
            self.faults.push(fault);
        }
        Json::Null
    }

    /// The field's bytes beside it.
    fn debug(&mut self, id: ItemId, raw: Option<&[u8]>) {
        let shown = match (self.plan.preset.debug, raw) {
            (Debug::Nothing, _) => return,
            (_, None) => Json::Null,
            (Debug::Hex, Some(raw)) => Json::Text(hex(raw)),
            (Debug::Raw, Some(raw)) => Json::Text(base64(raw)),
            (Debug::Text, Some(raw)) => Json::Text(String::from_utf8_lossy(raw).into_owned()),
        };
        // Beside the entries of a table there is nothing.
        if let (Some(name), Some((_, Json::Object(_)))) = (&self.plan.shape.names[id], self.open.last()) {
            self.put_named(format!("{name}_debug"), shown);
        }
    }
}

impl Visitor for Row<'_> {
    fn wants(&mut self, item: ItemId) -> bool {
        if self.plan.shape.names[item].is_none() || !self.active[item] {
            return false;
        }
        let Some(rule) = self.plan.rules.get(&item) else { return true };
        let seen = &self.seen;
        match rule.holds(&|name| seen.get(name).cloned().unwrap_or(Scalar::Null)) {
            Ok(holds) => holds,
            Err(wrong) => {
                self.wrong_rule = Some(wrong);
                false
            }
        }
    }

    fn stands_at(&mut self, _item: ItemId, offset: usize) {
        self.offset = offset;
    }

    fn group_starts(&mut self, item: ItemId) {
        self.open.push((item, Json::Object(Vec::new())));
        self.begun.push(self.offset);
    }

    fn group_ends(&mut self, item: ItemId) {
        let begun = self.begun.pop().unwrap_or_default();
        let Some((_, object)) = self.open.pop() else { return };
        self.put(item, object);
        let Some(name) = &self.plan.shape.texts[item] else { return };
        let raw = self.raw(begun, self.layout().items[item].total_length());
        let text = raw.and_then(|raw| self.plan.file_characters.text(raw, &self.plan.preset));
        if let Some((_, Json::Object(_))) = self.open.last() {
            self.put_named(name.clone(), text.map_or(Json::Null, Json::Text));
        }
    }

    fn table_starts(&mut self, item: ItemId, _entries: u32) {
        self.open.push((item, Json::Array(Vec::new())));
    }

    fn table_ends(&mut self, item: ItemId) {
        if let Some((_, array)) = self.open.pop() {
            self.put(item, array);
        }
    }

    fn value(&mut self, item: ItemId, value: Value<'_>) {
        self.field(item, Ok(value));
    }

    fn fault(&mut self, fault: Fault) {
        self.field(fault.item, Err(fault));
    }

    fn lost(&mut self, fault: Fault) {
        self.faults.push(fault);
        while let Some((item, open)) = self.open.pop() {
            self.put(item, open);
        }
    }
}

/// A number with the type that Spark gives the field; null where it doesn't fit that.
fn as_spark(number: Number, item: &Item, field: Field, preset: &Preset) -> Json {
    let Some(picture) = &item.picture else { return Json::Null };
    let scale = field.scale().unwrap_or(0);
    let Some(number) = rescaled(number, scale) else { return Json::Null };
    let is_whole = picture.scale == 0 && !matches!(field, Field::Edited { point: true, .. });
    let binary = matches!(field, Field::Binary { .. } | Field::LittleEndianBinary { .. });
    let fits = match picture.digits {
        // Numbers that fit a type of Spark's may be larger than their picture.
        digits if is_whole && !preset.strict_integral_precision && digits <= 18 && binary => match item.length {
            8 => i64::try_from(number.digits).is_ok(),
            _ => i32::try_from(number.digits).is_ok(),
        },
        digits if is_whole && !preset.strict_integral_precision && digits <= 9 => i32::try_from(number.digits).is_ok(),
        digits if is_whole && !preset.strict_integral_precision && digits <= 18 => i64::try_from(number.digits).is_ok(),
        digits => number.digits.unsigned_abs() < 10_u128.checked_pow(digits).unwrap_or(u128::MAX),
    };
    if fits { Json::Number(number.to_string()) } else { Json::Null }
}

/// The number with so many digits after the point, rounded half up.
fn rescaled(number: Number, scale: i32) -> Option<Number> {
    let more = scale.checked_sub(number.scale)?;
    let power = |digits: i32| 10_i128.checked_pow(digits.unsigned_abs());
    let digits = if more >= 0 {
        number.digits.checked_mul(power(more)?)?
    } else {
        let unit = power(more)?;
        let half = if number.digits < 0 { -unit / 2 } else { unit / 2 };
        number.digits.checked_add(half)? / unit
    };
    Some(Number { digits, scale })
}

/// A floating-point number with as many digits as its type has.
fn floating(number: f64, field: Field) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "that is how many digits there are")]
    let mut text = if field == Field::Float { (number as f32).to_string() } else { number.to_string() };
    if !text.contains('.') {
        text.push_str(".0");
    }
    text
}

/// A value for rules.
fn scalar(value: &Json) -> Scalar {
    match value {
        Json::Number(number) => number.parse().map_or(Scalar::Null, Scalar::Number),
        Json::Text(text) => Scalar::Text(text.clone()),
        _ => Scalar::Null,
    }
}

impl Preset {
    /// Bytes as JSON has them.
    pub fn bytes(&self, raw: &[u8]) -> Json {
        Json::Text(if self.binary_as_hex { hex(raw) } else { base64(raw) })
    }

    /// A number of characters as text: its digits with zeros in front, its sign where there is one, and its point.
    fn display_text(&self, raw: &[u8], number: Number, field: Field) -> String {
        let is_sign = |byte: &&u8| if self.is_ascii() { b"+-".contains(byte) } else { [0x4E, 0x60].contains(*byte) };
        let is_blank = |byte: &&u8| if self.is_ascii() { **byte == b' ' } else { [0x40, 0x00].contains(*byte) };
        // A digit that holds a sign is a letter or a brace to whoever reads characters.
        let is_overpunched = |byte: &u8| {
            let in_ascii = byte.is_ascii_alphabetic() || b"{}".contains(byte);
            if self.is_ascii() { in_ascii } else { matches!(byte >> 4, 0xC | 0xD) }
        };
        let point = usize::from(matches!(field, Field::Edited { point: true, .. }) && number.scale > 0);
        let digits = raw.iter().filter(|byte| !is_sign(byte) && !is_blank(byte)).count().saturating_sub(point);
        let sign = match number.digits {
            ..0 => "-",
            _ if raw.iter().any(|byte| is_sign(&byte) || is_overpunched(byte)) => "+",
            _ => "",
        };
        let all = format!("{:0>digits$}", number.digits.unsigned_abs());
        let after = usize::try_from(number.scale).unwrap_or(0);
        match all.len().checked_sub(after).filter(|_| after > 0) {
            Some(whole) => format!("{sign}{}.{}", &all[..whole], &all[whole..]),
            None => format!("{sign}{all}"),
        }
    }
}

/// Bytes in hexadecimal.
pub fn hex(raw: &[u8]) -> String {
    raw.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// Bytes as Spark's JSON has them (RFC 4648, section 4).
pub fn base64(raw: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in raw.chunks(3) {
        let bits = three.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - three.len()));
        for digit in 0..4 {
            let is_there = digit <= three.len();
            text.push(if is_there { char::from(DIGITS[bits >> (18 - 6 * digit) & 63]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_as_text() {
        for (raw, expected) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(raw.as_bytes()), expected);
        }
        assert_eq!(hex(&[0, 0xAB]), "00AB");
    }

    #[test]
    fn decimals_are_rounded_half_up() {
        for (digits, scale, wanted, expected) in
            [(125, 1, 2, 1_250), (1_235, 3, 2, 124), (-1_235, 3, 2, -124), (1_234, 3, 2, 123), (12, 0, 2, 1_200)]
        {
            assert_eq!(rescaled(Number { digits, scale }, wanted), Some(Number { digits: expected, scale: wanted }));
        }
        assert_eq!(rescaled(Number { digits: i128::MAX, scale: 0 }, 2), None);
    }

    #[test]
    fn what_is_null_is_left_out() {
        let text = |text: &str| Json::Text(text.into());
        let row = Json::Object(vec![
            ("a".into(), Json::Null),
            ("b".into(), Json::Array(vec![Json::Null, Json::Number("1.50".into())])),
            ("c".into(), text("\"\n")),
            ("d".into(), Json::Object(Vec::new())),
        ]);
        let mut line = String::new();
        row.write(&mut line);
        assert_eq!(line, r#"{"b":[null,1.50],"c":"\"\n","d":{}}"#);
    }
}
